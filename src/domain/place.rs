//! Where a value was seen.

use crate::domain::id::DocId;
use serde::{Deserialize, Serialize};

/// A rectangle on a page, in the units of that page (see [`crate::domain::reading::Page`]), origin top left.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Area {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Area {
    pub fn new(left: i32, top: i32, right: i32, bottom: i32) -> Self {
        Area { left, top, right, bottom }
    }

    pub fn width(&self) -> i32 {
        self.right - self.left
    }

    pub fn height(&self) -> i32 {
        self.bottom - self.top
    }

    /// The middle, as `(x, y)`.
    pub fn centre(&self) -> (i32, i32) {
        ((self.left + self.right) / 2, (self.top + self.bottom) / 2)
    }

    pub fn contains(&self, (x, y): (i32, i32)) -> bool {
        (self.left..self.right).contains(&x) && (self.top..self.bottom).contains(&y)
    }

    pub fn union(&self, other: &Area) -> Area {
        Area {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// The shared rectangle, or `None` when they do not touch.
    pub fn intersection(&self, other: &Area) -> Option<Area> {
        let shared = Area {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        };
        (shared.width() > 0 && shared.height() > 0).then_some(shared)
    }

    /// Overlap of the vertical extents as thousandths of the lower of the two.
    pub fn row_overlap(&self, other: &Area) -> i32 {
        let shared = self.bottom.min(other.bottom) - self.top.max(other.top);
        1000 * shared.max(0) / self.height().min(other.height()).max(1)
    }

    /// Overlap of the horizontal extents as thousandths of the narrower of the two.
    pub fn column_overlap(&self, other: &Area) -> i32 {
        let shared = self.right.min(other.right) - self.left.max(other.left);
        1000 * shared.max(0) / self.width().min(other.width()).max(1)
    }
}

/// The evidence for a value or a finding.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum Place {
    /// A rectangle on a page; pages count from 1.
    Page { doc: DocId, page: u32, area: Area },
    /// A cell of a sheet; rows and columns count from 1.
    Cell { doc: DocId, sheet: String, row: u32, column: u32 },
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_are_measured_against_the_smaller_rectangle() {
        let tall = Area::new(0, 0, 10, 100);
        let low = Area::new(20, 50, 30, 60);
        assert_eq!(tall.row_overlap(&low), 1000);
        assert_eq!(tall.column_overlap(&low), 0);
        assert_eq!(tall.intersection(&low), None);
        assert_eq!(tall.union(&low), Area::new(0, 0, 30, 100));
    }
}
