//! A case in one line, as `case list --json` and the pages of the outbox give it.

use crate::casework::fold::Case;
use crate::domain::value::Value;
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
        "mms_code": case.credentials.as_ref().map(|credentials| &credentials.mms_code),
        "open_findings": case.open.iter().map(|finding| json!({
            "code": finding.code, "severity": finding.severity, "document": finding.document, "field": finding.field, "message": finding.message,
        })).collect::<Vec<_>>(),
        "deadlines": case.deadlines.iter().map(|(kind, on)| json!({ "kind": kind.replace('-', "_"), "on": on })).collect::<Vec<_>>(),
        "notices": case.letters.iter().map(|letter| {
            let mut notice = json!({ "kind": letter.kind, "file": letter.files.first(), "at": letter.at, "subject": letter.subject });
            if let (Some(object), Some(operation)) = (notice.as_object_mut(), &letter.operation) {
                object.insert("operation".into(), operation.clone().into());
            }
            notice
        }).collect::<Vec<_>>(),
    })
}
