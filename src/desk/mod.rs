//! The desk at work: take, digest in parallel, settle in order, dispatch.
//!
//! Owns the order of a run. Never knows what a document means or what a letter says.

mod gallery;
mod groups;
mod guards;
mod on_file;
mod pages;
pub mod proof;
mod receipts;
mod record;
pub mod replay;
mod revocation;
mod settle;
mod take;

pub use guards::attend;
pub use record::Recorded;
pub use take::{Left, Offered};

use crate::catalogue::Catalogue;
use crate::config::{Config, CredentialSource};
use crate::dispatch;
use crate::domain::date::Moment;
use crate::fault::{Fault, Sort};
use crate::files::{self, Mode};
use crate::intake;
use crate::issuance::Certifier;
use crate::issuance::authority::Authority;
use crate::issuance::seal::Seal;
use crate::ocr::{Blind, Recogniser};
use crate::pipeline::{self, Digest, Keys, Office};
use crate::quarantine::{self, Reason};
use crate::reading::format::{Limits, Tools};
use crate::store::{Ledger, Lock, Originals, Pending};
use gallery::Gallery;
use rayon::prelude::*;
use settle::SetAside;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Someone who watches a run.
pub trait Progress: Sync {
    fn begin(&self, documents: u64);
    fn read(&self, name: &str);
    fn end(&self);
}

/// What a run came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    pub taken: usize,
    pub again: usize,
    pub read: usize,
    pub cases: usize,
    /// Files put into the outbox.
    pub letters: usize,
    /// Cases that wait for a person, over all cases.
    pub held: usize,
    /// Documents that no case was found for, over all documents.
    pub waiting: usize,
    pub quarantined: usize,
    /// What could not be written down or put into the outbox; the next run tries it again.
    pub failed: usize,
    /// Files that stay in the inbox, and why.
    pub left: Vec<Left>,
    /// Something could not be finished now; the next run tries again.
    pub unfinished: bool,
}

impl Report {
    /// Something waits for a person.
    pub fn waits(&self) -> bool {
        self.held + self.waiting + self.quarantined + self.left.len() > 0
    }

    /// Adds the counts of a later run; what is counted over all cases is replaced.
    pub fn add(&mut self, later: &Report) {
        self.taken += later.taken;
        self.again += later.again;
        self.read += later.read;
        self.cases += later.cases;
        self.letters += later.letters;
        self.quarantined += later.quarantined;
        self.failed += later.failed;
        self.held = later.held;
        self.waiting = later.waiting;
        self.left.clone_from(&later.left);
        self.unfinished = later.unfinished;
    }
}

pub struct Desk<'a> {
    config: &'a Config,
    catalogue: &'a Catalogue,
    ledger: Ledger,
    originals: Originals,
    /// Loaded when the first page needs it.
    recogniser: OnceLock<Recogniser>,
    _lock: Lock,
}

pub enum Opened<'a> {
    Ready(Box<Desk<'a>>),
    /// Another program holds the state.
    Busy,
}

