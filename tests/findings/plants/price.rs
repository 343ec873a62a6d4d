//! Chapter E: 調整単価データ.

use super::{one, plant};
use crate::Plant;
use crate::desk::{At, BOOK, Submission};
use serde_json::{Value as Json, json};

fn price(path: &str, value: Json) -> Submission {
    one("II_GEN", &format!("/unit_price/0/{path}"), value)
}

pub fn plants() -> Vec<Plant> {
    let bands: Json = (0..21)
        .map(|n| json!({ "band_no": n + 1, "band_lower_kw": 8600 + 500 * n, "v1_price": "10.00", "v2_price": "9.00", "v4_price": "11.00" }))
        .collect();
    let starts: Json =
        (0..11).map(|n| json!({ "startup_case_no": n + 1, "stop_hours": format!("{}.0", n + 1), "v3_price": 1000 * (n + 1) })).collect();
    let band = |n: usize, key: &str| -> &'static str { Box::leak(format!("/unit_price/0/bands/{n}/{key}").into_boxed_str()) };
    vec![
        plant("E-001", price("bands/1/band_lower_kw", json!(8600)), &[("row", "2")], At::Cell(band(1, "band_lower_kw")), &[]),
        plant("E-002", price("bands", bands), &[], At::Whole(BOOK), &[]),
        plant(
            "E-003",
            price("bands/0/band_lower_kw", json!(8601)),
            &[("value", "8601"), ("expected", "8600")],
            At::Cell(band(0, "band_lower_kw")),
            &[],
        ),
        plant("E-004", price("bands/3/band_lower_kw", json!(21600)), &[("value", "21600")], At::Cell(band(3, "band_lower_kw")), &[]),
        plant("E-005", price("bands/0/v1_price", json!("-1.00")), &[("value", "-1.00")], At::Cell(band(0, "v1_price")), &["E-016"]),
        plant(
            "E-006",
            one("I_PRIME", "/unit_price/0/bands/1/v1_price", json!("45.01")),
            &[("value", "45.01"), ("expected", "45")],
            At::Cell(band(1, "v1_price")),
            &[],
        ),
        plant("E-007", price("bands/2/v4_price", Json::Null), &[], At::Row(band(2, "v1_price")), &[]),
        plant("E-007", price("startup_costs", json!([])), &[], At::Whole(BOOK), &[]),
        plant("E-008", one("I_PRIME", "/unit_price/0/bands/0/v2_price", json!("7.00")), &[], At::Cell(band(0, "v2_price")), &[]),
        plant("E-009", price("startup_costs", starts), &[], At::Whole(BOOK), &[]),
        plant("E-010", price("startup_costs/1/stop_hours", json!("8.0")), &[], At::Cell("/unit_price/0/startup_costs/1/stop_hours"), &[]),
        plant(
            "E-011",
            price("valid_to", json!("2026/04/30 24:00")),
            &[("value", "2026年5月1日 00:00～2026年4月30日 24:00")],
            At::Cell("/unit_price/0/valid_from"),
            &[],
        ),
        plant("E-012", price("valid_to", json!("2026/05/31 23:45")), &[], At::Cell("/unit_price/0/valid_to"), &[]),
        plant("E-013", price("resource_code", json!("R0000")), &[("value", "R0000")], At::Cell("/unit_price/0/resource_code"), &[]),
        plant("E-014", price("bands/0/v1_price", json!("10.185")), &[], At::Cell(band(0, "v1_price")), &[]),
        plant("E-014", price("bands/0/v1_price", json!("10.18円（税抜）")), &[], At::Cell(band(0, "v1_price")), &[]),
        plant("E-015", price("bands/0/const_a", json!("0.1")), &[], At::Row(band(0, "v1_price")), &[]),
        plant("E-016", price("bands/0/v2_price", json!("10.19")), &[], At::Cell(band(0, "v1_price")), &[]),
        plant("E-017", price("operation_pattern_no", json!(2)), &[("value", "1")], At::Cell("/unit_price/0/operation_pattern_no"), &[]),
        plant("E-017", price("operation_pattern_no", json!("A")), &[("value", "A")], At::Cell("/unit_price/0/operation_pattern_no"), &[]),
        plant("E-018", price("startup_costs/2/v3_price", json!(700_000)), &[], At::Cell("/unit_price/0/startup_costs/2/v3_price"), &[]),
        plant("E-019", price("valid_from", Json::Null), &[("item", "開始日時"), ("value", "未記入")], At::Whole(BOOK), &[]),
        plant(
            "E-019",
            price("bands/1/band_lower_kw", Json::Null),
            &[("item", "出力帯下限値 No.2"), ("value", "未記入")],
            At::Row(band(1, "v1_price")),
            &[],
        ),
        plant(
            "E-019",
            price("bands/0/v2_price", json!("-7.23")),
            &[("item", "V2単価 No.1"), ("value", "-7.23")],
            At::Cell(band(0, "v2_price")),
            &[],
        ),
    ]
}
