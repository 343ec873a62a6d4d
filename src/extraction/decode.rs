//! From the characters of an entry to its value, by the type of the field.
//!
//! Owns the choice among what the recogniser offers and how far to trust it. Never looks for an entry.

use crate::domain::document::{FieldSpec, FieldType};
use crate::domain::id::Permille;
use crate::domain::place::Area;
use crate::domain::reading::MarkKind;
use crate::domain::text;
use crate::domain::value::Value;
use crate::extraction::layout::{Ink, Plan, Span, WORD_GAP};
use crate::extraction::lookalike;
use crate::extraction::marks::{self, Choice};
use crate::extraction::typed::{self, Lists};
use regex::Regex;

/// Below this the program does not bet on a value (thousandths). The one threshold of `needs_review`.
pub const BET: u16 = 850;

/// The same for the pixels of a box or ring, whose confidence is measured on another scale.
pub const BET_MARK: u16 = 600;

/// A value with what is needed for its story.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decoded {
    pub value: Value,
    pub raw: String,
    pub area: Area,
    pub confidence: Permille,
    pub needs_review: bool,
    /// Several options were chosen where one is allowed.
    pub several: bool,
}

/// One character of an entry while it is decided what it is.
#[derive(Clone, Debug)]
struct Sign {
    char: char,
    confidence: u16,
    others: Vec<(char, u16)>,
    area: Area,
    /// Empty distance before it, thousandths of an em; a new row counts as very wide.
    gap: i32,
    apart: bool,
}

/// The value of an entry; `None` where nothing but print is there.
pub fn value(spec: &FieldSpec, lists: &Lists, plan: &Plan, spans: &[Span]) -> Option<Decoded> {
    let codes = typed::codes(spec, lists);
    if matches!(spec.kind, FieldType::Enum | FieldType::EnumList | FieldType::Bool)
        && let Some(choice) = marks::choose(plan, spans, codes)
    {
        return chosen(spec, plan, spans, choice);
    }
    let mut signs = signs(plan, spans);
    let mut doubtful = strip(spec, plan, &mut signs);
    if spec.kind == FieldType::String {
        dust(&mut signs);
    }
    if blank(spec, &signs) {
        return None;
    }
    let raw = joined(&signs, spec);
    let area = signs.iter().skip(1).fold(signs.first()?.area, |sum, sign| sum.union(&sign.area));
    let mut guessed = settle(spec, &mut signs);
    let text = joined(&signs, spec);
    let mut value = shaped(spec, &text).unwrap_or_else(|| Some(text.clone())).and_then(|text| typed::value(spec, lists, &text))?;
    let mut sure = signs.iter().map(|sign| sign.confidence).min().unwrap_or(0);
    doubtful |= lost(spec, &signs) || twins(spec, &signs) || signs.iter().any(|sign| lookalike::is_box(sign.char));
    if matches!(spec.kind, FieldType::Enum | FieldType::EnumList | FieldType::Bool) && !typed::fits(spec, &value) {
        let inks: Vec<Ink> = spans.iter().flat_map(|span| plan.inks(*span)).cloned().collect();
        if let Some((code, clear)) = marks::best(codes, &inks) {
            doubtful |= !clear;
            value = match spec.kind {
                FieldType::EnumList => Value::Codes(vec![code]),
                FieldType::Bool => Value::Flag(code == "1"),
                _ => Value::Code(code),
            };
        }
    } else if matches!(spec.kind, FieldType::Enum | FieldType::Bool | FieldType::Date) && typed::fits(spec, &value) {
        // A word of a list, a day of the calendar: the rest of the word speaks for a weak letter.
        sure = sure.max((mean(&signs) + sure) / 2);
    }
    if spec.find.check_digit {
        match check_digit(&signs) {
            Checked::Sound => sure = sure.max(990),
            Checked::Repaired(number) => {
                value = Value::Code(number);
                guessed = true;
            }
            Checked::Wrong => {}
        }
    }
    let pattern = spec.pattern.as_deref().and_then(|pattern| Regex::new(pattern).ok());
    doubtful |= pattern.is_some_and(|pattern| !pattern.is_match(&value.to_string()));
    doubtful |= !typed::fits(spec, &value) || unlikely(spec, &value);
    if guessed {
        sure = sure.min(BET.saturating_sub(1));
    }
    Some(Decoded { value, raw, area, confidence: Permille(sure), needs_review: doubtful || sure < BET, several: false })
}

