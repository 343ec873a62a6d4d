//! The review: values beside the papers on which they stand; the doubtful ones, or all of one document.

use crate::desk::console::{self, Entry, Look};
use crate::domain::case::CaseNo;
use crate::store::Ledger;
use crate::web::Console;
use crate::web::guard::Visitor;
use crate::web::roles::Right;
use crate::web::rooms::typed::{self, Typed};
use crate::web::rooms::{Told, case, failed, not_found, off, page as whole};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Values on one page.
const MOST: usize = 200;

#[derive(Deserialize)]
pub struct Wish {
    said: Option<String>,
    why: Option<String>,
    #[serde(flatten)]
    part: Part,
}

/// Which values are on the page.
#[derive(Deserialize)]
pub struct Part {
    /// The document of which all values are wanted.
    pub of: Option<String>,
    /// Values of it that come before this page.
    pub from: Option<String>,
}

impl Part {
    fn from(&self) -> usize {
        self.from.as_deref().and_then(|from| from.parse().ok()).unwrap_or(0)
    }
}

pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor, Path(no): Path<String>, Query(wish): Query<Wish>) -> Response {
    show(console, visitor, no, wish.part, Vec::new(), Told { word: wish.said, why: wish.why }).await
}

/// The page as the case stands now, with what was typed and not recorded.
pub async fn again(console: Arc<Console>, visitor: Visitor, no: String, part: Part, typed: Vec<Typed>, told: Told) -> Response {
    let mut page = show(console, visitor, no, part, typed, told).await;
    if page.status().is_success() {
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    page
}

async fn show(console: Arc<Console>, visitor: Visitor, no: String, part: Part, typed: Vec<Typed>, told: Told) -> Response {
    let desk = console.clone();
    let (may, language) = (visitor.session.role.may(Right::Correct), visitor.language);
    let case_no = no.clone();
    let found = off(move || {
        let ledger = desk.ledger()?;
        let office = desk.office();
        let Some(look) = console::look(&desk.config, &ledger, &CaseNo(case_no), &office, language)? else { return Ok(None) };
        let voice = desk.catalogue.in_language(language);
        let all = part.of.as_ref().map(|document| console::values(&look.case, document, voice));
        let entries = all.as_ref().unwrap_or(&look.doubts);
        let from = part.from();
        let page: Vec<&Entry> = entries.iter().skip(from).take(MOST).collect();
        let next = Some(from + page.len()).filter(|next| *next < entries.len());
        // What was typed is not lost where its entry is on this page no more.
        let elsewhere = if typed.is_empty() { Vec::new() } else { console::all_values(&look.case, voice) };
        let is_new = |entry: &&Entry| page.iter().all(|shown| shown.reference != entry.reference);
        let moved = elsewhere.iter().filter(is_new).filter(|entry| typed::about(&typed, entry).is_some_and(Typed::is_changed));
        let numbered = (from..).zip(page.iter().copied().chain(moved));
        let shown: Vec<Value> = numbered.map(|(n, entry)| view(&desk, &ledger, &look, n, entry, &typed)).collect();
        let documents = console::correctable(&look.case, voice);
        let documents: Vec<Value> = documents.iter().map(|(id, title)| json!({ "id": id, "title": title })).collect();
        Ok(Some(json!({
            "case_no": look.case.no.0, "applicant": look.page.case.applicant, "sheets": sheets(&shown), "entries": shown, "may": may,
            "of": part.of, "from": from, "next": next, "documents": documents, "homeless": typed::homeless(&typed, &elsewhere, voice),
        })))
    });
    match found.await {
        Ok(Some(mut body)) => {
            case::said(&mut body, told, &console, &visitor);
            whole(&console, &visitor, "review", &no, body)
        }
        Ok(None) => not_found(&console, &visitor),
        Err(fault) => failed(&console, &visitor, &fault),
    }
}

/// The pages on which these values stand, each with its places.
fn sheets(entries: &[Value]) -> Vec<Value> {
    let mut sheets: Vec<Value> = Vec::new();
    for entry in entries {
        if entry["page"].is_string() && !sheets.iter().any(|sheet| sheet["page"] == entry["page"]) {
            let spots: Vec<&Value> = entries.iter().filter(|other| other["page"] == entry["page"]).collect();
            sheets.push(json!({ "page": entry["page"], "file": entry["file"], "number": entry["number"], "spots": spots }));
        }
    }
    sheets
}

/// A value and where it lies on its page, in hundredths of a per cent.
fn view(desk: &Console, ledger: &Ledger, look: &Look, n: usize, entry: &Entry, typed: &[Typed]) -> Value {
    let seen = entry.seen.and_then(|(doc, page, area)| {
        let sheet = desk.studio.page(ledger, &look.case, doc, page)?;
        Some((format!("{doc}/{page}"), page, sheet.spot(&area)))
    });
    let (page, number, [x, y, width, height]) = seen.map_or((None, 0, [0; 4]), |(page, number, spot)| (Some(page), number, spot));
    let typed = typed::about(typed, entry);
    let is_passed = typed.is_some_and(|typed| typed.is_passed(entry));
    let in_field = typed.filter(|typed| typed.is_changed()).map_or(&entry.value, |typed| &typed.value);
    json!({
        "n": n, "reference": entry.reference, "document": entry.document, "label": entry.label, "value": in_field, "original": entry.original,
        "doubts": entry.doubts, "confidence": entry.confidence.0 / 10, "file": entry.file, "place": entry.place, "page": page,
        "number": number, "x": x - 60, "y": y - 30, "width": width + 120, "height": height + 60,
        "paper": entry.paper.to_string(), "stands": entry.value, "passed": is_passed,
        "accepted": !is_passed && typed.is_some_and(|typed| typed.is_accepted),
    })
}
