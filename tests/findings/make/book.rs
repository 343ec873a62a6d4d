//! A workbook of data sets as xlsx, written part by part, and the cell of every value.

use super::{spec, written};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write};
use uketsuke::catalogue::Catalogue;
use uketsuke::domain::document::DocumentSpec;
use zip::write::SimpleFileOptions;

/// Sheet, row and column of a value, by its pointer in the model: `/resource/0/area`.
pub type Cells = BTreeMap<String, (String, u32, u32)>;

#[derive(Clone, Default)]
pub struct Sheet {
    pub name: String,
    pub cells: BTreeMap<(u32, u32), Json>,
    pub hidden: bool,
}

impl Sheet {
    fn put(&mut self, row: u32, column: u32, value: Json) {
        if !written(&value).is_empty() {
            self.cells.insert((row, column), value);
        }
    }
}

/// The sheets of a model, one a data set, labels as the catalogue prints them.
pub fn sheets(catalogue: &Catalogue, data: &Json) -> (Vec<Sheet>, Cells) {
    let mut all = Vec::new();
    let mut cells = Cells::new();
    for (id, value) in data.as_object().unwrap() {
        let form = spec(catalogue, id);
        let mut sheet = Sheet { name: form.title.clone(), ..Sheet::default() };
        let records: Vec<(String, &Json)> = match value {
            Json::Array(list) => list.iter().enumerate().map(|(n, record)| (format!("/{id}/{n}"), record)).collect(),
            Json::Null => continue,
            one => vec![(format!("/{id}"), one)],
        };
        match form.layout.as_str() {
            "columns" => columns(form, &records, &mut sheet, &mut cells),
            _ => blocks(form, &records, &mut sheet, &mut cells),
        }
        all.push(sheet);
    }
    (all, cells)
}

/// A column for each record.
fn columns(form: &DocumentSpec, records: &[(String, &Json)], sheet: &mut Sheet, cells: &mut Cells) {
    for (n, field) in form.fields.iter().enumerate() {
        let row = n as u32 + 2;
        sheet.put(row, 1, field.label.clone().into());
        for (m, (path, record)) in records.iter().enumerate() {
            sheet.put(row, m as u32 + 2, record[&field.key].clone());
            cells.insert(format!("{path}/{}", field.key), (sheet.name.clone(), row, m as u32 + 2));
        }
    }
}

/// Label and value below one another, then a table for each group; one record after the other.
fn blocks(form: &DocumentSpec, records: &[(String, &Json)], sheet: &mut Sheet, cells: &mut Cells) {
    let mut row = 1;
    let groups: BTreeSet<&String> = form.fields.iter().filter_map(|field| field.group.as_ref()).collect();
    for (path, record) in records {
        for field in form.fields.iter().filter(|field| field.group.is_none()) {
            row += 1;
            sheet.put(row, 1, field.label.clone().into());
            sheet.put(row, 2, record[&field.key].clone());
            cells.insert(format!("{path}/{}", field.key), (sheet.name.clone(), row, 2));
        }
        for group in &groups {
            let fields: Vec<_> = form.fields.iter().filter(|field| field.group.as_ref() == Some(group)).collect();
            row += 2;
            for (n, field) in fields.iter().enumerate() {
                sheet.put(row, n as u32 + 1, field.label.clone().into());
            }
            for (m, inner) in record[group.as_str()].as_array().into_iter().flatten().enumerate() {
                row += 1;
                for (n, field) in fields.iter().enumerate() {
                    sheet.put(row, n as u32 + 1, inner[&field.key].clone());
                    cells.insert(format!("{path}/{group}/{m}/{}", field.key), (sheet.name.clone(), row, n as u32 + 1));
                }
            }
        }
        row += 2;
    }
}

/// The bytes of a workbook; `more` are parts that do not belong there, such as macros.
pub fn save(sheets: &[Sheet], more: &[(&str, &[u8])]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATED: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let mut parts: Vec<(String, Vec<u8>)> = vec![
        ("[Content_Types].xml".into(), format!(r#"<Types xmlns="{PACKAGE}/content-types"/>"#).into_bytes()),
        (
            "_rels/.rels".into(),
            format!(r#"<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#).into_bytes(),
        ),
    ];
    let (mut listed, mut related) = (String::new(), String::new());
    for (n, sheet) in sheets.iter().enumerate() {
        let (n, state) = (n + 1, if sheet.hidden { "hidden" } else { "visible" });
        listed += &format!(r#"<sheet name="{}" sheetId="{n}" state="{state}" r:id="r{n}"/>"#, escaped(&sheet.name));
        related += &format!(r#"<Relationship Id="r{n}" Type="{RELATED}/worksheet" Target="worksheets/sheet{n}.xml"/>"#);
        let mut rows: BTreeMap<u32, String> = BTreeMap::new();
        for ((row, column), value) in &sheet.cells {
            let at = format!("{}{row}", char::from(b'A' + *column as u8 - 1));
            *rows.entry(*row).or_default() += &match value {
                Json::Number(number) => format!(r#"<c r="{at}"><v>{number}</v></c>"#),
                other => format!(r#"<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>"#, escaped(&written(other))),
            };
        }
        let rows: String = rows.into_iter().map(|(row, cells)| format!(r#"<row r="{row}">{cells}</row>"#)).collect();
        let text = format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#);
        parts.push((format!("xl/worksheets/sheet{n}.xml"), text.into_bytes()));
    }
    parts.push((
        "xl/workbook.xml".into(),
        format!(r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATED}"><sheets>{listed}</sheets></workbook>"#).into_bytes(),
    ));
    parts.push((
        "xl/_rels/workbook.xml.rels".into(),
        format!(r#"<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>"#).into_bytes(),
    ));
    parts.extend(more.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())));
    zipped(&parts)
}

pub fn zipped(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
