//! Reads lines: cuts the strip, asks the recogniser, puts the characters back on the page.
//!
//! Owns what a strip looks like, and how a check box by pixels becomes `□` or `☑` in its line.

use crate::area::Area;
use crate::page::Permille;
use crate::page::{Glyph, Line, Mark, MarkKind};
use crate::paper::address;
use crate::paper::bands::Band;
use crate::paper::blobs::Mask;
use crate::paper::unread;
use crate::picture::Grey;
use crate::port::Ocr;

/// White above and below a line, as a part of its height: what the reader was trained on.
const MARGIN: f32 = 0.38;
/// Lighter than this is paper.
const PALE: u8 = 170;
/// What an empty or ticked box may be taken for.
const BOXLIKE: &str = "□☐☑☒■▣◻図回区図囗口ロ日目田国四固囚困因圏凹園団凶出巨臼甲由申白曰门回國圓圍團圖D0OoCBZN図M区✓レV";
/// Characters that are squares themselves.
const SQUARE: &str = "国國図圖回田日目四口ロ固困因圏園団團由申甲白円圓囲圍";

/// A box that only the reader saw is believed no more than this.
const UNPROVEN: Permille = Permille(500);
/// Squares that are also read where a box is.
const ROUGH: &str = "図回口ロ";
/// What a bracket that opens is taken for, and how many times as high as wide it is at least.
const ROUND: &str = "CcＣｃ<く〈";
const NARROW: i32 = 2;
/// A gap between characters as wide as high, in hundredths of the line's height, that no word has within.
const GAP: i32 = 42;
/// So many squares of one size on a page are its check boxes.
const ALIKE: usize = 5;

/// The text of a line and the boxes in it: those among `marks` that did not turn out to be characters.
pub fn read(page: &Grey, mask: &Mask, band: &Band, marks: &[Mark], ocr: &dyn Ocr) -> Option<(Line, Vec<Mark>)> {
    let strip = strip(page, band);
    let glyphs: Vec<Glyph> = ocr
        .read(&strip.grey)
        .glyphs
        .into_iter()
        .map(|g| Glyph {
            char: if inked(page, band, strip.left + ((g.start + g.end) / 2.0) as i32) { g.char } else { ' ' },
            start: strip.left + g.start.round() as i32,
            end: strip.left + g.end.round() as i32,
            confidence: g.confidence,
            others: g.others,
        })
        .collect();
    let mut glyphs = bracketed(glyphs, &band.ink);
    part(&mut glyphs, page, &band.ink);
    let boxes: Vec<&Mark> = boxes_in(marks, &band.ink).collect();
    unread::doubt(&mut glyphs, mask, &band.ink, &boxes);
    address::doubt(&mut glyphs, mask, &band.ink);
    let of_a_kind = |mark: &Mark| is_of_a_kind(mark, marks);
    let is_box = |mark: &&Mark| is_high(band, mark) && (stands_alone(page, band, mark) || is_unread(&glyphs, mark) || of_a_kind(mark));
    let alone: Vec<&Mark> = boxes.into_iter().filter(is_box).collect();
    let (glyphs, kept) = boxed(glyphs, &alone, &band.ink, of_a_kind);
    line(band.ink, trimmed(glyphs)).map(|line| (line, kept))
}

/// Draws back two characters that are as wide as high to the ends of the gap between them, where one wider than any within words is.
/// The reader tells where a character is, and not how far it reaches.
fn part(glyphs: &mut [Glyph], page: &Grey, ink: &Area) {
    let least = ink.height() * GAP / 100;
    for n in 1..glyphs.len() {
        let (left, right) = (&glyphs[n - 1], &glyphs[n]);
        if !fills_its_square(left.char) || !fills_its_square(right.char) {
            continue;
        }
        let (from, to) = ((left.start + left.end) / 2, (right.start + right.end) / 2);
        if let Some((start, end)) = widest_gap(page, ink, from, to).filter(|(start, end)| end - start >= least) {
            glyphs[n - 1].end = glyphs[n - 1].end.min(start);
            glyphs[n].start = glyphs[n].start.max(end);
        }
    }
}

