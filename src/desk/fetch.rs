//! Fetching: mails of the house's mailbox are taken like files, each once, and marked there when their results are committed.
//!
//! Owns that order. The server's numbers save a second look; what a mail is, its bytes say. A mailbox that does not answer
//! holds nothing else up.

use crate::config::Mark;
use crate::desk::take::Hours;
use crate::desk::{Desk, Report};
use crate::fault::Fault;
use crate::mailbox::{self, Fetched, Mailbox};
use crate::reading::format::Limits;
use std::collections::BTreeMap;

/// Where it failed: at the server, which costs this turn of fetching, or here.
enum Trouble {
    There(Fault),
    Here(Fault),
}

impl Desk<'_> {
    /// Takes so many mails at most that are new in the mailbox. An error is one of the desk.
    pub(super) fn fetch(&mut self, most: usize, hours: &Hours, report: &mut Report) -> Result<(), Fault> {
        let Some(settings) = &self.config.imap else { return Ok(()) };
        let fetched = Mailbox::open(settings).map_err(Trouble::There).and_then(|mut mailbox| {
            self.fetch_from(&mut mailbox, most, hours, report)?;
            mailbox.close();
            Ok(())
        });
        match fetched {
            Err(Trouble::There(fault)) => {
                tracing::error!(%fault, "not all mails were fetched");
                report.failed += 1;
                Ok(())
            }
            Err(Trouble::Here(fault)) => Err(fault),
            Ok(()) => Ok(()),
        }
    }

    fn fetch_from(&mut self, mailbox: &mut Mailbox, most: usize, hours: &Hours, report: &mut Report) -> Result<(), Trouble> {
        let (name, validity) = (mailbox.name().to_owned(), mailbox.validity());
        let known = self.ledger.fetched(&name, validity).map_err(Trouble::Here)?;
        let lying = mailbox.uids().map_err(Trouble::There)?;
        let new: Vec<u32> = lying.difference(&known).copied().collect();
        let sizes = mailbox.sizes(&new).map_err(Trouble::There)?;
        let (fit, too_large): (Vec<_>, Vec<_>) = sizes.into_iter().partition(|(_, size)| *size <= Limits::default().bytes as u64);
        for (uid, size) in &too_large {
            let hint = "save it as a file, take what is too large out of it, and put that into the inbox";
            let fault =
                Fault::lasting(format!("{};UID={uid}", mailbox.place()), format!("a mail of {size} bytes is too large to be taken"), hint);
            tracing::error!(%fault, "left in the mailbox");
        }
        report.in_mailbox = too_large.len();
        let mut fetched = 0;
        for (uid, _) in fit.iter().take(most) {
            let Some(Fetched { bytes, came }) = mailbox.mail(*uid).map_err(Trouble::There)? else { continue };
            let doc = self.take_mail(&format!("mailbox-{uid}.eml"), &bytes, hours.of(came), report).map_err(Trouble::Here)?;
            self.ledger.note_fetched(&name, validity, *uid, doc).map_err(Trouble::Here)?;
            fetched += 1;
        }
        // Without progress the next turn would fetch no more than this one.
        report.more_mail = fetched > 0 && fit.len() > most;
        Ok(())
    }

    /// Marks what is done. Where that fails, the next turn does it.
    pub(super) fn mark_fetched(&mut self) -> Result<(), Fault> {
        let Some(settings) = self.config.imap.as_ref().filter(|settings| settings.mark == Mark::Seen) else { return Ok(()) };
        let name = mailbox::name(settings);
        let mut done: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (validity, uid) in self.ledger.fetched_unmarked(&name)? {
            done.entry(validity).or_default().push(uid);
        }
        if done.is_empty() {
            return Ok(());
        }
        let marked = Mailbox::open(settings).and_then(|mut mailbox| {
            let uids = done.remove(&mailbox.validity()).unwrap_or_default();
            mailbox.mark_seen(&uids)?;
            let validity = mailbox.validity();
            mailbox.close();
            Ok((validity, uids))
        });
        match marked {
            Ok((validity, uids)) => self.ledger.marked(&name, validity, &uids),
            Err(fault) => {
                tracing::warn!(%fault, "mails are not marked as read; the next turn tries again");
                Ok(())
            }
        }
    }
}
