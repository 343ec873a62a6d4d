//! How long cases stay in a state.

use crate::domain::case::{Body, Event};
use crate::domain::date::Moment;
use crate::report::Month;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Cases in one state. Lengths are in tenths of a day of 24 hours, holidays counted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stay {
    /// Id of the state.
    pub state: String,
    /// How often a case left it this month.
    pub left: u32,
    pub median: u64,
    pub mean: u64,
    pub longest: u64,
    /// Cases in it at the end of the month.
    pub still: u32,
}

/// Minutes.
const TENTH_OF_A_DAY: u64 = 144;

/// Stays that ended in the month, and how many cases are in each state at its end, or on the day up to which things are known.
pub(super) fn stays<'a>(month: Month, cases: impl Iterator<Item = &'a [&'a Event]>, until: Date) -> Vec<Stay> {
    let end = month.last().min(until);
    let mut lengths: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut still: BTreeMap<String, u32> = BTreeMap::new();
    for events in cases {
        let mut here: Option<(&str, Moment)> = None;
        let mut at_end = None;
        for event in events.iter().filter(|event| event.at.date() <= month.last()) {
            let Body::Moved { from, to, .. } = &event.body else { continue };
            if from == to {
                continue;
            }
            if let Some((state, since)) = here.filter(|(state, _)| *state == from.as_str())
                && month.holds(event.at.date())
            {
                lengths.entry(state.to_owned()).or_default().push(tenths(since, event.at));
            }
            here = Some((to, event.at));
            if event.at.date() <= end {
                at_end = Some(to.clone());
            }
        }
        if let Some(state) = at_end {
            *still.entry(state).or_default() += 1;
        }
    }
    let states: std::collections::BTreeSet<String> = lengths.keys().chain(still.keys()).cloned().collect();
    states.into_iter().map(|state| stay(lengths.remove(&state).unwrap_or_default(), still.get(&state).copied(), state)).collect()
}

fn stay(mut lengths: Vec<u64>, still: Option<u32>, state: String) -> Stay {
    lengths.sort_unstable();
    let left = lengths.len() as u64;
    let median = match lengths.len() {
        0 => 0,
        many if many % 2 == 1 => lengths[many / 2],
        many => (lengths[many / 2 - 1] + lengths[many / 2]).div_ceil(2),
    };
    let mean = (lengths.iter().sum::<u64>() + left / 2).checked_div(left).unwrap_or(0);
    Stay { state, left: left as u32, median, mean, longest: lengths.last().copied().unwrap_or(0), still: still.unwrap_or(0) }
}

fn tenths(from: Moment, to: Moment) -> u64 {
    let minutes = to.timestamp().duration_since(from.timestamp()).as_mins().max(0).unsigned_abs();
    (minutes + TENTH_OF_A_DAY / 2) / TENTH_OF_A_DAY
}
