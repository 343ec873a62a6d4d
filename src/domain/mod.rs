//! The nouns that every stage shares.
//!
//! Owns the types that travel between stages and the rules for comparing text and dates.
//! Never does input or output, never reads a clock, never knows a file format.

pub mod calendar;
pub mod case;
pub mod comparison;
pub mod date;
pub mod document;
pub mod extract;
pub mod finding;
pub mod id;
pub mod language;
pub mod letter;
pub mod likeness;
pub mod picture;
pub mod place;
pub mod reading;
pub mod secret;
pub mod text;
pub mod value;
