//! The desk at work: take, digest in parallel, settle in order, dispatch.
//!
//! Owns the order of a run. Never knows what a document means or what a letter says.

mod pages;
mod settle;

use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::dispatch;
use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::fault::{Fault, Sort};
use crate::files;
use crate::intake;
use crate::ocr::Recogniser;
use crate::pipeline::{self, Digest, Office};
use crate::reading::format::{Limits, Tools};
use crate::store::{Arrived, Ledger, Lock, Originals, Pending};
use rayon::prelude::*;
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

pub struct Desk<'a> {
    config: &'a Config,
    catalogue: &'a Catalogue,
    ledger: Ledger,
    originals: Originals,
    recogniser: Recogniser,
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
            files::make_folder(folder, files::SHARED)?;
        }
        files::make_folder(&config.state, files::PRIVATE)?;
        let Some(lock) = Lock::take(&config.state)? else { return Ok(Opened::Busy) };
        Ok(Opened::Ready(Box::new(Desk {
            config,
            catalogue,
            ledger: Ledger::open(&config.state)?,
            originals: Originals::at(&config.state),
            recogniser: Recogniser::load()?,
            _lock: lock,
        })))
    }

    /// One run over everything that lies in the inbox and in the mail sources.
    pub fn run(&mut self, now: Moment, mail: &[PathBuf], progress: &dyn Progress) -> Result<Report, Fault> {
        let mut report = Report { letters: dispatch::deliver(&mut self.ledger, &self.config.outbox, now)?, ..Report::default() };
        let again = self.take(now, mail, &mut report)?;
        let batch = self.digest(now, progress, &mut report)?;
        let office = Office { catalogue: self.catalogue, desk: &self.config.desk, now };
        let outcome = settle::settle(&mut self.ledger, &office, batch, &again)?;
        for (doc, name, note) in &outcome.quarantined {
            self.quarantine(*doc, name, note)?;
        }
        report.quarantined += outcome.quarantined.len();
        report.cases = outcome.cases.len();
        report.letters += dispatch::deliver(&mut self.ledger, &self.config.outbox, now)?;
        pages::write(&self.ledger, &office, &self.config.outbox)?;
        self.count_what_waits(&mut report)?;
        Ok(report)
    }

    /// Stores every file, commits its row, and only then removes it from the inbox.
    fn take(&mut self, now: Moment, mail: &[PathBuf], report: &mut Report) -> Result<Vec<(DocId, String, Arrived)>, Fault> {
        let mut again = Vec::new();
        let mut first_fault = None;
        for found in intake::list(&self.config.inbox)? {
            match self.take_one(&found.path, &found.name, "inbox", now) {
                Ok(Some((doc, arrived))) => {
                    report.taken += 1;
                    if arrived != Arrived::First {
                        report.again += 1;
                        again.push((doc, found.name.clone(), arrived));
                    }
                    intake::remove(&self.config.inbox, &found.path)?;
                }
                Ok(None) => {
                    report.quarantined += 1;
                    intake::remove(&self.config.inbox, &found.path)?;
                }
                // The file stays where it is; the next run tries again.
                Err(fault) if fault.sort == Sort::Transient => tracing::warn!(%fault, "left in the inbox"),
                Err(fault) => first_fault = first_fault.or(Some(fault)),
            }
        }
        for source in mail {
            for path in intake::mail_files(source)? {
                let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
                if let Some((_, Arrived::First)) = self.take_one(&path, &name, "mail", now)? {
                    report.taken += 1;
                }
            }
        }
        match first_fault {
            Some(fault) => Err(fault),
            None => Ok(again),
        }
    }

    /// `None` when the file is too large to be read: it goes to quarantine as it is.
    fn take_one(&mut self, path: &Path, name: &str, source: &str, now: Moment) -> Result<Option<(DocId, Arrived)>, Fault> {
        let limits = Limits::default();
        let size = std::fs::metadata(path).map_err(|error| Fault::io(path, &error))?.len();
        if size > limits.bytes as u64 {
            let note = format!("M-007 the file has {size} bytes, more than the {} that the desk takes / 受付の上限を超えています", limits.bytes);
            self.quarantine_file(path, name, &note)?;
            return Ok(None);
        }
        let bytes = std::fs::read(path).map_err(|error| Fault::io(path, &error))?;
        let doc = self.originals.put(&bytes)?;
        let arrived = self.ledger.arrive(doc, name, bytes.len() as u64, now, source)?;
        Ok(Some((doc, arrived)))
    }

    /// Reads what is pending, in parallel; the order of the result is that of the ledger.
    fn digest(&self, now: Moment, progress: &dyn Progress, report: &mut Report) -> Result<Vec<(Pending, u64, Digest)>, Fault> {
        let pending = self.ledger.pending()?;
        progress.begin(pending.len() as u64);
        let office = Office { catalogue: self.catalogue, desk: &self.config.desk, now };
        let tools = Tools { ocr: &self.recogniser, limits: Limits::default() };
        let read = |pending: Pending| {
            let bytes = self.originals.get(pending.doc)?;
            let digest = pipeline::digest_safely(&pending.name, &bytes, &tools, &office);
            progress.read(&pending.name);
            Ok((pending, bytes.len() as u64, digest))
        };
        let batch: Vec<_> = pending.into_par_iter().map(read).collect::<Result<_, Fault>>()?;
        progress.end();
        report.read = batch.iter().map(|(_, _, digest)| count(digest)).sum();
        Ok(batch)
    }

    /// Copies an unreadable original beside a note that says what is wrong and what to do.
    fn quarantine(&self, doc: DocId, name: &str, note: &str) -> Result<(), Fault> {
        let bytes = self.originals.get(doc)?;
        let folder = self.config.state.join("quarantine").join(doc.short());
        files::write_whole(&folder.join(intake::safe_name(name)), &bytes, files::PRIVATE)?;
        files::write_whole(&folder.join("note.txt"), intake::note(name, note).as_bytes(), files::PRIVATE)
    }

    /// Moves a file that nobody should read into memory.
    fn quarantine_file(&self, path: &Path, name: &str, note: &str) -> Result<(), Fault> {
        let folder = self.config.state.join("quarantine").join(DocId::of(path.to_string_lossy().as_bytes()).short());
        files::make_folder(&folder, files::PRIVATE)?;
        let target = folder.join(intake::safe_name(name));
        std::fs::copy(path, &target).map_err(|error| Fault::io(&target, &error))?;
        files::write_whole(&folder.join("note.txt"), intake::note(name, note).as_bytes(), files::PRIVATE)
    }

    fn count_what_waits(&self, report: &mut Report) -> Result<(), Fault> {
        let held = |summary: &String| serde_json::from_str::<serde_json::Value>(summary).is_ok_and(|case| case["held"] == true);
        report.held = self.ledger.summaries()?.iter().filter(|summary| held(summary)).count();
        report.waiting = self.ledger.unsettled()?.iter().filter(|(_, _, status, _)| status == "waiting").count();
        Ok(())
    }
}

fn count(digest: &Digest) -> usize {
    1 + digest.parts.iter().map(count).sum::<usize>()
}
