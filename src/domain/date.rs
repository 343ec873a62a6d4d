//! Dates as people write them: western, 和暦, with slashes, in full-width digits.

use crate::domain::text;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// First year of each era, newest first.
const ERAS: &[(&str, &str, i32)] = &[("令和", "R", 2019), ("平成", "H", 1989), ("昭和", "S", 1926)];

/// A date on paper: a day of the calendar, or three numbers that are none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Written {
    Day(Date),
    /// Year, month and day as written, `2026-02-31`.
    NoSuchDay(String),
}

/// Reads `2026年4月6日`, `西暦2026年4月6日`, `令和8年4月6日`, `R8.4.6`, `2026/04/06`, `2026-4-6`, `20260406`.
/// `None` where the text is no date at all.
pub fn read(text: &str) -> Option<Written> {
    let plain: String = text::tidy(text).chars().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.replace("元年", "1年");
    let (base, rest) = era(plain.strip_prefix("西暦").unwrap_or(&plain));
    let numbers = numbers(rest)?;
    let (year, month, day) = match (numbers.as_slice(), base) {
        ([year, month, day], Some(base)) => (base + year.value - 1, month.value, day.value),
        ([year, month, day], None) if year.places == 4 => (year.value, month.value, day.value),
        ([whole], None) if whole.places == 8 => (whole.value / 10_000, whole.value / 100 % 100, whole.value % 100),
        _ => return None,
    };
    let written = || Written::NoSuchDay(format!("{year:04}-{month:02}-{day:02}"));
    let date = i16::try_from(year)
        .ok()
        .zip(i8::try_from(month).ok())
        .zip(i8::try_from(day).ok())
        .and_then(|((year, month), day)| Date::new(year, month, day).ok());
    Some(date.map_or_else(written, Written::Day))
}

fn era(text: &str) -> (Option<i32>, &str) {
    for (name, letter, first) in ERAS {
        if let Some(rest) = text.strip_prefix(name) {
            return (Some(*first), rest);
        }
        if let Some(rest) = text.strip_prefix(letter)
            && rest.starts_with(|c: char| c.is_ascii_digit())
        {
            return (Some(*first), rest);
        }
    }
    (None, text)
}

struct Number {
    value: i32,
    places: usize,
}

/// The runs of digits, when nothing but date signs stands between and behind them.
fn numbers(text: &str) -> Option<Vec<Number>> {
    let mut found = Vec::new();
    let mut run = String::new();
    for c in text.chars().chain(['/']) {
        if c.is_ascii_digit() {
            run.push(c);
        } else if matches!(c, '年' | '月' | '日' | '/' | '-' | '.' | '−' | '－' | '・') {
            if !run.is_empty() {
                found.push(Number { value: run.parse().ok()?, places: run.len() });
                run.clear();
            }
        } else {
            return None;
        }
    }
    Some(found)
}

/// A date with a time of day; 24:00 is allowed and is not the next day's 00:00.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Stamp {
    pub date: Date,
    pub hour: i8,
    pub minute: i8,
}

impl Stamp {
    pub fn new(date: Date, hour: i8, minute: i8) -> Option<Self> {
        let sound = (0..24).contains(&hour) && (0..60).contains(&minute) || (hour, minute) == (24, 0);
        sound.then_some(Stamp { date, hour, minute })
    }

    /// Reads `2026/05/31 24:00`, `2026-05-01T00:00:00`, `202605312400`, `2026年5月1日 0時00分`.
    pub fn read(text: &str) -> Option<Self> {
        let plain = text::tidy(text);
        let all = text::digits(&plain);
        if plain.len() == all.len() && (all.len() == 12 || all.len() == 14) {
            let Written::Day(date) = read(&all[..8])? else { return None };
            return Stamp::new(date, all[8..10].parse().ok()?, all[10..12].parse().ok()?);
        }
        let (day, time) = match plain.split_once(['T', ' ']) {
            Some((day, time)) => (day.to_owned(), time.to_owned()),
            None => match plain.split_once('日') {
                Some((day, time)) => (format!("{day}日"), time.to_owned()),
                None => (plain, String::new()),
            },
        };
        let Written::Day(date) = read(&day)? else { return None };
        if time.trim().is_empty() {
            return Stamp::new(date, 0, 0);
        }
        let mut parts = time.split([':', '時', '分']).map(str::trim);
        let hour = parts.next()?.parse().ok()?;
        let minute = parts.next().filter(|part| !part.is_empty()).map_or(Some(0), |part| part.parse().ok())?;
        Stamp::new(date, hour, minute)
    }

