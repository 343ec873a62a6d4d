//! Labels in a row or in a column, and the records along them.
//!
//! Owns the axis of a sheet, the columns that hold values, and what is no record: notes, totals, samples, footnotes.

use super::grid::Grid;
use super::labels::{self, Label, Rank, Vocabulary};
use super::{abreast, measures, spread, words};
use crate::domain::date::Stamp;
use crate::domain::document::{DocumentSpec, FieldSpec, FieldType};
use crate::domain::doubt::{Doubt, Doubts};
use crate::domain::extract::{Field, Record};
use crate::domain::fields::Fields;
use crate::domain::finding::Remark;
use crate::domain::id::Permille;
use crate::domain::name::Name;
use crate::domain::place::Place;
use crate::domain::reading::{CellValue, SheetCell};
use crate::domain::text;
use crate::domain::value::Value;
use crate::extraction::ticks;
use crate::extraction::typed::{self, Lists};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Rows above the labels in which the headings of the columns are looked for.
const HEADING_REACH: u32 = 4;

/// Who writes records down: the data set, the code lists, and what was noticed.
pub struct Scribe<'a> {
    pub spec: &'a DocumentSpec,
    pub lists: &'a Lists,
    pub remarks: Vec<Remark>,
    /// The keys of the fields, in their order.
    pub names: Vec<Name>,
    /// What was made of an answer, by its field: a list of a hundred thousand customers has three of them.
    answers: HashMap<(usize, String), Option<Value>>,
}

/// Different answers that are remembered.
const MOST_ANSWERS: usize = 1_000;

impl<'a> Scribe<'a> {
    pub fn new(spec: &'a DocumentSpec, lists: &'a Lists) -> Self {
        let names = spec.fields.iter().map(|field| Name::from(&field.key)).collect();
        Scribe { spec, lists, remarks: Vec::new(), names, answers: HashMap::new() }
    }

    /// The value of a field; one that is chosen from a list of codes is looked up there once.
    pub fn value(&mut self, field: usize, spec: &FieldSpec, written: &str) -> Option<Value> {
        if !matches!(spec.kind, FieldType::Enum | FieldType::EnumList | FieldType::Bool) {
            return typed::value(spec, self.lists, written);
        }
        let answer = (field, written.to_owned());
        if let Some(known) = self.answers.get(&answer) {
            return known.clone();
        }
        let value = match ticks::ticked(&text::tidy(written)) {
            // Boxes that nobody ticked are the template's own.
            Some(chosen) if chosen.is_empty() => None,
            Some(chosen) => typed::value(spec, self.lists, &chosen.join("、")),
            None => typed::value(spec, self.lists, written),
        };
        if self.answers.len() < MOST_ANSWERS {
            self.answers.insert(answer, value.clone());
        }
        value
    }
}

/// How the labels of a sheet lie.
pub enum Axis {
    /// In a column; a record is a column beside them.
    Down(Vec<Label>),
    /// In a row, with data from another row on; a record is a row below them.
    Across(Vec<Label>, u32),
}

/// The records of a sheet without groups; only the first one where the data set is a single record.
pub fn plain(grid: &Grid<'_>, many: bool, scribe: &mut Scribe<'_>) -> Vec<Record> {
    let vocabulary = Vocabulary::new(scribe.spec, |field| field.group.is_none());
    let labels = labels::find(grid, &vocabulary);
    let Some(axis) = axis(&labels, grid) else { return Vec::new() };
    match axis {
        Axis::Down(labels) if many => columns(grid, &labels, scribe),
        Axis::Down(labels) => Some(pairs(grid, &labels, scribe)).filter(|record| !record.fields.is_empty()).into_iter().collect(),
        Axis::Across(labels, from) => {
            let mut records = rows(grid, &labels, from, scribe);
            if !many {
                records.truncate(1);
            }
            records
        }
    }
}

/// One record with the groups of a sheet that is nothing but tables.
pub fn grouped(grid: &Grid<'_>, scribe: &mut Scribe<'_>) -> Vec<Record> {
    let groups: BTreeSet<String> = scribe.spec.fields.iter().filter_map(|field| field.group.clone()).collect();
    let mut record = Record::default();
    for group in groups {
        let vocabulary = Vocabulary::new(scribe.spec, |field| field.group.as_deref() == Some(&group));
        let labels = labels::find(grid, &vocabulary);
        let members = match axis(&labels, grid) {
            Some(Axis::Across(labels, from)) => rows(grid, &labels, from, scribe),
            Some(Axis::Down(labels)) => columns(grid, &labels, scribe),
            None => Vec::new(),
        };
        record.groups.insert(group, members.into());
    }
    vec![record]
}

