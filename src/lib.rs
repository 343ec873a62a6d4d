//! `uketsuke` (受付): the reception desk of a transmission operator for registrations in MMS.
//!
//! The floors of the house are listed in `tests/shape.rs` and drawn in `docs/architecture.md`.
#![forbid(unsafe_code)]

pub mod catalogue;
pub mod cli;
pub mod domain;
pub mod extraction;
pub mod fault;
pub mod files;
pub mod intake;
pub mod ocr;
pub mod pipeline;
pub mod quarantine;
pub mod reading;
pub mod validation;
