//! From letters to lines: same direction, same baseline, no gap and no ruled line between.
//!
//! Owns the grouping. Never asks what a line means.

use crate::domain::id::Permille;
use crate::domain::reading::{Glyph, Line};
use crate::reading::pdf::drawn::{Letter, Stroke};
use crate::reading::pdf::geometry::{Bounds, Point, whole};

/// Ems between two words of one line; more parts them.
const WORD_GAP: f64 = 1.8;
/// Ems from which a space is read between two letters.
const SPACE_GAP: f64 = 0.28;
const LATIN_SPACE_GAP: f64 = 0.18;
const WRITTEN_SPACE_GAP: f64 = 0.1;
/// Ems between the letters of a label spread over its cell.
const SPREAD_GAP: f64 = 4.5;
/// Ems by which the baselines of one line may differ.
const BASELINE: f64 = 0.35;
/// Ems by which a letter may reach into the one before it: tight setting takes less.
const TIGHT: f64 = 0.3;

/// A letter in the frame of its line: `start` and `end` along it, `base` across.
struct Set<'a> {
    letter: &'a Letter,
    start: f64,
    end: f64,
    base: f64,
    em: f64,
    /// A space was written before it.
    spaced: bool,
    /// It stands on another letter: two texts at one place, of which nobody reads both.
    piled: bool,
}

/// A word or several, before spread letters are joined.
struct Piece<'a> {
    letters: Vec<Set<'a>>,
    /// A ruled line stands before it.
    ruled: bool,
}

/// All lines of a page, from top to bottom and from left to right.
pub fn group(letters: &[Letter], strokes: &[Stroke]) -> Vec<Line> {
    let mut directions: Vec<(Point, Vec<&Letter>)> = Vec::new();
    for letter in letters {
        let writing = letter.writing();
        let length = writing.length();
        if length <= 0.0 {
            continue;
        }
        let unit = Point::new(writing.x / length, writing.y / length);
        const MOST_DIRECTIONS: usize = 64;
        let full = directions.len() >= MOST_DIRECTIONS;
        match directions.iter_mut().find(|(known, _)| known.plus(unit, -1.0).length() < 0.03) {
            Some((_, group)) => group.push(letter),
            None if full => {}
            None => directions.push((unit, vec![letter])),
        }
    }
    let mut lines: Vec<Line> = directions.iter().flat_map(|(unit, group)| along(*unit, group, strokes)).collect();
    lines.sort_by_key(|line| (line.area.top, line.area.left));
    // Lines that share most of a row are read from left to right, whatever their heights.
    let mut row = 0;
    for n in 1..=lines.len() {
        let parted = n == lines.len() || lines[row].area.row_overlap(&lines[n].area) < 600;
        if parted {
            lines[row..n].sort_by_key(|line| line.area.left);
            row = n;
        }
    }
    lines
}

fn along(unit: Point, letters: &[&Letter], strokes: &[Stroke]) -> Vec<Line> {
    let across = Point::new(-unit.y, unit.x);
    let mut set: Vec<Set<'_>> = letters
        .iter()
        .map(|letter| {
            let start = letter.origin.dot(unit);
            let em = if letter.vertical { letter.along.length() } else { letter.em() };
            let length = letter.advance * letter.writing().length();
            Set { letter, start, end: start + length, base: letter.origin.dot(across), em: em.max(1.0), spaced: false, piled: false }
        })
        .collect();
    let walls = walls(unit, across, strokes);
    set.sort_by(|a, b| a.base.total_cmp(&b.base).then(a.start.total_cmp(&b.start)));
    let mut rows: Vec<Vec<Set<'_>>> = Vec::new();
    for letter in set {
        match rows.last_mut() {
            Some(row) if row.first().is_some_and(|head| letter.base - head.base <= BASELINE * letter.em.min(head.em)) => row.push(letter),
            _ => rows.push(vec![letter]),
        }
    }
    rows.into_iter().flat_map(|row| pieces(row, &walls)).filter_map(|piece| line(&piece.letters, unit)).collect()
}

