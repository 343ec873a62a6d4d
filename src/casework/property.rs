//! Random histories of a case: whatever papers come, whatever people record, whatever days pass.

use crate::casework::deed;
use crate::casework::fold::Case;
use crate::casework::tests::Desk;
use crate::domain::case::Body;
use crate::domain::finding::{Code, Finding, Severity};
use crate::domain::value::Value;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
enum Act {
    Paper(&'static str),
    Contract(bool),
    Export(u8, i64, &'static str),
    Sheet(&'static str, &'static str, i64),
    Deed(usize),
    /// What the papers show from now on.
    Open(Vec<usize>),
    Days(i64),
}

const PAPERS: &[&str] =
    &["application_form", "registration_workbook", "contract_application", "inbound_mail", "operation_record", "unknown"];

/// One defect of each chapter and severity that a guard may ask for.
const DEFECTS: &[(&str, Severity)] = &[
    ("A-007", Severity::Ask),
    ("A-019", Severity::Reject),
    ("A-021", Severity::Staff),
    ("B-016", Severity::Warn),
    ("E-001", Severity::Ask),
    ("H-003", Severity::Ask),
    ("H-013", Severity::Staff),
    ("P-003", Severity::Ask),
];

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => prop::sample::select(PAPERS).prop_map(Act::Paper),
        2 => any::<bool>().prop_map(Act::Contract),
        4 => (0u8..2, 1i64..4, prop::sample::select(&["1", "2", "9"][..])).prop_map(|(number, revision, status)| Act::Export(number, revision, status)),
        2 => (prop::sample::select(&["APPROVE", "REJECT"][..]), prop::sample::select(&["1", "0"][..]), 1i64..4)
            .prop_map(|(operation, result, revision)| Act::Sheet(operation, result, revision)),
        4 => (0..deed::NAMES.len()).prop_map(Act::Deed),
        3 => prop::collection::vec(0..DEFECTS.len(), 0..3).prop_map(Act::Open),
        2 => (0i64..70).prop_map(Act::Days),
    ]
}

fn finding(n: usize) -> Finding {
    let (code, severity) = DEFECTS[n];
    Finding {
        code: Code(code.to_owned()),
        severity,
        document: "resource".to_owned(),
        field: None,
        label: None,
        message: code.to_owned(),
        internal: false,
        place: None,
        record: None,
    }
}

fn perform(desk: &mut Desk, act: &Act) {
    match act {
        Act::Paper("registration_workbook") => {
            desk.receive("registration_workbook", &[], &["operator_profile", "user_info", "resource", "unit_price"]);
        }
        Act::Paper(kind) => desk.receive(kind, &[], &[]),
        Act::Contract(signed) => {
            let dated = ("contract_date", Value::Date(jiff::civil::date(2026, 4, 1)));
            desk.receive("contract", &[dated, ("signature_a", Value::Flag(*signed)), ("signature_b", Value::Flag(*signed))], &[]);
        }
        Act::Export(number, revision, status) => desk.export_of(&format!("202604200{number}"), *revision, status),
        Act::Sheet(operation, result, revision) => desk.sheet(operation, result, *revision),
        Act::Deed(n) => {
            let what = deed::NAMES[*n];
            let code = (what == deed::SETTLED).then(|| desk.case.open.first().map_or("Z-999", |finding| &finding.code.0).to_owned());
            let before = desk.case.clone();
            match desk.allow(what, code.as_deref()) {
                Ok(()) => {
                    let set = code.map(|code| ("code".to_owned(), code)).into_iter().collect::<BTreeMap<_, _>>();
                    desk.push(Body::Recorded { what: what.to_owned(), set, note: None });
                }
                // A refusal says why and what else is possible, and leaves no trace.
                Err(refusal) => assert!(!refusal.reasons.is_empty() && !refusal.possible.is_empty() && desk.case == before),
            }
        }
        Act::Open(defects) => desk.found = defects.iter().map(|n| finding(*n)).collect(),
        Act::Days(days) => desk.today = desk.today.checked_add(jiff::Span::new().days(*days)).unwrap(),
    }
}

/// What must be true of every history.
fn check(desk: &Desk) {
    let case = &desk.case;
    let mut keys = BTreeSet::new();
    for letter in &case.letters {
        assert!(keys.insert(&letter.key), "{} went out twice", letter.key);
    }
    let mut state = String::new();
    let mut rejected = false;
    for event in &desk.events {
        match &event.body {
            Body::Moved { from, to, transition, .. } => {
                assert_eq!(*from, state, "{transition} begins where the case is");
                assert!(to != "S90_APPROVED" || from == "S81_CONTRACT_COMPARING", "{transition} leads from {from} to S90");
                if to == "S61_MMS_REJECTED" {
                    rejected = desk.rejections.contains(&event.seq);
                }
                state = to.clone();
            }
            Body::Wrote { notice, .. } if notice == "additional_request" => assert!(rejected, "asked before 否認 was recorded"),
            _ => {}
        }
    }
    assert_eq!(Case::replay(&desk.events).as_ref(), Some(case), "the log gives the same case");
    let text = serde_json::to_string(&desk.events).unwrap();
    let read: Vec<_> = serde_json::from_str(&text).unwrap();
    assert_eq!(Case::replay(&read).as_ref(), Some(case), "and so does the log as it is written");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_flow_holds(prefix in 1usize..5, acts in prop::collection::vec(act(), 1..30)) {
        let mut desk = Desk::new();
        // Some histories begin well, so that the far end of the flow is reached as well.
        let start = [Act::Paper("application_form"), Act::Paper("registration_workbook"), Act::Export(0, 1, "1"), Act::Contract(true)];
        for act in start[..prefix.min(start.len())].iter().chain(&acts) {
            perform(&mut desk, act);
            desk.walk();
        }
        check(&desk);
    }
}

#[test]
fn the_far_end_is_among_the_histories() {
    let mut desk = Desk::new();
    for act in [
        Act::Paper("application_form"),
        Act::Paper("registration_workbook"),
        Act::Export(0, 1, "1"),
        Act::Contract(true),
        Act::Export(0, 1, "2"),
    ] {
        perform(&mut desk, &act);
        desk.walk();
    }
    assert_eq!(desk.case.state, "S90_APPROVED");
    check(&desk);
}

#[test]
#[should_panic(expected = "asked before 否認 was recorded")]
fn a_request_before_rejection_would_be_seen() {
    let mut desk = Desk::new();
    desk.push(Body::Wrote { key: "k".into(), notice: "additional_request".into(), operation: None, files: vec![], subject: String::new() });
    check(&desk);
}

#[test]
#[should_panic(expected = "went out twice")]
fn a_letter_sent_twice_would_be_seen() {
    let mut desk = Desk::new();
    for _ in 0..2 {
        desk.push(Body::Wrote { key: "k".into(), notice: "receipt_ack".into(), operation: None, files: vec![], subject: String::new() });
    }
    check(&desk);
}
