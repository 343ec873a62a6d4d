//! Documents that lie in a workbook as objects: a PDF, a workbook or any other file that somebody has inserted into a sheet.
//!
//! Owns how Office wraps them. Never reads one: each is an arrival of its own. Formulas, pictures and controls that are kept the same
//! way are no documents, and are passed over.

use crate::domain::reading::Part;
use crate::reading::ole::{self, Container};
use crate::reading::{charset, names};

/// Where a workbook keeps its objects.
pub const FOLDER: &str = "xl/embeddings/";

/// The document that is one of these members; `None` where it is none. `number` names one that has no name of its own.
pub fn document(member: &str, bytes: Vec<u8>, number: usize) -> Option<Part> {
    let own = names::clean(member, &format!("埋込{number}"));
    if bytes.starts_with(b"PK\x03\x04") {
        return Some(Part { name: own, bytes });
    }
    let container = Container::open(&bytes)?;
    if let Some((name, bytes)) = container.stream("\u{1}Ole10Native").and_then(|stream| native(&stream)) {
        return Some(Part { name: names::clean(&name, &own), bytes });
    }
    let streams = ["CONTENTS", "Package"].into_iter().filter_map(|name| container.stream(name));
    if let Some(bytes) = streams.into_iter().find(|stream| stream.starts_with(b"%PDF-") || stream.starts_with(b"PK\x03\x04")) {
        let ending = if bytes.starts_with(b"PK") { "" } else { ".pdf" };
        return Some(Part { name: format!("埋込{number}{ending}"), bytes });
    }
    let is_document = ["Workbook", "Book", "WordDocument", "PowerPoint Document"].into_iter().any(|name| container.holds(name));
    is_document.then_some(Part { name: own, bytes })
}

/// Name and bytes of a file that Windows has packed: its size, a sign, two names, a third one that has its length before it, the bytes.
fn native(stream: &[u8]) -> Option<(String, Vec<u8>)> {
    let mut rest = stream.get(4..)?.strip_prefix(&[2, 0])?;
    let label = word(&mut rest)?;
    let path = word(&mut rest)?;
    rest = rest.get(4..)?;
    let length = ole::u32_at(rest, 0)? as usize;
    rest = rest.get(4..)?.get(length..)?;
    let size = ole::u32_at(rest, 0)? as usize;
    let bytes = rest.get(4..)?.get(..size)?;
    let name = if label.is_empty() { path } else { label };
    Some((charset::sniff(name), bytes.to_vec()))
}

/// What stands before the next zero.
fn word<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| *byte == 0)?;
    let (word, behind) = rest.split_at(end);
    *rest = &behind[1..];
    Some(word)
}
