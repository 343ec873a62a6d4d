//! From a label to the characters of its entry.
//!
//! Owns "to the right", "below", "behind" and "in the boxes beside". Never reads a value.

use crate::domain::place::Area;
use crate::extraction::labels::Hit;
use crate::extraction::layout::{Ink, Plan, Row, Span, WORD_GAP};
use crate::extraction::lookalike;
use std::collections::BTreeSet;

/// Words further apart than this, in thousandths of an em, are two entries.
const ENTRY_GAP: i32 = 3_500;

/// One page with what is known of it.
pub struct Ground<'a> {
    pub plan: &'a Plan,
    pub hits: Vec<&'a Hit>,
    /// Characters that a label or another entry has taken, as row and position.
    pub taken: BTreeSet<(usize, usize)>,
    /// Characters whose shape proves them to be another field's: an entry goes around them.
    pub claimed: BTreeSet<(usize, usize)>,
    label_cells: BTreeSet<usize>,
    /// On this page entries without a grid stand below their labels.
    below: bool,
}

impl<'a> Ground<'a> {
    pub fn new(plan: &'a Plan, hits: Vec<&'a Hit>) -> Self {
        let taken = hits.iter().flat_map(|hit| &hit.spans).flat_map(|span| (span.from..span.to).map(|n| (span.row, n))).collect();
        let label_cells = hits.iter().filter_map(|hit| hit.cell).collect();
        let mut ground = Ground { plan, hits, taken, claimed: BTreeSet::new(), label_cells, below: false };
        let free: Vec<&Hit> = ground.hits.iter().filter(|hit| hit.cell.is_none()).copied().collect();
        let beside = free.iter().filter(|hit| !ground.behind(hit, ENTRY_GAP).is_empty()).count();
        let under = free.iter().filter(|hit| ground.behind(hit, ENTRY_GAP).is_empty() && !ground.under(hit, ENTRY_GAP).is_empty()).count();
        ground.below = under > beside;
        ground
    }

    /// Notes characters as belonging to somebody.
    pub fn take(&mut self, spans: &[Span]) {
        self.taken.extend(spans.iter().flat_map(|span| (span.from..span.to).map(|n| (span.row, n))));
    }

    /// The entry of a label, row by row; empty where nothing is written. Options may stand wide apart and in cells of their own.
    pub fn entry(&self, hit: &Hit, options: bool) -> Vec<Span> {
        self.entry_within(hit, if options { i32::MAX } else { ENTRY_GAP })
    }

    /// The same where its parts stand no further apart than `reach`.
    pub fn entry_within(&self, hit: &Hit, reach: i32) -> Vec<Span> {
        let options = reach == i32::MAX;
        let Some(cell) = hit.cell.and_then(|cell| self.plan.cells.get(cell)) else { return self.free(hit, reach) };
        if let Some(mut cells) = self.cells_right(cell) {
            if options {
                self.option_cells(cell, &mut cells);
            }
            return self.in_cells(&cells, reach);
        }
        let below: Vec<usize> = self.cells_below(cell);
        if !below.is_empty() {
            return self.in_cells(&below, reach);
        }
        self.free(hit, reach)
    }

    /// Options that have a cell each: those that follow, as long as a box stands at an end of what is written in them.
    fn option_cells(&self, label: &Area, chosen: &mut Vec<usize>) {
        let boxed = |n: usize| {
            let rows = self.plan.rows_of.get(n).map_or(&[][..], Vec::as_slice);
            let mut inks = rows.iter().flat_map(|row| self.plan.inks(self.plan.whole_row(*row)));
            let first = inks.next();
            first.is_some_and(Ink::is_box) || inks.last().is_some_and(Ink::is_box)
        };
        loop {
            let edge = chosen.iter().filter_map(|n| self.plan.cells.get(*n)).map(|cell| cell.right).max().unwrap_or(label.right);
            let next: Vec<usize> = (self.plan.cells.iter().enumerate())
                .filter(|(n, cell)| {
                    (cell.left - edge).abs() <= self.plan.em && cell.row_overlap(label) >= 600 && self.is_entry(*n) && boxed(*n)
                })
                .map(|(n, _)| n)
                .filter(|n| !chosen.contains(n))
                .collect();
            if next.is_empty() {
                return;
            }
            chosen.extend(next);
        }
    }

