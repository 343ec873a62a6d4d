//! The operation sheet that the desk wrote, come back with its results filled in: as CSV or saved as a workbook. The page of it
//! that people read says only whose it is: what a hand wrote there is a person's to record.
//!
//! Owns the rows of the sheet, and says of each whose result cannot be recorded why. Never judges whether they fit the case.

use crate::domain::document::{DocumentKind, DocumentSpec, FieldSpec, FieldType};
use crate::domain::doubt::Doubts;
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::finding::Remark;
use crate::domain::id::{DocId, Permille};
use crate::domain::name::Name;
use crate::domain::pattern::compiled;
use crate::domain::place::Place;
use crate::domain::reading::{CellValue, Page, Sheet, SheetCell};
use crate::domain::text;
use crate::domain::value::Value;
use crate::extraction::layout::Plan;
use crate::extraction::{Forms, form, typed};
use std::collections::BTreeMap;

const KIND: &str = "operation_result";
/// What is told of a sheet whose results cannot be recorded.
const UNRECORDED: &str = "X-010";
/// Rows of which that is told one by one.
const MOST_TOLD: usize = 20;
const DONE: &str = "1";
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

/// The order as a page, printed or scanned; `None` where its title does not stand at the head.
pub fn from_paper(doc: DocId, pages: &[Page], forms: &Forms<'_>) -> Option<Extract> {
    let spec = forms.spec(KIND)?;
    let plan = Plan::new(pages.first()?);
    if !form::is_headed(&plan, &spec.titles) {
        return None;
    }
    let mut extract = bare(doc, pages.len() as u32);
    extract.fields.fields.extend(case_no(doc, &plan, spec, forms).map(|field| ("case_no".to_owned(), field)));
    extract.remarks.push(Remark::new(UNRECORDED).word("value", "PDF・紙の指図書への記入は読み取りません").at(Place::Whole { doc }));
    Some(extract)
}

/// The first row of a page that is the number of a case and nothing else.
fn case_no(doc: DocId, plan: &Plan, spec: &DocumentSpec, forms: &Forms<'_>) -> Option<Field> {
    let field = spec.field("case_no")?;
    let pattern = compiled(field.pattern.as_deref()?)?;
    (0..plan.rows.len()).map(|row| plan.whole_row(row)).find_map(|span| {
        let raw = plan.text(span);
        let value = typed::value(field, forms.lists, &raw).filter(|value| pattern.is_match(&value.to_string()))?;
        let confidence = Permille(plan.inks(span).iter().map(|ink| ink.confidence).min().unwrap_or(0));
        let place = Place::Page { doc, page: plan.page, area: plan.area(&[span]) };
        Some(Field { value, raw, place, confidence, doubts: Doubts::NONE })
    })
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
    first.remarks.extend(second.remarks);
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
    let mut remarks = Vec::new();
    for (row, cells) in rows {
        let mut record = Record::default();
        for (column, raw) in cells {
            let Some(field) = columns.get(&column).and_then(|name| spec.field(name)) else { continue };
            if let Some(value) = value(field, forms, &raw) {
                let place = Place::Cell { doc, sheet: sheet.clone(), row, column };
                record.fields.insert(field.key.clone(), Field { value, raw, place, confidence: Permille::SURE, doubts: Doubts::NONE });
            }
        }
        if record.fields.is_empty() {
            continue;
        }
        if let Some((key, why)) = unrecorded(&mut record, spec)
            && remarks.len() < MOST_TOLD
        {
            let column = columns.iter().find(|(_, name)| *name == key).map_or(1, |(column, _)| *column);
            let place = Place::Cell { doc, sheet: sheet.clone(), row, column };
            remarks.push(Remark::new(UNRECORDED).field(key).word("value", format!("{row}行目の{why}")).at(place));
        }
        records.push(record);
    }
    // The first row says for the whole sheet whose it is.
    let mut extract = bare(doc, 0);
    let case_no = records.first().and_then(|record| record.fields.get("case_no")).cloned();
    extract.fields.fields.extend(case_no.map(|field| ("case_no".to_owned(), field)));
    extract.fields.groups.insert("rows".to_owned(), records.into());
    extract.remarks = remarks;
    Some(extract)
}

/// A word of the list alone chooses: 実施できません is not 実施.
fn value(field: &FieldSpec, forms: &Forms<'_>, raw: &str) -> Option<Value> {
    let value = typed::value(field, forms.lists, raw)?;
    let (said, codes) = (text::tidy(raw), typed::codes(field, forms.lists));
    let listed = || typed::one_of(codes, &said).or_else(|| typed::one_of(codes, plain_word(&said).trim())).map(Value::Code);
    Some(if field.kind == FieldType::Enum { listed().unwrap_or_else(|| Value::Text(text::tidy(raw))) } else { value })
}

/// 済（山田）, 済 4/20: the word without who and when.
fn plain_word(said: &str) -> &str {
    let word = said.split(['(', '（']).next().unwrap_or(said);
    word.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '/' | '.' | '-' | ' ' | '月' | '日'))
}

