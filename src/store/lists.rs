//! The ledger as lists of cases: which of them are shown, in which order, and how many there are.
//!
//! Owns the columns that are kept beside a case for that. Never decides what is due.

use crate::domain::case::CaseNo;
use crate::fault::Fault;
use crate::store::Ledger;
use crate::store::ledger::conversion;
use jiff::civil::Date;
use rusqlite::{OptionalExtension, Row, params};
use std::collections::{BTreeMap, BTreeSet};

/// A case in the lists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    pub no: CaseNo,
    pub closed: bool,
    /// JSON, as `case list` prints it.
    pub summary: String,
}

/// A case in a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Brief {
    pub no: CaseNo,
    pub flow: String,
    pub state: String,
    pub applicant: Option<String>,
    pub held: bool,
    /// The earliest date that runs.
    pub due: Option<String>,
    /// Open findings, mere remarks left aside.
    pub open: u32,
    /// One of its letters waits to be released.
    pub drafted: bool,
    /// Something that came for it must be read.
    pub unread: bool,
}

/// Which cases a list shows.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Wanted whole: certificates that end by then, also of a case at its end, and what is due by then. So is all that waits for a
    /// person or is to be read, and every letter that waits to be released.
    pub certificates_by: Date,
    pub due_by: Date,
    /// The same goes for open cases in these states.
    pub states: &'a BTreeSet<&'a str>,
    /// Of the other open cases the nearest, of those at their end the latest, so many.
    pub most_calm: u32,
    pub most_closed: u32,
}

/// Where a case stands in a list, and all that its line there can depend on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    pub no: CaseNo,
    pub closed: bool,
    /// At its end, nobody is waited for, nothing of it is to be read, and no certificate of it is about to end.
    pub done: bool,
    /// The earliest date that counts for it.
    pub due: Option<Date>,
    pub held: bool,
    pub drafted: bool,
    pub unread: bool,
    /// Differs from what it was as soon as the case does.
    pub sign: String,
}

/// Cases by their state, and open findings by their code.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub states: BTreeMap<String, u64>,
    pub codes: BTreeMap<String, u64>,
}

/// Cases by what they wait for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counted {
    pub all: usize,
    /// Not at their end.
    pub open: usize,
    /// A person.
    pub held: usize,
    /// The release of a letter.
    pub drafted: usize,
    /// Somebody who reads what came.
    pub unread: usize,
}

impl Ledger {
    /// The cases that a list shows, in its order: everything that is wanted whole, and of the rest the nearest and the latest. What is done
    /// comes last, then by day, of one day first what waits for a person.
    pub fn placed(&self, wanted: &Wanted<'_>) -> Result<Vec<Placed>, Fault> {
        const CHOSEN: &str = "
            WITH whole AS MATERIALIZED (
              SELECT no FROM case_summary WHERE closed = 0 AND due <= ?2
              UNION SELECT no FROM case_summary INDEXED BY case_held WHERE held = 1
              UNION SELECT no FROM case_summary WHERE certificate_end <= ?1
              UNION SELECT no FROM case_summary WHERE instr(summary, '\"draft\":true') > 0
              UNION SELECT no FROM case_summary WHERE instr(summary, '\"unread\":') > 0
              UNION SELECT no FROM case_summary WHERE state IN (SELECT value FROM json_each(?3))),
            calm AS (SELECT no FROM case_summary WHERE closed = 0 AND due > ?2 AND no NOT IN whole ORDER BY due, no LIMIT ?4),
            done AS (SELECT no FROM case_summary WHERE closed = 1 AND no NOT IN whole ORDER BY no DESC LIMIT ?5)
            SELECT no, flow, state, closed, due, certificate_end, brief, shown FROM case_summary INDEXED BY case_placed
            WHERE no IN (SELECT no FROM whole UNION ALL SELECT no FROM calm UNION ALL SELECT no FROM done)";
        let states = serde_json::json!(wanted.states).to_string();
        let ends_by = wanted.certificates_by.to_string();
        self.run(|connection| {
            let mut statement = connection.prepare(CHOSEN)?;
            let row = |row: &Row<'_>| placed(row, &ends_by);
            let bounds = params![ends_by, wanted.due_by.to_string(), states, wanted.most_calm, wanted.most_closed];
            let mut cases = statement.query_map(bounds, row)?.collect::<rusqlite::Result<Vec<Placed>>>()?;
            cases.sort_by(|a, b| {
                let key = |case: &Placed| (case.done, case.due.unwrap_or(Date::MAX), !case.held);
                key(a).cmp(&key(b)).then_with(|| a.no.cmp(&b.no))
            });
            Ok(cases)
        })
    }

