//! What comes for a case that is at its end.

use super::*;

fn withdrawn() -> Desk {
    let mut desk = applied();
    desk.walk();
    desk.push(Body::Recorded { what: deed::WITHDRAWN.into(), set: Default::default(), note: None });
    assert_eq!(desk.walk(), ["T22-withdrawn"]);
    desk
}

/// What was received last lay in what came before it.
fn inside(desk: &mut Desk, mailed: bool) {
    let papers = &mut desk.case.papers;
    let (last, outer) = (papers.len() - 1, papers[papers.len() - 2].received.doc);
    (papers[last].received.parent, papers[last].received.mailed) = (Some(outer), mailed);
}

fn settle_late(desk: &mut Desk, doc: DocId) {
    let set = [("code", "P-013".to_owned()), ("paper", doc.to_string())].map(|(key, value)| (key.to_owned(), value));
    desk.push(Body::Recorded { what: deed::SETTLED.into(), set: set.into(), note: None });
}

#[test]
fn a_paper_for_a_case_that_is_at_its_end_is_put_before_a_person_and_moves_nothing() {
    let mut desk = withdrawn();
    assert_eq!(desk.remarks(), [""; 0]);
    desk.receive("registration_workbook", &[], &["resource"]);
    let first = desk.case.papers.last().unwrap().received.doc;
    desk.receive("contract", &[], &[]);
    assert_eq!(desk.remarks(), ["P-013", "P-013"]);
    assert!(desk.walk().is_empty() && desk.case.state == "S98_WITHDRAWN");
    settle_late(&mut desk, first);
    assert_eq!(desk.remarks(), ["P-013"], "the one that was looked at");
}

#[test]
fn a_mail_is_told_once_with_all_that_lay_in_it_and_words_alone_are_told_otherwise() {
    let mut desk = withdrawn();
    desk.receive("inbound_mail", &[], &[]);
    assert_eq!(desk.remarks(), [""; 0], "thanks, or words that are told of as such");
    desk.receive("contract", &[], &[]);
    inside(&mut desk, true);
    desk.receive("inbound_mail", &[], &[]);
    desk.receive("mms_export", &[("registration_no", Value::Code("2026042035".into()))], &[]);
    inside(&mut desk, true);
    assert_eq!(desk.remarks(), ["X-008", "P-013"]);
}

#[test]
fn an_old_paper_that_somebody_sends_again_after_the_end_is_told_and_one_that_the_desk_dropped_twice_is_not() {
    let mut desk = withdrawn();
    let doc = desk.case.papers[0].received.doc;
    let again = |own: bool| Body::Again { doc, name: "申込書.pdf".into(), first: date(2026, 4, 8), own };
    desk.push(again(true));
    assert_eq!(desk.remarks(), ["M-006"]);
    desk.push(again(false));
    assert_eq!(desk.remarks(), ["M-006", "M-006", "P-013"]);
    settle_late(&mut desk, doc);
    assert!(!desk.remarks().contains(&"P-013".to_owned()));
    desk.push(again(false));
    assert!(desk.remarks().contains(&"P-013".to_owned()), "it came once more since");
}

#[test]
fn what_the_desk_takes_out_of_mms_as_a_matter_of_routine_is_no_news() {
    let mut desk = applied();
    desk.walk();
    desk.export(1, "2");
    desk.push(Body::Moved { transition: "T19".into(), from: "S81_CONTRACT_COMPARING".into(), to: "S90_APPROVED".into() });
    desk.push(Body::Moved { transition: "T21".into(), from: "S90_APPROVED".into(), to: "S91_APPROVAL_CONFIRMED".into() });
    desk.export(1, "2");
    desk.receive("mms_credentials", &[], &[]);
    desk.sheet("APPROVE", "1", 1);
    assert_eq!(desk.remarks(), [""; 0]);
    desk.export(1, "9");
    assert_eq!(desk.remarks(), ["P-013"]);
}
