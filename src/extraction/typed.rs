//! From the words on the paper to a typed value.
//!
//! Owns the formats of values. Never looks for a value, never judges it: what does not fit stays text.

use crate::domain::date::{self, Stamp, Written};
use crate::domain::document::{CodeWord, FieldSpec, FieldType};
use crate::domain::text;
use crate::domain::units::{self, Factor};
use crate::domain::value::Value;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Code lists shared by several documents, by name.
pub type Lists = BTreeMap<String, Vec<CodeWord>>;

/// The codes that a field may hold: its own, or those of the shared list it names.
pub fn codes<'a>(spec: &'a FieldSpec, lists: &'a Lists) -> &'a [CodeWord] {
    match &spec.list {
        Some(name) => lists.get(name).map_or(&[], Vec::as_slice),
        None => &spec.codes,
    }
}

/// The value in its normal form; `None` where nothing is written.
pub fn value(spec: &FieldSpec, lists: &Lists, raw: &str) -> Option<Value> {
    let tidy = text::tidy(raw);
    if tidy.is_empty() {
        return None;
    }
    let typed = match spec.kind {
        FieldType::String | FieldType::Kana | FieldType::Attachment => None,
        FieldType::Email => Some(Value::Text(tidy.chars().filter(|c| !c.is_whitespace()).collect())),
        FieldType::Phone => Some(Value::Text(dashed(&tidy))),
        FieldType::Code => Some(Value::Code(code(spec, &tidy))),
        FieldType::Integer => integer(&tidy, spec.unit.as_deref()),
        FieldType::Decimal => measured(&tidy, spec.unit.as_deref()).map(|number| Value::Decimal(scaled(number, spec.decimals))),
        FieldType::Date => {
            match date::read(without_weekday(&tidy)).or_else(|| Stamp::read(without_weekday(&tidy)).map(|stamp| Written::Day(stamp.date))) {
                Some(Written::Day(day)) => Some(Value::Date(day)),
                Some(Written::NoSuchDay(text)) => Some(Value::Text(text)),
                None => None,
            }
        }
        FieldType::Datetime => Stamp::read(&tidy).map(Value::Stamp),
        FieldType::Enum => one_of(codes(spec, lists), &tidy).or_else(|| held_by(codes(spec, lists), &tidy)).map(Value::Code),
        FieldType::EnumList => some_of(codes(spec, lists), &tidy).map(Value::Codes),
        FieldType::Bool => one_of(codes(spec, lists), &tidy).map(|code| Value::Flag(code == "1")),
        FieldType::Table => Some(Value::Text(tidy.chars().filter(|c| !c.is_whitespace()).collect())),
        FieldType::List | FieldType::AttachmentList => {
            Some(Value::Names(raw.split(['\n', '\r', '、', ';']).map(text::tidy).filter(|name| !name.is_empty()).collect()))
        }
    };
    Some(typed.unwrap_or(Value::Text(tidy)))
}

/// Whether a value has the type that its field asks for.
pub fn fits(spec: &FieldSpec, value: &Value) -> bool {
    match spec.kind {
        FieldType::Integer => matches!(value, Value::Integer(_)),
        FieldType::Decimal => matches!(value, Value::Decimal(_) | Value::Integer(_)),
        FieldType::Date => matches!(value, Value::Date(_)),
        FieldType::Datetime => matches!(value, Value::Stamp(_)),
        FieldType::Enum => matches!(value, Value::Code(_)),
        FieldType::EnumList => matches!(value, Value::Codes(_)),
        FieldType::Bool => matches!(value, Value::Flag(_)),
        _ => true,
    }
}

/// Whether a value of the field can hold such a character: neither a number nor a mail address has kanji or kana in it.
pub fn may_hold(spec: &FieldSpec, c: char) -> bool {
    use FieldType::{Code, Decimal, Email, Integer, Phone};
    let latin = matches!(spec.kind, Code | Decimal | Email | Integer | Phone);
    !latin || text::tidy(&c.to_string()).is_ascii()
}

/// A telephone number with dashes alone: 022(939)8230 and (022)939-8230 are 022-939-8230.
pub fn phone_with_dashes(written: &str) -> String {
    written.trim_start_matches('(').replace(['(', ')'], "-")
}

/// `2026年5月1日(金)` names its day twice.
fn without_weekday(tidy: &str) -> &str {
    let cut = tidy.strip_suffix(')').and_then(|rest| rest.rfind('(').map(|at| (&rest[..at], &rest[at + 1..])));
    match cut {
        Some((date, day)) if ["月", "火", "水", "木", "金", "土", "日"].contains(&day.trim_end_matches("曜日").trim_end_matches("曜")) => {
            date
        }
        _ => tidy,
    }
}

