//! Print that is known: what a form says where nobody has written, learnt once and found again by its ink.
//!
//! Owns which words can be known, and what a form's print says on a page on which the form lies. Never believes a place alone: the ink of each
//! character is compared, and a line of which anything differs is read like any other.

mod ink;
mod lay;

use crate::area::Area;
use crate::form::{Form, Print};
use crate::page::{Glyph, Mark, Permille};
use crate::paper::blobs::Mask;
use crate::paper::text;
use crate::picture::Grey;
use lay::Lay;
use std::ops::Range;

/// Words that were read less surely than this on average, or a character of which was, are not learnt.
const SURE: Permille = Permille(950);
const UNSURE: Permille = Permille(700);
/// Millimetres by which a line may lie beside its place, where the paper was drawn in unevenly.
const ASIDE: f32 = 1.5;
/// Heights of a line by which words may stand farther from their box than on the form, all boxes before them taken together.
const BESIDE: f32 = 4.0;

/// The words of a line that can be told from others by their ink; `is_blank` where nobody has filled the form in.
pub fn prints(page: &Grey, mask: &Mask, ink: &Area, glyphs: &[Glyph], is_blank: bool) -> Vec<Print> {
    let (boxes, words): (Vec<&Glyph>, Vec<&Glyph>) =
        glyphs.iter().filter(|glyph| glyph.char != ' ').partition(|glyph| text::is_sign_of_a_box(glyph.char));
    let sides: Vec<(i32, i32)> = boxes.iter().map(|glyph| (glyph.start, glyph.end)).collect();
    let parts = beside(mask, ink, &sides).into_iter().map(|(ink, columns)| {
        let glyphs = words.iter().filter(|glyph| columns.contains(&glyph.middle())).map(|glyph| (*glyph).clone()).collect();
        Print { ink, glyphs, strip: ink::strip(page, &ink) }
    });
    parts.filter(|print| is_told(&print.glyphs, is_blank)).collect()
}

/// Whether words were read surely, and their ink alone tells what they are. Numbers cannot be told so: a 5 that has run is like a 6, and
/// they are what editions and years differ by. In a form that is filled in any digit may be somebody's entry.
fn is_told(words: &[Glyph], is_blank: bool) -> bool {
    let is_digit = |glyph: &Glyph| glyph.char.is_ascii_digit() || ('０'..='９').contains(&glyph.char);
    let sum: usize = words.iter().map(|glyph| usize::from(glyph.confidence.0)).sum();
    let is_sure = words.iter().all(|glyph| glyph.confidence >= UNSURE) && sum >= usize::from(SURE.0) * words.len();
    let is_number = words.windows(if is_blank { 2 } else { 1 }).any(|digits| digits.iter().all(is_digit));
    !words.is_empty() && is_sure && !is_number && words.iter().all(|glyph| glyph.char != '@')
}

/// The ink of a line between its boxes, each with the columns from box to box.
fn beside(mask: &Mask, ink: &Area, boxes: &[(i32, i32)]) -> Vec<(Area, Range<i32>)> {
    // The edge of a box is soft.
    let soft = (ink.height() / 12).max(1);
    let from = [i32::MIN].into_iter().chain(boxes.iter().map(|(_, right)| right + soft));
    let to = boxes.iter().map(|(left, _)| left - soft).chain([i32::MAX]);
    let within = |from: i32, to: i32| Area { left: from.max(ink.left), right: to.min(ink.right), ..*ink };
    from.zip(to).filter_map(|(from, to)| mask.tight(&within(from, to)).map(|tight| (tight, from..to))).collect()
}

/// What stands between boxes of the page in a line, and how far it may stand aside.
fn parts(mask: &Mask, ink: &Area, boxes: &[&Mark]) -> impl Iterator<Item = (Area, f32)> {
    let mut sides: Vec<(i32, i32)> = boxes.iter().map(|mark| (mark.area.left, mark.area.right)).collect();
    sides.sort_unstable();
    let aside = BESIDE * ink.height() as f32;
    beside(mask, ink, &sides).into_iter().map(move |(part, _)| (part, aside))
}

/// A form as it lies on a page.
pub struct Laid<'a> {
    form: &'a Form,
    lay: Lay,
    /// Pixels a millimetre of the page.
    unit: f32,
}

