//! Entries that came out blank: which are blank by proof, and which nobody may have seen.
//!
//! Owns the proof. Never reads an entry.

use super::{PAGE_MARKER, PAGE_MISSING, Reader};
use crate::domain::doubt::Doubt;
use crate::domain::extract::Field;
use crate::domain::id::Permille;
use crate::domain::place::{Area, Place};
use crate::domain::value::Value;
use crate::extraction::labels::Hit;
use crate::extraction::locate::Ground;
use crate::extraction::remains;

/// Entries of a page that tell its manner.
const FEW_ENTRIES: usize = 3;

/// What forms print where an entry is to be written: 令和　年　月　日, 　枚.
const PRINT: &str = "令和平成昭西暦年月日時分枚名件部";

impl Reader<'_> {
    /// Entries that came out blank where neither an empty cell nor open boxes prove it: somebody must look. An entry that
    /// may be left out and whose label is nowhere is not on this form.
    pub(super) fn blanks(&mut self, grounds: &[Ground<'_>], hits: &[&Hit]) {
        let page_missing = self.remarks.iter().any(|remark| remark.code.to_string() == PAGE_MISSING);
        // The catalogue names fields in the order of the form: what lies between those seen stood on the pages that are there.
        let named = || hits.iter().filter_map(|hit| hit.field);
        let there = named().min().unwrap_or(0)..named().max().map_or(0, |last| last + 1);
        let seen = !self.plans.iter().any(|plan| plan.spoilt);
        let scanned = grounds.iter().any(|ground| ground.plan.scanned);
        // A label that nobody could read has left its piece and its entry's behind.
        let hidden = grounds.iter().any(|ground| ground.plan.scanned && remains::pair(ground));
        for (n, field) in self.spec.fields.iter().enumerate() {
            let hit = hits.iter().find(|hit| hit.names(n));
            // A reading stands beside every name.
            let reading = field.find.kana_of.is_some() && scanned;
            let asked = hit.is_some() || reading || !field.required_in.is_empty() || hidden || !seen;
            if !asked || page_missing && !there.contains(&n) || field.key == PAGE_MARKER || self.fields.contains_key(&field.key) {
                continue;
            }
            let ground = hit.and_then(|hit| grounds.get(hit.plan).map(|ground| (*hit, ground)));
            let exact = |hit: &Hit| self.plans.get(hit.plan).is_some_and(|plan| !plan.scanned);
            let proven = |(hit, ground): (&Hit, &Ground<'_>)| {
                exact(hit) || is_empty_cell(hit, ground) || self.is_open_beside_label(hit, ground) || self.is_open_without_cell(hit, ground)
            };
            if seen && self.open.contains(&n) || ground.is_some_and(proven) {
                continue;
            }
            let place = match ground {
                Some((hit, ground)) => Place::Page { doc: self.doc, page: ground.plan.page, area: hit.area },
                None => Place::Whole { doc: self.doc },
            };
            let blank = Field {
                value: Value::Text(String::new()),
                raw: String::new(),
                place,
                confidence: Permille(0),
                doubts: Doubt::Unseen.into(),
            };
            self.fields.insert(field.key.clone(), blank);
        }
    }

    /// Whether a label shares its cell with the room for its entry, and nothing stands there: as other entries do in that cell, or most
    /// entries of the page, below or behind labels in their own cells.
    fn is_open_beside_label(&self, hit: &Hit, ground: &Ground<'_>) -> bool {
        let Some(cell) = ground.roomy_cell(hit) else { return false };
        let entries = self.entries.iter().filter(|(_, (plan, _))| *plan == hit.plan);
        let entries: Vec<(usize, Option<usize>)> = entries.map(|(n, (_, spans))| (*n, ground.plan.cell_of(spans))).collect();
        let labelled_within = |(n, cell): &&(usize, Option<usize>)| {
            let label = ground.hits.iter().find(|other| other.field == Some(*n)).and_then(|other| ground.plan.cell_of(&other.spans));
            cell.is_some() && label == *cell
        };
        let manner = entries.len() >= FEW_ENTRIES && entries.iter().filter(labelled_within).count() * 3 >= entries.len() * 2;
        (manner || entries.iter().any(|(_, other)| *other == Some(cell))) && !remains::ink(ground, cell) && !remains::within(ground, cell)
    }

    /// Whether nothing at all stands in the room of a label outside all cells, on a page on which other entries stand so.
    fn is_open_without_cell(&self, hit: &Hit, ground: &Ground<'_>) -> bool {
        let plan = ground.plan;
        let (Some(loose), Some(room)) = (&plan.loose, ground.open_room(hit)) else { return false };
        let in_room = |area: &Area| area.intersection(&room).is_some();
        let alike = self.entries.values().filter(|(n, spans)| *n == hit.plan && plan.cell_of(spans).is_none()).count();
        let mut written = plan.rows.iter().flat_map(|row| &row.inks).filter(|ink| ink.char.is_alphanumeric() && !PRINT.contains(ink.char));
        alike >= FEW_ENTRIES
            && !loose.iter().any(in_room)
            && !plan.marks.iter().any(|mark| in_room(&mark.area))
            && !written.any(|ink| room.contains(ink.area.centre()))
    }
}

/// Whether an entry has cells of its own, and nothing lies in them that nobody read.
fn is_empty_cell(hit: &Hit, ground: &Ground<'_>) -> bool {
    let cells = ground.own_cells(hit);
    !cells.is_empty() && !ground.is_contested(hit) && !cells.into_iter().any(|cell| remains::ink(ground, cell))
}
