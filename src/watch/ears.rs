//! Hints that something changed, where the file system gives them; otherwise the inbox is looked at often.
//!
//! Events alone are not to be trusted: they fail silently on shares, the queue overflows, a folder moved in is reported
//! without its files, and a folder that was deleted and made again is silent for ever. So they only say that a look is
//! worth while; every look asks here whether the ears must be set anew. Polling is that same look, taken more often:
//! notify's own `PollWatcher` would walk the same folders a second time, and compares times in whole seconds.

use crate::config::{WatchSettings, WatchWay};
use crate::files;
use crate::intake::filesystem::{self, Kind};
use crate::watch::bell::Bell;
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// A hidden file of the self-test. No listing sees it.
const PROBE: &str = ".uketsuke-probe.tmp";
/// An event of this machine's own disk comes at once; a slow machine is given this long.
const PATIENCE: Duration = Duration::from_secs(3);

pub struct Ears {
    bell: Arc<Bell>,
    /// `None` where the inbox is polled.
    watcher: Option<RecommendedWatcher>,
    /// The root that is watched, by device and inode, and the folders in it.
    root: Option<(u64, u64)>,
    folders: Vec<PathBuf>,
    way: WatchWay,
    rescan: Duration,
    poll: Duration,
}

impl Ears {
    pub fn new(settings: &WatchSettings, bell: Arc<Bell>) -> Self {
        let WatchSettings { rescan, poll, way, .. } = *settings;
        Ears { bell, watcher: None, root: None, folders: Vec::new(), way, rescan, poll }
    }

    /// How long the daemon may go without a look.
    pub fn longest_pause(&self) -> Duration {
        if self.watcher.is_some() { self.rescan } else { self.poll }
    }

    /// Sets the ears anew where the inbox is another folder than before, or has other folders in it. `folders` is what
    /// the last listing saw, the inbox first; nothing when it is gone. Gives back whether a further look is needed,
    /// because something may have come before the ears were set.
    pub fn attend(&mut self, folders: &[PathBuf]) -> bool {
        let Some(inbox) = folders.first() else {
            self.root = None;
            self.watcher = None;
            return false;
        };
        let root = inbox.metadata().ok().map(|meta| (meta.dev(), meta.ino()));
        if root != self.root {
            self.root = root;
            self.folders = folders.to_vec();
            self.watcher = self.choose(inbox);
            return true;
        }
        if self.watcher.is_some() && self.folders != folders {
            self.folders = folders.to_vec();
            self.watcher = self.listen(inbox).map_err(|error| self.deaf(&error)).ok();
            return true;
        }
        false
    }

    /// Which way this folder is watched, and why.
    fn choose(&self, inbox: &Path) -> Option<RecommendedWatcher> {
        let poll = |why: &str| {
            tracing::info!(inbox = %inbox.display(), "looking at the inbox every {:?}: {why}", self.poll);
            None
        };
        match (self.way, filesystem::kind(inbox)) {
            (WatchWay::Poll, _) => return poll("the settings say so"),
            (WatchWay::Auto, Ok(Kind::Network(name) | Kind::Program(name))) => {
                return poll(&format!("it lies on {name}, where changes made elsewhere give no event"));
            }
            _ => {}
        }
        match self.listen(inbox) {
            Err(error) => poll(&format!("events cannot be had ({error})")),
            Ok(watcher) if self.way == WatchWay::Events => {
                tracing::info!(inbox = %inbox.display(), "listening to events, as the settings say");
                Some(watcher)
            }
            Ok(watcher) => match self_test(inbox) {
                Ok(()) => {
                    tracing::info!(inbox = %inbox.display(), "listening to events, and looking every {:?} all the same", self.rescan);
                    Some(watcher)
                }
                Err(why) => poll(&why),
            },
        }
    }

    fn listen(&self, inbox: &Path) -> notify::Result<RecommendedWatcher> {
        let bell = self.bell.clone();
        // Links are not followed, and the inbox itself may be one.
        watch(&inbox.canonicalize()?, RecursiveMode::Recursive, move |event| {
            // An error or a full queue is a reason to look, too; our own reading is none.
            if event.as_ref().map_or(true, |event| changes_something(event.kind)) {
                bell.hint();
            }
        })
    }

    fn deaf(&self, error: &notify::Error) {
        tracing::warn!(%error, "events cannot be had any more; looking at the inbox every {:?}", self.poll);
    }
}

fn changes_something(kind: EventKind) -> bool {
    !matches!(kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write))
}

fn watch(
    folder: &Path,
    mode: RecursiveMode,
    hear: impl Fn(notify::Result<notify::Event>) + Send + 'static,
) -> notify::Result<RecommendedWatcher> {
    // A link in the inbox may lead to the whole disk.
    let mut watcher = RecommendedWatcher::new(hear, notify::Config::default().with_follow_symlinks(false))?;
    watcher.watch(folder, mode)?;
    Ok(watcher)
}

