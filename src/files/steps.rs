//! Every step that changes something outside memory has a name here.
//!
//! A program built with the feature `faults` can be told to die before one of them, or to let one of them fail; in any
//! other build nothing is left of this. Owns the count of steps, and never does a step itself.
//!
//! | variable | effect |
//! |---|---|
//! | `UKETSUKE_STEPS=FILE` | writes the name of each step into the file, one a line |
//! | `UKETSUKE_DIE_AT=N` | the process dies before step N, counted from 1; no destructor runs |
//! | `UKETSUKE_LOSE=1` | with it, what was not synced before is lost, as when the power fails |
//! | `UKETSUKE_FAIL_AT=N:ERRNO[:COUNT]` | step N fails with this number, and COUNT - 1 after it |
//! | `UKETSUKE_PAGES=N` | the ledger is full at so many pages |

#[cfg(feature = "faults")]
pub use armed::*;
#[cfg(not(feature = "faults"))]
pub use quiet::*;

#[cfg(any(test, not(feature = "faults")))]
mod quiet {
    use std::io;
    use std::path::Path;

    /// Stands before each change of the world outside; does nothing in this build.
    #[inline(always)]
    pub fn step(_name: &'static str) -> io::Result<()> {
        Ok(())
    }

    #[inline(always)]
    pub fn made(_path: &Path) {}
    #[inline(always)]
    pub fn synced(_path: &Path) {}
    #[inline(always)]
    pub fn synced_folder(_path: &Path) {}
    #[inline(always)]
    pub fn renamed(_from: &Path, _to: &Path) {}
    #[inline(always)]
    pub fn renamed_over(_from: &Path, _to: &Path) {}

    /// What stood in a file, where a test wants it back.
    pub struct Before;

    #[inline(always)]
    pub fn before_removal(_path: &Path) -> Before {
        Before
    }
    #[inline(always)]
    pub fn removed(_path: &Path, _before: Before) {}
}

#[cfg(feature = "faults")]
mod armed {
    use std::fs;
    use std::io::{self, Write};
    use std::path::{Path, PathBuf};
    use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
    use std::time::SystemTime;

    #[derive(Default)]
    struct Plan {
        steps: Option<fs::File>,
        die_at: Option<u64>,
        lose: bool,
        /// First step, errno, how many.
        fail: Option<(u64, i32, u64)>,
    }

    #[derive(Default)]
    struct Play {
        plan: Plan,
        count: u64,
        /// What a power failure would undo, the oldest first.
        unsure: Vec<Unsure>,
    }

    /// A change that is not yet certain to last.
    enum Unsure {
        /// The bytes of a file.
        Bytes(PathBuf),
        /// A name in a folder.
        Name(PathBuf),
        /// A file that was taken away: its bytes, and when it was changed.
        Before(PathBuf, Vec<u8>, SystemTime),
    }

    impl Unsure {
        fn path(&self) -> &Path {
            match self {
                Unsure::Bytes(path) | Unsure::Name(path) | Unsure::Before(path, ..) => path,
            }
        }
    }

    static PLAY: LazyLock<Mutex<Play>> = LazyLock::new(|| {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
        let fail = std::env::var("UKETSUKE_FAIL_AT").ok().and_then(|text| {
            let mut parts = text.split(':').map(|part| part.parse::<u64>().ok());
            Some((parts.next()??, i32::try_from(parts.next()??).ok()?, parts.next().flatten().unwrap_or(1)))
        });
        let steps = std::env::var("UKETSUKE_STEPS").ok().and_then(|path| fs::File::create(path).ok());
        let lose = std::env::var_os("UKETSUKE_LOSE").is_some();
        Mutex::new(Play { plan: Plan { steps, die_at: number("UKETSUKE_DIE_AT"), lose, fail }, ..Play::default() })
    });

    /// How large the ledger may grow.
    pub fn most_pages() -> Option<u32> {
        std::env::var("UKETSUKE_PAGES").ok().and_then(|pages| pages.parse().ok())
    }

