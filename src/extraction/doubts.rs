//! Reasons not to trust a value that was read.
//!
//! Owns what speaks for and against a reading. Never changes one, save a check digit's single repair.

use crate::domain::document::{FieldSpec, FieldType};
use crate::domain::text;
use crate::domain::value::Value;
use crate::extraction::kana;
use crate::extraction::layout::WORD_GAP;
use crate::extraction::lookalike;
use crate::extraction::signs::{Alphabet, Sign, alphabet};
use crate::extraction::variants;

/// Print whose characters lie closer than so many pixels keeps no stroke by which 髙 differs from 高 (10.5 points at 180 dpi).
const FINEST_EM: i32 = 26;

/// Characters of a name whose other form the recogniser saw as possible, cannot write at all, or could not tell in print as small
/// as that of a scan whose characters lie `em` pixels apart.
pub fn twins(spec: &FieldSpec, signs: &[Sign], em: Option<i32>) -> bool {
    let small = spec.find.person && em.is_some_and(|em| em < FINEST_EM);
    spec.kind == FieldType::String
        && signs.iter().any(|sign| {
            let seen =
                sign.others.iter().any(|(other, sure)| variants::are_variants(sign.char, *other) && *sure >= variants::doubt(sign.char));
            seen || small && variants::differ_in_a_stroke(sign.char)
                // Coarse print makes a rare form of a common one, and the recogniser is sure of it.
                || em.is_some() && variants::is_made_by_a_blot(sign.char)
                || spec.find.person && em.is_some() && variants::has_unwritable_variant(sign.char, sign.confidence)
        })
}

/// A look-alike in a text that nothing beside it tells apart.
pub fn wavers(spec: &FieldSpec, value: &str) -> bool {
    let settled = |word: &str| {
        let mut chars: Vec<char> = word.chars().collect();
        lookalike::mend_person(&mut chars);
        spec.find.person && chars.iter().copied().any(lookalike::is_katakana) && chars.into_iter().eq(word.chars())
    };
    let wavers = |word: &str| lookalike::wavers(&word.chars().collect::<Vec<_>>()) && !settled(word);
    spec.kind == FieldType::String && value.split_whitespace().any(wavers)
}

/// From this confidence (thousandths) of another reading on, the first is no bet, however far ahead it is.
const RIVAL: u16 = 115;

/// The same in mail addresses and codes, where no word speaks for a letter.
const RIVAL_ASCII: u16 = 75;

/// The same in names of persons, which have a few characters only and no word to hold on to.
const RIVAL_PERSON: u16 = 50;

/// The same of two kana that small marks alone tell apart (ハ, バ, パ): a coarse scan runs them together.
const RIVAL_MARKS: u16 = 25;

/// From here on (thousandths) the weakest character of a person's name is believed: it has a few, and no word that speaks for one of them.
const FIRM_PERSON: u16 = 920;

/// The same on a scan without colours, and for other words and mail addresses there: most of those lost their greys too, and with them the
/// strokes that tell one kanji from another.
const FIRM_PERSON_FADED: u16 = 960;
const FIRM_WORDS_FADED: u16 = 980;

/// A scanned text that is less than certain where nothing tells that a character stands for another. A reading in kana watches over a company's name.
pub fn frail(spec: &FieldSpec, sure: u16, coloured: bool, has_reading: bool) -> bool {
    let least = match spec.kind {
        _ if spec.find.person && coloured => FIRM_PERSON,
        _ if spec.find.person => FIRM_PERSON_FADED,
        // What has a shape of its own is read by it, but for mail addresses, which have any letters.
        FieldType::String if spec.find.shape.is_some() => 0,
        FieldType::String | FieldType::Email if !coloured && !has_reading => FIRM_WORDS_FADED,
        _ => 0,
    };
    sure < least
}

