//! The month's figures: the sums at a glance, and the page, the workbook and the CSV that `uketsuke report` writes.

use crate::catalogue::Voice;
use crate::desk::report as figures;
use crate::domain::language::Language;
use crate::export;
use crate::fault::Fault;
use crate::notices::monthly::MonthPage;
use crate::report::Month;
use crate::web::Console;
use crate::web::guard::Visitor;
use crate::web::rooms::{failed, not_found, off, page as whole};
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Months back that are offered.
const MOST: usize = 24;
/// The page with its plots, and the workbook, as they are called here.
const PAGE: &str = "page";
const WORKBOOK: &str = "figures.xlsx";

#[derive(Deserialize)]
pub struct Wish {
    month: Option<String>,
}

/// The month that is asked for, or the one that runs.
pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor, Query(wish): Query<Wish>) -> Response {
    let this = Month::of((console.clock)().date());
    let month = wish.month.and_then(|month| month.parse().ok()).filter(|month| *month <= this).unwrap_or(this);
    let desk = console.clone();
    let language = visitor.language;
    match off(move || count(&desk, month, language).map(|page| body(month, this, &page, desk.catalogue.in_language(language)))).await {
        Ok(body) => whole(&console, &visitor, "report", console.words.word("report", language), body),
        Err(fault) => failed(&console, &visitor, &fault),
    }
}

fn count(desk: &Console, month: Month, language: Language) -> Result<MonthPage, Fault> {
    figures::month(&desk.ledger()?, desk.catalogue.in_language(language), &desk.config.desk, month, (desk.clock)())
}

fn body(month: Month, this: Month, page: &MonthPage, voice: Voice<'_>) -> Value {
    let months = std::iter::successors(Some(this), |month| month.before()).take(MOST);
    let months: Vec<Value> = months.map(|one| json!({ "month": one.to_string(), "chosen": one == month })).collect();
    let tables: Vec<Value> = figures::tables(page, voice).iter().map(|table| json!({ "key": table.key, "name": table.title })).collect();
    json!({
        "month": month.to_string(), "months": months, "tables": tables, "arrived": page.by_day.iter().sum::<u32>(),
        "opened": page.opened, "approved": page.approved, "straight": page.straight,
    })
}

/// One of the month's files.
pub async fn file(State(console): State<Arc<Console>>, visitor: Visitor, Path((month, name)): Path<(String, String)>) -> Response {
    let Ok(month) = month.parse::<Month>() else { return not_found(&console, &visitor) };
    let desk = console.clone();
    let (wanted, language) = (name.clone(), visitor.language);
    match off(move || bytes(&desk, month, &wanted, language)).await {
        Ok(Some(bytes)) if name == PAGE => shown(bytes),
        Ok(Some(bytes)) => handed_out(bytes, &format!("{month}-{name}")),
        Ok(None) => not_found(&console, &visitor),
        Err(fault) => failed(&console, &visitor, &fault),
    }
}

/// `None` for a file that no month has.
fn bytes(desk: &Console, month: Month, name: &str, language: Language) -> Result<Option<Vec<u8>>, Fault> {
    let page = count(desk, month, language)?;
    let tables = figures::tables(&page, desk.catalogue.in_language(language));
    match name {
        PAGE => desk.catalogue.notices()?.month(&page, &desk.catalogue.words, language).map(|page| Some(page.into_bytes())),
        WORKBOOK => export::xlsx(&tables, (desk.clock)().civil()).map(Some),
        _ => Ok(tables.iter().find(|table| name.strip_suffix(".csv") == Some(table.key)).map(export::csv)),
    }
}

/// The page brings its own style, for it is read from a file share as well.
fn shown(page: Vec<u8>) -> Response {
    let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'");
    let mut response = Html(page).into_response();
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// A file for the visitor's disk. `name` is a month and one of our own names: nothing in it needs quoting.
fn handed_out(bytes: Vec<u8>, name: &str) -> Response {
    let kind = if name.ends_with(".csv") {
        "text/csv; charset=utf-8"
    } else {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    };
    ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))], bytes).into_response()
}
