//! Findings by which nothing is returned, rejected or asked for.

use super::{Desk, applied, finding};
use crate::casework::{deed, facts, idle};
use crate::domain::case::Body;
use crate::domain::finding::Severity;
use crate::domain::value::Value;
use jiff::civil::date;
use std::collections::BTreeMap;

fn settle(desk: &mut Desk, code: &str) {
    assert_eq!(desk.allow(deed::SETTLED, Some(code)), Ok(()));
    let set = BTreeMap::from([("code".to_owned(), code.to_owned())]);
    desk.push(Body::Recorded { what: deed::SETTLED.into(), set, note: None });
}

#[test]
fn a_mail_without_what_it_speaks_of_returns_no_application_that_is_whole() {
    for code in ["M-003", "M-010"] {
        let mut desk = applied();
        desk.found = vec![finding(code, Severity::Ask)];
        assert_eq!((desk.walk(), desk.case.held), (vec!["T02".to_owned()], true), "{code}");
        settle(&mut desk, code);
        assert_eq!(desk.walk(), ["T05", "T06", "T07"]);
    }
    // A damaged file may be one of those that count; what is incomplete is asked for with all that is lacking; so is what is wrong.
    let mut damaged = applied();
    damaged.found = vec![finding("M-001", Severity::Ask)];
    assert_eq!(damaged.walk(), ["T02", "T03"]);
    let mut wrong = applied();
    wrong.found = vec![finding("M-010", Severity::Ask), finding("A-007", Severity::Ask)];
    assert_eq!((wrong.walk(), wrong.case.held), (vec!["T02".to_owned(), "T03".to_owned()], false));
    let mut half = Desk::new();
    half.receive("application_form", &[], &[]);
    half.found = vec![finding("M-010", Severity::Ask)];
    half.today = date(2026, 4, 20);
    assert_eq!(half.walk(), ["T02"]);
    half.today = date(2026, 4, 28);
    assert_eq!(half.walk(), ["T03"]);
}

#[test]
fn nothing_is_rejected_nor_confirmed_for_a_mail_or_an_entry_of_the_application() {
    for code in ["M-010", "M-005", "A-018", "C-002"] {
        let mut desk = applied();
        desk.walk();
        desk.found = vec![finding(code, Severity::Ask)];
        desk.export(1, "1");
        assert_eq!((desk.walk().last().map(String::as_str), desk.case.held), (Some("T11"), true), "{code}");
        settle(&mut desk, code);
        assert_eq!(desk.walk(), ["T12", "T17"], "{code}");
        // With data that are wrong it is asked for along with them.
        let mut desk = applied();
        desk.walk();
        desk.found = vec![finding(code, Severity::Ask), finding("E-001", Severity::Ask)];
        desk.export(1, "1");
        assert_eq!((desk.walk().last().map(String::as_str), desk.case.held), (Some("T13-order"), false), "{code}");
        desk.sheet("REJECT", "1", 1);
        assert_eq!(desk.walk(), ["T13", "T14"]);
        desk.found.pop();
        assert_eq!((desk.walk(), desk.case.held), (vec![], false), "it was asked");
    }
}

#[test]
fn right_data_are_not_rejected_for_a_contract_that_is_not_signed_yet() {
    let mut desk = applied();
    desk.walk();
    desk.export(1, "1");
    desk.walk();
    desk.push(Body::Recorded { what: deed::CONCLUDED.into(), set: BTreeMap::new(), note: None });
    assert_eq!(desk.walk(), ["T18"]);
    let dated = ("contract_date", Value::Date(date(2026, 4, 1)));
    desk.receive("contract", std::slice::from_ref(&dated), &[]);
    desk.found = vec![finding("H-007", Severity::Ask)];
    assert_eq!((desk.walk(), desk.case.held), (vec![], true));
    desk.receive("contract", &[dated, ("signature_a", Value::Flag(true)), ("signature_b", Value::Flag(true))], &[]);
    desk.found.clear();
    assert_eq!(desk.walk(), ["T19-order"]);
    assert!(!facts::ordered(&desk.case, "REJECT"));
}

#[test]
fn a_sheet_without_a_result_falls_with_the_result_that_is_recorded_or_shown() {
    let remark = crate::domain::finding::Remark::new("X-010");
    for (what, status) in [(Some(deed::REJECTED), None), (None, Some("9")), (None, Some("1"))] {
        let mut desk = applied();
        desk.export(1, "1");
        desk.sheet("REJECT", "0", 1);
        let sheet = desk.case.papers.last().unwrap().clone();
        let is_answered = |desk: &Desk| idle::is_answered(&remark, &sheet, &desk.case);
        assert!(!is_answered(&desk));
        if let Some(what) = what {
            desk.push(Body::Recorded { what: what.into(), set: Default::default(), note: None });
        }
        if let Some(status) = status {
            desk.export(1, status);
        }
        assert_eq!(is_answered(&desk), status != Some("1"), "{what:?} {status:?}");
    }
}
