//! The comparison of contract and registration, as it is kept in the history of the case and printed on the operation sheet.

use crate::desk::{CONTRACT, Diary, Submission, healthy};
use serde_json::{Value as Json, json};
use uketsuke::casework::compare;
use uketsuke::domain::case::Body;
use uketsuke::domain::comparison::{Pair, Verdict};
use uketsuke::domain::place::Place;

/// Codes that these tests plant.
pub const CODES: &[&str] = &["H-014"];

/// The pairs as they would be printed now, whether or not an operation is ordered.
fn table(submission: Submission) -> Vec<Pair> {
    let mut diary = Diary::new(healthy(submission.flow));
    diary.run("2026-04-08T10:00:00+09:00");
    diary.hand_in(submission);
    diary.run("2026-04-20T11:00:00+09:00");
    compare::pairs(&diary.case, "東北例示送配電株式会社")
}

/// The pairs that the case holds when an operation is ordered.
fn compared(submission: Submission) -> Vec<Pair> {
    let mut diary = Diary::new(healthy(submission.flow));
    diary.run("2026-04-08T10:00:00+09:00");
    diary.hand_in(submission);
    diary.run("2026-04-20T11:00:00+09:00");
    let kept = diary.events.iter().rev().find_map(|event| match &event.body {
        Body::Compared { pairs } => Some(pairs.clone()),
        _ => None,
    });
    kept.unwrap_or_else(|| panic!("nothing was compared in {}: {:#?}", diary.case.state, diary.case.open))
}

fn contract(flow: &'static str, key: &str, value: Json) -> Submission {
    healthy(flow).registered().set(&format!("/contract/{key}"), value)
}

fn verdicts(pairs: &[Pair]) -> Vec<(&str, Verdict)> {
    pairs.iter().filter(|pair| !pair.is_equal()).map(|pair| (pair.label.as_str(), pair.verdict)).collect()
}

#[test]
fn every_pair_is_kept_with_both_originals_and_places() {
    let labels = |flow| -> Vec<String> {
        let pairs = compared(healthy(flow).registered());
        assert_eq!(verdicts(&pairs), [], "{flow}");
        for pair in &pairs {
            assert!(matches!(pair.contract_place, Some(Place::Page { .. })), "{pair:?}");
            // The desk's own name stands in its settings, a date of the contract on the form.
            let elsewhere = ["一般送配電事業者（乙）", "契約締結日（申込書）"].contains(&pair.label.as_str());
            assert!(elsewhere || matches!(pair.registered_place, Some(Place::Node { .. })), "{pair:?}");
            assert!(!pair.contract.is_empty() && !pair.registered.is_empty());
        }
        pairs.into_iter().map(|pair| pair.label).collect()
    };
    let common = ["事業者名（甲）", "一般送配電事業者（乙）", "契約締結日（申込書）"];
    let unit = ["契約設備名", "所在地", "定格出力[kW]", "最低出力[kW]", "出力変化速度[kW/分]"];
    let prime = ["契約電力[kW]", "契約種別", "上限電力量単価[円/kWh]", "提供期間と開始日"];
    assert_eq!(labels("I_PRIME"), [&common[..], &prime, &unit].concat());
    assert_eq!(labels("II_GEN"), [&common[..], &["契約種別", "提供期間と開始日"], &unit].concat());
    let customers = ["契約電力[kW]", "契約種別", "提供期間と開始日", "契約電力と需要家の供出電力[kW]", "需要家（供給地点特定番号）"];
    assert_eq!(labels("II_DR"), [&common[..], &customers].concat());
}

#[test]
fn differences_are_kept_with_their_kind() {
    for (flow, key, value, label, verdict) in [
        ("I_PRIME", "contract_kw", json!(29800), "契約電力[kW]", Verdict::Differs),
        ("I_PRIME", "energy_price_cap", json!("44.00"), "上限電力量単価[円/kWh]", Verdict::Differs),
        ("I_PRIME", "period_to", json!("2026-04-30"), "提供期間と開始日", Verdict::Differs),
        ("II_GEN", "equipment/0/equipment_rated_kw", json!(21500), "定格出力[kW]", Verdict::Differs),
        ("II_GEN", "equipment/0/equipment_name", json!("別の発電所２号機"), "契約設備名", Verdict::Differs),
    ] {
        let pairs = compared(contract(flow, key, value.clone()));
        assert_eq!(verdicts(&pairs), [(label, verdict)], "{flow} {key} {value}");
    }
}

