//! What the ledger and the originals promise when something goes wrong.

use super::*;
use crate::domain::case::{Body, CaseNo, Event};
use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::domain::letter::{Letter, LetterFile};
use crate::fault::{Fault, Sort};
use std::time::Duration;

fn room() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    (folder, ledger)
}

fn at(hour: u8) -> Moment {
    format!("2026-04-08T{hour:02}:00:00+09:00").parse().unwrap()
}

fn event(seq: u32) -> Event {
    let body = Body::Found { open: Vec::new(), held: false };
    Event { case: CaseNo("TH-2026-0001".into()), seq, at: at(10), by: "test".into(), body }
}

fn letter(name: &str) -> Letter {
    let file = LetterFile { name: name.into(), media_type: "text/plain".into(), secret: false, bytes: name.into() };
    let (key, kind, subject, basis) = (name.into(), "note".into(), "s".into(), "b".into());
    Letter { key, kind, operation: None, to: None, subject, files: vec![file], basis }
}

/// A settlement with one event and letters of these names.
pub fn settled(seq: u32, letters: &[&str]) -> Settled {
    let no = CaseNo("TH-2026-0001".into());
    let letters = letters.iter().map(|name| (no.clone(), at(10), letter(name))).collect();
    Settled { events: vec![event(seq)], letters, ..Settled::default() }
}

