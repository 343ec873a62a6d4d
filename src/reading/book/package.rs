//! The zip around a workbook: which parts it has and what they weigh unpacked.

use super::cells::Broken;
use super::enclosed;
use super::unseen::Unseen;
use crate::domain::reading::Part;
use crate::reading::format::Limits;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// What was seen of a package before it was parsed.
#[derive(Default)]
pub struct Package {
    pub macros: bool,
    /// Sheets may hold formulas, so that a look for those without a value is due.
    pub formulas: bool,
    /// Hidden rows and columns, texts that are struck out.
    pub unseen: Unseen,
    /// Cells that an OpenDocument table spans, repetitions counted.
    pub ods_cells: Option<usize>,
    /// Documents that lie in it as objects.
    pub enclosed: Vec<Part>,
}

fn open(bytes: &[u8]) -> Option<ZipArchive<Cursor<&[u8]>>> {
    bytes.starts_with(b"PK").then(|| ZipArchive::new(Cursor::new(bytes)).ok()).flatten()
}

/// Names of the members, in lower case, with `/` between folders: Excel minds neither.
pub fn names(bytes: &[u8]) -> Option<Vec<String>> {
    let zip = open(bytes)?;
    Some(zip.file_names().flatten().map(|name| name.replace('\\', "/").to_lowercase()).collect())
}

/// The beginning of a member.
pub fn member(bytes: &[u8], name: &str, limit: u64) -> Option<Vec<u8>> {
    let mut zip = open(bytes)?;
    let mut content = Vec::new();
    zip.by_name(name).ok()?.take(limit).read_to_end(&mut content).ok()?;
    Some(content)
}

/// Unpacks every member once without keeping it. Declared sizes can lie; measured ones cannot.
pub fn weigh(bytes: &[u8], limits: &Limits) -> Result<Package, Broken> {
    let mut zip = open(bytes).ok_or(Broken::Damaged)?;
    let mut package = Package::default();
    let mut left = limits.unpacked as u64;
    let mut hides = false;
    if zip.len() > limits.parts * 20 {
        return Err(Broken::TooLarge);
    }
    let declared: Option<u64> =
        (0..zip.len()).try_fold(0u64, |sum, n| sum.checked_add(zip.by_index_raw(n).ok().map_or(0, |member| member.size())));
    if declared.is_none_or(|sum| sum > left) {
        return Err(Broken::TooLarge);
    }
    for n in 0..zip.len() {
        let member = zip.by_index(n).map_err(|_| Broken::Damaged)?;
        if member.encrypted() {
            return Err(Broken::Locked);
        }
        let name = member.name().map_err(|_| Broken::Damaged)?.replace('\\', "/").to_lowercase();
        package.macros |= name.ends_with("vbaproject.bin") || name.starts_with("xl/macrosheets/") || name.starts_with("basic/");
        let sheet = (name.starts_with("xl/worksheets/") || name == "xl/sharedstrings.xml") && name.ends_with(".xml");
        let mut watch = Watch::new(sheet, name.ends_with(".xml") || name.ends_with(".rels"));
        let mut member = member.take(left + 1);
        let mut chunk = [0u8; 16 << 10];
        let mut content = Vec::new();
        loop {
            let read = member.read(&mut chunk).map_err(|_| Broken::Damaged)?;
            let Some(fresh) = chunk.get(..read).filter(|fresh| !fresh.is_empty()) else { break };
            left = left.checked_sub(read as u64).ok_or(Broken::TooLarge)?;
            watch.see(fresh);
            if name == "content.xml" || name.starts_with(enclosed::FOLDER) {
                content.extend_from_slice(fresh);
            }
        }
        // Neither Excel nor LibreOffice writes a DOCTYPE; whoever did means harm.
        if watch.doctype {
            return Err(Broken::Damaged);
        }
        package.formulas |= watch.formula;
        hides |= watch.hides;
        if name == "content.xml" {
            package.ods_cells = spanned(&content, limits.cells);
        }
        if name.starts_with(enclosed::FOLDER) {
            package.enclosed.extend(enclosed::document(&name, content, package.enclosed.len() + 1));
        }
        if package.enclosed.len() > limits.parts {
            return Err(Broken::TooLarge);
        }
    }
    if hides {
        package.unseen = Unseen::look(bytes, limits.unpacked);
    }
    Ok(package)
}

