//! Chapter F: 電源等審査用データ and what comes with it.

use super::{one, plant};
use crate::Plant;
use crate::desk::{At, BOOK, CONTRACT, RECORD, Submission, healthy};
use crate::make;
use serde_json::{Value as Json, json};

fn sheet(key: &str, value: Json) -> Submission {
    one("II_GEN", &format!("/screening/{key}"), value)
}

pub fn plants() -> Vec<Plant> {
    let unsigned =
        Submission { contract: None, ..sheet("contract_pdf", Json::Null).set("/screening/attachment_list", json!("稼働実績.csv")) };
    let mut registered = healthy("II_GEN").registered();
    registered.data.as_object_mut().unwrap().remove("screening");
    registered.export.as_mut().unwrap().1.as_object_mut().unwrap().remove("screening");
    let promised = Submission {
        contract: None,
        application: Some(json!({ "applicant_name": "見本電力合同会社", "contract_kind": "電源Ⅱ周波数調整力契約" })),
        ..sheet("attachment_list", json!("稼働実績.csv"))
    };
    vec![
        plant("F-001", sheet("form_no", json!("様式13")), &[], At::Cell("/screening/form_no"), &[]),
        plant("F-001", registered, &[], At::Nowhere, &["X-003"]),
        plant("F-002", unsigned, &[], At::Whole(BOOK), &[]),
        plant("F-003", promised, &[("value", "締結済")], At::Cell("/screening/contract_status"), &[]),
        // The contract itself is there: nobody is asked for what stands in its place.
        plant(
            "F-003",
            sheet("contract_status", json!("0")).set("/screening/contract_pdf", Json::Null),
            &[("value", "未締結")],
            At::Cell("/screening/contract_status"),
            &[],
        ),
        plant(
            "F-004",
            sheet("operation_record_to", json!("2026/03/05")),
            &[("value", "2026年3月1日～2026年3月5日")],
            At::Cell("/screening/operation_record_from"),
            &[],
        ),
        plant(
            "F-004",
            Submission { record: Some(make::record(5, 0..0)), ..healthy("II_GEN") },
            &[("value", "2026年3月1日～2026年3月5日")],
            At::Whole(RECORD),
            &[],
        ),
        plant(
            "F-004",
            Submission { record: Some(make::record(14, 3..8)), ..healthy("II_GEN") },
            &[("value", "欠測 最長330分")],
            At::Whole(RECORD),
            &[],
        ),
        plant(
            "F-005",
            sheet("attachment_list", json!("契約書.pdf\n稼働実績.csv\n系統図.pdf")),
            &[("file", "系統図.pdf")],
            At::Cell("/screening/attachment_list"),
            &[],
        ),
        plant(
            "F-006",
            Submission { lost_contract_pages: vec![2], ..healthy("I_PRIME") },
            &[("page", "2")],
            At::Whole(CONTRACT),
            &["H-007"],
        ),
        plant(
            "F-007",
            sheet("rated_capacity_kw", json!(21500)),
            &[("field", "定格容量"), ("value", "21500"), ("expected", "21600")],
            At::Cell("/screening/rated_capacity_kw"),
            &[],
        ),
        plant(
            "F-008",
            sheet("performance_test_date", json!("2023/02/10")),
            &[("value", "2023年2月10日")],
            At::Cell("/screening/performance_test_date"),
            &[],
        ),
        plant("E-013", sheet("resource_code", json!("R0000")), &[("value", "R0000")], At::Cell("/screening/resource_code"), &[]),
        plant("F-009", sheet("control_method", Json::Null), &[("item", "監視指令・制御方法"), ("value", "未記入")], At::Whole(BOOK), &[]),
    ]
}
