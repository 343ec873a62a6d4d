//! Two versions of a data set: which record of the one is which of the other.
//!
//! Owns what tells records apart. Never judges what they say.

use crate::domain::extract::Record;
use crate::domain::text;
use crate::domain::value::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    Left,
    Right,
}

/// What a field says when records are told apart by it; `None` where it is blank.
pub type Read<'r> = &'r dyn Fn(Side, &Record, &str) -> Option<String>;

/// What names a resource, in its own set and in those that speak of it.
const RESOURCE_NAMES: &[&str] = &["resource_code", "resource_short_name", "resource_name"];

/// The resource that a record is or speaks of, by each of its names as they are compared.
pub fn resource_names(record: &Record) -> impl Iterator<Item = String> {
    RESOURCE_NAMES.iter().filter_map(|key| record.value(key)).map(plain).filter(|name| !name.is_empty())
}

/// The fields that tell the records of a set apart: all of the first, or where one side lacks them or they differ, of the next.
pub fn ways(set: &str) -> &'static [&'static [&'static str]] {
    match set {
        "resource" => &[&["resource_code"], &["resource_short_name"], &["resource_name"]],
        "unit_price" => {
            &[&["resource_code", "operation_pattern_no", "valid_from"], &["resource_code", "operation_pattern_no"], &["resource_code"]]
        }
        "customer_pattern" => &[&["resource_code", "pattern_no"], &["resource_code"]],
        _ => &[],
    }
}

/// Whether records are no versions of any that came later, since none of those names one of them. What no name tells apart is a version.
pub fn name_others<'a>(later: impl IntoIterator<Item = &'a [Record]>, records: &'a [Record], ways: &[&[&str]]) -> bool {
    later.into_iter().all(|known| !ways.is_empty() && Twins::of(known, records, ways, &read).pairs.is_empty())
}

/// A value as records are told apart by it, however it is typed.
pub fn plain(value: &Value) -> String {
    value.number().map_or_else(|| text::compare_key(&value.to_string()), |number| number.normalize().to_string())
}

/// What a field says, the same on either side.
pub fn read(_: Side, record: &Record, key: &str) -> Option<String> {
    record.value(key).map(plain)
}

/// The records of both sides, those that belong together as pairs.
pub struct Twins<'a> {
    pub pairs: Vec<(&'a Record, &'a Record)>,
    pub left: Vec<&'a Record>,
    pub right: Vec<&'a Record>,
}

impl<'a> Twins<'a> {
    pub fn of(left: &'a [Record], right: &'a [Record], ways: &[&[&str]], read: Read<'_>) -> Self {
        let mut twins = Twins { pairs: Vec::new(), left: left.iter().collect(), right: Vec::new() };
        twins.right = twins.pair_with(right, ways, read);
        twins
    }

    /// Pairs what only the left has with another list, and gives back what is left over of that.
    pub fn pair_with(&mut self, right: &'a [Record], ways: &[&[&str]], read: Read<'_>) -> Vec<&'a Record> {
        let own = std::mem::replace(&mut self.right, right.iter().collect());
        ways.iter().filter(|keys| !keys.is_empty()).for_each(|keys| self.pair_by(keys, read));
        std::mem::replace(&mut self.right, own)
    }

    fn pair_by(&mut self, keys: &[&str], read: Read<'_>) {
        let name = |side, record: &Record| keys.iter().map(|key| read(side, record, key)).collect::<Option<Vec<String>>>();
        let mut named: BTreeMap<Vec<String>, VecDeque<(usize, &'a Record)>> = BTreeMap::new();
        for (n, record) in self.right.iter().enumerate() {
            if let Some(name) = name(Side::Right, record) {
                named.entry(name).or_default().push_back((n, record));
            }
        }
        let mut taken = BTreeSet::new();
        for record in std::mem::take(&mut self.left) {
            match name(Side::Left, record).and_then(|name| named.get_mut(&name)?.pop_front()) {
                Some((n, twin)) => {
                    taken.insert(n);
                    self.pairs.push((record, twin));
                }
                None => self.left.push(record),
            }
        }
        let right = std::mem::take(&mut self.right).into_iter().enumerate();
        self.right = right.filter(|(n, _)| !taken.contains(n)).map(|(_, record)| record).collect();
    }

    /// What no name tells apart goes by its order.
    pub fn in_order(mut self) -> Self {
        let count = self.left.len().min(self.right.len());
        self.pairs.extend(self.left.drain(..count).zip(self.right.drain(..count)));
        self
    }
}
