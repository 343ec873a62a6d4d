//! Taking: a file of the inbox is stored, its row committed, and only then removed.
//!
//! Owns that order, and what becomes of a file that cannot be read or removed: it stays, and costs itself alone.
//! Never looks into a document.

use crate::config::Config;
use crate::desk::{Desk, Report};
use crate::domain::date::Moment;
use crate::domain::finding::Remark;
use crate::domain::id::DocId;
use crate::fault::{Fault, Sort};
use crate::files::{self, Mode};
use crate::intake::{self, Found};
use crate::quarantine::{self, Reason};
use crate::reading::format::Limits;
use crate::reading::mbox::{self, Mail, Mails};
use crate::store::{Arrived, Settled, Signs, Status, Verdict, When};
use jiff::{SignedDuration, Timestamp};
use std::io::BufReader;
use std::path::PathBuf;
use std::time::Duration;

/// So many bytes tell a box of mails from a mail.
const HEAD: u64 = 16 << 10;

/// What is to be taken.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Offered {
    pub inbox: Vec<Found>,
    /// Mails that lie elsewhere; they are read and never moved.
    pub mail: Vec<Found>,
    /// So many new mails of the house's mailbox at most; none where it is not to be looked into.
    pub mailbox: Option<usize>,
    pub password_wait: PasswordWait,
    pub counting: Counting,
}

/// From when days are counted for what is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Counting {
    /// From the run that takes it: its clock was set, and says nothing of when files came.
    #[default]
    FromRun,
    /// From when it came to lie there.
    FromLanding,
}

/// How long a mail with a locked archive is kept back for its password.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PasswordWait {
    #[default]
    Nothing,
    /// So long after it came: who stays sees the next mail.
    FromArrival(Duration),
    /// So long after the date that it bears: who comes once a night asks for what is late, and not for what is under way.
    FromDate(Duration),
}

/// A file that could not be taken, or not be removed once it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Left {
    pub found: Found,
    pub fault: Fault,
}

impl Offered {
    /// Everything that lies in the inbox and in the mail sources now.
    pub fn everything(config: &Config, mail: &[PathBuf], counting: Counting) -> Result<Self, Fault> {
        let listing = intake::collect(&config.inbox)?;
        listing.refused.iter().for_each(|fault| tracing::warn!(%fault, "left in the inbox"));
        let mail: Vec<Vec<Found>> = mail.iter().map(|source| intake::mails(source)).collect::<Result<_, _>>()?;
        Ok(Offered {
            inbox: listing.files,
            mail: mail.concat(),
            mailbox: Some(usize::MAX),
            password_wait: PasswordWait::FromDate(config.watch.password_wait),
            counting,
        })
    }
}

/// Tells when things came.
pub(super) struct Hours {
    now: Moment,
    /// When something was taken last; `None` where the run is the receipt.
    last: Option<Moment>,
}

/// Who lies there for a shorter time is taken as it comes.
const WELL_BEFORE: SignedDuration = SignedDuration::from_mins(1);

impl Hours {
    /// What came at a moment, in seconds since 1970. It came no earlier than the last thing that was taken, since it would have
    /// been seen then: some shares hand out times of long ago.
    pub(super) fn of(&self, came: Option<i64>) -> When {
        let came = came.and_then(|seconds| Timestamp::from_second(seconds).ok()).map(Moment::new);
        let landed = self.last.zip(came).map(|(last, came)| came.max(last));
        let well_before = |landed: &Moment| self.now.timestamp().duration_since(landed.timestamp()) >= WELL_BEFORE;
        When { received: self.now, landed: landed.filter(well_before) }
    }
}

/// Where a box of mails lies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lies {
    /// In the inbox: each mail is a drop, and the file goes.
    InInbox,
    /// It stays where it is and is read anew each time.
    Elsewhere,
}

