//! From rows of the outbox to files in the outbox.
//!
//! Owns the last step. Never changes what a letter says; a file lands under its name with the same bytes, however often.

use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::issuance::seal::Seal;
use crate::store::{Ledger, OutboxRow};
use std::path::Path;

/// What came of a delivery. A file that could not be put there costs no other one; the next run tries it again.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Delivered {
    pub files: usize,
    pub faults: Vec<Fault>,
}

/// Delivers what is not yet delivered. `sealing_key` opens what is secret.
pub fn deliver(ledger: &mut Ledger, outbox: &Path, sealing_key: &Path, now: Moment) -> Result<Delivered, Fault> {
    let mut delivered = Delivered::default();
    for n in ledger.undelivered()? {
        let row = ledger.outbox_row(n)?;
        match put(&row, outbox, sealing_key) {
            Ok(sha256) => {
                ledger.delivered(n, sha256, now)?;
                delivered.files += 1;
            }
            Err(fault) => delivered.faults.push(fault),
        }
    }
    Ok(delivered)
}

/// Puts one file under its name; the identity of what people see there.
fn put(row: &OutboxRow, outbox: &Path, sealing_key: &Path) -> Result<DocId, Fault> {
    let path = outbox.join(&row.path);
    let folder = path.parent().unwrap_or(outbox);
    if !row.secret {
        files::make_folder(folder, Mode::Shared)?;
        files::write_whole(&path, &row.bytes, Mode::Shared)?;
        return Ok(DocId::of(&row.bytes));
    }
    let bytes = Seal::open(sealing_key)?.unclose(&row.bytes, &row.path)?;
    files::make_folder(folder.parent().unwrap_or(outbox), Mode::Shared)?;
    files::make_folder(folder, Mode::Private)?;
    files::write_whole(&path, &bytes, Mode::Private)?;
    Ok(DocId::of(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::settled;

    #[test]
    fn a_letter_whose_place_is_taken_costs_no_other_one_and_is_delivered_once() {
        let folder = tempfile::tempdir().unwrap();
        let (state, outbox) = (folder.path().join("state"), folder.path().join("outbox"));
        std::fs::create_dir_all(&state).unwrap();
        let mut ledger = Ledger::open(&state).unwrap();
        ledger.settle(&settled(1, &["a.txt", "b.txt", "c.txt"])).unwrap();
        let taken = outbox.join("TH-2026-0001/b.txt");
        std::fs::create_dir_all(taken.parent().unwrap()).unwrap();
        std::fs::write(&taken, "somebody's own").unwrap();
        let now: Moment = "2026-04-08T10:00:00+09:00".parse().unwrap();
        let mut deliver = || deliver(&mut ledger, &outbox, &state.join("key"), now).unwrap();
        let first = deliver();
        assert_eq!((first.files, first.faults.len()), (2, 1));
        assert!(first.faults[0].place.ends_with("b.txt") && std::fs::read(&taken).unwrap() == b"somebody's own");
        std::fs::remove_file(&taken).unwrap();
        assert_eq!((deliver().files, deliver().files), (1, 0));
        assert_eq!(std::fs::read(&taken).unwrap(), b"b.txt");
    }
}
