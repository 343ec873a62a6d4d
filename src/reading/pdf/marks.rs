//! Boxes, rings, seals and lines through words among what a page draws.

use crate::domain::id::Permille;
use crate::domain::reading::{Mark, MarkKind};
use crate::reading::pdf::drawn::{Drawn, Letter, Placed, Stroke};
use crate::reading::pdf::geometry::Bounds;

/// The diameter of a seal: 10 to 30 mm, in tenths of a point.
const SEAL: std::ops::Range<f64> = 260.0..860.0;

/// The diameter of a seal that confirms a correction: 4 to 10 mm.
const SMALL_SEAL: std::ops::Range<f64> = 110.0..290.0;

/// A line through words is at least this long: 6 mm.
const SHORTEST_STRIKE: f64 = 170.0;

/// Everything marked; `form` brings the boxes of a fillable form.
pub fn marks(drawn: &Drawn) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut add = |bounds: &Bounds, kind: MarkKind, confidence: u16| {
        marks.push(Mark { area: bounds.area(), kind, confidence: Permille(confidence) });
    };
    for picture in &drawn.pictures {
        if is_seal(picture) {
            add(&picture.bounds(), MarkKind::Seal, 800);
        }
    }
    for ring in &drawn.loops {
        let (width, height) = (ring.bounds.width(), ring.bounds.height());
        let round = (0.7..1.43).contains(&(width / height));
        if ring.red && round && SEAL.contains(&width) {
            add(&ring.bounds, MarkKind::Seal, 900);
        } else if drawn.letters.iter().any(|letter| ring.bounds.contains(letter.bounds().centre())) {
            add(&ring.bounds, MarkKind::Ring, 950);
        }
    }
    for square in lone(&drawn.squares) {
        let ticked = drawn.letters.iter().any(|letter| is_tick(letter) && square.contains(letter.bounds().centre()))
            || drawn.strokes.iter().any(|stroke| {
                let slanted = (stroke.from.x - stroke.to.x).abs() > 15.0 && (stroke.from.y - stroke.to.y).abs() > 15.0;
                slanted && square.contains(stroke.from.plus(stroke.to.plus(stroke.from, -1.0), 0.5))
            });
        add(&square, if ticked { MarkKind::BoxTicked } else { MarkKind::BoxEmpty }, 950);
    }
    for struck in drawn.strokes.iter().filter_map(|stroke| through_words(stroke, &drawn.letters)) {
        let sealed = drawn.loops.iter().any(|ring| {
            let round = (0.7..1.43).contains(&(ring.bounds.width() / ring.bounds.height()));
            ring.red
                && round
                && SMALL_SEAL.contains(&ring.bounds.width())
                && ring.bounds.shared(&wider(&struck, SMALL_SEAL.end / 2.0)) > 0.0
        });
        add(&struck, if sealed { MarkKind::Corrected } else { MarkKind::Struck }, 900);
    }
    marks
}

/// The letters that a nearly level line runs through, where it runs through letters for most of its way.
fn through_words(stroke: &Stroke, letters: &[Letter]) -> Option<Bounds> {
    let (left, right) = (stroke.from.x.min(stroke.to.x), stroke.from.x.max(stroke.to.x));
    let y = (stroke.from.y + stroke.to.y) / 2.0;
    if right - left < SHORTEST_STRIKE || (stroke.from.y - stroke.to.y).abs() * 10.0 > right - left {
        return None;
    }
    let middle = |letter: &&Bounds| {
        let height = letter.height();
        (letter.top + 0.25 * height..letter.bottom - 0.25 * height).contains(&y) && letter.left < right && letter.right > left
    };
    let all: Vec<Bounds> = letters.iter().filter(|letter| letter.visible && !letter.text.trim().is_empty()).map(Letter::bounds).collect();
    let crossed: Vec<&Bounds> = all.iter().filter(middle).collect();
    let covered: f64 = crossed.iter().map(|letter| letter.right.min(right) - letter.left.max(left)).sum();
    if crossed.len() < 2 || covered < 0.6 * (right - left) {
        return None;
    }
    let union = |sum: Bounds, next: &&Bounds| Bounds {
        left: sum.left.min(next.left),
        top: sum.top.min(next.top),
        right: sum.right.max(next.right),
        bottom: sum.bottom.max(next.bottom),
    };
    Some(crossed.iter().fold(*crossed[0], union))
}

fn is_seal(picture: &Placed) -> bool {
    let bounds = picture.bounds();
    SEAL.contains(&bounds.width()) && SEAL.contains(&bounds.height()) && (0.7..1.43).contains(&(bounds.width() / bounds.height()))
}

fn is_tick(letter: &Letter) -> bool {
    letter.text.chars().any(|c| matches!(c, '✓' | '✔' | '☑' | 'レ' | '■' | '●' | '×' | '✕' | '✖' | '✗' | '✘' | '〇' | '○' | '✅'))
}

fn wider(bounds: &Bounds, by: f64) -> Bounds {
    Bounds { left: bounds.left - by, top: bounds.top - by, right: bounds.right + by, bottom: bounds.bottom + by }
}

/// Squares that share no side with another: rows of squares hold characters, not ticks.
fn lone(squares: &[Bounds]) -> Vec<Bounds> {
    const MOST: usize = 500;
    const TOUCH: f64 = 15.0;
    let mut kept: Vec<Bounds> = Vec::new();
    if squares.len() > MOST {
        return kept;
    }
    for (n, square) in squares.iter().enumerate() {
        let same = |other: &Bounds| square.shared(other) > 0.5 * square.width() * square.height();
        let touches = squares.iter().enumerate().any(|(m, other)| m != n && !same(other) && wider(square, TOUCH).shared(other) > 0.0);
        if !touches && !kept.iter().any(same) {
            kept.push(*square);
        }
    }
    kept
}
