//! What a document says: fields with their values, the original text and the place.

use crate::domain::document::DocumentKind;
use crate::domain::doubt::Doubts;
use crate::domain::fields::{Fields, Rows};
use crate::domain::finding::Remark;
use crate::domain::id::{DocId, Permille};
use crate::domain::place::Place;
use crate::domain::value::Value;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// A value with its story.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Field {
    /// The normal form. A value that does not fit the field's type stays [`Value::Text`].
    pub value: Value,
    /// As it stood on the paper.
    pub raw: String,
    pub place: Place,
    pub confidence: Permille,
    /// Why the program would not bet on this value.
    #[serde(rename = "needs_review")]
    pub doubts: Doubts,
}

impl Field {
    /// Whether a person has to look.
    pub fn needs_review(&self) -> bool {
        self.doubts.any()
    }
}

/// Fields, and groups of records inside (bands of a price, users of a sheet).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    pub fields: Fields,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, Rows>,
}

impl Record {
    pub fn value(&self, key: &str) -> Option<&Value> {
        // A blank that could not be proved is noted with its place, and is a blank all the same.
        self.fields.get(key).map(|field| &field.value).filter(|value| !matches!(value, Value::Text(text) if text.is_empty()))
    }

    /// The value as plain text; `None` where the field is blank.
    pub fn text(&self, key: &str) -> Option<String> {
        self.value(key).map(Value::to_string)
    }

    pub fn group(&self, name: &str) -> &[Record] {
        self.groups.get(name).map_or(&[], |rows| rows)
    }
}

/// What was found in one document.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Extract {
    pub doc: DocId,
    pub document: DocumentKind,
    /// Pages of a paper document, 0 for others.
    pub pages: u32,
    /// Pages that do not stand upright in the file, and the clockwise quarter turns that set them so.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "by_page")]
    pub turned: BTreeMap<u32, u8>,
    /// Fields of a form, a contract, a mail, or the header of an export; a contract's rows are the group `equipment`.
    pub fields: Record,
    /// Data sets of a workbook or an export, by document id (`resource`, `unit_price`, …).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sets: BTreeMap<DocumentKind, Rows>,
    /// What reading and extraction noticed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}

/// Numbers of pages are words where they are keys of JSON, and an event, which is told by its `kind`, hands them on as such.
fn by_page<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<u32, u8>, D::Error> {
    let words = BTreeMap::<String, u8>::deserialize(deserializer)?;
    words.into_iter().map(|(page, turns)| page.parse().map(|page| (page, turns)).map_err(D::Error::custom)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::{Body, Received};

    /// The ledger keeps what was read in events: a form that was fed upside down must come out of it again.
    #[test]
    fn an_event_tells_again_which_pages_were_fed_turned() {
        let extract = Extract {
            doc: DocId::of(b"form"),
            document: DocumentKind::new("application_form"),
            pages: 12,
            turned: [(1, 2), (12, 1)].into(),
            fields: Record::default(),
            sets: BTreeMap::new(),
            remarks: Vec::new(),
        };
        let kept = serde_json::to_string(&extract).unwrap();
        assert_eq!(serde_json::from_str::<Extract>(&kept).unwrap(), extract);
        let doc = extract.doc;
        let received =
            Body::Received(Box::new(Received { doc, name: "form.pdf".into(), parent: None, mailed: false, landed: None, extract }));
        let kept = serde_json::to_string(&received).unwrap();
        assert_eq!(serde_json::from_str::<Body>(&kept).unwrap(), received);
    }
}
