//! What the catalogue says about fields: which are needed, which codes they take, how a value is shown to people.

use crate::domain::date::{self, Stamp, Written};
use crate::domain::document::{CodeWord, DocumentSpec, FieldSpec, FieldType};
use crate::domain::extract::Field;
use crate::domain::text;
use crate::domain::value::Value;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Code lists shared by several documents, by name.
pub type Lists = BTreeMap<String, Vec<CodeWord>>;

#[derive(Clone, Copy)]
pub struct Specs<'a> {
    pub documents: &'a [DocumentSpec],
    pub lists: &'a Lists,
}

impl<'a> Specs<'a> {
    pub fn document(&self, id: &str) -> Option<&'a DocumentSpec> {
        self.documents.iter().find(|spec| spec.id.as_str() == id)
    }

    pub fn field(&self, document: &str, key: &str) -> Option<&'a FieldSpec> {
        self.document(document).and_then(|spec| spec.field(key))
    }

    pub fn label(&self, document: &str, key: &str) -> String {
        self.field(document, key).map_or_else(|| key.to_owned(), |field| field.label.clone())
    }

    pub fn title(&self, document: &str) -> String {
        self.document(document).map_or_else(|| document.to_owned(), |spec| spec.title.clone())
    }

    pub fn codes(&self, field: &'a FieldSpec) -> &'a [CodeWord] {
        match &field.list {
            Some(name) => self.lists.get(name).map_or(&[], Vec::as_slice),
            None => &field.codes,
        }
    }

    /// The value as a letter prints it: words for codes, days in full, unreadable entries as they stood.
    pub fn show(&self, document: &str, key: &str, field: &Field) -> String {
        let spec = self.field(document, key);
        let word = |code: &str| {
            let entry = spec.and_then(|spec| self.codes(spec).iter().find(|entry| entry.code == code));
            entry.and_then(|entry| entry.words.first()).cloned().unwrap_or_else(|| code.to_owned())
        };
        match &field.value {
            Value::Date(day) => in_letters(*day),
            Value::Stamp(stamp) => format!("{} {:02}:{:02}", in_letters(stamp.date), stamp.hour, stamp.minute),
            Value::Code(code) => word(code),
            Value::Codes(codes) => codes.iter().map(|code| word(code)).collect::<Vec<_>>().join("、"),
            Value::Names(names) => names.join("、"),
            Value::Flag(flag) => word(if *flag { "1" } else { "0" }),
            Value::Text(_) if !field.raw.trim().is_empty() => text::tidy(&field.raw),
            other => other.to_string(),
        }
    }

    /// A value in its normal form from JSON, as examples and truth files write it; `None` where it is blank.
    pub fn value(&self, document: &str, key: &str, json: &Json) -> Option<Value> {
        let written = match json {
            Json::String(text) => text.clone(),
            Json::Bool(flag) => if *flag { "1" } else { "0" }.to_owned(),
            Json::Number(number) => number.to_string(),
            Json::Array(list) => {
                list.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), ToOwned::to_owned)).collect::<Vec<_>>().join("\n")
            }
            Json::Null | Json::Object(_) => return None,
        };
        if written.trim().is_empty() {
            return None;
        }
        let spec = self.field(document, key)?;
        let known = |code: &str| self.codes(spec).iter().any(|entry| entry.code == code);
        let parts = || written.split('\n').map(ToOwned::to_owned).collect::<Vec<_>>();
        let typed = match spec.kind {
            FieldType::Integer => written.parse().ok().map(Value::Integer),
            FieldType::Decimal => written.parse().ok().map(Value::Decimal),
            FieldType::Date => match date::read(&written) {
                Some(Written::Day(day)) => Some(Value::Date(day)),
                _ => None,
            },
            FieldType::Datetime => Stamp::read(&written).map(Value::Stamp),
            FieldType::Code => Some(Value::Code(written.clone())),
            FieldType::Enum if json.is_array() => Some(Value::Codes(parts())),
            FieldType::Enum => known(&written).then(|| Value::Code(written.clone())),
            FieldType::EnumList => parts().iter().all(|code| known(code)).then(|| Value::Codes(parts())),
            FieldType::Bool => known(&written).then_some(Value::Flag(written == "1")),
            FieldType::AttachmentList | FieldType::List => Some(Value::Names(parts())),
            _ => None,
        };
        Some(typed.unwrap_or(Value::Text(written)))
    }
}

/// 2026年4月17日
fn in_letters(day: jiff::civil::Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}
