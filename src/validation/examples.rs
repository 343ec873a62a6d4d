//! Examples of rules: papers made from a few values, and whether the rule speaks of them.
//!
//! `uketsuke check` and the tests run them. A rule whose example does not hold is refused at the door.

use crate::domain::Files;
use crate::domain::document::DocumentKind;
use crate::domain::doubt::{Doubt, Doubts};
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::fields::Rows;
use crate::domain::finding::Remark;
use crate::domain::id::{DocId, Permille};
use crate::domain::place::Place;
use crate::fault::Fault;
use crate::tables;
use crate::validation::papers::Papers;
use crate::validation::rule::{Example, Finds, Origin, Rule, Rules};
use crate::validation::scene::{Resources, Scene};
use crate::validation::{Context, Specs};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Documents that are one record of their own, not a data set of a workbook.
const SINGLE: &[&str] = &["application_form", "contract", "contract_application", "mms_export", "operation_record", "inbound_mail"];

/// The day of receipt of examples that name none.
const RECEIVED: jiff::civil::Date = jiff::civil::date(2026, 4, 8);

/// Words of a check that name fields; the rest of its parameters are numbers and codes.
const NAMING: &[&str] = &[
    "field",
    "fields",
    "other",
    "minus",
    "total",
    "from",
    "to",
    "file",
    "by",
    "period",
    "areas",
    "submitting",
    "address",
    "area",
    "number",
    "name",
    "bank",
    "branch",
    "column",
    "types",
    "at_most",
    "says",
    "remarks",
    "group",
];

/// What a rule begins with in its file.
const HEAD: &str = "[[rule]]";

impl Rules {
    /// Everything wrong with the rules themselves: unknown names and codes, examples that do not hold,
    /// blanks of a sentence (by code) that a remark would leave open.
    pub fn check(&self, specs: &Specs<'_>, flows: &[&str], sentences: &BTreeMap<String, String>, files: &Files) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.desk.is_none() {
            faults.push(Fault::lasting(
                "mms-usage/rules/",
                "no [desk] for the examples",
                "restore examples.toml from the shipped templates",
            ));
        }
        for (n, rule) in self.rules.iter().enumerate() {
            let before = self.rules.iter().take(n).filter(|other| other.file == rule.file).count();
            let place = || files.get(&rule.file).map_or_else(|| rule.file.clone(), |bytes| tables::place(&rule.file, bytes, HEAD, before));
            let mut fault = |what: String, hint: &str| faults.push(Fault::lasting(place(), format!("{}: {what}", rule.code), hint));
            if !sentences.contains_key(&rule.code) {
                fault("is no code of defects.toml".to_owned(), "add the defect, or mend the code");
            }
            for name in rule.unknown_names(specs) {
                fault(format!("{name} is no field that the catalogue knows"), "mend the name; forms/*.toml list the fields");
            }
            let named = rule.flows.iter().chain(rule.example.iter().filter_map(|example| example.flow.as_ref()));
            for flow in named.filter(|flow| !flows.contains(&flow.as_str())) {
                fault(format!("{flow} is no flow"), &format!("use some of {}", flows.join(", ")));
            }
            rule.lack_of_examples().into_iter().for_each(|what| fault(what, "give one example that finds and one that does not"));
            let Some(desk) = &self.desk else { continue };
            for (number, example) in rule.example.iter().enumerate() {
                let number = number + 1;
                let received_on = example.received_on.unwrap_or(RECEIVED);
                let context = Context { specs: *specs, desk, received_on, flow: example.flow.as_deref() };
                let Some(remarks) = rule.try_out(example, &context) else {
                    fault(format!("example {number} names a field that the catalogue does not know"), "mend the name");
                    continue;
                };
                let holds = match example.finds {
                    Finds::Whether(finds) => finds != remarks.is_empty(),
                    Finds::Count(count) => count == remarks.len(),
                    Finds::Unsaid => false,
                };
                if !holds {
                    fault(format!("example {number} finds {} times: {remarks:?}", remarks.len()), "mend the check, or the example");
                }
                for open in remarks.iter().filter(|remark| remark.code.0 == rule.code).flat_map(|remark| open_blanks(remark, sentences)) {
                    fault(
                        format!("example {number} leaves the blank {{{open}}} of the sentence open"),
                        "use a check that fills it, or another sentence",
                    );
                }
            }
        }
        faults
    }
}

