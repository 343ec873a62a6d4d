//! What stands side by side on a sheet: the labels of one record in two columns, or whole records with labels of their own.
//!
//! Owns where one ends and the next begins. Never reads a value.

use super::grid::Grid;
use super::labels::{Label, Vocabulary};
use std::collections::BTreeMap;

/// So many labels with another one further right in their row make two columns of labels.
const PAIRS: usize = 2;

/// Labels by the column of labels that they stand in, each with the last column in which its values may stand.
pub fn label_columns(labels: &[Label], right: u32) -> Vec<(Vec<Label>, u32)> {
    let mut columns: BTreeMap<u32, Vec<&Label>> = BTreeMap::new();
    for label in labels {
        columns.entry(label.column).or_default().push(label);
    }
    let mut found: Vec<(Vec<Label>, u32)> = Vec::new();
    for (column, own) in columns {
        // Between a label and the next one lies its value; where none does, both are one label in two cells.
        let apart = |label: &&&Label, before: &[Label]| before.iter().any(|other| other.row == label.row && other.right + 1 < column);
        match found.last_mut() {
            Some((before, end)) if own.iter().filter(|label| apart(label, before)).count() >= PAIRS => {
                *end = column - 1;
                found.push((own.into_iter().cloned().collect(), right));
            }
            Some((before, _)) => before.extend(own.into_iter().cloned()),
            None => found.push((own.into_iter().cloned().collect(), right)),
        }
    }
    found
}

/// The sheet cut between records that stand side by side: most of its labels are there once for each.
pub fn cut<'a>(grid: &Grid<'a>, vocabulary: &Vocabulary) -> Vec<Grid<'a>> {
    let mut lines: BTreeMap<(u32, &str), Vec<u32>> = BTreeMap::new();
    for word in grid.words().filter(|word| word.is_short && !vocabulary.fields(&word.keys).is_empty()) {
        lines.entry((word.row, word.text.as_str())).or_default().push(word.column);
    }
    let most = lines.values().map(Vec::len).max().unwrap_or(0);
    let often: Vec<&Vec<u32>> = lines.values().filter(|columns| columns.len() == most).collect();
    if most < 2 || often.len() < 2 || often.len() * 2 <= lines.len() {
        return vec![grid.clone()];
    }
    let starts: Vec<u32> = (0..most).filter_map(|n| often.iter().filter_map(|columns| columns.get(n)).min().copied()).collect();
    let ends: Vec<u32> = starts.iter().skip(1).map(|start| start - 1).chain([u32::MAX]).collect();
    let within = |columns: &&Vec<u32>| columns.iter().zip(&ends).all(|(column, end)| column <= end);
    if !often.iter().all(within) {
        return vec![grid.clone()];
    }
    let from = |n: usize, start: u32| if n == 0 { 0 } else { start };
    starts.iter().zip(ends).enumerate().map(|(n, (start, end))| grid.between(from(n, *start), end)).collect()
}
