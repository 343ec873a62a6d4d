//! Papers made as applicants send them: bytes of PDF, xlsx, XML, CSV and mail, and where each value stands in them.

pub mod book;
pub mod contract;
pub mod form;
pub mod mail;
pub mod pdf;
pub mod xml;

use serde_json::Value as Json;
use uketsuke::catalogue::Catalogue;
use uketsuke::domain::document::{CodeWord, DocumentSpec, FieldSpec};

/// The form of a document in the catalogue.
pub fn spec<'a>(catalogue: &'a Catalogue, id: &str) -> &'a DocumentSpec {
    catalogue.documents.iter().find(|spec| spec.id.as_str() == id).unwrap_or_else(|| panic!("{id}"))
}

pub fn codes<'a>(catalogue: &'a Catalogue, field: &'a FieldSpec) -> &'a [CodeWord] {
    field.list.as_ref().map_or(&field.codes, |list| &catalogue.lists[list])
}

/// A value of the model as a person writes it; empty where it is blank.
pub fn written(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(list) => list.iter().map(written).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// Fourteen days of half-hourly output, or as many as are asked for; `gap` leaves out hours of the third day.
pub fn record(days: i64, gap: std::ops::Range<i64>) -> Vec<u8> {
    let mut text = "日時,出力[kW]\r\n".to_owned();
    let first = jiff::civil::date(2026, 3, 1).at(0, 0, 0, 0);
    for half in 0..days * 48 {
        if gap.contains(&(half / 2 - 48)) {
            continue;
        }
        let at = first.checked_add(jiff::Span::new().minutes(30 * half)).unwrap();
        text += &format!("{},{}\r\n", at.strftime("%Y/%m/%d %H:%M"), 1000 + half % 7 * 30);
    }
    text.into_bytes()
}
