//! Registrations of MMS and the desk's operations there, in and out of turn.

use super::*;

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
