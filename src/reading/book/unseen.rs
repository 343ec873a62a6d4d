//! What a person does not see in a workbook, or sees struck out: rows and columns that are hidden, runs of text with a line through them.
//!
//! Owns how Excel writes these down; the parser of the cells passes them over. A workbook in which nothing of the kind stands is not
//! read for it, and what cannot be read is taken for seen.

use super::package;
use crate::domain::reading::CellValue;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeSet;

#[derive(Default)]
pub struct Unseen {
    /// The letters of texts of which a part is struck out.
    struck: BTreeSet<String>,
    /// In the order of the workbook.
    sheets: Vec<Lines>,
}

/// Hidden rows and columns, counted from 1.
#[derive(Default)]
struct Lines {
    rows: BTreeSet<u32>,
    columns: Vec<(u32, u32)>,
}

impl Unseen {
    /// Reads the sheets and the texts that they share, none further than `limit`.
    pub fn look(bytes: &[u8], limit: usize) -> Unseen {
        let read = |name: &str| package::member(bytes, name, limit as u64).and_then(|content| String::from_utf8(content).ok());
        let mut unseen = Unseen::default();
        read("xl/sharedStrings.xml").map(|texts| unseen.see(&texts));
        for path in paths(&read).unwrap_or_default() {
            let lines = read(&path).map(|sheet| unseen.see(&sheet)).unwrap_or_default();
            unseen.sheets.push(lines);
        }
        unseen
    }

    /// Whether a person may not see what stands in this cell of the n-th sheet, or not take it for a value.
    pub fn hides(&self, n: usize, (row, column): (u32, u32), value: &CellValue) -> bool {
        let (row, column) = (row.saturating_add(1), column.saturating_add(1));
        let hidden = self
            .sheets
            .get(n)
            .is_some_and(|lines| lines.rows.contains(&row) || lines.columns.iter().any(|(first, last)| (*first..=*last).contains(&column)));
        hidden || !self.struck.is_empty() && matches!(value, CellValue::Text(text) if self.struck.contains(&letters(text)))
    }

    /// Takes the struck texts of a part, and hands back its hidden lines; of what is broken, what stands before.
    fn see(&mut self, part: &str) -> Lines {
        let mut reader = Reader::from_str(part);
        let mut lines = Lines::default();
        let (mut row, mut text, mut struck, mut inside, mut reading) = (0u32, String::new(), false, false, false);
        while let Ok(event) = reader.read_event() {
            match &event {
                Event::Start(e) | Event::Empty(e) => match e.local_name().as_ref() {
                    "row" => {
                        row = number(e, "r").unwrap_or(row.saturating_add(1));
                        if is_set(e, "hidden") == Some(true) {
                            lines.rows.insert(row);
                        }
                    }
                    "col" if is_set(e, "hidden") == Some(true) => lines.columns.extend(number(e, "min").zip(number(e, "max"))),
                    "si" | "is" => (text, struck) = (String::new(), false),
                    "strike" => struck |= is_set(e, "val") != Some(false),
                    "rPh" => reading = matches!(event, Event::Start(_)),
                    "t" => inside = matches!(event, Event::Start(_)),
                    _ => {}
                },
                Event::End(e) => match e.local_name().as_ref() {
                    "si" | "is" if struck => drop(self.struck.insert(letters(&text))),
                    "rPh" => reading = false,
                    "t" => inside = false,
                    _ => {}
                },
                Event::Text(words) if inside && !reading => text.push_str(&words.xml10_content()),
                Event::GeneralRef(name) if inside && !reading => text.extend(name.resolve_char_ref().ok().flatten()),
                Event::Eof => break,
                _ => {}
            }
        }
        lines
    }
}

/// What tells one text from another: escapes of signs and line breaks are spelt in several ways.
fn letters(text: &str) -> String {
    text.replace("_x000D_", "").chars().filter(|c| c.is_alphanumeric()).collect()
}

fn attribute<'e>(element: &'e BytesStart<'_>, name: &str) -> Option<std::borrow::Cow<'e, str>> {
    element.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name).map(|attribute| attribute.value)
}

fn number(element: &BytesStart<'_>, name: &str) -> Option<u32> {
    attribute(element, name)?.parse().ok()
}

fn is_set(element: &BytesStart<'_>, name: &str) -> Option<bool> {
    attribute(element, name).map(|value| matches!(value.as_ref(), "1" | "true"))
}

/// Where the sheets lie, in the order of the workbook.
fn paths(read: &impl Fn(&str) -> Option<String>) -> Option<Vec<String>> {
    let targets = listed(&read("xl/_rels/workbook.xml.rels")?, "Relationship", "Id", "Target");
    let sheets = listed(&read("xl/workbook.xml")?, "sheet", "id", "name");
    let path = |id: &String| {
        let target = targets.iter().find(|(own, _)| own == id).map_or("", |(_, target)| target.as_str());
        target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned)
    };
    Some(sheets.iter().map(|(id, _)| path(id)).collect())
}

/// Two attributes of each element of a name.
fn listed(part: &str, element: &str, first: &str, second: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(part);
    let mut found = Vec::new();
    while let Ok(event) = reader.read_event() {
        match &event {
            Event::Start(e) | Event::Empty(e) if e.local_name().as_ref() == element => {
                found.extend(attribute(e, first).zip(attribute(e, second)).map(|(one, other)| (one.into_owned(), other.into_owned())));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    found
}
