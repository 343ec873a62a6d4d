//! What only the history of a case shows: files that come again, second applications, exports out of turn, days that pass.

use crate::desk::{CATALOGUE, Diary, Submission, healthy, mail_of, office};
use crate::make;
use serde_json::json;
use uketsuke::domain::case::{Body, CertificateFacts, Credentials};
use uketsuke::domain::finding::{Finding, Severity};
use uketsuke::domain::id::DocId;
use uketsuke::domain::place::Place;

/// Codes that these tests plant.
pub const CODES: &[&str] = &[
    "A-016", "A-024", "M-006", "M-009", "P-001", "P-002", "P-003", "P-004", "P-005", "P-006", "P-007", "P-008", "P-009", "P-010", "P-011",
    "P-012", "X-004", "X-006", "X-007", "X-008",
];

pub fn only<'a>(open: &'a [Finding], code: &str) -> &'a Finding {
    let found: Vec<&Finding> = open.iter().filter(|finding| finding.code.0 == code).collect();
    assert_eq!(found.len(), 1, "{code}: {open:#?}");
    assert_eq!(found[0].severity, CATALOGUE.defects[code].severity);
    found[0]
}

pub fn none(open: &[Finding], code: &str) {
    assert!(!open.iter().any(|finding| finding.code.0 == code), "{code}: {open:#?}");
}

/// A case whose data are being checked and which a person holds up.
pub fn checking() -> Diary {
    let mut submission = healthy("I_PRIME").registered();
    submission.known.names.insert("5984185324846".to_owned(), ["株式会社試田電力".to_owned()].into());
    let mut diary = Diary::new(healthy("I_PRIME"));
    diary.run("2026-04-08T10:00:00+09:00");
    diary.hand_in(submission);
    diary.run("2026-04-20T11:00:00+09:00");
    assert_eq!(diary.case.state, "S60_CHECKING", "{:#?}", diary.case.open);
    diary
}

#[test]
fn the_limit_of_the_check_comes_near_and_passes() {
    let mut diary = checking();
    none(&diary.case.open, "P-001");
    // Ten business days from 4/20, with 4/29 and 5/4 to 5/6 closed: 5/8.
    diary.run("2026-04-30T09:00:00+09:00");
    none(&diary.case.open, "P-001");
    diary.run("2026-05-01T09:00:00+09:00");
    assert_eq!(only(&diary.case.open, "P-001").message, "（社内確認事項）確認期限まで残り2営業日です。");
    diary.run("2026-05-08T09:00:00+09:00");
    none(&diary.case.open, "P-002");
    diary.run("2026-05-11T09:00:00+09:00");
    none(&diary.case.open, "P-001");
    let late = only(&diary.case.open, "P-002");
    assert_eq!((late.message.as_str(), late.internal), ("（社内確認事項）確認期限を超過しています。至急対応してください。", true));
}

#[test]
fn an_answer_that_does_not_come_is_asked_for_again() {
    let mut diary = Diary::new(healthy("I_PRIME").set("/form/seal_present", json!("0")));
    diary.run("2026-04-08T10:00:00+09:00");
    assert_eq!(diary.case.state, "S11_APPLICATION_RETURNED");
    diary.run("2026-04-15T09:00:00+09:00");
    none(&diary.case.open, "P-003");
    diary.run("2026-04-16T09:00:00+09:00");
    let late = only(&diary.case.open, "P-003");
    let said = "2026年4月15日を期限としてお願いしておりました追加データのご提出が確認できておりません。ご提出状況をお知らせください。";
    assert!(late.message.starts_with("2026年4月15日") && late.message.ends_with(&said["2026年4月15日".len()..]), "{}", late.message);
}