/// The line with most of the labels decides.
pub fn axis(found: &[Label], grid: &Grid<'_>) -> Option<Axis> {
    let (row, across) = busiest(found, |label| label.row)?;
    let (_, down) = busiest(found, |label| label.column)?;
    if down >= across {
        return Some(Axis::Down(best(found.iter(), |_| 0)));
    }
    // Headings in two rows, or merged over both.
    let in_reach = |label: &&Label| label.row <= row + 1 && label.bottom + 1 >= row;
    let outside = |label: &Label| u32::from(!(label.row..=label.bottom).contains(&row));
    let labels = best(found.iter().filter(in_reach), outside);
    let last = labels.iter().map(|label| label.bottom.min(row + 2)).max().unwrap_or(row).max(grid.extent(row, 1).0.min(row));
    Some(Axis::Across(labels, last + 1))
}

/// The line with most fields; headings that come again further on, worded a little better, are not the first.
fn busiest(found: &[Label], line: impl Fn(&Label) -> u32) -> Option<(u32, usize)> {
    let mut fields: BTreeMap<u32, BTreeSet<usize>> = BTreeMap::new();
    for label in found {
        fields.entry(line(label)).or_default().insert(label.field);
    }
    let most = fields.values().map(BTreeSet::len).max()?;
    let nearly = |count: usize| count >= 4 && count * 10 >= most * 8;
    let first = fields.iter().find(|(_, fields)| fields.len() == most || nearly(fields.len()))?;
    Some((*first.0, first.1.len()))
}

/// One label a field: the nearest, then the surest, then the first; a cell names one field only.
fn best<'l>(found: impl Iterator<Item = &'l Label>, distance: impl Fn(&Label) -> u32) -> Vec<Label> {
    let mut sorted: Vec<&Label> = found.collect();
    sorted.sort_by_key(|label| (distance(label), label.rank, label.row, label.column));
    let (mut fields, mut cells) = (BTreeSet::new(), BTreeSet::new());
    let mut chosen: Vec<Label> = sorted
        .into_iter()
        .filter(|label| {
            !cells.contains(&(label.row, label.column)) && fields.insert(label.field) && cells.insert((label.row, label.column))
        })
        .cloned()
        .collect();
    chosen.sort_by_key(|label| (label.row, label.column));
    chosen
}

/// What the heading of a column says of what stands below.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Value,
    Notes,
    Sample,
    Unnamed,
}

/// The heading of a column beside the labels: the nearest text above the first label. A title merged over both is none.
fn heading(grid: &Grid<'_>, (first, labels): (u32, u32), column: u32) -> Column {
    for row in (first.saturating_sub(HEADING_REACH).max(grid.top())..first).rev() {
        let own = grid.at(row, column).is_some_and(|cell| cell.column > labels);
        let Some(text) = grid.text(row, column).filter(|_| own) else { continue };
        return match () {
            () if words::marks_sample(&text) => Column::Sample,
            () if words::is_note_heading(&text) => Column::Notes,
            () if words::is_value_heading(&text) => Column::Value,
            () => Column::Unnamed,
        };
    }
    Column::Unnamed
}

/// A record from pairs of label and value, the value somewhere to the right of its label.
pub fn pairs(grid: &Grid<'_>, labels: &[Label], scribe: &mut Scribe<'_>) -> Record {
    let right = grid.right();
    let mut firsts: BTreeMap<u32, u32> = BTreeMap::new();
    for label in labels {
        let first = firsts.entry(label.column).or_insert(label.row);
        *first = label.row.min(*first);
    }
    // Where most of the values of a column of labels stand; what lies further right are remarks.
    let mut votes: BTreeMap<u32, BTreeMap<u32, usize>> = BTreeMap::new();
    let reach = |label: &Label| {
        labels
            .iter()
            .filter(|other| other.row == label.row && other.column > label.right)
            .map(|other| other.column - 1)
            .min()
            .unwrap_or(right)
    };
    let named: BTreeMap<u32, u32> = firsts
        .iter()
        .filter_map(|(column, first)| {
            let end = firsts.range(column + 1..).next().map_or(right, |(next, _)| next - 1);
            (column + 1..=end).find(|at| heading(grid, (*first, *column), *at) == Column::Value).map(|at| (*column, at))
        })
        .collect();
    let candidate = |label: &Label| {
        let first = firsts.get(&label.column).copied().unwrap_or(label.row);
        let from = named.get(&label.column).copied().unwrap_or(0).max(label.right + 1);
        (label.row..=label.bottom).find_map(|row| {
            (from..=reach(label))
                .filter(|at| !matches!(heading(grid, (first, label.column), *at), Column::Notes | Column::Sample))
                .find_map(|at| {
                    let cell = grid.at(row, at).filter(|cell| cell.row >= label.row && cell.column > label.right)?;
                    let note = matches!(&cell.value, CellValue::Text(text) if words::is_note(text));
                    (!note).then_some(cell)
                })
        })
    };
    for label in labels {
        if let Some(cell) = candidate(label) {
            *votes.entry(label.column).or_default().entry(cell.column).or_default() += 1;
        }
    }
    let mut record = Record::default();
    for label in labels {
        let Some(cell) = candidate(label) else { continue };
        let elected = named.get(&label.column).copied().or_else(|| {
            let columns = votes.get(&label.column)?;
            columns.iter().rev().max_by_key(|(_, count)| **count).filter(|(_, count)| **count >= 3).map(|(column, _)| *column)
        });
        if elected.is_some_and(|elected| cell.column > elected.max(grid.extent(label.row, elected).1)) {
            continue;
        }
        write(grid, label, cell, &mut record, scribe);
    }
    record
}

