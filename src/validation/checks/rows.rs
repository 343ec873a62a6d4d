//! Rows among each other: how many, in which order, none twice, and what they add up to.

use crate::domain::text;
use crate::validation::checks::compare;
use crate::validation::scene::{Hit, Subject};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

pub fn count(subject: &Subject<'_>, group: &str, least: Option<usize>, most: Option<usize>) -> Vec<Hit> {
    let rows = subject.record.group(group).len();
    if least.is_none_or(|least| rows >= least) && most.is_none_or(|most| rows <= most) {
        return Vec::new();
    }
    // The record is known by its name, or by its number.
    let named = subject.record.fields.iter().find(|(key, _)| key.ends_with("_name"));
    let known = named.or_else(|| subject.record.fields.iter().find(|(key, _)| key.ends_with("_no") || key.ends_with("_code")));
    let value = known.map_or_else(|| rows.to_string(), |(_, field)| field.value.to_string());
    vec![subject.bare().word("value", value)]
}

pub fn some<'a>(subject: &Subject<'a>, group: &str, field: &'a str, is: &[String]) -> Vec<Hit> {
    let rows = subject.rows(group);
    let chosen = rows.iter().any(|row| row.see(field).is_some_and(|seen| compare::is_one_of(seen.value(), is)));
    // Without rows another rule speaks.
    if rows.is_empty() || chosen { Vec::new() } else { vec![subject.bare().named(subject, field)] }
}

/// One hit for each field, at the first row without it.
pub fn filled<'a>(subject: &Subject<'a>, group: &str, fields: &'a [String]) -> Vec<Hit> {
    let rows = subject.rows(group);
    fields.iter().filter_map(|key| rows.iter().find(|row| row.see(key).is_none()).map(|row| row.lack(key))).collect()
}

/// One hit for each field, at the first row with it.
pub fn blank<'a>(subject: &Subject<'a>, group: &str, fields: &'a [String]) -> Vec<Hit> {
    let rows = subject.rows(group);
    fields.iter().filter_map(|key| rows.iter().find_map(|row| row.see(key).map(|seen| row.hit(seen)))).collect()
}

pub fn ascending<'a>(subject: &Subject<'a>, group: &str, field: &'a str, equal: bool) -> Vec<Hit> {
    let mut last: Option<Decimal> = None;
    for (n, row) in subject.rows(group).iter().enumerate() {
        let number = row.see(field).and_then(|seen| seen.value().number());
        let (Some(seen), Some(number)) = (row.see(field), number) else { continue };
        if last.is_some_and(|last| number < last || !equal && number == last) {
            return vec![row.hit(seen).word("row", (n + 1).to_string())];
        }
        last = Some(number);
    }
    Vec::new()
}

/// The lowest row decides: the order of the rows is another rule's matter.
pub fn begins_at<'a>(subject: &Subject<'a>, group: &str, field: &'a str, other: Option<&'a str>, number: Option<Decimal>) -> Vec<Hit> {
    let bound = other.and_then(|other| subject.see(other));
    let Some(wanted) = number.or_else(|| bound.and_then(|seen| seen.value().number())) else { return Vec::new() };
    let rows = subject.rows(group);
    let lowest = rows
        .iter()
        .filter_map(|row| row.see(field).and_then(|seen| Some((seen.value().number()?, row, seen))))
        .min_by_key(|(number, ..)| *number);
    match lowest {
        Some((found, row, seen)) if found != wanted => {
            let hit = row.hit(seen).word("expected", wanted.normalize().to_string());
            vec![bound.iter().fold(hit, |hit, bound| hit.resting_on(bound))]
        }
        _ => Vec::new(),
    }
}

/// Every value that stood in an earlier row as well.
pub fn unique<'a>(subject: &Subject<'a>, fields: &'a [String]) -> Vec<Hit> {
    if subject.index != 0 {
        return Vec::new();
    }
    let mut known: BTreeMap<Vec<String>, bool> = BTreeMap::new();
    let mut hits = Vec::new();
    for row in (0..subject.among.len()).filter_map(|index| subject.beside(index)) {
        let seen: Option<Vec<_>> = fields.iter().map(|key| row.see(key)).collect();
        let Some(seen) = seen else { continue };
        let key = seen.iter().map(|seen| text::compare_key(&seen.value().to_string()).to_lowercase()).collect();
        match known.get_mut(&key) {
            // Said once for each value, however often it returns.
            Some(said) => {
                if !std::mem::replace(said, true) {
                    hits.extend(seen.last().map(|seen| row.hit(*seen)));
                }
            }
            None => drop(known.insert(key, false)),
        }
    }
    hits
}

pub fn sum_of<'a>(subject: &Subject<'a>, group: &str, field: &'a str, total: &'a str) -> Vec<Hit> {
    let rows = subject.rows(group);
    let numbers: Vec<Decimal> = rows.iter().filter_map(|row| row.see(field)?.value().number()).collect();
    let Some(total) = subject.see(total).filter(|_| !numbers.is_empty()) else { return Vec::new() };
    let Some(wanted) = total.value().number() else { return Vec::new() };
    let Some(sum) = numbers.iter().try_fold(Decimal::ZERO, |sum, number| sum.checked_add(*number)) else { return Vec::new() };
    // What is blank may make up what is lacking, and never takes anything away.
    let agrees = if numbers.len() < rows.len() { sum <= wanted } else { sum == wanted };
    if agrees {
        return Vec::new();
    }
    let hit = subject.hit(total).word("value", sum.normalize().to_string()).word("expected", subject.show(&total));
    vec![rows.iter().filter_map(|row| row.see(field)).fold(hit, |hit, seen| hit.resting_on(&seen))]
}
