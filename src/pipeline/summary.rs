//! A case in one line, as `case list --json` and the pages of the outbox give it.
//!
//! Owns the shape of that line, and what can be told from it alone without the events of the case.

use crate::casework::certificates;
use crate::casework::fold::Case;
use crate::domain::value::Value;
use crate::pipeline::Office;
use jiff::civil::Date;
use serde_json::{Value as Json, json};

/// The object that `case list --json` prints for a case.
pub fn of(case: &Case) -> Json {
    let text = |key: &str| case.form(key).map(Value::to_string);
    json!({
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
        "deadlines": case.deadlines.iter().map(|(kind, on)| json!({ "kind": kind.replace('-', "_"), "on": on })).collect::<Vec<_>>(),
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
    })
}

/// A closed case must be looked at again: the day on which one of its certificates ends has come near.
pub fn has_come(case: &Json, office: &Office<'_>) -> bool {
    let due = case["deadlines"].as_array().into_iter().flatten().find(|due| due["kind"] == certificates::DEADLINE);
    let on = due.and_then(|due| due["on"].as_str()?.parse().ok());
    on.is_some_and(|on| certificates::is_near(on, &office.catalogue.flows, office.now.date()))
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
