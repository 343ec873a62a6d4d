//! Two values against each other: names, numbers, addresses, codes.

use crate::domain::likeness;
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

/// Whether a rule speaks of two numbers that are equal or not.
pub fn speaks(slip: Slip, equal: bool, left: Option<Decimal>, right: Option<Decimal>) -> bool {
    let slipped = !equal && left.zip(right).is_some_and(|(left, right)| likeness::is_slip(left, right));
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
        How::Name => likeness::names_equal(&left.value().to_string(), &right.value().to_string()),
        How::Number => numbers.0 == numbers.1 && numbers.0.is_some(),
        How::Address => likeness::address(&left.value().to_string()) == likeness::address(&right.value().to_string()),
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
    let bare = |seen: &Seen<'_>| COMPANIES.iter().fold(likeness::company(&seen.value().to_string()), |name, word| name.replace(word, ""));
    let (one, two) = (bare(&left), bare(&right));
    if one.contains(&two) || two.contains(&one) {
        return Vec::new();
    }
    vec![subject.hit(left).against(subject, &right)]
}
