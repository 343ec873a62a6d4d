//! How well papers were read, as staff corrected it.

use crate::domain::case::{Body, Event};
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::id::DocId;
use crate::report::Month;
use std::collections::{BTreeMap, BTreeSet};

/// Documents of one kind that came in the month. What nobody corrected counts as right, so this is an upper bound.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reading {
    /// Id of the document.
    pub document: String,
    pub documents: u32,
    /// Values that were read.
    pub values: u32,
    /// Of these, values that a person was asked to look at.
    pub doubted: u32,
    /// Values that a person changed, put in or took out, until today.
    pub corrected: u32,
    /// Of these, values that nobody had been warned of.
    pub unwarned: u32,
}

impl Reading {
    /// Values that stand as they were read, in thousandths; `None` where nothing was read.
    pub fn right(&self) -> Option<u32> {
        let right = self.values.saturating_sub(self.corrected);
        (self.values > 0).then(|| (u64::from(right) * 1000 / u64::from(self.values)) as u32)
    }
}

pub(super) fn reading<'a>(month: Month, cases: impl Iterator<Item = &'a [&'a Event]>) -> Vec<Reading> {
    let mut kinds: BTreeMap<String, Reading> = BTreeMap::new();
    let mut seen: BTreeSet<DocId> = BTreeSet::new();
    for events in cases {
        let mut papers: BTreeMap<DocId, (&Extract, BTreeSet<String>)> = BTreeMap::new();
        for event in events {
            match &event.body {
                // A form for two contracts stands in two cases; it was read once.
                Body::Received(received) if month.holds(event.at.date()) && seen.insert(received.doc) => {
                    papers.insert(received.doc, (&received.extract, BTreeSet::new()));
                    let kind = received.extract.document.to_string();
                    let count = kinds.entry(kind.clone()).or_insert_with(|| Reading { document: kind, ..Reading::default() });
                    count.documents += 1;
                    for field in values(&received.extract) {
                        count.values += 1;
                        count.doubted += u32::from(field.needs_review());
                    }
                }
                Body::Corrected { corrections, .. } => {
                    for correction in corrections {
                        let target = &correction.target;
                        let Some((extract, known)) = papers.get_mut(&target.doc) else { continue };
                        // Corrected twice, it was read wrongly once.
                        if !known.insert(format!("{:?} {} {:?} {}", target.set, target.record, target.row, target.key)) {
                            continue;
                        }
                        let read = read_at(extract, target);
                        let new = correction.field.as_ref().map(|field| &field.value);
                        // Confirmed as it was read.
                        if read.map(|field| &field.value) == new {
                            continue;
                        }
                        if let Some(count) = kinds.get_mut(extract.document.as_str()) {
                            count.corrected += 1;
                            count.unwarned += u32::from(read.is_none_or(|field| !field.needs_review()));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    kinds.into_values().filter(|count| count.values > 0).collect()
}

fn read_at<'e>(extract: &'e Extract, target: &crate::domain::case::Target) -> Option<&'e Field> {
    let record = match &target.set {
        Some(set) => extract.sets.get(set)?.get(target.record)?,
        None => &extract.fields,
    };
    let record = match &target.row {
        Some((group, row)) => record.groups.get(group)?.get(*row)?,
        None => record,
    };
    record.fields.get(&target.key)
}

fn values(extract: &Extract) -> Vec<&Field> {
    fn of<'e>(record: &'e Record, all: &mut Vec<&'e Field>) {
        all.extend(record.fields.values());
        record.groups.values().flatten().for_each(|row| of(row, all));
    }
    let mut all = Vec::new();
    of(&extract.fields, &mut all);
    extract.sets.values().flatten().for_each(|record| of(record, &mut all));
    all
}
