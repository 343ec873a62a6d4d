//! Where a value was seen.

use crate::domain::id::DocId;
use crate::domain::name::Name;
use serde::{Deserialize, Serialize};
pub use sight::area::{Area, Frame};

/// The evidence for a value or a finding.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum Place {
    /// A rectangle on a page as it stands in its file, whichever way up: pixels of a picture, tenths of a point of a PDF's
    /// page as it is shown. Pages count from 1.
    Page { doc: DocId, page: u32, area: Area },
    /// A cell of a sheet; rows and columns count from 1.
    Cell { doc: DocId, sheet: Name, row: u32, column: u32 },
    /// An element of an XML tree, as a path of tags with positions from 1.
    Node { doc: DocId, path: String },
    /// A header of a mail.
    Header { doc: DocId, name: String },
    /// The document as such.
    Whole { doc: DocId },
    /// A person wrote it.
    Typed { by: String },
}

impl Place {
    /// The document that this place is in, unless a person typed it.
    pub fn doc(&self) -> Option<DocId> {
        match self {
            Place::Page { doc, .. }
            | Place::Cell { doc, .. }
            | Place::Node { doc, .. }
            | Place::Header { doc, .. }
            | Place::Whole { doc } => Some(*doc),
            Place::Typed { .. } => None,
        }
    }
}
