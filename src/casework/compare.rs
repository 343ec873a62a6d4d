//! The contract beside the registration: every pair that is compared, with both originals and the verdict.

use crate::casework::fold::Case;
use crate::domain::extract::{Field, Record};
use crate::domain::place::Place;
use crate::domain::text;
use crate::domain::value::Value;

/// One line of the comparison.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    pub label: String,
    /// As the contract prints it.
    pub contract: String,
    pub contract_page: Option<u32>,
    /// As it is registered in MMS.
    pub registered: String,
    /// A doubtful reading is never equal.
    pub equal: bool,
}

/// How two values are held against each other.
type Same = fn(&Value, &Value) -> bool;

/// The pairs of a case; empty while there is no contract or no export.
pub fn pairs(case: &Case) -> Vec<Pair> {
    let (Some(contract), Some(export)) = (case.paper("contract"), case.export()) else { return Vec::new() };
    let contract = &contract.received.extract.fields;
    let set =
        |name: &str| export.received.extract.sets.iter().find(|(kind, _)| kind.as_str() == name).map_or(&[][..], |(_, records)| records);
    let mut pairs = Vec::new();
    if let Some(profile) = set("operator_profile").first() {
        pairs.extend(pair("事業者名（甲）", contract, "party_a", profile, "operator_name", same_name));
    }
    let resources = set("resource");
    for resource in resources {
        let code = resource.text("resource_code").unwrap_or_default();
        let label = |word: &str| if resources.len() > 1 { format!("{word}（{code}）") } else { word.to_owned() };
        pairs.extend(pair(&label("契約種別"), contract, "contract_kind", resource, "contract_kind", among));
        let registered_kw = if case.flow == "I_PRIME" { "kw1_contract_kw" } else { "available_kw" };
        let same_kw: Same = if case.flow == "II_DR" { at_least } else { same_number };
        pairs.extend(pair(&label("契約電力[kW]"), contract, "contract_kw", resource, registered_kw, same_kw));
        pairs.extend(pair(&label("上限電力量単価[円/kWh]"), contract, "energy_price_cap", resource, "kw1_price_cap", same_number));
        pairs.extend(period(&label("提供期間と開始日"), contract, resource));
        if let Some(equipment) = equipment_of(contract, resource) {
            pairs.extend(pair(&label("契約設備名"), equipment, "equipment_name", resource, "resource_name", same_name));
            pairs.extend(pair(&label("定格出力[kW]"), equipment, "equipment_rated_kw", resource, "rated_capacity_kw", same_number));
            pairs.extend(pair(&label("最低出力[kW]"), equipment, "equipment_min_kw", resource, "min_output_kw", same_number));
        }
    }
    pairs
}

/// The row of 別紙1 with the resource's name, or the only row of a single resource's contract.
fn equipment_of<'a>(contract: &'a Record, resource: &Record) -> Option<&'a Record> {
    let rows = contract.group("equipment");
    // A DR contract lists customers, not resources.
    if rows.iter().any(|row| row.value("supply_point_number").is_some()) {
        return None;
    }
    let name = resource.value("resource_name")?;
    rows.iter().find(|row| row.value("equipment_name").is_some_and(|other| same_name(other, name))).or(if rows.len() == 1 {
        rows.first()
    } else {
        None
    })
}

fn pair(label: &str, contract: &Record, left: &str, registered: &Record, right: &str, same: Same) -> Option<Pair> {
    let (here, there) = (contract.fields.get(left)?, registered.fields.get(right)?);
    let equal = same(&here.value, &there.value) && !here.needs_review && !there.needs_review;
    Some(Pair { label: label.to_owned(), contract: here.raw.clone(), contract_page: page(here), registered: there.raw.clone(), equal })
}

fn period(label: &str, contract: &Record, resource: &Record) -> Option<Pair> {
    let (from, to) = (contract.fields.get("period_from")?, contract.fields.get("period_to")?);
    let start = resource.fields.get("start_date")?;
    let inside = (from.value.date()?..=to.value.date()?).contains(&start.value.date()?);
    Some(Pair {
        label: label.to_owned(),
        contract: format!("{}～{}", from.raw, to.raw),
        contract_page: page(from),
        registered: start.raw.clone(),
        equal: inside && !from.needs_review && !to.needs_review && !start.needs_review,
    })
}

fn page(field: &Field) -> Option<u32> {
    match field.place {
        Place::Page { page, .. } => Some(page),
        _ => None,
    }
}

/// Equal after the normalisation of names: 1号機 = No.1 = 1号.
pub fn same_name(left: &Value, right: &Value) -> bool {
    let key = |value: &Value| text::compare_key(&value.to_string()).replace("号機", "号").replace("No.", "").replace("NO.", "");
    key(left) == key(right) || key(left).trim_end_matches('号') == key(right).trim_end_matches('号')
}

fn same_number(left: &Value, right: &Value) -> bool {
    left.number().is_some() && left.number() == right.number()
}

/// What the contract promises is not more than what is offered.
fn at_least(contract: &Value, offered: &Value) -> bool {
    contract.number().zip(offered.number()).is_some_and(|(contract, offered)| contract <= offered)
}

/// One code on the left, one or several on the right.
fn among(left: &Value, right: &Value) -> bool {
    match right {
        Value::Codes(codes) => codes.contains(&left.to_string()),
        other => other == left,
    }
}
