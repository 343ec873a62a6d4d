//! The desk's own letters that come back: attached to an answer, or in the report that one of them did not arrive.
//!
//! Owns how they are told. Never takes anything away: they lie in their case like any other document.

use crate::casework::fold::Case;
use crate::casework::matching::KeyKind;
use crate::desk::items::Item;
use crate::domain::doubt::Doubts;
use crate::domain::extract::Field;
use crate::domain::id::Permille;
use crate::domain::place::Place;
use crate::domain::value::Value;
use crate::fault::Fault;
use crate::notices::mail;
use crate::pipeline::{self, Office};
use crate::store::Ledger;
use std::collections::BTreeSet;

/// The desk's own letters that come back are no papers of anybody: they lie in the case that they were written for, and say nothing. In a
/// mail of the desk that somebody sends back, what has no kind is part of the letter.
pub(super) fn recognise(items: &mut Vec<Item>, ledger: &Ledger, office: &Office<'_>) -> Result<(), Fault> {
    let domain = office.desk.email.rsplit_once('@').map(|(_, domain)| domain.to_owned()).unwrap_or_default();
    let mut ours = BTreeSet::new();
    for item in items.iter_mut().filter(|item| item.again.is_none()) {
        if let Some(case) = ledger.wrote(item.digest.doc)? {
            ours.insert(item.digest.doc);
            item.digest.extract = pipeline::unreadable(&item.digest.name, item.digest.doc, office).extract;
            hush(item);
            item.cases = [case].into();
            continue;
        }
        // Whoever sends it back vouches for himself; a mail that merely bears our number is a stranger's like any other.
        let id = item.digest.extract.fields.text("message_id").filter(|id| item.parent.is_some() && is_of_the_desk(id, &domain));
        if let Some(id) = id
            && is_letter(&id, &domain, ledger)?
        {
            ours.insert(item.digest.doc);
            hush(item);
            let place = Place::Whole { doc: item.digest.doc };
            let sent = Field { value: Value::Flag(true), raw: String::new(), place, confidence: Permille::SURE, doubts: Doubts::NONE };
            item.digest.extract.fields.fields.insert("automatic".to_owned(), sent);
        }
    }
    let is_part =
        |item: &Item| item.parent.is_some_and(|parent| ours.contains(&parent)) && item.digest.extract.document.as_str() == "unknown";
    items.retain(|item| item.again.is_none() || !is_part(item));
    items.iter_mut().filter(|item| is_part(item)).for_each(hush);
    Ok(())
}

fn is_of_the_desk(id: &str, domain: &str) -> bool {
    !domain.is_empty() && id.rsplit_once('@').is_some_and(|(_, of)| of == domain)
}

/// A case has written a letter with this Message-ID.
fn is_letter(id: &str, domain: &str, ledger: &Ledger) -> Result<bool, Fault> {
    for no in ledger.known_by(KeyKind::Thread, id)? {
        let case = Case::replay(&ledger.events(&no)?);
        if case.is_some_and(|case| case.letters.iter().any(|letter| mail::message_id(&letter.key, domain) == id)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn hush(item: &mut Item) {
    item.digest.extract.remarks.clear();
    item.digest.findings.clear();
}
