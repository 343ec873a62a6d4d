//! Workbooks made part by part, sound and hostile.

use super::*;
use crate::domain::id::DocId;
use crate::domain::reading::CellValue;
use crate::reading::format::{Blind, Limits};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const TYPES: (&str, &str) = ("[Content_Types].xml", r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#);
const ROOT: (&str, &str) = (
    "_rels/.rels",
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
);
const RELATIONS: (&str, &str) = (
    "xl/_rels/workbook.xml.rels",
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#,
);
const STYLES: (&str, &str) = (
    "xl/styles.xml",
    r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="3"><numFmt numFmtId="164" formatCode="0000000"/><numFmt numFmtId="165" formatCode="[$-411]ggge&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/><numFmt numFmtId="166" formatCode="0.0%"/></numFmts><cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="22"/></cellXfs></styleSheet>"#,
);

/// A workbook of one sheet; `rows` is what stands inside of `sheetData`.
fn book(properties: &str, state: &str, rows: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let workbook = format!(
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr {properties}/><sheets><sheet name="表" sheetId="1" state="{state}" r:id="rId1"/></sheets></workbook>"#
    );
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData><mergeCells count="1"><mergeCell ref="B1:C2"/></mergeCells></worksheet>"#
    );
    let mut parts =
        vec![TYPES, ROOT, RELATIONS, STYLES, ("xl/workbook.xml", workbook.as_str()), ("xl/worksheets/sheet1.xml", sheet.as_str())];
    parts.extend(more);
    zipped(&parts)
}

fn read(bytes: &[u8], limits: Limits) -> (&'static str, Outcome) {
    let source = Source { doc: DocId::of(bytes), name: "登録データ.xlsx", bytes };
    let tools = Tools { ocr: &Blind, limits };
    let format = crate::reading::FORMATS.iter().find(|format| (format.sniff)(bytes)).unwrap();
    (format.name, (format.read)(&source, &tools))
}

fn values(outcome: &Outcome) -> Vec<(u32, u32, CellValue)> {
    let Content::Book { sheets, .. } = &outcome.content else { panic!("{outcome:?}") };
    sheets[0].cells.iter().map(|cell| (cell.row, cell.column, cell.value.clone())).collect()
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.remarks.iter().map(|remark| remark.code.0.as_str()).collect()
}

#[test]
fn cells_are_what_a_person_sees() {
    let rows = r#"<row r="1"><c r="A1"><v>9.29</v></c><c r="B1" s="1"><v>12345</v></c></row><row r="3"><c r="A3" s="2"><v>46143</v></c><c r="B3" s="3"><v>0.045</v></c><c r="C3" s="4"><v>46143.5</v></c><c r="D3"><v>2.123456789012E21</v></c></row><row r="4"><c r="A4" t="b"><v>1</v></c><c r="B4"><f>A1*2</f></c><c r="C4"><f>A1*2</f><v>18.58</v></c><c r="D4" t="e"><v>#N/A</v></c><c r="E4" t="inlineStr"><is><t> </t></is></c></row>"#;
    let (format, outcome) = read(&book("", "visible", rows, &[]), Limits::default());
    assert_eq!(format, "xlsx");
    let text = |text: &str| CellValue::Text(text.to_owned());
    let number = |text: &str| CellValue::Number(text.to_owned());
    let date = |text: &str| CellValue::Date(text.to_owned());
    let error = |text: &str| CellValue::Error(text.to_owned());
    assert_eq!(
        values(&outcome),
        [
            (1, 1, number("9.29")),
            (1, 2, text("0012345")),
            (3, 1, date("2026-05-01")),
            (3, 2, text("4.5%")),
            (3, 3, date("2026-05-01T12:00:00")),
            (3, 4, number("2.123456789012E+21")),
            (4, 1, CellValue::Flag(true)),
            (4, 2, error("=A1*2")),
            (4, 3, number("18.58")),
            (4, 4, error("#N/A")),
        ]
    );
    let Content::Book { sheets, .. } = &outcome.content else { panic!() };
    assert_eq!((sheets[0].merged[0].top, sheets[0].merged[0].right), (1, 3));
}

