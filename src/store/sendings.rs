//! The ledger on mails that the desk sends itself: one row a recipient.

use crate::domain::date::Moment;
use crate::fault::Fault;
use crate::store::Ledger;
use crate::store::ledger::text_as;
use rusqlite::{Row, params};

/// Where a mail to one recipient stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    Waiting,
    Sent,
    /// The server will not have it, or it was tried for too long.
    Refused,
    /// Not on the list of a trial.
    Withheld,
}

impl Standing {
    const ALL: [Standing; 4] = [Standing::Waiting, Standing::Sent, Standing::Refused, Standing::Withheld];

    pub fn word(self) -> &'static str {
        match self {
            Standing::Waiting => "waiting",
            Standing::Sent => "sent",
            Standing::Refused => "refused",
            Standing::Withheld => "withheld",
        }
    }
}

/// A mail to one recipient.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sending {
    /// The row of the outbox that holds its bytes.
    pub outbox: i64,
    pub path: String,
    pub recipient: String,
    pub standing: Standing,
    pub attempts: u32,
    /// Not before.
    pub next: Moment,
    /// What the server said last.
    pub answer: Option<String>,
}

const COLUMNS: &str =
    "sending.outbox, outbox.path, recipient, state, attempts, next, answer FROM sending JOIN outbox ON outbox.n = sending.outbox";

impl Ledger {
    /// Mails that were delivered to the outbox, written on or after a moment, and that nobody was told to send: row and bytes.
    pub fn unsent_mails(&self, since: Moment) -> Result<Vec<(i64, Vec<u8>)>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare(
                "SELECT n, bytes FROM outbox WHERE path LIKE '%.eml' AND secret = 0 AND delivered IS NOT NULL AND written >= ?1
                 AND NOT EXISTS (SELECT 1 FROM sending WHERE sending.outbox = outbox.n) ORDER BY n",
            )?;
            statement.query_map([since.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
    }

    /// Notes that a mail is to be sent to these; all of them or none.
    pub fn enqueue(&mut self, outbox: i64, recipients: &[(String, Standing)], now: Moment) -> Result<(), Fault> {
        self.write(|connection| {
            let mut insert =
                connection.prepare("INSERT OR IGNORE INTO sending (outbox, recipient, state, next) VALUES (?1, ?2, ?3, ?4)")?;
            recipients.iter().try_for_each(|(recipient, standing)| {
                insert.execute(params![outbox, recipient, standing.word(), now.to_string()]).map(drop)
            })
        })
    }

    /// What is to be sent now, the oldest first.
    pub fn due_sendings(&self, now: Moment, most: u32) -> Result<Vec<Sending>, Fault> {
        self.run(|connection| {
            let mut statement = connection
                .prepare(&format!("SELECT {COLUMNS} WHERE state = 'waiting' AND next <= ?1 ORDER BY sending.outbox, recipient LIMIT ?2"))?;
            statement.query_map(params![now.to_string(), most], sending)?.collect()
        })
    }

    /// Everything that was ever sent or is to be, the latest first.
    pub fn sendings(&self, most: u32) -> Result<Vec<Sending>, Fault> {
        self.run(|connection| {
            let mut statement = connection.prepare(&format!("SELECT {COLUMNS} ORDER BY sending.outbox DESC, recipient LIMIT ?1"))?;
            statement.query_map([most], sending)?.collect()
        })
    }

    /// Notes what became of a mail to one recipient.
    pub fn tried(&mut self, sending: &Sending) -> Result<(), Fault> {
        self.write(|connection| {
            connection
                .execute(
                    "UPDATE sending SET state = ?3, attempts = ?4, next = ?5, answer = ?6 WHERE outbox = ?1 AND recipient = ?2",
                    params![
                        sending.outbox,
                        sending.recipient,
                        sending.standing.word(),
                        sending.attempts,
                        sending.next.to_string(),
                        sending.answer
                    ],
                )
                .map(drop)
        })
    }

    /// Refused mails are tried again, as somebody wishes who has mended the reason.
    pub fn try_again(&mut self, now: Moment) -> Result<usize, Fault> {
        self.write(|connection| {
            connection.execute(
                "UPDATE sending SET state = 'waiting', attempts = 0, next = ?1 WHERE state IN ('refused', 'withheld')",
                [now.to_string()],
            )
        })
    }
}

fn sending(row: &Row<'_>) -> rusqlite::Result<Sending> {
    let word: String = row.get(3)?;
    let standing = Standing::ALL.into_iter().find(|standing| standing.word() == word).unwrap_or(Standing::Refused);
    Ok(Sending {
        outbox: row.get(0)?,
        path: row.get(1)?,
        recipient: row.get(2)?,
        standing,
        attempts: row.get(4)?,
        next: text_as(5, &row.get::<_, String>(5)?)?,
        answer: row.get(6)?,
    })
}
