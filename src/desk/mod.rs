//! The desk at work: take, digest in parallel, settle in order, dispatch.
//!
//! Owns the order of a run. Never knows what a document means or what a letter says.

pub mod console;
mod digest;
mod echoes;
pub mod export;
mod fetch;
mod figures;
mod gallery;
mod groups;
mod guards;
mod index;
mod items;
mod known;
mod on_file;
mod pages;
pub mod proof;
mod receipts;
mod record;
mod remembered;
pub mod replay;
pub mod report;
mod revocation;
mod settle;
mod take;
mod telling;
mod verdicts;
mod wake;

pub use guards::{attend, find_outbox};
pub use record::Recorded;
pub use take::{Counting, Left, Offered, PasswordWait};

use crate::catalogue::Catalogue;
use crate::config::{Config, CredentialSource};
use crate::dispatch;
use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::fault::{Fault, Sort};
use crate::files::{self, Mode};
use crate::intake;
use crate::issuance::Certifier;
use crate::issuance::authority::Authority;
use crate::issuance::seal::Seal;
use crate::pipeline::Office;
use crate::post;
use crate::quarantine::{self, Reason};
use crate::store::{Effort, Ledger, Lock, Matter, Originals, Status};
use crate::worker::Readers;
use digest::Library;
use gallery::Gallery;
use remembered::Remembered;
use settle::SetAside;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use wake::Look;

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
    /// Cases with a draft that waits for its release, over all cases.
    pub drafts: usize,
    /// Cases with something that must be read, over all cases.
    pub unread: usize,
    /// Cases with an order to the operator of MMS of which nobody said what became, over all cases.
    pub operations: usize,
    /// Documents that no case was found for, over all documents.
    pub waiting: usize,
    pub quarantined: usize,
    /// What could not be read, written down or put into the outbox now; the next run tries it again.
    pub failed: usize,
    /// Files that stay in the inbox, and why.
    pub left: Vec<Left>,
    /// Mails that stay in the mailbox because they are too large.
    pub in_mailbox: usize,
    /// The mailbox holds more than one turn fetches.
    pub more_mail: bool,
    /// Mails that are kept back for the password of their archive, and until when.
    pub kept_back: usize,
    pub until: Option<Moment>,
    /// Something could not be finished now; the next run tries again.
    pub unfinished: bool,
}

impl Report {
    /// Something waits for a person.
    pub fn waits(&self) -> bool {
        self.held + self.drafts + self.unread + self.operations + self.waiting + self.quarantined + self.left.len() + self.in_mailbox > 0
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
        self.drafts = later.drafts;
        self.unread = later.unread;
        self.operations = later.operations;
        self.waiting = later.waiting;
        self.left.clone_from(&later.left);
        self.in_mailbox = later.in_mailbox;
        self.more_mail = later.more_mail;
        self.kept_back = later.kept_back;
        self.until = later.until;
        self.unfinished = later.unfinished;
    }
}

