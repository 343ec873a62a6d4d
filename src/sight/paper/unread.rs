//! Ink of a line that no character accounts for.
//!
//! Owns how far a character reaches. Never reads one; a line that lost one is doubted, not mended.

use crate::area::Area;
use crate::page::{Glyph, Mark, Permille};
use crate::paper::blobs::Mask;

/// Where a character's ink ends from its middle, in hundredths of the line's height: kanji and kana, broad letters, the rest.
const SQUARE: (i32, i32) = (50, 66);
const BROAD: (i32, i32) = (42, 60);
const NARROW: (i32, i32) = (26, 45);
/// How far beyond the next character of a word begins at most.
const NEAR: i32 = 45;
/// What is left is a character where it is so high or, as 一 is, so wide, in hundredths of the line's height.
const HIGH: i32 = 50;
const WIDE: i32 = 32;
/// Beside ink that nobody read no character is believed more than this.
const CUT: Permille = Permille(500);

/// Two characters as wide as high whose middles lie so far apart, in hundredths of the line's height, have room for another between them,
/// and what stands there is one where it is so wide.
const ROOM: i32 = 165;
const BODY: i32 = 25;

/// Lowers what characters of a line are believed where ink stands beside them that is nobody's. Boxes are told by themselves.
pub fn doubt(glyphs: &mut [Glyph], mask: &Mask, ink: &Area, boxes: &[&Mark]) {
    let line = Line { mask, ink };
    for n in 1..glyphs.len() {
        let is_box = |lost: &Area| boxes.iter().any(|mark| mark.area.intersection(lost).is_some());
        if line.lost_between(&glyphs[n - 1], &glyphs[n]).is_some_and(|lost| !is_box(&lost)) {
            glyphs[n - 1..=n].iter_mut().for_each(cut);
        }
    }
    if let Some(last) = glyphs.iter_mut().rfind(|glyph| glyph.char != ' ').filter(|last| line.goes_on_behind(last)) {
        cut(last);
    }
    if let Some(first) = glyphs.iter_mut().find(|glyph| glyph.char != ' ').filter(|first| line.begins_before(first)) {
        cut(first);
    }
}

/// A character beside ink that nobody read is believed no more than that.
pub fn cut(glyph: &mut Glyph) {
    glyph.confidence = glyph.confidence.min(CUT);
}

/// The ink of a line on its page.
struct Line<'a> {
    mask: &'a Mask,
    ink: &'a Area,
}

impl Line<'_> {
    /// Hundredths of the line's height in pixels.
    fn part(&self, hundredths: i32) -> i32 {
        self.ink.height() * hundredths / 100
    }

    /// What is inked from one column to another.
    fn rest(&self, from: i32, to: i32) -> Option<Area> {
        let beside = Area { left: from.max(self.ink.left), right: to.min(self.ink.right), ..*self.ink };
        if beside.width() > 1 { self.mask.tight(&beside) } else { None }
    }

    fn is_left(&self, from: i32, to: i32) -> bool {
        self.rest(from, to).is_some_and(|rest| rest.height() >= self.part(HIGH) || rest.width() >= self.part(WIDE))
    }

    /// Nothing is inked in the column; what crosses a character's edge is its own.
    fn is_clear(&self, x: &i32) -> bool {
        self.mask.count(&Area { left: *x, right: x + 1, ..*self.ink }) == 0
    }

    /// Where a character's ink ends to its right and begins to its left.
    fn end(&self, glyph: &Glyph) -> Option<i32> {
        let (near, far) = reach(glyph.char);
        (middle(glyph) + self.part(near)..middle(glyph) + self.part(far)).find(|x| self.is_clear(x))
    }

    fn start(&self, glyph: &Glyph) -> Option<i32> {
        let (near, far) = reach(glyph.char);
        (middle(glyph) - self.part(far)..middle(glyph) - self.part(near)).rev().find(|x| self.is_clear(x))
    }

    /// What stands between two square characters that have room for another.
    fn lost_between(&self, left: &Glyph, right: &Glyph) -> Option<Area> {
        let square = |glyph: &Glyph| glyph.char != ' ' && reach(glyph.char) == SQUARE;
        if !square(left) || !square(right) || middle(right) - middle(left) < self.part(ROOM) {
            return None;
        }
        let (start, end) = self.end(left).zip(self.start(right))?;
        self.rest(start, end).filter(|lost| lost.height() >= self.part(HIGH) && lost.width() >= self.part(BODY))
    }

    fn goes_on_behind(&self, last: &Glyph) -> bool {
        self.end(last).is_some_and(|end| self.is_left(end, end + self.part(NEAR)))
    }

    fn begins_before(&self, first: &Glyph) -> bool {
        self.start(first).is_some_and(|start| self.is_left(start - self.part(NEAR), start))
    }
}

