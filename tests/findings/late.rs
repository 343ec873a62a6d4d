//! What comes late or beside something else: after the end, under another number, in a workbook of its own.

use crate::desk::{CATALOGUE, Diary, Submission, healthy, mail_of};
use crate::history::{checking, none, only};
use crate::make;
use serde_json::json;
use uketsuke::domain::case::Body;

/// Codes that these tests plant.
pub const CODES: &[&str] = &["P-013", "X-011"];

#[test]
fn what_comes_for_a_case_that_is_at_its_end_waits_for_a_person_and_moves_nothing() {
    let mut diary = Diary::new(healthy("I_PRIME"));
    diary.run("2026-04-08T10:00:00+09:00");
    diary.push(Body::Recorded { what: "withdrawn".to_owned(), set: Default::default(), note: None });
    diary.run("2026-04-09T10:00:00+09:00");
    none(&diary.case.open, "P-013");
    let letters = diary.case.letters.len();
    let mut late = healthy("I_PRIME");
    late.more = vec![mail_of(
        &late,
        "契約書をお送りします。",
        &[("契約書.pdf", &make::contract::make(&CATALOGUE, late.contract.as_ref().unwrap(), &[], &[]).0)],
    )];
    diary.hand_in(Submission { contract: None, record: None, ..late });
    diary.run("2026-04-10T10:00:00+09:00");
    let told = only(&diary.case.open, "P-013");
    let said = "（社内確認事項）終了した案件に「mail.eml」が届きました。手続は再開せず、何も発出していません。内容を確認し、必要な対応をしてから確認済としてください。";
    assert_eq!((told.message.as_str(), told.internal), (said, true));
    assert_eq!((diary.case.state.as_str(), diary.case.letters.len(), diary.case.held), ("S98_WITHDRAWN", letters, false));
}

#[test]
fn two_registration_numbers_of_one_company_are_told_until_one_is_rejected() {
    let registered = |number: &str, status: &str, at: &str| {
        let header = healthy("I_PRIME").registered().set("/header/registration_no", json!(number)).set("/header/exported_at", json!(at));
        Submission { contract: None, ..header.set("/header/registration_status", json!(status)) }
    };
    for (first, second) in [("2026042001", "2026042002"), ("2026042002", "2026042001")] {
        let mut diary = checking();
        none(&diary.case.open, "X-011");
        diary.hand_in(registered(first, "1", "2026/04/21 09:00"));
        diary.hand_in(registered(second, "1", "2026/04/21 09:10"));
        diary.run("2026-04-21T11:00:00+09:00");
        let told: Vec<_> = diary.case.open.iter().filter(|finding| finding.code.0 == "X-011").collect();
        let said = "（社内確認事項）登録番号2026042001の登録データは、登録番号2026042002の登録データがあるため確認していません。どちらで手続を進めるかを確認し、不要なほうをMMSで否認してください。";
        assert!(told.iter().any(|finding| finding.message == said && finding.internal) && diary.case.held, "{told:#?}");
        diary.hand_in(registered("2026042001", "9", "2026/04/22 09:00"));
        diary.run("2026-04-22T11:00:00+09:00");
        assert!(diary.case.open.iter().all(|finding| finding.message != said), "{:#?}", diary.case.open);
    }
}

#[test]
fn workbooks_of_one_resource_each_are_all_checked_before_anything_is_registered() {
    let named = |code: &str, name: &str| {
        let submission = healthy("I_PRIME").set("/resource/0/resource_code", json!(code)).set("/unit_price/0/resource_code", json!(code));
        let submission = submission.set("/resource/0/resource_name", json!(name)).set("/resource/0/resource_short_name", json!(name));
        Submission { contract: None, record: None, ..submission }
    };
    let open = |diary: &Diary| diary.case.open.iter().map(|finding| finding.code.0.clone()).collect::<Vec<_>>();
    let mut diary = Diary::new(named("R2279", "榛名野電力第一発電所"));
    diary.run("2026-04-08T10:00:00+09:00");
    let wrong = |code: &str, name: &str| named(code, name).set("/unit_price/0/bands/1/band_lower_kw", json!(0));
    diary.hand_in(wrong("R2280", "榛名野電力第二発電所"));
    diary.run("2026-04-09T10:00:00+09:00");
    assert_eq!(open(&diary), ["E-001", "E-003"]);
    // The next resource, handed in by itself, hides nothing of the one before.
    diary.hand_in(named("R2281", "榛名野電力第三発電所"));
    diary.run("2026-04-10T10:00:00+09:00");
    let stands = only(&diary.case.open, "E-001");
    let named_in = |doc| diary.case.papers.iter().rev().position(|paper| paper.received.doc == doc);
    assert_eq!(stands.place.as_ref().and_then(|place| place.doc()).and_then(named_in), Some(1), "in the workbook of its own");
    diary.hand_in(named("R2280", "榛名野電力第二発電所"));
    diary.run("2026-04-11T10:00:00+09:00");
    assert_eq!(open(&diary), [""; 0]);
}
