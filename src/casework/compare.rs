//! The contract beside the registration: every pair that is compared, with both originals, both places and the verdict.
//!
//! What the rules say of a difference stands in `rules/contract.toml`; this is the evidence that staff sign.

use crate::casework::fold::Case;
use crate::domain::comparison::{Pair, Verdict};
use crate::domain::extract::{Field, Record};
use crate::domain::likeness;
use crate::domain::text;
use crate::domain::value::Value;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// What stands where one side says nothing.
const BLANK: &str = "（記載なし）";

/// How two values are held against each other.
type Same = fn(&Value, &Value) -> bool;

/// The pairs of a case; empty while there is no contract or no export. `tso` is the desk's own company.
pub fn pairs(case: &Case, tso: &str) -> Vec<Pair> {
    let (Some(contract), Some(export)) = (case.paper("contract"), case.export()) else { return Vec::new() };
    let contract = &contract.received.extract.fields;
    let set =
        |name: &str| export.received.extract.sets.iter().find(|(kind, _)| kind.as_str() == name).map_or(&[][..], |(_, records)| records);
    let mut table = Table { pairs: Vec::new() };
    if let Some(profile) = set("operator_profile").first() {
        table.fields("事業者名（甲）", contract, "party_a", profile, &["operator_name"], same_name);
    }
    table.party_b(contract, tso);
    if let Some(form) = case.paper("application_form").map(|paper| &paper.received.extract.fields)
        && form.fields.contains_key("contract_date")
    {
        table.fields("契約締結日（申込書）", contract, "contract_date", form, &["contract_date"], |left, right| left == right);
    }
    let resources = set("resource");
    table.power(case, contract, resources);
    for resource in resources {
        let code = resource.text("resource_code").unwrap_or_default();
        let label = |word: &str| if resources.len() > 1 { format!("{word}（{code}）") } else { word.to_owned() };
        table.fields(&label("契約種別"), contract, "contract_kind", resource, &["contract_kind"], among);
        if contract.fields.contains_key("energy_price_cap") || case.flow == "I_PRIME" {
            table.fields(&label("上限電力量単価[円/kWh]"), contract, "energy_price_cap", resource, &["kw1_price_cap"], same_number);
        }
        table.period(&label("提供期間と開始日"), contract, resource);
        if lists_customers(contract) {
            continue;
        }
        let nothing = Record::default();
        let equipment = equipment_of(contract, resource, resources.len()).unwrap_or(&nothing);
        table.fields(&label("契約設備名"), equipment, "equipment_name", resource, &["resource_name"], same_name);
        for (word, left, right, same) in EQUIPMENT {
            // What neither the appendix nor the registration names is no line.
            if equipment.fields.contains_key(*left) {
                table.fields(&label(word), equipment, left, resource, right, *same);
            }
        }
    }
    // 電源Ⅰ’ registers no list, though its contract may name the customers.
    let patterns = set("customer_pattern");
    if lists_customers(contract) && (case.flow != "I_PRIME" || !patterns.is_empty()) {
        table.customers(contract, patterns);
    }
    table.pairs
}

/// Columns of 別紙1 and the items that they are held against.
const EQUIPMENT: &[(&str, &str, &[&str], Same)] = &[
    ("所在地", "equipment_address", &["address"], same_address),
    ("定格出力[kW]", "equipment_rated_kw", &["rated_capacity_kw"], same_number),
    ("最低出力[kW]", "equipment_min_kw", &["min_output_kw"], same_number),
    ("出力変化速度[kW/分]", "equipment_ramp_rate", &["ramp_rate_edc", "ramp_rate_lfc"], same_number),
];

fn lists_customers(contract: &Record) -> bool {
    contract.group("equipment").iter().any(|row| row.value("supply_point_number").is_some())
}

/// The row of 別紙1 with the resource's name, or the only row of a single resource's contract.
fn equipment_of<'a>(contract: &'a Record, resource: &Record, resources: usize) -> Option<&'a Record> {
    let rows = contract.group("equipment");
    let name = resource.value("resource_name")?;
    let named = rows.iter().find(|row| row.value("equipment_name").is_some_and(|other| same_name(other, name)));
    named.or(match rows {
        [only] if resources == 1 => Some(only),
        _ => None,
    })
}

struct Table {
    pairs: Vec<Pair>,
}

impl Table {
    fn fields(&mut self, label: &str, contract: &Record, left: &str, registered: &Record, right: &[&str], same: Same) {
        let here = contract.fields.get(left);
        let there = right.iter().find_map(|key| registered.fields.get(*key));
        let verdict = match (here, there) {
            (Some(here), Some(there)) => judge(here, there, same),
            _ => Verdict::Lacking,
        };
        self.add(label, here.map(|field| field.raw.clone()), here, there.map(|field| field.raw.clone()), there, verdict);
    }

    fn add(
        &mut self,
        label: &str,
        left: Option<String>,
        here: Option<&Field>,
        right: Option<String>,
        there: Option<&Field>,
        verdict: Verdict,
    ) {
        self.pairs.push(Pair {
            label: label.to_owned(),
            contract: left.unwrap_or_else(|| BLANK.to_owned()),
            contract_place: here.map(|field| field.place.clone()),
            registered: right.unwrap_or_else(|| BLANK.to_owned()),
            registered_place: there.map(|field| field.place.clone()),
            verdict,
        });
    }

