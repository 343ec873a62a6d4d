//! Certificates of a case: what may be recorded about them, and which day comes next.

use super::{Desk, applied};
use crate::casework::flow::Tell;
use crate::casework::fold::Case;
use crate::casework::{certificates, deed};
use crate::domain::case::{Body, CaseNo, CertificateFacts, Credentials, UserAccount};
use crate::domain::language::Language;
use jiff::civil::{Date, date};
use std::collections::BTreeMap;

fn certified(desk: &mut Desk, user_id: &str, serial: &str, from: Date, to: Date) {
    let facts = CertificateFacts { cn: user_id.into(), serial: serial.into(), from, to, sha256: "00".into(), revoked: None };
    let user = UserAccount { certificate: Some(facts.clone()), ..UserAccount::new(user_id.into(), user_id.into(), true) };
    match desk.case.user(user_id) {
        Some(_) => desk.push(Body::Certified { user_id: user_id.into(), certificate: facts }),
        None => {
            let mut credentials = desk.case.credentials.clone().unwrap_or(Credentials { mms_code: "K123".into(), users: vec![] });
            credentials.users.push(user);
            desk.push(Body::Issued(credentials));
        }
    }
}

fn recorded(desk: &mut Desk, what: &str, user: &str) {
    let set = BTreeMap::from([(deed::USER.to_owned(), user.to_owned())]);
    desk.push(Body::Recorded { what: what.to_owned(), set, note: None });
}

#[test]
fn certificates_are_renewed_near_their_end_and_revoked_while_they_hold() {
    let mut desk = applied();
    desk.walk();
    certified(&mut desk, "K123001", "01", date(2026, 4, 8), date(2028, 4, 7));
    certified(&mut desk, "K123002", "02", date(2026, 4, 8), date(2028, 4, 7));
    let why = |desk: &Desk, what: &str, user: &str| desk.allow(what, Some(user)).map_err(|refusal| refusal.why(Language::English));
    assert!(why(&desk, deed::RENEWED, "K123001").unwrap_err().contains("holds until 2028-04-07"));
    assert!(why(&desk, deed::REVOKED, "K123009").unwrap_err().contains("K123001, K123002"));
    assert_eq!(desk.allow(deed::NOTE, None), Ok(()));
    let possible = desk.allow(deed::APPROVED, None).unwrap_err().possible;
    assert!(possible.contains(&"certificate-revoked".to_owned()) && !possible.contains(&"certificate-renewed".to_owned()));
    // Revoked, it may be made anew at once.
    recorded(&mut desk, deed::REVOKED, "K123002");
    assert!(why(&desk, deed::REVOKED, "K123002").unwrap_err().contains("no longer holds"));
    assert_eq!(why(&desk, deed::RENEWED, "K123002"), Ok(()));
    assert_eq!(next(&desk, desk.today), Some(date(2028, 4, 7)));
    desk.today = date(2028, 2, 6);
    assert!(why(&desk, deed::RENEWED, "K123001").is_err());
    desk.today = date(2028, 2, 7);
    assert_eq!(why(&desk, deed::RENEWED, "K123001"), Ok(()));
    recorded(&mut desk, deed::RENEWED, "K123001");
    assert_eq!(certificates::concerned(&desk.case, Tell::Renewed), ["K123001"]);
    certified(&mut desk, "K123001", "03", date(2028, 2, 7), date(2030, 2, 6));
    assert!(desk.case.renewals.is_empty());
    assert_eq!(next(&desk, desk.today), Some(date(2030, 2, 6)));
    // To revoke the user's certificate revokes all that still hold.
    recorded(&mut desk, deed::REVOKED, "K123001");
    let user = desk.case.user("K123001").unwrap();
    assert!(user.certificates().count() == 2 && user.certificates().all(|facts| facts.revoked.is_some()), "{user:?}");
    assert_eq!(next(&desk, desk.today), None);
    assert_eq!(Case::replay(&desk.events).as_ref(), Some(&desk.case));
}

fn next(desk: &Desk, today: Date) -> Option<Date> {
    certificates::next_end(&desk.case, &desk.flows, today)
}

/// The day on which the next certificate ends begins to run.
fn follow(desk: &mut Desk) {
    let on = next(desk, desk.today);
    desk.push(Body::Due { deadline: certificates::DEADLINE.to_owned(), on });
}

#[test]
fn an_end_that_has_passed_silences_no_other_one() {
    let (first, second) = (date(2028, 4, 7), date(2030, 2, 9));
    let mut desk = applied();
    desk.walk();
    certified(&mut desk, "K123001", "01", date(2026, 4, 8), first);
    certified(&mut desk, "K123002", "02", date(2026, 4, 8), first);
    certified(&mut desk, "K123001", "03", date(2028, 2, 10), second);
    // Nobody looked until that day had passed: it is told all the same, and waits for a person.
    desk.today = date(2028, 4, 10);
    follow(&mut desk);
    assert_eq!(desk.walk(), ["T23-reminder"]);
    assert_eq!(desk.remarks(), ["P-009"]);
    // It makes way while another end is near, whether somebody settled it or not.
    assert_eq!(next(&desk, date(2029, 12, 10)), Some(first));
    assert_eq!(next(&desk, date(2029, 12, 11)), Some(second));
    let set = BTreeMap::from([("code".to_owned(), "P-009".to_owned())]);
    desk.push(Body::Recorded { what: deed::SETTLED.to_owned(), set, note: None });
    assert_eq!(next(&desk, desk.today), Some(second));
    desk.today = date(2029, 12, 11);
    follow(&mut desk);
    assert_eq!(desk.walk(), ["T23-reminder"]);
    assert_eq!(certificates::concerned(&desk.case, Tell::Ends), ["K123001"]);
    assert_eq!(desk.remarks(), ["P-008"]);
    assert_eq!(next(&desk, date(2030, 2, 10)), Some(second), "it passes in its turn");
    assert_eq!(Case::replay(&desk.events).as_ref(), Some(&desk.case));
}

#[test]
fn a_certificate_is_renewed_by_the_case_that_holds_it_alone() {
    let mut desk = applied();
    desk.walk();
    certified(&mut desk, "K123001", "01", date(2026, 4, 8), date(2026, 4, 30));
    desk.case.credentials.as_mut().unwrap().users[0].held_by = Some(CaseNo("TH-2025-0007".into()));
    for what in [deed::RENEWED, deed::REVOKED] {
        let refusal = desk.allow(what, Some("K123001")).unwrap_err();
        assert!(refusal.why(Language::English).contains("no client certificate was issued in this case"), "{refusal:?}");
    }
    certified(&mut desk, "K123002", "02", date(2026, 4, 8), date(2026, 4, 30));
    let refusal = desk.allow(deed::RENEWED, Some("K123001")).unwrap_err();
    assert!(refusal.why(Language::English).contains("held by TH-2025-0007"), "{refusal:?}");
    assert_eq!(desk.allow(deed::RENEWED, Some("K123002")), Ok(()));
}