/// Blanks that neither the words nor the label of the field fill.
fn open_blanks(remark: &Remark, sentences: &BTreeMap<String, String>) -> Vec<String> {
    let Some(sentence) = sentences.get(&remark.code.0) else { return Vec::new() };
    let names = sentence.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    names
        .filter(|name| remark.words.get(*name).is_none_or(|word| word.trim().is_empty() || word.contains('{')))
        .map(ToOwned::to_owned)
        .collect()
}

impl Rule {
    fn lack_of_examples(&self) -> Option<String> {
        let finds = |wanted: bool| {
            self.example.iter().any(|example| match example.finds {
                Finds::Whether(finds) => finds == wanted,
                Finds::Count(count) => (count > 0) == wanted,
                Finds::Unsaid => false,
            })
        };
        match (finds(true), finds(false)) {
            (false, _) => Some("has no example that finds".to_owned()),
            (_, false) => Some("has no example that does not find".to_owned()),
            _ => None,
        }
    }

    /// What the rule says of an example; `None` where the example itself is no paper.
    pub fn try_out(&self, example: &Example, context: &Context<'_>) -> Option<Vec<Remark>> {
        let table = Table::of(self, example, &context.specs)?;
        let papers = table.papers(example);
        let resources = Resources::default();
        let scene = Scene { papers: &papers, context, resources: &resources };
        let remarks: BTreeSet<Remark> = self.remarks(&scene).into_iter().collect();
        Some(remarks.into_iter().filter(|remark| remark.code.0 == self.code).collect())
    }

    /// Names of fields, groups and documents that no form has.
    fn unknown_names(&self, specs: &Specs<'_>) -> Vec<String> {
        let mut names = Vec::new();
        let document = self.document();
        let known_document = |id: &str| matches!(id, "case" | "equipment") || specs.document(id).is_some();
        if !known_document(document) || self.group().is_some_and(|group| !has_group(specs, document, group)) {
            names.push(self.on.clone());
        }
        let mut references = Vec::new();
        for json in [serde_json::to_value(&self.check), serde_json::to_value(&self.when)].into_iter().flatten() {
            collect(&json, None, &mut references);
        }
        references.extend(self.field.clone());
        for reference in references.iter().flat_map(|reference| reference.split(" | ")) {
            let (of, key) = reference.split_once('.').unwrap_or((document, reference.trim_start_matches('^')));
            // Rows of 別紙1 stand in the contract.
            let of = if of == "equipment" { "contract" } else { of };
            // What stands in rows may be named by its group, `user_info.users`.
            let row = key.split_once('.').is_some_and(|(group, key)| has_group(specs, of, group) && specs.field(of, key).is_some());
            let known = of == "case" || row || specs.field(of, key).is_some() || has_group(specs, of, key);
            // Some checks look at several sets of rows, whose names differ.
            if !known && !specs.documents.iter().any(|spec| document == "case" && spec.field(key).is_some()) {
                names.push(reference.to_owned());
            }
        }
        names
    }
}

fn has_group(specs: &Specs<'_>, document: &str, group: &str) -> bool {
    specs.document(document).is_some_and(|spec| spec.fields.iter().any(|field| field.group.as_deref() == Some(group)))
}

/// The strings that stand under a naming word.
fn collect(json: &Json, under: Option<&str>, names: &mut Vec<String>) {
    match json {
        Json::Object(object) => object.iter().for_each(|(key, value)| collect(value, Some(key), names)),
        Json::Array(list) => list.iter().for_each(|value| collect(value, under, names)),
        Json::String(text) if under.is_some_and(|word| NAMING.contains(&word)) => names.push(text.clone()),
        _ => {}
    }
}

/// The papers of an example, owned.
struct Table {
    extracts: Vec<Extract>,
}