/// Characters that had a rival which no neighbour and no alphabet rules out.
pub fn rivalled(spec: &FieldSpec, signs: &[Sign]) -> bool {
    let ascii = matches!(alphabet(spec), Alphabet::Ascii);
    let digits = matches!(alphabet(spec), Alphabet::Digits | Alphabet::Phone);
    // Look-alikes of two scripts are told apart by what stands beside them, and watched over elsewhere.
    let same = |one: char, other: char| {
        text::tidy(&one.to_string()) == text::tidy(&other.to_string())
            || variants::are_variants(one, other)
            || !ascii && lookalike::fold(one) == lookalike::fold(other)
            || digits && lookalike::as_digit(other).is_none()
    };
    let rival = |sign: &Sign, other: char| other.is_alphanumeric() && !same(sign.char, other);
    let usual = match (ascii, spec.find.person) {
        (true, _) => RIVAL_ASCII,
        (_, true) => RIVAL_PERSON,
        _ => RIVAL,
    };
    // A reading in kana is held against its name.
    let runs_together = |one: char, other: char| spec.kind != FieldType::Kana && kana::differ_in_marks(one, other);
    let least = |one: char, other: char| if runs_together(one, other) { RIVAL_MARKS } else { usual };
    signs.iter().any(|sign| sign.others.iter().any(|(other, sure)| *sure >= least(sign.char, *other) && rival(sign, *other)))
}

/// Below this a letter of a mail address is not certain, in thousandths.
const WAVERING: u16 = 995;

/// Two characters of a person's name whose middles lie further apart than this, in thousandths of the usual step, have
/// lost one between them: a full-width space takes two steps.
const HOLE: i32 = 2150;

/// Two wide characters with no gap seen between them lie no further apart than this, in thousandths of the usual step.
const CLOSE: i32 = 1650;

/// A thin character (二, 一, ノ) was lost between others: its room is still there.
pub fn holed(spec: &FieldSpec, signs: &[Sign], em: i32) -> bool {
    if !spec.find.person {
        return spec.kind == FieldType::String && swallowed(signs);
    }
    let middle = |sign: &Sign| sign.area.centre().0;
    let mut steps: Vec<i32> = signs.windows(2).map(|pair| middle(&pair[1]) - middle(&pair[0])).collect();
    let Some(widest) = steps.iter().max().copied() else { return false };
    steps.sort_unstable();
    // Two steps tell nothing of what is usual, but a pen that writes wide does so everywhere.
    let usual = if steps.len() > 2 { steps[(steps.len() - 1) / 2].max(em) } else { em };
    1000 * widest > HOLE * usual
}

/// Between two characters as wide as high, with no gap between them, lies the room of a third: 丸ノ内 read as 丸内.
fn swallowed(signs: &[Sign]) -> bool {
    let middle = |sign: &Sign| sign.area.centre().0;
    let wide = |pair: &&[Sign]| {
        let beside = pair[1].area.row_overlap(&pair[0].area) >= 500 && middle(&pair[1]) > middle(&pair[0]);
        beside && !pair[1].apart && pair[1].gap < WORD_GAP && pair.iter().all(|sign| lookalike::is_wide(sign.char))
    };
    let mut steps: Vec<i32> = signs.windows(2).filter(wide).map(|pair| middle(&pair[1]) - middle(&pair[0])).collect();
    steps.sort_unstable();
    let Some((widest, usual)) = steps.last().zip(steps.get(steps.len() / 2)) else { return false };
    steps.len() > 3 && 1000 * widest > CLOSE * usual
}

/// The signs of a text without its blanks, as [`overruns`] looks for labels among them.
pub fn unspaced(text: &str) -> Vec<char> {
    text::tidy(text).chars().filter(|c| !c.is_whitespace()).collect()
}

/// A text that runs on into the next entry: another field's label, [`unspaced`], stands in it, with a number behind.
pub fn overruns(value: &str, labels: &[Vec<char>]) -> bool {
    let plain = unspaced(value);
    labels.iter().any(|label| {
        let follows = |at: usize| plain.get(at + label.len()).is_some_and(|c| c.is_ascii_digit() || *c == ':');
        // 氏名 小松: the label itself was taken for the beginning of its entry.
        let leads =
            plain.starts_with(label) && label.len() >= 2 && value.contains(' ') && plain.get(label.len()).is_some_and(|c| !c.is_numeric());
        leads || label.len() >= 4 && plain.windows(label.len()).enumerate().any(|(at, part)| at > 0 && part == label && follows(at))
    })
}

