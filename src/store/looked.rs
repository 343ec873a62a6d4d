//! The ledger on what need not be looked at again: documents that wait, by their signs, and cases, by what has touched them.
//!
//! Owns what the desk has looked at and up to which event. Never decides what a sign means.

use crate::casework::matching::{KeyKind, Keys};
use crate::domain::case::CaseNo;
use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::store::ledger::{CaseRow, Pending, SUPPLY_POINT, moment, text_as};
use crate::store::{Ledger, Status};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeSet;

/// What documents and cases can have in common: the kind of a key and its value, or [`DOCUMENT`] and an id.
pub type Signs = BTreeSet<(String, String)>;

/// The kind of sign by which a document is known that lies in another one.
pub const DOCUMENT: &str = "document";

/// The sign of a document that is looked at whenever anything comes: somebody may have named its password.
pub const ANYTHING: &str = "anything";

/// What the desk looks at again from time to time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Matter {
    /// Documents that wait.
    Waiting,
    Cases,
}

impl Matter {
    fn word(self) -> &'static str {
        match self {
            Matter::Waiting => "waiting",
            Matter::Cases => "cases",
        }
    }
}

/// Up to which event all of a matter was looked at, and under which day, rules and program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Looked {
    pub through: i64,
    pub under: String,
}

/// When a document lay there the first time that it came.
pub(super) const LANDED: &str = "(SELECT landed FROM arrival WHERE arrival.document = document.id ORDER BY n LIMIT 1)";

/// Cases that events after ?1 have touched.
const TOUCHED: &str = "SELECT DISTINCT case_no FROM event WHERE n > ?1";

impl Ledger {
    /// How far a matter was looked at last; `None` as long as it never was.
    pub fn looked(&self, matter: Matter) -> Result<Option<Looked>, Fault> {
        self.run(|connection| {
            let row = |row: &Row<'_>| Ok(Looked { through: row.get(0)?, under: row.get(1)? });
            connection.query_row("SELECT through, under FROM looked WHERE matter = ?1", [matter.word()], row).optional()
        })
    }

