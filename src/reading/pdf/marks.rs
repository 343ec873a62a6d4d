//! Boxes, rings, seals and lines through words among what a page draws.

use crate::domain::id::Permille;
use crate::domain::reading::{Mark, MarkKind};
use crate::reading::pdf::drawn::{Cover, Drawn, Letter, Placed, Stroke};
use crate::reading::pdf::geometry::Bounds;

/// The diameter of a seal: 10 to 30 mm, in tenths of a point.
const SEAL: std::ops::Range<f64> = 260.0..860.0;

/// The diameter of a seal that confirms a correction: 4 to 10 mm.
const SMALL_SEAL: std::ops::Range<f64> = 110.0..290.0;

/// A line through words is at least this long: 6 mm.
const SHORTEST_STRIKE: f64 = 170.0;

/// A line through a single sign is at least this long: 1.4 mm.
const SHORTEST_DASH: f64 = 40.0;

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
    let seen: Vec<Bounds> = drawn.letters.iter().filter(|letter| letter.visible && !letter.is_space()).map(Letter::bounds).collect();
    let told = drawn.strikes.iter().filter_map(|stroke| union(&crossed(stroke, &seen)));
    // What was painted over is corrected, too; under a seal it is only hard to read.
    let covered = drawn.covers.iter().filter(|cover| !cover.is_sealed()).map(|cover| cover.bounds);
    let short = drawn.strokes.iter().filter_map(|stroke| through_a_sign(stroke, &seen, &drawn.strokes));
    for struck in drawn.strokes.iter().filter_map(|stroke| through_words(stroke, &seen)).chain(told).chain(short).chain(covered) {
        let sealed = drawn.loops.iter().any(|ring| {
            let round = (0.7..1.43).contains(&(ring.bounds.width() / ring.bounds.height()));
            ring.red && round && SMALL_SEAL.contains(&ring.bounds.width()) && ring.bounds.shared(&struck.wider(SMALL_SEAL.end / 2.0)) > 0.0
        });
        add(&struck, if sealed { MarkKind::Corrected } else { MarkKind::Struck }, 900);
    }
    for cover in drawn.covers.iter().filter(|cover| cover.is_sealed()) {
        marks.push(Mark { area: cover.bounds.area(), kind: MarkKind::Corrected, confidence: Permille(900) });
    }
    marks
}

fn ends(stroke: &Stroke) -> (f64, f64) {
    (stroke.from.x.min(stroke.to.x), stroke.from.x.max(stroke.to.x))
}

fn height(stroke: &Stroke) -> f64 {
    (stroke.from.y + stroke.to.y) / 2.0
}

/// Nearly level, and no shorter than that.
fn is_level(stroke: &Stroke, shortest: f64) -> bool {
    let (left, right) = ends(stroke);
    right - left >= shortest && (stroke.from.y - stroke.to.y).abs() * 10.0 <= right - left
}

/// The letters through whose middle a line runs.
fn crossed<'a>(stroke: &Stroke, letters: &'a [Bounds]) -> Vec<&'a Bounds> {
    let ((left, right), y) = (ends(stroke), height(stroke));
    let middle = |letter: &&Bounds| {
        let height = letter.height();
        (letter.top + 0.25 * height..letter.bottom - 0.25 * height).contains(&y) && letter.left < right && letter.right > left
    };
    letters.iter().filter(middle).collect()
}

fn union(letters: &[&Bounds]) -> Option<Bounds> {
    letters.iter().map(|letter| **letter).reduce(|all, letter| all.around_both(&letter))
}

/// How much of a line's way lies on letters.
fn covered(stroke: &Stroke, letters: &[&Bounds]) -> f64 {
    let (left, right) = ends(stroke);
    letters.iter().map(|letter| letter.right.min(right) - letter.left.max(left)).sum()
}

/// The letters that a nearly level line runs through, where it runs through letters for most of its way.
fn through_words(stroke: &Stroke, letters: &[Bounds]) -> Option<Bounds> {
    if !is_level(stroke, SHORTEST_STRIKE) {
        return None;
    }
    let (left, right) = ends(stroke);
    let crossed = crossed(stroke, letters);
    let most = crossed.len() >= 2 && covered(stroke, &crossed) >= 0.6 * (right - left);
    union(&crossed).filter(|_| most)
}

/// The sign or two that a short line runs through from one side to the other. A dash or a tick stands beside signs, an underline below
/// them, and the pieces of a dashed or a ruled line stand in a row.
fn through_a_sign(stroke: &Stroke, letters: &[Bounds], strokes: &[Stroke]) -> Option<Bounds> {
    let (left, right) = ends(stroke);
    if right - left >= SHORTEST_STRIKE || !is_level(stroke, SHORTEST_DASH) {
        return None;
    }
    let share = |letter: &Bounds| (letter.right.min(right) - letter.left.max(left)) / letter.width();
    // The line may reach a little into the neighbours.
    let crossed: Vec<&Bounds> = crossed(stroke, letters).into_iter().filter(|letter| share(letter) > 0.25).collect();
    let whole = |letter: &&Bounds| share(letter) >= 0.8;
    if crossed.is_empty() || !crossed.iter().all(whole) || covered(stroke, &crossed) < 0.4 * (right - left) {
        return None;
    }
    let (touch, step) = (5.0, SHORTEST_STRIKE);
    let beside = |other: &Stroke| {
        let (from, to) = ends(other);
        let gap = (from - right).max(left - to);
        (height(other) - height(stroke)).abs() < touch && (-touch..step).contains(&gap)
    };
    let rowed = strokes.iter().any(|other| is_level(other, 0.0) && beside(other));
    union(&crossed).filter(|_| !rowed)
}

impl Cover {
    fn is_sealed(&self) -> bool {
        self.picture.as_ref().is_some_and(is_of_a_seal)
    }
}

fn is_seal(picture: &Placed) -> bool {
    is_of_a_seal(&picture.bounds())
}

/// A box of the size of a seal.
fn is_of_a_seal(bounds: &Bounds) -> bool {
    SEAL.contains(&bounds.width()) && SEAL.contains(&bounds.height()) && (0.7..1.43).contains(&(bounds.width() / bounds.height()))
}

fn is_tick(letter: &Letter) -> bool {
    letter.text.chars().any(|c| matches!(c, '✓' | '✔' | '☑' | 'レ' | '■' | '●' | '×' | '✕' | '✖' | '✗' | '✘' | '〇' | '○' | '✅'))
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
        let touches = squares.iter().enumerate().any(|(m, other)| m != n && !same(other) && square.wider(TOUCH).shared(other) > 0.0);
        if !touches && !kept.iter().any(same) {
            kept.push(*square);
        }
    }
    kept
}
