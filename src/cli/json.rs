//! The JSON that scripts rely on.

use crate::domain::document::DocumentKind;
use crate::domain::doubt::Doubts;
use crate::domain::extract::{Field, Record};
use crate::domain::fields::Rows;
use crate::domain::finding::Finding;
use crate::domain::place::Place;
use crate::domain::value::Value;
use crate::extraction::LOCKED;
use crate::pipeline::Digest;
use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Data sets that are one record, not a list.
const SINGLE: &[&str] = &["operator_profile", "user_info", "screening"];

/// A document and, after it, its parts.
pub fn documents(digest: &Digest) -> Vec<Told<'_>> {
    let mut all = vec![document(digest)];
    digest.parts.iter().for_each(|part| all.extend(documents(part)));
    all
}

/// JSON that is written as it is told: as a tree, a long list would take a gigabyte.
pub enum Told<'a> {
    Made(Json),
    Field(&'a Field),
    Record(&'a Record),
    Records(&'a [Record]),
    Object(BTreeMap<&'a str, Told<'a>>),
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Told::Made(json) => json.serialize(serializer),
            Told::Field(field) => Story::of(field).serialize(serializer),
            Told::Record(record) => {
                let groups = groups(record).into_iter().filter(|(name, _)| !record.fields.contains_key(name));
                let mut object: Vec<(&str, Told<'_>)> = fields(record).chain(groups).collect();
                object.sort_by_key(|(name, _)| *name);
                serializer.collect_map(object)
            }
            Told::Records(records) => serializer.collect_seq(records.iter().map(Told::Record)),
            Told::Object(object) => serializer.collect_map(object),
        }
    }
}

fn document(digest: &Digest) -> Told<'_> {
    let extract = &digest.extract;
    let mut object = BTreeMap::from([
        ("file", Told::Made(digest.name.clone().into())),
        ("sha256", Told::Made(digest.doc.to_string().into())),
        ("document", Told::Made(extract.document.as_str().into())),
        ("format", Told::Made(digest.format.clone().into())),
    ]);
    if extract.pages > 0 {
        object.insert("pages", Told::Made(extract.pages.into()));
    }
    if !extract.fields.fields.is_empty() || extract.sets.is_empty() {
        object.insert("fields", Told::Object(fields(&extract.fields).collect()));
    }
    if !extract.fields.groups.is_empty() {
        object.insert("tables", Told::Object(groups(&extract.fields)));
    }
    if !extract.sets.is_empty() {
        object.insert("data", Told::Object(extract.sets.iter().map(|(kind, rows)| (kind.as_str(), set(kind, rows))).collect()));
    }
    if extract.document.as_str() == "inbound_mail" {
        object.insert("attachments", Told::Made(attachments(&digest.parts).into()));
    }
    object.insert("findings", Told::Made(digest.findings.iter().map(finding).collect()));
    Told::Object(object)
}

fn set<'a>(kind: &DocumentKind, rows: &'a Rows) -> Told<'a> {
    match SINGLE.contains(&kind.as_str()) {
        true => rows.first().map_or(Told::Made(Json::Null), Told::Record),
        false => Told::Records(rows),
    }
}

fn fields(record: &Record) -> impl Iterator<Item = (&str, Told<'_>)> {
    record.fields.iter().map(|(key, field)| (key.as_str(), Told::Field(field)))
}

fn groups(record: &Record) -> BTreeMap<&str, Told<'_>> {
    record.groups.iter().map(|(name, rows)| (name.as_str(), Told::Records(rows))).collect()
}

/// Attachments, and after each archive or PDF what lies in it; a member that a password keeps shut has a name and no bytes.
fn attachments(parts: &[Digest]) -> Vec<Json> {
    let mut all = Vec::new();
    for part in parts {
        all.push(json!({"name": part.name, "sha256": part.doc.to_string(), "document": part.extract.document.as_str()}));
        // A mail that lies in this one has attachments of its own.
        if part.extract.document.as_str() != "inbound_mail" {
            all.extend(attachments(&part.parts));
            if let Some(Value::Names(locked)) = part.extract.fields.value(LOCKED) {
                all.extend(locked.iter().map(|name| json!({"name": name, "sha256": null, "document": "unknown"})));
            }
        }
    }
    all
}

/// A value with its story.
pub fn field(field: &Field) -> Json {
    json!(Story::of(field))
}

/// What there is to say of a field, by name in the order of the alphabet.
#[derive(Serialize)]
struct Story<'a> {
    confidence: f64,
    #[serde(skip_serializing_if = "Doubts::none")]
    doubts: Doubts,
    needs_review: bool,
    place: Spot<'a>,
    raw: &'a str,
    value: Plain<'a>,
}

impl Story<'_> {
    fn of(field: &Field) -> Story<'_> {
        Story {
            confidence: field.confidence.as_ratio(),
            doubts: field.doubts,
            needs_review: field.needs_review(),
            place: Spot::of(&field.place),
            raw: &field.raw,
            value: Plain::of(&field.value),
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Plain<'a> {
    Integer(i64),
    Flag(bool),
    Codes(&'a [String]),
    Text(Cow<'a, str>),
}

impl Plain<'_> {
    fn of(value: &Value) -> Plain<'_> {
        match value {
            Value::Integer(number) => Plain::Integer(*number),
            Value::Flag(flag) => Plain::Flag(*flag),
            Value::Codes(list) => Plain::Codes(list),
            Value::Text(text) | Value::Code(text) => Plain::Text(text.into()),
            // File names, one a line, as they stand in the cell.
            Value::Names(list) => Plain::Text(list.join("\n").into()),
            other => Plain::Text(other.to_string().into()),
        }
    }
}

/// Where it was seen, without the document, which the object names already.
#[derive(Serialize)]
#[serde(untagged)]
enum Spot<'a> {
    Page { r#box: [i32; 4], page: u32 },
    Cell { column: u32, row: u32, sheet: &'a str },
    Node { path: &'a str },
    Header { header: &'a str },
    Whole {},
    Typed { typed_by: &'a str },
}

impl Spot<'_> {
    fn of(place: &Place) -> Spot<'_> {
        match place {
            Place::Page { page, area, .. } => Spot::Page { r#box: [area.left, area.top, area.right, area.bottom], page: *page },
            Place::Cell { sheet, row, column, .. } => Spot::Cell { column: *column, row: *row, sheet },
            Place::Node { path, .. } => Spot::Node { path },
            Place::Header { name, .. } => Spot::Header { header: name },
            Place::Whole { .. } => Spot::Whole {},
            Place::Typed { by } => Spot::Typed { typed_by: by },
        }
    }
}

pub fn finding(finding: &Finding) -> Json {
    json!({
        "code": finding.code,
        "severity": finding.severity,
        "document": finding.document,
        "field": finding.field,
        "message": finding.message,
        "place": finding.place.as_ref().map(Spot::of),
    })
}
