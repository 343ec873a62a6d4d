//! Workbooks that hold some of the resources each.

use super::*;
use crate::casework::beside::{joined, sources};

/// A workbook with one resource, or with prices of one.
fn book(desk: &mut Desk, set: &str, code: &str, name: &str) -> DocId {
    desk.receive("registration_workbook", &[], &[set]);
    let paper = desk.case.papers.last_mut().unwrap();
    let doc = paper.received.doc;
    let mut one = record(&[("resource_code", Value::Code(code.into())), ("resource_name", Value::Text(name.into()))]);
    one.fields.values_mut().for_each(|field| field.place = Place::Whole { doc });
    paper.received.extract.sets.insert(DocumentKind::new(set), vec![one].into());
    doc
}

/// The names of what counts of a set; none where one workbook alone makes it up.
fn counts(desk: &Desk, set: &str) -> Vec<String> {
    let whole = joined(&desk.case);
    let records = whole.iter().find_map(|extract| extract.sets.get(&DocumentKind::new(set)));
    records.into_iter().flatten().map(|record| record.text("resource_name").unwrap()).collect()
}

#[test]
fn workbooks_of_one_resource_each_count_together_and_a_later_version_takes_the_place_of_its_own() {
    let mut desk = Desk::new();
    let first = book(&mut desk, "resource", "R1", "一号");
    assert_eq!(counts(&desk, "resource"), [""; 0]);
    let second = book(&mut desk, "resource", "R2", "二号");
    assert_eq!(counts(&desk, "resource"), ["一号", "二号"]);
    assert_eq!(sources(&joined(&desk.case)), [(first, "resource"), (second, "resource")].into());
    book(&mut desk, "resource", "R1", "一号機");
    assert_eq!(counts(&desk, "resource"), ["二号", "一号機"]);
    // A code that was put right: the name is the same.
    book(&mut desk, "resource", "R9", "二号");
    assert_eq!(counts(&desk, "resource"), ["一号機", "二号"]);
}

#[test]
fn prices_of_a_resource_that_nobody_hands_in_any_more_are_out_of_use() {
    let mut desk = Desk::new();
    book(&mut desk, "resource", "R1", "一号");
    book(&mut desk, "unit_price", "R1", "一号");
    book(&mut desk, "unit_price", "R2", "二号");
    assert_eq!(counts(&desk, "unit_price"), ["一号", "二号"]);
    book(&mut desk, "resource", "R3", "一号");
    book(&mut desk, "unit_price", "R3", "一号");
    assert_eq!(counts(&desk, "unit_price"), [""; 0], "the code was put right in both");
}

#[test]
fn what_is_registered_is_judged_there() {
    let mut desk = Desk::new();
    book(&mut desk, "resource", "R1", "一号");
    book(&mut desk, "resource", "R2", "二号");
    desk.export(1, "1");
    assert!(joined(&desk.case).is_empty());
}