    fn play() -> MutexGuard<'static, Play> {
        PLAY.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stands before each change of the world outside: dies or fails here when it was told so.
    pub fn step(name: &'static str) -> io::Result<()> {
        let mut play = play();
        play.count += 1;
        let count = play.count;
        if let Some(file) = &mut play.plan.steps {
            writeln!(file, "{name}")?;
        }
        if play.plan.die_at == Some(count) {
            if play.plan.lose {
                play.lose();
            }
            std::process::abort();
        }
        match play.plan.fail {
            Some((first, errno, times)) if (first..first + times).contains(&count) => Err(io::Error::from_raw_os_error(errno)),
            _ => Ok(()),
        }
    }

    impl Play {
        /// The power fails: what was not synced is gone.
        fn lose(&mut self) {
            for change in std::mem::take(&mut self.unsure).into_iter().rev() {
                let _ = match change {
                    Unsure::Bytes(path) => fs::File::options().write(true).open(path).and_then(|file| file.set_len(0)),
                    Unsure::Name(path) if path.is_dir() => fs::remove_dir_all(path),
                    Unsure::Name(path) => fs::remove_file(path),
                    Unsure::Before(path, bytes, changed) => {
                        fs::write(&path, bytes).and_then(|()| fs::File::options().write(true).open(path)?.set_modified(changed))
                    }
                };
            }
        }

        fn note(&mut self, change: Unsure) {
            if self.plan.lose {
                self.unsure.push(change);
            }
        }

        /// The bytes stay as unsure as they were, under another name.
        fn carry(&mut self, from: &Path, to: &Path) {
            for change in &mut self.unsure {
                if matches!(change, Unsure::Bytes(path) if path == from) {
                    *change = Unsure::Bytes(to.to_owned());
                }
            }
            self.unsure.retain(|change| !matches!(change, Unsure::Name(path) if path == from));
        }
    }

    pub fn made(path: &Path) {
        let mut play = play();
        if path.is_file() {
            play.note(Unsure::Bytes(path.to_owned()));
        }
        play.note(Unsure::Name(path.to_owned()));
    }

    pub fn synced(path: &Path) {
        play().unsure.retain(|change| !matches!(change, Unsure::Bytes(known) if known == path));
    }

    pub fn synced_folder(folder: &Path) {
        play().unsure.retain(|change| matches!(change, Unsure::Bytes(_)) || change.path().parent() != Some(folder));
    }

    pub fn renamed(from: &Path, to: &Path) {
        let mut play = play();
        play.carry(from, to);
        play.note(Unsure::Name(to.to_owned()));
    }

    /// An unsure rename over a file leaves the old one or the new one, both whole; nothing has to be undone.
    pub fn renamed_over(from: &Path, to: &Path) {
        play().carry(from, to);
    }

    pub fn before_removal(path: &Path) -> Option<(Vec<u8>, SystemTime)> {
        let seen = || Some((fs::read(path).ok()?, path.metadata().ok()?.modified().ok()?));
        play().plan.lose.then(seen).flatten()
    }

    pub fn removed(path: &Path, before: Option<(Vec<u8>, SystemTime)>) {
        if let Some((bytes, changed)) = before {
            play().note(Unsure::Before(path.to_owned(), bytes, changed));
        }
    }
}

#[cfg(all(test, feature = "faults"))]
mod tests {
    use super::{armed, quiet};
    use std::io;
    use std::path::Path;

    type One = fn(&Path);
    type Two = fn(&Path, &Path);

    /// Tests run with the faults in: what is delivered must know the same steps, and do nothing at any of them.
    #[test]
    fn the_delivered_build_knows_the_same_steps() {
        // That each pair is of one type is for the compiler to say.
        let steps: [fn(&'static str) -> io::Result<()>; 2] = [armed::step, quiet::step];
        let one: [[One; 2]; 3] = [[armed::made, quiet::made], [armed::synced, quiet::synced], [armed::synced_folder, quiet::synced_folder]];
        let two: [[Two; 2]; 2] = [[armed::renamed, quiet::renamed], [armed::renamed_over, quiet::renamed_over]];
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "whole").unwrap();
        one.iter().for_each(|[_, quiet]| quiet(&file));
        two.iter().for_each(|[_, quiet]| quiet(&file, &file));
        quiet::removed(&file, quiet::before_removal(&file));
        assert!(steps.iter().all(|step| step("a step of no kind").is_ok()));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "whole");
    }
}
