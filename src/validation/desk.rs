//! The facts of the desk that rules hold papers against: plain data, handed in.

use crate::domain::calendar::Calendar;
use crate::domain::text;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The desk and what it has on file.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    pub tso_name: String,
    /// Code of its own area.
    pub area: String,
    /// Editions of the form with the day from which each is in force.
    pub editions: Vec<Edition>,
    pub regions: Vec<Region>,
    pub calendar: Calendar,
    /// Names that companies gave in earlier cases, by 法人番号.
    #[serde(default)]
    pub names_on_file: BTreeMap<String, BTreeSet<String>>,
    /// 供給地点特定番号 of other operators' cases.
    #[serde(default)]
    pub points_elsewhere: BTreeSet<String>,
    /// Areas in which companies, by 法人番号, have applied to other transmission operators.
    #[serde(default)]
    pub applied_elsewhere: BTreeMap<String, BTreeSet<String>>,
    /// Beginnings of the postal codes of each prefecture.
    #[serde(default)]
    pub postal_codes: BTreeMap<String, Vec<String>>,
    /// Highest 需要家リスト・パターン番号.
    pub max_patterns: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    pub name: String,
    pub since: Date,
}

/// A supply area and the prefectures that lie in it, wholly or in part.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    pub area: String,
    pub name: String,
    pub prefectures: Vec<String>,
}

/// How long the edition before the current one is still taken.
const GRACE_MONTHS: i32 = 3;

impl Desk {
    /// Whether an edition is taken on a day; `None` where the text is no edition that the desk can place.
    pub fn takes_edition(&self, written: &str, day: Date) -> Option<bool> {
        let mut editions: Vec<&Edition> = self.editions.iter().collect();
        editions.sort_by_key(|edition| edition.since);
        let current = editions.iter().rposition(|edition| edition.since <= day)?;
        let key = text::compare_key(written);
        let Some(named) = editions.iter().position(|edition| text::compare_key(&edition.name) == key) else {
            let issued = month_of(written)?;
            return Some(issued >= month_of(&editions.get(current)?.name)?);
        };
        let grace_ends = editions.get(current)?.since.checked_add(GRACE_MONTHS.months()).ok()?;
        Some(named >= current || named + 1 == current && day < grace_ends)
    }

    pub fn region(&self, area: &str) -> Option<&Region> {
        self.regions.iter().find(|region| region.area == area)
    }

    /// The prefecture that an address begins with, where any area knows it.
    pub fn prefecture<'a>(&'a self, address: &str) -> Option<&'a str> {
        let address = text::compare_key(address);
        self.regions.iter().flat_map(|region| &region.prefectures).find(|name| address.starts_with(name.as_str())).map(String::as_str)
    }
}

/// Year and month of `2026年4月版`.
fn month_of(edition: &str) -> Option<(i32, i32)> {
    let key = text::compare_key(edition);
    let (year, rest) = key.split_once('年')?;
    let (month, _) = rest.split_once('月')?;
    Some((year.parse().ok()?, month.parse().ok()?))
}
