//! Boxes, rings and seals among what a page draws.

use crate::domain::id::Permille;
use crate::domain::reading::{Mark, MarkKind};
use crate::reading::pdf::drawn::{Drawn, Letter, Placed};
use crate::reading::pdf::geometry::Bounds;

/// The diameter of a seal: 10 to 30 mm, in tenths of a point.
const SEAL: std::ops::Range<f64> = 260.0..860.0;

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
    marks
}

fn is_seal(picture: &Placed) -> bool {
    let bounds = picture.bounds();
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
    let wide = |square: &Bounds| Bounds {
        left: square.left - TOUCH,
        top: square.top - TOUCH,
        right: square.right + TOUCH,
        bottom: square.bottom + TOUCH,
    };
    for (n, square) in squares.iter().enumerate() {
        let same = |other: &Bounds| square.shared(other) > 0.5 * square.width() * square.height();
        let touches = squares.iter().enumerate().any(|(m, other)| m != n && !same(other) && wide(square).shared(other) > 0.0);
        if !touches && !kept.iter().any(same) {
            kept.push(*square);
        }
    }
    kept
}