/// Why the result of a row cannot be recorded, and the column that is to be mended; such a result says no longer that anything was done.
fn unrecorded(record: &mut Record, spec: &DocumentSpec) -> Option<(&'static str, String)> {
    let operation = record.text("operation");
    let signed = record.fields.contains_key("done_by");
    let Some(result) = record.fields.get_mut("result") else {
        return Some(("result", format!("「{}」が空欄です", spec.label("result"))));
    };
    // 承認済 on a sheet that orders 承認.
    let done = matches!(&result.value, Value::Code(code) if code == DONE || Some(code) == operation.as_ref());
    match (done, signed) {
        (true, true) => result.value = Value::Code(DONE.to_owned()),
        (true, false) => {
            result.value = Value::Text(text::tidy(&result.raw));
            return Some(("done_by", format!("「{}」が空欄です", spec.label("done_by"))));
        }
        (false, _) => return Some(("result", format!("「{}」は「{}」です", spec.label("result"), text::tidy(&result.raw)))),
    }
    None
}

fn bare(doc: DocId, pages: u32) -> Extract {
    let (fields, document) = (Record::default(), DocumentKind::new(KIND));
    Extract { doc, document, pages, turned: BTreeMap::new(), fields, sets: BTreeMap::new(), remarks: Vec::new() }
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
        let rows: Vec<String> =
            ["済", "済（山田）", "○", "ok", "否認済 4/20", "不可", "", "たぶん"].iter().map(|result| row(result)).collect();
        let lines: Vec<&str> = [HEAD].into_iter().chain(rows.iter().map(String::as_str)).collect();
        let wanted = [Some("1"), Some("1"), Some("1"), Some("1"), Some("1"), Some("0"), None, Some("たぶん")];
        assert_eq!(results(&lines).unwrap(), wanted.map(|result| result.map(ToOwned::to_owned)));
    }

    fn extract(text: &str) -> Extract {
        let (documents, lists) = ([spec()], Lists::new());
        from_text(DocId::of(b"x"), text, &Forms { documents: &documents, lists: &lists }).unwrap()
    }

    #[test]
    fn a_result_that_cannot_be_recorded_is_told_and_says_nothing() {
        let told = |operation: &str, result: &str, by: &str| {
            let extract = extract(&format!("{HEAD}\r\n{operation},TH-2026-0001,K1A7,R1234,2026042035,1,,{result},{by}\r\n,,,,,,,,\r\n"));
            let rows = extract.fields.group("rows");
            assert_eq!(rows.len(), 1, "a row of commas is none");
            assert_eq!(rows[0].text("result").as_deref() == Some(DONE), extract.remarks.is_empty(), "{operation} {result} {by}");
            extract.remarks.first().map(|remark| (remark.field.clone().unwrap(), remark.words["value"].clone()))
        };
        let says = |key: &str, words: &str| Some((key.to_owned(), words.to_owned()));
        for (operation, result) in
            [("REJECT", "否認済み"), ("REJECT", "否認"), ("APPROVE", "承認済"), ("APPROVE", "実施済み"), ("REJECT", "〇")]
        {
            assert_eq!(told(operation, result, "花子"), None, "{operation} {result}");
        }
        for (operation, result) in
            [("APPROVE", "否認済"), ("REJECT", "承認"), ("REJECT", "NG"), ("REJECT", "未"), ("REJECT", "実施できません")]
        {
            assert_eq!(told(operation, result, "花子"), says("result", &format!("2行目の「結果」は「{result}」です")));
        }
        assert_eq!(told("REJECT", "", "花子"), says("result", "2行目の「結果」が空欄です"));
        assert_eq!(told("REJECT", "済", ""), says("done_by", "2行目の「実施者」が空欄です"));
    }

    #[test]
    fn the_order_as_a_page_leads_to_its_case_and_to_a_person() {
        let (documents, lists) = ([spec(), crate::extraction::sketch::spec()], crate::extraction::sketch::lists());
        let forms = Forms { documents: &documents, lists: &lists };
        let mut page = crate::extraction::sketch::page(1, &[(40, 40, "MMS操作指示書"), (700, 40, "社内限り")], &[]);
        let rows: [&[(i32, &str)]; 4] = [
            &[(150, "受付番号"), (300, "TH-2026-0001"), (150, "申込み事業者"), (300, "株式会社例示電力")],
            &[(150, "契約締結日"), (300, "2026年4月24日"), (150, "契約種別"), (300, "電源Ⅱ")],
            &[(150, "所在地"), (300, "仙台市"), (150, "電話番号"), (300, "022-000-0000")],
            &[(150, "申込日"), (300, ""), (150, "法人番号"), (300, "")],
        ];
        crate::extraction::sketch::grid(&mut page, 40, 120, &rows);
        let order = from_paper(DocId::of(b"x"), std::slice::from_ref(&page), &forms).unwrap();
        assert_eq!((order.document.as_str(), order.fields.text("case_no").as_deref()), (KIND, Some("TH-2026-0001")));
        assert!(order.remarks[0].code.0 == UNRECORDED && order.fields.group("rows").is_empty());
        page.lines[0] = crate::extraction::sketch::line(40, 40, "需給調整市場システム利用申込書");
        assert_eq!(from_paper(DocId::of(b"x"), &[page], &forms), None);
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
