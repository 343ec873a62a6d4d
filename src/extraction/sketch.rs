//! Pages made by hand, for tests.

use crate::domain::document::DocumentSpec;
use crate::domain::extract::Extract;
use crate::domain::id::{DocId, Permille};
use crate::domain::place::Area;
use crate::domain::reading::{Glyph, Line, Mark, MarkKind, Page, PageSource};
use crate::extraction::layout::Ink;
use crate::extraction::typed::Lists;
use crate::extraction::{Forms, form};

pub const EM: i32 = 20;

/// A line of text: half-width signs are half an em wide, a full-width space is a gap.
pub fn line(left: i32, top: i32, text: &str) -> Line {
    let mut x = left;
    let mut glyphs = Vec::new();
    for c in text.chars() {
        let width = if c.is_ascii() { EM / 2 } else { EM };
        if !c.is_whitespace() {
            glyphs.push(Glyph { char: c, start: x, end: x + width, confidence: Permille(990), others: Vec::new() });
        }
        x += width;
    }
    Line {
        area: Area::new(left, top, x, top + EM + 4),
        text: text.to_owned(),
        confidence: Permille(990),
        glyphs,
        hand: Permille(0),
        frayed: Permille(0),
    }
}

/// The characters of a row, each in a square of its own.
pub fn inks(text: &str) -> Vec<Ink> {
    let ink = |(n, char): (usize, char)| {
        let left = 30 * n as i32;
        let area = Area::new(left, 0, left + 28, 28);
        Ink { char, area, confidence: 900, others: Vec::new(), apart: false, hand: false, frayed: false }
    };
    text.chars().enumerate().map(ink).collect()
}

pub fn page(number: u32, lines: &[(i32, i32, &str)], cells: &[(i32, i32, i32, i32)]) -> Page {
    Page {
        number,
        width: 1000,
        height: 1400,
        source: PageSource::Recognised,
        lines: lines.iter().map(|(left, top, text)| line(*left, *top, text)).collect(),
        cells: cells.iter().map(|(left, top, right, bottom)| Area::new(*left, *top, *right, *bottom)).collect(),
        ..Page::default()
    }
}

/// A grid: rows of `(width, text)`, each row 40 high, text at the left of its cell; `/` begins a new line in it.
pub fn grid(page: &mut Page, left: i32, top: i32, rows: &[&[(i32, &str)]]) {
    let mut y = top;
    for row in rows {
        let height = row.iter().map(|(_, text)| text.split('/').count() as i32).max().unwrap_or(1) * 30 + 10;
        let mut x = left;
        for (width, text) in *row {
            page.cells.push(Area::new(x, y, x + width, y + height));
            for (n, part) in text.split('/').enumerate().filter(|(_, part)| !part.is_empty()) {
                page.lines.push(line(x + 8, y + 6 + 30 * n as i32, part));
            }
            x += width;
        }
        y += height;
    }
}

pub fn mark(kind: MarkKind, left: i32, top: i32, right: i32, bottom: i32) -> Mark {
    Mark { area: Area::new(left, top, right, bottom), kind, confidence: Permille(950) }
}

pub fn spec() -> DocumentSpec {
    toml::from_str(include_str!("../../templates/mms-usage/forms/application-form.toml")).unwrap()
}

pub fn lists() -> Lists {
    #[derive(serde::Deserialize)]
    struct Entries {
        entries: Vec<crate::domain::document::CodeWord>,
    }
    #[derive(serde::Deserialize)]
    struct File {
        list: std::collections::BTreeMap<String, Entries>,
    }
    let file: File = toml::from_str(include_str!("../../templates/mms-usage/lists.toml")).unwrap();
    file.list.into_iter().map(|(name, list)| (name, list.entries)).collect()
}

pub fn extract(pages: &[Page]) -> Extract {
    try_extract(pages).expect("the form was not recognised")
}

pub fn try_extract(pages: &[Page]) -> Option<Extract> {
    let (documents, lists) = ([spec()], lists());
    form::extract(DocId::of(b"sketch"), pages, &Forms { documents: &documents, lists: &lists })
}

/// The value of a field as text; empty where it is blank.
pub fn said(extract: &Extract, key: &str) -> String {
    extract.fields.text(key).unwrap_or_default()
}
