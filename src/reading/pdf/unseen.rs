//! Letters that are drawn and that nobody sees: in the colour of paper on paper, or under something painted later.
//!
//! Owns which letters these are, and where a covered one gives way to another text. Never looks at a pixel.

use crate::reading::pdf::drawn::{Cover, Drawn, Ground, Letter};
use crate::reading::pdf::geometry::{Bounds, Point};
use std::collections::BTreeMap;

/// Letters held against grounds; a page that asks for more is cut short.
const MOST_TESTS: usize = 50_000_000;
/// The share of its box that hides a letter: a line through it, however thick, leaves it to be seen.
const HIDES: f64 = 0.5;
/// Ems by which a letter may stand off from the same letter beneath its cover.
const SAME_PLACE: f64 = 0.3;
/// Height of the rows by which letters are looked up.
const ROW: f64 = 100.0;

/// Takes their ink from all letters that nobody sees.
pub fn settle(drawn: &mut Drawn) {
    let mut tests = 0;
    bleach(drawn, &mut tests);
    cover(drawn, &mut tests);
    drawn.cut |= tests > MOST_TESTS;
}

/// Pale letters are seen where the uppermost ground beneath them is darker.
fn bleach(drawn: &mut Drawn, tests: &mut usize) {
    for (n, letter) in drawn.letters.iter_mut().enumerate().filter(|(_, letter)| letter.visible && letter.pale) {
        if *tests > MOST_TESTS {
            break;
        }
        let middle = letter.bounds().centre();
        let first_above = drawn.grounds.partition_point(|ground| ground.after <= n);
        let beneath = drawn.grounds.iter().take(first_above).rev().inspect(|_| *tests += 1);
        // Of a pale ground that something shows through nobody knows what is beneath.
        let uppermost = beneath.filter(|ground| !ground.pale || ground.opaque).find(|ground| ground.holds(middle));
        letter.visible = uppermost.is_some_and(|ground| !ground.pale);
    }
}

/// Letters by the row of their middle.
fn rows(letters: &[Letter]) -> BTreeMap<i64, Vec<(usize, Point)>> {
    let mut rows: BTreeMap<i64, Vec<(usize, Point)>> = BTreeMap::new();
    for (n, letter) in letters.iter().enumerate().filter(|(_, letter)| letter.visible && !letter.is_space()) {
        let middle = letter.bounds().centre();
        rows.entry(row(middle.y)).or_default().push((n, middle));
    }
    rows
}

fn row(y: f64) -> i64 {
    (y / ROW).floor() as i64
}

fn cover(drawn: &mut Drawn, tests: &mut usize) {
    if !drawn.grounds.iter().any(|ground| ground.opaque && ground.after > 0) {
        return;
    }
    let rows = rows(&drawn.letters);
    let mut hidden: Vec<(usize, Vec<usize>)> = Vec::new();
    for (n, ground) in drawn.grounds.iter().enumerate().filter(|(_, ground)| ground.opaque && ground.after > 0) {
        let mut under = Vec::new();
        let (top, bottom) = (row(ground.bounds.top), row(ground.bounds.bottom));
        for (letter, middle) in rows.range(top..=bottom.max(top)).flat_map(|(_, letters)| letters) {
            *tests += 1;
            if let Some(old) = drawn.letters.get_mut(*letter)
                && *letter < ground.after
                && old.visible
                && ground.holds(*middle)
                && hides(ground, &old.bounds())
            {
                old.visible = false;
                under.push(*letter);
            }
        }
        if !under.is_empty() {
            hidden.push((n, under));
        }
        if *tests > MOST_TESTS {
            return;
        }
    }
    for (n, under) in hidden {
        let lost = under.iter().filter_map(|n| drawn.letters.get(*n)).filter(|old| says_something(old) && !stands_again(old, &rows, drawn));
        if let Some(ground) = drawn.grounds.get(n)
            && let Some(bounds) = lost.map(Letter::bounds).reduce(|all, bounds| all.around_both(&bounds))
        {
            drawn.covers.push(Cover { bounds, picture: ground.picture.then_some(ground.bounds) });
        }
    }
}

fn hides(ground: &Ground, letter: &Bounds) -> bool {
    ground.bounds.shared(letter) >= HIDES * letter.width() * letter.height()
}

/// Not a line to write on, not the sign that shows where a seal goes.
fn says_something(letter: &Letter) -> bool {
    letter.text.chars().any(|c| !c.is_whitespace() && !"_＿.．・…‥-－―—ー()（）〔〕㊞印".contains(c))
}

/// Whether the same letter was drawn once more at its place and is seen there.
fn stands_again(old: &Letter, rows: &BTreeMap<i64, Vec<(usize, Point)>>, drawn: &Drawn) -> bool {
    let (middle, reach) = (old.bounds().centre(), SAME_PLACE * old.em());
    let near = rows.range(row(middle.y - reach)..=row(middle.y + reach)).flat_map(|(_, letters)| letters);
    let mut near = near.filter(|(_, other)| other.plus(middle, -1.0).length() <= reach).filter_map(|(n, _)| drawn.letters.get(*n));
    near.any(|other| other.visible && other.text == old.text)
}
