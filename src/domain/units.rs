//! Units of measure: how they are written, and how much of one is another.
//!
//! Owns their spellings. Never guesses: a unit that is not listed is another one than every field's.

use crate::domain::text;
use rust_decimal::Decimal;

/// What is measured, the spellings of a unit (as [`key`] leaves them), and its size as a fraction.
const SIZES: &[(&str, &[&str], u64, u64)] = &[
    ("power", &["w", "ワット"], 1, 1_000),
    ("power", &["kw", "キロワット", "kワット"], 1, 1),
    ("power", &["mw", "メガワット", "mワット"], 1_000, 1),
    ("power", &["gw", "ギガワット"], 1_000_000, 1),
    ("energy", &["wh", "ワット時"], 1, 1_000),
    ("energy", &["kwh", "kw時", "kw・h", "キロワット時", "キロワットアワー"], 1, 1),
    ("energy", &["mwh", "mw時", "メガワット時"], 1_000, 1),
    ("voltage", &["v", "ボルト"], 1, 1_000),
    ("voltage", &["kv", "キロボルト", "kボルト"], 1, 1),
    ("time", &["s", "sec", "秒", "秒間"], 1, 60),
    ("time", &["min", "minute", "minutes", "分", "分間"], 1, 1),
    ("time", &["h", "hr", "hour", "hours", "時間"], 60, 1),
    ("time", &["日", "日間", "day", "days"], 1_440, 1),
    ("money", &["銭"], 1, 100),
    ("money", &["円", "yen", "jpy"], 1, 1),
    ("ratio", &["%", "パーセント", "pct"], 1, 1),
    ("ratio", &["‰", "パーミル"], 1, 10),
    ("start", &["回", "回あたり", "回当たり"], 1, 1),
    // Nothing that a field asks for, but units: no number in them is a number in a field's.
    ("apparent", &["va", "kva", "mva", "var", "kvar", "mvar"], 1, 1),
    ("foreign", &["ドル", "米ドル", "usd", "$", "ユーロ", "割", "厘", "hz", "ka", "馬力"], 1, 1),
];
const MULTIPLES: &[(char, u64)] = &[('十', 10), ('百', 100), ('千', 1_000), ('万', 10_000), ('億', 100_000_000)];
/// What may stand behind a unit without changing it.
const REMARKS: &[&str] = &["単位", "税抜き", "税抜", "税別", "税込み", "税込", "以上", "以下", "以内", "表示", "/年", "・年"];
const OPENING: [char; 4] = ['(', '[', '【', '〔'];
const CLOSING: [char; 4] = [')', ']', '】', '〕'];

/// How much of one unit is another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Factor(Decimal, Decimal);

impl Factor {
    pub const ONE: Factor = Factor(Decimal::ONE, Decimal::ONE);

    fn times(self, by: Factor) -> Option<Factor> {
        Some(Factor(self.0.checked_mul(by.0)?, self.1.checked_mul(by.1)?))
    }

    fn same(self, other: Factor) -> bool {
        self.0.checked_mul(other.1).is_some_and(|product| Some(product) == self.1.checked_mul(other.0))
    }

    pub fn is_one(self) -> bool {
        self.same(Factor::ONE)
    }

    /// So many of the one unit in the other; `None` where the result has no end.
    pub fn of(self, number: Decimal) -> Option<Decimal> {
        if self.is_one() {
            return Some(number);
        }
        let product = number.checked_mul(self.0)?;
        let quotient = product.checked_div(self.1)?;
        (quotient.checked_mul(self.1)? == product).then(|| quotient.normalize())
    }
}

/// A text as units are compared: one form for each sign, in small letters, without what may stand behind a unit.
fn key(written: &str) -> String {
    let folded = text::compare_key(written).to_lowercase().replace("/1", "/");
    let mut key = folded.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '%' | '‰' | '$' | '-'));
    while let Some(rest) = REMARKS.iter().find_map(|remark| key.strip_suffix(remark)) {
        key = rest;
    }
    key.to_owned()
}

/// The multiples before a unit, and what is behind them.
fn multiple(word: &str) -> Option<(Factor, &str)> {
    let (mut factor, mut rest) = (Factor::ONE, word);
    while let Some((sign, times)) = MULTIPLES.iter().find(|(sign, _)| rest.starts_with(*sign)) {
        factor = factor.times(Factor(Decimal::from(*times), Decimal::ONE))?;
        rest = &rest[sign.len_utf8()..];
    }
    Some((factor, rest))
}

/// What a unit measures, part by part, and the size of each part.
fn parts(word: &str) -> Option<Vec<(&'static str, Factor)>> {
    word.split(['/', '毎'])
        .map(|part| {
            let (times, unit) = multiple(part)?;
            let (measured, _, above, below) = SIZES.iter().find(|(_, spellings, ..)| spellings.contains(&unit))?;
            Some((*measured, times.times(Factor(Decimal::from(*above), Decimal::from(*below)))?))
        })
        .collect()
}