pub struct Desk<'a> {
    config: &'a Config,
    catalogue: &'a Catalogue,
    ledger: Ledger,
    originals: Originals,
    readers: Readers,
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
            readers: Readers::new(config, catalogue),
            _lock: lock,
        })))
    }

    /// One run over everything that lies in the inbox and in the mail sources.
    pub fn run(&mut self, now: Moment, counting: Counting, mail: &[PathBuf], progress: &dyn Progress) -> Result<Report, Fault> {
        let offered = Offered::everything(self.config, mail, counting)?;
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
        let office = Office::new(self.catalogue, &self.config.desk, now);
        let look = Look::of(&self.ledger, &office)?;
        let batch = self.digest(now, &look, offered.password_wait, progress, &mut report)?;
        self.note_readings(&batch.efforts);
        let gallery = Gallery::new(&self.originals, &self.readers);
        let authority = self.authority(now)?;
        let certifier = authority.as_ref().map(|authority| authority as &dyn Certifier);
        let office = office.with_certifier(certifier);
        let (config, faults, ring) = (self.config, &batch.faults, &batch.ring);
        let library = Library { originals: &self.originals, readers: &self.readers, among: 1 };
        let last = RefCell::new(None);
        let aside = |document: &SetAside| {
            let bytes = library.bytes_of(document, ring.as_ref(), &office, &last);
            set_aside(config, document, bytes, faults.get(&document.doc), now)
        };
        let docs: BTreeSet<DocId> = batch.documents.iter().map(|(pending, ..)| pending.doc).collect();
        let outcome = settle::settle(&mut self.ledger, &office, batch.documents, &look, &gallery, &aside)?;
        outcome.faults.iter().for_each(|fault| tracing::error!(%fault, "left for the next run"));
        report.failed += outcome.faults.len();
        report.quarantined += outcome.quarantined.len();
        self.remember(&docs, &batch.forms, &look)?;
        report.cases = outcome.cases.len();
        receipts::write(&mut self.ledger, &office)?;
        deliver(&mut self.ledger, self.config, now, &mut report)?;
        report.letters += self.publish_revoked(authority.as_ref(), now)?;
        pages::write(&mut self.ledger, &office, &self.config.outbox, &gallery)?;
        self.send_or_say(now);
        self.mark_fetched()?;
        if report.failed == 0 {
            // Where nothing came, what waits was left alone: what happened to cases meanwhile still has to wake it.
            let matters: &[Matter] = if batch.complete { &[Matter::Cases, Matter::Waiting] } else { &[Matter::Cases] };
            self.ledger.looked_at(matters, &look.then)?;
        }
        self.count_what_waits(&mut report, &office)?;
        Ok(report)
    }

    /// Sends mails, where the desk does that itself. A server that does not answer holds nothing else up.
    pub fn send(&mut self, now: Moment) -> Result<post::Sent, Fault> {
        let Some(settings) = &self.config.smtp else { return Ok(post::Sent::default()) };
        post::send(&mut self.ledger, settings, &self.config.state, now)
    }

    /// Mails that cannot be sent wait; everything else is done.
    fn send_or_say(&mut self, now: Moment) {
        if let Err(fault) = self.send(now) {
            tracing::error!(%fault, "no mail was sent; the next run tries again");
        }
    }

    /// What the server refused, or a trial withheld, waits again.
    pub fn try_again(&mut self, now: Moment) -> Result<usize, Fault> {
        self.ledger.try_again(now)
    }

    /// The authority that makes client certificates, where this desk makes them.
    fn authority(&self, now: Moment) -> Result<Option<Authority>, Fault> {
        if self.config.desk.certificates != CredentialSource::Local {
            return Ok(None);
        }
        let seal = Seal::open(&self.config.sealing_key)?;
        Authority::open(&self.config.state.join("authority"), seal, &self.config.desk.tso, now).map(Some)
    }

    fn remembered(&self) -> Remembered {
        Remembered::at(&self.config.state, &self.catalogue.basis_of_readings())
    }

    /// Keeps what was read of documents that wait. Without it they are only read again.
    fn remember(&self, docs: &BTreeSet<DocId>, forms: &BTreeMap<DocId, Vec<u8>>, look: &Look) -> Result<(), Fault> {
        let remembered = self.remembered();
        let mut kept = remembered.keep(docs, &self.ledger.still_waiting(docs)?, forms);
        // Now and then, whatever is left of others.
        if look.is_whole() {
            let waiting = self.ledger.all_waiting()?.iter().map(|document| document.doc).collect();
            kept = kept.and_then(|()| remembered.sweep(&waiting));
        }
        kept.unwrap_or_else(|fault| tracing::warn!(%fault, "readings of what waits are not kept"));
        Ok(())
    }

    /// Before anything is settled, so that a document that is read once more after a crash is known. Figures hold nothing up.
    fn note_readings(&mut self, efforts: &[Effort]) {
        self.ledger.note_readings(efforts).unwrap_or_else(|fault| tracing::warn!(%fault, "what reading took is not noted"));
    }

    fn count_what_waits(&self, report: &mut Report, office: &Office<'_>) -> Result<(), Fault> {
        let counted = self.ledger.counted()?;
        (report.held, report.drafts, report.unread) = (counted.held, counted.drafted, counted.unread);
        report.operations = pages::count_ordered(&self.ledger, office)?;
        report.waiting = self.ledger.count_ended(Status::Waiting)?;
        report.unfinished = report.failed > 0 || self.ledger.count_pending()? > report.kept_back;
        Ok(())
    }
}

/// Copies an unreadable document beside a note that says what is wrong and what to do.
fn set_aside(config: &Config, document: &SetAside, bytes: Result<Vec<u8>, Fault>, fault: Option<&Fault>, now: Moment) -> Result<(), Fault> {
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
    let reason = fault.map_or(Reason::Findings(&document.findings), Reason::Fault);
    quarantine::write_note(&target, &document.name, now, &reason).map(drop)
}

/// Puts what is written into the outbox, and counts it.
fn deliver(ledger: &mut Ledger, config: &Config, now: Moment, report: &mut Report) -> Result<(), Fault> {
    let delivered = dispatch::deliver(ledger, &config.outbox, &config.sealing_key, now)?;
    delivered.faults.iter().for_each(|fault| tracing::error!(%fault, "not put into the outbox"));
    report.letters += delivered.files;
    report.failed += delivered.faults.len();
    Ok(())
}
