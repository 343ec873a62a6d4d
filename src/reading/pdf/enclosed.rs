//! Files that a PDF encloses: what was attached to it, or pinned to its pages, and the members of a portfolio.
//!
//! Owns finding and unpacking them. Never reads one: each is an arrival of its own.

use crate::domain::finding::Remark;
use crate::domain::reading::Part;
use crate::reading::pdf::annotations::MOST_ANNOTATIONS;
use crate::reading::pdf::file::{File, Leaf, Trouble, as_dictionary};
use crate::reading::{charset, executable, names};
use lopdf::{Dictionary, Object, ObjectId};
use std::collections::HashSet;

/// What was found, and what is to be said of those that cannot be had.
#[derive(Default)]
pub struct Enclosed {
    pub parts: Vec<Part>,
    pub remarks: Vec<Remark>,
}

/// The files that a document encloses, in the order of their names, then those pinned to pages.
pub fn find(file: &File, leaves: &[Leaf]) -> Enclosed {
    let mut search = Search { file, nodes: HashSet::new(), streams: HashSet::new(), found: Enclosed::default() };
    let names = file.catalog().and_then(|catalog| file.dictionary(catalog, b"Names"));
    if let Some(tree) = names.and_then(|names| names.get(b"EmbeddedFiles").ok()) {
        search.walk(tree, 0);
    }
    for leaf in leaves {
        for object in file.array(&leaf.dictionary, b"Annots").iter().take(MOST_ANNOTATIONS) {
            let pinned =
                as_dictionary(file.resolve(object)).filter(|dictionary| file.name(dictionary, b"Subtype") == Some(b"FileAttachment"));
            if let Some(specification) = pinned.and_then(|annotation| file.dictionary(annotation, b"FS")) {
                search.take(specification);
            }
        }
    }
    search.found
}

struct Search<'a> {
    file: &'a File,
    /// Nodes of the tree that were seen: one may name itself.
    nodes: HashSet<ObjectId>,
    /// Streams that were taken: one may be attached and pinned, too.
    streams: HashSet<ObjectId>,
    found: Enclosed,
}

impl Search<'_> {
    fn walk(&mut self, node: &Object, depth: usize) {
        let is_new = node.as_reference().map_or(true, |id| self.nodes.insert(id));
        if depth > self.file.limits().depth || !is_new {
            return;
        }
        let Some(node) = as_dictionary(self.file.resolve(node)) else { return };
        for pair in self.file.array(node, b"Names").chunks_exact(2) {
            if let Some(specification) = as_dictionary(self.file.resolve(&pair[1])) {
                self.take(specification);
            }
        }
        self.file.array(node, b"Kids").iter().for_each(|kid| self.walk(kid, depth + 1));
    }

    fn take(&mut self, specification: &Dictionary) {
        let Some(streams) = self.file.dictionary(specification, b"EF") else { return };
        let Some(object) = [&b"UF"[..], b"F", b"Unix", b"DOS", b"Mac"].into_iter().find_map(|key| streams.get(key).ok()) else { return };
        if object.as_reference().is_ok_and(|id| !self.streams.insert(id)) {
            return;
        }
        let name = self.name(specification);
        if self.found.parts.len() + self.found.remarks.len() >= self.file.limits().parts {
            return self.say("M-007", &name);
        }
        let unpacked = self.file.resolve(object).as_stream().map_err(|_| Trouble::Damaged).and_then(|stream| self.file.unpack(stream));
        match unpacked {
            Ok(bytes) => {
                if executable::is_only_named_so(&name, &bytes) {
                    self.say("M-005", &name);
                }
                self.found.parts.push(Part { name, bytes });
            }
            Err(Trouble::TooMuch) => self.say("M-007", &name),
            Err(_) => self.say("M-001", &name),
        }
    }

    fn name(&self, specification: &Dictionary) -> String {
        let named = [&b"UF"[..], b"F"].into_iter().filter_map(|key| self.file.get(specification, key).as_str().ok());
        let named = named.map(charset::sniff).find(|name| !name.trim().is_empty());
        names::clean(&named.unwrap_or_default(), &format!("添付{}", self.found.parts.len() + 1))
    }

    /// That all together are too large is said once, for it names no file.
    fn say(&mut self, code: &str, name: &str) {
        if code != "M-007" || self.found.remarks.iter().all(|remark| remark.code.0 != code) {
            self.found.remarks.push(Remark::new(code).word("file", name));
        }
    }
}
