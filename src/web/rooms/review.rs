//! The review: values beside the papers on which they stand; the doubtful ones, or all of one document.

use crate::desk::console::{self, Entry, Look};
use crate::domain::case::CaseNo;
use crate::store::Ledger;
use crate::web::Console;
use crate::web::guard::Visitor;
use crate::web::roles::Right;
use crate::web::rooms::{case, failed, not_found, off, page as whole};
use axum::extract::{Path, Query, State};
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
    /// The document of which all values are wanted.
    of: Option<String>,
    /// Values of it that come before this page.
    from: Option<usize>,
}

pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor, Path(no): Path<String>, Query(wish): Query<Wish>) -> Response {
    let desk = console.clone();
    let (may, language) = (visitor.session.role.may(Right::Correct), visitor.language);
    let (case_no, of, from) = (no.clone(), wish.of, wish.from.unwrap_or(0));
    let found = off(move || {
        let ledger = desk.ledger()?;
        let office = desk.office();
        let Some(look) = console::look(&desk.config, &ledger, &CaseNo(case_no), &office, language)? else { return Ok(None) };
        let voice = desk.catalogue.in_language(language);
        let all = of.as_ref().map(|document| console::values(&look.case, document, voice));
        let entries = all.as_ref().unwrap_or(&look.doubts);
        let page = entries.iter().enumerate().skip(from).take(MOST);
        let shown: Vec<Value> = page.map(|(n, entry)| view(&desk, &ledger, &look, n, entry)).collect();
        let next = Some(from + shown.len()).filter(|next| *next < entries.len());
        let documents = console::correctable(&look.case, voice);
        let documents: Vec<Value> = documents.iter().map(|(id, title)| json!({ "id": id, "title": title })).collect();
        Ok(Some(json!({
            "case_no": look.case.no.0, "applicant": look.page.case.applicant, "sheets": sheets(&shown), "entries": shown, "may": may,
            "of": of, "next": next, "documents": documents,
        })))
    });
    match found.await {
        Ok(Some(mut body)) => {
            case::said(&mut body, wish.said.as_deref(), wish.why, &console, &visitor);
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
fn view(desk: &Console, ledger: &Ledger, look: &Look, n: usize, entry: &Entry) -> Value {
    let seen = entry.seen.and_then(|(doc, page, area)| {
        let sheet = desk.studio.page(ledger, &look.case, doc, page)?;
        Some((format!("{doc}/{page}"), page, sheet.spot(&area)))
    });
    let (page, number, [x, y, width, height]) = seen.map_or((None, 0, [0; 4]), |(page, number, spot)| (Some(page), number, spot));
    json!({
        "n": n, "reference": entry.reference, "document": entry.document, "label": entry.label, "value": entry.value, "original": entry.original,
        "doubtful": entry.doubtful, "confidence": entry.confidence.0 / 10, "file": entry.file, "place": entry.place, "page": page,
        "number": number, "x": x - 60, "y": y - 30, "width": width + 120, "height": height + 60,
    })
}
