//! Which findings a person settled: the one about an entry of a document, or all that bear a code.
//!
//! Owns how a deed names them. Whether they may be settled, and of what they are, is said elsewhere.

use crate::casework::deed;
use crate::casework::fold::Deed;
use crate::domain::finding::{Finding, Remark};
use crate::domain::place::Place;
use std::collections::BTreeMap;

pub const CODE: &str = "code";
pub const DOCUMENT: &str = "document";
pub const FIELD: &str = "field";
pub const ROW: &str = "row";

/// What tells findings of one code apart.
pub const ENTRY: &[&str] = &[DOCUMENT, FIELD, ROW];

/// What a finding is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct About<'a> {
    pub code: &'a str,
    pub document: &'a str,
    pub field: Option<&'a str>,
    /// The row of a sheet, as people count it.
    pub row: Option<u32>,
}

impl<'a> About<'a> {
    pub fn finding(finding: &'a Finding) -> Self {
        let (document, field, row) = (&finding.document, finding.field.as_deref(), row(finding.place.as_ref()));
        About { code: &finding.code.0, document, field, row }
    }

    /// `document` is the one that shows the remark, where it names no other.
    pub fn remark(document: &'a str, remark: &'a Remark) -> Self {
        let document = remark.document.as_deref().unwrap_or(document);
        About { code: &remark.code.0, document, field: remark.field.as_deref(), row: row(remark.place.as_ref()) }
    }

    /// The entry as it is named in a command.
    pub fn entry(&self) -> String {
        self.field.map_or_else(|| self.document.to_owned(), |field| format!("{}.{field}", self.document))
    }

    /// The same with its row.
    pub fn row_entry(&self) -> String {
        self.row.map_or_else(|| self.entry(), |row| format!("{} row={row}", self.entry()))
    }
}

/// The row of the sheet that a place is in.
pub fn row(place: Option<&Place>) -> Option<u32> {
    match place? {
        Place::Cell { row, .. } => Some(*row),
        _ => None,
    }
}

/// Whether what is set means this finding; what is not said there fits all.
pub fn means(set: &BTreeMap<String, String>, about: &About<'_>) -> bool {
    let row = about.row.map(|row| row.to_string());
    let says = |key: &str, value: Option<&str>| set.get(key).is_none_or(|said| value == Some(said.as_str()));
    set.get(CODE).is_some_and(|code| code == about.code)
        && says(DOCUMENT, Some(about.document))
        && says(FIELD, about.field)
        && says(ROW, row.as_deref())
}

pub fn settles(deed: &Deed, about: &About<'_>) -> bool {
    deed.what == deed::SETTLED && means(&deed.set, about)
}
