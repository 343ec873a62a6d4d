//! The daemon: looks at the inbox, hands what is ready to the desk, and lets deadlines fire on their day.
//!
//! The listing is the truth and events are hints. Owns the loop, its pauses and what it says in the log; what is ready
//! is decided by `intake::Tracker`, what is done with it by `desk::Desk`. The state is held during a batch alone, so that
//! people can record in between; the reception is held all the time. Reads no clock but the one it is given.

pub mod bell;
mod ears;
mod folders;
mod herald;
mod moments;

use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::desk::{self, Counting, Desk, Left, Offered, Opened, PasswordWait, Report};
use crate::domain::date::Moment;
use crate::fault::{Fault, Sort};
use crate::intake::{self, Found, Listing, Settling, Tracker};
use bell::Bell;
use ears::Ears;
use folders::Folders;
use herald::Herald;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// Between tries while another program holds the state.
const BUSY: Duration = Duration::from_secs(1);
/// Between tries after a failure, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(300));
/// Events of one burst are gathered at most this long.
const BURST: Duration = Duration::from_millis(500);

/// Between two looks at least.
const SHORTEST: Duration = Duration::from_millis(5);

/// Files of one batch. More are taken in the next one, so that memory stays bounded and receipts come in between.
const MOST: usize = 500;

/// What the daemon is given.
pub struct Orders<'a> {
    pub config: &'a Config,
    pub catalogue: Arc<Catalogue>,
    /// Mail sources that are read and never moved.
    pub mail: &'a [PathBuf],
    pub bell: Arc<Bell>,
    pub clock: &'a dyn Fn() -> Moment,
    pub counting: Counting,
    /// The catalogue as it stands in its files now, checked.
    pub reload: &'a dyn Fn() -> Result<Catalogue, Vec<Fault>>,
}

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    Asked,
    /// Another program holds the reception of this state folder.
    Busy,
}

/// Works until it is asked to end. A lasting fault of the desk itself ends it too: nothing could be done any more.
pub fn watch(orders: Orders<'_>) -> Result<Ended, Fault> {
    let Some(_reception) = desk::attend(orders.config, orders.mail)? else { return Ok(Ended::Busy) };
    let settings = &orders.config.watch;
    let settling = Settling { quiet: settings.quiet, quiet_without_end: settings.quiet_without_end, patience: settings.patience };
    let mut watcher = Watcher {
        ears: Ears::new(settings, orders.bell.clone()),
        inbox: Tracker::new(settling, SystemTime::now()),
        mail: Tracker::new(settling, SystemTime::now()),
        mailbox: orders.config.imap.is_some().then_some(Duration::ZERO),
        read: BTreeSet::new(),
        folders: Folders::new(settings.quiet_without_end.max(settings.quiet)),
        said: BTreeMap::new(),
        start: Instant::now(),
        last: None,
        retry: Some(Duration::ZERO),
        not_before: Duration::ZERO,
        failures: 0,
        turn: None,
        herald: Herald::new(),
        orders,
    };
    watcher.herald.ready(WATCHING);
    let ended = watcher.work_on();
    watcher.herald.ending();
    tracing::info!("ended");
    ended
}

struct Watcher<'a> {
    orders: Orders<'a>,
    ears: Ears,
    inbox: Tracker,
    mail: Tracker,
    /// When the mailbox is looked into next.
    mailbox: Option<Duration>,
    /// Mails that were taken; they stay where they are.
    read: BTreeSet<Found>,
    folders: Folders,
    /// What was said of things that stay in the inbox, so that it is said once.
    said: BTreeMap<String, String>,
    start: Instant,
    /// The moment of the last batch. No two batches share one, and it never runs back.
    last: Option<Moment>,
    /// A batch is due without anything new, from this time on.
    retry: Option<Duration>,
    /// No batch before this time, whatever is ready; and how many have failed in a row.
    not_before: Duration,
    failures: u32,
    /// The next moment at which something may fall due.
    turn: Option<Moment>,
    herald: Herald,
}

/// What the service manager is told between batches.
const WATCHING: &str = "watching the inbox";

