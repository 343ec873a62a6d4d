//! A case as the fold over its events.

use crate::casework::{certificates, deed, facts, partial};
use crate::domain::case::{Body, CaseNo, CertificateFacts, Correction, Credentials, Event, Received, Target, UserAccount};
use crate::domain::date::Moment;
use crate::domain::document::DocumentKind;
use crate::domain::extract::{Extract, Record};
use crate::domain::finding::{Finding, Severity};
use crate::domain::id::DocId;
use crate::domain::value::Value;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// A document of the case, and when it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paper {
    pub received: Received,
    /// When it came: the receipt that days are counted from.
    pub at: Moment,
    /// When a run took it.
    pub taken: Moment,
    pub seq: u32,
    /// A second application while the first one is under way: kept, never used until a person decides.
    pub duplicate: bool,
    /// The data sets that it brought itself.
    pub brought: BTreeSet<DocumentKind>,
}

/// What MMS alone can say. Out of anybody's mail it is no word of MMS.
const FROM_MMS: &[&str] = &["mms_export", "mms_credentials"];
/// The operation sheet, filled in.
const SHEET: &str = "operation_result";

impl Paper {
    /// It speaks for MMS, and somebody outside sent it. The desk's own word upon an operation lies in nothing else.
    pub fn is_hearsay(&self) -> bool {
        let kind = self.received.extract.document.as_str();
        self.received.mailed && FROM_MMS.contains(&kind) || kind == SHEET && self.received.parent.is_some()
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Move {
    pub transition: String,
    pub at: Moment,
    pub seq: u32,
    /// What was open when the step was taken.
    pub open: Vec<Finding>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    pub key: String,
    pub kind: String,
    pub operation: Option<String>,
    /// Paths in the outbox; the first is the one that lists name.
    pub files: Vec<String>,
    pub subject: String,
    /// The applicant's address as it was when the letter left, or was to.
    pub address: Option<String>,
    pub at: Moment,
    /// When it left the house, or was to: a draft leaves on its release.
    pub left: Moment,
    pub seq: u32,
    /// It waits for a person to release it.
    pub draft: bool,
    /// A person decided that it never leaves.
    pub dropped: bool,
    /// What was slight, and open, when it was written or left.
    pub told: Vec<Finding>,
}

/// What a person did or decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deed {
    pub what: String,
    pub set: BTreeMap<String, String>,
    pub note: Option<String>,
    pub by: String,
    pub at: Moment,
    pub seq: u32,
    /// The end of a certificate that ran when it was recorded.
    pub certificate_end: Option<Date>,
}

/// Everything known of a case; rebuilt from its events at any time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    pub no: CaseNo,
    pub flow: String,
    pub state: String,
    pub held: bool,
    pub seq: u32,
    pub opened: Moment,
    pub papers: Vec<Paper>,
    pub moves: Vec<Move>,
    pub credentials: Option<Credentials>,
    pub letters: Vec<Sent>,
    pub deadlines: BTreeMap<String, Date>,
    /// The event at which each of these days began to count.
    pub due_since: BTreeMap<String, u32>,
    pub open: Vec<Finding>,
    pub deeds: Vec<Deed>,
    /// Users whose certificate a person wants renewed and that was not made yet.
    pub renewals: BTreeSet<String>,
    /// Files that came again, byte for byte.
    pub again: Vec<Again>,
}

/// A file that came again, and the day of the first time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Again {
    pub doc: DocId,
    pub name: String,
    pub first: Date,
    /// The desk dropped it.
    pub own: bool,
    pub seq: u32,
}

/// States in which an application may still be replaced by a better one.
const APPLYING: &[&str] = &["", "S10_APPLICATION_RECEIVED", "S11_APPLICATION_RETURNED"];

/// The ends of a case that came to nothing: withdrawn, and closed unfinished.
const GIVEN_UP: &[&str] = &["S98_WITHDRAWN", "S99_CLOSED_UNDONE"];

