//! What was read of documents that wait, so that the next batch need not read them again.
//!
//! Owns `state/readings`, which may be thrown away at any time. Never remembers what another paper could change: a
//! password that is still to come, or a part that could not be read. Findings are derived anew each time: they know the day.

use crate::desk::digest::Read;
use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::pipeline::{self, Digest, Office};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

/// A reading longer than this is cheaper to make than to keep.
const LONGEST: usize = 4 << 20;

/// The readings kept beside the ledger.
pub struct Remembered {
    folder: PathBuf,
    /// What a reading depends on besides its document: the catalogue, the forms that are known and the program.
    basis: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    basis: String,
    bytes: u64,
    digest: Digest,
}

impl Remembered {
    pub fn at(state: &Path, basis: &str) -> Self {
        Remembered { folder: state.join("readings"), basis: format!("{basis} {}", program()) }
    }

    /// What was read of a document, if that still holds. Whatever is wrong with what was kept, the
    /// document is read again.
    pub fn recall(&self, doc: DocId, name: &str, office: &Office<'_>) -> Option<Read> {
        let text = files::read(&self.path(doc)).ok()?;
        let (seal, body) = text.split_at_checked(64)?;
        if seal != seal_of(body).as_bytes() {
            return None;
        }
        let mut kept: Kept = serde_json::from_slice(body).ok()?;
        if kept.basis != self.basis || kept.digest.doc != doc || kept.digest.name != name {
            return None;
        }
        pipeline::judge_anew(&mut kept.digest, office);
        Some(Read { bytes: kept.bytes, digest: kept.digest, fault: None, time: Duration::ZERO, recalled: true })
    }

    /// A reading in the form in which it is kept; none of what has to be read again whenever something new comes.
    pub fn form(&self, bytes: u64, digest: &Digest) -> Option<Vec<u8>> {
        if !may_be_kept(digest) {
            return None;
        }
        let kept = Kept { basis: self.basis.clone(), bytes, digest: digest.clone() };
        let body = serde_json::to_vec(&kept).ok().filter(|body| body.len() <= LONGEST)?;
        Some([seal_of(&body).as_bytes(), &body].concat())
    }

    /// Of the documents of a batch, keeps the forms of those that wait now and forgets the others.
    pub fn keep(&self, batch: &BTreeSet<DocId>, waiting: &BTreeSet<DocId>, forms: &BTreeMap<DocId, Vec<u8>>) -> Result<(), Fault> {
        files::make_folder(&self.folder, Mode::Private)?;
        let mut gone = batch.difference(waiting).map(|doc| self.path(*doc)).filter(|path| path.exists());
        gone.try_for_each(|path| files::remove(&path))?;
        let mut new = forms.iter().filter(|(doc, _)| waiting.contains(doc));
        new.try_for_each(|(doc, form)| files::renew(&self.path(*doc), form, Mode::Private))
    }

    /// Forgets whatever is kept of documents that do not wait.
    pub fn sweep(&self, waiting: &BTreeSet<DocId>) -> Result<(), Fault> {
        let Ok(listed) = std::fs::read_dir(&self.folder) else { return Ok(()) };
        let names: BTreeSet<String> = waiting.iter().map(DocId::to_string).collect();
        let is_gone = |entry: &std::fs::DirEntry| !entry.file_name().to_str().is_some_and(|name| names.contains(name));
        listed.flatten().filter(is_gone).try_for_each(|entry| files::remove(&entry.path()))
    }

    fn path(&self, doc: DocId) -> PathBuf {
        self.folder.join(doc.to_string())
    }
}

/// Another paper may bring the password, and bytes for the quarantine are not kept here.
fn may_be_kept(digest: &Digest) -> bool {
    !digest.lacks_password() && is_whole(digest)
}

fn is_whole(digest: &Digest) -> bool {
    digest.unreadable.is_none() && digest.parts.iter().all(is_whole)
}

fn seal_of(body: &[u8]) -> String {
    Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The program that reads: another build reads otherwise.
pub(super) fn program() -> String {
    let about = std::env::current_exe().and_then(|path| path.metadata());
    let made = about.and_then(|about| Ok((about.len(), about.modified()?)));
    let seconds = made.map(|(size, at)| (size, at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos())));
    format!("{} {:?}", env!("CARGO_PKG_VERSION"), seconds.ok())
}
