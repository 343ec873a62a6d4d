//! The documents of a batch one by one, taken out of the mails and archives that they lay in.
//!
//! Owns their order, and which of them were settled before. Never decides whose a document is.

use crate::desk::wake;
use crate::domain::case::{Body, CaseNo};
use crate::domain::date::Moment;
use crate::domain::extract::Extract;
use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::pipeline::{self, Digest, Office};
use crate::store::{CameAgain, Ledger, Pending, Signs};
use std::collections::BTreeSet;

/// A document of the batch, taken out of its mail or archive.
pub(super) struct Item {
    pub(super) digest: Digest,
    pub(super) bytes: u64,
    pub(super) parent: Option<DocId>,
    /// The arrival that it lay in, at any depth.
    pub(super) inside: Option<(DocId, String)>,
    /// It lay in a mail, at any depth.
    pub(super) mailed: bool,
    pub(super) received: Moment,
    /// When it lay there, where that was well before it was taken.
    pub(super) landed: Option<Moment>,
    /// When its sender parted with it, as far as that is known: of two versions in one batch the later one counts.
    pub(super) sent: Moment,
    /// What else held the same bytes: they are one document.
    pub(super) also_in: Vec<DocId>,
    /// It waits although its neighbours had their cases: they do not lead it.
    pub(super) alone: bool,
    /// Several where one application opened several cases.
    pub(super) cases: BTreeSet<CaseNo>,
    /// Why nobody was found, for the person who looks.
    pub(super) doubt: Option<String>,
    /// Its bytes came before: the day of the first time. `None` once an open case is found that lacks them.
    pub(super) again: Option<Moment>,
    /// The number of the drop that brought bytes again which went to a case before.
    pub(super) drop: Option<i64>,
    /// Of an arrival: by what it is found again, should it wait.
    pub(super) signs: Signs,
    /// It was settled before, and something in it is looked at again: a password has opened it, or it waited alone.
    pub(super) reopened: bool,
}

/// Containers first, then what they hold, all in the order `(received, rank, id)`; beside them the documents that lay in
/// a second mail or archive, with that.
pub(super) fn flatten(batch: Vec<(Pending, u64, Digest)>) -> (Vec<Item>, Vec<(DocId, DocId)>) {
    struct Outer {
        parent: Option<DocId>,
        inside: Option<(DocId, String)>,
        mailed: bool,
        sent: Moment,
    }
    fn unpack(digest: Digest, bytes: u64, outer: Outer, pending: &Pending, items: &mut Vec<Item>) {
        let mut digest = digest;
        let signs = if outer.parent.is_none() { wake::signs(&digest) } else { Signs::new() };
        let parts = std::mem::take(&mut digest.parts);
        let doc = digest.doc;
        let Outer { parent, inside, mailed, sent } = outer;
        let around = inside.clone().unwrap_or_else(|| (doc, digest.name.clone()));
        let is_mail = digest.extract.document.as_str() == "inbound_mail";
        let (received, landed) = (pending.received, pending.landed);
        let reopened = pending.settled;
        let cases = BTreeSet::new();
        items.push(Item {
            digest,
            bytes,
            parent,
            inside,
            mailed,
            received,
            landed,
            sent,
            also_in: Vec::new(),
            alone: false,
            cases,
            doubt: None,
            again: None,
            drop: None,
            signs,
            reopened,
        });
        for part in parts {
            let bytes = part.bytes;
            unpack(part, bytes, Outer { parent: Some(doc), inside: Some(around.clone()), mailed: mailed || is_mail, sent }, pending, items);
        }
    }
    let mut items = Vec::new();
    for (pending, bytes, digest) in batch {
        let outer = Outer { parent: None, inside: None, mailed: false, sent: sent(&digest, &pending) };
        unpack(digest, bytes, outer, &pending, &mut items);
    }
    items.sort_by_key(|item| (item.received, rank(item.digest.extract.document.as_str()), item.digest.doc, item.mailed));
    let mut seen = BTreeSet::new();
    let mut bonds = Vec::new();
    // The same bytes attached to two mails are one document.
    items.retain(|item| {
        let is_new = seen.insert(item.digest.doc);
        bonds.extend(item.parent.filter(|_| !is_new).map(|parent| (item.digest.doc, parent)));
        is_new
    });
    for item in &mut items {
        item.also_in = bonds.iter().filter(|(doc, _)| *doc == item.digest.doc).map(|(_, parent)| *parent).collect();
    }
    (items, bonds)
}

