//! Reading what is pending: many documents at a time, each in a reader's process, in an order that no thread can change.

use crate::desk::{Desk, Progress, Report};
use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::fault::{Fault, Sort};
use crate::pipeline::{self, Digest, Keys, Office};
use crate::store::{Effort, Ledger, Originals, Pending};
use crate::worker::{KeyRing, Readers, Task};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What was read, and why some of it could not be.
#[derive(Default)]
pub struct Batch {
    pub documents: Vec<(Pending, u64, Digest)>,
    /// By document: its reader died of it, or its original is damaged.
    pub faults: BTreeMap<DocId, Fault>,
    /// What was read just now, as it is kept of those that will wait.
    pub forms: BTreeMap<DocId, Vec<u8>>,
    /// What reading took, of each that was read just now.
    pub efforts: Vec<Effort>,
}

impl Desk<'_> {
    /// Reads what is pending; the order of the result is that of the ledger.
    /// A mail whose archive is shut is kept back for so long as `wait` says: its password mostly comes in the next mail.
    pub(super) fn digest(&self, now: Moment, wait: Option<Duration>, progress: &dyn Progress, report: &mut Report) -> Result<Batch, Fault> {
        let pending = self.ledger.pending()?;
        // What waits for the paper that explains it is read again when a paper comes.
        if pending.iter().all(|document| document.waiting) {
            return Ok(Batch::default());
        }
        progress.begin(pending.len() as u64);
        let office = Office::new(self.catalogue, &self.config.desk, now);
        let library = Library { originals: &self.originals, readers: &self.readers, among: pending.len() };
        let keys = library.keys(pending.iter().map(|document| document.doc).collect());
        let ring = self.readers.ring(keys);
        let remembered = self.remembered();
        let read = |pending: Pending| {
            // What was read of an original counts as long as the original is there and whole.
            let is_whole = || matches!(library.originals.check(pending.doc), Ok(Some(true)));
            let known = (pending.waiting && is_whole()).then(|| remembered.recall(pending.doc, &pending.name, &office)).flatten();
            let read = known.map_or_else(|| library.read(pending.doc, &pending.name, &ring, &office), Ok);
            progress.read(&pending.name);
            match read {
                Ok(read) => Some((pending, read)),
                Err(fault) => {
                    tracing::warn!(%fault, "left for the next run");
                    None
                }
            }
        };
        let mut all: Vec<(Pending, Read)> = pending.into_par_iter().filter_map(read).collect();
        progress.end();
        if all.iter().any(|(_, read)| read.digest.awaits_password()) {
            let keys = library.keys_of_days(all.iter().map(|(pending, _)| pending.doc).collect(), &self.ledger, now)?;
            let ring = self.readers.ring(keys);
            let once_more = |(pending, read): (Pending, Read)| match read.digest.awaits_password() {
                false => Some((pending, read)),
                true => match library.read(pending.doc, &pending.name, &ring, &office) {
                    Ok(read) => Some((pending, read)),
                    Err(fault) => {
                        tracing::warn!(%fault, "left for the next run");
                        None
                    }
                },
            };
            all = all.into_par_iter().filter_map(once_more).collect();
            let until = |pending: &Pending| wait.map(|wait| Moment::new(pending.received.timestamp() + wait)).filter(|until| *until > now);
            all.retain(|(pending, read)| match until(pending) {
                Some(until) if read.digest.awaits_password() => {
                    report.kept_back += 1;
                    report.until = report.until.map_or(Some(until), |known| Some(known.min(until)));
                    false
                }
                _ => true,
            });
        }
        self.readers.rest();
        let mut batch = Batch::default();
        for (pending, read) in all {
            if !read.recalled {
                report.read += count(&read.digest);
                batch.efforts.push(Effort { doc: pending.doc, time: read.time, ocr_pages: read.digest.ocr_pages_in_all() });
                batch.forms.extend(remembered.form(read.bytes, &read.digest).map(|form| (pending.doc, form)));
            }
            batch.faults.extend(read.fault.map(|fault| (pending.doc, fault)));
            batch.documents.push((pending, read.bytes, read.digest));
        }
        Ok(batch)
    }
}

/// A document as read; one that could not be is unreadable and says why.
pub struct Read {
    pub bytes: u64,
    pub digest: Digest,
    pub fault: Option<Fault>,
    pub time: Duration,
    /// It was read in an earlier batch.
    pub recalled: bool,
}

/// Originals and who reads them.
pub struct Library<'a> {
    pub originals: &'a Originals,
    pub readers: &'a Readers,
    /// Documents of the batch.
    pub among: usize,
}

/// Passwords of mails that came so many days before are tried.
const DAYS: i64 = 7;

impl Library<'_> {
    /// What the mails of a batch name, and those that were done in the days before it.
    pub fn keys_of_days(&self, batch: Vec<DocId>, ledger: &Ledger, now: Moment) -> Result<Keys, Fault> {
        let since = Moment::new(now.timestamp() - jiff::SignedDuration::from_hours(24 * DAYS));
        let earlier = ledger.mails_done_since(since)?;
        Ok(self.keys([batch, earlier].concat()))
    }

    /// A mail may name the password of an archive that came with another one: what all of them name, in their order.
    pub fn keys(&self, docs: Vec<DocId>) -> Keys {
        let mut keys = Keys::default();
        // One that lies there alone has its own passwords at hand.
        if docs.len() > 1 {
            let learn = |doc: DocId| self.originals.get(doc).map(|bytes| self.readers.learn(&bytes)).unwrap_or_default();
            let learnt: Vec<Keys> = docs.into_par_iter().map(learn).collect();
            learnt.into_iter().for_each(|more| keys.merge(more));
        }
        keys
    }

    /// Reads one document. A damaged original or a reader that dies costs that document alone; the error is transient.
    pub fn read(&self, doc: DocId, name: &str, ring: &KeyRing, office: &Office<'_>) -> Result<Read, Fault> {
        match self.originals.get(doc) {
            Ok(bytes) => self.read_bytes(name, &bytes, ring, office),
            Err(fault) => unreadable(doc, name, 0, fault, office),
        }
    }

    /// The same, of an original that is sound.
    pub fn read_bytes(&self, name: &str, bytes: &[u8], ring: &KeyRing, office: &Office<'_>) -> Result<Read, Fault> {
        let (size, begun) = (bytes.len() as u64, Instant::now());
        let task = Task { name, bytes, now: office.now, among: self.among };
        match self.readers.digest(&task, ring) {
            Ok(digest) => Ok(Read { bytes: size, digest, fault: None, time: begun.elapsed(), recalled: false }),
            Err(fault) => unreadable(DocId::of(bytes), name, size, fault, office).map(|read| Read { time: begun.elapsed(), ..read }),
        }
    }
}

fn unreadable(doc: DocId, name: &str, bytes: u64, fault: Fault, office: &Office<'_>) -> Result<Read, Fault> {
    if fault.sort != Sort::Lasting {
        return Err(fault);
    }
    tracing::error!(%fault, "set aside");
    let digest = Digest { bytes, ..pipeline::unreadable(name, doc, office) };
    Ok(Read { bytes, digest, fault: Some(fault), time: Duration::ZERO, recalled: false })
}

/// A document and what lies inside it.
fn count(digest: &Digest) -> usize {
    1 + digest.parts.iter().map(count).sum::<usize>()
}
