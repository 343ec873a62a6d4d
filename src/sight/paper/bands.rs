//! Where lines of text lie.
//!
//! Owns the union of the detector's rectangles and the ink within cells. A line never crosses a ruled line.

use crate::area::Area;
use crate::paper::blobs::Mask;

/// A line to be read: its ink, and what it must not reach beyond.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Band {
    pub ink: Area,
    pub within: Area,
}

/// A gap of so many usual heights parts a line.
const WIDE_GAP: i32 = 6;

/// All lines of a page: `mask` is its ink without ruled lines and rings.
pub fn find(mask: &Mask, cells: &[Area], boxes: &[Area], unit: f32) -> Vec<Band> {
    let usual = usual_height(mask, boxes, unit);
    let mut found: Vec<Band> = Vec::new();
    for cell in cells {
        let inset = (0.25 * unit) as i32 + 1;
        let inner = Area::new(cell.left + inset, cell.top + inset, cell.right - inset, cell.bottom - inset);
        let inside: Vec<Area> = boxes.iter().filter_map(|b| b.intersection(&inner)).collect();
        found.extend(rows(mask, &inner, &inside, usual).into_iter().map(|ink| Band { ink, within: inner }));
    }
    let pieces: Vec<Area> = boxes.iter().flat_map(|b| outside(b, cells, usual)).collect();
    for piece in pieces.iter().map(|piece| completed(mask, piece, &pieces, cells, usual)) {
        let middle = Area::new(piece.left, piece.top + piece.height() / 5, piece.right, piece.bottom - piece.height() / 5);
        let lines = rows(mask, &piece, &[], usual).into_iter().filter(|ink| middle.row_overlap(ink) >= 500);
        found.extend(lines.map(|ink| Band { ink, within: piece }));
    }
    dedupe(found.into_iter().flat_map(|band| parted(mask, band, usual)).collect())
}

/// The height of a character's ink that is usual on the page.
fn usual_height(mask: &Mask, boxes: &[Area], unit: f32) -> i32 {
    let mut heights: Vec<i32> =
        boxes.iter().filter(|b| b.width() > 2 * b.height()).filter_map(|b| mask.tight(b)).map(|a| a.height()).collect();
    heights.sort_unstable();
    let bounded = |height: i32| height.clamp((2.0 * unit) as i32, (7.0 * unit) as i32);
    bounded(heights.get(heights.len() / 2).copied().unwrap_or((3.5 * unit) as i32)).max(4)
}

/// Rows of ink within an area that holds nothing but text.
fn rows(mask: &Mask, area: &Area, boxes: &[Area], usual: i32) -> Vec<Area> {
    let profile = mask.row_profile(area);
    let mut runs: Vec<(i32, i32)> = Vec::new();
    for (n, ink) in profile.iter().enumerate() {
        let y = area.top.max(0) + n as i32;
        if *ink > 0 {
            match runs.last_mut().filter(|run| run.1 == y) {
                Some(run) => run.1 = y + 1,
                None => runs.push((y, y + 1)),
            }
        }
    }
    merge(&mut runs, usual);
    let mut lines = Vec::new();
    for (top, bottom) in runs {
        let whole = Area::new(area.left, top, area.right, bottom);
        if is_too_high(&whole, usual) {
            let inner = split(mask, &whole, boxes, usual);
            if inner.len() > 1 {
                lines.extend(inner);
                continue;
            }
        }
        lines.extend(mask.tight(&whole));
    }
    lines.retain(|line| is_line(mask, line, usual));
    lines
}

/// Whether ink is higher than a line: what hangs together may be several.
pub fn is_too_high(ink: &Area, usual: i32) -> bool {
    10 * ink.height() > 17 * usual
}

