//! Days that come near and pass.

use super::*;

#[test]
fn reminders_come_once_each_and_closing_comes_after_them() {
    let mut desk = applied();
    desk.found = vec![finding("A-007", Severity::Ask)];
    assert_eq!(desk.walk(), ["T02", "T03"]);
    assert!(desk.allow(deed::CLOSED, None).unwrap_err().why(Language::English).contains("reminded"));
    // The mini desk counts seven days of the calendar for every deadline.
    desk.today = date(2026, 4, 13);
    assert_eq!(desk.walk(), ["T16-returned"]);
    assert_eq!(desk.walk(), [""; 0]);
    assert_eq!(desk.allow(deed::CLOSED, None), Ok(()));
    desk.today = date(2026, 4, 16);
    assert_eq!(desk.walk(), ["T16-returned-overdue", "T22-silence"]);
    assert_eq!((desk.walk(), desk.remarks()), (vec![], vec!["P-003".to_owned()]));
    desk.push(Body::Recorded { what: deed::CLOSED.into(), set: BTreeMap::new(), note: None });
    assert_eq!(desk.walk(), ["T22-closed"]);
    assert!(desk.case.deadlines.is_empty(), "{:?}", desk.case.deadlines);
}

#[test]
fn the_desk_is_warned_before_the_limit_and_after_it() {
    let mut desk = applied();
    desk.found = vec![finding("H-013", Severity::Staff)];
    desk.export(1, "1");
    desk.case.state = "S50_REGISTRATION_RECEIVED".to_owned();
    assert_eq!(desk.walk(), ["T11"]);
    desk.today = date(2026, 4, 13);
    assert_eq!(desk.walk(), ["T11-reminder"]);
    assert_eq!((desk.walk(), desk.remarks()), (vec![], vec!["P-001".to_owned()]));
    desk.today = date(2026, 4, 16);
    assert_eq!(desk.remarks(), ["P-002"]);
}
