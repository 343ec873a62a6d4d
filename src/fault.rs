//! What is wrong with the machine, not with the paper.

use std::fmt;
use std::path::Path;

/// Whether trying again may help.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    /// Busy, full, unreachable: try again later.
    Transient,
    /// It will fail again: this one file goes to quarantine, or the run stops.
    Lasting,
}

/// A fault says what failed, where, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub sort: Sort,
    pub place: String,
    pub what: String,
    pub hint: String,
    /// The same to a clerk, where one may meet it.
    pub in_japanese: Option<String>,
}

impl Fault {
    pub fn lasting(place: impl fmt::Display, what: impl fmt::Display, hint: impl fmt::Display) -> Self {
        Fault { sort: Sort::Lasting, place: place.to_string(), what: what.to_string(), hint: hint.to_string(), in_japanese: None }
    }

    pub fn transient(place: impl fmt::Display, what: impl fmt::Display, hint: impl fmt::Display) -> Self {
        Fault { sort: Sort::Transient, ..Fault::lasting(place, what, hint) }
    }

    /// What a clerk is told in Japanese.
    #[must_use]
    pub fn told(self, in_japanese: impl fmt::Display) -> Self {
        Fault { in_japanese: Some(in_japanese.to_string()), ..self }
    }

    /// A failed call on a file. Busy, denied and full may pass; the rest will not.
    pub fn io(path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind::*;
        // Has no kind of its own; disks and shares recover from it.
        let failed_io = error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error());
        match error.kind() {
            WouldBlock
            | Interrupted
            | TimedOut
            | ResourceBusy
            | PermissionDenied
            | StorageFull
            | QuotaExceeded
            | ReadOnlyFilesystem
            | StaleNetworkFileHandle => {
                Fault::transient(path.display(), error, "check the rights and the free space of this folder; the next run tries again")
            }
            _ if failed_io => {
                Fault::transient(path.display(), error, "check the disk or the share of this folder; the next run tries again")
            }
            AlreadyExists => Fault::lasting(path.display(), error, "something of this name lies there: move it away, or give another name"),
            NotADirectory => {
                Fault::lasting(path.display(), error, "a file lies where a folder is meant: move it away, or give another path")
            }
            IsADirectory => Fault::lasting(path.display(), error, "name a file: a folder is not taken here"),
            _ => Fault::lasting(path.display(), error, "check that the path exists and can be read and written"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.place, self.what, self.hint)
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    #[test]
    fn a_path_of_the_wrong_sort_is_told_with_what_to_do() {
        let hint = |kind: ErrorKind| Fault::io(Path::new("outbox"), &kind.into()).hint;
        for (kind, says) in [
            (ErrorKind::AlreadyExists, "move it away"),
            (ErrorKind::NotADirectory, "a folder is meant"),
            (ErrorKind::IsADirectory, "name a file"),
        ] {
            assert!(hint(kind).contains(says) && Fault::io(Path::new("outbox"), &kind.into()).sort == Sort::Lasting, "{kind}");
        }
        assert!(hint(ErrorKind::NotFound).contains("exists"));
    }
}