/// Parts of one row of characters (the strokes of 二, dots) become one run.
fn merge(runs: &mut Vec<(i32, i32)>, usual: i32) {
    loop {
        let best = (1..runs.len())
            .filter(|n| {
                let (a, b) = (runs[n - 1], runs[*n]);
                let low = 10 * (a.1 - a.0).min(b.1 - b.0) < 6 * usual;
                (low && 10 * (b.1 - a.0) <= 13 * usual) || b.0 - a.1 <= 1 && 10 * (b.1 - a.0) <= 14 * usual
            })
            .min_by_key(|n| (runs[*n].0 - runs[n - 1].1, *n));
        let Some(n) = best else { return };
        runs[n - 1].1 = runs[n].1;
        runs.remove(n);
    }
}

/// Lines that ink holds together, parted where the detector sees several.
fn split(mask: &Mask, whole: &Area, boxes: &[Area], usual: i32) -> Vec<Area> {
    let mut lines: Vec<Area> = Vec::new();
    let mut inside: Vec<Area> = boxes.iter().filter_map(|b| b.intersection(whole)).filter(|b| 2 * b.height() >= usual).collect();
    inside.sort_by_key(|b| (b.top, b.left));
    for one in inside {
        match lines.iter_mut().find(|line| line.row_overlap(&one) >= 500) {
            Some(line) => *line = line.union(&one),
            None => lines.push(one),
        }
    }
    lines.iter().filter_map(|line| mask.tight(line)).collect()
}

/// The detector ends a rectangle within a character now and then: what follows at the distance of a word's characters belongs to it.
fn completed(mask: &Mask, area: &Area, others: &[Area], cells: &[Area], usual: i32) -> Area {
    let middle = Area { top: area.top + area.height() / 4, bottom: area.bottom - area.height() / 4, ..*area };
    let (gap, most) = ((usual * 3 / 10).max(1), 2 * usual);
    let taken = |x: i32| {
        let column = Area { left: x, right: x + 1, ..middle };
        cells.iter().chain(others.iter().filter(|other| *other != area)).any(|other| other.intersection(&column).is_some())
    };
    let inked = |x: i32| x >= 0 && mask.count(&Area { left: x, right: x + 1, ..middle }) > 0;
    let grown = |from: i32, step: i32| {
        let mut edge = from;
        while let Some(next) = (1..=gap).map(|d| edge + d * step).take_while(|x| !taken(*x)).find(|x| inked(*x)) {
            edge = next;
            if (edge - from).abs() > most {
                // That goes on like no character: a rule, or another thing's ink.
                return from;
            }
        }
        edge
    };
    Area { left: grown(area.left, -1), right: grown(area.right - 1, 1) + 1, ..*area }
}

/// A line parted at its wide gaps: the reader loses characters before a long blank. What is left of a speck or a rule's end is no line.
fn parted(mask: &Mask, band: Band, usual: i32) -> Vec<Band> {
    let gap = WIDE_GAP * usual;
    let mut parts: Vec<Area> = Vec::new();
    let mut last = i32::MIN / 2;
    for x in band.ink.left..band.ink.right {
        if mask.count(&Area { left: x, right: x + 1, ..band.ink }) == 0 {
            continue;
        }
        match parts.last_mut().filter(|_| x - last <= gap) {
            Some(part) => part.right = x + 1,
            None => parts.push(Area { left: x, right: x + 1, ..band.ink }),
        }
        last = x;
    }
    if parts.len() < 2 {
        return vec![band];
    }
    let tight = parts.iter().filter_map(|part| mask.tight(part)).filter(|ink| is_line(mask, ink, usual));
    tight.map(|ink| Band { ink, within: Area { left: ink.left, right: ink.right, ..band.within } }).collect()
}

/// Whether ink may be a line of characters, and is no speck.
fn is_line(mask: &Mask, ink: &Area, usual: i32) -> bool {
    let small = ink.height() * 3 < usual && ink.width() * 3 < usual * 2;
    !small && mask.count(ink) >= (usual / 3).max(4) as usize
}