/// A case in this state will never come to its regular end.
pub fn is_given_up(state: &str) -> bool {
    GIVEN_UP.contains(&state)
}

impl Case {
    /// An empty case, before its first event.
    pub fn begin(no: CaseNo, at: Moment) -> Self {
        Case {
            no,
            flow: String::new(),
            state: String::new(),
            held: false,
            seq: 0,
            opened: at,
            papers: Vec::new(),
            moves: Vec::new(),
            credentials: None,
            letters: Vec::new(),
            deadlines: BTreeMap::new(),
            due_since: BTreeMap::new(),
            open: Vec::new(),
            deeds: Vec::new(),
            renewals: BTreeSet::new(),
            again: Vec::new(),
        }
    }

    /// The case after all its events, in their order; `None` without any.
    pub fn replay(events: &[Event]) -> Option<Self> {
        let first = events.first()?;
        let mut case = Case::begin(first.case.clone(), first.at);
        events.iter().for_each(|event| case.apply(event));
        Some(case)
    }

    pub fn apply(&mut self, event: &Event) {
        self.seq = event.seq;
        match &event.body {
            Body::Opened { flow, .. } => {
                // A corrected form may change the flow; the case stays the one it was.
                self.flow = flow.clone();
                if event.seq == 1 {
                    self.opened = event.at;
                }
            }
            Body::Received(received) => {
                let duplicate = received.extract.document.as_str() == "application_form" && !self.is_applying();
                let at = received.landed.unwrap_or(event.at);
                let brought = received.extract.sets.keys().cloned().collect();
                let paper = Paper { received: (**received).clone(), at, taken: event.at, seq: event.seq, duplicate, brought };
                // An archive comes a second time when its password has opened it.
                let shut = |known: &&mut Paper| known.received.doc == received.doc && received.extract.document.as_str() == "archive";
                match self.papers.iter_mut().find(shut) {
                    Some(known) => *known = paper,
                    None => self.papers.push(paper),
                }
                partial::complete(&mut self.papers);
            }
            Body::Again { doc, name, first, own } => {
                self.again.push(Again { doc: *doc, name: name.clone(), first: *first, own: *own, seq: event.seq });
                // What somebody sent, and the desk now takes out of MMS itself, is the word of MMS from here on.
                let hearsay = self.papers.iter_mut().filter(|paper| *own && paper.received.doc == *doc && paper.is_hearsay());
                for paper in hearsay {
                    paper.received.mailed = false;
                    if paper.received.extract.document.as_str() == SHEET {
                        paper.received.parent = None;
                    }
                    (paper.at, paper.taken, paper.seq) = (event.at, event.at, event.seq);
                }
            }
            Body::Moved { transition, to, .. } => {
                self.state = to.clone();
                self.moves.push(Move { transition: transition.clone(), at: event.at, seq: event.seq, open: self.open.clone() });
            }
            Body::Issued(credentials) => self.credentials = Some(credentials.clone()),
            Body::Certified { user_id, certificate } => self.certified(user_id, certificate),
            // Evidence: what follows from it stands among the findings.
            Body::Compared { .. } => {}
            Body::Wrote { key, notice, operation, files, subject } => self.letters.push(Sent {
                key: key.clone(),
                kind: notice.clone(),
                operation: operation.clone(),
                files: files.clone(),
                subject: subject.clone(),
                address: self.address(),
                at: event.at,
                left: event.at,
                seq: event.seq,
                draft: false,
                dropped: false,
                told: self.slight(),
            }),
            Body::Drafted { key } => self.letters.iter_mut().filter(|letter| letter.key == *key).for_each(|letter| letter.draft = true),
            Body::Due { deadline, on } => {
                self.due_since.insert(deadline.clone(), event.seq);
                match on {
                    Some(day) => self.deadlines.insert(deadline.clone(), *day),
                    None => self.deadlines.remove(deadline),
                };
            }
            Body::Recorded { what, set, note } => {
                match (what.as_str(), set.get(deed::USER)) {
                    (deed::RENEWED, Some(user)) => drop(self.renewals.insert(user.clone())),
                    (deed::REVOKED, Some(user)) => self.revoke(user, event.at.date()),
                    _ => {}
                }
                if let Some(key) = deed::released_letter(&event.body) {
                    // A draft is written anew when it leaves.
                    let (address, told) = (self.address(), self.slight());
                    for letter in self.letters.iter_mut().filter(|letter| letter.key == *key) {
                        (letter.draft, letter.left, letter.address, letter.told) = (false, event.at, address.clone(), told.clone());
                    }
                }
                if let Some(key) = deed::dropped_letter(&event.body) {
                    let of_key = self.letters.iter_mut().filter(|letter| letter.key == *key);
                    of_key.for_each(|letter| (letter.draft, letter.dropped) = (false, true));
                }
                self.did(what, set.clone(), note, event);
            }
            Body::Corrected { corrections, note } => {
                corrections.iter().for_each(|correction| self.correct(correction));
                self.did(deed::CORRECTED, BTreeMap::new(), note, event);
            }
            Body::Found { open, held } => {
                self.open = open.clone();
                self.held = *held;
            }
        }
    }