impl<'a> Desk<'a> {
    pub fn open(config: &'a Config, catalogue: &'a Catalogue) -> Result<Opened<'a>, Fault> {
        guards::prepare(config)?;
        let Some(lock) = Lock::take(&config.state)? else { return Ok(Opened::Busy) };
        Ok(Opened::Ready(Box::new(Desk {
            config,
            catalogue,
            ledger: Ledger::open(&config.state)?,
            originals: Originals::at(&config.state),
            recogniser: OnceLock::new(),
            _lock: lock,
        })))
    }

    /// One run over everything that lies in the inbox and in the mail sources.
    pub fn run(&mut self, now: Moment, mail: &[PathBuf], progress: &dyn Progress) -> Result<Report, Fault> {
        let offered = Offered::everything(self.config, mail)?;
        let report = self.work(now, &offered, progress)?;
        report.left.iter().for_each(|left| tracing::warn!(fault = %left.fault, "left in the inbox"));
        let inbox = &self.config.inbox;
        intake::folders_of(inbox, &offered.inbox).iter().for_each(|folder| intake::tidy(inbox, folder));
        Ok(report)
    }

    /// The one way in which documents are processed: what is offered is taken, and everything that waits goes on.
    pub fn work(&mut self, now: Moment, offered: &Offered, progress: &dyn Progress) -> Result<Report, Fault> {
        let mut report = Report::default();
        deliver(&mut self.ledger, self.config, now, &mut report)?;
        self.take(offered, now, &mut report)?;
        let batch = self.digest(now, progress, &mut report)?;
        let tools = Tools { ocr: &Blind, limits: Limits::default() };
        let gallery = Gallery::new(&self.originals, tools);
        let authority = self.authority(now)?;
        let certifier = authority.as_ref().map(|authority| authority as &dyn Certifier);
        let office = Office::new(self.catalogue, &self.config.desk, now).with_certifier(certifier);
        let (config, originals) = (self.config, &self.originals);
        let aside = |document: &SetAside| set_aside(config, originals, document, now);
        let outcome = settle::settle(&mut self.ledger, &office, batch, &gallery, &aside)?;
        outcome.faults.iter().for_each(|fault| tracing::error!(%fault, "left for the next run"));
        report.failed += outcome.faults.len();
        report.quarantined += outcome.quarantined.len();
        report.cases = outcome.cases.len();
        receipts::write(&mut self.ledger, &office)?;
        deliver(&mut self.ledger, self.config, now, &mut report)?;
        report.letters += self.publish_revoked(authority.as_ref(), now)?;
        pages::write(&mut self.ledger, &office, &self.config.outbox, &gallery)?;
        self.count_what_waits(&mut report)?;
        Ok(report)
    }

    /// The authority that makes client certificates, where this desk makes them.
    fn authority(&self, now: Moment) -> Result<Option<Authority>, Fault> {
        if self.config.desk.certificates != CredentialSource::Local {
            return Ok(None);
        }
        let seal = Seal::open(&self.config.sealing_key)?;
        Authority::open(&self.config.state.join("authority"), seal, &self.config.desk.tso, now).map(Some)
    }

    fn recogniser(&self) -> Result<&Recogniser, Fault> {
        match self.recogniser.get() {
            Some(recogniser) => Ok(recogniser),
            None => {
                let loaded = Recogniser::load()?;
                Ok(self.recogniser.get_or_init(|| loaded))
            }
        }
    }

    /// Reads what is pending, in parallel; the order of the result is that of the ledger.
    fn digest(&self, now: Moment, progress: &dyn Progress, report: &mut Report) -> Result<Vec<(Pending, u64, Digest)>, Fault> {
        let pending = self.ledger.pending()?;
        // What waits for the paper that explains it is read again when a paper comes.
        if pending.iter().all(|document| document.waiting) {
            return Ok(Vec::new());
        }
        progress.begin(pending.len() as u64);
        let office = Office::new(self.catalogue, &self.config.desk, now);
        let tools = Tools { ocr: self.recogniser()?, limits: Limits::default() };
        // A mail may name the password of an archive that came with another one.
        let mut keys = Keys::default();
        for pending in &pending {
            if let Ok(bytes) = self.originals.get(pending.doc) {
                keys.learn(&bytes, &tools);
            }
        }
        // The ledger stays on this thread.
        let originals = &self.originals;
        let read = |pending: Pending| {
            let (bytes, digest) = match originals.get(pending.doc) {
                Ok(bytes) => (bytes.len() as u64, pipeline::digest_safely(&pending.name, &bytes, &keys, &tools, &office)),
                // A damaged original costs that document alone.
                Err(fault) if fault.sort == Sort::Lasting => {
                    tracing::error!(%fault, "set aside");
                    (0, pipeline::unreadable(&pending.name, pending.doc, &office))
                }
                Err(fault) => {
                    tracing::warn!(%fault, "left for the next run");
                    return None;
                }
            };
            progress.read(&pending.name);
            Some((pending, bytes, digest))
        };
        let batch: Vec<_> = pending.into_par_iter().filter_map(read).collect();
        progress.end();
        report.read = batch.iter().map(|(_, _, digest)| count(digest)).sum();
        Ok(batch)
    }

    fn count_what_waits(&self, report: &mut Report) -> Result<(), Fault> {
        let held = |summary: &String| serde_json::from_str::<serde_json::Value>(summary).is_ok_and(|case| case["held"] == true);
        report.held = self.ledger.summaries()?.iter().filter(|summary| held(summary)).count();
        report.waiting = self.ledger.unsettled()?.iter().filter(|document| document.waiting).count();
        report.unfinished = report.failed > 0 || self.ledger.pending()?.iter().any(|document| !document.waiting);
        Ok(())
    }
}

/// Copies an unreadable original beside a note that says what is wrong and what to do.
fn set_aside(config: &Config, originals: &Originals, document: &SetAside, now: Moment) -> Result<(), Fault> {
    let bytes = match &document.bytes {
        Some(bytes) => Ok(bytes.clone()),
        None => originals.get(document.doc),
    };
    let folder = config.state.join("quarantine").join(document.doc.short());
    files::make_folder(&folder, Mode::Private)?;
    let target = folder.join(quarantine::safe_name(&document.name));
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(fault) if fault.sort == Sort::Transient => return Err(fault),
        // Nothing is left of it to set aside but the note.
        Err(fault) => return quarantine::write_note(&target, &document.name, now, &Reason::Fault(&fault)).map(drop),
    };
    files::write_whole(&target, &bytes, Mode::Private)?;
    quarantine::write_note(&target, &document.name, now, &Reason::Findings(&document.findings)).map(drop)
}

/// Puts what is written into the outbox, and counts it.
fn deliver(ledger: &mut Ledger, config: &Config, now: Moment, report: &mut Report) -> Result<(), Fault> {
    let delivered = dispatch::deliver(ledger, &config.outbox, &config.sealing_key, now)?;
    delivered.faults.iter().for_each(|fault| tracing::error!(%fault, "not put into the outbox"));
    report.letters += delivered.files;
    report.failed += delivered.faults.len();
    Ok(())
}

fn count(digest: &Digest) -> usize {
    1 + digest.parts.iter().map(count).sum::<usize>()
}
