//! What came of late and what belongs to no case, in the visitor's words.

use crate::desk::console;
use crate::fault::Fault;
use crate::store::{Ledger, Receipt};
use crate::web::Console;
use crate::web::words::Language;
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
    let all = ledger.unsettled(MOST_STRAYS)?;
    Ok(all.iter().map(|stray| json!({ "file": stray.name, "state": word(stray.waiting), "note": stray.note })).collect())
}