impl Desk<'_> {
    pub(super) fn take(&mut self, offered: &Offered, now: Moment, report: &mut Report) -> Result<(), Fault> {
        let last = match offered.counting {
            Counting::FromRun => None,
            // A new desk has not looked before.
            Counting::FromLanding => Some(self.ledger.last_arrival()?.unwrap_or(Moment::new(Timestamp::UNIX_EPOCH))),
        };
        let hours = Hours { now, last };
        let mut gone = Vec::new();
        for found in &offered.inbox {
            let fault = match self.take_one(found, &hours, report) {
                Ok(None) => {
                    gone.push(found.mark());
                    continue;
                }
                Ok(Some(fault)) => fault,
                // A full disk may have room again for the next one.
                Err(fault) if fault.sort == Sort::Transient => fault,
                Err(fault) => return Err(fault),
            };
            report.left.push(Left { found: found.clone(), fault });
        }
        self.ledger.cleared(&gone)?;
        for found in &offered.mail {
            if let Some(fault) = self.take_source(found, &hours, report)? {
                report.left.push(Left { found: found.clone(), fault });
            }
        }
        offered.mailbox.map_or(Ok(()), |most| self.fetch(most, &hours, report))
    }

    /// Gives back why the file stays where it is. An error is one of the desk, not of the file.
    fn take_one(&mut self, found: &Found, hours: &Hours, report: &mut Report) -> Result<Option<Fault>, Fault> {
        let is_large = found.size > Limits::default().bytes as u64;
        if is_large && matches!(intake::begins(found, HEAD), Ok(Some(head)) if mbox::sniff(&head)) {
            let fault = self.take_box(found, Lies::InInbox, hours, report)?;
            return Ok(fault.or_else(|| intake::clear(found).err()));
        }
        let arrived = if is_large {
            let id = intake::open_plain(&found.path).and_then(DocId::of_reader);
            match id {
                Ok(doc) => {
                    report.quarantined += 1;
                    self.set_aside_unread(doc, found, hours.of(Some(found.changed.0)))?
                }
                Err(error) => return Ok(Some(Fault::io(&found.path, &error))),
            }
        } else {
            let arrival = match intake::take(found) {
                Ok(Some(arrival)) => arrival,
                // Gone or changed since it was listed; the next look will see it.
                Ok(None) => return Ok(None),
                Err(fault) => return Ok(Some(fault)),
            };
            self.take_dropped(&arrival.name, &arrival.bytes, &found.mark(), hours.of(Some(found.changed.0)), report)?;
            return Ok(intake::clear(found).err());
        };
        count(arrived, report);
        Ok(intake::clear(found).err())
    }

    /// Keeps what lay in the inbox, under the mark of its file.
    fn take_dropped(&mut self, name: &str, bytes: &[u8], mark: &str, when: When, report: &mut Report) -> Result<(), Fault> {
        let doc = self.store(bytes)?;
        let arrived = self.ledger.arrive_once(doc, name, bytes.len() as u64, when, "inbox", Some(mark))?;
        count(arrived, report);
        Ok(())
    }

    /// Keeps the bytes. Where an original was lost or damaged and comes again, what was made of it is done again.
    fn store(&mut self, bytes: &[u8]) -> Result<DocId, Fault> {
        let doc = DocId::of(bytes);
        if self.originals.check(doc)? != Some(true) {
            self.ledger.reopen(doc)?;
        }
        self.originals.put(bytes)
    }

    /// What lies in a mail source: a mail, or a box of them. Gives back why not all of it could be taken; an error is one of
    /// the desk.
    fn take_source(&mut self, found: &Found, hours: &Hours, report: &mut Report) -> Result<Option<Fault>, Fault> {
        match intake::begins(found, HEAD) {
            // Gone since it was listed, as a mail that was moved from `new` to `cur`.
            Ok(None) => Ok(None),
            Ok(Some(head)) if mbox::sniff(&head) => self.take_box(found, Lies::Elsewhere, hours, report),
            Ok(Some(_)) => match intake::take(found) {
                Ok(Some(arrival)) => {
                    let when = hours.of(Some(found.changed.0));
                    self.take_mail(&arrival.name, &arrival.bytes, when, report).map(|_| None)
                }
                Ok(None) => Ok(None),
                Err(fault) => Ok(Some(fault)),
            },
            Err(fault) => Ok(Some(fault)),
        }
    }

    /// Each mail of a box is a document of its own, so that a box of any size is read piece by piece and what came before
    /// is passed over when the box has grown.
    fn take_box(&mut self, found: &Found, lies: Lies, hours: &Hours, report: &mut Report) -> Result<Option<Fault>, Fault> {
        // A box that grows says of none of its mails when it came.
        let when = hours.of(Some(found.changed.0).filter(|_| lies == Lies::InInbox));
        let file = match intake::open_plain(&found.path) {
            Ok(file) => file,
            Err(error) => return Ok(Some(Fault::io(&found.path, &error))),
        };
        let mut too_large = None;
        let mut mails = Mails::new(BufReader::new(file), Limits::default().bytes).enumerate().peekable();
        while let Some((n, mail)) = mails.next() {
            match mail {
                // Somebody may still be writing the last one.
                Ok(_) if mails.peek().is_none() && !intake::is_unchanged(found) => {
                    let fault = Fault::transient(found.path.display(), "is being written", "it is taken when that is over");
                    return Ok(Some(fault).filter(|_| lies == Lies::InInbox));
                }
                Ok(Mail::Whole(bytes)) => {
                    let name = format!("{}-{:05}.eml", found.name(), n + 1);
                    match lies {
                        Lies::Elsewhere => {
                            // One that came before with its marks is known by them.
                            let is_known = self.ledger.knows(DocId::of(&bytes))?;
                            let bytes = if is_known { bytes } else { mbox::without_marks(&bytes) };
                            let _ = self.take_mail(&name, &bytes, when, report)?;
                        }
                        Lies::InInbox => drop(self.take_dropped(&name, &bytes, &format!("{}#{n}", found.mark()), when, report)?),
                    }
                }
                Ok(Mail::TooLarge(size)) => {
                    let hint = "save it as a file, take what is too large out of it, and put that into the inbox";
                    too_large = Some(Fault::lasting(found.path.display(), format!("mail {} of {size} bytes is too large", n + 1), hint));
                }
                Err(error) => return Ok(Some(Fault::io(&found.path, &error))),
            }
        }
        Ok(too_large)
    }

    /// Takes a mail that stays where it lies. One that came before is passed over: its source is read anew each time.
    pub(super) fn take_mail(&mut self, name: &str, bytes: &[u8], when: When, report: &mut Report) -> Result<DocId, Fault> {
        let doc = DocId::of(bytes);
        if !self.ledger.knows(doc)? || self.originals.check(doc)? != Some(true) {
            self.store(bytes)?;
            self.ledger.arrive(doc, name, bytes.len() as u64, when, "mail")?;
            report.taken += 1;
        }
        Ok(doc)
    }

    /// Sets a file aside that is too large to be read into memory; the ledger knows it like any other.
    fn set_aside_unread(&mut self, doc: DocId, found: &Found, when: When) -> Result<Arrived, Fault> {
        let name = found.name();
        let folder = self.config.state.join("quarantine").join(doc.short());
        files::make_folder(&folder, Mode::Private)?;
        let target = folder.join(quarantine::safe_name(&name));
        files::copy_whole(&found.path, &target, Mode::Private)?;
        let finding = self.catalogue.finding(&Remark::new("M-007").word("file", name.as_str()), "any file");
        quarantine::write_note(&target, &name, when.received, &Reason::Findings(std::slice::from_ref(&finding)))?;
        let verdict = Verdict {
            doc,
            name: name.clone(),
            received: when.received,
            bytes: found.size,
            parent: None,
            status: Status::Quarantined,
            kind: "unknown".to_owned(),
            case: None,
            note: Some(format!("{} {}", finding.code, finding.message)),
            signs: Signs::new(),
            listens: false,
        };
        self.ledger.together(|ledger| {
            let arrived = ledger.arrive_once(doc, &name, found.size, when, "inbox", Some(&found.mark()))?;
            ledger.settle(&Settled { verdicts: vec![verdict], ..Settled::default() })?;
            Ok(arrived)
        })
    }

    /// Moves a file that cannot be read into quarantine, beside a note. Its bytes are not known, so the ledger has no row
    /// for it. Where it cannot be moved it stays where it is.
    pub fn move_aside(&self, left: &Left, now: Moment) -> Result<(), Fault> {
        let name = left.found.name();
        let folder = self.config.state.join("quarantine").join(format!("unread-{}", DocId::of(left.found.mark().as_bytes()).short()));
        files::make_folder(&folder, Mode::Private)?;
        let target = folder.join(quarantine::safe_name(&name));
        files::move_whole(&left.found.path, &target)?;
        quarantine::write_note(&target, &name, now, &Reason::Fault(&left.fault)).map(drop)
    }
}

