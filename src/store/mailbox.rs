//! The ledger on a mailbox: which of its mails were taken, so that each is fetched once.
//!
//! The numbers are hints: after a change of UIDVALIDITY all mails are fetched anew, and by their bytes they are known.

use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::store::Ledger;
use rusqlite::params;
use std::collections::BTreeSet;

impl Ledger {
    /// UIDs that were taken; those of an earlier UIDVALIDITY are forgotten.
    pub fn fetched(&mut self, mailbox: &str, validity: u32) -> Result<BTreeSet<u32>, Fault> {
        self.write(|connection| {
            connection.execute("DELETE FROM mailbox_mail WHERE mailbox = ?1 AND validity <> ?2", params![mailbox, validity])?;
            let mut statement = connection.prepare("SELECT uid FROM mailbox_mail WHERE mailbox = ?1 AND validity = ?2")?;
            statement.query_map(params![mailbox, validity], |row| row.get(0))?.collect()
        })
    }

    /// Notes which document a mail is. It must have arrived before.
    pub fn note_fetched(&mut self, mailbox: &str, validity: u32, uid: u32, doc: DocId) -> Result<(), Fault> {
        self.write(|connection| {
            let row = "INSERT OR REPLACE INTO mailbox_mail (mailbox, validity, uid, document) VALUES (?1, ?2, ?3, ?4)";
            connection.execute(row, params![mailbox, validity, uid, doc.to_string()]).map(drop)
        })
    }

    /// Mails whose results are committed and that are not yet marked in the mailbox.
    pub fn fetched_unmarked(&self, mailbox: &str) -> Result<Vec<(u32, u32)>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare(
                "SELECT validity, uid FROM mailbox_mail JOIN document ON document.id = mailbox_mail.document
                 WHERE mailbox = ?1 AND seen = 0 AND document.status <> 'pending' ORDER BY validity, uid",
            )?;
            statement.query_map([mailbox], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
    }

    /// They are marked now.
    pub fn marked(&mut self, mailbox: &str, validity: u32, uids: &[u32]) -> Result<(), Fault> {
        self.write(|connection| {
            let mut statement = connection.prepare("UPDATE mailbox_mail SET seen = 1 WHERE mailbox = ?1 AND validity = ?2 AND uid = ?3")?;
            uids.iter().try_for_each(|uid| statement.execute(params![mailbox, validity, uid]).map(drop))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Settled, Signs, Status, Verdict};

    #[test]
    fn a_number_counts_within_its_validity_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        let (doc, at) = (DocId::of(b"mail"), "2026-04-08T10:00:00+09:00".parse().unwrap());
        ledger.arrive(doc, "a.eml", 4, at, "mail").unwrap();
        ledger.note_fetched("box", 7, 1, doc).unwrap();
        ledger.note_fetched("other", 9, 5, doc).unwrap();
        assert_eq!(ledger.fetched("box", 7).unwrap(), BTreeSet::from([1]));
        assert_eq!(ledger.fetched_unmarked("box").unwrap(), [], "its results are not committed");
        let verdict = Verdict {
            doc,
            name: "a.eml".into(),
            received: at,
            bytes: 4,
            parent: None,
            status: Status::Done,
            kind: "inbound_mail".into(),
            case: None,
            note: None,
            signs: Signs::new(),
            listens: false,
        };
        ledger.settle(&Settled { verdicts: vec![verdict], ..Settled::default() }).unwrap();
        assert_eq!(ledger.fetched_unmarked("box").unwrap(), [(7, 1)]);
        ledger.marked("box", 7, &[1]).unwrap();
        assert_eq!(ledger.fetched_unmarked("box").unwrap(), []);
        assert_eq!(ledger.fetched("box", 8).unwrap(), BTreeSet::new());
        assert_eq!(ledger.fetched("box", 7).unwrap(), BTreeSet::new(), "the old numbers are forgotten");
        assert_eq!(ledger.fetched("other", 9).unwrap(), BTreeSet::from([5]));
    }
}
