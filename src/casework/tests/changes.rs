//! What a later paper changes although nobody asked.

use super::{Desk, finding, record};
use crate::casework::changes;
use crate::casework::deed;
use crate::domain::case::{Body, Correction, Target};
use crate::domain::document::DocumentKind;
use crate::domain::doubt::Doubt;
use crate::domain::extract::Record;
use crate::domain::finding::{Finding, Severity};
use crate::domain::place::Place;
use crate::domain::value::Value;

fn text(word: &str) -> Value {
    Value::Text(word.into())
}

/// Documents and fields that changed unasked, where a defect is about its own field and those given.
fn told_with(desk: &Desk, cited: &[&str]) -> Vec<String> {
    let cited = |finding: &Finding| finding.field.iter().cloned().chain(cited.iter().map(|key| (*key).to_owned())).collect();
    let remarks = changes::unasked(&desk.case, &cited);
    let mut told: Vec<String> =
        remarks.into_iter().map(|remark| format!("{}.{}", remark.document.unwrap(), remark.field.unwrap_or_default())).collect();
    told.sort();
    told
}

fn told(desk: &Desk) -> Vec<String> {
    told_with(desk, &[])
}

fn hand_in(desk: &mut Desk, set: &str, records: Vec<Record>) {
    desk.receive("registration_workbook", &[], &[]);
    desk.case.papers.last_mut().unwrap().received.extract.sets.insert(DocumentKind::new(set), records.into());
}

/// The applicant is asked about one field.
fn ask(desk: &mut Desk, transition: &str, code: &str, document: &str, field: &str) {
    let asked = Finding { document: document.to_owned(), field: Some(field.to_owned()), ..finding(code, Severity::Ask) };
    desk.push(Body::Found { open: vec![asked], held: false });
    let state = desk.case.state.clone();
    desk.push(Body::Moved { transition: transition.into(), from: state.clone(), to: state });
}

/// A price from a day on, with the price of each of its bands.
fn price(pattern: i64, from: &str, bands: &[&str]) -> Record {
    let mut price = record(&[
        ("resource_code", Value::Code("D0001".into())),
        ("operation_pattern_no", Value::Integer(pattern)),
        ("valid_from", text(from)),
    ]);
    let band = |(n, v1): (usize, &&str)| record(&[("band_no", Value::Integer(n as i64 + 1)), ("v1_price", text(v1))]);
    price.groups.insert("bands".to_owned(), bands.iter().enumerate().map(band).collect::<Vec<_>>().into());
    price
}

#[test]
fn what_came_and_what_is_gone_is_told_and_what_only_moved_is_not() {
    let first = || vec![price(1, "5/1", &["10", "11"]), price(1, "6/1", &["20", "21"]), price(2, "5/1", &["30"])];
    let again = |records: Vec<Record>, field: &str| {
        let mut desk = Desk::new();
        hand_in(&mut desk, "unit_price", first());
        ask(&mut desk, "T14", "D-012", "resource", field);
        hand_in(&mut desk, "unit_price", records);
        told(&desk)
    };
    assert!(again(first(), "bg_code").is_empty());
    assert!(again(first().into_iter().rev().collect(), "bg_code").is_empty());
    let number = ["unit_price.operation_pattern_no"];
    assert_eq!(again(first().into_iter().take(2).collect(), "bg_code"), number);
    assert_eq!(again(first().into_iter().chain([price(3, "5/1", &["40"])]).collect(), "bg_code"), number);
    let longer = || vec![price(1, "5/1", &["10", "11", "999"]), price(1, "6/1", &["20", "21"]), price(2, "5/1", &["30"])];
    assert_eq!(again(longer(), "bg_code"), ["unit_price.band_no"]);
    let shorter = || vec![price(1, "5/1", &["10"]), price(1, "6/1", &["20", "21"]), price(2, "5/1", &["30"])];
    assert_eq!(again(shorter(), "bg_code"), ["unit_price.band_no"]);
    let dearer = vec![price(1, "5/1", &["10", "11"]), price(1, "6/1", &["20", "999"]), price(2, "5/1", &["30"])];
    assert_eq!(again(dearer, "bg_code"), ["unit_price.v1_price"]);
    // Whoever was asked about the bands, or about the numbers of the patterns, may add and remove them.
    assert!(again(longer(), "v1_price").is_empty() && again(shorter(), "v1_price").is_empty());
    assert!(again(first().into_iter().take(2).collect(), "operation_pattern_no").is_empty());
}

#[test]
fn what_is_gone_is_shown_on_the_newer_paper() {
    let mut desk = Desk::new();
    hand_in(&mut desk, "unit_price", vec![price(1, "5/1", &[]), price(2, "5/1", &[])]);
    ask(&mut desk, "T14", "D-012", "resource", "bg_code");
    hand_in(&mut desk, "unit_price", vec![price(1, "5/1", &[])]);
    let doc = desk.case.papers.last().unwrap().received.doc;
    let remarks = changes::unasked(&desk.case, &|_| Default::default());
    assert_eq!(remarks.iter().map(|remark| remark.place.clone()).collect::<Vec<_>>(), [Some(Place::Whole { doc })]);
}

