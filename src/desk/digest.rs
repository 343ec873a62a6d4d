//! Reading what is pending: many documents at a time, each in a reader's process, in an order that no thread can change.

use crate::desk::remembered::Remembered;
use crate::desk::settle::SetAside;
use crate::desk::wake::{self, Look};
use crate::desk::{Desk, PasswordWait, Progress, Report};
use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::fault::{Fault, Sort};
use crate::pipeline::{self, Digest, Keys, Office};
use crate::store::{Effort, Ledger, Originals, Pending};
use crate::worker::{KeyRing, Readers, Task};
use rayon::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What was read, and why some of it could not be.
#[derive(Default)]
pub struct Batch {
    pub documents: Vec<(Pending, u64, Digest)>,
    /// By document: its reader died of it, or its original is damaged.
    pub faults: BTreeMap<DocId, Fault>,
    /// What was read just now, as it is kept of those that will wait.
    pub forms: BTreeMap<DocId, Vec<u8>>,
    /// What waits was looked at, and nothing failed that has to be looked at again.
    pub complete: bool,
    /// The passwords with which it was read.
    pub ring: Option<KeyRing>,
    /// What reading took, of each that was read just now.
    pub efforts: Vec<Effort>,
}

/// What the readers of a batch share.
struct Desktop<'a> {
    library: Library<'a>,
    ring: KeyRing,
    remembered: Remembered,
    office: Office<'a>,
    progress: &'a dyn Progress,
    /// Bytes of unreadable parts that are held for the quarantine.
    held: AtomicUsize,
}

/// Of more unreadable parts the bytes are let go, and read once more when they are wanted.
const MOST_HELD: usize = 16 << 20;

impl Desktop<'_> {
    /// Reads all of these, as many at a time as there are readers. What cannot be read now is left out and told of.
    fn read(&self, documents: Vec<Pending>) -> Vec<(Pending, Read)> {
        documents.into_par_iter().filter_map(|document| self.read_one(document)).collect()
    }

    fn read_one(&self, document: Pending) -> Option<(Pending, Read)> {
        // What was read of an original counts as long as the original is there and whole.
        let is_whole = || matches!(self.library.originals.check(document.doc), Ok(Some(true)));
        let known = (document.waiting && is_whole()).then(|| self.remembered.recall(document.doc, &document.name, &self.office)).flatten();
        let read = known.map_or_else(|| self.library.read(document.doc, &document.name, &self.ring, &self.office), Ok);
        self.progress.read(&document.name);
        let mut read = told(read)?;
        let bytes = read.digest.held();
        if bytes > 0 && self.held.fetch_add(bytes, Ordering::Relaxed) + bytes > MOST_HELD {
            read.digest.let_go();
        }
        Some((document, read))
    }
}

fn told(read: Result<Read, Fault>) -> Option<Read> {
    read.inspect_err(|fault| tracing::warn!(%fault, "left for the next run")).ok()
}

