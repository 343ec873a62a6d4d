//! What the customers behind DR resources offer together.
//!
//! Owns the sum alone. Never judges whether it is enough.

use crate::domain::extract::Record;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The sum over all resources of the largest pattern of each, since one pattern of a resource is used at a time. A pattern is what its
/// customers offer. `None` where nobody offers anything, or a customer says no number.
pub fn by_customers(patterns: &[Record]) -> Option<Decimal> {
    let mut largest: BTreeMap<Option<String>, Decimal> = BTreeMap::new();
    for pattern in patterns {
        let mut rows = pattern.group("customers").iter();
        let offered = rows.try_fold(Decimal::ZERO, |sum, row| sum.checked_add(row.value("customer_available_kw")?.number()?))?;
        let known = largest.entry(pattern.text("resource_code")).or_default();
        *known = offered.max(*known);
    }
    let sum = largest.values().try_fold(Decimal::ZERO, |sum, offered| sum.checked_add(*offered))?;
    (!sum.is_zero()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::doubt::Doubts;
    use crate::domain::extract::Field;
    use crate::domain::id::Permille;
    use crate::domain::place::Place;
    use crate::domain::value::Value;

    fn record(key: &str, value: Value) -> Record {
        let (raw, place) = (value.to_string(), Place::Typed { by: "test".into() });
        let field = Field { raw, value, place, confidence: Permille::SURE, doubts: Doubts::NONE };
        Record { fields: [(key.to_owned(), field)].into_iter().collect(), ..Record::default() }
    }

    fn offered(patterns: &[(&str, &[i64])]) -> Option<Decimal> {
        let pattern = |(resource, customers): &(&str, &[i64])| {
            let mut pattern = record("resource_code", Value::Code((*resource).into()));
            let rows: Vec<Record> = customers.iter().map(|kw| record("customer_available_kw", Value::Integer(*kw))).collect();
            pattern.groups.insert("customers".into(), rows.into());
            pattern
        };
        by_customers(&patterns.iter().map(pattern).collect::<Vec<_>>())
    }

    #[test]
    fn of_each_resource_the_largest_pattern_counts() {
        assert_eq!(offered(&[("R1", &[400, 600]), ("R1", &[1200]), ("R2", &[300])]), Some(Decimal::from(1500)));
        assert_eq!(offered(&[("R1", &[])]), None);
        assert_eq!(offered(&[]), None);
    }

    #[test]
    fn an_entry_that_is_no_number_leaves_nothing_to_sum() {
        let mut pattern = Record::default();
        pattern.groups.insert("customers".into(), vec![record("customer_available_kw", Value::Text("約100".into()))].into());
        assert_eq!(by_customers(&[pattern]), None);
    }
}
