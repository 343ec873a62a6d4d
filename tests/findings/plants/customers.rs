//! Chapter G: 需要家リスト・パターン.

use super::{one, plant};
use crate::Plant;
use crate::desk::{At, BOOK, Submission, healthy};
use serde_json::{Value as Json, json};

fn pattern(path: &str, value: Json) -> Submission {
    one("II_DR", &format!("/customer_pattern/0/{path}"), value)
}

/// A number of the list; the contract names the same customers, so that it has nothing to say.
fn point(value: Json) -> Submission {
    pattern("customers/0/supply_point_number", value)
}

const POINT: At = At::Cell("/customer_pattern/0/customers/0/supply_point_number");

pub fn plants() -> Vec<Plant> {
    let mut elsewhere = healthy("II_DR");
    elsewhere.known.points.insert("0227232376305479935685".to_owned());
    vec![
        plant("G-001", point(json!("02-2723-2376")), &[("value", "0227232376"), ("row", "1")], POINT, &["H-012"]),
        plant(
            "G-002",
            pattern("customers/1/supply_point_number", json!("0227232376305479935685")),
            &[("value", "0227232376305479935685")],
            At::Cell("/customer_pattern/0/customers/1/supply_point_number"),
            &["H-012"],
        ),
        plant("G-003", elsewhere, &[("value", "0227232376305479935685")], POINT, &[]),
        plant(
            "G-004",
            pattern("available_kw", json!(8899)),
            &[("value", "8900"), ("expected", "8899")],
            At::Cell("/customer_pattern/0/available_kw"),
            &[],
        ),
        plant(
            "G-005",
            pattern("customers/0/customer_contract_kw", json!(1111)),
            &[("value", "1112"), ("expected", "1111"), ("row", "1")],
            At::Cell("/customer_pattern/0/customers/0/customer_available_kw"),
            &[],
        ),
        plant(
            "G-006",
            point(json!("0327232376305479935685")),
            &[("value", "03"), ("expected", "東北：02"), ("row", "1")],
            POINT,
            &["H-012"],
        ),
        plant("G-007", pattern("pattern_no", json!(21)), &[("value", "21")], At::Cell("/customer_pattern/0/pattern_no"), &[]),
        plant("G-008", pattern("customers", json!([])), &[("value", "標準パターン")], At::Whole(BOOK), &["H-012"]),
        plant(
            "G-009",
            pattern("start_date", json!("2026/04/30")),
            &[("value", "2026年4月30日")],
            At::Cell("/customer_pattern/0/start_date"),
            &[],
        ),
        plant("G-010", point(json!(2.27232376305480e20)), &[("row", "1")], POINT, &["H-012"]),
        plant("E-013", pattern("resource_code", json!("D0000")), &[("value", "D0000")], At::Cell("/customer_pattern/0/resource_code"), &[]),
        plant(
            "D-021",
            pattern("customers/0/customer_address", json!("東京都港区例示1")),
            &[("value", "東京都港区例示1"), ("area", "東北")],
            At::Cell("/customer_pattern/0/customers/0/customer_address"),
            &[],
        ),
        plant(
            "B-015",
            pattern("customers/0/customer_name", json!("○○工業株式会社")),
            &[("field", "需要家名")],
            At::Cell("/customer_pattern/0/customers/0/customer_name"),
            &[],
        ),
        plant(
            "G-011",
            pattern("customers/0/voltage_class", json!("6.6kV")),
            &[("item", "受電電圧 No.1"), ("value", "6.6kV")],
            At::Cell("/customer_pattern/0/customers/0/voltage_class"),
            &[],
        ),
        plant(
            "G-011",
            pattern("customers/0/customer_available_kw", Json::Null),
            &[("item", "供出可能量（需要家別） No.1"), ("value", "未記入")],
            At::Row("/customer_pattern/0/customers/0/supply_point_number"),
            &[],
        ),
    ]
}
