//! When two ways of writing mean the same: names of companies and of equipment, addresses, numbers in other units.
//!
//! Owns the normalisation before any comparison between papers. Never decides what follows from a difference.

use crate::domain::text;
use rust_decimal::Decimal;

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

pub fn names_equal(left: &str, right: &str) -> bool {
    equipment(left) == equipment(right)
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
pub fn is_slip(left: Decimal, right: Decimal) -> bool {
    let (small, large) = (left.min(right), left.max(right));
    small > Decimal::ZERO && [10, 1_000, 10_000].iter().any(|factor| small.checked_mul(Decimal::from(*factor)) == Some(large))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_unit_are_equal() {
        for (left, right) in [("見本火力1号機", "見本火力No.1"), ("見本火力１号", "見本火力1号機"), ("㈱髙橋", "株式会社高橋")]
        {
            assert!(names_equal(left, right), "{left} {right}");
        }
        assert!(!names_equal("見本火力1号機", "見本火力2号機"));
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
