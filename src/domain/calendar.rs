//! Business days: which days the desk is closed, and counting the days that it is open.
//!
//! Owns the count alone. A year that the book does not list is an error, never a year without holidays.

use jiff::civil::{Date, Weekday};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Closed days: weekends, public holidays of the listed years, and the same days of every year.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(try_from = "Book")]
pub struct Calendar {
    years: BTreeMap<i16, BTreeSet<Date>>,
    /// Month and day.
    every_year: BTreeSet<(i8, i8)>,
}

/// The layout of `holidays.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    year: BTreeMap<String, BTreeMap<Day, String>>,
    #[serde(default)]
    closed: Closed,
}

/// A day as it is written; one that the calendar does not know is told where it stands.
#[derive(PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
struct Day(Date);

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        written.parse().map(Day).map_err(|_| format!("{written:?} is no day such as 2026-01-01"))
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Closed {
    days: Vec<String>,
}

/// The calendar has no holidays for this year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownYear(pub i16);

impl fmt::Display for UnknownYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "holidays.toml lists no holidays of {}", self.0)
    }
}

impl std::error::Error for UnknownYear {}

impl TryFrom<Book> for Calendar {
    type Error = String;

    fn try_from(book: Book) -> Result<Self, String> {
        let mut calendar = Calendar::default();
        for (year, days) in book.year {
            let number: i16 = year.parse().map_err(|_| format!("{year:?} is no year"))?;
            let listed = calendar.years.entry(number).or_default();
            for Day(date) in days.into_keys() {
                if date.year() != number {
                    return Err(format!("{date} stands under the year {year}"));
                }
                listed.insert(date);
            }
        }
        let years: Vec<i16> = calendar.years.keys().copied().collect();
        if let Some(pair) = years.windows(2).find(|pair| pair.first().zip(pair.last()).is_some_and(|(one, next)| one + 1 != *next)) {
            return Err(format!("no year is listed between {pair:?} (list the holidays of each)"));
        }
        for day in book.closed.days {
            // A leap year knows every day that any year has.
            let date: Date = format!("2024-{day}").parse().map_err(|_| format!("{day:?} is no day such as 12-29"))?;
            calendar.every_year.insert((date.month(), date.day()));
        }
        Ok(calendar)
    }
}

impl Calendar {
    /// Whether the desk works on this day.
    pub fn is_open(&self, day: Date) -> Result<bool, UnknownYear> {
        let holidays = self.years.get(&day.year()).ok_or(UnknownYear(day.year()))?;
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        Ok(!weekend && !holidays.contains(&day) && !self.every_year.contains(&(day.month(), day.day())))
    }

    /// The business day that ends the period; `from` is day 0 and is not counted.
    pub fn add_business_days(&self, from: Date, days: u32) -> Result<Date, UnknownYear> {
        let mut day = from;
        for _ in 0..days {
            day = self.next_open(day)?;
        }
        Ok(day)
    }

    /// Business days after `from` up to and including `to`; negative when `to` lies before.
    pub fn business_days_between(&self, from: Date, to: Date) -> Result<i64, UnknownYear> {
        if to < from {
            return self.business_days_between(to, from).map(|days| -days);
        }
        let mut count = 0;
        let mut day = from;
        while day < to {
            day = day.tomorrow().map_err(|_| UnknownYear(day.year()))?;
            count += i64::from(self.is_open(day)?);
        }
        Ok(count)
    }

    fn next_open(&self, from: Date) -> Result<Date, UnknownYear> {
        let mut day = from;
        loop {
            day = day.tomorrow().map_err(|_| UnknownYear(day.year()))?;
            if self.is_open(day)? {
                return Ok(day);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn shipped() -> Calendar {
        toml::from_str(include_str!("../../templates/_shared/holidays.toml")).unwrap()
    }

    #[test]
    fn the_worked_examples_of_the_domain() {
        let calendar = shipped();
        for (received, fifth, tenth) in [
            (date(2024, 4, 26), date(2024, 5, 8), date(2024, 5, 15)),
            (date(2024, 12, 24), date(2025, 1, 7), date(2025, 1, 15)),
            (date(2025, 6, 2), date(2025, 6, 9), date(2025, 6, 16)),
            (date(2026, 9, 15), date(2026, 9, 25), date(2026, 10, 2)),
            (date(2027, 3, 17), date(2027, 3, 25), date(2027, 4, 1)),
        ] {
            assert_eq!(calendar.add_business_days(received, 5), Ok(fifth), "{received}");
            assert_eq!(calendar.add_business_days(received, 10), Ok(tenth), "{received}");
            assert_eq!(calendar.business_days_between(received, tenth), Ok(10), "{received}");
            assert_eq!(calendar.business_days_between(tenth, received), Ok(-10), "{received}");
        }
    }

    #[test]
    fn a_year_that_is_not_listed_is_an_error() {
        let calendar = shipped();
        assert_eq!(calendar.add_business_days(date(2027, 12, 28), 1), Err(UnknownYear(2028)));
        assert_eq!(calendar.is_open(date(2023, 6, 1)), Err(UnknownYear(2023)));
        assert_eq!(calendar.business_days_between(date(2027, 12, 1), date(2028, 1, 4)), Err(UnknownYear(2028)));
    }

    #[test]
    fn the_desk_is_closed_on_weekends_holidays_and_at_the_end_of_the_year() {
        let calendar = shipped();
        for (day, open) in [
            (date(2026, 4, 28), true),
            (date(2026, 4, 29), false),
            (date(2026, 5, 2), false),
            (date(2026, 12, 29), false),
            (date(2026, 12, 28), true),
            (date(2027, 1, 4), true),
        ] {
            assert_eq!(calendar.is_open(day), Ok(open), "{day}");
        }
    }

    #[test]
    fn a_book_with_a_day_under_the_wrong_year_is_refused() {
        assert!(toml::from_str::<Calendar>("[year.2026]\n\"2027-01-01\" = \"元日\"\n").is_err());
        assert!(toml::from_str::<Calendar>("[year.2026]\n\"2026-02-30\" = \"?\"\n").is_err());
        assert!(toml::from_str::<Calendar>("[year]\n[closed]\ndays = [\"13-01\"]\n").is_err());
    }
}
