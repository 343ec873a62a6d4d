//! Comparing text: the normalisation of the domain reference, chapter 1.
//!
//! Every function is pure; the original stays with its owner.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use unicode_normalization::UnicodeNormalization;

/// The form in which values are kept: NFKC, variation selectors and control characters dropped, single spaces inside.
pub fn tidy(text: &str) -> String {
    if is_tidy(text) { text.to_owned() } else { folded(text) }
}

/// Nothing in it folds, told without a look into the tables of Unicode: plain signs, kana and kanji, with single spaces between.
fn is_tidy(text: &str) -> bool {
    let mut after_space = true;
    let plain = text.chars().all(|c| match c {
        ' ' => !std::mem::replace(&mut after_space, true),
        '!'..='~' | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | '々' | '一'..='鿿' => {
            after_space = false;
            true
        }
        _ => false,
    });
    plain && (!after_space || text.is_empty())
}

fn folded(text: &str) -> String {
    let folded: String =
        text.nfkc().filter(|c| !is_variation_selector(*c)).map(|c| if c.is_control() { ' ' } else { unified(c) }).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Fonts that draw a radical and a kanji with one glyph make text layers say ⻄ for 西; NFKC leaves these alone.
fn unified(c: char) -> char {
    const RADICALS: &[(char, char)] = &[
        ('⺟', '母'),
        ('⺠', '民'),
        ('⻁', '虎'),
        ('⻄', '西'),
        ('⻅', '見'),
        ('⻆', '角'),
        ('⻉', '貝'),
        ('⻋', '車'),
        ('⻑', '長'),
        ('⻔', '門'),
        ('⻘', '青'),
        ('⻚', '頁'),
        ('⻛', '風'),
        ('⻜', '飛'),
        ('⻝', '食'),
        ('⻢', '馬'),
        ('⻣', '骨'),
        ('⻤', '鬼'),
        ('⻥', '魚'),
        ('⻦', '鳥'),
        ('⻨', '麦'),
        ('⻩', '黄'),
        ('⻫', '斉'),
        ('⻭', '歯'),
        ('⻯', '竜'),
        ('⻲', '亀'),
        ('⻒', '長'),
    ];
    if !('\u{2E80}'..='\u{2EFF}').contains(&c) {
        return c;
    }
    RADICALS.iter().find(|(radical, _)| *radical == c).map_or(c, |(_, kanji)| *kanji)
}

/// The form in which text is compared: tidy, without spaces, one sign for every dash, wave and prime,
/// one word for 株式会社, old spellings mended.
pub fn compare_key(text: &str) -> String {
    if is_bare(text) {
        return text.to_owned();
    }
    let tidied = tidy(text);
    let mut key = String::with_capacity(tidied.len());
    key.extend(tidied.chars().filter(|c| !c.is_whitespace()).map(|c| match c {
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '－' | 'ｰ' => '-',
        '’' | '‘' | '′' | '´' | '`' | '＇' => '\'',
        '〜' | '～' | '∼' => '~',
        other => other,
    }));
    if key.is_ascii() {
        return key;
    }
    // NFKC turns ´ after a letter into a space and U+0301.
    if key.contains('\u{301}') {
        key = key.replace('\u{301}', "'");
    }
    // Few texts hold so much as the first letter of one.
    if key.contains(['(', 'ユ', '周', '九']) {
        for (from, to) in SPELLINGS {
            if key.contains(from) {
                key = key.replace(from, to);
            }
        }
    }
    key
}

/// Letters and digits alone, as codes are: they stand for themselves.
fn is_bare(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether a text has this [`compare_key`].
pub fn has_key(text: &str, key: &str) -> bool {
    if is_bare(text) {
        return text == key;
    }
    // Kana and kanji stay: a code holds none.
    let foreign = || text.chars().any(|c| matches!(c, 'ぁ'..='ヺ' | '一'..='鿿'));
    !(is_bare(key) && foreign()) && compare_key(text) == key
}

const SPELLINGS: &[(&str, &str)] = &[
    ("(株)", "株式会社"),
    ("(有)", "有限会社"),
    ("(同)", "合同会社"),
    ("ユーザー", "ユーザ"),
    ("周波調整力", "周波数調整力"),
    ("九州電力株式会社送配電カンパニー", "九州電力送配電株式会社"),
];

/// A word that is looked for in texts, however either is spaced, dashed or spelt, in capitals or not.
pub struct Sought {
    key: String,
    /// The key in each spelling that a text may have, as JSON writes it.
    spellings: Vec<String>,
}

impl Sought {
    /// `None` where nothing of the word is left to look for.
    pub fn new(word: &str) -> Option<Self> {
        let key = sought_key(word);
        let spelt = SPELLINGS.iter().filter(|(_, to)| key.contains(to)).map(|(from, to)| key.replace(to, from).to_lowercase());
        let in_json = |spelling: String| spelling.replace('\\', "\\\\").replace('"', "\\\"");
        let spellings = std::iter::once(key.clone()).chain(spelt).map(in_json).collect();
        (!key.is_empty()).then_some(Sought { key, spellings })
    }

    pub fn stands_in(&self, text: &str) -> bool {
        sought_key(text).contains(&self.key)
    }

    /// Whether it may stand in a long text that was [`squeezed`]: quick, and never no where it does.
    pub fn may_stand_in(&self, squeezed: &str) -> bool {
        self.spellings.iter().any(|spelling| squeezed.contains(spelling.as_str()))
    }
}

fn sought_key(text: &str) -> String {
    compare_key(text).to_lowercase().replace('-', "")
}

/// A text in JSON without spaces and dashes, in small letters and with one sign for what has several: what [`Sought::may_stand_in`] asks
/// for. Its values are tidy, so that signs are looked at one by one.
pub fn squeezed(json: &str) -> String {
    let mut plain = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | '一'..='鿿' => plain.push(c),
            '-' | ' ' => {}
            '`' => plain.push('\''),
            _ if c.is_ascii() => plain.push(c.to_ascii_lowercase()),
            _ => plain.push_str(&sought_key(&c.to_string())),
        }
    }
    plain
}

