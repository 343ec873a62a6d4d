//! 稼働実績: a table of moments and outputs, as CSV or as a sheet.
//!
//! Owns what it covers: the first and the last day, the rows, the longest gap. Never judges whether that is enough.

use crate::domain::date::Stamp;
use crate::domain::document::DocumentKind;
use crate::domain::doubt::Doubts;
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::id::{DocId, Permille};
use crate::domain::place::Place;
use crate::domain::reading::{CellValue, Sheet};
use crate::domain::text;
use crate::domain::value::Value;
use crate::extraction::typed;
use std::collections::{BTreeMap, BTreeSet};

/// Rows before the data: titles, names, headings.
const PREAMBLE: usize = 20;
/// Rows without which a table is not called a record.
const FEWEST: usize = 4;

/// The record in a CSV or a text with tabs.
pub fn from_text(doc: DocId, text: &str) -> Option<Extract> {
    let rows = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()).map(|line| {
        let separator = if line.contains('\t') { '\t' } else { ',' };
        line.split(separator).map(|cell| cell.trim().trim_matches('"').trim().to_owned()).collect()
    });
    extract(doc, &measurements(rows)?)
}

/// The record in all sheets that are one: a month a sheet, say.
pub fn from_sheets(doc: DocId, sheets: &[Sheet]) -> Option<Extract> {
    let measured = sheets.iter().filter(|sheet| sheet.visible).filter_map(|sheet| {
        let mut rows: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for cell in &sheet.cells {
            let text = match &cell.value {
                CellValue::Text(text) | CellValue::Number(text) | CellValue::Date(text) => text.clone(),
                CellValue::Flag(_) | CellValue::Error(_) => continue,
            };
            rows.entry(cell.row).or_default().push(text);
        }
        measurements(rows.into_values())
    });
    let joined = |mut all: Measurements, more: Measurements| {
        all.moments.extend(more.moments);
        Measurements { outputs: all.outputs + more.outputs, ..all }
    };
    extract(doc, &measured.reduce(joined)?)
}

/// When something was measured, and how many outputs that gave.
struct Measurements {
    moments: BTreeSet<Stamp>,
    outputs: usize,
}

/// The measurements in a table; `None` where it is no record.
fn measurements(rows: impl Iterator<Item = Vec<String>>) -> Option<Measurements> {
    let (mut moments, mut outputs, mut strays, mut before) = (BTreeSet::new(), 0usize, 0usize, 0usize);
    for row in rows {
        match measured(&row) {
            Some((moment, output)) => {
                moments.insert(moment);
                outputs += usize::from(output);
            }
            None if moments.is_empty() => {
                before += 1;
                if before > PREAMBLE {
                    return None;
                }
            }
            None => strays += 1,
        }
    }
    // A list of dates with remarks is no record: nearly every row has a moment and an output.
    if moments.len() < FEWEST || outputs * 10 < moments.len() * 5 || strays > moments.len() {
        return None;
    }
    Some(Measurements { moments, outputs })
}

fn extract(doc: DocId, Measurements { moments, outputs }: &Measurements) -> Option<Extract> {
    let (first, last) = (moments.first()?.date, moments.last()?);
    // 00:00 and 24:00 end the day before.
    let to = if last.minutes() == 0 { last.date.yesterday().ok()?.max(first) } else { last.date };
    let minutes = |stamp: &Stamp| {
        let days = stamp.date.since(first).map_or(0, |span| span.get_days());
        i64::from(days) * 1440 + i64::from(stamp.minutes())
    };
    let all: Vec<i64> = moments.iter().map(minutes).collect();
    let gap = all.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0);
    let place = Place::Whole { doc };
    let values = [
        ("record_from", Value::Date(first)),
        ("record_to", Value::Date(to)),
        ("rows", Value::Integer(*outputs as i64)),
        // Minutes between two measurements that follow each other, at most.
        ("longest_gap_min", Value::Integer(gap)),
    ];
    let fields = values
        .into_iter()
        .map(|(key, value)| {
            let field = Field { raw: value.to_string(), value, place: place.clone(), confidence: Permille::SURE, doubts: Doubts::NONE };
            (key.to_owned(), field)
        })
        .collect();
    let fields = Record { fields, groups: BTreeMap::new() };
    Some(Extract {
        doc,
        document: DocumentKind::new("operation_record"),
        pages: 0,
        turned: Default::default(),
        fields,
        sets: BTreeMap::new(),
        remarks: Vec::new(),
    })
}

