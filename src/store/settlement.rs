//! Settlements: all that one of them writes, in one transaction.
//!
//! Owns how events, letters, verdicts and a case's row are written. Never asks whether they are right.

use crate::casework::deed;
use crate::domain::case::{Body, CaseNo, Event};
use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::domain::letter::Letter;
use crate::fault::Fault;
use crate::store::arrivals::TAKEN_ANEW;
use crate::store::chain;
use crate::store::connection::Ledger;
use crate::store::ledger::{CaseRow, SUPPLY_POINT, size};
use crate::store::looked::{ANYTHING, Signs, keep_signs};
use rusqlite::{Connection, params};

/// A case's row: the dates that lists sort by and the line that they show are drawn from its summary.
const CASE: &str =
    "INSERT INTO case_summary (no, flow, state, closed, dated, summary, certificate_end, due, brief) VALUES (?1, ?2, ?3, ?4, ?5, ?6,
    (SELECT min(json_extract(value, '$.on')) FROM json_each(?6, '$.deadlines') WHERE json_extract(value, '$.kind') = 'certificate'),
    coalesce((SELECT min(json_extract(value, '$.on')) FROM json_each(?6, '$.deadlines')
      WHERE json_extract(value, '$.kind') <> 'certificate'), '9999'),
    json_array(json_extract(?6, '$.applicant_name'), coalesce(json_extract(?6, '$.held'), 0),
      (SELECT min(json_extract(value, '$.on')) FROM json_each(?6, '$.deadlines')),
      (SELECT count(*) FROM json_each(?6, '$.open_findings') WHERE json_extract(value, '$.severity') <> 'warn'),
      (SELECT count(*) FROM json_each(?6, '$.notices') WHERE json_extract(value, '$.draft')),
      coalesce(json_extract(?6, '$.unread'), 0)))
  ON CONFLICT (no) DO UPDATE SET flow = excluded.flow, state = excluded.state, closed = excluded.closed, dated = excluded.dated,
    summary = excluded.summary, certificate_end = excluded.certificate_end, due = excluded.due, brief = excluded.brief";

/// Where a document ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    Done,
    Waiting,
    Quarantined,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Status::Done => "done",
            Status::Waiting => "waiting",
            Status::Quarantined => "quarantined",
        }
    }

    /// `None` for a document that is pending.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        [Status::Done, Status::Waiting, Status::Quarantined].into_iter().find(|status| status.word() == word)
    }
}

/// What was decided about one document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    pub doc: DocId,
    pub name: String,
    pub received: Moment,
    pub bytes: u64,
    pub parent: Option<DocId>,
    pub status: Status,
    pub kind: String,
    pub case: Option<CaseNo>,
    pub note: Option<String>,
    /// By what it is found again while it waits.
    pub signs: Signs,
    /// It is done, and a part of it waits.
    pub listens: bool,
}

/// Everything that one settlement writes, in one transaction.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settled {
    pub events: Vec<Event>,
    pub letters: Vec<(CaseNo, Moment, Letter)>,
    pub verdicts: Vec<Verdict>,
    pub case: Option<CaseRow>,
    /// Arrivals that the events tell of as come again, by their number.
    pub told: Vec<i64>,
    /// Arrivals of known bytes that this case takes as its own.
    pub anew: Vec<i64>,
}

impl Ledger {
    /// Writes a settlement whole, or not at all.
    pub fn settle(&mut self, settled: &Settled) -> Result<(), Fault> {
        self.write(|transaction| {
            settled.events.iter().try_for_each(|event| chain::append(transaction, event))?;
            let told = settled.told.iter().map(|n| (n, 1)).chain(settled.anew.iter().map(|n| (n, TAKEN_ANEW)));
            for (n, how) in told {
                transaction.execute("UPDATE arrival SET told = ?2 WHERE n = ?1", params![n, how])?;
            }
            settled.letters.iter().try_for_each(|(case, at, letter)| write_letter(transaction, case, *at, letter))?;
            settled.events.iter().try_for_each(|event| hold_or_release(transaction, event))?;
            settled.verdicts.iter().try_for_each(|verdict| write_verdict(transaction, verdict))?;
            settled.case.iter().try_for_each(|case| write_case(transaction, case))
        })
    }
}

fn write_letter(transaction: &Connection, case: &CaseNo, at: Moment, letter: &Letter) -> rusqlite::Result<()> {
    let insert = "INSERT INTO outbox (letter, path, case_no, sha256, bytes, secret, written) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    for file in &letter.files {
        let (path, sha256) = (format!("{case}/{}", file.name), DocId::of(&file.bytes).to_string());
        transaction.execute(insert, params![letter.key, path, case.0, sha256, file.bytes, file.secret, at.to_string()])?;
    }
    Ok(())
}

/// A draft stays out of the outbox until a person has released it.
fn hold_or_release(transaction: &Connection, event: &Event) -> rusqlite::Result<()> {
    match &event.body {
        Body::Drafted { key } => {
            transaction.execute("UPDATE outbox SET draft = 1 WHERE letter = ?1 AND delivered IS NULL", [key]).map(drop)
        }
        Body::Recorded { what, set, .. } if what == deed::LETTER_RELEASED => {
            let key = set.get(deed::LETTER).map_or("", String::as_str);
            transaction.execute("UPDATE outbox SET draft = 0 WHERE letter = ?1", [key]).map(drop)
        }
        _ => Ok(()),
    }
}

fn write_verdict(transaction: &Connection, verdict: &Verdict) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT INTO document (id, name, bytes, received, parent, status, kind, case_no, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (id) DO UPDATE SET status = excluded.status, kind = excluded.kind, case_no = excluded.case_no, note = excluded.note",
        params![
            verdict.doc.to_string(),
            verdict.name,
            size(verdict.bytes),
            verdict.received.to_string(),
            verdict.parent.map(|doc| doc.to_string()),
            verdict.status.word(),
            verdict.kind,
            verdict.case.as_ref().map(|case| &case.0),
            verdict.note
        ],
    )?;
    let lasts = |sign: &&(String, String)| match verdict.status {
        Status::Waiting => true,
        // What is still shut in it listens, and what waits in it.
        Status::Done => sign.0 == ANYTHING || verdict.listens,
        Status::Quarantined => false,
    };
    keep_signs(transaction, verdict.doc, &verdict.signs.iter().filter(lasts).cloned().collect())
}

fn write_case(transaction: &Connection, case: &CaseRow) -> rusqlite::Result<()> {
    transaction.execute(CASE, params![case.no.0, case.flow, case.state, case.closed, case.dated, case.summary])?;
    transaction.execute("DELETE FROM case_key WHERE case_no = ?1", [&case.no.0])?;
    let keys = case.keys.iter().map(|(kind, value)| (kind.name(), value));
    for (kind, value) in keys.chain(case.points.iter().map(|point| (SUPPLY_POINT, point))) {
        transaction.execute("INSERT INTO case_key (case_no, kind, value) VALUES (?1, ?2, ?3)", params![case.no.0, kind, value])?;
    }
    Ok(())
}