/// Kanji and kana whose ink reaches from one side of their square to the other.
fn fills_its_square(c: char) -> bool {
    const NARROW: &str = "卜ァィゥェォッャュョヮヵヶイトノヒミリレメぁぃぅぇぉっゃゅょゎいうくこしちつてとへらりろるよ";
    matches!(c, '\u{4E00}'..='\u{9FFF}' | 'ァ'..='ヺ' | 'ぁ'..='ん') && !NARROW.contains(c)
}

/// The widest run of columns without ink.
fn widest_gap(page: &Grey, rows: &Area, from: i32, to: i32) -> Option<(i32, i32)> {
    let inked: Vec<i32> = (from..=to).filter(|x| *x == from || *x == to || dark(page, rows, *x)).collect();
    inked.windows(2).map(|pair| (pair[0] + 1, pair[1])).max_by_key(|(start, end)| end - start)
}

/// A lone bracket is taken for a letter, which is never so narrow: （ that opens an empty entry.
fn bracketed(mut glyphs: Vec<Glyph>, ink: &Area) -> Vec<Glyph> {
    if let [only] = glyphs.as_mut_slice()
        && ROUND.contains(only.char)
        && ink.height() > NARROW * ink.width()
    {
        only.char = '(';
    }
    glyphs
}

/// Whether there is ink about where a character is said to be: the reader takes a wide gap for a long vowel.
fn inked(page: &Grey, band: &Band, x: i32) -> bool {
    let reach = (band.ink.height() * 3 / 10).max(3);
    (x - reach..x + reach).any(|x| dark(page, &band.ink, x))
}

fn dark(page: &Grey, rows: &Area, x: i32) -> bool {
    darkened(page, rows, x).next().is_some()
}

/// The rows in which a column is inked.
fn darkened<'a>(page: &'a Grey, rows: &Area, x: i32) -> impl Iterator<Item = i32> + 'a {
    let inside = x >= 0 && (x as usize) < page.width;
    let rows = if inside { rows.top.max(0)..rows.bottom.min(page.height as i32) } else { 0..0 };
    rows.filter(move |y| page.pixels[*y as usize * page.width + x as usize] < PALE)
}

/// Whether the box is about as high as the line: the bowl of a b or a 6 is not.
fn is_high(band: &Band, mark: &Mark) -> bool {
    mark.area.height() * 20 >= band.ink.height() * 11
}

/// Whether the box opens the line or follows a gap, as a square within a word does not. A speck leaves a gap a gap.
fn stands_alone(page: &Grey, band: &Band, mark: &Mark) -> bool {
    let gap = band.ink.height() / 4;
    let from = (mark.area.left - gap - 2).max(band.ink.left);
    let inked: Vec<(i32, i32)> = (from..mark.area.left - 2).flat_map(|x| darkened(page, &mark.area, x).map(move |y| (x, y))).collect();
    let loose = inked.first().is_none_or(|(x, _)| *x > from);
    let rows = || inked.iter().map(|(_, y)| *y);
    let low = rows().max().zip(rows().min()).is_none_or(|(bottom, top)| bottom - top < band.ink.height() / 5);
    loose && low || mark.area.left - band.ink.left < gap
}

/// Whether the reader saw nothing where the box is, as behind a word that it touches. A character that looks like a box is read.
fn is_unread(glyphs: &[Glyph], mark: &Mark) -> bool {
    !glyphs.iter().any(|glyph| glyph.char != ' ' && covered(glyph, &mark.area))
}

/// Whether the page has many squares of this very size: its check boxes are drawn alike, and stand close to their words throughout.
fn is_of_a_kind(mark: &Mark, marks: &[Mark]) -> bool {
    let like = |other: &Mark| {
        let slack = (mark.area.width() / 16).max(1);
        (mark.area.width() - other.area.width()).abs() <= slack && (mark.area.height() - other.area.height()).abs() <= slack
    };
    marks.iter().filter(|other| is_box(other) && like(other)).count() >= ALIKE
}

pub fn is_box(mark: &Mark) -> bool {
    matches!(mark.kind, MarkKind::BoxEmpty | MarkKind::BoxTicked)
}

