//! The client certificates that a case holds, and the day on which the next of them ends.
//!
//! Owns when someone is reminded and what may be renewed. Never makes a certificate.

use crate::casework::flow::{Flows, Tell};
use crate::casework::fold::{Case, Deed, Sent};
use crate::casework::{deed, step};
use crate::domain::case::CertificateFacts;
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The deadline that stands for the end of a certificate.
pub const DEADLINE: &str = "certificate";

/// What a user is handed: the file of a key, and the page that says its passphrase.
pub const KEY_FILE: &str = "certificate_key";
pub const PASSPHRASE_PAGE: &str = "certificate_passphrase";

/// The certificate whose key or passphrase a letter hands over. Both have one number in the step that made them; the file is called
/// after the user, and after the place of the certificate among the user's where it is not the first.
pub fn handed_over<'c>(case: &'c Case, letter: &Sent) -> Option<&'c CertificateFacts> {
    let (step, name) = letter.key.rsplit_once('/')?;
    let (_, number) = name.rsplit_once('-').filter(|_| [KEY_FILE, PASSPHRASE_PAGE].contains(&letter.kind.as_str()))?;
    let key_file = format!("{step}/{KEY_FILE}-{number}");
    let path = case.letters.iter().find(|other| other.key == key_file)?.files.first()?;
    let name = path.rsplit('/').next()?.strip_suffix(".p12")?;
    let later = name.rsplit_once('-').and_then(|(user_id, ordinal)| Some((user_id, ordinal.parse::<usize>().ok()?)));
    let (user_id, ordinal) = later.unwrap_or((name, 1));
    let user = case.user(user_id)?;
    user.earlier.iter().chain(&user.certificate).nth(ordinal.checked_sub(1)?)
}

/// Users and the newest certificate of each.
pub fn held(case: &Case) -> Vec<(&str, &CertificateFacts)> {
    case.holders().filter_map(|user| Some((user.user_id.as_str(), user.certificate.as_ref()?))).collect()
}

/// The end of one of the newest certificates that is to be looked after now, where the case is one in which it would be renewed:
/// the next to come. One that has passed stays until the applicant was told and a person settled it, and makes way while another
/// comes near.
pub fn next_end(case: &Case, flows: &Flows, today: Date) -> Option<Date> {
    let matters = flows.event(deed::RENEWED).is_some_and(|event| event.from.contains(&case.state));
    let holding = held(case).into_iter().filter(|(_, facts)| matters && facts.revoked.is_none());
    let ends: BTreeSet<Date> = holding.map(|(_, facts)| facts.to).collect();
    let unsettled = || ends.iter().filter(|end| **end < today && !is_settled(case, **end, flows));
    let next = ends.iter().find(|end| **end >= today);
    let untold = unsettled().find(|end| !is_told(case, **end, flows));
    untold.or(next.filter(|end| is_near(**end, flows, today))).or(unsettled().next()).or(next).copied()
}

/// The applicant was told of this end, or nobody tells of any.
fn is_told(case: &Case, end: Date, flows: &Flows) -> bool {
    let mut tells = flows.transitions.iter().filter(|step| step.certificates == Some(Tell::Ends)).peekable();
    tells.peek().is_none() || tells.any(|tell| step::was_written(case, &step::key_of(case, tell, &end.to_string())))
}

/// A person settled that this end has passed.
fn is_settled(case: &Case, end: Date, flows: &Flows) -> bool {
    let Some(code) = flows.deadline(DEADLINE).and_then(|deadline| deadline.overdue.as_ref()) else { return true };
    let settles = |deed: &&Deed| deed.what == deed::SETTLED && deed.set.get("code") == Some(code);
    case.deeds.iter().filter(settles).any(|deed| deed.certificate_end == Some(end))
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
