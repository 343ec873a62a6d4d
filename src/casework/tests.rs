//! Cases built event by event: the fold, the facts, the steps.

use crate::casework::facts::{self, View};
use crate::casework::flow::Flows;
use crate::casework::fold::Case;
use crate::casework::{history, step};
use crate::domain::case::{Body, CaseNo, Event, Received};
use crate::domain::document::DocumentKind;
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::id::{DocId, Permille};
use crate::domain::place::Place;
use crate::domain::value::Value;
use jiff::civil::{Date, date};
use std::collections::BTreeMap;

/// The shipped flows, read from the folder so that this test needs no other room.
fn flows() -> Flows {
    Flows::load(&files()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn files() -> BTreeMap<String, Vec<u8>> {
    let folder = format!("{}/templates/mms-usage/flows", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (format!("mms-usage/flows/{}", entry.file_name().to_string_lossy()), std::fs::read(entry.path()).unwrap()))
        .collect()
}

struct Desk {
    case: Case,
    flows: Flows,
    today: Date,
}

impl Desk {
    fn new() -> Self {
        let at = "2026-04-08T10:00:00+09:00".parse().unwrap();
        let mut desk = Desk { case: Case::begin(CaseNo("TH-2026-0001".into()), at), flows: flows(), today: date(2026, 4, 8) };
        desk.push(Body::Opened { flow: "I_PRIME".into(), applicant_name: None, corporate_number: None });
        desk
    }

    fn push(&mut self, body: Body) {
        let event = Event { case: self.case.no.clone(), seq: self.case.seq + 1, at: self.case.opened, by: "test".into(), body };
        self.case.apply(&event);
    }

    fn receive(&mut self, document: &str, fields: &[(&str, Value)], sets: &[&str]) {
        let bytes = format!("{document}{}", self.case.seq);
        let doc = DocId::of(bytes.as_bytes());
        let field = |value: &Value| Field {
            value: value.clone(),
            raw: value.to_string(),
            place: Place::Whole { doc },
            confidence: Permille::SURE,
            needs_review: false,
        };
        let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), field(value))).collect();
        let extract = Extract {
            doc,
            document: DocumentKind::new(document),
            pages: 0,
            turned: Default::default(),
            fields: Record { fields, ..Record::default() },
            sets: sets.iter().map(|set| (DocumentKind::new(set), vec![Record::default()])).collect(),
            remarks: Vec::new(),
        };
        self.push(Body::Received(Box::new(Received { doc, name: bytes, parent: None, extract })));
    }

    fn export(&mut self, revision: i64, status: &str) {
        let fields = [
            ("registration_no", Value::Code("2026042035".into())),
            ("registration_revision", Value::Integer(revision)),
            ("registration_status", Value::Code(status.into())),
        ];
        self.receive("mms_export", &fields, &["operator_profile", "resource", "unit_price"]);
    }

    fn next(&self) -> Option<String> {
        let days_left = |day: Date| i64::from(day.day()) - i64::from(self.today.day());
        let flow = &self.flows.flows[&self.case.flow];
        let view = View { case: &self.case, flow, flows: &self.flows, today: self.today, days_left: &days_left, issues_locally: true };
        step::next(&view).map(|step| step.transition.id.clone())
    }

    /// Takes steps until nothing follows, without letters.
    fn walk(&mut self) -> Vec<String> {
        let mut taken = Vec::new();
        while let Some(id) = self.next() {
            let transition = self.flows.transition(&id).unwrap().clone();
            self.push(Body::Moved { transition: id.clone(), from: self.case.state.clone(), to: transition.to.clone() });
            if let Some(operation) = &transition.orders {
                let key = format!("{}/{id}/{}/mms_operation", self.case.no, self.case.registration().unwrap());
                let operation = Some(operation.clone());
                self.push(Body::Wrote { key, notice: "mms_operation".into(), operation, files: vec![], subject: String::new() });
            }
            taken.push(id);
            assert!(taken.len() < 40, "{taken:?}");
        }
        taken
    }

    fn remarks(&self) -> Vec<String> {
        let left = |day: Date| i64::from(day.day()) - i64::from(self.today.day());
        history::remarks(&self.case, &self.flows, self.today, &left).into_iter().map(|(_, remark)| remark.code.0).collect()
    }
}

fn applied() -> Desk {
    let mut desk = Desk::new();
    desk.receive("application_form", &[], &[]);
    desk.receive("registration_workbook", &[], &["operator_profile", "user_info"]);
    desk
}

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
fn a_revision_that_grew_without_rejection_is_noticed() {
    let mut desk = applied();
    desk.walk();
    desk.export(1, "1");
    desk.export(2, "1");
    assert_eq!(desk.remarks(), ["X-006"]);
    let mut honest = applied();
    honest.export(1, "1");
    honest.export(1, "9");
    honest.export(2, "1");
    assert_eq!(honest.remarks(), [""; 0]);
}

#[test]
fn a_settled_finding_stays_settled_until_a_newer_paper_shows_it() {
    let mut desk = applied();
    desk.export(1, "1");
    desk.export(2, "1");
    let set = BTreeMap::from([("code".to_owned(), "X-006".to_owned())]);
    desk.push(Body::Recorded { what: "finding-settled".into(), set, note: None });
    assert_eq!(desk.remarks(), [""; 0]);
    desk.export(3, "1");
    assert_eq!(desk.remarks(), ["X-006"]);
}

#[test]
fn a_second_form_is_a_duplicate_once_the_first_was_accepted() {
    let mut desk = applied();
    desk.walk();
    desk.receive("application_form", &[], &[]);
    assert_eq!(desk.remarks(), ["A-016"]);
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

#[test]
fn faults_in_the_flows_are_found() {
    for (from, to, word) in [
        ("to = \"S21_CREDENTIALS_ISSUED\"", "to = \"S22\"", "S22"),
        ("when = [\"screening-requested\"]", "when = [\"screening-reqested\"]", "screening-reqested"),
        ("starts = [\"answer\"]", "starts = [\"anser\"]", "anser"),
        ("once = \"registration\"\n", "", "once"),
    ] {
        let mut files = files();
        let text = String::from_utf8(files["mms-usage/flows/steps.toml"].clone()).unwrap();
        assert!(text.contains(from), "{from}");
        files.insert("mms-usage/flows/steps.toml".into(), text.replacen(from, to, 1).into_bytes());
        let faults = Flows::load(&files).unwrap_err();
        assert!(faults.iter().any(|fault| fault.what.contains(word)), "{word}: {faults:?}");
    }
    assert!(facts::is_known("not-held") && !facts::is_known("not-"));
}
