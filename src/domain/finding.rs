//! What is wrong with a paper: a fact of the case, never a fault of the machine.

use crate::domain::place::Place;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A code of the defect catalogue, such as `A-007`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(pub String);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What readers say of a file that is damaged or cut short, and of a report that one of the desk's mails came back.
pub const DAMAGED: &str = "M-001";
pub const RETURNED: &str = "M-012";
/// What is said of the mail itself, whatever lies in it: a person must act, or read it, or it came back.
pub const OF_MAILS: &[&str] = &["M-011", RETURNED, "M-013"];
/// What mails say or ask, and what came after the end: to be read by somebody, and holding nothing up.
pub const UNREAD: &[&str] = &["M-013", "P-013"];

/// How grave a finding is, in ascending order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Goes on; the sentence stands under 参考.
    Warn,
    /// The item is asked for; the case waits.
    Ask,
    /// A person decides; nothing goes out.
    Staff,
    /// The document goes back as a whole.
    Reject,
}

/// A defect as a stage notes it: a code and what fills the blanks of its sentence.
/// The catalogue turns it into a [`Finding`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Remark {
    pub code: Code,
    /// The document that shows it, by its id in the catalogue, where it is not simply the one that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// Key of the field that shows the defect, where one does.
    pub field: Option<String>,
    /// Words for the blanks `{value}`, `{expected}`, `{file}`, `{page}`, `{row}`, `{date}`, `{area}`, `{edition}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, String>,
    pub place: Option<Place>,
    /// The desk itself is the cause: the applicant hears nothing of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub within: bool,
}

impl Remark {
    pub fn new(code: &str) -> Self {
        Remark { code: Code(code.to_owned()), document: None, field: None, words: BTreeMap::new(), place: None, within: false }
    }

    pub fn of(mut self, document: &str) -> Self {
        self.document = Some(document.to_owned());
        self
    }

    pub fn field(mut self, key: &str) -> Self {
        self.field = Some(key.to_owned());
        self
    }

    pub fn word(mut self, name: &str, word: impl Into<String>) -> Self {
        self.words.insert(name.to_owned(), word.into());
        self
    }

    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    pub fn within(mut self, within: bool) -> Self {
        self.within = within;
        self
    }
}

/// A defect with its severity and its sentence.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    /// The document that shows it, by its id in the catalogue.
    pub document: String,
    pub field: Option<String>,
    /// The label of that field, as printed on the form.
    pub label: Option<String>,
    /// The sentence in Japanese, blanks filled.
    pub message: String,
    /// The sentence must not leave the house.
    pub internal: bool,
    pub place: Option<Place>,
    /// Which of several records it is about, such as `電源等コード R0001`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
}

/// The word of a remark that names the record.
pub const RECORD: &str = "record";
