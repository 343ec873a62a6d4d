//! The settle rule of the daemon: which files have stopped growing. Reads no clock and no file.
//!
//! A scanner writes page by page and a copy may stall for minutes: standing still is not yet being whole. So a file is
//! ready when it is quiet and has its end; where the format shows no end, when it was quiet for longer; and a quiet file
//! without its end only when patience is over: then it is taken as it is, and judged.

use crate::intake::{End, Found};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long is long enough.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settling {
    /// Size and times must stand still this long.
    pub quiet: Duration,
    /// The same for a format that shows no end.
    pub quiet_without_end: Duration,
    /// A quiet file without its end is taken as it is after this long.
    pub patience: Duration,
}

/// The longest pause between two looks at the end of a file, and between two tries to take it.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// Files of the last listing and since when each stands still. Times count from any fixed moment and never run back.
pub struct Tracker {
    settling: Settling,
    /// When watching began, in seconds of the clock; `None` once the first listing is taken up.
    begun: Option<i64>,
    known: BTreeMap<PathBuf, Watched>,
}

struct Watched {
    found: Found,
    still_since: Duration,
    /// Then it is taken even without its end.
    patient_until: Duration,
    /// When it is worth another look.
    next: Duration,
    /// Looks that found no end.
    looks: u32,
    /// When it first could not be taken, and how often.
    failed: Option<(Duration, u32)>,
}

impl Tracker {
    /// `begun` is the moment at which watching begins: what lay there unchanged for longer than patience lasts has had its time,
    /// however often the program was started anew meanwhile.
    pub fn new(settling: Settling, begun: SystemTime) -> Self {
        let begun = begun.duration_since(SystemTime::UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_secs()).ok());
        Tracker { settling, begun, known: BTreeMap::new() }
    }

    /// Takes up a listing and gives back what is ready. `end` is asked only about files that are quiet.
    pub fn ready(&mut self, files: &[Found], now: Duration, end: &dyn Fn(&Path) -> End) -> Vec<Found> {
        let listed: BTreeSet<&Path> = files.iter().map(|found| found.path.as_path()).collect();
        self.known.retain(|path, _| listed.contains(path.as_path()));
        let (settling, begun) = (self.settling, self.begun.take());
        let patience = i64::try_from(settling.patience.as_secs()).unwrap_or(i64::MAX);
        let mut ready = Vec::new();
        for found in files {
            let is_old = begun.is_some_and(|begun| found.changed.0.saturating_add(patience) < begun);
            let wait = if is_old { settling.quiet } else { settling.patience };
            let fresh = || Watched {
                found: found.clone(),
                still_since: now,
                patient_until: now + wait,
                next: now + settling.quiet,
                looks: 0,
                failed: None,
            };
            let watched = self.known.entry(found.path.clone()).or_insert_with(fresh);
            if watched.found != *found {
                *watched = fresh();
            }
            if now >= watched.next && watched.is_ready(now, settling, end) {
                ready.push(found.clone());
            }
        }
        ready
    }

    /// When the next look is worth its while; `None` with nothing to wait for.
    pub fn next_look(&self) -> Option<Duration> {
        self.known.values().map(|watched| watched.next).min()
    }

    /// The file was ready and could not be taken. Gives back for how long that has been so.
    pub fn put_off(&mut self, path: &Path, now: Duration) -> Duration {
        let Some(watched) = self.known.get_mut(path) else { return Duration::ZERO };
        let (first, times) = watched.failed.unwrap_or((now, 0));
        watched.failed = Some((first, times + 1));
        watched.next = now + pause(self.settling.quiet, times);
        now.saturating_sub(first)
    }
}

impl Watched {
    fn is_ready(&mut self, now: Duration, settling: Settling, end: &dyn Fn(&Path) -> End) -> bool {
        let patient_until = self.patient_until;
        if now >= patient_until {
            return true;
        }
        self.next = match end(&self.found.path) {
            End::There => return true,
            End::Unknown => self.still_since + settling.quiet_without_end.max(settling.quiet),
            End::Missing => {
                self.looks += 1;
                (now + pause(settling.quiet, self.looks)).min(patient_until)
            }
        };
        now >= self.next
    }
}