/// A line of known print, and those of the boxes of its row that stand in it: the others turned out to be characters.
pub fn of_print<'a>(ink: Area, glyphs: Vec<Glyph>, boxes: impl Iterator<Item = &'a Mark>) -> Option<(Line, Vec<Mark>)> {
    let stands = |mark: &&Mark| glyphs.iter().any(|glyph| is_sign_of_a_box(glyph.char) && glyph.start == mark.area.left);
    let kept = boxes.filter(stands).cloned().collect();
    line(ink, glyphs).map(|line| (line, kept))
}

/// The boxes that stand in the row of some ink.
pub fn boxes_in<'a>(marks: &'a [Mark], ink: &Area) -> impl Iterator<Item = &'a Mark> {
    let ink = *ink;
    marks.iter().filter(move |mark| is_box(mark) && ink.row_overlap(&mark.area) >= 500 && overlaps(&ink, &mark.area))
}

/// The character that stands for a box.
pub fn sign_of(mark: &Mark) -> Glyph {
    Glyph { char: sign(mark.kind), start: mark.area.left, end: mark.area.right, confidence: mark.confidence, others: Vec::new() }
}

/// Whether a character stands for a box.
pub fn is_sign_of_a_box(c: char) -> bool {
    "□☑".contains(c)
}

fn overlaps(a: &Area, b: &Area) -> bool {
    a.intersection(b).is_some()
}

struct Cut {
    grey: Grey,
    left: i32,
}

/// The line's ink on white, with the margin the reader wants.
fn strip(page: &Grey, band: &Band) -> Cut {
    let ink = band.ink;
    let height = ink.height().max(8);
    let margin = (height as f32 * MARGIN).round() as i32;
    let (left, right) = (ink.left - margin, ink.right + margin);
    let (top, bottom) = (ink.top - margin, ink.bottom + margin);
    // A little of the page around the ink for soft edges; farther away stands what belongs to others.
    let soft = (height / 10).max(2);
    let keep = |a: i32, b: i32, low: i32, high: i32| (a.max(low).max(0), b.min(high));
    let (x0, x1) = keep(ink.left - soft, ink.right + soft, band.within.left - soft, band.within.right + soft);
    let (y0, y1) = keep(ink.top - soft, ink.bottom + soft, band.within.top - soft, band.within.bottom + soft);
    let (x1, y1) = (x1.min(page.width as i32), y1.min(page.height as i32));
    let (width, tall) = ((right - left).max(1) as usize, (bottom - top).max(1) as usize);
    let mut pixels = vec![255; width * tall];
    for y in y0..y1 {
        let from = y as usize * page.width;
        let to = (y - top) as usize * width;
        for x in x0..x1 {
            pixels[to + (x - left) as usize] = page.pixels[from + x as usize];
        }
    }
    Cut { grey: Grey { width, height: tall, pixels }, left }
}

