//! What MMS issued, as the desk takes it out of MMS: a table with a row for each user ID, as CSV, workbook or XML.
//!
//! Owns the columns. Never judges whether the rows fit a case.

use crate::domain::document::{DocumentKind, DocumentSpec};
use crate::domain::doubt::Doubt;
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::id::{DocId, Permille};
use crate::domain::name::Name;
use crate::domain::pattern::compiled;
use crate::domain::place::Place;
use crate::domain::reading::Sheet;
use crate::domain::text;
use crate::extraction::{Forms, operation, typed};
use std::collections::{BTreeMap, HashMap};

pub const KIND: &str = "mms_credentials";
/// Columns without which a table is no list of credentials.
const COLUMNS: &[&str] = &["mms_code", "user_id"];
/// One of them says whose a row is.
const OWNERS: &[&str] = &["case_no", "corporate_number"];
/// Lines above the headings.
const MOST_TITLES: usize = 5;

pub fn from_text(doc: DocId, text: &str, forms: &Forms<'_>) -> Option<Extract> {
    read(doc, &"".into(), operation::rows_of_text(text), forms)
}

pub fn from_sheets(doc: DocId, sheets: &[Sheet], forms: &Forms<'_>) -> Option<Extract> {
    let shown = sheets.iter().filter(|sheet| sheet.visible);
    let read = |sheet: &Sheet| read(doc, &sheet.name.as_str().into(), operation::rows_of_sheet(sheet), forms);
    shown.filter_map(read).reduce(operation::joined)
}

/// Turns the extract of a tree that holds credentials alone into a list of them.
pub fn from_tree(mut extract: Extract, forms: &Forms<'_>) -> Extract {
    let kind = DocumentKind::new(KIND);
    if extract.sets.len() == 1
        && let Some(mut rows) = extract.sets.remove(&kind)
    {
        if let Some(spec) = forms.spec(KIND) {
            rows.iter_mut().for_each(|row| doubt(row, spec));
        }
        extract.document = kind;
        extract.fields.groups.insert("rows".to_owned(), rows);
    }
    extract
}

fn read(doc: DocId, sheet: &Name, mut rows: impl Iterator<Item = operation::Row>, forms: &Forms<'_>) -> Option<Extract> {
    let spec = forms.spec(KIND)?;
    let names = names(spec);
    let columns = rows.by_ref().take(MOST_TITLES).find_map(|(_, cells)| {
        let columns: BTreeMap<u32, &str> =
            cells.iter().filter_map(|(column, name)| Some((*column, *names.get(&heading_key(name))?))).collect();
        let has = |key: &&str| columns.values().any(|known| known == key);
        (COLUMNS.iter().all(has) && OWNERS.iter().any(has)).then_some(columns)
    })?;
    let mut records = Vec::new();
    for (row, cells) in rows {
        let mut record = Record::default();
        for (column, raw) in cells {
            let Some(field) = columns.get(&column).and_then(|key| spec.field(key)) else { continue };
            if let Some(value) = typed::value(field, forms.lists, &raw) {
                let doubts = Doubt::Malformed.when(!typed::fits(field, &value));
                let place = Place::Cell { doc, sheet: sheet.clone(), row, column };
                record.fields.insert(field.key.clone(), Field { value, raw, place, confidence: Permille::SURE, doubts });
            }
        }
        if !record.fields.is_empty() {
            doubt(&mut record, spec);
            records.push(record);
        }
    }
    let fields = Record { groups: [("rows".to_owned(), records.into())].into(), ..Record::default() };
    let document = DocumentKind::new(KIND);
    Some(Extract { doc, document, pages: 0, turned: BTreeMap::new(), fields, sets: BTreeMap::new(), remarks: Vec::new() })
}

/// A value that has not the form of its kind is not to be relied on.
fn doubt(record: &mut Record, spec: &DocumentSpec) {
    for (key, field) in record.fields.iter_mut() {
        let pattern = spec.field(key).and_then(|known| compiled(known.pattern.as_deref()?));
        field.doubts |= Doubt::Malformed.when(pattern.is_some_and(|pattern| !pattern.is_match(&field.value.to_string())));
    }
}

/// The fields by what a column's heading may call them: the key, the label or another way of writing it.
fn names(spec: &DocumentSpec) -> HashMap<String, &str> {
    let mut names = HashMap::new();
    for field in &spec.fields {
        for name in [&field.key, &field.label].into_iter().chain(&field.variants) {
            names.entry(heading_key(name)).or_insert(field.key.as_str());
        }
    }
    names
}

fn heading_key(heading: &str) -> String {
    text::compare_key(heading).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extraction::typed::Lists;

    fn rows(text: &str) -> Option<Vec<Record>> {
        let documents: [DocumentSpec; 1] = [toml::from_str(include_str!("../../templates/mms-usage/forms/mms-credentials.toml")).unwrap()];
        let lists = Lists::new();
        let extract = from_text(DocId::of(b"x"), text, &Forms { documents: &documents, lists: &lists })?;
        Some(extract.fields.group("rows").to_vec())
    }

    #[test]
    fn headings_are_labels_or_keys_and_a_title_may_stand_above() {
        let text = "MMS発行情報一覧\r\n受付番号,MMSコード,ユーザID,氏名,CN,シリアル番号,有効期間（自）,有効期限\r\n\
            TH-2026-0001,K1A7,K1A7001,試田 一郎,K1A7001,4A:00:FF,2026/4/8,2028/4/7\r\n";
        let found = rows(text).unwrap();
        let said = |key: &str| found[0].text(key).unwrap_or_default();
        assert_eq!(
            ["case_no", "mms_code", "user_id", "cn", "valid_to"].map(said),
            ["TH-2026-0001", "K1A7", "K1A7001", "K1A7001", "2028-04-07"]
        );
        assert!(matches!(found[0].fields["user_id"].place, Place::Cell { row: 3, column: 3, .. }));
        assert_eq!(rows("case_no,mms_code,user_id\nTH-2026-0001,K1A7,K1A7001").unwrap().len(), 1);
    }

    #[test]
    fn no_row_is_left_out_however_many_there_are_and_however_lines_end() {
        let many: Vec<String> = (0..2_600).map(|n| format!("TH-2026-0001,K1A7,K1A7{n:04}")).collect();
        assert_eq!(rows(&format!("一覧\r受付番号,MMSコード,ユーザID\r{}", many.join("\r"))).unwrap().len(), 2_600);
    }

    #[test]
    fn what_does_not_fit_is_doubted_and_other_tables_are_none() {
        let found = rows("受付番号,MMSコード,ユーザID,シリアル番号\nTH-2026-0001,K1A,K1A7001,GG").unwrap();
        let doubted: Vec<&str> = found[0].fields.iter().filter(|(_, field)| field.needs_review()).map(|(key, _)| key.as_str()).collect();
        assert_eq!(doubted, ["mms_code", "serial"]);
        assert_eq!(rows("受付番号,ユーザID\nTH-2026-0001,K1A7001"), None);
        assert_eq!(rows("MMSコード,ユーザID\nK1A7,K1A7001"), None, "it says of nobody whose they are");
    }
}
