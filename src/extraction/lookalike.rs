//! Signs that scanners and eyes confuse.
//!
//! Owns the classes of look-alikes and how the neighbours tell them apart. Never looks at a page.

use crate::domain::text;

pub const EMPTY: char = '□';
pub const TICKED: char = '☑';

/// A printed check box, empty or ticked.
pub fn is_box(c: char) -> bool {
    is_tick(c) || matches!(c, '□' | '☐' | '◻' | '▢' | '❏' | '❑' | '⬜')
}

/// A box with a mark, or the mark alone.
pub fn is_tick(c: char) -> bool {
    matches!(c, '☑' | '☒' | '■' | '✓' | '✔' | '✅' | '◼' | '⬛' | '🗹' | '🗸')
}

/// As wide as high in every Japanese font.
pub fn is_wide(c: char) -> bool {
    is_kanji(c) || is_kana(c)
}

pub fn is_kanji(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{2FFFF}' | '々')
}

pub fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | 'ー')
}

pub fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30A1}'..='\u{30FA}' | 'ー')
}

/// Katakana and the kanji or sign that looks like it.
const TWINS: &[(char, char)] = &[
    ('カ', '力'),
    ('ニ', '二'),
    ('ロ', '口'),
    ('エ', '工'),
    ('タ', '夕'),
    ('ト', '卜'),
    ('ハ', '八'),
    ('オ', '才'),
    ('チ', '千'),
    ('ミ', '三'),
    ('ヒ', '匕'),
    ('セ', '七'),
    ('ー', '一'),
    ('ア', '了'),
];

/// The numbers among the kanji that look like katakana: nothing else stands behind 第.
const NUMBERS: &str = "二八三千七";

/// Those kanji that open a word before another kanji more often than their katakana does: 八千代, 夕凪, 二本松.
const OPENING: &str = "力二口工夕八三千七";

/// Those katakana whose kanji end names: 電力, 商工, 山口, 健二, 健三.
const ENDING: &str = "カエロニミ";

/// Whether a sign may be the other of its pair. 了 is read for ア and never the other way round.
fn is_ambiguous(c: char) -> bool {
    c != 'ア' && TWINS.iter().any(|(kana, kanji)| c == *kana || c == *kanji)
}

/// What stands behind a kana alone, never behind a kanji; ッ does not belong here: 八ッ場.
const BEHIND_KANA: &str = "ンァィゥェォャュョ";

/// One sign for all that look alike, so that two readings of one word become equal.
pub fn fold(c: char) -> char {
    if let Some((kana, _)) = TWINS.iter().find(|(_, other)| *other == c) {
        return *kana;
    }
    match c {
        'へ' => 'ヘ',
        'べ' => 'ベ',
        'ぺ' => 'ペ',
        '-' | '‐' | '―' | '−' | '—' | '–' | '─' | '~' => 'ー',
        'O' | 'o' | '○' | '〇' | '◯' => '0',
        'l' | 'I' | '|' | 'i' => '1',
        'ッ' => 'ツ',
        'ャ' => 'ヤ',
        'ュ' => 'ユ',
        'ョ' => 'ヨ',
        'ィ' => 'イ',
        other => other,
    }
}

/// The characters that a sign contributes to a label or an option: folded, without punctuation.
pub fn key(c: char) -> impl Iterator<Item = char> {
    // Kana and kanji are their own keys, and letters in lower case: most of a page.
    let own = match c {
        'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | '々' | '一'..='鿿' | '0'..='9' | 'a'..='z' => Some(c),
        'A'..='Z' => Some(c.to_ascii_lowercase()),
        _ => None,
    };
    let other: Vec<char> = if own.is_none() { text::label_key(&c.to_string()).chars().collect() } else { Vec::new() };
    own.into_iter().chain(other).map(fold)
}

/// The same for a word of the catalogue.
pub fn word_key(word: &str) -> Vec<char> {
    text::word_key(word).chars().map(fold).collect()
}