/// A stroke across the direction of writing: where it stands and from where to where.
struct Wall {
    at: f64,
    from: f64,
    to: f64,
}

fn walls(unit: Point, across: Point, strokes: &[Stroke]) -> Vec<Wall> {
    strokes
        .iter()
        .filter_map(|stroke| {
            let (u1, u2) = (stroke.from.dot(unit), stroke.to.dot(unit));
            let (v1, v2) = (stroke.from.dot(across), stroke.to.dot(across));
            ((u1 - u2).abs() < 10.0 && (v1 - v2).abs() > 30.0).then(|| Wall { at: (u1 + u2) / 2.0, from: v1.min(v2), to: v1.max(v2) })
        })
        .collect()
}

fn pieces<'a>(mut row: Vec<Set<'a>>, walls: &[Wall]) -> Vec<Piece<'a>> {
    row.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    // Walls that reach this row, so that a long page of long tables stays quick.
    let near: Vec<&Wall> = match row.first() {
        Some(head) => walls.iter().filter(|wall| wall.from <= head.base && wall.to >= head.base - head.em).collect(),
        None => return pieces,
    };
    let mut space = false;
    for mut letter in row {
        if letter.letter.is_space() {
            // Spaces part words by the room they leave, not by their number.
            space = true;
            continue;
        }
        letter.spaced = std::mem::take(&mut space);
        let Some(piece) = pieces.last_mut() else {
            pieces.push(Piece { letters: vec![letter], ruled: false });
            continue;
        };
        let Some(last) = piece.letters.last() else { continue };
        let em = last.em.max(letter.em);
        let twice = piece.letters.iter().rev().take(4).any(|old| {
            old.letter.text == letter.letter.text
                && (letter.start - old.start).abs() < 0.2 * em
                && (letter.base - old.base).abs() < 0.2 * em
        });
        if twice {
            // Bold by printing twice.
            continue;
        }
        let (from, to) = ((last.start + last.end) / 2.0, (letter.start + letter.end) / 2.0);
        let middle = letter.base - 0.35 * letter.em;
        let ruled = near.iter().any(|wall| wall.at > from && wall.at < to && wall.from <= middle && wall.to >= middle);
        if ruled || letter.start - last.end > WORD_GAP * em {
            pieces.push(Piece { letters: vec![letter], ruled });
        } else {
            let mut on_another = false;
            for old in piece.letters.iter_mut().rev().take(4).filter(|old| piled(old, &letter)) {
                old.piled = true;
                on_another = true;
            }
            letter.piled = on_another;
            piece.letters.push(letter);
        }
    }
    join_spread(pieces)
}

/// Whether a letter stands on another one. Stops and brackets are set close: their ink fills half of their room.
fn piled(old: &Set<'_>, new: &Set<'_>) -> bool {
    let word = |set: &Set<'_>| set.letter.text.chars().any(char::is_alphanumeric);
    let narrower = (old.end - old.start).min(new.end - new.start);
    let most = (TIGHT * old.em.max(new.em)).min(0.5 * narrower);
    word(old) && word(new) && narrower > 0.0 && old.letter.text != new.letter.text && old.end - new.start > most
}