/// A record for each column of values beside the labels, which may stand in two columns.
pub fn columns(grid: &Grid<'_>, labels: &[Label], scribe: &mut Scribe<'_>) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    for (labels, end) in abreast::label_columns(labels, grid.right()) {
        for (n, part) in beside(grid, &labels, end, scribe).into_iter().enumerate() {
            match records.get_mut(n) {
                Some(record) => record.fields.extend(part.fields),
                None => records.push(part),
            }
        }
    }
    records
}

/// The same beside one column of labels, as far as another one.
fn beside(grid: &Grid<'_>, labels: &[Label], end: u32, scribe: &mut Scribe<'_>) -> Vec<Record> {
    let Some(first) = labels.iter().map(|label| label.row).min() else { return Vec::new() };
    let Some(last) = labels.iter().map(|label| label.right).max() else { return Vec::new() };
    let mut records = Vec::new();
    for column in last + 1..=end {
        let cells: Vec<(&Label, &SheetCell)> = labels
            .iter()
            .filter_map(|label| {
                let cell = (label.row..=label.bottom)
                    .find_map(|row| grid.at(row, column))
                    .filter(|cell| cell.row >= label.row && cell.column > last)?;
                Some((label, cell))
            })
            .collect();
        let note = |cell: &SheetCell| matches!(&cell.value, CellValue::Text(text) if words::is_note(text) || words::is_example(text));
        let notes = cells.iter().filter(|(_, cell)| note(cell)).count();
        // A column that shows nothing of its own is the rest of merged cells.
        if notes * 2 > cells.len() || cells.iter().all(|(_, cell)| cell.column < column) {
            continue;
        }
        match heading(grid, (first, last), column) {
            Column::Notes => continue,
            Column::Sample => {
                let word = format!("「{}」シートの記入例の列", grid.name());
                scribe.remarks.push(Remark::new("B-015").word("field", word).at(grid.place(first, column)));
                continue;
            }
            Column::Value | Column::Unnamed => {}
        }
        let mut record = Record::default();
        let said = scribe.remarks.len();
        for (label, cell) in cells {
            write(grid, label, cell, &mut record, scribe);
        }
        if record.fields.is_empty() || (is_prose(&record, scribe.spec) && !records.is_empty()) {
            scribe.remarks.truncate(said);
            continue;
        }
        records.push(record);
    }
    // Words between the labels and their values, such as English names.
    if records.len() > 1 && records.first().is_some_and(|record| is_prose(record, scribe.spec)) {
        let words = records.remove(0);
        let column = |place: &Place| if let Place::Cell { column, .. } = place { Some(*column) } else { None };
        let own: BTreeSet<u32> = words.fields.values().filter_map(|field| column(&field.place)).collect();
        scribe.remarks.retain(|remark| !remark.place.as_ref().and_then(column).is_some_and(|column| own.contains(&column)));
    }
    records
}

/// Remarks under no heading: hardly a word has the form of its field.
fn is_prose(record: &Record, spec: &DocumentSpec) -> bool {
    let told: Vec<bool> = record
        .fields
        .iter()
        .filter_map(|(key, field)| {
            let known = spec.field(key)?;
            match known.kind {
                FieldType::String | FieldType::Kana | FieldType::Attachment | FieldType::AttachmentList | FieldType::List => None,
                FieldType::Email => Some(field.raw.contains('@')),
                FieldType::Phone | FieldType::Code | FieldType::Table => Some(field.raw.contains(char::is_numeric)),
                // What is hidden or struck out is doubted, and has the form of its field all the same.
                _ => Some(typed::fits(known, &field.value)),
            }
        })
        .collect();
    told.len() >= 2 && told.iter().filter(|fits| **fits).count() * 2 < told.len()
}