/// Text as labels and options are compared here: [`text::label_key`] with look-alikes folded.
pub fn text_key(text: &str) -> Vec<char> {
    text::label_key(text).chars().map(fold).collect()
}

/// A digit that a sign must be where nothing but digits can stand.
pub fn as_digit(c: char) -> Option<char> {
    let plain = text::tidy(&c.to_string());
    let c = plain.chars().next()?;
    Some(match c {
        '0'..='9' => c,
        'O' | 'o' | 'D' | 'Q' | '〇' | '○' | '◯' | '。' => '0',
        'l' | 'I' | '|' | 'i' | '!' | ']' | '[' | '丨' => '1',
        'Z' | 'z' => '2',
        'S' | 's' => '5',
        'b' => '6',
        'B' => '8',
        'g' | 'q' => '9',
        _ => return None,
    })
}

/// The katakana that a sign must be where nothing but katakana can stand.
pub fn as_katakana(c: char) -> Option<char> {
    if is_katakana(c) || matches!(c, '・' | '゛' | '゜') {
        return Some(c);
    }
    if let Some((kana, _)) = TWINS.iter().find(|(_, other)| *other == c) {
        return Some(*kana);
    }
    match c {
        'へ' => Some('ヘ'),
        'べ' => Some('ベ'),
        'ぺ' => Some('ペ'),
        'り' => Some('リ'),
        '-' | '‐' | '―' | '−' | '—' | '–' | '－' | '─' | '｜' | '|' => Some('ー'),
        '･' | '·' => Some('・'),
        '\u{FF66}'..='\u{FF9D}' => text::tidy(&c.to_string()).chars().next(),
        _ => None,
    }
}

/// Look-alikes told apart by their neighbours: 力 between katakana is カ, ニ between kanji is 二.
pub fn mend(chars: &mut [char]) {
    let original: Vec<char> = chars.to_vec();
    for (n, slot) in chars.iter_mut().enumerate() {
        let c = original.get(n).copied().unwrap_or(*slot);
        let neighbours = |sure: fn(char) -> bool| {
            let left = original.iter().take(n).rev().find(|c| !is_ambiguous(**c)).filter(|c| sure(**c));
            let right = original.iter().skip(n + 1).find(|c| !is_ambiguous(**c)).filter(|c| sure(**c));
            (left.is_some(), right.is_some())
        };
        let kana = neighbours(is_katakana);
        let kanji = neighbours(is_kanji);
        let previous = n.checked_sub(1).and_then(|n| original.get(n)).copied();
        let next = original.get(n + 1).copied();
        let begun = original.get(..n).is_some_and(ends_address);
        if matches!(c, 'ー' | '一' | '―' | '—' | '-' | '－' | '−') {
            let digits = |c: Option<char>| c.is_some_and(|c| c.is_numeric());
            // センタ一 第二係: a number does not end a word of kana with another number behind it.
            let ends = |next: char| is_katakana(next) || next.is_whitespace() || next == '第';
            // ニッセイ一番町: behind a long vowel no word begins with a counter.
            let counted = next.is_some_and(|c| "番丁階条号".contains(c));
            if counted && !digits(previous) {
                *slot = '一';
            } else if previous.is_some_and(is_katakana) && (c != '一' || next.is_none_or(ends))
                // 番地力一サ白石: the word behind a house number is kana from its first sign on.
                || n > 1 && original.get(..n - 1).is_some_and(ends_address) && previous.is_some_and(is_ambiguous) && next.is_some_and(clear_kana)
            {
                *slot = 'ー';
            } else if digits(previous) && digits(next) && c != '一' {
                *slot = '-';
            } else if c == 'ー' && next.is_some_and(is_kanji) && !previous.is_some_and(is_kana) {
                *slot = '一';
            }
            continue;
        }
        // 第二ロイヤル棟: a count ends before a word begins.
        let counted = original.get(..n).is_some_and(ends_with_count) && next.is_some_and(is_katakana);
        let opens = n == 0 && next.is_some_and(is_kanji) && !next.is_some_and(|c| "号棟".contains(c));
        let numbers = previous == Some('第') && TWINS.iter().any(|(kana, kanji)| *kana == c && NUMBERS.contains(*kanji));
        if let Some((to, _)) = TWINS.iter().find(|(_, other)| *other == c) {
            if counts(&original[n..]) && original.get(n + 2).copied().is_some_and(is_kanji) {
                continue;
            }
            let kana_follows = next.is_some_and(|next| BEHIND_KANA.contains(next)) || c == '口' && next.is_some_and(|c| "号棟".contains(c));
            // 了 ends a word of kanji alone: 完了, 終了.
            let begins = c == '了' && next.is_some_and(is_katakana) && !previous.is_some_and(|c| "完終修満".contains(c));
            let house = begun && kana.1 && (next.is_some_and(clear_kana) || matches!(next, Some('ー' | '一')));
            if kana_follows || counted && c != '一' || begins || house || (kana.0 || kana.1) && !kanji.0 && !kanji.1 {
                *slot = *to;
            }
        } else if let Some((_, to)) = TWINS.iter().find(|(kana, _)| *kana == c)
            // イ号棟, ロ号棟: houses are counted in kana.
            && !(c == 'ロ' && next.is_some_and(|c| "号棟".contains(c)))
            && (numbers || kanji.1 && !kana.1 && (kanji.0 && !kana.0 && c != 'ア' || opens && OPENING.contains(*to)))
        {
            *slot = *to;
        } else if let Some((_, to)) = TWINS.iter().find(|(kana, _)| *kana == c && ENDING.contains(*kana))
            && next.is_none()
            && previous.is_some_and(|c| is_kanji(c) && !is_ambiguous(c))
        {
            // キャピタル水カ: no word is one kana long.
            *slot = *to;
        } else if c == 'へ' && kana.1 && (kana.0 || n == 0 || original[..n].ends_with(&['会', '社'])) {
            *slot = 'ヘ';
        }
    }
}

