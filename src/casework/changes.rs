//! What a resubmission changes beside what was asked for (P-005).
//!
//! Owns the comparison of two versions of one document. Never judges whether a change is right.

use crate::casework::facts;
use crate::casework::fold::{Case, Move, Paper};
use crate::casework::settling::{self, About};
use crate::domain::extract::{Field, Record};
use crate::domain::finding::{Finding, Remark};
use crate::domain::id::DocId;
use crate::domain::likeness;
use crate::domain::name::Name;
use crate::domain::place::Place;
use crate::domain::text;
use crate::domain::twins::{self, Twins};
use std::collections::BTreeSet;

const CODE: &str = "P-005";

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

/// The application form, by which letters find the applicant.
const FORM: &str = "application_form";

/// Where letters go: only who was asked for this very entry may change it unseen.
const ADDRESS: &str = "contact_email";

/// Who applies, and where letters go.
const IDENTITY: &[&str] = &["applicant_name", "corporate_number", ADDRESS];

/// Documents that a difference from the contract may be mended in.
const UNDER_CONTRACT: &[&str] = &["resource", "unit_price", "customer_pattern"];

/// The keys of the fields that one defect is about: those that its rule holds against one another.
pub type Cited<'a> = &'a dyn Fn(&Finding) -> BTreeSet<String>;

/// One remark for each entry that changed although nobody asked about it.
pub fn unasked(case: &Case, cited: Cited<'_>) -> Vec<Remark> {
    let request = case.last_move(&["T03", "T14"]);
    let findings: Vec<&Finding> = request.into_iter().flat_map(|request| &request.open).filter(|finding| facts::asks(finding)).collect();
    let asked = Asked { keys: findings.iter().flat_map(|finding| cited(finding)).collect(), findings };
    let mut all = identity(case);
    for kind in [FORM].into_iter().chain(documents(case)) {
        for source in [FORM, "registration_workbook", "mms_export"] {
            let Some((before, after)) = request.and_then(|request| versions(case, kind, source, request)) else { continue };
            let mut differing = Diff { kind, doc: after.received.doc, asked: &asked, found: Vec::new() };
            differing.records(records(before, kind).unwrap_or_default(), records(after, kind).unwrap_or_default());
            all.extend(differing.found);
        }
    }
    let mut found: Vec<Remark> = Vec::new();
    for remark in all {
        // The workbook and the export of one registration show one change twice.
        if !found.iter().any(|known| known.document == remark.document && known.field == remark.field) {
            found.push(remark);
        }
    }
    found
}

/// The newest form names another applicant, or another address for letters, than one before it: whoever sent it, a person looks,
/// also where nobody asked for a form. What a person has settled, and what was asked for, later forms are held against.
fn identity(case: &Case) -> Vec<Remark> {
    let forms: Vec<&Paper> = case.newest().filter(|paper| paper.received.extract.document.as_str() == FORM).collect();
    let Some((newest, before)) = forms.split_first() else { return Vec::new() };
    let mut found = Vec::new();
    for key in IDENTITY {
        let Some(new) = entry(newest, key) else { continue };
        // Who looked at the name has not looked at the address.
        let about = About { code: CODE, document: FORM, field: Some(key), row: None, paper: None };
        let settled = case.deeds.iter().filter(|deed| settling::settles(deed, &about)).map(|deed| deed.seq).max().unwrap_or(0);
        let mut later = newest.seq;
        for form in before {
            // Whoever was asked for this very entry between the two may have changed it.
            if was_asked_between(case, key, form.seq, later) {
                break;
            }
            if entry(form, key).is_some_and(|old| differ(Some(old), Some(new)) && !same_identity(key, old, new)) {
                found.push(Remark::new(CODE).of(FORM).field(key).at(new.place.clone()));
                break;
            }
            if form.seq < settled {
                break;
            }
            later = form.seq;
        }
    }
    found
}

/// The last request before a form, and after the one before it, named this very entry.
fn was_asked_between(case: &Case, key: &str, earlier: u32, later: u32) -> bool {
    let mut requests = case.moves.iter().rev().filter(|moved| ["T03", "T14"].contains(&moved.transition.as_str()));
    let request = requests.find(|moved| moved.seq < later).filter(|moved| moved.seq > earlier);
    request.is_some_and(|request| request.open.iter().any(|finding| facts::asks(finding) && names(finding, key)))
}

/// A defect of this very entry of a form.
fn names(finding: &Finding, key: &str) -> bool {
    finding.document == FORM && finding.field.as_deref() == Some(key)
}

/// A filled field of a form.
fn entry<'a>(form: &'a Paper, key: &str) -> Option<&'a Field> {
    let record = &form.received.extract.fields;
    record.fields.get(key).filter(|_| record.value(key).is_some())
}