    /// What the entry covers on the page, written or not: its cells, or the room to the right of its label.
    pub fn room(&self, hit: &Hit) -> Area {
        let cells = self.own_cells(hit);
        if cells.is_empty() {
            return Area { right: self.plan.width, ..hit.area };
        }
        cells.iter().filter_map(|n| self.plan.cells.get(*n)).fold(hit.area, |sum, cell| sum.union(cell))
    }

    /// The cells that an entry has for its own, right of its label's cell or below it; none where it has to share.
    pub fn own_cells(&self, hit: &Hit) -> Vec<usize> {
        let Some(cell) = hit.cell.and_then(|cell| self.plan.cells.get(cell)) else { return Vec::new() };
        self.cells_right(cell).unwrap_or_else(|| self.cells_below(cell))
    }

    /// The cell in which a label stands, alone or with other words, where it leaves room there for an entry: behind it or below it.
    pub fn roomy_cell(&self, hit: &Hit) -> Option<usize> {
        let cell = self.plan.cell_of(&hit.spans)?;
        let (area, em) = (self.plan.cells.get(cell)?, self.plan.em);
        (area.right - hit.area.right >= 3 * em || area.bottom - hit.area.bottom >= em).then_some(cell)
    }

    /// The room for the entry of a label outside all cells: to its right as far as the page is written on, or below it where entries stand
    /// there, and in both up to the next label.
    pub fn open_room(&self, hit: &Hit) -> Option<Area> {
        let em = self.plan.em;
        if self.plan.cell_of(&hit.spans).is_some() {
            return None;
        }
        let beside = self.hits.iter().filter(|other| other.area.left >= hit.area.right && other.area.row_overlap(&hit.area) >= 500);
        let written = self.plan.rows.iter().map(|row| row.area.right).max()?;
        let right = beside.map(|other| other.area.left - em / 2).min().unwrap_or(written);
        let room = if self.below {
            let under = self.hits.iter().filter(|other| other.area.top >= hit.area.bottom && other.area.column_overlap(&hit.area) > 0);
            let next = under.map(|other| other.area.top).min().unwrap_or(i32::MAX);
            let bottom = (hit.area.bottom + 2 * em).min(next);
            Area { left: hit.area.left - em / 2, top: hit.area.bottom + em / 8, right, bottom }
        } else {
            Area { left: hit.area.right + em / 4, top: hit.area.top - em / 4, right, bottom: hit.area.bottom + em / 4 }
        };
        (room.width() >= 4 * em && room.height() >= em).then_some(room)
    }

    /// Whether another label has the same cells beside it, or a cell beside it is by far higher than its own: a rule between two rows
    /// was lost, and nobody can tell whose entry is whose.
    pub fn is_contested(&self, hit: &Hit) -> bool {
        let label = |hit: &Hit| hit.cell.and_then(|cell| self.plan.cells.get(cell));
        let cells = |hit: &Hit| label(hit).and_then(|cell| self.cells_right(cell));
        let (Some(label), Some(own)) = (label(hit), cells(hit)) else { return false };
        if own.iter().filter_map(|n| self.plan.cells.get(*n)).any(|cell| cell.height() * 10 > label.height() * 17) {
            return true;
        }
        let others = self.hits.iter().filter(|other| other.cell != hit.cell && other.field != hit.field);
        others.filter_map(|other| cells(other)).any(|theirs| theirs.iter().any(|cell| own.contains(cell)))
    }

    /// Whether a cell can hold another label's entry: no label fills it or its first row, and not each of its rows begins with one longer
    /// than a sign (〒, 印).
    fn is_entry(&self, cell: usize) -> bool {
        let rows = self.plan.rows_of.get(cell).map_or(&[][..], Vec::as_slice);
        let headed = rows.first().is_some_and(|row| self.is_labelled(*row, self.plan.whole_row(*row).to));
        let open = |row: &usize| !self.is_labelled(*row, 2) && !is_note(self.plan, *row);
        !self.label_cells.contains(&cell) && !headed && (rows.is_empty() || rows.iter().any(open))
    }