/// Replaces what was read in a box's place by the box; a box in whose place a square character stands firmly is none.
fn boxed(mut glyphs: Vec<Glyph>, boxes: &[&Mark], rows: &Area, of_a_kind: impl Fn(&Mark) -> bool) -> (Vec<Glyph>, Vec<Mark>) {
    let height = rows.height();
    let mut kept = Vec::new();
    let mut sorted = boxes.to_vec();
    sorted.sort_by_key(|mark| mark.area.left);
    for mark in sorted {
        let slack = height / 6;
        let inside = |g: &Glyph| (mark.area.left - slack..mark.area.right + slack).contains(&((g.start + g.end) / 2));
        if let Some(at) = glyphs.iter().position(&inside) {
            let read = &glyphs[at];
            let before = at.checked_sub(1).map(|b| &glyphs[b]).filter(|g| g.char != ' ' && !is_sign(g.char));
            let glued = before.is_some_and(|g| mark.area.left - (g.start + g.end) / 2 < height * 9 / 10);
            let square = read.confidence >= Permille(850) && SQUARE.contains(read.char);
            let other = read.confidence >= Permille(700) && !BOXLIKE.contains(read.char) && read.char != ' ' && covered(read, &mark.area);
            let kana = glyphs.get(at + 1).is_some_and(|next| ('ァ'..='ー').contains(&next.char)) && read.char == 'ロ';
            let rough = ROUGH.contains(read.char);
            if square && !(rough && of_a_kind(mark)) && (glued || kana || !rough) || other {
                continue;
            }
        }
        // What the reader took the box for is kept beside it: among words it may be right.
        let read: Vec<(char, Permille)> =
            glyphs.iter().filter(|g| inside(g) && g.char != ' ').map(|g| (g.char, g.confidence)).take(1).collect();
        glyphs.retain(|g| !(inside(g) && (BOXLIKE.contains(g.char) || g.char == ' ' || covered(g, &mark.area))));
        let sign = Glyph { others: read, ..sign_of(mark) };
        let at = glyphs.iter().position(|g| (g.start + g.end) > mark.area.left + mark.area.right).unwrap_or(glyphs.len());
        glyphs.insert(at, sign);
        kept.push(mark.clone());
    }
    for glyph in glyphs.iter_mut().filter(|g| "☐■☒□☑".contains(g.char)) {
        let kind = if "☐□".contains(glyph.char) { MarkKind::BoxEmpty } else { MarkKind::BoxTicked };
        glyph.char = sign(kind);
        // The reader saw a box where the pixels are too broken for one.
        if !kept.iter().any(|mark| mark.area.left < glyph.end && glyph.start < mark.area.right) {
            let area = Area::new(glyph.start, rows.top, glyph.end, rows.bottom);
            kept.push(Mark { area, kind, confidence: glyph.confidence.min(UNPROVEN) });
        }
    }
    (glyphs, kept)
}

fn sign(kind: MarkKind) -> char {
    if kind == MarkKind::BoxTicked { '☑' } else { '□' }
}

fn is_sign(c: char) -> bool {
    "□☑■☐()（）・、。:：".contains(c)
}

/// Whether the middle of a glyph lies well within the box.
fn covered(glyph: &Glyph, area: &Area) -> bool {
    let middle = (glyph.start + glyph.end) / 2;
    (area.left..area.right).contains(&middle)
}

fn trimmed(glyphs: Vec<Glyph>) -> Vec<Glyph> {
    let first = glyphs.iter().position(|g| g.char != ' ').unwrap_or(glyphs.len());
    let last = glyphs.iter().rposition(|g| g.char != ' ').map_or(first, |n| n + 1);
    glyphs[first..last].to_vec()
}

