//! The desk at work: take, digest in parallel, settle in order, dispatch.
//!
//! Owns the order of a run. Never knows what a document means or what a letter says.

mod gallery;
mod groups;
mod on_file;
mod pages;
pub mod proof;
mod record;
pub mod replay;
mod revocation;
mod settle;

pub use record::Recorded;

use crate::catalogue::Catalogue;
use crate::config::{Config, CredentialSource};
use crate::dispatch;
use crate::domain::date::Moment;
use crate::domain::finding::Remark;
use crate::domain::id::DocId;
use crate::fault::{Fault, Sort};
use crate::files::{self, Mode};
use crate::intake::{self, Arrival, Found};
use crate::issuance::Certifier;
use crate::issuance::authority::Authority;
use crate::issuance::seal::Seal;
use crate::ocr::{Blind, Recogniser};
use crate::pipeline::{self, Digest, Keys, Office};
use crate::quarantine::{self, Reason};
use crate::reading::format::{Limits, Tools};
use crate::store::{Arrived, Ledger, Lock, Originals, Pending, Settled, Status, Verdict};
use gallery::Gallery;
use rayon::prelude::*;
use settle::SetAside;
use std::path::{Path, PathBuf};
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
}

impl Report {
    /// Something waits for a person.
    pub fn waits(&self) -> bool {
        self.held + self.waiting + self.quarantined > 0
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
    }
}

/// What became of one file of the inbox.
enum Taken {
    /// Gone or changed since it was listed; the next look will see it.
    Nothing,
    Stored(Box<Arrival>, Arrived),
    /// Too large to be read: in quarantine as it is.
    SetAside,
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
        for folder in [&config.inbox, &config.outbox] {
            files::make_folder(folder, Mode::Shared)?;
        }
        files::make_folder(&config.state, Mode::Private)?;
        let Some(lock) = Lock::take(&config.state)? else { return Ok(Opened::Busy) };
        // What a killed program left half-written.
        for folder in [&config.state, &config.outbox] {
            files::sweep(folder)?;
        }
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
        let mut report = Report::default();
        deliver(&mut self.ledger, self.config, now, &mut report)?;
        self.take(now, mail, &mut report)?;
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

    /// Stores every file, commits its row, and only then removes it from the inbox.
    fn take(&mut self, now: Moment, mail: &[PathBuf], report: &mut Report) -> Result<(), Fault> {
        let listing = intake::collect(&self.config.inbox)?;
        listing.refused.iter().for_each(|fault| tracing::warn!(%fault, "left in the inbox"));
        let mut all_gone = true;
        for found in &listing.files {
            match self.take_and_clear(found, now, report) {
                Ok(()) => {}
                // The file stays where it is; the next run tries again.
                Err(fault) if fault.sort == Sort::Transient => {
                    tracing::warn!(%fault, "left in the inbox");
                    all_gone = false;
                }
                Err(fault) => return Err(fault),
            }
        }
        if all_gone {
            self.ledger.cleared()?;
        }
        for found in mail.iter().map(|source| mail_files(source)).collect::<Result<Vec<_>, _>>()?.iter().flatten() {
            if let Taken::Stored(_, Arrived::First) = self.take_one(found, "mail", now)? {
                report.taken += 1;
            }
        }
        Ok(())
    }

    fn take_and_clear(&mut self, found: &Found, now: Moment, report: &mut Report) -> Result<(), Fault> {
        match self.take_one(found, "inbox", now)? {
            Taken::Nothing => Ok(()),
            Taken::Stored(arrival, arrived) => {
                report.taken += 1;
                report.again += usize::from(matches!(arrived, Arrived::Again { .. }));
                intake::clear(&self.config.inbox, &arrival)
            }
            Taken::SetAside => {
                report.quarantined += 1;
                files::remove(&found.path)
            }
        }
    }

    fn take_one(&mut self, found: &Found, source: &str, now: Moment) -> Result<Taken, Fault> {
        let mark = mark(found);
        if found.size > Limits::default().bytes as u64 {
            self.set_aside_unread(found, &mark, now)?;
            return Ok(Taken::SetAside);
        }
        let Some(mut arrival) = intake::take(found)? else { return Ok(Taken::Nothing) };
        let doc = DocId::of(&arrival.bytes);
        if self.originals.check(doc)? != Some(true) {
            self.ledger.reopen(doc)?;
        }
        self.originals.put(&arrival.bytes)?;
        let arrived = self.ledger.arrive_once(doc, &arrival.name, found.size, now, source, Some(&mark))?;
        arrival.bytes = Vec::new();
        Ok(Taken::Stored(Box::new(arrival), arrived))
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

    /// Sets a file aside that is too large to be read into memory; the ledger knows it like any other.
    fn set_aside_unread(&mut self, found: &Found, mark: &str, now: Moment) -> Result<(), Fault> {
        let name = found.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let file = std::fs::File::open(&found.path).and_then(DocId::of_reader);
        let doc = file.map_err(|error| Fault::io(&found.path, &error))?;
        let folder = self.config.state.join("quarantine").join(doc.short());
        files::make_folder(&folder, Mode::Private)?;
        let target = folder.join(quarantine::safe_name(&name));
        files::copy_whole(&found.path, &target, Mode::Private)?;
        let finding = self.catalogue.finding(&Remark::new("M-007").word("file", name.as_str()), "any file");
        quarantine::write_note(&target, &name, now, &Reason::Findings(std::slice::from_ref(&finding)))?;
        let verdict = Verdict {
            doc,
            name: name.clone(),
            received: now,
            bytes: found.size,
            parent: None,
            status: Status::Quarantined,
            kind: "unknown".to_owned(),
            case: None,
            note: Some(format!("{} {}", finding.code, finding.message)),
        };
        self.ledger.together(|ledger| {
            ledger.arrive_once(doc, &name, found.size, now, "inbox", Some(mark))?;
            ledger.settle(&Settled { verdicts: vec![verdict], ..Settled::default() })
        })
    }

    fn count_what_waits(&self, report: &mut Report) -> Result<(), Fault> {
        let held = |summary: &String| serde_json::from_str::<serde_json::Value>(summary).is_ok_and(|case| case["held"] == true);
        report.held = self.ledger.summaries()?.iter().filter(|summary| held(summary)).count();
        report.waiting = self.ledger.unsettled()?.iter().filter(|document| document.waiting).count();
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

/// Tells a file from others with the same bytes.
fn mark(found: &Found) -> String {
    let since = found.modified.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{} {}", since.as_nanos(), found.path.display())
}

fn count(digest: &Digest) -> usize {
    1 + digest.parts.iter().map(count).sum::<usize>()
}

/// The mails of a source that is read and never moved: one file, or a folder such as a Maildir.
fn mail_files(source: &Path) -> Result<Vec<Found>, Fault> {
    if source.is_dir() {
        let mut files = intake::listing(source)?.files;
        // What a Maildir is still receiving.
        files.retain(|found| !found.path.strip_prefix(source).is_ok_and(|path| path.starts_with("tmp")));
        return Ok(files);
    }
    let meta = std::fs::metadata(source).map_err(|error| Fault::io(source, &error))?;
    let modified = meta.modified().map_err(|error| Fault::io(source, &error))?;
    Ok(vec![Found { path: source.to_owned(), size: meta.len(), modified }])
}