/// What the boxes and rings say.
fn chosen(spec: &FieldSpec, plan: &Plan, spans: &[Span], choice: Choice) -> Option<Decoded> {
    let area = choice.area.unwrap_or_else(|| plan.area(spans));
    let raw = choice.raw.join("、");
    let several = choice.codes.len() > 1 && spec.kind != FieldType::EnumList;
    let value = match (spec.kind, choice.codes.as_slice()) {
        (_, []) if choice.raw.is_empty() => match spec.kind {
            // A single box that stands open says no.
            FieldType::Bool if choice.offered == 1 => Value::Flag(false),
            _ => return None,
        },
        (_, []) => Value::Text(raw.clone()),
        (FieldType::EnumList, codes) => Value::Codes(codes.to_vec()),
        (_, codes) if several => Value::Codes(codes.to_vec()),
        (FieldType::Bool, codes) => Value::Flag(codes.first().is_some_and(|code| code == "1")),
        (_, codes) => Value::Code(codes.first().cloned().unwrap_or_default()),
    };
    let doubtful = choice.doubtful || several || choice.codes.is_empty() && !choice.raw.is_empty();
    Some(Decoded {
        value,
        raw,
        area,
        confidence: Permille(choice.confidence),
        needs_review: doubtful || choice.confidence < BET_MARK,
        several,
    })
}

fn signs(plan: &Plan, spans: &[Span]) -> Vec<Sign> {
    let right = plan.area(spans).right;
    let mut signs: Vec<Sign> = Vec::new();
    let mut apart = false;
    for span in spans {
        for (n, ink) in plan.inks(*span).iter().enumerate() {
            let mut gap = if n == 0 { 0 } else { plan.gap(span.row, span.from + n) };
            if n == 0
                && let Some(last) = signs.last()
            {
                // A full row was broken by the room; a short one by the writer. Boxes side by side are no break at all.
                let beside = ink.area.row_overlap(&last.area) >= 500;
                gap = if beside || right - last.area.right <= 2 * plan.em { 0 } else { 2 * WORD_GAP };
            }
            let area = ink.area;
            if is_gap(ink) {
                apart = true;
                continue;
            }
            signs.push(Sign {
                char: ink.char,
                confidence: ink.confidence,
                others: ink.others.clone(),
                area,
                gap,
                apart: (ink.apart || std::mem::take(&mut apart)) && n > 0,
            });
        }
    }
    signs
}

/// Specks at the ends of an entry are read as dashes and stops.
fn dust(signs: &mut Vec<Sign>) {
    let speck = |sign: &Sign| !sign.char.is_alphanumeric() && !"()（）「」『』々ー〒".contains(sign.char) && sign.confidence < BET;
    let from = signs.iter().position(|sign| !speck(sign)).unwrap_or(signs.len());
    signs.drain(..from);
    let to = signs.iter().rposition(|sign| !speck(sign)).map_or(0, |last| last + 1);
    signs.truncate(to);
}

/// A character that takes the room of two: another one was lost beside it. Entries of even pitch alone tell.
fn lost(spec: &FieldSpec, signs: &[Sign]) -> bool {
    let email = spec.kind == FieldType::Email;
    if !email && !matches!(alphabet(spec), Alphabet::Digits | Alphabet::Phone) {
        return false;
    }
    let mut widths: Vec<i32> = signs.iter().map(|sign| sign.area.width()).collect();
    widths.sort_unstable();
    let usual = widths.get(widths.len() / 2).copied().unwrap_or(1).max(1);
    // The ends of a line carry its margin.
    let inner = signs.get(1..signs.len().saturating_sub(1)).unwrap_or(&[]);
    let wide = |sign: &Sign| {
        if email && !"mwMW@".contains(sign.char) {
            14
        } else if email {
            22
        } else {
            17
        }
    };
    inner.iter().any(|sign| sign.area.width() * 10 > usual * wide(sign)) || email && signs.iter().skip(1).any(|sign| sign.apart)
}

/// A full-width space is sometimes read as a dash, with the space among the alternatives.
fn is_gap(ink: &Ink) -> bool {
    let spaces: u32 = ink.others.iter().filter(|(c, _)| c.is_whitespace()).map(|(_, sure)| u32::from(*sure)).sum();
    matches!(ink.char, 'ー' | '一' | '-' | '―' | '・' | '.' | '_') && ink.confidence < 900 && spaces >= 15
}