#[test]
fn the_same_bytes_again_are_told() {
    let mut diary = Diary::new(healthy("I_PRIME"));
    diary.run("2026-04-08T10:00:00+09:00");
    none(&diary.case.open, "M-006");
    let first = jiff::civil::date(2026, 4, 8);
    let doc = diary.case.papers[0].received.doc;
    diary.push(Body::Again { doc, name: "利用申込書.pdf".to_owned(), first, own: true });
    diary.run("2026-04-09T10:00:00+09:00");
    let said =
        "「利用申込書.pdf」は2026年4月8日（水）に受領済みのファイルと同一です。差替えの場合は、修正後のファイルを再度お送りください。";
    // What the desk dropped twice itself never leaves the house.
    let own = only(&diary.case.open, "M-006");
    assert_eq!((own.message.as_str(), own.internal), (format!("（社内確認事項）{said}").as_str(), true));
    diary.push(Body::Again { doc, name: "利用申込書.pdf".to_owned(), first, own: false });
    diary.run("2026-04-10T10:00:00+09:00");
    let told: Vec<_> = diary.case.open.iter().filter(|finding| finding.code.0 == "M-006" && !finding.internal).collect();
    assert_eq!(told.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>(), [said]);
}

#[test]
fn a_second_application_waits_for_a_person() {
    let mut diary = Diary::new(healthy("I_PRIME"));
    diary.run("2026-04-08T10:00:00+09:00");
    none(&diary.case.open, "A-016");
    diary.hand_in(healthy("I_PRIME").set("/form/remarks", json!("再送いたします。")));
    diary.run("2026-04-10T10:00:00+09:00");
    let second = only(&diary.case.open, "A-016");
    assert_eq!(
        second.message,
        "同一内容のお申込みを2026年4月8日（水）に受け付けております。差替えまたは重複のいずれかを確認させていただきます。"
    );
    let newest = diary.case.papers.iter().find(|paper| paper.duplicate).unwrap();
    assert_eq!(second.place, Some(Place::Whole { doc: newest.received.doc }));
    assert!(diary.case.held && second.severity == Severity::Staff);
}

#[test]
fn who_has_an_account_gets_no_second_one_by_an_application_for_a_change() {
    for (kind, on_file, told) in [("2", None, true), ("3", Some("K9Z9"), true), ("2", Some("K1A7"), false), ("4", Some("K1A7"), true)] {
        let mut submission = healthy("I_PRIME").set("/form/application_kind", json!(kind)).set("/form/mms_code", json!("K1A7"));
        submission.known.account = on_file.map(|code: &str| Credentials { mms_code: code.to_owned(), users: Vec::new() });
        let mut diary = Diary::new(submission);
        diary.run("2026-04-08T10:00:00+09:00");
        if !told {
            none(&diary.case.open, "A-024");
            assert_eq!(diary.case.credentials.as_ref().unwrap().mms_code, "K1A7", "{:#?}", diary.case.open);
            continue;
        }
        let change = only(&diary.case.open, "A-024");
        let word = [("2", "変更"), ("3", "追加"), ("4", "廃止")].into_iter().find(|(code, _)| *code == kind).unwrap().1;
        let said = format!(
            "（社内確認事項）申込区分が「{word}」（MMSコード：K1A7）のお申込みです。このまま進めると新規と同じ手続き（MMSコードの発行・承認通知）になりますので、手続きをご確認ください。"
        );
        assert_eq!((change.message.as_str(), change.internal), (said.as_str(), true));
        assert!(diary.case.held && diary.case.credentials.is_none() && diary.case.state == "S10_APPLICATION_RECEIVED");
    }
}

#[test]
fn exports_out_of_turn_are_told() {
    let mut diary = checking();
    for code in ["X-006", "X-007"] {
        none(&diary.case.open, code);
    }
    let later = |revision: &str, at: &str| {
        healthy("I_PRIME").registered().set("/header/registration_revision", json!(revision)).set("/header/exported_at", json!(at))
    };
    diary.hand_in(later("2", "2026/04/21 09:00"));
    diary.run("2026-04-21T11:00:00+09:00");
    let grown = only(&diary.case.open, "X-006");
    assert_eq!((grown.message.as_str(), grown.internal), ("（社内確認事項）否認処理の記録がないまま再登録されています。", true));
    diary.hand_in(later("1", "2026/04/07 09:00"));
    diary.run("2026-04-22T11:00:00+09:00");
    assert_eq!(only(&diary.case.open, "X-007").message, "（社内確認事項）処理済みの登録データより古い出力です。");
    let old = diary.case.papers.last().unwrap().received.doc;
    assert_eq!(only(&diary.case.open, "X-007").place, Some(Place::Whole { doc: old }));
}

