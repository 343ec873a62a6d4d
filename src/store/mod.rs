//! The ledger (SQLite) and the originals under their SHA-256.
//!
//! Owns all SQL and the state folder. Never decides anything about a case.

mod accounts;
mod archive;
mod arrivals;
mod audit;
mod chain;
mod connection;
mod drafts;
mod ledger;
mod lists;
mod lock;
mod log;
mod looked;
mod mailbox;
mod originals;
mod readings;
mod sendings;
mod settlement;

pub use accounts::Account;
pub use archive::{Backup, backup, restore};
pub use arrivals::{Arrival, Part, Receipt};
pub use audit::{Outlet, Paper, Stock, Written};
pub use chain::{Break, Chain};
pub use connection::Ledger;
pub use ledger::{Arrived, CameAgain, CaseRow, OutboxRow, Pending, Unsettled, When};
pub use lists::{Brief, Listed, Placed, Tally, Wanted};
pub use lock::Lock;
pub use log::Drop;
pub use looked::{ANYTHING, DOCUMENT, Looked, Matter, Signs};
pub use originals::Originals;
pub use readings::{Effort, Efforts};
pub use sendings::{Sending, Standing};
pub use settlement::{Settled, Status, Verdict};

#[cfg(test)]
pub mod tests;