fn line(area: Area, glyphs: Vec<Glyph>) -> Option<Line> {
    if glyphs.is_empty() {
        return None;
    }
    let sum: u32 = glyphs.iter().map(|g| u32::from(g.confidence.0)).sum();
    Some(Line {
        area,
        text: glyphs.iter().map(|g| g.char).collect(),
        confidence: Permille((sum / glyphs.len() as u32) as u16),
        glyphs,
        hand: Permille(0),
        frayed: Permille(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyph(char: char, start: i32) -> Glyph {
        Glyph { char, start, end: start + 30, confidence: Permille(980), others: Vec::new() }
    }

    fn mark(kind: MarkKind, left: i32) -> Mark {
        Mark { area: Area::new(left, 2, left + 28, 30), kind, confidence: Permille(900) }
    }

    fn text(glyphs: Vec<Glyph>, marks: &[Mark]) -> String {
        boxed(glyphs, &marks.iter().collect::<Vec<_>>(), &Area::new(0, 0, 400, 30), |mark| is_of_a_kind(mark, marks))
            .0
            .iter()
            .map(|g| g.char)
            .collect()
    }

    #[test]
    fn the_pixels_decide_what_a_box_says() {
        let read = vec![glyph('図', 0), glyph('新', 32), glyph('規', 64), glyph('変', 160), glyph('更', 192)];
        let marks = [mark(MarkKind::BoxTicked, 1), mark(MarkKind::BoxEmpty, 129)];
        assert_eq!(text(read, &marks), "☑新規□変更");
    }

    #[test]
    fn a_box_that_only_the_reader_saw_is_written_the_same_way() {
        assert_eq!(text(vec![glyph('■', 0), glyph('東', 32), glyph('☐', 160), glyph('北', 192)], &[]), "☑東□北");
    }

    /// A line 30 high with a box at 60, 24 wide, on white.
    fn lined(ink: &[Area]) -> (Grey, Band) {
        let mut pixels = vec![255; 200 * 40];
        ink.iter().for_each(|a| (a.top..a.bottom).for_each(|y| (a.left..a.right).for_each(|x| pixels[(y * 200 + x) as usize] = 0)));
        let area = Area::new(0, 4, 200, 34);
        (Grey { width: 200, height: 40, pixels }, Band { ink: area, within: area })
    }

    #[test]
    fn a_speck_before_a_box_hides_it_not_and_a_stroke_does() {
        let it = Mark { area: Area::new(60, 6, 84, 30), ..mark(MarkKind::BoxEmpty, 0) };
        let alone = |ink: &[Area]| {
            let (page, band) = lined(ink);
            stands_alone(&page, &band, &it)
        };
        assert!(alone(&[Area::new(53, 24, 56, 27)]));
        assert!(!alone(&[Area::new(40, 6, 57, 30)]));
        // 二 and ー before ロ.
        assert!(!alone(&[Area::new(42, 10, 54, 12), Area::new(38, 26, 56, 28)]));
        assert!(!alone(&[Area::new(36, 17, 55, 20)]));
    }

    #[test]
    fn a_box_that_touches_its_word_is_one_where_nothing_was_read() {
        let box_at = |left: i32| Mark { area: Area::new(left, 6, left + 24, 30), ..mark(MarkKind::BoxTicked, 0) };
        assert!(is_unread(&[glyph('契', 0), glyph('約', 32)], &box_at(63)));
        assert!(is_unread(&[glyph('東', 0), glyph('北', 32), glyph(' ', 62)], &box_at(63)));
        assert!(!is_unread(&[glyph('四', 0), glyph('国', 32)], &box_at(36)));
    }

    #[test]
    fn the_bowl_of_a_letter_is_lower_than_a_box() {
        let (_, band) = lined(&[]);
        let high = |top: i32| is_high(&band, &Mark { area: Area::new(60, top, 76, 32), ..mark(MarkKind::BoxTicked, 0) });
        assert!(high(8) && !high(17));
    }

    #[test]
    fn a_box_glued_behind_a_word_is_one_where_the_page_has_many_like_it() {
        let words = ["変", "更"].map(|c| c.chars().next().unwrap());
        let line = |boxes: i32| {
            let mut read = Vec::new();
            for n in 0..boxes {
                read.extend([glyph(words[0], 120 * n), glyph(words[1], 120 * n + 32), glyph('口', 120 * n + 64)]);
            }
            let marks: Vec<Mark> = (0..boxes).map(|n| mark(MarkKind::BoxEmpty, 120 * n + 65)).collect();
            text(read, &marks)
        };
        assert_eq!(line(5), "変更□".repeat(5));
        assert_eq!(line(2), "変更口変更口");
    }

    #[test]
    fn a_square_character_within_a_word_is_no_box() {
        assert_eq!(text(vec![glyph('中', 0), glyph('国', 32)], &[mark(MarkKind::BoxTicked, 33)]), "中国");
        assert_eq!(text(vec![glyph('ロ', 0), glyph('ー', 32)], &[mark(MarkKind::BoxEmpty, 1)]), "ロー");
    }

    #[test]
    fn a_narrow_round_sign_alone_is_a_bracket() {
        let read =
            |width: i32, glyphs: Vec<Glyph>| bracketed(glyphs, &Area::new(0, 0, width, 26)).iter().map(|g| g.char).collect::<String>();
        assert_eq!(read(8, vec![glyph('C', 0)]), "(");
        assert_eq!(read(18, vec![glyph('C', 0)]), "C");
        assert_eq!(read(8, vec![glyph('1', 0)]), "1");
        assert_eq!(read(40, vec![glyph('C', 0), glyph('4', 20)]), "C4");
    }
}
