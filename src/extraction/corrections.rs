//! Corrections by hand: lines drawn through what was written.
//!
//! Owns what they mean for the entries that they touch. Never finds a line.

use crate::domain::doubt::Doubt;
use crate::domain::extract::Record;
use crate::domain::finding::Remark;
use crate::domain::id::DocId;
use crate::domain::place::{Area, Place};
use crate::domain::reading::{Mark, MarkKind};
use crate::extraction::layout::Plan;

/// What is said of a correction that no 訂正印 confirms.
const UNSEALED: &str = "A-020";

/// Whether an entry was corrected by hand: somebody must see what holds now.
pub fn touch(plan: &Plan, entry: &Area) -> bool {
    let near = Area::new(entry.left - plan.em, entry.top - plan.em / 2, entry.right + plan.em, entry.bottom + plan.em / 2);
    plan.marks.iter().filter(|mark| is_one(mark)).any(|mark| mark.area.intersection(&near).is_some())
}

pub fn is_one(mark: &Mark) -> bool {
    matches!(mark.kind, MarkKind::Struck | MarkKind::Corrected)
}

/// Doubts every entry of a record and of its rows that was corrected by hand.
pub fn doubt(record: &mut Record, plans: &[Plan]) {
    for field in record.fields.values_mut() {
        if let Place::Page { page, area, .. } = &field.place
            && plans.iter().any(|plan| plan.page == *page && touch(plan, area))
        {
            field.doubts |= Doubt::Covered;
        }
    }
    record.groups.values_mut().flatten().for_each(|row| doubt(row, plans));
}

/// Every correction without a seal, at its place.
pub fn remarks(doc: DocId, plans: &[Plan]) -> Vec<Remark> {
    let at = |plan: &Plan, area: Area| Remark::new(UNSEALED).at(Place::Page { doc, page: plan.page, area });
    plans
        .iter()
        .flat_map(|plan| plan.marks.iter().filter(|mark| mark.kind == MarkKind::Struck).map(move |mark| at(plan, mark.area)))
        .collect()
}