impl Desk<'_> {
    /// Reads what came, and what waits and may now find its case; the order of the result is that of the ledger.
    /// A mail whose archive is shut is kept back for so long as `wait` says: its password mostly comes in the next mail.
    pub(super) fn digest(
        &self,
        now: Moment,
        look: &Look,
        wait: PasswordWait,
        progress: &dyn Progress,
        report: &mut Report,
    ) -> Result<Batch, Fault> {
        let mut batch = Batch::default();
        let came = self.ledger.arrived()?;
        // What waits for the paper that explains it is read again when a paper comes.
        if came.is_empty() {
            return Ok(batch);
        }
        batch.complete = true;
        let first: Vec<Pending> = came.into_iter().chain(look.woken(&self.ledger)?).collect();
        progress.begin(first.len() as u64);
        let library = Library { originals: &self.originals, readers: &self.readers, among: first.len() };
        let ring = self.readers.ring(library.keys(first.iter().map(|document| document.doc).collect()));
        let office = Office::new(self.catalogue, &self.config.desk, now);
        let mut desktop = Desktop { library, ring, remembered: self.remembered(), office, progress, held: AtomicUsize::new(0) };
        let mut all = Vec::new();
        let mut round = first;
        let mut asked = BTreeSet::new();
        while !round.is_empty() {
            asked.extend(round.iter().map(|document| document.doc));
            let wanted = round.len();
            let read = desktop.read(round);
            batch.complete &= read.len() == wanted;
            report.failed += wanted - read.len();
            all.extend(read);
            let woken = self.ledger.waiting_with(&wake::taught(&all, &self.ledger)?)?;
            let new: BTreeMap<DocId, Pending> = woken.into_iter().map(|document| (document.doc, document)).collect();
            round = new.into_values().filter(|document| !asked.contains(&document.doc)).collect();
        }
        progress.end();
        if all.iter().any(|(_, read)| read.digest.awaits_password()) {
            let docs = all.iter().map(|(pending, _)| pending.doc).collect();
            desktop.ring = self.readers.ring(desktop.library.keys_of_days(docs, &self.ledger, now)?);
            all = self.unlock(all, &desktop, &mut batch);
            all.retain(|(pending, read)| match until(wait, pending.received, &read.digest).filter(|until| *until > now) {
                Some(until) if read.digest.awaits_password() => {
                    report.kept_back += 1;
                    report.until = report.until.map_or(Some(until), |known| Some(known.min(until)));
                    false
                }
                _ => true,
            });
        }
        let opened = self.opened(&all, &mut desktop, now)?;
        all.extend(opened);
        self.readers.rest();
        batch.ring = Some(desktop.ring);
        all.sort_by_key(|(pending, _)| (pending.received, pending.doc));
        for (pending, read) in all {
            if !read.recalled {
                report.read += count(&read.digest);
                batch.efforts.push(Effort { doc: pending.doc, time: read.time, ocr_pages: read.digest.ocr_pages_in_all() });
                batch.forms.extend(desktop.remembered.form(read.bytes, &read.digest).map(|form| (pending.doc, form)));
            }
            batch.faults.extend(read.fault.map(|fault| (pending.doc, fault)));
            batch.documents.push((pending, read.bytes, read.digest));
        }
        Ok(batch)
    }

    /// What was settled in the last days though something in it was shut, and a mail of this batch now opens. It is read whole.
    fn opened(&self, all: &[(Pending, Read)], desktop: &mut Desktop<'_>, now: Moment) -> Result<Vec<(Pending, Read)>, Fault> {
        if !all.iter().any(|(_, read)| read.digest.holds_mail()) {
            return Ok(Vec::new());
        }
        let shut = self.ledger.shut_since(days_before(now))?;
        if shut.is_empty() {
            return Ok(Vec::new());
        }
        let docs = all.iter().map(|(pending, _)| pending.doc).collect();
        desktop.ring = self.readers.ring(desktop.library.keys_of_days(docs, &self.ledger, now)?);
        let once_more = |pending: Pending| {
            let read = told(desktop.library.read(pending.doc, &pending.name, &desktop.ring, &desktop.office))?;
            (read.fault.is_none() && !read.digest.awaits_password()).then_some((pending, read))
        };
        Ok(shut.into_par_iter().filter_map(once_more).collect())
    }

    /// Reads once more what is shut, with all passwords that mails of the last days name.
    fn unlock(&self, all: Vec<(Pending, Read)>, desktop: &Desktop<'_>, batch: &mut Batch) -> Vec<(Pending, Read)> {
        let wanted = all.len();
        let once_more = |(pending, read): (Pending, Read)| match read.digest.awaits_password() {
            false => Some((pending, read)),
            true => told(desktop.library.read(pending.doc, &pending.name, &desktop.ring, &desktop.office)).map(|read| (pending, read)),
        };
        let all: Vec<_> = all.into_par_iter().filter_map(once_more).collect();
        batch.complete &= all.len() == wanted;
        all
    }
}

/// The moment since which passwords count, and shut archives wait for theirs.
pub fn days_before(now: Moment) -> Moment {
    Moment::new(now.timestamp() - jiff::SignedDuration::from_hours(24 * DAYS))
}

/// Until when a mail that came at a moment is kept back for the password of its archive.
fn until(wait: PasswordWait, received: Moment, digest: &Digest) -> Option<Moment> {
    let (from, wait) = match wait {
        PasswordWait::Nothing => return None,
        PasswordWait::FromArrival(wait) => (received, wait),
        PasswordWait::FromDate(wait) => (digest.shut_since()?.min(received), wait),
    };
    Some(Moment::new(from.timestamp() + wait))
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
    /// What the mails of a batch name, and those that were read in the days before it.
    pub fn keys_of_days(&self, batch: Vec<DocId>, ledger: &Ledger, now: Moment) -> Result<Keys, Fault> {
        let earlier = ledger.mails_read_since(days_before(now))?;
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

    /// The bytes of an unreadable document, for the quarantine. `last` is what was read once more for the one before: a box
    /// whose mails all hold such a document is read one time more, and not once for each.
    pub fn bytes_of(
        &self,
        document: &SetAside,
        ring: Option<&KeyRing>,
        office: &Office<'_>,
        last: &RefCell<Option<Digest>>,
    ) -> Result<Vec<u8>, Fault> {
        match (&document.bytes, &document.inside, ring) {
            (Some(bytes), ..) => Ok(bytes.clone()),
            (None, Some((arrival, name)), Some(ring)) => {
                let known = last.take().filter(|digest| digest.doc == *arrival);
                let digest = known.map_or_else(|| self.read(*arrival, name, ring, office).map(|read| read.digest), Ok)?;
                let again = || Fault::lasting(&document.name, "is not found again in what it came with", "take it out of that by hand");
                let bytes = digest.held_of(document.doc).map(<[u8]>::to_vec).ok_or_else(again);
                last.replace(Some(digest));
                bytes
            }
            _ => self.originals.get(document.doc),
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
