//! From what was decided to what leaves the desk: letters with final bytes, and the pages of the outbox.
//!
//! Owns wording (through the templates of `notices/` and `_shared/`), the make-up of mails, pages and sheets,
//! and the list of what must never leave. Never decides what is sent, never sends, never reads a clock:
//! the same data and the same [`Meta`] give the same bytes.

mod guard;
pub mod mail;
pub mod monthly;
mod names;
pub mod notice;
pub mod outbox;
pub mod page;
mod sheet;
mod words;
mod wrap;

pub use crate::notices::notice::{Book, Meta};