/// What of a rectangle lies in no cell.
fn outside(area: &Area, cells: &[Area], usual: i32) -> Vec<Area> {
    let mut pieces = vec![*area];
    for cell in cells.iter().filter(|cell| cell.row_overlap(area) >= 500) {
        pieces = pieces
            .iter()
            .flat_map(|p| {
                let before = Area { right: p.right.min(cell.left), ..*p };
                let after = Area { left: p.left.max(cell.right), ..*p };
                if p.intersection(cell).is_none() { vec![*p] } else { vec![before, after] }
            })
            .filter(|p| p.width() * 3 >= usual * 2)
            .collect();
    }
    pieces
}

fn dedupe(mut bands: Vec<Band>) -> Vec<Band> {
    let size = |a: &Area| i64::from(a.width()) * i64::from(a.height());
    bands.sort_by_key(|band| (std::cmp::Reverse(size(&band.ink)), band.ink));
    let mut kept: Vec<Band> = Vec::new();
    for band in bands {
        let twin = kept.iter().any(|k| k.ink.intersection(&band.ink).is_some_and(|shared| 10 * size(&shared) >= 6 * size(&band.ink)));
        if !twin {
            kept.push(band);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(areas: &[Area]) -> Mask {
        let (width, height) = (600, 300);
        let bits = (0..width * height).map(|n| areas.iter().any(|a| a.contains(((n % width) as i32, (n / width) as i32)))).collect();
        Mask { width, height, bits }
    }

    #[test]
    fn a_cell_with_two_rows_gives_two_lines_and_an_empty_one_none() {
        let ink = [Area::new(20, 20, 200, 46), Area::new(20, 60, 120, 86)];
        let cells = [Area::new(0, 0, 300, 100), Area::new(300, 0, 590, 100)];
        let bands = find(&mask(&ink), &cells, &[], 8.0);
        let mut found: Vec<Area> = bands.iter().map(|b| b.ink).collect();
        found.sort();
        assert_eq!(found, ink);
    }

    #[test]
    fn a_rectangle_across_cells_is_read_cell_by_cell_and_the_rest_outside() {
        let ink = [Area::new(110, 20, 190, 46), Area::new(210, 20, 290, 46), Area::new(310, 20, 390, 46)];
        let cells = [Area::new(100, 0, 200, 70), Area::new(200, 0, 300, 70)];
        let bands = find(&mask(&ink), &cells, &[Area::new(100, 12, 400, 54)], 8.0);
        let mut found: Vec<Area> = bands.iter().map(|b| b.ink).collect();
        found.sort();
        assert_eq!(found, ink);
    }

    #[test]
    fn a_rectangle_that_ends_within_a_character_is_completed() {
        let ink = [Area::new(20, 20, 44, 46), Area::new(48, 20, 72, 46), Area::new(76, 20, 100, 46), Area::new(160, 20, 190, 46)];
        let found = |right: i32| find(&mask(&ink), &[], &[Area::new(12, 12, right, 54)], 8.0).iter().map(|b| b.ink).collect::<Vec<_>>();
        assert_eq!(found(84), [Area::new(20, 20, 100, 46)]);
        assert_eq!(found(74), [Area::new(20, 20, 100, 46)]);
        assert_eq!(found(110), [Area::new(20, 20, 100, 46)]);
    }

    #[test]
    fn a_wide_gap_parts_a_line_and_a_speck_behind_it_is_none() {
        let ink = [Area::new(20, 20, 100, 46), Area::new(300, 20, 380, 46), Area::new(560, 30, 563, 33)];
        let mut found: Vec<Area> = find(&mask(&ink), &[Area::new(0, 0, 590, 70)], &[], 8.0).iter().map(|b| b.ink).collect();
        found.sort();
        assert_eq!(found, ink[..2]);
    }

    #[test]
    fn the_strokes_of_one_character_stay_together() {
        let mut runs = vec![(10, 13), (22, 26), (60, 88)];
        merge(&mut runs, 28);
        assert_eq!(runs, [(10, 26), (60, 88)]);
    }
}