/// The hour that a mail names, unless it came before that; of anything else, when it came.
fn sent(digest: &Digest, pending: &Pending) -> Moment {
    let came = pending.landed.unwrap_or(pending.received);
    let named = digest.extract.fields.fields.get("received_at").filter(|_| digest.extract.document.as_str() == "inbound_mail");
    named.and_then(|hour| hour.raw.parse::<Moment>().ok()).map_or(came, |hour| hour.min(came))
}

/// The same attachment in a later mail is no second submission. Of an arrival that was settled, what a password has opened
/// since is new, and the archive that held it is read otherwise than before; all else in it stays as it is.
pub(super) fn recognise(items: &mut Vec<Item>, ledger: &Ledger) -> Result<(), Fault> {
    let mut settled_with_parent = BTreeSet::new();
    for item in items.iter_mut().filter(|item| item.parent.is_some() || item.reopened) {
        let Some(known) = ledger.settled_before(item.digest.doc)? else {
            item.alone = item.reopened && !ledger.still_waiting(&[item.digest.doc].into())?.is_empty();
            // What lay in several cases' papers stays of none of them.
            item.reopened = item.reopened && item.parent.is_none();
            continue;
        };
        item.cases = [known.case].into();
        let is_archive = item.digest.extract.document.as_str() == "archive";
        if item.reopened && (item.parent.is_none() || known.parent == item.parent && is_archive) {
            continue;
        }
        if known.parent == item.parent {
            settled_with_parent.insert(item.digest.doc);
        }
        item.again = Some(known.received);
    }
    // Settled before a run was cut short: nothing is left to do for them.
    items.retain(|item| !settled_with_parent.contains(&item.digest.doc));
    Ok(())
}

/// What was dropped again and went to a case before, as its case remembers it. Nothing is read once more.
pub(super) fn dropped_again(ledger: &Ledger, office: &Office<'_>) -> Result<Vec<Item>, Fault> {
    let mut items = Vec::new();
    for came in ledger.untold()? {
        let Some(case) = came.case.clone() else { continue };
        let nothing = pipeline::unreadable(&came.name, came.doc, office);
        let extract = remembered(ledger, &case, came.doc)?.unwrap_or_else(|| nothing.extract.clone());
        items.push(item_of(came, case, Digest { extract, ..nothing }));
    }
    Ok(items)
}

fn remembered(ledger: &Ledger, case: &CaseNo, doc: DocId) -> Result<Option<Extract>, Fault> {
    let received = |body| match body {
        Body::Received(received) if received.doc == doc => Some(received.extract),
        _ => None,
    };
    Ok(ledger.events(case)?.into_iter().find_map(|event| received(event.body)))
}

fn item_of(came: CameAgain, case: CaseNo, digest: Digest) -> Item {
    Item {
        digest,
        bytes: 0,
        parent: None,
        inside: None,
        mailed: false,
        received: came.first,
        landed: came.landed,
        sent: came.landed.unwrap_or(came.first),
        also_in: Vec::new(),
        alone: false,
        cases: [case].into(),
        doubt: None,
        again: Some(came.first),
        drop: Some(came.n),
        signs: Signs::new(),
        reopened: false,
    }
}

/// Documents that say whose they are come first.
fn rank(document: &str) -> u8 {
    match document {
        "application_form" => 0,
        "mms_export" => 1,
        "registration_workbook" => 2,
        "contract" | "contract_application" => 3,
        "inbound_mail" => 5,
        "archive" => 6,
        _ => 4,
    }
}
