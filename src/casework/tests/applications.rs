//! Applications that come twice.

use super::*;

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