/// Cells that show more than their value.
fn asides(outcome: &Outcome) -> Vec<(u32, u32, &str, bool)> {
    let Content::Book { sheets, .. } = &outcome.content else { panic!("{outcome:?}") };
    let aside = |cell: &crate::domain::reading::SheetCell| cell.aside.clone().map(|aside| (cell.row, cell.column, aside));
    let told: Vec<_> = sheets[0].cells.iter().filter_map(aside).collect();
    told.into_iter().map(|(row, column, aside)| (row, column, String::leak(aside.unit) as &str, aside.doubtful)).collect()
}

#[test]
fn words_of_a_format_and_what_is_struck_out_or_hidden_are_told() {
    let styles = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="0&quot;MW&quot;"/></numFmts><fonts count="2"><font/><font><strike/></font></fonts><cellXfs count="3"><xf numFmtId="0" fontId="0"/><xf numFmtId="164" fontId="0"/><xf numFmtId="0" fontId="1" applyFont="1"/></cellXfs></styleSheet>"#;
    let rows = r#"<row r="1"><c r="A1" s="1"><v>73</v></c><c r="B1" s="2"><v>9.66</v></c><c r="C1"><v>1</v></c><c r="D1"><v>2</v></c></row><row r="2" hidden="1"><c r="A2"><v>3</v></c></row><row r="3"><c r="A3" t="inlineStr"><is><r><rPr><strike/></rPr><t>729</t></r><r><t>72900</t></r></is></c><c r="B3" t="inlineStr"><is><r><rPr><strike val="0"/></rPr><t>見本</t></r></is></c></row>"#;
    let workbook = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cols><col min="4" max="5" width="9" hidden="1"/></cols><sheetData>{rows}</sheetData></worksheet>"#
    );
    let parts = [TYPES, ROOT, RELATIONS, ("xl/styles.xml", styles), ("xl/workbook.xml", workbook), ("xl/worksheets/sheet1.xml", &sheet)];
    let (_, outcome) = read(&zipped(&parts), Limits::default());
    assert_eq!(values(&outcome).len(), 7);
    assert_eq!(asides(&outcome), [(1, 1, "MW", false), (1, 2, "", true), (1, 4, "", true), (2, 1, "", true), (3, 1, "", true)]);
    let Content::Book { sheets, .. } = &outcome.content else { panic!() };
    assert!(!sheets[0].unformatted);
}

