//! The inbox: what lies there, what is whole, and its removal once it is safely kept.
//!
//! Owns the listing, the settle rule and the list of debris. Never removes what the caller did not say is stored.

use crate::fault::Fault;
use crate::files;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use walkdir::WalkDir;

/// Folders inside folders that are looked into.
const DEEPEST: usize = 32;
/// Bytes at the end of a file in which its directory or trailer begins.
const TAIL: u64 = 70 << 10;
/// A file beyond this is not read into memory at all.
const LARGEST: u64 = 256 << 20;
/// `run` gives a file that is being written this long.
const SECOND_LOOK: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(200);

/// A file of the inbox as the listing saw it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Found {
    pub path: PathBuf,
    pub size: u64,
    pub modified: SystemTime,
}

/// What lies in the inbox.
#[derive(Default, Debug)]
pub struct Listing {
    /// In the order of their paths.
    pub files: Vec<Found>,
    /// Links, pipes, devices and folders that cannot be read: they stay, and the log says why.
    pub refused: Vec<Fault>,
}

/// A file that was read from the inbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrival {
    pub path: PathBuf,
    /// Without its folders.
    pub name: String,
    pub bytes: Vec<u8>,
    /// When its last byte was written.
    pub received: SystemTime,
    seen: Found,
}

/// Everything in the inbox that is somebody's document.
pub fn listing(inbox: &Path) -> Result<Listing, Fault> {
    let mut listing = Listing::default();
    let walk = WalkDir::new(inbox).max_depth(DEEPEST).sort_by_file_name().into_iter();
    for entry in walk.filter_entry(|entry| entry.depth() == 0 || !is_debris(entry.file_name())) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if error.depth() == 0 => {
                let place = inbox.display();
                return Err(Fault::lasting(place, error, "make the inbox, or name another one with --inbox"));
            }
            // A file that vanished between listing and looking is nobody's fault.
            Err(error) if error.io_error().is_some_and(|error| error.kind() == ErrorKind::NotFound) => continue,
            Err(error) => {
                let place = error.path().unwrap_or(inbox).display().to_string();
                listing.refused.push(Fault::transient(place, error, "check the rights of this folder; the next run tries again"));
                continue;
            }
        };
        let kind = entry.file_type();
        if kind.is_dir() {
            if entry.depth() == DEEPEST {
                let hint = "move the files nearer to the inbox";
                listing.refused.push(Fault::lasting(entry.path().display(), "lies too deep inside other folders", hint));
            }
        } else if !kind.is_file() {
            let hint = "links, pipes and devices are not taken; put the file itself here";
            listing.refused.push(Fault::lasting(entry.path().display(), "is no plain file", hint));
        } else if let Ok(found) = entry.metadata().map_err(std::io::Error::from).and_then(|meta| seen(entry.path(), &meta)) {
            listing.files.push(found);
        }
    }
    Ok(listing)
}

fn seen(path: &Path, meta: &Metadata) -> std::io::Result<Found> {
    Ok(Found { path: path.to_owned(), size: meta.len(), modified: meta.modified()? })
}

/// What programs leave lying about, and what is still being downloaded: never touched.
pub fn is_debris(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let lower = name.to_lowercase();
    name.starts_with('.')
        || name.starts_with("~$")
        || matches!(lower.as_str(), "thumbs.db" | "desktop.ini" | "__macosx")
        || [".part", ".tmp", ".crdownload"].iter().any(|ending| lower.ends_with(ending))
}

/// Everything in the inbox, for a run that comes once: a file that somebody is writing gets a second look.
pub fn collect(inbox: &Path) -> Result<Listing, Fault> {
    let start = SystemTime::now();
    loop {
        let listing = listing(inbox)?;
        let waited = start.elapsed().unwrap_or(SECOND_LOOK);
        let now = SystemTime::now();
        let under_way = |found: &Found| is_fresh(found, now) && !is_whole(&found.path);
        if waited >= SECOND_LOOK || !listing.files.iter().any(under_way) {
            return Ok(listing);
        }
        std::thread::sleep(PAUSE);
    }
}

fn is_fresh(found: &Found, now: SystemTime) -> bool {
    // A time in the future is a clock that is wrong, not a file that is new.
    now.duration_since(found.modified).is_ok_and(|age| age < SECOND_LOOK)
}

