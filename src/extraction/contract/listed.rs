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
use crate::extraction::typed::Lists;

/// Fields that an entry must at least have; one alone is a line of the text.
const LEAST: usize = 2;

/// The records of one group: a label that comes again begins the next.
pub fn read(spec: &DocumentSpec, lists: &Lists, doc: DocId, pages: &[Page], group: &str) -> Vec<Record> {
    let fields: Vec<&FieldSpec> = spec.fields.iter().filter(|field| field.group.as_deref() == Some(group)).collect();
    let (mut records, mut open, mut begun) = (Vec::new(), Record::default(), false);
    for page in pages {
        for line in &page.lines {
            begun |= is_heading(&line.text);
            let Some((head, entry)) = parted(line).or_else(|| beside(page, line)).filter(|_| begun) else { continue };
            let Some(Some(spec)) = label(&head, &fields) else { continue };
            let Some(field) = table::field(spec, &head, &entry.text, &[&entry], page, lists, doc) else { continue };
            if open.fields.contains_key(&spec.key) {
                records.push(std::mem::take(&mut open));
            }
            open.fields.insert(spec.key.clone(), field);
        }
    }
    records.push(open);
    records.retain(|record| record.fields.len() >= LEAST);
    records
}

fn is_heading(line: &str) -> bool {
    let key = text::label_key(line);
    key.starts_with("別紙") || key.starts_with("別表") || (key.contains("一覧") && key.chars().count() < 20)
}

/// The entry in the ruled cell to the right of a label's; where there are several, nobody knows whose each is.
fn beside(page: &Page, line: &Line) -> Option<(String, Line)> {
    let own = table::cell(page, line.area.centre())?;
    let right = |other: &&Line| other.area.left > own.right - own.height() / 4 && other.area.row_overlap(own) > 300;
    let mut entries = page.lines.iter().filter(right);
    let entry = entries.next().filter(|_| entries.next().is_none())?;
    Some((line.text.clone(), entry.clone()))
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
