//! From rows of the outbox to files in the outbox.
//!
//! Owns the last step. Never changes what a letter says; a file lands under its name with the same bytes, however often.

use crate::domain::date::Moment;
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::issuance::seal::Seal;
use crate::store::Ledger;
use std::path::Path;

/// Delivers what is not yet delivered; returns how many files that was. `sealing_key` opens what is secret.
pub fn deliver(ledger: &mut Ledger, outbox: &Path, sealing_key: &Path, now: Moment) -> Result<usize, Fault> {
    let rows = ledger.undelivered()?;
    for row in &rows {
        let path = outbox.join(&row.path);
        let folder = path.parent().unwrap_or(outbox);
        if row.secret {
            let bytes = Seal::open(sealing_key)?.unclose(&row.bytes, &row.path)?;
            files::make_folder(folder.parent().unwrap_or(outbox), Mode::Shared)?;
            files::make_folder(folder, Mode::Private)?;
            files::write_whole(&path, &bytes, Mode::Private)?;
        } else {
            files::make_folder(folder, Mode::Shared)?;
            files::write_whole(&path, &row.bytes, Mode::Shared)?;
        }
        ledger.delivered(row.n, now)?;
    }
    Ok(rows.len())
}
