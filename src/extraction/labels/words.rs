//! The labels of the catalogue as they are compared, and how far what was read is from one.
//!
//! Owns the tolerance. Never looks where a label stands.

use crate::domain::document::DocumentSpec;
use crate::domain::text;
use crate::extraction::layout::{Plan, Span};
use crate::extraction::lookalike;

/// A label of the catalogue, ready to be compared.
pub struct Word {
    pub field: Option<usize>,
    pub key: Vec<char>,
    /// The signs of the key, as [`text::signs`] tells them.
    signs: u64,
    /// Earlier names of a field are the more usual ones.
    pub rank: i32,
    /// The label names the options themselves (発電機／DR): the entry looks like it.
    pub lists_options: bool,
}

pub fn words(spec: &DocumentSpec) -> Vec<Word> {
    let mut all = Vec::new();
    for (n, field) in spec.fields.iter().enumerate() {
        let options: Vec<Vec<Vec<char>>> =
            field.codes.iter().map(|code| code.words.iter().map(|word| lookalike::word_key(word)).collect()).collect();
        for (rank, label) in std::iter::once(&field.label).chain(&field.variants).enumerate() {
            let key = lookalike::word_key(label);
            let named = options.iter().filter(|words| words.iter().any(|word| holds(&key, word))).count();
            all.push(Word { field: Some(n), signs: text::signs(&key), key, rank: rank as i32, lists_options: named >= 2 });
        }
    }
    all.extend(spec.foreign.iter().map(|label| {
        let key = lookalike::word_key(label);
        Word { field: None, signs: text::signs(&key), key, rank: 0, lists_options: false }
    }));
    all.retain(|word| !word.key.is_empty());
    all
}

fn holds(text: &[char], part: &[char]) -> bool {
    !part.is_empty() && text.windows(part.len()).any(|window| window == part)
}

/// [`text::signs`] of the beginnings of what was read, by their lengths, with the alternatives of the recogniser.
pub fn signs_read(plan: &Plan, read: &[(char, usize, usize)]) -> Vec<u64> {
    let others = |row: usize, n: usize| plan.rows.get(row).and_then(|row| row.inks.get(n)).map_or(&[][..], |ink| ink.others.as_slice());
    let mut all = vec![0];
    let mut so_far = 0;
    for (c, row, n) in read {
        let thought_of = others(*row, *n).iter().filter(|(_, sure)| *sure >= THOUGHT_OF).flat_map(|(other, _)| lookalike::key(*other));
        so_far = thought_of.fold(so_far | text::sign(*c), |all, other| all | text::sign(other));
        all.push(so_far);
    }
    all
}

impl Word {
    /// Whether it may stand among these signs: each that is missing costs an edit.
    pub fn may_stand(&self, among: u64) -> bool {
        (self.signs & !among).count_ones() as usize <= tolerance(self.key.len())
    }
}

/// An alternative of the recogniser counts as read from here on, in thousandths.
const THOUGHT_OF: u16 = 50;

/// Misread characters that a label of this length may have.
pub fn tolerance(length: usize) -> usize {
    match length {
        0..=3 => 0,
        4..=5 => 1,
        6..=9 => 2,
        _ => 3,
    }
}

/// Characters of some spans with the ink that each comes from.
pub fn keyed(plan: &Plan, spans: &[Span]) -> Vec<(char, usize, usize)> {
    let mut all = Vec::new();
    for span in spans {
        for (n, ink) in plan.inks(*span).iter().enumerate() {
            all.extend(lookalike::key(ink.char).map(|c| (c, span.row, span.from + n)));
        }
    }
    all
}

/// Edits between a label and what was read, where an alternative of the recogniser counts as right; many where they are more than a label
/// of its length may have. With `open` the text may go on behind the label; then the characters used come along.
pub fn edits(plan: &Plan, key: &[char], read: &[(char, usize, usize)], open: bool) -> (usize, usize) {
    let most = tolerance(key.len());
    let missing = key.len().saturating_sub(read.len());
    if missing > most || !open && read.len().saturating_sub(key.len()) > most {
        return (usize::MAX, 0);
    }
    let fits = |wanted: char, (c, row, n): (char, usize, usize)| {
        c == wanted
            || plan.rows.get(row).and_then(|row| row.inks.get(n)).is_some_and(|ink| {
                ink.others.iter().any(|(other, sure)| *sure >= THOUGHT_OF && lookalike::key(*other).any(|other| other == wanted))
            })
    };
    let mut line: Vec<usize> = (0..=read.len()).collect();
    for (i, wanted) in key.iter().enumerate() {
        let mut diagonal = line.first().copied().unwrap_or(0);
        let mut least = i + 1;
        if let Some(first) = line.first_mut() {
            *first = least;
        }
        for (j, sign) in read.iter().enumerate() {
            let above = line.get(j + 1).copied().unwrap_or(usize::MAX - 1);
            let left = line.get(j).copied().unwrap_or(usize::MAX - 1);
            let best = (diagonal + usize::from(!fits(*wanted, *sign))).min(above + 1).min(left + 1);
            diagonal = above;
            least = least.min(best);
            if let Some(slot) = line.get_mut(j + 1) {
                *slot = best;
            }
        }
        // It only becomes more from here on.
        if least > most {
            return (usize::MAX, 0);
        }
    }
    if !open {
        return (line.last().copied().unwrap_or(usize::MAX), read.len());
    }
    // Of two ends that cost the same, the label has the one with room behind it.
    let run_on = |n: usize| read.get(n).is_some_and(|(_, row, at)| plan.gap(*row, *at) < 400);
    let near = |n: usize| n.abs_diff(key.len());
    line.iter().enumerate().map(|(n, cost)| (*cost, n)).min_by_key(|(cost, n)| (*cost, run_on(*n), near(*n))).unwrap_or((usize::MAX, 0))
}
