//! Ruled lines: straight thin ink that is no stroke of a character.
//!
//! Owns what a rule is, where it ends and where it falls in parts. Never asks what it encloses.

use crate::area::Area;
use crate::paper::blobs::{self, Mask};

/// A line with ink close by on both sides along more than this share of its length is a stroke among strokes.
const AMONG_STROKES: f32 = 0.5;
/// A line out of which ink grows along more than this share of its length is the edge of letters.
const GROWN: f32 = 0.2;
/// No row of letters hangs together over more millimetres than this, and the sides of a box to tick are no longer than that.
const BEYOND_WORDS: f32 = 60.0;
const WITHIN_BOX: f32 = 6.5;

/// A ruled line: its own coordinate and its extent along the other axis.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    pub at: i32,
    pub start: i32,
    pub end: i32,
    /// The ink, for wiping it off before reading.
    pub ink: Vec<Area>,
}

/// Horizontal rules at least `shortest` millimetres long, and the lines of that length that are none.
pub fn find(mask: &Mask, unit: f32, shortest: f32) -> (Vec<Rule>, Vec<Rule>) {
    let (aside, apart) = ((0.5 * unit) as i32 + 1, (4.0 * unit) as i32);
    // The feet, bars and stems of a row of letters touch where ink has run; a line drawn through words is no ruled one either.
    let own = |rule: &Rule| {
        let length = (rule.end - rule.start) as f32 / unit;
        let (flanked, grown) = company(mask, rule, unit);
        match length {
            ..WITHIN_BOX => grown < 2.0 * GROWN,
            WITHIN_BOX..=BEYOND_WORDS => flanked < AMONG_STROKES && grown < GROWN,
            _ => true,
        }
    };
    let (long, through): (Vec<Rule>, Vec<Rule>) = pieces(mask, unit, shortest).into_iter().partition(own);
    let mut bits = pieces(mask, unit, 1.8);
    bits.retain(|bit| !long.iter().any(|rule| (rule.at - bit.at).abs() <= aside && rule.start < bit.end && bit.start < rule.end));
    let mut rules = joined(long, aside, apart);
    let loose = |bit: &Rule| company(mask, bit, unit).0 < AMONG_STROKES;
    lengthen(&mut rules, bits, (0.25 * unit) as i32 + 1, (2.0 * unit) as i32, loose);
    // Short strokes of a row of letters look like a rule's pieces until they are joined.
    let rules = joined(rules, aside, apart).into_iter().filter(own).collect();
    (rules, joined(through, aside, (unit) as i32))
}

/// The share of a rule's length that has ink close by on both of its sides, as strokes of letters have, and the share
/// where ink grows out of it, as letters grow out of the bars that their upper edges make together.
fn company(mask: &Mask, rule: &Rule, unit: f32) -> (f32, f32) {
    // Half a character's height: a line through the middle of words reaches no farther to their edges.
    let (near, far) = ((0.3 * unit) as i32 + 1, (1.4 * unit) as i32);
    let mut edges: std::collections::BTreeMap<i32, (i32, i32)> = std::collections::BTreeMap::new();
    for area in &rule.ink {
        for x in area.left..area.right {
            let edge = edges.entry(x).or_insert((area.top, area.bottom));
            *edge = (edge.0.min(area.top), edge.1.max(area.bottom));
        }
    }
    let (mut both, mut grown) = (0, 0);
    for (x, (top, bottom)) in &edges {
        let above = (top - far..=top - near).any(|y| mask.at(*x, y));
        both += i32::from(above && (bottom + near - 1..bottom + far).any(|y| mask.at(*x, y)));
        let through = |from: i32, step: i32| (0..2 * near).all(|d| mask.at(*x, from + step * d));
        grown += i32::from(through(*bottom, 1) || through(top - 1, -1));
    }
    let length = (rule.end - rule.start).max(1) as f32;
    (both as f32 / length, grown as f32 / length)
}

