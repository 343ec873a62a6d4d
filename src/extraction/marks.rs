//! Check boxes, rings and seals.
//!
//! Owns what was chosen by a mark. Never looks for the place where to choose.

use crate::domain::document::CodeWord;
use crate::domain::place::Area;
use crate::domain::reading::{Mark, MarkKind};
use crate::extraction::layout::{Ink, Plan, Span};
use crate::extraction::{lookalike, options};

/// What was chosen among options.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choice {
    pub codes: Vec<String>,
    /// Options with a box, or words of the list, were seen at all.
    pub offered: usize,
    /// No option was overlooked: every one has its own box, or some are ringed.
    pub complete: bool,
    /// Lowest confidence of what decided, in thousandths.
    pub confidence: u16,
    /// A mark that stands at no word of the list, or words read badly.
    pub doubtful: bool,
    /// The words that were chosen, as printed.
    pub raw: Vec<String>,
    pub area: Option<Area>,
}

impl Choice {
    fn add(&mut self, code: String, raw: String, area: Area, sure: u16) {
        self.confidence = self.confidence.min(sure);
        self.codes.push(code);
        self.raw.push(raw);
        self.area = Some(self.area.map_or(area, |sum| sum.union(&area)));
    }
}

struct Offer {
    words: Vec<Ink>,
    ticked: bool,
    sure: u16,
    area: Area,
}

/// Reads options: boxes at their words, or words of which some are ringed; `several` may be chosen. `None` where there is nothing to choose.
pub fn choose(plan: &Plan, spans: &[Span], codes: &[CodeWord], several: bool) -> Option<Choice> {
    let begins = |rest: &[Ink]| best(codes, rest).is_some_and(|(_, clear)| clear);
    let inks: Vec<Ink> = options::brackets(spans.iter().flat_map(|span| plan.inks(*span)).cloned().collect(), &plan.marks, begins);
    let inks = options::squares(inks, |inks| named(inks, codes).into_iter().map(|(from, to, _)| (from, to)).collect());
    let rings: Vec<&Mark> = plan.marks.iter().filter(|mark| mark.kind == MarkKind::Ring).collect();
    let boxes = inks.iter().filter(|ink| ink.is_box()).count();
    if boxes > 0 {
        return Some(by_boxes(inks, &boxless(plan, spans, codes), codes, several, plan.scanned));
    }
    by_rings(&inks, codes, &rings)
}

/// Codes whose word, however badly read, fills a row in which no box was seen.
fn boxless(plan: &Plan, spans: &[Span], codes: &[CodeWord]) -> Vec<String> {
    let rows = spans.iter().map(|span| plan.inks(*span)).filter(|inks| !inks.iter().any(Ink::is_box));
    rows.filter_map(|inks| best(codes, inks)).map(|(code, _)| code).collect()
}