    /// Minutes since the beginning of its day.
    pub fn minutes(&self) -> i32 {
        i32::from(self.hour) * 60 + i32::from(self.minute)
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{:02}:{:02}", self.date, self.hour, self.minute)
    }
}

impl From<Stamp> for String {
    fn from(stamp: Stamp) -> String {
        stamp.to_string()
    }
}

impl FromStr for Stamp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Stamp::read(text).ok_or_else(|| format!("{text:?} is no date with a time"))
    }
}

impl TryFrom<String> for Stamp {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// A moment on the desk's clock, to the second, always written with the offset of Japan, which knows no summer time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Moment(jiff::Timestamp);

impl Moment {
    const OFFSET: jiff::tz::Offset = jiff::tz::Offset::constant(9);

    pub fn new(timestamp: jiff::Timestamp) -> Self {
        Moment(timestamp)
    }

    /// Midnight in Japan at which a day begins.
    pub fn start_of(day: Date) -> Self {
        Self::OFFSET.to_timestamp(day.at(0, 0, 0, 0)).map_or(Moment(jiff::Timestamp::MAX), Moment)
    }

    pub fn timestamp(self) -> jiff::Timestamp {
        self.0
    }

    /// The wall clock in Japan.
    pub fn civil(self) -> jiff::civil::DateTime {
        Self::OFFSET.to_datetime(self.0)
    }

    pub fn date(self) -> Date {
        self.civil().date()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+09:00", self.civil().strftime("%Y-%m-%dT%H:%M:%S"))
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Moment).map_err(|error| format!("{text:?} is no moment such as 2026-04-08T10:00:00+09:00: {error}"))
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> String {
        moment.to_string()
    }
}

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// 2026年4月17日（金）, as letters print it.
pub fn in_letters(date: Date) -> String {
    let day = match date.weekday() {
        jiff::civil::Weekday::Monday => '月',
        jiff::civil::Weekday::Tuesday => '火',
        jiff::civil::Weekday::Wednesday => '水',
        jiff::civil::Weekday::Thursday => '木',
        jiff::civil::Weekday::Friday => '金',
        jiff::civil::Weekday::Saturday => '土',
        jiff::civil::Weekday::Sunday => '日',
    };
    format!("{}年{}月{}日（{day}）", date.year(), date.month(), date.day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn every_way_of_writing_one_day() {
        for text in
            ["2026年4月6日", "令和8年4月6日", "令和８年０４月０６日", "R8.4.6", "2026/04/06", "2026-4-6", "20260406", "2026 年 4 月 6 日"]
        {
            assert_eq!(read(text), Some(Written::Day(date(2026, 4, 6))), "{text}");
        }
        assert_eq!(read("令和元年5月1日"), Some(Written::Day(date(2019, 5, 1))));
        assert_eq!(read("平成31年4月30日"), Some(Written::Day(date(2019, 4, 30))));
    }

    #[test]
    fn a_day_that_no_calendar_has_is_told_apart_from_no_date() {
        assert_eq!(read("令和8年2月31日"), Some(Written::NoSuchDay("2026-02-31".to_owned())));
        for text in ["", "未定", "4月6日", "26/4/6", "12345678901"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn midnight_at_the_end_of_a_day_stays_there() {
        let end = Stamp::read("2026/05/31 24:00").unwrap();
        assert_eq!((end.date, end.minutes()), (date(2026, 5, 31), 1440));
        assert_eq!(Stamp::read("202605312400"), Some(end));
        assert_eq!(Stamp::read("2026/05/31 24:30"), None);
        assert_eq!(Stamp::read("2026-05-01T00:00:00").unwrap().to_string(), "2026-05-01T00:00");
        assert_eq!(end.to_string().parse(), Ok(end));
    }

    #[test]
    fn a_moment_is_written_on_the_clock_of_japan() {
        let moment: Moment = "2026-04-07T23:30:00Z".parse().unwrap();
        assert_eq!(moment.to_string(), "2026-04-08T08:30:00+09:00");
        assert_eq!(moment.date(), date(2026, 4, 8));
        assert_eq!(moment.to_string().parse(), Ok(moment));
        assert!("yesterday".parse::<Moment>().is_err());
    }

    #[test]
    fn letters_name_the_day_of_the_week() {
        assert_eq!(in_letters(date(2026, 4, 17)), "2026年4月17日（金）");
    }
}
