//! Options without a box: brackets to mark, numbers to put a ring around.
//!
//! Owns which brackets and numbers belong to which word. Never decides what was chosen.

use crate::domain::document::CodeWord;
use crate::domain::place::Area;
use crate::domain::reading::{Mark, MarkKind};
use crate::extraction::layout::Ink;
use crate::extraction::lookalike;
use crate::extraction::marks::{is_closing, is_opening};

/// What is written into brackets to choose, as it is read.
const CHOSEN: &str = "○〇◯OoＯ0レＶvVレ✓✔●◎×xX✕/／";
/// So many pairs of brackets with a mark or nothing in them are boxes to choose among: （○）新規　（　）変更.
const PAIRS: usize = 2;

/// A number with a ring that the reader thought of (thousandths), where it wrote the number alone.
const THOUGHT_OF: u16 = 100;
/// From here on a ring was read, and below this nobody thought of one.
const READ: u16 = 500;
const UNTHOUGHT: u16 = 10;
/// A number is plainly read from here on, with a ring or without.
const PLAIN: u16 = 900;

/// Brackets around a mark, or around nothing, as the boxes that they stand for. A ring drawn into them is a mark too. One pair alone is such
/// a box where a word of the list follows, which `begins` tells.
pub fn brackets(inks: Vec<Ink>, marks: &[Mark], begins: impl Fn(&[Ink]) -> bool) -> Vec<Ink> {
    let pairs: Vec<(usize, usize)> = (0..inks.len()).filter_map(|n| Some((n, closed_at(&inks, n)?))).collect();
    let alone = || matches!(pairs.as_slice(), [(0, end)] if inks.get(end + 1..).is_some_and(&begins));
    if inks.iter().any(Ink::is_box) || pairs.len() < PAIRS && !alone() {
        return inks;
    }
    let rings: Vec<&Area> = marks.iter().filter(|mark| mark.kind == MarkKind::Ring).map(|mark| &mark.area).collect();
    let mut found = Vec::with_capacity(inks.len());
    let mut n = 0;
    while let Some(ink) = inks.get(n) {
        let Some((_, end)) = pairs.iter().find(|(from, _)| *from == n) else {
            found.push(ink.clone());
            n += 1;
            continue;
        };
        let part = inks.get(n..=*end).unwrap_or(&[]);
        let area = part.iter().fold(ink.area, |sum, ink| sum.union(&ink.area));
        let chosen = part.len() > 2 || rings.iter().any(|ring| area.contains(ring.centre()));
        // Which of the signs that a mark may be is all the same, and which of the brackets.
        let alike = |ink: &Ink| if CHOSEN.contains(ink.char) { CHOSEN } else { "()（）" };
        let confidence = part.iter().map(|ink| sure_of(ink, |c| alike(ink).contains(c))).min().unwrap_or(0);
        let char = if chosen { lookalike::TICKED } else { lookalike::EMPTY };
        found.push(Ink { char, area, confidence, others: Vec::new(), apart: ink.apart, hand: ink.hand, frayed: ink.frayed });
        n = end + 1;
    }
    found
}

/// Squares right before words of the list that were read as characters, where another one is a box: 新規口変更□追加. `named` tells
/// from where to where such words stand.
pub fn squares(mut inks: Vec<Ink>, named: impl Fn(&[Ink]) -> Vec<(usize, usize)>) -> Vec<Ink> {
    let square = |ink: &Ink| matches!(ink.char, '口' | 'ロ' | '囗');
    if !inks.iter().any(Ink::is_box) || !inks.iter().any(square) {
        return inks;
    }
    let words = named(&inks);
    let within = |n: usize| words.iter().any(|(from, to)| (*from..*to).contains(&n));
    for n in words.iter().filter_map(|(from, _)| from.checked_sub(1)).filter(|n| !within(*n)) {
        if square(&inks[n]) {
            inks[n].char = lookalike::EMPTY;
        }
    }
    inks
}

