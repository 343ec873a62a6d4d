//! One program at a time holds a state folder.

use crate::fault::Fault;
use rustix::fs::FlockOperation;
use rustix::io::Errno;
use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(20);

/// Held until it is dropped, also when the process dies.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "holds the lock as long as the file is open")] File);

impl Lock {
    /// The lock of who writes into the folder; `None` when another program holds it.
    pub fn take(state: &Path) -> Result<Option<Self>, Fault> {
        Lock::take_as(state, "lock")
    }

    /// A lock under a name of its own.
    pub fn take_as(state: &Path, name: &str) -> Result<Option<Self>, Fault> {
        let path = state.join(name);
        let file =
            File::options().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(|error| Fault::io(&path, &error))?;
        for _ in 0..TRIES {
            match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Some(Lock(file))),
                // Somebody who only asks holds it for an instant.
                Err(Errno::WOULDBLOCK) => std::thread::sleep(PAUSE),
                Err(errno) => return Err(Fault::io(&path, &errno.into())),
            }
        }
        Ok(None)
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
