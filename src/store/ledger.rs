//! The ledger: documents, events, outbox, as the desk notes and asks them.

use crate::casework::matching::{KeyKind, Keys};
use crate::domain::case::{CaseNo, Event};
use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::store::connection::Ledger;
use crate::store::looked::{LANDED, pending};
use rusqlite::{OptionalExtension, Row, params};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// The kind of key under which a case's 供給地点特定番号 are found; no document is matched by it.
pub(super) const SUPPLY_POINT: &str = "supply_point";

/// The source of what staff drop.
const INBOX: &str = "inbox";

/// Whether bytes were known when they came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Arrived {
    First,
    /// The moment of the first time, and the case it went to.
    Again {
        first: Moment,
        case: Option<CaseNo>,
    },
    /// The very file was taken before, and only its removal is left to do.
    Before,
}

/// A document that came again to a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CameAgain {
    pub n: i64,
    pub doc: DocId,
    pub name: String,
    pub first: Moment,
    /// When it lay there this time, where that was well before it was taken.
    pub landed: Option<Moment>,
    pub case: Option<CaseNo>,
}

/// When a file came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct When {
    /// The run that took it.
    pub received: Moment,
    /// When it lay there, where that was well before.
    pub landed: Option<Moment>,
}

impl From<Moment> for When {
    fn from(received: Moment) -> Self {
        When { received, landed: None }
    }
}

/// A document that waits to be settled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pending {
    pub doc: DocId,
    pub name: String,
    pub received: Moment,
    /// As in [`When`]; of one that waits, the day on which its case is found counts.
    pub landed: Option<Moment>,
    /// It was read before and no case was found for it.
    pub waiting: bool,
    /// It was settled, and something in it is looked at again: a password has opened it, or it waited for its case.
    pub settled: bool,
}

/// A case as lists and matching need it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseRow {
    pub no: CaseNo,
    pub flow: String,
    pub state: String,
    pub closed: bool,
    /// A due date is running.
    pub dated: bool,
    /// JSON, as `case list` prints it.
    pub summary: String,
    pub keys: Keys,
    /// 供給地点特定番号 of its customers; written, and asked for by [`Ledger::points_of_others`].
    pub points: BTreeSet<String>,
}

/// When a document came first, and where it went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    pub received: Moment,
    pub case: CaseNo,
    pub parent: Option<DocId>,
}

/// A document that no case took.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unsettled {
    pub name: String,
    /// Waits for a person or for the paper that explains it; otherwise it lies in quarantine.
    pub waiting: bool,
    pub note: Option<String>,
}

/// A file for the outbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutboxRow {
    pub n: i64,
    pub path: String,
    pub bytes: Vec<u8>,
    pub secret: bool,
}

impl Ledger {
    /// Notes that bytes came. The original must be stored before.
    pub fn arrive(&mut self, doc: DocId, name: &str, bytes: u64, when: impl Into<When>, source: &str) -> Result<Arrived, Fault> {
        self.arrive_once(doc, name, bytes, when, source, None)
    }

