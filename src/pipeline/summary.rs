//! A case in one line, as `case list --json` and the pages of the outbox give it.
//!
//! Owns the shape of that line, and what can be told from it alone without the events of the case.

use crate::casework::certificates;
use crate::casework::fold::{Case, Sent};
use crate::domain::finding::{Severity, UNREAD};
use crate::domain::value::Value;
use crate::pipeline::Office;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// The object that `case list --json` prints for a case.
pub fn of(case: &Case) -> Json {
    let text = |key: &str| case.form(key).map(Value::to_string);
    let mut summary = json!({
        "case_no": case.no.0,
        "flow": case.flow,
        "state": case.state,
        "held": case.held,
        "opened": case.opened,
        "applicant_name": text("applicant_name"),
        "corporate_number": text("corporate_number"),
        "contact_email": text("contact_email"),
        "certificates": case.holders().flat_map(|user| user.certificates().map(move |facts| json!({
            "user_id": user.user_id, "serial": facts.serial, "to": facts.to, "revoked": facts.revoked, "own": !facts.sha256.is_empty(),
        }))).collect::<Vec<_>>(),
        "mms_code": case.credentials.as_ref().map(|credentials| &credentials.mms_code),
        "open_findings": case.open.iter().map(|finding| json!({
            "code": finding.code, "severity": finding.severity, "document": finding.document, "field": finding.field, "message": finding.message,
        })).collect::<Vec<_>>(),
        "deadlines": case.deadlines.iter().map(|(kind, on)| json!({ "kind": in_summary(kind), "on": on })).collect::<Vec<_>>(),
        "notices": case.letters.iter().map(|letter| {
            let mut notice = json!({ "kind": letter.kind, "file": letter.files.first(), "at": letter.left, "subject": letter.subject });
            if letter.draft && let Some(object) = notice.as_object_mut() {
                object.insert("draft".into(), true.into());
            }
            if letter.dropped && let Some(object) = notice.as_object_mut() {
                object.insert("dropped".into(), true.into());
            }
            if let (Some(object), Some(operation)) = (notice.as_object_mut(), &letter.operation) {
                object.insert("operation".into(), operation.clone().into());
            }
            notice
        }).collect::<Vec<_>>(),
    });
    let unread = unread(case);
    if unread > 0
        && let Some(object) = summary.as_object_mut()
    {
        object.insert("unread".into(), unread.into());
    }
    summary
}

/// What mails say or ask, and what came after the end, that nobody has looked at.
fn unread(case: &Case) -> usize {
    case.open.iter().filter(|finding| UNREAD.contains(&finding.code.0.as_str())).count()
}

/// What lists ask of that line.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Line {
    pub case_no: String,
    pub flow: String,
    pub state: String,
    pub held: bool,
    pub applicant_name: Option<String>,
    pub deadlines: Vec<Deadline>,
    pub open_findings: Vec<Graded>,
    pub notices: Vec<Letter>,
    #[serde(default)]
    pub unread: usize,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Deadline {
    /// With `_` where the flow has `-`.
    pub kind: String,
    pub on: Date,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Graded {
    pub severity: Severity,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Letter {
    pub kind: String,
    #[serde(default)]
    pub draft: bool,
    #[serde(default)]
    pub dropped: bool,
    pub operation: Option<String>,
}

impl Line {
    pub fn of(case: &Case) -> Self {
        let letter = |letter: &Sent| {
            let Sent { kind, draft, dropped, operation, .. } = letter.clone();
            Letter { kind, draft, dropped, operation }
        };
        Line {
            case_no: case.no.0.clone(),
            flow: case.flow.clone(),
            state: case.state.clone(),
            held: case.held,
            applicant_name: case.form("applicant_name").map(Value::to_string),
            deadlines: case.deadlines.iter().map(|(id, on)| Deadline { kind: in_summary(id), on: *on }).collect(),
            open_findings: case.open.iter().map(|finding| Graded { severity: finding.severity }).collect(),
            notices: case.letters.iter().map(letter).collect(),
            unread: unread(case),
        }
    }

    /// A closed case must be looked at again: the day on which one of its certificates ends has come near.
    pub fn has_come(&self, office: &Office<'_>) -> bool {
        let due = self.deadlines.iter().find(|due| due.kind == certificates::DEADLINE);
        due.is_some_and(|due| certificates::is_near(due.on, &office.catalogue.flows, office.now.date()))
    }
}

/// The id of a deadline as the line has it.
fn in_summary(id: &str) -> String {
    id.replace('-', "_")
}

/// Serial number and day of every revoked certificate that this desk made and that would still hold.
pub fn revoked(summary: &str, today: Date) -> Vec<(String, Date)> {
    let Ok(case) = serde_json::from_str::<Json>(summary) else { return Vec::new() };
    let day = |value: &Json| value.as_str().and_then(|day| day.parse::<Date>().ok());
    let all = case["certificates"].as_array().into_iter().flatten().filter(|facts| facts["own"] == true);
    all.filter(|facts| day(&facts["to"]).is_some_and(|to| today <= to))
        .filter_map(|facts| Some((facts["serial"].as_str()?.to_owned(), day(&facts["revoked"])?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseNo;
    use crate::domain::finding::{Code, Finding};

    #[test]
    fn lists_see_what_is_printed() {
        let at = "2026-04-08T10:00:00+09:00".parse().unwrap();
        let mut case = Case::begin(CaseNo("TH-2026-0001".into()), at);
        case.held = true;
        case.deadlines.extend([("document-request".to_owned(), at.date()), (certificates::DEADLINE.to_owned(), at.date())]);
        for (draft, operation) in [(false, None), (true, Some("APPROVE".to_owned()))] {
            case.letters.push(Sent {
                key: "key".into(),
                kind: "mms_operation".into(),
                operation,
                files: Vec::new(),
                subject: "件名".into(),
                address: None,
                at,
                left: at,
                seq: 1,
                draft,
                dropped: false,
                told: Vec::new(),
            });
        }
        for (code, severity) in [("A-021", Severity::Warn), ("M-013", Severity::Staff)] {
            case.open.push(Finding {
                code: Code(code.into()),
                severity,
                document: "application_form".into(),
                field: None,
                label: None,
                message: "文".into(),
                internal: false,
                place: None,
                record: None,
            });
        }
        assert_eq!(serde_json::from_value::<Line>(of(&case)).unwrap(), Line::of(&case));
    }
}
