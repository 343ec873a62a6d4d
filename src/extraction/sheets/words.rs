//! Words on sheets that are neither label nor value: notes, units, samples, totals.

use crate::domain::text;
use crate::domain::units;

const GUIDES: &[&str] = &[
    "記入要領",
    "記入例",
    "記載例",
    "記載要領",
    "入力例",
    "入力要領",
    "サンプル",
    "見本",
    "説明",
    "目次",
    "表紙",
    "改訂履歴",
    "変更履歴",
    "凡例",
    "選択肢",
    "プルダウン",
    "マスタ",
    "はじめに",
    "注意事項",
];
const NOTES: &[&str] = &[
    "必須",
    "任意",
    "必須項目",
    "任意項目",
    "条件付必須",
    "条件付き必須",
    "該当時必須",
    "記入不要",
    "入力不要",
    "自動",
    "自動計算",
    "自動採番",
    "半角",
    "全角",
    "半角数字",
    "半角英数",
    "半角英数字",
    "全角カナ",
    "半角カナ",
    "半角数値",
    "数値",
    "数字",
    "文字列",
    "日付",
    "選択",
    "リスト選択",
    "プルダウン",
];
/// Beside those of [`units`] that are more than a letter.
const UNITS: &[&str] = &["v", "%", "円", "分", "回", "枚", "桁", "min,kw"];
const NOTE_HEADINGS: &[&str] = &[
    "備考",
    "説明",
    "必須",
    "任意",
    "注記",
    "注意",
    "例",
    "形式",
    "桁",
    "単位",
    "補足",
    "コメント",
    "要領",
    "方法",
    "条件",
    "データ型",
    "チェック",
    "確認",
];
const VALUE_HEADINGS: &[&str] =
    &["登録値", "登録内容", "記入欄", "入力欄", "記入内容", "入力値", "入力内容", "内容", "設定値", "回答", "値"];
/// Longer texts are none of these words.
const LONGEST: usize = 12;
const TOTALS: &[&str] = &["合計", "計", "小計", "総計", "総合計", "合算", "平均"];
const BLANKS: &[&str] = &["-", "--", "ー", "―", "/", "該当なし", "空欄", "(空欄)", "ブランク", "n/a"];

/// A sheet that tells how to fill in the others.
pub fn is_guide(name: &str) -> bool {
    let key = text::label_key(name);
    GUIDES.iter().any(|word| key.contains(word))
}

/// A word beside a value that is none: 必須, a unit, a remark.
pub fn is_note(text: &str) -> bool {
    if is_number(text) {
        return false;
    }
    if text.chars().count() > LONGEST {
        return text.starts_with('※');
    }
    let key = text::label_key(text);
    let bracketed = text::compare_key(text).to_lowercase();
    let unit = bracketed.trim_matches(|c| matches!(c, '[' | ']' | '(' | ')' | '【' | '】'));
    NOTES.contains(&key.as_str())
        || UNITS.contains(&unit)
        || (unit.chars().nth(1).is_some() && units::is_unit(unit))
        || is_unit_note(text)
        || text.starts_with('※')
        || (key.is_empty() && !bracketed.is_empty() && !is_mark(text))
}

/// （単位：MW）: the unit of all that is below.
pub fn is_unit_note(text: &str) -> bool {
    if !text.contains("単位") {
        return false;
    }
    let key = text::compare_key(text);
    let key = key.trim_start_matches(['(', '[', '【', '※']);
    key.strip_prefix("単位").is_some_and(|rest| rest.starts_with([':', 'は', '(', '[', '/']) || units::is_unit(rest))
}

/// ○ and × are answers.
fn is_mark(text: &str) -> bool {
    matches!(text::tidy(text).as_str(), "○" | "×" | "●" | "〇" | "◯")
}

pub fn is_note_heading(text: &str) -> bool {
    let key = text::label_key(text);
    NOTE_HEADINGS.iter().any(|word| key.contains(word))
}

pub fn is_value_heading(text: &str) -> bool {
    let key = text::label_key(text);
    !is_note_heading(text) && VALUE_HEADINGS.iter().any(|word| key.contains(word))
}

/// 記入例, 例, (例): what marks a row or column as the template's own.
pub fn marks_sample(text: &str) -> bool {
    if text.chars().count() > LONGEST {
        return false;
    }
    let key = text::label_key(text);
    let key = key.trim_end_matches(|c: char| c.is_ascii_digit());
    matches!(key, "例" | "記入例" | "記載例" | "入力例" | "見本" | "サンプル" | "ex" | "sample")
}

/// A value that the template shows to be replaced: 例）…, 〇〇株式会社.
pub fn is_placeholder(text: &str) -> bool {
    let circle = |c: char| matches!(c, '〇' | '○' | '◯' | '●' | '△' | '□' | '×');
    is_example(text) || text.chars().zip(text.chars().skip(1)).any(|(one, next)| one == next && circle(one))
}

pub fn is_example(text: &str) -> bool {
    if !text.trim_start().starts_with(['例', '(', '（', '記', '【', '[', '［', 'e', 'E']) {
        return false;
    }
    let key = text::compare_key(text);
    ["例)", "(例)", "例:", "記入例", "記載例", "【例】", "[例]", "ex)", "Ex)"].iter().any(|sign| key.starts_with(sign))
}

pub fn is_total(text: &str) -> bool {
    TOTALS.contains(&text::label_key(text).as_str())
}

/// Digits and nothing else, as most cells of a long list have it.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A sign for "nothing here".
pub fn is_blank(text: &str) -> bool {
    !is_number(text) && text.chars().count() <= LONGEST && BLANKS.contains(&text::compare_key(text).to_lowercase().as_str())
}

/// A number that lost digits to Excel: an exponent, or more digits than a double holds with only zeros behind.
pub fn is_damaged(raw: &str) -> bool {
    let plain = text::compare_key(raw).to_uppercase();
    if let Some((mantissa, exponent)) = plain.split_once("E+") {
        return exponent.parse::<u32>().is_ok_and(|exponent| exponent >= 11)
            && !mantissa.is_empty()
            && mantissa.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    }
    let digits = plain.trim_start_matches('0');
    plain.len() >= 16
        && plain.bytes().all(|byte| byte.is_ascii_digit())
        && digits.len() > 15
        && digits.bytes().skip(15).all(|byte| byte == b'0')
        && digits.len() - digits.trim_end_matches('0').len() >= 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_numbers_are_told_from_whole_ones() {
        for raw in ["2.12346E+21", "２．１２Ｅ＋２１", "0212345678901230000000", "212345678901230000000", "2E+21"] {
            assert!(is_damaged(raw), "{raw}");
        }
        for raw in ["0212345678901234567890", "0200000000000000000012", "1000000", "E+21", "VEN-E+1", ""] {
            assert!(!is_damaged(raw), "{raw}");
        }
    }

    #[test]
    fn notes_are_no_values() {
        for note in ["必須", "（任意）", "[kW]", "円/kWh", "※7桁で記入", "半角数字", "千kW", "（単位：MW）", "単位：円/kWh"]
        {
            assert!(is_note(note), "{note}");
        }
        for value in ["要", "否", "○", "×", "1", "本店", "普通", "73MW", "千円銀行", "単位制高校"] {
            assert!(!is_note(value), "{value}");
        }
        assert!(is_placeholder("○○電力株式会社") && is_placeholder("例）普通") && !is_placeholder("○"));
    }
}
