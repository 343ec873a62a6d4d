//! Check boxes and rings, told by their pixels.
//!
//! Owns the shapes. Whether a box is a box or the character 口 is settled where the line is read.

use crate::domain::id::Permille;
use crate::domain::place::Area;
use crate::domain::reading::{Mark, MarkKind};
use crate::reading::paper::blobs::{self, Blob, Mask, Run};

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

/// The rings among the components of an untouched page: the flat top of a wide one would pass for a ruled line.
pub fn rings(blobs: &[Blob], unit: f32) -> Marks {
    let mut found = Marks::default();
    found.add_rings(blobs, unit);
    found
}

impl Marks {
    fn add_rings(&mut self, blobs: &[Blob], unit: f32) {
        for blob in blobs {
            let (w, h) = (blob.area.width() as f32 / unit, blob.area.height() as f32 / unit);
            let large = (5.0..=60.0).contains(&w) && (4.6..=30.0).contains(&h);
            if let Some((mark, ink)) = large.then(|| ring(blob, unit)).flatten() {
                self.marks.push(mark);
                self.ink.extend(ink);
            }
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
    (worst >= 0.85).then_some((square, worst))
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

/// An ellipse that follows the component's rectangle all around. A large round one is a seal's edge.
fn ring(blob: &Blob, unit: f32) -> Option<(Mark, Vec<Run>)> {
    let area = blob.area;
    let (a, b) = (area.width() as f32 / 2.0, area.height() as f32 / 2.0);
    let (cx, cy) = (area.left as f32 + a, area.top as f32 + b);
    let mut sectors = [false; 48];
    let (mut on, mut within, mut corner) = (0usize, 0usize, 0usize);
    let mut edge = Vec::new();
    for (y, from, to) in &blob.runs {
        let mut start = None;
        for x in *from..*to {
            let (dx, dy) = ((x as f32 + 0.5 - cx) / a, (*y as f32 + 0.5 - cy) / b);
            let distance = (dx * dx + dy * dy).sqrt();
            let near = (distance - 1.0).abs() <= 0.16;
            if near {
                on += 1;
                sectors[(((dy.atan2(dx) / std::f32::consts::TAU) + 0.5) * 47.999) as usize] = true;
                start.get_or_insert(x);
            } else {
                if distance > 1.16 {
                    corner += 1;
                } else {
                    within += 1;
                }
                if let Some(s) = start.take() {
                    edge.push((*y, s, x));
                }
            }
        }
        if let Some(s) = start {
            edge.push((*y, s, *to));
        }
    }
    let around = sectors.iter().filter(|s| **s).count() as f32 / 48.0;
    // A filled blot has most of its ink inside; letters that touch the line add some.
    if around < 0.85 || within > on || corner * 10 > on {
        return None;
    }
    if within > 0 {
        // A letter touches the line: what lies farther from the ellipse than the pen is wide is the letter's.
        let far = |x: i32, y: i32| {
            let (dx, dy) = (x as f32 + 0.5 - cx, y as f32 + 0.5 - cy);
            let distance = (dx / a).hypot(dy / b).max(0.01);
            (1.0 - 1.0 / distance).abs() * dx.hypot(dy) > 0.6 * unit
        };
        edge.retain(|(y, from, to)| !far((from + to) / 2, *y));
    }
    let round = (a - b).abs() <= 0.15 * a.max(b);
    let kind = if round && 2.0 * a.min(b) >= 8.5 * unit { MarkKind::Seal } else { MarkKind::Ring };
    Some((Mark { area, kind, confidence: Permille::from_ratio(around) }, edge))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: f32 = 8.0;

    fn draw(f: impl Fn(f32, f32) -> bool) -> Mask {
        let (width, height) = (400, 300);
        Mask { width, height, bits: (0..width * height).map(|n| f((n % width) as f32, (n / width) as f32)).collect() }
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
    fn an_open_square_is_no_box() {
        assert_eq!(kinds(&draw(|x, y| square(x, y) && y > 90.0)), []);
    }

    #[test]
    fn an_ellipse_is_a_ring_and_a_large_circle_a_seal() {
        let ellipse = |a: f32, b: f32| {
            move |x: f32, y: f32| {
                let d = (((x - 200.0) / a).powi(2) + ((y - 150.0) / b).powi(2)).sqrt();
                (d - 1.0).abs() * a.min(b) < 1.6
            }
        };
        assert_eq!(kinds(&draw(ellipse(70.0, 25.0))), [MarkKind::Ring]);
        assert_eq!(kinds(&draw(ellipse(60.0, 60.0))), [MarkKind::Seal]);
        assert_eq!(rings(&blobs::find(&draw(ellipse(125.0, 24.0))), UNIT).marks.len(), 1);
        assert_eq!(kinds(&draw(|x, y| (x - 200.0).abs() < 60.0 && ((y - 150.0).abs() - 25.0).abs() < 2.0)), []);
    }
}
