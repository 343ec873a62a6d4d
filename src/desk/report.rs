//! The month's figures in the words of the desk: as a page and as tables.
//!
//! Owns the words. What is counted, and how, is `report`'s.

use crate::catalogue::Catalogue;
use crate::config::DeskSettings;
use crate::desk::pages;
use crate::domain::date::Moment;
use crate::export::{Cell, Column, Table, column};
use crate::fault::Fault;
use crate::notices::monthly::{CameRow, LetterRow, MonthPage, ReadingRow, ReasonRow, StayRow};
use crate::report::{self, Month};
use crate::store::Ledger;

const SUMS: &[Column] = &[column("figure", "項目"), column("count", "件数")];
const DAYS: &[Column] = &[column("day", "日付"), column("documents", "到着書類")];
const CAME: &[Column] = &[column("document", "書類"), column("first", "件数"), column("again", "同一ファイルの再着")];
const REASONS: &[Column] = &[column("code", "コード"), column("example", "指摘（直近の例）"), column("letters", "文書")];
const STAYS: &[Column] = &[
    column("state", "状態"),
    column("left", "当月に終えた件数"),
    column("median_days", "中央値（日）"),
    column("mean_days", "平均（日）"),
    column("longest_days", "最長（日）"),
    column("still", "月末の件数"),
];
const READING: &[Column] = &[
    column("document", "書類"),
    column("documents", "書類数"),
    column("values", "読み取った値"),
    column("doubted", "うち要確認"),
    column("corrected", "訂正された値"),
    column("unwarned", "うち要確認でなかった値"),
    column("right", "正読率"),
];
const LETTERS: &[Column] = &[column("letter", "文書"), column("count", "件数")];

/// Counts a month of the ledger, up to today.
pub fn month(ledger: &Ledger, catalogue: &Catalogue, desk: &DeskSettings, month: Month, now: Moment) -> Result<MonthPage, Fault> {
    let until = month.last().min(now.date());
    let figures = report::figures(month, &ledger.history()?, until);
    let state = |id: &str| catalogue.flows.state(id).map_or_else(|| id.to_owned(), |state| state.name.clone());
    let came =
        figures.came.into_iter().map(|(kind, came)| CameRow { document: catalogue.title(&kind), first: came.first, again: came.again });
    let reasons =
        figures.reasons.into_iter().map(|reason| ReasonRow { code: reason.code, example: reason.example, letters: reason.letters });
    let stays = figures.stays.into_iter().map(|stay| StayRow {
        state: state(&stay.state),
        left: stay.left,
        median: stay.median,
        mean: stay.mean,
        longest: stay.longest,
        still: stay.still,
    });
    let reading = figures.reading.into_iter().map(|count| ReadingRow {
        right: count.right(),
        document: catalogue.title(&count.document),
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
        letters: figures.letters.into_iter().map(|(kind, count)| LetterRow { title: catalogue.letter_title(&kind), count }).collect(),
    })
}

/// The same figures as tables.
pub fn tables(page: &MonthPage) -> Vec<Table> {
    let number = |count: u32| Cell::Number(count.into());
    let tenths = |left: u32, tenths: u64| if left == 0 { Cell::Empty } else { Cell::Tenths(tenths as i64) };
    let sums = [
        ("到着書類", page.by_day.iter().sum()),
        ("新規案件", page.opened),
        ("承認通知", page.approved),
        ("うち職員の作業がなかったもの", page.untouched),
        ("うち差戻し・補正依頼がなかったもの", page.unreturned),
        ("うち自動処理", page.straight),
    ];
    let days = page.first.series(jiff::Span::new().days(1)).zip(&page.by_day);
    vec![
        Table {
            key: "sums",
            title: "集計",
            columns: SUMS,
            rows: sums.into_iter().map(|(name, count)| vec![Cell::text(name), number(count)]).collect(),
        },
        Table {
            key: "days", title: "日別", columns: DAYS, rows: days.map(|(day, count)| vec![Cell::Day(day), number(*count)]).collect()
        },
        Table {
            key: "came",
            title: "到着書類",
            columns: CAME,
            rows: page.came.iter().map(|row| vec![Cell::text(&*row.document), number(row.first), number(row.again)]).collect(),
        },
        Table {
            key: "reasons",
            title: "差戻し・補正依頼の理由",
            columns: REASONS,
            rows: page.reasons.iter().map(|row| vec![Cell::text(&*row.code), Cell::text(&*row.example), number(row.letters)]).collect(),
        },
        Table {
            key: "stays",
            title: "滞留日数",
            columns: STAYS,
            rows: page
                .stays
                .iter()
                .map(|row| {
                    let [median, mean, longest] = [row.median, row.mean, row.longest].map(|length| tenths(row.left, length));
                    vec![Cell::text(&*row.state), number(row.left), median, mean, longest, number(row.still)]
                })
                .collect(),
        },
        Table {
            key: "reading",
            title: "読取りの精度",
            columns: READING,
            rows: page
                .reading
                .iter()
                .map(|row| {
                    let counts = [row.documents, row.values, row.doubted, row.corrected, row.unwarned].map(number);
                    let right = row.right.map_or(Cell::Empty, Cell::Share);
                    [Cell::text(&*row.document)].into_iter().chain(counts).chain([right]).collect()
                })
                .collect(),
        },
        Table {
            key: "letters",
            title: "発出文書",
            columns: LETTERS,
            rows: page.letters.iter().map(|row| vec![Cell::text(&*row.title), number(row.count)]).collect(),
        },
    ]
}
