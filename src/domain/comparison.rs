//! The contract beside the registration: what was compared, as both print it, and what came of it.

use crate::domain::place::Place;
use serde::{Deserialize, Serialize};

/// One line of the comparison: both originals, both places, the verdict.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pair {
    pub label: String,
    /// The code of the catalogue under which a difference is told.
    #[serde(default)]
    pub code: String,
    /// As the contract prints it.
    pub contract: String,
    pub contract_place: Option<Place>,
    /// As it is registered in MMS.
    pub registered: String,
    pub registered_place: Option<Place>,
    pub verdict: Verdict,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Equal,
    Differs,
    /// Off by 10, 1000 or 10000: kW, MW, 万kW.
    Slip,
    /// One of the two was not read without doubt: never equal, whatever it looks like.
    Doubtful,
    /// One of the two says nothing.
    Lacking,
}

impl Verdict {
    /// As the operation sheet prints it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Equal => "一致",
            Verdict::Differs => "相違",
            Verdict::Slip => "桁違い",
            Verdict::Doubtful => "要確認",
            Verdict::Lacking => "記載なし",
        }
    }
}

impl Pair {
    pub fn is_equal(&self) -> bool {
        self.verdict == Verdict::Equal
    }

    /// The page of the contract.
    pub fn page(&self) -> Option<u32> {
        match self.contract_place {
            Some(Place::Page { page, .. }) => Some(page),
            _ => None,
        }
    }
}