    /// All cases by number, each in a line.
    pub fn briefs(&self) -> Result<Vec<Brief>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare("SELECT no, flow, state, brief FROM case_summary ORDER BY no")?;
            let rows = statement.query_map([], |row| {
                let (applicant, held, due, open, drafts, unread) = told(3, row)?;
                Ok(Brief {
                    no: CaseNo(row.get(0)?),
                    flow: row.get(1)?,
                    state: row.get(2)?,
                    applicant,
                    held: held != 0,
                    due,
                    open,
                    drafted: drafts > 0,
                    unread: unread > 0,
                })
            })?;
            rows.collect()
        })
    }

    /// These cases, in their order, as lists show them.
    pub fn listed_by_number(&self, numbers: &[&CaseNo]) -> Result<Vec<Listed>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare("SELECT no, closed, summary FROM case_summary WHERE no = ?1")?;
            let rows = numbers.iter().map(|no| statement.query_row([&no.0], listed).optional());
            rows.collect::<rusqlite::Result<Vec<_>>>().map(|rows| rows.into_iter().flatten().collect())
        })
    }

    /// The cases in one of these states, as lists show them.
    pub fn listed_in(&self, states: &BTreeSet<&str>) -> Result<Vec<Listed>, Fault> {
        self.run(|connection| {
            let query = "SELECT no, closed, summary FROM case_summary WHERE state IN (SELECT value FROM json_each(?1))";
            let mut statement = connection.prepare(query)?;
            statement.query_map([serde_json::json!(states).to_string()], listed)?.collect()
        })
    }

    /// How many cases there are.
    pub fn counted(&self) -> Result<Counted, Fault> {
        self.run(|connection| {
            let count = |which: &str| {
                let query = format!("SELECT count(*) FROM case_summary WHERE {which}");
                connection.query_row(&query, [], |row| row.get::<_, i64>(0)).map(|n| n.unsigned_abs() as usize)
            };
            Ok(Counted {
                all: count("1")?,
                open: count("closed = 0")?,
                held: count("held = 1")?,
                drafted: count("instr(summary, '\"draft\":true') > 0")?,
                unread: count("instr(summary, '\"unread\":') > 0")?,
            })
        })
    }

    /// Cases by state and open findings by code, counted where they lie.
    pub fn tally(&self) -> Result<Tally, Fault> {
        self.run(|connection| {
            let count = |query: &str| {
                let mut statement = connection.prepare(query)?;
                let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
                rows.collect::<rusqlite::Result<BTreeMap<String, u64>>>()
            };
            Ok(Tally {
                states: count("SELECT state, count(*) FROM case_summary GROUP BY state")?,
                codes: count(
                    "SELECT json_extract(value, '$.code') AS code, count(*) FROM case_summary, json_each(summary, '$.open_findings')
                     WHERE instr(summary, '\"open_findings\":[]') = 0 GROUP BY code",
                )?,
            })
        })
    }

    /// Summaries of cases with a certificate that was revoked.
    pub fn with_revoked(&self) -> Result<Vec<String>, Fault> {
        self.run(|connection| {
            let query = "SELECT summary FROM case_summary WHERE instr(summary, '\"revoked\":\"') > 0 ORDER BY no";
            connection.prepare(query)?.query_map([], |row| row.get(0))?.collect()
        })
    }
}

/// `brief` as it is kept: applicant, whether it is held, the earliest date, open findings, letters that wait to be released, what is to be read.
type Told = (Option<String>, u8, Option<String>, u32, u32, u32);

fn told(column: usize, row: &Row<'_>) -> rusqlite::Result<Told> {
    let brief = row.get_ref(column)?.as_str().map_err(|error| conversion(column, error))?;
    serde_json::from_str(brief).map_err(|error| conversion(column, error))
}

fn placed(row: &Row<'_>, ends_by: &str) -> rusqlite::Result<Placed> {
    let (flow, state, closed, shown): (String, String, bool, u32) = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(7)?);
    let (due, end): (String, Option<String>) = (row.get(4)?, row.get(5)?);
    let (_, held, _, _, drafts, unread) = told(6, row)?;
    let brief: String = row.get(6)?;
    // The end of a certificate counts once it comes near.
    let end = end.filter(|end| end.as_str() <= ends_by);
    let earliest = end.iter().fold(due.as_str(), |due, end| due.min(end));
    Ok(Placed {
        closed,
        done: closed && held == 0 && unread == 0 && end.is_none(),
        // '9999' is no date.
        due: earliest.parse().ok(),
        held: held != 0,
        drafted: drafts > 0,
        unread: unread > 0,
        sign: format!("{flow} {state} {closed} {due} {end:?} {brief} {shown}"),
        no: CaseNo(row.get(0)?),
    })
}

fn listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
    Ok(Listed { no: CaseNo(row.get(0)?), closed: row.get(1)?, summary: row.get(2)? })
}