/// A company's name however it is written, and an address in whatever case.
fn same_identity(key: &str, old: &Field, new: &Field) -> bool {
    let (old, new) = (old.value.to_string(), new.value.to_string());
    match key {
        "applicant_name" => likeness::names_equal(&old, &new),
        _ => text::compare_key(&old).eq_ignore_ascii_case(&text::compare_key(&new)),
    }
}

/// Data sets that came so far.
fn documents(case: &Case) -> BTreeSet<&str> {
    case.newest().flat_map(|paper| paper.received.extract.sets.keys()).map(|kind| kind.as_str()).collect()
}

/// The last version before the request and the newest after it, from papers of one sort.
fn versions<'a>(case: &'a Case, kind: &str, source: &str, request: &Move) -> Option<(&'a Paper, &'a Paper)> {
    let holds = |paper: &&Paper| paper.received.extract.document.as_str() == source && records(paper, kind).is_some();
    let mut all = case.newest().filter(holds);
    let after = all.next().filter(|paper| paper.seq > request.seq)?;
    let before = all.find(|paper| paper.seq < request.seq)?;
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
    /// The newer paper.
    doc: DocId,
    asked: &'a Asked<'a>,
    found: Vec<Remark>,
}

impl Diff<'_> {
    fn records(&mut self, before: &[Record], after: &[Record]) {
        if self.is_open_as_a_whole() {
            return;
        }
        let ways = twins::ways(self.kind);
        let names: BTreeSet<&str> = ways.iter().flat_map(|keys| keys.iter().copied()).collect();
        let twins = Twins::of(before, after, ways, &twins::read).in_order();
        twins.pairs.iter().for_each(|(old, new)| self.record(old, new));
        // Where what tells records apart was asked about, one may be gone, or have come.
        if !names.iter().any(|key| self.is_asked(key)) {
            let key = ways.first().and_then(|keys| keys.iter().rev().find(|key| **key != "valid_from")).copied();
            self.lonely(key, &twins);
        }
    }

    /// Records or rows that only one version has.
    fn lonely(&mut self, key: Option<&str>, twins: &Twins<'_>) {
        let gone = twins.left.iter().map(|_| None);
        let come = twins.right.iter().map(|record| key.and_then(|key| record.fields.get(key)).or_else(|| record.fields.values().next()));
        gone.chain(come).for_each(|field| self.say(key, field));
    }

    /// What is gone has no place of its own in the newer paper, which is the one that a person looks at.
    fn say(&mut self, key: Option<&str>, field: Option<&Field>) {
        let place = field.map_or(Place::Whole { doc: self.doc }, |field| field.place.clone());
        self.found.push(Remark { field: key.map(ToOwned::to_owned), ..Remark::new(CODE).of(self.kind).at(place) });
    }

    fn record(&mut self, before: &Record, after: &Record) {
        let keys: BTreeSet<&Name> = before.fields.keys().chain(after.fields.keys()).collect();
        for key in keys {
            let (old, new) = (before.fields.get(key), after.fields.get(key));
            if differ(old, new) && !self.is_asked(key) && !VOLATILE.contains(&key.as_str()) {
                self.say(Some(key), new);
            }
        }
        let groups: BTreeSet<&String> = before.groups.keys().chain(after.groups.keys()).collect();
        for name in groups {
            let (old, new) = (before.group(name), after.group(name));
            let keys: BTreeSet<&Name> = old.iter().chain(new).flat_map(|row| row.fields.keys()).collect();
            // A row that was asked about may move the others.
            if !keys.iter().any(|key| self.is_asked(key)) {
                let number = keys.iter().find(|key| key.ends_with("_no")).map(|key| key.as_str());
                let twins = Twins::of(old, new, &[&number.into_iter().collect::<Vec<_>>()], &twins::read).in_order();
                twins.pairs.iter().for_each(|(old, new)| self.record(old, new));
                self.lonely(number, &twins);
            }
        }
    }

    fn is_asked(&self, key: &str) -> bool {
        match key {
            ADDRESS if self.kind == FORM => self.asked.findings.iter().any(|finding| names(finding, key)),
            _ => self.asked.keys.contains(key),
        }
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

/// Two doubtful readings are never called different, and what a person typed over the newer one is no change of the applicant's.
fn differ(old: Option<&Field>, new: Option<&Field>) -> bool {
    let doubtful = |field: Option<&Field>| field.is_some_and(|field| field.needs_review());
    let typed = new.is_some_and(|field| matches!(field.place, Place::Typed { .. }));
    // Spaces and ways of writing a sign are no change.
    let said = |field: Option<&Field>| field.map(|field| text::compare_key(&field.value.to_string()));
    !doubtful(old) && !doubtful(new) && !typed && said(old) != said(new)
}
