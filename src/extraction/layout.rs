//! The plan of a page: its characters one by one, put into rows, the rows into the cells of the grid.
//!
//! Owns which characters stand together. Never knows a label, never judges a value.

use crate::domain::place::Area;
use crate::domain::reading::{HAND, Line, Mark, MarkKind, Page, PageSource, SPECKLED, SPOILT};
use crate::extraction::lookalike;

/// A character where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ink {
    pub char: char,
    pub area: Area,
    /// In thousandths.
    pub confidence: u16,
    pub others: Vec<(char, u16)>,
    /// The words were apart here: a space stood before.
    pub apart: bool,
    /// It stands in a line that looks written by a hand.
    pub hand: bool,
    /// The strokes of its line came apart, as on a page that is too poor.
    pub frayed: bool,
}

impl Ink {
    pub fn is_box(&self) -> bool {
        lookalike::is_box(self.char)
    }
}

/// Characters at one height inside one cell (or outside all cells), from left to right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    pub cell: Option<usize>,
    pub area: Area,
    pub inks: Vec<Ink>,
}

/// One page, ready to be searched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    pub page: u32,
    /// Read from a picture: what is not seen may still be there.
    pub scanned: bool,
    /// A scan too poor for its words to be believed unseen.
    pub spoilt: bool,
    /// So poor that nothing on it is believed.
    pub speckled: bool,
    pub coloured: bool,
    /// Ink that nobody read; `None` where that is not known.
    pub loose: Option<Vec<Area>>,
    pub width: i32,
    pub height: i32,
    /// The usual distance between two full-width characters.
    pub em: i32,
    pub rows: Vec<Row>,
    pub cells: Vec<Area>,
    pub marks: Vec<Mark>,
    /// For each cell its rows, from top to bottom.
    pub rows_of: Vec<Vec<usize>>,
}

/// A part of a row: the row's number and its characters from `from` up to, not including, `to`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Span {
    pub row: usize,
    pub from: usize,
    pub to: usize,
}

impl Plan {
    pub fn new(page: &Page) -> Self {
        let em = em(&page.lines).max(1);
        let seals: Vec<&Mark> = page.marks.iter().filter(|mark| mark.kind == MarkKind::Seal && mark.confidence.0 > 500).collect();
        let mut pieces: Vec<Row> = Vec::new();
        // The imprint of a seal is no entry, even where it was read as characters; what may be one hides nothing.
        let written = page.lines.iter().filter(|line| !seals.iter().any(|seal| lies_in(&line.area, &seal.area)));
        for line in written {
            split_by_cell(inks(line), &page.cells, &mut pieces);
        }
        add_boxes(page, em, &mut pieces);
        let mut rows = merge(pieces);
        part_at_rings(&mut rows, &page.marks);
        rows.sort_by_key(|row| (row.area.centre().1, row.area.left));
        let mut rows_of = vec![Vec::new(); page.cells.len()];
        for (n, row) in rows.iter().enumerate() {
            if let Some(list) = row.cell.and_then(|cell| rows_of.get_mut(cell)) {
                list.push(n);
            }
        }
        Plan {
            page: page.number,
            scanned: page.source == PageSource::Recognised,
            spoilt: page.spoilt >= SPOILT,
            speckled: page.spoilt >= SPECKLED,
            coloured: page.coloured,
            loose: page.loose.clone(),
            width: page.width,
            height: page.height,
            em,
            rows,
            cells: page.cells.clone(),
            marks: page.marks.clone(),
            rows_of,
        }
    }

    pub fn inks(&self, span: Span) -> &[Ink] {
        self.rows.get(span.row).and_then(|row| row.inks.get(span.from..span.to)).unwrap_or(&[])
    }

    pub fn whole_row(&self, row: usize) -> Span {
        Span { row, from: 0, to: self.rows.get(row).map_or(0, |row| row.inks.len()) }
    }

    pub fn area(&self, spans: &[Span]) -> Area {
        let mut all = spans.iter().flat_map(|span| self.inks(*span)).map(|ink| ink.area);
        let first = all.next().unwrap_or_default();
        all.fold(first, |sum, area| sum.union(&area))
    }