fn middle(glyph: &Glyph) -> i32 {
    (glyph.start + glyph.end) / 2
}

fn reach(c: char) -> (i32, i32) {
    match c {
        'm' | 'w' | 'M' | 'W' | '@' | '%' => BROAD,
        c if c.is_ascii() => NARROW,
        _ => SQUARE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::MarkKind;

    fn judged(strokes: &[Area], char: char) -> u16 {
        let (width, height) = (400, 40);
        let bits = (0..width * height).map(|n| strokes.iter().any(|a| a.contains(((n % width) as i32, (n / width) as i32)))).collect();
        let mut glyphs = [Glyph { char, start: 100, end: 120, confidence: Permille(990), others: Vec::new() }];
        doubt(&mut glyphs, &Mask { width, height, bits }, &Area::new(20, 4, 380, 34), &[]);
        glyphs[0].confidence.0
    }

    #[test]
    fn a_stroke_beside_the_last_character_is_one_that_was_lost() {
        let zero = Area::new(102, 4, 118, 34);
        assert_eq!(judged(&[zero, Area::new(125, 4, 130, 34)], '0'), 500);
        assert_eq!(judged(&[zero, Area::new(88, 4, 93, 34)], '0'), 500);
        assert_eq!(judged(&[Area::new(97, 4, 123, 34), Area::new(128, 18, 154, 21)], '大'), 500);
    }

    #[test]
    fn a_low_speck_a_far_seal_and_strokes_of_its_own_are_none() {
        let zero = Area::new(102, 4, 118, 34);
        assert_eq!(judged(&[zero, Area::new(126, 28, 130, 34)], '0'), 990);
        assert_eq!(judged(&[zero, Area::new(180, 4, 240, 34)], '0'), 990);
        assert_eq!(judged(&[Area::new(96, 4, 112, 34), Area::new(122, 4, 125, 34)], '礼'), 990);
    }

    /// What two kanji 80 pixels apart are believed, in a line 30 high, with that between them.
    fn between(strokes: &[Area], boxes: &[&Mark]) -> u16 {
        let (width, height) = (400, 40);
        let kanji = [Area::new(97, 4, 123, 34), Area::new(177, 4, 203, 34)];
        let inked = |n: usize| strokes.iter().chain(&kanji).any(|a| a.contains(((n % width) as i32, (n / width) as i32)));
        let bits = (0..width * height).map(inked).collect();
        let mut glyphs =
            [100, 180].map(|start| Glyph { char: '川', start, end: start + 20, confidence: Permille(990), others: Vec::new() });
        doubt(&mut glyphs, &Mask { width, height, bits }, &Area::new(20, 4, 380, 34), boxes);
        assert_eq!(glyphs[0].confidence, glyphs[1].confidence);
        glyphs[0].confidence.0
    }

    #[test]
    fn a_character_that_was_lost_within_a_word_leaves_its_ink() {
        let lost = Area::new(140, 6, 162, 32);
        assert_eq!(between(&[lost], &[]), 500);
        assert_eq!(between(&[], &[]), 990, "a space");
        assert_eq!(between(&[Area::new(148, 24, 152, 34)], &[]), 990, "a comma");
        assert_eq!(between(&[Area::new(150, 4, 152, 34)], &[]), 990, "a ruled line");
        let tick = Mark { area: lost, kind: MarkKind::BoxEmpty, confidence: Permille(900) };
        assert_eq!(between(&[lost], &[&tick]), 990, "a box");
    }
}
