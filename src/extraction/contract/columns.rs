//! Text that is set in two columns.
//!
//! Owns the order in which the lines of a page are read. Never joins lines, never reads one.

use super::table::cell;
use crate::domain::reading::{Line, Page};
use std::collections::{BTreeMap, BTreeSet};

/// So many lines beside others make two columns; fewer are a heading with a number, or two parties that sign.
const LEAST: usize = 6;
/// A line of a column takes at least this much of the page's width (hundredths).
const WIDTH: i32 = 25;

/// The lines of a page by their positions, in the stretches in which they are read one after another.
pub fn stretches(page: &Page) -> Vec<Vec<usize>> {
    let all = || vec![(0..page.lines.len()).collect()];
    let Some(gutter) = gutter(page) else { return all() };
    let crosses = |line: &Line| line.area.left < gutter && line.area.right > gutter;
    let mut found: Vec<Vec<usize>> = Vec::new();
    let mut between: Vec<usize> = Vec::new();
    // Lines over the whole width part what is set in columns.
    let mut by_parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut part = 0;
    for (n, line) in page.lines.iter().enumerate() {
        if crosses(line) {
            part += 1;
        }
        by_parts.entry(part).or_default().push(n);
    }
    let line = |n: &usize| page.lines.get(*n);
    let paired: BTreeSet<usize> = (0..page.lines.len()).filter_map(|n| Some([n, partner(page, line(&n)?)?])).flatten().collect();
    for lines in by_parts.into_values() {
        // What stands above the first line of both columns is a title or a number.
        let first = lines.iter().position(|n| paired.contains(n)).unwrap_or(lines.len());
        let (above, columns) = lines.split_at(first);
        between.extend(above);
        if columns.is_empty() {
            continue;
        }
        found.push(std::mem::take(&mut between));
        let (left, right) = columns.iter().partition(|n| line(n).is_some_and(|line| line.area.right <= gutter));
        found.extend([left, right]);
    }
    found.push(between);
    found.retain(|lines| !lines.is_empty());
    found
}

/// Where the page is parted: right of all lines of the left column, left of all of the right one.
fn gutter(page: &Page) -> Option<i32> {
    let pair = |line| Some((line, page.lines.get(partner(page, line)?)?));
    let pairs: Vec<(&Line, &Line)> = page.lines.iter().filter_map(pair).collect();
    if pairs.len() < LEAST {
        return None;
    }
    let left = pairs.iter().map(|(line, _)| line.area.right).max()?;
    let right = pairs.iter().map(|(_, line)| line.area.left).min()?;
    (left < right).then_some((left + right) / 2)
}

/// The line of the right column beside one of the left; entries of a ruled table are none.
fn partner(page: &Page, line: &Line) -> Option<usize> {
    let wide = |line: &Line| line.area.width() * 100 >= page.width * WIDTH && cell(page, line.area.centre()).is_none();
    let beside = |other: &Line| other.area.left > line.area.right && other.area.row_overlap(&line.area) > 500 && wide(other);
    if wide(line) { page.lines.iter().position(beside) } else { None }
}
