//! The words of a document as one text to search in, each character with its place.
//!
//! Owns the joining of lines into paragraphs. Knows no clause.

use crate::domain::doubt::Doubt;
use crate::domain::extract::Field;
use crate::domain::id::{DocId, Permille};
use crate::domain::place::{Area, Place};
use crate::domain::reading::{Line, Page};
use crate::domain::value::Value;
use crate::extraction::contract::columns;
use crate::extraction::contract::table::cell;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// Below this a value goes to a person.
pub const SURE_ENOUGH: Permille = Permille(800);

/// Where a character of the text comes from.
#[derive(Clone, Copy)]
struct Origin {
    page: usize,
    line: usize,
    glyph: usize,
}

/// Pages as one text: folded for comparison, without spaces, a line feed after each paragraph.
pub struct Flow<'a> {
    pub pages: &'a [Page],
    pub text: String,
    /// One a character of `text`; `None` for line feeds.
    origins: Vec<Option<Origin>>,
    /// Where each character of `text` begins.
    starts: Vec<usize>,
}

/// The text of a line as it is compared: one sign a sign, no spaces.
pub fn folded(c: char) -> impl Iterator<Item = char> {
    let c = match c {
        '’' | '‘' | '′' | '´' | '`' | '＇' => '\'',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '－' => '-',
        '〜' | '～' | '∼' => '~',
        other => other,
    };
    // Some signs fold into a space and a mark.
    std::iter::once(c).nfkc().filter(|c| !c.is_whitespace() && *c != '\u{301}').collect::<Vec<_>>().into_iter()
}

pub fn fold(text: &str) -> String {
    text.chars().flat_map(folded).collect()
}

impl<'a> Flow<'a> {
    /// The lines of the chosen pages in reading order.
    pub fn of(pages: &'a [Page]) -> Self {
        let mut flow = Flow { pages, text: String::new(), origins: Vec::new(), starts: Vec::new() };
        for (number, page) in pages.iter().enumerate() {
            for stretch in columns::stretches(page) {
                let lines = || stretch.iter().filter_map(|n| Some((*n, page.lines.get(*n)?)));
                let block = Block::of(lines().map(|(_, line)| line));
                let mut before: Option<&Line> = None;
                for (n, line) in lines() {
                    match before {
                        Some(before) if block.runs_on(before, line) => {}
                        Some(before) if answers(page, before, line) => flow.push(':', None),
                        _ => flow.push('\n', None),
                    }
                    before = Some(line);
                    for (glyph, c) in line.text.chars().enumerate() {
                        for c in folded(c) {
                            flow.push(c, Some(Origin { page: number, line: n, glyph }));
                        }
                    }
                }
            }
        }
        flow.push('\n', None);
        flow
    }

    fn push(&mut self, c: char, origin: Option<Origin>) {
        self.starts.push(self.text.len());
        self.text.push(c);
        self.origins.push(origin);
    }

    fn origins(&self, bytes: Range<usize>) -> impl Iterator<Item = Origin> + '_ {
        let first = self.starts.partition_point(|start| *start < bytes.start);
        let last = self.starts.partition_point(|start| *start < bytes.end);
        self.origins.get(first..last).unwrap_or_default().iter().flatten().copied()
    }

    fn line(&self, origin: Origin) -> Option<&'a Line> {
        self.pages.get(origin.page)?.lines.get(origin.line)
    }

    /// The characters of a stretch as they stand on the paper.
    pub fn raw(&self, bytes: Range<usize>) -> String {
        let mut raw = String::new();
        let mut before: Option<Origin> = None;
        for origin in self.origins(bytes) {
            let Some(line) = self.line(origin) else { continue };
            // Spaces inside a line belong to what is written; the end of a line does not.
            let from = match before {
                Some(last) if (last.page, last.line) == (origin.page, origin.line) => last.glyph + 1,
                _ => origin.glyph,
            };
            raw.extend(line.text.chars().skip(from).take((origin.glyph + 1).saturating_sub(from)));
            before = Some(origin);
        }
        raw
    }

    /// The stretch as a field.
    pub fn field(&self, doc: DocId, bytes: Range<usize>, value: Value) -> Field {
        let mut area: Option<Area> = None;
        let mut page = 1;
        let mut confidence = Permille::SURE;
        for origin in self.origins(bytes.clone()) {
            let Some(line) = self.line(origin) else { continue };
            let here = match line.glyphs.get(origin.glyph) {
                Some(glyph) if line.area.width() >= line.area.height() => {
                    Area::new(glyph.start, line.area.top, glyph.end, line.area.bottom)
                }
                _ => line.area,
            };
            confidence = confidence.min(line.glyphs.get(origin.glyph).map_or(line.confidence, |glyph| glyph.confidence));
            match &mut area {
                None => {
                    area = Some(here);
                    page = self.pages.get(origin.page).map_or(1, |page| page.number);
                }
                Some(all) if self.pages.get(origin.page).is_some_and(|of| of.number == page) => *all = all.union(&here),
                Some(_) => {}
            }
        }
        Field {
            value,
            raw: self.raw(bytes),
            place: Place::Page { doc, page, area: area.unwrap_or_default() },
            confidence,
            doubts: Doubt::Faint.when(confidence < SURE_ENOUGH),
        }
    }
}

/// Whether a line is what a ruled row of two cells says of its first one: 契約期間 | 2026年4月1日～2027年3月31日.
fn answers(page: &Page, label: &Line, line: &Line) -> bool {
    let (Some(first), Some(second)) = (cell(page, label.area.centre()), cell(page, line.area.centre())) else { return false };
    let row = || page.cells.iter().filter(|cell| cell.row_overlap(second) > 800);
    first.row_overlap(second) > 800
        && first.right <= second.left + first.height() / 4
        && row().all(|cell| cell.left >= first.left - first.height() / 4 && cell.right <= second.right + first.height() / 4)
        && !row().any(|cell| cell.left >= first.right - first.height() / 4 && cell.right <= second.left + first.height() / 4)
}

/// The margins between which the running text of a page is set.
struct Block {
    left: i32,
    right: i32,
}

impl Block {
    fn of<'l>(lines: impl Iterator<Item = &'l Line> + Clone) -> Block {
        let widest = lines.clone().map(|line| line.area.width()).max().unwrap_or(0);
        let long = || lines.clone().filter(move |line| line.area.width() * 10 > widest * 8);
        Block { left: long().map(|line| line.area.left).min().unwrap_or(0), right: long().map(|line| line.area.right).max().unwrap_or(0) }
    }

    /// Whether a line goes on where the one before it ended: at the right margin, then at the left.
    fn runs_on(&self, before: &Line, line: &Line) -> bool {
        let em = before.area.height().max(1);
        let alike = (before.area.height() - line.area.height()).abs() * 4 < em;
        let follows = line.area.top > before.area.top && line.area.top - before.area.bottom < 2 * em;
        let full = before.area.right > self.right - 3 * em;
        let flush = line.area.left < self.left + em * 6 / 5 && line.area.left < before.area.right;
        let wide = before.area.width() * 2 > self.right - self.left;
        alike && follows && full && flush && wide
    }
}
