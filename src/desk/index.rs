//! The index of the outbox: everything that is due or waits for a person, in pages of a length that people read.
//!
//! Owns what stands on it and on which page. A page on which nothing is new is left as it lies; the first is made anew each time.

use crate::casework::certificates;
use crate::desk::pages::{self, minute, rows};
use crate::desk::{receipts, wake};
use crate::domain::case::CaseNo;
use crate::domain::id::DocId;
use crate::domain::language::Language;
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::notices::outbox::{Overview, SOON, Stray, Sums, page_name};
use crate::pipeline::Office;
use crate::store::{Ledger, Placed, Wanted};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Open cases on the index for which nothing is due yet and nobody is waited for, the nearest. A desk with more finds them by their folders.
const MOST_CALM: u32 = 300;
/// Cases at their end that are listed, the latest; and documents without a case.
const MOST_CLOSED: u32 = 100;
const MOST_STRAYS: u32 = 200;
/// Cases on one page.
const MOST_ROWS: usize = 500;

/// Writes the pages of the index on which something is new, and takes away those that are no longer needed. Gives the cases on it
/// whose own page is not there.
pub fn write(ledger: &Ledger, office: &Office<'_>, outbox: &Path) -> Result<BTreeSet<CaseNo>, Fault> {
    let list = List::of(ledger, office, MOST_CALM)?;
    let pages = list.cases.len().div_ceil(MOST_ROWS).max(1);
    for n in 1..=pages {
        let path = outbox.join(page_name(n));
        let cases = list.page(n);
        let sign = sign(cases, n, pages, office);
        if n == 1 || !ends_with(&path, &sign) {
            let page = Overview { page: n as u32, pages: pages as u32, ..list.overview(cases, ledger, office, Language::Japanese)? };
            let page = if n == 1 { with_papers(page, ledger)? } else { page };
            let page = office.catalogue.notices()?.overview(&page)? + &sign;
            files::renew(&path, page.as_bytes(), Mode::Shared)?;
        }
    }
    let old = (pages + 1..).map(|n| outbox.join(page_name(n)));
    old.take_while(|path| path.exists()).try_for_each(|path| files::remove(&path))?;
    let is_lost = |no: &CaseNo| !outbox.join(&no.0).join("index.html").exists();
    Ok(list.cases.into_iter().map(|case| case.no).filter(is_lost).collect())
}

/// All of the index, as one page.
pub fn overview(ledger: &Ledger, office: &Office<'_>, language: Language) -> Result<Overview, Fault> {
    let list = List::of(ledger, office, u32::MAX)?;
    with_papers(list.overview(&list.cases, ledger, office, language)?, ledger)
}

/// What stands on the index, in its order.
struct List {
    cases: Vec<Placed>,
    sums: Sums,
    /// Open and closed ones that are not among them.
    more_open: usize,
    more_closed: usize,
}

impl List {
    /// Everything that is due or waits for a person, of the other open cases the nearest, so many, and of what is done the latest.
    fn of(ledger: &Ledger, office: &Office<'_>, most_calm: u32) -> Result<List, Fault> {
        let cases = ledger.placed(&Wanted {
            certificates_by: certificates::near_until(&office.catalogue.flows, office.now.date()),
            due_by: soon(office),
            states: &pages::confirming(office),
            most_calm,
            most_closed: MOST_CLOSED,
        })?;
        let counted = ledger.counted()?;
        let open = cases.iter().filter(|case| !case.done);
        let more_open = counted.open.saturating_sub(cases.iter().filter(|case| !case.closed).count());
        let more_closed = counted.all.saturating_sub(cases.len() + more_open);
        let mut left: BTreeMap<Date, i64> = BTreeMap::new();
        let mut days_left = |day: Date| *left.entry(day).or_insert_with(|| office.days_left(day));
        let mut sums = Sums { open: more_open as u32, done: more_closed as u32, ..Sums::default() };
        for case in open {
            let days = case.due.map(&mut days_left);
            sums.open += 1;
            sums.held += u32::from(case.held);
            sums.late += u32::from(days.is_some_and(|days| days < 0));
            sums.soon += u32::from(days.is_some_and(|days| (0..=i64::from(SOON)).contains(&days)));
        }
        sums.done += cases.iter().filter(|case| case.done).count() as u32;
        sums.ordered = pages::count_ordered(ledger, office)? as u32;
        sums.unread = cases.iter().filter(|case| case.unread).count() as u32;
        sums.drafted = cases.iter().filter(|case| case.drafted).count() as u32;
        Ok(List { cases, sums, more_open, more_closed })
    }

    /// The cases of page `n`, counted from 1.
    fn page(&self, n: usize) -> &[Placed] {
        self.cases.chunks(MOST_ROWS).nth(n - 1).unwrap_or_default()
    }

    /// These cases with all that stands beside them, on a page by itself.
    fn overview(&self, cases: &[Placed], ledger: &Ledger, office: &Office<'_>, language: Language) -> Result<Overview, Fault> {
        let numbers: Vec<&CaseNo> = cases.iter().map(|case| &case.no).collect();
        Ok(Overview {
            tso: office.desk.tso.clone(),
            desk: office.desk.section.clone(),
            today: office.now.date(),
            made_at: minute(office.now),
            page: 1,
            pages: 1,
            sums: self.sums,
            cases: rows(ledger.listed_by_number(&numbers)?, office, language)?,
            more_open: self.more_open as u32,
            more_closed: self.more_closed as u32,
            more_strays: 0,
            strays: Vec::new(),
            receipts: Vec::new(),
        })
    }
}