/// A label as compared: [`compare_key`] without punctuation, units in brackets, numbering and filler signs.
pub fn label_key(text: &str) -> String {
    label_of(&compare_key(text))
}

/// [`label_key`] of what is a [`compare_key`] already.
pub fn label_of(compared: &str) -> String {
    let mut plain = String::with_capacity(compared.len());
    let mut depth = 0usize;
    for c in compared.chars() {
        match c {
            '[' | '【' => depth += 1,
            ']' | '】' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            '(' | ')' | ':' | '*' | '※' | '・' | '.' | '、' | '。' | '■' | '●' | '○' | '_' => {}
            // Kana and kanji are neither small nor capital.
            '\u{3000}'..='\u{9FFF}' => plain.push(c),
            other => plain.extend(other.to_lowercase()),
        }
    }
    plain
}

/// The same for a word of the catalogue, of which every document asks: it is folded once.
pub fn word_key(word: &str) -> Arc<str> {
    /// Words that are kept; a catalogue has some two thousand.
    const MOST: usize = 20_000;
    static KNOWN: LazyLock<Mutex<HashMap<String, Arc<str>>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(key) = known.get(word) {
        return key.clone();
    }
    let key: Arc<str> = label_key(word).into();
    if known.len() < MOST {
        known.insert(word.to_owned(), key.clone());
    }
    key
}