/// Katakana that no kanji looks like.
fn clear_kana(c: char) -> bool {
    is_katakana(c) && !is_ambiguous(c)
}

/// The number of a house, behind which a building's name begins: 585番地, 9番2号.
fn ends_address(chars: &[char]) -> bool {
    match chars {
        [.., number, '番', '地'] | [.., number, '号' | '番'] => number.is_ascii_digit(),
        _ => false,
    }
}

/// 第二, 第2.
fn ends_with_count(chars: &[char]) -> bool {
    matches!(chars, [.., '第', number] if number.is_numeric() || NUMBERS.contains(*number) || "一ニハミチセ四五六九十".contains(*number))
}

/// Kanji of numbers that names write before a kana: 二ツ森, 三ノ輪, 八ヶ岳.
fn counts(chars: &[char]) -> bool {
    matches!(chars, [number, kana, ..] if "ニ二ミ三ハ八チ千ー一".contains(*number) && "ツッノヶケガヵ".contains(*kana))
}

/// A person's name mixes katakana with kanji only where it counts: a part with katakana is katakana throughout (工藤エリ).
pub fn mend_person(chars: &mut [char]) {
    let like_kana = |c: char| is_katakana(c) || TWINS.iter().any(|(_, kanji)| c == *kanji);
    let clear = |c: &char| is_katakana(*c) && !is_ambiguous(*c);
    for run in chars.chunk_by_mut(|one, next| like_kana(*one) == like_kana(*next)) {
        if run.iter().any(clear) && run.iter().all(|c| like_kana(*c)) && !counts(run) {
            run.iter_mut().for_each(|c| *c = as_katakana(*c).unwrap_or(*c));
        }
    }
}

/// Whether katakana stands right behind a kanji or before one, but for the kana of names such as 樫ノ木, 三ツ井, 八ヶ代.
pub fn mixes_scripts(word: &str) -> bool {
    let chars: Vec<char> = word.chars().collect();
    let kana = |c: char| is_katakana(c) && !"ノツッケヶガヵ".contains(c);
    chars.windows(2).any(|pair| kana(pair[0]) && is_kanji(pair[1]) || is_kanji(pair[0]) && kana(pair[1]))
}

