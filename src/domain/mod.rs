//! The nouns that every stage shares.
//!
//! Owns the types that travel between stages and the rules for comparing text and dates.
//! Never does input or output, never reads a clock, never knows a file format.

pub mod calendar;
pub mod case;
pub mod comparison;
pub mod date;
pub mod document;
pub mod doubt;
pub mod extract;
pub mod fields;
pub mod finding;
pub mod form;
pub mod id;
pub mod language;
pub mod letter;
pub mod likeness;
pub mod name;
pub mod offered;
pub mod pattern;
pub mod picture;
pub mod place;
pub mod reading;
pub mod secret;
pub mod speech;
mod table;
pub mod text;
pub mod twins;
pub mod units;
pub mod value;

use std::borrow::Cow;
use std::collections::BTreeMap;

/// The files of a catalogue by path, with `/` between folders. Those that the program carries are not copied.
pub type Files = BTreeMap<String, Cow<'static, [u8]>>;
