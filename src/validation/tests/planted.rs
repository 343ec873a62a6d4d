//! One defect at a time, planted into papers that have none: its code is found, and no other demand.

use super::{House, truths};
use crate::validation::Papers;
use serde_json::{Value as Json, json};

/// A truth with one value changed. `null` takes it away.
fn plant(truth: &Json, pointer: &str, value: &Json) -> Json {
    let mut planted = truth.clone();
    let full = format!("/data{pointer}");
    match planted.pointer_mut(&full) {
        Some(place) => *place = value.clone(),
        None => {
            let (parent, key) = full.rsplit_once('/').unwrap();
            planted
                .pointer_mut(parent)
                .unwrap_or_else(|| panic!("{pointer}"))
                .as_object_mut()
                .unwrap()
                .insert(key.to_owned(), value.clone());
        }
    }
    planted
}

fn found(house: &House, truth: &Json) -> Vec<String> {
    let extract = house.extract(truth);
    let mut codes: Vec<String> = house.check(&Papers::of(&extract)).into_iter().map(|remark| remark.code.0).collect();
    codes.dedup();
    codes
}

fn each(book: &str, plants: &[(&str, Json, &[&str])]) {
    let house = House::open();
    let (_, truth) = truths(book).remove(0);
    assert_eq!(found(&house, &truth), Vec::<String>::new(), "{book}");
    for (pointer, value, codes) in plants {
        assert_eq!(found(&house, &plant(&truth, pointer, value)), *codes, "{book} {pointer} {value}");
    }
}

#[test]
fn operators_and_users() {
    each(
        "book-02",
        &[
            ("/operator_profile/bank_code", json!("99"), &["B-004"]),
            ("/operator_profile/branch_code", json!("12"), &["B-005"]),
            ("/operator_profile/account_number", json!("123456"), &["B-006"]),
            ("/operator_profile/account_type", json!("定期"), &["B-008"]),
            ("/operator_profile/account_holder_kana", json!("ﾐﾎﾝﾃﾞﾝﾘｮｸ"), &["B-009"]),
            ("/operator_profile/account_holder", json!("例示 太郎"), &["B-010"]),
            ("/operator_profile/payee_postal_code", json!("980001"), &["B-011"]),
            ("/operator_profile/payee_phone", json!("1234"), &["B-012"]),
            ("/operator_profile/revenue_levy_rate", json!(""), &["B-013"]),
            ("/operator_profile/tax_basis", json!("2"), &["B-013"]),
            ("/operator_profile/start_date", json!("2026-02-30"), &["B-014"]),
            ("/operator_profile/start_date", json!("2025-05-01"), &["B-014"]),
            ("/operator_profile/operator_name", json!("○○電力株式会社"), &["B-010", "B-015"]),
            ("/operator_profile/mms_code", json!("K1A7"), &["B-016"]),
            ("/operator_profile/invoice_number", json!("T7999901000001"), &["B-017"]),
            ("/operator_profile/operator_code", json!("381"), &["B-002"]),
            ("/operator_profile/corporate_number", json!("2315726737641"), &["A-007", "B-017"]),
            ("/user_info/users", json!([]), &["C-001"]),
            ("/user_info/users/1/email", json!("user1@chikugogawa-energy.example.com"), &["C-002"]),
            ("/user_info/users/1/email", json!("user2@chikugogawa"), &["C-003"]),
            ("/user_info/users/0/role", json!("2"), &["C-004"]),
            ("/user_info/users/0/cert_required", json!(""), &["C-005"]),
            ("/user_info/users/2/phone", json!("022-1234"), &["B-012"]),
            ("/operator_profile/account_holder", json!(""), &["B-018"]),
            ("/operator_profile/account_holder_kana", json!(""), &["B-018"]),
            ("/operator_profile/bank_name", json!(""), &["B-018"]),
            ("/operator_profile/branch_name", json!(""), &["B-018"]),
            ("/operator_profile/payee_address", json!(""), &["B-018"]),
            ("/user_info/users/1/user_name", json!(""), &["C-007"]),
            ("/user_info/users/1/role", json!(""), &["C-007"]),
            ("/user_info/users/1/role", json!("一般"), &["C-007"]),
        ],
    );
}

