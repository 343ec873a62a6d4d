//! The JSON that scripts rely on.

use crate::domain::extract::{Field, Record};
use crate::domain::finding::Finding;
use crate::domain::place::Place;
use crate::domain::value::Value;
use crate::extraction::LOCKED;
use crate::pipeline::Digest;
use serde_json::{Map, Value as Json, json};

/// Data sets that are one record, not a list.
const SINGLE: &[&str] = &["operator_profile", "user_info", "screening"];

/// A document and, after it, its parts.
pub fn documents(digest: &Digest) -> Vec<Json> {
    let mut all = vec![document(digest)];
    digest.parts.iter().for_each(|part| all.extend(documents(part)));
    all
}

fn document(digest: &Digest) -> Json {
    let extract = &digest.extract;
    let mut object = Map::new();
    object.insert("file".into(), digest.name.clone().into());
    object.insert("sha256".into(), digest.doc.to_string().into());
    object.insert("document".into(), extract.document.as_str().into());
    object.insert("format".into(), digest.format.clone().into());
    if extract.pages > 0 {
        object.insert("pages".into(), extract.pages.into());
    }
    if !extract.fields.fields.is_empty() || extract.sets.is_empty() {
        object
            .insert("fields".into(), Json::Object(extract.fields.fields.iter().map(|(key, value)| (key.clone(), field(value))).collect()));
    }
    if !extract.fields.groups.is_empty() {
        object.insert("tables".into(), groups(&extract.fields));
    }
    if !extract.sets.is_empty() {
        object.insert(
            "data".into(),
            Json::Object(
                extract
                    .sets
                    .iter()
                    .map(|(kind, records)| {
                        let all: Vec<Json> = records.iter().map(record).collect();
                        let single = SINGLE.contains(&kind.as_str());
                        (kind.to_string(), if single { all.into_iter().next().unwrap_or(Json::Null) } else { Json::Array(all) })
                    })
                    .collect(),
            ),
        );
    }
    if extract.document.as_str() == "inbound_mail" {
        object.insert("attachments".into(), attachments(&digest.parts).into());
    }
    object.insert("findings".into(), digest.findings.iter().map(finding).collect());
    Json::Object(object)
}

/// Attachments, and after each archive its members; one that a password keeps shut has a name and no bytes.
fn attachments(parts: &[Digest]) -> Vec<Json> {
    let mut all = Vec::new();
    for part in parts {
        all.push(json!({"name": part.name, "sha256": part.doc.to_string(), "document": part.extract.document.as_str()}));
        if part.extract.document.as_str() == "archive" {
            all.extend(attachments(&part.parts));
            if let Some(Value::Names(locked)) = part.extract.fields.value(LOCKED) {
                all.extend(locked.iter().map(|name| json!({"name": name, "sha256": null, "document": "unknown"})));
            }
        }
    }
    all
}

fn record(record: &Record) -> Json {
    let Json::Object(mut object) = groups(record) else { return Json::Null };
    object.extend(record.fields.iter().map(|(key, value)| (key.clone(), field(value))));
    Json::Object(object)
}

fn groups(of: &Record) -> Json {
    Json::Object(of.groups.iter().map(|(name, records)| (name.clone(), records.iter().map(record).collect())).collect())
}

/// A value with its story.
pub fn field(field: &Field) -> Json {
    json!({
        "value": value(&field.value),
        "raw": field.raw,
        "confidence": field.confidence.as_ratio(),
        "needs_review": field.needs_review,
        "place": place(&field.place),
    })
}

fn value(value: &Value) -> Json {
    match value {
        Value::Integer(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::Codes(list) => list.clone().into(),
        // File names, one a line, as they stand in the cell.
        Value::Names(list) => list.join("\n").into(),
        other => other.to_string().into(),
    }
}

/// Where it was seen, without the document, which the object names already.
pub fn place(place: &Place) -> Json {
    match place {
        Place::Page { page, area, .. } => json!({"page": page, "box": [area.left, area.top, area.right, area.bottom]}),
        Place::Cell { sheet, row, column, .. } => json!({"sheet": sheet, "row": row, "column": column}),
        Place::Node { path, .. } => json!({"path": path}),
        Place::Header { name, .. } => json!({"header": name}),
        Place::Whole { .. } => json!({}),
        Place::Typed { by } => json!({"typed_by": by}),
    }
}

pub fn finding(finding: &Finding) -> Json {
    json!({
        "code": finding.code,
        "severity": finding.severity,
        "document": finding.document,
        "field": finding.field,
        "message": finding.message,
        "place": finding.place.as_ref().map(place),
    })
}
