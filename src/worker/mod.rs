//! Reading in processes of their own: what strangers wrote is parsed where it can hurt nobody.
//!
//! Owns the processes, what is said to them, their bounds and the fence around them. Never knows a format, never writes a
//! file. A panic, an abort, an endless loop, a full stack or a bomb costs the one document that brought it, also where
//! that lies in a mail.

mod bounds;
mod fence;
mod form;
mod keys;
mod pieces;
mod process;
mod readers;
mod serve;
#[cfg(debug_assertions)]
mod trial;
mod wire;

pub use bounds::Bounds;
pub use fence::Fences;
pub use keys::KeyRing;
pub use readers::{PROGRAM, Readers, Task};
pub use serve::serve;

/// The hidden verb under which the program reads for another of its kind.
pub const VERB: &str = "worker";
