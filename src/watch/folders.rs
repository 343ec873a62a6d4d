//! Folders that were dropped with their files and are empty now. A copy that is still going on may need them: they are
//! removed when nothing was seen in them for a while. A folder that is to stay holds a hidden file such as `.keep`.

use crate::intake::{self, Found};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub struct Folders {
    rest: Duration,
    /// Since when nothing was seen in them.
    emptied: BTreeMap<PathBuf, Duration>,
}

impl Folders {
    pub fn new(rest: Duration) -> Self {
        Folders { rest, emptied: BTreeMap::new() }
    }

    /// Files of these folders were taken.
    pub fn took(&mut self, folders: BTreeSet<PathBuf>, now: Duration) {
        self.emptied.extend(folders.into_iter().map(|folder| (folder, now)));
    }

    /// Removes those in which nothing was seen for long enough.
    pub fn tidy(&mut self, inbox: &Path, files: &[Found], now: Duration) {
        for folder in self.due(files, now) {
            intake::tidy(inbox, &folder);
        }
    }

    pub fn next_look(&self) -> Option<Duration> {
        self.emptied.values().min().map(|since| *since + self.rest)
    }

    /// Those that have rested, and are forgotten now: one that is not empty after all is somebody's.
    fn due(&mut self, files: &[Found], now: Duration) -> Vec<PathBuf> {
        for (folder, since) in &mut self.emptied {
            if files.iter().any(|found| found.path.starts_with(folder)) {
                *since = now;
            }
        }
        let due: Vec<PathBuf> =
            self.emptied.iter().filter(|(_, since)| now >= **since + self.rest).map(|(folder, _)| folder.clone()).collect();
        self.emptied.retain(|folder, _| !due.contains(folder));
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_when_its_copy_is_over() {
        let s = Duration::from_secs;
        let file = Found { path: "inbox/a/2.txt".into(), size: 1, modified: std::time::SystemTime::UNIX_EPOCH, changed: (0, 0) };
        let mut folders = Folders::new(s(15));
        folders.took(["inbox/a".into(), "inbox/b".into()].into(), s(0));
        assert_eq!(folders.next_look(), Some(s(15)));
        assert!(folders.due(std::slice::from_ref(&file), s(10)).is_empty());
        assert_eq!(folders.due(&[], s(15)), [PathBuf::from("inbox/b")]);
        assert!(folders.due(&[], s(24)).is_empty(), "its next file came at 10");
        assert_eq!(folders.due(&[], s(25)), [PathBuf::from("inbox/a")]);
        assert_eq!(folders.next_look(), None);
    }
}
