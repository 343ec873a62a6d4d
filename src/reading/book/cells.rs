//! Cells as a person sees them: what calamine reads, with dates, zeros and percents as they are shown.

use super::numbers;
use super::package::Package;
use crate::domain::reading::{Aside, CellValue, Merge, Sheet, SheetCell};
use crate::reading::format::Limits;
use calamine::{
    CellErrorType, Data, DataRef, Dimensions, ExcelDateTime, Ods, OdsError, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsb,
    XlsbError, Xlsx, XlsxError,
};
use jiff::ToSpan;
use jiff::civil::DateTime;
use std::io::Cursor;

/// Why a workbook could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Broken {
    Damaged,
    Locked,
    TooLarge,
}

impl From<XlsxError> for Broken {
    fn from(error: XlsxError) -> Self {
        if matches!(error, XlsxError::Password) { Broken::Locked } else { Broken::Damaged }
    }
}

impl From<XlsbError> for Broken {
    fn from(error: XlsbError) -> Self {
        if matches!(error, XlsbError::Password) { Broken::Locked } else { Broken::Damaged }
    }
}

impl From<XlsError> for Broken {
    fn from(error: XlsError) -> Self {
        if matches!(error, XlsError::Password) { Broken::Locked } else { Broken::Damaged }
    }
}

impl From<OdsError> for Broken {
    fn from(error: OdsError) -> Self {
        if matches!(error, OdsError::Password) { Broken::Locked } else { Broken::Damaged }
    }
}

pub fn xlsx(bytes: &[u8], package: &Package, limits: &Limits) -> Result<Vec<Sheet>, Broken> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes))?;
    let mut budget = Budget::new(limits);
    let mut sheets = Vec::new();
    for (n, name, visible) in numbered(book.sheets_metadata()) {
        let mut gathered = Gathered::default();
        let mut reader = book.worksheet_cells_reader(&name)?;
        while let Some((cell, style)) = reader.next_cell_with_style_id()? {
            let style = reader.styles().get(style);
            let format = style.and_then(|style| style.number_format.as_ref()).map(|format| format.format_code.as_str());
            let struck = style.and_then(|style| style.font.as_ref()).is_some_and(|font| font.has_strikethrough());
            let mut shown = value(cell.get_value(), format);
            if let Some((value, aside)) = &mut shown
                && (struck || package.unseen.hides(n, cell.get_position(), value))
            {
                aside.get_or_insert_default().doubtful = true;
            }
            gathered.add(cell.get_position(), shown, &mut budget)?;
        }
        drop(reader);
        if package.formulas {
            let mut reader = book.worksheet_cells_reader(&name)?;
            while let Some(cell) = reader.next_cell_with_formula()? {
                if let (DataRef::Empty, Some(formula)) = (&cell.value, cell.formula) {
                    // The program that wrote it never calculated: what a person would see is unknown.
                    gathered.add(cell.pos, Some((CellValue::Error(format!("={formula}")), None)), &mut budget)?;
                }
            }
        }
        let merged = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
        sheets.push(gathered.sheet(name, visible, &merged, false));
    }
    Ok(sheets)
}