fn by_boxes(inks: Vec<Ink>, boxless: &[String], codes: &[CodeWord], several: bool, scanned: bool) -> Choice {
    let named: usize = named(&inks, codes).iter().map(|(_, _, entry)| &entry.code).collect::<std::collections::BTreeSet<_>>().len();
    let trailing = !inks.first().is_some_and(Ink::is_box) && inks.last().is_some_and(Ink::is_box);
    let mut bare = bare(&inks, codes, trailing);
    let mut options: Vec<Offer> = Vec::new();
    let mut words: Vec<Ink> = Vec::new();
    for ink in inks {
        if !ink.is_box() {
            match options.last_mut().filter(|_| !trailing) {
                Some(option) => option.words.push(ink),
                None => words.push(ink),
            }
            continue;
        }
        let ticked = lookalike::is_tick(ink.char);
        if let Some(last) = options.last_mut().filter(|last| !trailing && last.words.is_empty()) {
            // A tick drawn into a box is that box; what else touches a box is a character that looks like one (四).
            if last.area.intersection(&ink.area).is_some() {
                last.ticked |= ticked;
            } else {
                last.words.push(ink);
            }
            continue;
        }
        options.push(Offer {
            words: if trailing { std::mem::take(&mut words) } else { Vec::new() },
            ticked,
            sure: ink.confidence,
            area: ink.area,
        });
    }
    let mut choice = Choice { confidence: 1000, offered: options.len(), ..Choice::default() };
    let told: Vec<String> = options.iter().filter_map(|option| best(codes, &option.words)).map(|(code, _)| code).collect();
    for option in options {
        choice.confidence = choice.confidence.min(option.sure);
        if !option.ticked {
            continue;
        }
        let (raw, area) = printed(&option.words);
        choice.raw.push(raw);
        choice.area = match (choice.area, area) {
            (Some(sum), Some(area)) => Some(sum.union(&area)),
            (sum, area) => sum.or(area),
        };
        match best(codes, &option.words) {
            Some((code, clear)) => {
                choice.doubtful |= !clear;
                choice.codes.push(code);
            }
            None => {
                choice.codes.extend(left_over(codes, &told, &option.words));
                choice.doubtful = true;
            }
        }
    }
    // Nothing is ticked, and of all options one shows no open box: the ticked one was not seen.
    let shown = told.iter().collect::<std::collections::BTreeSet<_>>().len();
    let overlooked = scanned && choice.raw.is_empty() && shown + 1 == codes.len();
    choice.complete = named <= choice.offered && !overlooked;
    if choice.raw.is_empty() {
        let lost = codes.iter().filter(|entry| boxless.contains(&entry.code) && !told.contains(&entry.code));
        bare.extend(lost.filter(|entry| !bare.iter().any(|known| known.code == entry.code)).collect::<Vec<_>>());
    } else {
        // Where a box is ticked, a row without one tells nothing: its box may be a broken empty one.
        bare.retain(|entry| !boxless.contains(&entry.code));
    }
    let few = if choice.raw.is_empty() { bare.len() <= choice.offered } else { several && 2 * bare.len() <= choice.offered };
    if scanned && few && !bare.is_empty() {
        // Every other word has its open box: where there is none, its ink was too thick to be seen as one.
        choice.raw.extend(bare.iter().filter_map(|entry| entry.words.first().cloned()));
        choice.codes.extend(bare.into_iter().map(|entry| entry.code.clone()));
        choice.doubtful = true;
    }
    choice.codes.sort();
    choice.codes.dedup();
    choice
}

/// The one code that no other option names and whose word shares a sign with this one: 〓国 beside 中国 is 四国.
fn left_over(codes: &[CodeWord], told: &[String], words: &[Ink]) -> Option<String> {
    let read: Vec<char> = words.iter().flat_map(|ink| lookalike::key(ink.char)).collect();
    let alike = |word: &String| {
        let key = lookalike::word_key(word);
        key.len() == read.len() && key.iter().zip(&read).any(|(one, other)| one == other)
    };
    let mut fitting = codes.iter().filter(|entry| !told.contains(&entry.code) && entry.words.iter().any(alike));
    let first = fitting.next().map(|entry| entry.code.clone());
    first.filter(|_| fitting.next().is_none())
}

/// The words of a list that stand in a text: from, to, code. 不参加 holds 参加: the longer word is meant.
fn named<'a>(inks: &[Ink], codes: &'a [CodeWord]) -> Vec<(usize, usize, &'a CodeWord)> {
    let read: Vec<(char, usize)> = inks.iter().enumerate().flat_map(|(n, ink)| lookalike::key(ink.char).map(move |c| (c, n))).collect();
    let mut found: Vec<(usize, usize, &CodeWord)> = Vec::new();
    for entry in codes {
        // A code with a letter in it (1P, DR) is printed as its own word.
        let own = entry.code.chars().any(|c| c.is_ascii_alphabetic()).then(|| lookalike::word_key(&entry.code));
        for key in entry.words.iter().map(|word| lookalike::word_key(word)).chain(own).filter(|key| !key.is_empty()) {
            for part in read.windows(key.len()).filter(|part| part.iter().map(|(c, _)| c).eq(&key)) {
                if let (Some((_, first)), Some((_, last))) = (part.first(), part.last()) {
                    found.push((*first, last + 1, entry));
                }
            }
        }
    }
    let inside = |a: &(usize, usize, &CodeWord), b: &(usize, usize, &CodeWord)| b.0 <= a.0 && a.1 <= b.1 && b.1 - b.0 > a.1 - a.0;
    found.iter().filter(|word| !found.iter().any(|other| inside(word, other))).copied().collect()
}

