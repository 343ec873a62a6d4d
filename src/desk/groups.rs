//! What of a batch must be written together: the cases of one application, a mail with all that lay in it.
//!
//! Owns the division of a batch into groups. Never writes anything.

use crate::desk::items::Item;
use crate::domain::case::CaseNo;
use crate::domain::id::DocId;
use std::collections::{BTreeMap, BTreeSet};

/// Documents and cases that no crash may part.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Group {
    pub cases: BTreeSet<CaseNo>,
    /// Places in the list of items, in its order.
    pub items: Vec<usize>,
}

/// Divides items and the cases that are open. `bonds` are documents with a further mail or archive that they lay in.
/// The order is that of the lowest case numbers; documents without any case come last, in their own order.
pub fn of<'a>(items: &[Item], bonds: &[(DocId, DocId)], open: impl Iterator<Item = &'a CaseNo>) -> Vec<Group> {
    let by_doc: BTreeMap<DocId, usize> = items.iter().enumerate().map(|(n, item)| (item.digest.doc, n)).collect();
    let mut ties = Ties((0..items.len()).collect());
    let parents = items.iter().filter_map(|item| Some((item.digest.doc, item.parent?)));
    for (doc, parent) in parents.chain(bonds.iter().copied()) {
        if let (Some(one), Some(other)) = (by_doc.get(&doc), by_doc.get(&parent)) {
            ties.tie(*one, *other);
        }
    }
    let mut homes: BTreeMap<&CaseNo, usize> = BTreeMap::new();
    for (n, item) in items.iter().enumerate() {
        for case in &item.cases {
            match homes.get(case) {
                Some(home) => ties.tie(n, *home),
                None => drop(homes.insert(case, n)),
            }
        }
    }
    let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
    for n in 0..items.len() {
        groups.entry(ties.root(n)).or_default().items.push(n);
    }
    for (case, n) in &homes {
        groups.entry(ties.root(*n)).or_default().cases.insert((*case).clone());
    }
    let alone = open.filter(|case| !homes.contains_key(case));
    let mut groups: Vec<Group> =
        groups.into_values().chain(alone.map(|case| Group { cases: [case.clone()].into(), items: Vec::new() })).collect();
    groups.sort_by_key(|group| (group.cases.is_empty(), group.cases.first().cloned(), group.items.first().copied()));
    groups
}

/// Which items are tied to which.
struct Ties(Vec<usize>);

impl Ties {
    fn root(&mut self, n: usize) -> usize {
        let mut root = n;
        while self.0[root] != root {
            // Halves the way for whoever asks next.
            self.0[root] = self.0[self.0[root]];
            root = self.0[root];
        }
        root
    }

    fn tie(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        // The lower one leads, so that the order of ties cannot be seen.
        self.0[one.max(other)] = one.min(other);
    }
}
