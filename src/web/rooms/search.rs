//! Search: names, numbers and words, in all that people wrote and papers said.

use crate::desk::console;
use crate::domain::case::CaseNo;
use crate::domain::language::Language;
use crate::domain::text;
use crate::fault::Fault;
use crate::web::Console;
use crate::web::guard::Visitor;
use crate::web::rooms::{failed, off, page as whole, today};
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Cases that are listed, and characters that are searched for.
const MOST: usize = 100;
const LONGEST: usize = 100;

#[derive(Deserialize)]
pub struct Wish {
    q: Option<String>,
}

pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor, Query(wish): Query<Wish>) -> Response {
    let words: String = wish.q.unwrap_or_default().trim().chars().take(LONGEST).collect();
    let (desk, language) = (console.clone(), visitor.language);
    match off(move || body(&desk, &words, language)).await {
        Ok(body) => whole(&console, &visitor, "search", console.words.word("search", visitor.language), body),
        Err(fault) => failed(&console, &visitor, &fault),
    }
}

fn body(desk: &Console, words: &str, language: Language) -> Result<Value, Fault> {
    let mut rows = Vec::new();
    let mut is_cut = false;
    if !words.is_empty() {
        let ledger = desk.ledger()?;
        // As it was typed, and as values are kept: ２０２６ is found as 2026.
        let mut wanted = vec![words.to_owned(), text::tidy(words)];
        wanted.dedup();
        wanted.retain(|words| !words.is_empty());
        let found = console::search(&ledger, &wanted, MOST + 1)?;
        is_cut = found.len() > MOST;
        let found: BTreeSet<CaseNo> = found.into_iter().take(MOST).collect();
        rows = console::cases(&ledger, &found, &desk.office(), language)?.iter().map(today::view).collect();
    }
    Ok(json!({ "q": words, "asked": !words.is_empty(), "rows": rows, "is_cut": is_cut }))
}
