//! What a person records.

use super::*;

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
