//! A page as it was read: lines, cells and marks, each with its place.
//!
//! Owns the shapes. Never asks what a line means.

use crate::area::{Area, Frame};
use serde::{Deserialize, Serialize};

/// A confidence in thousandths. Integers keep results equal on every machine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permille(pub u16);

impl Permille {
    pub const SURE: Permille = Permille(1000);

    /// From a probability; values outside 0 to 1 are brought inside.
    pub fn from_ratio(ratio: f32) -> Self {
        Permille((ratio.clamp(0.0, 1.0) * 1000.0).round() as u16)
    }

    pub fn as_ratio(self) -> f64 {
        f64::from(self.0) / 1000.0
    }
}

/// One page, turned upright.
///
/// Units: pixels of the upright picture where the page was a scan, tenths of a point where it had a text layer.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Page {
    /// Counts from 1 in the file.
    pub number: u32,
    pub width: i32,
    pub height: i32,
    pub source: PageSource,
    /// Clockwise quarter turns that made the page upright.
    pub turned: u8,
    /// From these units to the page as it stands in its file, where places are told.
    #[serde(default)]
    pub frame: Frame,
    /// Lines of text in reading order; a line never crosses a ruled line of the grid.
    pub lines: Vec<Line>,
    /// Cells of ruled tables, from top to bottom, from left to right.
    pub cells: Vec<Area>,
    pub marks: Vec<Mark>,
    /// How much of the ink of a scan without greys is loose dots: paper turned to specks, strokes to crumbs.
    #[serde(default)]
    pub spoilt: Permille,
    /// A scan in colour: an imprint stands out from print by its tone.
    #[serde(default)]
    pub coloured: bool,
    /// Ink that no line, mark or rule accounts for, down to crumbs on a frayed page; `None` where nobody looked, or where there is too much of it.
    #[serde(default)]
    pub loose: Option<Vec<Area>>,
}

/// From here on a scan, or a line of it, is too poor for words on it to be believed unseen (thousandths).
pub const SPOILT: Permille = Permille(3);
/// From here on nothing on it is, whatever else speaks for it.
pub const SPECKLED: Permille = Permille(12);

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageSource {
    #[default]
    TextLayer,
    Recognised,
    /// Nothing on it.
    Blank,
}

/// A line of text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Line {
    pub area: Area,
    pub text: String,
    pub confidence: Permille,
    pub glyphs: Vec<Glyph>,
    /// How much the line looks written by a hand: 0 as even as type, from `HAND` on by a hand. Always 0 where the page had a text layer.
    #[serde(default)]
    pub hand: Permille,
    /// How much of its ink is loose dots, on a page that has many of them.
    #[serde(default)]
    pub frayed: Permille,
}

/// From here on a line's writing is uneven, or its ink another than the print's, as type never is (thousandths).
pub const HAND: Permille = Permille(500);

/// A character and its horizontal extent on the page (vertical extent for vertical writing).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Glyph {
    pub char: char,
    pub start: i32,
    pub end: i32,
    pub confidence: Permille,
    /// What else it may be, the likeliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<(char, Permille)>,
}

impl Glyph {
    /// The middle of its extent.
    pub fn middle(&self) -> i32 {
        (self.start + self.end) / 2
    }
}

/// Something drawn that is no text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Mark {
    pub area: Area,
    pub kind: MarkKind,
    pub confidence: Permille,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// A check box without a mark: □.
    BoxEmpty,
    /// A check box with a mark: ☑ ■ レ ✓.
    BoxTicked,
    /// A circle or ellipse drawn around a word.
    Ring,
    /// A seal's imprint.
    Seal,
    /// A line drawn through words, with no seal on it.
    Struck,
    /// A line drawn through words, and a small seal on it: a correction that its writer stands for.
    Corrected,
}
