//! The facts that transitions ask for: a closed set of named questions about a case.

use crate::casework::flow::{Flow, Flows};
use crate::casework::fold::{Case, Paper};
use crate::domain::finding::{Finding, Severity};
use crate::domain::value::Value;
use jiff::civil::Date;

/// What a fact may look at.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub case: &'a Case,
    pub flow: &'a Flow,
    pub flows: &'a Flows,
    pub today: Date,
    /// Business days from today to a day; negative once it has passed.
    pub days_left: &'a dyn Fn(Date) -> i64,
    /// The desk issues MMSコード and user IDs itself.
    pub issues_locally: bool,
}

type Question = fn(&View<'_>) -> bool;

const FACTS: &[(&str, Question)] = &[
    ("application-received", |view| view.case.paper("application_form").is_some()),
    ("application-complete", |view| view.flow.application.iter().all(|kind| has(view.case, kind))),
    ("application-defective", |view| view.case.open.iter().any(|finding| asks(finding) && concerns_application(finding))),
    ("application-settled-for-asking", |view| {
        view.flow.application.iter().all(|kind| has(view.case, kind))
            || view.case.deadlines.get("companions").is_none_or(|due| view.today > *due)
    }),
    ("application-renewed", |view| {
        let returned = view.case.last_move(&["T03"]).map_or(0, |moved| moved.seq);
        view.case.papers.iter().any(|paper| paper.seq > returned && view.flow.application.iter().any(|kind| holds(paper, kind)))
    }),
    ("credentials-at-hand", |view| view.issues_locally || view.case.credentials.is_some()),
    ("registration-begun", |view| {
        view.case.export().is_some()
            || view.flow.registered.iter().any(|set| set != "operator_profile" && view.case.workbook_set(set).is_some())
    }),
    ("export-received", |view| view.case.export().is_some()),
    ("screening-requested", |view| export_status(view.case).is_some_and(|status| status == "1")),
    ("registration-complete", |view| {
        view.case.export().is_some_and(|export| view.flow.registered.iter().all(|set| holds(export, set) || desk_side_set(view.case, set)))
            && view.flow.screening.iter().all(|kinds| kinds.split(" | ").any(|kind| has(view.case, kind)))
    }),
    ("registration-defective", |view| view.case.open.iter().any(|finding| asks(finding) && concerns_registration(finding))),
    ("rejection-recorded", |view| {
        export_status(view.case).is_some_and(|status| status == "9") || recorded_since_export(view.case, "mms-rejected")
    }),
    ("registration-renewed", |view| registration_renewed(view.case)),
    ("answer-due-soon", |view| {
        let at = view.flows.deadline("answer").and_then(|deadline| deadline.remind_at).unwrap_or(0);
        view.case.deadlines.get("answer").is_some_and(|due| (0..=i64::from(at)).contains(&(view.days_left)(*due)))
    }),
    ("contract-concluded", |view| view.case.paper("contract").is_some_and(concluded)),
    ("contract-compared", |view| view.case.paper("contract").is_some() && view.case.export().is_some()),
    ("contract-differs", |view| view.case.open.iter().any(|finding| asks(finding) && concerns_contract(finding))),
    ("approval-ordered", |view| ordered(view.case, "APPROVE")),
    ("approved-in-mms", |view| {
        export_status(view.case).is_some_and(|status| status == "2") || recorded_since_export(view.case, "mms-approved")
    }),
    ("approval-seen-again", |view| {
        let approved = view.case.last_move(&["T19"]).map_or(u32::MAX, |moved| moved.seq);
        view.case.exports().any(|export| export.seq > approved && status(export).is_some_and(|status| status == "2"))
    }),
    ("held", |view| view.case.held),
];

pub fn names() -> Vec<&'static str> {
    FACTS.iter().map(|(name, _)| *name).collect()
}

/// Whether a guard names a fact, with or without `not-`.
pub fn is_known(guard: &str) -> bool {
    question(guard).is_some()
}

fn question(guard: &str) -> Option<(Question, bool)> {
    let find = |name: &str| FACTS.iter().find(|(known, _)| *known == name).map(|(_, question)| *question);
    find(guard).map(|question| (question, true)).or_else(|| find(guard.strip_prefix("not-")?).map(|question| (question, false)))
}

/// Whether a guard holds; an unknown one never does.
pub fn hold(guard: &str, view: &View<'_>) -> bool {
    question(guard).is_some_and(|(question, wanted)| question(view) == wanted)
}

/// The applicant must do something about it.
pub fn asks(finding: &Finding) -> bool {
    matches!(finding.severity, Severity::Ask | Severity::Reject)
}

/// Chapter of the defect catalogue, its first letter.
fn chapter(finding: &Finding) -> char {
    finding.code.0.chars().next().unwrap_or(' ')
}

/// Defects of the application and what comes with it.
pub fn concerns_application(finding: &Finding) -> bool {
    matches!(chapter(finding), 'A' | 'B' | 'C' | 'M')
}

/// Defects of the contract, or of its comparison with the registration.
pub fn concerns_contract(finding: &Finding) -> bool {
    chapter(finding) == 'H' || finding.code.0 == "D-016"
}

/// Defects of the registered data and what is handed in for the screening.
pub fn concerns_registration(finding: &Finding) -> bool {
    matches!(chapter(finding), 'B' | 'D' | 'E' | 'F' | 'G' | 'X' | 'M') && !concerns_contract(finding)
}

fn holds(paper: &Paper, kind: &str) -> bool {
    let extract = &paper.received.extract;
    extract.document.as_str() == kind || extract.sets.iter().any(|(set, records)| set.as_str() == kind && !records.is_empty())
}

fn has(case: &Case, kind: &str) -> bool {
    case.newest().any(|paper| holds(paper, kind))
}

/// 審査用データ may be handed to the desk instead of being registered.
fn desk_side_set(case: &Case, set: &str) -> bool {
    set == "screening" && case.workbook_set(set).is_some()
}

fn status(export: &Paper) -> Option<String> {
    export.received.extract.fields.text("registration_status")
}

fn export_status(case: &Case) -> Option<String> {
    case.export().and_then(status)
}

fn recorded_since_export(case: &Case, what: &str) -> bool {
    let export = case.export().map_or(0, |export| export.seq);
    case.last_deed(what).is_some_and(|deed| deed.seq > export)
}

fn ordered(case: &Case, operation: &str) -> bool {
    case.letters.iter().any(|letter| letter.operation.as_deref() == Some(operation))
}

/// A later revision, or another registration, than the one that was rejected.
fn registration_renewed(case: &Case) -> bool {
    let Some(rejected) = case.last_move(&["T13", "T20"]) else { return false };
    let before = case.exports().filter(|export| export.seq < rejected.seq).filter_map(registration).max();
    case.exports()
        .filter(|export| status(export).is_some_and(|status| status == "1"))
        .filter_map(registration)
        .any(|now| before.as_ref().is_none_or(|before| now > *before))
}

/// Registration number and revision; the number begins with the day, so later ones are greater.
pub fn registration(export: &Paper) -> Option<(String, i64)> {
    let fields = &export.received.extract.fields;
    match fields.value("registration_revision") {
        Some(Value::Integer(revision)) => Some((fields.text("registration_no")?, *revision)),
        _ => None,
    }
}

/// Dated, and signed by both.
fn concluded(contract: &Paper) -> bool {
    let fields = &contract.received.extract.fields;
    let signed = |key| matches!(fields.value(key), Some(Value::Flag(true)));
    fields.value("contract_date").is_some_and(|value| value.date().is_some()) && signed("signature_a") && signed("signature_b")
}
