//! The contract beside the registration: every pair that is compared, with both originals, both places and the verdict.
//!
//! What the rules say of a difference stands in `rules/contract.toml`; this is the evidence that staff sign.

use crate::casework::fold::{Case, Deed, Paper};
use crate::casework::{deed, facts, settling};
use crate::domain::comparison::{Pair, Verdict};
use crate::domain::extract::{Field, Record};
use crate::domain::finding::{Finding, Remark};
use crate::domain::likeness;
use crate::domain::offered;
use crate::domain::place::Place;
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
    let nothing = Record::default();
    let form = case.paper("application_form").map_or(&nothing, |paper| &paper.received.extract.fields);
    let named = set("operator_profile").first().unwrap_or(form);
    table.fields((PARTY_A, "H-001"), contract, "party_a", named, &["operator_name", "applicant_name"], same_name);
    table.party_b(contract, tso);
    if form.fields.contains_key("contract_date") {
        table.fields(("契約締結日（申込書）", "H-007"), contract, "contract_date", form, &["contract_date"], |left, right| {
            left == right
        });
    }
    let resources = set("resource");
    let of_customers = lists_customers(contract) || case.flow == "II_DR";
    table.power(case, contract, resources);
    for resource in resources {
        let code = resource.text("resource_code").unwrap_or_default();
        let label = |word: &str| if resources.len() > 1 { format!("{word}（{code}）") } else { word.to_owned() };
        table.fields((&label("契約種別"), "H-002"), contract, "contract_kind", resource, &["contract_kind"], among);
        if contract.fields.contains_key("energy_price_cap") || case.flow == "I_PRIME" {
            table.fields(
                (&label("上限電力量単価[円/kWh]"), "H-011"),
                contract,
                "energy_price_cap",
                resource,
                &["kw1_price_cap"],
                same_number,
            );
        }
        table.period(&label("提供期間と開始日"), contract, resource);
        if of_customers {
            continue;
        }
        let equipment = equipment_of(contract, resource, resources.len()).unwrap_or(&nothing);
        table.fields((&label("契約設備名"), "H-004"), equipment, "equipment_name", resource, &["resource_name"], same_name);
        for (word, code, left, right, same) in EQUIPMENT {
            // What the appendix does not name is no line, but for the size of a generator.
            if equipment.fields.contains_key(left) || case.flow == "II_GEN" && *code == "H-009" {
                table.fields((&label(word), code), equipment, left, resource, right, *same);
            }
        }
    }
    if !of_customers {
        table.unregistered(contract, resources);
    }
    // 電源Ⅰ’ registers no list, though its contract may name the customers.
    let patterns = set("customer_pattern");
    if case.flow == "II_DR" {
        table.carried(contract, patterns);
    }
    if of_customers && (case.flow != "I_PRIME" || !patterns.is_empty()) {
        table.customers(contract, patterns);
    }
    table.pairs
}

/// Differences that hold up nothing: 所在地, 最低出力 and 出力変化速度 are told under 参考.
const SLIGHT: &[&str] = &["H-005", "H-010"];
/// Nothing is said of these pairs but that they were not proven equal.
pub const UNPROVEN: &str = "H-014";

/// The pair holds an approval up: it is not equal, or was not compared, and no person settled it since both papers came.
pub fn is_open(pair: &Pair, case: &Case) -> bool {
    !pair.is_equal() && !SLIGHT.contains(&pair.code.as_str()) && settled_by(pair, case).is_none()
}

/// The person who looked at a pair that is not equal, since the contract came and the registration was first shown as it stands now.
/// An export that shows something else under the same number asks again.
pub fn settled_by<'c>(pair: &Pair, case: &'c Case) -> Option<&'c Deed> {
    let latest = later_paper(case)?.seq;
    let contract = case.paper("contract")?.seq;
    let says = |deed: &&Deed| {
        let code = deed.set.get(settling::CODE).map(String::as_str);
        let is_meant = code == Some(pair.code.as_str()) && is_of_party(pair, deed) || code == Some(UNPROVEN);
        let is_since = deed.seq > latest || deed.seq > contract && facts::since_export(case, deed) && stood_so(pair, case, deed);
        deed.what == deed::SETTLED && is_meant && is_since
    };
    case.deeds.iter().rev().filter(|_| !pair.is_equal()).find(says)
}