    fn slight(&self) -> Vec<Finding> {
        self.open.iter().filter(|finding| finding.severity == Severity::Warn).cloned().collect()
    }

    fn did(&mut self, what: &str, set: BTreeMap<String, String>, note: &Option<String>, event: &Event) {
        self.deeds.push(Deed {
            what: what.to_owned(),
            set,
            note: note.clone(),
            by: event.by.clone(),
            at: event.at,
            seq: event.seq,
            certificate_end: self.deadlines.get(certificates::DEADLINE).copied(),
        });
    }

    /// Puts a typed value over the one that was read; what a reader noted about that entry falls away.
    fn correct(&mut self, correction: &Correction) {
        let target = &correction.target;
        for paper in self.papers.iter_mut().filter(|paper| paper.received.doc == target.doc) {
            let extract = &mut paper.received.extract;
            let Some(record) = record_of(extract, target) else { continue };
            let before = match &correction.field {
                Some(field) => record.fields.insert(target.key.clone(), field.clone()),
                None => record.fields.remove(&target.key),
            };
            let place = before.map(|field| field.place);
            extract.remarks.retain(|remark| remark.field.as_ref() != Some(&target.key) || remark.place.is_some() && remark.place != place);
            if facts::concluded(paper) {
                paper.received.extract.remarks.retain(|remark| remark.code.0 != "H-007");
            }
        }
    }

    /// A user's new certificate takes the place of the one before, which holds on until it ends.
    fn certified(&mut self, user_id: &str, certificate: &CertificateFacts) {
        self.renewals.remove(user_id);
        if let Some(user) = self.user_mut(user_id) {
            user.earlier.extend(user.certificate.replace(certificate.clone()));
        }
    }

    /// Whatever certificate of a user holds on that day is no longer trusted.
    fn revoke(&mut self, user_id: &str, on: Date) {
        if let Some(user) = self.user_mut(user_id) {
            let all = user.earlier.iter_mut().chain(&mut user.certificate);
            all.filter(|certificate| certificate.holds_on(on)).for_each(|certificate| certificate.revoked = Some(on));
        }
    }

    fn user_mut(&mut self, user_id: &str) -> Option<&mut UserAccount> {
        self.credentials.as_mut()?.users.iter_mut().find(|user| user.user_id == user_id)
    }

    /// The account of a user ID.
    pub fn user(&self, user_id: &str) -> Option<&UserAccount> {
        self.credentials.as_ref()?.users.iter().find(|user| user.user_id == user_id)
    }

    /// Accounts whose certificates this case holds.
    pub fn holders(&self) -> impl Iterator<Item = &UserAccount> {
        let users = self.credentials.iter().flat_map(|credentials| &credentials.users);
        users.filter(|user| user.held_by.is_none() && user.certificate.is_some())
    }

