//! What comes for a case that is at its end: nothing follows from it by itself, and a person must learn that it came (P-013).
//!
//! Owns which of it says something new. Never reopens a case.

use crate::casework::facts;
use crate::casework::flow::{Flows, SAME};
use crate::casework::fold::{Case, Paper};
use crate::casework::settling::{self, About};
use crate::domain::finding::{OF_MAILS, Remark};
use crate::domain::id::DocId;
use crate::domain::place::Place;
use std::collections::BTreeMap;

pub const CODE: &str = "P-013";
/// What is said to lie in any file.
pub const DOCUMENT: &str = "any file";

/// One remark for each arrival that a person has not looked at.
pub fn remarks(case: &Case, flows: &Flows) -> Vec<Remark> {
    let Some(end) = ended(case, flows) else { return Vec::new() };
    let late: Vec<&Paper> = case.papers.iter().filter(|paper| paper.seq > end).collect();
    let mut came: BTreeMap<DocId, (&str, u32)> = BTreeMap::new();
    for paper in late.iter().filter(|paper| says_something(paper, case)) {
        let top = arrival(paper, &late);
        came.insert(top.received.doc, (&top.received.name, top.seq));
    }
    // Who sends an old paper once more wants something of it; what the desk dropped twice has its receipt.
    for again in case.again.iter().filter(|again| again.seq > end && !again.own) {
        came.insert(again.doc, (&again.name, again.seq));
    }
    let told = came.into_iter().map(|(doc, (name, seq))| (Remark::new(CODE).word("file", name).at(Place::Whole { doc }), seq));
    told.filter(|(remark, seq)| !is_settled(case, remark, *seq)).map(|(remark, _)| remark).collect()
}

/// The event with which the case came to its end; `None` before.
fn ended(case: &Case, flows: &Flows) -> Option<u32> {
    flows.state(&case.state).filter(|state| state.last)?;
    let goes_on = |transition: &str| flows.transition(transition).is_none_or(|transition| transition.to != SAME);
    case.moves.iter().rev().find(|moved| goes_on(&moved.transition)).map(|moved| moved.seq)
}

/// The mail or archive that a paper lay in, at any depth.
fn arrival<'c>(paper: &'c Paper, late: &[&'c Paper]) -> &'c Paper {
    let outer = late.iter().find(|outer| paper.received.parent == Some(outer.received.doc) && outer.seq != paper.seq);
    outer.map_or(paper, |outer| if outer.received.parent.is_some() { arrival(outer, late) } else { outer })
}

fn says_something(paper: &Paper, case: &Case) -> bool {
    let extract = &paper.received.extract;
    let remarks = extract.remarks.iter().any(|remark| !OF_MAILS.contains(&remark.code.0.as_str()));
    match extract.document.as_str() {
        // They are as new as what lies in them; one of the desk's own letters that comes back says nothing.
        "inbound_mail" | "archive" | "unknown" => remarks,
        "mms_export" => !paper.is_hearsay() && !was_shown(paper, case),
        "operation_result" => !["APPROVE", "REJECT"].into_iter().any(|operation| facts::sheet_rows_say(case, paper, operation)),
        // Renewed certificates go their way, also after the end.
        "mms_credentials" => false,
        // A second application is told of as such.
        _ => !paper.duplicate,
    }
}

/// An export before it showed the same registration in the same state.
fn was_shown(export: &Paper, case: &Case) -> bool {
    let shows = |paper: &Paper| (facts::registration(paper), facts::status(paper));
    case.exports().any(|earlier| earlier.seq < export.seq && shows(earlier) == shows(export))
}

/// A person looked at it since it came.
fn is_settled(case: &Case, remark: &Remark, seq: u32) -> bool {
    let about = About::remark(DOCUMENT, remark);
    case.deeds.iter().any(|deed| deed.seq > seq && settling::settles(deed, &about))
}
