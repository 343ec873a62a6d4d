//! An export of MMS: the tree of a 情報区分 as header fields and data sets.
//!
//! Owns the tags, as the catalogue gives them. What it does not know is kept under its tag and said, never dropped.

use super::Forms;
use super::typed;
use crate::domain::document::{DocumentKind, DocumentSpec, FieldSpec};
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::finding::Remark;
use crate::domain::id::{DocId, Permille};
use crate::domain::place::Place;
use crate::domain::reading::Node;
use crate::domain::value::Value;
use std::collections::BTreeMap;

/// Unknown tags that are named one by one; a foreign tree would name thousands.
const NAMED: usize = 20;

/// The extract of an export; `None` for any other tree.
pub fn extract(doc: DocId, root: &Node, forms: &Forms<'_>) -> Option<Extract> {
    let header = forms.documents.iter().find(|spec| spec.layout == "tree")?;
    if root.tag != "SBD-MSG" {
        return None;
    }
    let mut clerk = Clerk { doc, forms, remarks: Vec::new() };
    let mut extract =
        Extract { doc, document: header.id.clone(), pages: 0, fields: Record::default(), sets: BTreeMap::new(), remarks: Vec::new() };
    let path = root.tag.clone();
    for (group, path) in numbered(root, &path).filter(|(node, _)| node.tag == "JPMGRP") {
        for (term, path) in numbered(group, &path).filter(|(node, _)| node.tag == "JPTRM") {
            clerk.term(term, &path, header, &mut extract);
        }
    }
    if let (Some(field), Some(spec)) = (extract.fields.fields.get("info_kind"), header.field("info_kind")) {
        let code = field.value.to_string();
        if spec.codes.iter().all(|entry| entry.code != code) {
            clerk.remarks.push(Remark::new("X-002").field("info_kind").word("value", code).at(field.place.clone()));
        }
    }
    if extract.fields.fields.is_empty() && extract.sets.is_empty() {
        clerk.remarks.push(Remark::new("X-001").at(Place::Node { doc, path }));
    }
    extract.remarks = clerk.remarks;
    Some(extract)
}

struct Clerk<'a> {
    doc: DocId,
    forms: &'a Forms<'a>,
    remarks: Vec<Remark>,
}

impl Clerk<'_> {
    /// A message: header fields, and a group for each data set.
    fn term(&mut self, term: &Node, path: &str, header: &DocumentSpec, extract: &mut Extract) {
        for (node, path) in numbered(term, path) {
            let set = self.forms.documents.iter().find(|spec| spec.xml_group.as_ref() == Some(&node.tag));
            match set {
                Some(spec) => {
                    let records: Vec<Record> = self.records(node, &path, spec, spec.xml_record.as_deref(), None);
                    extract.sets.entry(DocumentKind::clone(&spec.id)).or_default().extend(records);
                }
                None => self.item(node, &path, header, None, &mut extract.fields),
            }
        }
    }

    fn records(&mut self, group: &Node, path: &str, spec: &DocumentSpec, tag: Option<&str>, inside: Option<&str>) -> Vec<Record> {
        let mut records = Vec::new();
        for (node, path) in numbered(group, path) {
            if tag.is_some_and(|tag| tag != node.tag) {
                self.unknown(node, &path);
                continue;
            }
            let mut record = Record::default();
            if inside.is_none() {
                record.groups.extend(spec.xml_subgroups.keys().map(|name| (name.clone(), Vec::new())));
            }
            for (item, path) in numbered(node, &path) {
                let subgroup = spec.xml_subgroups.iter().find(|(_, tag)| inside.is_none() && **tag == item.tag);
                match subgroup {
                    Some((name, tag)) => {
                        let member = tag.replacen("JPM", "JPMR", 1);
                        let rows = self.records(item, &path, spec, Some(&member), Some(name));
                        record.groups.entry(name.clone()).or_default().extend(rows);
                    }
                    None => self.item(item, &path, spec, inside, &mut record),
                }
            }
            records.push(record);
        }
        records
    }

    /// One item; an unknown one is kept under its tag.
    fn item(&mut self, node: &Node, path: &str, spec: &DocumentSpec, inside: Option<&str>, record: &mut Record) {
        let known = spec.fields.iter().find(|field| field.xml_tag.as_ref() == Some(&node.tag) && field.group.as_deref() == inside);
        if known.is_none() {
            self.unknown(node, path);
        }
        if node.text.is_empty() {
            return;
        }
        let place = Place::Node { doc: self.doc, path: path.to_owned() };
        let (key, value, needs_review) = match known {
            Some(field) => {
                let Some(value) = self.value(field, &node.text) else { return };
                let needs_review = !typed::fits(field, &value);
                (field.key.clone(), value, needs_review)
            }
            None => (node.tag.clone(), Value::Text(node.text.clone()), true),
        };
        record.fields.insert(key, Field { value, raw: node.text.clone(), place, confidence: Permille::SURE, needs_review });
    }

    fn value(&self, field: &FieldSpec, text: &str) -> Option<Value> {
        typed::value(field, self.forms.lists, text)
    }

    fn unknown(&mut self, node: &Node, path: &str) {
        if self.remarks.len() < NAMED {
            let place = Place::Node { doc: self.doc, path: path.to_owned() };
            self.remarks.push(Remark::new("X-002").word("value", node.tag.as_str()).at(place));
        }
    }
}

/// The children with their paths; positions count elements of one tag.
fn numbered<'n>(node: &'n Node, path: &str) -> impl Iterator<Item = (&'n Node, String)> {
    let mut seen: BTreeMap<&'n str, usize> = BTreeMap::new();
    let path = path.to_owned();
    node.children.iter().map(move |child| {
        let n = seen.entry(child.tag.as_str()).or_default();
        *n += 1;
        (child, format!("{path}/{}[{n}]", child.tag))
    })
}
