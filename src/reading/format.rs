//! The table of formats, and the port to the recogniser as readers see it.

use crate::domain::finding::Remark;
use crate::domain::id::DocId;
use crate::domain::reading::{Content, Reading};
pub use sight::picture::Grey;
pub use sight::port::{Blind, Ocr, Strip, StripGlyph};

/// What a reader is given. The name is for messages only: formats are told apart by their bytes.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    pub doc: DocId,
    pub name: &'a str,
    pub bytes: &'a [u8],
}

/// Bounds for untrusted input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of one file.
    pub bytes: usize,
    /// Bytes of everything inside one archive, stream or workbook, unpacked.
    pub unpacked: usize,
    pub pages: usize,
    /// Pixels of one page.
    pub pixels: usize,
    /// Depth of elements, of archives in archives, of messages in messages.
    pub depth: usize,
    /// Parts of one mail or archive.
    pub parts: usize,
    /// Cells of one workbook.
    pub cells: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { bytes: 64 << 20, unpacked: 256 << 20, pages: 300, pixels: 64_000_000, depth: 64, parts: 500, cells: 4_000_000 }
    }
}

/// What readers may use.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    pub ocr: &'a dyn Ocr,
    pub limits: Limits,
}

/// What a reader made of its source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    pub content: Content,
    pub remarks: Vec<Remark>,
}

impl Outcome {
    pub fn of(content: Content) -> Self {
        Outcome { content, remarks: Vec::new() }
    }

    /// Nothing could be read; the remark says why.
    pub fn unreadable(remark: Remark) -> Self {
        Outcome { content: Content::Unreadable, remarks: vec![remark] }
    }
}

/// One format: how its bytes look and who reads it.
pub struct Format {
    pub name: &'static str,
    pub sniff: fn(&[u8]) -> bool,
    pub read: fn(&Source<'_>, &Tools<'_>) -> Outcome,
}

/// Reads a document with the first format of the table whose bytes fit.
pub fn read(formats: &[Format], source: &Source<'_>, tools: &Tools<'_>) -> Reading {
    let done = |format: &str, outcome: Outcome| Reading {
        doc: source.doc,
        format: format.to_owned(),
        content: outcome.content,
        remarks: outcome.remarks,
    };
    if source.bytes.len() > tools.limits.bytes {
        return done("oversized", Outcome::unreadable(Remark::new("M-007").word("file", source.name)));
    }
    if source.bytes.is_empty() {
        return done("empty", Outcome::unreadable(Remark::new("M-001").word("file", source.name)));
    }
    match formats.iter().find(|format| (format.sniff)(source.bytes)) {
        Some(format) => done(format.name, (format.read)(source, tools)),
        None => done("unknown", Outcome::unreadable(Remark::new("M-003").word("file", source.name))),
    }
}
