//! The only place that writes files which people see: whole or not at all, and never over something else.
//!
//! Owns write, rename and removal, with the fsyncs that make them last; each is a named step, so that a test can stop
//! the program before any of them. Never decides what a file says.

mod steps;

#[cfg(feature = "faults")]
pub use steps::most_pages;
pub use steps::step;

use crate::domain::id::DocId;
use crate::fault::Fault;
use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// How the names of files under way begin.
const UNDER_WAY: &str = ".uketsuke-";

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Everybody on the machine.
    Shared,
    /// The desk alone: keys, passphrases, originals.
    Private,
}

impl Mode {
    fn of_file(self) -> u32 {
        match self {
            Mode::Shared => 0o644,
            Mode::Private => 0o600,
        }
    }

    fn of_folder(self) -> u32 {
        match self {
            Mode::Shared => 0o755,
            Mode::Private => 0o700,
        }
    }
}

/// Writes a file that is new. The same bytes under the same name are fine, other bytes are a fault.
pub fn write_whole(path: &Path, bytes: &[u8], mode: Mode) -> Result<(), Fault> {
    if path.symlink_metadata().is_ok() {
        return stands(path, bytes);
    }
    let temporary = Temporary::write(path, mode, |file| pour(file, bytes))?;
    if temporary.take_place(path)? { Ok(()) } else { stands(path, bytes) }
}

/// Writes a file that is new, piece by piece, because it is too large for memory. A file of this name is a fault.
pub fn write_in_pieces(path: &Path, mode: Mode, fill: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), Fault> {
    if path.symlink_metadata().is_ok() {
        return Err(other(path));
    }
    if Temporary::write(path, mode, fill)?.take_place(path)? { Ok(()) } else { Err(other(path)) }
}

/// Writes a file that the program makes anew each time, such as a list over all cases.
pub fn renew(path: &Path, bytes: &[u8], mode: Mode) -> Result<(), Fault> {
    let temporary = Temporary::write(path, mode, |file| pour(file, bytes))?;
    step("rename over").and_then(|()| fs::rename(&temporary.path, path)).map_err(|error| Fault::io(path, &error))?;
    steps::renamed_over(&temporary.path, path);
    temporary.kept();
    settle(path)
}

/// Copies a file that is too large for memory; it lasts when this returns. The same file under the same name is fine.
pub fn copy_whole(from: &Path, to: &Path, mode: Mode) -> Result<(), Fault> {
    let same = || -> Result<(), Fault> {
        let id = |path: &Path| File::open(path).and_then(DocId::of_reader).map_err(|error| Fault::io(path, &error));
        if !is_plain(to)? || id(from)? != id(to)? { Err(other(to)) } else { settle(to) }
    };
    if to.symlink_metadata().is_ok() {
        return same();
    }
    let mut source = File::open(from).map_err(|error| Fault::io(from, &error))?;
    let temporary = Temporary::write(to, mode, |file| io::copy(&mut source, file).map(drop))?;
    if temporary.take_place(to)? { Ok(()) } else { same() }
}

/// Removes a file; one that is gone already is fine.
pub fn remove(path: &Path) -> Result<(), Fault> {
    let before = steps::before_removal(path);
    match step("remove").and_then(|()| fs::remove_file(path)) {
        Ok(()) => {
            steps::removed(path, before);
            settle(path)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Fault::io(path, &error)),
    }
}

/// Moves a file that cannot be read, inside one file system; never over something else.
pub fn move_whole(from: &Path, to: &Path) -> Result<(), Fault> {
    let fault = |error: io::Error| Fault::io(from, &error);
    step("move").map_err(fault)?;
    rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE).map_err(|errno| fault(errno.into()))?;
    settle(to)?;
    settle(from)
}