/// One sign for every dash between digits; no spaces.
fn dashed(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if matches!(c, '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | 'ー' | '一') { '-' } else { c })
        .collect()
}

fn code(spec: &FieldSpec, tidy: &str) -> String {
    let plain: String = dashed(tidy).to_uppercase();
    let digits_only = spec.pattern.as_deref().is_some_and(|pattern| !pattern.contains("A-Z") && !pattern.contains('T'));
    if digits_only {
        let digits: String = plain.trim_start_matches('〒').chars().filter(|c| *c != '-').collect();
        // A postal code keeps the dash that people expect to see.
        if spec.pattern.as_deref().is_some_and(|pattern| pattern.contains("-?")) && digits.len() == 7 && digits.is_ascii() {
            return format!("{}-{}", &digits[..3], &digits[3..]);
        }
        return digits;
    }
    plain
}

/// A whole number in the field's unit.
fn integer(tidy: &str, unit: Option<&str>) -> Option<Value> {
    let number = measured(tidy, unit).filter(|number| number.fract().is_zero())?;
    i64::try_from(number.trunc()).ok().map(Value::Integer)
}

/// A number in the field's unit; `None` where another one stands behind it that cannot be converted, or a sign.
fn measured(tidy: &str, unit: Option<&str>) -> Option<Decimal> {
    let (number, rest) = split(tidy)?;
    if rest.is_empty() {
        return Some(number);
    }
    let factor = match unit {
        Some(unit) if units::is_unit(unit) => units::behind(&rest, unit)?,
        // Whatever is counted: 枚, 通, 名, or what a scan makes of them.
        Some(_) => Some(Factor::ONE).filter(|_| !units::multiplies(&rest))?,
        None => Some(Factor::ONE).filter(|_| !units::multiplies(&rest) && !rest.contains('-'))?,
    };
    factor.of(number)
}

/// The number at the beginning, without separators; what follows must be a unit, not more digits.
pub fn decimal(tidy: &str) -> Option<Decimal> {
    split(tidy).map(|(number, _)| number)
}

/// The number at the beginning and what stands behind it.
fn split(tidy: &str) -> Option<(Decimal, String)> {
    let plain: String = tidy
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '，' | '¥' | '￥'))
        .map(|c| if matches!(c, '−' | '－' | '▲' | '△') { '-' } else { c })
        .collect();
    let end =
        plain.char_indices().find(|(n, c)| !(c.is_ascii_digit() || *c == '.' || (*n == 0 && *c == '-'))).map_or(plain.len(), |(n, _)| n);
    let (number, rest) = plain.split_at(end);
    if rest.chars().any(|c| c.is_ascii_digit()) || rest.chars().count() > 8 {
        return None;
    }
    Some((number.parse().ok()?, rest.to_owned()))
}

/// Written with the field's number of decimals, never rounded: more decimals stay as they are.
fn scaled(number: Decimal, decimals: Option<u32>) -> Decimal {
    let mut number = number.normalize();
    if let Some(decimals) = decimals
        && number.scale() < decimals
    {
        number.rescale(decimals);
    }
    number
}

/// The code that the words name: a code itself, a word, or a word that holds all of what is written.
pub fn one_of(codes: &[CodeWord], written: &str) -> Option<String> {
    let key = one_sign(&text::compare_key(written));
    let bare = key.trim_start_matches('0');
    codes
        .iter()
        .find(|entry| key == entry.code || entry.words.iter().any(|word| text::has_key(word, &key)))
        // LEVEL, SetPoint: Latin words come in any case.
        .or_else(|| codes.iter().find(|entry| entry.words.iter().any(|word| word.is_ascii() && word.eq_ignore_ascii_case(&key))))
        .or_else(|| codes.iter().find(|entry| !bare.is_empty() && entry.code.trim_start_matches('0') == bare))
        .or_else(|| {
            // `1:普通`, `1 普通`, `2=当座`: a code with its word.
            codes.iter().find(|entry| {
                key.strip_prefix(entry.code.as_str()).is_some_and(|rest| {
                    let word = rest.trim_start_matches([':', '=', '.', '-', ')', '：']);
                    word != rest && entry.words.iter().any(|known| text::compare_key(known) == word)
                        || entry.words.iter().any(|known| text::compare_key(known) == rest)
                })
            })
        })
        .map(|entry| entry.code.clone())
}

/// One sign for every circle, tick and cross that answers a question.
fn one_sign(key: &str) -> String {
    match key {
        "〇" | "◯" | "◎" | "●" | "✓" | "✔" | "☑" | "レ" => "○".to_owned(),
        "✕" | "✖" | "╳" | "x" | "X" => "×".to_owned(),
        other => other.to_owned(),
    }
}