#[test]
fn slips_doubts_and_blanks_are_never_equal() {
    let slip = |value: Json| verdict_of(&table(contract("I_PRIME", "contract_kw", value)), "契約電力[kW]");
    for value in [json!("2,990"), json!("299,000"), json!("29,900,000"), json!("299,000,000")] {
        assert_eq!(slip(value.clone()), Verdict::Slip, "{value}");
    }
    assert_eq!(slip(json!(29800)), Verdict::Differs);
    let blurred = Submission { blurred: Some((CONTRACT, "契約電力は、29900kW")), ..healthy("I_PRIME").registered() };
    assert_eq!(verdicts(&table(blurred)), [("契約電力[kW]", Verdict::Doubtful)]);
    assert_eq!(verdict_of(&table(contract("I_PRIME", "energy_price_cap", Json::Null)), "上限電力量単価[円/kWh]"), Verdict::Lacking);
    assert_eq!(
        verdict_of(&table(contract("I_PRIME", "party_b", json!("関東見本送配電株式会社"))), "一般送配電事業者（乙）"),
        Verdict::Differs
    );
    let stranger = contract("II_DR", "equipment/0/supply_point_number", json!("0200000000000000000001"));
    assert_eq!(verdict_of(&table(stranger), "需要家（供給地点特定番号）"), Verdict::Differs);
}

/// A case with its contract and its registration in hand.
fn carried(submission: &Submission) -> Diary {
    let mut diary = Diary::new(healthy(submission.flow));
    diary.run("2026-04-08T10:00:00+09:00");
    diary.hand_in(submission.clone());
    diary.run("2026-04-20T11:00:00+09:00");
    diary
}

fn ordered(diary: &Diary) -> Vec<&str> {
    diary.case.letters.iter().filter_map(|letter| letter.operation.as_deref()).collect()
}

fn settle(diary: &mut Diary, code: &str) {
    let set = [("code".to_owned(), code.to_owned())].into();
    diary.push(Body::Recorded { what: "finding-settled".to_owned(), set, note: Some("原本で確認".to_owned()) });
    diary.run("2026-04-21T09:00:00+09:00");
}

#[test]
fn what_was_not_compared_is_approved_by_nobody_but_a_person() {
    for (flow, key, label, registered) in [
        ("I_PRIME", "contract_kw", "契約電力[kW]：記載なし", "kw1_contract_kw"),
        ("I_PRIME", "energy_price_cap", "上限電力量単価[円/kWh]：記載なし", "kw1_price_cap"),
        ("II_GEN", "equipment/0/equipment_rated_kw", "定格出力[kW]：記載なし", "rated_capacity_kw"),
    ] {
        let mut diary = carried(&contract(flow, key, Json::Null));
        let open: Vec<_> = diary.case.open.iter().filter(|finding| finding.code.0 == "H-014").collect();
        assert_eq!(
            (diary.case.state.as_str(), open.len(), ordered(&diary).len()),
            ("S81_CONTRACT_COMPARING", 1, 0),
            "{key}: {:#?}",
            diary.case.open
        );
        let said = format!(
            "（社内確認事項）契約書と登録データを照合できない項目があります（{label}）。原本を確認し、一致を確認できた場合は確認済としてください。"
        );
        assert_eq!((&open[0].message, open[0].internal, diary.case.held), (&said, true, true));
        assert!(matches!(open[0].place, Some(Place::Whole { .. })), "{:?}", open[0].place);
        settle(&mut diary, "H-014");
        assert_eq!((ordered(&diary), diary.case.held), (vec!["APPROVE"], false), "{:#?}", diary.case.open);
        // The same registration, taken out of MMS once more as a matter of routine, asks nobody again; another value does.
        let later = |at: &str| contract(flow, key, Json::Null).set("/header/exported_at", json!(at));
        diary.hand_in(later("2026/04/22 09:00"));
        diary.run("2026-04-22T11:00:00+09:00");
        assert!(!diary.case.held && diary.case.open.iter().all(|finding| finding.code.0 != "H-014"), "{:#?}", diary.case.open);
        diary.hand_in(later("2026/04/23 09:00").set(&format!("/export/resource/0/{registered}"), json!(7)));
        diary.run("2026-04-23T11:00:00+09:00");
        let pairs = compare::pairs(&diary.case, &diary.submission().settings.tso);
        let open: Vec<&str> = pairs.iter().filter(|pair| compare::is_open(pair, &diary.case)).map(|pair| pair.label.as_str()).collect();
        assert!(open.iter().any(|open| label.starts_with(open)), "{open:?}");
    }
    assert_eq!(ordered(&carried(&healthy("I_PRIME").registered())), ["APPROVE"]);
}

