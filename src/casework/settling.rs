//! Which findings a person settled: the one about an entry of a document, or all that bear a code.
//!
//! Owns how a deed names them. Whether they may be settled, and of what they are, is said elsewhere.

use crate::casework::deed;
use crate::casework::fold::Deed;
use crate::domain::finding::{Finding, Remark};
use crate::domain::id::DocId;
use crate::domain::place::Place;
use std::collections::BTreeMap;

pub const CODE: &str = "code";
pub const DOCUMENT: &str = "document";
pub const FIELD: &str = "field";
pub const ROW: &str = "row";
pub const PAPER: &str = "paper";

/// What tells findings of one code apart.
pub const ENTRY: &[&str] = &[DOCUMENT, FIELD, ROW, PAPER];

/// What a finding is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct About<'a> {
    pub code: &'a str,
    pub document: &'a str,
    pub field: Option<&'a str>,
    /// The row of a sheet, as people count it.
    pub row: Option<u32>,
    /// The paper as a whole: two mails may bear one code.
    pub paper: Option<DocId>,
}

/// Signs of a paper's identity by which it is named, at least.
const SHORTEST_NAME: usize = 8;

impl<'a> About<'a> {
    pub fn finding(finding: &'a Finding) -> Self {
        let (document, field, place) = (&finding.document, finding.field.as_deref(), finding.place.as_ref());
        About { code: &finding.code.0, document, field, row: row(place), paper: whole(place) }
    }

    /// `document` is the one that shows the remark, where it names no other.
    pub fn remark(document: &'a str, remark: &'a Remark) -> Self {
        let document = remark.document.as_deref().unwrap_or(document);
        let place = remark.place.as_ref();
        About { code: &remark.code.0, document, field: remark.field.as_deref(), row: row(place), paper: whole(place) }
    }

    /// The entry as it is named in a command.
    pub fn entry(&self) -> String {
        self.field.map_or_else(|| self.document.to_owned(), |field| format!("{}.{field}", self.document))
    }

    /// The same with its row, or its paper.
    pub fn row_entry(&self) -> String {
        match (self.row, self.paper) {
            (Some(row), _) => format!("{} row={row}", self.entry()),
            (None, Some(paper)) => format!("{} paper={}", self.entry(), named(paper)),
            (None, None) => self.entry(),
        }
    }
}

/// The row of the sheet that a place is in.
pub fn row(place: Option<&Place>) -> Option<u32> {
    match place? {
        Place::Cell { row, .. } => Some(*row),
        _ => None,
    }
}

/// The paper that a place is all of.
pub fn whole(place: Option<&Place>) -> Option<DocId> {
    match place? {
        Place::Whole { doc } => Some(*doc),
        _ => None,
    }
}

/// A paper as it is named in a command.
pub fn named(paper: DocId) -> String {
    paper.to_string().chars().take(SHORTEST_NAME).collect()
}

/// Whether what is set means this finding; what is not said there fits all.
pub fn means(set: &BTreeMap<String, String>, about: &About<'_>) -> bool {
    let row = about.row.map(|row| row.to_string());
    let says = |key: &str, value: Option<&str>| set.get(key).is_none_or(|said| value == Some(said.as_str()));
    set.get(CODE).is_some_and(|code| code == about.code)
        && says(DOCUMENT, Some(about.document))
        && says(FIELD, about.field)
        && says(ROW, row.as_deref())
        && set.get(PAPER).is_none_or(|said| about.paper.is_some_and(|paper| is_named(paper, said)))
}

fn is_named(paper: DocId, said: &str) -> bool {
    said.len() >= SHORTEST_NAME && paper.to_string().starts_with(said)
}

pub fn settles(deed: &Deed, about: &About<'_>) -> bool {
    deed.what == deed::SETTLED && means(&deed.set, about)
}