/// Twice as long each time, within bounds.
fn pause(shortest: Duration, times: u32) -> Duration {
    shortest.saturating_mul(1 << times.min(16)).clamp(Duration::from_millis(10), LONGEST_PAUSE.max(shortest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn s(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    fn file(path: &str, size: u64, modified: u64) -> Found {
        Found { path: path.into(), size, modified: SystemTime::UNIX_EPOCH + s(modified), changed: (modified as i64, 0) }
    }

    fn tracker() -> Tracker {
        tracker_begun_at(0)
    }

    fn tracker_begun_at(second: u64) -> Tracker {
        let settling = Settling { quiet: s(5), quiet_without_end: s(20), patience: s(600) };
        Tracker::new(settling, SystemTime::UNIX_EPOCH + s(second))
    }

    #[test]
    fn what_lay_there_before_the_start_has_had_its_time() {
        let missing = |_: &Path| End::Missing;
        let (old, new) = (file("old.pdf", 10, 100), file("new.pdf", 10, 900));
        let mut tracker = tracker_begun_at(1000);
        let both = [new, old.clone()];
        assert_eq!(tracker.ready(&both, s(0), &missing), []);
        assert_eq!(tracker.ready(&both, s(5), &missing), both[1..]);
        // One that comes later with an old time was moved here by a clock that nobody knows.
        let later = file("later.pdf", 10, 100);
        let later = [later];
        assert_eq!(tracker.ready(&later, s(6), &missing), []);
        assert_eq!(tracker.ready(&later, s(20), &missing), []);
        assert_eq!(tracker_begun_at(0).ready(&[old], s(5), &missing), [], "at first sight it must stand still");
    }

    fn there(_: &Path) -> End {
        End::There
    }

    #[test]
    fn a_file_is_ready_when_it_stands_still() {
        let mut tracker = tracker();
        assert!(tracker.ready(&[file("a", 1, 100)], s(0), &there).is_empty());
        assert_eq!(tracker.next_look(), Some(s(5)));
        assert!(tracker.ready(&[file("a", 2, 103)], s(3), &there).is_empty(), "it grows");
        assert!(tracker.ready(&[file("a", 2, 103)], s(7), &there).is_empty(), "not long enough");
        assert_eq!(tracker.ready(&[file("a", 2, 103)], s(8), &there).len(), 1);
        assert_eq!(tracker.ready(&[file("a", 2, 103)], s(9), &there).len(), 1, "until it is taken");
        assert!(tracker.ready(&[file("a", 2, 110)], s(10), &there).is_empty(), "written anew under the same name");
        let replaced = Found { changed: (111, 5), ..file("a", 2, 110) };
        assert!(tracker.ready(&[replaced], s(15), &there).is_empty(), "another file of the same size and time");
        assert!(tracker.ready(&[], s(16), &there).is_empty());
        assert_eq!(tracker.next_look(), None);
        assert!(tracker.ready(&[file("a", 2, 110)], s(40), &there).is_empty(), "it came back and is known no more");
    }

    #[test]
    fn a_format_that_shows_no_end_must_be_quiet_for_longer() {
        let mut tracker = tracker();
        let unknown = |_: &Path| End::Unknown;
        tracker.ready(&[file("a", 1, 100)], s(0), &unknown);
        assert!(tracker.ready(&[file("a", 1, 100)], s(5), &unknown).is_empty());
        assert_eq!(tracker.next_look(), Some(s(20)));
        assert_eq!(tracker.ready(&[file("a", 1, 100)], s(20), &unknown).len(), 1);
    }

    #[test]
    fn a_scan_that_stalls_waits_with_longer_and_longer_pauses_but_not_for_ever() {
        let mut tracker = tracker();
        let looks = Cell::new(0);
        let missing = |_: &Path| {
            looks.set(looks.get() + 1);
            End::Missing
        };
        let scan = [file("scan.pdf", 9, 100)];
        let mut times = Vec::new();
        let mut now = s(0);
        while tracker.ready(&scan, now, &missing).is_empty() {
            now = tracker.next_look().unwrap();
            times.push(now.as_secs());
        }
        assert_eq!(times, [5, 15, 35, 75, 155, 275, 395, 515, 600]);
        assert_eq!(looks.get(), 8);
        let mut again = tracker_begun_at(0);
        again.ready(&scan, s(0), &missing);
        again.ready(&scan, s(15), &missing);
        let grown = [file("scan.pdf", 12, 130)];
        assert!(again.ready(&grown, s(30), &missing).is_empty());
        assert_eq!(again.ready(&grown, s(35), &there), grown, "its last page came");
    }

    #[test]
    fn what_cannot_be_taken_is_put_off_while_others_go_on() {
        let mut tracker = tracker();
        let files = [file("busy", 1, 100), file("good", 1, 100)];
        tracker.ready(&files, s(0), &there);
        assert_eq!(tracker.ready(&files, s(5), &there).len(), 2);
        assert_eq!(tracker.put_off(Path::new("busy"), s(5)), s(0));
        assert_eq!(tracker.ready(&files, s(6), &there), files[1..]);
        assert_eq!(tracker.ready(&files[..1], s(10), &there).len(), 1);
        assert_eq!(tracker.put_off(Path::new("busy"), s(10)), s(5));
        assert_eq!(tracker.next_look(), Some(s(20)));
        assert_eq!(tracker.put_off(Path::new("gone"), s(10)), s(0));
        assert!(tracker.ready(&[file("busy", 2, 111)], s(20), &there).is_empty(), "a new content begins anew");
        assert_eq!(tracker.put_off(Path::new("busy"), s(30)), s(0));
    }

    #[test]
    fn pauses_are_bounded() {
        assert_eq!(pause(s(5), 60), LONGEST_PAUSE);
        assert_eq!(pause(s(300), 3), s(300), "a long quiet time stays");
        assert_eq!(pause(Duration::ZERO, 0), Duration::from_millis(10), "never a busy loop");
    }

    #[test]
    fn thousands_are_no_burden() {
        let mut tracker = tracker();
        let files: Vec<Found> = (0..20_000).map(|n| file(&format!("{n:05}"), 1, 100)).collect();
        assert!(tracker.ready(&files, s(0), &there).is_empty());
        assert_eq!(tracker.ready(&files, s(5), &there).len(), 20_000);
    }
}
