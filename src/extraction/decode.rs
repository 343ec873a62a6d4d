//! From the characters of an entry to its value, by the type of the field.
//!
//! Owns the choice among what the recogniser offers and how far to trust it. Never looks for an entry.

use crate::domain::document::{FieldSpec, FieldType};
use crate::domain::doubt::{Doubt, Doubts};
use crate::domain::id::Permille;
use crate::domain::pattern::compiled;
use crate::domain::place::Area;
use crate::domain::text;
use crate::domain::value::Value;
use crate::extraction::addresses;
use crate::extraction::doubts::{self, Checked};
use crate::extraction::layout::{Ink, Plan, Span};
use crate::extraction::lookalike;
use crate::extraction::marks::{self, Choice};
use crate::extraction::repairs;
use crate::extraction::signs::{self, Alphabet, Sign};
use crate::extraction::typed::{self, Lists};
use regex::Regex;

/// Below this the program does not bet on a value (thousandths). The one threshold of [`Doubt::Faint`].
pub const BET: u16 = 850;

/// The same for the pixels of a box or ring, whose confidence is measured on another scale.
pub const BET_MARK: u16 = 650;

/// From here on (thousandths) a day of the calendar or a mark is believed on a scan too poor for words.
const FIRM: u16 = 950;

/// The same for digits of which there must be just as many.
const FIRM_DIGITS: u16 = 990;

/// From here on (thousandths) words whose own strokes held together are believed there.
const CLEAR: u16 = 985;

/// A value with what is needed for its story.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decoded {
    pub value: Value,
    pub raw: String,
    pub area: Area,
    pub confidence: Permille,
    pub doubts: Doubts,
    /// Several options were chosen where one is allowed.
    pub several: bool,
    /// More than its characters speaks for it: a check digit, their number, the calendar, a mark at one of options that all were seen.
    pub firm: bool,
    /// So well read, or marked among options that all were seen, that it is believed also among strokes that came apart, where its own did not.
    /// A person's name never is: it may have lost a stroke that was a character (一), and nothing tells.
    pub clear: bool,
}

