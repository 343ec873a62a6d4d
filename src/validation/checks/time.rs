//! Days, times and periods.

use crate::domain::date::Stamp;
use crate::domain::value::Value;
use crate::validation::scene::{Hit, Seen, Subject};
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// A day that no calendar has, or no day at all.
pub fn real<'a>(subject: &Subject<'a>, fields: &'a [String]) -> Vec<Hit> {
    let seen = fields.iter().filter_map(|key| subject.see(key)).filter(|seen| seen.value().date().is_none());
    seen.map(|seen| subject.hit(seen)).collect()
}

/// `before`: days and years, of which either is enough to be too early.
pub fn within_days<'a>(
    subject: &Subject<'a>,
    field: &'a str,
    (before, years_before): (Option<i64>, Option<i64>),
    after: Option<i64>,
) -> Vec<Hit> {
    let Some((seen, day)) = dated(subject, field) else { return Vec::new() };
    let received = subject.received_on();
    let back = [before.map(|days| days.days()), years_before.map(|years| years.years())];
    let early = back.into_iter().flatten().filter_map(|span| received.checked_sub(span).ok()).any(|first| day < first);
    let late = after.and_then(|days| received.checked_add(days.days()).ok()).is_some_and(|last| day > last);
    if early || late { vec![subject.hit(seen)] } else { Vec::new() }
}

fn dated<'a>(subject: &Subject<'a>, field: &'a str) -> Option<(Seen<'a>, Date)> {
    let seen = subject.see(field)?;
    Some((seen, seen.value().date()?))
}

/// Earlier than so many business days after receipt. A year without holidays in the book cannot be judged.
pub fn business_days_ahead<'a>(subject: &Subject<'a>, field: &'a str, days: u32) -> Vec<Hit> {
    let Some((seen, day)) = dated(subject, field) else { return Vec::new() };
    let earliest = subject.scene.context.desk.calendar.add_business_days(subject.received_on(), days);
    match earliest {
        Ok(earliest) if day < earliest => vec![subject.hit(seen)],
        _ => Vec::new(),
    }
}

pub fn edition<'a>(subject: &Subject<'a>, field: &'a str) -> Vec<Hit> {
    let Some(seen) = subject.see(field) else { return Vec::new() };
    let written = seen.value().to_string();
    match subject.scene.context.desk.takes_edition(&written, subject.received_on()) {
        Some(false) => vec![subject.hit(seen).word("edition", written)],
        _ => Vec::new(),
    }
}

/// 24:00 is the next day's 00:00.
fn minutes(stamp: Stamp) -> i64 {
    let days = stamp.date.since(Date::ZERO).map_or(0, |span| i64::from(span.get_days()));
    days * 24 * 60 + i64::from(stamp.minutes())
}

fn stamp(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Stamp(stamp) => Some(minutes(*stamp)),
        Value::Date(date) => Stamp::new(*date, 0, 0).map(minutes),
        _ => None,
    }
}

fn span(subject: &Subject<'_>, from: &str, to: &str) -> Option<(i64, i64)> {
    Some((stamp(subject.record.value(from))?, stamp(subject.record.value(to))?))
}

fn alike(left: &Subject<'_>, right: &Subject<'_>, keys: &[String]) -> bool {
    keys.iter().all(|key| left.record.value(key) == right.record.value(key))
}

pub fn period<'a>(subject: &Subject<'a>, from: &'a str, to: &'a str, by: &[String]) -> Vec<Hit> {
    let unreadable = [from, to].into_iter().filter_map(|key| subject.see(key)).find(|seen| stamp(Some(seen.value())).is_none());
    if let Some(seen) = unreadable {
        return vec![subject.hit(seen)];
    }
    let (Some((begin, end)), Some(seen)) = (span(subject, from, to), subject.see(from)) else { return Vec::new() };
    let words = |seen: Seen<'a>| {
        let until = subject.see(to).map(|seen| subject.show(&seen)).unwrap_or_default();
        subject.hit(seen).word("value", format!("{}～{until}", subject.show(&seen)))
    };
    let earlier = (0..subject.index).filter_map(|index| subject.beside(index));
    // The very same period twice is a number used twice, which another rule asks about.
    let overlaps = earlier
        .filter(|other| alike(subject, other, by))
        .filter_map(|other| span(&other, from, to))
        .any(|(other_begin, other_end)| (other_begin, other_end) != (begin, end) && begin < other_end && other_begin < end);
    if begin >= end || overlaps { vec![words(seen)] } else { Vec::new() }
}