    /// Whether a row begins with a label of at least so many characters, and more than a sign: what follows is that one's entry.
    fn is_labelled(&self, row: usize, least: usize) -> bool {
        let begins = |hit: &&Hit| hit.spans.first().is_some_and(|span| span.row == row && span.from == 0 && span.to >= least.max(2));
        self.hits.iter().any(begins)
    }

    /// The cells right of a label's cell; `None` where a label or nothing stands there.
    fn cells_right(&self, cell: &Area) -> Option<Vec<usize>> {
        let beside = |other: &Area| other.left >= cell.right - self.plan.em / 2 && other.row_overlap(cell) >= 600 && other != cell;
        let all = || self.plan.cells.iter().enumerate().filter(|(_, other)| beside(other));
        let left = all().map(|(_, other)| other.left).min().filter(|left| left - cell.right <= 4 * self.plan.em)?;
        let mut chosen: Vec<usize> = all()
            .filter(|(n, other)| {
                let within = (cell.top - self.plan.em / 2..cell.bottom + self.plan.em / 2).contains(&other.centre().1);
                (other.left - left).abs() <= self.plan.em
                    && (within || other.contains((other.centre().0, cell.centre().1)))
                    && self.is_entry(*n)
            })
            .map(|(n, _)| n)
            .collect();
        if chosen.is_empty() {
            return None;
        }
        self.comb(&mut chosen);
        Some(chosen)
    }

    /// One character a box: the boxes that follow a narrow one belong to the same entry.
    fn comb(&self, chosen: &mut Vec<usize>) {
        let &[first] = chosen.as_slice() else { return };
        let Some(mut last) = self.plan.cells.get(first).copied() else { return };
        let width = last.width();
        if width > 3 * self.plan.em {
            return;
        }
        loop {
            let next = self.plan.cells.iter().enumerate().filter(|(n, other)| {
                other.left >= last.right - self.plan.em / 2
                    && other.left <= last.right + 2 * self.plan.em
                    && other.row_overlap(&last) >= 700
                    && (other.width() - width).abs() * 2 <= width
                    && self.is_entry(*n)
            });
            let Some((n, cell)) = next.min_by_key(|(_, other)| other.left) else { return };
            if chosen.contains(&n) {
                return;
            }
            chosen.push(n);
            last = *cell;
        }
    }

    fn cells_below(&self, cell: &Area) -> Vec<usize> {
        let under = |other: &Area| (other.top - cell.bottom).abs() <= self.plan.em && other.column_overlap(cell) >= 700;
        self.plan.cells.iter().enumerate().filter(|(n, other)| under(other) && self.is_entry(*n)).map(|(n, _)| n).collect()
    }

    fn in_cells(&self, cells: &[usize], reach: i32) -> Vec<Span> {
        let mut spans = Vec::new();
        for rows in cells.iter().filter_map(|cell| self.plan.rows_of.get(*cell)) {
            let mut above = false;
            for row in rows.iter().filter(|row| !self.is_labelled(**row, 2) && !is_note(self.plan, **row)) {
                let span = self.open(self.plan.whole_row(*row), reach).filter(|_| !(above && is_small(self.plan, *row)));
                above |= span.is_some();
                spans.extend(span);
            }
        }
        spans
    }

    /// The first run of a span's characters that nobody has taken, cut at gaps of `reach`.
    fn open(&self, span: Span, reach: i32) -> Option<Span> {
        let free = |n: &usize| !self.taken.contains(&(span.row, *n)) && !self.claimed.contains(&(span.row, *n));
        let from = (span.from..span.to).find(free)?;
        let to = (from + 1..span.to).find(|n| !free(n) || self.plan.gap(span.row, *n) >= reach).unwrap_or(span.to);
        Some(Span { row: span.row, from, to })
    }

    /// An entry outside a grid, or in the same cell as its label.
    fn free(&self, hit: &Hit, reach: i32) -> Vec<Span> {
        let beside = self.behind(hit, reach);
        let boxed = self.boxes_beside(hit, beside.first().map(|span| self.plan.area(&[*span]).left), reach);
        if !boxed.is_empty() {
            return boxed;
        }
        if beside.is_empty() {
            let inside = self.plan.cell_of(&hit.spans).is_some();
            return if self.below || inside { self.under(hit, reach) } else { Vec::new() };
        }
        beside
    }

