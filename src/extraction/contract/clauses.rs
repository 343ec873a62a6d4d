//! Clauses: patterns of the catalogue whose groups are named after the fields that they hold.
//!
//! Owns the short names that patterns may use. Never knows a particular contract.

use crate::domain::document::{DocumentSpec, FieldType};
use crate::domain::doubt::Doubt;
use crate::domain::extract::Field;
use crate::domain::id::DocId;
use crate::domain::pattern::compiled;
use crate::extraction::contract::flow::Flow;
use crate::extraction::typed::{self, Lists};
use regex::{Captures, Regex};
use std::collections::BTreeMap;
use std::ops::Range;

/// `{date}`, `{kw}`, `{yen}`, `{money}`, `{name}`, `{role}` in a pattern stand for these.
const SHORT: &[(&str, &str)] = &[
    ("{date}", r"(?:(?:令和|平成|昭和|[RHS])?(?:元|\d{1,4})年\d{1,2}[^\d\n]\d{1,2}日|\d{4}[/.\-]\d{1,2}[/.\-]\d{1,2})"),
    ("{kw}", r"\d[\d,]*(?:\.\d+)?(?i:万kW|万キロワット|MW|メガワット|kW|キロワット)"),
    ("{yen}", r"\d[\d,]*(?:\.\d+)?"),
    ("{money}", r"\d[\d,]*(?:\.\d+)?円(?:\d{1,2}銭)?"),
    (
        "{role}",
        r"(?:調整力(?:の)?提供者|(?:契約)?申込(?:み)?事業者|契約者|発電(?:契約)?者|発電事業者|需要抑制契約者|アグリゲーター?|(?:属地)?一般送配電事業者|送配電事業者)(?:である|たる|の|:)?",
    ),
    ("{name}", r"(?:\((?:株|有|同)\)|[^\n()「」『』、。,:;])"),
];

/// A pattern with its short names written out.
pub fn pattern(written: &str) -> Result<Regex, regex::Error> {
    Regex::new(&long(written))
}

fn long(written: &str) -> String {
    SHORT.iter().fold(written.to_owned(), |text, (short, long)| text.replace(short, long))
}

/// Words that an amendment takes away: 「2,300kW」を「2,500kW」に改める.
const AMENDED: &str = r"「[^「」\n]{1,200}」(?:とあるの)?(?:は|を)、?「";

/// What the clauses of a document say in a text; the first pattern that finds a field wins.
pub fn read(spec: &DocumentSpec, lists: &Lists, doc: DocId, flow: &Flow<'_>) -> BTreeMap<String, Field> {
    let mut found: BTreeMap<String, Field> = BTreeMap::new();
    let gone: Vec<Range<usize>> = match compiled(AMENDED) {
        Some(amended) => amended.find_iter(&flow.text).map(|part| part.range()).collect(),
        None => Vec::new(),
    };
    // A pattern that is none was refused when the catalogue was loaded.
    for pattern in spec.clauses.iter().filter_map(|written| compiled(&long(written))) {
        let stands = |captures: &Captures<'_>| {
            let parts = pattern.capture_names().flatten().filter_map(|key| captures.name(key));
            !parts.into_iter().any(|part| gone.iter().any(|gone| gone.contains(&part.start())))
        };
        let Some(captures) = pattern.captures_iter(&flow.text).find(stands) else { continue };
        for key in pattern.capture_names().flatten() {
            let (Some(part), Some(field)) = (captures.name(key), spec.field(key)) else { continue };
            if found.contains_key(key) {
                continue;
            }
            let raw = flow.raw(part.range());
            // Units are written as words in clauses.
            let plain = match field.kind {
                FieldType::Date => month(part.as_str()),
                _ => units(if field.unit.is_some() { part.as_str() } else { &raw }),
            };
            if let Some(value) = typed::value(field, lists, &plain) {
                let mut seen = flow.field(doc, part.range(), value);
                seen.doubts |= Doubt::Malformed.when(!typed::fits(field, &seen.value));
                seen.doubts |= Doubt::Mended.when(field.kind == FieldType::Date && plain != part.as_str());
                found.insert(key.to_owned(), seen);
            }
        }
    }
    found
}

/// A date whose 月 a recogniser took for another sign: what stands between month and day can be nothing else.
pub fn month(date: &str) -> String {
    let Some((year, rest)) = date.split_once('年') else { return date.to_owned() };
    let sign = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (number, day) = rest.split_at(sign);
    let day: String = day.chars().skip(1).collect();
    format!("{year}年{number}月{day}")
}

/// Units as signs, and yen with sen as one number: 38円50銭 is 38.50円.
pub fn units(text: &str) -> String {
    let plain = text.replace("万キロワット", "万kW").replace("メガワット", "MW").replace("キロワット", "kW");
    match plain.strip_suffix('銭').and_then(|amount| amount.split_once('円')) {
        Some((yen, sen)) => format!("{yen}.{sen:0>2}円"),
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_take_what_contracts_write() {
        let date = pattern("^{date}$").unwrap();
        for text in ["2026年4月1日", "令和8年04月01日", "令和元年5月1日", "2026/4/1"] {
            assert!(date.is_match(text), "{text}");
        }
        assert!(!date.is_match("令和年月日"));
        assert_eq!(month("2027年3口31日"), "2027年3月31日");
        assert_eq!(month("令和9年3月31日"), "令和9年3月31日");
        let kw = pattern("^{kw}$").unwrap();
        for text in ["2,300kW", "0.68万kW", "32MW", "1万キロワット"] {
            assert!(kw.is_match(text), "{text}");
        }
        let yen = pattern("^{money}$").unwrap();
        for (text, plain) in [("4,500円", "4,500円"), ("38円50銭", "38.50円"), ("38円5銭", "38.05円")] {
            assert!(yen.is_match(text), "{text}");
            assert_eq!(units(text), plain);
        }
    }
}
