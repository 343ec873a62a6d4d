//! What the ledger says of each document of a batch once cases were looked for: done, waiting, or set aside.
//!
//! Never looks for a case.

use crate::desk::items::Item;
use crate::pipeline::{self, Office};
use crate::store::{Status, Verdict};

fn verdict(item: &Item, status: Status) -> Verdict {
    Verdict {
        doc: item.digest.doc,
        name: item.digest.name.clone(),
        received: item.received,
        bytes: item.bytes,
        parent: item.parent,
        status,
        kind: item.digest.extract.document.to_string(),
        case: item.cases.first().cloned(),
        note: item.doubt.clone(),
        signs: item.signs.clone(),
        listens: false,
    }
}

/// What becomes of a document that a case took.
pub(super) fn found(item: &Item, items: &[Item], office: &Office<'_>) -> Verdict {
    Verdict { note: None, listens: holds_a_stray(item, items, office), ..verdict(item, Status::Done) }
}

/// What happens to a document that no case took: unreadable ones go to quarantine, containers are done
/// when their parts are, the rest waits for a person or for the paper that explains it.
pub(super) fn stray(item: &Item, items: &[Item], office: &Office<'_>) -> Verdict {
    let kind = item.digest.extract.document.as_str();
    let sentences: Vec<String> = item.digest.findings.iter().map(|finding| format!("{} {}", finding.code, finding.message)).collect();
    let mut verdict = verdict(item, Status::Waiting);
    // Read, but of no known kind: a person says what it is.
    let unrecognised = item.digest.findings.iter().any(|finding| finding.code.0 == "M-008");
    if kind == "unknown" && !unrecognised {
        verdict.status = Status::Quarantined;
        verdict.note = Some(sentences.join("\n"));
    } else if kind == "archive" && items.iter().any(|other| other.parent == Some(item.digest.doc)) {
        verdict.listens = holds_a_stray(item, items, office);
        verdict.status = Status::Done;
    } else if verdict.note.is_none() {
        let finding = pipeline::of_stray(kind, office);
        verdict.note = Some(format!("{} {} 受付番号・事業者名・コードから案件を特定できません。", finding.code, finding.message));
    }
    verdict
}

/// An arrival of which a part waits is looked at again with it: a part by itself never is.
fn holds_a_stray(item: &Item, items: &[Item], office: &Office<'_>) -> bool {
    let is_within = |other: &&Item| other.inside.as_ref().is_some_and(|(arrival, _)| *arrival == item.digest.doc);
    let waits = |part: &Item| part.cases.is_empty() && stray(part, items, office).status == Status::Waiting;
    item.parent.is_none() && items.iter().filter(is_within).any(waits)
}
