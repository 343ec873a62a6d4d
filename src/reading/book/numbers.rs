//! How the format of a cell shows its number: as a percentage, with zeros before it, with words behind it.
//!
//! Owns the language of formats as far as it makes another number of what is kept. Colours, dates and rounding do not.

use crate::domain::reading::{Aside, CellValue};
use rust_decimal::Decimal;

/// A number as its format shows it: as text where that has digits that the number has not (`0000000`, `000-0000`) or is a percentage.
pub fn shown(number: f64, format: Option<&str>) -> (CellValue, Aside) {
    let plain = shortest(number);
    let format = match format {
        None | Some("" | "@" | "General") => return (CellValue::Number(plain), Aside::default()),
        Some(format) => Format::of(format),
    };
    let exact = plain.parse::<Decimal>().ok();
    if format.percent
        && let Some(percent) = exact.and_then(|ratio| ratio.checked_mul(Decimal::ONE_HUNDRED))
    {
        return (CellValue::Text(format!("{}%", percent.normalize())), Aside::default());
    }
    if let Some(text) = zeros(&plain, &format.mask) {
        return (CellValue::Text(text), Aside::default());
    }
    let scale = (0..format.thousands).try_fold(Decimal::ONE, |scale, _| scale.checked_mul(Decimal::ONE_THOUSAND));
    let scaled = exact.zip(scale).and_then(|(number, scale)| number.checked_div(scale));
    match scaled {
        _ if format.thousands == 0 => (CellValue::Number(plain), Aside { unit: format.behind, doubtful: false }),
        Some(scaled) if !format.behind.is_empty() => {
            (CellValue::Number(scaled.normalize().to_string()), Aside { unit: format.behind, doubtful: false })
        }
        // 400 is seen where 400000 is kept, and nothing says so.
        _ => (CellValue::Number(plain), Aside { unit: String::new(), doubtful: true }),
    }
}

/// What the first section of a format does, which is that for numbers from zero on.
#[derive(Default)]
struct Format {
    percent: bool,
    /// How often the number is divided by a thousand: commas behind its last digit.
    thousands: u32,
    /// The words behind the number.
    behind: String,
    /// The section without quotes.
    mask: String,
}

impl Format {
    fn of(format: &str) -> Format {
        let mut found = Format::default();
        let mut begun = false;
        let format = format.replace("General", "0");
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            match c {
                ';' => break,
                // Room as wide as a sign, or a sign that fills the cell.
                '_' | '*' => drop(chars.next()),
                '[' => found.symbol(&chars.by_ref().take_while(|c| *c != ']').collect::<String>(), begun),
                '"' => found.words(&chars.by_ref().take_while(|c| *c != '"').collect::<String>(), begun),
                '\\' => found.words(&chars.next().map(String::from).unwrap_or_default(), begun),
                '%' => found.percent = true,
                '0' | '#' | '?' => {
                    begun = true;
                    found.thousands = 0;
                    found.behind.clear();
                    found.mask.push(c);
                }
                ',' if begun && found.behind.is_empty() => {
                    found.thousands += 1;
                    found.mask.push(c);
                }
                '.' | '@' => found.mask.push(c),
                other => found.words(&other.to_string(), begun),
            }
        }
        found.behind = found.behind.trim().to_owned();
        found
    }

    fn words(&mut self, words: &str, begun: bool) {
        self.mask.push_str(words);
        if begun {
            self.behind.push_str(words);
        }
    }

    /// `[$円-411]` is a sign, `[Red]` and `[<1]` are not.
    fn symbol(&mut self, inner: &str, begun: bool) {
        if let Some(sign) = inner.strip_prefix('$') {
            self.words(sign.split('-').next().unwrap_or(""), begun);
        }
    }
}

/// The digits with the leading zeros and dashes of a format made of nothing else.
fn zeros(plain: &str, mask: &str) -> Option<String> {
    let places = mask.chars().filter(|c| *c == '0').count();
    let fits = places >= 2 && mask.chars().all(|c| matches!(c, '0' | '-' | '@')) && plain.bytes().all(|byte| byte.is_ascii_digit());
    if !fits || plain.len() > places {
        return None;
    }
    let mut digits = std::iter::repeat_n('0', places - plain.len()).chain(plain.chars());
    Some(mask.chars().filter(|c| *c != '@').map(|c| if c == '0' { digits.next().unwrap_or('0') } else { c }).collect())
}

/// The shortest decimal that gives back the double; beyond what a double holds exactly, with an exponent as Excel shows it.
pub fn shortest(number: f64) -> String {
    if number.abs() >= 1e16 {
        let text = format!("{number:E}");
        return if text.contains("E-") { text } else { text.replace('E', "E+") };
    }
    format!("{}", if number == 0.0 { 0.0 } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(number: f64, format: &str) -> String {
        let (value, aside) = shown(number, Some(format));
        let doubt = if aside.doubtful { "?" } else { "" };
        match value {
            CellValue::Number(number) => format!("{number}|{}{doubt}", aside.unit),
            CellValue::Text(text) => format!("'{text}{}{doubt}", aside.unit),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn words_behind_a_number_are_told() {
        for (number, format, wanted) in [
            (73.0, r#"0"MW""#, "73|MW"),
            (72.9, r##"#,##0.0" MW""##, "72.9|MW"),
            (40.0, r##"#,##0"万円";[Red]-#,##0"万円""##, "40|万円"),
            (400_000.0, r##"#,##0,"千円""##, "400|千円"),
            (400_000.0, "#,##0,", "400000|?"),
            (9.66, r#"0.00\円"#, "9.66|円"),
            (400_000.0, "#,##0[$円-411]", "400000|円"),
            (4.5, r#"0.0"%""#, "4.5|%"),
            (73.0, r#"General"MW""#, "73|MW"),
        ] {
            assert_eq!(seen(number, format), wanted, "{format}");
        }
    }

    #[test]
    fn percentages_are_told_whatever_stands_behind_them() {
        for format in ["0.0%", "0.0%_ ", "0.0%_);(0.0%)", "[<1]0.0%;0.0%", "0.0%* ", r"0.0%\ "] {
            assert_eq!(seen(0.045, format), "'4.5%", "{format}");
        }
    }

    #[test]
    fn usual_formats_leave_a_number_as_it_is() {
        for format in [
            "General",
            "0",
            "0.00",
            "#,##0",
            "#,##0_ ;[Red]\\-#,##0\\ ",
            "0.00_);[Red]\\(0.00\\)",
            "_ * #,##0_ ;_ * \\-#,##0_ ;_ * \"-\"_ ;_ @_ ",
            "\"¥\"#,##0;\"¥\"\\-#,##0",
            "[$¥-411]#,##0",
            "@",
        ] {
            assert_eq!(seen(12.5, format), "12.5|", "{format}");
        }
        assert_eq!(seen(12_345.0, "0000000"), "'0012345");
        assert_eq!(seen(9_800_001.0, r"000\-0000"), "'980-0001");
    }
}
