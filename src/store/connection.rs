//! The ledger's file: opened, carried forward from older schemas, looked at without a trace, copied while it is in use.
//!
//! Owns the connection, its transactions and its migrations. Never knows what a row means.

use crate::fault::Fault;
use crate::files;
use crate::store::originals::Originals;
use rusqlite::{Connection, ErrorCode, OpenFlags, backup};
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// The name of the ledger in the state folder.
pub const NAME: &str = crate::config::LEDGER;

/// The schema's versions, oldest first; each is applied once.
const MIGRATIONS: &[&str] = &[
    include_str!("schema-1.sql"),
    include_str!("schema-2.sql"),
    include_str!("schema-3.sql"),
    include_str!("schema-4.sql"),
    include_str!("schema-5.sql"),
    include_str!("schema-6.sql"),
    include_str!("schema-7.sql"),
    include_str!("schema-8.sql"),
    include_str!("schema-9.sql"),
    include_str!("schema-10.sql"),
    include_str!("schema-11.sql"),
    include_str!("schema-12.sql"),
    include_str!("schema-13.sql"),
    include_str!("schema-14.sql"),
    include_str!("schema-15.sql"),
    include_str!("schema-16.sql"),
    include_str!("schema-17.sql"),
];

/// How long a write waits for another program's.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct Ledger {
    connection: Connection,
    path: PathBuf,
    /// Inside [`Ledger::together`].
    together: bool,
    /// Size and time of the file, where it is looked at as if nobody could change it.
    stood: Option<(u64, SystemTime)>,
    /// Where a copy of an older schema lies.
    _copy: Option<TempDir>,
}

/// Originals without a ledger are a state that was damaged: begun anew, it would give numbers of cases a second time and know
/// nothing of the letters that left.
fn refuse_a_lost_ledger(state: &Path) -> Result<(), Fault> {
    let path = state.join(NAME);
    let has_originals = || Originals::at(state).list().map(|kept| !kept.is_empty());
    if path.exists() || !has_originals()? {
        return Ok(());
    }
    let hint = "bring it back, or restore the state from a backup into an empty folder (`uketsuke restore`)";
    Err(Fault::lasting(path.display(), "the ledger is gone, and originals of this desk lie beside it", hint))
}