/// The one code whose word stands inside of what is written, the longest word first: 普通預金, 高圧(6.6kV). A text that names another
/// one beside it offers them: 普通・当座.
fn held_by(codes: &[CodeWord], written: &str) -> Option<String> {
    let key = text::compare_key(written);
    let held: Vec<(String, &str)> = codes
        .iter()
        .flat_map(|entry| entry.words.iter().map(|word| (text::compare_key(word), entry.code.as_str())))
        .filter(|(word, _)| word.chars().count() >= 2 && key.contains(word.as_str()))
        .collect();
    let (longest, code) = held.iter().max_by_key(|(word, _)| word.chars().count())?;
    let rest = key.replacen(longest.as_str(), "\n", 1);
    held.iter().all(|(word, other)| other == code || !rest.contains(word.as_str()) && word != longest).then(|| (*code).to_owned())
}

/// All codes named in a list with separators; `None` when one of the words is unknown.
fn some_of(codes: &[CodeWord], written: &str) -> Option<Vec<String>> {
    let mut found = written
        .split([',', '、', '，', '/', '／', ';', ' ', '・', '+'])
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(|word| one_of(codes, word))
        .collect::<Option<Vec<_>>>()
        .or_else(|| one_of(codes, written).map(|code| vec![code]))?;
    found.sort();
    found.dedup();
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(kind: FieldType, pattern: Option<&str>, unit: Option<&str>) -> FieldSpec {
        FieldSpec {
            key: "k".into(),
            label: "l".into(),
            variants: vec![],
            kind,
            unit: unit.map(Into::into),
            pattern: pattern.map(Into::into),
            decimals: Some(2),
            codes: vec![
                CodeWord { code: "1".into(), words: vec!["普通".into()] },
                CodeWord { code: "2".into(), words: vec!["当座".into(), "当座預金".into()] },
            ],
            list: None,
            required_in: vec![],
            group: None,
            xml_tag: None,
            find: Default::default(),
            mark: String::new(),
        }
    }

    fn read(kind: FieldType, raw: &str) -> Option<Value> {
        value(&spec(kind, None, Some("kW")), &Lists::new(), raw)
    }

    #[test]
    fn latin_words_of_a_list_come_in_any_case() {
        let codes =
            [CodeWord { code: "1".into(), words: vec!["level".into()] }, CodeWord { code: "2".into(), words: vec!["setpoint".into()] }];
        for (written, code) in [("LEVEL", Some("1")), ("SetPoint", Some("2")), ("Level", Some("1")), ("price", None), ("", None)] {
            assert_eq!(one_of(&codes, written).as_deref(), code, "{written}");
        }
    }

    #[test]
    fn power_is_kept_in_kilowatts() {
        for raw in ["250,000", "２５００００kW", "250 MW", "25.0万kW", "250000"] {
            assert_eq!(read(FieldType::Integer, raw), Some(Value::Integer(250_000)), "{raw}");
        }
        assert_eq!(read(FieldType::Integer, "12.5"), Some(Value::Text("12.5".into())));
        assert_eq!(read(FieldType::Integer, "約3台2号"), Some(Value::Text("約3台2号".into())));
    }

    #[test]
    fn prices_have_their_decimals_and_are_never_rounded() {
        assert_eq!(read(FieldType::Decimal, "45").unwrap().to_string(), "45.00");
        assert_eq!(read(FieldType::Decimal, "9.125").unwrap().to_string(), "9.125");
        assert_eq!(number(FieldType::Decimal, "円/kWh", "▲1.5円"), "-1.50");
    }

    fn number(kind: FieldType, unit: &str, raw: &str) -> String {
        let unit = Some(unit).filter(|unit| !unit.is_empty());
        let spec = spec(kind, None, unit);
        let value = value(&spec, &Lists::new(), raw).unwrap();
        format!("{value}{}", if fits(&spec, &value) { "" } else { "?" })
    }

    #[test]
    fn another_unit_than_the_fields_is_converted_or_doubted() {
        use FieldType::{Decimal, Integer};
        for (kind, unit, raw, wanted) in [
            (Integer, "分", "4時間", "240"),
            (Integer, "分", "30秒", "30秒?"),
            (Decimal, "kV", "66,000V", "66.00"),
            (Integer, "kW", "73千kW", "73000"),
            (Integer, "kW", "7万", "70000"),
            (Integer, "kW", "73メガワット", "73000"),
            (Integer, "kW", "73kVA", "73kVA?"),
            (Integer, "円/回", "400千円", "400000"),
            (Integer, "円/回", "40万円", "400000"),
            (Decimal, "円/kWh", "966銭/kWh", "9.66"),
            (Decimal, "円/kWh", "9.66-", "9.66-?"),
            (Decimal, "円/kWh", "9.66△", "9.66△?"),
            (Decimal, "", "0.5-", "0.5-?"),
            (Integer, "枚", "2万", "2万?"),
        ] {
            assert_eq!(number(kind, unit, raw), wanted, "{raw} [{unit}]");
        }
    }

    #[test]
    fn a_number_with_the_unit_of_its_field_or_a_counter_is_plain() {
        use FieldType::{Decimal, Integer};
        for (kind, unit, raw, wanted) in [
            (Integer, "kW", "72,900㎾", "72900"),
            (Integer, "kW", "72,900 ＫＷ", "72900"),
            (Integer, "kW", "72900キロワット", "72900"),
            (Integer, "kW/min", "1,822kW／分", "1822"),
            (Integer, "kW/min", "1,822kW", "1822"),
            (Decimal, "%", "4.5％", "4.50"),
            (Decimal, "円/kWh", "9.66円／kWh", "9.66"),
            (Integer, "円/回", "¥400,000", "400000"),
            (Integer, "円/回", "400,000円(税抜)", "400000"),
            (Integer, "分", "5分以内", "5"),
            (Integer, "枚", "2枚", "2"),
            (Integer, "枚", "2通", "2"),
            (Integer, "枚", "2名", "2"),
            (Integer, "枚", "2枝", "2"),
            (Integer, "", "3番", "3"),
            (Decimal, "", "-0.5", "-0.50"),
        ] {
            assert_eq!(number(kind, unit, raw), wanted, "{raw} [{unit}]");
        }
    }

    #[test]
    fn an_enumeration_takes_code_word_or_both() {
        for raw in ["2", "02", "当座", "当座預金", "2:当座", "２　当座"] {
            assert_eq!(read(FieldType::Enum, raw), Some(Value::Code("2".into())), "{raw}");
        }
        for raw in ["普通預金", "普通 （総合口座）"] {
            assert_eq!(read(FieldType::Enum, raw), Some(Value::Code("1".into())), "{raw}");
        }
        for raw in ["定期", "普通・当座", "普通 当座預金", "普通預金/当座預金"] {
            assert_eq!(read(FieldType::Enum, raw), Some(Value::Text(raw.into())), "{raw}");
        }
        for raw in ["当座、普通", "当座\n普通", "2,1"] {
            assert_eq!(read(FieldType::EnumList, raw), Some(Value::Codes(vec!["1".into(), "2".into()])), "{raw}");
        }
        assert_eq!(read(FieldType::EnumList, "普通と当座"), Some(Value::Text("普通と当座".into())));
    }

    #[test]
    fn codes_keep_their_zeros_and_lose_their_dashes() {
        let point = spec(FieldType::Code, Some(r"^\d{22}$"), None);
        assert_eq!(value(&point, &Lists::new(), "02-1234-5678-9012-3456-7890"), Some(Value::Code("0212345678901234567890".into())));
        let postal = spec(FieldType::Code, Some(r"^\d{3}-?\d{4}$"), None);
        assert_eq!(value(&postal, &Lists::new(), "〒０６０５０７９"), Some(Value::Code("060-5079".into())));
    }

    #[test]
    fn a_code_that_nobody_scanned_keeps_its_signs() {
        assert_eq!(read(FieldType::Code, "user_01"), Some(Value::Code("USER_01".into())));
        assert_eq!(read(FieldType::Phone, "022--629-8007"), Some(Value::Text("022--629-8007".into())));
    }

    #[test]
    fn every_circle_is_a_circle() {
        let codes =
            [CodeWord { code: "1".into(), words: vec!["要".into(), "○".into()] }, CodeWord { code: "0".into(), words: vec!["×".into()] }];
        for (raw, code) in [("〇", "1"), ("◯", "1"), ("○", "1"), ("✓", "1"), ("✕", "0"), ("Ｘ", "0")] {
            assert_eq!(one_of(&codes, raw).as_deref(), Some(code), "{raw}");
        }
    }

    #[test]
    fn a_day_of_the_week_behind_a_date_is_passed_over() {
        for raw in ["2026年5月1日（金）", "2026/5/1(金曜日)", "令和8年5月1日"] {
            assert_eq!(read(FieldType::Date, raw), Some(Value::Date(jiff::civil::date(2026, 5, 1))), "{raw}");
        }
    }

    #[test]
    fn a_day_that_does_not_exist_stays_text() {
        assert_eq!(read(FieldType::Date, "令和8年2月31日"), Some(Value::Text("2026-02-31".into())));
        assert_eq!(read(FieldType::Date, "  "), None);
    }
}