#[test]
fn generators_and_their_prices() {
    each(
        "book-02",
        &[
            ("/resource/0/rated_capacity_kw", json!(""), &["D-001"]),
            ("/resource/0/bg_code", json!(""), &["D-001"]),
            ("/resource/0/area", json!("99"), &["D-002"]),
            ("/resource/0/area", json!("06"), &["D-002", "D-021"]),
            ("/resource/0/resource_type", json!("22"), &["D-003"]),
            ("/resource/0/min_output_kw", json!(73000), &["D-005"]),
            ("/resource/0/available_kw", json!(51101), &["D-006"]),
            ("/resource/0/kw1_contract_flag", json!("1"), &["D-008"]),
            ("/resource/0/kw1_contract_kw", json!(100), &["D-008"]),
            ("/resource/0/station_service_rate", json!("120.0"), &["D-009"]),
            ("/resource/0/gf_droop_pct", json!(""), &["D-010"]),
            ("/resource/0/ramp_rate_edc", json!(0), &["D-011"]),
            ("/resource/0/bg_code", json!("B46"), &["D-012"]),
            ("/resource/0/grid_code", json!("G-1"), &["D-013"]),
            ("/resource/0/ven_id", json!("VEN-1"), &["D-015"]),
            ("/resource/0/response_time_min", json!("181"), &["D-017"]),
            ("/resource/0/startup_pattern", json!("0:0;30:21800;30:72900"), &["D-018"]),
            ("/resource/0/signal_type", json!("price"), &["D-020"]),
            ("/resource/0/address", json!("東京都千代田区例示1"), &["D-021"]),
            ("/resource/0/product_kind", json!(["21"]), &["D-022"]),
            ("/unit_price/0/bands/1/band_lower_kw", json!(50000), &["E-001"]),
            ("/unit_price/0/bands/0/band_lower_kw", json!(21000), &["E-003"]),
            ("/unit_price/0/bands/3/band_lower_kw", json!(72900), &["E-004"]),
            ("/unit_price/0/bands/0/v1_price", json!("-1.00"), &["E-005", "E-016"]),
            ("/unit_price/0/bands/2/v4_price", json!(""), &["E-007"]),
            ("/unit_price/0/startup_costs", json!([]), &["E-007"]),
            ("/unit_price/0/startup_costs/1/stop_hours", json!("8.0"), &["E-010"]),
            ("/unit_price/0/valid_to", json!("2026/04/30 24:00"), &["E-011"]),
            ("/unit_price/0/valid_to", json!("2026/05/31 23:45"), &["E-012"]),
            ("/unit_price/0/resource_code", json!("R0000"), &["E-013"]),
            ("/unit_price/0/bands/0/v1_price", json!("9.665"), &["E-014"]),
            ("/unit_price/0/bands/0/v1_price", json!("9.66円"), &["E-014"]),
            ("/unit_price/0/bands/0/const_a", json!("0.1"), &["E-015"]),
            ("/unit_price/0/operation_pattern_no", json!(2), &["E-017"]),
            ("/unit_price/0/startup_costs/2/v3_price", json!(700000), &["E-018"]),
            ("/screening/form_no", json!("様式13"), &["F-001"]),
            ("/screening/contract_application_pdf", json!(""), &["F-002"]),
            ("/screening/contract_status", json!("1"), &["F-002"]),
            ("/screening/operation_record_to", json!("2026-03-05"), &["F-004"]),
            ("/screening/operation_record_file", json!(""), &["F-004"]),
            ("/screening/rated_capacity_kw", json!(72000), &["F-007"]),
            ("/screening/performance_test_date", json!("2023-02-10"), &["F-008"]),
            ("/screening/resource_name", json!(""), &["F-009"]),
            ("/resource/0/available_kw", json!(-45700), &["D-023"]),
            ("/resource/0/available_kw", json!("3700.5"), &["D-023"]),
            ("/resource/0/duration_min", json!(0), &["D-023"]),
            ("/resource/0/duration_min", json!(2000), &["D-023"]),
            ("/unit_price/0/valid_from", json!(""), &["E-019"]),
            ("/unit_price/0/valid_to", json!(""), &["E-019"]),
            ("/unit_price/0/bands/1/band_lower_kw", json!(""), &["E-019"]),
            ("/unit_price/0/bands/3/v1_price", json!("10000.00"), &["E-019"]),
            ("/unit_price/0/bands/1/v2_price", json!("-7.23"), &["E-019"]),
            ("/unit_price/0/startup_costs/0/v3_price", json!(-400000), &["E-019"]),
            ("/unit_price/0/startup_costs/0/stop_hours", json!(""), &["E-019"]),
        ],
    );
}

