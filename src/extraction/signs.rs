//! The characters of an entry while it is decided what each of them is.
//!
//! Owns print around an entry and the choice among what the recogniser offers. Never makes a value.

use crate::domain::document::{FieldSpec, FieldType};
use crate::domain::place::Area;
use crate::domain::reading::MarkKind;
use crate::domain::text;
use crate::extraction::decode::BET;
use crate::extraction::layout::{Ink, Plan, Span, WORD_GAP};
use crate::extraction::{kana, lookalike, repairs, variants};

/// One character of an entry while it is decided what it is.
#[derive(Clone, Debug)]
pub struct Sign {
    pub char: char,
    pub confidence: u16,
    pub others: Vec<(char, u16)>,
    pub area: Area,
    /// Empty distance before it, thousandths of an em; a new row counts as very wide.
    pub gap: i32,
    pub apart: bool,
}

/// The characters of some spans, in their order, with the room before each.
pub fn read(plan: &Plan, spans: &[Span]) -> Vec<Sign> {
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

/// A full-width space is sometimes read as a dash, with the space among the alternatives. 一 is a whole character: it must yield to
/// a space that is nearly as likely.
fn is_gap(ink: &Ink) -> bool {
    let spaces: u32 = ink.others.iter().filter(|(c, _)| c.is_whitespace()).map(|(_, sure)| u32::from(*sure)).sum();
    let least = if ink.char == '一' { u32::from(ink.confidence) / 4 } else { 15 };
    matches!(ink.char, 'ー' | '一' | '-' | '―' | '・' | '.' | '_') && ink.confidence < 900 && spaces >= least.max(15)
}

/// Takes print off the end: ㊞ behind a name, 枚 behind a number, 御中 behind an addressee. True where it may have been no print.
pub fn strip(spec: &FieldSpec, plan: &Plan, signs: &mut Vec<Sign>) -> bool {
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
    // A kanji no more than a space behind two others is a given name, weak as it may be: 中西 恵.
    let given = rest.len() == 2 && !crossed && last.gap < 1500 && lookalike::is_kanji(last.char);
    if spec.find.beside.iter().any(|word| word == "㊞") && rest.len() >= 2 && (far || stray && !given && last.gap >= 800) {
        signs.pop();
        return !stray;
    }
    false
}

fn sign_of(word: &str) -> char {
    word.chars().next().unwrap_or(' ')
}

const OPENING: &str = "(（〔［[【「『〈<＜";
const CLOSING: &str = ")）〕］]】」』〉>＞";

/// Takes the brackets off that the form prints around an entry, also one alone: 氏名（　高木 晴　）. Those within stay: (株)高木.
pub fn unwrap(signs: &mut Vec<Sign>) {
    let opens = |sign: &Sign| OPENING.contains(sign.char);
    let closes = |sign: &Sign| CLOSING.contains(sign.char);
    // How many brackets of the text are open before each sign, counted from the first.
    let closed_at = |signs: &[Sign]| {
        let mut depth = 0;
        signs.iter().position(|sign| {
            depth += i32::from(opens(sign)) - i32::from(closes(sign));
            depth <= 0
        })
    };
    if signs.first().is_some_and(opens) {
        let end = closed_at(signs);
        if end.is_none_or(|end| end + 1 == signs.len()) {
            signs.remove(0);
            if end.is_some() {
                signs.pop();
            }
        }
    }
    let surplus = signs.iter().filter(|sign| closes(sign)).count() > signs.iter().filter(|sign| opens(sign)).count();
    if surplus && signs.last().is_some_and(closes) {
        signs.pop();
    }
    // A bracket alone is read as a letter where it is all that stands there.
    if matches!(signs.as_slice(), [only] if matches!(only.char, 'C' | 'c') && only.confidence < BET) {
        signs.clear();
    }
    if let Some(first) = signs.first_mut() {
        (first.gap, first.apart) = (0, false);
    }
}

/// Specks at the ends of an entry are read as dashes and stops. True where a stroke that stands apart behind words was taken off:
/// a given name may be 一, the end of an address is not; or a dot or a colon, with which no word ends.
pub fn dust(spec: &FieldSpec, signs: &mut Vec<Sign>) -> bool {
    let speck = |sign: &Sign| !sign.char.is_alphanumeric() && !"()（）「」『』々ー〒".contains(sign.char) && sign.confidence < BET;
    let from = signs.iter().position(|sign| !speck(sign)).unwrap_or(signs.len());
    signs.drain(..from);
    let to = signs.iter().rposition(|sign| !speck(sign)).map_or(0, |last| last + 1);
    signs.truncate(to);
    let apart = |sign: &Sign| matches!(sign.char, '一' | 'ー') && (sign.apart || sign.gap >= WORD_GAP) && !spec.find.person;
    // Co., Ltd. ends with a stop, and 1号 does not.
    let after_letter = signs.iter().nth_back(1).is_some_and(|sign| sign.char.is_ascii_alphabetic());
    let ends_none = |sign: &Sign| match sign.char {
        '・' | ':' | '：' => true,
        '.' | ',' => !after_letter,
        _ => false,
    };
    let stray = signs.len() > 3 && signs.last().is_some_and(|sign| ends_none(sign) || apart(sign));
    if stray {
        signs.pop();
    }
    stray
}

/// The characters with single spaces where the writer left room.
pub fn joined(signs: &[Sign], spec: &FieldSpec) -> String {
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

/// Decides for each character what it can be in this field; true where something had to be guessed.
pub fn settle(spec: &FieldSpec, signs: &mut Vec<Sign>) -> bool {
    let kind = alphabet(spec);
    let mut guessed = false;
    match kind {
        Alphabet::Free => {
            if spec.find.person {
                guessed |= repairs::specks(signs);
            }
            guessed |= repairs::slashes(signs) | repairs::stops(signs) | repairs::squares(signs);
            repairs::blocks(signs);
            signs.iter_mut().for_each(prefer_common);
            let mut chars: Vec<char> = Vec::with_capacity(signs.len());
            // What stands in another word tells nothing about this one: 工藤 エリ.
            let words = signs.chunk_by(|_, next| !(spec.find.person && (next.apart || next.gap >= WORD_GAP)));
            for word in words {
                let from = chars.len();
                chars.extend(word.iter().map(|sign| sign.char));
                for c in &mut chars[from..] {
                    guessed |= lookalike::at_home(*c) != *c;
                    *c = lookalike::at_home(*c);
                }
                lookalike::mend(&mut chars[from..]);
                kana::mend_syllables(&mut chars[from..]);
                guessed |= kana::mend_words(&mut chars[from..]);
                if spec.find.person {
                    lookalike::mend_person(&mut chars[from..]);
                }
            }
            for (sign, c) in signs.iter_mut().zip(chars) {
                pool(sign, |one, other| {
                    text::tidy(&one.to_string()) == text::tidy(&other.to_string()) || variants::are_variants(one, other)
                });
                if let Some(rare) = variants::shy_form(c).filter(|rare| sign.others.iter().any(|(other, sure)| other == rare && *sure >= 5))
                {
                    sign.char = rare;
                    guessed = true;
                    continue;
                }
                sign.char = c;
            }
        }
        Alphabet::Kana => {
            let hiragana = signs.iter().filter(|sign| matches!(sign.char, '\u{3041}'..='\u{3096}')).count();
            if hiragana * 2 > signs.len() {
                return false;
            }
            signs.iter_mut().for_each(|sign| guessed |= pick(sign, lookalike::as_katakana, |_| false));
            guessed |= repairs::without_stray_dots(signs);
            let mut chars: Vec<char> = signs.iter().map(|sign| sign.char).collect();
            kana::mend_syllables(&mut chars);
            kana::mend_kinds(&mut chars);
            guessed |= kana::mend_words(&mut chars);
            signs.iter_mut().zip(chars).for_each(|(sign, c)| sign.char = c);
        }
        Alphabet::Digits => {
            guessed |= repairs::without_stops(signs) | repairs::open_squares(signs) | repairs::low_dashes(signs);
            signs.iter_mut().for_each(|sign| guessed |= pick(sign, lookalike::as_digit, dash));
        }
        Alphabet::Phone => {
            guessed |= repairs::open_squares(signs) | repairs::low_dashes(signs);
            signs.iter_mut().for_each(|sign| guessed |= pick(sign, lookalike::as_digit, |c| dash(c) || "()（）+ ".contains(c)));
        }
        Alphabet::Ascii => {
            if spec.kind == FieldType::Code {
                guessed |= repairs::without_stops(signs);
            }
            signs.iter_mut().for_each(|sign| guessed |= pick(sign, ascii, |_| false));
            if spec.kind == FieldType::Code {
                guessed |= repairs::lone_letter(signs);
            }
        }
        Alphabet::Date => {
            let date = |c: char| "西暦令和平成昭元年月日/.／．-－・RHSＲＨＳ".contains(c);
            let era =
                signs.windows(2).position(|pair| matches!(pair, [first, next] if next.char == '和' && "合今命冷全".contains(first.char)));
            if let Some(first) = era.and_then(|n| signs.get_mut(n)) {
                first.char = '令';
            }
            guessed |= repairs::without_colons(signs);
            let signs_of: Vec<char> = signs.iter().map(|sign| sign.char).collect();
            for (n, sign) in signs.iter_mut().enumerate() {
                let goes_on = signs_of.get(n + 1).is_some_and(|next| next.is_numeric() || "年月日".contains(*next));
                match sign.char {
                    '曰' | '目' => sign.char = '日',
                    '牛' | '午' => sign.char = '年',
                    'H' | 'Ｈ' if n > 0 && signs_of[n - 1].is_numeric() => {
                        sign.char = '日';
                        guessed = true;
                    }
                    c if lookalike::is_box(c) => {
                        sign.char = if goes_on { '0' } else { '日' };
                        guessed = true;
                    }
                    c if date(c) => {}
                    _ => guessed |= pick(sign, lookalike::as_digit, date),
                }
            }
        }
    }
    guessed
}

pub enum Alphabet {
    Free,
    Kana,
    Digits,
    Phone,
    Ascii,
    Date,
}

pub fn alphabet(spec: &FieldSpec) -> Alphabet {
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

/// Takes the form of a kanji in daily use where an old one leads by little: it was the likelier by far before anything was seen.
fn prefer_common(sign: &mut Sign) {
    let Some(common) = variants::common_form(sign.char) else { return };
    // What a blot makes of it must be far ahead.
    let lead = if variants::is_made_by_a_blot(sign.char) { 5 } else { 2 };
    if let Some(other) = sign.others.iter_mut().find(|(other, sure)| *other == common && lead * *sure >= sign.confidence) {
        (sign.char, sign.confidence, *other) = (other.0, other.1, (sign.char, sign.confidence));
    }
}

/// Readings that come to the same value speak for each other; a rare form that stands against nothing else is sure.
fn pool(sign: &mut Sign, same: impl Fn(char, char) -> bool) {
    let (own, rivals): (Vec<_>, Vec<_>) = sign.others.iter().partition(|(other, _)| same(sign.char, *other));
    let sum = |list: &[&(char, u16)]| list.iter().map(|(_, sure)| u32::from(*sure)).sum::<u32>();
    let (mut own, rivals) = (sum(&own) + u32::from(sign.confidence), sum(&rivals));
    if variants::has_variants(sign.char) {
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

pub fn mean(signs: &[Sign]) -> u16 {
    let sum: u32 = signs.iter().map(|sign| u32::from(sign.confidence)).sum();
    u16::try_from(sum / (signs.len() as u32).max(1)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(kind: &str, text: &str, confidence: u16) -> (String, bool) {
        let spec: FieldSpec = serde_json::from_str(&format!(r#"{{ "key": "x", "label": "x", {kind} }}"#)).unwrap();
        let sign = |char| Sign { char, confidence, others: Vec::new(), area: Area::default(), gap: 0, apart: false };
        let mut signs: Vec<Sign> = text.chars().map(sign).collect();
        let guessed = settle(&spec, &mut signs);
        (signs.iter().map(|sign| sign.char).collect(), guessed)
    }

    #[test]
    fn brackets_around_an_entry_are_print_and_those_within_are_not() {
        let unwrapped = |text: &str, confidence: u16| {
            let sign = |char| Sign { char, confidence, others: Vec::new(), area: Area::default(), gap: 0, apart: false };
            let mut signs: Vec<Sign> = text.chars().map(sign).collect();
            unwrap(&mut signs);
            signs.iter().map(|sign| sign.char).collect::<String>()
        };
        for (read, meant) in [
            ("（理事長", "理事長"),
            ("(令和8年4月3日)", "令和8年4月3日"),
            ("浦和区9F)", "浦和区9F"),
            ("(株)丸山ガス", "(株)丸山ガス"),
            ("（(株)丸山ガス", "(株)丸山ガス"),
            ("（丸山ガス(株)", "丸山ガス(株)"),
            ("丸山ガス(株)", "丸山ガス(株)"),
            ("）", ""),
            ("", ""),
        ] {
            assert_eq!(unwrapped(read, 999), meant, "{read}");
        }
        assert_eq!((unwrapped("C", 774), unwrapped("C", 990), unwrapped("C棟", 700)), ("".into(), "C".into(), "C棟".into()));
    }

    #[test]
    fn no_text_ends_with_a_stop_but_behind_letters() {
        let spec: FieldSpec = serde_json::from_str(r#"{ "key": "x", "label": "x", "type": "string" }"#).unwrap();
        let dusted = |text: &str| {
            let sign = |char| Sign { char, confidence: 990, others: Vec::new(), area: Area::default(), gap: 0, apart: false };
            let mut signs: Vec<Sign> = text.chars().map(sign).collect();
            let stray = dust(&spec, &mut signs);
            (signs.iter().map(|sign| sign.char).collect::<String>(), stray)
        };
        assert_eq!(dusted("東公園2丁目9番1号."), ("東公園2丁目9番1号".into(), true));
        assert_eq!(dusted("添付書類は別送。"), ("添付書類は別送。".into(), false));
        assert_eq!(dusted("Aomine Co.,Ltd."), ("Aomine Co.,Ltd.".into(), false));
        assert_eq!(dusted("東公園2丁目9番1号"), ("東公園2丁目9番1号".into(), false));
    }

    #[test]
    fn specks_and_strokes_are_told_from_signs() {
        let (text, kana) = (r#""type": "string""#, r#""type": "kana""#);
        let digits = r#""type": "code", "pattern": "^[0-9]{5}$""#;
        assert_eq!(settled(text, "樫/木電力", 700), ("樫ノ木電力".into(), true));
        assert_eq!(settled(text, "総務部/経理部", 990), ("総務部/経理部".into(), false));
        assert_eq!(settled(text, "棟20.1", 500), ("棟201".into(), true));
        assert_eq!(settled(text, "契約扣当", 500), ("契約担当".into(), true));
        assert_eq!(settled(text, "321番地□号棟", 990), ("321番地ロ号棟".into(), true));
        assert_eq!(settled(text, "八重洲□ビル", 990), ("八重洲ロビル".into(), true));
        assert_eq!(settled(text, "增田 慧", 990), ("増田 慧".into(), true));
        assert_eq!(settled(kana, "・ゴウドウカイシヤ", 700), ("ゴウドウガイシャ".into(), true));
        assert_eq!(settled(kana, "エコ・ロッカ・カブシキガイシャ・", 990), ("エコ・ロッカカブシキガイシャ".into(), true));
        assert_eq!(settled(kana, "エコ・ロッカ", 990), ("エコ・ロッカ".into(), false));
        assert_eq!(settled(digits, "93.048", 990), ("93048".into(), true));
        assert_eq!(settled(r#""type": "code", "pattern": "^[A-Z0-9]{5}$""#, "93.048", 990), ("93048".into(), true));
        assert_eq!(settled(r#""type": "code", "pattern": "^[A-Z0-9]{5}$""#, "3972O", 990), ("39720".into(), true));
        assert_eq!(settled(r#""type": "code", "pattern": "^[A-Z0-9]{5}$""#, "9X0O2", 990), ("9X0O2".into(), false));
        assert_eq!(settled(r#""type": "phone""#, "□3-6969-7295", 990), ("03-6969-7295".into(), true));
        assert_eq!(settled(r#""type": "date""#, "8年9月21☑", 849), ("8年9月21日".into(), true));
        assert_eq!(settled(r#""type": "date""#, "2□26年4月1□日", 849), ("2026年4月10日".into(), true));
    }
}