pub fn xlsb(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, Broken> {
    let mut book: Xlsb<_> = Xlsb::new(Cursor::new(bytes))?;
    let mut budget = Budget::new(limits);
    let mut sheets = Vec::new();
    for (name, visible) in listed(book.sheets_metadata()) {
        let mut gathered = Gathered::default();
        let mut reader = book.worksheet_cells_reader(&name)?;
        while let Some(cell) = reader.next_cell()? {
            gathered.add(cell.get_position(), value(cell.get_value(), None), &mut budget)?;
        }
        sheets.push(gathered.sheet(name, visible, &[], true));
    }
    Ok(sheets)
}

pub fn xls(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, Broken> {
    let mut book: Xls<_> = Xls::new(Cursor::new(bytes))?;
    let mut budget = Budget::new(limits);
    let mut sheets = Vec::new();
    for (name, visible) in listed(book.sheets_metadata()) {
        let merged = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
        sheets.push(ranged(&name, visible, &merged, book.worksheet_range(&name)?, &mut budget)?);
    }
    Ok(sheets)
}

pub fn ods(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, Broken> {
    let mut book: Ods<_> = Ods::new(Cursor::new(bytes))?;
    let mut budget = Budget::new(limits);
    let mut sheets = Vec::new();
    for (name, visible) in listed(book.sheets_metadata()) {
        sheets.push(ranged(&name, visible, &[], book.worksheet_range(&name)?, &mut budget)?);
    }
    Ok(sheets)
}

fn ranged(name: &str, visible: bool, merged: &[Dimensions], range: calamine::Range<Data>, budget: &mut Budget) -> Result<Sheet, Broken> {
    let mut gathered = Gathered::default();
    let (top, left) = range.start().unwrap_or((0, 0));
    for (row, column, data) in range.used_cells() {
        let position = (top.saturating_add(row as u32), left.saturating_add(column as u32));
        gathered.add(position, value(&borrowed(data), None), budget)?;
    }
    Ok(gathered.sheet(name.to_owned(), visible, merged, true))
}

fn borrowed(data: &Data) -> DataRef<'_> {
    match data {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(flag) => DataRef::Bool(*flag),
        Data::DateTime(moment) => DataRef::DateTime(*moment),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

/// The sheets with cells, as `(name, visible)`; charts and macro sheets have none.
fn listed(sheets: &[calamine::Sheet]) -> Vec<(String, bool)> {
    numbered(sheets).into_iter().map(|(_, name, visible)| (name, visible)).collect()
}

/// The same with their numbers among all sheets.
fn numbered(sheets: &[calamine::Sheet]) -> Vec<(usize, String, bool)> {
    let sheets = sheets.iter().enumerate().filter(|(_, sheet)| sheet.typ == SheetType::WorkSheet);
    sheets.map(|(n, sheet)| (n, sheet.name.clone(), sheet.visible == SheetVisible::Visible)).collect()
}

/// What is left of the bounds of one workbook.
struct Budget {
    cells: usize,
    text: usize,
}

impl Budget {
    fn new(limits: &Limits) -> Self {
        Budget { cells: limits.cells, text: limits.unpacked }
    }

    fn spend(&mut self, value: Option<&CellValue>) -> Result<(), Broken> {
        // One shared text can be shown by millions of cells.
        let text = match value {
            Some(CellValue::Text(text) | CellValue::Error(text)) => text.len(),
            _ => 0,
        };
        self.cells = self.cells.checked_sub(1).ok_or(Broken::TooLarge)?;
        self.text = self.text.checked_sub(text).ok_or(Broken::TooLarge)?;
        Ok(())
    }
}

/// Cells in the order of rows and columns, whatever the order of the file.
#[derive(Default)]
struct Gathered(Vec<SheetCell>);

impl Gathered {
    fn add(&mut self, (row, column): (u32, u32), shown: Option<Shown>, budget: &mut Budget) -> Result<(), Broken> {
        budget.spend(shown.as_ref().map(|(value, _)| value))?;
        if let Some((value, aside)) = shown {
            self.0.push(SheetCell { row: row.saturating_add(1), column: column.saturating_add(1), value, aside });
        }
        Ok(())
    }

    fn sheet(self, name: String, visible: bool, merged: &[Dimensions], unformatted: bool) -> Sheet {
        let merged = merged
            .iter()
            .map(|area| Merge {
                top: area.start.0.saturating_add(1),
                left: area.start.1.saturating_add(1),
                bottom: area.end.0.saturating_add(1),
                right: area.end.1.saturating_add(1),
            })
            .collect();
        let at = |cell: &SheetCell| (cell.row, cell.column);
        let mut cells = self.0;
        // Nearly every file has them in order.
        if !cells.is_sorted_by(|one, next| at(one) < at(next)) {
            cells.sort_by_key(at);
            // Of a cell that is there twice the last one counts.
            cells.dedup_by(|later, kept| {
                let same = at(later) == at(kept);
                if same {
                    std::mem::swap(later, kept);
                }
                same
            });
        }
        cells.shrink_to_fit();
        Sheet { name, visible, cells, merged, unformatted }
    }
}

/// A value, and what is shown beside it.
type Shown = (CellValue, Option<Box<Aside>>);

/// `None` for a cell in which nothing stands.
fn value(data: &DataRef<'_>, format: Option<&str>) -> Option<Shown> {
    let number = match data {
        DataRef::Int(number) => Some(*number as f64),
        DataRef::Float(number) => Some(*number),
        _ => None,
    };
    if let Some(number) = number {
        let (value, aside) = numbers::shown(number, format);
        return Some((value, Some(aside).filter(|aside| *aside != Aside::default()).map(Box::new)));
    }
    Some((plain(data)?, None))
}

/// What stands in a cell that holds no number.
fn plain(data: &DataRef<'_>) -> Option<CellValue> {
    Some(match data {
        DataRef::Empty | DataRef::Int(_) | DataRef::Float(_) => return None,
        DataRef::String(text) => CellValue::Text(written(text)?),
        DataRef::SharedString(text) => CellValue::Text(written(text)?),
        DataRef::Bool(flag) => CellValue::Flag(*flag),
        DataRef::DateTime(moment) => dated(moment),
        DataRef::DateTimeIso(text) => CellValue::Date(text.trim_end_matches('Z').to_owned()),
        DataRef::DurationIso(text) => CellValue::Text(text.clone()),
        DataRef::Error(error) => CellValue::Error(sign(error).to_owned()),
    })
}

fn written(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

fn sign(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#GETTING_DATA",
    }
}

fn dated(moment: &ExcelDateTime) -> CellValue {
    let serial = moment.as_f64();
    if moment.is_duration() || (0.0..1.0).contains(&serial) {
        let minutes = (serial * 1440.0).round() as i64;
        return CellValue::Text(format!("{}:{:02}", minutes / 60, minutes % 60));
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let carry = i64::from(milli >= 500);
    let whole = DateTime::new(year as i16, month as i8, day as i8, hour as i8, minute as i8, second as i8, 0)
        .and_then(|whole| whole.checked_add(carry.seconds()));
    match whole {
        Ok(whole) if whole.time() == jiff::civil::Time::midnight() => CellValue::Date(whole.date().to_string()),
        Ok(whole) => CellValue::Date(whole.to_string()),
        Err(_) => CellValue::Number(numbers::shortest(serial)),
    }
}
