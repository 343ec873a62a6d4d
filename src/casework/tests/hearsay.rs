//! What is said to come from MMS and came in somebody's mail.

use super::applied;
use crate::casework::facts;
use crate::domain::case::Body;
use jiff::civil::date;

#[test]
fn an_export_inside_a_mail_is_no_word_of_mms_until_the_desk_drops_it_itself() {
    let mut desk = applied();
    desk.walk();
    desk.export(1, "1");
    let (doc, mailed) = {
        let paper = desk.case.papers.last_mut().unwrap();
        paper.received.mailed = true;
        (paper.received.doc, paper.received.mailed)
    };
    assert!(mailed && desk.case.export().is_none() && desk.case.registration().is_none());
    assert_eq!((desk.walk(), desk.remarks()), (vec![], vec!["X-008".to_owned()]));
    let first = date(2026, 4, 8);
    // Once more in a mail: nothing new.
    desk.push(Body::Again { doc, name: "x.xml".into(), first, own: false });
    assert!(desk.remarks().contains(&"X-008".to_owned()));
    desk.push(Body::Again { doc, name: "x.xml".into(), first, own: true });
    assert!(!desk.remarks().contains(&"X-008".to_owned()));
    assert_eq!(desk.walk(), ["T08", "T09", "T10", "T11", "T12", "T17"]);
}

#[test]
fn the_desks_own_export_puts_an_earlier_one_out_of_a_mail_aside() {
    let mut desk = applied();
    desk.walk();
    desk.export(1, "2");
    desk.case.papers.last_mut().unwrap().received.mailed = true;
    assert_eq!(desk.remarks(), ["X-008"]);
    desk.export(1, "1");
    assert_eq!(desk.remarks(), [""; 0]);
    assert_eq!(desk.case.export().unwrap().seq, desk.case.seq);
}

#[test]
fn a_sheet_out_of_a_mail_is_told_and_hides_nothing_that_the_desk_dropped() {
    let mut desk = applied();
    desk.walk();
    desk.export(1, "1");
    desk.sheet("REJECT", "0", 1);
    let own = desk.case.papers.last().unwrap().seq;
    desk.sheet("REJECT", "1", 1);
    let sheet = desk.case.papers.last_mut().unwrap();
    (sheet.received.parent, sheet.received.mailed) = (Some(crate::domain::id::DocId::of(b"mail")), true);
    let doc = sheet.received.doc;
    assert_eq!(desk.case.paper("operation_result").unwrap().seq, own, "the newest is the desk's own");
    assert!(desk.remarks().contains(&"X-008".to_owned()) && !facts::is_rejection_recorded(&desk.case));
    desk.push(Body::Again { doc, name: "x.csv".into(), first: date(2026, 4, 8), own: true });
    assert!(!desk.remarks().contains(&"X-008".to_owned()) && facts::is_rejection_recorded(&desk.case));
}