/// The words of a list that have no box, though others have.
fn bare<'a>(inks: &[Ink], codes: &'a [CodeWord], trailing: bool) -> Vec<&'a CodeWord> {
    let words = named(inks, codes);
    let boxed = |range: std::ops::Range<usize>| inks.get(range).is_some_and(|part| part.iter().any(Ink::is_box));
    // A bracket or a speck may stand between a word and its box.
    let room = |from: usize, to: usize| if trailing { to..(to + 2).min(inks.len()) } else { from.saturating_sub(2)..from };
    words.into_iter().filter(|(from, to, _)| !boxed(room(*from, *to))).map(|(_, _, entry)| entry).collect()
}

/// Words of the list with a ring around some of them.
fn by_rings(inks: &[Ink], codes: &[CodeWord], rings: &[&Mark]) -> Option<Choice> {
    let kept = named(inks, codes);
    let ringed = |from: usize, to: usize| {
        let mut areas = inks.get(from..to).unwrap_or(&[]).iter().map(|ink| ink.area);
        let first = areas.next()?;
        let area = areas.fold(first, |sum, area| sum.union(&area));
        rings
            .iter()
            .find(|ring| ring.area.contains(area.centre()) && ring.area.width() <= area.width() * 3 + ring.area.height())
            .map(|ring| (area, ring.confidence.0))
    };
    let mut choice = Choice { confidence: 1000, offered: kept.len(), ..Choice::default() };
    let mut told: Vec<Area> = Vec::new();
    for (from, to, entry) in &kept {
        if let Some((area, sure)) = ringed(*from, *to) {
            let raw = inks.get(*from..*to).unwrap_or(&[]).iter().map(|ink| ink.char).collect();
            choice.add(entry.code.clone(), raw, area, sure);
            told.push(area);
        }
    }
    for (ring, (from, to, entry)) in options::numbered(inks, &kept, rings) {
        let (raw, area) = printed(inks.get(from..to).unwrap_or(&[]));
        choice.add(entry.code.clone(), raw, area.unwrap_or_default(), ring.confidence.0);
        told.push(ring.area);
    }
    let circled = options::circled(inks, &kept);
    for (from, to, entry) in circled.words {
        let (raw, area) = printed(inks.get(from..to).unwrap_or(&[]));
        choice.add(entry.code.clone(), raw, area.unwrap_or_default(), circled.sure);
        // A ring that was read and not seen: another one may have been neither.
        choice.doubtful |= !circled.clear;
    }
    // The line of a ring spoils the letters that it touches: what stands in one is some word of the list.
    for ring in rings.iter().filter(|ring| !told.iter().any(|area| ring.area.contains(area.centre()))) {
        let words: Vec<Ink> = inks.iter().filter(|ink| ring.area.contains(ink.area.centre())).cloned().collect();
        if let ((raw, Some(area)), Some((code, clear))) = (printed(&words), best(codes, &words)) {
            choice.doubtful |= !clear;
            choice.add(code, raw, area, ring.confidence.0);
        }
    }
    if choice.codes.is_empty() {
        // A ring is sometimes read as brackets around the word, or as one of the two.
        let stray = unmatched(inks);
        let around = |(from, to): (usize, usize)| {
            let opens = from.checked_sub(1).is_some_and(|n| is_opening(&inks[n]));
            let closes = (to..(to + 2).min(inks.len())).any(|n| is_closing(&inks[n]));
            opens && closes || stray.iter().any(|n| if is_opening(&inks[*n]) { n + 1 == from } else { *n == to })
        };
        // A word that stands alone in the brackets that its form prints is written there, and not chosen.
        let alone = |(from, to): (usize, usize)| {
            let mut beside = inks.iter().enumerate().filter(|(n, _)| !(from..to).contains(n));
            beside.all(|(_, ink)| is_opening(ink) || is_closing(ink))
        };
        let chosen = |(from, to, _): &&(usize, usize, &CodeWord)| around((*from, *to)) && !alone((*from, *to));
        if let [(from, to, entry)] = kept.iter().filter(chosen).collect::<Vec<_>>().as_slice() {
            choice.codes.push(entry.code.clone());
            choice.raw.push(inks.get(*from..*to).unwrap_or(&[]).iter().map(|ink| ink.char).collect());
            choice.doubtful = true;
        }
    }
    choice.complete = !choice.codes.is_empty();
    choice.codes.sort();
    choice.codes.dedup();
    let several = kept.iter().map(|(_, _, entry)| &entry.code).collect::<std::collections::BTreeSet<_>>().len() > 1;
    (several || !choice.codes.is_empty()).then_some(choice)
}

