//! The ledger's rows as an auditor counts them.
//!
//! Owns the questions of `verify` that are asked in SQL. Never changes anything, never looks at a file.

use crate::domain::case::CaseNo;
use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::store::connection::Ledger;
use crate::store::ledger::text_as;
use crate::store::settlement::Status;

/// A document, and how often it was dropped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paper {
    pub doc: DocId,
    pub name: String,
    pub bytes: u64,
    /// What it lay in; `None` for what was dropped itself.
    pub parent: Option<DocId>,
    /// `None` while it is pending.
    pub status: Option<Status>,
    pub case: Option<CaseNo>,
    /// Arrivals that were the first, and those that found it known.
    pub first: u64,
    pub again: u64,
}

/// A row of the outbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outlet {
    pub n: i64,
    pub letter: String,
    /// Relative to the outbox.
    pub path: String,
    pub case: CaseNo,
    /// Of the file that people see; `None` where an older program did not note it.
    pub sha256: Option<DocId>,
    pub secret: bool,
    pub delivered: bool,
    /// It waits for a person to release it.
    pub draft: bool,
    /// The ledger's own copy of the bytes is what it should be: whole, or wiped where it was secret.
    pub sound: bool,
    /// A person said that this draft never leaves. The rows do not say it; whoever knows the events does.
    pub dropped: bool,
    /// Staff fill it in: an order to the operator of MMS. Told by the events, too.
    pub to_fill_in: bool,
}

/// Everything that an auditor counts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stock {
    pub papers: Vec<Paper>,
    pub outlets: Vec<Outlet>,
    /// Cases that have events.
    pub cases: Vec<CaseNo>,
}

/// The path of a file in the outbox, and its bytes where they are no secret.
pub type Written = (String, Option<Vec<u8>>);

impl Ledger {
    /// What SQLite itself finds wrong with the file; nothing more can be asked of a file that is damaged badly.
    pub fn damage(&self) -> Result<Vec<String>, Fault> {
        self.run(|connection| {
            let mut damage: Vec<String> =
                connection.prepare("PRAGMA integrity_check")?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            damage.retain(|line| line != "ok");
            let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
            let rows = statement.query_map([], |row| {
                let (table, row, parent): (String, Option<i64>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok(format!("row {} of {table} names a {parent} that does not exist", row.unwrap_or_default()))
            })?;
            for row in rows {
                damage.push(row?);
            }
            Ok(damage)
        })
    }

    /// Whether anything was ever put into the outbox.
    pub fn has_delivered(&self) -> Result<bool, Fault> {
        self.run(|connection| {
            connection.query_row("SELECT EXISTS (SELECT 1 FROM outbox WHERE delivered IS NOT NULL)", [], |row| row.get(0))
        })
    }

    /// What was written for a case: paths of the outbox, and their bytes where they are no secret.
    pub fn files_of(&self, case: &CaseNo) -> Result<Vec<Written>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare("SELECT path, secret, bytes FROM outbox WHERE case_no = ?1 ORDER BY n")?;
            let rows = statement.query_map([&case.0], |row| {
                let secret: bool = row.get(1)?;
                Ok((row.get(0)?, if secret { None } else { Some(row.get(2)?) }))
            })?;
            rows.collect()
        })
    }

    /// How many documents came to what: pending, done, waiting or quarantined.
    pub fn outcomes(&self) -> Result<Vec<(String, u64)>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare("SELECT status, count(*) FROM document GROUP BY status ORDER BY status")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?.collect()
        })
    }

    pub fn stock(&self) -> Result<Stock, Fault> {
        Ok(Stock { papers: self.papers()?, outlets: self.outlets()?, cases: self.cases_with_events()? })
    }

    fn papers(&self) -> Result<Vec<Paper>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare(
                "SELECT id, document.name, bytes, parent, status, case_no, count(*) FILTER (WHERE outcome = 'first'),
                        count(*) FILTER (WHERE outcome = 'again')
                 FROM document LEFT JOIN arrival ON arrival.document = document.id GROUP BY id ORDER BY document.received, id",
            )?;
            let rows = statement.query_map([], |row| {
                let id = |column: usize, text: Option<String>| text.map(|text| text_as(column, &text)).transpose();
                Ok(Paper {
                    doc: text_as(0, &row.get::<_, String>(0)?)?,
                    name: row.get(1)?,
                    bytes: row.get::<_, i64>(2)?.unsigned_abs(),
                    parent: id(3, row.get(3)?)?,
                    status: Status::of_word(&row.get::<_, String>(4)?),
                    case: row.get::<_, Option<String>>(5)?.map(CaseNo),
                    first: row.get::<_, i64>(6)?.unsigned_abs(),
                    again: row.get::<_, i64>(7)?.unsigned_abs(),
                })
            })?;
            rows.collect()
        })
    }

    fn outlets(&self) -> Result<Vec<Outlet>, Fault> {
        self.run(|connection| {
            let query = "SELECT n, letter, path, case_no, sha256, secret, delivered IS NOT NULL, bytes, draft FROM outbox ORDER BY n";
            let mut statement = connection.prepare(query)?;
            let rows = statement.query_map([], |row| {
                let sha256: String = row.get(4)?;
                let sha256 = if sha256.is_empty() { None } else { Some(text_as(4, &sha256)?) };
                let (secret, delivered): (bool, bool) = (row.get(5)?, row.get(6)?);
                let bytes = row.get_ref(7)?.as_blob()?;
                let sound = if secret && delivered { bytes.is_empty() } else { Some(DocId::of(bytes)) == sha256 };
                Ok(Outlet {
                    n: row.get(0)?,
                    letter: row.get(1)?,
                    path: row.get(2)?,
                    case: CaseNo(row.get(3)?),
                    // Until then it is the hash of the sealed bytes.
                    sha256: sha256.filter(|_| delivered || !secret),
                    secret,
                    delivered,
                    draft: row.get(8)?,
                    sound,
                    dropped: false,
                    to_fill_in: false,
                })
            })?;
            rows.collect()
        })
    }

    fn cases_with_events(&self) -> Result<Vec<CaseNo>, Fault> {
        self.run(|connection| {
            connection
                .prepare("SELECT DISTINCT case_no FROM event ORDER BY case_no")?
                .query_map([], |row| row.get(0).map(CaseNo))?
                .collect()
        })
    }
}
