//! The chain of events: each one's hash covers the hash before it.
//!
//! Owns how an event is hashed, and the proof that none was changed, taken out, put in or moved. Never knows what one says.

use crate::domain::case::Event;
use crate::fault::Fault;
use crate::store::connection::Ledger;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Broken links that are looked into; behind so many the ledger is lost anyway.
const MOST: usize = 100;

/// What became of the chain.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Chain {
    pub events: u64,
    /// The hash of the last event in hexadecimal digits; empty without any.
    pub head: String,
    pub breaks: Vec<Break>,
    /// The number of the event that has the hash that was asked for.
    pub known: Option<i64>,
}

/// A place where the chain does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Break {
    /// Such as `event 17 (TH-2026-0003, its 4th)`.
    pub place: String,
    pub what: String,
}

/// An event as the ledger holds it.
struct Link {
    n: i64,
    case: String,
    seq: i64,
    at: String,
    by: String,
    body: String,
    hash: Vec<u8>,
}

impl Link {
    fn follows(&self, before: &[u8]) -> bool {
        hash(before, [&self.case, &self.seq.to_string(), &self.at, &self.by, &self.body]) == self.hash
    }

    fn name(&self) -> String {
        format!("event {} ({}, number {})", self.n, self.case, self.seq)
    }
}

/// Adds an event to the chain.
pub fn append(connection: &Connection, event: &Event) -> rusqlite::Result<()> {
    let before: Option<Vec<u8>> =
        connection.query_row("SELECT hash FROM event ORDER BY n DESC LIMIT 1", [], |row| row.get(0)).optional()?;
    let body = serde_json::to_string(&event.body).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    let (seq, at) = (event.seq.to_string(), event.at.to_string());
    let hash = hash(&before.unwrap_or_default(), [&event.case.0, &seq, &at, &event.by, &body]);
    connection.execute(
        "INSERT INTO event (case_no, seq, at, by, body, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![event.case.0, event.seq, at, event.by, body, hash],
    )?;
    Ok(())
}

fn hash(before: &[u8], parts: [&str; 5]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(before);
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

impl Ledger {
    /// Checks every link from the first. `wanted` is a head that was noted before: it must still be part of the chain.
    pub fn chain(&self, wanted: Option<&str>) -> Result<Chain, Fault> {
        self.run(|connection| {
            let mut places: HashMap<Vec<u8>, i64> = HashMap::new();
            let mut statement = connection.prepare("SELECT hash, n FROM event")?;
            for row in statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))? {
                let (hash, n) = row?;
                places.insert(hash, n);
            }
            let mut chain = Chain::default();
            let mut statement = connection.prepare("SELECT n, case_no, seq, at, by, body, hash FROM event ORDER BY n")?;
            let mut rows = statement.query([])?;
            let mut seqs: HashMap<String, i64> = HashMap::new();
            let (mut last, mut head) = (0, Vec::new());
            while let Some(row) = rows.next()? {
                let link = Link {
                    n: row.get(0)?,
                    case: row.get(1)?,
                    seq: row.get(2)?,
                    at: row.get(3)?,
                    by: row.get(4)?,
                    body: row.get(5)?,
                    hash: row.get(6)?,
                };
                if chain.breaks.len() < MOST {
                    let seq = seqs.entry(link.case.clone()).or_default();
                    chain.breaks.extend(broken(&link, last, *seq, &head, &places).map(|what| Break { place: link.name(), what }));
                    *seq = link.seq;
                }
                chain.events += 1;
                (last, head) = (link.n, link.hash);
            }
            let hex = |hash: &[u8]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            chain.known = wanted.and_then(|wanted| places.iter().find(|(hash, _)| hex(hash).eq_ignore_ascii_case(wanted)).map(|(_, n)| *n));
            chain.head = hex(&head);
            Ok(chain)
        })
    }
}

/// What is wrong with a link after the one numbered `last`, whose hash is `before`; `seq` is the event of the same case before it.
fn broken(link: &Link, last: i64, seq: i64, before: &[u8], places: &HashMap<Vec<u8>, i64>) -> Option<String> {
    let missing =
        |from: i64, to: i64| if from == to { format!("event {from} is missing") } else { format!("events {from} to {to} are missing") };
    if link.follows(before) {
        let gap = link.seq != seq + 1;
        return gap.then(|| format!("the case has number {} before it: one between was taken out, or this one was put in", seq));
    }
    if link.n > last + 1 {
        return Some(format!("{} before it", missing(last + 1, link.n - 1)));
    }
    match places.iter().find(|(hash, _)| link.follows(hash)) {
        Some((_, after)) => {
            Some(format!("was written after event {after}, and does not stand there: events were moved, put in or taken out"))
        }
        None if link.follows(&[]) => Some("was the first event, and another stands before it".to_owned()),
        None => Some(if last == 0 {
            "was changed, or events before it were taken out".to_owned()
        } else {
            format!("does not follow from event {last}: it was changed, or one before it was changed or taken out")
        }),
    }
}