/// Labels spread over their cell: single letters at even distances belong together.
fn join_spread(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let single = |piece: &Piece<'_>| match piece.letters.as_slice() {
        [only] => only.letter.text.chars().all(is_ideograph),
        _ => false,
    };
    let gap = |left: &Piece<'_>, right: &Piece<'_>| match (left.letters.last(), right.letters.first()) {
        (Some(last), Some(first)) if !right.ruled => Some((first.start - last.end) / last.em.max(first.em)),
        _ => None,
    };
    let mut joined: Vec<Piece<'_>> = Vec::new();
    let mut run: Vec<Piece<'_>> = Vec::new();
    let mut step = 0.0;
    for piece in pieces {
        let next = run.last().and_then(|last| gap(last, &piece)).filter(|gap| *gap < SPREAD_GAP && single(&piece));
        let even = next.is_some_and(|gap| run.len() < 2 || (gap - step).abs() < 0.25 * step);
        if !even || run.first().is_some_and(|first| !single(first)) {
            end_run(&mut run, &mut joined, step);
        } else {
            step = next.unwrap_or(step);
        }
        run.push(piece);
    }
    end_run(&mut run, &mut joined, step);
    joined
}

/// Ends a run of single letters: one piece where they are spread, as many as before where they are not.
fn end_run<'a>(run: &mut Vec<Piece<'a>>, joined: &mut Vec<Piece<'a>>, step: f64) {
    if run.len() >= 3 || run.len() == 2 && step < 3.0 && !run.iter().any(is_choice) {
        let ruled = run.first().is_some_and(|piece| piece.ruled);
        joined.push(Piece { letters: run.drain(..).flat_map(|piece| piece.letters).collect(), ruled });
    } else {
        joined.append(run);
    }
}

