//! Cases built event by event: the fold, the facts, the steps.

mod certificates;
mod changes;
mod drafts;
mod flows;
mod hearsay;
mod idle_findings;
mod partial;

use crate::casework::facts::{self, View};
use crate::casework::flow::Flows;
use crate::casework::fold::Case;
use crate::casework::{deed, flow, history, idle, step};
use crate::domain::Files;
use crate::domain::case::{Body, CaseNo, Correction, Event, Received, Target};
use crate::domain::document::DocumentKind;
use crate::domain::doubt::Doubts;
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::finding::{Code, Finding, Severity};
use crate::domain::id::{DocId, Permille};
use crate::domain::language::Language;
use crate::domain::place::Place;
use crate::domain::value::Value;
use jiff::civil::{Date, date};
use std::collections::BTreeMap;

/// The shipped flows, read from the folder so that this test needs no other room.
pub fn flows() -> Flows {
    Flows::load(&files()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

pub fn root() -> std::path::PathBuf {
    std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files() -> Files {
    std::fs::read_dir(root().join("templates/mms-usage/flows"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (format!("mms-usage/flows/{}", entry.file_name().to_string_lossy()), std::fs::read(entry.path()).unwrap().into()))
        .collect()
}

/// A case on a desk without letters: steps are taken, what they would write is noted.
pub struct Desk {
    pub case: Case,
    pub events: Vec<Event>,
    pub today: Date,
    /// What the papers show now.
    pub found: Vec<Finding>,
    /// Fields that every rule here holds against the one that it names.
    pub cited: Vec<String>,
    /// Events that led to S61 while 否認 was recorded.
    pub rejections: Vec<u32>,
    flows: Flows,
}

impl Desk {
    pub fn new() -> Self {
        let at = "2026-04-08T10:00:00+09:00".parse().unwrap();
        let case = Case::begin(CaseNo("TH-2026-0001".into()), at);
        let mut desk =
            Desk { case, events: vec![], today: date(2026, 4, 8), found: vec![], rejections: vec![], cited: vec![], flows: flows() };
        desk.push(Body::Opened { flow: "I_PRIME".into(), applicant_name: None, corporate_number: None });
        desk
    }

    pub fn push(&mut self, body: Body) {
        let event = Event { case: self.case.no.clone(), seq: self.case.seq + 1, at: self.case.opened, by: "test".into(), body };
        self.case.apply(&event);
        self.events.push(event);
    }

    pub fn receive(&mut self, document: &str, fields: &[(&str, Value)], sets: &[&str]) {
        self.receive_record(document, record(fields), sets);
    }

    fn receive_record(&mut self, document: &str, fields: Record, sets: &[&str]) {
        let bytes = format!("{document}{}", self.case.seq);
        let doc = DocId::of(bytes.as_bytes());
        let extract = Extract {
            doc,
            document: DocumentKind::new(document),
            pages: 0,
            turned: Default::default(),
            fields,
            sets: sets.iter().map(|set| (DocumentKind::new(set), vec![Record::default()].into())).collect(),
            remarks: Vec::new(),
        };
        self.push(Body::Received(Box::new(Received { doc, name: bytes, parent: None, mailed: false, landed: None, extract })));
    }

    fn export(&mut self, revision: i64, status: &str) {
        self.export_of("2026042035", revision, status);
    }

    pub fn export_of(&mut self, number: &str, revision: i64, status: &str) {
        let fields = [
            ("registration_no", Value::Code(number.into())),
            ("registration_revision", Value::Integer(revision)),
            ("registration_status", Value::Code(status.into())),
        ];
        self.receive("mms_export", &fields, &["operator_profile", "resource", "unit_price"]);
    }

    /// The operation sheet, come back with its result.
    pub fn sheet(&mut self, operation: &str, result: &str, revision: i64) {
        let number = self.case.registration().map_or("2026042035".to_owned(), |text| text.split('-').next().unwrap().to_owned());
        let row = record(&[
            ("operation", Value::Code(operation.into())),
            ("case_no", Value::Code(self.case.no.0.clone())),
            ("registration_no", Value::Text(number)),
            ("registration_revision", Value::Integer(revision)),
            ("result", Value::Code(result.into())),
        ]);
        self.receive_record(
            "operation_result",
            Record { groups: [("rows".to_owned(), vec![row].into())].into(), ..Record::default() },
            &[],
        );
    }

    fn with_view<T>(&self, look: impl FnOnce(&View<'_>) -> T) -> T {
        let days_left = |day: Date| i64::from(self.today.until(day).unwrap().get_days());
        let flow = &self.flows.flows[&self.case.flow];
        look(&View {
            case: &self.case,
            flow,
            flows: &self.flows,
            today: self.today,
            days_left: &days_left,
            credentials_at_hand: true,
            certificates_came: false,
            certifies_locally: true,
        })
    }

    pub fn allow(&self, what: &str, code: Option<&str>) -> Result<(), deed::Refusal> {
        self.with_view(|view| deed::allow(what, code, view))
    }

    fn next(&self) -> Option<(String, String)> {
        self.with_view(|view| step::next(view).map(|step| (step.transition.id.clone(), step.key)))
    }

    /// Takes steps until nothing follows.
    pub fn walk(&mut self) -> Vec<String> {
        let mut taken = Vec::new();
        loop {
            self.note_findings();
            let Some((id, key)) = self.next() else { return taken };
            let transition = self.flows.transition(&id).unwrap().clone();
            if transition.to == "S61_MMS_REJECTED" && facts::is_rejection_recorded(&self.case) {
                self.rejections.push(self.case.seq + 1);
            }
            let from = self.case.state.clone();
            let to = if transition.to == flow::SAME { from.clone() } else { transition.to.clone() };
            self.push(Body::Moved { transition: id.clone(), from, to });
            for deadline in transition.ends.iter().filter(|id| self.case.deadlines.contains_key(*id)).cloned().collect::<Vec<_>>() {
                self.push(Body::Due { deadline, on: None });
            }
            for deadline in transition.starts {
                let on = self.today.checked_add(jiff::Span::new().days(7)).unwrap();
                self.push(Body::Due { deadline, on: Some(on) });
            }
            let letters = transition.letters.iter().map(|kind| (kind.clone(), None));
            let orders = transition.orders.iter().map(|operation| ("mms_operation".to_owned(), Some(operation.clone())));
            for (notice, operation) in letters.chain(orders).collect::<Vec<_>>() {
                self.push(Body::Wrote { key: format!("{key}/{notice}"), notice, operation, files: vec![], subject: String::new() });
            }
            taken.push(id);
            assert!(taken.len() < 64, "{taken:?}");
        }
    }

    fn note_findings(&mut self) {
        let settled = |finding: &Finding| {
            self.case.deeds.iter().any(|deed| deed.what == deed::SETTLED && deed.set.get("code") == Some(&finding.code.0))
        };
        let open: Vec<Finding> = self.found.iter().filter(|finding| !settled(finding)).cloned().collect();
        let held = open.iter().any(facts::stops) || idle::holds(&open, &self.case, &self.flows.flows[&self.case.flow]);
        if open != self.case.open || held != self.case.held {
            self.push(Body::Found { open, held });
        }
    }

    fn remarks(&self) -> Vec<String> {
        let left = |day: Date| i64::from(self.today.until(day).unwrap().get_days());
        let sight = history::Sight {
            flows: &self.flows,
            today: self.today,
            days_left: &left,
            cited: &|finding| finding.field.iter().chain(&self.cited).cloned().collect(),
            account: None,
        };
        history::remarks(&self.case, &self.case.open, &sight).into_iter().map(|(_, remark)| remark.code.0).collect()
    }
}

fn record(fields: &[(&str, Value)]) -> Record {
    let field = |value: &Value| Field {
        value: value.clone(),
        raw: value.to_string(),
        place: Place::Whole { doc: DocId::of(b"") },
        confidence: Permille::SURE,
        doubts: Doubts::NONE,
    };
    Record { fields: fields.iter().map(|(key, value)| ((*key).to_owned(), field(value))).collect(), ..Record::default() }
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

fn planned(areas: &[&str]) -> [(&'static str, Value); 1] {
    [("planned_areas", Value::Codes(areas.iter().map(|area| (*area).to_owned()).collect()))]
}

#[test]
fn an_application_for_other_areas_is_the_second_area_of_the_same_one() {
    let mut desk = Desk::new();
    desk.receive("application_form", &planned(&["02"]), &[]);
    desk.receive("registration_workbook", &[], &["operator_profile", "user_info"]);
    desk.walk();
    desk.receive("application_form", &planned(&["02", "03"]), &[]);
    assert_eq!(desk.remarks(), ["A-013"]);
}

#[test]
fn approval_in_mms_before_its_time_is_noticed() {
    let mut desk = applied();
    desk.walk();
    desk.export(1, "1");
    desk.walk();
    assert_eq!((desk.case.state.as_str(), desk.remarks()), ("S80_AWAITING_CONTRACT", vec![]));
    desk.export(1, "2");
    assert_eq!(desk.remarks(), ["P-004"]);
    let signed = [("signature_a", Value::Flag(true)), ("signature_b", Value::Flag(true)), ("contract_date", Value::Date(date(2026, 4, 1)))];
    desk.receive("contract", &signed, &[]);
    assert_eq!(desk.remarks(), [""; 0]);
    desk.case.open = vec![finding("E-001", Severity::Ask)];
    assert_eq!(desk.remarks(), ["P-006"]);
}

#[test]
fn a_request_waits_for_the_rejection_and_the_desk_is_told() {
    let mut desk = applied();
    desk.found = vec![finding("E-001", Severity::Ask)];
    desk.export(1, "1");
    desk.case.state = "S60_CHECKING".to_owned();
    assert_eq!(desk.walk(), ["T13-order"]);
    assert_eq!(desk.remarks(), ["P-007"]);
    // A sheet for another revision, an unfinished one, and one that came inside a mail say nothing.
    desk.sheet("REJECT", "1", 2);
    desk.sheet("REJECT", "0", 1);
    assert_eq!(desk.walk(), [""; 0]);
    desk.sheet("REJECT", "1", 1);
    assert_eq!(desk.walk(), ["T13", "T14"]);
    assert_eq!(desk.remarks(), [""; 0]);
}

#[test]
fn a_sheet_inside_a_mail_is_not_the_desks_word() {
    let mut desk = applied();
    desk.found = vec![finding("E-001", Severity::Ask)];
    desk.export(1, "1");
    desk.case.state = "S60_CHECKING".to_owned();
    desk.walk();
    desk.sheet("REJECT", "1", 1);
    desk.case.papers.last_mut().unwrap().received.parent = Some(DocId::of(b"mail"));
    assert!(!facts::is_rejection_recorded(&desk.case));
    desk.case.papers.last_mut().unwrap().received.parent = None;
    assert!(facts::is_rejection_recorded(&desk.case));
}

#[test]
fn rejection_that_is_shown_late_still_explains_the_higher_revision() {
    let mut desk = applied();
    desk.export(1, "1");
    desk.export(2, "1");
    assert_eq!(desk.remarks(), ["X-006"]);
    desk.export(1, "9");
    assert_eq!(desk.remarks(), [""; 0]);
}

#[test]
fn an_older_export_is_noticed_and_not_used() {
    let mut desk = applied();
    let export = |revision, made: &str| {
        [
            ("registration_no", Value::Code("2026042035".into())),
            ("registration_revision", Value::Integer(revision)),
            ("registration_status", Value::Code("1".into())),
            ("exported_at", Value::Text(made.into())),
        ]
    };
    desk.receive("mms_export", &export(1, "2026-04-21T10:15"), &[]);
    desk.receive("mms_export", &export(1, "2026-04-20T10:15"), &[]);
    assert_eq!(desk.remarks(), ["X-007"]);
    assert_eq!(desk.case.export().unwrap().received.extract.fields.text("exported_at").unwrap(), "2026-04-21T10:15");
}

#[test]
fn reminders_come_once_each_and_closing_comes_after_them() {
    let mut desk = applied();
    desk.found = vec![finding("A-007", Severity::Ask)];
    assert_eq!(desk.walk(), ["T02", "T03"]);
    assert!(desk.allow(deed::CLOSED, None).unwrap_err().why(Language::English).contains("reminded"));
    // The mini desk counts seven days of the calendar for every deadline.
    desk.today = date(2026, 4, 13);
    assert_eq!(desk.walk(), ["T16-returned"]);
    assert_eq!(desk.walk(), [""; 0]);
    assert_eq!(desk.allow(deed::CLOSED, None), Ok(()));
    desk.today = date(2026, 4, 16);
    assert_eq!(desk.walk(), ["T16-returned-overdue", "T22-silence"]);
    assert_eq!((desk.walk(), desk.remarks()), (vec![], vec!["P-003".to_owned()]));
    desk.push(Body::Recorded { what: deed::CLOSED.into(), set: BTreeMap::new(), note: None });
    assert_eq!(desk.walk(), ["T22-closed"]);
    assert!(desk.case.deadlines.is_empty(), "{:?}", desk.case.deadlines);
}

#[test]
fn the_desk_is_warned_before_the_limit_and_after_it() {
    let mut desk = applied();
    desk.found = vec![finding("H-013", Severity::Staff)];
    desk.export(1, "1");
    desk.case.state = "S50_REGISTRATION_RECEIVED".to_owned();
    assert_eq!(desk.walk(), ["T11"]);
    desk.today = date(2026, 4, 13);
    assert_eq!(desk.walk(), ["T11-reminder"]);
    assert_eq!((desk.walk(), desk.remarks()), (vec![], vec!["P-001".to_owned()]));
    desk.today = date(2026, 4, 16);
    assert_eq!(desk.remarks(), ["P-002"]);
}

#[test]
fn a_deed_is_refused_with_its_reason_and_what_is_possible() {
    let mut desk = applied();
    desk.walk();
    let refusal = desk.allow(deed::APPROVED, None).unwrap_err();
    for word in ["S30_APPROVAL_NOTIFIED", "S81_CONTRACT_COMPARING", "P-004", "承認 was ordered"] {
        assert!(refusal.why(Language::English).contains(word), "{word}: {refusal:?}");
    }
    assert_eq!(refusal.possible, ["corrected", "withdrawn", "closed", "note"]);
    desk.found = vec![finding("E-001", Severity::Ask), finding("A-021", Severity::Staff)];
    desk.walk();
    assert!(desk.allow(deed::SETTLED, Some("E-001")).unwrap_err().why(Language::English).contains("asks the applicant"));
    assert!(desk.allow(deed::SETTLED, Some("A-022")).unwrap_err().why(Language::English).contains("not open"));
    assert!(desk.allow(deed::RELEASED, None).unwrap_err().why(Language::English).contains("hold"));
    let refusal = desk.allow(deed::REJECTED, None).unwrap_err();
    assert!(refusal.possible.contains(&"finding-settled A-021".to_owned()), "{refusal:?}");
    assert_eq!(desk.allow(deed::SETTLED, Some("A-021")), Ok(()));
}

#[test]
fn a_corrected_value_stands_over_the_one_that_was_read() {
    let mut desk = Desk::new();
    desk.receive("application_form", &[("contact_email", Value::Text("wr0ng@example.jp".into()))], &[]);
    let doc = desk.case.papers[0].received.doc;
    let target = Target { doc, set: None, record: 0, row: None, key: "contact_email".into() };
    let mut field = desk.case.papers[0].received.extract.fields.fields["contact_email"].clone();
    field.value = Value::Text("right@example.jp".into());
    field.place = Place::Typed { by: "受付 花子".into() };
    desk.push(Body::Corrected { corrections: vec![Correction { target: target.clone(), field: Some(field) }], note: None });
    assert_eq!(desk.case.form("contact_email").unwrap().to_string(), "right@example.jp");
    desk.push(Body::Corrected { corrections: vec![Correction { target, field: None }], note: None });
    assert_eq!(desk.case.form("contact_email"), None);
    assert_eq!(Case::replay(&desk.events).as_ref(), Some(&desk.case));
}

#[test]
fn what_a_resubmission_changes_unasked_is_noticed() {
    let bank =
        |number: &str, branch: &str| record(&[("account_number", Value::Code(number.into())), ("branch_code", Value::Code(branch.into()))]);
    let handed_in = |desk: &mut Desk, profile: Record| {
        desk.receive("registration_workbook", &[], &["operator_profile", "user_info"]);
        desk.case.papers.last_mut().unwrap().received.extract.sets.insert(DocumentKind::new("operator_profile"), vec![profile].into());
    };
    for (number, branch, together, wanted) in [
        ("7654321", "102", false, None),
        ("7654321", "103", false, Some("P-005")),
        // One rule holds both against each other: either may be mended.
        ("1234567", "103", true, None),
        ("1234567", "102", false, None),
    ] {
        let mut desk = Desk::new();
        desk.cited = if together { vec!["branch_code".to_owned()] } else { vec![] };
        desk.receive("application_form", &[], &[]);
        handed_in(&mut desk, bank("1234567", "102"));
        desk.found = vec![Finding { field: Some("account_number".into()), ..finding("B-006", Severity::Ask) }];
        assert_eq!(desk.walk(), ["T02", "T03"]);
        handed_in(&mut desk, bank(number, branch));
        assert_eq!(desk.remarks().first().map(String::as_str), wanted, "{number} {branch}");
    }
}

fn finding(code: &str, severity: Severity) -> Finding {
    Finding {
        code: Code(code.to_owned()),
        severity,
        document: "application_form".to_owned(),
        field: Some("corporate_number".to_owned()),
        label: None,
        message: code.to_owned(),
        internal: false,
        place: None,
        record: None,
    }
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
