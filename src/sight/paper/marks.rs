//! Check boxes, told by their pixels, and the rings beside them.
//!
//! Owns the shapes. Whether a box is a box or the character 口 is settled where the line is read.

use crate::area::Area;
use crate::page::Permille;
use crate::page::{Mark, MarkKind};
use crate::paper::blobs::{self, Blob, Mask, Run};
use crate::paper::rings;

/// What was found, and the ink of it that is no text.
#[derive(Default)]
pub struct Marks {
    pub marks: Vec<Mark>,
    /// Ink of rings.
    pub ink: Vec<Run>,
}

/// Looks at every component of a straight page without ruled lines; `unit` is pixels a millimetre.
/// `faint` also holds the ink that is too pale for characters: the sides of a box may be hairs.
pub fn find(mask: &Mask, blobs: &[Blob], faint: &Mask, unit: f32) -> Marks {
    let mut found = Marks::default();
    // A long tick ties a box to the words behind it.
    let small = |blob: &Blob| {
        (1.8..=16.0).contains(&(blob.area.width() as f32 / unit)) && (1.8..=9.0).contains(&(blob.area.height() as f32 / unit))
    };
    for (mask, blobs) in [(mask, blobs), (faint, &blobs::find(faint)[..])] {
        for mark in blobs.iter().filter(|blob| small(blob)).filter_map(|blob| check_box(mask, blob, unit)) {
            if !found.marks.iter().any(|known| known.area.intersection(&mark.area).is_some()) {
                found.marks.push(mark);
            }
        }
    }
    found.add_rings(blobs, unit);
    found
}

/// The rings around words, seals apart, on a page that still has its ruled lines: the flat top of a wide one would pass for such a line.
pub fn words_ringed(blobs: &[Blob], unit: f32) -> Marks {
    let mut found = Marks::default();
    found.add_rings(blobs, unit);
    found.marks.retain(|mark| mark.kind == MarkKind::Ring);
    found.ink.retain(|(y, x, _)| found.marks.iter().any(|mark| mark.area.contains((*x, *y))));
    found
}

impl Marks {
    fn add_rings(&mut self, blobs: &[Blob], unit: f32) {
        for ring in blobs.iter().flat_map(|blob| rings::find(blob, unit)) {
            self.marks.push(ring.mark);
            self.ink.extend(ring.ink);
        }
    }
}

/// A square with four straight sides, empty or not. A tick may reach beyond it.
fn check_box(mask: &Mask, blob: &Blob, unit: f32) -> Option<Mark> {
    let (frame, sides) = frame(mask, &blob.area, unit).or_else(|| leftmost(mask, &blob.area, unit))?;
    let inset = (frame.width() / 5).max(2);
    let inner = Area::new(frame.left + inset, frame.top + inset, frame.right - inset, frame.bottom - inset);
    let all = (inner.width().max(1) * inner.height().max(1)) as usize;
    let filled = mask.count(&inner) as f32 / all as f32;
    // Between a speck of dust and a thin tick.
    let ticked = filled > 0.08;
    let doubt = ((filled - 0.08).abs() / 0.08).min(1.0);
    Some(Mark {
        area: frame,
        kind: if ticked { MarkKind::BoxTicked } else { MarkKind::BoxEmpty },
        confidence: Permille::from_ratio(sides * (0.6 + 0.4 * doubt)),
    })
}

/// The square within the area whose four sides are inked, and how well they are.
fn frame(mask: &Mask, area: &Area, unit: f32) -> Option<(Area, f32)> {
    let least = (1.7 * unit) as i32;
    let most = (6.5 * unit) as i32;
    let rows = straight(area.top..area.bottom, |y| longest_run(area.left..area.right, |x| mask.at(x, y) || mask.at(x, y + 1)), least);
    let (first, last) = (rows.first()?, rows.last()?);
    let (top, bottom) = (first.0, last.0 + 1);
    let (left, right) = (first.1.max(last.1).min(first.1), first.2.max(last.2));
    let square = Area::new(left, top, right, bottom);
    let (w, h) = (square.width(), square.height());
    if w < least || h < least || w > most || h > most || (w - h).abs() * 5 > w.max(h) {
        return None;
    }
    // Legs, a stem or a neighbour's strokes below or to the left: a character. A tick reaches up and to the right.
    let slack = (w / 7).max(2);
    if area.bottom > bottom + slack || area.left < left - slack {
        return None;
    }
    let worst = worst_side(mask, &square);
    (worst >= 0.85 && cornered(mask, area, &square, slack)).then_some((square, worst))
}

/// The square with which a component begins, though a tick ties it to the words behind it.
fn leftmost(mask: &Mask, area: &Area, unit: f32) -> Option<(Area, f32)> {
    let (least, most) = ((2.2 * unit) as i32, (6.5 * unit) as i32);
    let columns = straight(area.left..area.right, |x| longest_run(area.top..area.bottom, |y| mask.at(x, y) || mask.at(x + 1, y)), least);
    let (left, top, bottom) = *columns.first()?;
    let side = bottom - top;
    let slack = (side / 7).max(2);
    let off = |end: i32| (end - left - side).abs();
    let level = |column: &&(i32, i32, i32)| column.1 <= top + slack && column.2 >= bottom - slack;
    let right = columns.iter().filter(level).map(|column| column.0 + 1).min_by_key(|end| off(*end)).filter(|end| off(*end) * 6 <= side)?;
    let square = Area::new(left, top, right, bottom);
    let below = Area::new(left, bottom + slack, right, area.bottom);
    if side > most || area.left < left - slack || mask.count(&below) > 0 {
        return None;
    }
    // Letters that hang together begin like a box, but none of them has four whole sides.
    let worst = worst_side(mask, &square);
    (worst >= 0.95).then_some((square, worst))
}

