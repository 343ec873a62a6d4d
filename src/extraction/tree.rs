//! An export of MMS: the tree of a 情報区分 as header fields and data sets.
//!
//! Owns the tags, as the catalogue gives them. What it does not know is kept under its tag and said, never dropped.

use super::Forms;
use super::typed;
use crate::domain::document::{DocumentKind, DocumentSpec, FieldSpec};
use crate::domain::doubt::Doubt;
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::fields::Rows;
use crate::domain::finding::Remark;
use crate::domain::id::{DocId, Permille};
use crate::domain::place::Place;
use crate::domain::reading::Node;
use crate::domain::value::Value;
use std::collections::{BTreeMap, HashMap};

/// Tags out of place that are named one by one; a foreign tree would name thousands.
const NAMED: usize = 20;

/// The extract of an export; `None` for any other tree.
pub fn extract(doc: DocId, root: &Node, forms: &Forms<'_>) -> Option<Extract> {
    let header = forms.documents.iter().find(|spec| spec.layout == "tree")?;
    if root.tag != "SBD-MSG" {
        return None;
    }
    let mut clerk = Clerk { doc, forms, remarks: Vec::new() };
    let mut extract = Extract {
        doc,
        document: header.id.clone(),
        pages: 0,
        turned: Default::default(),
        fields: Record::default(),
        sets: BTreeMap::new(),
        remarks: Vec::new(),
    };
    let path = root.tag.clone();
    let groups = numbered(root, &path).filter(|(node, _)| node.tag == "JPMGRP");
    let terms: Vec<(&Node, String)> =
        groups.flat_map(|(group, path)| numbered(group, &path).filter(|(node, _)| node.tag == "JPTRM").collect::<Vec<_>>()).collect();
    match terms.as_slice() {
        [(term, path)] => clerk.term(term, path, header, &mut extract),
        // Each message is of one operator: what several say would be taken for what one says.
        [_, (_, path), ..] => clerk.invalid(path),
        [] => {}
    }
    if let (Some(field), Some(spec)) = (extract.fields.fields.get("info_kind"), header.field("info_kind")) {
        let code = field.value.to_string();
        if spec.codes.iter().all(|entry| entry.code != code) {
            clerk.remarks.push(Remark::new("X-002").field("info_kind").word("value", code).at(field.place.clone()));
        }
    }
    if extract.fields.fields.is_empty() && extract.sets.is_empty() && clerk.remarks.is_empty() {
        clerk.invalid(&path);
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
        let tags = Tags::of(header);
        for (node, path) in numbered(term, path) {
            let set = self.forms.documents.iter().find(|spec| spec.xml_group.as_ref() == Some(&node.tag));
            match set {
                Some(spec) => {
                    let records: Vec<Record> = self.records(node, &path, (spec, &Tags::of(spec)), spec.xml_record.as_deref(), None);
                    extract.sets.entry(DocumentKind::clone(&spec.id)).or_default().extend(records);
                }
                None => self.item(node, path, tags.field(&node.tag, None), &mut extract.fields),
            }
        }
    }

    fn records(
        &mut self,
        group: &Node,
        path: &str,
        (spec, tags): (&DocumentSpec, &Tags<'_>),
        tag: Option<&str>,
        inside: Option<&str>,
    ) -> Vec<Record> {
        let mut records = Vec::new();
        for (node, path) in numbered(group, path) {
            if tag.is_some_and(|tag| tag != node.tag) {
                self.unknown(node, &path);
                continue;
            }
            let mut record = Record::default();
            if inside.is_none() {
                record.groups.extend(spec.xml_subgroups.keys().map(|name| (name.clone(), Rows::default())));
            }
            for (item, path) in numbered(node, &path) {
                let subgroup = spec.xml_subgroups.iter().find(|(_, tag)| inside.is_none() && **tag == item.tag);
                match subgroup {
                    Some((name, tag)) => {
                        let member = tag.replacen("JPM", "JPMR", 1);
                        let rows = self.records(item, &path, (spec, tags), Some(&member), Some(name));
                        record.groups.entry(name.clone()).or_default().extend(rows);
                    }
                    None => self.item(item, path, tags.field(&item.tag, inside), &mut record),
                }
            }
            records.push(record);
        }
        records
    }

    /// One item; an unknown one is kept under its tag.
    fn item(&mut self, node: &Node, path: String, known: Option<&FieldSpec>, record: &mut Record) {
        if known.is_none() {
            self.unknown(node, &path);
        }
        if node.text.is_empty() {
            return;
        }
        let place = Place::Node { doc: self.doc, path: path.clone() };
        let (key, value, doubts) = match known {
            Some(field) => {
                let Some(value) = self.value(field, &node.text) else { return };
                let doubts = Doubt::Malformed.when(!typed::fits(field, &value));
                (field.key.clone(), value, doubts)
            }
            None => (node.tag.clone(), Value::Text(node.text.clone()), Doubt::Misplaced.into()),
        };
        // An item that stands twice in a record says nothing that can be relied on.
        if known.is_some()
            && let Some(first) = record.fields.get_mut(&key)
        {
            first.doubts |= Doubt::Contradicted;
            if self.remarks.len() < NAMED {
                self.invalid(&path);
            }
            return;
        }
        record.fields.insert(key, Field { value, raw: node.text.clone(), place, confidence: Permille::SURE, doubts });
    }

    fn invalid(&mut self, path: &str) {
        self.remarks.push(Remark::new("X-001").at(Place::Node { doc: self.doc, path: path.to_owned() }));
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

/// The fields of a data set by their tags, and by the group that they belong to.
struct Tags<'a>(HashMap<(&'a str, Option<&'a str>), &'a FieldSpec>);

impl<'a> Tags<'a> {
    fn of(spec: &'a DocumentSpec) -> Self {
        let by_tag = |field: &'a FieldSpec| Some(((field.xml_tag.as_deref()?, field.group.as_deref()), field));
        // Of two with one tag the first counts.
        Tags(spec.fields.iter().rev().filter_map(by_tag).collect())
    }

    fn field(&self, tag: &str, inside: Option<&str>) -> Option<&'a FieldSpec> {
        self.0.get(&(tag, inside)).copied()
    }
}

/// The children with their paths; positions count elements of one tag.
fn numbered<'n>(node: &'n Node, path: &str) -> impl Iterator<Item = (&'n Node, String)> {
    let mut seen: HashMap<&'n str, usize> = HashMap::new();
    let path = path.to_owned();
    node.children.iter().map(move |child| {
        let n = seen.entry(child.tag.as_str()).or_default();
        *n += 1;
        let number = if *n == 1 { "1" } else { &n.to_string() };
        (child, [&path, "/", &child.tag, "[", number, "]"].concat())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extraction::typed::Lists;

    const FORMS: &[&str] = &[
        include_str!("../../templates/mms-usage/forms/mms-export.toml"),
        include_str!("../../templates/mms-usage/forms/unit-price.toml"),
        include_str!("../../templates/mms-usage/forms/screening.toml"),
    ];

    /// `tag:text` for an item, `tag[…]` for an element with children.
    fn node(source: &mut &str) -> Node {
        let end = source.find([':', '[']).unwrap();
        let (tag, rest) = source.split_at(end);
        let mut node = Node { tag: tag.trim().to_owned(), ..Node::default() };
        *source = &rest[1..];
        if rest.starts_with(':') {
            let end = source.find([' ', ']']).unwrap_or(source.len());
            node.text = source[..end].to_owned();
            *source = &source[end..];
            return node;
        }
        while !source.trim_start().starts_with(']') {
            node.children.push(self::node(source));
        }
        *source = &source.trim_start()[1..];
        node
    }

    fn read(mut source: &str) -> Option<Extract> {
        let documents: Vec<DocumentSpec> = FORMS.iter().map(|form| toml::from_str(form).unwrap()).collect();
        let lists = Lists::new();
        extract(DocId::of(b"xml"), &node(&mut source), &Forms { documents: &documents, lists: &lists })
    }

    #[test]
    fn header_and_nested_records_are_typed() {
        let source = "SBD-MSG[JPMGRP[JPTRM[JP00002:M105 JP96001:K1A7 JP96002:20260420101504 JP96004:2 \
            JPM00030[JPMR00030[JP96301:R0001 JP96302:202605010000 JP96303:202605312400 \
            JPM00031[JPMR00031[JP96305:1 JP96307:9.5] JPMR00031[JP96305:2]]]]]]]";
        let extract = read(source).unwrap();
        assert_eq!(extract.fields.text("exported_at").as_deref(), Some("2026-04-20T10:15"));
        assert_eq!(extract.fields.text("registration_revision").as_deref(), Some("2"));
        let prices = &extract.sets[&DocumentKind::new("unit_price")];
        assert_eq!(prices[0].text("valid_to").as_deref(), Some("2026-05-31T24:00"));
        assert_eq!(prices[0].group("bands").len(), 2);
        let first = &prices[0].group("bands")[0].fields["v1_price"];
        assert_eq!(first.value.to_string(), "9.50");
        let path = "SBD-MSG/JPMGRP[1]/JPTRM[1]/JPM00030[1]/JPMR00030[1]/JPM00031[1]/JPMR00031[1]/JP96307[1]";
        assert_eq!(first.place, Place::Node { doc: DocId::of(b"xml"), path: path.to_owned() });
        assert!(prices[0].groups.contains_key("startup_costs") && extract.remarks.is_empty());
    }

    #[test]
    fn unknown_tags_and_kinds_are_kept_and_said() {
        let extract = read("SBD-MSG[JPMGRP[JPTRM[JP00002:M999 JP99999:x JPM00030[JPMR00030[JP96301:R0001 JP98888:y]]]]]").unwrap();
        let said: Vec<_> = extract.remarks.iter().map(|remark| (remark.code.0.as_str(), remark.words["value"].as_str())).collect();
        assert_eq!(said, [("X-002", "JP99999"), ("X-002", "JP98888"), ("X-002", "M999")]);
        assert_eq!(extract.fields.text("JP99999").as_deref(), Some("x"));
        assert_eq!(extract.sets[&DocumentKind::new("unit_price")][0].text("JP98888").as_deref(), Some("y"));
    }

    #[test]
    fn messages_of_two_operators_in_one_file_are_mixed_by_nobody() {
        let said = |extract: &Extract| extract.remarks.iter().map(|remark| remark.code.0.clone()).collect::<Vec<_>>();
        for source in
            ["SBD-MSG[JPMGRP[JPTRM[JP96001:K1A7] JPTRM[JP96001:S541]]]", "SBD-MSG[JPMGRP[JPTRM[JP96001:K1A7]] JPMGRP[JPTRM[JP96001:S541]]]"]
        {
            let extract = read(source).unwrap();
            assert!(extract.fields.fields.is_empty() && extract.sets.is_empty(), "{source}");
            assert_eq!(said(&extract), ["X-001"]);
        }
    }

    #[test]
    fn an_item_that_stands_twice_is_doubted() {
        let extract = read("SBD-MSG[JPMGRP[JPTRM[JP96004:2 JP96004:3]]]").unwrap();
        let field = &extract.fields.fields["registration_revision"];
        assert!(field.needs_review() && field.value.to_string() == "2");
        let path = "SBD-MSG/JPMGRP[1]/JPTRM[1]/JP96004[2]".to_owned();
        assert_eq!(extract.remarks[0].place, Some(Place::Node { doc: DocId::of(b"xml"), path }));
        assert_eq!(extract.remarks[0].code.0, "X-001");
    }

    #[test]
    fn values_that_do_not_fit_are_doubted_and_other_trees_are_none() {
        let extract = read("SBD-MSG[JPMGRP[JPTRM[JP96004:two JP96005:1]]]").unwrap();
        assert!(
            extract.fields.fields["registration_revision"].needs_review() && !extract.fields.fields["registration_status"].needs_review()
        );
        assert_eq!(read("html[body[p:text]]"), None);
        assert_eq!(read("SBD-MSG[other:x]").unwrap().remarks[0].code.0, "X-001");
    }
}