impl Ledger {
    /// Opens or makes the ledger of a state folder.
    pub fn open(state: &Path) -> Result<Self, Fault> {
        let path = state.join(NAME);
        refuse_a_lost_ledger(state)?;
        // SQLite would let others read it; its companion files follow.
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(Fault::io(&path, &error)),
            _ => {}
        }
        let connection = Connection::open(&path).map_err(|error| fault(&path, &error))?;
        prepare(&connection).map_err(|error| fault(&path, &error))?;
        let mut ledger = Ledger { connection, path, together: false, stood: None, _copy: None };
        while ledger.version()? < MIGRATIONS.len() {
            ledger.together(Ledger::migrate)?;
        }
        Ok(ledger)
    }

    /// One step further. Another program may have been faster.
    fn migrate(&mut self) -> Result<(), Fault> {
        let version = self.version()?;
        let Some(migration) = MIGRATIONS.get(version) else { return Ok(()) };
        self.run(|connection| {
            connection.execute_batch(migration)?;
            connection.pragma_update(None, "user_version", (version + 1) as u32)
        })
    }

    /// The ledger of a state folder; `None` where no run has made one yet.
    pub fn open_existing(state: &Path) -> Result<Option<Self>, Fault> {
        refuse_a_lost_ledger(state)?;
        if state.join(NAME).exists() { Ledger::open(state).map(Some) } else { Ok(None) }
    }

    /// The ledger as it stands at this moment, for somebody who only looks: the state folder stays as it is, also while
    /// another program writes. `None` where no run has made one yet.
    pub fn look(state: &Path) -> Result<Option<Self>, Fault> {
        let path = state.join(NAME);
        refuse_a_lost_ledger(state)?;
        let Ok(meta) = path.metadata() else { return Ok(None) };
        let at_rest = !state.join(format!("{NAME}-wal")).exists();
        let stood = if at_rest { Some((meta.len(), meta.modified().map_err(|error| Fault::io(&path, &error))?)) } else { None };
        let uri = uri(&path, if at_rest { "mode=ro&immutable=1" } else { "mode=ro" });
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || {
            let connection = Connection::open_with_flags(uri, flags)?;
            connection.busy_timeout(PATIENCE)?;
            // One moment for all that is asked.
            connection.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")?;
            Ok(connection)
        };
        let connection = open().map_err(|error| fault(&path, &error))?;
        let ledger = Ledger { connection, path, together: false, stood, _copy: None };
        if ledger.version()? == MIGRATIONS.len() {
            return Ok(Some(ledger));
        }
        let folder = tempfile::tempdir().map_err(|error| Fault::io(&std::env::temp_dir(), &error))?;
        ledger.copy_to(&folder.path().join(NAME))?;
        let mut copy = Ledger::open(folder.path())?;
        copy._copy = Some(folder);
        Ok(Some(copy))
    }

    /// Whether what [`Ledger::look`] saw was one moment: nobody began to write while it was thought to be at rest.
    pub fn stood_still(&self) -> bool {
        let now = || {
            let meta = self.path.metadata().ok()?;
            Some((meta.len(), meta.modified().ok()?))
        };
        self.stood.is_none_or(|stood| now() == Some(stood))
    }

    /// Copies the ledger as it is at this moment into a file that is new.
    pub fn copy_to(&self, path: &Path) -> Result<(), Fault> {
        let copy = || {
            let mut target = Connection::open(path)?;
            backup::Backup::new(&self.connection, &mut target)?.step(-1)
        };
        match copy().map_err(|error| fault(path, &error))? {
            backup::StepResult::Done => Ok(()),
            _ => Err(Fault::transient(self.path.display(), "could not be copied now", "try again when the other program is done")),
        }
    }

    /// The schema's version; a newer one than this program's is refused.
    fn version(&self) -> Result<usize, Fault> {
        let version: u32 = self.run(|connection| connection.query_row("PRAGMA user_version", [], |row| row.get(0)))?;
        if version as usize > MIGRATIONS.len() {
            return Err(Fault::lasting(
                self.path.display(),
                format!("was written by a newer program (schema {version}, this one knows {})", MIGRATIONS.len()),
                "run the newer program, or restore the backup made before the upgrade",
            ));
        }
        Ok(version as usize)
    }

    pub(super) fn run<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Fault> {
        query(&self.connection).map_err(|error| fault(&self.path, &error))
    }

    pub(super) fn write<T>(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Fault> {
        if self.together { self.run(work) } else { self.together(|ledger| ledger.run(work)) }
    }

    /// Everything that is written inside is written whole or not at all.
    pub fn together<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.run(|connection| connection.execute_batch("BEGIN IMMEDIATE"))?;
        self.together = true;
        let done = work(self);
        self.together = false;
        let written = done.and_then(|done| {
            files::step("commit").map_err(|error| Fault::io(&self.path, &error))?;
            self.run(|connection| connection.execute_batch("COMMIT"))?;
            Ok(done)
        });
        // Some failures have rolled back already.
        if written.is_err() && !self.connection.is_autocommit() {
            self.run(|connection| connection.execute_batch("ROLLBACK"))?;
        }
        written
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    #[cfg(feature = "faults")]
    if let Some(pages) = files::most_pages() {
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    connection.busy_timeout(PATIENCE)
}

/// A path as SQLite wants it where options follow.
fn uri(path: &Path, options: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(byte);
    let path: String = path
        .as_os_str()
        .as_bytes()
        .iter()
        .map(|byte| if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("file:{path}?{options}")
}

fn fault(path: &Path, error: &rusqlite::Error) -> Fault {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => {
            Fault::transient(path.display(), error, "free disk space or end the other program; the next run tries again")
        }
        _ => Fault::lasting(path.display(), error, "check the disk; restore the ledger from a backup if it is damaged"),
    }
}
