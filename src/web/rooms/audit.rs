//! Who did what, in all cases.

use crate::desk::console;
use crate::web::Console;
use crate::web::guard::Visitor;
use crate::web::roles::Right;
use crate::web::rooms::{failed, off, page as whole};
use axum::extract::{Query, State};
use axum::response::Response;
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
    let (desk, language) = (console.clone(), visitor.language);
    let found = off(move || {
        let ledger = desk.ledger()?;
        let steps = ledger.latest_events(by.as_deref(), MOST + 1)?;
        let is_cut = steps.len() > MOST as usize;
        let rows = steps.iter().take(MOST as usize).filter_map(|event| {
            let step = console::step(event, desk.catalogue.in_language(language))?;
            Some(json!({ "at": step.at, "by": step.by, "case_no": event.case.0, "what": step.what, "note": step.note }))
        });
        let accounts: Vec<Value> = ledger
            .accounts()?
            .iter()
            .map(|account| json!({ "name": account.name, "role": desk.words.word(&format!("role_{}", account.role), language), "disabled": account.disabled }))
            .collect();
        Ok(json!({ "by": by, "rows": rows.collect::<Vec<_>>(), "is_cut": is_cut, "accounts": accounts }))
    });
    match found.await {
        Ok(body) => whole(&console, &visitor, "audit", console.words.word("audit", visitor.language), body),
        Err(fault) => failed(&console, &visitor, &fault),
    }
}
