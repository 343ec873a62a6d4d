//! One document's story, from bytes to findings, and one case's, from findings to letters.
//!
//! Owns the order of the stages and nothing else.

mod certificates;
mod decide;
mod digest;
mod drafts;
mod figures;
mod findings;
mod imported;
mod inside;
mod letters;
mod portion;
pub mod record;
pub mod seen;
pub mod summary;

pub use decide::decide;
pub use digest::{Digest, Inside, Keys, digest, digest_with, judge_anew, unreadable};
pub use drafts::{dated_anew, is_bound, is_handed_over};
pub use figures::{NoPictures, Pictures};
pub use findings::{OnFile, flows_of, of_document, of_papers, of_stray, supply_points};
pub use inside::inside;
pub use letters::company;
pub use portion::of as portion;

use crate::catalogue::Catalogue;
use crate::config::{CredentialSource, DeskSettings};
use crate::domain::calendar::{Calendar, UnknownYear};
use crate::domain::case::{Body, CaseNo, CertificateFacts, Credentials, Event};
use crate::domain::date::Moment;
use crate::fault::Fault;
use crate::issuance::Certifier;
use crate::validation;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Who acts when no person does.
pub const PROGRAM: &str = "uketsuke";

/// Credentials and certificates as a log holds them; keys are in no log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Issued {
    pub credentials: BTreeMap<CaseNo, Credentials>,
    /// The certificates of each user that were made later, in their order.
    pub later: BTreeMap<(CaseNo, String), Vec<CertificateFacts>>,
}

impl Issued {
    pub fn of(history: &[Event]) -> Self {
        let mut issued = Issued::default();
        for event in history {
            match &event.body {
                Body::Issued(credentials) => drop(issued.credentials.insert(event.case.clone(), credentials.clone())),
                Body::Certified { user_id, certificate } => {
                    issued.later.entry((event.case.clone(), user_id.clone())).or_default().push(certificate.clone());
                }
                _ => {}
            }
        }
        issued
    }
}

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
    /// What was issued already, where history is played again.
    issued: Option<&'a Issued>,
}

impl<'a> Office<'a> {
    pub fn new(catalogue: &'a Catalogue, desk: &'a DeskSettings, now: Moment) -> Self {
        Office { catalogue, desk, now, certifier: None, facts: findings::desk_facts(catalogue, desk), issued: None }
    }

    pub fn with_issued(self, issued: &'a Issued) -> Self {
        Office { issued: Some(issued), ..self }
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

    /// Client certificates are made here, not by MMS.
    pub fn certifies_locally(&self) -> bool {
        self.desk.certificates == CredentialSource::Local
    }

    /// Business days from today to a day, negative once it has passed.
    pub fn days_left(&self, day: Date) -> i64 {
        self.left(day).0
    }

    /// The same, and whether they are days of the calendar: a year without holidays in the book was refused when a deadline was set,
    /// but the end of a certificate may lie in one.
    pub fn left(&self, day: Date) -> (i64, bool) {
        let today = self.now.date();
        let counted = self.calendar().business_days_between(today, day);
        let days = counted.unwrap_or_else(|_| today.until(day).map_or(i64::MAX, |span| i64::from(span.get_days())));
        // What was due on a Friday is late on the Saturday.
        (if day < today { days.min(-1) } else { days }, counted.is_err())
    }

    /// The same day of the calendar so many days later.
    pub fn after(&self, days: u32) -> Result<Date, Fault> {
        let span = jiff::Span::new().try_days(i64::from(days));
        let day = span.and_then(|span| self.now.date().checked_add(span));
        day.map_err(|error| Fault::lasting("mms-usage/flows/steps.toml", error, "write fewer calendar_days"))
    }

    /// The day that ends so many business days after a moment; day 0 is its day, or the next business day after the cut-off hour.
    pub fn due_after(&self, from: Moment, days: u32) -> Result<Date, Fault> {
        let clock = from.civil();
        let count = || {
            let late = !self.calendar().is_open(clock.date())? || clock.hour() >= self.desk.cut_off_hour;
            let start = if late { self.calendar().add_business_days(clock.date(), 1)? } else { clock.date() };
            self.calendar().add_business_days(start, days)
        };
        count()
            .map_err(|year: UnknownYear| Fault::lasting("_shared/holidays.toml", year, "add the holidays of that year with their source"))
    }
}

/// What a case's story asks of the world beside its own events.
pub struct Around<'a> {
    /// What other cases say.
    pub known: &'a OnFile,
    /// Whether an MMSコード belongs to another case.
    pub taken: &'a dyn Fn(&str) -> bool,
    /// Shows places of the case's papers.
    pub pictures: &'a dyn Pictures,
}

/// The case number that follows `base` after `more` others.
pub fn later_case_no(base: &CaseNo, more: u32) -> CaseNo {
    let (head, tail) = base.0.rsplit_once('-').unwrap_or((&base.0, "0"));
    CaseNo(format!("{head}-{:04}", tail.parse::<u32>().unwrap_or(0) + more))
}
