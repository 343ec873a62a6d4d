//! Numbers against bounds and against each other.

use crate::domain::text;
use crate::validation::scene::{Hit, Subject};
use rust_decimal::Decimal;

/// A price with too many decimals, no number at all, or a number with words in its cell.
pub fn decimals<'a>(subject: &Subject<'a>, fields: &'a [String], most: u32) -> Vec<Hit> {
    let seen = fields.iter().filter_map(|key| subject.see(key));
    let wrong =
        seen.filter(|seen| seen.value().number().is_none_or(|number| number.normalize().scale() > most) || has_words(&seen.field.raw));
    wrong.map(|seen| subject.hit(seen)).collect()
}

fn has_words(raw: &str) -> bool {
    text::tidy(raw).chars().any(|c| c.is_alphabetic() && !matches!(c, 'e' | 'E'))
}

/// Outside the bounds.
pub fn range<'a>(subject: &Subject<'a>, fields: &'a [String], least: Option<Decimal>, most: Option<Decimal>, numeric: bool) -> Vec<Hit> {
    let mut hits = Vec::new();
    for seen in fields.iter().filter_map(|key| subject.see(key)) {
        let number = seen.value().number();
        let low = least.filter(|least| number.map_or(numeric, |number| number < *least));
        let high = most.filter(|most| number.map_or(numeric, |number| number > *most));
        if let Some(bound) = low.or(high) {
            hits.push(subject.hit(seen).word("expected", bound.normalize().to_string()));
        }
    }
    hits
}

/// Above the other value, less what is taken from it. A negative bound says that the other rule has its say.
pub fn at_most<'a>(subject: &Subject<'a>, field: &'a str, other: &'a str, minus: Option<&'a str>, below: bool) -> Vec<Hit> {
    let (Some(seen), Some(bound)) = (subject.see(field), subject.see(other)) else { return Vec::new() };
    let taken = minus.and_then(|minus| subject.see(minus));
    let less = taken.and_then(|seen| seen.value().number()).unwrap_or_default();
    let (Some(value), Some(limit)) = (seen.value().number(), bound.value().number().and_then(|limit| limit.checked_sub(less))) else {
        return Vec::new();
    };
    if value < limit || !below && value == limit || limit < Decimal::ZERO {
        return Vec::new();
    }
    let hit = subject.hit(seen).against(subject, &bound).word("expected", limit.normalize().to_string());
    vec![taken.iter().fold(hit, |hit, taken| hit.resting_on(taken))]
}

/// Below the other value, or before the other day.
pub fn at_least<'a>(subject: &Subject<'a>, field: &'a str, other: &'a str) -> Vec<Hit> {
    let (Some(seen), Some(bound)) = (subject.see(field), subject.see(other)) else { return Vec::new() };
    let less = match (seen.value().number().zip(bound.value().number()), seen.value().date().zip(bound.value().date())) {
        (Some((value, limit)), _) => value < limit,
        (None, Some((value, limit))) => value < limit,
        (None, None) => false,
    };
    if less { vec![subject.hit(seen).against(subject, &bound)] } else { Vec::new() }
}

/// `minute:kW` pairs: minutes strictly ascending, output never turning back; it ends at 0 when falling, and stays within `most`.
pub fn curve<'a>(subject: &Subject<'a>, field: &'a str, falling: bool, most: Option<&'a str>) -> Vec<Hit> {
    let Some(seen) = subject.see(field) else { return Vec::new() };
    let rated = most.and_then(|most| subject.see(most)).and_then(|seen| seen.value().number());
    let sound = points(&seen.value().to_string()).is_some_and(|points| {
        let steps = || points.windows(2).filter_map(|pair| pair.first().zip(pair.last()));
        let minutes = steps().all(|((before, _), (after, _))| before < after);
        let output = steps().all(|((_, before), (_, after))| if falling { after <= before } else { after >= before });
        let ends = points.last().is_some_and(|(_, end)| if falling { end.is_zero() } else { rated.is_none_or(|rated| *end <= rated) });
        minutes && output && ends && points.len() <= MOST_POINTS
    });
    if sound { Vec::new() } else { vec![subject.hit(seen)] }
}

const MOST_POINTS: usize = 20;

fn points(written: &str) -> Option<Vec<(Decimal, Decimal)>> {
    let pairs = written.split([';', '\n', '、']).map(str::trim).filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once(':').and_then(|(minute, kw)| Some((minute.trim().parse().ok()?, kw.trim().parse().ok()?)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_a_number_alone() {
        for (raw, words) in [("9.66円", true), ("9.66 yen", true), ("９．６６", false), ("1,234.50", false), ("▲1.50", false), ("", false)]
        {
            assert_eq!(has_words(raw), words, "{raw}");
        }
    }
}
