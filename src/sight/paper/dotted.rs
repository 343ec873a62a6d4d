//! Ruled lines that a faded scan has left as dots.
//!
//! Owns lines from one crossing line to the next. Never looks for one that ends between them: that is a stroke.

use crate::area::Area;
use crate::paper::blobs::Mask;
use crate::paper::rules::{Rule, tracks};

/// So much of a line is still there, and so much of either end.
const SEEN: f32 = 0.55;
const ENDS: f32 = 0.4;
/// No wider than this, in millimetres, is what is missing of it at one place: the sides of boxes one below the other are no line.
const WIDEST: f32 = 1.4;
/// No shorter than this, in millimetres, lest a stroke fill the room.
const SHORTEST: f32 = 4.5;

/// Level lines between neighbouring `crossing` lines that are not among the known ones; `unit` is pixels a millimetre.
pub fn find(mask: &Mask, known: &[Rule], crossing: &[Rule], unit: f32) -> Vec<Rule> {
    let (near, aside) = ((0.6 * unit) as i32 + 1, (0.9 * unit) as i32 + 1);
    let stops: Vec<i32> = tracks(crossing, near).into_iter().map(|(at, _)| at).collect();
    let mut found = Vec::new();
    for stop in stops.windows(2) {
        let (from, to) = (stop[0] + near, stop[1] - near);
        if ((to - from) as f32) < SHORTEST * unit {
            continue;
        }
        let share = |y: i32, from: i32, to: i32| {
            (from..to).filter(|x| (y - 1..=y + 1).any(|y| mask.at(*x, y))).count() as f32 / (to - from).max(1) as f32
        };
        let whole = |y: i32| {
            let mut gap = 0;
            (from..to).all(|x| {
                gap = if (y - 1..=y + 1).any(|y| mask.at(x, y)) { 0 } else { gap + 1 };
                gap as f32 <= WIDEST * unit
            })
        };
        let shares: Vec<f32> = (0..mask.height as i32).map(|y| share(y, from, to)).collect();
        let at = |y: i32| usize::try_from(y).ok().and_then(|y| shares.get(y)).copied().unwrap_or(0.0);
        let end = (to - from) / 6;
        for first in 0..mask.height as i32 {
            let peak = at(first);
            if peak < SEEN || at(first - 1) >= peak {
                continue;
            }
            let last = (first..).find(|y| at(y + 1) != peak).unwrap_or(first);
            let y = (first + last) / 2;
            // Words, shadow and specks have as much ink beside a row as in it.
            let stands_out = at(last + 1) < peak && 2.0 * at(y - aside).max(at(y + aside)) < peak;
            let shared = |rule: &Rule| rule.end.min(to) - rule.start.max(from);
            let new = || !known.iter().any(|rule| (rule.at - y).abs() <= near && 10 * shared(rule) >= 7 * (to - from));
            if stands_out && new() && whole(y) && share(y, from, from + end).min(share(y, to - end, to)) >= ENDS {
                let (start, end) = (stop[0], stop[1]);
                found.push(Rule { at: y, start, end, ink: vec![Area::new(start, y - 1, end, y + 2)] });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: f32 = 8.0;

    fn rule(at: i32) -> Rule {
        Rule { at, start: 0, end: 400, ink: Vec::new() }
    }

    fn rows(ink: impl Fn(i32, i32) -> bool) -> Vec<(i32, i32, i32)> {
        let bits = (0..400 * 300).map(|n| ink(n % 400, n / 400)).collect();
        let mask = Mask { width: 400, height: 300, bits };
        find(&mask, &[rule(40)], &[rule(50), rule(200), rule(350)], UNIT).iter().map(|rule| (rule.at, rule.start, rule.end)).collect()
    }

    #[test]
    fn dots_from_one_line_to_the_next_are_a_line() {
        assert_eq!(rows(|x, y| y == 120 && (50..200).contains(&x) && x % 5 < 3), [(120, 50, 200)]);
    }

    #[test]
    fn a_stroke_a_known_line_and_specks_are_none() {
        assert!(rows(|x, y| y == 120 && (50..150).contains(&x)).is_empty());
        assert!(rows(|x, y| y == 120 && x % 40 < 26).is_empty());
        assert!(rows(|x, y| y == 41 && x % 5 < 3).is_empty());
        assert!(rows(|x, y| (x * 7 + y * 13) % 5 < 3).is_empty());
    }
}