/// Looks for a few words in a stream of chunks.
struct Watch {
    sheet: bool,
    xml: bool,
    formula: bool,
    /// Something may be hidden or struck out.
    hides: bool,
    doctype: bool,
    tail: Vec<u8>,
}

impl Watch {
    fn new(sheet: bool, xml: bool) -> Self {
        Watch { sheet, xml, formula: false, hides: false, doctype: false, tail: Vec::new() }
    }

    fn see(&mut self, chunk: &[u8]) {
        if !self.xml && !self.sheet {
            return;
        }
        self.tail.extend_from_slice(chunk);
        let has = |word: &[u8]| self.tail.windows(word.len()).any(|window| window == word);
        self.formula |= self.sheet && !self.formula && (has(b"<f>") || has(b"<f "));
        let hides = |window: &[u8]| window.starts_with(b"<strike") || matches!(window, b"hidden=\"1" | b"hidden=\"t");
        self.hides |= self.sheet && !self.hides && self.tail.windows(9).any(hides);
        self.doctype |= has(b"<!DOCTYPE") || has(b"<!ENTITY");
        let keep = self.tail.len().saturating_sub(12);
        self.tail.drain(..keep);
    }
}

/// Cells between the corner and the last filled one of each table, counted as often as they are repeated;
/// `None` where the XML is broken or the count passes the limit.
fn spanned(content: &[u8], limit: usize) -> Option<usize> {
    let text = std::str::from_utf8(content).ok()?;
    let mut reader = Reader::from_str(text);
    let (mut total, mut rows, mut widest, mut repeat, mut column, mut filled, mut pending_rows) =
        (0usize, 0usize, 0usize, 1usize, 0usize, 0usize, 0usize);
    loop {
        let event = reader.read_event().ok()?;
        let empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(e) | Event::Empty(e) => {
                let number = |name: &str| {
                    e.attributes()
                        .flatten()
                        .find(|attribute| attribute.key.as_ref() == name)
                        .and_then(|attribute| attribute.value.parse::<usize>().ok())
                        .unwrap_or(1)
                };
                match e.name().as_ref() {
                    "table:table" => (rows, widest, pending_rows) = (0, 0, 0),
                    "table:table-row" => {
                        (repeat, column, filled) = (number("table:number-rows-repeated"), 0, 0);
                        if empty {
                            pending_rows = pending_rows.saturating_add(repeat);
                        }
                    }
                    "table:table-cell" | "table:covered-table-cell" => {
                        column = column.saturating_add(number("table:number-columns-repeated")).min(16_384);
                        if !empty
                            || e.attributes().flatten().any(|a| a.key.as_ref().starts_with("office:") || a.key.as_ref() == "table:formula")
                        {
                            filled = column;
                        }
                    }
                    _ => {}
                }
            }
            Event::End(e) => match e.name().as_ref() {
                "table:table-row" if filled == 0 => pending_rows = pending_rows.saturating_add(repeat),
                "table:table-row" => {
                    rows = rows.saturating_add(pending_rows).saturating_add(repeat);
                    pending_rows = 0;
                    widest = widest.max(filled);
                    // What the parser holds: the cells of the rows as written, then the whole rectangle.
                    total = total.saturating_add(filled);
                    if total.saturating_add(rows.saturating_mul(widest)) > limit {
                        return None;
                    }
                }
                "table:table" => total = total.saturating_add(rows.saturating_mul(widest)),
                _ => {}
            },
            Event::Eof => return Some(total),
            Event::DocType(_) => return None,
            _ => {}
        }
    }
}
