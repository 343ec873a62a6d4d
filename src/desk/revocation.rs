//! The list of revoked certificates, put into the outbox for those who check clients.
//!
//! Owns when it leaves: as soon as it says something new, and before the one in force ends.

use crate::desk::Desk;
use crate::domain::date::Moment;
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::issuance::authority::{Authority, Revoked};
use crate::pipeline;
use std::collections::BTreeMap;

/// Folder of the outbox, beside those of the cases.
pub(super) const FOLDER: &str = "certificates";

impl Desk<'_> {
    /// Puts the list in force into the outbox, and the authority's certificate beside it; returns how many files that was.
    pub(super) fn publish_revoked(&self, authority: Option<&Authority>, now: Moment) -> Result<usize, Fault> {
        let Some(authority) = authority else { return Ok(0) };
        let summaries = self.ledger.with_revoked()?;
        // Each number once: a certificate may be known to several cases.
        let revoked: BTreeMap<_, _> = summaries.iter().flat_map(|summary| pipeline::summary::revoked(summary, now.date())).collect();
        let revoked: Vec<Revoked> = revoked.into_iter().map(|(serial, on)| Revoked { serial, on }).collect();
        let Some(list) = authority.list_to_deliver(&revoked, now)? else { return Ok(0) };
        let folder = self.config.outbox.join(FOLDER);
        files::make_folder(&folder, Mode::Shared)?;
        files::write_whole(&folder.join("authority.crt"), authority.certificate(), Mode::Shared)?;
        files::write_whole(&folder.join(&list.name), &list.bytes, Mode::Shared)?;
        authority.delivered(&list)?;
        Ok(1)
    }
}
