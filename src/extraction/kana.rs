//! How katakana are written: which syllables there are, and how the kinds of companies are read.
//!
//! Owns these repairs. Never tells katakana from kanji: [`lookalike`] does.

use crate::extraction::lookalike;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// Small kana as their syllable allows them, and large where it does not: ファーム, ダイ, グヤ.
pub fn mend_syllables(chars: &mut [char]) {
    for n in 1..chars.len() {
        let before = chars[n - 1];
        if !lookalike::is_katakana(before) || before == 'ー' {
            continue;
        }
        let allowed = match chars[n] {
            'ャ' | 'ョ' => "キシチニヒミリギジヂビピテデフヴ",
            'ュ' => "キシチニヒミリギジヂビピテデフヴウ",
            'ァ' => "フヴツクグワ",
            'ィ' => "テデフヴツウクグスズ",
            'ゥ' => "トドフクグ",
            'ェ' => "シジチフヴツウクグイキニヒスズ",
            'ォ' => "フヴツウクグ",
            // ファーム, ファン; フ and ア of two words that meet are left: フアグリ.
            'ア' if before == 'フ' && chars.get(n + 1).is_some_and(|next| "ーンイミ".contains(*next)) => {
                chars[n] = 'ァ';
                continue;
            }
            _ => continue,
        };
        if !allowed.contains(before) {
            chars[n] = match chars[n] {
                'ャ' => 'ヤ',
                'ュ' => 'ユ',
                'ョ' => 'ヨ',
                'ァ' => 'ア',
                'ィ' => 'イ',
                'ゥ' => 'ウ',
                'ェ' => 'エ',
                _ => 'オ',
            };
        }
    }
}

/// How kinds of companies are read; a name in kana holds nothing that differs from them in dots or in size alone.
const KINDS: &[&str] =
    &["カブシキガイシャ", "カブシキカイシャ", "ゴウドウガイシャ", "ゴウドウカイシャ", "ユウゲンガイシャ", "イッパンシャダンホウジン"];

/// Writes the kind of a company as it is read where a dot was lost or a small kana grew.
pub fn mend_kinds(chars: &mut [char]) {
    let bare = |c: &char| unvoiced(lookalike::fold(*c));
    for kind in KINDS.iter().map(|kind| kind.chars().collect::<Vec<char>>()) {
        let key: Vec<char> = kind.iter().map(bare).collect();
        // As it stands it may be the other way of saying it.
        let known = |part: &[char]| KINDS.iter().any(|kind| kind.chars().eq(part.iter().copied()));
        for from in 0..(chars.len() + 1).saturating_sub(kind.len()) {
            let part = &mut chars[from..from + kind.len()];
            if !known(part) && part.iter().map(bare).eq(key.iter().copied()) {
                part.copy_from_slice(&kind);
            }
        }
    }
}

/// Words of trade and office, of which no other word differs in dots alone (クリーン and グリーン, ブラザー and プラザ do, and are
/// not among them): グルーブ, サーピス and ジャバン are misread.
const WORDS: &[&str] = &[
    "グループ",
    "サービス",
    "エネルギー",
    "エナジー",
    "バイオマス",
    "ホールディングス",
    "アグリゲーション",
    "マネジメント",
    "プロジェクト",
    "ソリューション",
    "ジャパン",
    "ビルディング",
    "グリッド",
    "ビジネス",
    "サポート",
    "パートナーズ",
    "ハツデン",
];

/// The same as they are written and without their dots.
static SPELT: LazyLock<Vec<(Vec<char>, Vec<char>)>> =
    LazyLock::new(|| WORDS.iter().map(|word| (word.chars().collect(), word.chars().map(bare).collect())).collect());

/// Writes words of trade as they are written; true where dots were put right.
pub fn mend_words(chars: &mut [char]) -> bool {
    let mut mended = false;
    let of_kind = kinds_in(chars);
    let unmarked: Vec<char> = chars.iter().copied().map(bare).collect();
    for (word, own) in SPELT.iter() {
        for from in 0..(chars.len() + 1).saturating_sub(word.len()) {
            if unmarked[from..from + word.len()] != own[..] || chars[from..from + word.len()] == word[..] {
                continue;
            }
            if !of_kind.iter().any(|kind| kind.start < from + word.len() && from < kind.end) {
                chars[from..from + word.len()].copy_from_slice(word);
                mended = true;
            }
        }
    }
    mended
}