    /// The rows at the label's height to its right, with those that go on above and below them.
    fn behind(&self, hit: &Hit, reach: i32) -> Vec<Span> {
        let cell = self.plan.cell_of(&hit.spans);
        let cell = if hit.cell.is_some() { None } else { cell };
        let mut start: Option<(i32, i32, Span)> = None;
        for (n, row) in self.plan.rows.iter().enumerate() {
            let away = (row.area.centre().1 - hit.area.centre().1).abs();
            if row.cell != cell || away > self.plan.em * 11 / 10 {
                continue;
            }
            let right = |area: &Area| area.left >= hit.area.right - self.plan.em / 4;
            let Some(from) = row.inks.iter().position(|ink| right(&ink.area) && !ink.area.contains(hit.area.centre())) else { continue };
            let level = row.inks.get(from).is_some_and(|ink| ink.area.row_overlap(&hit.area) >= 500);
            // Nothing but the next entry stands behind the next label, and a row beside another label is that one's.
            let others = self.hits.iter().any(|other| **other != *hit && !right(&other.area) && other.area.row_overlap(&row.area) >= 400);
            if self.taken.contains(&(n, from)) || (!level && others) {
                continue;
            }
            let left = row.inks.get(from).map_or(0, |ink| ink.area.left);
            let key = if level { (0, left) } else { (1 + away, left) };
            if start.is_none_or(|(rank, best, _)| key < (rank, best)) {
                start = Some((key.0, left, Span { row: n, from, to: row.inks.len() }));
            }
        }
        let Some((_, left, start)) = start else { return Vec::new() };
        let mut spans: Vec<Span> = self.open(start, reach).into_iter().collect();
        let anchor = Area { left, ..self.plan.area(&[start]) };
        self.go_on(&mut spans, anchor, cell, (reach, i32::MAX), true);
        self.go_on(&mut spans, anchor, cell, (reach, i32::MAX), false);
        spans.sort();
        spans
    }

    /// Adds the rows that continue an entry, downwards or upwards: same left edge, no label of their own, close by.
    fn go_on(&self, spans: &mut Vec<Span>, anchor: Area, cell: Option<usize>, (reach, limit): (i32, i32), down: bool) {
        let left = anchor.left;
        let edge = self.plan.em * 3 / 4;
        // An option whose box was not seen begins with its word.
        let inset = if reach == i32::MAX { self.plan.em * 5 / 4 } else { edge };
        let mut last = anchor;
        loop {
            // No part of a row reaches further than the row itself.
            let near = |row: &Row| {
                let (middle, reach) = (last.centre().1, self.plan.em * 8);
                if down {
                    row.area.bottom > middle && (row.area.top - last.bottom) * 10 <= reach
                } else {
                    row.area.top < middle && (last.top - row.area.bottom) * 10 <= reach
                }
            };
            let open = |(n, row): &(usize, &Row)| row.cell == cell && near(row) && !is_note(self.plan, *n);
            let next = self.plan.rows.iter().enumerate().filter(open).filter_map(|(n, row)| {
                let from = row.inks.iter().position(|ink| (-edge..=inset).contains(&(ink.area.left - left)))?;
                let span = self.open(Span { row: n, from, to: until(row, limit) }, reach).filter(|span| span.from == from)?;
                let area = self.plan.area(&[span]);
                let distance = if down { area.top - last.bottom } else { last.top - area.bottom };
                let beyond = if down { area.centre().1 > last.centre().1 } else { area.centre().1 < last.centre().1 };
                let before = from > 0 && self.plan.gap(n, from) < 2 * WORD_GAP;
                let labelled = self.hits.iter().any(|hit| hit.area.row_overlap(&area) >= 500 && hit.area.right <= left + self.plan.em);
                (beyond && !before && !labelled && distance * 10 <= self.plan.em * 8 && distance > -last.height())
                    .then_some((distance, span, area))
            });
            let Some((distance, span, area)) = next.min_by_key(|(distance, ..)| *distance) else { return };
            // A row between two labels belongs to the nearer one.
            let rival = self.hits.iter().any(|hit| {
                let further = if down { hit.area.top - area.bottom } else { area.top - hit.area.bottom };
                hit.area.right <= left + self.plan.em && hit.area.row_overlap(&area) < 500 && further >= 0 && further < distance
            });
            if rival || spans.len() >= 8 {
                return;
            }
            spans.push(span);
            last = area;
        }
    }

