//! The operation sheet that the desk wrote, come back with its results filled in: as CSV or saved as a workbook.
//!
//! Owns the rows of the sheet. Never judges whether they fit the case.

use crate::domain::document::DocumentKind;
use crate::domain::doubt::Doubts;
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::id::{DocId, Permille};
use crate::domain::name::Name;
use crate::domain::place::Place;
use crate::domain::reading::{CellValue, Sheet, SheetCell};
use crate::domain::text;
use crate::extraction::{Forms, typed};
use std::collections::BTreeMap;

const KIND: &str = "operation_result";
/// Columns without which a table is no operation sheet.
const COLUMNS: &[&str] = &["operation", "case_no", "registration_no", "registration_revision", "result"];
/// Number of a row, and its cells by column; both count from 1.
pub(super) type Row = (u32, Vec<(u32, String)>);

pub fn from_text(doc: DocId, text: &str, forms: &Forms<'_>) -> Option<Extract> {
    read(doc, &"".into(), rows_of_text(text), forms)
}

/// The rows of a table in text that are not blank, however its lines end.
pub(super) fn rows_of_text(text: &str) -> impl Iterator<Item = Row> {
    let rows = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()).enumerate();
    rows.map(|(n, line)| (n as u32 + 1, cells(line).into_iter().zip(1u32..).map(|(cell, column)| (column, cell)).collect()))
}

pub fn from_sheets(doc: DocId, sheets: &[Sheet], forms: &Forms<'_>) -> Option<Extract> {
    let shown = sheets.iter().filter(|sheet| sheet.visible);
    shown.filter_map(|sheet| read(doc, &sheet.name.as_str().into(), rows_of_sheet(sheet), forms)).reduce(joined)
}

/// The rows of a sheet that are not blank. Cells come row by row.
pub(super) fn rows_of_sheet(sheet: &Sheet) -> impl Iterator<Item = Row> {
    let text_of = |cell: &SheetCell| match &cell.value {
        CellValue::Text(text) | CellValue::Number(text) | CellValue::Date(text) => Some((cell.column, text.clone())),
        CellValue::Flag(_) | CellValue::Error(_) => None,
    };
    let rows = sheet.cells.chunk_by(|cell, next| cell.row == next.row);
    rows.map(move |row| (row[0].row, row.iter().filter_map(text_of).collect::<Vec<_>>())).filter(|(_, cells)| !cells.is_empty())
}

/// The tables of two sheets of one file as one.
pub(super) fn joined(mut first: Extract, second: Extract) -> Extract {
    for (name, rows) in second.fields.groups {
        first.fields.groups.entry(name).or_default().extend(rows.iter().cloned());
    }
    first
}

fn read(doc: DocId, sheet: &Name, mut rows: impl Iterator<Item = Row>, forms: &Forms<'_>) -> Option<Extract> {
    let (_, heading) = rows.next()?;
    let columns: BTreeMap<u32, String> = heading.into_iter().map(|(column, name)| (column, text::tidy(&name).to_lowercase())).collect();
    if !COLUMNS.iter().all(|wanted| columns.values().any(|name| name == wanted)) {
        return None;
    }
    let spec = forms.spec(KIND)?;
    let mut records = Vec::new();
    for (row, cells) in rows {
        let mut record = Record::default();
        for (column, raw) in cells {
            let Some(field) = columns.get(&column).and_then(|name| spec.field(name)) else { continue };
            if let Some(value) = typed::value(field, forms.lists, &raw) {
                let place = Place::Cell { doc, sheet: sheet.clone(), row, column };
                record.fields.insert(field.key.clone(), Field { value, raw, place, confidence: Permille::SURE, doubts: Doubts::NONE });
            }
        }
        records.push(record);
    }
    // The first row says for the whole sheet whose it is.
    let mut fields = Record::default();
    let case_no = records.first().and_then(|record| record.fields.get("case_no")).cloned();
    fields.fields.extend(case_no.map(|field| ("case_no".to_owned(), field)));
    fields.groups.insert("rows".to_owned(), records.into());
    Some(Extract {
        doc,
        document: DocumentKind::new(KIND),
        pages: 0,
        turned: BTreeMap::new(),
        fields,
        sets: BTreeMap::new(),
        remarks: Vec::new(),
    })
}

