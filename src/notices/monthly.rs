//! The page of a month's figures, readable in any browser without the program.
//!
//! Owns the words around the figures and the length of each bar. Never counts anything; its input says everything.

use crate::domain::date;
use crate::domain::language::{Dictionary, Language};
use crate::fault::Fault;
use crate::notices::names;
use crate::notices::notice::Book;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const MONTH: &str = "_shared/html/month.html.hbs";
const SAMPLE: &str = include_str!("../../templates/_shared/html/month.sample.json");

/// A month in figures, in the words of the desk.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonthPage {
    pub tso: String,
    pub desk: String,
    pub made_at: String,
    /// The first day of the month, and the last one that is counted.
    pub first: Date,
    pub until: Date,
    /// 案件 opened, approved, and of these those that went straight through.
    pub opened: u32,
    pub approved: u32,
    pub untouched: u32,
    pub unreturned: u32,
    pub straight: u32,
    /// Documents on each day, first day first.
    pub by_day: Vec<u32>,
    pub came: Vec<CameRow>,
    pub reasons: Vec<ReasonRow>,
    pub stays: Vec<StayRow>,
    pub reading: Vec<ReadingRow>,
    pub letters: Vec<LetterRow>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CameRow {
    pub document: String,
    pub first: u32,
    pub again: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonRow {
    pub code: String,
    /// What the code is about, where the example cannot be read by everybody.
    #[serde(default)]
    pub about: Option<String>,
    pub example: String,
    pub letters: u32,
}

/// Lengths in tenths of a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StayRow {
    pub state: String,
    pub left: u32,
    pub median: u64,
    pub mean: u64,
    pub longest: u64,
    pub still: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingRow {
    pub document: String,
    pub documents: u32,
    pub values: u32,
    pub doubted: u32,
    pub corrected: u32,
    pub unwarned: u32,
    /// In thousandths.
    pub right: Option<u32>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LetterRow {
    pub title: String,
    pub count: u32,
}

impl Book {
    /// The page of a month.
    pub fn month(&self, page: &MonthPage, words: &Dictionary, language: Language) -> Result<String, Fault> {
        self.words(MONTH)?.render(MONTH, view(page, words, language))
    }
}

/// Height of the day plot and width of the other bars, in the units of their drawing.
const TALL: u64 = 120;
/// Room for the number above the tallest bar.
const HEAD: u64 = 16;
const WIDE: u64 = 300;
/// Distance from day to day.
const STEP: usize = 24;

fn view(page: &MonthPage, words: &Dictionary, language: Language) -> Value {
    let tell = |key: &str, blank: &str, value: &str| words.tell(key, language, &[(blank, value)]);
    let items = |count: u32| tell("month_items", "count", &count.to_string());
    let letters = |count: u32| tell("month_letters", "count", &count.to_string());
    let share = |part: u32| (page.approved > 0).then(|| per_cent(u64::from(part) * 1000 / u64::from(page.approved)));
    let most = page.by_day.iter().copied().max().unwrap_or(0).max(1);
    let days = page.by_day.iter().enumerate().map(|(n, count)| {
        let height = bar(u64::from(*count), u64::from(most), TALL);
        json!({ "label": tell("month_day", "day", &(n + 1).to_string()), "count": count, "documents": items(*count), "x": n * STEP + 4, "middle": n * STEP + 12,
                "height": height, "y": HEAD + TALL - height, "above": HEAD + TALL - height - 3, "named": n == 0 || (n + 1) % 5 == 0 })
    });
    let came = page.came.iter().map(|row| json!({ "document": row.document, "first": items(row.first), "again": items(row.again) }));
    let longest = page.stays.iter().map(|stay| stay.median).max().unwrap_or(0);
    let stays = page.stays.iter().map(|stay| {
        let length = |tenths: u64| (stay.left > 0).then(|| tell("month_days", "days", &tenth(tenths)));
        let [median, mean, longest_stay] = [stay.median, stay.mean, stay.longest].map(length);
        json!({ "state": stay.state, "left": items(stay.left), "still": items(stay.still), "median": median, "mean": mean, "longest": longest_stay,
                "bar": bar(stay.median, longest, WIDE) })
    });
    let named = page.reasons.iter().map(|reason| reason.letters).max().unwrap_or(0);
    let reasons = page.reasons.iter().map(|reason| {
        json!({ "code": reason.code, "about": reason.about, "example": reason.example, "letters": letters(reason.letters),
                "bar": bar(u64::from(reason.letters), u64::from(named), WIDE) })
    });
    let reading = page.reading.iter().map(|row| {
        json!({ "document": row.document, "documents": row.documents, "values": row.values, "doubted": row.doubted,
                "corrected": row.corrected, "unwarned": row.unwarned, "right": row.right.map(|share| per_cent(share.into())) })
    });
    let [approved, straight, untouched, unreturned] =
        [page.approved, page.straight, page.untouched, page.unreturned].map(|count| count.to_string());
    let straight_note = [("approved", approved.as_str()), ("straight", &straight), ("untouched", &untouched), ("unreturned", &unreturned)];
    let (year, month) = (page.first.year().to_string(), page.first.strftime(language.choose("%-m", "%m")).to_string());
    let until = language.choose(date::in_letters(page.until), page.until.to_string());
    json!({
        "lang": language.code(),
        "words": words.all(language),
        "tso": page.tso,
        "desk": page.desk,
        "month": words.tell("month_name", language, &[("year", &year), ("month", &month)]),
        "footer": words.tell("month_footer", language, &[("until", &until), ("made_at", &page.made_at)]),
        "opened": items(page.opened),
        "approved": items(page.approved),
        "straight_note": words.tell("month_straight_note", language, &straight_note),
        "straight_share": share(page.straight),
        "documents": items(page.by_day.iter().sum::<u32>()),
        "plot_width": page.by_day.len() * STEP + 8,
        "days": days.collect::<Vec<_>>(),
        "came": came.collect::<Vec<_>>(),
        "reasons": reasons.collect::<Vec<_>>(),
        "stays": stays.collect::<Vec<_>>(),
        "reading": reading.collect::<Vec<_>>(),
        "letters": page.letters.iter().map(|row| json!({ "title": row.title, "count": letters(row.count) })).collect::<Vec<_>>(),
    })
}

/// The length of a bar; nothing but nothing has none.
fn bar(count: u64, most: u64, whole: u64) -> u64 {
    if count == 0 || most == 0 { 0 } else { (count * whole / most).max(1) }
}

fn tenth(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn per_cent(permille: u64) -> String {
    format!("{}%", tenth(permille))
}

/// The template of this page against its sample, in each language.
pub(super) fn check(book: &Book, words: &Dictionary) -> Vec<Fault> {
    let sample: MonthPage = match serde_json::from_str(SAMPLE) {
        Ok(sample) => sample,
        Err(error) => return vec![Fault::lasting(MONTH, error, "mend the sample of this page")],
    };
    let mut faults: Vec<Fault> = Language::ALL.into_iter().filter_map(|language| book.month(&sample, words, language).err()).collect();
    match book.words(MONTH) {
        Ok(template) => faults.extend(names::check(template, MONTH, &Language::ALL.map(|language| view(&sample, words, language)))),
        Err(fault) => faults.push(fault),
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_and_shares_end_where_they_should() {
        assert_eq!([bar(0, 5, 300), bar(1, 5, 300), bar(5, 5, 300), bar(1, 1000, 300), bar(0, 0, 300)], [0, 60, 300, 1, 0]);
        assert_eq!([per_cent(1000), per_cent(987), per_cent(4)], ["100.0%", "98.7%", "0.4%"]);
    }

    #[test]
    fn a_month_without_approvals_has_no_share() {
        let words: Dictionary = toml::from_str(include_str!("../../templates/_shared/words.toml")).unwrap();
        let mut page: MonthPage = serde_json::from_str(SAMPLE).unwrap();
        let share = |page: &MonthPage| view(page, &words, Language::Japanese)["straight_share"].clone();
        assert!(share(&page).is_string());
        (page.approved, page.straight) = (0, 0);
        assert!(share(&page).is_null());
    }
}