/// A character that takes the room of two: another one was lost beside it. Entries of even pitch alone tell.
pub fn lost(spec: &FieldSpec, signs: &[Sign]) -> bool {
    let email = spec.kind == FieldType::Email;
    if !email && !matches!(alphabet(spec), Alphabet::Digits | Alphabet::Phone) {
        return false;
    }
    let mut widths: Vec<i32> = signs.iter().map(|sign| sign.area.width()).collect();
    widths.sort_unstable();
    let usual = widths.get(widths.len() / 2).copied().unwrap_or(1).max(1);
    // The ends of a line carry its margin.
    let inner = signs.get(1..signs.len().saturating_sub(1)).unwrap_or(&[]);
    let wide = |sign: &Sign| match sign.char {
        'm' | 'w' | 'M' | 'W' | '@' => 22,
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | '.' | ',' | ':' | '-' => 14,
        _ => 17,
    };
    // Letters of a mail address differ in width, and are measured in coarse steps: there the recogniser must have wavered too.
    let wavered = |sign: &Sign| !email || sign.confidence < WAVERING;
    inner.iter().any(|sign| sign.area.width() * 10 > usual * wide(sign) && wavered(sign))
        || email && signs.iter().skip(1).any(|sign| sign.apart)
}

/// Whether a reading in kana contradicts the name that it belongs to: katakana must stand in both, and the kind of company is the same.
pub fn contradict(name: &str, kana: &str) -> bool {
    if kana::is_of_another_kind(name, kana) {
        return true;
    }
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
pub fn unlikely(spec: &FieldSpec, value: &Value) -> bool {
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
                // Every name of a domain begins and ends with a letter or digit; the last is no number.
                || domain.split('.').any(|name| name.starts_with(['-', '_']) || name.ends_with(['-', '_']))
                || domain.contains('_')
                // A kind of organisation has two letters at least: example.co.jp, not example.c.jp.
                || domain.ends_with(".jp") && domain.split('.').count() > 2 && domain.rsplit('.').nth(1).is_some_and(|kind| kind.len() < 2)
                || !domain.rsplit('.').next().is_some_and(|last| last.len() >= 2 && last.chars().all(|c| c.is_ascii_alphabetic()))
        }
        // Ten digits, or eleven with the beginnings of mobile and other services: one was lost, or a speck was read.
        FieldType::Phone => {
            let digits = text::digits(&text);
            let long = ["020", "050", "060", "070", "080", "090"].iter().any(|service| digits.starts_with(service));
            digits.starts_with('0') && digits.len() != 10 + usize::from(long)
        }
        // Dust between the parts of a name is read as a stop; a dot beside a kanji makes a kana of it: 山下 and 山ド.
        _ if spec.find.person => {
            let stop = |c: char| !c.is_alphabetic() && !matches!(c, ' ' | '・' | '々' | 'ー');
            text.chars().any(stop) || text.split_whitespace().any(lookalike::mixes_scripts)
        }
        _ => false,
    }
}

/// The numbers with a sound check digit that stand in a text.
pub fn sound_numbers(text: &str) -> Vec<String> {
    let plain = text::tidy(text);
    plain.split(|c: char| !c.is_ascii_digit()).filter(|part| text::is_corporate_number(part)).map(str::to_owned).collect()
}

pub enum Checked {
    Sound,
    Repaired(String),
    Wrong,
}

