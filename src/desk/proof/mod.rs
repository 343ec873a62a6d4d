//! Proof on demand: ledger, chain, originals, quarantine and outbox, each held against the others.
//!
//! Owns what is normal use and what is not. Never changes anything, and needs no lock: it looks at one moment of the
//! ledger, also while another program works.

mod cases;
mod folders;

use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::fault::Fault;
use crate::store::{Ledger, Lock, Paper, Status, Stock};

/// Times that a look is repeated when a program began to write during it.
const MOST_LOOKS: usize = 5;

/// What is asked beyond what always holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wish {
    /// A head of the chain that was noted before: it must still be part of it.
    pub head: Option<String>,
    /// Nobody has taken anything out of the outbox.
    pub untouched: bool,
    /// The state was restored: what was not yet delivered then is nobody's fault.
    pub restored: bool,
}

/// What a look at everything came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Proof {
    pub events: u64,
    /// The hash of the last event.
    pub head: String,
    pub counts: Counts,
    /// What must not be.
    pub faults: Vec<Point>,
    /// What is normal, and good to know.
    pub notes: Vec<Point>,
}

/// The law of conservation in numbers: `dropped` is the sum of the four after it, and what came again comes on top.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    pub cases: usize,
    /// Different files that were dropped.
    pub dropped: usize,
    pub pending: usize,
    pub done: usize,
    pub waiting: usize,
    pub quarantined: usize,
    /// Times that a known file came again.
    pub duplicates: u64,
    /// Documents that lay in mails and archives.
    pub parts: usize,
    pub letters: usize,
    pub undelivered: usize,
}

/// One thing that was seen: by which check, where, what, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Point {
    pub check: &'static str,
    pub place: String,
    pub what: String,
    pub hint: &'static str,
}

/// What the checks work on.
struct Room<'a> {
    config: &'a Config,
    catalogue: &'a Catalogue,
    wish: &'a Wish,
    ledger: Ledger,
    stock: Stock,
    /// Another program works on this state now.
    running: bool,
    proof: Proof,
}

impl Room<'_> {
    fn fault(&mut self, check: &'static str, place: impl ToString, what: impl ToString, hint: &'static str) {
        self.proof.faults.push(Point { check, place: place.to_string(), what: what.to_string(), hint });
    }

    fn note(&mut self, check: &'static str, place: impl ToString, what: impl ToString, hint: &'static str) {
        self.proof.notes.push(Point { check, place: place.to_string(), what: what.to_string(), hint });
    }
}

/// Checks everything that a state folder and an outbox promise. `None` where no run has made a ledger yet.
pub fn prove(config: &Config, catalogue: &Catalogue, wish: &Wish) -> Result<Option<Proof>, Fault> {
    for _ in 0..MOST_LOOKS {
        let running = Lock::is_held(&config.state)?;
        // First what lies there, then the rows: a row is always older than its file.
        let listing = folders::Listing::of(config)?;
        let Some(ledger) = Ledger::look(&config.state)? else { return Ok(None) };
        let damage = ledger.damage()?;
        let damaged = !damage.is_empty();
        let mut room = Room { config, catalogue, wish, ledger, stock: Stock::default(), running, proof: Proof::default() };
        for line in damage {
            room.fault("ledger", "ledger.sqlite", line, "restore the ledger from the last backup");
        }
        match look(&mut room, &listing) {
            Ok(()) => {}
            // Whatever else cannot be asked of a damaged file follows from that.
            Err(fault) if damaged => room.fault("ledger", fault.place, fault.what, "restore the ledger from the last backup"),
            Err(fault) => return Err(fault),
        }
        if room.ledger.stood_still() {
            return Ok(Some(room.proof));
        }
    }
    Err(Fault::transient(config.state.display(), "was changed all the while", "try again when the other program is done"))
}

fn look(room: &mut Room<'_>, listing: &folders::Listing) -> Result<(), Fault> {
    chain(room)?;
    room.stock = room.ledger.stock()?;
    conservation(room);
    cases::check(room)?;
    folders::originals(room, listing)?;
    folders::quarantine(room, listing)?;
    folders::outbox(room, listing)
}

fn chain(room: &mut Room<'_>) -> Result<(), Fault> {
    const HINT: &str = "the history was changed behind the program's back: restore the state from a backup, and find out who did it";
    let chain = room.ledger.chain(room.wish.head.as_deref())?;
    for broken in chain.breaks {
        room.fault("chain", broken.place, broken.what, HINT);
    }
    if let Some(head) = room.wish.head.clone().filter(|_| chain.known.is_none()) {
        room.fault("chain", "chain", format!("the head {head} is no longer part of it: events were taken out or changed"), HINT);
    }
    (room.proof.events, room.proof.head) = (chain.events, chain.head);
    Ok(())
}

/// Each file that was dropped is in one place, and came for a first time once.
fn conservation(room: &mut Room<'_>) {
    const HINT: &str = "restore the ledger from a backup, and report this as a bug if the chain holds";
    let papers = std::mem::take(&mut room.stock.papers);
    let known: std::collections::BTreeSet<_> = papers.iter().map(|paper| paper.doc).collect();
    let mut counts = Counts { letters: room.stock.outlets.len(), cases: room.stock.cases.len(), ..Counts::default() };
    counts.undelivered = room.stock.outlets.iter().filter(|outlet| !outlet.delivered).count();
    for paper in &papers {
        counts.duplicates += paper.again;
        if let Some(parent) = paper.parent {
            counts.parts += 1;
            if !known.contains(&parent) {
                room.fault("documents", name(paper), format!("lay in {}, which nobody knows", parent.short()), HINT);
            }
            continue;
        }
        counts.dropped += 1;
        *match paper.status {
            None => &mut counts.pending,
            Some(Status::Done) => &mut counts.done,
            Some(Status::Waiting) => &mut counts.waiting,
            Some(Status::Quarantined) => &mut counts.quarantined,
        } += 1;
        if paper.first != 1 {
            room.fault("documents", name(paper), format!("was dropped for a first time {} times", paper.first), HINT);
        }
    }
    if counts.pending > 0 && !room.running {
        let what = format!("{} documents were taken and not yet settled", counts.pending);
        room.note("documents", "ledger.sqlite", what, "the next run goes on with them");
    }
    room.proof.counts = counts;
    room.stock.papers = papers;
}

/// A document in words.
fn name(paper: &Paper) -> String {
    format!("{} ({})", paper.name, paper.doc.short())
}
