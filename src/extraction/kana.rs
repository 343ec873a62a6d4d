//! How katakana are written: which syllables there are, and how the kinds of companies are read.
//!
//! Owns these repairs. Never tells katakana from kanji: [`lookalike`] does.

use crate::extraction::lookalike;
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

/// Where dots are specks: at the ends of a name, and where the kind of a company meets the rest of it.
pub fn stray_dots(chars: &[char]) -> Vec<usize> {
    let bare = |c: char| unvoiced(lookalike::fold(c));
    let text: Vec<char> = chars.iter().copied().map(bare).collect();
    let kinds: Vec<Vec<char>> = KINDS.iter().map(|kind| kind.chars().map(bare).collect()).collect();
    let meets = |n: usize| kinds.iter().any(|kind| text[..n].ends_with(kind) || text[n + 1..].starts_with(kind));
    let from = chars.iter().position(|c| *c != '・').unwrap_or(0);
    let to = chars.iter().rposition(|c| *c != '・').map_or(0, |last| last + 1);
    (0..chars.len()).filter(|n| chars[*n] == '・' && (*n < from || *n >= to || meets(*n))).collect()
}

/// A kana without its dots: ブ and プ as フ.
fn unvoiced(c: char) -> char {
    c.to_string().nfd().next().unwrap_or(c)
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
