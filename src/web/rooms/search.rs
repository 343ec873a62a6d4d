//! Search: names, numbers and words, in all that people wrote and papers said. A case is found that holds all words, however they are spaced,
//! dashed or spelt.

use crate::desk::console;
use crate::domain::case::CaseNo;
use crate::domain::language::Language;
use crate::domain::text::Sought;
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
/// Words of which a case must hold all.
const MOST_WORDS: usize = 8;

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
        let wanted: Vec<Sought> = words.split_whitespace().filter_map(Sought::new).take(MOST_WORDS).collect();
        let found = console::search(&ledger, &wanted, MOST + 1)?;
        is_cut = found.len() > MOST;
        let found: BTreeSet<CaseNo> = found.into_iter().take(MOST).collect();
        rows = console::cases(&ledger, &found, &desk.office(), language)?.iter().map(today::view).collect();
    }
    Ok(json!({ "q": words, "asked": !words.is_empty(), "rows": rows, "is_cut": is_cut }))
}