/// The value of an entry; `None` where nothing but print is there.
pub fn value(spec: &FieldSpec, lists: &Lists, plan: &Plan, spans: &[Span]) -> Option<Decoded> {
    let codes = typed::codes(spec, lists);
    if matches!(spec.kind, FieldType::Enum | FieldType::EnumList | FieldType::Bool)
        && let Some(choice) = marks::choose(plan, spans, codes, spec.kind == FieldType::EnumList)
    {
        return chosen(spec, plan, spans, choice);
    }
    let mut signs = signs::read(plan, spans);
    let mut doubts = Doubt::Mended.when(signs::strip(spec, plan, &mut signs));
    signs::unwrap(&mut signs);
    if spec.kind == FieldType::String {
        doubts |= Doubt::Mended.when(signs::dust(spec, &mut signs));
    }
    if blank(spec, &signs) {
        return None;
    }
    let raw = signs::joined(&signs, spec);
    let area = signs.iter().skip(1).fold(signs.first()?.area, |sum, sign| sum.union(&sign.area));
    // What is written in the file itself is exact.
    let mut guessed = plan.scanned && spec.kind == FieldType::String && repairs::old_forms(&mut signs);
    guessed |= signs::settle(spec, &mut signs);
    let text = signs::joined(&signs, spec);
    let mut value = shaped(spec, &text).unwrap_or_else(|| Some(text.clone())).and_then(|text| typed::value(spec, lists, &text))?;
    let mut sure = signs.iter().map(|sign| sign.confidence).min().unwrap_or(0);
    doubts |= Doubt::Incomplete.when(plan.scanned && doubts::holed(spec, &signs, plan.em) || doubts::lost(spec, &signs));
    doubts |= Doubt::LookAlike.when(doubts::twins(spec, &signs, plan.scanned.then_some(plan.em)));
    doubts |= Doubt::Faint.when(signs.iter().any(|sign| lookalike::is_box(sign.char)));
    if matches!(spec.kind, FieldType::Enum | FieldType::EnumList | FieldType::Bool) && !typed::fits(spec, &value) {
        let inks: Vec<Ink> = spans.iter().flat_map(|span| plan.inks(*span)).cloned().collect();
        if let Some((code, clear)) = marks::best(codes, &inks) {
            doubts |= Doubt::Ambiguous.when(!clear || plan.scanned && marks::are_several(codes, &code, &inks));
            value = match spec.kind {
                FieldType::EnumList => Value::Codes(vec![code]),
                FieldType::Bool => Value::Flag(code == "1"),
                _ => Value::Code(code),
            };
        }
    } else if matches!(spec.kind, FieldType::Enum | FieldType::Bool | FieldType::Date) && typed::fits(spec, &value) {
        // A word of a list, a day of the calendar: the rest of the word speaks for a weak letter.
        sure = sure.max((signs::mean(&signs) + sure) / 2);
    }
    let fixed = matches!(spec.kind, FieldType::Enum | FieldType::EnumList | FieldType::Bool | FieldType::Date) || spec.find.check_digit;
    doubts |= Doubt::LookAlike.when(!fixed && doubts::rivalled(spec, &signs));
    let mut by_hand = plan.by_hand(spans);
    let mut firm = spec.kind == FieldType::Date && typed::fits(spec, &value) && sure >= FIRM;
    if spec.find.check_digit {
        match doubts::check_digit(&signs) {
            Checked::Sound => {
                sure = sure.max(990);
                by_hand = false;
                firm = true;
            }
            Checked::Repaired(number) => {
                value = Value::Code(number);
                guessed = true;
            }
            Checked::Wrong => {}
        }
    }
    let pattern = spec.pattern.as_deref().and_then(compiled);
    if let Some(code) = pattern.as_ref().and_then(|pattern| without_a_speck(pattern, &value)) {
        value = Value::Code(code);
        guessed = true;
    }
    if spec.kind == FieldType::Email && plan.scanned {
        let read = value.to_string();
        let written = addresses::in_small_letters(&read);
        let mended = addresses::mended(&written);
        guessed |= mended.is_some();
        value = Value::Text(mended.unwrap_or(written));
    }
    if spec.kind == FieldType::Date
        && !typed::fits(spec, &value)
        && let Some(day) = unseparated(&value.to_string()).and_then(|day| typed::value(spec, lists, &day))
    {
        value = day;
        guessed = true;
    }
    let form = if spec.kind == FieldType::Phone { typed::phone_with_dashes(&value.to_string()) } else { value.to_string() };
    let misses = pattern.is_some_and(|pattern| !pattern.is_match(&form));
    let malformed = misses || !typed::fits(spec, &value) || doubts::unlikely(spec, &value);
    doubts |= Doubt::Malformed.when(malformed);
    let counted = matches!(signs::alphabet(spec), Alphabet::Digits | Alphabet::Phone);
    firm |= counted && !malformed && sure >= FIRM_DIGITS;
    // What a hand wrote is bet on only where something else confirms it, as a check digit does.
    doubts |= Doubt::Handwritten.when(by_hand);
    doubts |= Doubt::Faint.when(sure < BET) | Doubt::Mended.when(guessed);
    if guessed {
        sure = sure.min(BET.saturating_sub(1));
    }
    let clear = sure >= CLEAR && !spec.find.person;
    Some(Decoded { value, raw, area, confidence: Permille(sure), doubts, several: false, firm, clear })
}

/// Whether a value is no more than a part of what its type asks for: a mail address without its domain, a number cut short.
pub fn is_part(spec: &FieldSpec, value: &Value) -> bool {
    let text = value.to_string();
    let digits = || text.chars().filter(char::is_ascii_digit).count();
    match spec.kind {
        FieldType::Email => !text.contains('@') || text.ends_with('@'),
        FieldType::Phone => digits() < 9,
        FieldType::Date => !typed::fits(spec, value) && digits() < 5,
        _ => false,
    }
}

/// A day of eight digits of which a scan has lost a stop: 2026.0406.
fn unseparated(written: &str) -> Option<String> {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    (digits.len() == 8 && written.chars().all(|c| c.is_ascii_digit() || "./-".contains(c))).then_some(digits)
}