    /// Notes that a file came, once for each file: `mark` tells it from others with the same bytes as long as it was not
    /// [cleared](Ledger::cleared).
    pub fn arrive_once(
        &mut self,
        doc: DocId,
        name: &str,
        bytes: u64,
        when: impl Into<When>,
        source: &str,
        mark: Option<&str>,
    ) -> Result<Arrived, Fault> {
        let When { received, landed } = when.into();
        self.write(|connection| {
            let same = "SELECT 1 FROM arrival WHERE mark = ?1 AND document = ?2 AND source = ?3";
            if mark.is_some() && connection.query_row(same, params![mark, doc.to_string(), source], |_| Ok(())).optional()?.is_some() {
                return Ok(Arrived::Before);
            }
            let known: Option<(String, Option<String>)> = connection
                .query_row("SELECT received, case_no FROM document WHERE id = ?1", [doc.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            // Whoever drops what waits for its case wants it looked at, under the name that it has now. What waited in a mail or an
            // archive is a drop of its own from here on.
            let anew = |condition: &str| {
                let anew = "UPDATE document SET status = 'pending', name = ?2, parent = NULL WHERE id = ?1 AND status = 'waiting'";
                connection.execute(&format!("{anew} AND {condition}"), params![doc.to_string(), name])
            };
            let is_dropped = source == INBOX && known.is_some();
            let comes_out = is_dropped && anew("parent IS NOT NULL")? > 0;
            if is_dropped && !comes_out {
                anew("parent IS NULL")?;
            }
            let arrived = match known {
                None => {
                    connection.execute(
                        "INSERT INTO document (id, name, bytes, received, status) VALUES (?1, ?2, ?3, ?4, 'pending')",
                        params![doc.to_string(), name, size(bytes), received.to_string()],
                    )?;
                    Arrived::First
                }
                Some(_) if comes_out => Arrived::First,
                Some((first, case)) => Arrived::Again { first: text_as(0, &first)?, case: case.map(CaseNo) },
            };
            let outcome = if arrived == Arrived::First { "first" } else { "again" };
            // A mail source is read anew each time; that says nothing to a case.
            let untold = source == INBOX && matches!(arrived, Arrived::Again { case: Some(_), .. });
            connection.execute(
                "INSERT INTO arrival (document, name, received, source, outcome, mark, told, landed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![doc.to_string(), name, received.to_string(), source, outcome, mark, !untold, landed.map(|at| at.to_string())],
            )?;
            Ok(arrived)
        })
    }

    /// A document whose original was lost or damaged comes again whole: what could not be read then is read again.
    pub fn reopen(&mut self, doc: DocId) -> Result<(), Fault> {
        self.write(|connection| {
            let again = "UPDATE document SET status = 'pending' WHERE id = ?1 AND status = 'quarantined' AND parent IS NULL";
            connection.execute(again, [doc.to_string()]).map(drop)
        })
    }

    /// The run that last took anything.
    pub fn last_arrival(&self) -> Result<Option<Moment>, Fault> {
        self.run(|connection| {
            let last = connection.query_row("SELECT received FROM arrival ORDER BY n DESC LIMIT 1", [], |row| row.get(0)).optional()?;
            last.map(|at: String| text_as(0, &at)).transpose()
        })
    }

    /// Files with these marks are gone from the inbox: what comes now with such a mark comes anew.
    pub fn cleared(&mut self, marks: &[String]) -> Result<(), Fault> {
        if marks.is_empty() {
            return Ok(());
        }
        self.write(|connection| {
            // The mails of a box have its mark with their number behind it; '$' follows '#'.
            let mut clear = connection
                .prepare("UPDATE arrival SET mark = NULL WHERE source = ?2 AND (mark = ?1 OR mark > ?1 || '#' AND mark < ?1 || '$')")?;
            marks.iter().try_for_each(|mark| clear.execute([mark.as_str(), INBOX]).map(drop))
        })
    }

    /// Documents that came again and whose cases do not yet say so.
    pub fn untold(&self) -> Result<Vec<CameAgain>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare(
                "SELECT arrival.n, arrival.document, arrival.name, document.received, document.case_no, arrival.landed
                 FROM arrival JOIN document ON document.id = arrival.document WHERE arrival.told = 0 ORDER BY arrival.n",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(CameAgain {
                    n: row.get(0)?,
                    doc: text_as(1, &row.get::<_, String>(1)?)?,
                    name: row.get(2)?,
                    first: text_as(3, &row.get::<_, String>(3)?)?,
                    case: row.get::<_, Option<String>>(4)?.map(CaseNo),
                    landed: moment(row, 5)?,
                })
            })?;
            rows.collect()
        })
    }

    /// Documents that wait, in the order `(received, id)`; parts of mails and archives are settled with their parent.
    pub fn pending(&self) -> Result<Vec<Pending>, Fault> {
        self.run(|connection| {
            let query = format!(
                "SELECT id, name, received, status = 'waiting', 0, iif(status = 'pending', {LANDED}, NULL) FROM document
                 WHERE status IN ('pending', 'waiting') AND parent IS NULL ORDER BY received, id"
            );
            connection.prepare(&query)?.query_map([], pending)?.collect()
        })
    }

    /// The next free number of a year.
    pub fn next_case_no(&self, prefix: &str, year: i16) -> Result<CaseNo, Fault> {
        /// A number has four digits, and more where four do not suffice.
        const DIGITS: RangeInclusive<i64> = 4..=9;
        let head = format!("{prefix}-{year}-");
        let last: Option<String> = self.run(|connection| {
            // ':' follows the digits.
            let mut statement = connection
                .prepare("SELECT no FROM case_summary WHERE length(no) = ?2 AND no > ?1 AND no < ?1 || ':' ORDER BY no DESC LIMIT 1")?;
            let mut of_length =
                |digits| statement.query_row(params![head, head.chars().count() as i64 + digits], |row| row.get(0)).optional();
            DIGITS.rev().find_map(|digits| of_length(digits).transpose()).transpose()
        })?;
        let last = last.and_then(|no| no[head.len()..].parse::<u32>().ok()).unwrap_or(0);
        Ok(CaseNo(format!("{head}{:04}", last + 1)))
    }

    /// All cases, by number.
    pub fn cases(&self) -> Result<Vec<CaseRow>, Fault> {
        self.run(|connection| {
            let mut keys: std::collections::BTreeMap<String, Keys> = Default::default();
            let mut statement = connection.prepare("SELECT case_no, kind, value FROM case_key")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if let Some(kind) = KeyKind::from_name(&row.get::<_, String>(1)?) {
                    keys.entry(row.get(0)?).or_default().insert((kind, row.get(2)?));
                }
            }
            let mut statement = connection.prepare("SELECT no, flow, state, closed, dated, summary FROM case_summary ORDER BY no")?;
            let rows = statement.query_map([], |row| {
                let no: String = row.get(0)?;
                let keys = keys.remove(&no).unwrap_or_default();
                Ok(CaseRow {
                    no: CaseNo(no),
                    flow: row.get(1)?,
                    state: row.get(2)?,
                    closed: row.get(3)?,
                    dated: row.get(4)?,
                    summary: row.get(5)?,
                    keys,
                    points: BTreeSet::new(),
                })
            })?;
            rows.collect()
        })
    }

    /// Cases that are known by a key.
    pub fn known_by(&self, kind: KeyKind, value: &str) -> Result<BTreeSet<CaseNo>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare("SELECT case_no FROM case_key WHERE kind = ?1 AND value = ?2")?;
            statement.query_map([kind.name(), value], |row| row.get(0).map(CaseNo))?.collect()
        })
    }

    /// Those of these 供給地点特定番号 that cases other than `own` hold.
    pub fn points_of_others(&self, points: &BTreeSet<String>, own: &BTreeSet<CaseNo>) -> Result<BTreeSet<String>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare("SELECT case_no FROM case_key WHERE kind = ?1 AND value = ?2")?;
            let mut held = BTreeSet::new();
            for point in points {
                let mut holders = statement.query_map([SUPPLY_POINT, point], |row| row.get(0).map(CaseNo))?;
                if holders.try_fold(false, |any, case| case.map(|case| any || !own.contains(&case)))? {
                    held.insert(point.clone());
                }
            }
            Ok(held)
        })
    }

    /// What `case list` prints, without the keys.
    pub fn summaries(&self) -> Result<Vec<String>, Fault> {
        self.run(|connection| {
            connection.prepare("SELECT summary FROM case_summary ORDER BY no")?.query_map([], |row| row.get(0))?.collect()
        })
    }

    /// The history of a case, oldest first.
    pub fn events(&self, case: &CaseNo) -> Result<Vec<Event>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare("SELECT seq, at, by, body FROM event WHERE case_no = ?1 ORDER BY seq")?;
            let rows = statement.query_map([&case.0], |row| {
                let body: String = row.get(3)?;
                Ok(Event {
                    case: case.clone(),
                    seq: row.get(0)?,
                    at: text_as(1, &row.get::<_, String>(1)?)?,
                    by: row.get(2)?,
                    body: serde_json::from_str(&body).map_err(|error| conversion(3, error))?,
                })
            })?;
            rows.collect()
        })
    }

    /// Documents without a case and in quarantine, in the order in which they came; at most so many, the latest.
    pub fn unsettled(&self, most: u32) -> Result<Vec<Unsettled>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare(
                "SELECT name, waiting, note FROM (
                   SELECT name, status = 'waiting' AS waiting, note, received, id FROM document WHERE status IN ('waiting', 'quarantined')
                   ORDER BY received DESC, id DESC LIMIT ?1) ORDER BY received, id",
            )?;
            let rows = statement.query_map([most], |row| Ok(Unsettled { name: row.get(0)?, waiting: row.get(1)?, note: row.get(2)? }))?;
            rows.collect()
        })
    }

    /// A document that went to a case before.
    pub fn settled_before(&self, doc: DocId) -> Result<Option<Known>, Fault> {
        self.run(|connection| {
            let query = "SELECT received, case_no, parent FROM document WHERE id = ?1 AND status = 'done' AND case_no IS NOT NULL";
            let row = connection.query_row(query, [doc.to_string()], |row| {
                let parent: Option<String> = row.get(2)?;
                Ok(Known {
                    received: text_as(0, &row.get::<_, String>(0)?)?,
                    case: CaseNo(row.get(1)?),
                    parent: parent.map(|text| text_as(2, &text)).transpose()?,
                })
            });
            row.optional()
        })
    }

    /// The case for which the desk wrote just these bytes.
    pub fn wrote(&self, doc: DocId) -> Result<Option<CaseNo>, Fault> {
        self.run(|connection| {
            // An order that comes back as it left is for a person: nothing is recorded on it.
            let query =
                "SELECT case_no FROM outbox WHERE sha256 = ?1 AND case_no <> '' AND path NOT LIKE '%/mms_operation%' ORDER BY n LIMIT 1";
            connection.query_row(query, [doc.to_string()], |row| row.get(0).map(CaseNo)).optional()
        })
    }

    /// What a document lay in, as far as it is known.
    pub fn parent(&self, doc: DocId) -> Result<Option<DocId>, Fault> {
        self.run(|connection| {
            let parent =
                connection.query_row("SELECT parent FROM document WHERE id = ?1", [doc.to_string()], |row| row.get(0)).optional()?;
            parent.flatten().map(|text: String| text_as(0, &text)).transpose()
        })
    }

    /// The numbers of the files that are not yet in the outbox, in the order in which they were written.
    pub fn undelivered(&self) -> Result<Vec<i64>, Fault> {
        self.run(|connection| {
            connection
                .prepare("SELECT n FROM outbox WHERE delivered IS NULL AND draft = 0 ORDER BY n")?
                .query_map([], |row| row.get(0))?
                .collect()
        })
    }

    /// A file for the outbox, by its number.
    pub fn outbox_row(&self, n: i64) -> Result<OutboxRow, Fault> {
        self.run(|connection| {
            connection.query_row("SELECT n, path, bytes, secret FROM outbox WHERE n = ?1", [n], |row| {
                Ok(OutboxRow { n: row.get(0)?, path: row.get(1)?, bytes: row.get(2)?, secret: row.get(3)? })
            })
        })
    }

    /// Marks a file as delivered, with the hash that people see; of a secret one the ledger keeps that alone.
    pub fn delivered(&mut self, n: i64, sha256: DocId, at: Moment) -> Result<(), Fault> {
        self.write(|connection| {
            let mark = "UPDATE outbox SET delivered = ?2, sha256 = ?3, bytes = CASE secret WHEN 0 THEN bytes ELSE x'' END
                        WHERE n = ?1 AND delivered IS NULL";
            connection.execute(mark, params![n, at.to_string(), sha256.to_string()]).map(drop)
        })
    }
}

/// SQLite counts in signed numbers; no file is larger than those.
pub(super) fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// A column of text as one of our types.
pub(super) fn text_as<T: std::str::FromStr>(column: usize, text: &str) -> rusqlite::Result<T> {
    text.parse().map_err(|_| conversion(column, std::io::Error::other(format!("{text:?} was not written by this program"))))
}

/// A column that may hold a moment.
pub(super) fn moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Moment>> {
    row.get::<_, Option<String>>(column)?.map(|at| text_as(column, &at)).transpose()
}

pub(super) fn conversion(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
}
