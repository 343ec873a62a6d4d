//! The shadow of a fold.
//!
//! Owns dark lines that run from one edge of the sheet to the other, which no ruled line does. Never touches what ends on the page.

use crate::paper::ink::rank;
use crate::picture::Grey;

/// The sheet is cut into so many strips across a fold.
const STRIPS: usize = 16;
/// How much darker than the paper about it a fold is at least.
const DARKER: u8 = 12;
/// A fold and its bright rim reach so many lines from its middle, at 200 dots an inch.
const REACH: usize = 12;
/// So many lines a fold may climb from one strip to the next.
const CLIMB: usize = 2;
/// A fold is no more than a quarter and so much darker anywhere than at the edges of its sheet.
const ALONG: u8 = 10;

/// Brightens the folds of a sheet to its paper, level ones and upright ones.
pub fn flatten(grey: &mut Grey) {
    let (width, height) = (grey.width, grey.height);
    if width.min(height) < 4 * STRIPS {
        return;
    }
    lift(grey, height, width, |line, at| line * width + at);
    lift(grey, width, height, |line, at| at * width + line);
}

/// `lines` of `length` pixels, of which `index` tells where the nth of a line lies.
fn lift(grey: &mut Grey, lines: usize, length: usize, index: impl Fn(usize, usize) -> usize) {
    let strip = |n: usize| n * length / STRIPS..(n + 1) * length / STRIPS;
    // What is brighter than three quarters of a piece of line is paper, whatever is written there.
    let paper: Vec<[u8; STRIPS]> = (0..lines)
        .map(|line| {
            std::array::from_fn(|n| {
                let mut counts = [0u32; 256];
                strip(n).for_each(|at| counts[usize::from(grey.pixels[index(line, at)])] += 1);
                rank(&counts, strip(n).len() as u32 * 3 / 4)
            })
        })
        .collect();
    let drops: Vec<[u8; STRIPS]> = (0..lines)
        .map(|line| {
            let (above, below) = (&paper[line.saturating_sub(REACH)], &paper[(line + REACH).min(lines - 1)]);
            std::array::from_fn(|n| above[n].min(below[n]).saturating_sub(paper[line][n]))
        })
        .collect();
    let dark = |line: usize, n: usize| drops[line][n] >= DARKER;
    let reached = |order: &[usize]| {
        let mut found = vec![[false; STRIPS]; lines];
        for (step, n) in order.iter().copied().enumerate() {
            for line in 0..lines {
                let near = line.saturating_sub(CLIMB)..(line + CLIMB + 1).min(lines);
                let follows = || step.checked_sub(1).is_none_or(|before| near.clone().any(|other| found[other][order[before]]));
                found[line][n] = dark(line, n) && follows();
            }
        }
        found
    };
    let onward: Vec<usize> = (0..STRIPS).collect();
    let (from_first, from_last) = (reached(&onward), reached(&onward.iter().rev().copied().collect::<Vec<_>>()));
    let is_fold = |line: usize, n: usize| from_first[line][n] && from_last[line][n];
    // How dark a fold is by itself shows at the edges of the sheet, which no rule reaches.
    let at_edges: Vec<u8> = (0..lines)
        .map(|line| [0, STRIPS - 1].into_iter().filter(|n| is_fold(line, *n)).map(|n| drops[line][n]).max().unwrap_or(0))
        .collect();
    let near = CLIMB * STRIPS;
    for line in 0..lines {
        let own = at_edges[line.saturating_sub(near)..(line + near + 1).min(lines)].iter().max().copied().unwrap_or(0);
        // What is darker by far is a rule along the fold.
        let most = own.saturating_add(own / 4 + ALONG);
        for n in (0..STRIPS).filter(|n| is_fold(line, *n)) {
            for pixel in strip(n).map(|at| index(line, at)) {
                grey.pixels[pixel] = grey.pixels[pixel].saturating_add(drops[line][n].min(most));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(shade: impl Fn(usize, usize) -> u8) -> Grey {
        Grey { width: 320, height: 200, pixels: (0..320 * 200).map(|n| shade(n % 320, n / 320)).collect() }
    }

    fn flat(mut grey: Grey) -> Grey {
        flatten(&mut grey);
        grey
    }

    #[test]
    fn a_fold_vanishes_and_what_is_written_on_it_stays() {
        let word = |x: usize, y: usize| (100..140).contains(&x) && (90..110).contains(&y) && x % 8 < 2;
        let fold = |x: usize, y: usize| y.abs_diff(100 + x / 80) < 3;
        let found = flat(sheet(|x, y| {
            if word(x, y) {
                20
            } else if fold(x, y) {
                160
            } else {
                230
            }
        }));
        assert!(found.pixels[100 * 320 + 50] > 220 && found.pixels[103 * 320 + 300] > 220);
        assert!(found.pixels[101 * 320 + 104] < 100, "ink on the fold");
        let upright = flat(sheet(|x, _| if x.abs_diff(160) < 3 { 170 } else { 230 }));
        assert!(upright.pixels.iter().all(|p| *p > 220));
    }

    #[test]
    fn a_rule_along_which_a_sheet_was_folded_stays() {
        let ruled = |x: usize, y: usize| y.abs_diff(100) < 2 && (20..300).contains(&x);
        let fold = |y: usize| y.abs_diff(100) < 3;
        let shade = |x: usize, y: usize| if ruled(x, y) { 40 } else { 230 - if fold(y) { 60 } else { 0 } };
        let found = flat(sheet(shade));
        assert!(found.pixels[100 * 320 + 50] < 150, "the rule: {}", found.pixels[100 * 320 + 50]);
        assert!(found.pixels[100 * 320 + 8] > 220 && found.pixels[102 * 320 + 50] > 220, "the fold");
    }

    #[test]
    fn a_rule_that_ends_on_the_page_stays() {
        let ruled = sheet(|x, y| if y.abs_diff(100) < 2 && (20..300).contains(&x) { 40 } else { 230 });
        assert_eq!(flat(ruled.clone()).pixels, ruled.pixels);
    }
}
