//! The contract against the registration: sums over all resources, customers of 別紙.

use crate::domain::offered;
use crate::domain::text;
use crate::validation::check::Slip;
use crate::validation::checks::compare;
use crate::validation::scene::{Hit, Seen, Subject};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

pub fn power_total<'a>(subject: &Subject<'a>, field: &'a str, column: &'a str, at_most: bool, slip: Slip) -> Vec<Hit> {
    let Some(seen) = subject.see(field) else { return Vec::new() };
    let (document, column) = column.split_once('.').unwrap_or(("resource", column));
    let resources = subject.set(document);
    let numbers: Option<Vec<Decimal>> = resources.iter().map(|resource| resource.value(column)?.number()).collect();
    let sum = numbers
        .filter(|numbers| !numbers.is_empty())
        .and_then(|numbers| numbers.iter().try_fold(Decimal::ZERO, |sum, one| sum.checked_add(*one)));
    let (Some(sum), Some(promised)) = (sum, seen.value().number()) else { return Vec::new() };
    let fine = promised == sum || at_most && promised < sum;
    let slipped = compare::speaks(Slip::Sought, promised == sum, Some(promised), Some(sum));
    let speaks = match slip {
        Slip::Sought => slipped,
        Slip::Passed => !fine && !slipped,
        Slip::Differs => !fine,
    };
    let doubtful = slip != Slip::Sought && compare::never_equal(&seen);
    if !speaks && !doubtful {
        return Vec::new();
    }
    let first = resources.first().and_then(|resource| resource.fields.get(column)).map(|field| Seen { document, key: column, field });
    match first.filter(|_| slip == Slip::Sought) {
        Some(registered) => vec![subject.hit(registered).against(subject, &seen)],
        None => vec![subject.hit(seen).word("expected", sum.normalize().to_string())],
    }
}

/// What is promised must not exceed what the customers offer.
pub fn customers_carry<'a>(subject: &Subject<'a>, field: &'a str) -> Vec<Hit> {
    let Some(seen) = subject.see(field) else { return Vec::new() };
    match seen.value().number().zip(offered::by_customers(subject.set("customer_pattern"))) {
        Some((promised, sum)) if promised > sum => vec![subject.hit(seen).word("expected", sum.normalize().to_string())],
        _ => Vec::new(),
    }
}

/// A resource that no row of 別紙1 names. Rows with customers, or without a name, cannot tell.
pub fn in_appendix<'a>(subject: &Subject<'a>, field: &'a str, other: &'a str) -> Vec<Hit> {
    let (Some(seen), Some(contract)) = (subject.see(field), subject.scene.papers.single.get("contract")) else { return Vec::new() };
    let rows = contract.fields.group("equipment");
    let key = other.rsplit('.').next().unwrap_or(other);
    let names: Option<Vec<Seen<'a>>> =
        rows.iter().map(|row| row.fields.get(key).map(|field| Seen { document: "contract", key, field })).collect();
    let customers = rows.iter().any(|row| row.value("supply_point_number").is_some());
    let Some(names) = names.filter(|names| !names.is_empty() && !customers && subject.other("equipment").is_none()) else {
        return Vec::new();
    };
    let Some(first) = names.first() else { return Vec::new() };
    let shown = names.iter().map(|name| subject.show(name)).collect::<Vec<_>>().join("、");
    let hit = subject.hit(*first).against(subject, &seen).word("value", shown);
    vec![names.iter().fold(hit, |hit, name| hit.resting_on(name))]
}

/// Numbers named in a letter; more are counted.
const NAMED: usize = 3;

pub fn same_points<'a>(subject: &Subject<'a>, field: &'a str) -> Vec<Hit> {
    let equipment = subject.rows("equipment");
    let rows: Option<Vec<Seen<'a>>> = equipment.iter().map(|row| row.see(field)).collect();
    let patterns = subject.set("customer_pattern");
    let Some(rows) = rows.filter(|rows| !rows.is_empty() && !patterns.is_empty()) else { return Vec::new() };
    let customers = patterns.iter().flat_map(|pattern| pattern.group("customers")).filter_map(|row| row.text(field));
    let listed: BTreeSet<String> = customers.map(|point| text::digits(&point)).collect();
    let agreed: BTreeSet<String> = rows.iter().map(|seen| text::digits(&seen.value().to_string())).collect();
    let doubtful = rows.iter().find(|seen| compare::never_equal(seen));
    if listed == agreed && doubtful.is_none() {
        return Vec::new();
    }
    let part = |label: &str, points: Vec<&String>| match points.len() {
        0 => None,
        count => {
            let named = points.iter().take(NAMED).map(|point| point.as_str()).collect::<Vec<_>>().join("、");
            let more = if count > NAMED { format!(" ほか{}件", count - NAMED) } else { String::new() };
            Some(format!("{label}：{named}{more}"))
        }
    };
    let parts = [part("契約書のみ", agreed.difference(&listed).collect()), part("リストのみ", listed.difference(&agreed).collect())];
    let words = parts.into_iter().flatten().collect::<Vec<_>>().join("／");
    let Some(at) =
        doubtful.or_else(|| rows.iter().find(|seen| !listed.contains(&text::digits(&seen.value().to_string())))).or(rows.first())
    else {
        return Vec::new();
    };
    vec![subject.hit(*at).word("value", words)]
}
