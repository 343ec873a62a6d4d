//! Cases built event by event: the fold, the facts, the steps.

mod applications;
mod beside;
mod certificates;
mod changes;
mod days;
mod deeds;
mod drafts;
mod flows;
mod hearsay;
mod idle_findings;
mod late;
mod partial;
mod registrations;
mod steps;

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
