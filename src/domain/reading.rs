//! What a reader made of bytes, before anyone asks what it means.

use crate::domain::finding::Remark;
use crate::domain::id::DocId;
use serde::{Deserialize, Serialize};
pub use sight::page::{Glyph, HAND, Line, Mark, MarkKind, Page, PageSource, SPECKLED, SPOILT};

/// A document as read. An unreadable one says so in `content` and in `remarks`, never by being empty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reading {
    pub doc: DocId,
    /// Name of the format, such as `pdf` or `xlsx`, found by the bytes.
    pub format: String,
    pub content: Content,
    pub remarks: Vec<Remark>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "content", rename_all = "snake_case")]
pub enum Content {
    Paper {
        pages: Vec<Page>,
        /// Files that lie in it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        enclosed: Vec<Part>,
    },
    Book {
        sheets: Vec<Sheet>,
        /// Documents that lie in it as objects.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        enclosed: Vec<Part>,
    },
    Tree {
        root: Node,
    },
    Mail(Box<Mail>),
    /// An archive: nothing but parts.
    Archive {
        parts: Vec<Part>,
        /// Names of members that a password keeps shut.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        locked: Vec<String>,
    },
    Text {
        text: String,
    },
    /// Could not be read; the remarks say why.
    Unreadable,
}

/// A sheet of a workbook.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sheet {
    pub name: String,
    pub visible: bool,
    /// Filled cells, by row and then by column.
    pub cells: Vec<SheetCell>,
    /// Cells drawn as one; the value stands in the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<Merge>,
    /// Its file does not say how numbers are shown, as a percentage or with a unit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unformatted: bool,
}

/// A rectangle of merged cells; rows and columns count from 1, the last ones belong to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Merge {
    pub top: u32,
    pub left: u32,
    pub bottom: u32,
    pub right: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SheetCell {
    /// Counts from 1.
    pub row: u32,
    /// Counts from 1.
    pub column: u32,
    pub value: CellValue,
    /// Few cells show more than their value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<Box<Aside>>,
}

/// What a cell shows beside its value.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Aside {
    /// The words that the cell's format puts behind a number: `0"MW"`.
    #[serde(default)]
    pub unit: String,
    /// Struck out or hidden: a person may not see the value, or not take it for one.
    #[serde(default)]
    pub doubtful: bool,
}

/// What a cell holds, before anyone asks what it means.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum CellValue {
    Text(String),
    /// A number in the shortest decimal form that gives back the stored double.
    Number(String),
    /// A date or a date with time, ISO 8601.
    Date(String),
    Flag(bool),
    Error(String),
}

/// An element of an XML tree: text only, or elements only.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Node {
    pub tag: String,
    pub text: String,
    pub children: Vec<Node>,
}

/// A mail.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Mail {
    pub message_id: Option<String>,
    /// The Message-IDs of the mails that this one answers.
    pub answers: Vec<String>,
    pub from_address: Option<String>,
    pub from_name: Option<String>,
    pub subject: Option<String>,
    /// RFC 3339, Asia/Tokyo.
    pub date: Option<String>,
    pub body: String,
    /// An automatic reply or a bounce; never answered.
    pub automatic: bool,
    pub parts: Vec<Part>,
}

/// An attachment or a member of an archive: an arrival of its own.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Cleaned of folders and control characters.
    pub name: String,
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Part({:?}, {} bytes)", self.name, self.bytes.len())
    }
}

impl Content {
    /// What lies inside and is read on its own.
    pub fn parts(&self) -> &[Part] {
        match self {
            Content::Mail(mail) => &mail.parts,
            Content::Archive { parts, .. } | Content::Paper { enclosed: parts, .. } | Content::Book { enclosed: parts, .. } => parts,
            _ => &[],
        }
    }

    /// The same, and lets all the rest go: a long sheet takes as much room as what it says.
    pub fn into_parts(self) -> Vec<Part> {
        match self {
            Content::Mail(mail) => mail.parts,
            Content::Archive { parts, .. } | Content::Paper { enclosed: parts, .. } | Content::Book { enclosed: parts, .. } => parts,
            _ => Vec::new(),
        }
    }
}
