//! The health of the inbox: what waits there, what belongs to no case, and what lies in quarantine.

use crate::domain::language::Language;
use crate::fault::Fault;
use crate::intake;
use crate::web::Console;
use crate::web::guard::Visitor;
use crate::web::rooms::{arrivals, failed, in_words, off, page as whole};
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::SystemTime;

/// Files that are named.
const MOST: usize = 200;
/// Receipts that are listed.
const LATEST: u32 = 30;

pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor) -> Response {
    let (desk, language) = (console.clone(), visitor.language);
    match off(move || body(&desk, language)).await {
        Ok(body) => whole(&console, &visitor, "inbox", console.words.word("inbox", visitor.language), body),
        Err(fault) => failed(&console, &visitor, &fault),
    }
}

fn body(desk: &Console, language: Language) -> Result<Value, Fault> {
    let listing = intake::listing(&desk.config.inbox)?;
    let ledger = desk.ledger()?;
    let now = SystemTime::now();
    let minutes = |since: SystemTime| now.duration_since(since).map_or(0, |age| age.as_secs() / 60);
    let name = |path: &std::path::Path| path.strip_prefix(&desk.config.inbox).unwrap_or(path).display().to_string();
    let files = listing
        .files
        .iter()
        .take(MOST)
        .map(|found| json!({ "name": name(&found.path), "kib": found.size.div_ceil(1024), "minutes": minutes(found.modified) }));
    let strays = arrivals::strays(desk, &ledger, language)?;
    Ok(json!({
        "count": listing.files.len(),
        "oldest": listing.files.iter().map(|found| minutes(found.modified)).max(),
        "files": files.collect::<Vec<_>>(),
        "refused": listing.refused.iter().map(|fault| json!({ "place": fault.place, "why": in_words(fault, language) })).collect::<Vec<_>>(),
        "is_cut": strays.len() < ledger.count_unsettled()?,
        "strays": strays,
        "receipts": arrivals::receipts(desk, &ledger, LATEST, language)?,
    }))
}