pub fn is_opening(ink: &Ink) -> bool {
    matches!(ink.char, '(' | '（')
}

pub fn is_closing(ink: &Ink) -> bool {
    matches!(ink.char, ')' | '）')
}

/// Brackets that have no partner.
fn unmatched(inks: &[Ink]) -> Vec<usize> {
    let (mut open, mut stray): (Vec<usize>, Vec<usize>) = Default::default();
    for (n, ink) in inks.iter().enumerate() {
        if is_opening(ink) {
            open.push(n);
        } else if is_closing(ink) && open.pop().is_none() {
            stray.push(n);
        }
    }
    stray.extend(open);
    stray
}

fn printed(words: &[Ink]) -> (String, Option<Area>) {
    let mut areas = words.iter().map(|ink| ink.area);
    let first = areas.next();
    (words.iter().map(|ink| ink.char).collect(), first.map(|first| areas.fold(first, |sum, area| sum.union(&area))))
}

/// How many codes of a list stand behind the boxes of these spans.
pub fn offered(plan: &Plan, spans: &[Span], codes: &[CodeWord]) -> usize {
    let mut seen: Vec<String> = Vec::new();
    let mut words: Vec<Ink> = Vec::new();
    let boxes = spans.iter().flat_map(|span| plan.inks(*span)).filter(|ink| ink.is_box()).count();
    for ink in spans.iter().flat_map(|span| plan.inks(*span)).chain(std::iter::once(&END)) {
        if ink.is_box() {
            seen.extend(best(codes, &words).filter(|(_, clear)| *clear).map(|(code, _)| code));
            words.clear();
        } else {
            words.push(ink.clone());
        }
    }
    seen.sort();
    seen.dedup();
    seen.len().min(boxes)
}

/// A box that ends the words before it.
static END: Ink = Ink {
    char: lookalike::EMPTY,
    area: Area { left: 0, top: 0, right: 0, bottom: 0 },
    confidence: 0,
    others: Vec::new(),
    apart: false,
    hand: false,
    frayed: false,
};

/// The code whose word the text begins with, and whether it is clear.
pub fn best(codes: &[CodeWord], words: &[Ink]) -> Option<(String, bool)> {
    let read: Vec<char> = words.iter().flat_map(|ink| lookalike::key(ink.char)).collect();
    let mut rated: Vec<(i32, usize, &CodeWord)> = Vec::new();
    for entry in codes {
        for word in &entry.words {
            let key = lookalike::word_key(word);
            let cost = prefix_distance(&key, &read);
            if cost * 5 <= key.len() * 2 {
                rated.push((key.len() as i32 - 2 * cost as i32, cost, entry));
            }
        }
    }
    if rated.is_empty() {
        // 利用規約に同意します: the word stands further on.
        for (entry, key) in codes.iter().flat_map(|entry| entry.words.iter().map(move |word| (entry, lookalike::word_key(word)))) {
            if key.len() >= 3 && read.windows(key.len()).any(|part| part == key) {
                rated.push((key.len() as i32, 0, entry));
            }
        }
    }
    rated.sort_by_key(|(score, cost, entry)| (-*score, *cost, entry.code.clone()));
    let (score, cost, entry) = rated.first()?;
    let rival = rated.iter().find(|(_, _, other)| other.code != entry.code).map_or(i32::MIN, |(score, ..)| *score);
    Some((entry.code.clone(), *cost == 0 || rival < *score - 1))
}