/// A kanji of another country's lists for the one that Japanese print has in its place.
pub fn at_home(c: char) -> char {
    match c {
        '扣' => '担',
        '增' => '増',
        '橫' => '横',
        '敎' => '教',
        '淸' => '清',
        '靑' => '青',
        '緖' => '緒',
        '閒' => '間',
        '鄕' => '郷',
        '悅' => '悦',
        other => other,
    }
}

/// What the mark before a postal code is taken for.
pub fn is_postal_mark(c: char) -> bool {
    matches!(c, '〒' | '〶' | '干' | 'テ' | 'T' | '丁' | '亍')
}

/// Whether a look-alike stands between both scripts, so that nothing beside it tells which it is: カナ夕地熱, 第二口イヤル.
pub fn wavers(chars: &[char]) -> bool {
    let ambiguous = |c: &char| is_ambiguous(*c) && !matches!(c, 'ー' | '一');
    // ン, ー and small kana stand behind kana alone: チーム.
    let kana_alone = |c: char| matches!(c, 'ー' | 'ッ') || BEHIND_KANA.contains(c);
    let sure = |n: usize| chars.get(n + 1).is_some_and(|next| kana_alone(*next)) && is_katakana(chars[n]);
    // Behind 第 stands a number, and behind that a word begins.
    let counted = |n: usize| n > 0 && chars[n - 1] == '第' || is_katakana(chars[n]) && ends_with_count(&chars[..n]);
    (0..chars.len()).filter(|n| ambiguous(&chars[*n]) && !sure(*n) && !counted(*n)).any(|n| {
        let left = chars.iter().take(n).rev().find(|c| !ambiguous(c));
        let right = chars.iter().skip(n + 1).find(|c| !ambiguous(c));
        let is = |sure: fn(char) -> bool, c: Option<&char>| c.is_some_and(|c| sure(*c));
        is(is_katakana, left) && is(is_kanji, right) || is(is_kanji, left) && is(is_katakana, right)
    })
}