/// Whether the component's ink reaches into a lower corner of the square, as the bowl of a 6 and an O do not.
fn cornered(mask: &Mask, area: &Area, square: &Area, slack: i32) -> bool {
    let reach = (square.width() / 8).max(1);
    let bottom = area.bottom.min(square.bottom + slack);
    let corner = |left: i32| mask.count(&Area::new(left, bottom - reach, left + reach, bottom)) > 0;
    corner(area.left.max(square.left - slack)) || corner(square.right - reach)
}

/// The inked share of the square's worst side.
fn worst_side(mask: &Mask, square: &Area) -> f32 {
    let Area { left, top, right, bottom } = *square;
    let (w, h) = (square.width(), square.height());
    let band = (w / 8).max(2);
    let share = |inked: i32, of: i32| inked as f32 / of.max(1) as f32;
    let row = |from: i32| (left..right).filter(|x| (from..from + band).any(|y| mask.at(*x, y))).count() as i32;
    let column = |from: i32| (top..bottom).filter(|y| (from..from + band).any(|x| mask.at(x, *y))).count() as i32;
    [share(row(top), w), share(row(bottom - band), w), share(column(left), h), share(column(right - band), h)]
        .into_iter()
        .fold(1.0, f32::min)
}

/// Coordinates with a run of at least `least`, each with that run.
fn straight(range: std::ops::Range<i32>, run: impl Fn(i32) -> (i32, i32), least: i32) -> Vec<(i32, i32, i32)> {
    range.map(|at| (at, run(at))).filter(|(_, (a, b))| b - a >= least).map(|(at, (a, b))| (at, a, b)).collect()
}

fn longest_run(range: std::ops::Range<i32>, ink: impl Fn(i32) -> bool) -> (i32, i32) {
    let (mut best, mut start) = ((0, 0), None);
    for at in range.start..=range.end {
        if at < range.end && ink(at) {
            start.get_or_insert(at);
        } else if let Some(from) = start.take().filter(|from| at - from > best.1 - best.0) {
            best = (from, at);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: f32 = 8.0;

    fn draw(f: impl Fn(f32, f32) -> bool) -> Mask {
        Mask::drawn(400, 300, f)
    }

    fn kinds(mask: &Mask) -> Vec<MarkKind> {
        find(mask, &blobs::find(mask), mask, UNIT).marks.iter().map(|m| m.kind).collect()
    }

    fn square(x: f32, y: f32) -> bool {
        let (dx, dy) = ((x - 100.0).abs(), (y - 100.0).abs());
        dx.max(dy) <= 13.0 && dx.max(dy) > 11.0
    }

    #[test]
    fn boxes_are_empty_ticked_or_filled() {
        assert_eq!(kinds(&draw(square)), [MarkKind::BoxEmpty]);
        let tick = |x: f32, y: f32| (x + y - 200.0).abs() < 2.0 && (92.0..118.0).contains(&x);
        assert_eq!(kinds(&draw(|x, y| square(x, y) || tick(x, y))), [MarkKind::BoxTicked]);
        assert_eq!(kinds(&draw(|x, y| (x - 100.0).abs().max((y - 100.0).abs()) <= 12.0)), [MarkKind::BoxTicked]);
    }

    #[test]
    fn a_tick_that_reaches_the_next_words_leaves_the_box_a_box() {
        let tick = |x: f32, y: f32| (x + y - 200.0).abs() < 2.0 && (92.0..122.0).contains(&x);
        let stroke = |x: f32, y: f32| (y - 84.0).abs() < 2.0 || (y - 112.0).abs() < 2.0 || (x - 132.0).abs() < 2.0;
        let word = |x: f32, y: f32| (118.0..146.0).contains(&x) && (82.0..114.0).contains(&y) && stroke(x, y);
        assert_eq!(kinds(&draw(|x, y| square(x, y) || tick(x, y) || word(x, y))), [MarkKind::BoxTicked]);
        assert_eq!(kinds(&draw(|x, y| square(x, y) && x > 90.0 || tick(x, y) || word(x, y))), []);
    }

    #[test]
    fn the_bowl_of_a_six_is_no_box() {
        let bowl = |x: f32, y: f32| (5.0..7.5).contains(&((x - 100.0).abs().powi(4) + (y - 100.0).abs().powi(4)).sqrt().sqrt());
        let stem = |x: f32, y: f32| ((x - 106.0).hypot(y - 98.0) - 12.5).abs() < 1.0 && x < 106.0 && y < 100.0;
        assert_eq!(kinds(&draw(|x, y| bowl(x, y) || stem(x, y))), []);
    }

    #[test]
    fn an_open_square_is_no_box() {
        assert_eq!(kinds(&draw(|x, y| square(x, y) && y > 90.0)), []);
    }
}
