//! The ledger as a log: everything that came and happened, in its order, for whoever derives it anew.

use crate::domain::case::{Body, CaseNo, Event};
use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::domain::text::{Sought, squeezed};
use crate::fault::Fault;
use crate::store::connection::{self, Ledger};
use crate::store::ledger::{conversion, moment, text_as};
use rusqlite::{OptionalExtension, Row};
use std::collections::BTreeMap;
use std::path::Path;

/// A document that was dropped, each time that it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drop {
    pub doc: DocId,
    pub name: String,
    pub bytes: u64,
    pub received: Moment,
    pub landed: Option<Moment>,
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
                "SELECT arrival.document, arrival.name, document.bytes, arrival.received, arrival.source, arrival.landed
                 FROM arrival JOIN document ON document.id = arrival.document ORDER BY arrival.n",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(Drop {
                    doc: text_as(0, &row.get::<_, String>(0)?)?,
                    name: row.get(1)?,
                    bytes: row.get::<_, i64>(2)?.unsigned_abs(),
                    received: text_as(3, &row.get::<_, String>(3)?)?,
                    source: row.get(4)?,
                    landed: moment(row, 5)?,
                })
            })?;
            rows.collect()
        })
    }

    /// The number of the last event of all: it grows whenever something happens.
    pub fn head(&self) -> Result<i64, Fault> {
        self.run(|connection| connection.query_row("SELECT coalesce(max(n), 0) FROM event", [], |row| row.get(0)))
    }

    /// The latest events of all cases, the latest first; those of one person, where one is named.
    pub fn latest_events(&self, by: Option<&str>, most: u32) -> Result<Vec<Event>, Fault> {
        self.run(|connection| {
            let mut statement =
                connection.prepare("SELECT case_no, seq, at, by, body FROM event WHERE ?1 IS NULL OR by = ?1 ORDER BY n DESC LIMIT ?2")?;
            statement.query_map(rusqlite::params![by, most], event)?.collect()
        })
    }

    /// Cases in whose events or number all of these stand: the latest first. Events are kept with the program's own words around
    /// people's, so `says` has the last word on each.
    pub fn cases_with(&self, wanted: &[Sought], says: &dyn Fn(&Body, &Sought) -> bool, most: usize) -> Result<Vec<CaseNo>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare("SELECT case_no, body FROM event ORDER BY n DESC")?;
            let mut rows = statement.query([])?;
            let mut lacking: BTreeMap<CaseNo, Vec<&Sought>> = BTreeMap::new();
            let mut found = Vec::new();
            while let Some(row) = rows.next()?
                && found.len() < most
            {
                let case = CaseNo(row.get(0)?);
                let of_case = || wanted.iter().filter(|word| !word.stands_in(&case.0)).collect();
                let known = lacking.contains_key(&case);
                let lacks = lacking.entry(case.clone()).or_insert_with(of_case);
                let lacked = lacks.len();
                if lacked > 0 {
                    let written = squeezed(row.get_ref(1)?.as_str()?);
                    if lacks.iter().any(|word| word.may_stand_in(&written)) {
                        let body = body(row, 1)?;
                        lacks.retain(|word| !says(&body, word));
                    }
                }
                if lacks.is_empty() && (lacked > 0 || !known) {
                    found.push(case);
                }
            }
            Ok(found)
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
            statement.query_map([], event)?.collect()
        })
    }
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        case: CaseNo(row.get(0)?),
        seq: row.get(1)?,
        at: text_as(2, &row.get::<_, String>(2)?)?,
        by: row.get(3)?,
        body: body(row, 4)?,
    })
}

fn body(row: &Row<'_>, column: usize) -> rusqlite::Result<Body> {
    serde_json::from_str(&row.get::<_, String>(column)?).map_err(|error| conversion(column, error))
}