    /// Whether most characters of some spans look written by a hand.
    pub fn by_hand(&self, spans: &[Span]) -> bool {
        let inks = || spans.iter().flat_map(|span| self.inks(*span));
        2 * inks().filter(|ink| ink.hand).count() > inks().count()
    }

    /// Whether anything in an area stands in a line whose strokes came apart, or nothing in it was read.
    pub fn is_frayed(&self, area: &Area) -> bool {
        let mut within = self.rows.iter().flat_map(|row| &row.inks).filter(|ink| area.contains(ink.area.centre())).peekable();
        within.peek().is_none() || within.any(|ink| ink.frayed)
    }

    /// The cell in which the first of some spans stands.
    pub fn cell_of(&self, spans: &[Span]) -> Option<usize> {
        spans.first().and_then(|span| self.rows.get(span.row)).and_then(|row| row.cell)
    }

    /// The empty distance before a character of a row, in thousandths of an em.
    pub fn gap(&self, row: usize, n: usize) -> i32 {
        let Some(row) = self.rows.get(row) else { return 0 };
        let (Some(left), Some(right)) = (n.checked_sub(1).and_then(|n| row.inks.get(n)), row.inks.get(n)) else { return i32::MAX };
        (1000 * (right.area.left - left.area.right).max(0) / self.em).max(if right.apart { 400 } else { 0 })
    }

    /// The parts of a row between gaps of at least `gap` thousandths of an em.
    pub fn segments(&self, span: Span, gap: i32) -> Vec<Span> {
        let mut found = Vec::new();
        let mut from = span.from;
        for n in span.from + 1..=span.to {
            if n == span.to || self.gap(span.row, n) >= gap {
                found.push(Span { row: span.row, from, to: n });
                from = n;
            }
        }
        found
    }

    pub fn text(&self, span: Span) -> String {
        let mut text = String::new();
        for n in span.from..span.to {
            let Some(ink) = self.rows.get(span.row).and_then(|row| row.inks.get(n)) else { break };
            if n > span.from && (ink.apart || self.gap(span.row, n) >= WORD_GAP) {
                text.push(' ');
            }
            text.push(ink.char);
        }
        text
    }
}

/// A gap that separates words, in thousandths of an em.
pub const WORD_GAP: i32 = 600;

fn lies_in(inner: &Area, outer: &Area) -> bool {
    inner.intersection(outer).is_some_and(|shared| {
        let part = |area: &Area| i64::from(area.width()) * i64::from(area.height());
        part(&shared) * 100 >= part(inner) * 85
    })
}

fn inks(line: &Line) -> Vec<Ink> {
    let vertical = line.glyphs.len() > 1 && line.area.height() > 2 * line.area.width();
    let mut apart = false;
    let mut inks = Vec::new();
    for glyph in &line.glyphs {
        if glyph.char.is_whitespace() {
            apart = true;
            continue;
        }
        let mut area = line.area;
        if vertical {
            (area.top, area.bottom) = (glyph.start, glyph.end);
        } else {
            (area.left, area.right) = (glyph.start, glyph.end);
        }
        let others = glyph.others.iter().map(|(c, confidence)| (*c, confidence.0)).collect();
        inks.push(Ink {
            char: glyph.char,
            area,
            confidence: glyph.confidence.0,
            others,
            apart: std::mem::take(&mut apart),
            hand: line.hand >= HAND,
            frayed: line.frayed >= SPOILT,
        });
    }
    inks
}

/// The smallest cell around a point.
fn cell_at(cells: &[Area], point: (i32, i32)) -> Option<usize> {
    let size = |area: &Area| i64::from(area.width()) * i64::from(area.height());
    cells.iter().enumerate().filter(|(_, cell)| cell.contains(point)).min_by_key(|(_, cell)| size(cell)).map(|(n, _)| n)
}

