//! Whether the ink of a line is that of a print.
//!
//! Owns the measure: how ink of each character goes along with the print's. Never asks what a character is but whether it is a
//! digit or a small sign.

use crate::area::Area;
use crate::form::ROWS;
use crate::page::Glyph;
use crate::picture::Grey;
use crate::scale;
use std::ops::Range;

/// Ink is compared this much out of focus: strokes are thicker and thinner from scan to scan.
const SOFT: f32 = 0.8;
/// How far a character may stand beside its place, in pixels of a strip.
const ASIDE: i32 = 2;
const ALOFT: i32 = 1;
/// From this correlation on ink is the same character's: of some 940 lines of print 920 were above 0.7 throughout, and of entries as long as
/// another none above 0.49.
const ALIKE: f32 = 0.6;
/// The same for a digit, for some are much like others.
const DIGIT: f32 = 0.85;
/// The mean over a line.
const USUAL: f32 = 0.8;
/// Less ink than this on average, of 255, is none.
const BLANK: f32 = 8.0;
/// Darker than this is a stroke on a page; the print has none where it is not as dark as the second within so many pixels.
const STROKE: f32 = 110.0;
const FAINT: f32 = 60.0;
const REACH: usize = 2;
/// So many pixels of strokes beside the print's are somebody's pen, and no specks.
const FOREIGN: usize = 20;
/// What is too small to be compared by itself.
const SMALL: &str = " 、。，．,.・･:：;；'’‘`´゛゜-－ー‐―–~〜～_|｜!！/／";

/// The ink of a line at the size at which lines are compared.
pub fn strip(page: &Grey, ink: &Area) -> Grey {
    let cut = page.cut(ink);
    let width = (cut.width * ROWS).div_ceil(cut.height.max(1)).max(1);
    scale::resized(cut, width, ROWS)
}

/// Whether ink on a page, which would be these characters, is that of a print.
pub fn is_alike(print: &Grey, there: &Grey, glyphs: &[Glyph], ink: &Area) -> bool {
    if print.width == 0 || there.width == 0 {
        return false;
    }
    let print = soft(&scale::resized(print.clone(), there.width, ROWS));
    let found = soft(there);
    let about = about(&print, there.width);
    let likenesses: Option<Vec<f32>> = windows(glyphs, ink, there.width)
        .into_iter()
        .map(|window| {
            let (likeness, shift) = likeness(&print, &found, there.width, &window.columns);
            let is_like = likeness >= if window.is_digit { DIGIT } else { ALIKE };
            (is_like && foreign(&about, &found, there.width, &window.columns, shift) < FOREIGN).then_some(likeness)
        })
        .collect();
    likenesses.is_some_and(|all| !all.is_empty() && all.iter().sum::<f32>() >= USUAL * all.len() as f32)
}

/// Columns that are compared as one.
struct Window {
    columns: Range<usize>,
    is_digit: bool,
}

/// All columns of a strip, parted between characters; what is small goes with what stands before it, or behind it where it is the first.
fn windows(glyphs: &[Glyph], ink: &Area, width: usize) -> Vec<Window> {
    let at = |x: i32| (((x - ink.left).max(0) as usize * ROWS) / ink.height().max(1) as usize).min(width);
    let mut found: Vec<Window> = Vec::new();
    let mut is_whole = true;
    for (n, glyph) in glyphs.iter().enumerate() {
        let to = glyphs.get(n + 1).map_or(width, |next| at((glyph.end + next.start) / 2));
        let (is_small, is_digit) = (SMALL.contains(glyph.char), glyph.char.is_numeric());
        match found.last_mut().filter(|_| is_small || !is_whole) {
            Some(last) => {
                last.columns.end = to;
                last.is_digit |= is_digit;
                is_whole |= !is_small;
            }
            None => {
                let from = found.last().map_or(0, |last| last.columns.end);
                found.push(Window { columns: from..to, is_digit });
                is_whole = !is_small;
            }
        }
    }
    found.retain(|window| window.columns.len() > 1);
    found
}