/// Makes a folder and those above it.
pub fn make_folder(path: &Path, mode: Mode) -> Result<(), Fault> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        make_folder(above, mode)?;
    }
    match step("make folder").and_then(|()| DirBuilder::new().mode(mode.of_folder()).create(path)) {
        Ok(()) => {
            steps::made(path);
            // The umask may have taken too much.
            fs::set_permissions(path, Permissions::from_mode(mode.of_folder())).map_err(|error| Fault::io(path, &error))?;
            settle(path)
        }
        // Another worker was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(Fault::io(path, &error)),
    }
}

/// Gives a folder another name, in place of an empty folder of that name.
pub fn move_folder(from: &Path, to: &Path) -> Result<(), Fault> {
    step("rename folder").and_then(|()| fs::rename(from, to)).map_err(|error| Fault::io(to, &error))?;
    fs::set_permissions(to, Permissions::from_mode(Mode::Private.of_folder())).map_err(|error| Fault::io(to, &error))?;
    settle(to)
}

/// Reads a file whole.
pub fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    step("read").and_then(|()| fs::read(path)).map_err(|error| Fault::io(path, &error))
}

/// Removes what a process left half-written when it was killed. Only for a caller that is the only writer of the folder.
pub fn sweep(folder: &Path) -> Result<(), Fault> {
    for entry in walkdir::WalkDir::new(folder) {
        let entry = match entry {
            Ok(entry) => entry,
            // Staff may take a folder away while we look.
            Err(error) if error.io_error().is_some_and(|error| error.kind() == ErrorKind::NotFound) && error.depth() > 0 => continue,
            Err(error) => return Err(Fault::lasting(folder.display(), error, "check that the folder exists and can be read")),
        };
        if entry.file_type().is_file() && is_under_way(&entry.file_name().to_string_lossy()) {
            remove(entry.path())?;
        }
    }
    Ok(())
}

/// A name that only a file under way has.
pub fn is_under_way(name: &str) -> bool {
    name.starts_with(UNDER_WAY) && name.ends_with(".tmp")
}

/// What stands there already must be the same.
fn stands(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let length = path.symlink_metadata().map_err(|error| Fault::io(path, &error))?.len();
    if !is_plain(path)? || length != bytes.len() as u64 || read(path)? != bytes {
        return Err(other(path));
    }
    // A crash may have come between the rename and its fsync.
    settle(path)
}

fn is_plain(path: &Path) -> Result<bool, Fault> {
    path.symlink_metadata().map(|meta| meta.is_file()).map_err(|error| Fault::io(path, &error))
}

fn other(path: &Path) -> Fault {
    Fault::lasting(path.display(), "another file of this name is there already", "move it away; nothing is overwritten")
}

