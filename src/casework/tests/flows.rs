//! Faults in the flows as data, and days that are due.

use super::{Desk, applied, files, finding};
use crate::casework::flow::Flows;
use crate::casework::{deed, facts};
use crate::domain::case::Body;
use crate::domain::finding::Severity;
use crate::domain::value::Value;
use jiff::civil::date;
use std::collections::BTreeMap;

#[test]
fn a_reminder_that_was_settled_comes_again_with_the_next_day_that_is_due() {
    let mut desk = applied();
    desk.push(Body::Due { deadline: "check-limit".into(), on: Some(date(2026, 4, 10)) });
    desk.today = date(2026, 4, 13);
    assert_eq!(desk.remarks(), ["P-002"]);
    let set = BTreeMap::from([("code".to_owned(), "P-002".to_owned())]);
    desk.push(Body::Recorded { what: deed::SETTLED.into(), set, note: None });
    assert_eq!(desk.remarks(), [""; 0]);
    desk.push(Body::Due { deadline: "check-limit".into(), on: Some(date(2026, 4, 11)) });
    assert_eq!(desk.remarks(), ["P-002"]);
}

#[test]
fn faults_in_the_flows_are_found() {
    for (from, to, word) in [
        ("to = \"S21_CREDENTIALS_ISSUED\"", "to = \"S22\"", "S22"),
        ("when = [\"screening-requested\"]", "when = [\"screening-reqested\"]", "screening-reqested"),
        ("starts = [\"answer\", \"silence\"]", "starts = [\"anser\"]", "anser"),
        ("fact = \"rejection-ordered\"", "fact = \"rejection-orderd\"", "rejection-orderd"),
        ("id = \"withdrawn\"", "id = \"withdrawed\"", "withdrawed"),
        ("from = [\"S70_DATA_CONFIRMED\", \"S80_AWAITING_CONTRACT\", ", "from = [\"S71\", ", "S71"),
        ("once = \"registration\"\n", "", "once"),
    ] {
        let mut files = files();
        let text = String::from_utf8(files["mms-usage/flows/steps.toml"].to_vec()).unwrap();
        assert!(text.contains(from), "{from}");
        files.insert("mms-usage/flows/steps.toml".into(), text.replacen(from, to, 1).into_bytes().into());
        let faults = Flows::load(&files).unwrap_err();
        assert!(faults.iter().any(|fault| fault.what.contains(word)), "{word}: {faults:?}");
    }
    assert!(facts::is_known("not-held") && !facts::is_known("not-"));
}

/// A case whose registration fits its contract: 承認 is ordered.
fn compared() -> Desk {
    let mut desk = applied();
    desk.walk();
    desk.export(1, "1");
    let dated = ("contract_date", Value::Date(date(2026, 4, 1)));
    desk.receive("contract", &[dated, ("signature_a", Value::Flag(true)), ("signature_b", Value::Flag(true))], &[]);
    assert_eq!(desk.walk().last().map(String::as_str), Some("T19-order"));
    desk
}

#[test]
fn an_approval_is_not_taken_while_defects_are_open_though_it_was_ordered() {
    let done: [&dyn Fn(&mut Desk); 2] = [&|desk| desk.export(1, "2"), &|desk| desk.sheet("APPROVE", "1", 1)];
    for approve in done {
        let mut desk = compared();
        desk.found = vec![finding("H-003", Severity::Ask)];
        approve(&mut desk);
        assert_eq!(desk.walk(), ["T20-order"]);
        assert_eq!(desk.remarks(), ["P-006"]);
        // 否認 as ordered, or the contract put right again.
        desk.found.clear();
        assert_eq!((desk.walk(), desk.remarks()), (vec!["T19".to_owned()], vec![]));
    }
    let mut desk = compared();
    desk.found = vec![finding("H-003", Severity::Ask)];
    desk.export(1, "2");
    desk.walk();
    desk.sheet("REJECT", "1", 1);
    assert_eq!(desk.walk(), ["T20", "T14"]);
    assert_eq!(desk.remarks(), [""; 0]);
}

