//! The ledger (SQLite) and the originals under their SHA-256.
//!
//! Owns all SQL and the state folder. Never decides anything about a case.

mod arrivals;
mod ledger;
mod lock;
mod log;
mod originals;

pub use arrivals::{Arrival, Part, Receipt};
pub use ledger::{Arrived, CameAgain, CaseRow, Ledger, OutboxRow, Pending, Settled, Status, Verdict};
pub use lock::Lock;
pub use log::Drop;
pub use originals::Originals;
