//! From events to the state of a case, and from its state to what happens next.
//!
//! Owns flows, the fold over events, deadlines and the matching of documents to cases.
//! Never renders a letter, never touches the ledger, never reads a clock.

pub mod beside;
pub mod certificates;
pub mod changes;
pub mod compare;
pub mod correction;
pub mod deed;
pub mod drawing;
pub mod facts;
pub mod flow;
pub mod fold;
pub mod history;
pub mod idle;
mod late;
pub mod matching;
pub mod overtaken;
mod partial;
pub mod settling;
pub mod step;
pub mod wording;

#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;