/// Words of one letter that stand beside others as a choice, not as a part.
fn is_choice(piece: &Piece<'_>) -> bool {
    piece
        .letters
        .first()
        .is_some_and(|only| ["有", "無", "要", "不", "甲", "乙", "丙", "男", "女", "可", "否"].contains(&only.letter.text.as_str()))
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

fn line(letters: &[Set<'_>], unit: Point) -> Option<Line> {
    let sideways = unit.y.abs() > unit.x.abs();
    let extent = |bounds: &Bounds| if sideways { (bounds.top, bounds.bottom) } else { (bounds.left, bounds.right) };
    let mut glyphs: Vec<Glyph> = Vec::new();
    let mut all: Option<Bounds> = None;
    let mut before: Option<&Set<'_>> = None;
    for set in letters {
        let bounds = set.letter.bounds();
        let (start, end) = extent(&bounds);
        let latin = |set: &Set<'_>| set.letter.text.chars().all(|c| c.is_ascii_alphanumeric());
        if let Some(last) = before {
            let room = (set.start - last.end) / last.em.max(set.em);
            let least = match (set.spaced, latin(last) && latin(set)) {
                (true, _) => WRITTEN_SPACE_GAP,
                (false, true) => LATIN_SPACE_GAP,
                (false, false) => SPACE_GAP,
            };
            if room > least {
                let (from, to) = extent(&last.letter.bounds());
                let (low, high) = if start >= to { (to, start) } else { (end, from) };
                glyphs.push(glyph(' ', low, high));
            }
        }
        let chars: Vec<char> = set.letter.text.chars().collect();
        let share = (end - start) / chars.len().max(1) as f64;
        for (n, c) in chars.iter().enumerate() {
            let mut glyph = glyph(*c, start + share * n as f64, start + share * (n + 1) as f64);
            if set.piled {
                glyph.confidence = Permille(0);
            }
            glyphs.push(glyph);
        }
        all = Some(match all {
            None => bounds,
            Some(old) => Bounds {
                left: old.left.min(bounds.left),
                top: old.top.min(bounds.top),
                right: old.right.max(bounds.right),
                bottom: old.bottom.max(bounds.bottom),
            },
        });
        before = Some(set);
    }
    let unknown = glyphs.iter().any(|glyph| glyph.confidence != Permille::SURE);
    Some(Line {
        area: all?.area(),
        text: glyphs.iter().map(|glyph| glyph.char).collect(),
        confidence: if unknown { Permille(500) } else { Permille::SURE },
        glyphs,
        hand: Permille(0),
        frayed: Permille(0),
    })
}

fn glyph(char: char, start: f64, end: f64) -> Glyph {
    let confidence = if char == crate::reading::pdf::font::UNKNOWN { Permille(0) } else { Permille::SURE };
    Glyph { char, start: whole(start), end: whole(end), confidence, others: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters of ten points on a baseline, one em each.
    fn letters(text: &str, x: f64, y: f64) -> Vec<Letter> {
        text.chars()
            .enumerate()
            .map(|(n, c)| Letter {
                text: c.to_string(),
                origin: Point::new(x + 100.0 * n as f64, y),
                along: Point::new(100.0, 0.0),
                up: Point::new(0.0, -100.0),
                advance: 1.0,
                vertical: false,
                visible: true,
                pale: false,
            })
            .collect()
    }

    fn texts(letters: &[Letter], strokes: &[Stroke]) -> Vec<String> {
        group(letters, strokes).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn one_space_stays_and_a_gap_parts() {
        assert_eq!(texts(&letters("代表　例田", 0.0, 500.0), &[]), ["代表 例田"]);
        assert_eq!(texts(&letters("申込日　　　平成", 0.0, 500.0), &[]), ["申込日", "平成"]);
    }

    #[test]
    fn a_ruled_line_parts_words_that_touch() {
        let wall = Stroke { from: Point::new(200.0, 300.0), to: Point::new(200.0, 700.0) };
        assert_eq!(texts(&letters("氏名山田", 0.0, 500.0), &[wall]), ["氏名", "山田"]);
        let elsewhere = Stroke { from: Point::new(200.0, 900.0), to: Point::new(200.0, 1200.0) };
        assert_eq!(texts(&letters("氏名山田", 0.0, 500.0), &[elsewhere]), ["氏名山田"]);
    }

    #[test]
    fn a_spread_label_is_one_word_and_a_choice_is_two() {
        assert_eq!(texts(&letters("申　　込　　者", 0.0, 500.0), &[]), ["申 込 者"]);
        assert_eq!(texts(&letters("有　　無", 0.0, 500.0), &[]), ["有", "無"]);
    }

    #[test]
    fn letters_printed_twice_are_read_once() {
        let mut twice = letters("題", 0.0, 500.0);
        twice.extend(letters("題", 4.0, 500.0));
        assert_eq!(texts(&twice, &[]), ["題"]);
    }

    /// The letters of the only line that nobody is sure of.
    fn unsure(letters: &[Letter]) -> String {
        let lines = group(letters, &[]);
        assert_eq!(lines.len(), 1);
        lines[0].glyphs.iter().filter(|glyph| glyph.confidence < Permille::SURE).map(|glyph| glyph.char).collect()
    }

    #[test]
    fn two_texts_at_one_place_are_doubted_letter_by_letter() {
        let mut over = letters("発行三枚", 0.0, 500.0);
        over.extend(letters("五", 220.0, 500.0));
        assert_eq!(unsure(&over), "三五", "a fifth of an em is tight setting");
        let digit = |text: &str| letters(text, 0.0, 500.0).into_iter().map(|letter| Letter { advance: 0.5, ..letter });
        let digits: Vec<Letter> = digit("3").chain(digit("5")).collect();
        assert_eq!(unsure(&digits), "35");
    }

    #[test]
    fn bold_by_printing_twice_and_tight_setting_are_no_doubt() {
        let mut bold = letters("題名", 0.0, 500.0);
        bold.extend(letters("題名", 4.0, 500.0));
        assert_eq!(unsure(&bold), "");
        let tight = |text: &str, step: f64| -> Vec<Letter> {
            let set = |(n, letter): (usize, Letter)| Letter { origin: Point::new(step * n as f64, 500.0), ..letter };
            letters(text, 0.0, 500.0).into_iter().enumerate().map(set).collect()
        };
        assert_eq!(unsure(&tight("ショートカット", 80.0)), "");
        assert_eq!(unsure(&tight("、「」、", 50.0)), "", "stops share the room of their neighbours");
    }
}
