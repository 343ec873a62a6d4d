//! A workbook's sheets as data sets.
//!
//! Owns which sheet is which data set and what the workbook shows as a whole. Labels, axes and tables are found by
//! the modules below; whether a value is right is nobody's business here.

mod abreast;
mod blocks;
mod grid;
mod labels;
mod measures;
mod parts;
mod records;
mod spread;
mod words;

use super::Forms;
use crate::domain::document::DocumentKind;
use crate::domain::doubt::{Doubt, Doubts};
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::fields::Rows;
use crate::domain::finding::Remark;
use crate::domain::id::{DocId, Permille};
use crate::domain::name::Name;
use crate::domain::place::Place;
use crate::domain::reading::Sheet;
use crate::domain::text;
use crate::domain::value::Value;
use grid::Grid;
use parts::{Kind, name_key};
use records::Scribe;
use std::collections::BTreeMap;

/// Layouts of data sets that come as sheets.
const LAYOUTS: &[&str] = &["sheet", "table", "columns", "blocks"];

/// The data sets of a workbook; `None` where no sheet is one.
pub fn extract(doc: DocId, sheets: &[Sheet], forms: &Forms<'_>) -> Option<Extract> {
    let kinds: Vec<Kind<'_>> = forms.documents.iter().filter(|spec| LAYOUTS.contains(&spec.layout.as_str())).map(Kind::new).collect();
    let mut extract = Extract {
        doc,
        document: DocumentKind::new("registration_workbook"),
        pages: 0,
        turned: Default::default(),
        fields: Record::default(),
        sets: BTreeMap::new(),
        remarks: Vec::new(),
    };
    for sheet in sheets.iter().filter(|sheet| sheet.visible && !words::is_guide(&sheet.name)) {
        let whole = Grid::new(doc, sheet, |text| labels::is_known(text, kinds.iter().map(|kind| &kind.vocabulary)));
        for grid in parts::cut(&whole, &kinds) {
            let Some(found) = recognise(&grid, &sheet.name, &kinds) else { continue };
            let mut scribe = Scribe::new(found.kind.spec, forms.lists);
            if found.changed && found.kind.spec.id.as_str() == "operator_profile" {
                extract.remarks.push(Remark::new("B-001").at(grid.place(grid.top(), 1)));
            }
            let parts = if found.kind.spec.single { vec![grid.clone()] } else { abreast::cut(&grid, &found.kind.vocabulary) };
            let read = |grid: &Grid<'_>| match found.kind.spec.layout.as_str() {
                "blocks" => blocks::read(grid, &mut scribe),
                "table" => records::grouped(grid, &mut scribe),
                layout => records::plain(grid, layout == "columns", &mut scribe),
            };
            let records: Vec<Record> = parts.iter().flat_map(read).collect();
            extract.remarks.append(&mut scribe.remarks);
            let rows = extract.sets.entry(found.kind.spec.id.clone()).or_default();
            if found.kind.spec.single
                && let (Some(first), Some(second)) = (rows.first_mut(), records.first())
                && differ(first, second)
            {
                let name = text::tidy(&sheet.name);
                extract.remarks.push(Remark::new("M-008").word("file", name).at(grid.place(grid.top(), 1)));
            }
            let known = rows.len();
            for record in records {
                // Of the same sheet only the last one: a flat table has thousands that are told apart already.
                let last = rows.len().saturating_sub(1);
                let mut before = rows.iter_mut().enumerate().rev().filter(|(n, _)| *n < known || *n == last);
                match before.find(|(_, list)| continues(list, &record)) {
                    Some((_, list)) => record.groups.iter().for_each(|(group, more)| {
                        list.groups.entry(group.clone()).or_default().extend(more.iter().cloned());
                    }),
                    None => rows.extend([record]),
                }
            }
        }
    }
    extract.sets.retain(|_, rows| !rows.is_empty());
    if extract.sets.is_empty() && extract.remarks.is_empty() {
        return None;
    }
    let hidden: Vec<String> = sheets.iter().filter(|sheet| !sheet.visible).map(|sheet| text::tidy(&sheet.name)).collect();
    if !hidden.is_empty() {
        // Nobody sees a hidden sheet when signing off the workbook: it is named, not read.
        let raw = hidden.join(",");
        let field =
            Field { value: Value::Names(hidden), raw, place: Place::Whole { doc }, confidence: Permille::SURE, doubts: Doubts::NONE };
        extract.fields.fields.insert("hidden_sheets".to_owned(), field);
    }
    Some(extract)
}

