//! Chapter A: the application form.

use super::{one, plant};
use crate::Plant;
use crate::desk::{At, FORM, Submission, healthy};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

fn form(key: &str, value: Json) -> Submission {
    one("I_PRIME", &format!("/form/{key}"), value)
}

pub fn plants() -> Vec<Plant> {
    let lost = Submission { lost_form_pages: vec![2], ..healthy("I_PRIME") };
    let number = form("corporate_number", json!("7999901000002"))
        .set("/operator_profile/corporate_number", Json::Null)
        .set("/operator_profile/invoice_number", Json::Null);
    let mut renamed = healthy("I_PRIME");
    renamed.known.names.insert("5984185324846".to_owned(), BTreeSet::from(["株式会社試田電力".to_owned()]));
    let mut elsewhere = form("planned_areas", json!(["02", "03"]));
    elsewhere.settings.applied_elsewhere.insert("5984185324846".to_owned(), BTreeSet::from(["03".to_owned()]));
    let told = form("planned_areas", json!(["02", "03"])).set("/form/remarks", json!("東京エリアへ申込済みです。"));
    vec![
        plant("A-001", form("form_edition", json!("2024年4月版")), &[("edition", "2024年4月版")], At::Entry("form_edition"), &[]),
        plant("A-002", lost, &[("page", "2")], At::Whole(FORM), &[]),
        plant("A-003", form("application_date", Json::Null), &[], At::Whole(FORM), &[]),
        plant("A-003", form("application_date", json!("令和8年2月31日")), &[], At::Entry("application_date"), &[]),
        plant("A-004", form("application_date", json!("2026-01-05")), &[("value", "2026年1月5日")], At::Entry("application_date"), &[]),
        plant("A-004", form("application_date", json!("2026-04-09")), &[("value", "2026年4月9日")], At::Entry("application_date"), &[]),
        plant(
            "A-005",
            form("addressee", json!("関東見本送配電株式会社 御中")),
            &[("value", "関東見本送配電株式会社")],
            At::Entry("addressee"),
            &[],
        ),
        plant("A-006", form("applicant_name", Json::Null), &[], At::Whole(FORM), &[]),
        plant("A-007", number, &[("value", "7999901000002")], At::Entry("corporate_number"), &[]),
        plant("A-008", renamed, &[], At::Entry("applicant_name"), &[]),
        plant("A-008", form("applicant_name", json!("株式会社例示商事")), &[], At::Entry("applicant_name"), &[]),
        plant("A-009", form("seal_present", json!("0")), &[], At::Page(FORM, 1), &[]),
        plant("A-009", form("representative_name", Json::Null), &[], At::Whole(FORM), &[]),
        plant("A-010", form("contract_kind", json!([])), &[], At::Whole(FORM), &[]),
        plant("A-011", one("II_DR", "/form/resource_kind", json!("GEN")), &[("value", "発電機")], At::Entry("resource_kind"), &[]),
        plant("A-012", form("planned_areas", json!(["03"])), &[], At::Entry("planned_areas"), &[]),
        plant("A-013", elsewhere, &[], At::Entry("planned_areas"), &[]),
        plant("A-013", told, &[], At::Entry("remarks"), &[]),
        plant("A-014", form("contact_email", json!("mms@mihon..jp")), &[("field", "メールアドレス")], At::Entry("contact_email"), &[]),
        plant("A-014", form("contact_phone", json!("022-123")), &[("field", "電話番号")], At::Entry("contact_phone"), &[]),
        plant("A-015", form("application_kind", json!("2")), &[("value", "変更")], At::Whole(FORM), &[]),
        plant("A-017", form("consent", json!("0")), &[], At::Entry("consent"), &[]),
        plant("A-018", form("certificate_count", json!(1)), &[("value", "1"), ("expected", "2")], At::Entry("certificate_count"), &[]),
        plant(
            "A-018",
            form("certificate_request", json!("0")),
            &[("value", "0"), ("expected", "2")],
            At::Entry("certificate_request"),
            &[],
        ),
        plant("A-019", form("market_participation", json!("1")), &[], At::Entry("market_participation"), &[]),
        plant(
            "A-020",
            Submission { struck: Some("contact_department"), ..healthy("I_PRIME") },
            &[],
            At::Entry("contact_department"),
            &["A-021"],
        ),
        plant(
            "A-022",
            form("desired_start_date", json!("2026-04-15")),
            &[("value", "2026年4月15日")],
            At::Entry("desired_start_date"),
            &[],
        ),
        plant("A-023", form("contract_status", json!(["0", "1"])), &[("field", "契約締結状況")], At::Entry("contract_status"), &[]),
        plant(
            "B-002",
            form("operator_code", json!("7532")).set("/operator_profile/operator_code", json!("7532")),
            &[("value", "7532")],
            At::Entry("operator_code"),
            &[],
        ),
        plant("B-011", form("postal_code", json!("970-193")), &[("value", "970193")], At::Entry("postal_code"), &[]),
        plant("B-016", form("mms_code", json!("K1A7")), &[], At::Entry("mms_code"), &[]),
    ]
}
