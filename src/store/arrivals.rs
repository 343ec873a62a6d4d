//! The ledger on what was dropped: one receipt for each drop, and what it has to say.

use crate::domain::case::CaseNo;
use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::store::Ledger;
use crate::store::ledger::text_as;
use rusqlite::{OptionalExtension, Row, params};

/// In the column `told`: the bytes were known, and a further case took them as its own.
pub(super) const TAKEN_ANEW: i64 = 2;

/// Of an arrival: its bytes came before, and nothing was done with them once more.
const SAME: &str = "arrival.outcome = 'again' AND arrival.told <> 2";

/// Mails that are looked through for a password.
const MOST_MAILS: u32 = 1000;

/// A drop that has no receipt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrival {
    pub n: i64,
    pub doc: DocId,
    pub name: String,
    pub bytes: u64,
    pub received: Moment,
    /// The moment of the first time, where the bytes came before.
    pub first: Option<Moment>,
    /// pending, done, waiting or quarantined.
    pub status: String,
    /// What its document is; `None` as long as it is not read.
    pub kind: Option<String>,
    pub case: Option<CaseNo>,
}

/// A document that lay in another one, and where it went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    pub doc: DocId,
    pub name: String,
    pub status: String,
    pub kind: Option<String>,
    pub case: Option<CaseNo>,
}

/// A receipt as the list of the outbox shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    pub path: String,
    pub name: String,
    pub received: Moment,
    pub again: bool,
    pub status: String,
    pub case: Option<CaseNo>,
}

impl Ledger {
    /// Whether bytes came before.
    pub fn knows(&self, doc: DocId) -> Result<bool, Fault> {
        self.run(|connection| {
            connection.query_row("SELECT 1 FROM document WHERE id = ?1", [doc.to_string()], |_| Ok(())).optional().map(|row| row.is_some())
        })
    }

    /// Mails that came as they are, since a moment, and that were read before; the latest first.
    pub fn mails_read_since(&self, since: Moment) -> Result<Vec<DocId>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare(
                "SELECT id FROM document WHERE kind = 'inbound_mail' AND parent IS NULL AND status IN ('done', 'waiting') AND received >= ?1
                 ORDER BY received DESC, id LIMIT ?2",
            )?;
            let rows = statement.query_map(params![since.to_string(), MOST_MAILS], |row| text_as(0, &row.get::<_, String>(0)?))?;
            rows.collect()
        })
    }

    /// Drops without a receipt, in the order in which they came.
    pub fn without_receipt(&self) -> Result<Vec<Arrival>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare(&format!(
                "SELECT arrival.n, document.id, arrival.name, document.bytes, arrival.received, document.received, document.status,
                        document.kind, document.case_no, {SAME}
                 FROM arrival JOIN document ON document.id = arrival.document
                 WHERE arrival.receipt IS NULL AND arrival.source = 'inbox' ORDER BY arrival.n",
            ))?;
            statement.query_map([], arrival)?.collect()
        })
    }

    /// What lay in a document, one level down.
    pub fn parts(&self, doc: DocId) -> Result<Vec<Part>, Fault> {
        self.run(|connection| {
            let mut statement =
                connection.prepare("SELECT id, name, status, kind, case_no FROM document WHERE parent = ?1 ORDER BY name, id")?;
            let rows = statement.query_map([doc.to_string()], |row| {
                Ok(Part {
                    doc: text_as(0, &row.get::<_, String>(0)?)?,
                    name: row.get(1)?,
                    status: row.get(2)?,
                    kind: row.get(3)?,
                    case: row.get::<_, Option<String>>(4)?.map(CaseNo),
                })
            })?;
            rows.collect()
        })
    }

    /// Puts the receipts of drops into the outbox rows; a name that is taken gets a number.
    pub fn receipts(&mut self, receipts: &[(i64, String, Vec<u8>)], at: Moment) -> Result<(), Fault> {
        self.write(|connection| {
            for (arrival, name, bytes) in receipts {
                let taken = |path: &str| connection.query_row("SELECT 1 FROM outbox WHERE path = ?1", [path], |_| Ok(())).optional();
                let mut path = format!("{name}.txt");
                let mut copy = 1;
                while taken(&path)?.is_some() {
                    copy += 1;
                    path = format!("{name}-{copy}.txt");
                }
                let marked =
                    connection.execute("UPDATE arrival SET receipt = ?2 WHERE n = ?1 AND receipt IS NULL", params![arrival, path])?;
                if marked == 1 {
                    connection.execute(
                        "INSERT INTO outbox (letter, path, case_no, sha256, bytes, written) VALUES (?1, ?2, '', ?3, ?4, ?5)",
                        params![format!("receipt/{arrival}"), path, DocId::of(bytes).to_string(), bytes, at.to_string()],
                    )?;
                }
            }
            Ok(())
        })
    }

    /// The latest receipts, the latest first.
    pub fn latest_receipts(&self, most: u32) -> Result<Vec<Receipt>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare(&format!(
                "SELECT arrival.receipt, arrival.name, arrival.received, {SAME}, document.status, document.case_no
                 FROM arrival JOIN document ON document.id = arrival.document
                 WHERE arrival.receipt <> '' ORDER BY arrival.n DESC LIMIT ?1",
            ))?;
            let rows = statement.query_map([most], |row| {
                Ok(Receipt {
                    path: row.get(0)?,
                    name: row.get(1)?,
                    received: text_as(2, &row.get::<_, String>(2)?)?,
                    again: row.get(3)?,
                    status: row.get(4)?,
                    case: row.get::<_, Option<String>>(5)?.map(CaseNo),
                })
            })?;
            rows.collect()
        })
    }
}

