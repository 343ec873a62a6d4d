//! From bytes to a reading: characters, cells, elements and parts, each with its place.
//!
//! Owns the formats, told apart by their bytes. Never asks what a value means, never keeps state.

pub mod book;
pub mod format;
pub mod paper;
pub mod text;
pub mod xml;

use crate::domain::reading::Reading;
use format::{Format, Source, Tools};

/// The formats in the order in which they are tried.
pub const FORMATS: &[Format] = &[
    Format { name: "xlsx", sniff: book::is_xlsx, read: book::read_xlsx },
    Format { name: "xlsb", sniff: book::is_xlsb, read: book::read_xlsb },
    Format { name: "ods", sniff: book::is_ods, read: book::read_ods },
    Format { name: "xls", sniff: book::is_ole, read: book::read_ole },
    Format { name: "xml", sniff: xml::sniff, read: xml::read },
    Format { name: "text", sniff: text::sniff, read: text::read },
];

/// Reads a document of any known format.
pub fn read(source: &Source<'_>, tools: &Tools<'_>) -> Reading {
    format::read(FORMATS, source, tools)
}