#[test]
fn the_epoch_of_1904_is_minded() {
    let rows = r#"<row r="1"><c r="A1" s="2"><v>44681</v></c></row>"#;
    let (_, outcome) = read(&book(r#"date1904="1""#, "visible", rows, &[]), Limits::default());
    assert_eq!(values(&outcome), [(1, 1, CellValue::Date("2026-05-01".into()))]);
}

#[test]
fn hidden_sheets_and_macros_are_told() {
    let (_, outcome) = read(&book("", "veryHidden", "", &[("xl/vbaProject.bin", "x")]), Limits::default());
    assert_eq!(codes(&outcome), ["M-005"]);
    let Content::Book { sheets, .. } = &outcome.content else { panic!() };
    assert!(!sheets[0].visible);
}

#[test]
fn two_cells_at_the_ends_of_a_sheet_cost_two_cells() {
    let rows = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#;
    let (_, outcome) = read(&book("", "visible", rows, &[]), Limits::default());
    assert_eq!(values(&outcome).len(), 2);
}

#[test]
fn bounds_hold_before_anything_is_parsed() {
    let rows = r#"<row><c><v>1</v></c><c><v>1</v></c><c><v>1</v></c></row>"#;
    let bytes = book("", "visible", rows, &[]);
    for limits in [Limits { cells: 2, ..Limits::default() }, Limits { unpacked: 500, ..Limits::default() }] {
        let (_, outcome) = read(&bytes, limits);
        assert_eq!((&outcome.content, codes(&outcome)), (&Content::Unreadable, vec!["M-007"]));
    }
}

#[test]
fn entities_and_cut_files_are_damaged() {
    let bomb = format!(r#"<!DOCTYPE w [<!ENTITY a "{}">]><workbook>&a;</workbook>"#, "a".repeat(20_000));
    let bytes = zipped(&[TYPES, ROOT, RELATIONS, ("xl/workbook.xml", &bomb)]);
    assert_eq!(codes(&read(&bytes, Limits::default()).1), ["M-001"]);
    let cut = book("", "visible", "<row><c><v>1", &[]);
    assert_eq!(codes(&read(&cut, Limits::default()).1), ["M-001"]);
    assert_eq!(codes(&read(ole::MAGIC, Limits::default()).1), ["M-001"]);
}

/// A container with an empty stream of this name and nothing else.
fn container(stream: &str) -> Vec<u8> {
    let mut bytes = vec![0u8; 512 * 3];
    bytes[..8].copy_from_slice(ole::MAGIC);
    bytes[26] = 3;
    bytes[30] = 9;
    bytes[32] = 6;
    bytes[44] = 1;
    bytes[68..72].fill(0xFE);
    bytes[69..72].fill(0xFF);
    bytes[76..512].fill(0xFF);
    bytes[76..80].copy_from_slice(&1u32.to_le_bytes());
    for (n, (name, kind)) in [("Root Entry", 5), (stream, 2)].into_iter().enumerate() {
        let entry = &mut bytes[512 + 128 * n..512 + 128 * (n + 1)];
        for (at, unit) in name.encode_utf16().enumerate() {
            entry[2 * at..2 * at + 2].copy_from_slice(&unit.to_le_bytes());
        }
        entry[64] = 2 * (name.len() as u8 + 1);
        entry[66] = kind;
        entry[116..120].copy_from_slice(&0xFFFF_FFFEu32.to_le_bytes());
    }
    bytes[1024..1536].fill(0xFF);
    bytes[1024..1028].copy_from_slice(&0xFFFF_FFFEu32.to_le_bytes());
    bytes[1028..1032].copy_from_slice(&0xFFFF_FFFDu32.to_le_bytes());
    bytes
}

#[test]
fn what_an_ole_container_holds_decides() {
    for (stream, code) in [("EncryptedPackage", "M-002"), ("WordDocument", "M-003"), ("Workbook", "M-001")] {
        assert_eq!(codes(&read(&container(stream), Limits::default()).1), [code], "{stream}");
    }
    // A directory that is its own next sector never ends.
    let mut looped = container("Workbook");
    looped[1024..1028].copy_from_slice(&0u32.to_le_bytes());
    assert_eq!(codes(&read(&looped, Limits::default()).1), ["M-001"]);
}

/// Found by fuzzing: the parser asks for room for as many cells as a sheet claims to have.
#[test]
fn a_sheet_that_claims_more_cells_than_there_can_be_is_read() {
    let sound = std::fs::read("fuzz/seeds/date.xls").unwrap();
    let mut claims = sound.clone();
    // DIMENSIONS of BIFF8: its number and length, the first row and the one behind the last, then columns likewise.
    let dimensions = claims.windows(4).position(|head| head == [0x00, 0x02, 0x0e, 0x00]).unwrap() + 4;
    claims[dimensions + 4..dimensions + 8].fill(0xff);
    claims[dimensions + 10..dimensions + 12].fill(0xff);
    let (sound, claims) = (read(&sound, Limits::default()).1, read(&claims, Limits::default()).1);
    assert!(!values(&sound).is_empty());
    assert_eq!(values(&sound), values(&claims));
}

#[test]
fn a_stream_is_wrapped_whole() {
    for length in [1, 4096, 4097, 5 << 20] {
        let stream: Vec<u8> = (0..length).map(|n: u32| (n % 251) as u8).collect();
        let wrapped = ole::wrapped("Workbook", &stream);
        let again = ole::Container::open(&wrapped).unwrap().stream("Workbook").unwrap();
        assert!(again.starts_with(&stream) && again.len() == stream.len().max(4096), "{length}");
    }
}

fn ods(table: &str) -> Vec<u8> {
    let content = format!(
        r#"<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet><table:table table:name="表">{table}</table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    let manifest =
        r#"<manifest:manifest xmlns:manifest="m"><manifest:file-entry manifest:full-path="/"></manifest:file-entry></manifest:manifest>"#;
    zipped(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", &content),
        ("META-INF/manifest.xml", manifest),
    ])
}

#[test]
fn an_open_document_is_read_and_its_repetitions_are_counted() {
    let row = r#"<table:table-row><table:table-cell office:value-type="string"><text:p>開始日</text:p></table:table-cell><table:table-cell office:value-type="date" office:date-value="2026-05-01"><text:p>令和8年</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16382"/></table:table-row>"#;
    let (format, outcome) = read(&ods(row), Limits::default());
    assert_eq!(format, "ods");
    let Content::Book { sheets, .. } = &outcome.content else { panic!() };
    assert!(sheets[0].unformatted, "what percentages are is not told");
    assert_eq!(values(&outcome), [(1, 1, CellValue::Text("開始日".into())), (1, 2, CellValue::Date("2026-05-01".into()))]);
    let bomb = r#"<table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value="1" table:number-columns-repeated="16000"></table:table-cell></table:table-row>"#;
    assert_eq!(codes(&read(&ods(bomb), Limits::default()).1), ["M-007"]);
}

#[test]
fn an_open_document_under_a_password_is_asked_for_without() {
    let manifest = r#"<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"#;
    let parts = [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", "\u{1}noise"),
        ("META-INF/manifest.xml", manifest),
    ];
    assert_eq!(codes(&read(&zipped(&parts), Limits::default()).1), ["M-002"]);
}

/// What Windows makes of a file that is put into a sheet.
fn native(name: &[u8], bytes: &[u8]) -> Vec<u8> {
    let size = |length: usize| (length as u32).to_le_bytes();
    let path = b"C:\\tmp\\a.bin\0";
    let inner = [&[2, 0][..], name, b"\0", path, &[0, 0, 3, 0], &size(path.len()), path, &size(bytes.len()), bytes].concat();
    ole::wrapped("\u{1}Ole10Native", &[&size(inner.len())[..], &inner].concat())
}

#[test]
fn documents_that_lie_in_a_workbook_are_taken_out() {
    let inner = book("", "visible", "", &[]);
    let (named, _, _) = encoding_rs::SHIFT_JIS.encode("表能.pdf");
    let objects = [
        ("xl/embeddings/Book1.xlsx", inner.clone()),
        ("xl/embeddings/oleObject1.bin", native(&named, b"%PDF-1.7")),
        ("xl/embeddings/oleObject2.bin", ole::wrapped("CONTENTS", b"%PDF-1.4")),
        ("xl/embeddings/oleObject3.bin", ole::wrapped("Equation Native", b"x")),
        ("xl/embeddings/oleObject4.bin", native(b"setup.js", b"run()")),
        // A size beyond its end.
        (
            "xl/embeddings/oleObject5.bin",
            ole::wrapped("\u{1}Ole10Native", &[&[9, 0, 0, 0, 2, 0][..], b"a\0b\0", &[0; 4], &[0xFF; 4]].concat()),
        ),
    ];
    let mut zip = zip::ZipWriter::new_append(Cursor::new(book("", "visible", "", &[]))).unwrap();
    for (name, bytes) in &objects {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    let (_, outcome) = read(&zip.finish().unwrap().into_inner(), Limits::default());
    assert_eq!(codes(&outcome), ["M-005"], "a program by its name");
    let parts: Vec<(&str, &[u8])> =
        outcome.content.parts().iter().map(|part| (part.name.as_str(), part.bytes.get(..8).unwrap_or(&part.bytes))).collect();
    assert_eq!(parts, [("book1.xlsx", &inner[..8]), ("表能.pdf", b"%PDF-1.7"), ("埋込3.pdf", b"%PDF-1.4"), ("setup.js", b"run()")]);
}
