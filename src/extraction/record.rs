//! 稼働実績: which days a record of output covers, and its longest gap.
//!
//! Owns the columns 日時 and 出力. Never judges whether that is enough.

use crate::domain::date::Stamp;
use crate::domain::extract::{Field, Record};
use crate::domain::id::{DocId, Permille};
use crate::domain::place::Place;
use crate::domain::text;
use crate::domain::value::Value;
use jiff::civil::Date;

/// First and last day and the longest gap in minutes; no fields where no line holds a time and an output.
pub fn fields(doc: DocId, written: &str) -> Record {
    let mut stamps: Vec<(i64, Date)> = written.lines().filter_map(line).collect();
    stamps.sort_unstable();
    let mut record = Record::default();
    let (Some((_, first)), Some((_, last))) = (stamps.first(), stamps.last()) else { return record };
    let gaps = stamps.windows(2).filter_map(|pair| pair.first().zip(pair.last())).map(|((before, _), (after, _))| after - before);
    for (key, value) in [
        ("record_from", Value::Date(*first)),
        ("record_to", Value::Date(*last)),
        ("longest_gap_min", Value::Integer(gaps.max().unwrap_or(0))),
    ] {
        let raw = value.to_string();
        let field = Field { value, raw, place: Place::Whole { doc }, confidence: Permille::SURE, needs_review: false };
        record.fields.insert(key.to_owned(), field);
    }
    record
}

/// Minutes since the beginning of the calendar, and the day, of a line with a number beside its time.
fn line(written: &str) -> Option<(i64, Date)> {
    let mut columns = written.split([',', '\t']).map(|column| column.trim().trim_matches('"'));
    let stamp = Stamp::read(columns.next()?)?;
    let output: String = text::tidy(columns.next()?).replace(',', "");
    output.parse::<f64>().ok().filter(|output| output.is_finite())?;
    let days = stamp.date.since(Date::ZERO).ok()?.get_days();
    Some((i64::from(days) * 24 * 60 + i64::from(stamp.minutes()), stamp.date))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: &str) -> Vec<String> {
        let record = fields(DocId::of(b""), written);
        ["record_from", "record_to", "longest_gap_min"].iter().filter_map(|key| record.text(key)).collect()
    }

    #[test]
    fn days_and_gaps_of_a_record() {
        let even = "日時,出力[kW]\n2026/03/01 00:00,1000\n2026/03/01 00:30,1037\n2026/03/02 24:00,\n2026/03/01 01:00,900\n";
        assert_eq!(read(even), ["2026-03-01", "2026-03-01", "30"]);
        let gap = "日時,出力\r\n2026/03/01 23:30,\"1,000\"\n2026/03/02 03:00,1\n";
        assert_eq!(read(gap), ["2026-03-01", "2026-03-02", "210"]);
        assert_eq!(read("日時,出力\n欠測\n"), Vec::<String>::new());
    }
}
