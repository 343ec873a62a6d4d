//! A workbook: one sheet a table, headings fixed, every text a text.

use crate::export::{Cell, Table};
use crate::fault::Fault;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatBorder, Workbook, Worksheet, XlsxError};

/// Characters that a cell can hold.
const LONGEST: usize = 32_767;
const MOST_ROWS: usize = 1_048_575;

/// All tables as one workbook; `made` goes into its properties, so that the same tables give the same bytes.
pub fn xlsx(tables: &[Table], made: jiff::civil::DateTime) -> Result<Vec<u8>, Fault> {
    let fault = |error: XlsxError| Fault::lasting("xlsx", error, "take fewer rows, or another format");
    if let Some(table) = tables.iter().find(|table| table.rows.len() > MOST_ROWS) {
        return Err(Fault::lasting(&table.title, "more rows than a sheet can hold", "take --format csv or json"));
    }
    let mut book = Workbook::new();
    let properties = rust_xlsxwriter::DocProperties::new().set_creation_datetime(&moment(made).map_err(fault)?);
    book.set_properties(&properties);
    for table in tables {
        sheet(book.add_worksheet(), table).map_err(fault)?;
    }
    book.save_to_buffer().map_err(fault)
}

fn moment(at: jiff::civil::DateTime) -> Result<ExcelDateTime, XlsxError> {
    let number = |n: i8| u8::try_from(n).unwrap_or_default();
    let day = ExcelDateTime::from_ymd(u16::try_from(at.year()).unwrap_or_default(), number(at.month()), number(at.day()))?;
    day.and_hms(u16::try_from(at.hour()).unwrap_or_default(), number(at.minute()), f64::from(at.second()))
}

fn sheet(sheet: &mut Worksheet, table: &Table) -> Result<(), XlsxError> {
    let head = Format::new().set_bold().set_background_color(0xE6ECF2).set_border_bottom(FormatBorder::Thin).set_text_wrap();
    let [day, tenths, share] = ["yyyy-mm-dd", "0.0", "0.0%"].map(|shape| Format::new().set_num_format(shape));
    let text = Format::new().set_num_format("@");
    sheet.set_name(table.title.as_ref())?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, about) in (0u16..).zip(table.columns.iter()) {
        sheet.write_string_with_format(0, column, about.heading.as_ref(), &head)?;
    }
    for (row, cells) in (1u32..).zip(&table.rows) {
        for (column, cell) in (0u16..).zip(cells) {
            match cell {
                Cell::Empty => continue,
                Cell::Text(written) | Cell::Named { name: written, .. } => {
                    let written: String = written.chars().filter(|char| may_stand(*char)).take(LONGEST).collect();
                    sheet.write_string_with_format(row, column, written, &text)?
                }
                Cell::Number(number) => sheet.write_number(row, column, *number as f64)?,
                Cell::Tenths(number) => sheet.write_number_with_format(row, column, *number as f64 / 10.0, &tenths)?,
                Cell::Share(permille) => sheet.write_number_with_format(row, column, f64::from(*permille) / 1000.0, &share)?,
                Cell::Day(date) => sheet.write_datetime_with_format(row, column, moment(date.at(0, 0, 0, 0))?, &day)?,
            };
        }
    }
    let last = (table.columns.len().max(1) - 1) as u16;
    sheet.autofilter(0, 0, table.rows.len().max(1) as u32, last)?;
    sheet.autofit();
    Ok(())
}

/// XML has no place for other control characters.
fn may_stand(char: char) -> bool {
    !char.is_control() || matches!(char, '\n' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{Column, column};
    use calamine::{Data, Reader, Xlsx};

    #[test]
    fn a_workbook_reads_back_as_it_was_written() {
        const COLUMNS: &[Column] = &[column("name", "名称"), column("count", "件数"), column("share", "割合"), column("on", "日付")];
        let day = jiff::civil::date(2026, 4, 8);
        let row = vec![Cell::text("=HYPERLINK(\"x\")\u{7}"), Cell::Number(12), Cell::Share(987), Cell::Day(day)];
        let table = Table { key: "rows", title: "案件".into(), columns: COLUMNS.into(), rows: vec![row] };
        let bytes = xlsx(std::slice::from_ref(&table), day.at(10, 0, 0, 0)).unwrap();
        assert_eq!(bytes, xlsx(&[table], day.at(10, 0, 0, 0)).unwrap(), "the same tables give the same bytes");
        let mut book = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        let range = book.worksheet_range("案件").unwrap();
        assert_eq!(range.get((0, 0)), Some(&Data::String("名称".into())));
        assert_eq!(range.get((1, 0)), Some(&Data::String("=HYPERLINK(\"x\")".into())), "a text, no formula");
        assert_eq!(book.worksheet_formula("案件").unwrap().used_cells().count(), 0);
        assert_eq!(range.get((1, 1)), Some(&Data::Float(12.0)));
        assert_eq!(range.get((1, 2)), Some(&Data::Float(0.987)));
        assert!(matches!(range.get((1, 3)), Some(Data::DateTime(at)) if at.as_f64() == 46120.0), "{:?}", range.get((1, 3)));
    }
}
