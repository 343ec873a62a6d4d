//! The ledger on drafts: what a letter says when it leaves, in place of what it said when it was written.
//!
//! Owns that one change to files which are written already. Never touches one that is out, or puts one in clear in the place of a
//! sealed one.

use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::domain::letter::Letter;
use crate::fault::Fault;
use crate::store::Ledger;
use rusqlite::{OptionalExtension, params};

impl Ledger {
    /// Puts the files of letters in the place of those of the same letters that have not left.
    pub fn write_anew(&mut self, letters: &[Letter], at: Moment) -> Result<(), Fault> {
        self.write(|connection| {
            let mut replace = connection.prepare(
                "UPDATE outbox SET bytes = ?3, sha256 = ?4, written = ?5
                 WHERE letter = ?1 AND path = case_no || '/' || ?2 AND delivered IS NULL AND secret = ?6",
            )?;
            letters.iter().flat_map(|letter| letter.files.iter().map(move |file| (letter, file))).try_for_each(|(letter, file)| {
                let sha256 = DocId::of(&file.bytes).to_string();
                replace.execute(params![letter.key, file.name, file.bytes, sha256, at.to_string(), file.secret]).map(drop)
            })
        })
    }

    /// What lies sealed under a path of the outbox and has not left.
    pub fn sealed(&self, path: &str) -> Result<Option<Vec<u8>>, Fault> {
        self.run(|connection| {
            let find = "SELECT bytes FROM outbox WHERE path = ?1 AND delivered IS NULL AND secret = 1";
            connection.query_row(find, [path], |row| row.get(0)).optional()
        })
    }
}
