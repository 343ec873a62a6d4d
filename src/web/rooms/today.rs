//! 今日: everything that waits, in the order in which it is due.

use crate::desk::console;
use crate::fault::Fault;
use crate::notices::outbox::{Due, Row};
use crate::pipeline::Office;
use crate::web::Console;
use crate::web::guard::Visitor;
use crate::web::rooms::{arrivals, failed, off, page as whole};
use crate::web::words::Language;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Rows on one page.
const MOST: usize = 500;
/// Receipts beside them.
const LATEST: u32 = 8;

#[derive(Deserialize)]
pub struct Wish {
    /// `all`, `held`, `late`, `operation` or `draft`; what is open when it is anything else.
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
    let overview = console::overview(&ledger, &office)?;
    let summaries = ledger.summaries()?;
    let ordered: BTreeSet<String> = summaries.iter().filter_map(|summary| has_order(summary, &office)).collect();
    let drafted: BTreeSet<String> = summaries.iter().filter_map(|summary| has_draft(summary)).collect();
    let mut rows: Vec<&Row> = overview.cases.iter().collect();
    rows.sort_by_key(|row| (row.done, row.due.as_ref().map_or(Date::MAX, |due| due.on), !row.held, row.case_no.clone()));
    let is_late = |row: &Row| row.due.as_ref().is_some_and(|due| due.days_left < 0);
    let is_ordered = |row: &Row| !row.done && ordered.contains(&row.case_no);
    let count = |fits: &dyn Fn(&Row) -> bool| rows.iter().filter(|row| !row.done && fits(row)).count();
    let fits = |row: &&&Row| match show {
        "all" => true,
        "held" => !row.done && row.held,
        "late" => !row.done && is_late(row),
        "operation" => is_ordered(row),
        "draft" => drafted.contains(&row.case_no),
        _ => !row.done,
    };
    let shown: Vec<Value> =
        rows.iter().filter(fits).take(MOST).map(|row| view(row, is_ordered(row), drafted.contains(&row.case_no))).collect();
    Ok(json!({
        "head": ledger.head()?,
        "today": overview.today,
        "open": count(&|_| true),
        "held": count(&|row| row.held),
        "late": count(&is_late),
        "operations": count(&is_ordered),
        "drafts": drafted.len(),
        "all": rows.len(),
        "strays": overview.strays.len(),
        "is_cut": rows.iter().filter(fits).count() > MOST,
        "rows": shown,
        "receipts": arrivals::receipts(desk, &ledger, LATEST, language)?,
    }))
}

/// The number of a case whose latest letter is an order to the operator of MMS, and which is still where that is confirmed.
fn has_order(summary: &str, office: &Office<'_>) -> Option<String> {
    let case: Value = serde_json::from_str(summary).ok()?;
    let last = case["notices"].as_array()?.last().filter(|last| last["kind"] == "mms_operation")?;
    let confirms = if last["operation"] == "APPROVE" { "mms-approved" } else { "mms-rejected" };
    let state = case["state"].as_str()?;
    let waits = office.catalogue.flows.event(confirms).is_some_and(|event| event.from.iter().any(|from| from == state));
    if waits { Some(case["case_no"].as_str()?.to_owned()) } else { None }
}

/// The number of a case one of whose letters is a draft.
fn has_draft(summary: &str) -> Option<String> {
    let case: Value = serde_json::from_str(summary).ok()?;
    let draft = case["notices"].as_array()?.iter().any(|notice| notice["draft"] == true);
    if draft { Some(case["case_no"].as_str()?.to_owned()) } else { None }
}

pub fn view(row: &Row, ordered: bool, drafted: bool) -> Value {
    json!({
        "case_no": row.case_no, "applicant": row.applicant, "flow": row.flow, "state": row.state, "held": row.held, "done": row.done,
        "ordered": ordered, "drafted": drafted, "open_findings": row.open_findings, "letters": row.letters, "due": row.due.as_ref().map(due),
    })
}

pub fn due(due: &Due) -> Value {
    let tone = match due.days_left {
        days if days < 0 => "late",
        days if days <= 2 => "soon",
        _ => "calm",
    };
    json!({ "label": due.label, "on": due.on, "days_left": due.days_left, "over": due.days_left < 0, "now": due.days_left == 0, "past": due.days_left.saturating_neg(), "tone": tone })
}
