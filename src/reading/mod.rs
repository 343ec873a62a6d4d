//! From bytes to a reading: characters, cells, elements and parts, each with its place.
//!
//! Owns the formats, told apart by their bytes. Never asks what a value means, never keeps state.

pub mod format;
pub mod image;
pub mod paper;
pub mod pdf;
pub mod scale;

use crate::domain::reading::Reading;
use format::{Format, Source, Tools};

/// The formats in the order in which they are tried.
pub const FORMATS: &[Format] = &[Format { name: "pdf", sniff: pdf::sniff, read: pdf::read }, image::TIFF, image::JPEG, image::PNG];

/// Reads a document of any known format.
pub fn read(source: &Source<'_>, tools: &Tools<'_>) -> Reading {
    format::read(FORMATS, source, tools)
}