#[test]
fn equipment_of_the_contract_that_nobody_registered_holds_the_approval_up() {
    let mut submission = healthy("II_GEN").registered();
    let equipment = submission.contract.as_mut().unwrap()["equipment"].as_array_mut().unwrap();
    let mut second = equipment[0].clone();
    second["equipment_name"] = json!("別の発電所２号機");
    equipment.push(second);
    assert_eq!(verdicts(&table(submission.clone())), [("契約設備（別の発電所２号機）", Verdict::Lacking)]);
    let mut diary = carried(&submission);
    assert!(ordered(&diary).is_empty() && diary.case.held, "{:#?}", diary.case.open);
    settle(&mut diary, "H-014");
    assert_eq!(ordered(&diary), ["APPROVE"], "{:#?}", diary.case.open);
}

#[test]
fn who_looked_at_one_party_said_nothing_of_the_other() {
    let parties = contract("I_PRIME", "party_a", json!("株式会社他所電力")).set("/contract/party_b", json!("関東見本送配電株式会社"));
    let mut diary = carried(&parties);
    let open = |diary: &Diary| diary.case.open.iter().filter(|finding| finding.code.0 == "H-001").count();
    assert_eq!((open(&diary), ordered(&diary).len()), (2, 0), "{:#?}", diary.case.open);
    for (field, left, orders) in [("party_a", 1, vec![]), ("party_b", 0, vec!["APPROVE"])] {
        let set = [("code", "H-001"), ("document", "contract"), ("field", field)].map(|(key, value)| (key.to_owned(), value.to_owned()));
        diary.push(Body::Recorded { what: "finding-settled".to_owned(), set: set.into(), note: None });
        diary.run("2026-04-21T09:00:00+09:00");
        assert_eq!((open(&diary), ordered(&diary)), (left, orders), "{:#?}", diary.case.open);
    }
}

#[test]
fn slight_differences_and_what_a_person_settled_hold_no_approval() {
    let slight = carried(&contract("II_GEN", "equipment/0/equipment_min_kw", json!(1)));
    assert_eq!(ordered(&slight), ["APPROVE"], "{:#?}", slight.case.open);
    let mut party = carried(&contract("I_PRIME", "party_a", json!("例示別会社株式会社")));
    assert!(party.case.held && ordered(&party).is_empty(), "{:#?}", party.case.open);
    settle(&mut party, "H-001");
    assert_eq!(ordered(&party), ["APPROVE"], "{:#?}", party.case.open);
}

fn verdict_of(pairs: &[Pair], label: &str) -> Verdict {
    pairs.iter().find(|pair| pair.label == label).unwrap_or_else(|| panic!("{label}: {pairs:#?}")).verdict
}

#[test]
fn customers_of_a_contract_are_compared_where_a_list_is_registered() {
    const CUSTOMERS: &str = "需要家（供給地点特定番号）";
    let listed = |flow| table(healthy(flow).registered()).iter().any(|pair| pair.label == CUSTOMERS);
    assert!(listed("II_DR"));
    let equipment = healthy("II_DR").contract.unwrap()["equipment"].clone();
    let prime = table(contract("I_PRIME", "equipment", equipment));
    assert!(!prime.is_empty() && !prime.iter().any(|pair| pair.label == CUSTOMERS), "{prime:#?}");
}