/// A case whose registration has bands out of order: 否認 is ordered.
fn defective(contract: bool) -> Diary {
    let mut diary = Diary::new(healthy("I_PRIME"));
    diary.run("2026-04-08T10:00:00+09:00");
    let submission = out_of_order("1");
    let contract = submission.contract.clone().filter(|_| contract);
    diary.hand_in(Submission { contract, ..submission });
    diary.run("2026-04-20T11:00:00+09:00");
    assert_eq!(diary.case.state, "S60_CHECKING", "{:#?}", diary.case.open);
    diary
}

fn out_of_order(status: &str) -> Submission {
    let submission = healthy("I_PRIME").set("/unit_price/0/bands/1/band_lower_kw", json!(0)).registered();
    submission.set("/header/registration_status", json!(status))
}

#[test]
fn a_request_waits_for_the_rejection() {
    let mut diary = defective(false);
    let waits = only(&diary.case.open, "P-007");
    let said = "（社内確認事項）MMSでの否認処理を実施してから追加提出依頼を送付してください。";
    assert_eq!((waits.message.as_str(), waits.internal), (said, true));
    assert!(!diary.case.held, "a reminder holds nothing up");
    diary.hand_in(Submission { contract: None, ..out_of_order("9") });
    diary.run("2026-04-21T11:00:00+09:00");
    none(&diary.case.open, "P-007");
    assert_eq!(diary.case.state, "S62_ADDITIONAL_REQUESTED");
}

#[test]
fn a_rejection_after_which_nothing_is_asked_holds_the_case() {
    let registered = |status: &str, revision: &str, at: &str| {
        let submission = healthy("I_PRIME").registered().set("/header/registration_status", json!(status));
        let submission = submission.set("/header/registration_revision", json!(revision)).set("/header/exported_at", json!(at));
        Submission { contract: None, ..submission }
    };
    let mut diary = Diary::new(healthy("I_PRIME"));
    diary.run("2026-04-08T10:00:00+09:00");
    diary.hand_in(registered("1", "1", "2026/04/20 09:00").set("/export/unit_price/0/bands/1/band_lower_kw", json!(0)));
    diary.run("2026-04-20T11:00:00+09:00");
    assert_eq!(diary.case.state, "S60_CHECKING", "{:#?}", diary.case.open);
    none(&diary.case.open, "P-010");
    // The price was put right in MMS before the desk came to reject it.
    diary.hand_in(registered("9", "1", "2026/04/21 09:00"));
    diary.run("2026-04-21T11:00:00+09:00");
    assert_eq!(diary.case.state, "S61_MMS_REJECTED", "{:#?}", diary.case.open);
    let said =
        "（社内確認事項）否認処理は記録されていますが、追加提出をお願いする事項がありません。再登録のご案内または終了をご判断ください。";
    let nothing = only(&diary.case.open, "P-010");
    assert_eq!((nothing.message.as_str(), nothing.internal, diary.case.held), (said, true, true));
    diary.hand_in(registered("1", "2", "2026/04/22 09:00"));
    diary.run("2026-04-22T11:00:00+09:00");
    none(&diary.case.open, "P-010");
    assert_eq!(diary.case.state, "S80_AWAITING_CONTRACT", "{:#?}", diary.case.open);
}

#[test]
fn a_request_that_a_person_dropped_holds_the_case() {
    let mut submission = healthy("I_PRIME").set("/form/seal_present", json!("0"));
    submission.settings.drafts.insert("deficiency_notice".to_owned());
    let mut diary = Diary::new(submission);
    diary.run("2026-04-08T10:00:00+09:00");
    none(&diary.case.open, "P-011");
    let set = [("letter".to_owned(), "TH-2026-0001/T03/1/deficiency_notice".to_owned())].into();
    diary.push(Body::Recorded { what: "letter-dropped".to_owned(), set, note: None });
    diary.run("2026-04-08T11:00:00+09:00");
    let unsent = only(&diary.case.open, "P-011");
    let said = "（社内確認事項）申込者へのお願いの文書を発出しないこととしたため、申込者への依頼が出ていません。別の方法でのご連絡または終了をご判断ください。";
    assert_eq!((unsent.message.as_str(), unsent.internal, diary.case.held), (said, true, true));
}

