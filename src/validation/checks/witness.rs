//! Doubtful readings against those who say the same: other papers of the case, and what the desk knows itself.
//!
//! A doubt ends where an independent source agrees. A source that disagrees is named beside the doubt: both places are looked at.

use crate::domain::document::FieldType;
use crate::domain::extract::{Field, Record};
use crate::domain::likeness;
use crate::domain::text;
use crate::domain::value::Value;
use crate::validation::check::{How, Known, Witness};
use crate::validation::checks::{blank, compare};
use crate::validation::scene::{Hit, Seen, Subject};

/// Required fields that nobody would bet on and nobody confirms; each followed by the sources that contradict it.
pub fn doubtful<'a>(subject: &Subject<'a>, except: &[String], witnesses: &'a [Witness]) -> Vec<Hit> {
    let Some(spec) = subject.scene.context.specs.document(subject.document) else { return Vec::new() };
    let needed = spec.fields.iter().filter(|field| !except.contains(&field.key) && blank::required_here(subject, &field.required_in));
    let doubted = needed.filter_map(|field| {
        let seen = subject.record.fields.get(&field.key).filter(|seen| seen.needs_review())?;
        Some(Seen { document: subject.document, key: field.key.as_str(), field: seen })
    });
    let mut hits = Vec::new();
    for seen in doubted {
        let own: Vec<&Witness> = witnesses.iter().filter(|witness| witness.field == seen.key).collect();
        let said: Vec<(Seen<'a>, bool)> = own
            .iter()
            .flat_map(|witness| witness.by.iter().flat_map(|reference| statements(subject, reference)).map(|one| (one, witness.how)))
            .map(|(one, how)| (one, agree(seen.value(), one.value(), how)))
            .collect();
        let known: Vec<bool> = own.iter().filter_map(|witness| knows(subject, &seen, witness.known?)).collect();
        if said.iter().any(|(_, agrees)| *agrees) || known.contains(&true) {
            continue;
        }
        hits.push(subject.hit(seen));
        // What was clearly read and is odd is the paper's defect, not a reading to be settled.
        if !seen.is_doubtful() {
            continue;
        }
        hits.extend(said.iter().map(|(one, _)| subject.hit(*one)));
    }
    hits
}

/// What other papers say without doubt: `document.key`, or `document.group.key` for every row of every record.
pub fn statements<'a>(subject: &Subject<'a>, reference: &'a str) -> Vec<Seen<'a>> {
    let Some((document, path)) = reference.split_once('.') else { return Vec::new() };
    let papers = subject.scene.papers;
    let records: Vec<&'a Record> = match papers.single.get(document) {
        Some(extract) => vec![&extract.fields],
        None => subject.set(document).iter().collect(),
    };
    let (rows, key) = match path.split_once('.') {
        Some((group, key)) => (records.into_iter().flat_map(|record| record.group(group)).collect(), key),
        None => (records, path),
    };
    let certain = |field: &&'a Field| !field.needs_review();
    rows.into_iter().filter_map(|row| row.fields.get(key).filter(certain)).map(|field| Seen { document, key, field }).collect()
}

fn agree(doubted: &Value, other: &Value, how: How) -> bool {
    let (left, right) = (doubted.to_string(), other.to_string());
    match how {
        How::Name => likeness::company(&left) == likeness::company(&right),
        How::Address => likeness::address(&left) == likeness::address(&right),
        How::Number => doubted.number().is_some() && doubted.number() == other.number(),
        How::Among => compare::among(doubted, other) || compare::among(other, doubted) || doubted == other,
        How::Text => plain(&left) == plain(&right),
    }
}

/// Codes and telephone numbers are written with dashes and without.
fn plain(written: &str) -> String {
    text::compare_key(written).replace('-', "").to_lowercase()
}

/// Whether the desk's own knowledge agrees; `None` where it has none.
fn knows(subject: &Subject<'_>, seen: &Seen<'_>, known: Known) -> Option<bool> {
    let desk = subject.scene.context.desk;
    let value = seen.value().to_string();
    match known {
        Known::CheckDigit => {
            // A digit that the reader mended to make the sum right proves nothing.
            let repaired = text::digits(&seen.field.raw) != value;
            Some(!repaired && text::is_corporate_number(&value))
        }
        Known::NamesOnFile => {
            let number = subject.see("corporate_number").filter(|number| !number.field.needs_review())?;
            let names = desk.names_on_file.get(&number.value().to_string())?;
            Some(names.iter().any(|name| likeness::company(name) == likeness::company(&value)))
        }
        Known::Prefecture => {
            let address = subject.see("address").filter(|address| !address.field.needs_review())?;
            let beginnings = desk.postal_codes.get(desk.prefecture(&address.value().to_string())?)?;
            let fits = subject.scene.context.specs.field(seen.document, seen.key).is_none_or(|spec| spec.kind == FieldType::Code);
            let digits = text::digits(&value);
            Some(fits && digits.len() == 7 && beginnings.iter().any(|head| digits.starts_with(head.as_str())))
        }
    }
}
