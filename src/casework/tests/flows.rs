//! Faults in the flows as data, and days that are due.

use super::{applied, files};
use crate::casework::flow::Flows;
use crate::casework::{deed, facts};
use crate::domain::case::Body;
use jiff::civil::date;
use std::collections::BTreeMap;

#[test]
fn a_reminder_that_was_settled_comes_again_with_the_next_day_that_is_due() {
    let mut desk = applied();
    desk.push(Body::Due { deadline: "check-limit".into(), on: Some(date(2026, 4, 10)) });
    desk.today = date(2026, 4, 13);
    assert_eq!(desk.remarks(), ["P-002"]);
    let set = BTreeMap::from([("code".to_owned(), "P-002".to_owned())]);
    desk.push(Body::Recorded { what: deed::SETTLED.into(), set, note: None });
    assert_eq!(desk.remarks(), [""; 0]);
    desk.push(Body::Due { deadline: "check-limit".into(), on: Some(date(2026, 4, 11)) });
    assert_eq!(desk.remarks(), ["P-002"]);
}

#[test]
fn faults_in_the_flows_are_found() {
    for (from, to, word) in [
        ("to = \"S21_CREDENTIALS_ISSUED\"", "to = \"S22\"", "S22"),
        ("when = [\"screening-requested\"]", "when = [\"screening-reqested\"]", "screening-reqested"),
        ("starts = [\"answer\", \"silence\"]", "starts = [\"anser\"]", "anser"),
        ("fact = \"rejection-ordered\"", "fact = \"rejection-orderd\"", "rejection-orderd"),
        ("id = \"withdrawn\"", "id = \"withdrawed\"", "withdrawed"),
        ("from = [\"S70_DATA_CONFIRMED\", \"S80_AWAITING_CONTRACT\"]\n", "from = [\"S71\"]\n", "S71"),
        ("once = \"registration\"\n", "", "once"),
    ] {
        let mut files = files();
        let text = String::from_utf8(files["mms-usage/flows/steps.toml"].to_vec()).unwrap();
        assert!(text.contains(from), "{from}");
        files.insert("mms-usage/flows/steps.toml".into(), text.replacen(from, to, 1).into_bytes().into());
        let faults = Flows::load(&files).unwrap_err();
        assert!(faults.iter().any(|fault| fault.what.contains(word)), "{word}: {faults:?}");
    }
    assert!(facts::is_known("not-held") && !facts::is_known("not-"));
}