/// Takes print off the end: ㊞ behind a name, 枚 behind a number, 御中 behind an addressee. True where it may have been no print.
fn strip(spec: &FieldSpec, plan: &Plan, signs: &mut Vec<Sign>) -> bool {
    if spec.find.beside.is_empty() {
        return false;
    }
    loop {
        let plain: String = signs.iter().flat_map(|sign| text::tidy(&sign.char.to_string()).chars().collect::<Vec<_>>()).collect();
        let Some(word) = spec.find.beside.iter().find(|word| plain.ends_with(text::tidy(word).as_str())) else { break };
        let from = signs.len().saturating_sub(word.chars().count());
        let alone = signs.get(from).is_some_and(|sign| sign.gap >= 400 || sign.apart || sign.char != sign_of(word));
        // One kanji alone may end a name: it counts as print only where it stands apart.
        if word.chars().count() == 1 && spec.kind == FieldType::String && from > 0 && !alone {
            break;
        }
        signs.truncate(from);
    }
    // A printed ㊞ is often misread: one sign far behind the rest is print, whatever it was read as.
    let Some((last, rest)) = signs.split_last() else { return false };
    let widest = rest.iter().skip(1).map(|sign| sign.gap).max().unwrap_or(0);
    let crossed =
        plan.marks.iter().any(|mark| matches!(mark.kind, MarkKind::Ring | MarkKind::Seal) && mark.area.contains(last.area.centre()));
    let stray = crossed || last.confidence < BET || !lookalike::is_wide(last.char);
    let far = last.gap >= 1500 && last.gap >= 2 * widest && rest.len() >= 3;
    if spec.find.beside.iter().any(|word| word == "㊞") && rest.len() >= 2 && (far || stray && last.gap >= 800) {
        signs.pop();
        return !stray;
    }
    false
}

fn sign_of(word: &str) -> char {
    word.chars().next().unwrap_or(' ')
}

/// Characters of a name whose other form the recogniser saw as possible, or cannot write at all.
fn twins(spec: &FieldSpec, signs: &[Sign]) -> bool {
    spec.kind == FieldType::String
        && signs.iter().any(|sign| {
            let seen =
                sign.others.iter().any(|(other, sure)| lookalike::are_variants(sign.char, *other) && *sure >= lookalike::doubt(sign.char));
            seen || spec.find.person && sign.confidence < 1000 && lookalike::has_unwritable_variant(sign.char)
        })
}

/// Nothing but print that waits to be filled: 年　月　日, （　　）, 〒　-, @.
fn blank(spec: &FieldSpec, signs: &[Sign]) -> bool {
    let print = |c: char| match spec.kind {
        FieldType::Date | FieldType::Datetime => "令和平成昭西暦年月日時分()（）/／-－・.　".contains(c),
        FieldType::Code | FieldType::Phone | FieldType::Integer | FieldType::Decimal => {
            !c.is_alphanumeric() || c == '〒' || c == 'ー' || c == '一'
        }
        FieldType::Email => !c.is_alphanumeric(),
        _ => !c.is_alphanumeric(),
    };
    signs.iter().all(|sign| print(sign.char))
}

/// The characters with single spaces where the writer left room.
fn joined(signs: &[Sign], spec: &FieldSpec) -> String {
    let spaced = matches!(spec.kind, FieldType::String | FieldType::Kana | FieldType::EnumList);
    let mut text = String::new();
    for (n, sign) in signs.iter().enumerate() {
        if n > 0 && spaced && (sign.apart || sign.gap >= WORD_GAP) {
            text.push(' ');
        }
        text.push(sign.char);
    }
    text
}

/// The part of the text that has the field's own shape. Outer `None`: the field has no shape or the text not that one.
fn shaped(spec: &FieldSpec, text: &str) -> Option<Option<String>> {
    if matches!(spec.kind, FieldType::Enum | FieldType::Bool | FieldType::EnumList) {
        return None;
    }
    let shape = Regex::new(spec.find.shape.as_deref()?).ok()?;
    let plain = text::tidy(text).replace(' ', "");
    let found = shape.captures(&plain)?;
    Some(found.get(1).or_else(|| found.get(0)).map(|part| part.as_str().to_owned()))
}