/// Where the kind of a company stands in a reading: カブシキガイシャ バンダイ holds no ジャパン.
fn kinds_in(chars: &[char]) -> Vec<std::ops::Range<usize>> {
    let kinds = KINDS.iter().map(|kind| kind.chars().collect::<Vec<char>>());
    let found = |kind: Vec<char>| {
        let starts = (0..(chars.len() + 1).saturating_sub(kind.len())).filter(|from| chars[*from..from + kind.len()] == kind);
        starts.map(|from| from..from + kind.len()).collect::<Vec<_>>()
    };
    kinds.flat_map(found).collect()
}

/// A name that ends in kana short of its reading, with the one or two signs that it lacks: エネルギーサービ, read …エネルギーサービス.
pub fn completed(name: &str, reading: &str) -> Option<String> {
    const LONG: usize = 4;
    const MOST: usize = 2;
    let end = name.chars().rev().take_while(|c| lookalike::is_katakana(*c)).count();
    let run: Vec<char> = name.chars().skip(name.chars().count() - end).collect();
    let read: Vec<char> = reading.chars().filter(|c| lookalike::is_katakana(*c)).collect();
    if run.len() < LONG {
        return None;
    }
    let at = read.windows(run.len()).rposition(|part| part == run)?;
    let rest = read.get(at + run.len()..)?;
    (1..=MOST).contains(&rest.len()).then(|| name.chars().chain(rest.iter().copied()).collect())
}

/// How those kinds are written.
const WRITTEN: &[(&str, &str)] = &[
    ("カブシキガイシャ", "株式会社"),
    ("カブシキカイシャ", "株式会社"),
    ("ゴウドウガイシャ", "合同会社"),
    ("ゴウドウカイシャ", "合同会社"),
    ("ユウゲンガイシャ", "有限会社"),
];

/// A name whose kind of company was misread in one character, with the kind that its reading says: 合問会社雫石, read ゴウドウガイシャ….
pub fn of_its_kind(name: &str, reading: &str) -> Option<String> {
    let name: Vec<char> = name.chars().collect();
    let read: String = reading.chars().filter(|c| !c.is_whitespace()).collect();
    WRITTEN.iter().find_map(|(said, written)| {
        let kind: Vec<char> = written.chars().collect();
        let last = name.len().checked_sub(kind.len())?;
        let at = if read.starts_with(said) { 0 } else { read.ends_with(said).then_some(last)? };
        let (before, rest) = name.split_at(at);
        let (part, after) = rest.split_at(kind.len());
        let misread = part.iter().zip(&kind).filter(|(one, other)| one != other).count();
        (misread == 1).then(|| before.iter().chain(&kind).chain(after).collect())
    })
}

/// Whether a name is of another kind of company than its reading says.
pub fn is_of_another_kind(name: &str, reading: &str) -> bool {
    let read: String = reading.chars().filter(|c| !c.is_whitespace()).collect();
    let said: Vec<&str> =
        WRITTEN.iter().filter(|(said, _)| read.starts_with(said) || read.ends_with(said)).map(|(_, kind)| *kind).collect();
    let named = WRITTEN.iter().map(|(_, kind)| *kind).find(|kind| name.starts_with(kind) || name.ends_with(kind));
    !said.is_empty() && named.is_some_and(|named| !said.contains(&named))
}

/// Where dots are specks: at the ends of a name, and where the kind of a company meets the rest of it.
pub fn stray_dots(chars: &[char]) -> Vec<usize> {
    let text: Vec<char> = chars.iter().copied().map(bare).collect();
    let kinds: Vec<Vec<char>> = KINDS.iter().map(|kind| kind.chars().map(bare).collect()).collect();
    let meets = |n: usize| kinds.iter().any(|kind| text[..n].ends_with(kind) || text[n + 1..].starts_with(kind));
    let from = chars.iter().position(|c| *c != '・').unwrap_or(0);
    let to = chars.iter().rposition(|c| *c != '・').map_or(0, |last| last + 1);
    (0..chars.len()).filter(|n| chars[*n] == '・' && (*n < from || *n >= to || meets(*n))).collect()
}

/// A kana without its dots and without its size: ヂィ as チイ.
fn bare(c: char) -> char {
    unvoiced(lookalike::fold(c))
}

/// Whether two kana are told apart by their small marks alone: ハ, バ and パ.
pub fn differ_in_marks(one: char, other: char) -> bool {
    one != other && lookalike::is_kana(one) && unvoiced(one) == unvoiced(other)
}