    /// Operation sheets that staff filled in and dropped: one inside a mail or an archive is not the desk's own word.
    pub fn sheets(&self) -> impl Iterator<Item = &Paper> {
        self.papers.iter().filter(|paper| paper.received.extract.document.as_str() == SHEET && !paper.is_hearsay())
    }

    /// The application may still be replaced by a better one.
    pub fn is_applying(&self) -> bool {
        APPLYING.contains(&self.state.as_str())
    }

    /// Papers in use, newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Paper> {
        self.papers.iter().rev().filter(|paper| !paper.duplicate && !paper.is_hearsay())
    }

    /// What is said to come from MMS and came in a mail, with nothing of the desk's own after it: a person looks.
    pub fn hearsay(&self) -> impl Iterator<Item = &Paper> {
        let own = |kind: &str| self.newest().find(|paper| paper.received.extract.document.as_str() == kind).map_or(0, |paper| paper.seq);
        self.papers.iter().filter(move |paper| paper.is_hearsay() && paper.seq > own(paper.received.extract.document.as_str()))
    }

    /// The newest paper of a kind.
    pub fn paper(&self, kind: &str) -> Option<&Paper> {
        self.newest().find(|paper| paper.received.extract.document.as_str() == kind)
    }

    /// The newest export of MMS by its revision and the time it was made, not by the time it came.
    pub fn export(&self) -> Option<&Paper> {
        self.exports().max_by_key(|paper| (export_age(paper), paper.seq))
    }

    /// Exports that the desk took out of MMS itself.
    pub fn exports(&self) -> impl Iterator<Item = &Paper> {
        self.papers.iter().filter(|paper| paper.received.extract.document.as_str() == "mms_export" && !paper.is_hearsay())
    }

    /// The records of a data set in the newest workbook that holds it.
    pub fn workbook_set(&self, set: &str) -> Option<(&Paper, &[Record])> {
        self.newest().filter(|paper| paper.received.extract.document.as_str() == "registration_workbook").find_map(|paper| {
            paper.received.extract.sets.iter().find(|(kind, _)| kind.as_str() == set).map(|(_, records)| (paper, &**records))
        })
    }

    /// A field of the application form.
    pub fn form(&self, key: &str) -> Option<&Value> {
        self.paper("application_form").and_then(|paper| paper.received.extract.fields.value(key))
    }

    /// The address that letters to the applicant go to.
    pub fn address(&self) -> Option<String> {
        self.form("contact_email").map(ToString::to_string).filter(|address| address.contains('@'))
    }

    /// The last time that a transition was taken.
    pub fn last_move(&self, transitions: &[&str]) -> Option<&Move> {
        self.moves.iter().rev().find(|moved| transitions.contains(&moved.transition.as_str()))
    }

    pub fn last_deed(&self, what: &str) -> Option<&Deed> {
        self.deeds.iter().rev().find(|deed| deed.what == what)
    }

    /// Number and revision of the newest registration, such as `2026042035-01`.
    pub fn registration(&self) -> Option<String> {
        let fields = &self.export()?.received.extract.fields;
        Some(format!("{}-{}", fields.text("registration_no")?, fields.text("registration_revision")?))
    }
}

/// The record that a corrected entry stands in.
pub fn record_of<'a>(extract: &'a mut Extract, target: &Target) -> Option<&'a mut Record> {
    let record = match &target.set {
        Some(set) => extract.sets.get_mut(set)?.get_mut(target.record)?,
        None => &mut extract.fields,
    };
    match &target.row {
        Some((group, row)) => record.groups.get_mut(group)?.get_mut(*row),
        None => Some(record),
    }
}

fn export_age(paper: &Paper) -> (String, i64, String) {
    let fields = &paper.received.extract.fields;
    let revision = match fields.value("registration_revision") {
        Some(Value::Integer(revision)) => *revision,
        _ => 0,
    };
    (fields.text("registration_no").unwrap_or_default(), revision, fields.text("exported_at").unwrap_or_default())
}
