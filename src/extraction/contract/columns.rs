//! Text that is set in two columns.
//!
//! Owns the order in which the lines of a page are read. Never joins lines, never reads one.

use super::table::cell;
use crate::domain::reading::{Line, Page};

/// So many lines beside others make two columns; fewer are a heading with a number, or two parties that sign.
const LEAST: usize = 6;
/// A line of a column takes at least this much of the page's width (hundredths).
const WIDTH: i32 = 25;

/// Where a page is parted.
struct Columns {
    /// Right of all lines of the left column, left of all of the right one.
    gutter: i32,
    /// Where the lines of either begin.
    edges: [i32; 2],
}

/// The lines of a page by their positions, in the stretches in which they are read one after another.
pub fn stretches(page: &Page) -> Vec<Vec<usize>> {
    let Some(columns) = Columns::of(page) else { return vec![(0..page.lines.len()).collect()] };
    let mut found: Vec<Vec<usize>> = Vec::new();
    for part in parts(page, columns.gutter) {
        // What stands above the first line of either column is a title or a number.
        let first = part.iter().position(|n| page.lines.get(*n).is_some_and(|line| columns.begins(line))).unwrap_or(part.len());
        let (above, below) = part.split_at(first);
        let (left, right) = below.iter().partition(|n| page.lines.get(**n).is_some_and(|line| line.area.right <= columns.gutter));
        found.extend([above.to_vec(), left, right]);
    }
    found.retain(|lines| !lines.is_empty());
    found
}

/// The lines between those that go over the whole width; each of these begins a part.
fn parts(page: &Page, gutter: i32) -> Vec<Vec<usize>> {
    let mut parts: Vec<Vec<usize>> = vec![Vec::new()];
    for (n, line) in page.lines.iter().enumerate() {
        let over_both = line.area.left < gutter && line.area.right > gutter;
        match parts.last_mut() {
            Some(part) if !over_both => part.push(n),
            _ => parts.push(vec![n]),
        }
    }
    parts
}

impl Columns {
    fn of(page: &Page) -> Option<Columns> {
        let pairs: Vec<(&Line, &Line)> = page.lines.iter().filter_map(|line| Some((line, partner(page, line)?))).collect();
        if pairs.len() < LEAST {
            return None;
        }
        let right_of_left = pairs.iter().map(|(line, _)| line.area.right).max()?;
        let edges = [pairs.iter().map(|(line, _)| line.area.left).min()?, pairs.iter().map(|(_, line)| line.area.left).min()?];
        (right_of_left < edges[1]).then_some(Columns { gutter: (right_of_left + edges[1]) / 2, edges })
    }

    fn begins(&self, line: &Line) -> bool {
        self.edges.iter().any(|edge| (line.area.left - edge).abs() < line.area.height())
    }
}

/// A line of the right column beside one of the left, at whatever height it stands; entries of a ruled table are none.
fn partner<'a>(page: &'a Page, line: &Line) -> Option<&'a Line> {
    let wide = |line: &Line| line.area.width() * 100 >= page.width * WIDTH && cell(page, line.area.centre()).is_none();
    let beside = |other: &&Line| other.area.left > line.area.right && other.area.row_overlap(&line.area) > 0 && wide(other);
    if wide(line) { page.lines.iter().find(beside) } else { None }
}
