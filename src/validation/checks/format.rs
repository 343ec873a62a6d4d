//! The form of a single value: digits, codes, addresses, characters.

use crate::domain::document::FieldType;
use crate::domain::pattern::compiled;
use crate::domain::text;
use crate::domain::value::Value;
use crate::validation::checks::compare;
use crate::validation::scene::{BLANK, Hit, Subject};

/// A hit for every filled field that is not as it should be.
fn each<'a>(subject: &Subject<'a>, fields: &'a [String], sound: impl Fn(&str) -> bool) -> Vec<Hit> {
    let seen = fields.iter().filter_map(|key| subject.see(key));
    seen.filter(|seen| !sound(&seen.value().to_string())).map(|seen| subject.hit(seen)).collect()
}

pub fn pattern<'a>(subject: &Subject<'a>, fields: &'a [String]) -> Vec<Hit> {
    let specs = subject.scene.context.specs;
    fields
        .iter()
        .filter_map(|key| subject.see(key))
        .filter(|seen| {
            let pattern = specs.field(seen.document, seen.key).and_then(|spec| spec.pattern.as_deref());
            pattern.and_then(compiled).is_some_and(|pattern| !pattern.is_match(&seen.value().to_string()))
        })
        .map(|seen| subject.hit(seen))
        .collect()
}

pub fn phone<'a>(subject: &Subject<'a>, fields: &'a [String]) -> Vec<Hit> {
    each(subject, fields, is_phone)
}

/// Ten or eleven digits from 0 on, with dashes or brackets between.
fn is_phone(written: &str) -> bool {
    let digits = text::digits(written);
    let plain = text::tidy(written).chars().all(|c| c.is_ascii_digit() || " -()+.‐‑–—―−ー".contains(c));
    (10..=11).contains(&digits.len()) && digits.starts_with('0') && plain
}

pub fn mail<'a>(subject: &Subject<'a>, fields: &'a [String]) -> Vec<Hit> {
    each(subject, fields, is_mail)
}

/// One @, words between dots on both sides, a top level of letters.
fn is_mail(written: &str) -> bool {
    let Some((local, domain)) = written.split_once('@') else { return false };
    let atom = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c));
    let label = |part: &str| {
        !part.is_empty() && !part.starts_with('-') && !part.ends_with('-') && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    written.len() <= 254
        && local.split('.').all(atom)
        && domain.split('.').all(label)
        && domain.contains('.')
        && top.len() >= 2
        && top.chars().any(|c| c.is_ascii_alphabetic())
}

/// A value that fits no code of its list stays text, or is a code that the list does not know.
pub fn listed<'a>(subject: &Subject<'a>, fields: &'a [String]) -> Vec<Hit> {
    let specs = subject.scene.context.specs;
    fields
        .iter()
        .filter_map(|key| subject.see(key))
        .filter(|seen| {
            let codes = specs.field(seen.document, seen.key).map_or(&[][..], |spec| specs.codes(spec));
            let known = |code: &String| codes.iter().any(|entry| entry.code == *code);
            match seen.value() {
                Value::Code(code) => !known(code),
                Value::Codes(list) => !list.iter().all(known),
                Value::Text(_) => true,
                _ => false,
            }
        })
        .map(|seen| subject.hit(seen))
        .collect()
}

pub fn single_choice(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(spec) = subject.scene.context.specs.document(subject.document) else { return Vec::new() };
    let choices = spec.fields.iter().filter(|field| matches!(field.kind, FieldType::Enum | FieldType::Bool));
    let several =
        choices.filter_map(|field| subject.see(&field.key)).filter(|seen| matches!(seen.value(), Value::Codes(codes) if codes.len() > 1));
    several.map(|seen| subject.hit(seen)).collect()
}

pub fn one_of<'a>(subject: &Subject<'a>, field: &'a str, is: &[String]) -> Vec<Hit> {
    let seen = subject.see(field).filter(|seen| !compare::is_one_of(seen.value(), is));
    seen.map(|seen| subject.hit(seen)).into_iter().collect()
}

pub fn begins<'a>(subject: &Subject<'a>, field: &'a str, with: &str) -> Vec<Hit> {
    let seen = subject.see(field).filter(|seen| matches!(seen.value(), Value::Code(code) if !code.starts_with(with)));
    seen.map(|seen| subject.hit(seen)).into_iter().collect()
}

pub fn corporate_number<'a>(subject: &Subject<'a>, fields: &'a [String]) -> Vec<Hit> {
    each(subject, fields, text::is_corporate_number)
}

pub fn invoice_number<'a>(subject: &Subject<'a>, field: &'a str, number: &'a str) -> Vec<Hit> {
    let (Some(invoice), Some(number)) = (subject.see(field), subject.see(number)) else { return Vec::new() };
    if invoice.value().to_string() == format!("T{}", number.value()) {
        return Vec::new();
    }
    vec![subject.hit(invoice).against(subject, &number)]
}

/// The characters that banks take: capital kana, digits, letters, a few signs. Full width counts as its half-width twin.
pub fn bank_kana<'a>(subject: &Subject<'a>, field: &'a str, most: usize) -> Vec<Hit> {
    const SMALL: &str = "ァィゥェォッャュョヮヵヶ";
    let Some(seen) = subject.see(field) else { return Vec::new() };
    let written = if seen.field.raw.trim().is_empty() { seen.value().to_string() } else { seen.field.raw.clone() };
    let wide = text::tidy(&written);
    // The long vowel sign is written as a hyphen.
    let sound = |c: char| match c {
        _ if SMALL.contains(c) => false,
        'ア'..='ン' | 'ヴ' => c != 'ヲ',
        '\u{3099}' | '\u{309A}' | '゛' | '゜' => true,
        'A'..='Z' | '0'..='9' | ' ' | '(' | ')' | '-' | '.' | '/' => true,
        '‐' | '−' => true,
        _ => false,
    };
    let too_long = half_width(&wide) > most;
    if wide.chars().all(sound) && !too_long { Vec::new() } else { vec![subject.hit(seen)] }
}