/// Ink out of focus: 0 paper, 255 black.
fn soft(grey: &Grey) -> Vec<f32> {
    scale::softened(grey, SOFT).pixels.iter().map(|pixel| 255.0 - f32::from(*pixel)).collect()
}

/// Where the print has ink, or has it close by.
fn about(print: &[f32], width: usize) -> Vec<bool> {
    let along: Vec<bool> = (0..print.len())
        .map(|n| {
            let (y, x) = (n / width, n % width);
            print[y * width + x.saturating_sub(REACH)..y * width + (x + REACH + 1).min(width)].iter().any(|ink| *ink > FAINT)
        })
        .collect();
    let is_near = |n: usize| {
        let (y, x) = (n / width, n % width);
        (y.saturating_sub(REACH)..(y + REACH + 1).min(ROWS)).any(|y| along[y * width + x])
    };
    (0..print.len()).map(is_near).collect()
}

/// How a page's strip lies beside a print's: so many pixels down and to the right.
type Shift = (i32, i32);

/// The ink at a place of a print in a strip that lies beside it.
fn shifted(there: &[f32], width: usize, (x, y): (usize, usize), (down, across): Shift) -> f32 {
    let (x, y) = (x as i32 + across, y as i32 + down);
    let is_inside = (0..width as i32).contains(&x) && (0..ROWS as i32).contains(&y);
    if is_inside { there[y as usize * width + x as usize] } else { 0.0 }
}

/// Pixels of strokes in some columns where the print has none.
fn foreign(about: &[bool], there: &[f32], width: usize, columns: &Range<usize>, shift: Shift) -> usize {
    let is_foreign = |x: usize, y: usize| !about[y * width + x] && shifted(there, width, (x, y), shift) > STROKE;
    (0..ROWS).map(|y| columns.clone().filter(|x| is_foreign(*x, y)).count()).sum()
}

/// The correlation of a print with ink in some columns, at the shift that makes it largest, and that; 1 where neither has any.
fn likeness(print: &[f32], there: &[f32], width: usize, columns: &Range<usize>) -> (f32, Shift) {
    let rows = ALOFT as usize..ROWS - ALOFT as usize;
    let own = Sums::over(rows.clone().flat_map(|y| columns.clone().map(move |x| print[y * width + x])));
    let mut best = (0.0f32, (0, 0));
    for shift in (-ALOFT..=ALOFT).flat_map(|down| (-ASIDE..=ASIDE).map(move |across| (down, across))) {
        let shifted = |x: usize, y: usize| shifted(there, width, (x, y), shift);
        let other = Sums::over(rows.clone().flat_map(|y| columns.clone().map(move |x| shifted(x, y))));
        if own.mean() < BLANK && other.mean() < BLANK {
            return (1.0, shift);
        }
        let both: f32 = rows.clone().map(|y| columns.clone().map(|x| print[y * width + x] * shifted(x, y)).sum::<f32>()).sum();
        let spread = (own.spread() * other.spread()).sqrt();
        if spread > 0.0 {
            let likeness = (both - own.mean() * other.sum) / spread;
            if likeness > best.0 {
                best = (likeness, shift);
            }
        }
    }
    best
}

struct Sums {
    count: f32,
    sum: f32,
    squares: f32,
}

impl Sums {
    fn over(values: impl Iterator<Item = f32>) -> Sums {
        values.fold(Sums { count: 0.0, sum: 0.0, squares: 0.0 }, |sums, value| Sums {
            count: sums.count + 1.0,
            sum: sums.sum + value,
            squares: sums.squares + value * value,
        })
    }

    fn mean(&self) -> f32 {
        self.sum / self.count.max(1.0)
    }

