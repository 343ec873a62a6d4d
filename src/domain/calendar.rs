//! Business days: closed are Saturdays, Sundays, public holidays and the days that the desk adds.

use crate::fault::Fault;
use jiff::Span;
use jiff::civil::{Date, Weekday};
use std::collections::{BTreeMap, BTreeSet};

/// Which days are closed, for the years that the book knows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Calendar {
    /// Holidays with their names; every year that may be asked for has some.
    pub holidays: BTreeMap<Date, String>,
    /// Month and day of the days that are closed every year in addition.
    pub closed: BTreeSet<(i8, i8)>,
}

impl Calendar {
    /// Whether the desk is open. A year without holidays in the book is a fault of the book.
    pub fn is_open(&self, day: Date) -> Result<bool, Fault> {
        if !self.holidays.keys().any(|holiday| holiday.year() == day.year()) {
            return Err(Fault::lasting(
                "_shared/holidays.toml",
                format!("the holidays of {} are missing", day.year()),
                "add [year.…] with the days of 国民の祝日に関する法律",
            ));
        }
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        Ok(!weekend && !self.holidays.contains_key(&day) && !self.closed.contains(&(day.month(), day.day())))
    }

    /// The business day that follows after so many others; the first day is not counted (民法140条).
    pub fn add_business_days(&self, from: Date, days: u32) -> Result<Date, Fault> {
        let mut day = from;
        let mut left = days;
        while left > 0 {
            day = next(day)?;
            left -= u32::from(self.is_open(day)?);
        }
        Ok(day)
    }

    /// Business days after `from` up to and with `to`; 0 where `to` is not later.
    pub fn business_days_between(&self, from: Date, to: Date) -> Result<i64, Fault> {
        let mut count = 0;
        let mut day = from;
        while day < to {
            day = next(day)?;
            count += i64::from(self.is_open(day)?);
        }
        Ok(count)
    }
}

fn next(day: Date) -> Result<Date, Fault> {
    day.checked_add(Span::new().days(1)).map_err(|error| Fault::lasting("calendar", error, "check the date that the count began with"))
}