pub fn half_hours<'a>(subject: &Subject<'a>, fields: &'a [String]) -> Vec<Hit> {
    let odd = |seen: &Seen<'_>| matches!(seen.value(), Value::Stamp(stamp) if stamp.minutes() % 30 != 0);
    fields.iter().filter_map(|key| subject.see(key)).filter(odd).map(|seen| subject.hit(seen)).collect()
}

/// Said at the first record of each `by`.
pub fn numbering<'a>(subject: &Subject<'a>, field: &'a str, by: &'a str, period: &[String]) -> Vec<Hit> {
    let group: Vec<Subject<'a>> = (0..subject.among.len())
        .filter_map(|index| subject.beside(index))
        .filter(|other| other.record.value(by) == subject.record.value(by))
        .collect();
    if group.first().is_some_and(|first| first.index != subject.index) {
        return Vec::new();
    }
    if let Some(nameless) = group.iter().find(|one| one.see(field).is_none()) {
        return vec![nameless.lack(field)];
    }
    let number = |one: &Subject<'_>| match one.record.value(field) {
        Some(Value::Integer(number)) => Some(*number),
        _ => None,
    };
    let twin = group.iter().enumerate().find(|(n, one)| {
        group.iter().take(*n).any(|other| number(one).is_some() && number(one) == number(other) && alike(one, other, period))
    });
    if let Some(seen) = twin.and_then(|(_, one)| one.see(field)) {
        return vec![subject.hit(seen)];
    }
    let used: BTreeSet<i64> = group.iter().filter_map(number).collect();
    let gap = (1..=used.len() as i64).find(|wanted| !used.contains(wanted));
    match (gap, subject.see(field)) {
        (Some(gap), Some(seen)) if !used.is_empty() => vec![subject.hit(seen).word("value", gap.to_string())],
        _ => Vec::new(),
    }
}

/// Outside a period of another paper; an open end is no bound.
pub fn inside<'a>(subject: &Subject<'a>, field: &'a str, from: &'a str, to: &'a str) -> Vec<Hit> {
    let Some((seen, day)) = dated(subject, field) else { return Vec::new() };
    let (first, last) = (dated(subject, from), dated(subject, to));
    let outside = first.is_some_and(|(_, first)| day < first) || last.is_some_and(|(_, last)| day > last);
    let bounds: Vec<Seen<'a>> = [first, last].into_iter().flatten().map(|(seen, _)| seen).collect();
    let doubtful = bounds.iter().any(Seen::is_doubtful);
    if !outside && !doubtful {
        return Vec::new();
    }
    let shown = |bound: Option<(Seen<'a>, Date)>| bound.map(|(seen, _)| subject.show(&seen)).unwrap_or_default();
    let hit = subject.hit(seen).word("expected", format!("{}～{}", shown(first), shown(last)));
    vec![bounds.iter().fold(hit, |hit, bound| hit.resting_on(bound))]
}

/// No record is named, its days are blank, or there are too few of them.
pub fn covers<'a>(subject: &Subject<'a>, file: Option<&'a str>, from: &'a str, to: &'a str, days: i64) -> Vec<Hit> {
    if let Some(file) = file.filter(|file| subject.see(file).is_none()) {
        return vec![subject.lack(file)];
    }
    let (Some((first, begin)), Some((last, end))) = (dated(subject, from), dated(subject, to)) else {
        let unread = [from, to].into_iter().find(|key| dated(subject, key).is_none()).unwrap_or(from);
        return vec![subject.see(unread).map_or_else(|| subject.lack(unread), |seen| subject.hit(seen))];
    };
    let long = begin.until(end).map_or(0, |span| i64::from(span.get_days()) + 1);
    if long >= days {
        return Vec::new();
    }
    let words = format!("{}～{}", subject.show(&first), subject.show(&last));
    vec![subject.hit(first).word("value", words).resting_on(&last)]
}

pub fn gap<'a>(subject: &Subject<'a>, field: &'a str, most: i64) -> Vec<Hit> {
    let Some(seen) = subject.see(field) else { return Vec::new() };
    match seen.value() {
        Value::Integer(minutes) if *minutes > most => vec![subject.hit(seen).word("value", format!("欠測 最長{minutes}分"))],
        _ => Vec::new(),
    }
}
