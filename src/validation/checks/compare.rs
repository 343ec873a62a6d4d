//! Two values against each other: names, numbers, addresses, codes.

use crate::domain::text;
use crate::domain::value::Value;
use crate::validation::check::{How, Slip};
use crate::validation::scene::{Hit, Seen, Subject};
use rust_decimal::Decimal;

/// Whether a value is one of these codes; of several chosen codes one is enough.
pub fn is_one_of(value: &Value, codes: &[String]) -> bool {
    match value {
        Value::Codes(chosen) => chosen.iter().any(|code| codes.contains(code)),
        other => codes.contains(&other.to_string()),
    }
}

/// Old and new forms of characters that names are written with.
const VARIANTS: &[(char, char)] = &[
    ('髙', '高'),
    ('﨑', '崎'),
    ('濵', '浜'),
    ('濱', '浜'),
    ('邉', '辺'),
    ('邊', '辺'),
    ('齋', '斎'),
    ('齊', '斎'),
    ('澤', '沢'),
    ('櫻', '桜'),
    ('廣', '広'),
    ('假', '仮'),
];

/// A company's name as compared.
pub fn company(name: &str) -> String {
    let fold = |c: char| VARIANTS.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
    text::compare_key(name).chars().map(fold).filter(|c| !"・･,、.".contains(*c)).flat_map(char::to_lowercase).collect()
}

/// A name of equipment as compared: 1号機 = No.1 = 1号.
fn equipment(name: &str) -> String {
    let key = company(name).replace("号機", "号").replace("no", "");
    // What 号 counts stands before it; No. stands before what it counts.
    key.replace('号', "")
}

pub fn names_equal(left: &Value, right: &Value) -> bool {
    equipment(&left.to_string()) == equipment(&right.to_string())
}

/// Prefecture to number, 丁目・番地・番・号 as dashes, kanji numerals before 丁目 as digits.
pub fn address(written: &str) -> String {
    const KANJI: &str = "〇一二三四五六七八九";
    let mut key: Vec<char> = Vec::new();
    let plain: Vec<char> = company(written).chars().collect();
    for (n, c) in plain.iter().enumerate() {
        let counts = plain.get(n + 1..n + 3).is_some_and(|next| next.iter().collect::<String>() == "丁目");
        match KANJI.chars().position(|kanji| kanji == *c) {
            Some(digit) if counts => key.extend(char::from_digit(digit as u32, 10)),
            _ => key.push(*c),
        }
    }
    let key: String = key.into_iter().collect();
    let dashed = ["丁目", "番地", "番", "号"].iter().fold(key, |key, word| key.replace(word, "-"));
    dashed.replace("-の", "-").trim_end_matches('-').to_owned()
}

/// Numbers that differ by a unit: kW for MW, or 万kW.
fn is_slip(left: Decimal, right: Decimal) -> bool {
    let (small, large) = (left.min(right), left.max(right));
    small > Decimal::ZERO && [10, 1_000, 10_000].iter().any(|factor| small.checked_mul(Decimal::from(*factor)) == Some(large))
}

/// Whether a rule speaks of two numbers that are equal or not.
pub fn speaks(slip: Slip, equal: bool, left: Option<Decimal>, right: Option<Decimal>) -> bool {
    let slipped = !equal && left.zip(right).is_some_and(|(left, right)| is_slip(left, right));
    match slip {
        Slip::Differs => !equal,
        Slip::Passed => !equal && !slipped,
        Slip::Sought => slipped,
    }
}

/// A doubtful reading of a contract is never equal to anything.
pub fn never_equal(seen: &Seen<'_>) -> bool {
    seen.document.starts_with("contract") && seen.is_doubtful()
}

pub fn same_as<'a>(subject: &Subject<'a>, field: &'a str, other: &'a str, how: How, slip: Slip) -> Vec<Hit> {
    let (Some(left), Some(right)) = (subject.see(field), subject.see(other)) else { return Vec::new() };
    let numbers = (left.value().number(), right.value().number());
    let equal = match how {
        How::Text => text::compare_key(&left.value().to_string()) == text::compare_key(&right.value().to_string()),
        How::Name => names_equal(left.value(), right.value()),
        How::Number => numbers.0 == numbers.1 && numbers.0.is_some(),
        How::Address => address(&left.value().to_string()) == address(&right.value().to_string()),
        How::Among => among(left.value(), right.value()) || among(right.value(), left.value()),
    };
    let doubtful = slip != Slip::Sought && (never_equal(&left) || never_equal(&right));
    if doubtful || speaks(slip, equal, numbers.0, numbers.1) {
        return vec![subject.hit(left).against(subject, &right)];
    }
    Vec::new()
}

pub fn among(one: &Value, many: &Value) -> bool {
    match many {
        Value::Codes(codes) => codes.contains(&one.to_string()),
        other => other.to_string() == one.to_string(),
    }
}

/// Kinds of company, which accounts often leave out.
const COMPANIES: &[&str] = &["株式会社", "合同会社", "有限会社", "合資会社", "合名会社", "一般社団法人", "一般財団法人", "協同組合"];

pub fn like_name<'a>(subject: &Subject<'a>, field: &'a str, other: &'a str) -> Vec<Hit> {
    let (Some(left), Some(right)) = (subject.see(field), subject.see(other)) else { return Vec::new() };
    let bare = |seen: &Seen<'_>| COMPANIES.iter().fold(company(&seen.value().to_string()), |name, word| name.replace(word, ""));
    let (one, two) = (bare(&left), bare(&right));
    if one.contains(&two) || two.contains(&one) {
        return Vec::new();
    }
    vec![subject.hit(left).against(subject, &right)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_unit_are_equal() {
        let text = |name: &str| Value::Text(name.to_owned());
        for (left, right) in [("見本火力1号機", "見本火力No.1"), ("見本火力１号", "見本火力1号機"), ("㈱髙橋", "株式会社高橋")]
        {
            assert!(names_equal(&text(left), &text(right)), "{left} {right}");
        }
        assert!(!names_equal(&text("見本火力1号機"), &text("見本火力2号機")));
    }

    #[test]
    fn addresses_with_dashes_and_with_words_are_equal() {
        assert_eq!(address("宮城県仙台市青葉区例示一丁目2番3号"), address("宮城県仙台市青葉区例示1-2-3"));
        assert_eq!(address("宮城県名取市例示原8番地"), address("宮城県名取市例示原８"));
        assert_ne!(address("宮城県名取市例示原8番地"), address("宮城県名取市例示浜8番地"));
    }

    #[test]
    fn slips_of_the_unit() {
        let number = |n: i64| Decimal::from(n);
        for (left, right, slipped) in
            [(250, 250_000, true), (25_000, 250_000, true), (250_000, 25, true), (100, 10_000, false), (0, 0, false), (5, 5, false)]
        {
            assert_eq!(is_slip(number(left), number(right)), slipped, "{left} {right}");
        }
    }
}