#[test]
fn a_contract_that_is_said_to_be_concluded_and_did_not_come_is_told() {
    let mut diary = Diary::new(healthy("I_PRIME"));
    diary.run("2026-04-08T10:00:00+09:00");
    diary.hand_in(Submission { contract: None, ..healthy("I_PRIME").registered() });
    diary.run("2026-04-20T11:00:00+09:00");
    assert_eq!(diary.case.state, "S80_AWAITING_CONTRACT", "{:#?}", diary.case.open);
    none(&diary.case.open, "P-012");
    diary.push(Body::Recorded { what: "contract-concluded".to_owned(), set: Default::default(), note: None });
    diary.run("2026-04-21T11:00:00+09:00");
    let lacking = only(&diary.case.open, "P-012");
    let said = "（社内確認事項）契約書の写しが届いていません。締結済みの契約書を受け取り、受信フォルダに入れてください。";
    assert_eq!((lacking.message.as_str(), lacking.internal, diary.case.held), (said, true, true));
    assert_eq!(diary.case.state, "S81_CONTRACT_COMPARING");
    diary.hand_in(healthy("I_PRIME").registered());
    diary.run("2026-04-22T11:00:00+09:00");
    none(&diary.case.open, "P-012");
}

#[test]
fn an_approval_out_of_turn_is_told() {
    for (contract, code, said) in [
        (false, "P-004", "（社内確認事項）契約締結が確認できないため、承認操作はできません。"),
        (true, "P-006", "（社内確認事項）未解消の不備があるため、承認操作はできません。"),
    ] {
        let mut diary = defective(contract);
        none(&diary.case.open, code);
        let submission = out_of_order("2");
        let signed = submission.contract.clone().filter(|_| contract);
        diary.hand_in(Submission { contract: signed, ..submission });
        diary.run("2026-04-22T11:00:00+09:00");
        let early = only(&diary.case.open, code);
        assert_eq!((early.message.as_str(), early.internal), (said, true));
        let export = diary.case.papers.last().unwrap().received.doc;
        assert_eq!(early.place, Some(Place::Whole { doc: export }));
    }
}

#[test]
fn a_day_that_was_near_when_it_was_registered_is_not_long_past_later() {
    let mut diary = Diary::new(healthy("I_PRIME"));
    diary.run("2026-04-08T10:00:00+09:00");
    for (at, exported, number, told) in [
        ("2026-04-20T11:00:00+09:00", "2026/04/20 09:00", "2026040801", false),
        ("2026-07-02T11:00:00+09:00", "2026/07/02 09:00", "2026040801", false),
        ("2026-07-03T11:00:00+09:00", "2026/07/03 09:00", "2026070301", true),
    ] {
        let again =
            healthy("I_PRIME").registered().set("/header/exported_at", json!(exported)).set("/header/registration_no", json!(number));
        diary.hand_in(Submission { contract: None, ..again });
        diary.run(at);
        assert_eq!(diary.case.open.iter().any(|finding| finding.code.0 == "B-014"), told, "{at}: {:#?}", diary.case.open);
    }
}

#[test]
fn what_a_resubmission_changes_unasked_is_told() {
    for (changed, told) in [(false, false), (true, true)] {
        let mut diary = Diary::new(healthy("I_PRIME").set("/form/seal_present", json!("0")));
        diary.run("2026-04-08T10:00:00+09:00");
        assert_eq!(diary.case.state, "S11_APPLICATION_RETURNED");
        let mended = healthy("I_PRIME");
        let mended = if changed { mended.set("/form/contact_phone", json!("022-999-0000")) } else { mended };
        diary.hand_in(mended);
        diary.run("2026-04-09T10:00:00+09:00");
        if !told {
            none(&diary.case.open, "P-005");
            continue;
        }
        let said = "ご依頼した項目以外にも変更がございました（電話番号）。変更の内容を確認させていただきます。";
        assert_eq!(only(&diary.case.open, "P-005").message, said);
        assert!(diary.case.held);
    }
}

