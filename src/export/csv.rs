//! CSV as spreadsheets of Japanese offices open it: UTF-8 with a byte order mark, CRLF, quotes where needed.

use crate::export::{Cell, Table, decimal};

/// One table, its headings first.
pub fn csv(table: &Table) -> Vec<u8> {
    let mut text = String::from("\u{feff}");
    let mut line = |cells: &mut dyn Iterator<Item = String>| {
        text.push_str(&cells.collect::<Vec<_>>().join(","));
        text.push_str("\r\n");
    };
    line(&mut table.columns.iter().map(|column| quoted(&column.heading)));
    table.rows.iter().for_each(|row| line(&mut row.iter().map(cell)));
    text.into_bytes()
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) | Cell::Named { name: text, .. } => quoted(&tame(text)),
        Cell::Number(number) => number.to_string(),
        Cell::Tenths(tenths) => decimal(*tenths, 10),
        Cell::Share(permille) => format!("{}%", decimal(i64::from(*permille), 10)),
        Cell::Day(day) => day.to_string(),
    }
}

/// A spreadsheet would run a text that begins like a formula; with an apostrophe before it stays a text.
fn tame(text: &str) -> String {
    const BEGINNINGS: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let begins = text.trim_start_matches([' ', '\u{3000}', '\'']).starts_with(BEGINNINGS) || text.starts_with(BEGINNINGS);
    if begins { format!("'{text}") } else { text.to_owned() }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{Column, column};

    fn lines(text: &str) -> String {
        const COLUMNS: &[Column] = &[column("name", "名称"), column("count", "件数")];
        let table =
            Table { key: "rows", title: "行".into(), columns: COLUMNS.into(), rows: vec![vec![Cell::text(text), Cell::Number(-2)]] };
        String::from_utf8(csv(&table)).unwrap()
    }

    #[test]
    fn quotes_commas_and_lines_stay_in_their_cell() {
        assert_eq!(lines("a,\"b\"\nc"), "\u{feff}名称,件数\r\n\"a,\"\"b\"\"\nc\",-2\r\n");
    }

    #[test]
    fn nothing_that_a_stranger_wrote_is_run_as_a_formula() {
        for text in ["=1+1", "+81", "-1", "@SUM(A1)", "\t=1", " =1", "　＝1", "'=1"] {
            let line = lines(text);
            let cell = line.lines().nth(1).unwrap();
            assert!(cell.starts_with('\'') || cell.starts_with("\"'"), "{text:?}: {cell:?}");
        }
        assert!(lines("022-000-0000").contains("\r\n022-000-0000,-2"));
    }
}
