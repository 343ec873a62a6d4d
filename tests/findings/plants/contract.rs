//! Chapter H and D-016: the contract against the registration, and against itself.

use super::{one, plant};
use crate::Plant;
use crate::desk::{At, CONTRACT, Submission, healthy};
use serde_json::{Value as Json, json};

fn prime(key: &str, value: Json) -> Submission {
    one("I_PRIME", &format!("/contract/{key}"), value)
}

fn unit(key: &str, value: Json) -> Submission {
    one("II_GEN", &format!("/contract/equipment/0/{key}"), value)
}

/// The resource offers what the contract promises, but its customers do not.
fn idle_customer() -> Submission {
    one("II_DR", "/customer_pattern/0/customers/0/customer_available_kw", json!(12)).set("/customer_pattern/0/available_kw", json!(7800))
}

pub fn plants() -> Vec<Plant> {
    let inner =
        Submission { contract_says: vec!["第５条　電力量料金の詳細は、別紙２に定める。"], ..healthy("I_PRIME") };
    vec![
        plant(
            "H-001",
            prime("party_a", json!("株式会社例示商事")),
            &[("value", "株式会社例示商事"), ("expected", "株式会社榛名野電力")],
            At::Clause("party_a"),
            &[],
        ),
        plant(
            "H-001",
            prime("party_b", json!("関東見本送配電株式会社")),
            &[("value", "関東見本送配電株式会社"), ("expected", "東北例示送配電株式会社")],
            At::Clause("party_b"),
            &[],
        ),
        plant(
            "H-002",
            prime("contract_kind", json!("2B")),
            &[("value", "電源Ⅱ需給バランス調整力契約"), ("expected", "電源Ⅰ’厳気象対応調整力契約")],
            At::Clause("contract_kind"),
            &[],
        ),
        plant("H-003", prime("contract_kw", json!(29800)), &[("value", "29800"), ("expected", "29900")], At::Clause("contract_kw"), &[]),
        plant("H-003", idle_customer(), &[("value", "8900"), ("expected", "7800")], At::Clause("contract_kw"), &[]),
        plant(
            "H-004",
            unit("equipment_name", json!("別の発電所２号機")),
            &[("value", "別の発電所2号機"), ("expected", "見本電力火力発電所1号機")],
            At::Clause("equipment/0/equipment_name"),
            &[],
        ),
        plant(
            "H-005",
            unit("equipment_address", json!("宮城県名取市別町8番地")),
            &[("value", "宮城県名取市別町8番地"), ("expected", "宮城県名取市例示原8番地")],
            At::Clause("equipment/0/equipment_address"),
            &[],
        ),
        plant(
            "H-006",
            prime("period_to", json!("2026-04-30")),
            &[("value", "2026年5月1日"), ("expected", "2026年4月1日～2026年4月30日")],
            At::Cell("/resource/0/start_date"),
            &[],
        ),
        plant("H-007", prime("contract_date", Json::Null), &[], At::Whole(CONTRACT), &[]),
        plant("H-007", prime("signature_b", json!(false)), &[], At::Clause("signature_b"), &[]),
        plant("H-007", prime("draft", json!("（案）")), &[], At::Clause("contract_kind"), &[]),
        plant("H-008", prime("no_appendix", json!(true)), &[("value", "別紙1")], At::Whole(CONTRACT), &[]),
        plant("H-008", inner, &[("value", "別紙2")], At::Whole(CONTRACT), &[]),
        plant(
            "H-009",
            unit("equipment_rated_kw", json!(21500)),
            &[("value", "21500"), ("expected", "21600")],
            At::Clause("equipment/0/equipment_rated_kw"),
            &[],
        ),
        plant(
            "H-010",
            unit("equipment_min_kw", json!(8700)),
            &[("field", "最低出力"), ("value", "8700"), ("expected", "8600")],
            At::Clause("equipment/0/equipment_min_kw"),
            &[],
        ),
        plant(
            "H-011",
            prime("energy_price_cap", json!("44.00")),
            &[("value", "44.00"), ("expected", "45.00")],
            At::Clause("energy_price_cap"),
            &[],
        ),
        plant(
            "H-012",
            one("II_DR", "/contract/equipment/0/supply_point_number", json!("0200000000000000000001")),
            &[("value", "契約書のみ：0200000000000000000001／リストのみ：0227232376305479935685")],
            At::Clause("equipment/0/supply_point_number"),
            &[],
        ),
        plant("H-013", prime("annex", json!("契約電力は、|28,000kWとする。")), &[], At::Clause("annex"), &[]),
        plant("D-016", prime("contract_kw", json!("2,990")), &[("field", "電源Ⅰ契約容量")], At::Cell("/resource/0/kw1_contract_kw"), &[]),
        plant(
            "D-016",
            prime("contract_kw", json!("29,900,000")),
            &[("field", "電源Ⅰ契約容量")],
            At::Cell("/resource/0/kw1_contract_kw"),
            &[],
        ),
        plant(
            "D-016",
            prime("contract_kw", json!("299,000,000")),
            &[("field", "電源Ⅰ契約容量")],
            At::Cell("/resource/0/kw1_contract_kw"),
            &[],
        ),
    ]
}
