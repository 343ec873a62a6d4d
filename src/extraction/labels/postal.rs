//! The label of a single sign: 〒, whatever it was read as.
//!
//! Owns the proof by the code that stands beside it or below. Never reads that code.

use super::{Hit, Word, base};
use crate::domain::text;
use crate::extraction::layout::{Ink, Plan, Row, Span, WORD_GAP};
use crate::extraction::lookalike;

/// 〒 for itself before a postal code, whatever it was read as: the code proves it.
pub(super) fn marks(plan: &Plan, n: usize, words: &[Word], found: &mut Vec<Hit>) {
    let Some(word) = words.iter().find(|word| word.key == ['〒']) else { return };
    let segments = (0..plan.rows.len()).flat_map(|row| plan.segments(plan.whole_row(row), 2 * WORD_GAP));
    for segment in segments {
        let [first] = plan.inks(segment) else { continue };
        let beside = |(other, to): (usize, &Row)| {
            let from = if other == segment.row { segment.to } else { 0 };
            let level = to.area.row_overlap(&first.area) >= 500 && (other == segment.row || to.area.left >= first.area.right);
            level && is_postal_code(&plan.text(Span { row: other, from, to: to.inks.len() }))
        };
        let proved = || plan.rows.iter().enumerate().any(beside) || above_its_code(plan, first);
        if lookalike::is_postal_mark(first.char) && proved() {
            found.push(Hit {
                field: word.field,
                plan: n,
                spans: vec![segment],
                area: first.area,
                cell: None,
                score: base(word, 0) + 15,
                again: false,
                offers: word.lists_options,
            });
        }
    }
}

/// Whether a postal code stands below a sign, at its left edge.
fn above_its_code(plan: &Plan, sign: &Ink) -> bool {
    let pieces = (0..plan.rows.len()).flat_map(|row| plan.segments(plan.whole_row(row), 2 * WORD_GAP));
    pieces.map(|span| (span, plan.area(&[span]))).any(|(span, area)| {
        (0..2 * plan.em).contains(&(area.top - sign.area.bottom))
            && (area.left - sign.area.left).abs() <= 2 * plan.em
            && is_postal_code(&plan.text(span))
    })
}

/// Seven digits, with no more than a dash within and brackets around them.
fn is_postal_code(text: &str) -> bool {
    let plain = text::tidy(text);
    let digits = plain.chars().filter(char::is_ascii_digit).count();
    digits == 7 && plain.chars().all(|c| c.is_ascii_digit() || "-ー一()（） ".contains(c))
}
