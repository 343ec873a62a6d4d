//! Which entry a person means: `FIELD`, `document.FIELD`, `document.2.FIELD`, `document.1.3.FIELD`.
//!
//! Owns the search for the entry among the papers in use. Never reads the new value.

use crate::casework::fold::{Case, Paper};
use crate::domain::case::Target;
use crate::domain::document::{DocumentSpec, FieldSpec};
use crate::domain::extract::{Field, Record};

/// Papers whose values a person may put right; what is registered in MMS is put right in MMS.
const CORRECTABLE: &[&str] = &[
    "application_form",
    "contract",
    "contract_application",
    "operator_profile",
    "user_info",
    "resource",
    "unit_price",
    "screening",
    "customer_pattern",
];

/// The entry and what the catalogue says about it, or why it cannot be told. Numbers count from 1: the record of the
/// document, then the row of the group that the field belongs to; where there is only one, its number may be left out.
pub fn locate<'a>(case: &Case, documents: &'a [DocumentSpec], reference: &str) -> Result<(Target, &'a FieldSpec), String> {
    let mut parts: Vec<&str> = reference.split('.').collect();
    let key = parts.pop().unwrap_or_default();
    let numbers = |parts: &[&str]| {
        parts.iter().map(|part| part.parse::<usize>().ok().filter(|n| *n > 0)).collect::<Option<Vec<_>>>().ok_or_else(|| {
            format!("{reference:?} is no entry; write FIELD, document.FIELD or document.NUMBER.FIELD, such as user_info.2.email")
        })
    };
    let (named, numbers) = match parts.first() {
        Some(first) if first.parse::<usize>().is_err() => (Some(*first), numbers(&parts[1..])?),
        _ => (None, numbers(&parts)?),
    };
    let spec = match named {
        Some(id) => documents.iter().find(|spec| spec.id.as_str() == id).ok_or_else(|| format!("there is no document {id:?}"))?,
        None => only_document(case, documents, key)?,
    };
    let id = spec.id.as_str();
    let field = spec.field(key).ok_or_else(|| format!("{id} has no field {key:?}"))?;
    if !CORRECTABLE.contains(&id) {
        return Err(format!("{id} cannot be corrected here"));
    }
    let (paper, records) = records(case, id).ok_or_else(|| format!("the case has no {id} that came on paper or as a workbook"))?;
    let target = point(paper, records, id, field, &numbers).map_err(|why| format!("{reference}: {why}"))?;
    Ok((target, field))
}

/// A value that a person may put right, and how [`locate`] is told that it is meant.
pub struct Entry<'a> {
    pub reference: String,
    /// The document or data set, by its id.
    pub document: &'static str,
    pub key: &'a str,
    pub paper: &'a Paper,
    pub field: &'a Field,
}

/// Every value that stands in the papers in use and may be put right, in the order of the documents.
pub fn entries(case: &Case) -> Vec<Entry<'_>> {
    let mut all = Vec::new();
    for document in CORRECTABLE {
        let Some((paper, records)) = records(case, document) else { continue };
        for (n, record) in (1..).zip(records) {
            let mut add = |between: String, key, field| {
                all.push(Entry { reference: format!("{document}{between}.{key}"), document, key, paper, field });
            };
            let own = if records.len() > 1 { format!(".{n}") } else { String::new() };
            record.fields.iter().for_each(|(key, field)| add(own.clone(), key.as_str(), field));
            for rows in record.groups.values() {
                for (m, row) in (1..).zip(rows) {
                    row.fields.iter().for_each(|(key, field)| add(format!(".{n}.{m}"), key.as_str(), field));
                }
            }
        }
    }
    all
}

/// The documents of a case whose values may be put right.
pub fn documents(case: &Case) -> impl Iterator<Item = &'static str> {
    CORRECTABLE.iter().copied().filter(|id| records(case, id).is_some())
}

/// Fields of a document of one record in which nothing was read, with their paper: what a reader missed is typed here.
pub fn blanks<'a>(case: &'a Case, spec: &'a DocumentSpec) -> Vec<(&'a Paper, &'a FieldSpec)> {
    match records(case, spec.id.as_str()) {
        Some((paper, [record])) => {
            let blank = spec.fields.iter().filter(|field| field.group.is_none() && !record.fields.contains_key(&field.key));
            blank.map(|field| (paper, field)).collect()
        }
        _ => Vec::new(),
    }
}

/// What stands in an entry now; `None` where it is blank.
pub fn standing<'a>(case: &'a Case, target: &Target) -> Option<&'a Field> {
    let extract = &case.papers.iter().find(|paper| paper.received.doc == target.doc)?.received.extract;
    let record = match &target.set {
        Some(set) => extract.sets.get(set)?.get(target.record)?,
        None => &extract.fields,
    };
    let record = match &target.row {
        Some((group, row)) => record.group(group).get(*row)?,
        None => record,
    };
    record.fields.get(&target.key)
}

/// The document that a bare field name means: the application form where it has such a field, or the only one that does.
fn only_document<'a>(case: &Case, documents: &'a [DocumentSpec], key: &str) -> Result<&'a DocumentSpec, String> {
    let has = |spec: &&DocumentSpec| {
        spec.field(key).is_some() && CORRECTABLE.contains(&spec.id.as_str()) && records(case, spec.id.as_str()).is_some()
    };
    let all: Vec<&DocumentSpec> = documents.iter().filter(has).collect();
    match all.as_slice() {
        [] => Err(format!("no paper of this case has a field {key:?}")),
        [one] => Ok(one),
        several => several.iter().find(|spec| spec.id.as_str() == "application_form").copied().ok_or_else(|| {
            let names: Vec<String> = several.iter().map(|spec| format!("{}.{key}", spec.id)).collect();
            format!("{key} stands in several papers; write {}", names.join(" or "))
        }),
    }
}

/// The paper in use for a document, and its records.
fn records<'a>(case: &'a Case, id: &str) -> Option<(&'a Paper, &'a [Record])> {
    match case.paper(id) {
        Some(paper) => Some((paper, std::slice::from_ref(&paper.received.extract.fields))),
        None => case.workbook_set(id),
    }
}

fn point(paper: &Paper, records: &[Record], id: &str, field: &FieldSpec, numbers: &[usize]) -> Result<Target, String> {
    let group = field.group.as_deref();
    let (record, row) = match (numbers, group) {
        ([], _) => (None, None),
        ([one], None) => (Some(*one), None),
        ([one], Some(_)) if records.len() == 1 => (None, Some(*one)),
        ([one], Some(_)) => (Some(*one), None),
        ([one, two], Some(_)) => (Some(*one), Some(*two)),
        _ => return Err("too many numbers".to_owned()),
    };
    let record = choose(record, records.len(), "record")?;
    let row = match group {
        Some(group) => Some((group.to_owned(), choose(row, records[record].group(group).len(), "row")?)),
        None => None,
    };
    let set = paper.received.extract.sets.keys().find(|set| set.as_str() == id).cloned();
    Ok(Target { doc: paper.received.doc, set, record, row, key: field.key.clone() })
}

/// A number from 1 as an index; without one, the only entry there is.
fn choose(number: Option<usize>, count: usize, what: &str) -> Result<usize, String> {
    match number {
        Some(n) if n <= count => Ok(n - 1),
        Some(n) => Err(format!("there is no {what} {n}, there are {count}")),
        None if count == 1 => Ok(0),
        None => Err(format!("say which {what}, from 1 to {count}")),
    }
}
