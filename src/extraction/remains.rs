//! What nobody has claimed: characters about an entry that may belong to it, and entries whose label nobody knew.
//!
//! Owns the account of a page's characters. Never takes any, never says what they mean.

use crate::domain::place::Area;
use crate::extraction::layout::{Plan, Row, Span, WORD_GAP};
use crate::extraction::locate::{self, Ground};

/// Characters that a label has at most, where nobody knows it.
const LABEL: usize = 14;

/// Whether characters that nobody claims, and that the entry `may_hold`, stand so close about it that it may have been cut short.
pub fn about(ground: &Ground<'_>, spans: &[Span], may_hold: impl Fn(char) -> bool) -> bool {
    let plan = ground.plan;
    let Some(cell) = spans.first().and_then(|span| plan.rows.get(span.row)).map(|row| row.cell) else { return false };
    let entry = plan.area(spans);
    let near = |area: &Area| {
        let (beside, below) = (area.row_overlap(&entry) >= 500, area.column_overlap(&entry) > 0);
        let across = (area.left - entry.right).max(entry.left - area.right);
        let down = (area.top - entry.bottom).max(entry.top - area.bottom);
        beside && across <= 2 * plan.em || below && down * 10 <= plan.em * 7
    };
    // A rule that is none cuts a text: what follows stands in another cell, and no further away than within a word.
    let goes_on =
        |area: &Area| area.row_overlap(&entry) >= 500 && (-plan.em / 4..plan.em * WORD_GAP / 1000).contains(&(area.left - entry.right));
    loose(ground).any(|span| {
        let area = plan.area(&[span]);
        let own = plan.rows.get(span.row).is_some_and(|row| row.cell == cell);
        let about = if own { cell.is_some() || near(&area) } else { cell.is_some() && goes_on(&area) };
        let foreign = plan.inks(span).iter().filter(|ink| !may_hold(ink.char)).count();
        about && 2 * foreign <= span.to - span.from && !is_note(plan, span) && !printed(ground, span)
    })
}

/// Whether characters that nobody claims stand in a room where a seal belongs: an imprint without its colour is read as words.
pub fn imprinted(ground: &Ground<'_>, room: &Area) -> bool {
    let plan = ground.plan;
    let around = room.grown(0, plan.em);
    let print = |span: Span| plan.inks(span).iter().all(|ink| matches!(ink.char, '印' | '押' | '欄' | '㊞'));
    loose(ground).any(|span| around.contains(plan.area(&[span]).centre()) && !print(span) && !is_note(plan, span))
}

/// Whether two pieces that nobody claims stand side by side like a label and its entry.
pub fn pair(ground: &Ground<'_>) -> bool {
    let plan = ground.plan;
    let pieces: Vec<Span> = loose(ground).flat_map(|span| plan.segments(span, 2 * WORD_GAP)).collect();
    let areas: Vec<Area> = pieces.iter().map(|span| plan.area(&[*span])).collect();
    let label = |span: &Span| (2..=LABEL).contains(&(span.to - span.from)) && !is_note(plan, *span);
    pieces.iter().zip(&areas).filter(|(span, _)| label(span)).any(|(left, area)| {
        pieces.iter().zip(&areas).any(|(right, other)| {
            right != left
                && other.row_overlap(area) >= 600
                && other.left >= area.right
                && other.left - area.right <= 12 * plan.em
                && right.to - right.from >= 2
                && !is_note(plan, *right)
        })
    })
}

/// Whether a character in a cell may be somebody's entry: nobody claims it, however badly it was read.
pub fn within(ground: &Ground<'_>, cell: usize) -> bool {
    let rows = ground.plan.rows_of.get(cell).map_or(&[][..], Vec::as_slice);
    let open = |row: &usize| {
        let mut inks = ground.plan.inks(ground.plan.whole_row(*row)).iter().enumerate();
        inks.any(|(n, ink)| ink.char.is_alphanumeric() && !ground.taken.contains(&(*row, n)))
    };
    rows.iter().any(open)
}

/// Whether a cell holds ink of which no character was made, or so much lies on a poor page that nobody can tell.
pub fn ink(ground: &Ground<'_>, cell: usize) -> bool {
    let plan = ground.plan;
    // What is left of a cell's rules lies along its edge.
    let area = plan.cells.get(cell).map(|area| area.grown(-plan.em / 4, -plan.em / 4));
    match &plan.loose {
        Some(loose) => loose.iter().any(|ink| area.is_some_and(|area| area.contains(ink.centre()))),
        None => plan.spoilt,
    }
}

/// Runs of characters that nobody claims.
fn loose<'a>(ground: &'a Ground<'_>) -> impl Iterator<Item = Span> + 'a {
    ground.plan.rows.iter().enumerate().flat_map(|(n, row)| runs(ground, n, row))
}

fn runs(ground: &Ground<'_>, row: usize, of: &Row) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for (n, ink) in of.inks.iter().enumerate() {
        // Specks and rules are read as dashes and stops.
        if ground.taken.contains(&(row, n)) || !ink.char.is_alphanumeric() || matches!(ink.char, 'ー' | '一') || ink.confidence < 300 {
            continue;
        }
        match found.last_mut().filter(|last| last.to == n) {
            Some(last) => last.to = n + 1,
            None => found.push(Span { row, from: n, to: n + 1 }),
        }
    }
    found
}

/// A remark of the form's maker: ※…, （注）…, or a sentence.
fn is_note(plan: &Plan, span: Span) -> bool {
    let row = plan.text(plan.whole_row(span.row));
    let before = span.from.checked_sub(1).and_then(|n| plan.rows.get(span.row)?.inks.get(n)).map(|ink| ink.char);
    locate::is_note(plan, span.row)
        || row.starts_with('注')
        || row.contains("注)")
        || row.contains("注）")
        || row.contains("ください")
        || row.contains("下さい")
        || before.is_some_and(|c| matches!(c, '(' | '（' | '※'))
}

/// Print beside an entry that belongs to a mark: what a seal or a ring covers.
fn printed(ground: &Ground<'_>, span: Span) -> bool {
    let area = ground.plan.area(&[span]);
    ground.plan.marks.iter().any(|mark| mark.area.contains(area.centre()))
}