    fn party_b(&mut self, contract: &Record, tso: &str) {
        let here = contract.fields.get("party_b");
        let verdict = match here {
            None => Verdict::Lacking,
            Some(field) if field.needs_review => Verdict::Doubtful,
            Some(field) if likeness::company(&field.value.to_string()).starts_with(&likeness::company(tso)) => Verdict::Equal,
            Some(_) => Verdict::Differs,
        };
        self.add("一般送配電事業者（乙）", here.map(|field| field.raw.clone()), here, Some(tso.to_owned()), None, verdict);
    }

    /// 契約電力 against the sum over all resources: equal in I_PRIME, not more than what is offered otherwise.
    fn power(&mut self, case: &Case, contract: &Record, resources: &[Record]) {
        let Some(here) = contract.fields.get("contract_kw") else { return };
        let key = if case.flow == "I_PRIME" { "kw1_contract_kw" } else { "available_kw" };
        let offered: Vec<&Field> = resources.iter().filter_map(|resource| resource.fields.get(key)).collect();
        let sum = offered
            .iter()
            .map(|field| field.value.number())
            .try_fold(Decimal::ZERO, |sum, number| sum.checked_add(number?))
            .filter(|_| offered.len() == resources.len() && !offered.is_empty());
        let shown = offered.iter().map(|field| field.raw.as_str()).collect::<Vec<_>>().join("＋");
        let shown = match (offered.len(), sum) {
            (0, _) => None,
            (1, _) | (_, None) => Some(shown),
            (_, Some(sum)) => Some(format!("{shown}＝{}", sum.normalize())),
        };
        let doubtful = here.needs_review || offered.iter().any(|field| field.needs_review);
        let verdict = match (here.value.number(), sum) {
            (Some(_), Some(_)) if doubtful => Verdict::Doubtful,
            (Some(promised), Some(sum)) if promised == sum => Verdict::Equal,
            (Some(promised), Some(sum)) if likeness::is_slip(promised, sum) => Verdict::Slip,
            (Some(promised), Some(sum)) if case.flow != "I_PRIME" && promised < sum => Verdict::Equal,
            (Some(_), Some(_)) => Verdict::Differs,
            _ => Verdict::Lacking,
        };
        self.add("契約電力[kW]", Some(here.raw.clone()), Some(here), shown, offered.first().copied(), verdict);
    }

    fn period(&mut self, label: &str, contract: &Record, resource: &Record) {
        let (from, to) = (contract.fields.get("period_from"), contract.fields.get("period_to"));
        let start = resource.fields.get("start_date");
        let verdict = match (from, to, start) {
            (Some(from), Some(to), Some(start)) if [from, to, start].iter().any(|field| field.needs_review) => Verdict::Doubtful,
            (Some(from), Some(to), Some(start)) => match (from.value.date(), to.value.date(), start.value.date()) {
                (Some(from), Some(to), Some(start)) if (from..=to).contains(&start) => Verdict::Equal,
                _ => Verdict::Differs,
            },
            _ => Verdict::Lacking,
        };
        let raw = |field: Option<&Field>| field.map_or_else(String::new, |field| field.raw.clone());
        let shown = from.or(to).map(|_| format!("{}～{}", raw(from), raw(to)));
        self.add(label, shown, from.or(to), start.map(|field| field.raw.clone()), start, verdict);
    }

    /// The customers of 別紙 and those of the list, as sets of 供給地点特定番号.
    fn customers(&mut self, contract: &Record, patterns: &[Record]) {
        let points = |rows: Vec<&Record>| -> Vec<Field> {
            rows.into_iter().filter_map(|row| row.fields.get("supply_point_number").cloned()).collect()
        };
        let here = points(contract.group("equipment").iter().collect());
        let there = points(patterns.iter().flat_map(|pattern| pattern.group("customers")).collect());
        let set = |fields: &[Field]| -> BTreeSet<String> { fields.iter().map(|field| text::digits(&field.value.to_string())).collect() };
        let (agreed, listed) = (set(&here), set(&there));
        let verdict = match () {
            () if there.is_empty() => Verdict::Lacking,
            () if here.iter().chain(&there).any(|field| field.needs_review) => Verdict::Doubtful,
            () if agreed == listed => Verdict::Equal,
            () => Verdict::Differs,
        };
        let only = |left: &BTreeSet<String>, right: &BTreeSet<String>| {
            let alone: Vec<&str> = left.difference(right).map(String::as_str).collect();
            if alone.is_empty() {
                format!("{}件", left.len())
            } else {
                format!("{}件（相手方になし: {}）", left.len(), alone.join("、"))
            }
        };
        let shown = (!there.is_empty()).then(|| only(&listed, &agreed));
        self.add("需要家（供給地点特定番号）", Some(only(&agreed, &listed)), here.first(), shown, there.first(), verdict);
    }
}

fn judge(here: &Field, there: &Field, same: Same) -> Verdict {
    if here.needs_review || there.needs_review {
        return Verdict::Doubtful;
    }
    if same(&here.value, &there.value) {
        return Verdict::Equal;
    }
    match here.value.number().zip(there.value.number()) {
        Some((left, right)) if likeness::is_slip(left, right) => Verdict::Slip,
        _ => Verdict::Differs,
    }
}

fn same_name(left: &Value, right: &Value) -> bool {
    likeness::names_equal(&left.to_string(), &right.to_string())
}

fn same_address(left: &Value, right: &Value) -> bool {
    likeness::address(&left.to_string()) == likeness::address(&right.to_string())
}

fn same_number(left: &Value, right: &Value) -> bool {
    left.number().is_some() && left.number() == right.number()
}

/// One code on the left, one or several on the right.
fn among(left: &Value, right: &Value) -> bool {
    match right {
        Value::Codes(codes) => codes.contains(&left.to_string()),
        other => other == left,
    }
}