fn arrival(row: &Row<'_>) -> rusqlite::Result<Arrival> {
    let first: Moment = text_as(5, &row.get::<_, String>(5)?)?;
    Ok(Arrival {
        n: row.get(0)?,
        doc: text_as(1, &row.get::<_, String>(1)?)?,
        name: row.get(2)?,
        bytes: row.get::<_, i64>(3)?.unsigned_abs(),
        received: text_as(4, &row.get::<_, String>(4)?)?,
        first: row.get::<_, bool>(9)?.then_some(first),
        status: row.get(6)?,
        kind: row.get(7)?,
        case: row.get::<_, Option<String>>(8)?.map(CaseNo),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Arrived;

    fn at(second: u8) -> Moment {
        format!("2026-04-08T10:00:{second:02}+09:00").parse().unwrap()
    }

    fn drop(ledger: &mut Ledger, bytes: &[u8], name: &str, mark: &str, second: u8) -> Arrived {
        ledger.arrive_once(DocId::of(bytes), name, bytes.len() as u64, at(second), "inbox", Some(mark)).unwrap()
    }

    fn ledger() -> (tempfile::TempDir, Ledger) {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        (folder, ledger)
    }

    #[test]
    fn a_drop_that_could_not_be_removed_is_no_second_drop() {
        let (_folder, mut ledger) = ledger();
        assert_eq!(drop(&mut ledger, b"one", "a.pdf", "1", 0), Arrived::First);
        assert_eq!(drop(&mut ledger, b"one", "a.pdf", "1", 5), Arrived::Before);
        assert_eq!(drop(&mut ledger, b"one", "b.pdf", "2", 6), Arrived::Again { first: at(0), case: None });
        assert_eq!(drop(&mut ledger, b"two", "a.pdf", "1", 7), Arrived::First, "other bytes under a mark of a bad clock");
        ledger.arrive(DocId::of(b"mail"), "a.eml", 4, at(8), "mail").unwrap();
        let arrivals = ledger.without_receipt().unwrap();
        let seen: Vec<(&str, Option<Moment>)> = arrivals.iter().map(|arrival| (arrival.name.as_str(), arrival.first)).collect();
        assert_eq!(seen, [("a.pdf", None), ("b.pdf", Some(at(0))), ("a.pdf", None)]);
        assert!(ledger.knows(DocId::of(b"one")).unwrap() && !ledger.knows(DocId::of(b"three")).unwrap());
    }

    #[test]
    fn a_drop_has_one_receipt_and_two_of_one_second_do_not_share_a_name() {
        let (_folder, mut ledger) = ledger();
        drop(&mut ledger, b"one", "a.pdf", "1", 0);
        drop(&mut ledger, b"one", "a.pdf", "2", 0);
        let open: Vec<i64> = ledger.without_receipt().unwrap().iter().map(|arrival| arrival.n).collect();
        let receipts: Vec<_> = open.iter().map(|n| (*n, "receipts/2026-04-08/100000-x-a.pdf".to_owned(), vec![*n as u8])).collect();
        ledger.receipts(&receipts, at(1)).unwrap();
        ledger.receipts(&receipts, at(2)).unwrap();
        let rows: Vec<(String, Vec<u8>)> =
            ledger.undelivered().unwrap().into_iter().map(|n| ledger.outbox_row(n).unwrap()).map(|row| (row.path, row.bytes)).collect();
        assert_eq!(
            rows,
            [
                ("receipts/2026-04-08/100000-x-a.pdf.txt".to_owned(), vec![1]),
                ("receipts/2026-04-08/100000-x-a.pdf-2.txt".to_owned(), vec![2])
            ]
        );
        assert!(ledger.without_receipt().unwrap().is_empty());
        let latest = ledger.latest_receipts(1).unwrap();
        assert_eq!((latest[0].path.as_str(), latest[0].again), ("receipts/2026-04-08/100000-x-a.pdf-2.txt", true));
    }
}