fn split_by_cell(inks: Vec<Ink>, cells: &[Area], pieces: &mut Vec<Row>) {
    let mut last: Option<Row> = None;
    for ink in inks {
        let cell = cell_at(cells, ink.area.centre());
        match &mut last {
            Some(row) if row.cell == cell => {
                row.area = row.area.union(&ink.area);
                row.inks.push(ink);
            }
            _ => pieces.extend(last.replace(Row { cell, area: ink.area, inks: vec![ink] })),
        }
    }
    pieces.extend(last);
}

/// Boxes that were seen as shapes: a character that stands in one is that box.
fn add_boxes(page: &Page, em: i32, pieces: &mut Vec<Row>) {
    for mark in &page.marks {
        let ticked = match mark.kind {
            MarkKind::BoxTicked => true,
            MarkKind::BoxEmpty => false,
            MarkKind::Ring | MarkKind::Seal | MarkKind::Struck | MarkKind::Corrected => continue,
        };
        if mark.area.height() > 3 * em {
            continue;
        }
        let (mut tick_written, mut others) = (false, Vec::new());
        for row in pieces.iter_mut() {
            row.inks.retain_mut(|ink| {
                let here = mark.area.contains(ink.area.centre()) && ink.area.width() <= 2 * mark.area.width();
                tick_written |= here && !ticked && lookalike::is_tick(ink.char);
                if here {
                    others = if ink.is_box() { std::mem::take(&mut ink.others) } else { vec![(ink.char, ink.confidence)] };
                }
                !here
            });
        }
        pieces.retain(|row| !row.inks.is_empty());
        let char = if ticked || tick_written { lookalike::TICKED } else { lookalike::EMPTY };
        let ink = Ink { char, area: mark.area, confidence: mark.confidence.0, others, apart: false, hand: false, frayed: true };
        pieces.push(Row { cell: cell_at(&page.cells, mark.area.centre()), area: mark.area, inks: vec![ink] });
    }
}

/// Pieces at one height in one cell become one row.
fn merge(mut pieces: Vec<Row>) -> Vec<Row> {
    pieces.sort_by_key(|piece| (piece.cell, piece.area.left));
    let mut rows: Vec<Row> = Vec::new();
    for piece in pieces {
        let same = rows.iter_mut().filter(|row| row.cell == piece.cell).find(|row| {
            // The nearest neighbour decides: a page may still be a little askew.
            let near = row.inks.last().map_or(row.area, |ink| ink.area);
            let reach = near.height().max(piece.area.height());
            near.row_overlap(&piece.area) >= 500 && (near.centre().1 - piece.area.centre().1).abs() * 2 <= reach
        });
        match same {
            Some(row) => {
                row.area = row.area.union(&piece.area);
                row.inks.extend(piece.inks);
            }
            None => rows.push(piece),
        }
    }
    for row in &mut rows {
        row.inks.sort_by_key(|ink| (ink.area.left, ink.area.top));
    }
    rows
}

/// A ring parts what stands in it from what stands beside it, as a gap does.
fn part_at_rings(rows: &mut [Row], marks: &[Mark]) {
    for ring in marks.iter().filter(|mark| mark.kind == MarkKind::Ring) {
        for row in rows.iter_mut() {
            let inside: Vec<bool> = row.inks.iter().map(|ink| ring.area.contains(ink.area.centre())).collect();
            for (ink, pair) in row.inks.iter_mut().skip(1).zip(inside.windows(2)) {
                ink.apart |= pair[0] != pair[1];
            }
        }
    }
}

/// The usual distance between two characters that are as wide as high.
fn em(lines: &[Line]) -> i32 {
    let mut steps: Vec<i32> = Vec::new();
    for line in lines.iter().filter(|line| line.area.width() > line.area.height()) {
        for pair in line.glyphs.windows(2) {
            if let [left, right] = pair
                && lookalike::is_wide(left.char)
                && lookalike::is_wide(right.char)
            {
                steps.push(right.start - left.start);
            }
        }
    }
    if steps.len() < 8 {
        steps = lines.iter().map(|line| line.area.height().min(line.area.width()) * 4 / 5).collect();
    }
    steps.sort_unstable();
    steps.get(steps.len() / 2).copied().unwrap_or(10)
}
