//! `uketsuke` (受付): the reception desk of a transmission operator for registrations in MMS.
//!
//! The floors of the house are listed in `tests/shape.rs` and drawn in `docs/architecture.md`.
#![forbid(unsafe_code)]

pub mod casework;
pub mod catalogue;
pub mod cli;
pub mod config;
pub mod desk;
pub mod dispatch;
pub mod doctor;
pub mod domain;
pub mod drawing;
pub mod export;
pub mod extraction;
pub mod fault;
pub mod files;
pub mod intake;
pub mod issuance;
pub mod mailbox;
pub mod notices;
pub mod pipeline;
pub mod post;
pub mod quarantine;
pub mod reading;
pub mod report;
pub mod store;
mod tables;
pub mod validation;
pub mod watch;
pub mod web;
pub mod worker;
