//! Workbooks that name none of each other's records, such as one for each resource: together they are what was handed in.
//!
//! Owns which workbooks stand beside the newest one. Never mixes records of two versions of one thing.

use crate::casework::fold::{Case, Paper};
use crate::domain::document::DocumentKind;
use crate::domain::extract::{Extract, Record};
use crate::domain::id::DocId;
use crate::domain::twins;
use std::collections::BTreeSet;

/// The set whose records others belong to, and how these name it.
const RESOURCE: &str = "resource";
const OF_RESOURCES: &[&str] = &["unit_price", "customer_pattern"];

/// All that was handed in of the sets that more than one workbook makes up, each set under the newest of them. What is registered of a
/// set is judged there.
pub fn joined(case: &Case) -> Vec<Extract> {
    let registered = |set: &str| case.export().is_some_and(|export| sets(export, set).is_some());
    let whole = |set: &str| {
        let books = beside(case, set);
        if set == RESOURCE || books.len() < 2 {
            return books;
        }
        // A price of a resource that nobody hands in any more is out of use.
        let resources = beside(case, RESOURCE);
        let named: BTreeSet<String> = resources.iter().flat_map(|(_, records)| *records).flat_map(twins::resource_names).collect();
        let belongs = |record: &Record| resources.is_empty() || twins::resource_names(record).all(|name| named.contains(&name));
        let (newest, earlier) = books.split_at(1);
        newest.iter().chain(earlier.iter().filter(|(_, records)| records.iter().all(belongs))).copied().collect()
    };
    let all = [RESOURCE].iter().chain(OF_RESOURCES).filter(|set| !registered(set)).map(|set| (*set, whole(set)));
    all.filter(|(_, books)| books.len() > 1).filter_map(|(set, books)| join(set, &books)).collect()
}

/// Papers of which records stand in such a whole, each with the set.
pub fn sources(joined: &[Extract]) -> BTreeSet<(DocId, &str)> {
    let sets = joined.iter().flat_map(|extract| &extract.sets);
    sets.flat_map(|(set, records)| records.iter().filter_map(source).map(move |doc| (doc, set.as_str()))).collect()
}

fn source(record: &Record) -> Option<DocId> {
    record.fields.values().find_map(|field| field.place.doc())
}

fn sets<'c>(paper: &'c Paper, set: &str) -> Option<&'c [Record]> {
    let extract = &paper.received.extract;
    extract.sets.iter().find(|(kind, records)| kind.as_str() == set && !records.is_empty()).map(|(_, records)| &**records)
}

/// The workbooks of a set that stand beside each other, the newest first.
fn beside<'c>(case: &'c Case, set: &str) -> Vec<(&'c Paper, &'c [Record])> {
    let ways = twins::ways(set);
    let books = case.newest().filter(|paper| paper.received.extract.document.as_str() == "registration_workbook");
    let mut later: Vec<(&Paper, &[Record])> = Vec::new();
    for (paper, records) in books.filter_map(|paper| Some((paper, sets(paper, set)?))) {
        if twins::name_others(later.iter().map(|(_, records)| *records), records, ways) {
            later.push((paper, records));
        }
    }
    later
}

fn join(set: &str, books: &[(&Paper, &[Record])]) -> Option<Extract> {
    let (newest, _) = books.first()?;
    let records: Vec<Record> = books.iter().rev().flat_map(|(_, records)| *records).cloned().collect();
    let own = &newest.received.extract;
    Some(Extract {
        fields: Record::default(),
        remarks: Vec::new(),
        sets: [(DocumentKind::new(set), records.into())].into(),
        turned: Default::default(),
        document: own.document.clone(),
        doc: own.doc,
        pages: own.pages,
    })
}
