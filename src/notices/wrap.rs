//! Lines of a mail: at most 38 full-width characters, broken by the Japanese rules (禁則).
//!
//! Owns widths and breaks. Every line of the input is a paragraph; what it begins with is its hanging indent.

/// Columns of a line: 38 full-width characters.
pub const COLUMNS: usize = 76;

/// Never at the beginning of a line.
const NOT_FIRST: &str =
    "、。，．・：；？！ヽヾゝゞ々ー」』）】〕］｝〉》〟’”〜～…‥％%‰℃ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!)]}／/様";

/// Never at the end of a line.
const NOT_LAST: &str = "「『（【〔［｛〈《〝‘“([{￥第";

/// Half-width for ASCII and half-width kana, nothing for marks that combine, full width for the rest.
pub fn width(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36F}' | '\u{3099}' | '\u{309A}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => 0,
        ' '..='~' | '\u{FF61}'..='\u{FF9F}' => 1,
        _ => 2,
    }
}

pub fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// The whole text, trailing spaces and empty lines at the end dropped, at most one empty line in a row.
pub fn text(text: &str) -> String {
    let mut wrapped = String::new();
    let mut empty = 0;
    for paragraph in text.lines() {
        let paragraph = paragraph.trim_end();
        empty = if paragraph.is_empty() { empty + 1 } else { 0 };
        if empty < 2 && !(wrapped.is_empty() && paragraph.is_empty()) {
            for line in lines(paragraph) {
                wrapped.push_str(&line);
                wrapped.push('\n');
            }
        }
    }
    wrapped.truncate(wrapped.trim_end().len());
    wrapped.push('\n');
    wrapped
}

/// A paragraph as lines.
fn lines(paragraph: &str) -> Vec<String> {
    let hang = hanging_indent(paragraph);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for unit in units(paragraph) {
        let wide = columns(&unit);
        if used + wide > COLUMNS && used > hang {
            lines.push(line.trim_end().to_owned());
            line = " ".repeat(hang % 2) + &"　".repeat(hang / 2);
            used = hang;
            if unit.trim().is_empty() {
                continue;
            }
        }
        for c in unit.chars() {
            // A word longer than a line has no good place to break.
            if used + width(c) > COLUMNS {
                lines.push(std::mem::take(&mut line));
                line = " ".repeat(hang % 2) + &"　".repeat(hang / 2);
                used = hang;
            }
            line.push(c);
            used += width(c);
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// Columns before the words: leading spaces and the number or sign of an item.
fn hanging_indent(paragraph: &str) -> usize {
    let mark = |c: char| c.is_whitespace() || c.is_ascii_digit() || ('０'..='９').contains(&c) || "．・※■－（）".contains(c);
    let spaces: String = paragraph.chars().take_while(|c| c.is_whitespace()).collect();
    let lead: String = paragraph.chars().take_while(|c| mark(*c)).collect();
    let item = ["．", "・", "※", "■", "－", "）"].iter().filter_map(|sign| lead.find(sign).map(|at| &lead[..at + sign.len()])).next();
    let rest = paragraph.trim_start();
    let itemised = rest.starts_with(|c: char| ('０'..='９').contains(&c) || "・※■－（".contains(c));
    let indent = item.filter(|_| itemised).map_or_else(|| columns(&spaces), columns);
    if indent > COLUMNS / 3 { 0 } else { indent }
}

/// The pieces between which a line may be broken.
fn units(paragraph: &str) -> Vec<String> {
    let mut units: Vec<String> = Vec::new();
    let mut last: Option<char> = None;
    for c in paragraph.chars() {
        let joined =
            last.is_some_and(|last| NOT_FIRST.contains(c) || NOT_LAST.contains(last) || width(c) == 0 || is_word(last) && is_word(c));
        match units.last_mut() {
            // Units stay short even where every character clings to the next.
            Some(unit) if joined && columns(unit) < COLUMNS - 12 => unit.push(c),
            _ => units.push(c.to_string()),
        }
        last = Some(c);
    }
    units
}

/// Parts of a word, a number, a code or an address.
fn is_word(c: char) -> bool {
    ('!'..='~').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_longer_than_38_full_width_characters() {
        let long = "需給調整市場システムにご登録いただいたデータを確認いたしましたところ、下記の内容が確認できませんでした。".repeat(5);
        for line in text(&long).lines() {
            assert!(columns(line) <= COLUMNS, "{line}");
        }
        let address = format!("宛先は{}です", "a".repeat(200));
        assert!(text(&address).lines().all(|line| columns(line) <= COLUMNS));
    }

    #[test]
    fn no_line_begins_with_a_full_stop_or_ends_with_a_bracket() {
        for n in 30..45 {
            let words = "あ".repeat(n) + "。「い」、（う）" + &"え".repeat(n) + "ー";
            for line in text(&words).lines() {
                assert!(!NOT_FIRST.contains(line.chars().next().unwrap()), "{line}");
                assert!(!NOT_LAST.contains(line.chars().last().unwrap()), "{line}");
            }
        }
    }

    #[test]
    fn a_number_or_an_address_is_never_cut() {
        let words = "あ".repeat(35) + "TH-2026-0001を";
        assert_eq!(text(&words), "あ".repeat(35) + "\nTH-2026-0001を\n");
    }

    #[test]
    fn an_item_hangs_below_its_words() {
        let item = format!("　１．{}", "あ".repeat(50));
        let wrapped = text(&item);
        let second = wrapped.lines().nth(1).unwrap();
        assert!(second.starts_with("　　　あ"), "{wrapped}");
    }

    #[test]
    fn nothing_is_lost_by_wrapping() {
        let words = "東北例示送配電株式会社、2026年4月17日（金）までに、ご対応くださいますようお願い申し上げます。".repeat(4);
        assert_eq!(text(&words).replace('\n', ""), words);
    }
}
