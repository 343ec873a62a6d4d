//! One document's story, from bytes to findings, and one case's, from findings to letters.
//!
//! Owns the order of the stages and nothing else.

mod certificates;
mod decide;
mod digest;
mod findings;
mod letters;
pub mod summary;

pub use decide::decide;
pub use digest::{Digest, Keys, digest, digest_safely, digest_with};
pub use findings::flow_of;
pub use letters::in_words;

use crate::catalogue::Catalogue;
use crate::config::{CredentialSource, DeskSettings};
use crate::domain::calendar::{Calendar, UnknownYear};
use crate::domain::case::CaseNo;
use crate::domain::date::Moment;
use crate::fault::Fault;
use crate::issuance::Certifier;
use crate::validation;
use jiff::civil::Date;

/// Who acts when no person does.
pub const PROGRAM: &str = "uketsuke";

/// What every story needs to know: the book, the desk, the hour.
#[derive(Clone)]
pub struct Office<'a> {
    pub catalogue: &'a Catalogue,
    pub desk: &'a DeskSettings,
    pub now: Moment,
    /// Makes client certificates; `None` where they come from elsewhere.
    pub certifier: Option<&'a dyn Certifier>,
    /// The same, as the rules ask for it.
    facts: validation::Desk,
}

impl<'a> Office<'a> {
    pub fn new(catalogue: &'a Catalogue, desk: &'a DeskSettings, now: Moment) -> Self {
        Office { catalogue, desk, now, certifier: None, facts: findings::desk_facts(catalogue, desk) }
    }

    pub fn with_certifier(self, certifier: Option<&'a dyn Certifier>) -> Self {
        Office { certifier, ..self }
    }
}

impl Office<'_> {
    fn calendar(&self) -> &Calendar {
        &self.catalogue.calendar
    }

    pub fn issues_locally(&self) -> bool {
        self.desk.credentials == CredentialSource::Local
    }

    /// Business days from today to a day, negative once it has passed.
    pub fn days_left(&self, day: Date) -> i64 {
        let today = self.now.date();
        // A year without holidays in the book was refused when the deadline was set.
        if day >= today { self.calendar().business_days_between(today, day).unwrap_or(0) } else { -1 }
    }

    /// The day that ends after so many business days; day 0 is today, or the next business day after the cut-off hour.
    pub fn due_in(&self, days: u32) -> Result<Date, Fault> {
        let clock = self.now.civil();
        let count = || {
            let late = !self.calendar().is_open(clock.date())? || clock.hour() >= self.desk.cut_off_hour;
            let start = if late { self.calendar().add_business_days(clock.date(), 1)? } else { clock.date() };
            self.calendar().add_business_days(start, days)
        };
        count()
            .map_err(|year: UnknownYear| Fault::lasting("_shared/holidays.toml", year, "add the holidays of that year with their source"))
    }
}

/// The case number that follows `base` after `more` others.
pub fn later_case_no(base: &CaseNo, more: u32) -> CaseNo {
    let (head, tail) = base.0.rsplit_once('-').unwrap_or((&base.0, "0"));
    CaseNo(format!("{head}-{:04}", tail.parse::<u32>().unwrap_or(0) + more))
}
