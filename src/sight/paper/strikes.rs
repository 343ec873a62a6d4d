//! Lines drawn through words.
//!
//! Owns what tells such a line from a ruled one, and whether a small seal lies on it. Never asks what was struck out.

use crate::area::Area;
use crate::page::Permille;
use crate::page::{Mark, MarkKind};
use crate::paper::blobs::Mask;
use crate::paper::rules::Rule;
use crate::paper::seals;
use crate::picture::Grey;

/// Millimetres: shorter than this may be strokes of characters that stand close.
const SHORTEST: f32 = 10.0;
/// The share of its way that a line drawn at one go is inked: strokes of neighbours leave the room between characters.
const WHOLE: f32 = 0.97;
/// Millimetres of height within which even a double stroke of a slanting hand lies.
const FLAT: f32 = 4.0;
/// Millimetres between the two lines of a double stroke, at most.
const DOUBLE: f32 = 2.2;
/// Radius of a seal that confirms a correction, in millimetres.
const SMALL: std::ops::Range<f32> = 2.5..5.5;
/// How much of a small circle must be inked, and how much may be a little within and without it.
const ROUND: f32 = 0.85;
const ROOM: f32 = 0.65;
/// Red pixels a square millimetre that are no stray.
const REDDISH: f32 = 4.0;

/// The strokes among straight lines that run through words; `ink` is the whole page, `red` its red ink.
pub fn find(through: &[Rule], ink: &Mask, red: Option<&Grey>, unit: f32) -> Vec<Mark> {
    let mut areas: Vec<Area> = Vec::new();
    for rule in through.iter().filter(|rule| (rule.end - rule.start) as f32 >= SHORTEST * unit) {
        let own = rule.ink.iter().copied().reduce(|all, area| all.union(&area));
        let Some(own) = own.filter(|_| whole(rule, ink) >= WHOLE) else { continue };
        let double = |known: &&mut Area| {
            (known.centre().1 - own.centre().1).abs() as f32 <= DOUBLE * unit && known.left < own.right && own.left < known.right
        };
        match areas.iter_mut().find(double) {
            Some(known) => *known = known.union(&own),
            None => areas.push(own),
        }
    }
    areas
        .into_iter()
        .filter(|area| area.height() as f32 <= FLAT * unit)
        .map(|area| {
            let kind = if is_sealed(&area, ink, red, unit) { MarkKind::Corrected } else { MarkKind::Struck };
            Mark { area, kind, confidence: Permille(900) }
        })
        .collect()
}

/// The share of a line's way with dark ink on it.
fn whole(rule: &Rule, ink: &Mask) -> f32 {
    let inked: std::collections::BTreeSet<i32> =
        rule.ink.iter().flat_map(|run| (run.left..run.right).filter(|x| ink.at(*x, run.top))).collect();
    inked.len() as f32 / (rule.end - rule.start).max(1) as f32
}

fn is_sealed(area: &Area, ink: &Mask, red: Option<&Grey>, unit: f32) -> bool {
    let reach = (3.0 * unit) as i32;
    let around = Area::new(area.left - reach, area.top - reach, area.right + reach, area.bottom + reach);
    if let Some(red) = red {
        let bits = red.pixels.iter().map(|p| *p > 100).collect();
        let red = Mask { width: red.width, height: red.height, bits };
        return red.count(&around) as f32 >= REDDISH * unit * unit;
    }
    let step = ((0.25 * unit) as usize).max(1);
    (around.top..around.bottom).step_by(step).any(|y| {
        (around.left..around.right).step_by(step).any(|x| {
            let mut radius = SMALL.start * unit;
            while radius < SMALL.end * unit {
                let share = |part: f32| seals::inked(ink, x as f32, y as f32, part * radius, 0.1 * unit);
                // Words are inked as much within and without; an edge has room on both of its sides.
                if share(1.0) >= ROUND && share(1.3) <= ROOM && share(0.8) <= ROOM {
                    return true;
                }
                radius += step as f32;
            }
            false
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::grid;

    const UNIT: f32 = 8.0;

    fn marks(extra: impl Fn(f32, f32) -> bool) -> Vec<MarkKind> {
        let (width, height) = (800, 300);
        // Six characters of four bars and two stems each, and a ruled line well below them.
        let written = |x: f32, y: f32| {
            let (u, v) = ((x - 100.0).rem_euclid(32.0), y - 100.0);
            let within = (100.0..292.0).contains(&x) && (0.0..28.0).contains(&v) && u < 26.0;
            within && (u < 3.0 || (12.0..15.0).contains(&u) || v < 3.0 || (7.0..10.0).contains(&v) || (18.0..21.0).contains(&v) || v > 24.0)
        };
        let ruled = |x: f32, y: f32| (60.0..700.0).contains(&x) && (150.0..152.0).contains(&y);
        let bits = (0..width * height)
            .map(|n| ((n % width) as f32, (n / width) as f32))
            .map(|(x, y)| written(x, y) || ruled(x, y) || extra(x, y))
            .collect();
        let mask = Mask { width, height, bits };
        find(&grid::find(&mask, UNIT, false).through, &mask, None, UNIT).iter().map(|mark| mark.kind).collect()
    }

    #[test]
    fn a_line_through_words_is_told_from_a_ruled_one_and_from_the_words() {
        assert_eq!(marks(|_, _| false), []);
        let stroke = |x: f32, y: f32| (90.0..300.0).contains(&x) && (y - 112.0 - (x - 90.0) * 0.01).abs() < 1.6;
        assert_eq!(marks(stroke), [MarkKind::Struck]);
        assert_eq!(marks(|x, y| stroke(x, y) || stroke(x, y - 6.0)), [MarkKind::Struck]);
    }

    #[test]
    fn a_small_seal_on_the_line_confirms_the_correction() {
        let stroke = |x: f32, y: f32| (90.0..300.0).contains(&x) && (y - 112.0).abs() < 1.6;
        let seal = |x: f32, y: f32| ((x - 310.0).hypot(y - 108.0) - 24.0).abs() < 1.6;
        assert_eq!(marks(|x, y| stroke(x, y) || seal(x, y)), [MarkKind::Corrected]);
    }
}
