//! Tables: the cells between ruled lines.
//!
//! Owns the geometry of tables. Never asks what stands in a cell.

use crate::area::Area;
use crate::paper::blobs::{self, Mask};
use crate::paper::rules::{self, Rule};
use crate::paper::{dashed, dotted};

/// More crossings than this are hatching, not a table.
const MOST: usize = 400;

/// No row of a table is higher than so many millimetres that an imprint reaches into.
const HIGHEST_ROW: f32 = 25.0;

#[derive(Clone, Default, Debug)]
pub struct Grid {
    /// From top to bottom, from left to right.
    pub cells: Vec<Area>,
    /// Ink of ruled lines.
    pub ink: Vec<Area>,
    /// Ink of those that are longer than any imprint's side.
    pub long: Vec<Area>,
    /// Level lines that run through words.
    pub through: Vec<Rule>,
}

/// Finds the grid in a straight page; `unit` is pixels a millimetre. On a `frayed` scan letters run into each other, and faint rules are dots.
pub fn find(mask: &Mask, unit: f32, frayed: bool) -> Grid {
    let upended = transposed(mask);
    let ((mut across, through), (mut down, _)) = (rules::find(mask, unit, 5.0), rules::find(&upended, unit, 4.5));
    if frayed {
        across.extend(dotted::find(mask, &across, &down, unit));
        down.extend(dotted::find(&upended, &down, &across, unit));
    }
    let pieces: Vec<Area> = blobs::find(mask).into_iter().map(|blob| blob.area).collect();
    let mut dashes = dashed::find(pieces.iter().copied(), unit);
    let mut ink: Vec<Area> = dashes.iter().flat_map(|rule| rule.ink.iter().copied()).collect();
    across.append(&mut dashes);
    let upright = dashed::find(pieces.iter().map(turned), unit);
    ink.extend(upright.iter().flat_map(|rule| rule.ink.iter().map(turned)));
    down.extend(upright);
    let down: Vec<Rule> = down.into_iter().map(|rule| Rule { ink: rule.ink.iter().map(turned).collect(), ..rule }).collect();
    let down: Vec<Rule> = down.into_iter().flat_map(|rule| rules::parted(rules::ended(rule, &across, unit), &across, unit)).collect();
    let cells = cells(&across, &down, unit);
    let long = |rule: &Rule| (rule.end - rule.start) as f32 >= 15.0 * unit && solid(rule);
    let near = (0.8 * unit) as i32 + 1;
    let borders = |rule: &Rule, flat: bool| {
        cells.iter().any(|cell| {
            let (edges, start, end) =
                if flat { ([cell.top, cell.bottom], cell.left, cell.right) } else { ([cell.left, cell.right], cell.top, cell.bottom) };
            edges.iter().any(|edge| (edge - rule.at).abs() <= near) && rule.end.min(end) - rule.start.max(start) > 2 * near
        })
    };
    let beyond = |rule: &&Rule| (rule.end - rule.start) as f32 > 30.0 * unit;
    let longest = across.iter().chain(&down).filter(beyond).flat_map(|rule| rule.ink.iter().copied()).collect();
    let bordering =
        across.iter().filter(|rule| long(rule) || borders(rule, true)).chain(down.iter().filter(|rule| long(rule) || borders(rule, false)));
    ink.extend(bordering.flat_map(|rule| rule.ink.iter().copied()));
    Grid { cells, ink, long: longest, through }
}

/// Whether ink covers nearly all of the rule: the feet of a row of characters do not.
fn solid(rule: &Rule) -> bool {
    let covered: std::collections::BTreeSet<i32> =
        rule.ink.iter().flat_map(|a| [a.left..a.right, a.top..a.bottom]).filter(|r| r.len() > 1).flatten().collect();
    covered.range(rule.start..rule.end).count() as i32 * 10 >= 9 * (rule.end - rule.start)
}

fn turned(area: &Area) -> Area {
    Area::new(area.top, area.left, area.bottom, area.right)
}

fn transposed(mask: &Mask) -> Mask {
    let mut bits = Vec::with_capacity(mask.bits.len());
    (0..mask.width).for_each(|x| bits.extend((0..mask.height).map(|y| mask.bits[y * mask.width + x])));
    Mask { width: mask.height, height: mask.width, bits }
}

/// Whether the rules of a track cover most of the stretch.
fn covered(rules: &[&Rule], start: i32, end: i32, slack: i32) -> bool {
    let slack = slack.min((end - start) / 8);
    let shared: i32 = rules.iter().map(|rule| ((rule.end + slack).min(end) - (rule.start - slack).max(start)).max(0)).sum();
    10 * shared >= 7 * (end - start)
}

