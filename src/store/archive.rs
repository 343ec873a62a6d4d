//! The state in one file: written while the desk works, and put back into an empty place.
//!
//! Owns the archive's form: a zip with a manifest of SHA-256s. The sealing key is never in it: who finds the archive opens
//! no secret with it. Never writes into a state folder that holds anything.

use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::store::connection::{Ledger, NAME};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};
use walkdir::WalkDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Folders of the state that belong into a backup, beside the ledger.
const FOLDERS: &[&str] = &["authority", "forms", "originals", "quarantine"];
const MANIFEST: &str = "manifest.json";
/// A manifest of a million files is smaller.
const LARGEST_MANIFEST: u64 = 256 << 20;
const FORM: u32 = 1;

/// What an archive holds, file by file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    form: u32,
    program: String,
    files: BTreeMap<String, Entry>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    bytes: u64,
    sha256: DocId,
}

/// What went into an archive, or came out of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Backup {
    pub files: usize,
    pub bytes: u64,
}

/// Writes the state as it is at this moment into a file that is new. The desk may work meanwhile.
pub fn backup(state: &Path, target: &Path) -> Result<Backup, Fault> {
    let missing = || Fault::lasting(state.display(), "holds no ledger", "name the state folder of a desk that has run");
    let beside = target.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = tempfile::Builder::new().prefix(".uketsuke-backup-").tempdir_in(beside).map_err(|error| Fault::io(beside, &error))?;
    let copy = folder.path().join(NAME);
    // First the ledger: whatever it names is older, and lies there already.
    loop {
        let ledger = Ledger::look(state)?.ok_or_else(missing)?;
        ledger.copy_to(&copy)?;
        if ledger.stood_still() {
            break;
        }
        files::remove(&copy)?;
    }
    let mut sources = vec![(NAME.to_owned(), copy)];
    for name in FOLDERS {
        sources.extend(within(state, name)?);
    }
    let mut done = Backup::default();
    files::write_in_pieces(target, Mode::Private, |file| {
        done = pack(file, &sources)?;
        Ok(())
    })?;
    Ok(done)
}

/// The files of a folder, each with its name in the archive.
fn within(state: &Path, folder: &str) -> Result<Vec<(String, PathBuf)>, Fault> {
    let mut found = Vec::new();
    for entry in WalkDir::new(state.join(folder)).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound) => continue,
            Err(error) => return Err(Fault::lasting(state.display(), error, "check the rights of this folder")),
        };
        let under_way = entry.file_name().to_str().is_some_and(files::is_under_way);
        if entry.file_type().is_file() && !under_way {
            let inside = entry.path().strip_prefix(state).unwrap_or(entry.path());
            let name = inside.to_str().ok_or_else(|| Fault::lasting(entry.path().display(), "has no name in UTF-8", "rename it"))?;
            found.push((name.to_owned(), entry.path().to_owned()));
        }
    }
    Ok(found)
}

fn pack(file: &mut File, sources: &[(String, PathBuf)]) -> io::Result<Backup> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true).unix_permissions(0o600);
    let mut archive = ZipWriter::new(file);
    let mut manifest = Manifest { form: FORM, program: env!("CARGO_PKG_VERSION").to_owned(), files: BTreeMap::new() };
    for (name, path) in sources {
        let mut source = Hashing::new(BufReader::new(File::open(path)?));
        archive.start_file(name.as_str(), options)?;
        let bytes = io::copy(&mut source, &mut archive)?;
        manifest.files.insert(name.clone(), Entry { bytes, sha256: source.identity() });
    }
    archive.start_file(MANIFEST, options)?;
    archive.write_all(&serde_json::to_vec_pretty(&manifest)?)?;
    archive.finish()?;
    Ok(count(&manifest))
}

fn count(manifest: &Manifest) -> Backup {
    Backup { files: manifest.files.len(), bytes: manifest.files.values().map(|entry| entry.bytes).sum() }
}

/// Puts an archive into a state folder that is empty or not there yet: all of it, checked, or nothing.
pub fn restore(source: &Path, state: &Path) -> Result<Backup, Fault> {
    let used = || Fault::lasting(state.display(), "is not empty", "restore into a new folder with --state, and nothing is overwritten");
    match std::fs::read_dir(state).map(Iterator::count) {
        Ok(0) => {}
        Ok(_) => return Err(used()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Fault::io(state, &error)),
    }
    let above = std::path::absolute(state).map_err(|error| Fault::io(state, &error))?;
    let above = above.parent().unwrap_or(Path::new("/")).to_owned();
    files::make_folder(&above, Mode::Private)?;
    let stage = tempfile::Builder::new().prefix(".uketsuke-restore-").tempdir_in(&above).map_err(|error| Fault::io(&above, &error))?;
    let done = unpack(source, stage.path())?;
    files::make_folder(state, Mode::Private)?;
    files::move_folder(stage.path(), state)?;
    Ok(done)
}

fn unpack(source: &Path, stage: &Path) -> Result<Backup, Fault> {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    let broken = |what: &dyn std::fmt::Display| Fault::lasting(source.display(), what, "take another backup; nothing was restored");
    let file = File::open(source).map_err(|error| Fault::io(source, &error))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| broken(&error))?;
    let manifest: Manifest = {
        let entry = archive.by_name(MANIFEST).map_err(|error| broken(&error))?;
        let mut text = Vec::new();
        entry.take(LARGEST_MANIFEST).read_to_end(&mut text).map_err(|error| broken(&error))?;
        serde_json::from_slice(&text).map_err(|error| broken(&error))?
    };
    if manifest.form != FORM {
        return Err(broken(&format!("is of form {}, this program knows {FORM}", manifest.form)));
    }
    if archive.len() != manifest.files.len() + 1 || !manifest.files.contains_key(NAME) {
        return Err(broken(&"does not hold what its manifest names"));
    }
    for (name, wanted) in &manifest.files {
        let place = place(name).ok_or_else(|| broken(&format!("names a place outside the state: {name:?}")))?;
        let entry = archive.by_name(name).map_err(|error| broken(&error))?;
        // One byte more than promised is one too many.
        let mut entry = Hashing::new(entry.take(wanted.bytes + 1));
        let target = stage.join(&place);
        files::make_folder(target.parent().unwrap_or(stage), Mode::Private)?;
        let (mut copied, mut damaged) = (0, false);
        let written = files::write_in_pieces(&target, Mode::Private, |file| {
            let done = io::copy(&mut entry, file);
            damaged = done.as_ref().is_err_and(|error| matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof));
            copied = done?;
            Ok(())
        });
        // What the archive does not give back is no fault of the folder that it should go to.
        written.map_err(|fault| if damaged { broken(&format!("{name}: {}", fault.what)) } else { fault })?;
        if (Entry { bytes: copied, sha256: entry.identity() }) != *wanted {
            return Err(broken(&format!("{name} is not what was saved")));
        }
    }
    Ok(count(&manifest))
}

/// The ledger, or a file in one of the folders; nothing else is written.
fn place(name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    let known = name == NAME || FOLDERS.iter().any(|folder| path.starts_with(folder) && path.components().count() > 1);
    (plain && known).then(|| path.to_owned())
}

/// Hashes what is read through it.
struct Hashing<R> {
    inner: R,
    hash: crate::domain::id::Hasher,
}

impl<R: Read> Hashing<R> {
    fn new(inner: R) -> Self {
        Hashing { inner, hash: crate::domain::id::Hasher::default() }
    }

    fn identity(self) -> DocId {
        self.hash.identity()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        Ok(read)
    }
}