/// Whether a text, tidied, is a unit and nothing else.
pub fn is_unit(written: &str) -> bool {
    begins(written) && parts(&key(written)).is_some()
}

/// Most of the cells of a long list are no units by their first letter.
fn begins(written: &str) -> bool {
    let first = written.chars().find(|c| c.is_alphanumeric() || matches!(c, '%' | '‰' | '$')).map(|c| c.to_ascii_lowercase());
    first.is_some_and(|first| {
        MULTIPLES.iter().any(|(sign, _)| *sign == first)
            || SIZES.iter().any(|(_, spellings, ..)| spellings.iter().any(|spelling| spelling.starts_with(first)))
    })
}

/// How many of a field's unit one of the written unit is; `None` where that cannot be told.
pub fn factor(written: &str, field: &str) -> Option<Factor> {
    if written.eq_ignore_ascii_case(field) {
        return Some(Factor::ONE);
    }
    let (written, field) = (key(written), text::compare_key(field).to_lowercase());
    if written == field {
        return Some(Factor::ONE);
    }
    match multiple(&written)? {
        (times, "") if !written.is_empty() => return Some(times),
        _ => {}
    }
    let written = parts(&written)?;
    // A table of minutes and kW has two.
    field.split(',').find_map(|field| between(&written, &parts(field)?))
}

fn between(written: &[(&str, Factor)], field: &[(&str, Factor)]) -> Option<Factor> {
    // 円 is short for 円/kWh, kW for kW/min.
    if written.len() > field.len() {
        return None;
    }
    let mut factor = Factor::ONE;
    for (n, ((measured, size), (asked, own))) in written.iter().zip(field).enumerate() {
        if measured != asked {
            return None;
        }
        let by = Factor(size.0.checked_mul(own.1)?, size.1.checked_mul(own.0)?);
        factor = factor.times(if n == 0 { by } else { Factor(by.1, by.0) })?;
    }
    Some(factor)
}

/// What all of these units are in a field's; `None` where they differ or one is unknown.
pub fn agreed(written: &[String], field: &str) -> Option<Factor> {
    let mut factors = written.iter().map(|unit| factor(unit, field));
    let first = factors.next().unwrap_or(Some(Factor::ONE))?;
    factors.all(|other| other.is_some_and(|other| other.same(first))).then_some(first)
}

/// What the words behind a number make of it in a field's unit; `None` where that is doubtful.
pub fn behind(rest: &str, field: &str) -> Option<Factor> {
    let folded = text::compare_key(rest);
    let (head, aside) = folded.split_at(folded.find(OPENING).unwrap_or(folded.len()));
    let (head, aside) = (key(head), named(aside));
    match (head.as_str(), aside.is_empty()) {
        ("", true) => Some(Factor::ONE),
        ("", false) => agreed(&aside, field),
        (_, true) => factor(&head, field),
        (_, false) => agreed(&[vec![head], aside].concat(), field),
    }
}

/// Whether a number is made another one by the words behind it, whatever is counted: 7万.
pub fn multiplies(rest: &str) -> bool {
    key(rest).starts_with(|c| MULTIPLES.iter().any(|(sign, _)| *sign == c))
}

/// The units that the brackets of a heading name, known or not; a remark names none.
pub fn in_brackets(heading: &str) -> Vec<String> {
    let folded = text::compare_key(heading);
    let mut inner = String::new();
    let mut depth = 0usize;
    for c in folded.chars() {
        if OPENING.contains(&c) {
            depth += 1;
            inner.push(',');
        } else if CLOSING.contains(&c) {
            depth = depth.saturating_sub(1);
            inner.push(',');
        } else if depth > 0 {
            inner.push(c);
        }
    }
    named(&inner)
}

/// The units that a remark names, known or not.
pub fn named(remark: &str) -> Vec<String> {
    let folded = text::compare_key(remark).to_lowercase().replace("1,000", "1000");
    let part = |part: &str| {
        let part = key(part.trim_start_matches("単位"));
        if part.is_empty() || parts(&part).is_some() {
            return Some(part).filter(|part| !part.is_empty());
        }
        if part.contains(|c: char| c.is_ascii_digit()) {
            // 1,000円 is a unit, 100kW以上 a limit.
            let unit = part.strip_prefix("1000").map(|rest| rest.trim_start_matches('0'));
            return unit.is_some_and(|unit| unit.starts_with('円') && parts(unit).is_some()).then_some(part);
        }
        let unknown = part.split_once('/').is_some_and(|(money, _)| parts(money).is_some());
        inside(&part).or_else(|| unknown.then_some(part))
    };
    let separators = |c: char| matches!(c, ',' | '、' | ':' | ';' | '~' | '=' | '→') || OPENING.contains(&c) || CLOSING.contains(&c);
    folded
        .split(separators)
        .flat_map(|part| if is_unit(part) { vec![part] } else { part.split(['・', '-']).collect() })
        .filter_map(part)
        .collect()
}