/// Straight thin ink at least `shortest` millimetres long without a break.
fn pieces(mask: &Mask, unit: f32, shortest: f32) -> Vec<Rule> {
    let least = (shortest * unit) as usize;
    let gap = (0.2 * unit) as usize + 1;
    let mut long = Mask { width: mask.width, height: mask.height, bits: vec![false; mask.bits.len()] };
    let mut line = vec![false; mask.width];
    for y in 0..mask.height {
        // A thin line that drifts from one row into the next must not fall apart.
        line.copy_from_slice(&mask.bits[y * mask.width..(y + 1) * mask.width]);
        if y + 1 < mask.height {
            line.iter_mut().zip(&mask.bits[(y + 1) * mask.width..]).for_each(|(bit, below)| *bit |= below);
        }
        let (mut start, mut last) = (None, 0);
        for (x, ink) in line.iter().copied().chain([false]).enumerate() {
            if ink {
                start.get_or_insert(x);
                last = x;
            } else if let Some(from) = start.filter(|_| x == mask.width || x - last > gap) {
                if last + 1 - from >= least {
                    for row in y..(y + 2).min(mask.height) {
                        (from..=last).for_each(|x| long.bits[row * mask.width + x] |= mask.bits[row * mask.width + x]);
                    }
                }
                start = None;
            }
        }
    }
    close(&mut long, gap);
    blobs::find(&long)
        .into_iter()
        .filter(|blob| blob.pixels as f32 / blob.area.width() as f32 <= 1.3 * unit && blob.area.height() as f32 <= 3.0 * unit)
        .map(|blob| {
            let weight: i64 = blob.runs.iter().map(|(y, a, b)| i64::from(*y) * i64::from(b - a)).sum();
            Rule {
                at: (weight / blob.pixels.max(1) as i64) as i32,
                start: blob.area.left,
                end: blob.area.right,
                ink: blob.runs.iter().map(|(y, a, b)| Area::new(*a, *y, *b, y + 1)).collect(),
            }
        })
        .collect()
}

/// Fills short gaps within a row, so that a dotted piece is one piece.
fn close(mask: &mut Mask, gap: usize) {
    for line in mask.bits.chunks_exact_mut(mask.width.max(1)) {
        let mut last: Option<usize> = None;
        for x in 0..line.len() {
            if line[x] {
                if let Some(from) = last.filter(|from| x - from <= gap + 1) {
                    line[from..x].fill(true);
                }
                last = Some(x);
            }
        }
    }
}

/// Bits at the end of a rule belong to it where they are no strokes among others; alone they are strokes of characters.
fn lengthen(rules: &mut [Rule], bits: Vec<Rule>, aside: i32, apart: i32, loose: impl Fn(&Rule) -> bool) {
    let mut left = bits;
    loop {
        let before = left.len();
        left.retain(|bit| {
            let mut ends = rules.iter_mut().filter(|r| (r.at - bit.at).abs() <= aside);
            match ends.find(|r| (0..=apart).contains(&(bit.start - r.end)) || (0..=apart).contains(&(r.start - bit.end))) {
                Some(rule) if loose(bit) => {
                    (rule.start, rule.end) = (rule.start.min(bit.start), rule.end.max(bit.end));
                    rule.ink.extend(&bit.ink);
                    false
                }
                _ => true,
            }
        });
        if left.len() == before {
            return;
        }
    }
}

/// Pieces of one broken line become one rule.
fn joined(mut pieces: Vec<Rule>, aside: i32, apart: i32) -> Vec<Rule> {
    pieces.sort_by_key(|rule| (rule.start, rule.at));
    let mut all: Vec<Rule> = Vec::new();
    for piece in pieces {
        match all.iter_mut().rev().find(|rule| (rule.at - piece.at).abs() <= aside && piece.start - rule.end <= apart) {
            Some(rule) => {
                rule.end = rule.end.max(piece.end);
                rule.ink.extend(piece.ink);
            }
            None => all.push(piece),
        }
    }
    all
}