/// Decides for each character what it can be in this field; true where something had to be guessed.
fn settle(spec: &FieldSpec, signs: &mut [Sign]) -> bool {
    let kind = alphabet(spec);
    let mut guessed = false;
    match kind {
        Alphabet::Free => {
            let mut chars: Vec<char> = signs.iter().map(|sign| sign.char).collect();
            lookalike::mend(&mut chars);
            for (sign, c) in signs.iter_mut().zip(chars) {
                pool(sign, |one, other| {
                    text::tidy(&one.to_string()) == text::tidy(&other.to_string()) || lookalike::are_variants(one, other)
                });
                sign.char = c;
            }
        }
        Alphabet::Kana => {
            let hiragana = signs.iter().filter(|sign| matches!(sign.char, '\u{3041}'..='\u{3096}')).count();
            if hiragana * 2 > signs.len() {
                return false;
            }
            signs.iter_mut().for_each(|sign| guessed |= pick(sign, lookalike::as_katakana, |_| false));
        }
        Alphabet::Digits => signs.iter_mut().for_each(|sign| guessed |= pick(sign, lookalike::as_digit, dash)),
        Alphabet::Phone => {
            signs.iter_mut().for_each(|sign| guessed |= pick(sign, lookalike::as_digit, |c| dash(c) || "()（）+ ".contains(c)));
        }
        Alphabet::Ascii => signs.iter_mut().for_each(|sign| guessed |= pick(sign, ascii, |_| false)),
        Alphabet::Date => {
            let date = |c: char| "令和平成昭元年月日/.／．-－・RHSＲＨＳ".contains(c);
            for sign in signs.iter_mut() {
                match sign.char {
                    '曰' | '目' => sign.char = '日',
                    '牛' | '午' => sign.char = '年',
                    c if date(c) => {}
                    _ => guessed |= pick(sign, lookalike::as_digit, date),
                }
            }
        }
    }
    guessed
}

enum Alphabet {
    Free,
    Kana,
    Digits,
    Phone,
    Ascii,
    Date,
}

fn alphabet(spec: &FieldSpec) -> Alphabet {
    let pattern = spec.pattern.as_deref().unwrap_or("");
    match spec.kind {
        FieldType::Kana => Alphabet::Kana,
        FieldType::Code if !pattern.is_empty() && !pattern.contains("A-Z") => Alphabet::Digits,
        FieldType::Code | FieldType::Email => Alphabet::Ascii,
        FieldType::Phone => Alphabet::Phone,
        FieldType::Date => Alphabet::Date,
        _ => Alphabet::Free,
    }
}