fn form(desk: &mut Desk, name: &str, address: &str) {
    desk.receive("application_form", &[("applicant_name", text(name)), ("contact_email", text(address))], &[]);
}

#[test]
fn a_request_about_the_telephone_does_not_open_the_mail_address() {
    for (field, address, wanted) in [
        ("contact_phone", "b@example.jp", vec!["application_form.contact_email"]),
        ("contact_phone", "a@example.jp", vec![]),
        ("contact_email", "b@example.jp", vec![]),
    ] {
        let mut desk = Desk::new();
        form(&mut desk, "株式会社見本電力", "a@example.jp");
        ask(&mut desk, "T03", "A-014", "application_form", field);
        form(&mut desk, "株式会社見本電力", address);
        assert_eq!(told_with(&desk, &["contact_phone", "contact_email"]), wanted, "{field} {address}");
    }
    // Nor does a request for the form as a whole.
    let mut desk = Desk::new();
    form(&mut desk, "株式会社見本電力", "a@example.jp");
    let whole = Finding { field: None, ..finding("A-002", Severity::Ask) };
    desk.push(Body::Found { open: vec![whole], held: false });
    desk.push(Body::Moved { transition: "T03".into(), from: String::new(), to: String::new() });
    form(&mut desk, "株式会社見本電力", "b@example.jp");
    assert_eq!(told(&desk), ["application_form.contact_email"]);
}

#[test]
fn another_applicant_or_address_on_a_later_form_is_told_though_nobody_asked() {
    let both = |name: &str, address: &str| {
        let mut desk = Desk::new();
        form(&mut desk, "株式会社見本電力", "a@example.jp");
        form(&mut desk, name, address);
        desk
    };
    assert!(told(&both("㈱見本電力", "A@example.jp")).is_empty());
    assert_eq!(told(&both("株式会社例示電力", "a@example.jp")), ["application_form.applicant_name"]);
    let mut desk = both("株式会社見本電力", "b@example.jp");
    let address = ["application_form.contact_email"];
    assert_eq!(told(&desk), address);
    // The same once more proves nothing.
    form(&mut desk, "株式会社見本電力", "b@example.jp");
    assert_eq!(told(&desk), address);
    desk.push(Body::Recorded { what: deed::SETTLED.into(), set: [("code".to_owned(), "P-005".to_owned())].into(), note: None });
    form(&mut desk, "株式会社見本電力", "b@example.jp");
    assert!(told(&desk).is_empty());
    form(&mut desk, "株式会社見本電力", "c@example.jp");
    assert_eq!(told(&desk), address);
}

#[test]
fn what_was_asked_for_and_mended_is_no_change_at_the_next_request() {
    let mut desk = Desk::new();
    form(&mut desk, "株式会社見本電力", "a@example.jp");
    ask(&mut desk, "T03", "A-014", "application_form", "contact_email");
    form(&mut desk, "株式会社見本電力", "b@example.jp");
    ask(&mut desk, "T14", "D-001", "resource", "bg_code");
    assert!(told(&desk).is_empty());
    form(&mut desk, "株式会社見本電力", "b@example.jp");
    assert!(told(&desk).is_empty(), "nor with a third form");
    form(&mut desk, "株式会社見本電力", "a@example.jp");
    assert_eq!(told(&desk), ["application_form.contact_email"]);
}

#[test]
fn who_has_looked_at_the_name_has_not_looked_at_the_address() {
    let mut desk = Desk::new();
    form(&mut desk, "株式会社見本電力", "a@example.jp");
    form(&mut desk, "株式会社例示電力", "b@example.jp");
    let set = [("code", "P-005"), ("document", "application_form"), ("field", "applicant_name")];
    let set = set.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    desk.push(Body::Recorded { what: deed::SETTLED.into(), set, note: None });
    form(&mut desk, "株式会社例示電力", "b@example.jp");
    assert_eq!(told(&desk), ["application_form.contact_email"]);
}

#[test]
fn a_doubtful_address_and_one_that_a_person_typed_are_not_called_another() {
    let mut desk = Desk::new();
    form(&mut desk, "株式会社見本電力", "a@example.jp");
    form(&mut desk, "株式会社見本電力", "o@example.jp");
    let doc = desk.case.papers[1].received.doc;
    let mut typed = desk.case.papers[1].received.extract.fields.fields["contact_email"].clone();
    assert_eq!(told(&desk).len(), 1);
    let fields = &mut desk.case.papers[1].received.extract.fields.fields;
    fields.get_mut("contact_email").unwrap().doubts = Doubt::Faint.into();
    assert!(told(&desk).is_empty());
    (typed.value, typed.place) = (text("b@example.jp"), Place::Typed { by: "受付 花子".into() });
    let target = Target { doc, set: None, record: 0, row: None, key: "contact_email".into() };
    desk.push(Body::Corrected { corrections: vec![Correction { target, field: Some(typed) }], note: None });
    assert!(told(&desk).is_empty());
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
