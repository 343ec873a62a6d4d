//! The ledger on what reading took: one row an arrival, for figures.
//!
//! Owns the table of readings. A document counts once, by its first reading, however often a crash has it read again: what
//! is added up from here never goes down.

use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::store::Ledger;
use rusqlite::{Row, params};
use std::time::Duration;

/// What reading one arrival took, with all that lay inside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Effort {
    pub doc: DocId,
    /// On the clock, waiting for a reader included.
    pub time: Duration,
    /// Pages whose text was recognised in a picture.
    pub ocr_pages: u32,
}

/// All readings together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Efforts {
    pub documents: u64,
    pub time: Duration,
    pub ocr_pages: u64,
    /// Documents whose reading took at most as long as each of the bounds that were asked for.
    pub within: Vec<u64>,
}

impl Ledger {
    /// Notes readings. The documents must have arrived before; one that was read before is passed over.
    pub fn note_readings(&mut self, efforts: &[Effort]) -> Result<(), Fault> {
        if efforts.is_empty() {
            return Ok(());
        }
        self.write(|connection| {
            let mut note = connection.prepare("INSERT INTO reading VALUES (?1, ?2, ?3) ON CONFLICT (document) DO NOTHING")?;
            efforts.iter().try_for_each(|effort| {
                let milliseconds = i64::try_from(effort.time.as_millis()).unwrap_or(i64::MAX);
                note.execute(params![effort.doc.to_string(), milliseconds, effort.ocr_pages]).map(drop)
            })
        })
    }

    /// What all readings took until now.
    pub fn efforts(&self, bounds: &[Duration]) -> Result<Efforts, Fault> {
        self.run(|connection| {
            let all = "SELECT count(*), coalesce(sum(milliseconds), 0), coalesce(sum(ocr_pages), 0) FROM reading";
            let (documents, milliseconds, ocr_pages) =
                connection.query_row(all, [], |row| Ok((count(row, 0)?, count(row, 1)?, count(row, 2)?)))?;
            let mut within = connection.prepare("SELECT count(*) FROM reading WHERE milliseconds <= ?1")?;
            let within = bounds
                .iter()
                .map(|bound| within.query_row([i64::try_from(bound.as_millis()).unwrap_or(i64::MAX)], |row| count(row, 0)))
                .collect::<rusqlite::Result<_>>()?;
            Ok(Efforts { documents, time: Duration::from_millis(milliseconds), ocr_pages, within })
        })
    }
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::date::Moment;

    fn effort(bytes: &[u8], milliseconds: u64, ocr_pages: u32) -> Effort {
        Effort { doc: DocId::of(bytes), time: Duration::from_millis(milliseconds), ocr_pages }
    }

    #[test]
    fn a_document_counts_once_and_the_figures_outlive_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        for bytes in [b"one", b"two"] {
            ledger.arrive(DocId::of(bytes), "a.pdf", 3, "2026-04-08T10:00:00+09:00".parse::<Moment>().unwrap(), "inbox").unwrap();
        }
        ledger.note_readings(&[effort(b"one", 250, 0)]).unwrap();
        // Killed before anything was settled: both are read again.
        drop(ledger);
        let mut ledger = Ledger::open(folder.path()).unwrap();
        ledger.note_readings(&[effort(b"one", 90, 4), effort(b"two", 61_000, 3)]).unwrap();
        let bounds = [100, 250, 60_000].map(Duration::from_millis);
        let wanted = Efforts { documents: 2, time: Duration::from_millis(61_250), ocr_pages: 3, within: vec![0, 1, 1] };
        assert_eq!(ledger.efforts(&bounds).unwrap(), wanted);
        let looked = Ledger::look(folder.path()).unwrap().unwrap();
        assert_eq!(looked.efforts(&bounds).unwrap(), wanted);
    }
}
