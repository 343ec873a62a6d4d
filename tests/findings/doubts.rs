//! Doubtful readings: whose word ends a doubt, and who is shown beside it. Signs of a page are made doubtful as a recogniser would.

use crate::desk::{At, CONTRACT, FORM, Outcome, Submission, check, healthy};
use serde_json::{Value as Json, json};

/// Codes that these tests plant.
pub const CODES: &[&str] = &["A-021"];

fn blurred(words: &'static str) -> Submission {
    Submission { blurred: Some((FORM, words)), ..healthy("I_PRIME") }
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    let mut codes: Vec<&str> = outcome.findings.iter().map(|finding| finding.code.0.as_str()).collect();
    codes.dedup();
    codes
}

/// Every doubt, and that each of these places is named.
fn doubts(submission: &Submission, places: &[At]) {
    let outcome = check(submission);
    assert_eq!(codes(&outcome), ["A-021"], "{:#?}", outcome.findings);
    assert_eq!(outcome.findings.len(), places.len(), "{:#?}", outcome.findings);
    for at in places {
        let found = outcome
            .findings
            .iter()
            .find(|finding| outcome.is_at(finding, *at))
            .unwrap_or_else(|| panic!("{at:?}: {:#?}", outcome.findings));
        assert_eq!(found.message, "一部の記入内容が判読しづらいため、内容を確認させていただきます。");
    }
}

#[test]
fn a_doubt_that_another_paper_ends_troubles_nobody() {
    for words in ["株式会社榛名野電力", "970-1936", "福島県いわき市", "0246-68-7794", "user1@harunano"] {
        let outcome = check(&blurred(words));
        let form = &outcome.digests[0].extract.fields.fields;
        assert!(form.values().any(|field| field.needs_review()), "{words} is not doubted at all");
        assert_eq!(outcome.findings, [], "{words}");
        // The paper alone is still doubted.
        let alone = &outcome.digests[0].findings;
        let by_its_address = words == "970-1936";
        assert_eq!(alone.iter().any(|finding| finding.code.0 == "A-021"), !by_its_address, "{words}: {alone:?}");
    }
}

#[test]
fn a_doubt_that_another_paper_contradicts_is_shown_with_both_places() {
    let set = |words: &'static str, key: &str, value: Json| blurred(words).set(&format!("/form/{key}"), value);
    doubts(
        &set("株式会社榛名野竃力", "applicant_name", json!("株式会社榛名野竃力")),
        &[At::Entry("applicant_name"), At::Cell("/operator_profile/operator_name"), At::Clause("party_a")],
    );
    doubts(
        &set("5984185324843", "corporate_number", json!("5984185324843")),
        &[At::Entry("corporate_number"), At::Cell("/operator_profile/corporate_number")],
    );
    doubts(
        &set("080-1936", "postal_code", json!("080-1936")),
        &[At::Entry("postal_code"), At::Cell("/operator_profile/payee_postal_code")],
    );
}

#[test]
fn a_doubt_that_nobody_can_end_is_looked_at() {
    doubts(&blurred("東北例示送配電株式会社"), &[At::Entry("addressee")]);
    doubts(&blurred("例示 太郎").set("/form/representative_name", json!("例示 太郎")), &[At::Entry("representative_name")]);
}

#[test]
fn a_doubtful_value_of_a_contract_is_equal_to_nothing() {
    let contract = |words| Submission { blurred: Some((CONTRACT, words)), ..healthy("I_PRIME") };
    doubts(&contract("契約電力は、29900kW"), &[At::Clause("contract_kw")]);
    doubts(&contract("上限電力量単価は、45.00円"), &[At::Clause("energy_price_cap")]);
    // The other party stands on the same line; the page of the signatures says its name clearly.
    doubts(&contract("榛名野電力"), &[At::Clause("party_a"), At::Clause("equipment/0/equipment_name")]);
}
