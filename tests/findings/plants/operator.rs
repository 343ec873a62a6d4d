//! Chapters B and C: 事業者概要データ and ユーザ情報.

use super::{one, plant};
use crate::Plant;
use crate::desk::{At, BOOK, Submission, healthy};
use serde_json::{Value as Json, json};

fn profile(key: &str, value: Json) -> Submission {
    one("I_PRIME", &format!("/operator_profile/{key}"), value)
}

fn user(path: &str, value: Json) -> Submission {
    one("I_PRIME", &format!("/user_info/users{path}"), value)
}

pub fn plants() -> Vec<Plant> {
    let postal = profile("bank_code", json!("9900"))
        .set("/operator_profile/branch_code", json!("17300"))
        .set("/operator_profile/account_number", json!("19927651"));
    let crowd = |count: usize| -> Json {
        let user = |n: usize| json!({ "user_no": n, "user_name": format!("山田 {n}"), "department": "運用部", "email": format!("user{n}@mihon.example.jp"), "phone": "022-123-4567", "role": "1", "cert_required": "0" });
        (1..=count).map(user).collect()
    };
    let headless =
        Submission { sheets: Some(|sheets| sheets.retain(|sheet| sheet.name != "事業者概要データ")), ..healthy("I_PRIME") };
    let changed = Submission {
        sheets: Some(|sheets| {
            let sheet = sheets.iter_mut().find(|sheet| sheet.name == "事業者概要データ").unwrap();
            let labels: Vec<(u32, u32)> = sheet.cells.keys().filter(|(_, column)| *column == 1).copied().collect();
            labels.into_iter().enumerate().for_each(|(n, at)| drop(sheet.cells.insert(at, json!(format!("項目その{n}")))));
        }),
        ..healthy("I_PRIME")
    };
    let sample = Submission {
        sheets: Some(|sheets| {
            let sheet = sheets.iter_mut().find(|sheet| sheet.name == "ユーザ情報").unwrap();
            let last = sheet.cells.keys().map(|(row, _)| *row).max().unwrap();
            for (column, text) in ["記入例", "例示 花子", "レイジ ハナコ"].into_iter().enumerate() {
                sheet.cells.insert((last + 1, column as u32 + 1), json!(text));
            }
        }),
        ..healthy("I_PRIME")
    };
    vec![
        plant("B-001", headless, &[], At::Nowhere, &[]),
        plant("B-001", changed, &[], At::Row("/operator_profile/start_date"), &[]),
        plant(
            "B-002",
            profile("operator_code", json!("381")).set("/form/operator_code", Json::Null),
            &[("value", "381")],
            At::Cell("/operator_profile/operator_code"),
            &[],
        ),
        plant(
            "B-003",
            profile("operator_code", json!("9X013")),
            &[("value", "9X013"), ("expected", "75321")],
            At::Cell("/operator_profile/operator_code"),
            &[],
        ),
        plant("B-004", profile("bank_code", json!("99")), &[("value", "99")], At::Cell("/operator_profile/bank_code"), &[]),
        plant("B-005", profile("branch_code", json!("12")), &[("value", "12")], At::Cell("/operator_profile/branch_code"), &[]),
        plant("B-006", profile("account_number", json!(123456)), &[("value", "123456")], At::Cell("/operator_profile/account_number"), &[]),
        plant("B-007", postal, &[], At::Cell("/operator_profile/branch_code"), &[]),
        plant("B-008", profile("account_type", json!("定期")), &[("value", "定期")], At::Cell("/operator_profile/account_type"), &[]),
        plant("B-009", profile("account_holder_kana", json!("ﾐﾎﾝﾃﾞﾝﾘｮｸ")), &[], At::Cell("/operator_profile/account_holder_kana"), &[]),
        plant("B-010", profile("account_holder", json!("例示 太郎")), &[], At::Cell("/operator_profile/account_holder"), &[]),
        plant(
            "B-011",
            profile("payee_postal_code", json!("970193")),
            &[("value", "970193")],
            At::Cell("/operator_profile/payee_postal_code"),
            &[],
        ),
        plant("B-012", profile("payee_phone", json!("022-1234")), &[("value", "022-1234")], At::Cell("/operator_profile/payee_phone"), &[]),
        plant("B-012", user("/2/phone", json!("022-1234")), &[("value", "022-1234")], At::Cell("/user_info/users/2/phone"), &[]),
        plant("B-013", profile("revenue_levy_rate", Json::Null), &[("value", "収入割")], At::Whole(BOOK), &[]),
        plant(
            "B-013",
            profile("tax_basis", json!("2")),
            &[("value", "収入割以外（所得割等）")],
            At::Cell("/operator_profile/revenue_levy_rate"),
            &[],
        ),
        plant(
            "B-014",
            profile("start_date", json!("2026/02/30")),
            &[("value", "2026/02/30")],
            At::Cell("/operator_profile/start_date"),
            &[],
        ),
        plant(
            "B-014",
            profile("start_date", json!("2025/05/01")),
            &[("value", "2025年5月1日")],
            At::Cell("/operator_profile/start_date"),
            &[],
        ),
        plant(
            "B-015",
            profile("payee_department", json!("○○部")),
            &[("field", "支払先担当部署")],
            At::Cell("/operator_profile/payee_department"),
            &[],
        ),
        plant("B-015", sample, &[("field", "「ユーザ情報」シート7行目の記入例")], At::SheetRow("ユーザ情報", 7), &[]),
        plant("B-016", profile("mms_code", json!("K1A7")), &[], At::Cell("/operator_profile/mms_code"), &[]),
        plant(
            "B-017",
            profile("invoice_number", json!("T7999901000001")),
            &[("value", "T7999901000001")],
            At::Cell("/operator_profile/invoice_number"),
            &[],
        ),
        plant("C-001", user("", json!([])), &[], At::Whole(BOOK), &[]),
        plant(
            "C-002",
            user("/1/email", json!("user1@harunano-energy.example.jp")),
            &[("value", "user1@harunano-energy.example.jp")],
            At::Cell("/user_info/users/1/email"),
            &[],
        ),
        plant(
            "C-003",
            user("/1/email", json!("user2＠harunano")),
            &[("value", "user2@harunano")],
            At::Cell("/user_info/users/1/email"),
            &[],
        ),
        plant("C-004", user("/0/role", json!("2")), &[], At::Whole(BOOK), &[]),
        plant("C-005", user("/0/cert_required", Json::Null), &[("row", "1")], At::Row("/user_info/users/0/user_name"), &[]),
        plant("C-006", user("", crowd(21)), &[], At::Whole(BOOK), &[]),
        plant(
            "B-018",
            profile("account_holder_kana", Json::Null),
            &[("item", "口座名義（カナ）"), ("value", "未記入")],
            At::Whole(BOOK),
            &[],
        ),
        plant(
            "C-007",
            user("/0/user_name", Json::Null),
            &[("item", "氏名 No.1"), ("value", "未記入")],
            At::Row("/user_info/users/0/email"),
            &[],
        ),
    ]
}
