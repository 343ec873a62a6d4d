//! The month's figures, counted from what happened.
//!
//! Owns what each figure means. Never decides anything, never asks a clock, and knows no case that the events do not tell of.

mod reading;
mod stays;

pub use reading::Reading;
pub use stays::Stay;

use crate::casework::deed;
use crate::domain::case::{Body, CaseNo, Event};
use crate::domain::finding::{Finding, Severity};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// Letters that send something back to the applicant.
const RETURNS: &[&str] = &["deficiency_notice", "additional_request"];
/// The letter with which an application is approved.
const APPROVAL: &str = "approval_notice";
/// What a person records of the world outside: no work on the case.
const NEWS: &[&str] = &[
    deed::APPROVED,
    deed::REJECTED,
    deed::CONCLUDED,
    deed::NOTE,
    deed::RENEWED,
    deed::REVOKED,
    deed::LETTER_RELEASED,
    deed::LETTER_DROPPED,
];

/// A month of the calendar, written `2026-04`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Month(Date);

impl Month {
    pub fn of(day: Date) -> Self {
        Month(day.first_of_month())
    }

    pub fn first(self) -> Date {
        self.0
    }

    pub fn last(self) -> Date {
        self.0.last_of_month()
    }

    fn holds(self, day: Date) -> bool {
        Month::of(day) == self
    }

    /// The month before this one; the first month of the calendar has none.
    pub fn before(self) -> Option<Self> {
        self.0.yesterday().ok().map(Month::of)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.strftime("%Y-%m").to_string())
    }
}

impl FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        format!("{text}-01").parse().map(Month).map_err(|_| format!("{text:?} is no month; write it like 2026-04"))
    }
}

/// A way of counting documents that came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Came {
    /// To a case, for the first time.
    pub first: u32,
    /// The same bytes once more.
    pub again: u32,
}

/// Why papers went back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    pub code: String,
    /// The sentence of the latest of them.
    pub example: String,
    /// Letters that named it.
    pub letters: u32,
}

/// How applications came through that were approved this month.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Through {
    pub approved: u32,
    /// Nobody corrected, settled or released anything up to the approval.
    pub untouched: u32,
    /// Nothing was sent back up to the approval.
    pub unreturned: u32,
    /// Both.
    pub straight: u32,
}

/// A month in figures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Figures {
    pub month: Month,
    /// Cases opened, by flow.
    pub opened: BTreeMap<String, u32>,
    /// Documents, by their kind.
    pub came: BTreeMap<String, Came>,
    /// Documents that came to cases on each day of the month, first day first.
    pub by_day: Vec<u32>,
    pub letters: BTreeMap<String, u32>,
    /// The most frequent first.
    pub reasons: Vec<Reason>,
    pub through: Through,
    pub stays: Vec<Stay>,
    pub reading: Vec<Reading>,
}

/// Counts a month. `history` holds the events of all cases, those of one case in their order; `until` is the day up to which
/// it is known.
pub fn figures(month: Month, history: &[Event], until: Date) -> Figures {
    let mut cases: BTreeMap<&CaseNo, Vec<&Event>> = BTreeMap::new();
    history.iter().for_each(|event| cases.entry(&event.case).or_default().push(event));
    let mut figures = Figures {
        month,
        opened: BTreeMap::new(),
        came: BTreeMap::new(),
        by_day: vec![0; month.last().day().unsigned_abs() as usize],
        letters: BTreeMap::new(),
        reasons: Vec::new(),
        through: Through::default(),
        stays: stays::stays(month, cases.values().map(Vec::as_slice), until),
        reading: reading::reading(month, cases.values().map(Vec::as_slice)),
    };
    let mut reasons: BTreeMap<String, Reason> = BTreeMap::new();
    for events in cases.values() {
        figures.count(events, &mut reasons);
    }
    figures.reasons = reasons.into_values().collect();
    figures.reasons.sort_by(|one, other| other.letters.cmp(&one.letters).then_with(|| one.code.cmp(&other.code)));
    figures
}