/// Reads a file of the listing. `None` where it is gone or was changed since: the next look will see it.
pub fn take(found: &Found) -> Result<Option<Arrival>, Fault> {
    let fault = |error: &std::io::Error| Fault::io(&found.path, error);
    if found.size > LARGEST {
        return Err(Fault::lasting(found.path.display(), "is larger than 256 MiB", "divide it and put the pieces into the inbox"));
    }
    match unchanged(found) {
        Ok(true) => {}
        Ok(false) => return Ok(None),
        Err(error) => return Err(fault(&error)),
    }
    let bytes = match fs::read(&found.path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault(&error)),
    };
    if !unchanged(found).map_err(|error| fault(&error))? {
        return Ok(None);
    }
    let name = found.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok(Some(Arrival { path: found.path.clone(), name, bytes, received: found.modified, seen: found.clone() }))
}

/// A plain file as it was when it was listed; a link in its place is another file.
fn unchanged(found: &Found) -> std::io::Result<bool> {
    match fs::symlink_metadata(&found.path) {
        Ok(meta) => Ok(meta.is_file() && seen(&found.path, &meta)? == *found),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes a file from the inbox, and folders that it leaves empty. The caller says so only after its bytes are stored
/// and committed. A file that changed meanwhile stays: it is another document.
pub fn clear(inbox: &Path, arrival: &Arrival) -> Result<(), Fault> {
    if unchanged(&arrival.seen).map_err(|error| Fault::io(&arrival.path, &error))? {
        files::remove(&arrival.path)?;
    }
    let mut folder = arrival.path.parent();
    while let Some(here) = folder.filter(|here| *here != inbox && here.starts_with(inbox)) {
        // A folder that is not empty refuses, and that is right.
        if fs::remove_dir(here).is_err() {
            break;
        }
        folder = here.parent();
    }
    Ok(())
}

/// Whether the file has its end: a PDF its trailer, a zip archive its directory; nothing is not whole.
/// Formats without an end are whole. A file that cannot be opened now is not.
pub fn is_whole(path: &Path) -> bool {
    ends(path).is_ok_and(|(head, tail)| has_its_end(&head, &tail))
}

fn ends(path: &Path) -> std::io::Result<(Vec<u8>, Vec<u8>)> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    file.by_ref().take(1024).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL)))?;
    file.take(TAIL).read_to_end(&mut tail)?;
    Ok((head, tail))
}

fn has_its_end(head: &[u8], tail: &[u8]) -> bool {
    let holds = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    if head.is_empty() {
        false
    } else if holds(head, b"%PDF-") {
        holds(tail.get(tail.len().saturating_sub(4096)..).unwrap_or_default(), b"%%EOF")
    } else if head.starts_with(b"PK\x03\x04") {
        holds(tail, b"PK\x05\x06")
    } else {
        true
    }
}

/// The settle rule of the daemon: which files have stopped growing. Reads no clock and no file.
pub struct Tracker {
    /// Size and time of change must stand still this long.
    quiet: Duration,
    /// A quiet file without its end is taken as it is after this long.
    patience: Duration,
    known: BTreeMap<PathBuf, Watched>,
}

struct Watched {
    found: Found,
    still_since: SystemTime,
}

impl Tracker {
    pub fn new(quiet: Duration, patience: Duration) -> Self {
        Tracker { quiet, patience, known: BTreeMap::new() }
    }

    /// Takes up a listing and gives back what has settled. `whole` is asked only about files that are quiet.
    pub fn settled(&mut self, files: &[Found], now: SystemTime, whole: &dyn Fn(&Path) -> bool) -> Vec<Found> {
        self.known.retain(|path, _| files.iter().any(|found| found.path == *path));
        let mut settled = Vec::new();
        for found in files {
            let fresh = || Watched { found: found.clone(), still_since: now };
            let watched = self.known.entry(found.path.clone()).or_insert_with(fresh);
            // A clock set back must not keep a file waiting for ever.
            if watched.found != *found || watched.still_since > now {
                *watched = fresh();
            }
            let still = now.duration_since(watched.still_since).unwrap_or_default();
            if still >= self.quiet && (still >= self.patience || whole(&found.path)) {
                settled.push(found.clone());
            }
        }
        settled
    }
}

#[cfg(test)]
mod tests;
