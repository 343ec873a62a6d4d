//! Values that do not stand one in a cell: a code over several cells, both ends of a period in one, a day and its time in two.
//!
//! Owns how they come together or apart. Never looks for a label.

use super::grid::Grid;
use super::labels::Label;
use super::records::Scribe;
use crate::domain::name::Name;
use crate::domain::reading::{CellValue, SheetCell};
use crate::domain::text;
use crate::domain::value::Value;
use crate::extraction::typed;

/// What else of a code stands in cells of its own below a heading over several: 02 | 1234 | 5678.
pub fn rest_of<'g>(grid: &'g Grid<'_>, label: &Label, cell: &SheetCell) -> impl Iterator<Item = String> + 'g {
    let columns = cell.column + 1..label.right.max(cell.column) + 1;
    let cells = grid.row(cell.row).into_iter().flat_map(move |cells| cells.range(columns.clone()));
    cells.filter_map(|(_, cell)| match &cell.value {
        CellValue::Text(text) => Some(text.trim().to_owned()),
        CellValue::Number(number) => Some(number.clone()),
        _ => None,
    })
}

/// Both ends of a period that stand in one cell: 2026/5/1 ～ 2026/5/31.
pub fn period(raw: &str, field: usize, scribe: &mut Scribe<'_>) -> Option<[(Name, Value); 2]> {
    let begin = scribe.spec.fields.get(field)?;
    let last = format!("{}_to", begin.key.strip_suffix("_from")?);
    let end = scribe.spec.fields.iter().position(|field| field.key == last)?;
    let tidy = text::tidy(raw).replace("から", "~").replace(['〜', '～'], "~");
    let (from, to) = tidy.split_once('~')?;
    let mut typed = |field: usize, written: &str| {
        let spec = scribe.spec.fields.get(field)?;
        let value = scribe.value(field, spec, written).filter(|value| typed::fits(spec, value))?;
        Some((scribe.names.get(field)?.clone(), value))
    };
    Some([typed(field, from)?, typed(end, to.trim_end_matches("まで"))?])
}

/// The time of a moment whose date stands in the cell before: 2026/5/31 | 24:00.
pub fn time_beside(grid: &Grid<'_>, cell: &SheetCell) -> Option<String> {
    let is_day = match &cell.value {
        CellValue::Date(day) | CellValue::Text(day) => !day.contains([':', '時']),
        _ => false,
    };
    let next = grid.row(cell.row)?.get(&(cell.column + 1)).filter(|_| is_day)?;
    let time = match &next.value {
        CellValue::Text(time) => text::tidy(time),
        CellValue::Date(time) => time.clone(),
        _ => return None,
    };
    let (hour, minute) = time.split_once(':')?;
    let number = |part: &str| !part.is_empty() && part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    (number(hour) && minute.split(':').all(number)).then(|| time.chars().take(hour.len() + 3).collect())
}