fn cells(across: &[Rule], down: &[Rule], unit: f32) -> Vec<Area> {
    let near = (0.6 * unit) as i32 + 1;
    let slack = (1.2 * unit) as i32;
    let (rows, columns) = (rules::tracks(across, near), rules::tracks(down, near));
    if rows.len() < 2 || columns.len() < 2 || rows.len() > MOST || columns.len() > MOST {
        return Vec::new();
    }
    let (high, wide) = (rows.len() - 1, columns.len() - 1);
    // Pieces between neighbouring tracks flow together where no rule parts them, and out where nothing closes them.
    let top = |r: usize, c: usize| covered(&rows[r].1, columns[c].0, columns[c + 1].0, slack);
    let left = |r: usize, c: usize| covered(&columns[c].1, rows[r].0, rows[r + 1].0, slack);
    let mut region = vec![usize::MAX; high * wide];
    let mut found = Vec::new();
    let mut count = 0;
    for seed in 0..high * wide {
        if region[seed] != usize::MAX {
            continue;
        }
        let (mut stack, mut members, mut open) = (vec![seed], Vec::new(), false);
        region[seed] = count;
        while let Some(at) = stack.pop() {
            members.push(at);
            let (r, c) = (at / wide, at % wide);
            let ways = [
                (!top(r, c), r > 0, at.wrapping_sub(wide)),
                (!top(r + 1, c), r + 1 < high, at + wide),
                (!left(r, c), c > 0, at.wrapping_sub(1)),
                (!left(r, c + 1), c + 1 < wide, at + 1),
            ];
            for (free, inside, next) in ways {
                if free && !inside {
                    open = true;
                } else if free && region[next] == usize::MAX {
                    region[next] = count;
                    stack.push(next);
                }
            }
        }
        count += 1;
        if !open {
            members.sort_unstable();
            let area = |(r0, c0, r1, c1): (usize, usize, usize, usize)| Area::new(columns[c0].0, rows[r0].0, columns[c1].0, rows[r1].0);
            let parts: Vec<Area> = rectangles(&members, wide).into_iter().map(area).collect();
            match notched(&parts, unit) {
                Some(whole) => found.push(whole),
                None => found.extend(parts),
            }
        }
    }
    // Smaller than a character of a title is the inside of one.
    let least = (4.0 * unit) as i32;
    found.retain(|cell| cell.width() >= least && cell.height() >= least);
    found.sort_by_key(|cell| (cell.top, cell.left));
    found
}

/// A row's cell into which something with a frame reaches, as an imprint from the row below does, is whole all the same.
fn notched(parts: &[Area], unit: f32) -> Option<Area> {
    let (first, rest) = parts.split_first().filter(|(_, rest)| !rest.is_empty())?;
    let whole = rest.iter().fold(*first, |sum, part| sum.union(part));
    let size = |area: &Area| i64::from(area.width()) * i64::from(area.height());
    let filled: i64 = parts.iter().map(size).sum();
    (whole.height() as f32 <= HIGHEST_ROW * unit && filled * 10 >= size(&whole) * 7).then_some(whole)
}