/// Writes a probe and expects its event.
fn self_test(inbox: &Path) -> Result<(), String> {
    let (heard, hearing) = mpsc::channel();
    let _ears = watch(inbox, RecursiveMode::NonRecursive, move |event| {
        if event.is_ok_and(|event| event.paths.iter().any(|path| path.ends_with(PROBE))) {
            // Nobody listens any more once the first event was heard.
            let _ = heard.send(());
        }
    })
    .map_err(|error| format!("events cannot be had ({error})"))?;
    let probe = inbox.join(PROBE);
    let written =
        files::remove(&probe).map_err(|fault| fault.to_string()).and_then(|()| File::create_new(&probe).map_err(|error| error.to_string()));
    written.map_err(|error| format!("no probe could be written ({error})"))?;
    let came = hearing.recv_timeout(PATIENCE);
    files::remove(&probe).map_err(|fault| format!("the probe could not be removed ({fault})"))?;
    came.map_err(|_| format!("a probe gave no event within {PATIENCE:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ears(way: WatchWay) -> (Ears, Arc<Bell>) {
        let bell = Arc::new(Bell::default());
        (Ears::new(&WatchSettings { way, ..WatchSettings::default() }, bell.clone()), bell)
    }

    fn hears(bell: &Bell) -> bool {
        bell.wait(Duration::from_secs(20)).hint
    }

    #[test]
    fn a_change_is_heard_also_in_a_folder_that_came_later_and_after_the_inbox_was_made_anew() {
        let root = tempfile::tempdir().unwrap();
        let inbox = root.path().join("inbox");
        std::fs::create_dir(&inbox).unwrap();
        let (mut ears, bell) = ears(WatchWay::Auto);
        assert!(ears.attend(std::slice::from_ref(&inbox)) && ears.watcher.is_some());
        assert!(!inbox.join(PROBE).exists());
        assert!(!ears.attend(std::slice::from_ref(&inbox)), "nothing changed");
        std::fs::create_dir_all(inbox.join("a/b")).unwrap();
        assert!(hears(&bell));
        assert!(ears.attend(&[inbox.clone(), inbox.join("a"), inbox.join("a/b")]));
        bell.gather(Duration::from_millis(50));
        std::fs::write(inbox.join("a/b/c.txt"), b"x").unwrap();
        assert!(hears(&bell));
        std::fs::remove_dir_all(&inbox).unwrap();
        assert!(!ears.attend(&[]));
        std::fs::create_dir(&inbox).unwrap();
        assert!(ears.attend(std::slice::from_ref(&inbox)));
        bell.gather(Duration::from_millis(50));
        std::fs::write(inbox.join("d.txt"), b"x").unwrap();
        assert!(hears(&bell));
    }

    #[test]
    fn an_inbox_that_is_a_link_is_heard_too() {
        let root = tempfile::tempdir().unwrap();
        let (share, inbox) = (root.path().join("share"), root.path().join("inbox"));
        std::fs::create_dir(&share).unwrap();
        std::os::unix::fs::symlink(&share, &inbox).unwrap();
        let (mut ears, bell) = ears(WatchWay::Events);
        assert!(ears.attend(std::slice::from_ref(&inbox)) && ears.watcher.is_some());
        std::fs::write(share.join("a.txt"), b"x").unwrap();
        assert!(hears(&bell));
    }

    #[test]
    fn our_own_reading_is_no_change() {
        assert!(!changes_something(EventKind::Access(AccessKind::Open(AccessMode::Any))));
        assert!(!changes_something(EventKind::Access(AccessKind::Close(AccessMode::Read))));
        assert!(changes_something(EventKind::Access(AccessKind::Close(AccessMode::Write))));
        assert!(changes_something(EventKind::Other), "a queue that overflowed");
    }

    #[test]
    fn polling_looks_more_often() {
        let inbox = tempfile::tempdir().unwrap();
        let (mut ears, _bell) = ears(WatchWay::Poll);
        ears.attend(&[inbox.path().to_owned()]);
        assert!(ears.watcher.is_none() && ears.longest_pause() == WatchSettings::default().poll);
    }

    #[test]
    fn a_link_in_the_place_of_the_probe_is_not_followed() {
        let root = tempfile::tempdir().unwrap();
        let (inbox, aim) = (root.path().join("inbox"), root.path().join("aim"));
        std::fs::create_dir(&inbox).unwrap();
        std::fs::write(&aim, b"precious").unwrap();
        std::os::unix::fs::symlink(&aim, inbox.join(PROBE)).unwrap();
        self_test(&inbox).unwrap();
        assert_eq!(std::fs::read(&aim).unwrap(), b"precious");
    }
}
