//! Credentials that MMS made: what of such a file is believed, and what a person is told of its rows.

use crate::desk::{Diary, Submission, healthy, mail_of};
use uketsuke::config::{CredentialSource, DeskSettings};
use uketsuke::domain::finding::Finding;
use uketsuke::domain::place::Place;

/// Codes that these tests plant.
pub const CODES: &[&str] = &["X-009"];

const HEAD: &str = "受付番号,MMSコード,ユーザID,氏名,CN,シリアル番号,有効期間開始日,有効期間終了日";

fn submission() -> Submission {
    let settings = DeskSettings { credentials: CredentialSource::Mms, certificates: CredentialSource::Mms, ..DeskSettings::default() };
    Submission { settings, ..healthy("I_PRIME") }
}

/// Rows for the users of the submission, in their order.
fn rows() -> Vec<Vec<String>> {
    let users = submission().data["user_info"]["users"].as_array().unwrap().clone();
    let row = |(n, user): (usize, &serde_json::Value)| {
        let id = format!("K7X9{:03}", n + 1);
        let name = user["user_name"].as_str().unwrap();
        ["TH-2026-0001", "K7X9", &id, name, &id, &format!("4A:{:02}", n + 1), "2026/04/09", "2028/04/08"].map(ToOwned::to_owned).to_vec()
    };
    users.iter().enumerate().map(row).collect()
}

fn csv(rows: &[Vec<String>]) -> Vec<u8> {
    let lines: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
    format!("{HEAD}\r\n{}\r\n", lines.join("\r\n")).into_bytes()
}

/// The case after the file was dropped.
fn after(file: (&str, Vec<u8>)) -> Diary {
    let mut diary = Diary::new(submission());
    diary.run("2026-04-08T10:00:00+09:00");
    assert_eq!((diary.case.state.as_str(), &diary.case.credentials), ("S20_OPERATOR_REGISTERED", &None), "{:#?}", diary.case.open);
    let more = vec![(file.0.to_owned(), file.1)];
    diary.hand_in(Submission { more, contract: None, record: None, ..submission() });
    diary.run("2026-04-09T10:00:00+09:00");
    diary
}

fn told(diary: &Diary) -> Vec<&Finding> {
    diary.case.open.iter().filter(|finding| finding.code.0 == "X-009").collect()
}

#[test]
fn what_mms_issued_is_taken_over_as_it_is() {
    let diary = after(("発行情報.csv", csv(&rows())));
    // The workbook holds data for the registration, too.
    assert_eq!(diary.case.state, "S40_REGISTERING", "{:#?}", diary.case.open);
    let credentials = diary.case.credentials.as_ref().unwrap();
    assert_eq!((credentials.mms_code.as_str(), credentials.users.len()), ("K7X9", rows().len()));
    let needy = credentials.users.iter().find(|user| user.cert_required).unwrap();
    let facts = needy.certificate.as_ref().unwrap();
    assert_eq!((facts.to.to_string().as_str(), facts.serial.starts_with("4A:"), facts.sha256.as_str()), ("2028-04-08", true, ""));
    assert!(!diary.case.letters.iter().any(|letter| letter.kind.starts_with("certificate_")), "{:#?}", diary.case.letters);
    // Rows in another order are told apart by the names.
    let mut turned = rows();
    turned.reverse();
    assert_eq!(after(("発行情報.csv", csv(&turned))).case.credentials.unwrap().users, credentials.users);
}

#[test]
fn a_row_that_is_wrong_keeps_all_of_them_back_and_is_named() {
    const FAULTS: &[(usize, &str, &str)] = &[
        (1, "", "2行目・MMSコード"),
        (1, "K7", "2行目・MMSコード"),
        (2, "", "2行目・ユーザID"),
        (2, "K7X9002", "ユーザID"),
        (3, "別人 太郎", "全体・ユーザ氏名"),
        (5, "XYZ", "2行目・シリアル番号"),
        (7, "2026/04/08", "2行目・有効期間終了日"),
        (7, "", "2行目・有効期間終了日"),
    ];
    for (column, value, wanted) in FAULTS {
        let mut rows = rows();
        assert!(rows.len() > 1);
        rows[0][*column] = (*value).to_owned();
        let diary = after(("発行情報.csv", csv(&rows)));
        let told = told(&diary);
        assert!(told.iter().any(|finding| finding.message.contains(wanted)), "{column} {value:?}: {told:#?}");
        assert!(told.iter().all(|finding| finding.internal && finding.place.is_some()) && diary.case.held);
        assert_eq!((diary.case.state.as_str(), &diary.case.credentials), ("S20_OPERATOR_REGISTERED", &None), "{column} {value:?}");
    }
    let mut one = rows();
    one[0][2] = String::new();
    let diary = after(("発行情報.csv", csv(&one)));
    assert_eq!(
        told(&diary)[0].message,
        "（社内確認事項）MMSの発行情報（2行目・ユーザID）を取り込めません：空欄です。修正した一式を再度投入してください。"
    );
    assert!(matches!(told(&diary)[0].place, Some(Place::Cell { row: 2, .. })), "{:?}", told(&diary)[0].place);
    let mut fewer = rows();
    fewer.pop();
    assert!(told(&after(("発行情報.csv", csv(&fewer)))).iter().any(|finding| finding.message.contains("名です")));
}

#[test]
fn a_desk_that_issues_credentials_itself_says_that_it_takes_none_over() {
    let mut diary = Diary::new(healthy("I_PRIME"));
    diary.run("2026-04-08T10:00:00+09:00");
    let own = diary.case.credentials.clone().unwrap();
    let more = vec![("発行情報.csv".to_owned(), csv(&rows()))];
    diary.hand_in(Submission { more, contract: None, record: None, ..healthy("I_PRIME") });
    diary.run("2026-04-09T10:00:00+09:00");
    let told = told(&diary);
    assert!(told.len() == 1 && told[0].message.contains("この受付で発行する設定"), "{told:#?}");
    assert!(diary.case.held && diary.case.credentials.as_ref() == Some(&own));
}

#[test]
fn a_file_in_somebodys_mail_gives_nobody_an_account() {
    let (name, mail) = mail_of(&submission(), "発行情報です。", &[("発行情報.csv", &csv(&rows()))]);
    let diary = after((&name, mail));
    assert_eq!((diary.case.state.as_str(), &diary.case.credentials), ("S20_OPERATOR_REGISTERED", &None));
    assert!(diary.case.held && diary.case.open.iter().any(|finding| finding.code.0 == "X-008"), "{:#?}", diary.case.open);
}