/// A name with its look-alikes as its reading in kana has them; `None` where the reading says nothing new.
pub fn by_reading(name: &str, kana: &str) -> Option<String> {
    let reading: Vec<char> = text::tidy(kana).chars().filter_map(as_katakana).map(fold).collect();
    let mut chars: Vec<char> = name.chars().collect();
    let as_kana = |c: &char| is_katakana(*c) || TWINS.iter().any(|(_, kanji)| c == kanji);
    let mut from = 0;
    while from < chars.len() {
        let run: Vec<char> = chars.iter().skip(from).take_while(|c| as_kana(c)).copied().collect();
        let to = from + run.len().max(1);
        if run.len() >= 2 && run.iter().any(|c| is_katakana(*c)) {
            let kana: Vec<char> = run.iter().filter_map(|c| as_katakana(*c)).collect();
            let folded: Vec<char> = kana.iter().map(|c| fold(*c)).collect();
            let read = |part: &[char]| reading.windows(part.len().max(1)).any(|window| window == part);
            let number = kana.first().and_then(|first| TWINS.iter().find(|(twin, _)| twin == first));
            if read(&folded) {
                chars.splice(from..to, kana);
            } else if let Some((_, kanji)) = number.filter(|_| counts(&run) && read(&folded[1..])) {
                // 二ツ森 is read フタツモリ: its first sign is no kana.
                chars.splice(from..from + 1, [*kanji]);
            }
        }
        from = to;
    }
    let read: String = chars.into_iter().collect();
    (read != name).then_some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        mend(&mut chars);
        chars.into_iter().collect()
    }

    #[test]
    fn neighbours_tell_look_alikes_apart() {
        for (read, meant) in [
            ("第二口イヤル棟", "第二ロイヤル棟"),
            ("長町2-1第ニロイヤル棟", "長町2-1第二ロイヤル棟"),
            ("カメイ第2力メイビル", "カメイ第2カメイビル"),
            ("山口エネルギー", "山口エネルギー"),
            ("ハ千代川発電", "八千代川発電"),
            ("ハチ電力", "ハチ電力"),
            ("ミエ電力", "ミエ電力"),
            ("ロ号棟", "ロ号棟"),
            ("青嶺了グリゲート", "青嶺アグリゲート"),
            ("完了フラグ", "完了フラグ"),
            ("エネルギ一サ一ビス", "エネルギーサービス"),
            ("東北電カ株式会社", "東北電力株式会社"),
            ("キャピタル水カ", "キャピタル水力"),
            ("ニッセイー番町ビル", "ニッセイ一番町ビル"),
            ("番地口号棟102", "番地ロ号棟102"),
            ("センター第二係", "センター第二係"),
            ("合同会社へリオス", "合同会社ヘリオス"),
            ("本社へメールで", "本社へメールで"),
            ("ソ一ラ一パワ一", "ソーラーパワー"),
            ("アグリゲ一ション", "アグリゲーション"),
            ("大通西一丁目", "大通西一丁目"),
            ("大通西ー丁目", "大通西一丁目"),
            ("需給管理グル一プ", "需給管理グループ"),
            ("試田 一郎", "試田 一郎"),
            ("電力事業部", "電力事業部"),
            ("力ワサキ", "カワサキ"),
            ("需給七ンタ一 第二係", "需給センター 第二係"),
            ("需給センタ一第二係", "需給センター第二係"),
            ("七十七銀行", "七十七銀行"),
            ("南長野585番地力一サ白石305号", "南長野585番地カーサ白石305号"),
            ("3丁目6番20号二ッセイ一番町ビル", "3丁目6番20号ニッセイ一番町ビル"),
            ("2番7号三ツ木ビル", "2番7号三ツ木ビル"),
            ("2番7号八重洲口ビル", "2番7号八重洲口ビル"),
            ("八ッ場ビル一階", "八ッ場ビル一階"),
        ] {
            assert_eq!(mended(read), meant);
        }
    }

    #[test]
    fn a_person_is_written_in_one_script_a_part() {
        for (read, meant) in [
            ("工藤工リ", "工藤エリ"),
            ("小野寺力", "小野寺力"),
            ("二ツ森誠", "二ツ森誠"),
            ("力ズオ", "カズオ"),
            ("大工原一平", "大工原一平"),
        ] {
            let mut chars: Vec<char> = read.chars().collect();
            mend_person(&mut chars);
            assert_eq!(chars.iter().collect::<String>(), meant);
        }
    }

    #[test]
    fn a_name_of_two_scripts_without_a_gap_is_told() {
        assert!(mixes_scripts("山ドエリ") && mixes_scripts("工藤エリ") && mixes_scripts("エリ子"));
        assert!(!mixes_scripts("樫ノ木") && !mixes_scripts("二ツ森") && !mixes_scripts("エリ") && !mixes_scripts("山下"));
    }

    #[test]
    fn a_reading_tells_a_number_from_a_kana() {
        assert_eq!(by_reading("株式会社ニツ森発電", "カブシキガイシャ フタツモリハツデン").as_deref(), Some("株式会社二ツ森発電"));
        assert_eq!(by_reading("北国ハワー", "キタグニパワー"), None);
    }

    #[test]
    fn a_word_and_its_misreading_have_one_key() {
        for c in ('\0'..='\u{ffff}').filter(|c| !c.is_control()) {
            assert_eq!(key(c).collect::<Vec<char>>(), text_key(&c.to_string()), "{c}");
        }
        assert_eq!(text_key("MMSコード"), text_key("ＭＭＳコ一ド"));
        assert_eq!(text_key("ｸﾗｲｱﾝﾄ証明書の発行"), text_key("クライアント証明書の発行"));
        assert_ne!(text_key("契約締結日"), text_key("契約締結状況"));
    }
}
