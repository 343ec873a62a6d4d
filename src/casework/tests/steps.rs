//! Which steps a case takes, and which never.

use super::*;

#[test]
fn an_application_that_is_complete_goes_through_to_the_notice() {
    let mut desk = applied();
    assert_eq!(desk.walk(), ["T02", "T05", "T06", "T07"]);
    assert_eq!(desk.case.state, "S30_APPROVAL_NOTIFIED");
}

#[test]
fn an_application_without_its_companions_waits() {
    let mut desk = Desk::new();
    desk.receive("application_form", &[], &[]);
    assert_eq!(desk.walk(), ["T02"]);
}

#[test]
fn a_contract_signed_by_one_side_only_is_not_concluded() {
    let mut desk = applied();
    desk.walk();
    desk.export(1, "1");
    assert_eq!(desk.walk(), ["T08", "T09", "T10", "T11", "T12", "T17"]);
    let dated = ("contract_date", Value::Date(date(2026, 4, 1)));
    desk.receive("contract", &[dated.clone(), ("signature_a", Value::Flag(true)), ("signature_b", Value::Flag(false))], &[]);
    assert_eq!(desk.walk(), [""; 0]);
    desk.receive("contract", &[dated, ("signature_a", Value::Flag(true)), ("signature_b", Value::Flag(true))], &[]);
    assert_eq!(desk.walk(), ["T18", "T19-order"]);
    desk.export(1, "2");
    assert_eq!(desk.walk(), ["T19"]);
    desk.export(1, "2");
    assert_eq!(desk.walk(), ["T21"]);
}

#[test]
fn approval_is_never_reached_without_an_order() {
    let mut desk = applied();
    desk.walk();
    desk.export(1, "2");
    desk.walk();
    assert!(!desk.case.moves.iter().any(|moved| moved.transition == "T19"), "{:?}", desk.case.moves);
}

#[test]
fn a_replayed_case_is_the_same_case() {
    let mut events = Vec::new();
    let at = "2026-04-08T10:00:00+09:00".parse().unwrap();
    let bodies = [
        Body::Opened { flow: "I_PRIME".into(), applicant_name: None, corporate_number: None },
        Body::Moved { transition: "T02".into(), from: String::new(), to: "S10_APPLICATION_RECEIVED".into() },
        Body::Due { deadline: "companions".into(), on: Some(date(2026, 4, 9)) },
    ];
    for (n, body) in bodies.into_iter().enumerate() {
        events.push(Event { case: CaseNo("TH-2026-0001".into()), seq: n as u32 + 1, at, by: "test".into(), body });
    }
    let text = serde_json::to_string(&events).unwrap();
    let read: Vec<Event> = serde_json::from_str(&text).unwrap();
    assert_eq!(Case::replay(&read), Case::replay(&events));
    assert_eq!(Case::replay(&[]), None);
}