/// Digits only.
pub fn digits(text: &str) -> String {
    match text.is_ascii() {
        true => text.chars().filter(char::is_ascii_digit).collect(),
        false => text.nfkc().filter(char::is_ascii_digit).collect(),
    }
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Which characters stand in a text, as bits: several share one. Each bit that another text lacks is an edit at least.
pub fn signs(characters: &[char]) -> u64 {
    characters.iter().fold(0, |all, c| all | sign(*c))
}

/// The bit of a character.
pub fn sign(c: char) -> u64 {
    1 << ((c as u32).wrapping_mul(0x9e37_79b1) >> 26)
}

/// Characters that differ between two strings, counted as edits (Levenshtein), at most `limit + 1`.
pub fn distance(left: &str, right: &str, limit: usize) -> usize {
    let [left, right] = [left, right].map(|text| text.chars().collect::<Vec<char>>());
    distance_of(&left, &right, limit)
}

/// The same for characters.
pub fn distance_of(left: &[char], right: &[char], limit: usize) -> usize {
    if left.len().abs_diff(right.len()) > limit {
        return limit + 1;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        let mut least = row[0];
        for (j, b) in right.iter().enumerate() {
            let cost = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
            least = least.min(row[j + 1]);
        }
        // No row ends below what the row before began with.
        if least > limit {
            return limit + 1;
        }
    }
    row[right.len()].min(limit + 1)
}

/// The check digit of a 法人番号 for its twelve base digits; `None` unless there are twelve digits.
pub fn corporate_check_digit(base: &str) -> Option<u32> {
    let digits: Vec<u32> = base.chars().map(|c| c.to_digit(10)).collect::<Option<_>>()?;
    if digits.len() != 12 {
        return None;
    }
    let sum: u32 = digits.iter().rev().enumerate().map(|(n, digit)| digit * (1 + n as u32 % 2)).sum();
    Some(9 - sum % 9)
}

/// Thirteen digits whose first is the check digit of the rest.
pub fn is_corporate_number(text: &str) -> bool {
    text.len() == 13 && text.is_ascii() && corporate_check_digit(&text[1..]).is_some_and(|digit| text.starts_with(&digit.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_letter_of_each_spelling_is_looked_for() {
        SPELLINGS.iter().for_each(|(from, to)| assert_eq!(compare_key(from), *to));
    }

    #[test]
    fn a_key_is_told_without_folding_and_no_distance_is_below_the_signs_that_lack() {
        let texts = ["K1A7", "Ｋ１Ａ７", "K-1 A7", "株式会社K1A7", "例示電力", "", "ｶﾌﾞ", "a´b"];
        for text in texts {
            texts.iter().for_each(|other| {
                assert_eq!(has_key(text, &compare_key(other)), compare_key(text) == compare_key(other), "{text} {other}")
            });
        }
        let words = ["契約種別", "契約区分", "契約締結日", "事業者コード", "事業者名", "系統コード", "カ", ""];
        for (one, other) in words.iter().flat_map(|one| words.iter().map(move |other| (one, other))) {
            let [a, b] = [one, other].map(|text| text.chars().collect::<Vec<char>>());
            let edits = distance_of(&a, &b, 99);
            assert!((signs(&a) & !signs(&b)).count_ones() as usize <= edits, "{one} {other}");
            for limit in 0..4 {
                assert_eq!(distance_of(&a, &b, limit), edits.min(limit + 1), "{one} {other} {limit}");
            }
        }
    }

    #[test]
    fn tidy_folds_width_and_spaces() {
        assert_eq!(tidy("株式会社　穂高嶺 電力\n"), "株式会社 穂高嶺 電力");
        assert_eq!(tidy("ｺｰﾄﾞ１２"), "コード12");
        assert_eq!(tidy("葛\u{E0100}城"), "葛城");
        assert_eq!(tidy("大通⻄、⼤阪"), "大通西、大阪");
    }

    /// Strings of the signs at the edges of what is passed over, and of what folds: each is tidied as if nothing were passed over.
    #[test]
    fn what_is_passed_over_does_not_fold() {
        for c in '\0'..=char::MAX {
            let alone = c.to_string();
            assert!(!is_tidy(&alone) || folded(&alone) == alone, "{c:?}");
        }
        let signs: Vec<char> = " aZ~かガー々一鿿゙゚・　①髙\t".chars().collect();
        for n in 0..signs.len().pow(3) {
            let text: String = [n, n / signs.len(), n / signs.len().pow(2)].iter().map(|at| signs[at % signs.len()]).collect();
            assert_eq!(tidy(&text), folded(&text), "{text:?}");
        }
    }

    #[test]
    fn spellings_of_one_contract_are_equal() {
        let keys: Vec<String> = ["電源Ⅰ’厳気象", "電源Ⅰ´厳気象", "電源Ⅰ′厳気象", "電源I'厳気象", "電源Ⅰ \u{301}厳気象"]
            .iter()
            .map(|text| compare_key(text))
            .collect();
        assert!(keys.iter().all(|key| key == "電源I'厳気象"), "{keys:?}");
        assert_eq!(compare_key("㈱見本"), compare_key("株式会社見本"));
        assert_eq!(compare_key("電源Ⅱ周波調整力"), "電源II周波数調整力");
    }

    #[test]
    fn a_label_is_compared_without_its_unit() {
        assert_eq!(label_key("定格容量[kW]"), label_key("定格容量"));
        assert_eq!(label_key("口座名義（カナ）"), label_key("口座名義(カナ)"));
    }

    #[test]
    fn what_is_sought_is_found_however_it_is_written() {
        for (word, text) in [
            ("想像次郎", "想像 次郎"),
            ("0927462591", "092-746-2591"),
            ("０９２－７４６", "092-746-2591"),
            ("㈱見本", "株式会社見本"),
            ("㈱見本", "㈱見本"),
            ("株式会社見本", "（株）見本"),
            ("KASHO@", "kasho@example.jp"),
            ("電源Ⅰ’", "電源I′厳気象"),
            ("ユーザ情報", "ユーザー情報"),
            ("th20260001", "TH-2026-0001"),
            ("電話で\"確認\"", "電話で \"確認\""),
        ] {
            let sought = Sought::new(word).unwrap();
            assert!(sought.stands_in(text), "{word} in {text}");
            for kept in [tidy(text), text.to_owned()] {
                assert!(sought.may_stand_in(&squeezed(&format!("{kept:?}"))), "{word} in {kept}");
            }
        }
        assert!(!Sought::new("想像次郎").unwrap().stands_in("想像 三郎") && Sought::new(" －").is_none());
    }

    #[test]
    fn the_worked_example_of_the_ordinance() {
        assert_eq!(corporate_check_digit("123456789012"), Some(7));
        for (number, valid) in [("7999901000001", true), ("6999901000002", true), ("5999901000003", true), ("7999901000002", false)] {
            assert_eq!(is_corporate_number(number), valid, "{number}");
        }
        assert!(!is_corporate_number("799990100000"));
    }

    #[test]
    fn distance_counts_edits_up_to_its_limit() {
        assert_eq!(distance("担当者", "担当者", 2), 0);
        assert_eq!(distance("担当者", "担当名", 2), 1);
        assert_eq!(distance("担当者氏名", "電話番号", 2), 3);
    }
}
