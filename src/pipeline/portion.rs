//! What of a workbook or an export is about one contract, where it is about two: one application may open two cases.
//!
//! Owns the parting. What says of no contract which one it is about stays with both.

use crate::domain::document::DocumentKind;
use crate::domain::extract::{Extract, Record};
use crate::domain::twins::resource_names;
use crate::validation;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The document as the case of this flow gets it.
pub fn of<'a>(extract: &'a Extract, flow: &str) -> Cow<'a, Extract> {
    let resource = DocumentKind::new("resource");
    let Some(resources) = extract.sets.get(&resource) else { return Cow::Borrowed(extract) };
    let (own, foreign): (Vec<&Record>, Vec<&Record>) = resources.iter().partition(|record| validation::belongs_to(record, flow));
    if own.is_empty() || foreign.is_empty() {
        return Cow::Borrowed(extract);
    }
    let named = |records: &[&Record]| records.iter().flat_map(|record| resource_names(record)).collect::<BTreeSet<String>>();
    let own_names = named(&own);
    let foreign: BTreeSet<String> = named(&foreign).difference(&own_names).cloned().collect();
    let is_own = |set: &DocumentKind, record: &Record| match *set == resource {
        true => validation::belongs_to(record, flow),
        // One that names both is a slip, which both cases show.
        false => {
            !resource_names(record).any(|name| foreign.contains(&name)) || resource_names(record).any(|name| own_names.contains(&name))
        }
    };
    let mut part = extract.clone();
    for (set, records) in &mut part.sets {
        let kept: Vec<Record> = records.iter().filter(|record| is_own(set, record)).cloned().collect();
        if kept.len() < records.len() {
            *records = kept.into();
        }
    }
    part.sets.retain(|set, records| !records.is_empty() || extract.sets.get(set).is_some_and(|all| all.is_empty()));
    Cow::Owned(part)
}