/// The same with the documents that belong to no case, and the latest receipts.
fn with_papers(overview: Overview, ledger: &Ledger) -> Result<Overview, Fault> {
    let strays = ledger.unsettled(MOST_STRAYS)?;
    let all_strays = ledger.count_unsettled()?;
    Ok(Overview {
        more_strays: (all_strays - all_strays.min(strays.len())) as u32,
        strays: strays
            .into_iter()
            .map(|document| Stray {
                file: document.name,
                state: if document.waiting { "案件不明" } else { "隔離" }.to_owned(),
                note: document.note,
            })
            .collect(),
        receipts: receipts::latest(ledger)?,
        ..overview
    })
}

/// The last line of a page, which tells whether anything on it would be new: its cases, the day, the rules and the program.
fn sign(cases: &[Placed], n: usize, pages: usize, office: &Office<'_>) -> String {
    let mut all = format!("{n} {pages} {}", wake::under(office));
    cases.iter().for_each(|case| all += &format!("\n{} {}", case.no, case.sign));
    format!("<!-- {} -->\n", DocId::of(all.as_bytes()))
}

fn ends_with(path: &Path, line: &str) -> bool {
    let tail = || {
        let mut file = std::fs::File::open(path)?;
        let mut tail = String::new();
        file.seek(SeekFrom::End(-(line.len() as i64)))?;
        file.take(line.len() as u64).read_to_string(&mut tail)?;
        Ok::<_, std::io::Error>(tail)
    };
    tail().is_ok_and(|tail| tail == line)
}

/// The last day that is soon: what is due until then is marked.
fn soon(office: &Office<'_>) -> Date {
    let mut day = office.now.date();
    while let Ok(next) = day.tomorrow()
        && office.days_left(next) as i32 <= SOON
    {
        day = next;
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{self, Catalogue};
    use crate::config::DeskSettings;
    use crate::domain::date::Moment;
    use crate::store::{CaseRow, Settled};
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    const NOW: &str = "2026-04-08T10:00:00+09:00";

    fn settle(ledger: &mut Ledger, n: usize, state: &str, due: &str) {
        let summary = format!(
            r#"{{"case_no":"{n:04}","flow":"I_PRIME","state":"{state}","held":false,"applicant_name":"第{n}電力",
                "deadlines":[{{"kind":"reply","on":"{due}"}}],"open_findings":[],"notices":[]}}"#
        );
        let (no, flow, state) = (CaseNo(format!("{n:04}")), "I_PRIME".into(), state.to_owned());
        let case = CaseRow { no, flow, state, closed: false, dated: true, summary, keys: Default::default(), points: Default::default() };
        ledger.settle(&Settled { case: Some(case), ..Settled::default() }).unwrap();
    }

    #[test]
    fn what_is_late_is_counted_in_business_days_and_far_days_by_the_calendar() {
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
        let settings = DeskSettings::default();
        let office = Office::new(&catalogue, &settings, "2026-04-18T10:00:00+09:00".parse().unwrap());
        let day = |text: &str| text.parse::<Date>().unwrap();
        // The 18th is a Saturday, the 29th and the first days of May are holidays.
        for (due, left) in [
            ("2026-04-17", (-1, false)),
            ("2026-04-15", (-2, false)),
            ("2026-04-18", (0, false)),
            ("2026-04-20", (1, false)),
            ("2026-05-07", (10, false)),
            ("2028-04-07", (720, true)),
        ] {
            assert_eq!(office.left(day(due)), left, "{due}");
        }
    }

    #[test]
    fn a_long_index_lies_on_pages_of_which_only_those_with_news_are_made_anew() {
        let room = tempfile::tempdir().unwrap();
        let (state, outbox) = (room.path().join("state"), room.path().join("outbox"));
        [&state, &outbox].into_iter().for_each(|folder| fs::create_dir(folder).unwrap());
        let mut ledger = Ledger::open(&state).unwrap();
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
        let settings = DeskSettings::default();
        (1..=2 * MOST_ROWS + 1).for_each(|n| settle(&mut ledger, n, "S10_APPLICATION_RECEIVED", "2026-04-01"));
        let write = |ledger: &Ledger, now: &str| {
            let now: Moment = now.parse().unwrap();
            super::write(ledger, &Office::new(&catalogue, &settings, now), &outbox).unwrap();
            [1, 2, 3].map(|page| fs::metadata(outbox.join(page_name(page))).unwrap().ino())
        };
        let text = |page: usize| fs::read_to_string(outbox.join(page_name(page))).unwrap();
        fs::write(outbox.join(page_name(4)), "of a longer list").unwrap();
        let first = write(&ledger, NOW);
        assert!(!outbox.join(page_name(4)).exists());
        let rows = [1, 2, 3].map(|page| text(page).matches("電力</td>").count() + text(page).matches("電力<br>").count());
        assert_eq!(rows, [MOST_ROWS, MOST_ROWS, 1]);
        assert!(text(1).contains("期限超過<b>1001件") && !text(2).contains("期限超過<b>"));

        let second = write(&ledger, "2026-04-08T10:05:00+09:00");
        assert!(text(1).contains("10:05") && second[1..] == first[1..], "nothing is new there");
        settle(&mut ledger, MOST_ROWS + 3, "S20_SCREENING", "2026-04-01");
        let third = write(&ledger, "2026-04-08T10:10:00+09:00");
        assert!(third[1] != second[1] && third[2] == second[2]);
        let fourth = write(&ledger, "2026-04-09T10:00:00+09:00");
        assert!(fourth[1] != third[1] && fourth[2] != third[2], "every page counts the days that are left");
    }
}