/// A code that has its form once its first or its last sign is taken for a speck; not where both would do.
fn without_a_speck(pattern: &Regex, value: &Value) -> Option<String> {
    let Value::Code(code) = value else { return None };
    let (first, last) = (code.chars().next()?, code.chars().next_back()?);
    let cut = [&code[first.len_utf8()..], &code[..code.len() - last.len_utf8()]];
    let fitting: Vec<&str> = cut.into_iter().filter(|part| !pattern.is_match(code) && pattern.is_match(part)).collect();
    if let [only] = fitting.as_slice() { Some((*only).to_owned()) } else { None }
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
            _ if choice.complete && choice.confidence >= BET_MARK => return None,
            // A ring that was not seen, a box that was not seen: nobody would ask again about a blank.
            _ => Value::Text(String::new()),
        },
        (_, []) => Value::Text(raw.clone()),
        (FieldType::EnumList, codes) => Value::Codes(codes.to_vec()),
        (_, codes) if several => Value::Codes(codes.to_vec()),
        (FieldType::Bool, codes) => Value::Flag(codes.first().is_some_and(|code| code == "1")),
        (_, codes) => Value::Code(codes.first().cloned().unwrap_or_default()),
    };
    let hidden = plan.scanned && spec.kind == FieldType::EnumList && !choice.complete;
    let blank = matches!(&value, Value::Text(text) if text.is_empty());
    let unknown = choice.codes.is_empty() && !choice.raw.is_empty();
    let doubts = Doubt::Ambiguous.when(choice.doubtful || several || unknown) | Doubt::Unseen.when(hidden || blank);
    Some(Decoded {
        value,
        raw,
        area,
        confidence: Permille(choice.confidence),
        doubts: doubts | Doubt::Faint.when(choice.confidence < BET_MARK),
        several,
        firm: spec.kind != FieldType::EnumList && choice.complete && choice.confidence >= FIRM,
        clear: choice.complete,
    })
}

/// Nothing but print that waits to be filled: 年　月　日, （　　）, 〒　-, @.
fn blank(spec: &FieldSpec, signs: &[Sign]) -> bool {
    let print = |c: char| match spec.kind {
        // An empty day is easily read as a box.
        FieldType::Date | FieldType::Datetime => "令和平成昭西暦年月日時分()（）/／-－・.　".contains(c) || lookalike::is_box(c),
        FieldType::Code | FieldType::Phone | FieldType::Integer | FieldType::Decimal => {
            !c.is_alphanumeric() || c == '〒' || c == 'ー' || c == '一'
        }
        FieldType::Email => !c.is_alphanumeric(),
        _ => !c.is_alphanumeric(),
    };
    signs.iter().all(|sign| print(sign.char))
}

/// The part of the text that has the field's own shape. Outer `None`: the field has no shape or the text not that one.
fn shaped(spec: &FieldSpec, text: &str) -> Option<Option<String>> {
    if matches!(spec.kind, FieldType::Enum | FieldType::Bool | FieldType::EnumList) {
        return None;
    }
    let shape = compiled(spec.find.shape.as_deref()?)?;
    let plain = text::tidy(text).replace(' ', "");
    let found = shape.captures(&plain)?;
    Some(found.get(1).or_else(|| found.get(0)).map(|part| part.as_str().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_may_have_lost_a_stop() {
        assert_eq!(unseparated("2026.0406").as_deref(), Some("20260406"));
        assert_eq!((unseparated("2026.04.6"), unseparated("令和8年4月")), (None, None));
    }

    #[test]
    fn one_speck_before_or_behind_a_code_is_taken_off() {
        let cut = |code: &str| without_a_speck(&Regex::new("^[A-Z][0-9]{3}$").unwrap(), &Value::Code(code.into()));
        assert_eq!((cut("1M403").as_deref(), cut("M403.").as_deref()), (Some("M403"), Some("M403")));
        assert_eq!((cut("M403"), cut("M4030"), cut("11M403")), (None, Some("M403".into()), None));
        let both = without_a_speck(&Regex::new("^[0-9]{4}$").unwrap(), &Value::Code("12345".into()));
        assert_eq!(both, None, "either end would do");
    }
}