/// Thirteen digits with their check digit; one doubtful digit is repaired where a single alternative makes it sound.
pub fn check_digit(signs: &[Sign]) -> Checked {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::place::Area;

    #[test]
    fn a_look_alike_between_two_scripts_wavers_and_the_reading_settles_it() {
        let wavers = |text: &str| lookalike::wavers(&text.chars().collect::<Vec<_>>());
        assert!(wavers("カナ夕地熱開発") && wavers("工藤工リ") && wavers("第二口イヤル棟"));
        assert!(!wavers("第二ロイヤル棟") && !wavers("青嶺アグリゲート") && wavers("青嶺了グリゲート"));
        assert!(!wavers("小野寺力") && !wavers("エナジーファーム株式会社") && !wavers("八千代川発電") && !wavers("制度対応チーム"));
        let kana = "カナタチネツカイハツ ゴウドウガイシャ";
        assert_eq!(lookalike::by_reading("カナ夕地熱開発合同会社", kana).as_deref(), Some("カナタ地熱開発合同会社"));
        assert_eq!(lookalike::by_reading("カナタ地熱開発合同会社", kana), None);
        assert_eq!(lookalike::by_reading("二ツ森合同会社", "フタツモリ ゴウドウガイシャ"), None);
    }

    #[test]
    fn one_stroke_of_a_name_is_not_believed_in_small_print() {
        let doubted = |person: bool, name: &str, em: Option<i32>| {
            let spec = r#"{ "key": "name", "label": "氏名", "type": "string" }"#;
            let mut spec: FieldSpec = serde_json::from_str(spec).unwrap();
            spec.find.person = person;
            let sign = |char| Sign { char, confidence: 1000, others: Vec::new(), area: Default::default(), gap: 0, apart: false };
            twins(&spec, &name.chars().map(sign).collect::<Vec<_>>(), em)
        };
        assert!(doubted(true, "高橋 一郎", Some(22)) && doubted(true, "宮崎 一郎", Some(22)));
        assert!(doubted(true, "崎山 誠", Some(40)) && !doubted(true, "崎山 誠", None), "﨑 is read as 崎");
        assert!(doubted(true, "采女 直樹", Some(40)) && !doubted(true, "采女 直樹", None), "釆 is read as 采");
        assert!(!doubted(true, "高橋 一郎", Some(29)) && !doubted(true, "髙橋 一郎", Some(22)) && !doubted(true, "工藤 一郎", Some(22)));
        assert!(!doubted(true, "高橋 一郎", None), "a text layer says what it says");
        assert!(!doubted(false, "高砂開発", Some(22)), "a company's name has no such forms");
    }

    #[test]
    fn a_rare_form_that_a_blot_makes_is_not_believed_on_a_scan() {
        let spec: FieldSpec = serde_json::from_str(r#"{ "key": "name", "label": "氏名", "type": "string" }"#).unwrap();
        let sign = |char| Sign { char, confidence: 1000, others: Vec::new(), area: Default::default(), gap: 0, apart: false };
        let doubted = |name: &str, em: Option<i32>| twins(&spec, &name.chars().map(sign).collect::<Vec<_>>(), em);
        assert!(doubted("吉村 惠", Some(40)));
        assert!(!doubted("吉村 恵", Some(40)) && !doubted("櫻井 花子", Some(40)) && !doubted("吉村 惠", None));
    }

    #[test]
    fn a_thin_character_lost_within_an_address_leaves_its_room() {
        let spec: FieldSpec = serde_json::from_str(r#"{ "key": "address", "label": "所在地", "type": "string" }"#).unwrap();
        let line = |lefts: &[i32]| -> Vec<Sign> {
            let sign = |left: &i32| Sign {
                char: '丸',
                confidence: 998,
                others: Vec::new(),
                area: Area::new(*left, 0, left + 20, 20),
                gap: 0,
                apart: false,
            };
            lefts.iter().map(sign).collect()
        };
        assert!(!holed(&spec, &line(&[0, 21, 42, 63, 84, 105]), 21));
        assert!(holed(&spec, &line(&[0, 21, 42, 80, 101, 122]), 21));
        let mut spaced = line(&[0, 21, 42, 80, 101, 122]);
        spaced[3].apart = true;
        assert!(!holed(&spec, &spaced, 21), "a space that was seen is no loss");
    }

    #[test]
    fn an_address_has_the_parts_of_one() {
        let unlikely = |address: &str| {
            let spec: FieldSpec = serde_json::from_str(r#"{ "key": "mail", "label": "メール", "type": "email" }"#).unwrap();
            unlikely(&spec, &Value::Text(address.to_owned()))
        };
        assert!(unlikely("a@kanata-grid.example.c.jp") && unlikely("a@example") && unlikely("a@exa mple.jp"));
        assert!(!unlikely("a@kanata-grid.example.co.jp") && !unlikely("a@x.jp"));
    }

    #[test]
    fn a_number_counts_only_with_its_check_digit() {
        assert_eq!(sound_numbers("法人番号 4246006111918 電話 0221234567890"), ["4246006111918"]);
        assert!(sound_numbers("4246006111919").is_empty());
    }

    #[test]
    fn a_text_that_runs_on_into_the_next_entry_is_told_by_its_label() {
        let labels = ["法人番号", "備考", "氏 名"].map(unspaced);
        let overrun = |text: &str| overruns(text, &labels);
        assert!(overrun("氏 名小松豊") && !overrun("氏名"));
        assert!(overrun("青嶺発電合同会社 法人番号 3245249530653"));
        assert!(!overrun("青嶺発電合同会社") && !overrun("法人番号は申請中") && !overrun("備考 3"));
    }

    #[test]
    fn a_name_and_its_reading_watch_each_other() {
        let kana = "ゴウドウガイシャ ヒナタノエネルギーサービス";
        assert!(!contradict("合同会社日向野エネルギーサービス", kana));
        assert!(contradict("合同会社日向野エネルギーサービ", kana));
        assert!(contradict("合同会社日向野エネルキーサービス", kana));
        assert!(!contradict("日向野ソーラー株式会社", "ヒナタノソーラー カブシキガイシャ"));
    }
}