fn dash(c: char) -> bool {
    matches!(c, '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '－' | 'ー' | '一' | '─' | '〒')
}

fn ascii(c: char) -> Option<char> {
    let plain = text::tidy(&c.to_string()).chars().next()?;
    match plain {
        c if c.is_ascii_graphic() => Some(c),
        '。' | '・' => Some('.'),
        '、' => Some(','),
        c if dash(c) => Some('-'),
        '〇' | '○' => Some('0'),
        _ => None,
    }
}

/// Readings that come to the same value speak for each other; a rare form that stands against nothing else is sure.
fn pool(sign: &mut Sign, same: impl Fn(char, char) -> bool) {
    let (own, rivals): (Vec<_>, Vec<_>) = sign.others.iter().partition(|(other, _)| same(sign.char, *other));
    let sum = |list: &[&(char, u16)]| list.iter().map(|(_, sure)| u32::from(*sure)).sum::<u32>();
    let (mut own, rivals) = (sum(&own) + u32::from(sign.confidence), sum(&rivals));
    if lookalike::has_variants(sign.char) {
        own = 1000 * own / (own + rivals).max(1);
    }
    sign.confidence = u16::try_from(own.min(1000)).unwrap_or(1000);
}

/// Keeps a sign that may stand here, or takes the best alternative that may. True where nothing fitted or a look-alike was taken.
fn pick(sign: &mut Sign, wanted: impl Fn(char) -> Option<char>, also: impl Fn(char) -> bool) -> bool {
    let exact = |c: char| wanted(c).filter(|to| *to == c || text::tidy(&c.to_string()) == to.to_string());
    if let Some(c) = exact(sign.char) {
        pool(sign, |_, other| wanted(other) == Some(c));
        sign.char = c;
        return false;
    }
    if also(sign.char) {
        return false;
    }
    if let Some((c, confidence)) = sign.others.iter().find_map(|(c, confidence)| exact(*c).map(|to| (to, *confidence))) {
        // The alternatives share what the barred reading leaves over.
        sign.confidence = sign.confidence.saturating_add(confidence).min(sign.confidence.max(confidence).max(BET));
        sign.char = c;
        return false;
    }
    match wanted(sign.char) {
        Some(c) => {
            sign.char = c;
            false
        }
        None => true,
    }
}

fn mean(signs: &[Sign]) -> u16 {
    let sum: u32 = signs.iter().map(|sign| u32::from(sign.confidence)).sum();
    u16::try_from(sum / (signs.len() as u32).max(1)).unwrap_or(0)
}

enum Checked {
    Sound,
    Repaired(String),
    Wrong,
}

/// Thirteen digits with their check digit; one doubtful digit is repaired where a single alternative makes it sound.
fn check_digit(signs: &[Sign]) -> Checked {
    let digits: Vec<&Sign> = signs.iter().filter(|sign| sign.char.is_numeric()).collect();
    let number: String = text::digits(&digits.iter().map(|sign| sign.char).collect::<String>());
    if text::is_corporate_number(&number) {
        return Checked::Sound;
    }
    let mut repairs: Vec<String> = Vec::new();
    for (n, sign) in digits.iter().enumerate().filter(|(_, sign)| sign.confidence < 950) {
        for (other, _) in &sign.others {
            let Some(digit) = lookalike::as_digit(*other) else { continue };
            let repaired: String = number.chars().enumerate().map(|(m, c)| if m == n { digit } else { c }).collect();
            if text::is_corporate_number(&repaired) && !repairs.contains(&repaired) {
                repairs.push(repaired);
            }
        }
    }
    match <[String; 1]>::try_from(repairs) {
        Ok([only]) => Checked::Repaired(only),
        Err(_) => Checked::Wrong,
    }
}

/// Whether a reading in kana contradicts the name that it belongs to: katakana must stand in both.
pub fn contradict(name: &str, kana: &str) -> bool {
    let fold = |text: &str| text::tidy(text).chars().filter_map(lookalike::as_katakana).map(lookalike::fold).collect::<Vec<char>>();
    let kana = fold(kana);
    if kana.is_empty() {
        return false;
    }
    let name: Vec<char> = text::tidy(name).chars().collect();
    let mut from = 0;
    while from < name.len() {
        let run: Vec<char> = name.iter().skip(from).take_while(|c| lookalike::is_katakana(**c)).copied().collect();
        if run.len() < 2 {
            from += 1;
            continue;
        }
        let folded: Vec<char> = run.iter().map(|c| lookalike::fold(*c)).collect();
        let at = kana.windows(folded.len()).position(|part| part == folded);
        // A name that ends in katakana ends where its reading ends.
        let goes_on = from + run.len() == name.len() && at.is_some_and(|at| at + folded.len() < kana.len());
        if at.is_none() || goes_on {
            return true;
        }
        from += run.len();
    }
    false
}

/// Fits its type, and still not what such a field holds.
fn unlikely(spec: &FieldSpec, value: &Value) -> bool {
    let text = value.to_string();
    match spec.kind {
        FieldType::Kana => {
            !text.chars().all(|c| lookalike::is_katakana(c) || matches!(c, '・' | ' ') || matches!(c, '\u{3041}'..='\u{3096}'))
        }
        FieldType::Email => {
            let mut parts = text.split('@');
            let (Some(local), Some(domain), None) = (parts.next(), parts.next(), parts.next()) else { return true };
            let sound = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+".contains(c));
            !sound(local)
                || !sound(domain)
                || !domain.contains('.')
                || text.contains("..")
                || domain.ends_with('.')
                || domain.starts_with('.')
        }
        // Dust between the parts of a name is read as a stop.
        _ if spec.find.person => text.chars().any(|c| !c.is_alphabetic() && !matches!(c, ' ' | '・' | '々' | 'ー')),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::contradict;

    #[test]
    fn a_name_and_its_reading_watch_each_other() {
        let kana = "ゴウドウガイシャ ヒナタノエネルギーサービス";
        assert!(!contradict("合同会社日向野エネルギーサービス", kana));
        assert!(contradict("合同会社日向野エネルギーサービ", kana));
        assert!(contradict("合同会社日向野エネルキーサービス", kana));
        assert!(!contradict("日向野ソーラー株式会社", "ヒナタノソーラー カブシキガイシャ"));
    }
}
