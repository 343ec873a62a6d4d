//! One document's story, from bytes to findings, and one case's, from findings to letters.
//!
//! Owns the order of the stages and nothing else.

use crate::catalogue::Catalogue;
use crate::domain::extract::Extract;
use crate::domain::finding::Finding;
use crate::domain::id::DocId;
use crate::extraction;
use crate::reading;
use crate::reading::format::{Source, Tools};

/// What the desk knows of a document before any case is looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Digest {
    pub doc: DocId,
    pub name: String,
    pub format: String,
    pub extract: Extract,
    pub findings: Vec<Finding>,
    /// Attachments and members of archives.
    pub parts: Vec<Digest>,
}

/// Reads, extracts and checks one document and what lies inside it. Pure.
pub fn digest(name: &str, bytes: &[u8], tools: &Tools<'_>, catalogue: &Catalogue) -> Digest {
    let doc = DocId::of(bytes);
    let reading = reading::read(&Source { doc, name, bytes }, tools);
    let extract = extraction::extract(&reading, name, &catalogue.forms());
    let findings = extract.remarks.iter().map(|remark| catalogue.finding(remark, extract.document.as_str())).collect();
    let parts = reading.content.parts().iter().map(|part| digest(&part.name, &part.bytes, tools, catalogue)).collect();
    Digest { doc, name: name.to_owned(), format: reading.format, extract, findings, parts }
}
