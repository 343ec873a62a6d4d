//! The port to the recogniser: sight knows what it asks, not who answers.

use crate::area::Area;
use crate::form::Form;
use crate::page::Permille;
use crate::picture::Grey;

/// A recognised line: characters with their extent in pixels of the strip that was given.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Strip {
    pub glyphs: Vec<StripGlyph>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct StripGlyph {
    pub char: char,
    pub start: f32,
    pub end: f32,
    pub confidence: Permille,
    pub others: Vec<(char, Permille)>,
}

/// The recogniser. A port: reading knows what it asks, not who answers.
pub trait Ocr: Sync {
    /// Rectangles around lines of text on an upright, straightened page.
    fn find(&self, page: &Grey) -> Vec<Area>;
    /// The text of one line.
    fn read(&self, line: &Grey) -> Strip;
    /// Forms whose print need not be read.
    fn forms(&self) -> &[Form] {
        &[]
    }
}

/// A recogniser that sees nothing.
pub struct Blind;

impl Ocr for Blind {
    fn find(&self, _page: &Grey) -> Vec<Area> {
        Vec::new()
    }

    fn read(&self, _line: &Grey) -> Strip {
        Strip::default()
    }
}