#[test]
fn whoever_mends_the_other_field_of_a_rule_is_not_asked_about_it() {
    for (pointer, told) in [("/resource/0/rated_capacity_kw", false), ("/resource/0/min_output_kw", false), ("/resource/0/grid_code", true)]
    {
        let defective = healthy("I_PRIME").set("/resource/0/min_output_kw", json!(999_000));
        let mut diary = Diary::new(healthy("I_PRIME"));
        diary.run("2026-04-08T10:00:00+09:00");
        diary.hand_in(Submission { contract: None, ..defective.clone().registered() });
        diary.run("2026-04-20T11:00:00+09:00");
        only(&diary.case.open, "D-005");
        let rejected = defective.registered().set("/header/registration_status", json!("9"));
        diary.hand_in(Submission { contract: None, ..rejected });
        diary.run("2026-04-21T11:00:00+09:00");
        assert_eq!(diary.case.state, "S62_ADDITIONAL_REQUESTED", "{:#?}", diary.case.open);
        let mended = match pointer {
            "/resource/0/rated_capacity_kw" => {
                healthy("I_PRIME").set("/resource/0/min_output_kw", json!(999_000)).set(pointer, json!(1_000_000))
            }
            "/resource/0/min_output_kw" => healthy("I_PRIME"),
            other => healthy("I_PRIME").set(other, json!("G3168")),
        };
        let again =
            mended.registered().set("/header/registration_revision", json!("2")).set("/header/exported_at", json!("2026/04/22 09:00"));
        diary.hand_in(Submission { contract: None, ..again });
        diary.run("2026-04-23T11:00:00+09:00");
        assert_eq!(diary.case.open.iter().any(|finding| finding.code.0 == "P-005"), told, "{pointer}: {:#?}", diary.case.open);
    }
}

#[test]
fn an_export_under_codes_of_another_operator_waits_for_a_person() {
    for (pointer, code, told) in
        [("/header/mms_code", "Z9Z9", true), ("/header/sender_code", "99999", true), ("/header/registration_status", "1", false)]
    {
        let mut diary = Diary::new(healthy("I_PRIME"));
        diary.run("2026-04-08T10:00:00+09:00");
        diary.hand_in(Submission { contract: None, ..healthy("I_PRIME").registered().set(pointer, json!(code)) });
        diary.run("2026-04-20T11:00:00+09:00");
        let state = if told { "S60_CHECKING" } else { "S80_AWAITING_CONTRACT" };
        assert_eq!((diary.case.state.as_str(), diary.case.held), (state, told), "{pointer}: {:#?}", diary.case.open);
        if !told {
            none(&diary.case.open, "X-004");
            continue;
        }
        let export = diary.case.papers.last().unwrap().received.doc;
        assert_eq!(only(&diary.case.open, "X-004").place, Some(Place::Whole { doc: export }));
        let set = [("code".to_owned(), "X-004".to_owned())].into();
        diary.push(Body::Recorded { what: "finding-settled".to_owned(), set, note: None });
        diary.run("2026-04-20T12:00:00+09:00");
        assert_eq!(diary.case.state, "S80_AWAITING_CONTRACT", "{:#?}", diary.case.open);
    }
}

#[test]
fn what_mms_alone_can_say_is_not_believed_out_of_a_mail() {
    let mut diary = Diary::new(healthy("I_PRIME"));
    diary.run("2026-04-08T10:00:00+09:00");
    let export = healthy("I_PRIME").registered().set("/header/registration_status", json!("2"));
    let (header, data) = export.export.clone().unwrap();
    let bytes = make::xml::make(&CATALOGUE, &header, &data);
    let mail = mail_of(&export, "登録データをお送りします。", &[("MMSREG.xml", &bytes)]);
    diary.hand_in(Submission { more: vec![mail], contract: None, record: None, export: None, ..export });
    diary.run("2026-04-20T11:00:00+09:00");
    let hearsay = only(&diary.case.open, "X-008");
    assert!(hearsay.internal && diary.case.held && diary.case.registration().is_none(), "{:#?}", diary.case.open);
    assert_eq!(diary.case.state, "S40_REGISTERING");
    let said = "（社内確認事項）MMSから出力したはずのデータ、または操作の結果を記入した指図書が、メール等に同封されています。内容は使用していません。必要な場合は、受付箇所でMMSから出力し直すか、操作の結果を記録してください。";
    assert_eq!((hearsay.message.as_str(), &hearsay.place), (said, &Some(Place::Whole { doc: DocId::of(&bytes) })));
    diary.hand_in(Submission { contract: None, ..healthy("I_PRIME").registered() });
    diary.run("2026-04-20T12:00:00+09:00");
    none(&diary.case.open, "X-008");
    assert_eq!(diary.case.state, "S80_AWAITING_CONTRACT", "{:#?}", diary.case.open);
}

