//! From bytes to a reading: characters, cells, elements and parts, each with its place.
//!
//! Owns the formats, told apart by their bytes. Never asks what a value means, never keeps state.

pub mod book;
pub mod charset;
pub mod executable;
pub mod fax;
pub mod format;
pub mod image;
pub mod mail;
pub mod mbox;
pub mod msg;
pub mod names;
pub mod ole;
pub mod pdf;
pub mod text;
pub mod tiff;
pub mod tnef;
pub mod view;
pub mod xml;
pub mod zip;

use crate::domain::reading::{Content, Reading};
use crate::domain::secret::Secret;
use format::{Format, Source, Tools};

/// The formats in the order in which they are tried.
pub const FORMATS: &[Format] = &[
    Format { name: "executable", sniff: executable::sniff, read: executable::read },
    pdf::PDF,
    tiff::TIFF,
    image::JPEG,
    image::PNG,
    Format { name: "xlsx", sniff: book::is_xlsx, read: book::read_xlsx },
    Format { name: "xlsb", sniff: book::is_xlsb, read: book::read_xlsb },
    Format { name: "ods", sniff: book::is_ods, read: book::read_ods },
    Format { name: "msg", sniff: msg::sniff, read: msg::read },
    Format { name: "xls", sniff: book::is_ole, read: book::read_ole },
    Format { name: "zip", sniff: zip::sniff, read: zip::read },
    Format { name: "tnef", sniff: tnef::sniff, read: tnef::read },
    Format { name: "mbox", sniff: mbox::sniff, read: mbox::read },
    Format { name: "eml", sniff: mail::sniff, read: mail::read },
    pdf::PDF_BEHIND,
    Format { name: "xml", sniff: xml::sniff, read: xml::read },
    Format { name: "text", sniff: text::sniff, read: text::read },
];

/// Reads a document of any known format.
pub fn read(source: &Source<'_>, tools: &Tools<'_>) -> Reading {
    format::read(FORMATS, source, tools)
}

/// Whether the bytes are one mail, in whichever form.
pub fn is_mail(bytes: &[u8]) -> bool {
    mail::sniff(bytes) || msg::sniff(bytes)
}

/// Reads an archive once more whose members a password keeps shut; anything else stays as it was read.
pub fn unlock(reading: Reading, source: &Source<'_>, tools: &Tools<'_>, passwords: &[Secret]) -> Reading {
    match &reading.content {
        Content::Archive { locked, .. } if !locked.is_empty() && !passwords.is_empty() => {
            let outcome = zip::open_with(source, &tools.limits, passwords);
            Reading { content: outcome.content, remarks: outcome.remarks, ..reading }
        }
        _ => reading,
    }
}