/// Where the bracket that opens at `from` is closed, if nothing but a mark stands in it.
fn closed_at(inks: &[Ink], from: usize) -> Option<usize> {
    match inks.get(from..)? {
        [open, close, ..] if is_opening(open) && is_closing(close) => Some(from + 1),
        [open, mark, close, ..] if is_opening(open) && is_closing(close) && CHOSEN.contains(mark.char) => Some(from + 2),
        _ => None,
    }
}

/// Rings around the number before a word of the list: ① 新規　2．変更. Such a ring holds nothing else.
pub fn numbered<'a, 'b>(
    inks: &[Ink],
    words: &[(usize, usize, &'a CodeWord)],
    rings: &[&'b Mark],
) -> Vec<(&'b Mark, (usize, usize, &'a CodeWord))> {
    let mut found = Vec::new();
    for ring in rings {
        let inside = inks.iter().filter(|ink| ring.area.contains(ink.area.centre()));
        if ring.area.width() > 2 * ring.area.height() || !inside.into_iter().all(is_number) {
            continue;
        }
        let behind = words.iter().filter_map(|word| {
            let first = inks.get(word.0)?;
            let away = first.area.left - ring.area.centre().0;
            // Between a number and its word stand no more than a stop and a space.
            (first.area.row_overlap(&ring.area) >= 500 && (0..2 * ring.area.height()).contains(&away)).then_some((away, *word))
        });
        found.extend(behind.min_by_key(|(away, _)| *away).map(|(_, word)| (*ring, word)));
    }
    found
}

/// Words whose number was read with its ring.
pub struct Circled<'a> {
    pub words: Vec<(usize, usize, &'a CodeWord)>,
    /// How sure the number is that was read worst, ringed or not.
    pub sure: u16,
    /// Each number is plain, and at the others nobody thought of a ring.
    pub clear: bool,
}

/// Words whose number was read with its ring: ① 新規　2．変更. Where each number has one, the rings are print.
pub fn circled<'a>(inks: &[Ink], words: &[(usize, usize, &'a CodeWord)]) -> Circled<'a> {
    let before = |word: &(usize, usize, &CodeWord)| inks.get(word.0.saturating_sub(2)..word.0).unwrap_or(&[]);
    let ring = |word: &(usize, usize, &CodeWord)| before(word).iter().map(|ink| sure_of(ink, is_circle)).max().unwrap_or(0);
    if !words.iter().any(|word| before(word).iter().any(|ink| ink.char.is_ascii_digit())) {
        return Circled { words: Vec::new(), sure: 0, clear: false };
    }
    let found: Vec<_> = words.iter().filter(|word| ring(word) >= THOUGHT_OF).copied().collect();
    let is_clear = |word: &(usize, usize, &CodeWord)| !(UNTHOUGHT..READ).contains(&ring(word));
    let number = |word: &(usize, usize, &CodeWord)| {
        before(word).iter().map(|ink| sure_of(ink, |c| is_circle(c) || c.is_ascii_digit())).max().unwrap_or(0)
    };
    let sure = words.iter().map(number).min().unwrap_or(0);
    Circled { words: found, sure, clear: sure >= PLAIN && words.iter().all(is_clear) }
}

fn is_circle(c: char) -> bool {
    matches!(c, '①'..='⑳')
}

/// How sure it is that a character is one of some.
fn sure_of(ink: &Ink, of_them: impl Fn(char) -> bool) -> u16 {
    let all = std::iter::once((ink.char, ink.confidence)).chain(ink.others.iter().copied());
    all.filter(|(c, _)| of_them(*c)).map(|(_, sure)| sure).fold(0, u16::saturating_add).min(1000)
}