#[test]
fn what_was_forgotten_or_could_not_be_read_is_forgotten_once_it_comes() {
    let plain = |name: &str, bytes: &[u8]| (name.to_owned(), bytes.to_vec());
    let record = make::record(14, 0..0);
    let forgotten = mail_of(&healthy("I_PRIME"), "資料を添付いたします。", &[]);
    for (code, first, second) in [
        ("M-010", forgotten, plain("送付状.csv", &record)),
        ("M-003", plain("送付状.doc", b"\x00\x01\x02\x03 nothing known"), plain("送付状.csv", &record)),
    ] {
        let only_more = |more| Submission { more: vec![more], contract: None, record: None, ..healthy("I_PRIME") };
        let mut diary = Diary::new(healthy("I_PRIME"));
        diary.run("2026-04-08T10:00:00+09:00");
        diary.hand_in(only_more(first));
        diary.run("2026-04-09T10:00:00+09:00");
        only(&diary.case.open, code);
        assert_eq!((diary.case.state.as_str(), diary.case.held), ("S40_REGISTERING", true), "{:#?}", diary.case.open);
        diary.hand_in(only_more(second));
        diary.run("2026-04-10T10:00:00+09:00");
        none(&diary.case.open, code);
        assert!(!diary.case.held, "{:#?}", diary.case.open);
    }
}

#[test]
fn the_end_of_a_certificate_comes_near_and_passes() {
    let mut diary = Diary::new(healthy("I_PRIME"));
    diary.run("2026-04-08T10:00:00+09:00");
    let mut credentials = diary.case.credentials.clone().unwrap();
    let facts = CertificateFacts {
        cn: credentials.users[0].user_id.clone(),
        serial: "4A:01".to_owned(),
        from: jiff::civil::date(2026, 4, 8),
        to: jiff::civil::date(2026, 8, 31),
        sha256: "00".to_owned(),
        revoked: None,
    };
    credentials.users[0].certificate = Some(facts);
    diary.push(Body::Issued(credentials));
    diary.run("2026-07-01T09:00:00+09:00");
    none(&diary.case.open, "P-008");
    let letters = |diary: &Diary| diary.case.letters.iter().filter(|letter| letter.kind == "certificate_notice").count();
    assert_eq!((letters(&diary), diary.case.deadlines.get("certificate")), (0, Some(&jiff::civil::date(2026, 8, 31))));
    diary.run("2026-07-02T09:00:00+09:00");
    let near = only(&diary.case.open, "P-008");
    let said = "（社内確認事項）クライアント証明書の有効期限（2026年8月31日（月））が近づいています。更新の要否をご確認ください。";
    assert_eq!((near.message.as_str(), near.internal, letters(&diary), diary.case.held), (said, true, 1, false));
    diary.run("2026-09-01T09:00:00+09:00");
    none(&diary.case.open, "P-008");
    let said = "（社内確認事項）クライアント証明書の有効期限（2026年8月31日（月））を過ぎています。更新または利用終了をご確認ください。";
    assert_eq!((only(&diary.case.open, "P-009").message.as_str(), letters(&diary)), (said, 1));
}

#[test]
fn papers_without_a_case_are_told_by_what_they_are() {
    let submission = healthy("I_PRIME").registered();
    let office = office(&submission.settings, "2026-04-08T10:00:00+09:00");
    let said = |kind: &str| {
        let finding = uketsuke::pipeline::of_stray(kind, &office);
        (finding.code.0.clone(), finding.severity, finding.message)
    };
    let (code, severity, message) = said("mms_export");
    assert_eq!((code.as_str(), severity), ("X-004", Severity::Staff));
    assert_eq!(message, "（社内確認事項）MMSコードに対応する受付案件がありません。");
    let (code, severity, message) = said("inbound_mail");
    assert_eq!((code.as_str(), severity), ("M-009", Severity::Staff));
    assert_eq!(message, "受付番号が確認できませんでした。件名に受付番号をご記載のうえ、再度お送りください。");
}
