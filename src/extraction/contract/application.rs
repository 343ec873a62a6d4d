//! 契約申込書: labels with their values beside them.

use crate::domain::document::{DocumentSpec, FieldSpec};
use crate::domain::doubt::Doubt;
use crate::domain::extract::{Field, Record};
use crate::domain::id::{DocId, Permille};
use crate::domain::place::{Area, Place};
use crate::domain::reading::{Line, MarkKind, Page};
use crate::domain::text;
use crate::extraction::contract::flow::SURE_ENOUGH;
use crate::extraction::contract::table;
use crate::extraction::ticks;
use crate::extraction::typed::{self, Lists};

const GROUP: &str = "equipment";

pub fn read(spec: &DocumentSpec, lists: &Lists, doc: DocId, pages: &[Page]) -> Record {
    let mut fields = Record::default();
    let mut equipment = Record::default();
    for field in &spec.fields {
        let Some(seen) = pages.iter().find_map(|page| beside(spec, field, lists, doc, page)) else { continue };
        let record = if field.group.is_some() { &mut equipment } else { &mut fields };
        record.fields.insert(field.key.clone(), seen);
    }
    let rows = table::read(spec, lists, doc, pages, GROUP).records;
    let rows = if rows.is_empty() && !equipment.fields.is_empty() { vec![equipment] } else { rows };
    if !rows.is_empty() {
        fields.groups.insert(GROUP.to_owned(), rows.into());
    }
    fields
}

fn is_label(line: &Line, field: &FieldSpec) -> bool {
    let key = text::label_key(&line.text);
    let same = |word: &str| {
        let word = text::label_key(word);
        key == word || word.chars().count() >= 4 && text::distance(&key, &word, 1) <= 1
    };
    same(&field.label) || field.variants.iter().any(|word| same(word))
}

/// The value in the cell to the right of a label, or behind it at the same height.
fn beside(spec: &DocumentSpec, field: &FieldSpec, lists: &Lists, doc: DocId, page: &Page) -> Option<Field> {
    let (label, after) = page.lines.iter().find_map(|line| {
        if is_label(line, field) {
            return Some((line, None));
        }
        let (head, value) = text::tidy(&line.text).split_once(':').map(|(head, value)| (head.to_owned(), value.to_owned()))?;
        let bare = Line { text: head, ..line.clone() };
        (is_label(&bare, field) && !value.trim().is_empty()).then_some((line, Some(value)))
    })?;
    let lines: Vec<&Line> = match &after {
        Some(_) => vec![label],
        None => right_of(label, page).into_iter().filter(|line| !spec.fields.iter().any(|other| is_label(line, other))).collect(),
    };
    let area = lines.iter().map(|line| line.area).reduce(|all, area| all.union(&area))?;
    let separator = if field.kind == crate::domain::document::FieldType::List { "\n" } else { "" };
    let raw = after.unwrap_or_else(|| lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(separator));
    let ticked = ticks::ticked(&text::tidy(&raw)).filter(|chosen| !chosen.is_empty());
    let chosen = ticked.map(|chosen| chosen.join("、")).or_else(|| marked(&lines, page)).unwrap_or_else(|| raw.clone());
    let value = typed::value(field, lists, &chosen)?;
    let confidence = lines.iter().flat_map(|line| line.glyphs.iter().map(|glyph| glyph.confidence)).min().unwrap_or(Permille::SURE);
    let doubts = Doubt::Malformed.when(!typed::fits(field, &value)) | Doubt::Faint.when(confidence < SURE_ENOUGH);
    Some(Field { value, raw, place: Place::Page { doc, page: page.number, area }, confidence, doubts })
}

fn right_of<'a>(label: &Line, page: &'a Page) -> Vec<&'a Line> {
    let around = |area: &Area| page.cells.iter().filter(|cell| cell.contains(area.centre())).min_by_key(|cell| cell.width());
    let own = around(&label.area);
    let target = own.and_then(|own| {
        page.cells.iter().filter(|cell| cell.left >= own.right - 10 && cell.row_overlap(own) > 500).min_by_key(|cell| cell.left)
    });
    match target {
        Some(cell) => page.lines.iter().filter(|line| cell.contains(line.area.centre())).collect(),
        None => page.lines.iter().filter(|line| line.area.left >= label.area.right && line.area.row_overlap(&label.area) > 500).collect(),
    }
}

/// The words beside a ticked box that is drawn, or inside a ring.
fn marked(lines: &[&Line], page: &Page) -> Option<String> {
    let chosen: Vec<&str> = lines
        .iter()
        .filter(|line| {
            page.marks.iter().any(|mark| match mark.kind {
                MarkKind::BoxTicked => {
                    mark.area.row_overlap(&line.area) > 500
                        && (0..2 * line.area.height().max(1)).contains(&(line.area.left - mark.area.right))
                }
                MarkKind::Ring => mark.area.contains(line.area.centre()),
                _ => false,
            })
        })
        .map(|line| line.text.as_str())
        .collect();
    (!chosen.is_empty() && chosen.len() < lines.len()).then(|| chosen.join("、"))
}
