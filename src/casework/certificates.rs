//! The client certificates that a case holds, and the day on which the next of them ends.
//!
//! Owns when someone is reminded and what may be renewed. Never makes a certificate.

use crate::casework::deed;
use crate::casework::flow::{Flows, Tell};
use crate::casework::fold::Case;
use crate::domain::case::CertificateFacts;
use jiff::ToSpan;
use jiff::civil::Date;

/// The deadline that stands for the end of a certificate.
pub const DEADLINE: &str = "certificate";

/// Users and the newest certificate of each.
pub fn held(case: &Case) -> Vec<(&str, &CertificateFacts)> {
    case.holders().filter_map(|user| Some((user.user_id.as_str(), user.certificate.as_ref()?))).collect()
}

/// The day on which the first of the newest certificates ends, where the case is one in which it would be renewed.
pub fn next_end(case: &Case, flows: &Flows) -> Option<Date> {
    let matters = flows.event(deed::RENEWED).is_some_and(|event| event.from.contains(&case.state));
    let ends = held(case).into_iter().filter(|(_, facts)| facts.revoked.is_none()).map(|(_, facts)| facts.to);
    ends.min().filter(|_| matters)
}

/// Days of the calendar before the end of a certificate, in which it is reminded of and may be renewed.
pub fn window(flows: &Flows) -> u32 {
    flows.deadline(DEADLINE).and_then(|deadline| deadline.remind_days).unwrap_or(0)
}

/// The end has come near, or has passed.
pub fn is_near(end: Date, flows: &Flows, today: Date) -> bool {
    end <= near_until(flows, today)
}

/// The last day of an end that is near.
pub fn near_until(flows: &Flows, today: Date) -> Date {
    today.saturating_add(i64::from(window(flows)).days())
}

/// The users that a letter is about, before the step is taken that it belongs to.
pub fn concerned(case: &Case, tell: Tell) -> Vec<String> {
    match tell {
        Tell::Renewed => case.renewals.iter().cloned().collect(),
        Tell::Revoked => revoked_untold(case),
        Tell::Ends => {
            let due = case.deadlines.get(DEADLINE);
            held(case)
                .into_iter()
                .filter(|(_, facts)| facts.revoked.is_none() && Some(&facts.to) == due)
                .map(|(user, _)| user.to_owned())
                .collect()
        }
    }
}

/// Users whose certificate was revoked and who were not yet told.
pub fn revoked_untold(case: &Case) -> Vec<String> {
    let told = case.last_move(&["T24"]).map_or(0, |moved| moved.seq);
    let since = case.deeds.iter().filter(|deed| deed.what == deed::REVOKED && deed.seq > told);
    since.filter_map(|deed| deed.set.get(deed::USER)).cloned().collect()
}