impl Watcher<'_> {
    fn work_on(&mut self) -> Result<Ended, Fault> {
        loop {
            self.herald.alive();
            let offered = self.look();
            if self.orders.bell.asked_to_end() {
                return Ok(Ended::Asked);
            }
            let due = self.retry.is_some_and(|at| self.elapsed() >= at) || self.turn.is_some_and(|turn| self.now() >= turn);
            let ready = !offered.inbox.is_empty() || !offered.mail.is_empty() || offered.mailbox.is_some();
            if (due || ready) && self.elapsed() >= self.not_before {
                self.batch(&offered)?;
            }
            let rung = self.orders.bell.wait(self.pause());
            if rung.stop {
                return Ok(Ended::Asked);
            }
            if rung.reload {
                self.reload();
            }
            if rung.hint {
                self.orders.bell.gather(self.orders.config.watch.quiet.min(BURST));
            }
        }
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// The desk's clock to the second, later than the last batch.
    fn now(&self) -> Moment {
        let second = |moment: Moment| jiff::Timestamp::new(moment.timestamp().as_second(), 0).map_or(moment, Moment::new);
        let now = second((self.orders.clock)());
        let after = self.last.map(|last| Moment::new(last.timestamp() + Duration::from_secs(1)));
        after.map_or(now, |after| now.max(after))
    }

    /// How long nothing needs to be done, if nothing happens.
    fn pause(&self) -> Duration {
        let now = self.elapsed();
        let looks = [self.inbox.next_look(), self.mail.next_look(), self.folders.next_look(), self.mailbox, self.retry];
        let until = |turn: Moment| Duration::try_from(turn.timestamp().duration_since(self.now().timestamp())).unwrap_or_default();
        let turn = self.turn.map(until);
        let next = looks.into_iter().flatten().map(|at| at.saturating_sub(now)).chain(turn).min();
        let next = next.unwrap_or(Duration::MAX).min(self.ears.longest_pause()).min(self.herald.longest_pause());
        next.max(self.not_before.saturating_sub(now)).max(SHORTEST)
    }

    /// What is ready to be taken.
    fn look(&mut self) -> Offered {
        let mut listing = self.list();
        // What came before the ears were set anew made no event.
        if self.ears.attend(&listing.folders) {
            listing = self.list();
            self.orders.bell.hint();
        }
        let now = self.elapsed();
        self.folders.tidy(&self.orders.config.inbox, &listing.files, now);
        let inbox = self.inbox.ready(&listing.files, now, &intake::end_of);
        let mut faults = std::mem::take(&mut listing.refused);
        let mails = self.mails(&mut faults);
        self.say_all(&faults, &[&listing.files, &mails]);
        let mail = self.mail.ready(&mails, now, &intake::end_of);
        let mut offered = Offered {
            inbox,
            mail,
            mailbox: self.mailbox.is_some_and(|at| now >= at).then_some(MOST),
            password_wait: PasswordWait::FromArrival(self.orders.config.watch.password_wait),
            counting: self.orders.counting,
        };
        offered.inbox.truncate(MOST);
        offered.mail.truncate(MOST);
        offered
    }

    fn list(&self) -> Listing {
        intake::listing(&self.orders.config.inbox).unwrap_or_else(|fault| Listing { refused: vec![fault], ..Listing::default() })
    }

    /// Mails of the sources that were not taken yet. A source that cannot be read adds its fault.
    fn mails(&mut self, faults: &mut Vec<Fault>) -> Vec<Found> {
        let mut all = Vec::new();
        for source in self.orders.mail {
            match intake::mails(source) {
                Ok(mails) => all.extend(mails),
                Err(fault) => faults.push(fault),
            }
        }
        let listed: BTreeSet<&Found> = all.iter().collect();
        self.read.retain(|found| listed.contains(found));
        all.retain(|found| !self.read.contains(found));
        all
    }

    /// Says what is wrong now, and forgets what was said of things that are gone or well.
    fn say_all(&mut self, faults: &[Fault], files: &[&[Found]]) {
        let places: BTreeSet<&str> = faults.iter().map(|fault| fault.place.as_str()).collect();
        let lies_there = |place: &str| files.iter().any(|files| files.iter().any(|found| found.path == Path::new(place)));
        self.said.retain(|place, _| places.contains(place.as_str()) || lies_there(place));
        faults.iter().for_each(|fault| self.say(fault));
    }

    /// Says what stays where it is and why, once.
    fn say(&mut self, fault: &Fault) {
        if self.said.insert(fault.place.clone(), fault.what.clone()).as_ref() != Some(&fault.what) {
            tracing::warn!(%fault, "left where it is");
        }
    }

    /// One run of the desk. What it could not take is put off; where it failed as a whole, it is tried again later.
    fn batch(&mut self, offered: &Offered) -> Result<(), Fault> {
        let now = self.now();
        let catalogue = self.orders.catalogue.clone();
        let mut desk = match Desk::open(self.orders.config, &catalogue) {
            Ok(Opened::Ready(desk)) => desk,
            Ok(Opened::Busy) => {
                self.wait_for(BUSY);
                return Ok(());
            }
            Err(fault) => return self.failed(fault),
        };
        self.last = Some(now);
        if let (Some(_), Some(imap)) = (offered.mailbox, &self.orders.config.imap) {
            self.mailbox = Some(self.elapsed() + imap.every);
        }
        let report = match desk.work(now, offered, &self.herald) {
            Ok(report) => report,
            Err(fault) => return self.failed(fault),
        };
        self.failures = if report.unfinished { self.failures + 1 } else { 0 };
        self.retry = report.unfinished.then(|| self.elapsed() + self.back_off());
        let turn = moments::next(now, &catalogue.calendar, self.orders.config.desk.cut_off_hour);
        self.turn = turn.into_iter().chain(report.until).min();
        if report.more_mail {
            self.mailbox = Some(Duration::ZERO);
        }
        let is_left = |found: &&Found| !report.left.iter().any(|left| left.found == **found);
        self.read.extend(offered.mail.iter().filter(is_left).cloned());
        self.folders.took(intake::folders_of(&self.orders.config.inbox, &offered.inbox), self.elapsed());
        for left in &report.left {
            self.put_off(&desk, left, now);
        }
        log(&report);
        self.herald.status(&format!("{WATCHING}; {} cases held, {} documents wait", report.held, report.waiting));
        Ok(())
    }

    /// A file that could not be taken is tried again, later and later. What cannot be read at all is moved aside in the end.
    fn put_off(&mut self, desk: &Desk<'_>, left: &Left, now: Moment) {
        let elapsed = self.elapsed();
        let tracker =
            if self.orders.mail.iter().any(|source| left.found.path.starts_with(source)) { &mut self.mail } else { &mut self.inbox };
        let since = tracker.put_off(&left.found.path, elapsed);
        self.say(&left.fault);
        let in_inbox = left.found.path.starts_with(&self.orders.config.inbox);
        if in_inbox && left.fault.sort == Sort::Lasting && since >= self.orders.config.watch.patience {
            match desk.move_aside(left, now) {
                Ok(()) => tracing::error!(fault = %left.fault, "moved into quarantine unread"),
                Err(fault) => tracing::debug!(%fault, "could not be moved into quarantine either"),
            }
        }
    }

    fn failed(&mut self, fault: Fault) -> Result<(), Fault> {
        if fault.sort == Sort::Lasting {
            return Err(fault);
        }
        tracing::error!(%fault, "the batch failed and is tried again");
        self.failures += 1;
        self.wait_for(self.back_off());
        Ok(())
    }

    /// A batch is due, and none before this time has passed.
    fn wait_for(&mut self, pause: Duration) {
        self.not_before = self.elapsed() + pause;
        self.retry = Some(self.not_before);
    }

    fn back_off(&self) -> Duration {
        PAUSES.0.saturating_mul(1 << self.failures.saturating_sub(1).min(16)).min(PAUSES.1)
    }

    fn reload(&mut self) {
        self.herald.reloading();
        match (self.orders.reload)() {
            Ok(catalogue) => {
                tracing::info!("catalogue {} is in force now", &catalogue.basis[..12]);
                self.orders.catalogue = Arc::new(catalogue);
            }
            Err(faults) => {
                faults.iter().for_each(|fault| tracing::error!(%fault, "fault in the catalogue"));
                tracing::error!("the catalogue was not reloaded; {} stays in force", &self.orders.catalogue.basis[..12]);
            }
        }
        self.herald.ready(WATCHING);
    }
}

fn log(report: &Report) {
    let Report { taken, again, read, cases, letters, quarantined, held, waiting, .. } = report;
    let left = report.left.len();
    if taken + read + cases + letters + quarantined + left > 0 {
        tracing::info!(taken, again, read, cases, files_out = letters, quarantined, held, waiting, left, "batch done");
    }
}