#[test]
fn a_rejection_after_which_nothing_is_asked_waits_for_a_person_or_another_registration() {
    for (left, steps, told) in [(None, vec!["T20"], vec!["P-010"]), (Some("H-003"), vec!["T20", "T14"], vec![])] {
        let mut desk = compared();
        desk.found = vec![finding("H-003", Severity::Ask)];
        assert_eq!(desk.walk(), ["T20-order"]);
        desk.found.retain(|_| left.is_some());
        desk.sheet("REJECT", "1", 1);
        assert_eq!(desk.walk(), steps);
        assert_eq!(desk.remarks(), told);
        desk.found.clear();
        desk.export(2, "1");
        assert_eq!(desk.walk()[..3], ["T15", "T10", "T11"]);
        assert_eq!(desk.remarks(), [""; 0]);
    }
}

#[test]
fn a_rejection_counts_until_the_registration_changes_however_often_it_is_exported() {
    let reject: [&dyn Fn(&mut Desk); 2] =
        [&|desk| desk.push(Body::Recorded { what: deed::REJECTED.into(), set: BTreeMap::new(), note: None }), &|desk| {
            desk.sheet("REJECT", "1", 1)
        }];
    for reject in reject {
        let mut desk = applied();
        desk.walk();
        desk.found = vec![finding("E-001", Severity::Ask)];
        desk.export(1, "1");
        desk.case.state = "S60_CHECKING".to_owned();
        assert_eq!(desk.walk(), ["T13-order"]);
        desk.found.push(finding("M-004", Severity::Staff));
        reject(&mut desk);
        assert_eq!(desk.walk(), ["T13"]);
        // The export of the next morning shows the same revision.
        desk.export(1, "1");
        desk.found.pop();
        assert_eq!(desk.walk(), ["T14"]);
        desk.export(2, "1");
        assert_eq!(desk.remarks(), [""; 0], "the rejection of revision 1 was recorded");
        assert!(!facts::is_rejection_recorded(&desk.case));
    }
}

/// An application that was returned.
fn returned() -> Desk {
    let mut desk = applied();
    desk.found = vec![finding("A-007", Severity::Ask)];
    assert_eq!(desk.walk(), ["T02", "T03"]);
    desk
}

#[test]
fn a_returned_application_goes_on_once_a_person_put_it_right() {
    let mut desk = returned();
    desk.found.clear();
    desk.today = date(2026, 4, 14);
    assert_eq!(desk.walk(), [""; 0], "nothing is left to remind of");
    assert_eq!(desk.allow(deed::CLOSED, None), Ok(()), "nobody waits for a reminder that is never written");
    desk.push(Body::Corrected { corrections: vec![], note: None });
    assert_eq!(desk.walk(), ["T04-settled", "T05", "T06", "T07"]);
    assert!(desk.case.deadlines.is_empty(), "{:?}", desk.case.deadlines);
    let mut half = returned();
    half.push(Body::Corrected { corrections: vec![], note: None });
    assert_eq!(half.walk(), [""; 0], "it is defective still");
}

#[test]
fn a_request_that_never_leaves_is_in_sight() {
    let mut desk = returned();
    let key = "TH-2026-0001/T03/1/deficiency_notice".to_owned();
    desk.push(Body::Drafted { key: key.clone() });
    assert_eq!(desk.remarks(), [""; 0]);
    desk.push(Body::Recorded { what: deed::LETTER_DROPPED.into(), set: BTreeMap::from([(deed::LETTER.to_owned(), key)]), note: None });
    assert_eq!(desk.remarks(), ["P-011"]);
    desk.push(Body::Recorded { what: deed::SETTLED.into(), set: BTreeMap::from([("code".to_owned(), "P-011".to_owned())]), note: None });
    assert_eq!(desk.remarks(), [""; 0]);
    desk.found.clear();
    assert_eq!(desk.walk()[0], "T04-settled");
}

#[test]
fn a_case_whose_request_is_answered_in_all_but_the_registration_is_reminded_of_that() {
    let mut desk = applied();
    desk.walk();
    desk.found = vec![finding("E-001", Severity::Ask)];
    desk.export(1, "1");
    desk.walk();
    desk.sheet("REJECT", "1", 1);
    assert_eq!(desk.walk(), ["T13", "T14"]);
    assert_eq!(desk.remarks(), [""; 0]);
    desk.found.clear();
    assert!(desk.allow(deed::CLOSED, None).is_err(), "nobody has reminded of the registration yet");
    desk.today = date(2026, 4, 14);
    assert_eq!((desk.walk(), desk.remarks()), (vec!["T16".to_owned()], vec![]), "after 否認 it must be registered anew");
}