fn is_number(ink: &Ink) -> bool {
    ink.char.is_numeric() || ".．、,()（）・:：".contains(ink.char)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extraction::sketch::inks;

    fn boxed(text: &str) -> String {
        brackets(inks(text), &[], |_| false).iter().map(|ink| ink.char).collect()
    }

    #[test]
    fn brackets_to_mark_are_boxes_and_those_of_words_are_none() {
        assert_eq!(boxed("（○）新規()変更（レ）追加"), "☑新規□変更☑追加");
        assert_eq!(boxed("発電機DR（需要抑制）"), "発電機DR（需要抑制）");
        assert_eq!(boxed("未締結（申込中）()"), "未締結（申込中）()");
        let ring = Mark { area: Area::new(10, 2, 40, 26), kind: MarkKind::Ring, confidence: crate::domain::id::Permille(900) };
        let read: String = brackets(inks("()新規()変更"), &[ring], |_| false).iter().map(|ink| ink.char).collect();
        assert_eq!(read, "☑新規□変更");
    }

    #[test]
    fn a_square_before_a_word_is_its_box_where_others_have_one() {
        let read = |text: &str| squares(inks(text), |_| vec![(1, 3), (4, 6)]).iter().map(|ink| ink.char).collect::<String>();
        assert_eq!(read("口新規□変更"), "□新規□変更");
        assert_eq!(read("口新規口変更"), "口新規口変更");
    }

    #[test]
    fn a_ring_around_a_number_means_the_word_behind_it() {
        let code = |code: &str| CodeWord { code: code.into(), words: Vec::new() };
        let (first, second) = (code("1"), code("2"));
        let words = [(2, 4, &first), (6, 8, &second)];
        let ring = |left: i32| Mark {
            area: Area::new(left, -4, left + 36, 32),
            kind: MarkKind::Ring,
            confidence: crate::domain::id::Permille(900),
        };
        let meant =
            |ring: Mark| numbered(&inks("1.新規2.変更"), &words, &[&ring]).iter().map(|(_, word)| word.2.code.clone()).collect::<Vec<_>>();
        assert_eq!(meant(ring(-4)), ["1"]);
        assert_eq!(meant(ring(116)), ["2"]);
        assert!(meant(ring(56)).is_empty(), "a ring around a word");
        let count = |text: &str| circled(&inks(text), &words).words.len();
        assert_eq!((count("1.新規②.変更"), count("①.新規②.変更"), count("1.新規2.変更")), (1, 0, 0));
    }

    #[test]
    fn a_ring_that_was_read_is_sure_where_nobody_thought_of_one_at_the_other_numbers() {
        let code = |code: &str| CodeWord { code: code.into(), words: Vec::new() };
        let (first, second) = (code("1"), code("2"));
        let words = [(2, 4, &first), (6, 8, &second)];
        let clear = |first: u16, second: u16| {
            let mut read = inks("1.新規②.変更");
            read[0].others = vec![('①', first)];
            read[4].confidence = second;
            read[4].others = vec![('2', 990 - second)];
            circled(&read, &words).clear
        };
        assert!(clear(2, 560) && !clear(40, 560) && !clear(2, 450));
    }

    #[test]
    fn a_mark_in_brackets_is_as_sure_as_all_the_signs_that_it_may_be() {
        let mut read = inks("(O)新規()変更");
        read[1].confidence = 480;
        read[1].others = vec![('○', 300), ('0', 200), ('口', 15)];
        read[5].others = vec![('O', 80)];
        let sure: Vec<u16> = brackets(read, &[], |_| false).iter().filter(|ink| ink.is_box()).map(|ink| ink.confidence).collect();
        assert_eq!(sure, [900, 900]);
    }

    #[test]
    fn one_pair_of_brackets_before_a_word_is_its_box() {
        let read = |text: &str, word: bool| brackets(inks(text), &[], |rest| word && !rest.is_empty()).iter().map(|ink| ink.char).collect();
        let read: [String; 4] =
            [read("（○）同意する", true), read("（）同意する", true), read("（）同意する", false), read("同意する（）", true)];
        assert_eq!(read, ["☑同意する", "□同意する", "（）同意する", "同意する（）"]);
    }
}
