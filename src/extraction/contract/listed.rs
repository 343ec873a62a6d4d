//! Equipment written label by label, `契約設備名：○○発電所` or in rows of a label and its entry, where an appendix has no table.
//!
//! Owns the lines under the appendix's heading. Knows labels only through the catalogue.

use super::table::{self, label};
use crate::domain::document::{DocumentSpec, FieldSpec};
use crate::domain::extract::Record;
use crate::domain::id::DocId;
use crate::domain::place::Area;
use crate::domain::reading::{Line, Page};
use crate::domain::text;
use crate::domain::value::Value;
use crate::extraction::typed::Lists;

/// Fields that an entry must at least have; one alone is a line of the text.
const LEAST: usize = 2;

/// The records of one group: a label that comes again begins the next.
pub fn read(spec: &DocumentSpec, lists: &Lists, doc: DocId, pages: &[Page], group: &str) -> Vec<Record> {
    let fields: Vec<&FieldSpec> = spec.fields.iter().filter(|field| field.group.as_deref() == Some(group)).collect();
    let mut lists_begin = false;
    let (mut records, mut open): (Vec<Record>, Vec<Record>) = Default::default();
    for page in pages {
        for line in &page.lines {
            lists_begin |= is_heading(&line.text);
            if !lists_begin {
                continue;
            }
            let (head, entries) = match parted(line) {
                Some((head, entry)) => (head, vec![vec![entry]]),
                None => (line.text.clone(), beside(page, line)),
            };
            let Some(named) = label(unnumbered(&head), &fields) else { continue };
            let repeats = |record: &Record| named.is_some_and(|spec| record.fields.contains_key(&spec.key));
            if !entries.is_empty() && open.first().is_some_and(repeats) {
                records.append(&mut open);
            }
            for (n, lines) in entries.iter().enumerate() {
                if open.len() <= n {
                    open.push(Record::default());
                }
                let lines: Vec<&Line> = lines.iter().collect();
                let raw: String = lines.iter().map(|line| line.text.as_str()).collect();
                match named {
                    Some(spec) => {
                        let field = table::field(spec, &head, &raw, &lines, page, lists, doc);
                        open[n].fields.extend(field.map(|field| (spec.key.clone(), field)));
                    }
                    None if table::is_unit(&head) => name_unit(&mut open[n], &raw, &fields),
                    None => {}
                }
            }
        }
    }
    records.append(&mut open);
    records.retain(|record| record.fields.len() >= LEAST);
    records
}

/// 1号機 belongs to the name of the power station that stands before it.
fn name_unit(record: &mut Record, unit: &str, fields: &[&FieldSpec]) {
    let name = fields.iter().find(|spec| spec.key.ends_with("_name")).and_then(|spec| record.fields.get_mut(&spec.key));
    if let Some(name) = name {
        name.raw.push_str(&table::numbered(unit));
        name.value = Value::Text(text::tidy(&name.raw));
    }
}

/// A label without the number of its item: ３．所在地, （2）号機.
fn unnumbered(head: &str) -> &str {
    let bare =
        head.trim_start_matches(|c: char| c.is_numeric() || c.is_whitespace() || matches!(c, '.' | '．' | '(' | ')' | '（' | '）' | '、'));
    if bare.is_empty() { head } else { bare }
}

fn is_heading(line: &str) -> bool {
    let key = text::label_key(line);
    key.starts_with("別紙") || key.starts_with("別表") || (key.contains("一覧") && key.chars().count() < 20)
}

/// The entries in the ruled cells to the right of a label's, each with its lines.
fn beside(page: &Page, line: &Line) -> Vec<Vec<Line>> {
    let Some(own) = table::cell(page, line.area.centre()) else { return Vec::new() };
    let right = |other: &&Line| other.area.left > own.right - own.height() / 4 && other.area.row_overlap(own) > 300;
    let mut entries: Vec<(&Area, Vec<Line>)> = Vec::new();
    for other in page.lines.iter().filter(right) {
        let Some(cell) = table::cell(page, other.area.centre()) else { continue };
        match entries.iter_mut().find(|(known, _)| *known == cell) {
            Some((_, lines)) => lines.push(other.clone()),
            None => entries.push((cell, vec![other.clone()])),
        }
    }
    entries.sort_by_key(|(cell, _)| cell.left);
    entries.into_iter().map(|(_, lines)| lines).collect()
}

/// What stands before and behind the first colon.
fn parted(line: &Line) -> Option<(String, Line)> {
    let at = line.glyphs.iter().position(|glyph| matches!(glyph.char, '：' | ':'))?;
    let (head, rest) = (line.glyphs.get(..at)?, line.glyphs.get(at + 1..)?);
    let rest = rest.iter().position(|glyph| !glyph.char.is_whitespace()).and_then(|first| rest.get(first..))?;
    let area = Area { left: rest.first()?.start, ..line.area };
    let entry = Line {
        area,
        text: rest.iter().map(|glyph| glyph.char).collect(),
        confidence: line.confidence,
        glyphs: rest.to_vec(),
        hand: line.hand,
        frayed: line.frayed,
    };
    Some((head.iter().map(|glyph| glyph.char).collect(), entry))
}
