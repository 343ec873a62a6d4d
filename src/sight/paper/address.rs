//! Letters of a mail address, counted by their ink.
//!
//! Owns which letter stands where in the ink. Never reads one; an address that lost one is doubted, not mended.

use crate::area::Area;
use crate::page::Glyph;
use crate::paper::blobs::Mask;
use crate::paper::unread::cut;

/// A letter's ink is at least so high, in hundredths of the line's height; dots, dashes and specks are lower.
const LETTER: i32 = 30;
/// No half of a letter that the scan broke is so broad, in hundredths of the line's height.
const BROAD: i32 = 42;
/// Between two broad letters without a sign between them lies no more than this, in hundredths of the line's height, and no more than so
/// many times what is usual: a thin scan loses a `_`.
const GAP: i32 = 38;
const TIMES: i32 = 3;

/// A letter that was read, and the ink that is nearest to it.
struct Letter {
    glyph: usize,
    ink: usize,
}

/// Lowers what letters of a mail address are believed where ink stands between them that nobody read, or room that a sign has left.
pub fn doubt(glyphs: &mut [Glyph], mask: &Mask, ink: &Area) {
    let Some((from, to)) = address(glyphs) else { return };
    let edge = |left: Option<&Glyph>, right: Option<&Glyph>| left.zip(right).map(|(left, right)| (left.end + right.start) / 2);
    let left = edge(from.checked_sub(1).and_then(|n| glyphs.get(n)), glyphs.get(from)).unwrap_or(ink.left);
    let right = edge(glyphs.get(to - 1), glyphs.get(to)).unwrap_or(ink.right);
    let strokes = strokes(mask, &Area { left, right, ..*ink });
    if strokes.is_empty() {
        return;
    }
    let nearest = |glyph: &Glyph| (0..strokes.len()).min_by_key(|n| away(glyph, &strokes[*n])).unwrap_or(0);
    let letters: Vec<Letter> =
        (from..to).filter(|n| is_letter(glyphs[*n].char)).map(|glyph| Letter { glyph, ink: nearest(&glyphs[glyph]) }).collect();
    let between = |pair: &[Letter]| strokes[pair[1].ink].left - strokes[pair[0].ink].right;
    let side_by_side = |pair: &&[Letter]| {
        pair[1].glyph == pair[0].glyph + 1 && pair[1].ink == pair[0].ink + 1 && pair.iter().all(|one| is_broad(glyphs[one.glyph].char))
    };
    let mut gaps: Vec<i32> = letters.windows(2).filter(side_by_side).map(between).collect();
    gaps.sort_unstable();
    let usual = gaps.get(gaps.len() / 2).copied().unwrap_or(0);
    let wide = (ink.height() * GAP / 100).max(TIMES * usual);
    let room = letters.windows(2).filter(|pair| side_by_side(pair) && between(pair) > wide);
    let mut lost: Vec<usize> = room.flat_map(|pair| [pair[0].glyph, pair[1].glyph]).collect();
    let unread = unread(glyphs, &letters, &strokes).filter(|n| strokes[*n].width() * 100 >= ink.height() * BROAD);
    // What stands before or behind all letters is no part of the address, or is told by itself.
    lost.extend(unread.and_then(|n| letters.get(n.checked_sub(1)?..=n)).into_iter().flatten().map(|letter| letter.glyph));
    lost.into_iter().for_each(|n| cut(&mut glyphs[n]));
}

/// The one stroke that is no letter's, where there is one more of them than letters: the others lie nearest to their letters then. Where
/// letters touch or are broken nothing is told.
fn unread(glyphs: &[Glyph], letters: &[Letter], strokes: &[Area]) -> Option<usize> {
    if strokes.len() != letters.len() + 1 {
        return None;
    }
    let without =
        |lost: &usize| (0..letters.len()).map(|n| away(&glyphs[letters[n].glyph], &strokes[n + usize::from(n >= *lost)])).sum::<i32>();
    (0..strokes.len()).min_by_key(without)
}

/// Twice the distance from the middle of a letter as it was read to the middle of a stroke.
fn away(glyph: &Glyph, stroke: &Area) -> i32 {
    ((glyph.start + glyph.end) - (stroke.left + stroke.right)).abs()
}