/// A record for each row below a row of headings.
pub fn rows(grid: &Grid<'_>, labels: &[Label], from: u32, scribe: &mut Scribe<'_>) -> Vec<Record> {
    numbered_rows(grid, labels, from, scribe).into_iter().map(|(_, record)| record).collect()
}

/// The same with the number of each row.
pub fn numbered_rows(grid: &Grid<'_>, labels: &[Label], from: u32, scribe: &mut Scribe<'_>) -> Vec<(u32, Record)> {
    let mut records = Vec::new();
    let left = labels.iter().map(|label| label.column).min().unwrap_or(1);
    let right = labels.iter().map(|label| label.right).max().unwrap_or(1);
    let mut blank = false;
    let lines: Vec<u32> = grid.within(from, u32::MAX).rows().map(|(row, _)| row).collect();
    let mut before = from;
    for row in lines {
        blank |= row > before + 1;
        before = row;
        let texts: Vec<String> =
            (1..=right).filter_map(|column| grid.row(row)?.get(&column).and_then(|_| grid.text(row, column))).take(3).collect();
        if texts.iter().any(|text| words::marks_sample(text)) {
            let word = format!("「{}」シート{row}行目の記入例", grid.name());
            scribe.remarks.push(Remark::new("B-015").word("field", word).at(grid.place(row, left)));
            continue;
        }
        if texts.first().is_some_and(|text| words::is_total(text)) {
            continue;
        }
        let cells: Vec<(&Label, &SheetCell)> = labels
            .iter()
            .filter_map(|label| {
                let cell = (label.column..=label.right).find_map(|column| grid.at(row, column)).filter(|cell| cell.row >= from)?;
                Some((label, cell))
            })
            .collect();
        let notes = cells.iter().filter(|(_, cell)| matches!(&cell.value, CellValue::Text(text) if words::is_note(text))).count();
        let labels = cells.iter().filter(|(label, cell)| names(cell, label, scribe.spec)).count();
        // The headings once more, as at the top of a page, are no record either.
        if notes.max(labels) * 2 > cells.len() {
            continue;
        }
        let mut record = Record { fields: Fields::with_capacity(cells.len()), ..Record::default() };
        let said = scribe.remarks.len();
        for (label, cell) in &cells {
            write(grid, label, cell, &mut record, scribe);
        }
        if is_bare(&record, scribe.spec, blank) {
            scribe.remarks.truncate(said);
            continue;
        }
        records.push((row, record));
    }
    records
}

/// Whether a cell holds a label of the field that it stands under.
fn names(cell: &SheetCell, label: &Label, spec: &DocumentSpec) -> bool {
    let CellValue::Text(text) = &cell.value else { return false };
    spec.fields.get(label.field).is_some_and(|field| *text == field.label || field.variants.contains(text))
}

/// Only a number printed beforehand, or a footnote: no record.
fn is_bare(record: &Record, spec: &DocumentSpec, after_blank: bool) -> bool {
    let mut fields = record.fields.iter();
    match (fields.next(), fields.next()) {
        (None, _) => true,
        (Some((key, field)), None) => {
            let number = key.ends_with("_no");
            let sentence = matches!(field.value, Value::Text(_)) && spec.field(key).is_some_and(|spec| spec.kind != FieldType::String);
            number || sentence || after_blank || field.raw.starts_with(['※', '注', '＊', '*', '（', '('])
        }
        _ => false,
    }
}

