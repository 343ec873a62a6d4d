//! From strokes to the cells of ruled tables. Owns the geometry of grids, knows nothing of text.

use crate::domain::place::Area;
use crate::reading::pdf::drawn::Stroke;
use crate::reading::pdf::geometry::whole;

/// Strokes this close are one line (1.5 points).
const SAME: f64 = 15.0;
/// Gaps and overhangs that a corner may show (3 points).
const CORNER: f64 = 30.0;
/// Sides of the smallest cell.
const LEAST: f64 = 60.0;
/// Lines of one direction; a page with more is a drawing.
const MOST: usize = 400;

/// Parallel strokes at one place: the stretches that they cover.
struct Ruled {
    at: f64,
    spans: Vec<(f64, f64)>,
}

impl Ruled {
    fn covers(&self, from: f64, to: f64) -> bool {
        self.spans.iter().any(|(start, end)| *start <= from + CORNER && *end >= to - CORNER)
    }
}

/// Cells from top to bottom, from left to right.
pub fn cells(strokes: &[Stroke]) -> Vec<Area> {
    let rows = ruled(strokes.iter().filter(|s| (s.from.y - s.to.y).abs() < SAME).map(|s| ((s.from.y + s.to.y) / 2.0, s.from.x, s.to.x)));
    let columns = ruled(strokes.iter().filter(|s| (s.from.x - s.to.x).abs() < SAME).map(|s| ((s.from.x + s.to.x) / 2.0, s.from.y, s.to.y)));
    if rows.len() < 2 || columns.len() < 2 || rows.len() > MOST || columns.len() > MOST {
        return Vec::new();
    }
    let (high, wide) = (rows.len() - 1, columns.len() - 1);
    let outside = high * wide;
    let mut groups = Groups((0..=outside).collect());
    for (row, pair) in rows.windows(2).enumerate() {
        let [top, bottom] = pair else { continue };
        for (column, pair) in columns.windows(2).enumerate() {
            let [left, right] = pair else { continue };
            let here = row * wide + column;
            if !right.covers(top.at, bottom.at) {
                groups.join(here, if column + 1 < wide { here + 1 } else { outside });
            }
            if !bottom.covers(left.at, right.at) {
                groups.join(here, if row + 1 < high { here + wide } else { outside });
            }
            if column == 0 && !left.covers(top.at, bottom.at) || row == 0 && !top.covers(left.at, right.at) {
                groups.join(here, outside);
            }
        }
    }
    let beyond = groups.root(outside);
    // Rows and columns that a group spans, and how many fields it has: a cell fills its rectangle.
    let mut spans: std::collections::BTreeMap<usize, (usize, usize, usize, usize, usize)> = Default::default();
    for field in 0..outside {
        let root = groups.root(field);
        if root != beyond {
            let (row, column) = (field / wide, field % wide);
            let span = spans.entry(root).or_insert((row, row, column, column, 0));
            *span = (span.0.min(row), span.1.max(row), span.2.min(column), span.3.max(column), span.4 + 1);
        }
    }
    let mut found: Vec<Area> = spans
        .into_values()
        .filter(|(top, bottom, left, right, fields)| (bottom - top + 1) * (right - left + 1) == *fields)
        .filter_map(|(top, bottom, left, right, _)| {
            let (top, bottom) = (rows.get(top)?.at, rows.get(bottom + 1)?.at);
            let (left, right) = (columns.get(left)?.at, columns.get(right + 1)?.at);
            (bottom - top >= LEAST && right - left >= LEAST).then(|| Area::new(whole(left), whole(top), whole(right), whole(bottom)))
        })
        .collect();
    found.sort_by_key(|area| (area.top, area.left));
    found
}

/// Strokes `(at, from, to)` gathered into lines with their stretches.
fn ruled(strokes: impl Iterator<Item = (f64, f64, f64)>) -> Vec<Ruled> {
    let mut strokes: Vec<(f64, f64, f64)> =
        strokes.map(|(at, a, b)| (at, a.min(b), a.max(b))).filter(|(_, from, to)| to - from > SAME).collect();
    strokes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut lines: Vec<(f64, Vec<(f64, f64)>)> = Vec::new();
    for (at, from, to) in strokes {
        match lines.last_mut() {
            Some((known, spans)) if at - *known <= SAME => spans.push((from, to)),
            _ => lines.push((at, vec![(from, to)])),
        }
    }
    lines
        .into_iter()
        .map(|(at, mut spans)| {
            spans.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut merged: Vec<(f64, f64)> = Vec::new();
            for (from, to) in spans {
                match merged.last_mut() {
                    Some(last) if from <= last.1 + SAME => last.1 = last.1.max(to),
                    _ => merged.push((from, to)),
                }
            }
            Ruled { at, spans: merged }
        })
        .collect()
}

/// Fields that no line parts.
struct Groups(Vec<usize>);

impl Groups {
    fn root(&mut self, mut field: usize) -> usize {
        while self.0[field] != field {
            self.0[field] = self.0[self.0[field]];
            field = self.0[field];
        }
        field
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one] = other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::pdf::geometry::Point;

    fn stroke(x1: f64, y1: f64, x2: f64, y2: f64) -> Stroke {
        Stroke { from: Point::new(x1, y1), to: Point::new(x2, y2) }
    }

    fn frame(left: f64, top: f64, right: f64, bottom: f64) -> Vec<Stroke> {
        vec![
            stroke(left, top, right, top),
            stroke(right, top, right, bottom),
            stroke(right, bottom, left, bottom),
            stroke(left, bottom, left, top),
        ]
    }

    #[test]
    fn a_table_with_a_joined_cell() {
        let mut strokes = frame(0.0, 0.0, 2000.0, 600.0);
        strokes.push(stroke(0.0, 300.0, 2000.0, 300.0));
        strokes.push(stroke(800.0, 300.0, 800.0, 600.0));
        assert_eq!(cells(&strokes), [Area::new(0, 0, 2000, 300), Area::new(0, 300, 800, 600), Area::new(800, 300, 2000, 600)]);
    }

    #[test]
    fn a_frame_around_a_table_is_no_cell() {
        let mut strokes = frame(0.0, 0.0, 4000.0, 4000.0);
        strokes.extend(frame(500.0, 500.0, 1500.0, 900.0));
        assert_eq!(cells(&strokes), [Area::new(500, 500, 1500, 900)]);
    }

    #[test]
    fn an_open_side_makes_no_cell() {
        let strokes = &frame(0.0, 0.0, 1000.0, 300.0)[..3];
        assert_eq!(cells(strokes), []);
    }
}