/// The unit with which a remark ends (発電端kW), or begins (MW未満切捨て).
fn inside(part: &str) -> Option<String> {
    let bounds = || part.char_indices().map(|(at, _)| at).skip(1);
    let apart = |before: &str, behind: &str| {
        let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '/');
        !(latin(before.chars().next_back()) && latin(behind.chars().next()))
    };
    let end = bounds().map(|at| part.split_at(at)).find(|(before, unit)| apart(before, unit) && !unit.starts_with('/') && is_plain(unit));
    let begin = || {
        let found = bounds().map(|at| part.split_at(at)).filter(|(unit, rest)| apart(unit, rest) && unit.is_ascii() && is_plain(unit));
        found.filter(|(_, rest)| !rest.starts_with('/')).last()
    };
    end.map(|(_, unit)| unit).or_else(|| begin().map(|(unit, _)| unit)).map(str::to_owned)
}

/// A unit that no other word ends with, as 相当分 ends with 分.
fn is_plain(unit: &str) -> bool {
    let measured = parts(unit).and_then(|parts| parts.first().map(|(measured, _)| *measured));
    unit.chars().nth(1).is_some_and(|_| measured.is_some_and(|measured| !matches!(measured, "time" | "start" | "foreign")))
        || matches!(unit, "円" | "銭" | "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(number: i64, written: &str, field: &str) -> Option<String> {
        factor(written, field)?.of(Decimal::from(number)).map(|number| number.to_string())
    }

    #[test]
    fn units_are_converted_where_that_is_exact() {
        for (number, written, field, wanted) in [
            (73, "千kW", "kW", "73000"),
            (73, "ﾒｶﾞﾜｯﾄ", "kW", "73000"),
            (73, "㎿", "kW", "73000"),
            (7, "万", "kW", "70000"),
            (66_000, "V", "kV", "66"),
            (4, "時間", "分", "240"),
            (30, "分", "時間", "0.5"),
            (30, "秒", "分", "0.5"),
            (966, "銭／kWh", "円/kWh", "9.66"),
            (2, "万円/MWh", "円/kWh", "20"),
            (40, "万円", "円/回", "400000"),
            (3, "MW/分", "kW/min", "3000"),
            (3, "kW/s", "kW/min", "180"),
        ] {
            assert_eq!(converted(number, written, field).as_deref(), Some(wanted), "{written}");
        }
        assert_eq!(converted(20, "秒", "分"), None, "a third of a minute has no end");
        for (written, field) in [("kVA", "kW"), ("kWh", "kW"), ("円/kW", "円/kWh"), ("分", "kW"), ("-", "円/kWh"), ("円/月", "円/回")]
        {
            assert_eq!(factor(written, field), None, "{written}");
        }
    }

    #[test]
    fn usual_spellings_are_the_unit_itself() {
        for (written, field) in [
            ("ｋＷ", "kW"),
            ("㎾", "kW"),
            ("キロワット", "kW"),
            ("（kW）", "kW"),
            ("kW(発電端)", "kW"),
            ("kW/分", "kW/min"),
            ("円／ｋＷｈ", "円/kWh"),
            ("円/kW時", "円/kWh"),
            ("円", "円/kWh"),
            ("円/kW・年", "円/kW"),
            ("円（税抜）", "円/回"),
            ("％", "%"),
            ("分以内", "分"),
            ("時間以上", "時間"),
            ("", "kW"),
            ("（税抜）", "円/回"),
        ] {
            assert!(behind(written, field).is_some_and(Factor::is_one), "{written}");
        }
        assert!(behind("kW(MW)", "kW").is_none());
    }

    #[test]
    fn brackets_name_units_or_remark_something() {
        for (heading, units) in [
            ("定格容量［ｋＷ］", vec!["kw"]),
            ("V3単価（千円/回）（税抜）", vec!["千円/回"]),
            ("V3単価（円/月）", vec!["円/月"]),
            ("定格容量（発電端、kVA）", vec!["kva"]),
            ("定格容量（発電端MW）", vec!["mw"]),
            ("定格容量（MW未満切捨て）", vec!["mw"]),
            ("V1（円/kWh税抜）", vec!["円/kwh"]),
            ("V3（単位：1,000円）", vec!["1000円"]),
            ("起動パターン[min,kW]", vec!["min", "kw"]),
            ("容量料金（円/kW・年）", vec!["円/kw"]),
        ] {
            assert_eq!(in_brackets(heading), units, "{heading}");
        }
        for remark in
            ["税抜", "必須", "注1", "西暦", "LFC", "DSS", "以上", "22桁", "収入割相当分", "需要家別", "単位", "上限45円/kWh", "年月日"]
        {
            assert!(in_brackets(&format!("見出し（{remark}）")).is_empty(), "{remark}");
        }
    }
}
