//! What a resubmission changes beside what was asked for (P-005).
//!
//! Owns the comparison of two versions of one document. Never judges whether a change is right.

use crate::casework::facts;
use crate::casework::fold::{Case, Move, Paper};
use crate::domain::extract::{Field, Record};
use crate::domain::finding::{Finding, Remark};
use crate::domain::name::Name;
use crate::domain::text;
use std::collections::BTreeSet;

/// Entries of a form that differ whenever it is filled in anew.
const VOLATILE: &[&str] = &[
    "application_date",
    "page_marker",
    "form_edition",
    "seal_present",
    "remarks",
    "registration_revision",
    "registration_status",
    "exported_at",
];

/// What names a record, so that two versions are compared row by row.
const NAMES: &[&str] = &["resource_code", "pattern_no", "resource_name"];

/// Documents that a difference from the contract may be mended in.
const UNDER_CONTRACT: &[&str] = &["resource", "unit_price", "customer_pattern"];

/// The keys of the fields that one defect is about: those that its rule holds against one another.
pub type Cited<'a> = &'a dyn Fn(&Finding) -> BTreeSet<String>;

/// One remark for each entry that changed although nobody asked about it.
pub fn unasked(case: &Case, cited: Cited<'_>) -> Vec<Remark> {
    let Some(request) = case.last_move(&["T03", "T14"]) else { return Vec::new() };
    let asked: Vec<&Finding> = request.open.iter().filter(|finding| facts::asks(finding)).collect();
    let asked = Asked { keys: asked.iter().flat_map(|finding| cited(finding)).collect(), findings: asked };
    let mut found: Vec<Remark> = Vec::new();
    for kind in ["application_form"].into_iter().chain(documents(case)) {
        for source in ["application_form", "registration_workbook", "mms_export"] {
            let Some((before, after)) = versions(case, kind, source, request) else { continue };
            let mut differing = Diff { kind, asked: &asked, found: Vec::new() };
            differing.records(before, after);
            for remark in differing.found {
                // The workbook and the export of one registration show one change twice.
                if !found.iter().any(|known| known.document == remark.document && known.field == remark.field) {
                    found.push(remark);
                }
            }
        }
    }
    found
}

/// Data sets that came so far.
fn documents(case: &Case) -> BTreeSet<&str> {
    case.newest().flat_map(|paper| paper.received.extract.sets.keys()).map(|kind| kind.as_str()).collect()
}

/// The last version before the request and the newest after it, from papers of one sort.
fn versions<'a>(case: &'a Case, kind: &str, source: &str, request: &Move) -> Option<(&'a [Record], &'a [Record])> {
    let of_source = |paper: &&Paper| paper.received.extract.document.as_str() == source;
    let mut all = case.newest().filter(of_source).filter_map(|paper| Some((paper.seq, records(paper, kind)?)));
    let (_, after) = all.next().filter(|(seq, _)| *seq > request.seq)?;
    let (_, before) = all.find(|(seq, _)| *seq < request.seq)?;
    Some((before, after))
}

fn records<'a>(paper: &'a Paper, kind: &str) -> Option<&'a [Record]> {
    let extract = &paper.received.extract;
    if extract.document.as_str() == kind {
        return Some(std::slice::from_ref(&extract.fields));
    }
    extract.sets.iter().find(|(set, _)| set.as_str() == kind).map(|(_, records)| &**records)
}

/// What the applicant was asked about.
struct Asked<'a> {
    findings: Vec<&'a Finding>,
    keys: BTreeSet<String>,
}

struct Diff<'a> {
    kind: &'a str,
    asked: &'a Asked<'a>,
    found: Vec<Remark>,
}

impl Diff<'_> {
    fn records(&mut self, before: &[Record], after: &[Record]) {
        if self.is_open_as_a_whole() {
            return;
        }
        for (n, record) in after.iter().enumerate() {
            let name = NAMES.iter().find_map(|key| Some((*key, record.text(key)?)));
            let old = match &name {
                Some((key, name)) => before.iter().find(|old| old.text(key).as_ref() == Some(name)).or(before.get(n)),
                None => before.get(n),
            };
            if let Some(old) = old {
                self.record(old, record);
            }
        }
    }

    fn record(&mut self, before: &Record, after: &Record) {
        let keys: BTreeSet<&Name> = before.fields.keys().chain(after.fields.keys()).collect();
        for key in keys {
            let (old, new) = (before.fields.get(key), after.fields.get(key));
            if differ(old, new) && !self.is_asked(key) && !VOLATILE.contains(&key.as_str()) {
                let remark = Remark::new("P-005").of(self.kind).field(key);
                self.found.push(match new.or(old) {
                    Some(field) => remark.at(field.place.clone()),
                    None => remark,
                });
            }
        }
        for (name, rows) in &after.groups {
            let old = before.group(name);
            // A row that was asked about may move the others.
            let asked = rows.iter().chain(old).flat_map(|row| row.fields.keys()).any(|key| self.is_asked(key));
            if !asked {
                old.iter().zip(rows).for_each(|(old, new)| self.record(old, new));
            }
        }
    }

    fn is_asked(&self, key: &str) -> bool {
        self.asked.keys.contains(key)
    }

    /// The document was asked for as such, or may be mended to fit the contract.
    fn is_open_as_a_whole(&self) -> bool {
        let contract = UNDER_CONTRACT.contains(&self.kind);
        self.asked.findings.iter().any(|finding| {
            finding.field.is_none() && (finding.document == self.kind || finding.document == "registration_workbook")
                || contract && facts::concerns_contract(finding)
        })
    }
}

/// Two doubtful readings are never called different.
fn differ(old: Option<&Field>, new: Option<&Field>) -> bool {
    let doubtful = |field: Option<&Field>| field.is_some_and(|field| field.needs_review());
    // Spaces and ways of writing a sign are no change.
    let said = |field: Option<&Field>| field.map(|field| text::compare_key(&field.value.to_string()));
    !doubtful(old) && !doubtful(new) && said(old) != said(new)
}
