//! Kinds of documents and of fields, as the catalogue describes them.

use crate::domain::speech::Speech;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The id of a document kind in the catalogue, such as `application_form` or `resource`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentKind(pub String);

impl DocumentKind {
    pub fn new(id: &str) -> Self {
        DocumentKind(id.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of value a field holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    String,
    /// Full-width katakana.
    Kana,
    Code,
    Integer,
    Decimal,
    Date,
    Datetime,
    Enum,
    EnumList,
    Bool,
    Phone,
    Email,
    /// Pairs of minutes and kW, `0:0;30:21800`.
    Table,
    Attachment,
    AttachmentList,
    List,
}

/// One entry of a code list: the code and the words that stand for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeWord {
    pub code: String,
    /// The first word is the official one.
    pub words: Vec<String>,
}

/// A field: how it is called, what it holds, where it is needed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSpec {
    pub key: String,
    pub label: String,
    #[serde(default)]
    pub variants: Vec<String>,
    #[serde(rename = "type")]
    pub kind: FieldType,
    pub unit: Option<String>,
    /// A regular expression over the normal form.
    pub pattern: Option<String>,
    /// Decimals that the normal form is written with.
    pub decimals: Option<u32>,
    /// A code list of its own, or the name of a shared one in `lists`.
    #[serde(default)]
    pub codes: Vec<CodeWord>,
    pub list: Option<String>,
    /// Flows in which the field must be filled.
    #[serde(default)]
    pub required_in: Vec<String>,
    /// The repeating group that the field belongs to (`users`, `bands`, …).
    pub group: Option<String>,
    /// Its tag in an export of MMS.
    pub xml_tag: Option<String>,
    /// Where to look for it on paper.
    #[serde(default)]
    pub find: Hints,
    /// `S` sourced or `A` assumed, for the item and for its format.
    #[serde(default)]
    pub mark: String,
}

/// What helps to find an entry on a printed form, beside its label.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hints {
    /// Words of headings under which a label that several fields share (氏名) means this one.
    #[serde(default)]
    pub section: Vec<String>,
    /// A regular expression that finds the entry by its own shape; its first group is the value.
    pub shape: Option<String>,
    /// The shape alone is proof, whatever stands around it; otherwise only text that no label claims is tried.
    #[serde(default)]
    pub proof: bool,
    /// Words printed beside the entry that never belong to it (㊞, 枚).
    #[serde(default)]
    pub beside: Vec<String>,
    /// The entry is a seal's imprint; the fields beside which it is set.
    #[serde(default)]
    pub seal_of: Vec<String>,
    /// The field whose reading in kana this is: each watches over the other.
    pub kana_of: Option<String>,
    /// A person's name: rare forms of kanji matter.
    #[serde(default)]
    pub person: bool,
    /// The value carries the check digit of a 法人番号.
    #[serde(default)]
    pub check_digit: bool,
}

/// A document kind: how to recognise it and which fields it holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentSpec {
    pub id: DocumentKind,
    pub title: String,
    /// The title for staff who read English.
    pub english: String,
    /// Words of which one must stand on a page (or name a sheet) of this kind.
    #[serde(default)]
    pub titles: Vec<String>,
    /// How titles of other papers end that have the same labels, such as letters about this one.
    #[serde(default)]
    pub others: Vec<String>,
    #[serde(default)]
    pub sheet_names: Vec<String>,
    /// `form`, `contract`, `sheet` (label and value), `columns` (a record a column or a row), `blocks` (header and tables), `tree`, `mail`.
    pub layout: String,
    /// Pages that a whole document has.
    pub pages: Option<u32>,
    /// The document is one record in a case, not a list of them.
    #[serde(default)]
    pub single: bool,
    /// Patterns over the running text; each group is named after the field that it holds.
    #[serde(default)]
    pub clauses: Vec<String>,
    pub xml_group: Option<String>,
    pub xml_record: Option<String>,
    #[serde(default)]
    pub xml_subgroups: BTreeMap<String, String>,
    /// Labels on the paper that are no field of ours; what follows them belongs to nobody.
    #[serde(default)]
    pub foreign: Vec<String>,
    /// Of mails: the words that their senders are understood by.
    pub speech: Option<Speech>,
    #[serde(default, rename = "field")]
    pub fields: Vec<FieldSpec>,
}

impl DocumentSpec {
    pub fn field(&self, key: &str) -> Option<&FieldSpec> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// The label of a field, or its key where the catalogue knows none.
    pub fn label(&self, key: &str) -> String {
        self.field(key).map_or_else(|| key.to_owned(), |field| field.label.clone())
    }
}