    /// Entry boxes outside the label's own cell, to its right.
    fn boxes_beside(&self, hit: &Hit, nearer: Option<i32>, reach: i32) -> Vec<Span> {
        if self.plan.cell_of(&hit.spans).is_some() && hit.cell.is_none() {
            return Vec::new();
        }
        let beside = self.plan.cells.iter().enumerate().filter(|(n, cell)| {
            cell.left >= hit.area.right - self.plan.em / 4
                && cell.row_overlap(&hit.area) >= 600
                && cell.left - hit.area.right <= 12 * self.plan.em
                && self.is_entry(*n)
        });
        let Some((first, cell)) = beside.min_by_key(|(_, cell)| cell.left) else { return Vec::new() };
        if nearer.is_some_and(|nearer| nearer < cell.left)
            || self
                .hits
                .iter()
                .any(|other| other.area.left >= hit.area.right && other.area.right <= cell.left && other.area.row_overlap(&hit.area) >= 500)
        {
            return Vec::new();
        }
        let mut chosen = vec![first];
        self.comb(&mut chosen);
        self.in_cells(&chosen, reach)
    }

    /// The rows below a label, from its left edge, up to the next label.
    fn under(&self, hit: &Hit, reach: i32) -> Vec<Span> {
        let cell = self.plan.cell_of(&hit.spans);
        // Where labels stand side by side, so do the entries below them.
        let beside = self.hits.iter().filter(|other| other.area.left > hit.area.right && other.area.row_overlap(&hit.area) >= 500);
        let limit = beside.map(|other| other.area.left - self.plan.em / 2).min().unwrap_or(i32::MAX);
        let next =
            self.plan.rows.iter().enumerate().filter(|(n, row)| row.cell == cell && !is_note(self.plan, *n)).filter_map(|(n, row)| {
                let from = row
                    .inks
                    .iter()
                    .position(|ink| ink.area.right > hit.area.left - self.plan.em && ink.area.left < hit.area.right + self.plan.em)?;
                let span = self.open(Span { row: n, from, to: until(row, limit) }, reach).filter(|span| span.from == from)?;
                let area = self.plan.area(&[span]);
                let distance = area.top - hit.area.bottom;
                (area.centre().1 > hit.area.bottom
                    && (area.left - hit.area.left).abs() <= 2 * self.plan.em
                    && distance * 10 <= self.plan.em * 15)
                    .then_some((distance, span))
            });
        let Some((_, span)) = next.min_by_key(|(distance, _)| *distance) else { return Vec::new() };
        let mut spans = vec![span];
        self.go_on(&mut spans, self.plan.area(&[span]), cell, (reach, limit), true);
        spans.sort();
        spans
    }
}

/// How many of a row's characters stand left of a limit.
fn until(row: &Row, limit: i32) -> usize {
    row.inks.iter().position(|ink| ink.area.left >= limit).unwrap_or(row.inks.len())
}

/// A remark of the form's maker below an entry: ※…, （注）….
pub fn is_note(plan: &Plan, row: usize) -> bool {
    let mut signs = plan.inks(plan.whole_row(row)).iter().map(|ink| ink.char).filter(|c| *c != ' ');
    let closes = |c: Option<char>| matches!(c, Some(')' | '）'));
    match signs.next() {
        Some('※' | '*' | '＊') => true,
        Some('注') => closes(signs.next()),
        Some('(' | '（') => signs.next() == Some('注') && closes(signs.next()),
        _ => false,
    }
}

/// Print of a remark is smaller than the page's usual one by so much, in hundredths.
const SMALL: i32 = 78;

/// Whether a row is set in the small print of remarks: below an entry it is none of it, whatever its first sign was read as.
fn is_small(plan: &Plan, row: usize) -> bool {
    let inks = plan.inks(plan.whole_row(row));
    let wide = |pair: &&[Ink]| pair.iter().all(|ink| lookalike::is_wide(ink.char));
    let mut steps: Vec<i32> = inks.windows(2).filter(wide).map(|pair| pair[1].area.centre().0 - pair[0].area.centre().0).collect();
    steps.sort_unstable();
    steps.len() >= 4 && steps[steps.len() / 2] * 100 <= SMALL * plan.em
}
