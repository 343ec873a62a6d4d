//! The plants, by chapter of the catalogue.

mod application;
mod contract;
mod customers;
mod files;
mod operator;
mod price;
mod registration;
mod resource;
mod screening;

use crate::Plant;
use crate::desk::{At, Submission, healthy};
use serde_json::Value as Json;

/// The plants with the name of their file.
pub fn by_file() -> Vec<(&'static str, Vec<Plant>)> {
    vec![
        ("files", files::plants()),
        ("application", application::plants()),
        ("operator", operator::plants()),
        ("resource", resource::plants()),
        ("price", price::plants()),
        ("screening", screening::plants()),
        ("customers", customers::plants()),
        ("contract", contract::plants()),
        ("registration", registration::plants()),
    ]
}

pub fn all() -> Vec<Plant> {
    by_file().into_iter().flat_map(|(_, plants)| plants).collect()
}

type Words = &'static [(&'static str, &'static str)];

fn plant(code: &'static str, submission: Submission, says: Words, at: At, also: &'static [&'static str]) -> Plant {
    Plant { code, submission, says, at, also }
}

/// A healthy submission with one value changed.
fn one(flow: &'static str, pointer: &str, value: Json) -> Submission {
    healthy(flow).set(pointer, value)
}
