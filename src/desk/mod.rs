//! The desk at work: take, digest in parallel, settle in order, dispatch.
//!
//! Owns the order of a run. Never knows what a document means or what a letter says.

mod digest;
mod gallery;
mod on_file;
mod pages;
mod record;
pub mod replay;
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
use crate::pipeline::Office;
use crate::quarantine::{self, Reason};
use crate::reading::format::Limits;
use crate::store::{Arrived, Ledger, Lock, Originals, Settled, Status, Verdict};
use crate::worker::Readers;
use gallery::Gallery;
use settle::SetAside;
use std::path::{Path, PathBuf};

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
        self.held = later.held;
        self.waiting = later.waiting;
    }
}

/// What became of one file of the inbox.
enum Taken {
    /// Gone or changed since it was listed; the next look will see it.
    Nothing,
    Stored(Box<Arrival>, DocId, Arrived),
    /// Too large to be read: in quarantine as it is.
    SetAside,
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
        for folder in [&config.inbox, &config.outbox] {
            files::make_folder(folder, Mode::Shared)?;
        }
        files::make_folder(&config.state, Mode::Private)?;
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
    pub fn run(&mut self, now: Moment, mail: &[PathBuf], progress: &dyn Progress) -> Result<Report, Fault> {
        let mut report = Report {
            letters: dispatch::deliver(&mut self.ledger, &self.config.outbox, &self.config.sealing_key, now)?,
            ..Report::default()
        };
        let again = self.take(now, mail, &mut report)?;
        let batch = self.digest(now, progress, &mut report)?;
        let gallery = Gallery::new(&self.originals, &self.readers);
        let authority = self.authority(now)?;
        let certifier = authority.as_ref().map(|authority| authority as &dyn Certifier);
        let office = Office::new(self.catalogue, &self.config.desk, now).with_certifier(certifier);
        let outcome = settle::settle(&mut self.ledger, &office, batch.documents, &again, &gallery)?;
        for document in &outcome.quarantined {
            self.set_aside(document, batch.faults.get(&document.doc), now)?;
        }
        report.quarantined += outcome.quarantined.len();
        report.cases = outcome.cases.len();
        report.letters += dispatch::deliver(&mut self.ledger, &self.config.outbox, &self.config.sealing_key, now)?;
        pages::write(&self.ledger, &office, &self.config.outbox, &outcome.cases, &gallery)?;
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
    fn take(&mut self, now: Moment, mail: &[PathBuf], report: &mut Report) -> Result<Vec<(DocId, String, Arrived)>, Fault> {
        let listing = intake::collect(&self.config.inbox)?;
        listing.refused.iter().for_each(|fault| tracing::warn!(%fault, "left in the inbox"));
        let mut again = Vec::new();
        for found in &listing.files {
            match self.take_one(found, "inbox", now) {
                Ok(Taken::Nothing) => {}
                Ok(Taken::Stored(arrival, doc, arrived)) => {
                    report.taken += 1;
                    if arrived != Arrived::First {
                        report.again += 1;
                        again.push((doc, arrival.name.clone(), arrived));
                    }
                    intake::clear(&self.config.inbox, &arrival)?;
                }
                Ok(Taken::SetAside) => {
                    report.quarantined += 1;
                    files::remove(&found.path)?;
                }
                // The file stays where it is; the next run tries again.
                Err(fault) if fault.sort == Sort::Transient => tracing::warn!(%fault, "left in the inbox"),
                Err(fault) => return Err(fault),
            }
        }
        for found in mail.iter().map(|source| mail_files(source)).collect::<Result<Vec<_>, _>>()?.iter().flatten() {
            if let Taken::Stored(_, _, Arrived::First) = self.take_one(found, "mail", now)? {
                report.taken += 1;
            }
        }
        Ok(again)
    }

    fn take_one(&mut self, found: &Found, source: &str, now: Moment) -> Result<Taken, Fault> {
        if found.size > Limits::default().bytes as u64 {
            self.set_aside_unread(found, now)?;
            return Ok(Taken::SetAside);
        }
        let Some(mut arrival) = intake::take(found)? else { return Ok(Taken::Nothing) };
        let doc = self.originals.put(&arrival.bytes)?;
        let arrived = self.ledger.arrive(doc, &arrival.name, found.size, now, source)?;
        arrival.bytes = Vec::new();
        Ok(Taken::Stored(Box::new(arrival), doc, arrived))
    }

    /// Copies an unreadable original beside a note that says what is wrong and what to do.
    fn set_aside(&self, document: &SetAside, fault: Option<&Fault>, now: Moment) -> Result<(), Fault> {
        let bytes = match &document.bytes {
            Some(bytes) => Ok(bytes.clone()),
            None => self.originals.get(document.doc),
        };
        let folder = self.config.state.join("quarantine").join(document.doc.short());
        files::make_folder(&folder, Mode::Private)?;
        let target = folder.join(quarantine::safe_name(&document.name));
        let bytes = match bytes {
            Ok(bytes) => bytes,
            // Nothing is left of it to set aside but the note.
            Err(fault) => return quarantine::write_note(&target, &document.name, now, &Reason::Fault(&fault)).map(drop),
        };
        files::write_whole(&target, &bytes, Mode::Private)?;
        let reason = fault.map_or(Reason::Findings(&document.findings), Reason::Fault);
        quarantine::write_note(&target, &document.name, now, &reason).map(drop)
    }

    /// Sets a file aside that is too large to be read into memory; the ledger knows it like any other.
    fn set_aside_unread(&mut self, found: &Found, now: Moment) -> Result<(), Fault> {
        let name = found.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let file = std::fs::File::open(&found.path).and_then(DocId::of_reader);
        let doc = file.map_err(|error| Fault::io(&found.path, &error))?;
        let folder = self.config.state.join("quarantine").join(doc.short());
        files::make_folder(&folder, Mode::Private)?;
        let target = folder.join(quarantine::safe_name(&name));
        files::copy_whole(&found.path, &target, Mode::Private)?;
        let finding = self.catalogue.finding(&Remark::new("M-007").word("file", name.as_str()), "any file");
        quarantine::write_note(&target, &name, now, &Reason::Findings(std::slice::from_ref(&finding)))?;
        self.ledger.arrive(doc, &name, found.size, now, "inbox")?;
        let verdict = Verdict {
            doc,
            name,
            received: now,
            bytes: found.size,
            parent: None,
            status: Status::Quarantined,
            kind: "unknown".to_owned(),
            case: None,
            note: Some(format!("{} {}", finding.code, finding.message)),
        };
        self.ledger.settle(&Settled { verdicts: vec![verdict], ..Settled::default() })
    }

    fn count_what_waits(&self, report: &mut Report) -> Result<(), Fault> {
        let held = |summary: &String| serde_json::from_str::<serde_json::Value>(summary).is_ok_and(|case| case["held"] == true);
        report.held = self.ledger.summaries()?.iter().filter(|summary| held(summary)).count();
        report.waiting = self.ledger.unsettled()?.iter().filter(|document| document.waiting).count();
        Ok(())
    }
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