    fn spread(&self) -> f32 {
        self.squares - self.sum * self.mean()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Permille;

    const SIDE: i32 = 30;

    /// Characters of 30 pixels side by side, each of strokes that its letter alone has.
    fn page(text: &str, shift: i32, thick: i32) -> Grey {
        let (width, height) = (text.chars().count() * SIDE as usize + 20, 50);
        let mut grey = Grey { width, height, pixels: vec![255; width * height] };
        let mut fill = |left: i32, top: i32, right: i32, bottom: i32| {
            (top..bottom).for_each(|y| (left..right).for_each(|x| grey.pixels[y as usize * width + x as usize] = 20));
        };
        for (n, c) in text.chars().enumerate() {
            let left = 10 + SIDE * n as i32;
            // All fill their square; what is within differs.
            fill(left, 10, left + 26, 10 + thick);
            fill(left, 40 - thick, left + 26, 40);
            let seed = c as i32;
            for stroke in 0..3 {
                let at = (seed * 7 + stroke * 11) % 22;
                if (seed >> stroke) & 1 == 0 {
                    fill(left + at, 12, left + at + thick, 38)
                } else {
                    fill(left + 2, 13 + at, left + 24, 13 + at + thick)
                }
            }
        }
        Grey { pixels: (0..width * height).map(|n| grey.pixels[if n as i32 >= shift { n - shift as usize } else { 0 }]).collect(), ..grey }
    }

    fn whole(text: &str) -> Area {
        Area::new(10, 10, 10 + SIDE * text.chars().count() as i32, 40)
    }

    fn glyphs(text: &str) -> Vec<Glyph> {
        let glyph = |(n, char): (usize, char)| {
            let start = 10 + SIDE * n as i32;
            Glyph { char, start, end: start + SIDE, confidence: Permille(990), others: Vec::new() }
        };
        text.chars().enumerate().map(glyph).collect()
    }

    fn alike(print: &str, there: &Grey) -> bool {
        is_alike(&strip(&page(print, 0, 3), &whole(print)), &strip(there, &whole(print)), &glyphs(print), &whole(print))
    }

    #[test]
    fn the_same_words_are_alike_a_little_aside_thicker_and_with_specks() {
        assert!(alike("契約種別", &page("契約種別", 0, 3)));
        assert!(alike("契約種別", &page("契約種別", 1, 3)));
        assert!(alike("契約種別", &page("契約種別", 0, 4)));
        let mut specked = page("契約種別", 0, 3);
        (0..specked.pixels.len()).step_by(97).for_each(|n| specked.pixels[n] = 255 - specked.pixels[n]);
        assert!(alike("契約種別", &specked));
    }

    #[test]
    fn one_character_that_differs_is_enough() {
        assert!(!alike("契約種別", &page("契約種類", 0, 3)));
        assert!(!alike("契約種別", &page("解約種別", 0, 3)));
        let mut written = page("契約種別", 0, 3);
        (12..38).for_each(|y| (45..65).for_each(|x| written.pixels[y * written.width + x] = 20));
        assert!(!alike("契約種別", &written), "a character is blotted out");
        let mut struck = page("契約種別", 0, 3);
        (24..27).for_each(|y| (12..36).for_each(|x| struck.pixels[y * struck.width + x] = 20));
        (14..36).for_each(|y| (y + 56..y + 59).for_each(|x| struck.pixels[y * struck.width + x] = 20));
        assert!(!alike("契約種別", &struck), "a pen ran over it");
        let blank = Grey { pixels: vec![255; written.pixels.len()], ..written };
        assert!(!alike("契約種別", &blank));
    }

    #[test]
    fn what_is_small_is_compared_with_its_neighbour_and_a_digit_more_strictly() {
        let windows = |text: &str| -> Vec<(usize, usize, bool)> {
            let found = windows(&glyphs(text), &whole(text), text.chars().count() * ROWS);
            found.into_iter().map(|window| (window.columns.start / ROWS, window.columns.end.div_ceil(ROWS), window.is_digit)).collect()
        };
        assert_eq!(windows("月、日"), [(0, 2, false), (2, 3, false)]);
        assert_eq!(windows("「月"), [(0, 1, false), (1, 2, false)]);
        assert_eq!(windows("・月日"), [(0, 2, false), (2, 3, false)]);
        assert_eq!(windows("1枚"), [(0, 1, true), (1, 2, false)]);
        assert!(windows("Ⅱ月")[0].2, "contracts are told apart by it");
    }
}
