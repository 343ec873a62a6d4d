//! Cases against their events: the summary is the fold, every paper and every letter has its row, and the other way round.

use crate::casework::fold::Case;
use crate::desk::proof::{Room, name};
use crate::domain::case::{Body, CaseNo, Event};
use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::pipeline::summary;
use crate::store::{CaseRow, Status};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

const HINT: &str = "the ledger was changed behind the program's back, or this is a bug: restore the ledger from a backup";

/// What every summary has; more may come with a newer program.
const ALWAYS: &[&str] = &["case_no", "flow", "state", "held", "open_findings", "deadlines", "notices"];

pub fn check(room: &mut Room<'_>) -> Result<(), Fault> {
    let mut rows: BTreeMap<CaseNo, CaseRow> = room.ledger.cases()?.into_iter().map(|row| (row.no.clone(), row)).collect();
    let mut told = Told::default();
    for no in room.stock.cases.clone() {
        let row = rows.remove(&no);
        // An event that cannot be read costs its own case alone.
        match room.ledger.events(&no) {
            Ok(events) => one(room, &no, row, &events, &mut told),
            Err(fault) => room.fault("cases", &no, format!("its events cannot be read: {}", fault.what), HINT),
        }
    }
    for no in rows.keys() {
        room.fault("cases", no, "has a summary and no events", HINT);
    }
    papers(room, &told);
    letters(room, &told);
    Ok(())
}

/// What the events of all cases tell.
#[derive(Default)]
struct Told {
    received: BTreeSet<(CaseNo, DocId)>,
    /// Letters by their key, and the files of each.
    letters: BTreeMap<String, BTreeSet<String>>,
    /// Files that staff fill in: orders to the operator of MMS.
    orders: BTreeSet<String>,
    /// Letters that a person dropped while they were drafts, by their key.
    dropped: BTreeSet<String>,
}

fn one(room: &mut Room<'_>, no: &CaseNo, row: Option<CaseRow>, events: &[Event], told: &mut Told) {
    for event in events {
        match &event.body {
            Body::Received(received) => drop(told.received.insert((no.clone(), received.doc))),
            Body::Wrote { key, files, operation, .. } => {
                if operation.is_some() {
                    told.orders.extend(files.iter().cloned());
                }
                if told.letters.insert(key.clone(), files.iter().cloned().collect()).is_some() {
                    room.fault("cases", no, format!("the letter {key} was written twice"), HINT);
                }
            }
            _ => {}
        }
    }
    let Some(case) = Case::replay(events) else { return };
    told.dropped.extend(case.letters.iter().filter(|letter| letter.dropped).map(|letter| letter.key.clone()));
    let Some(row) = row else {
        room.fault("cases", no, "has events and no summary", HINT);
        return;
    };
    let closed = room.catalogue.flows.state(&case.state).is_some_and(|state| state.last);
    for (what, is_same) in [
        ("flow", row.flow == case.flow),
        ("state", row.state == case.state),
        ("closed", row.closed == closed),
        ("dated", row.dated != case.deadlines.is_empty()),
    ] {
        if !is_same {
            room.fault("cases", no, format!("{what} is not what its events say"), HINT);
        }
    }
    match serde_json::from_str::<Json>(&row.summary) {
        Ok(stored) => {
            let derived = summary::of(&case);
            let missing = ALWAYS.iter().filter(|key| stored.get(**key).is_none()).map(|key| (*key).to_owned());
            for key in missing.chain(unlike(&stored, &derived)) {
                room.fault("cases", no, format!("{key} of its summary is not what its events say"), HINT);
            }
        }
        Err(error) => room.fault("cases", no, format!("its summary cannot be read: {error}"), HINT),
    }
}

/// Entries that differ. A newer program may have added some: what is stored must be part of what is derived.
fn unlike(stored: &Json, derived: &Json) -> Vec<String> {
    let (Some(stored), Some(derived)) = (stored.as_object(), derived.as_object()) else { return vec!["all".to_owned()] };
    stored.iter().filter(|(key, value)| !derived.get(*key).is_some_and(|other| holds(other, value))).map(|(key, _)| key.clone()).collect()
}

fn holds(derived: &Json, stored: &Json) -> bool {
    match (derived, stored) {
        (Json::Object(derived), Json::Object(stored)) => {
            stored.iter().all(|(key, value)| derived.get(key).is_some_and(|other| holds(other, value)))
        }
        (Json::Array(derived), Json::Array(stored)) => {
            derived.len() == stored.len() && derived.iter().zip(stored).all(|(derived, stored)| holds(derived, stored))
        }
        _ => derived == stored,
    }
}

/// A paper is done where a case received it, and only there.
fn papers(room: &mut Room<'_>, told: &Told) {
    let papers = std::mem::take(&mut room.stock.papers);
    let mut known: BTreeMap<DocId, Option<Status>> = BTreeMap::new();
    for paper in &papers {
        known.insert(paper.doc, paper.status);
        if let (Some(Status::Done), Some(case)) = (paper.status, &paper.case)
            && !told.received.contains(&(case.clone(), paper.doc))
        {
            room.fault("documents", name(paper), format!("went to {case}, whose events do not say so"), HINT);
        }
    }
    for (case, doc) in &told.received {
        match known.get(doc) {
            Some(Some(Status::Done)) => {}
            Some(_) => room.fault("documents", doc.short(), format!("{case} received it, and it is not done"), HINT),
            None => room.fault("documents", doc.short(), format!("{case} received it, and it never came"), HINT),
        }
    }
    room.stock.papers = papers;
}

/// Every row of the outbox belongs to a letter that was written, and every letter has its rows.
fn letters(room: &mut Room<'_>, told: &Told) {
    let mut outlets = std::mem::take(&mut room.stock.outlets);
    let mut rows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    // Receipts belong to no case and have no event.
    for outlet in outlets.iter().filter(|outlet| !outlet.case.0.is_empty()) {
        rows.entry(&outlet.letter).or_default().insert(&outlet.path);
    }
    let mut faults = Vec::new();
    for (key, files) in &told.letters {
        let written: BTreeSet<&str> = files.iter().map(String::as_str).collect();
        match rows.remove(key.as_str()) {
            Some(found) if found == written => {}
            Some(found) => {
                faults.extend(found.symmetric_difference(&written).map(|path| ((*path).to_owned(), "row and event do not agree")))
            }
            None => faults.push((key.clone(), "the letter was written, and the outbox has no row of it")),
        }
    }
    faults.extend(rows.values().flatten().map(|path| ((*path).to_owned(), "no event says that it was written")));
    faults.extend(outlets.iter().filter(|outlet| !outlet.sound).map(|outlet| (outlet.path.clone(), "the ledger's own copy was changed")));
    faults.into_iter().for_each(|(place, what)| room.fault("outbox", place, what, HINT));
    for outlet in &mut outlets {
        outlet.to_fill_in = told.orders.contains(&outlet.path);
        outlet.dropped = told.dropped.contains(&outlet.letter);
    }
    room.stock.outlets = outlets;
}
