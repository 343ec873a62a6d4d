//! Tables for other programs: CSV, xlsx and JSON.
//!
//! Owns the three shapes and what keeps a cell from being taken for a formula. Never knows what a table is about.

mod csv;
mod xlsx;

pub use csv::csv;
pub use xlsx::xlsx;

use jiff::civil::Date;
use serde_json::{Map, Value as Json};
use std::borrow::Cow;

/// One cell; an empty one says that nothing is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cell {
    Empty,
    Text(String),
    Number(i64),
    /// Tenths, as in 12.3 days.
    Tenths(i64),
    /// Thousandths of the whole, shown as per cent.
    Share(u32),
    Day(Date),
    /// What a program knows by a code and people by a name.
    Named {
        code: Json,
        name: String,
    },
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Cell::Text(text.into())
    }

    pub fn of(text: Option<impl Into<String>>) -> Self {
        text.map_or(Cell::Empty, |text| Cell::Text(text.into()))
    }

    pub fn named(code: impl Into<Json>, name: impl Into<String>) -> Self {
        Cell::Named { code: code.into(), name: name.into() }
    }

    fn json(&self) -> Json {
        match self {
            Cell::Empty => Json::Null,
            Cell::Text(text) => text.as_str().into(),
            Cell::Number(number) => (*number).into(),
            Cell::Tenths(tenths) => decimal(*tenths, 10).into(),
            Cell::Share(permille) => decimal(i64::from(*permille), 1000).into(),
            Cell::Day(day) => day.to_string().into(),
            Cell::Named { code, .. } => code.clone(),
        }
    }
}

/// A whole number of parts as a decimal, such as 12.3 or 0.987.
fn decimal(parts: i64, of: i64) -> String {
    let digits = of.ilog10() as usize;
    format!("{}{}.{:0digits$}", if parts < 0 { "-" } else { "" }, parts.abs() / of, parts.abs() % of)
}

/// A column: its key in JSON and its heading on paper.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    pub key: &'static str,
    pub heading: Cow<'static, str>,
}

/// Columns in the order in which they are shown.
pub const fn column(key: &'static str, heading: &'static str) -> Column {
    Column { key, heading: Cow::Borrowed(heading) }
}

/// Rows of one kind. Each row has a cell for each column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// Key in JSON, such as `cases`.
    pub key: &'static str,
    /// The name of its sheet, at most 31 characters.
    pub title: Cow<'static, str>,
    pub columns: Cow<'static, [Column]>,
    pub rows: Vec<Vec<Cell>>,
}

/// All tables as one object: an array of objects for each.
pub fn json(tables: &[Table]) -> Json {
    let row = |table: &Table, cells: &[Cell]| -> Json {
        let pairs = table.columns.iter().zip(cells).map(|(column, cell)| (column.key.to_owned(), cell.json()));
        pairs.collect::<Map<String, Json>>().into()
    };
    let rows = |table: &Table| table.rows.iter().map(|cells| row(table, cells)).collect::<Json>();
    tables.iter().map(|table| (table.key.to_owned(), rows(table))).collect::<Map<String, Json>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_places_and_their_sign() {
        assert_eq!([decimal(123, 10), decimal(-5, 10), decimal(7, 1000), decimal(1000, 1000)], ["12.3", "-0.5", "0.007", "1.000"]);
    }

    #[test]
    fn json_names_every_cell() {
        const COLUMNS: &[Column] = &[column("no", "番号"), column("share", "割合"), column("note", "備考")];
        let table = Table {
            key: "rows",
            title: "行".into(),
            columns: COLUMNS.into(),
            rows: vec![vec![Cell::Number(3), Cell::Share(250), Cell::Empty]],
        };
        assert_eq!(json(&[table]).to_string(), r#"{"rows":[{"no":3,"note":null,"share":"0.250"}]}"#);
    }
}