/// The pair said the same when a person looked at it.
fn stood_so(pair: &Pair, case: &Case, deed: &Deed) -> bool {
    let mut then = case.clone();
    then.papers.retain(|paper| paper.seq < deed.seq);
    // The desk's own name stands on no paper that may have changed.
    let says = |other: &Pair| {
        (&other.label, &other.contract) == (&pair.label, &pair.contract) && (other.registered == pair.registered || other.label == PARTY_B)
    };
    pairs(&then, "").iter().any(says)
}

/// Both parties bear one code: a deed that names one says nothing of the other.
fn is_of_party(pair: &Pair, deed: &Deed) -> bool {
    let own = PARTIES.iter().find(|(label, _)| *label == pair.label);
    deed.set.get(settling::FIELD).zip(own).is_none_or(|(named, (_, field))| named == field)
}

/// Labels of the parties, and their fields in the contract.
const PARTIES: &[(&str, &str)] = &[(PARTY_A, "party_a"), (PARTY_B, "party_b")];
const PARTY_A: &str = "事業者名（甲）";
const PARTY_B: &str = "一般送配電事業者（乙）";

/// Contract or export, whichever came last.
fn later_paper(case: &Case) -> Option<&Paper> {
    case.paper("contract").into_iter().chain(case.export()).max_by_key(|paper| paper.seq)
}

/// What keeps the approval from being ordered though no rule speaks: pairs that were not proven equal. Nothing while the
/// applicant is asked about the registration anyway.
pub fn unproven(case: &Case, tso: &str, open: &[Finding]) -> Option<Remark> {
    let asked = open.iter().any(|finding| facts::asks(finding) && facts::concerns_approval(finding));
    if case.state != COMPARING || asked {
        return None;
    }
    let labels: Vec<String> = pairs(case, tso)
        .into_iter()
        .filter(|pair| is_open(pair, case))
        .map(|pair| format!("{}：{}", pair.label, pair.verdict.word()))
        .collect();
    let paper = later_paper(case).filter(|_| !labels.is_empty())?;
    Some(Remark::new(UNPROVEN).of("contract").word("value", labels.join("、")).at(Place::Whole { doc: paper.received.doc }))
}

/// The state in which contract and registration are held against each other.
const COMPARING: &str = "S81_CONTRACT_COMPARING";