impl Table {
    fn of(rule: &Rule, example: &Example, specs: &Specs<'_>) -> Option<Self> {
        let mut extracts = Vec::new();
        let mut book = BTreeMap::new();
        let mut registered = BTreeMap::new();
        for (id, json) in &example.registered {
            registered.insert(DocumentKind::new(id), records(id, json, specs)?.into());
        }
        for (id, json) in &example.with {
            lay(id, records(id, json, specs)?, &mut extracts, &mut book);
        }
        if rule.document() != "case" {
            let mut given = rule.given(example, specs)?;
            for field in given.iter_mut().flat_map(|record| doubted(record, &example.doubtful)) {
                field.doubts = Doubt::Faint.into();
                field.confidence = Permille(400);
            }
            let target = if rule.from == Some(Origin::Registered) { &mut registered } else { &mut book };
            lay(rule.document(), given, &mut extracts, target);
        }
        extracts.push(extract("registration_workbook", Record::default(), book));
        if !registered.is_empty() {
            // The header of the export may be the paper that the rule is on.
            match extracts.iter_mut().find(|extract| extract.document.as_str() == "mms_export") {
                Some(export) => export.sets = registered,
                None => extracts.push(extract("mms_export", Record::default(), registered)),
            }
        }
        Some(Table { extracts })
    }

    fn papers<'a>(&'a self, example: &'a Example) -> Papers<'a> {
        let mut papers = Papers { case: true, files: example.files.iter().map(String::as_str).collect(), ..Papers::default() };
        self.extracts
            .iter()
            .filter(|extract| extract.document.as_str() != "registration_workbook" || !extract.sets.is_empty())
            .for_each(|extract| papers.add(extract));
        papers
    }
}

fn lay(id: &str, records: Vec<Record>, extracts: &mut Vec<Extract>, book: &mut BTreeMap<DocumentKind, Rows>) {
    if SINGLE.contains(&id) {
        extracts.extend(records.into_iter().map(|record| extract(id, record, BTreeMap::new())));
    } else {
        book.insert(DocumentKind::new(id), records.into());
    }
}

fn extract(id: &str, fields: Record, sets: BTreeMap<DocumentKind, Rows>) -> Extract {
    Extract {
        doc: DocId::of(id.as_bytes()),
        document: DocumentKind::new(id),
        pages: 0,
        turned: Default::default(),
        fields,
        sets,
        remarks: Vec::new(),
    }
}

fn doubted<'a>(record: &'a mut Record, keys: &[String]) -> Vec<&'a mut Field> {
    let rows = record.groups.values_mut().flatten().flat_map(|row| row.fields.iter_mut());
    record.fields.iter_mut().chain(rows).filter(|(key, _)| keys.iter().any(|known| known == key.as_str())).map(|(_, field)| field).collect()
}

impl Rule {
    fn given(&self, example: &Example, specs: &Specs<'_>) -> Option<Vec<Record>> {
        let document = self.document();
        let Some(group) = self.group() else { return records(document, &example.given, specs) };
        let mut parent = record(document, &Json::Object(example.parent.clone()), specs)?;
        parent.groups.insert(group.to_owned(), records(document, &example.given, specs)?.into());
        Some(vec![parent])
    }
}

fn records(document: &str, json: &Json, specs: &Specs<'_>) -> Option<Vec<Record>> {
    match json {
        Json::Array(list) => list.iter().map(|one| record(document, one, specs)).collect(),
        Json::Null => Some(Vec::new()),
        one => Some(vec![record(document, one, specs)?]),
    }
}

/// A record from JSON: plain values, and arrays of objects for its groups; `None` for a field that the document does not have.
pub fn record(document: &str, json: &Json, specs: &Specs<'_>) -> Option<Record> {
    let doc = DocId::of(document.as_bytes());
    let mut made = Record::default();
    for (key, value) in json.as_object()? {
        if has_group(specs, document, key) {
            made.groups.insert(key.clone(), records(document, value, specs)?.into());
            continue;
        }
        specs.field(document, key)?;
        let Some(known) = specs.value(document, key, value) else { continue };
        let raw = value.as_str().map_or_else(|| known.to_string(), ToOwned::to_owned);
        let place = Place::Node { doc, path: key.clone() };
        made.fields.insert(key.clone(), Field { value: known, raw, place, confidence: Permille::SURE, doubts: Doubts::NONE });
    }
    Some(made)
}
