//! In which unit a number on a sheet is meant: what its cell shows, what its label says, what is noted above the table.
//!
//! Owns which of them is believed. Converts where that is exact and leaves the number as it is where it is not.

use super::labels::Label;
use crate::domain::document::{FieldSpec, FieldType};
use crate::domain::reading::{CellValue, SheetCell};
use crate::domain::units;

/// The words of a cell with the unit that they are meant in, where it is another one than the field's; whether that is in doubt.
pub fn in_unit(raw: &str, cell: &SheetCell, label: &Label, spec: &FieldSpec) -> (String, bool) {
    let asks = matches!(spec.kind, FieldType::Integer | FieldType::Decimal | FieldType::Table);
    // Words behind the number are part of the value: whoever types it reads them.
    let bare = raw.chars().next_back().is_some_and(|c| c.is_numeric());
    let Some(field) = spec.unit.as_deref().filter(|_| asks && bare) else { return (raw.to_owned(), false) };
    let shown = cell.aside.as_ref().map(|aside| shown(&aside.unit)).unwrap_or_default();
    let stated = if shown.is_empty() { &label.units } else { &shown };
    match (units::agreed(stated, field), stated.first()) {
        (Some(factor), None) if factor.is_one() => noted(raw, label, spec, field),
        (Some(factor), _) if factor.is_one() => (raw.to_owned(), false),
        (Some(_), Some(unit)) if spec.kind != FieldType::Table => (format!("{raw}{unit}"), false),
        _ => (raw.to_owned(), true),
    }
}

/// The unit that the format of a cell shows behind its number; words that are none, such as 号機, do not matter.
fn shown(behind: &str) -> Vec<String> {
    let named = units::named(behind);
    if named.is_empty() && units::multiplies(behind) { vec![behind.to_owned()] } else { named }
}

/// How far a note above a table reaches is a guess: what it converts is looked at.
fn noted(raw: &str, label: &Label, spec: &FieldSpec, field: &str) -> (String, bool) {
    let fitting = || label.noted.iter().filter_map(|unit| Some((unit, units::factor(unit, field)?)));
    match fitting().next() {
        Some((unit, _)) if !fitting().any(|(_, factor)| factor.is_one()) => {
            (if spec.kind == FieldType::Table { raw.to_owned() } else { format!("{raw}{unit}") }, true)
        }
        _ => (raw.to_owned(), false),
    }
}

/// A percentage is kept as its ratio: 4.5% as 0.045. Where nobody knows how a number is shown, a small one may be either.
pub fn may_be_percent(value: &CellValue, spec: &FieldSpec) -> bool {
    let small = |number: &str| number.parse::<f64>().is_ok_and(|number| number != 0.0 && number.abs() < 1.0);
    spec.unit.as_deref() == Some("%") && matches!(value, CellValue::Number(number) if small(number))
}
