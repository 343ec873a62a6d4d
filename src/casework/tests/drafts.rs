//! Drafts of a case that came to its end before they left.

use super::{Desk, applied};
use crate::casework::deed;
use crate::domain::case::{Body, CertificateFacts, Credentials, UserAccount};
use crate::domain::language::Language;
use jiff::civil::date;
use std::collections::BTreeMap;

const NOTICE: &str = "TH-2026-0001/T07/1/approval_notice";

/// A case whose notice of approval waits to be released.
fn drafted() -> Desk {
    let mut desk = applied();
    desk.walk();
    desk.push(Body::Drafted { key: NOTICE.into() });
    desk
}

fn recorded(desk: &mut Desk, what: &str, set: &[(&str, &str)]) {
    let set: BTreeMap<String, String> = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    desk.push(Body::Recorded { what: what.to_owned(), set, note: None });
}

#[test]
fn what_waits_does_not_leave_once_the_case_was_given_up() {
    for (ending, state) in [(deed::WITHDRAWN, "Withdrawn"), (deed::CLOSED, "Closed unfinished")] {
        let mut desk = drafted();
        assert_eq!(desk.allow(deed::LETTER_RELEASED, Some(NOTICE)), Ok(()));
        recorded(&mut desk, ending, &[]);
        desk.walk();
        let refusal = desk.allow(deed::LETTER_RELEASED, Some(NOTICE)).unwrap_err().why(Language::English);
        assert!(refusal.contains("given up") && refusal.contains(state), "{refusal}");
        assert_eq!(desk.allow(deed::LETTER_DROPPED, Some(NOTICE)), Ok(()));
    }
}

#[test]
fn a_notice_that_a_certificate_was_revoked_leaves_after_the_end_too() {
    let mut desk = drafted();
    let day = date(2026, 4, 8);
    let facts = CertificateFacts { cn: "K123001".into(), serial: "01".into(), from: day, to: day, sha256: "00".into(), revoked: None };
    let user = UserAccount { certificate: Some(facts), ..UserAccount::new("K123001".into(), "K123001".into(), true) };
    desk.push(Body::Issued(Credentials { mms_code: "K123".into(), users: vec![user] }));
    recorded(&mut desk, deed::WITHDRAWN, &[]);
    desk.walk();
    recorded(&mut desk, deed::REVOKED, &[(deed::USER, "K123001")]);
    assert_eq!(desk.walk(), ["T24"]);
    let key = "TH-2026-0001/T24/1/certificate_notice";
    desk.push(Body::Drafted { key: key.into() });
    assert_eq!(desk.allow(deed::LETTER_RELEASED, Some(key)), Ok(()));
}

#[test]
fn a_case_that_is_complete_was_not_given_up() {
    let mut desk = drafted();
    desk.case.state = "S91_APPROVAL_CONFIRMED".into();
    assert_eq!(desk.allow(deed::LETTER_RELEASED, Some(NOTICE)), Ok(()));
}

#[test]
fn a_key_that_was_revoked_does_not_leave() {
    let mut desk = drafted();
    let day = date(2028, 4, 7);
    let facts =
        |serial: &str| CertificateFacts { cn: "K1".into(), serial: serial.into(), from: day, to: day, sha256: "00".into(), revoked: None };
    let user = UserAccount { certificate: Some(facts("01")), ..UserAccount::new("K123001".into(), "K123001".into(), true) };
    desk.push(Body::Issued(Credentials { mms_code: "K123".into(), users: vec![user] }));
    let hand_over = |desk: &mut Desk, step: &str, name: &str| {
        for (kind, file) in [("certificate_key", format!("restricted-keys/{name}.p12")), ("certificate_passphrase", "page.pdf".to_owned())]
        {
            let (key, files) = (format!("TH-2026-0001/{step}/1/{kind}-1"), vec![format!("TH-2026-0001/{file}")]);
            desk.push(Body::Wrote { key: key.clone(), notice: kind.into(), operation: None, files, subject: String::new() });
            desk.push(Body::Drafted { key });
        }
    };
    let leaves = |desk: &Desk, step: &str| {
        ["certificate_key", "certificate_passphrase"]
            .map(|kind| desk.allow(deed::LETTER_RELEASED, Some(&format!("TH-2026-0001/{step}/1/{kind}-1"))).is_ok())
    };
    hand_over(&mut desk, "T06", "K123001");
    assert_eq!(leaves(&desk, "T06"), [true, true]);
    recorded(&mut desk, deed::REVOKED, &[(deed::USER, "K123001")]);
    assert_eq!(leaves(&desk, "T06"), [false, false]);
    // The next one is another key.
    desk.push(Body::Certified { user_id: "K123001".into(), certificate: facts("02") });
    hand_over(&mut desk, "T23", "K123001-2");
    assert_eq!((leaves(&desk, "T06"), leaves(&desk, "T23")), ([false, false], [true, true]));
}