/// The cells of one line, quotes taken off.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let (mut quoted, mut signs) = (false, line.trim_start_matches('\u{FEFF}').chars().peekable());
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cells.last_mut().iter_mut().for_each(|cell| cell.push('"'));
            }
            '"' => quoted = !quoted,
            ',' | '\t' if !quoted => cells.push(String::new()),
            other => cells.last_mut().iter_mut().for_each(|cell| cell.push(other)),
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::DocumentSpec;
    use crate::extraction::typed::Lists;

    fn spec() -> DocumentSpec {
        toml::from_str(include_str!("../../templates/mms-usage/forms/operation-result.toml")).unwrap()
    }

    fn results(lines: &[&str]) -> Option<Vec<Option<String>>> {
        let (documents, lists) = ([spec()], Lists::new());
        let extract = from_text(DocId::of(b"x"), &lines.join("\r\n"), &Forms { documents: &documents, lists: &lists })?;
        Some(extract.fields.group("rows").iter().map(|row| row.text("result")).collect())
    }

    const HEAD: &str = "\u{FEFF}operation,case_no,mms_code,resource_code,registration_no,registration_revision,reason_codes,result,done_by";

    #[test]
    fn results_are_read_row_by_row_as_staff_write_them() {
        let row = |result: &str| format!("REJECT,TH-2026-0001,K1A7,R1234,2026042035,1,\"H-003;H-011\",{result},受付 花子");
        let rows: Vec<String> = ["済", "完了", "○", "OK", "不可", "", "たぶん"].iter().map(|result| row(result)).collect();
        let lines: Vec<&str> = [HEAD].into_iter().chain(rows.iter().map(String::as_str)).collect();
        let wanted = [Some("1"), Some("1"), Some("1"), Some("1"), Some("0"), None, Some("たぶん")];
        assert_eq!(results(&lines).unwrap(), wanted.map(|result| result.map(ToOwned::to_owned)));
    }

    #[test]
    fn no_row_is_left_out_however_many_there_are_and_however_lines_end() {
        let row = "REJECT,TH-2026-0001,K1A7,R1234,2026042035,1,H-003,済,受付 花子";
        let rows = std::iter::once(HEAD).chain(std::iter::repeat_n(row, 2_600)).collect::<Vec<_>>().join("\r");
        let (documents, lists) = ([spec()], Lists::new());
        let extract = from_text(DocId::of(b"x"), &rows, &Forms { documents: &documents, lists: &lists }).unwrap();
        assert_eq!(extract.fields.group("rows").len(), 2_600);
    }

    #[test]
    fn tables_of_all_sheets_that_are_shown_are_one() {
        let sheet = |name: &str, visible: bool| {
            let lines = [HEAD, "REJECT,TH-2026-0001,K1A7,R1234,2026042035,1,H-003,済,受付 花子"];
            let cells = lines.iter().zip(1u32..).flat_map(|(line, row)| {
                let texts = cells(line).into_iter().zip(1u32..);
                texts.map(move |(text, column)| SheetCell { row, column, value: CellValue::Text(text), aside: None }).collect::<Vec<_>>()
            });
            Sheet { name: name.to_owned(), visible, cells: cells.collect(), ..Sheet::default() }
        };
        let (documents, lists) = ([spec()], Lists::new());
        let sheets = [sheet("一", true), sheet("二", true), sheet("隠", false)];
        let extract = from_sheets(DocId::of(b"x"), &sheets, &Forms { documents: &documents, lists: &lists }).unwrap();
        let rows = extract.fields.group("rows");
        let on = |row: &Record| match &row.fields["result"].place {
            Place::Cell { sheet, .. } => sheet.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(rows.iter().map(on).collect::<Vec<_>>(), ["一", "二"]);
    }

    #[test]
    fn other_tables_are_no_operation_sheet() {
        assert_eq!(results(&["operation,case_no,result", "REJECT,TH-2026-0001,済"]), None);
        assert_eq!(results(&[""]), None);
    }

    #[test]
    fn quotes_hold_a_cell_together() {
        assert_eq!(cells("a,\"b,\"\"c\"\"\",,d"), ["a", "b,\"c\"", "", "d"]);
    }
}