/// Makes the folder remember the name.
fn settle(path: &Path) -> Result<(), Fault> {
    let folder = folder_of(path);
    let synced = step("sync folder").and_then(|()| File::open(folder)).and_then(|folder| folder.sync_all());
    synced.map_err(|error| Fault::io(folder, &error))?;
    steps::synced_folder(folder);
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// In two halves, so that a test can stop between them.
fn pour(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    let (head, tail) = bytes.split_at(bytes.len() / 2);
    step("write")?;
    file.write_all(head)?;
    step("write the rest")?;
    file.write_all(tail)
}

/// A file under way: hidden, in the folder of its target, gone when it is dropped.
struct Temporary {
    path: PathBuf,
    under_way: bool,
}

impl Temporary {
    fn write(target: &Path, mode: Mode, fill: impl FnOnce(&mut File) -> io::Result<()>) -> Result<Self, Fault> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = folder_of(target).join(format!("{UNDER_WAY}{}-{number}.tmp", std::process::id()));
        let fault = |error: io::Error| Fault::io(target, &error);
        // A leftover of a process that had this number before.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(fault(error)),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(mode.of_file());
        let mut file = step("create").and_then(|()| options.open(&path)).map_err(fault)?;
        steps::made(&path);
        let temporary = Temporary { path, under_way: true };
        fill(&mut file).map_err(fault)?;
        // The umask may have taken too much or too little.
        file.set_permissions(Permissions::from_mode(mode.of_file())).map_err(fault)?;
        step("sync").and_then(|()| file.sync_all()).map_err(fault)?;
        steps::synced(&temporary.path);
        Ok(temporary)
    }

    /// Takes the name that it was written for; `false` where something has it already.
    fn take_place(self, path: &Path) -> Result<bool, Fault> {
        let fault = |error: &io::Error| Fault::io(path, error);
        step("rename").map_err(|error| fault(&error))?;
        match rustix::fs::renameat_with(CWD, &self.path, CWD, path, RenameFlags::NOREPLACE) {
            Ok(()) => {
                steps::renamed(&self.path, path);
                self.kept();
            }
            Err(Errno::EXIST) => return Ok(false),
            // File systems that cannot refuse: a hard link can.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match fs::hard_link(&self.path, path) {
                Ok(()) => steps::renamed(&self.path, path),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
                Err(error) => return Err(fault(&error)),
            },
            Err(error) => return Err(fault(&error.into())),
        }
        settle(path)?;
        Ok(true)
    }

    fn kept(mut self) {
        self.under_way = false;
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.under_way {
            // What cannot be removed now is hidden, and `sweep` finds it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_new_or_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("通知.txt");
        write_whole(&path, b"one", Mode::Shared).unwrap();
        write_whole(&path, b"one", Mode::Shared).unwrap();
        let fault = write_whole(&path, b"two", Mode::Shared).unwrap_err();
        assert!(fault.what.contains("already"), "{fault}");
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(names(folder.path()), ["通知.txt"], "nothing is left behind");
    }

    #[test]
    fn a_link_in_the_place_of_a_file_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, aim) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&aim, b"one").unwrap();
        std::os::unix::fs::symlink(&aim, &path).unwrap();
        assert!(write_whole(&path, b"one", Mode::Shared).is_err());
    }

    #[test]
    fn a_list_is_renewed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.html");
        renew(&path, b"one", Mode::Shared).unwrap();
        renew(&path, b"two", Mode::Shared).unwrap();
        assert_eq!((fs::read(&path).unwrap(), names(folder.path())), (b"two".to_vec(), vec!["index.html".to_owned()]));
    }

    #[test]
    fn secrets_are_for_the_desk_alone() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        make_folder(&inner, Mode::Private).unwrap();
        make_folder(&inner, Mode::Private).unwrap();
        let path = inner.join("key");
        write_whole(&path, b"k", Mode::Private).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&inner)), (0o600, 0o700));
    }

    #[test]
    fn removal_is_idempotent_and_faults_name_the_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_whole(&path, b"", Mode::Shared).unwrap();
        remove(&path).unwrap();
        remove(&path).unwrap();
        let missing = folder.path().join("no/such/folder/a");
        assert_eq!(write_whole(&missing, b"", Mode::Shared).unwrap_err().place, missing.display().to_string());
        assert!(make_folder(&folder.path().join("x"), Mode::Shared).is_ok());
    }

    #[test]
    fn leftovers_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("TH-2026-0001")).unwrap();
        fs::write(folder.path().join("TH-2026-0001/.uketsuke-1-1.tmp"), b"half").unwrap();
        fs::write(folder.path().join(".other.tmp"), b"x").unwrap();
        sweep(folder.path()).unwrap();
        assert_eq!(names(folder.path()), [".other.tmp", "TH-2026-0001"]);
        assert!(names(&folder.path().join("TH-2026-0001")).is_empty());
    }

    #[test]
    fn of_many_writers_one_wins_and_the_file_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let won = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8u8)
                .map(|n| {
                    let path = &path;
                    scope.spawn(move || write_whole(path, &[n; 10_000], Mode::Shared).is_ok())
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).filter(|won| *won).count()
        });
        let bytes = fs::read(&path).unwrap();
        assert_eq!((won, bytes.len(), bytes.iter().all(|byte| *byte == bytes[0])), (1, 10_000, true));
        assert_eq!(names(folder.path()), ["a"]);
    }
}
