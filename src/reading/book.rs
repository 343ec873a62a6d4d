//! Workbooks: xlsx, xlsm, xlsb, ods and xls, through `calamine`.
//!
//! Owns which container is a workbook, its bounds and what a cell shows. Never asks what a sheet is for.
//! Sizes are measured before anything is parsed: the parsers allocate what a file claims.

mod biff;
mod cells;
mod enclosed;
mod numbers;
mod package;
mod unseen;

use crate::domain::finding::Remark;
use crate::domain::reading::{Content, Part, Sheet};
use crate::reading::format::{Outcome, Source, Tools};
use crate::reading::{executable, ole};
use cells::Broken;
use package::Package;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A zip with the parts of an Excel workbook in XML.
pub fn is_xlsx(bytes: &[u8]) -> bool {
    package::names(bytes).is_some_and(|names| names.iter().any(|name| name.starts_with("xl/") && name.ends_with(".xml")) && !binary(&names))
}

/// A zip with the parts of an Excel workbook in binary records.
pub fn is_xlsb(bytes: &[u8]) -> bool {
    package::names(bytes).is_some_and(|names| binary(&names))
}

fn binary(names: &[String]) -> bool {
    names.iter().any(|name| name.starts_with("xl/workbook") && name.ends_with(".bin"))
}

/// A zip that calls itself an OpenDocument spreadsheet.
pub fn is_ods(bytes: &[u8]) -> bool {
    package::names(bytes).is_some_and(|names| names.iter().any(|name| name == "content.xml"))
        && package::member(bytes, "mimetype", 128).is_some_and(|mime| mime.starts_with(b"application/vnd.oasis.opendocument.spreadsheet"))
}

/// An OLE container: xls, an encrypted workbook, or something else of Office's.
pub fn is_ole(bytes: &[u8]) -> bool {
    bytes.starts_with(ole::MAGIC)
}

pub fn read_xlsx(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    packed(source, tools, |package| cells::xlsx(source.bytes, package, &tools.limits))
}

pub fn read_xlsb(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    packed(source, tools, |_| cells::xlsb(source.bytes, &tools.limits))
}

pub fn read_ods(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    // A password turns the parts into noise; the list of parts says so.
    let parts = package::member(source.bytes, "META-INF/manifest.xml", 1 << 20).unwrap_or_default();
    if parts.windows(24).any(|window| window == b"manifest:encryption-data") {
        return failed(source, Broken::Locked);
    }
    packed(source, tools, |package| match package.ods_cells {
        Some(cells) if cells <= tools.limits.cells => cells::ods(source.bytes, &tools.limits),
        _ => Err(Broken::TooLarge),
    })
}

pub fn read_ole(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    let Some(container) = ole::Container::open(source.bytes) else { return failed(source, Broken::Damaged) };
    if container.holds("EncryptedPackage") || container.holds("EncryptionInfo") {
        return failed(source, Broken::Locked);
    }
    if !container.holds("Workbook") && !container.holds("Book") {
        return Outcome::unreadable(Remark::new("M-003").word("file", source.name));
    }
    let macros = container.holds("_VBA_PROJECT_CUR") || container.holds("_VBA_PROJECT");
    let Some(mut stream) = container.stream("Workbook").or_else(|| container.stream("Book")) else {
        return failed(source, Broken::Damaged);
    };
    if biff::spread(&stream) > tools.limits.cells {
        return failed(source, Broken::TooLarge);
    }
    if !biff::unclaim(&mut stream) {
        return failed(source, Broken::Damaged);
    }
    done(source, macros, Vec::new(), guarded(|| cells::xls(&ole::wrapped("Workbook", &stream), &tools.limits)))
}

fn packed(source: &Source<'_>, tools: &Tools<'_>, read: impl FnOnce(&Package) -> Result<Vec<Sheet>, Broken>) -> Outcome {
    match package::weigh(source.bytes, &tools.limits) {
        Ok(mut package) => {
            let enclosed = std::mem::take(&mut package.enclosed);
            done(source, package.macros, enclosed, guarded(|| read(&package)))
        }
        Err(broken) => failed(source, broken),
    }
}

/// The parsers index into what they read; a panic there is a damaged file.
fn guarded(read: impl FnOnce() -> Result<Vec<Sheet>, Broken>) -> Result<Vec<Sheet>, Broken> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(Broken::Damaged))
}

fn done(source: &Source<'_>, macros: bool, enclosed: Vec<Part>, sheets: Result<Vec<Sheet>, Broken>) -> Outcome {
    let programs = enclosed.iter().filter(|part| executable::is_only_named_so(&part.name, &part.bytes));
    let programs: Vec<Remark> = programs.map(|part| Remark::new("M-005").word("file", &part.name)).collect();
    let mut outcome = match sheets {
        Ok(sheets) if !sheets.is_empty() => Outcome { content: Content::Book { sheets, enclosed }, remarks: programs },
        Ok(_) => failed(source, Broken::Damaged),
        Err(broken) => failed(source, broken),
    };
    if macros {
        outcome.remarks.push(Remark::new("M-005").word("file", source.name));
    }
    outcome
}

fn failed(source: &Source<'_>, broken: Broken) -> Outcome {
    let code = match broken {
        Broken::Damaged => "M-001",
        Broken::Locked => "M-002",
        Broken::TooLarge => "M-007",
    };
    Outcome::unreadable(Remark::new(code).word("file", source.name))
}

#[cfg(test)]
mod tests;