/// The forms that lie on a page with these cells: editions and typefaces of one form lie alike, and their ink tells them apart.
pub fn laid<'a>(forms: &'a [Form], cells: &[Area], unit: f32) -> Vec<Laid<'a>> {
    let mut sorted = cells.to_vec();
    sorted.sort_by_key(|cell| cell.top);
    let lays = forms.iter().map(|form| (form, lay::fitted(&form.cells, form.unit, &sorted, unit)));
    lays.filter_map(|(form, lay)| lay.map(|lay| Laid { form, lay, unit })).collect()
}

impl Laid<'_> {
    /// The characters of a line that is print of the form throughout, among the `boxes` of the page that stand in it: their ticks are
    /// nobody's print.
    pub fn known(&self, page: &Grey, mask: &Mask, ink: &Area, boxes: &[&Mark]) -> Option<Vec<Glyph>> {
        let whole = self.words(page, ink, 0.0);
        if whole.is_some() || boxes.is_empty() {
            return whole;
        }
        let found: Vec<Vec<Glyph>> = parts(mask, ink, boxes).map(|(part, aside)| self.words(page, &part, aside)).collect::<Option<_>>()?;
        let signs = boxes.iter().map(|mark| text::sign_of(mark));
        let mut glyphs: Vec<Glyph> = signs.chain(found.into_iter().flatten()).collect();
        glyphs.sort_by_key(Glyph::middle);
        Some(glyphs)
    }

    /// Which prints of the form a line shows.
    pub fn shown(&self, page: &Grey, mask: &Mask, ink: &Area, boxes: &[&Mark]) -> Vec<usize> {
        let prints = || 0..self.form.prints.len();
        let all =
            [(*ink, 0.0)].into_iter().chain(parts(mask, ink, boxes)).flat_map(|(part, aside)| prints().map(move |n| (n, part, aside)));
        all.filter(|(n, part, aside)| self.print_at(*n, page, part, *aside).is_some()).map(|(n, ..)| n).collect()
    }

    /// Where on the page print is to be looked for that stands in none of its cells.
    pub fn beside(&self, cells: &[Area]) -> Vec<Area> {
        let aside = (ASIDE * self.unit / 2.0) as i32;
        let there = |print: &Print| {
            let [left, top, right, bottom] = self.lay.area(&print.ink).map(|at| at.round() as i32);
            Area::new(left, top, right, bottom)
        };
        let stands = |area: &Area| !cells.iter().any(|cell| cell.contains(area.centre()));
        self.form.prints.iter().map(there).filter(stands).map(|area| area.grown(aside, aside)).collect()
    }

    /// An area of the page as it lies on the form.
    pub fn back(&self, area: &Area) -> Area {
        self.lay.back(area)
    }

    /// The print that some ink is; it may stand `aside` more to the left or right than a line.
    fn words(&self, page: &Grey, ink: &Area, aside: f32) -> Option<Vec<Glyph>> {
        (0..self.form.prints.len()).find_map(|n| self.print_at(n, page, ink, aside))
    }

    /// The characters of a print where they stand on the page, if some ink is it.
    fn print_at(&self, n: usize, page: &Grey, ink: &Area, aside: f32) -> Option<Vec<Glyph>> {
        let print = self.form.prints.get(n).filter(|print| self.lies_on(print, ink, aside))?;
        let stretch = ink.width() as f32 / print.ink.width().max(1) as f32;
        let there = |x: i32| ink.left + ((x - print.ink.left) as f32 * stretch).round() as i32;
        let moved = |glyph: &Glyph| Glyph { start: there(glyph.start), end: there(glyph.end), ..glyph.clone() };
        let glyphs: Vec<Glyph> = print.glyphs.iter().map(moved).collect();
        ink::is_alike(&print.strip, &ink::strip(page, ink), &glyphs, ink).then_some(glyphs)
    }

    /// Whether ink lies where a print is to be expected, and is as long and as high.
    fn lies_on(&self, print: &Print, ink: &Area, aside: f32) -> bool {
        let want = self.lay.area(&print.ink);
        let height = ink.height() as f32;
        let off = |a: f32, b: f32, c: i32, d: i32| (a + b - (c + d) as f32).abs() / 2.0;
        let longer = |a: f32, b: f32, length: i32| (b - a - length as f32).abs();
        off(want[0], want[2], ink.left, ink.right) <= ASIDE * self.unit + aside
            && off(want[1], want[3], ink.top, ink.bottom) <= ASIDE * self.unit
            && longer(want[0], want[2], ink.width()) <= 0.25 * height + 0.01 * ink.width() as f32
            && longer(want[1], want[3], ink.height()) <= 0.2 * height + 1.0
    }
}