/// An upright rule ends at a level one: a stem of a letter that goes on where it ends is none of it.
pub fn ended(mut rule: Rule, across: &[Rule], unit: f32) -> Rule {
    let (slack, stem) = ((1.2 * unit) as i32, (WITHIN_BOX * unit) as i32);
    let met = across.iter().filter(|level| (level.start - slack..=level.end + slack).contains(&rule.at)).map(|level| level.at);
    let met: Vec<i32> = met.filter(|at| (rule.start - slack..=rule.end + slack).contains(at)).collect();
    let (Some(first), Some(last)) = (met.iter().min().copied(), met.iter().max().copied()) else { return rule };
    let is_stem = |over: i32| (slack + 1..stem).contains(&over);
    if first < last && is_stem(rule.end - last) {
        rule.end = last;
        rule.ink.retain(|ink| ink.top <= last);
    }
    if first < last && is_stem(first - rule.start) {
        rule.start = first;
        rule.ink.retain(|ink| ink.bottom >= first);
    }
    rule
}

/// An upright rule in its parts where all that is drawn of it from one level rule to the next is a short piece amid them: a 9 whose stem
/// stands between the ends of two rules joins them to one.
pub fn parted(rule: Rule, across: &[Rule], unit: f32) -> Vec<Rule> {
    let (slack, near) = ((1.2 * unit) as i32, (0.6 * unit) as i32 + 1);
    let met = across.iter().filter(|level| (level.start - slack..=level.end + slack).contains(&rule.at)).map(|level| level.at);
    let mut met: Vec<i32> = met.filter(|at| (rule.start + slack..=rule.end - slack).contains(at)).collect();
    met.sort_unstable();
    let is_island = |(above, below): &(i32, i32)| {
        let (from, to) = (above + near, below - near);
        let within = || rule.ink.iter().filter(|ink| ink.top < to && ink.bottom > from);
        let (first, last) = (within().map(|ink| ink.top).min(), within().map(|ink| ink.bottom).max());
        first.zip(last).is_some_and(|(first, last)| first > from && last < to && 2 * (last - first) < below - above)
    };
    let gaps: Vec<(i32, i32)> = met.windows(2).map(|pair| (pair[0], pair[1])).filter(is_island).collect();
    let starts = std::iter::once(rule.start).chain(gaps.iter().map(|gap| gap.1));
    let ends = gaps.iter().map(|gap| gap.0).chain([rule.end]);
    let part = |(start, end): (i32, i32)| {
        let ink = rule.ink.iter().filter(|ink| ink.bottom > start - near && ink.top < end + near).copied().collect();
        Rule { at: rule.at, start, end, ink }
    };
    if gaps.is_empty() { vec![rule] } else { starts.zip(ends).map(part).collect() }
}

/// Coordinates at which rules lie, each with its rules.
pub fn tracks<'a>(rules: &'a [Rule], near: i32) -> Vec<(i32, Vec<&'a Rule>)> {
    let mut sorted: Vec<&Rule> = rules.iter().collect();
    sorted.sort_by_key(|rule| (rule.at, rule.start));
    let mut tracks: Vec<(i32, Vec<&'a Rule>)> = Vec::new();
    let mut last = i32::MIN / 2;
    for rule in sorted {
        match tracks.last_mut().filter(|_| rule.at - last <= near) {
            Some(track) => track.1.push(rule),
            None => tracks.push((rule.at, vec![rule])),
        }
        last = rule.at;
    }
    for (at, rules) in &mut tracks {
        let length: i64 = rules.iter().map(|r| i64::from(r.end - r.start)).sum();
        let weight: i64 = rules.iter().map(|r| i64::from(r.at) * i64::from(r.end - r.start)).sum();
        *at = (weight / length.max(1)) as i32;
    }
    tracks
}
