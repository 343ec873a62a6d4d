//! When the desk has something to do though no file came.
//!
//! Due dates are days, so what falls due does so at the turn of a day on which the desk is open; the cut-off hour ends
//! the day for what still comes. Reads no clock.

use crate::domain::calendar::Calendar;
use crate::domain::date::Moment;
use jiff::civil::Date;

/// Days that are searched: a calendar with a year of closed days is a broken one.
const FARTHEST: usize = 400;

/// The next turn of an open day or its cut-off hour, after a moment.
pub fn next(after: Moment, calendar: &Calendar, cut_off_hour: i8) -> Option<Moment> {
    let days = std::iter::successors(Some(after.date()), |day| day.tomorrow().ok());
    // A year that the calendar does not list is taken for open: too many looks miss nothing.
    let open = days.take(FARTHEST).filter(|day| calendar.is_open(*day).unwrap_or(true));
    open.flat_map(|day| [0, cut_off_hour].map(|hour| at(day, hour))).flatten().find(|moment| *moment > after)
}

fn at(day: Date, hour: i8) -> Option<Moment> {
    // 24 is a cut-off at the end of the day, which is the turn of the next one.
    (0..24).contains(&hour).then(|| format!("{day}T{hour:02}:00:00+09:00").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_of_open_days_and_cut_off_hours() {
        let calendar: Calendar = toml::from_str(include_str!("../../templates/_shared/holidays.toml")).unwrap();
        for (after, wanted) in [
            ("2026-04-08T10:00:00", "2026-04-08T17:00:00"),
            ("2026-04-08T17:00:00", "2026-04-09T00:00:00"),
            ("2026-04-08T23:59:59", "2026-04-09T00:00:00"),
            ("2026-04-09T00:00:00", "2026-04-09T17:00:00"),
            ("2026-04-10T18:00:00", "2026-04-13T00:00:00"), // a weekend
            ("2026-05-01T20:00:00", "2026-05-07T00:00:00"), // the golden week
            ("2031-06-01T20:00:00", "2031-06-02T00:00:00"), // a year that is not listed
        ] {
            let moment = |text: &str| format!("{text}+09:00").parse::<Moment>().unwrap();
            assert_eq!(next(moment(after), &calendar, 17), Some(moment(wanted)), "{after}");
        }
        let evening: Moment = "2026-04-08T10:00:00+09:00".parse().unwrap();
        assert_eq!(next(evening, &calendar, 24).unwrap().to_string(), "2026-04-09T00:00:00+09:00");
    }
}
