//! Ruled lines that are printed as dashes or dots.
//!
//! Owns rows of short thin pieces, alike and evenly spaced. Never joins what is long enough for a line of its own.

use crate::area::Area;
use crate::paper::rules::Rule;

/// Millimetres: the longest piece, the thickest one, and how far one may lie from the line of the piece before it.
const LONGEST: f32 = 4.2;
const THICKEST: f32 = 0.75;
const ASIDE: f32 = 0.3;
/// The widest gap between two pieces, in millimetres and in pieces; a dot may have a wider one.
const WIDEST: f32 = 2.6;
const APART: f32 = 2.5;
const DOT_APART: f32 = 4.5;
/// A piece no longer than so many times its thickness is a dot. A row of dots is longer than one of dashes: specks are many.
const DOT: f32 = 1.6;
const DASHES: usize = 6;
const DOTS: usize = 14;
/// How far a step may be from the usual one, and how many of the steps may.
const UNEVEN: f32 = 0.3;
const ODD: f32 = 0.15;

/// Level lines of dashes or dots among the `pieces` of ink of a page; `unit` is pixels a millimetre.
pub fn find(pieces: impl Iterator<Item = Area>, unit: f32) -> Vec<Rule> {
    let thin = |piece: &Area| {
        piece.height() as f32 <= (THICKEST * unit).max(2.0) && piece.width() as f32 <= LONGEST * unit && 2 * piece.width() >= piece.height()
    };
    let mut pieces: Vec<Area> = pieces.filter(thin).collect();
    pieces.sort_by_key(|piece| (piece.left, piece.top));
    let aside = (ASIDE * unit) as i32 + 1;
    let mut open: Vec<Vec<Area>> = Vec::new();
    let mut rows = Vec::new();
    for piece in pieces {
        // A row that this piece is beyond the reach of has ended.
        let (ended, rest): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|row| row.last().is_none_or(|last| piece.left > last.right + (WIDEST * unit) as i32));
        rows.extend(ended);
        open = rest;
        let follows = |row: &Vec<Area>| row.last().is_some_and(|last| is_next(last, &piece, aside, unit));
        match open.iter_mut().find(|row| follows(row)) {
            Some(row) => row.push(piece),
            None => open.push(vec![piece]),
        }
    }
    rows.extend(open);
    rows.iter().filter(|row| is_line(row)).map(|row| rule(row)).collect()
}

/// Whether a piece lies behind another one as the next of its row.
fn is_next(last: &Area, piece: &Area, aside: i32, unit: f32) -> bool {
    let (gap, longer) = (piece.left - last.right, last.width().max(piece.width()) as f32);
    let reach = if is_dot(piece) { DOT_APART } else { APART };
    gap > 0
        && gap as f32 <= (WIDEST * unit).min(reach * longer)
        && (piece.centre().1 - last.centre().1).abs() <= aside
        && (last.width() - piece.width()).abs() as f32 <= (0.4 * longer).max(0.25 * unit)
}

fn is_dot(piece: &Area) -> bool {
    piece.width() as f32 <= DOT * piece.height() as f32
}

/// Whether a row is long enough, and its pieces come at even steps.
fn is_line(row: &[Area]) -> bool {
    let dots = row.iter().filter(|piece| is_dot(piece)).count();
    if row.len() < if 2 * dots > row.len() { DOTS } else { DASHES } {
        return false;
    }
    let mut steps: Vec<i32> = row.windows(2).map(|pair| pair[1].left - pair[0].left).collect();
    steps.sort_unstable();
    let usual = steps[steps.len() / 2] as f32;
    let odd = steps.iter().filter(|step| (**step as f32 - usual).abs() > (UNEVEN * usual).max(1.5)).count();
    odd as f32 <= ODD * steps.len() as f32
}

fn rule(row: &[Area]) -> Rule {
    let whole = row.iter().skip(1).fold(row[0], |sum, piece| sum.union(piece));
    // Its first and last piece often hang together with the lines that it runs between.
    let step = (row[row.len() - 1].left - row[0].left) / (row.len() as i32 - 1).max(1);
    Rule { at: whole.centre().1, start: whole.left - step, end: whole.right + step, ink: row.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: f32 = 8.0;

    fn row(count: i32, step: i32, width: i32, height: i32) -> Vec<Area> {
        (0..count).map(|n| Area::new(100 + n * step, 50, 100 + n * step + width, 50 + height)).collect()
    }

    #[test]
    fn even_dashes_and_many_dots_are_a_line() {
        let found = find(row(20, 14, 8, 2).into_iter(), UNIT);
        assert_eq!(found.iter().map(|rule| (rule.at, rule.start, rule.end)).collect::<Vec<_>>(), [(51, 86, 388)]);
        assert_eq!(find(row(20, 8, 3, 3).into_iter(), UNIT).len(), 1);
        let two = row(20, 14, 8, 2).into_iter().chain(row(20, 14, 8, 2).into_iter().map(|a| Area::new(a.left, 80, a.right, 82)));
        assert_eq!(find(two, UNIT).len(), 2);
    }

    #[test]
    fn a_few_dashes_specks_and_strokes_are_none() {
        assert!(find(row(4, 14, 8, 2).into_iter(), UNIT).is_empty());
        assert!(find(row(8, 8, 3, 3).into_iter(), UNIT).is_empty());
        assert!(find(row(20, 50, 30, 12).into_iter(), UNIT).is_empty());
        let uneven = (0..20).map(|n| Area::new(100 + n * 14 + (n * n * 7) % 9, 50, 108 + n * 14 + (n * n * 7) % 9, 52));
        assert!(find(uneven, UNIT).is_empty());
    }
}
