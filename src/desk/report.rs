//! The month's figures in the words of the desk: as a page and as tables.
//!
//! Owns the words. What is counted, and how, is `report`'s.

use crate::catalogue::Voice;
use crate::config::DeskSettings;
use crate::desk::pages;
use crate::domain::date::Moment;
use crate::export::{Cell, Column, Table};
use crate::fault::Fault;
use crate::notices::monthly::{CameRow, LetterRow, MonthPage, ReadingRow, ReasonRow, StayRow};
use crate::report::{self, Month};
use crate::store::Ledger;

const SUMS: &[&str] = &["figure", "count"];
const DAYS: &[&str] = &["day", "documents"];
const CAME: &[&str] = &["document", "first", "again"];
const REASONS: &[&str] = &["code", "example", "letters"];
const STAYS: &[&str] = &["state", "left", "median_days", "mean_days", "longest_days", "still"];
const READING: &[&str] = &["document", "documents", "values", "doubted", "corrected", "unwarned", "right"];
const LETTERS: &[&str] = &["letter", "count"];

/// Counts a month of the ledger, up to today.
pub fn month(ledger: &Ledger, voice: Voice<'_>, desk: &DeskSettings, month: Month, now: Moment) -> Result<MonthPage, Fault> {
    let until = month.last().min(now.date());
    let figures = report::figures(month, &ledger.history()?, until);
    let came =
        figures.came.into_iter().map(|(kind, came)| CameRow { document: voice.document(&kind), first: came.first, again: came.again });
    let reasons = figures.reasons.into_iter().map(|reason| ReasonRow {
        about: voice.defect(&reason.code).map(ToOwned::to_owned),
        code: reason.code,
        example: reason.example,
        letters: reason.letters,
    });
    let stays = figures.stays.into_iter().map(|stay| StayRow {
        state: voice.state(&stay.state),
        left: stay.left,
        median: stay.median,
        mean: stay.mean,
        longest: stay.longest,
        still: stay.still,
    });
    let reading = figures.reading.into_iter().map(|count| ReadingRow {
        right: count.right(),
        document: voice.document(&count.document),
        documents: count.documents,
        values: count.values,
        doubted: count.doubted,
        corrected: count.corrected,
        unwarned: count.unwarned,
    });
    Ok(MonthPage {
        tso: desk.tso.clone(),
        desk: desk.section.clone(),
        made_at: pages::minute(now),
        first: month.first(),
        until,
        opened: figures.opened.values().sum(),
        approved: figures.through.approved,
        untouched: figures.through.untouched,
        unreturned: figures.through.unreturned,
        straight: figures.through.straight,
        by_day: figures.by_day,
        came: came.collect(),
        reasons: reasons.collect(),
        stays: stays.collect(),
        reading: reading.collect(),
        letters: figures.letters.into_iter().map(|(kind, count)| LetterRow { title: voice.letter(&kind), count }).collect(),
    })
}

/// The same figures as tables.
pub fn tables(page: &MonthPage, voice: Voice<'_>) -> Vec<Table> {
    let number = |count: u32| Cell::Number(count.into());
    let tenths = |left: u32, tenths: u64| if left == 0 { Cell::Empty } else { Cell::Tenths(tenths as i64) };
    let table = |key: &'static str, columns: &[&'static str], rows: Vec<Vec<Cell>>| Table {
        key,
        title: voice.word(&format!("sheet_{key}")).into(),
        columns: columns.iter().map(|column| Column { key: column, heading: heading(key, column, voice).into() }).collect(),
        rows,
    };
    let sums = [
        ("sum_arrived", page.by_day.iter().sum()),
        ("sum_opened", page.opened),
        ("sum_approved", page.approved),
        ("sum_untouched", page.untouched),
        ("sum_unreturned", page.unreturned),
        ("sum_straight", page.straight),
    ];
    let days = page.first.series(jiff::Span::new().days(1)).zip(&page.by_day);
    let came = page.came.iter().map(|row| vec![Cell::text(&*row.document), number(row.first), number(row.again)]);
    let reasons = page.reasons.iter().map(|row| {
        let example = row.about.as_ref().map_or_else(|| row.example.clone(), |about| format!("{about}: {}", row.example));
        vec![Cell::text(&*row.code), Cell::text(example), number(row.letters)]
    });
    let stays = page.stays.iter().map(|row| {
        let [median, mean, longest] = [row.median, row.mean, row.longest].map(|length| tenths(row.left, length));
        vec![Cell::text(&*row.state), number(row.left), median, mean, longest, number(row.still)]
    });
    let reading = page.reading.iter().map(|row| {
        let counts = [row.documents, row.values, row.doubted, row.corrected, row.unwarned].map(number);
        let right = row.right.map_or(Cell::Empty, Cell::Share);
        [Cell::text(&*row.document)].into_iter().chain(counts).chain([right]).collect()
    });
    let letters = page.letters.iter().map(|row| vec![Cell::text(&*row.title), number(row.count)]);
    vec![
        table("sums", SUMS, sums.into_iter().map(|(name, count)| vec![Cell::text(voice.word(name)), number(count)]).collect()),
        table("days", DAYS, days.map(|(day, count)| vec![Cell::Day(day), number(*count)]).collect()),
        table("came", CAME, came.collect()),
        table("reasons", REASONS, reasons.collect()),
        table("stays", STAYS, stays.collect()),
        table("reading", READING, reading.collect()),
        table("letters", LETTERS, letters.collect()),
    ]
}

/// The heading of a column, its table's own where it has one.
fn heading(table: &str, column: &str, voice: Voice<'_>) -> String {
    let own = format!("column_{table}_{column}");
    voice.word(&if voice.catalogue.words.get(&own).is_some() { own } else { format!("column_{column}") })
}