/// Whether the words go on behind those of one option as far again: they are the words of several.
pub fn are_several(codes: &[CodeWord], code: &str, words: &[Ink]) -> bool {
    let read: usize = words.iter().map(|ink| lookalike::key(ink.char).count()).sum();
    let own = codes.iter().filter(|entry| entry.code == code).flat_map(|entry| &entry.words);
    let longest = own.map(|word| lookalike::word_key(word).len()).max().unwrap_or(0);
    codes.len() >= 2 && read > longest * 3 / 2 + 4
}

/// Edits between a word and the best beginning of the text.
fn prefix_distance(word: &[char], text: &[char]) -> usize {
    let mut line: Vec<usize> = (0..=text.len()).collect();
    for (i, wanted) in word.iter().enumerate() {
        let mut previous = vec![i + 1];
        for (j, sign) in text.iter().enumerate() {
            let diagonal = line.get(j).copied().unwrap_or(0) + usize::from(wanted != sign);
            let above = line.get(j + 1).copied().unwrap_or(0) + 1;
            let left = previous.last().copied().unwrap_or(0) + 1;
            previous.push(diagonal.min(above).min(left));
        }
        line = previous;
    }
    line.into_iter().min().unwrap_or(word.len())
}

/// The seal's imprint nearest to a place, if one is near it.
pub fn seal_near<'a>(plan: &'a Plan, room: &Area) -> Option<&'a Mark> {
    let near = 8 * plan.em;
    let wide = Area { left: room.left - near, top: room.top - near, right: room.right + near, bottom: room.bottom + near };
    plan.marks.iter().filter(|mark| mark.kind == MarkKind::Seal && wide.contains(mark.area.centre())).max_by_key(|mark| mark.confidence)
}

/// Whether a seal's imprint lies on or against what was read. Without colour it cannot be taken off, and hides the characters beneath.
pub fn sealed(plan: &Plan, area: &Area) -> bool {
    let near = Area { left: area.left - plan.em / 2, right: area.right + plan.em / 2, ..*area };
    let seals = plan.marks.iter().filter(|mark| mark.kind == MarkKind::Seal);
    plan.scanned && !plan.coloured && seals.into_iter().any(|mark| mark.area.intersection(&near).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extraction::sketch::inks;

    fn areas() -> Vec<CodeWord> {
        let word = |(code, word): (&str, &str)| CodeWord { code: code.into(), words: vec![word.into()] };
        [("02", "東北"), ("04", "中部"), ("07", "中国"), ("08", "四国")].into_iter().map(word).collect()
    }

    #[test]
    fn an_option_that_was_read_in_part_is_the_one_that_is_left_over() {
        let chosen = |text: &str| {
            let choice = by_boxes(inks(text), &[], &areas(), true, true);
            (choice.codes, choice.doubtful)
        };
        assert_eq!(chosen("☑東北□中部□中国☑〓国"), (vec!["02".to_owned(), "08".to_owned()], true));
        assert_eq!(chosen("☑東北□中部☑〓国"), (vec!["02".to_owned()], true), "it could be either");
        assert_eq!(chosen("☑東北□中部□中国□四国"), (vec!["02".to_owned()], false));
    }

    #[test]
    fn a_word_alone_in_printed_brackets_is_an_entry_and_one_of_several_was_chosen() {
        let chosen = |text: &str| by_rings(&inks(text), &areas(), &[]).map(|choice| (choice.codes, choice.doubtful));
        assert_eq!(chosen("（東北）"), None);
        assert_eq!(chosen("（東北"), None);
        assert_eq!(chosen("東北（中部）中国"), Some((vec!["04".to_owned()], true)));
    }
}