/// A region as rectangles of rows and columns; one that winds around other tables is paper, not a cell.
fn rectangles(members: &[usize], wide: usize) -> Vec<(usize, usize, usize, usize)> {
    let mut left: std::collections::BTreeSet<usize> = members.iter().copied().collect();
    let mut all = Vec::new();
    while let Some(first) = left.first().copied() {
        let (row, column) = (first / wide, first % wide);
        let end = (column..wide).take_while(|c| left.contains(&(row * wide + c))).last().map_or(column + 1, |c| c + 1);
        let mut bottom = row + 1;
        while (column..end).all(|c| left.contains(&(bottom * wide + c))) {
            bottom += 1;
        }
        left.retain(|at| !((row..bottom).contains(&(at / wide)) && (column..end).contains(&(at % wide))));
        all.push((row, column, bottom, end));
    }
    if all.len() > 3 { Vec::new() } else { all }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: f32 = 8.0;

    fn paper() -> Mask {
        Mask { width: 800, height: 500, bits: vec![false; 800 * 500] }
    }

    fn rule(mask: &mut Mask, left: usize, top: usize, right: usize, bottom: usize) {
        (top..bottom).for_each(|y| mask.bits[y * mask.width + left..y * mask.width + right].fill(true));
    }

    fn table() -> Mask {
        let mut mask = paper();
        [100, 160, 220].iter().for_each(|y| rule(&mut mask, 100, *y, 702, y + 2));
        [100, 300, 700].iter().for_each(|x| rule(&mut mask, *x, 100, x + 2, 222));
        mask
    }

    #[test]
    fn a_table_of_two_rows_has_four_cells_and_a_merged_one_three() {
        let mut mask = table();
        let cells = find(&mask, UNIT, false).cells;
        assert_eq!(cells.len(), 4, "{cells:?}");
        assert!((cells[1].left - 300).abs() <= 2 && (cells[1].bottom - 160).abs() <= 2, "{cells:?}");
        rule_off(&mut mask, 300, 165, 302, 218);
        assert_eq!(find(&mask, UNIT, false).cells.len(), 3);
    }

    #[test]
    fn an_imprint_that_reaches_into_a_row_leaves_its_cell_whole() {
        let mut mask = table();
        // A frame over the rule between the two rows.
        [130, 200].iter().for_each(|y| rule(&mut mask, 560, *y, 632, y + 2));
        [560, 630].iter().for_each(|x| rule(&mut mask, *x, 130, x + 2, 202));
        let cells = find(&mask, UNIT, false).cells;
        assert!(
            cells.iter().any(|cell| (cell.left - 300).abs() <= 2
                && (cell.right - 701).abs() <= 2
                && (cell.top - 100).abs() <= 2
                && (cell.bottom - 160).abs() <= 2),
            "{cells:?}"
        );
    }

    #[test]
    fn a_stem_of_a_letter_below_a_rule_is_none_of_it() {
        let mut mask = table();
        // The lower row has one cell; a letter's stem stands where the rule of the upper row ends.
        rule_off(&mut mask, 300, 162, 302, 220);
        rule(&mut mask, 300, 172, 302, 205);
        let grid = find(&mask, UNIT, false);
        assert_eq!(grid.cells.len(), 3, "{:?}", grid.cells);
        assert!(!grid.ink.iter().any(|ink| ink.contains((300, 190))));
    }

    #[test]
    fn a_digit_between_the_ends_of_two_rules_does_not_join_them() {
        let mut mask = paper();
        [100, 160, 220, 280].iter().for_each(|y| rule(&mut mask, 100, *y, 702, y + 2));
        [100, 700].iter().for_each(|x| rule(&mut mask, *x, 100, x + 2, 282));
        [(100, 162), (220, 282)].iter().for_each(|(top, bottom)| rule(&mut mask, 300, *top, 302, *bottom));
        assert_eq!(find(&mask, UNIT, false).cells.len(), 5, "the row between has one cell");
        // A 9 in that row, its stem where the rules would go on.
        rule(&mut mask, 300, 174, 302, 200);
        rule(&mut mask, 288, 174, 290, 188);
        [174, 186].iter().for_each(|y| rule(&mut mask, 288, *y, 300, y + 2));
        let grid = find(&mask, UNIT, false);
        assert_eq!(grid.cells.len(), 5, "{:?}", grid.cells);
        assert!(!grid.ink.iter().any(|ink| ink.contains((300, 190))), "the digit stays");
    }

    fn rule_off(mask: &mut Mask, left: usize, top: usize, right: usize, bottom: usize) {
        (top..bottom).for_each(|y| mask.bits[y * mask.width + left..y * mask.width + right].fill(false));
    }

    #[test]
    fn broken_and_drifting_rules_still_close() {
        let mut mask = table();
        rule_off(&mut mask, 150, 98, 170, 104);
        rule_off(&mut mask, 500, 158, 512, 164);
        rule_off(&mut mask, 98, 130, 104, 142);
        (400..702).for_each(|x| {
            (220..222).for_each(|y| mask.bits[y * 800 + x] = false);
            (222..224).for_each(|y| mask.bits[y * 800 + x] = true);
        });
        assert_eq!(find(&mask, UNIT, false).cells.len(), 4);
    }

    #[test]
    fn text_has_no_cells() {
        let mut mask = paper();
        for row in 0..6 {
            for column in 0..20 {
                rule(&mut mask, 60 + column * 32, 40 + row * 60, 84 + column * 32, 44 + row * 60);
                rule(&mut mask, 60 + column * 32, 40 + row * 60, 64 + column * 32, 66 + row * 60);
            }
        }
        let grid = find(&mask, UNIT, false);
        assert!(grid.cells.is_empty() && grid.ink.is_empty(), "{grid:?}");
    }

    #[test]
    fn letters_that_run_together_at_a_low_resolution_are_no_rule() {
        let unit = 6.0;
        let mut words = paper();
        // The upper edges of a row of kanji, 17 millimetres long, with their stems below.
        rule(&mut words, 60, 100, 162, 102);
        (0..17).for_each(|n| rule(&mut words, 60 + 6 * n, 102, 62 + 6 * n, 114));
        assert!(find(&words, unit, false).ink.is_empty(), "letters");
        let mut line = paper();
        rule(&mut line, 60, 100, 162, 102);
        assert!(!find(&line, unit, false).ink.is_empty(), "a line of the same length");
    }
}