#[test]
fn a_ledger_that_another_program_holds_is_tried_again_later_and_nothing_is_written() {
    let (folder, mut ledger) = room();
    ledger.run(|connection| connection.busy_timeout(Duration::from_millis(1))).unwrap();
    let other = rusqlite::Connection::open(folder.path().join("ledger.sqlite")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let fault = ledger.settle(&settled(1, &["a"])).unwrap_err();
    assert_eq!(fault.sort, Sort::Transient, "{fault}");
    other.execute_batch("ROLLBACK").unwrap();
    ledger.settle(&settled(1, &["a"])).unwrap();
    assert_eq!((ledger.history().unwrap().len(), ledger.undelivered().unwrap().len()), (1, 1));
}

#[test]
fn a_full_ledger_is_tried_again_later_and_keeps_what_it_had() {
    let (_folder, mut ledger) = room();
    ledger.settle(&settled(1, &["a"])).unwrap();
    let pages: u32 = ledger.run(|connection| connection.query_row("PRAGMA page_count", [], |row| row.get(0))).unwrap();
    ledger.run(|connection| connection.pragma_update(None, "max_page_count", pages)).unwrap();
    let mut large = settled(2, &["b"]);
    large.letters[0].2.files[0].bytes = vec![7; 100_000];
    let fault = ledger.settle(&large).unwrap_err();
    assert_eq!(fault.sort, Sort::Transient, "{fault}");
    assert_eq!((ledger.history().unwrap().len(), ledger.undelivered().unwrap().len()), (1, 1));
    ledger.run(|connection| connection.pragma_update(None, "max_page_count", 100_000)).unwrap();
    ledger.settle(&large).unwrap();
    assert!(ledger.chain(None).unwrap().breaks.is_empty());
}

#[test]
fn what_is_written_together_is_written_whole_or_not_at_all() {
    let (_folder, mut ledger) = room();
    let failed = ledger.together(|ledger| {
        ledger.arrive(DocId::of(b"a"), "a", 1, at(10), "inbox")?;
        ledger.settle(&settled(1, &["a"]))?;
        assert_eq!(ledger.history()?.len(), 1, "it sees its own work");
        Err::<(), _>(Fault::lasting("x", "y", "z"))
    });
    assert!(failed.is_err());
    assert!(ledger.history().unwrap().is_empty() && ledger.pending().unwrap().is_empty());
    ledger.together(|ledger| ledger.settle(&settled(1, &["a"]))).unwrap();
    assert_eq!(ledger.history().unwrap().len(), 1);
}

#[test]
fn a_file_seen_twice_came_once_until_it_is_gone() {
    let (_folder, mut ledger) = room();
    let doc = DocId::of(b"a");
    let drop = |ledger: &mut Ledger, mark| ledger.arrive_once(doc, "a", 1, at(10), "inbox", Some(mark)).unwrap();
    assert_eq!(drop(&mut ledger, "1 a"), Arrived::First);
    assert_eq!(drop(&mut ledger, "1 a"), Arrived::Before);
    assert_eq!(drop(&mut ledger, "2 a"), Arrived::Again { first: at(10), case: None });
    ledger.cleared(&["1 a".to_owned()]).unwrap();
    assert_eq!(drop(&mut ledger, "2 a"), Arrived::Before, "the other one still lies there");
    assert_eq!(drop(&mut ledger, "1 a"), Arrived::Again { first: at(10), case: None });
    assert!(ledger.untold().unwrap().is_empty(), "no case knows it yet");
    let paper = &ledger.stock().unwrap().papers[0];
    assert_eq!((paper.first, paper.again), (1, 2));
}

#[test]
fn the_ten_thousandth_case_of_a_year_is_followed_by_the_next() {
    let (_folder, mut ledger) = room();
    let next = |ledger: &Ledger| ledger.next_case_no("TH", 2026).unwrap().0;
    assert_eq!(next(&ledger), "TH-2026-0001");
    for no in ["TH-2026-9999", "TH-2026-10000", "TH-2027-0042", "THX-2026-20000"] {
        let row = CaseRow {
            no: CaseNo(no.into()),
            flow: "I_PRIME".into(),
            state: "S10_APPLICATION_RECEIVED".into(),
            closed: false,
            dated: false,
            summary: "{}".into(),
            keys: Default::default(),
            points: Default::default(),
        };
        ledger.settle(&Settled { case: Some(row), ..Settled::default() }).unwrap();
    }
    assert_eq!(next(&ledger), "TH-2026-10001");
}

#[test]
fn a_list_holds_all_that_is_due_and_of_the_rest_the_nearest() {
    let (_folder, mut ledger) = room();
    let today = jiff::civil::date(2026, 4, 8);
    let far = "2026-05-30";
    let certificate = |day: &str| format!(r#"{{"kind": "certificate", "on": "{day}"}}"#);
    let reply = |day: &str| format!(r#"{{"kind": "reply", "on": "{day}"}}"#);
    for (no, closed, state, held, deadlines) in [
        (1, false, "S10", false, reply("2026-04-01")),
        (2, false, "S10", false, reply(far)),
        (3, false, "S10", true, reply(far)),
        (4, false, "S81", false, reply(far)),
        (5, false, "S10", false, reply("2026-05-29")),
        (6, false, "S10", false, String::new()),
        (7, true, "S90", false, certificate("2026-04-10")),
        (8, true, "S90", false, certificate("2028-04-10")),
        (9, true, "S90", false, String::new()),
        (0, true, "S90", true, String::new()),
    ] {
        let summary =
            format!(r#"{{"held": {held}, "deadlines": [{deadlines}], "open_findings":[{{"code": "A-001", "severity": "ask"}}]}}"#);
        let (no, flow, state) = (CaseNo(format!("TH-2026-000{no}")), "I_PRIME".into(), state.to_owned());
        let case = CaseRow { no, flow, state, closed, dated: false, summary, keys: Default::default(), points: Default::default() };
        ledger.settle(&Settled { case: Some(case), ..Settled::default() }).unwrap();
    }
    let listed = |most_calm| {
        let wanted =
            Wanted { certificates_by: jiff::civil::date(2026, 5, 1), due_by: today, states: &["S81"].into(), most_calm, most_closed: 1 };
        let cases = ledger.placed(&wanted).unwrap();
        cases.iter().map(|case| case.no.0.trim_start_matches("TH-2026-000").to_owned()).collect::<String>()
    };
    assert_eq!(listed(0), "173409", "a person is waited for, also at the end");
    assert_eq!(listed(1), "1753409", "the nearest of the others too");
    assert_eq!(listed(99), "175324069", "what is never due comes after what is, what is done last");
    let (counted, tally) = (ledger.counted().unwrap(), ledger.tally().unwrap());
    assert_eq!((counted.all, counted.open, counted.held), (10, 6, 2));
    let third = &ledger.briefs().unwrap()[3];
    assert_eq!(
        (third.no.0.as_str(), third.held, third.due.as_deref(), third.open, third.drafted),
        ("TH-2026-0003", true, Some(far), 1, false)
    );
    assert_eq!((tally.states["S10"], tally.states["S90"], tally.codes["A-001"]), (5, 4, 10));
}

#[test]
fn a_case_is_told_once_that_its_document_came_again() {
    let (_folder, mut ledger) = room();
    let doc = DocId::of(b"a");
    ledger.arrive(doc, "a", 1, at(10), "inbox").unwrap();
    let case = Some(CaseNo("TH-2026-0001".into()));
    let verdict = Verdict {
        doc,
        name: "a".into(),
        received: at(10),
        bytes: 1,
        parent: None,
        status: Status::Done,
        kind: "x".into(),
        case,
        note: None,
        signs: Signs::new(),
        listens: false,
    };
    ledger.settle(&Settled { verdicts: vec![verdict], ..Settled::default() }).unwrap();
    ledger.arrive(doc, "b", 1, at(11), "inbox").unwrap();
    ledger.arrive(doc, "c", 1, at(11), "mail").unwrap();
    let untold = ledger.untold().unwrap();
    assert_eq!(untold.iter().map(|came| (came.name.as_str(), came.first)).collect::<Vec<_>>(), [("b", at(10))]);
    ledger.settle(&Settled { told: vec![untold[0].n], ..settled(1, &[]) }).unwrap();
    assert!(ledger.untold().unwrap().is_empty());
}

#[test]
fn a_damaged_original_costs_its_own_document_and_is_mended_when_it_comes_again() {
    let (folder, mut ledger) = room();
    let originals = Originals::at(folder.path());
    let doc = originals.put(b"paper").unwrap();
    std::fs::write(originals.path(doc), b"pap").unwrap();
    assert_eq!((originals.get(doc).unwrap_err().sort, originals.check(doc).unwrap()), (Sort::Lasting, Some(false)));
    std::fs::remove_file(originals.path(doc)).unwrap();
    assert_eq!((originals.get(doc).unwrap_err().sort, originals.check(doc).unwrap()), (Sort::Lasting, None));
    ledger.arrive(doc, "a", 5, at(10), "inbox").unwrap();
    let status = Status::Quarantined;
    let (name, kind, signs) = ("a".into(), "x".into(), Signs::new());
    let verdict =
        Verdict { doc, name, received: at(10), bytes: 5, parent: None, status, kind, case: None, note: None, signs, listens: false };
    ledger.settle(&Settled { verdicts: vec![verdict], ..Settled::default() }).unwrap();
    ledger.reopen(doc).unwrap();
    std::fs::write(originals.path(doc), b"pap").unwrap();
    originals.put(b"paper").unwrap();
    assert_eq!(originals.get(doc).unwrap(), b"paper");
    assert_eq!(ledger.pending().unwrap().len(), 1, "it is read again");
}

#[test]
fn others_cannot_read_the_ledger() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, mut ledger) = room();
    ledger.settle(&settled(1, &[])).unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
    }
}

#[test]
fn one_program_holds_a_state_and_others_can_ask() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!Lock::is_held(folder.path()).unwrap());
    let lock = Lock::take(folder.path()).unwrap();
    assert!(lock.is_some() && Lock::is_held(folder.path()).unwrap() && Lock::take(folder.path()).unwrap().is_none());
    drop(lock);
    assert!(!Lock::is_held(folder.path()).unwrap() && Lock::take(folder.path()).unwrap().is_some());
}

#[test]
fn a_lock_says_whether_the_one_before_let_it_go() {
    let folder = tempfile::tempdir().unwrap();
    let take = || Lock::take(folder.path()).unwrap().unwrap();
    let [today, tomorrow] = [8, 9].map(|day| jiff::civil::date(2026, 4, day));
    let mut lock = take();
    assert!(!lock.is_tidy(today), "nobody has looked yet");
    lock.tidied(today);
    drop(lock);
    assert!(take().is_tidy(today) && take().is_tidy(today) && !take().is_tidy(tomorrow));
    // Killed: the file stays as it was while it was held.
    let killed = take();
    let held = std::fs::read(folder.path().join("lock")).unwrap();
    drop(killed);
    std::fs::write(folder.path().join("lock"), held).unwrap();
    drop(take());
    assert!(!take().is_tidy(today), "one that does not look takes nothing back");
}