/// From where to where the characters of a mail address stand.
fn address(glyphs: &[Glyph]) -> Option<(usize, usize)> {
    let at = glyphs.iter().position(|glyph| glyph.char == '@')?;
    let own = |glyph: &&Glyph| is_letter(glyph.char) || "._-+%".contains(glyph.char);
    let before = glyphs[..at].iter().rev().take_while(own).count();
    let behind = glyphs[at..].iter().take_while(own).count();
    Some((at - before, at + behind))
}

/// What is as high as a letter, from left to right, parted where a column is clear.
fn strokes(mask: &Mask, ink: &Area) -> Vec<Area> {
    let mut found = Vec::new();
    let mut start = None;
    for x in ink.left..=ink.right {
        let inked = x < ink.right && mask.count(&Area { left: x, right: x + 1, ..*ink }) > 0;
        match (inked, start) {
            (true, None) => start = Some(x),
            (false, Some(from)) => {
                start = None;
                found.extend(mask.tight(&Area { left: from, right: x, ..*ink }));
            }
            _ => {}
        }
    }
    found.retain(|area| area.height() * 100 >= ink.height() * LETTER);
    found
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '@'
}

/// A letter that fills its width also where all letters are as wide as each other.
fn is_broad(c: char) -> bool {
    is_letter(c) && !"fijlrtI1".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Permille;

    /// What the letters of an address are believed whose ink stands at these places, from left to right, in a line 30 high.
    fn judged(text: &str, places: &[(i32, i32)], ink: &[(i32, i32)]) -> Vec<u16> {
        let (width, height) = (600, 40);
        let strokes: Vec<Area> = ink.iter().map(|(left, right)| Area::new(*left, 8, *right, 30)).collect();
        let bits = (0..width * height).map(|n| strokes.iter().any(|a| a.contains(((n % width) as i32, (n / width) as i32)))).collect();
        let glyph = |(char, (start, end)): (char, &(i32, i32))| Glyph {
            char,
            start: *start,
            end: *end,
            confidence: Permille(990),
            others: Vec::new(),
        };
        let mut glyphs: Vec<Glyph> = text.chars().zip(places).map(glyph).collect();
        doubt(&mut glyphs, &Mask { width, height, bits }, &Area::new(20, 4, 580, 34));
        glyphs.iter().map(|glyph| glyph.confidence.0).collect()
    }

    #[test]
    fn a_letter_that_nobody_read_is_missed() {
        let (a, b, at, c, d) = ((30, 44), (48, 62), (66, 92), (96, 110), (114, 128));
        assert_eq!(judged("ab@cd", &[a, b, at, c, d], &[a, b, at, c, d]), [990; 5]);
        assert_eq!(judged("ab@d", &[a, b, at, d], &[a, b, at, c, d]), [990, 990, 500, 500]);
        assert_eq!(judged("ab@cd", &[a, b, at, c, d], &[a, (48, 53), (56, 62), at, c, d]), [990; 5], "a letter that broke");
        assert_eq!(judged("ab@cd", &[a, b, at, c, d], &[a, (48, 92), c, d]), [990; 5], "two that touch");
        assert_eq!(judged("ab@cd", &[a, b, at, c, d], &[a, b, at, c, d, (200, 230)]), [990; 5], "a stroke behind all is another look's");
    }

    #[test]
    fn the_room_of_a_sign_that_the_scan_lost_is_seen() {
        let (a, b, at, c) = ((30, 44), (64, 78), (82, 108), (112, 126));
        assert_eq!(judged("ab@c", &[a, b, at, c], &[a, b, at, c]), [500, 500, 990, 990]);
        assert_eq!(judged("a_b@c", &[a, (46, 62), b, at, c], &[a, b, at, c]), [990; 5]);
        assert_eq!(judged("al@c", &[a, b, at, c], &[a, (69, 72), at, c]), [990; 4], "a thin letter in a wide place");
    }

    #[test]
    fn a_bracket_before_an_address_is_no_letter_of_it() {
        let (bracket, a, b, at, c, d) = ((20, 26), (30, 44), (48, 62), (66, 92), (96, 110), (114, 128));
        assert_eq!(judged("(ab@d", &[bracket, a, b, at, d], &[bracket, a, b, at, c, d]), [990, 990, 990, 500, 500]);
    }

    #[test]
    fn other_lines_are_left_alone() {
        let places = [(30, 44), (64, 78)];
        assert_eq!(judged("ab", &places, &[(30, 44), (47, 61), (64, 78)]), [990; 2]);
    }
}