/// Places that a name takes in half width, where a voiced kana takes two.
fn half_width(wide: &str) -> usize {
    const VOICED: &str = "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴ";
    wide.chars().map(|c| if VOICED.contains(c) { 2 } else { 1 }).sum()
}

/// ゆうちょ銀行 with 記号・番号, whose places are not the three and seven of 店番 and 口座番号.
pub fn postal_bank<'a>(subject: &Subject<'a>, bank: &'a str, branch: &'a str, number: &'a str) -> Vec<Hit> {
    let postal = subject.see(bank).is_some_and(|seen| seen.value().to_string() == "9900");
    let wrong = |(key, places): (&'a str, usize)| {
        let seen = subject.see(key)?;
        let written = seen.value().to_string();
        (written.len() != places || !written.chars().all(|c| c.is_ascii_digit())).then_some(seen)
    };
    let seen = [(branch, 3), (number, 7)].into_iter().filter(|_| postal).find_map(wrong);
    seen.map(|seen| subject.hit(seen)).into_iter().collect()
}

pub fn length<'a>(subject: &Subject<'a>, field: &'a str, most: usize) -> Vec<Hit> {
    let seen = subject.see(field).filter(|seen| seen.value().to_string().chars().count() > most);
    seen.map(|seen| subject.hit(seen)).into_iter().collect()
}

pub fn template(subject: &Subject<'_>, words: &[String]) -> Vec<Hit> {
    let words: Vec<String> = words.iter().map(|word| text::compare_key(word)).collect();
    let left = |written: &str| {
        let key = text::compare_key(written);
        words.iter().any(|word| key.contains(word.as_str()))
    };
    let Some(spec) = subject.scene.context.specs.document(subject.document) else { return Vec::new() };
    let seen = spec.fields.iter().filter_map(|field| subject.see(&field.key));
    seen.filter(|seen| left(&seen.value().to_string())).map(|seen| subject.hit(seen)).collect()
}

/// 2.12346E+21, or digits that end in the zeros behind the fifteenth place of a double.
fn is_damaged(written: &str, digits: usize) -> bool {
    const PLACES_OF_A_DOUBLE: usize = 16;
    let plain = text::tidy(written).to_uppercase();
    let figures = text::digits(&plain);
    let exponent = plain.split_once('E').is_some_and(|(head, tail)| {
        head.starts_with(|c: char| c.is_ascii_digit())
            && tail.trim_start_matches(['+', '-']).chars().all(|c| c.is_ascii_digit())
            && !tail.is_empty()
    });
    let zeros = figures.len() - figures.trim_end_matches('0').len();
    exponent
        || digits > PLACES_OF_A_DOUBLE && figures.len() <= digits && figures.len() + 1 >= digits && zeros + PLACES_OF_A_DOUBLE >= digits
}

pub fn damaged<'a>(subject: &Subject<'a>, field: &'a str, digits: usize) -> Vec<Hit> {
    let seen = subject.see(field).filter(|seen| is_damaged(&seen.field.raw, digits) || is_damaged(&seen.value().to_string(), digits));
    seen.map(|seen| subject.hit(seen)).into_iter().collect()
}

/// So many digits; a blank entry has none. What a spreadsheet damaged is another rule's matter.
pub fn digits<'a>(subject: &Subject<'a>, field: &'a str, digits: usize) -> Vec<Hit> {
    let Some(seen) = subject.see(field) else { return vec![subject.lack(field).word("value", BLANK)] };
    let written = seen.value().to_string();
    if written.len() == digits && written.chars().all(|c| c.is_ascii_digit()) || !damaged(subject, field, digits).is_empty() {
        return Vec::new();
    }
    vec![subject.hit(seen)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_mail() {
        for good in ["mms@hinohara-denki.example.jp", "t.mihon+mms@a-b.example.co.jp", "user1@x.example.com"] {
            assert!(is_mail(good), "{good}");
        }
        for bad in [
            "shijo＠hinohara.example.jp",
            "shijo@hinohara..example.jp",
            "a@b",
            "@b.jp",
            "a@.jp",
            "a b@c.jp",
            "a@b@c.jp",
            ".a@b.jp",
            "a@b.1",
        ] {
            assert!(!is_mail(bad), "{bad}");
        }
    }

    #[test]
    fn telephone_numbers() {
        for good in ["022-123-4567", "03-1234-5678", "090-1234-5678", "0221234567", "(022)123-4567"] {
            assert!(is_phone(good), "{good}");
        }
        for bad in ["022-123-456", "22-123-45678", "022-123-45678901", "内線12", "022-123-4567(内)"] {
            assert!(!is_phone(bad), "{bad}");
        }
    }

    #[test]
    fn numbers_that_a_spreadsheet_damaged() {
        for bad in ["2.12346E+21", "2.12345678901234e21", "0212345678901234000000", "212345678901234000000"] {
            assert!(is_damaged(bad, 22), "{bad}");
        }
        for good in ["0212345678901234567890", "0243711032482609247193", "02123", "0243711032482609247000"] {
            assert!(!is_damaged(good, 22), "{good}");
        }
    }
}
