//! Who did what, in all cases; and the month's figures.

use crate::desk::{console, report as figures};
use crate::report::Month;
use crate::web::Console;
use crate::web::guard::Visitor;
use crate::web::roles::Right;
use crate::web::rooms::{failed, off, page as whole};
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Events that are listed.
const MOST: u32 = 500;

#[derive(Deserialize)]
pub struct Wish {
    by: Option<String>,
}

pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor, Query(wish): Query<Wish>) -> Response {
    if let Some(refused) = visitor.lacks(Right::Audit, &console) {
        return refused;
    }
    let by = wish.by.filter(|by| !by.trim().is_empty());
    let desk = console.clone();
    let found = off(move || {
        let ledger = desk.ledger()?;
        let office = desk.office();
        let steps = ledger.latest_events(by.as_deref(), MOST)?;
        let rows = steps.iter().filter_map(|event| {
            let step = console::step(event, &office)?;
            Some(json!({ "at": step.at, "by": step.by, "case_no": event.case.0, "what": step.what, "note": step.note }))
        });
        let accounts: Vec<Value> = ledger
            .accounts()?
            .iter()
            .map(|account| json!({ "name": account.name, "role": account.role, "disabled": account.disabled }))
            .collect();
        Ok(json!({ "by": by, "rows": rows.collect::<Vec<_>>(), "accounts": accounts }))
    });
    match found.await {
        Ok(body) => whole(&console, &visitor, "audit", console.words.word("audit", visitor.language), body),
        Err(fault) => failed(&console, &visitor, &fault),
    }
}

#[derive(Deserialize)]
pub struct Which {
    month: Option<String>,
}

/// The page of a month, as `uketsuke report` writes it; the month that runs when none is named.
pub async fn report(State(console): State<Arc<Console>>, visitor: Visitor, Query(which): Query<Which>) -> Response {
    let desk = console.clone();
    let found = off(move || {
        let now = (desk.clock)();
        let month = which.month.and_then(|month| month.parse().ok()).unwrap_or_else(|| Month::of(now.date()));
        let page = figures::month(&desk.ledger()?, &desk.catalogue, &desk.config.desk, month, now)?;
        desk.catalogue.notices.month(&page)
    });
    match found.await {
        Ok(page) => {
            let mut response = Html(page).into_response();
            // The page brings its own style, for it is read from a file share as well.
            let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'");
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
            response
        }
        Err(fault) => failed(&console, &visitor, &fault),
    }
}