/// A kana without its dots: ブ and プ as フ.
fn unvoiced(c: char) -> char {
    std::iter::once(c).nfd().next().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_kana_stands_where_its_syllable_allows_it() {
        let mended = |text: &str| {
            let mut chars: Vec<char> = text.chars().collect();
            mend_syllables(&mut chars);
            chars.into_iter().collect::<String>()
        };
        for (read, meant) in
            [("エナジーフアーム", "エナジーファーム"), ("シラカバダィア", "シラカバダイア"), ("ツナグャマガタ", "ツナグヤマガタ")]
        {
            assert_eq!(mended(read), meant);
        }
        for word in ["キャッシュ", "ソフィア", "ウェブ", "ティーズ", "シェア", "デュアル", "ヤマガタ", "フォレスト", "ファ", "フアグリ"]
        {
            assert_eq!(mended(word), word);
        }
    }

    #[test]
    fn words_of_trade_have_the_dots_that_belong_to_them() {
        let mended = |text: &str| {
            let mut chars: Vec<char> = text.chars().collect();
            let changed = mend_words(&mut chars);
            (chars.into_iter().collect::<String>(), changed)
        };
        assert_eq!(mended("需給管理グルーブ"), ("需給管理グループ".into(), true));
        assert_eq!(mended("ヒナタノエネルキーサーピス"), ("ヒナタノエネルギーサービス".into(), true));
        assert_eq!(mended("市場業務グループ"), ("市場業務グループ".into(), false));
        assert_eq!(mended("トウコウホールデイングス"), ("トウコウホールディングス".into(), true));
        assert_eq!(mended("カブシキガイシャバンダイデンリョク"), ("カブシキガイシャバンダイデンリョク".into(), false));
        for word in ["バルブ", "クリーンエネルギー", "ブラザーコウギョウ", "ハワードソーラー", "ゲンシリョク"]
        {
            assert_eq!(mended(word), (word.into(), false));
        }
    }

    #[test]
    fn a_name_cut_short_is_completed_by_its_reading() {
        let reading = "ゴウドウガイシャ ヒナタノエネルギーサービス";
        assert_eq!(completed("合同会社日向野エネルギーサービ", reading).as_deref(), Some("合同会社日向野エネルギーサービス"));
        assert_eq!(completed("合同会社日向野エネルギーサービス", reading), None);
        assert_eq!(completed("エネルギーサービス合同会社", "エネルギーサービスゴウドウガイシャ"), None);
        assert_eq!(completed("日向野エネル", "ヒナタノエネルギーサービス"), None, "too much is lacking");
    }

    #[test]
    fn a_kind_that_was_misread_in_one_character_is_told_by_the_reading() {
        let mended = |name: &str| of_its_kind(name, "ゴウドウガイシャ シズクイシ");
        assert_eq!(mended("合問会社雫石").as_deref(), Some("合同会社雫石"));
        assert_eq!(mended("合同会社雫石"), None);
        assert_eq!(mended("合問会杜雫石"), None, "two characters may be another word");
        assert_eq!(mended("株式会社雫石"), None, "a contradiction is left to be seen");
        assert_eq!(of_its_kind("雫石抹式会社", "シズクイシカブシキガイシャ").as_deref(), Some("雫石株式会社"));
        assert_eq!(of_its_kind("社", "ユウゲンガイシャ"), None);
        assert!(is_of_another_kind("株式会社雫石", "ゴウドウガイシャ シズクイシ"));
        assert!(!is_of_another_kind("合同会社雫石", "ゴウドウガイシャ シズクイシ") && !is_of_another_kind("株式会社雫石", "シズクイシ"));
    }

    #[test]
    fn the_kind_of_a_company_is_written_as_it_is_read() {
        let mended = |text: &str| {
            let mut chars: Vec<char> = text.chars().collect();
            mend_kinds(&mut chars);
            chars.into_iter().collect::<String>()
        };
        assert_eq!(mended("ヒナタ カプシキカイシヤ"), "ヒナタ カブシキガイシャ");
        assert_eq!(mended("コウドウガイシャヒナタ"), "ゴウドウガイシャヒナタ");
        assert_eq!(mended("カブシキカイシャ ヒナタ"), "カブシキカイシャ ヒナタ", "people read it both ways");
        assert_eq!(mended("ヒナタ"), "ヒナタ");
    }
}
