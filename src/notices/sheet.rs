//! Sheets for a spreadsheet program: CSV whose cells can never turn into formulas.
//!
//! Owns quoting and the bytes of the file. Knows no column.

/// UTF-8 with its mark, which Japanese Excel needs to read it as such.
const MARK: &str = "\u{FEFF}";

/// A value as one cell: quoted where it must be, never begun with a sign that starts a formula.
pub fn cell(value: &str) -> String {
    let value = crate::notices::words::plain(value);
    let numeric = value.parse::<rust_decimal::Decimal>().is_ok() && !value.starts_with('+');
    let begins = value.trim_start().chars().next();
    let tamed = match begins {
        Some('=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠') if !numeric => format!("'{value}"),
        _ => value,
    };
    match tamed.contains([',', '"', '\'', ' ', ';']) {
        true => format!("\"{}\"", tamed.replace('"', "\"\"")),
        false => tamed,
    }
}

/// The rendered rows as the bytes of a file.
pub fn bytes(rows: &str) -> Vec<u8> {
    let mut file = MARK.to_owned();
    for row in rows.lines().filter(|row| !row.trim().is_empty()) {
        file.push_str(row);
        file.push_str("\r\n");
    }
    file.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for evil in ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", " =1", "\t=1", "\r\n=1", "＝1", "|x"] {
            let cell = cell(evil);
            assert!(cell.starts_with("\"'") || cell.starts_with('\''), "{evil:?} became {cell:?}");
        }
        assert_eq!(cell("-12.5"), "-12.5");
    }

    #[test]
    fn separators_and_quotes_stay_inside_their_cell() {
        assert_eq!(cell("甲,乙 \"丙\"\n丁"), "\"甲,乙 \"\"丙\"\" 丁\"");
        assert_eq!(cell("R1234"), "R1234");
    }

    #[test]
    fn a_file_has_its_mark_and_whole_lines() {
        assert_eq!(bytes("a,b\n\n1,2\n"), "\u{FEFF}a,b\r\n1,2\r\n".as_bytes());
    }
}
