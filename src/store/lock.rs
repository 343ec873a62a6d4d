//! One program at a time holds a state folder.

use crate::fault::Fault;
use jiff::civil::Date;
use rustix::fs::FlockOperation;
use rustix::io::Errno;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(20);

/// What stands in the file of a lock while somebody holds it, and after somebody who was killed.
const AT_WORK: &str = "at work";
/// Words that are looked at.
const LONGEST: u64 = 64;

/// Held until it is dropped, also when the process dies. Its file says whether the one before let it go by itself.
#[derive(Debug)]
pub struct Lock {
    file: File,
    /// What stands there once it is let go.
    after: String,
}

impl Lock {
    /// The lock of who writes into the folder; `None` when another program holds it.
    pub fn take(state: &Path) -> Result<Option<Self>, Fault> {
        Lock::take_as(state, "lock")
    }

    /// A lock under a name of its own.
    pub fn take_as(state: &Path, name: &str) -> Result<Option<Self>, Fault> {
        let path = state.join(name);
        let mut options = File::options();
        let file = options.create(true).truncate(false).read(true).write(true).mode(0o600).open(&path);
        let file = file.map_err(|error| Fault::io(&path, &error))?;
        for _ in 0..TRIES {
            match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Lock::held(file).map(Some).map_err(|error| Fault::io(&path, &error)),
                // Somebody who only asks holds it for an instant.
                Err(Errno::WOULDBLOCK) => std::thread::sleep(PAUSE),
                Err(errno) => return Err(Fault::io(&path, &errno.into())),
            }
        }
        Ok(None)
    }

    fn held(mut file: File) -> std::io::Result<Self> {
        let mut after = String::new();
        // What is no text was not written here, and says nothing.
        let _ = (&mut file).take(LONGEST).read_to_string(&mut after);
        let mut lock = Lock { file, after };
        lock.say(AT_WORK)?;
        lock.file.sync_data()?;
        Ok(lock)
    }

    fn say(&mut self, word: &str) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.write_all_at(word.as_bytes(), 0)
    }

    /// Whether nobody has been killed since the folders were looked through on that day.
    pub fn is_tidy(&self, day: Date) -> bool {
        self.after == day.to_string()
    }

    /// The folders were looked through on that day: nothing half-written lies there.
    pub fn tidied(&mut self, day: Date) {
        self.after = day.to_string();
    }

    /// Whether another program holds it now; asks without leaving anything behind.
    pub fn is_held(state: &Path) -> Result<bool, Fault> {
        let path = state.join("lock");
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(Fault::io(&path, &error)),
        };
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared) {
            Ok(()) => Ok(false),
            Err(Errno::WOULDBLOCK) => Ok(true),
            Err(errno) => Err(Fault::io(&path, &errno.into())),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let after = std::mem::take(&mut self.after);
        // Where it cannot be said, the next one looks the folders through.
        let _ = self.say(&after);
    }
}
