//! What came of late and what belongs to no case, in the visitor's words.

use crate::desk::console;
use crate::domain::language::Language;
use crate::fault::Fault;
use crate::store::{Ledger, Receipt, Unsettled};
use crate::web::Console;
use serde_json::{Value, json};

/// The latest receipts, the latest first.
pub fn receipts(desk: &Console, ledger: &Ledger, most: u32, language: Language) -> Result<Vec<Value>, Fault> {
    let one = |receipt: &Receipt| {
        json!({ "at": console::minute(receipt.received), "file": receipt.name, "case_no": receipt.case.as_ref().map(|case| &case.0),
                "result": desk.words.word(standing(receipt), language),
                "again": receipt.again })
    };
    Ok(ledger.latest_receipts(most)?.iter().map(one).collect())
}

fn standing(receipt: &Receipt) -> &'static str {
    match (receipt.status.as_str(), &receipt.case) {
        (_, Some(_)) => "case",
        ("done", None) => "came_done",
        ("waiting", None) => "came_waiting",
        ("quarantined", None) => "came_quarantined",
        _ => "came_pending",
    }
}

/// Documents that are listed, the latest.
const MOST_STRAYS: u32 = 1_000;

/// Documents that no case took, and why.
pub fn strays(desk: &Console, ledger: &Ledger, language: Language) -> Result<Vec<Value>, Fault> {
    let word = |waiting: bool| desk.words.word(if waiting { "came_waiting" } else { "came_quarantined" }, language);
    // A note is written in Japanese and begins with its code, where it has one.
    let voice = desk.catalogue.in_language(language);
    let about = |note: &str| voice.defect(note.split_whitespace().next().unwrap_or_default());
    let one = |stray: &Unsettled| json!({ "file": stray.name, "state": word(stray.waiting), "note": stray.note, "about": stray.note.as_deref().and_then(about) });
    Ok(ledger.unsettled(MOST_STRAYS)?.iter().map(one).collect())
}
