//! The inbox: what lies there, what is whole, and its removal once it is safely kept.
//!
//! Owns the listing, the settle rule and the list of debris. Never removes what the caller did not say is stored.

pub mod filesystem;
mod tracker;
mod whole;

pub use tracker::{Settling, Tracker};
pub use whole::{End, end_of};

use crate::fault::Fault;
use crate::files;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use walkdir::WalkDir;

/// Folders inside folders that are looked into.
const DEEPEST: usize = 32;
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
    /// Seconds and nanoseconds of the last change of the file's entry. No program can set it, so that a file is told from
    /// another one of the same size and time. Numbers of inodes are not used: some shares make them up.
    pub changed: (i64, i64),
}

impl Found {
    /// Tells this file from others with the same bytes, also after a restart, as long as it lies in the inbox.
    pub fn mark(&self) -> String {
        let since = self.modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        format!("{} {} {}", since.as_nanos(), self.size, self.path.as_os_str().as_bytes().escape_ascii())
    }

    /// The name as people see it, without folders.
    pub fn name(&self) -> String {
        self.path.file_name().map_or_else(String::new, shown)
    }
}

/// A name that is not UTF-8 comes from an old Windows machine more often than from anywhere else.
fn shown(name: &OsStr) -> String {
    if let Some(name) = name.to_str() {
        return name.to_owned();
    }
    let japanese = encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(name.as_bytes());
    japanese.map_or_else(|| name.to_string_lossy().into_owned(), std::borrow::Cow::into_owned)
}

/// What lies in the inbox.
#[derive(Default, Debug)]
pub struct Listing {
    /// In the order of their paths.
    pub files: Vec<Found>,
    /// Folders that were looked into, the inbox first.
    pub folders: Vec<PathBuf>,
    /// Links, pipes, devices and folders that cannot be read: they stay, and the log says why.
    pub refused: Vec<Fault>,
}

/// A file that was read from the inbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrival {
    pub found: Found,
    /// Without its folders.
    pub name: String,
    pub bytes: Vec<u8>,
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
                let fault = Fault::transient(place, error, "check the rights of this folder; the next run tries again");
                listing.refused.push(fault.told("このフォルダは読めません。権限を確認してください。次の回にもう一度試します。"));
                continue;
            }
        };
        let kind = entry.file_type();
        // The inbox itself may be a link to a folder.
        if kind.is_dir() || entry.depth() == 0 {
            listing.folders.push(entry.path().to_owned());
            if entry.depth() == DEEPEST {
                let hint = "move the files nearer to the inbox";
                let fault = Fault::lasting(entry.path().display(), "lies too deep inside other folders", hint);
                listing.refused.push(fault.told("フォルダの階層が深すぎます。ファイルを受信フォルダの近くに移してください。"));
            }
        } else if !kind.is_file() {
            let hint = "links, pipes and devices are not taken; put the file itself here";
            let fault = Fault::lasting(entry.path().display(), "is no plain file", hint);
            listing
                .refused
                .push(fault.told("通常のファイルではありません（リンクなどは取り込みません）。ファイルそのものを置いてください。"));
        } else if let Ok(found) = entry.metadata().map_err(std::io::Error::from).and_then(|meta| seen(entry.path(), &meta)) {
            listing.files.push(found);
        }
    }
    Ok(listing)
}

fn seen(path: &Path, meta: &Metadata) -> std::io::Result<Found> {
    Ok(Found { path: path.to_owned(), size: meta.len(), modified: meta.modified()?, changed: (meta.ctime(), meta.ctime_nsec()) })
}

/// What programs leave lying about, and what is still being downloaded: never touched.
pub fn is_debris(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let lower = name.to_lowercase();
    name.starts_with('.')
        || name.starts_with("~$")
        || matches!(lower.as_str(), "thumbs.db" | "desktop.ini" | "__macosx")
        || [".part", ".partial", ".filepart", ".tmp", ".crdownload", ".download"].iter().any(|ending| lower.ends_with(ending))
}