#[test]
fn customers() {
    each(
        "book-03",
        &[
            ("/customer_pattern/0/customers/0/supply_point_number", json!("0243711"), &["G-001"]),
            ("/customer_pattern/0/customers/0/supply_point_number", json!("0343711032482609247193"), &["G-006"]),
            ("/customer_pattern/0/customers/0/supply_point_number", json!("2.43711E+20"), &["G-010"]),
            ("/customer_pattern/0/customers/0/supply_point_number", json!("0200000000000000000099"), &["G-003"]),
            ("/customer_pattern/0/available_kw", json!(6599), &["G-004"]),
            ("/customer_pattern/0/customers/0/customer_contract_kw", json!(1), &["G-005"]),
            ("/customer_pattern/0/pattern_no", json!(21), &["G-007"]),
            ("/customer_pattern/0/customers", json!([]), &["G-008"]),
            ("/customer_pattern/0/start_date", json!("2026-04-30"), &["G-009"]),
            ("/customer_pattern/0/resource_code", json!("D0000"), &["E-013"]),
            ("/customer_pattern/0/customers/0/customer_address", json!("東京都港区1"), &["D-021"]),
            ("/customer_pattern/0/available_kw", json!(""), &["G-011"]),
            ("/customer_pattern/0/start_date", json!(""), &["G-011"]),
            ("/customer_pattern/0/customers/0/customer_available_kw", json!(""), &["G-011"]),
            ("/customer_pattern/0/customers/0/customer_address", json!(""), &["G-011"]),
            ("/resource/0/contract_kind", json!("電源Ⅲ調整力"), &["D-023"]),
            ("/resource/0/ven_id", json!("VEN 2000 あ"), &["D-023"]),
            ("/resource/0/resource_type", json!("11"), &["D-003"]),
            ("/resource/0/signal_type", json!(""), &["D-014"]),
            ("/unit_price/0/bands/0/band_lower_kw", json!(10), &["E-003"]),
        ],
    );
}

#[test]
fn contracts_against_what_is_handed_in() {
    let house = House::open();
    let mail = |flow: &str| truths("mail").into_iter().find(|(_, truth)| truth["flow"] == flow).unwrap().1;
    let plants: &[(&str, &str, Json, &[&str])] = &[
        ("I_PRIME", "party_a", json!("例示見本電力株式会社"), &["H-001"]),
        ("I_PRIME", "party_b", json!("関東見本送配電株式会社"), &["H-001"]),
        ("I_PRIME", "contract_kind", json!("2B"), &["H-002"]),
        ("I_PRIME", "contract_kw", json!(29800), &["H-003"]),
        ("I_PRIME", "contract_kw", json!(29_900_000), &["D-016"]),
        ("I_PRIME", "energy_price_cap", json!("44.00"), &["H-011"]),
        ("I_PRIME", "period_to", json!("2026-04-30"), &["H-006"]),
        ("I_PRIME", "contract_date", Json::Null, &["H-007"]),
        ("I_PRIME", "signature_b", json!("0"), &["H-007"]),
        ("II_GEN", "equipment/0/equipment_rated_kw", json!(21500), &["H-009"]),
        ("II_GEN", "equipment/0/equipment_rated_kw", json!(2160), &["D-016"]),
        ("II_GEN", "equipment/0/equipment_name", json!("別の発電所2号機"), &["H-004"]),
        ("II_GEN", "equipment/0/equipment_address", json!("宮城県名取市別町8番地"), &["H-005"]),
        ("II_GEN", "equipment/0/equipment_min_kw", json!(8700), &["H-010"]),
        ("II_GEN", "equipment/0/equipment_ramp_rate", json!(541), &["H-010"]),
        ("II_DR", "contract_kw", json!(8901), &["H-003"]),
        ("II_DR", "equipment/0/supply_point_number", json!("0200000000000000000001"), &["H-012"]),
    ];
    for (flow, pointer, value, codes) in plants {
        let truth = mail(flow);
        let mut contract = json!({ "document": "contract", "fields": truth["contract"] });
        *contract.pointer_mut(&format!("/fields/{pointer}")).unwrap_or_else(|| panic!("{pointer}")) = value.clone();
        let mut book = truth.clone();
        book["document"] = "registration_workbook".into();
        let (book, contract) = (house.extract(&book), house.extract(&contract));
        let mut papers = Papers::of(&book);
        papers.add(&contract);
        let mut found: Vec<String> = house.check(&papers).into_iter().map(|remark| remark.code.0).collect();
        found.dedup();
        assert_eq!(found, *codes, "{flow} {pointer} {value}");
    }
}