/// Whether two sheets of what there is one of say different things; what the first says is doubted there.
fn differ(first: &mut Record, second: &Record) -> bool {
    let mut differ = rows_of(first) != rows_of(second);
    for (key, field) in first.fields.iter_mut() {
        if second.value(key).is_some_and(|other| *other != field.value) {
            field.doubts |= Doubt::Contradicted;
            differ = true;
        }
    }
    differ
}

/// Whether a list that begins on one sheet goes on with this record of the next: it says nothing else of what the list is about, and
/// its numbers go on, or it is another list of the same: starting costs after bands.
fn continues(list: &Record, more: &Record) -> bool {
    let number = |row: Option<&Record>| row?.fields.iter().find(|(key, _)| key.ends_with("_no")).map(|(_, field)| field.value.clone());
    let goes_on = |(group, rows): (&String, &Rows)| match (number(list.group(group).last()), number(rows.first())) {
        (Some(Value::Integer(last)), Some(Value::Integer(first))) => first > last,
        (None, _) => true,
        _ => false,
    };
    let mut groups = more.groups.iter().filter(|(_, rows)| !rows.is_empty()).peekable();
    groups.peek().is_some() && groups.all(goes_on) && more.fields.iter().all(|(key, field)| list.value(key) == Some(&field.value))
}

/// The values of the rows in a record, wherever they stand.
fn rows_of(record: &Record) -> Vec<Vec<(&Name, &Value)>> {
    fn values(row: &Record) -> Vec<(&Name, &Value)> {
        row.fields.iter().map(|(key, field)| (key, &field.value)).collect()
    }
    record.groups.values().flat_map(|rows| rows.iter().map(values)).collect()
}

struct Found<'k, 'a> {
    kind: &'k Kind<'a>,
    /// Its name or title says what it is, but most of its labels are gone.
    changed: bool,
}

/// The data set that a sheet is: by its name, its title, or its labels.
fn recognise<'k, 'a>(grid: &Grid<'_>, sheet: &str, kinds: &'k [Kind<'a>]) -> Option<Found<'k, 'a>> {
    let sheet = name_key(sheet);
    let top = grid.top();
    let titles: Vec<String> = grid
        .cells()
        .filter(|(row, _, _)| *row < top + 6)
        .filter_map(|(row, column, _)| grid.text(row, column))
        // 電源等コード holds the name of 電源等, and stands on every sheet.
        .filter(|title| !labels::is_known(title, kinds.iter().map(|kind| &kind.vocabulary)))
        .map(|title| name_key(&title))
        .collect();
    let (kind, matched, named) = kinds
        .iter()
        .map(|kind| {
            let matched = labels::fields_found(grid, &kind.vocabulary) * 100 / kind.spec.fields.len().max(1);
            let title = titles.iter().map(|title| kind.titled(title)).max().unwrap_or(0);
            // The title in the sheet outlives a renamed or copied tab.
            (kind, matched, kind.named(&sheet) + 3 * title)
        })
        .max_by_key(|(_, matched, named)| matched + 5 * named)?;
    let enough = if named > 0 { 15 } else { 45 };
    if matched >= enough {
        return Some(Found { kind, changed: matched < 50 });
    }
    (named > 0 && !grid.is_bare()).then_some(Found { kind, changed: true })
}

#[cfg(test)]
mod layout_tests;
#[cfg(test)]
mod tests;