/// Everything in the inbox, for a run that comes once: a file that somebody is writing gets a second look.
pub fn collect(inbox: &Path) -> Result<Listing, Fault> {
    let start = SystemTime::now();
    loop {
        let listing = listing(inbox)?;
        let waited = start.elapsed().unwrap_or(SECOND_LOOK);
        let now = SystemTime::now();
        let under_way = |found: &Found| is_fresh(found, now) && end_of(&found.path) == End::Missing;
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
    let fault = |error: &std::io::Error| unreadable(&found.path, error);
    if found.size > LARGEST {
        return Err(Fault::lasting(found.path.display(), "is larger than 256 MiB", "divide it and put the pieces into the inbox"));
    }
    let file = match open_plain(&found.path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault(&error)),
    };
    let meta = file.metadata().map_err(|error| fault(&error))?;
    if !meta.is_file() || seen(&found.path, &meta).map_err(|error| fault(&error))? != *found {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(found.size + 1).read_to_end(&mut bytes).map_err(|error| fault(&error))?;
    if bytes.len() as u64 != found.size || !unchanged(found).map_err(|error| fault(&error))? {
        return Ok(None);
    }
    Ok(Some(Arrival { found: found.clone(), name: found.name(), bytes }))
}

/// A file whose bytes the disk does not give will not be given later either.
fn unreadable(path: &Path, error: &std::io::Error) -> Fault {
    if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) {
        return Fault::lasting(path.display(), error, "check the disk or the share, and put a good copy of the file here");
    }
    Fault::io(path, error)
}

/// Opens what was listed as a plain file: a link that took its place is not followed, a pipe is not waited for.
pub fn open_plain(path: &Path) -> std::io::Result<File> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    File::options().read(true).custom_flags(flags.bits() as i32).open(path)
}

/// The first bytes of a file of the listing; `None` where it is gone.
pub fn begins(found: &Found, most: u64) -> Result<Option<Vec<u8>>, Fault> {
    let mut head = Vec::new();
    match open_plain(&found.path).and_then(|file| file.take(most).read_to_end(&mut head)) {
        Ok(_) => Ok(Some(head)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(&found.path, &error)),
    }
}

/// Whether a file is still the one that was listed.
pub fn is_unchanged(found: &Found) -> bool {
    unchanged(found).unwrap_or(false)
}

/// A plain file as it was when it was listed; a link in its place is another file.
fn unchanged(found: &Found) -> std::io::Result<bool> {
    match fs::symlink_metadata(&found.path) {
        Ok(meta) => Ok(meta.is_file() && seen(&found.path, &meta)? == *found),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes a file from the inbox. The caller says so only after its bytes are stored and committed. A file that changed
/// meanwhile stays: it is another document.
pub fn clear(found: &Found) -> Result<(), Fault> {
    if unchanged(found).map_err(|error| Fault::io(&found.path, &error))? {
        files::remove(&found.path)?;
    }
    Ok(())
}

/// Removes a folder that its files left empty, and those above it that are empty then. A folder that is to stay holds a
/// hidden file such as `.keep`.
pub fn tidy(inbox: &Path, folder: &Path) {
    let mut folder = Some(folder);
    while let Some(here) = folder.filter(|here| *here != inbox && here.starts_with(inbox)) {
        // A folder that is not empty refuses, and that is right.
        if fs::remove_dir(here).is_err() {
            break;
        }
        folder = here.parent();
    }
}

/// The folders inside the inbox that these files lie in.
pub fn folders_of<'a>(inbox: &Path, files: impl IntoIterator<Item = &'a Found>) -> BTreeSet<PathBuf> {
    let folders = files.into_iter().filter_map(|found| found.path.parent());
    folders.filter(|folder| *folder != inbox).map(Path::to_owned).collect()
}

/// The mails of a source that is read and never moved: one file, or a folder such as a Maildir.
pub fn mails(source: &Path) -> Result<Vec<Found>, Fault> {
    if source.is_dir() {
        let mut files = listing(source)?.files;
        // What a Maildir is still receiving.
        files.retain(|found| !found.path.strip_prefix(source).is_ok_and(|path| path.starts_with("tmp")));
        return Ok(files);
    }
    let meta = fs::metadata(source).map_err(|error| Fault::io(source, &error))?;
    seen(source, &meta).map(|found| vec![found]).map_err(|error| Fault::io(source, &error))
}

#[cfg(test)]
mod tests;
