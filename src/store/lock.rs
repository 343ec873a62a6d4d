//! One program at a time holds a state folder.

use crate::fault::Fault;
use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

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
        match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Lock(file))),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(errno) => Err(Fault::io(&path, &errno.into())),
        }
    }
}