    /// These matters are looked at up to there.
    pub fn looked_at(&mut self, matters: &[Matter], looked: &Looked) -> Result<(), Fault> {
        let mut new = Vec::new();
        for matter in matters {
            if self.looked(*matter)?.as_ref() != Some(looked) {
                new.push(matter.word());
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        self.write(|connection| {
            let row = "INSERT OR REPLACE INTO looked (matter, through, under) VALUES (?1, ?2, ?3)";
            new.iter().try_for_each(|matter| connection.execute(row, params![matter, looked.through, looked.under]).map(drop))
        })
    }

    /// Documents that came and were not yet settled, in the order `(received, id)`.
    pub fn arrived(&self) -> Result<Vec<Pending>, Fault> {
        self.run(|connection| {
            let query = format!(
                "SELECT id, name, received, 0, 0, {LANDED} FROM document WHERE status = 'pending' AND parent IS NULL ORDER BY received, id"
            );
            connection.prepare(&query)?.query_map([], pending)?.collect()
        })
    }

    /// Documents that wait, or in which a part does, and that have one of these signs.
    pub fn waiting_with(&self, signs: &Signs) -> Result<Vec<Pending>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare(
                "SELECT id, name, received, status = 'waiting', status = 'done', NULL
                 FROM waiting_sign JOIN document ON document.id = waiting_sign.document
                 WHERE waiting_sign.kind = ?1 AND value = ?2 AND (status = 'waiting' OR status = 'done' AND ?1 <> ?3) AND parent IS NULL",
            )?;
            let mut found = Vec::new();
            for (kind, value) in signs {
                let more = statement.query_map([kind, value, ANYTHING], pending)?.collect::<rusqlite::Result<Vec<_>>>()?;
                found.extend(more);
            }
            Ok(found)
        })
    }

    /// Arrivals since a moment that are done, and in which something is still shut.
    pub fn shut_since(&self, since: Moment) -> Result<Vec<Pending>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare(
                "SELECT id, name, received, 0, 1, NULL FROM waiting_sign JOIN document ON document.id = waiting_sign.document
                 WHERE waiting_sign.kind = ?1 AND status = 'done' AND parent IS NULL AND received >= ?2 ORDER BY received, id",
            )?;
            statement.query_map([ANYTHING, &since.to_string()], pending)?.collect()
        })
    }

    /// Documents that wait, and those in which a part does, all of them.
    pub fn all_waiting(&self) -> Result<Vec<Pending>, Fault> {
        self.run(|connection| {
            // Few listen, and most are done: the signs lead, whatever the planner thinks.
            let query = "SELECT id, name, received, 1, 0, NULL FROM document WHERE status = 'waiting' AND parent IS NULL
                UNION ALL SELECT id, name, received, 0, 1, NULL FROM (SELECT DISTINCT document FROM waiting_sign WHERE kind <> ?1) AS sign
                CROSS JOIN document ON document.id = sign.document WHERE status = 'done' AND parent IS NULL";
            connection.prepare(query)?.query_map([ANYTHING], pending)?.collect()
        })
    }

    /// Those of these documents that wait now.
    pub fn still_waiting(&self, docs: &BTreeSet<DocId>) -> Result<BTreeSet<DocId>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare("SELECT 1 FROM document WHERE id = ?1 AND status = 'waiting'")?;
            let mut waiting = BTreeSet::new();
            for doc in docs {
                if statement.exists([doc.to_string()])? {
                    waiting.insert(*doc);
                }
            }
            Ok(waiting)
        })
    }

    /// Whether a case has one of these signs.
    pub fn is_known_by(&self, signs: &Signs) -> Result<bool, Fault> {
        self.run(|connection| {
            let mut key = connection.prepare("SELECT 1 FROM case_key WHERE kind = ?1 AND value = ?2")?;
            let mut paper = connection.prepare("SELECT 1 FROM document WHERE ?1 = 'document' AND id = ?2 AND case_no IS NOT NULL")?;
            for (kind, value) in signs {
                if key.exists([kind, value])? || paper.exists([kind, value])? {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// The signs of all cases that something happened to after an event.
    pub fn signs_touched(&self, after: i64) -> Result<Signs, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare(&format!(
                "SELECT kind, value FROM case_key WHERE case_no IN ({TOUCHED}) AND kind <> '{SUPPLY_POINT}'
                 UNION SELECT '{DOCUMENT}', id FROM document WHERE case_no IN ({TOUCHED})"
            ))?;
            statement.query_map([after], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
    }

    /// Cases with a due date that may be about to do something: all that are open, and closed ones with a certificate that
    /// ends by a day. With `after`, only those that something happened to after that event, to themselves or to another
    /// case of the company or of its customers.
    pub fn dated(&self, after: Option<i64>, ends_by: Date) -> Result<Vec<CaseNo>, Fault> {
        const MAY: &str = "dated = 1 AND (closed = 0 OR certificate_end <= ?2)";
        let near = format!(
            "WITH touched AS MATERIALIZED ({TOUCHED}), near AS (
               SELECT case_no FROM touched UNION
               SELECT other.case_no FROM case_key own JOIN case_key other ON other.kind = own.kind AND other.value = own.value
               WHERE own.case_no IN touched AND own.kind IN ('corporate_number', 'mms_code', '{SUPPLY_POINT}'))
             SELECT no FROM case_summary WHERE {MAY} AND no IN near ORDER BY no"
        );
        let all = format!("SELECT no FROM case_summary WHERE {MAY} AND ?1 IS NULL ORDER BY no");
        self.run(|connection| {
            let mut statement = connection.prepare(if after.is_some() { &near } else { &all })?;
            statement.query_map(params![after, ends_by.to_string()], |row| row.get(0).map(CaseNo))?.collect()
        })
    }

    /// The cases that are known by one of these keys, by number.
    pub fn cases_known_by(&self, keys: &Keys) -> Result<Vec<CaseRow>, Fault> {
        self.run(|connection| {
            let mut by_key = connection.prepare("SELECT case_no FROM case_key WHERE kind = ?1 AND value = ?2")?;
            let mut known: BTreeSet<String> = BTreeSet::new();
            for (kind, value) in keys {
                for no in by_key.query_map([kind.name(), value.as_str()], |row| row.get(0))? {
                    known.insert(no?);
                }
            }
            known
                .iter()
                .map(|no| case_row(connection, no))
                .collect::<rusqlite::Result<Vec<_>>>()
                .map(|rows| rows.into_iter().flatten().collect())
        })
    }

    /// How many documents ended so.
    pub fn count_ended(&self, status: Status) -> Result<usize, Fault> {
        self.count_documents("status = ?1", status.word())
    }

    /// How many documents no case took: see [`Ledger::unsettled`].
    pub fn count_unsettled(&self) -> Result<usize, Fault> {
        Ok(self.count_ended(Status::Waiting)? + self.count_ended(Status::Quarantined)?)
    }

    /// How many drops are not read yet; what lies in them does not count.
    pub fn count_pending(&self) -> Result<usize, Fault> {
        self.count_documents("status = ?1 AND parent IS NULL", "pending")
    }

    fn count_documents(&self, which: &str, status: &str) -> Result<usize, Fault> {
        self.run(|connection| {
            let query = format!("SELECT count(*) FROM document WHERE {which}");
            connection.query_row(&query, [status], |row| row.get::<_, i64>(0)).map(|n| n.unsigned_abs() as usize)
        })
    }

    /// Cases with events that their page in the outbox does not show.
    pub fn unshown(&self) -> Result<BTreeSet<CaseNo>, Fault> {
        self.run(|connection| {
            // The pages of a batch are written before it is noted how far it looked. The sign before the group keeps SQLite from going
            // through all events in the order of their cases.
            let query = "SELECT case_no FROM event JOIN case_summary ON no = case_no
                         WHERE n > coalesce((SELECT through FROM looked WHERE matter = 'cases'), 0) GROUP BY +case_no HAVING shown < max(seq)";
            connection.prepare(query)?.query_map([], |row| row.get(0).map(CaseNo))?.collect()
        })
    }

    /// The pages of these cases show their events up to these.
    pub fn shown(&mut self, pages: &[(CaseNo, u32)]) -> Result<(), Fault> {
        self.write(|connection| {
            pages.iter().try_for_each(|(no, seq)| {
                connection.execute("UPDATE case_summary SET shown = ?2 WHERE no = ?1", params![no.0, seq]).map(drop)
            })
        })
    }
}

/// Keeps the signs of a document that waits; of one that is done there is none but that it still lacks a password.
pub(super) fn keep_signs(connection: &Connection, doc: DocId, signs: &Signs) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM waiting_sign WHERE document = ?1", [doc.to_string()])?;
    let mut insert = connection.prepare("INSERT INTO waiting_sign (kind, value, document) VALUES (?1, ?2, ?3)")?;
    signs.iter().try_for_each(|(kind, value)| insert.execute(params![kind, value, doc.to_string()]).map(drop))
}

fn case_row(connection: &Connection, no: &str) -> rusqlite::Result<Option<CaseRow>> {
    let mut statement = connection.prepare_cached("SELECT value FROM case_key WHERE case_no = ?1 AND kind = ?2")?;
    let mut keys = Keys::new();
    for kind in KeyKind::ALL {
        for value in statement.query_map([no, kind.name()], |row| row.get(0))? {
            keys.insert((kind, value?));
        }
    }
    let mut statement = connection.prepare_cached("SELECT flow, state, closed, dated, summary FROM case_summary WHERE no = ?1")?;
    let row = |row: &Row<'_>| {
        Ok(CaseRow {
            no: CaseNo(no.to_owned()),
            flow: row.get(0)?,
            state: row.get(1)?,
            closed: row.get(2)?,
            dated: row.get(3)?,
            summary: row.get(4)?,
            keys,
            points: BTreeSet::new(),
        })
    };
    statement.query_row([no], row).optional()
}

pub(super) fn pending(row: &Row<'_>) -> rusqlite::Result<Pending> {
    Ok(Pending {
        doc: text_as(0, &row.get::<_, String>(0)?)?,
        name: row.get(1)?,
        received: text_as(2, &row.get::<_, String>(2)?)?,
        waiting: row.get(3)?,
        settled: row.get(4)?,
        landed: moment(row, 5)?,
    })
}
