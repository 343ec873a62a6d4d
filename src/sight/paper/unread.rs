//! Ink at the ends of a line that no character accounts for.
//!
//! Owns how far a character reaches. Never reads one; a line that lost one is doubted, not mended.

use crate::area::Area;
use crate::page::{Glyph, Permille};
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

/// Lowers what the outermost characters of a line are believed where ink stands beside them that is nobody's.
pub fn doubt(glyphs: &mut [Glyph], mask: &Mask, ink: &Area) {
    let height = ink.height();
    let part = |hundredths: i32| height * hundredths / 100;
    let middle = |glyph: &Glyph| (glyph.start + glyph.end) / 2;
    let is_left = |from: i32, to: i32| {
        let beside = Area { left: from.max(ink.left), right: to.min(ink.right), ..*ink };
        beside.width() > 1 && mask.tight(&beside).is_some_and(|rest| rest.height() >= part(HIGH) || rest.width() >= part(WIDE))
    };
    // What crosses the character's edge is its own.
    let is_clear = |x: &i32| mask.count(&Area { left: *x, right: x + 1, ..*ink }) == 0;
    if let Some(last) = glyphs.iter_mut().rfind(|glyph| glyph.char != ' ') {
        let (near, far) = reach(last.char);
        let end = (middle(last) + part(near)..middle(last) + part(far)).find(is_clear);
        if end.is_some_and(|end| is_left(end, end + part(NEAR))) {
            last.confidence = last.confidence.min(CUT);
        }
    }
    if let Some(first) = glyphs.iter_mut().find(|glyph| glyph.char != ' ') {
        let (near, far) = reach(first.char);
        let start = (middle(first) - part(far)..middle(first) - part(near)).rev().find(is_clear);
        if start.is_some_and(|start| is_left(start - part(NEAR), start)) {
            first.confidence = first.confidence.min(CUT);
        }
    }
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

    fn judged(strokes: &[Area], char: char) -> u16 {
        let (width, height) = (400, 40);
        let bits = (0..width * height).map(|n| strokes.iter().any(|a| a.contains(((n % width) as i32, (n / width) as i32)))).collect();
        let mut glyphs = [Glyph { char, start: 100, end: 120, confidence: Permille(990), others: Vec::new() }];
        doubt(&mut glyphs, &Mask { width, height, bits }, &Area::new(20, 4, 380, 34));
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
}
