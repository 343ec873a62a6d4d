//! 今日: everything that waits, in the order in which it is due.

use crate::desk::console;
use crate::domain::language::Language;
use crate::fault::Fault;
use crate::notices::outbox::{Due, Row};
use crate::web::Console;
use crate::web::guard::Visitor;
use crate::web::rooms::{arrivals, failed, off, page as whole};
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Rows on one page.
const MOST: usize = 500;
/// Receipts beside them.
const LATEST: u32 = 8;

#[derive(Deserialize)]
pub struct Wish {
    /// `all`, `held`, `late`, `operation`, `draft` or `unread`; what is open when it is anything else.
    show: Option<String>,
}

pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor, Query(wish): Query<Wish>) -> Response {
    let (desk, language) = (console.clone(), visitor.language);
    let show = wish.show.unwrap_or_default();
    match off(move || body(&desk, &show, language)).await {
        Ok(body) => whole(&console, &visitor, "today", console.words.word("today", visitor.language), body),
        Err(fault) => failed(&console, &visitor, &fault),
    }
}

fn body(desk: &Console, show: &str, language: Language) -> Result<Value, Fault> {
    let ledger = desk.ledger()?;
    let office = desk.office();
    let overview = console::overview(&ledger, &office, language)?;
    let mut rows: Vec<&Row> = overview.cases.iter().collect();
    rows.sort_by_key(|row| (row.done, row.due.as_ref().map_or(Date::MAX, |due| due.on), !row.held, row.case_no.clone()));
    let is_late = |row: &Row| row.due.as_ref().is_some_and(|due| due.days_left < 0);
    let is_ordered = |row: &Row| !row.done && row.ordered;
    let count = |fits: &dyn Fn(&Row) -> bool| rows.iter().filter(|row| !row.done && fits(row)).count();
    let fits = |row: &&&Row| match show {
        "all" => true,
        "held" => !row.done && row.held,
        "late" => !row.done && is_late(row),
        "operation" => is_ordered(row),
        "draft" => row.drafted,
        "unread" => row.unread,
        _ => !row.done,
    };
    let shown: Vec<Value> = rows.iter().filter(fits).take(MOST).map(|row| view(row)).collect();
    Ok(json!({
        "head": ledger.head()?,
        "today": overview.today,
        "open": count(&|_| true),
        "held": count(&|row| row.held),
        "late": count(&is_late),
        "operations": count(&is_ordered),
        "drafts": rows.iter().filter(|row| row.drafted).count(),
        "unread": rows.iter().filter(|row| row.unread).count(),
        "all": rows.len() + overview.more_closed as usize,
        "strays": overview.strays.len() + overview.more_strays as usize,
        "is_cut": rows.iter().filter(fits).count() > MOST || show == "all" && overview.more_closed > 0,
        "rows": shown,
        "receipts": arrivals::receipts(desk, &ledger, LATEST, language)?,
    }))
}

pub fn view(row: &Row) -> Value {
    json!({
        "case_no": row.case_no, "applicant": row.applicant, "flow": row.flow, "state": row.state, "held": row.held, "done": row.done,
        "ordered": !row.done && row.ordered, "drafted": row.drafted, "unread": row.unread, "open_findings": row.open_findings, "letters": row.letters, "due": row.due.as_ref().map(due),
    })
}

pub fn due(due: &Due) -> Value {
    let tone = match due.days_left {
        days if days < 0 => "late",
        days if days <= 2 => "soon",
        _ => "calm",
    };
    json!({ "label": due.label, "on": due.on, "days_left": due.days_left, "over": due.days_left < 0, "now": due.days_left == 0, "of_calendar": due.of_calendar, "tone": tone })
}
