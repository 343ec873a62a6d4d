//! The ledger as a log: everything that came and happened, in its order, for whoever derives it anew.

use crate::domain::case::{CaseNo, Event};
use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::store::connection::{self, Ledger};
use crate::store::ledger::{conversion, text_as};
use rusqlite::OptionalExtension;
use std::path::Path;

/// A document that was dropped, each time that it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drop {
    pub doc: DocId,
    pub name: String,
    pub bytes: u64,
    pub received: Moment,
    pub source: String,
}

impl Ledger {
    /// A copy of a state folder's ledger in another folder; the state folder stays as it is to the byte.
    pub fn copy_of(state: &Path, folder: &Path) -> Result<Self, Fault> {
        // What is not yet in the file itself lies beside it.
        for ending in ["", "-wal"] {
            let name = format!("{}{ending}", connection::NAME);
            let from = state.join(&name);
            if from.exists() {
                std::fs::copy(&from, folder.join(&name)).map_err(|error| Fault::io(&from, &error))?;
            }
        }
        Ledger::open(folder)
    }

    /// All that was dropped, the first first.
    pub fn drops(&self) -> Result<Vec<Drop>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare(
                "SELECT arrival.document, arrival.name, document.bytes, arrival.received, arrival.source
                 FROM arrival JOIN document ON document.id = arrival.document ORDER BY arrival.n",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(Drop {
                    doc: text_as(0, &row.get::<_, String>(0)?)?,
                    name: row.get(1)?,
                    bytes: row.get::<_, i64>(2)?.unsigned_abs(),
                    received: text_as(3, &row.get::<_, String>(3)?)?,
                    source: row.get(4)?,
                })
            })?;
            rows.collect()
        })
    }

    /// The moment of the last event of all; `None` as long as nothing happened.
    pub fn last_event(&self) -> Result<Option<Moment>, Fault> {
        self.run(|connection| {
            let last =
                connection.query_row("SELECT at FROM event ORDER BY n DESC LIMIT 1", [], |row| row.get::<_, String>(0)).optional()?;
            last.map(|text| text_as(0, &text)).transpose()
        })
    }

    /// The events of all cases, in the order in which they were written.
    pub fn history(&self) -> Result<Vec<Event>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare("SELECT case_no, seq, at, by, body FROM event ORDER BY n")?;
            let rows = statement.query_map([], |row| {
                Ok(Event {
                    case: CaseNo(row.get(0)?),
                    seq: row.get(1)?,
                    at: text_as(2, &row.get::<_, String>(2)?)?,
                    by: row.get(3)?,
                    body: serde_json::from_str(&row.get::<_, String>(4)?).map_err(|error| conversion(4, error))?,
                })
            })?;
            rows.collect()
        })
    }
}