fn count(arrived: Arrived, report: &mut Report) {
    report.taken += usize::from(arrived != Arrived::Before);
    report.again += usize::from(matches!(arrived, Arrived::Again { .. }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{self, Catalogue};
    use crate::config::Overrides;
    use crate::desk::Opened;
    use std::fs;

    fn config(root: &std::path::Path) -> Config {
        let path = |name: &str| Some(root.join(name));
        let over = Overrides { inbox: path("inbox"), outbox: path("outbox"), state: path("state"), ..Overrides::default() };
        let config = Config::resolve(&over, &|_| None).unwrap();
        fs::create_dir_all(config.inbox.join("四月")).unwrap();
        config
    }

    fn at_run() -> Hours {
        Hours { now: now(), last: None }
    }

    fn now() -> Moment {
        "2026-04-08T10:00:00+09:00".parse().unwrap()
    }

    #[test]
    fn what_cannot_be_read_is_moved_beside_a_note_and_what_cannot_be_moved_stays() {
        let root = tempfile::tempdir().unwrap();
        let config = config(root.path());
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
        let Ok(Opened::Ready(desk)) = Desk::open(&config, &catalogue) else { panic!("the desk does not open") };
        fs::write(config.inbox.join("四月/bad.pdf"), b"unread").unwrap();
        let found = intake::listing(&config.inbox).unwrap().files.remove(0);
        let fault = Fault::lasting(found.path.display(), "Input/output error", "check the disk");
        let left = Left { found, fault };
        desk.move_aside(&left, now()).unwrap();
        assert!(!left.found.path.exists());
        let quarantine = config.state.join("quarantine");
        let folder = fs::read_dir(&quarantine).unwrap().next().unwrap().unwrap().path();
        assert_eq!(fs::read(folder.join("bad.pdf")).unwrap(), b"unread");
        assert!(fs::read_to_string(folder.join("bad.pdf.note.txt")).unwrap().contains("Input/output error"));
        // Something of that name is there already: nothing is overwritten.
        fs::write(&left.found.path, b"another").unwrap();
        assert!(desk.move_aside(&left, now()).is_err());
        assert_eq!(fs::read(&left.found.path).unwrap(), b"another");
    }

    #[test]
    fn a_box_too_large_to_be_read_whole_is_taken_mail_by_mail_once() {
        let root = tempfile::tempdir().unwrap();
        let config = config(root.path());
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
        let Ok(Opened::Ready(mut desk)) = Desk::open(&config, &catalogue) else { panic!("the desk does not open") };
        let text = "x".repeat(76) + "\n";
        let mail = |n: u32| {
            format!("From a{n}@example.jp Wed Apr  8 09:00:00 2026\nFrom: a{n}@example.jp\nSubject: {n}\n\n{}\n", text.repeat(300_000))
        };
        let path = config.inbox.join("all.mbox");
        let write = || fs::write(&path, [mail(1), mail(2), mail(3)].concat()).unwrap();
        write();
        let found = intake::listing(&config.inbox).unwrap().files.remove(0);
        assert!(found.size > Limits::default().bytes as u64);
        let mut report = Report::default();
        // Killed before the file was removed.
        assert!(desk.take_box(&found, Lies::InInbox, &at_run(), &mut report).unwrap().is_none());
        let offered = |found: Found| Offered { inbox: vec![found], ..Offered::default() };
        desk.take(&offered(found.clone()), now(), &mut report).unwrap();
        assert_eq!((report.taken, report.again, report.left.len()), (3, 0, 0));
        assert!(!path.exists());
        // The very same file once more: its marks were taken off with it.
        write();
        fs::File::options().write(true).open(&path).unwrap().set_modified(found.modified).unwrap();
        let found = intake::listing(&config.inbox).unwrap().files.remove(0);
        desk.take(&offered(found), now(), &mut report).unwrap();
        assert_eq!((report.taken, report.again), (6, 3));
    }

    #[test]
    fn a_drop_that_still_lies_there_is_not_taken_twice() {
        let root = tempfile::tempdir().unwrap();
        let config = config(root.path());
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
        let Ok(Opened::Ready(mut desk)) = Desk::open(&config, &catalogue) else { panic!("the desk does not open") };
        fs::write(config.inbox.join("a.txt"), b"one").unwrap();
        let found = intake::listing(&config.inbox).unwrap().files.remove(0);
        let modified = found.modified;
        // Killed between the commit and the removal.
        let doc = desk.originals.put(b"one").unwrap();
        desk.ledger.arrive_once(doc, "a.txt", 3, now(), "inbox", Some(&found.mark())).unwrap();
        let mut report = Report::default();
        desk.take(&Offered { inbox: vec![found], ..Offered::default() }, now(), &mut report).unwrap();
        assert_eq!((report.taken, report.again, report.left.len()), (0, 0, 0));
        assert!(!config.inbox.join("a.txt").exists());
        fs::write(config.inbox.join("a.txt"), b"one").unwrap();
        let file = fs::File::options().write(true).open(config.inbox.join("a.txt")).unwrap();
        file.set_modified(modified).unwrap();
        let found = intake::listing(&config.inbox).unwrap().files.remove(0);
        desk.take(&Offered { inbox: vec![found], ..Offered::default() }, now(), &mut report).unwrap();
        assert_eq!((report.taken, report.again), (1, 1), "the same file, dropped anew with its old time");
    }

    /// The day of receipt of a file that lies there for some hours when the run takes it.
    fn landed(counting: Counting, lies: SignedDuration) -> (Option<Moment>, Moment) {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap();
        let Opened::Ready(mut desk) = Desk::open(&config, &catalogue).unwrap() else { panic!() };
        fs::write(config.inbox.join("a.txt"), b"abc").unwrap();
        let found = intake::listing(&config.inbox).unwrap().files.pop().unwrap();
        let came = Moment::new(Timestamp::from_second(found.changed.0).unwrap());
        let now = Moment::new(came.timestamp() + lies);
        let offered = Offered { inbox: vec![found], counting, ..Offered::default() };
        desk.take(&offered, now, &mut Report::default()).unwrap();
        (desk.ledger.arrived().unwrap()[0].landed, came)
    }

    #[test]
    fn a_file_that_lay_there_for_hours_came_when_it_lay_down() {
        let night = SignedDuration::from_hours(9);
        let (known, came) = landed(Counting::FromLanding, night);
        assert_eq!(known, Some(came));
        assert_eq!(landed(Counting::FromLanding, SignedDuration::from_secs(20)).0, None, "taken as it came");
        assert_eq!(landed(Counting::FromRun, night).0, None, "the clock was set");
    }

    #[test]
    fn nothing_came_before_what_was_taken_last() {
        let hours = Hours { now: "2026-04-08T02:00:00+09:00".parse().unwrap(), last: Some("2026-04-07T02:00:00+09:00".parse().unwrap()) };
        let came = |at: &str| Some(at.parse::<Moment>().unwrap().timestamp().as_second());
        let landed = |at| hours.of(came(at)).landed.map(|at| at.to_string());
        assert_eq!(landed("2026-04-07T16:40:00+09:00").as_deref(), Some("2026-04-07T16:40:00+09:00"));
        assert_eq!(landed("2019-01-01T00:00:00+09:00").as_deref(), Some("2026-04-07T02:00:00+09:00"), "a share that keeps old times");
        assert_eq!(landed("2026-04-08T09:00:00+09:00"), None, "a clock that is ahead");
    }
}