/// Writes one value down, unless the cell says that nothing is there.
pub fn write(grid: &Grid<'_>, label: &Label, cell: &SheetCell, record: &mut Record, scribe: &mut Scribe<'_>) {
    let (Some(spec), Some(name)) = (scribe.spec.fields.get(label.field), scribe.names.get(label.field).cloned()) else { return };
    let (mut raw, mut doubts) = raw(&cell.value, spec);
    if spec.kind == FieldType::Code && cell.row > label.bottom {
        raw.extend(spread::rest_of(grid, label, cell));
    }
    if spec.kind == FieldType::Datetime
        && let Some(time) = spread::time_beside(grid, cell)
    {
        raw = format!("{raw} {time}");
    }
    if words::is_blank(&raw) || (words::is_note(&raw) && !matches!(spec.kind, FieldType::String | FieldType::Enum)) {
        return;
    }
    if let Some(period) = spread::period(&raw, label.field, scribe) {
        let place = grid.place(cell.row, cell.column);
        for (name, value) in period {
            let place = place.clone();
            record.fields.insert(name, Field { value, raw: raw.clone(), place, confidence: Permille::SURE, doubts });
        }
        return;
    }
    let (written, odd_unit) = measures::in_unit(&raw, cell, label, spec);
    let Some(mut value) = scribe.value(label.field, spec, &written) else { return };
    let place = grid.place(cell.row, cell.column);
    if spec.kind == FieldType::Code && words::is_damaged(&raw) {
        // The row's number in the table is what the applicant sees; the sheet's row where there is none.
        let row = scribe
            .spec
            .fields
            .iter()
            .filter(|other| other.group == spec.group && other.key.ends_with("_no"))
            .find_map(|other| record.text(&other.key));
        let remark =
            Remark::new("G-010").field(&spec.key).word("value", raw.as_str()).word("row", row.unwrap_or_else(|| cell.row.to_string()));
        scribe.remarks.push(remark.at(place.clone()));
        value = Value::Text(raw.clone());
        doubts |= Doubt::Malformed;
    }
    if words::is_placeholder(&raw) {
        scribe
            .remarks
            .push(Remark::new("B-015").field(&spec.key).word("field", spec.label.as_str()).word("value", raw.as_str()).at(place.clone()));
        doubts |= Doubt::Malformed;
    }
    // Excel drops the zeros before a number; whether the cell shows them, not every format tells.
    doubts |= Doubt::Incomplete.when(matches!(cell.value, CellValue::Number(_)) && lost_zeros(spec, &value));
    doubts |= Doubt::Hidden.when(cell.aside.as_ref().is_some_and(|aside| aside.doubtful));
    doubts |= Doubt::Ambiguous.when(odd_unit || grid.unformatted && measures::may_be_percent(&cell.value, spec));
    doubts |= Doubt::Misplaced.when(label.rank == Rank::Ending) | Doubt::Malformed.when(!typed::fits(spec, &value));
    record.fields.insert(name, Field { value, raw, place, confidence: Permille::SURE, doubts });
}

/// A numeric code with fewer digits than its field has.
fn lost_zeros(spec: &FieldSpec, value: &Value) -> bool {
    let places = spec.pattern.as_deref().and_then(|pattern| pattern.strip_prefix(r"^\d{")?.strip_suffix("}$")?.parse::<usize>().ok());
    matches!((places, value), (Some(places), Value::Code(code)) if code.len() < places)
}

/// The words of a cell, and whether they are a guess.
fn raw(value: &CellValue, spec: &FieldSpec) -> (String, Doubts) {
    match value {
        CellValue::Text(text) => (text.trim().to_owned(), Doubts::NONE),
        CellValue::Date(text) => (text.clone(), Doubts::NONE),
        CellValue::Flag(flag) => (u8::from(*flag).to_string(), Doubts::NONE),
        CellValue::Error(text) => (text.clone(), Doubt::Malformed.into()),
        CellValue::Number(number) => match spec.kind {
            // A date whose cell lost its format shows its serial; the epoch is a guess.
            FieldType::Date | FieldType::Datetime => {
                serial(number).map_or((number.clone(), Doubts::NONE), |date| (date, Doubt::Mended.into()))
            }
            _ => (as_shown(number), Doubts::NONE),
        },
    }
}

/// Excel calculates in binary and shows fifteen digits: 9.290000000000001 is 9.29 to everyone who sees it.
fn as_shown(number: &str) -> String {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    if digits <= 15 || !number.contains('.') || number.contains('E') {
        return number.to_owned();
    }
    let rounded = number.parse::<f64>().ok().and_then(|number| format!("{number:.14e}").parse::<f64>().ok());
    rounded.map_or_else(|| number.to_owned(), |rounded| rounded.to_string())
}

fn serial(number: &str) -> Option<String> {
    let serial: f64 = number.parse().ok()?;
    if !(20_000.0..80_000.0).contains(&serial) {
        return None;
    }
    let day = jiff::civil::date(1899, 12, 30).checked_add(jiff::Span::new().try_days(serial.floor() as i64).ok()?).ok()?;
    let minutes = (serial.fract() * 1440.0).round() as i32;
    Stamp::new(day, (minutes / 60) as i8, (minutes % 60) as i8).map(|stamp| if minutes == 0 { day.to_string() } else { stamp.to_string() })
}
