//! From a reading to an extract: which document it is, and what its fields say.
//!
//! Owns recognition and location of values, driven by the forms of the catalogue.
//! Never opens a file, never decides whether a value is right.

mod addresses;
pub mod contract;
pub mod corrections;
pub mod credentials;
pub mod decode;
pub mod doubts;
pub mod form;
#[cfg(test)]
mod form_tests;
mod glosses;
pub mod kana;
pub mod labels;
pub mod layout;
pub mod locate;
pub mod lookalike;
pub mod mail;
pub mod marks;
#[cfg(test)]
mod official_tests;
pub mod operation;
mod options;
pub mod patterns;
mod places;
pub mod record;
mod remains;
mod repairs;
#[cfg(test)]
mod scan_tests;
pub mod sheets;
pub mod signs;
#[cfg(test)]
mod sketch;
pub mod speech;
mod ticks;
pub mod tree;
pub mod typed;
pub mod variants;

use crate::domain::document::{DocumentKind, DocumentSpec};
use crate::domain::doubt::Doubts;
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::finding::Remark;
use crate::domain::id::Permille;
use crate::domain::place::{Area, Place};
use crate::domain::reading::{Content, Mail, Page, Reading};
use crate::domain::value::Value;
use typed::Lists;

/// The field of an archive that names its shut members.
pub const LOCKED: &str = "locked";

/// What the catalogue says about documents.
#[derive(Clone, Copy)]
pub struct Forms<'a> {
    pub documents: &'a [DocumentSpec],
    pub lists: &'a Lists,
}

impl Forms<'_> {
    pub fn spec(&self, id: &str) -> Option<&DocumentSpec> {
        self.documents.iter().find(|spec| spec.id.as_str() == id)
    }
}

/// The extract of a reading. A document that nobody recognises is of kind `unknown` and says so.
pub fn extract(reading: &Reading, name: &str, forms: &Forms<'_>) -> Extract {
    let mut extract = match &reading.content {
        Content::Paper { pages, .. } => operation::from_paper(reading.doc, pages, forms).or_else(|| paper(reading, pages, name, forms)),
        Content::Book { sheets, .. } => operation::from_sheets(reading.doc, sheets, forms)
            .or_else(|| credentials::from_sheets(reading.doc, sheets, forms))
            .or_else(|| sheets::extract(reading.doc, sheets, forms))
            .or_else(|| record::from_sheets(reading.doc, sheets)),
        Content::Tree { root } => tree::extract(reading.doc, root, forms).map(|extract| credentials::from_tree(extract, forms)),
        Content::Mail(mail) => Some(mail::extract(reading.doc, mail, forms)).map(|extract| heard(extract, mail, reading, name, forms)),
        Content::Archive { locked, .. } => Some(archive(reading, locked)),
        Content::Text { text } => operation::from_text(reading.doc, text, forms)
            .or_else(|| credentials::from_text(reading.doc, text, forms))
            .or_else(|| record::from_text(reading.doc, text)),
        Content::Unreadable => Some(bare(reading, "unknown")),
    }
    .unwrap_or_else(|| {
        let mut unknown = bare(reading, "unknown");
        unknown.remarks.push(Remark::new("M-008").word("file", name).at(Place::Whole { doc: reading.doc }));
        unknown
    });
    extract.remarks.splice(0..0, reading.remarks.iter().cloned());
    if let Content::Paper { pages, .. } = &reading.content {
        places::into_file(&mut extract, pages);
    }
    // What is said of no place in particular is said of the document.
    for remark in extract.remarks.iter_mut().filter(|remark| remark.place.is_none()) {
        remark.place = Some(Place::Whole { doc: reading.doc });
    }
    extract
}

/// The same with what a person must read of its words.
fn heard(extract: Extract, mail: &Mail, reading: &Reading, name: &str, forms: &Forms<'_>) -> Extract {
    let speech = forms.spec(extract.document.as_str()).and_then(|spec| spec.speech.as_ref());
    let remarks = speech.map_or_else(Vec::new, |speech| speech::remarks(mail, name, &reading.remarks, speech));
    Extract { remarks, ..extract }
}

fn bare(reading: &Reading, kind: &str) -> Extract {
    let pages = match &reading.content {
        Content::Paper { pages, .. } => pages.len() as u32,
        _ => 0,
    };
    Extract {
        doc: reading.doc,
        document: DocumentKind::new(kind),
        pages,
        turned: Default::default(),
        fields: Record::default(),
        sets: Default::default(),
        remarks: Vec::new(),
    }
}

/// An archive says nothing but which members a password keeps shut.
fn archive(reading: &Reading, locked: &[String]) -> Extract {
    let mut extract = bare(reading, "archive");
    if !locked.is_empty() {
        let field = Field {
            value: Value::Names(locked.to_vec()),
            raw: locked.join("\n"),
            place: Place::Whole { doc: reading.doc },
            confidence: Permille::SURE,
            doubts: Doubts::NONE,
        };
        extract.fields.fields.insert(LOCKED.to_owned(), field);
    }
    extract
}

/// A paper is what its title says; a contract names its parties where a form has fields. What was scanned behind or before a contract is
/// no part of it: a person has to part them.
fn paper(reading: &Reading, pages: &[Page], name: &str, forms: &Forms<'_>) -> Option<Extract> {
    let Some(mut extract) = contract::extract(reading.doc, pages, forms) else { return form::extract(reading.doc, pages, forms) };
    let other = form::begins(pages, forms).or_else(|| contract::begins_again(pages, forms));
    if let Some(page) = other.and_then(|n| pages.get(n)) {
        let place = Place::Page { doc: reading.doc, page: page.number, area: Area::new(0, 0, page.width, page.height) };
        extract.remarks.push(Remark::new("M-008").word("file", name).at(place));
    }
    Some(extract)
}
