//! What the log of a case shows: remarks that no single paper can.

use crate::casework::facts;
use crate::casework::flow::Flows;
use crate::casework::fold::{Case, Paper};
use crate::domain::date;
use crate::domain::finding::Remark;
use crate::domain::place::Place;
use jiff::civil::Date;

/// Remarks about the order of events and the calendar, with the id of the document they concern.
pub fn remarks(case: &Case, flows: &Flows, today: Date, days_left: &dyn Fn(Date) -> i64) -> Vec<(String, Remark)> {
    let mut all = Vec::new();
    all.extend(
        case.papers.iter().filter(|paper| paper.duplicate).map(|paper| ("application_form".to_owned(), second_application(case, paper))),
    );
    all.extend(case.again.iter().map(|(name, first)| {
        ("any file".to_owned(), Remark::new("M-006").word("file", name.as_str()).word("date", date::in_letters(*first)))
    }));
    all.extend(grown_without_rejection(case).map(|paper| ("mms_export".to_owned(), at(Remark::new("X-006"), paper))));
    all.extend(older_exports(case).map(|paper| ("mms_export".to_owned(), at(Remark::new("X-007"), paper))));
    all.extend(deadlines(case, flows, today, days_left).into_iter().map(|remark| ("case".to_owned(), remark)));
    all.retain(|(_, remark)| !settled(case, remark));
    all
}

fn at(remark: Remark, paper: &Paper) -> Remark {
    remark.at(Place::Whole { doc: paper.received.doc })
}

/// A person looked at this code after its paper came and settled it.
pub fn settled(case: &Case, remark: &Remark) -> bool {
    let shown = remark
        .place
        .as_ref()
        .and_then(Place::doc)
        .and_then(|doc| case.papers.iter().rev().find(|paper| paper.received.doc == doc))
        .map_or(0, |paper| paper.seq);
    case.deeds.iter().any(|deed| deed.what == "finding-settled" && deed.seq > shown && deed.set.get("code") == Some(&remark.code.0))
}

fn second_application(case: &Case, paper: &Paper) -> Remark {
    at(Remark::new("A-016").word("date", date::in_letters(case.opened.date())), paper)
}

/// Exports whose revision is higher than that of an earlier export, with no 否認 in between.
fn grown_without_rejection(case: &Case) -> impl Iterator<Item = &Paper> {
    let exports: Vec<&Paper> = case.exports().collect();
    let rejected = |from: u32, to: u32, exports: &[&Paper]| {
        case.deeds.iter().any(|deed| deed.what == "mms-rejected" && (from..to).contains(&deed.seq))
            || exports.iter().any(|export| {
                (from..to).contains(&export.seq)
                    && export.received.extract.fields.text("registration_status").is_some_and(|status| status == "9")
            })
    };
    let mut found = Vec::new();
    for (n, export) in exports.iter().enumerate() {
        let Some((number, revision)) = facts::registration(export) else { continue };
        let earlier = exports[..n].iter().rev().find(|other| {
            facts::registration(other).is_some_and(|(other_number, other_revision)| other_number == number && other_revision < revision)
        });
        if earlier.is_some_and(|earlier| !rejected(earlier.seq, export.seq, &exports)) {
            found.push(*export);
        }
    }
    found.into_iter()
}

/// Exports that were made before one which was already taken in.
fn older_exports(case: &Case) -> impl Iterator<Item = &Paper> {
    let made = |paper: &Paper| paper.received.extract.fields.text("exported_at");
    let exports: Vec<&Paper> = case.exports().collect();
    let mut found = Vec::new();
    for (n, export) in exports.iter().enumerate() {
        if made(export).is_some_and(|here| exports[..n].iter().filter_map(|other| made(other)).any(|other| other > here)) {
            found.push(*export);
        }
    }
    found.into_iter()
}

fn deadlines(case: &Case, flows: &Flows, today: Date, days_left: &dyn Fn(Date) -> i64) -> Vec<Remark> {
    let mut found = Vec::new();
    for (id, due) in &case.deadlines {
        let Some(deadline) = flows.deadline(id) else { continue };
        let left = days_left(*due);
        if today > *due {
            found.extend(deadline.overdue.as_deref());
        } else if deadline.remind_at.is_some_and(|at| left <= i64::from(at)) {
            found.extend(deadline.warning.as_deref());
        }
    }
    let answer = case.deadlines.get("answer").map(|due| date::in_letters(*due)).unwrap_or_default();
    found.into_iter().map(|code| Remark::new(code).word("date", answer.as_str())).collect()
}