/// The moment of a row, in one cell or in two, and whether an output stands behind it.
fn measured(row: &[String]) -> Option<(Stamp, bool)> {
    let (at, first) = row.iter().take(3).enumerate().find(|(_, cell)| looks_like_date(cell))?;
    let second = row.get(at + 1).filter(|cell| cell.contains(':') || cell.contains('時'));
    let (moment, next) = match second {
        Some(time) => (Stamp::read(&format!("{} {}", text::tidy(first), text::tidy(time)))?, at + 2),
        None => (Stamp::read(first)?, at + 1),
    };
    let output = row.iter().skip(next).any(|cell| typed::decimal(&text::tidy(cell)).is_some());
    Some((moment, output))
}

/// A bare number of eight digits may be a date; a bare output is none.
fn looks_like_date(cell: &str) -> bool {
    let digits = text::digits(cell).len();
    digits >= 5 && (cell.contains(['/', '-', '年', '.']) || matches!(digits, 8 | 12 | 14)) && Stamp::read(cell).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reading::SheetCell;

    fn csv(lines: &[&str]) -> Option<Extract> {
        from_text(DocId::of(b"x"), &lines.join("\r\n"))
    }

    fn field(extract: &Extract, key: &str) -> String {
        extract.fields.text(key).unwrap()
    }

    #[test]
    fn the_longest_gap_and_the_days_are_told() {
        let lines = [
            "日時,出力[kW]",
            "2026/03/01 00:30,1000",
            "2026/03/01 01:00,1037",
            "2026/03/01 05:00,1",
            "2026/03/01 23:30,2",
            "2026/03/02 00:00,3",
        ];
        let extract = csv(&lines).unwrap();
        assert_eq!((field(&extract, "record_from"), field(&extract, "record_to")), ("2026-03-01".into(), "2026-03-01".into()));
        assert_eq!((field(&extract, "rows"), field(&extract, "longest_gap_min")), ("5".into(), "1110".into()));
    }

    #[test]
    fn the_months_of_all_sheets_are_one_record() {
        let month = |name: &str, days: &[&str]| {
            let head = [(1, "日時"), (1, "出力[kW]")].into_iter();
            let rows = days.iter().zip(2u32..).flat_map(|(day, row)| [(row, *day), (row, "100")]);
            let cells = head.chain(rows).enumerate().map(|(n, (row, text))| SheetCell {
                row,
                column: n as u32 % 2 + 1,
                value: CellValue::Text(text.to_owned()),
                aside: None,
            });
            Sheet { name: name.to_owned(), visible: true, cells: cells.collect(), ..Sheet::default() }
        };
        let march = ["2026/03/01 01:00", "2026/03/10 01:00", "2026/03/20 01:00", "2026/03/31 01:00"];
        let april = ["2026/04/01 01:00", "2026/04/10 01:00", "2026/04/20 01:00", "2026/04/30 01:00"];
        let sheets = [month("表紙", &[]), month("3月", &march), month("4月", &april)];
        let extract = from_sheets(DocId::of(b"x"), &sheets).unwrap();
        assert_eq!((field(&extract, "record_from"), field(&extract, "record_to")), ("2026-03-01".into(), "2026-04-30".into()));
        assert_eq!(field(&extract, "rows"), "8");
    }

    #[test]
    fn date_and_time_may_stand_apart_and_order_is_free() {
        let lines = ["発電所名,見本", "年月日,時刻,kW", "2026/3/2,0:30,5", "2026/3/1,0:00,\"1\"", "2026/3/1,0:30,2", "2026/3/1,24:00,3"];
        let extract = csv(&lines).unwrap();
        assert_eq!((field(&extract, "record_from"), field(&extract, "record_to")), ("2026-03-01".into(), "2026-03-02".into()));
        assert_eq!(field(&extract, "longest_gap_min"), "1410");
    }

    #[test]
    fn other_tables_are_no_record() {
        assert!(csv(&["氏名,電話番号", "見本 太郎,03-0000-0000", "見本 次郎,03-0000-0001", "a,b", "c,d"]).is_none());
        assert!(csv(&["2026/03/01 改訂,誤字", "2026/03/02 改訂,脱字", "2026/03/03,x", "2026/03/04,y", "2026/03/05,z"]).is_none());
        assert!(csv(&[""]).is_none());
    }
}