/// Columns of 別紙1 and the items that they are held against.
const EQUIPMENT: &[(&str, &str, &str, &[&str], Same)] = &[
    ("所在地", "H-005", "equipment_address", &["address"], same_address),
    ("定格出力[kW]", "H-009", "equipment_rated_kw", &["rated_capacity_kw"], same_number),
    ("最低出力[kW]", "H-010", "equipment_min_kw", &["min_output_kw"], same_number),
    ("出力変化速度[kW/分]", "H-010", "equipment_ramp_rate", &["ramp_rate_edc", "ramp_rate_lfc"], same_number),
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
    fn fields(&mut self, named: (&str, &str), contract: &Record, left: &str, registered: &Record, right: &[&str], same: Same) {
        let here = contract.fields.get(left);
        let there = right.iter().find_map(|key| registered.fields.get(key));
        let verdict = match (here, there) {
            (Some(here), Some(there)) => judge(here, there, same),
            _ => Verdict::Lacking,
        };
        self.add(named, here.map(|field| field.raw.clone()), here, there.map(|field| field.raw.clone()), there, verdict);
    }

    fn add(
        &mut self,
        (label, code): (&str, &str),
        left: Option<String>,
        here: Option<&Field>,
        right: Option<String>,
        there: Option<&Field>,
        verdict: Verdict,
    ) {
        self.pairs.push(Pair {
            label: label.to_owned(),
            code: code.to_owned(),
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
            Some(field) if field.needs_review() => Verdict::Doubtful,
            Some(field) if likeness::company(&field.value.to_string()).starts_with(&likeness::company(tso)) => Verdict::Equal,
            Some(_) => Verdict::Differs,
        };
        self.add((PARTY_B, "H-001"), here.map(|field| field.raw.clone()), here, Some(tso.to_owned()), None, verdict);
    }

    /// 契約電力 against the sum over all resources: equal in I_PRIME, not more than what is offered otherwise.
    fn power(&mut self, case: &Case, contract: &Record, resources: &[Record]) {
        let here = contract.fields.get("contract_kw");
        if here.is_none() && case.flow != "I_PRIME" {
            return;
        }
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
        let doubtful = here.into_iter().chain(offered.iter().copied()).any(|field| field.needs_review());
        let verdict = match (here.and_then(|field| field.value.number()), sum) {
            (Some(_), Some(_)) if doubtful => Verdict::Doubtful,
            (Some(promised), Some(sum)) if promised == sum => Verdict::Equal,
            (Some(promised), Some(sum)) if likeness::is_slip(promised, sum) => Verdict::Slip,
            (Some(promised), Some(sum)) if case.flow != "I_PRIME" && promised < sum => Verdict::Equal,
            (Some(_), Some(_)) => Verdict::Differs,
            _ => Verdict::Lacking,
        };
        self.add(("契約電力[kW]", "H-003"), here.map(|field| field.raw.clone()), here, shown, offered.first().copied(), verdict);
    }

    /// Equipment of 別紙1 without a resource, where there is more of it than of resources: otherwise a name differs.
    fn unregistered(&mut self, contract: &Record, resources: &[Record]) {
        let rows = contract.group("equipment");
        let is_registered = |name: &Field| {
            resources.iter().filter_map(|resource| resource.value("resource_name")).any(|other| same_name(&name.value, other))
        };
        let names = rows.iter().filter_map(|row| row.fields.get("equipment_name"));
        for name in names.filter(|name| rows.len() > resources.len() && !is_registered(name)) {
            let label = format!("契約設備（{}）", name.raw);
            self.add((&label, "H-004"), Some(name.raw.clone()), Some(name), None, None, Verdict::Lacking);
        }
    }

    /// 契約電力 against what the customers offer, where the contract names one and patterns are registered.
    fn carried(&mut self, contract: &Record, patterns: &[Record]) {
        let (here, there) = (contract.fields.get("contract_kw"), patterns.first().and_then(|first| first.fields.get("available_kw")));
        let (Some(here), Some(sum)) = (here, offered::by_customers(patterns)) else { return };
        let verdict = match here.value.number() {
            Some(_) if here.needs_review() => Verdict::Doubtful,
            Some(promised) if promised <= sum => Verdict::Equal,
            _ => Verdict::Differs,
        };
        self.add(
            ("契約電力と需要家の供出電力[kW]", "H-003"),
            Some(here.raw.clone()),
            Some(here),
            Some(sum.normalize().to_string()),
            there,
            verdict,
        );
    }

    fn period(&mut self, label: &str, contract: &Record, resource: &Record) {
        let (from, to) = (contract.fields.get("period_from"), contract.fields.get("period_to"));
        let start = resource.fields.get("start_date");
        let verdict = match (from, to, start) {
            (Some(from), Some(to), Some(start)) if [from, to, start].iter().any(|field| field.needs_review()) => Verdict::Doubtful,
            (Some(from), Some(to), Some(start)) => match (from.value.date(), to.value.date(), start.value.date()) {
                (Some(from), Some(to), Some(start)) if (from..=to).contains(&start) => Verdict::Equal,
                _ => Verdict::Differs,
            },
            _ => Verdict::Lacking,
        };
        let raw = |field: Option<&Field>| field.map_or_else(String::new, |field| field.raw.clone());
        let shown = from.or(to).map(|_| format!("{}～{}", raw(from), raw(to)));
        self.add((label, "H-006"), shown, from.or(to), start.map(|field| field.raw.clone()), start, verdict);
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
            () if here.is_empty() || there.is_empty() => Verdict::Lacking,
            () if here.iter().chain(&there).any(|field| field.needs_review()) => Verdict::Doubtful,
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
        let agreed_shown = (!here.is_empty()).then(|| only(&agreed, &listed));
        self.add(("需要家（供給地点特定番号）", "H-012"), agreed_shown, here.first(), shown, there.first(), verdict);
    }
}

fn judge(here: &Field, there: &Field, same: Same) -> Verdict {
    if here.needs_review() || there.needs_review() {
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
