//! From extracts to remarks: which rules a document or a case breaks.
//!
//! Owns the closed set of checks and the rules as data. Never reads a clock, never writes a sentence,
//! never changes what was read.
//!
//! One door serves a document alone and a whole case: a rule whose papers are not on the table keeps silent.

mod check;
mod checks;
mod desk;
mod examples;
mod naming;
mod papers;
mod rule;
mod scene;
mod specs;
#[cfg(test)]
mod tests;

pub use desk::{Desk, Edition, Region};
pub use papers::{Papers, SetOf, belongs_to, flow_of, flows_of};
pub use rule::Rules;
pub use specs::{Lists, Specs};

use crate::domain::finding::Remark;
use jiff::civil::Date;
use scene::{Resources, Scene};
use std::collections::BTreeSet;

/// What a check knows besides the papers.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub specs: Specs<'a>,
    pub desk: &'a Desk,
    /// The day of receipt of papers that have no day of their own.
    pub received_on: Date,
    pub flow: Option<&'a str>,
}

/// Everything wrong with the papers, sorted, nothing twice.
pub fn check(rules: &Rules, papers: &Papers<'_>, context: &Context<'_>) -> Vec<Remark> {
    let resources = Resources::default();
    let scene = Scene { papers, context, resources: &resources };
    let mut remarks: BTreeSet<Remark> = rules.all().iter().flat_map(|rule| rule.remarks(&scene)).collect();
    // What a reader noted already is not said again.
    let noted: BTreeSet<(&str, &str)> = papers.remarks().map(|(document, remark)| (document, remark.code.0.as_str())).collect();
    let places: BTreeSet<_> = papers.remarks().map(|(_, remark)| (&remark.code, &remark.place)).collect();
    remarks.retain(|remark| {
        let same_paper = noted.contains(&(remark.document.as_deref().unwrap_or_default(), remark.code.0.as_str()));
        !(same_paper || remark.place.is_some() && places.contains(&(&remark.code, &remark.place)))
    });
    // A doubt about a field says nothing new beside a defect of the same field.
    let named = |document: &str, remark: &Remark| remark.field.clone().map(|field| (document.to_owned(), field));
    let own = |remark: &Remark| named(remark.document.as_deref().unwrap_or_default(), remark);
    let clear: BTreeSet<_> = remarks
        .iter()
        .filter(|remark| remark.code.0 != scene::DOUBT)
        .filter_map(own)
        .chain(papers.remarks().filter_map(|(document, remark)| named(document, remark)))
        .collect();
    remarks.retain(|remark| remark.code.0 != scene::DOUBT || own(remark).is_none_or(|field| !clear.contains(&field)));
    remarks.into_iter().collect()
}