impl Figures {
    fn count(&mut self, events: &[&Event], reasons: &mut BTreeMap<String, Reason>) {
        let mut kinds = BTreeMap::new();
        let mut drafts: BTreeMap<&str, &str> = drafted(events).map(|key| (key, "")).collect();
        let mut open: &[Finding] = &[];
        let mut way = Way::default();
        for event in events {
            let now = self.month.holds(event.at.date());
            match &event.body {
                Body::Opened { flow, .. } if now && event.seq == 1 => *self.opened.entry(flow.clone()).or_default() += 1,
                Body::Received(received) => {
                    let kind = received.extract.document.to_string();
                    kinds.insert(received.doc, kind.clone());
                    if now {
                        self.came.entry(kind).or_default().first += 1;
                        if let Some(day) = self.by_day.get_mut(event.at.date().day().unsigned_abs() as usize - 1) {
                            *day += 1;
                        }
                    }
                }
                Body::Again { doc, .. } if now => {
                    let kind = kinds.get(doc).cloned().unwrap_or_else(|| "unknown".to_owned());
                    self.came.entry(kind).or_default().again += 1;
                }
                Body::Found { open: found, .. } => open = found,
                Body::Corrected { .. } => way.touched = true,
                Body::Recorded { what, .. } => {
                    way.touched |= !NEWS.contains(&what.as_str());
                    if let Some(notice) = deed::released_letter(&event.body).and_then(|key| drafts.get(key.as_str())) {
                        self.left(notice, now, &mut way, open, reasons);
                    }
                }
                Body::Wrote { key, notice, .. } => match drafts.get_mut(key.as_str()) {
                    Some(waiting) => *waiting = notice,
                    None => self.left(notice, now, &mut way, open, reasons),
                },
                _ => {}
            }
        }
    }

    /// A letter left the house, a draft on its release: until then nothing was approved, sent back or asked for.
    fn left(&mut self, notice: &str, now: bool, way: &mut Way, open: &[Finding], reasons: &mut BTreeMap<String, Reason>) {
        let returns = RETURNS.contains(&notice);
        if now {
            *self.letters.entry(notice.to_owned()).or_default() += 1;
            if returns {
                give_reasons(open, reasons);
            }
            if notice == APPROVAL {
                self.through.count(way);
            }
        }
        way.returned |= returns;
    }
}

/// What a case went through so far.
#[derive(Default)]
struct Way {
    /// A person corrected, settled or released something.
    touched: bool,
    /// Something was sent back to the applicant.
    returned: bool,
}

impl Through {
    fn count(&mut self, way: &Way) {
        self.approved += 1;
        self.untouched += u32::from(!way.touched);
        self.unreturned += u32::from(!way.returned);
        self.straight += u32::from(!way.touched && !way.returned);
    }
}

/// The letters of a case that were written as drafts.
fn drafted<'e>(events: &[&'e Event]) -> impl Iterator<Item = &'e str> {
    events.iter().filter_map(|event| match &event.body {
        Body::Drafted { key } => Some(key.as_str()),
        _ => None,
    })
}

/// What an applicant is asked to mend; a code counts once a letter.
fn give_reasons(open: &[Finding], reasons: &mut BTreeMap<String, Reason>) {
    let asked = open.iter().filter(|finding| matches!(finding.severity, Severity::Ask | Severity::Reject));
    let mut seen = BTreeSet::new();
    for finding in asked.filter(|finding| seen.insert(&finding.code)) {
        let code = finding.code.0.clone();
        let reason = reasons.entry(code.clone()).or_insert_with(|| Reason { code, example: String::new(), letters: 0 });
        reason.letters += 1;
        reason.example.clone_from(&finding.message);
    }
}

#[cfg(test)]
mod tests;
