//! Chapter D: 電源等データ.

use super::{one, plant};
use crate::Plant;
use crate::desk::{At, BOOK, Submission, healthy};
use serde_json::{Value as Json, json};

fn unit(key: &str, value: Json) -> Submission {
    one("II_GEN", &format!("/resource/0/{key}"), value)
}

/// A second unit like the first, in one thing alike.
fn twins(key: &str) -> Submission {
    let mut submission = healthy("II_GEN");
    let mut second = submission.data["resource"][0].clone();
    let mut equipment = submission.contract.as_ref().unwrap()["equipment"][0].clone();
    if key != "resource_code" {
        second["resource_code"] = json!("R1329");
    }
    if key != "resource_name" {
        second["resource_name"] = json!("見本電力火力発電所２号機");
        equipment["equipment_name"] = json!("見本電力火力発電所２号機");
        submission.contract.as_mut().unwrap()["equipment"].as_array_mut().unwrap().push(equipment);
    }
    submission.data["resource"].as_array_mut().unwrap().push(second);
    submission
}

pub fn plants() -> Vec<Plant> {
    vec![
        plant("D-001", unit("bg_code", Json::Null), &[("field", "BGコード")], At::Whole(BOOK), &[]),
        plant("D-001", unit("rated_voltage_kv", Json::Null), &[("field", "定格電圧")], At::Whole(BOOK), &[]),
        plant("D-002", unit("area", json!("東日本")), &[("value", "東日本")], At::Cell("/resource/0/area"), &[]),
        plant(
            "D-003",
            unit("resource_type", json!("22")),
            &[("value", "DR（アグリゲーション）")],
            At::Cell("/resource/0/resource_type"),
            &["A-011"],
        ),
        plant("D-004", twins("resource_name"), &[("value", "見本電力火力発電所1号機")], At::Cell("/resource/1/resource_name"), &[]),
        plant(
            "D-005",
            unit("min_output_kw", json!(21700)),
            &[("value", "21700"), ("expected", "21600")],
            At::Cell("/resource/0/min_output_kw"),
            &["H-010"],
        ),
        plant(
            "D-006",
            unit("available_kw", json!(13001)),
            &[("value", "13001"), ("expected", "13000")],
            At::Cell("/resource/0/available_kw"),
            &[],
        ),
        plant(
            "D-007",
            one("I_PRIME", "/resource/0/available_kw", json!(29800)),
            &[("value", "29900"), ("expected", "29800")],
            At::Cell("/resource/0/kw1_contract_kw"),
            &[],
        ),
        plant("D-008", unit("kw1_contract_kw", json!(100)), &[], At::Cell("/resource/0/kw1_contract_kw"), &[]),
        plant("D-008", one("I_PRIME", "/resource/0/kw1_price_cap", Json::Null), &[], At::Whole(BOOK), &[]),
        plant(
            "D-009",
            unit("station_service_rate", json!("120.0")),
            &[("value", "120.0")],
            At::Cell("/resource/0/station_service_rate"),
            &[],
        ),
        plant("D-010", unit("gf_droop_pct", Json::Null), &[("value", "未記入")], At::Whole(BOOK), &[]),
        plant("D-010", unit("gf_droop_pct", json!("12.0")), &[("value", "12.0")], At::Cell("/resource/0/gf_droop_pct"), &[]),
        plant("D-011", unit("ramp_rate_lfc", json!(0)), &[("field", "変化速度（LFC）")], At::Cell("/resource/0/ramp_rate_lfc"), &[]),
        plant("D-012", unit("bg_code", json!("B46")), &[("value", "B46")], At::Cell("/resource/0/bg_code"), &[]),
        plant("D-013", unit("grid_code", json!("G12345")), &[("value", "G12345")], At::Cell("/resource/0/grid_code"), &[]),
        plant("D-014", unit("signal_type", Json::Null), &[], At::Whole(BOOK), &[]),
        plant(
            "D-015",
            one("I_PRIME", "/resource/0/control_method", json!("1")),
            &[("value", "専用線オンライン")],
            At::Cell("/resource/0/ven_id"),
            &[],
        ),
        plant(
            "D-016",
            unit("rated_capacity_kw", json!(216_000)),
            &[("field", "定格容量")],
            At::Cell("/resource/0/rated_capacity_kw"),
            &["F-007"],
        ),
        plant(
            "D-017",
            unit("response_time_min", json!(16)),
            &[("value", "16"), ("expected", "15")],
            At::Cell("/resource/0/response_time_min"),
            &[],
        ),
        plant(
            "D-017",
            one("I_PRIME", "/resource/0/duration_min", json!(120)),
            &[("value", "120"), ("expected", "180")],
            At::Cell("/resource/0/duration_min"),
            &[],
        ),
        plant("D-018", unit("startup_pattern", json!("0:0;30:8600;20:21600")), &[], At::Cell("/resource/0/startup_pattern"), &[]),
        plant("D-019", twins("resource_code"), &[("value", "R1328")], At::Cell("/resource/1/resource_code"), &[]),
        plant("D-020", unit("signal_type", json!("price")), &[("value", "price")], At::Cell("/resource/0/signal_type"), &[]),
        plant(
            "D-021",
            unit("address", json!("東京都千代田区例示1")),
            &[("value", "東京都千代田区例示1"), ("area", "東北")],
            At::Cell("/resource/0/address"),
            &["H-005"],
        ),
        plant("D-022", unit("product_kind", json!(["21"])), &[], At::Cell("/resource/0/product_kind"), &[]),
        plant("B-012", unit("phone", json!("022-12")), &[("value", "022-12")], At::Cell("/resource/0/phone"), &[]),
        plant("B-014", unit("start_date", json!("2026/13/01")), &[("value", "2026/13/01")], At::Cell("/resource/0/start_date"), &[]),
        plant("B-015", unit("phone", json!("〇〇-〇〇〇〇")), &[("field", "電話番号")], At::Cell("/resource/0/phone"), &["B-012"]),
        plant(
            "D-023",
            unit("duration_min", json!(2000)),
            &[("item", "継続時間"), ("value", "2000")],
            At::Cell("/resource/0/duration_min"),
            &[],
        ),
        plant("D-023", unit("ven_id", json!("VEN あ")), &[("item", "VENID"), ("value", "VEN あ")], At::Cell("/resource/0/ven_id"), &[]),
    ]
}
