//! From rows of the outbox to files in the outbox.
//!
//! Owns the last step. Never changes what a letter says; a file lands under its name with the same bytes, however often.

use crate::domain::date::Moment;
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::store::Ledger;
use std::path::Path;

/// Delivers what is not yet delivered; returns how many files that was.
pub fn deliver(ledger: &mut Ledger, outbox: &Path, now: Moment) -> Result<usize, Fault> {
    let rows = ledger.undelivered()?;
    for row in &rows {
        let path = outbox.join(&row.path);
        files::make_folder(path.parent().unwrap_or(outbox), Mode::Shared)?;
        files::write_whole(&path, &row.bytes, if row.secret { Mode::Private } else { Mode::Shared })?;
        ledger.delivered(row.n, now)?;
    }
    Ok(rows.len())
}
