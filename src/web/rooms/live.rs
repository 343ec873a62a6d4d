//! What changes while a page is open, and what a machine asks: health and figures.

use crate::fault::Fault;
use crate::intake;
use crate::store::Efforts;
use crate::web::Console;
use crate::web::guard::{self, SESSION, Visitor};
use crate::web::rooms::off;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// How often the ledger is looked at for news.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);
/// A page is told for this long; then its browser asks anew, and its session is looked at again.
const MOST_LOOKS: u32 = 900;

/// Buckets of the time that reading takes: a workbook is there at once, a page to be recognised takes seconds, a long scan minutes.
const READING_BOUNDS: &[Duration] = &[
    Duration::from_millis(100),
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_secs(100),
    Duration::from_secs(300),
    Duration::from_secs(1000),
];

/// Tells a page the number of the ledger's last event whenever it grew.
pub async fn stream(
    State(console): State<Arc<Console>>,
    _visitor: Visitor,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let cookie = guard::cookie(&headers, SESSION).unwrap_or_default();
    let news = futures_util::stream::unfold((console, cookie, None, 0), |(console, cookie, mut known, mut looks)| async move {
        // It ends with its session, so that its browser asks anew and is sent to the door.
        while looks < MOST_LOOKS && console.sessions().glimpse(&cookie, Instant::now()).is_some() {
            looks += 1;
            let desk = console.clone();
            let head = off(move || desk.ledger()?.head()).await.ok();
            if head.is_some() && head != known {
                known = head;
                let event = Event::default().event("head").data(head.unwrap_or_default().to_string());
                return Some((Ok(event), (console, cookie, known, looks)));
            }
            // A page that is open somewhere must not keep the console from ending.
            let mut ending = console.ending.subscribe();
            if tokio::time::timeout(BETWEEN_LOOKS, ending.wait_for(|ending| *ending)).await.is_ok() {
                return None;
            }
        }
        None
    });
    Sse::new(news).keep_alive(KeepAlive::default())
}

/// 200 while the ledger can be asked.
pub async fn healthz(State(console): State<Arc<Console>>) -> Response {
    match off(move || console.ledger()?.head()).await {
        Ok(_) => (StatusCode::OK, "ok\n").into_response(),
        Err(fault) => (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", fault.what)).into_response(),
    }
}

/// Figures for Prometheus. No name and no value of an applicant is among them.
pub async fn metrics(State(console): State<Arc<Console>>) -> Response {
    match off(move || figures(&console)).await {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response(),
        Err(fault) => (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", fault.what)).into_response(),
    }
}

fn figures(console: &Console) -> Result<String, Fault> {
    let ledger = console.ledger()?;
    let listing = intake::listing(&console.config.inbox)?;
    let age = |at: SystemTime| SystemTime::now().duration_since(at).map_or(0, |age| age.as_secs());
    let oldest = listing.files.iter().map(|found| age(found.modified)).max().unwrap_or(0);
    let tally = ledger.tally()?;
    let held = ledger.counted()?.held as u64;
    let outcomes: BTreeMap<String, u64> = ledger.outcomes()?.into_iter().collect();
    let undelivered = ledger.undelivered()?.len() as u64;
    let mut text = String::new();
    gauge(&mut text, "uketsuke_inbox_files", "Files that wait in the inbox.", listing.files.len() as u64);
    gauge(&mut text, "uketsuke_inbox_oldest_seconds", "Age of the oldest file in the inbox.", oldest);
    gauge(&mut text, "uketsuke_cases_held", "Cases that wait for a person.", held);
    gauge(&mut text, "uketsuke_outbox_undelivered", "Files that are written and not yet in the outbox.", undelivered);
    gauge(&mut text, "uketsuke_events", "Events in the ledger.", ledger.head()?.unsigned_abs());
    gauge(&mut text, "uketsuke_console_sessions", "People who are logged in.", console.sessions().count() as u64);
    family(&mut text, "uketsuke_cases", "Cases by state.", "state", &tally.states);
    family(&mut text, "uketsuke_open_findings", "Open findings by code.", "code", &tally.codes);
    family(&mut text, "uketsuke_documents", "Documents by what became of them.", "outcome", &outcomes);
    reading(&mut text, &ledger.efforts(READING_BOUNDS)?);
    Ok(text)
}

fn gauge(text: &mut String, name: &str, help: &str, value: u64) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
}

/// What reading took, as a histogram and a counter: both only grow.
fn reading(text: &mut String, efforts: &Efforts) {
    let name = "uketsuke_reading_seconds";
    let _ =
        writeln!(text, "# HELP {name} Time on the clock that reading an arrival took, with all that lies in it.\n# TYPE {name} histogram");
    for (bound, within) in READING_BOUNDS.iter().zip(&efforts.within) {
        let _ = writeln!(text, "{name}_bucket{{le=\"{}\"}} {within}", bound.as_secs_f64());
    }
    let (documents, seconds) = (efforts.documents, efforts.time.as_secs_f64());
    let _ = writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {documents}\n{name}_sum {seconds}\n{name}_count {documents}");
    let name = "uketsuke_ocr_pages_total";
    let _ =
        writeln!(text, "# HELP {name} Pages whose text was recognised in a picture.\n# TYPE {name} counter\n{name} {}", efforts.ocr_pages);
}

fn family(text: &mut String, name: &str, help: &str, label: &str, values: &BTreeMap<String, u64>) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (key, value) in values {
        let key: String = key.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
        let _ = writeln!(text, "{name}{{{label}=\"{key}\"}} {value}");
    }
}
