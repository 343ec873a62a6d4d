//! The rooms of the console: one file for each page or kind of answer.
//!
//! Owns what they share: the frame around a page, messages, and the way to the ledger off the threads that serve.

mod arrivals;
pub mod audit;
pub mod case;
pub mod deeds;
pub mod door;
pub mod inbox;
pub mod live;
pub mod pictures;
pub mod report;
pub mod review;
pub mod search;
pub mod today;
mod typed;

use crate::domain::language::Language;
use crate::fault::{Fault, Sort};
use crate::web::Console;
use crate::web::guard::{self, Visitor};
use crate::web::roles::Right;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;

/// What became of a deed, for the page that tells it: a word of the dictionary, and what more there is to say.
pub struct Told {
    word: Option<String>,
    why: Option<String>,
}

/// Asks the ledger or draws a page where waiting does no harm.
async fn off<T: Send + 'static>(work: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    let lost = |_| Fault::transient("console", "the work was given up", "try again");
    tokio::task::spawn_blocking(work).await.map_err(lost)?
}

/// A page inside the frame.
fn page(console: &Console, visitor: &Visitor, name: &str, title: &str, body: Value) -> Response {
    let data = frame(console, Some(visitor), visitor.language, title, body);
    match console.words.page(name, visitor.language, &data) {
        Ok(page) => Html(page).into_response(),
        Err(fault) => failed(console, visitor, &fault),
    }
}

/// What the frame around every page shows.
fn frame(console: &Console, visitor: Option<&Visitor>, language: Language, title: &str, body: Value) -> Value {
    json!({
        "lang": language.code(),
        "title": title,
        "tso": console.config.desk.tso,
        "desk": console.config.desk.section,
        "visitor": visitor.map(|visitor| json!({
            "name": visitor.session.name,
            "role": console.words.word(&format!("role_{}", visitor.session.role), language),
            "token": visitor.session.token,
            "audits": visitor.session.role.may(Right::Audit),
        })),
        "body": body,
    })
}

/// A short page that says something.
pub fn message(console: &Console, visitor: Option<&Visitor>, language: Language, status: StatusCode, words: &str) -> Response {
    let data = frame(console, visitor, language, console.words.word("message", language), json!({ "words": words }));
    match console.words.page("message", language, &data) {
        Ok(page) => (status, Html(page)).into_response(),
        Err(_) => (status, words.to_owned()).into_response(),
    }
}

/// A fault as somebody at the desk can use it. The path stays in the log.
fn failed(console: &Console, visitor: &Visitor, fault: &Fault) -> Response {
    tracing::error!(%fault, "the console could not answer");
    let status = if fault.sort == Sort::Transient { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::INTERNAL_SERVER_ERROR };
    message(console, Some(visitor), visitor.language, status, &in_words(fault, visitor.language))
}

/// What a person at the desk is told; what only an administrator can use is left in English.
fn in_words(fault: &Fault, language: Language) -> String {
    let english = format!("{} ({})", fault.what, fault.hint);
    language.choose(fault.in_japanese.clone(), None).unwrap_or(english)
}

fn not_found(console: &Console, visitor: &Visitor) -> Response {
    message(console, Some(visitor), visitor.language, StatusCode::NOT_FOUND, console.words.word("not_there", visitor.language))
}

pub async fn nowhere(State(console): State<Arc<Console>>, headers: HeaderMap) -> Response {
    let language = guard::language(&headers);
    message(&console, None, language, StatusCode::NOT_FOUND, console.words.word("not_there", language))
}
