//! The application form as a PDF of two pages, from its fields.

use super::pdf::{self, Page};
use super::{codes, spec, written};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use uketsuke::catalogue::Catalogue;
use uketsuke::domain::document::{FieldSpec, FieldType};
use uketsuke::domain::place::Area;

/// Where the value of a field stands: page, and its cell or a spot of it in tenths of a point.
pub type Spots = BTreeMap<String, (u32, Area)>;

/// Rows of the first page; the rest stand on the second.
const FIRST: usize = 16;
const VALUE: i32 = 200;

/// Pages to leave out are named in `lost`; a line is drawn through the entry `struck`.
pub fn make(catalogue: &Catalogue, fields: &Json, lost: &[usize], struck: Option<&str>) -> (Vec<u8>, Spots) {
    let form = spec(catalogue, "application_form");
    let mut pages = [Page::default(), Page::default()];
    let mut spots = Spots::new();
    pages[0].text(200, 30, "需給調整市場システム利用申込書");
    let edition = written(&fields["form_edition"]);
    if !edition.is_empty() {
        pages[0].text(40, 12, &format!("様式第１号（{edition}）"));
        spots.insert("form_edition".to_owned(), (1, Area::new(1050, 170, 1060, 180)));
    }
    let apart = ["form_edition", "page_marker", "seal_present"];
    let rows: Vec<&FieldSpec> = form.fields.iter().filter(|field| !apart.contains(&field.key.as_str())).collect();
    for (n, rows) in [&rows[..FIRST], &rows[FIRST..]].into_iter().enumerate() {
        let page = &mut pages[n];
        page.text(540, 12, &format!("{}/2", n + 1));
        let mut top = 60;
        for field in rows {
            let lines = lines(catalogue, field, &fields[&field.key]);
            let bottom = top + 10 + 16 * lines.len().max(1) as i32;
            page.cell(40, top, VALUE - 10, bottom);
            page.cell(VALUE - 10, top, 555, bottom);
            page.text(46, top + 8, &field.label);
            for (m, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
                page.text(VALUE, top + 8 + 16 * m as i32, line);
            }
            if struck == Some(field.key.as_str()) {
                let ems = lines.first().map_or(0, |line| line.chars().count()) as i32;
                page.line(VALUE - 2, top + 14, VALUE + 10 * ems + 3, top + 13);
            }
            if field.key == "representative_name" && fields["seal_present"] == "1" {
                page.seal(500, top - 8);
            }
            spots.insert(field.key.clone(), (n as u32 + 1, Area::new(VALUE * 10 - 100, top * 10, 5550, bottom * 10)));
            top = bottom;
        }
    }
    let kept: Vec<Page> = pages.into_iter().enumerate().filter(|(n, _)| !lost.contains(&(n + 1))).map(|(_, page)| page).collect();
    (pdf::save(&kept), spots)
}

fn lines(catalogue: &Catalogue, field: &FieldSpec, value: &Json) -> Vec<String> {
    let codes = codes(catalogue, field);
    if matches!(field.kind, FieldType::Enum | FieldType::EnumList | FieldType::Bool) && !codes.is_empty() {
        let chosen: Vec<String> = match value {
            Json::Array(list) => list.iter().map(written).collect(),
            one => vec![written(one)],
        };
        // A consent is one box; a choice offers all of its words.
        let offered = codes.iter().filter(|entry| field.kind != FieldType::Bool || entry.code == "1");
        let options: Vec<String> =
            offered.map(|entry| format!("{}{}", if chosen.contains(&entry.code) { "☑" } else { "□" }, entry.words[0])).collect();
        let a_line = if options.iter().any(|option| option.chars().count() > 8) { 1 } else { 5 };
        return options.chunks(a_line).map(|part| part.join("　")).collect();
    }
    let text = written(value);
    let day = text.parse::<jiff::civil::Date>().ok().filter(|_| field.kind == FieldType::Date);
    let text = day.map_or(text, |day| format!("{}年{}月{}日", day.year(), day.month(), day.day()));
    text.split('\n').map(ToOwned::to_owned).collect()
}
