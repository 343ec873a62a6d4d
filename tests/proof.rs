//! `verify` tells tampering from normal use; `backup` saves a state in use and `restore` brings it back whole.

use rusqlite::Connection;
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

const DATA: &str = "tests/data/crash";

/// A desk that has settled a batch: two cases, letters, an archive, a file in quarantine.
static DESK: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let root = tempfile::tempdir().unwrap();
    let inbox = root.path().join("inbox");
    fs::create_dir_all(&inbox).unwrap();
    for name in ["form_a.pdf", "book_a.xlsx", "mail.eml", "papers.zip", "cut.pdf"] {
        fs::copy(Path::new(DATA).join(name), inbox.join(name)).unwrap();
    }
    let run = command(root.path(), &["run", "-q"]).output().unwrap();
    assert!(matches!(run.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&run.stderr));
    let approved = ["case", "record", "TH-2026-0002", "corrected", "--set", "seal_present=あり", "--by", "受付 花子"];
    assert!(command(root.path(), &approved).output().unwrap().status.success());
    fs::copy(Path::new(DATA).join("book_a2.xlsx"), inbox.join("book_a2.xlsx")).unwrap();
    command(root.path(), &["run", "-q"]).output().unwrap();
    root
});

fn command(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uketsuke"));
    command.args(arguments).args(["--now", "2026-04-08T10:00:00+09:00", "--jobs", "1"]);
    for name in ["inbox", "outbox", "state"] {
        command.arg(format!("--{name}")).arg(root.join(name));
    }
    command
}

/// A desk of one's own, to spoil.
fn desk() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in walkdir::WalkDir::new(DESK.path()).min_depth(1) {
        let entry = entry.unwrap();
        let target = copy.path().join(entry.path().strip_prefix(DESK.path()).unwrap());
        if entry.file_type().is_dir() { fs::create_dir(target).unwrap() } else { fs::copy(entry.path(), target).map(drop).unwrap() }
    }
    copy
}

fn verify(root: &Path, more: &[&str]) -> (Option<i32>, Json) {
    let output = command(root, &["verify", "--json"]).args(more).output().unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), json)
}

/// The faults, each as `check: place: what`.
fn faults(root: &Path, more: &[&str]) -> Vec<String> {
    let (code, json) = verify(root, more);
    let lines: Vec<String> = lines(&json["faults"]);
    assert_eq!(code, Some(i32::from(!lines.is_empty())), "{json}");
    lines
}

fn notes(root: &Path) -> Vec<String> {
    lines(&verify(root, &[]).1["notes"])
}

fn lines(points: &Json) -> Vec<String> {
    let text = |point: &Json, key: &str| point[key].as_str().unwrap().to_owned();
    points
        .as_array()
        .unwrap()
        .iter()
        .map(|point| format!("{}: {}: {}", text(point, "check"), text(point, "place"), text(point, "what")))
        .collect()
}

fn sql(root: &Path, statement: &str) {
    Connection::open(root.join("state/ledger.sqlite")).unwrap().execute_batch(statement).unwrap();
}

fn one<T: rusqlite::types::FromSql>(root: &Path, query: &str) -> T {
    Connection::open(root.join("state/ledger.sqlite")).unwrap().query_row(query, [], |row| row.get(0)).unwrap()
}

fn tree(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = walkdir::WalkDir::new(root).sort_by_file_name().into_iter().map(Result::unwrap);
    files.filter(|entry| entry.file_type().is_file()).map(|entry| (entry.path().to_owned(), fs::read(entry.path()).unwrap())).collect()
}

#[test]
fn an_honest_desk_holds_and_looking_leaves_no_trace() {
    let desk = desk();
    let before = tree(desk.path());
    let (code, json) = verify(desk.path(), &["--untouched"]);
    assert_eq!((code, &json["ok"]), (Some(0), &Json::Bool(true)), "{json}");
    let counts = |key: &str| json["counts"][key].as_u64().unwrap();
    assert_eq!(counts("dropped"), counts("pending") + counts("done") + counts("waiting") + counts("quarantined"));
    assert_eq!((counts("dropped"), counts("cases"), counts("quarantined"), counts("undelivered")), (6, 2, 1, 0));
    assert!(json["head"].as_str().unwrap().len() == 64 && json["events"].as_u64().unwrap() > 20);
    assert!(tree(desk.path()) == before, "verify changed something");
}

#[test]
fn each_way_of_changing_history_is_found_and_named() {
    let changes: &[(&str, &[&str])] = &[
        (
            "UPDATE event SET body = replace(body, 'A-009', 'A-010') WHERE n = (SELECT min(n) FROM event WHERE body LIKE '%A-009%')",
            &["was changed"],
        ),
        ("UPDATE event SET at = '2026-04-07T10:00:00+09:00' WHERE n = 5", &["event 5 ", "was changed"]),
        ("DELETE FROM event WHERE n = 7", &["event 8 ", "event 7 is missing"]),
        ("DELETE FROM event WHERE n IN (7, 8)", &["event 9 ", "events 7 to 8 are missing"]),
        ("DELETE FROM event WHERE n = (SELECT max(n) FROM event)", &["book_a2.xlsx", "whose events do not say so"]),
        (
            "DELETE FROM event WHERE n >= (SELECT max(n) FROM event WHERE body LIKE '%\"moved\"%')",
            &["TH-2026-0002", "is not what its events say"],
        ),
        (
            "UPDATE event SET n = 1000 WHERE n = 6; UPDATE event SET n = 6 WHERE n = 7; UPDATE event SET n = 7 WHERE n = 1000",
            &["event 6 ", "does not stand there"],
        ),
        (
            "INSERT INTO event (case_no, seq, at, by, body, hash) SELECT case_no, 99, at, 'x', body, hash FROM event WHERE n = 2",
            &["number 99", "was changed"],
        ),
        ("UPDATE event SET hash = x'00' WHERE n = 3", &["event 3 "]),
    ];
    for (change, wanted) in changes {
        let desk = desk();
        sql(desk.path(), change);
        let faults = faults(desk.path(), &[]);
        for words in *wanted {
            assert!(faults.iter().any(|fault| fault.contains(words)), "{change}: no {words:?} in {faults:#?}");
        }
    }
}

#[test]
fn a_head_that_was_noted_must_stay_part_of_the_chain() {
    let desk = desk();
    let head = verify(desk.path(), &[]).1["head"].as_str().unwrap().to_owned();
    assert!(faults(desk.path(), &["--head", &head]).is_empty());
    fs::copy(Path::new(DATA).join("book_a.xlsx"), desk.path().join("inbox/again.xlsx")).unwrap();
    command(desk.path(), &["run", "-q"]).output().unwrap();
    assert!(faults(desk.path(), &["--head", &head]).is_empty(), "what came later changes nothing");
    // Somebody takes the end of history out, with everything that hangs on it.
    sql(desk.path(), "DELETE FROM event WHERE n >= (SELECT max(n) - 2 FROM event)");
    assert!(faults(desk.path(), &["--head", &verify(desk.path(), &[]).1["head"].as_str().unwrap().replace('a', "b")]).len() > 1);
}

#[test]
fn rows_that_do_not_fit_their_events_are_found() {
    let changes: &[(&str, &str)] = &[
        ("UPDATE case_summary SET state = 'S90_CLOSED' WHERE no = 'TH-2026-0001'", "cases: TH-2026-0001: state"),
        ("UPDATE case_summary SET closed = 1 WHERE no = 'TH-2026-0001'", "cases: TH-2026-0001: closed"),
        ("UPDATE case_summary SET summary = json_set(summary, '$.held', json('true')) WHERE no = 'TH-2026-0002'", "held of its summary"),
        ("UPDATE case_summary SET summary = json_remove(summary, '$.notices[0]') WHERE no = 'TH-2026-0002'", "notices of its summary"),
        ("DELETE FROM case_summary WHERE no = 'TH-2026-0002'", "cases: TH-2026-0002: has events and no summary"),
        ("DELETE FROM outbox WHERE n = 1", "the outbox has no row of it"),
        ("UPDATE outbox SET bytes = x'41' WHERE n = 1", "the ledger's own copy was changed"),
        ("UPDATE outbox SET delivered = NULL WHERE n = 1", "lies there and is not yet marked"),
        (
            "INSERT INTO outbox (letter, path, case_no, sha256, bytes, written) SELECT 'x', 'TH-2026-0001/x.eml', case_no, sha256, bytes, written
             FROM outbox WHERE n = 1",
            "no event says that it was written",
        ),
        ("UPDATE document SET status = 'waiting' WHERE name = 'form_a.pdf'", "received it, and it is not done"),
        ("UPDATE arrival SET outcome = 'first'", ""),
        ("UPDATE arrival SET outcome = 'again' WHERE n = 1", "was dropped for a first time 0 times"),
        ("PRAGMA foreign_keys = off; DELETE FROM document WHERE name = 'cut.pdf'", "names a document that does not exist"),
    ];
    for (change, wanted) in changes.iter().filter(|(_, wanted)| !wanted.is_empty()) {
        let desk = desk();
        sql(desk.path(), change);
        let (_, json) = verify(desk.path(), &[]);
        let seen = [lines(&json["faults"]), lines(&json["notes"])].concat();
        assert!(seen.iter().any(|line| line.contains(wanted)), "{change}: {seen:#?}");
    }
}

#[test]
fn originals_and_quarantine_are_held_against_their_hashes() {
    let desk = desk();
    let originals: Vec<PathBuf> = tree(&desk.path().join("state/originals")).into_iter().map(|(path, _)| path).collect();
    fs::write(&originals[0], b"other").unwrap();
    fs::remove_file(&originals[1]).unwrap();
    let foreign = originals[0].with_file_name("notes.txt");
    fs::write(&foreign, b"x").unwrap();
    let aside =
        tree(&desk.path().join("state/quarantine")).into_iter().map(|(path, _)| path).find(|path| path.ends_with("cut.pdf")).unwrap();
    fs::write(&aside, b"other").unwrap();
    let found = faults(desk.path(), &[]);
    let says = |path: &Path, what: &str| found.iter().any(|fault| fault.contains(&path.display().to_string()) && fault.ends_with(what));
    assert!(says(&originals[0], "was changed") && says(&originals[1], "is missing"), "{found:#?}");
    assert!(says(&foreign, "does not belong here") && says(aside.parent().unwrap(), "was changed"), "{found:#?}");
    assert_eq!(found.len(), 4, "{found:#?}");
}

#[test]
fn what_staff_do_with_the_outbox_is_no_tampering_and_a_forged_letter_is() {
    let desk = desk();
    let outbox = desk.path().join("outbox");
    fs::remove_file(outbox.join("TH-2026-0002/receipt_ack-1.eml")).unwrap();
    fs::write(outbox.join("TH-2026-0001/~$receipt_ack-1.docx"), b"x").unwrap();
    fs::write(outbox.join("Thumbs.db"), b"x").unwrap();
    assert_eq!(faults(desk.path(), &[]), [""; 0]);
    assert!(notes(desk.path()).iter().any(|note| note.ends_with("receipt_ack-1.eml: was delivered and is no longer there")));
    assert_eq!(faults(desk.path(), &["--untouched"]).len(), 1);
    let letter = outbox.join("TH-2026-0002/approval_notice-1.eml");
    fs::write(&letter, [fs::read(&letter).unwrap(), b"x".to_vec()].concat()).unwrap();
    fs::write(outbox.join("TH-2026-0002/approval_notice-2.eml"), b"forged").unwrap();
    let key = tree(&outbox).into_iter().map(|(path, _)| path).find(|path| path.extension().is_some_and(|end| end == "p12")).unwrap();
    fs::write(&key, b"another key").unwrap();
    let picture = tree(&outbox).into_iter().map(|(path, _)| path).find(|path| path.extension().is_some_and(|end| end == "png")).unwrap();
    fs::write(&picture, b"another picture").unwrap();
    let found = faults(desk.path(), &[]);
    for (path, what) in [
        ("approval_notice-1.eml", "was changed"),
        ("approval_notice-2.eml", "is no file of this desk"),
        (".p12", "was changed"),
        (".png", "no file"),
    ] {
        assert!(found.iter().any(|fault| fault.contains(path) && fault.contains(what)), "{path}: {found:#?}");
    }
    assert_eq!(found.len(), 4, "{found:#?}");
    // What is in the ledger is had from the console; a secret is not.
    let points = verify(desk.path(), &[]).1;
    let hint = |end: &str| {
        let mut points = points["faults"].as_array().unwrap().iter();
        points.find(|point| point["place"].as_str().unwrap().ends_with(end)).unwrap()["hint"].as_str().unwrap().to_owned()
    };
    assert!(hint("approval_notice-1.eml").contains("console") && hint(".p12").contains("revoked"));
}

#[test]
fn a_damaged_ledger_is_said_and_not_panicked_about() {
    let desk = desk();
    let path = desk.path().join("state/ledger.sqlite");
    let mut bytes = fs::read(&path).unwrap();
    for page in 3..12 {
        bytes[page * 4096..page * 4096 + 512].fill(0x5a);
    }
    fs::write(&path, bytes).unwrap();
    let output = command(desk.path(), &["verify"]).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.code() == Some(1) && String::from_utf8_lossy(&said).contains("backup"), "{}", String::from_utf8_lossy(&said));
}

/// Which pages were fed so is kept with what was read, and every later run reads that again.
#[test]
fn a_form_that_was_fed_upside_down_is_a_case_like_any_other() {
    let root = tempfile::tempdir().unwrap();
    let inbox = root.path().join("inbox");
    fs::create_dir_all(&inbox).unwrap();
    let mut form = lopdf::Document::load(Path::new(DATA).join("form_a.pdf")).unwrap();
    for page in form.get_pages().into_values() {
        form.get_object_mut(page).unwrap().as_dict_mut().unwrap().set("Rotate", 180);
    }
    form.save(inbox.join("form.pdf")).unwrap();
    for run in 1..=2 {
        let output = command(root.path(), &["run", "-q"]).output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 2)), "{run}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let shown = command(root.path(), &["case", "show", "TH-2026-0001", "--json"]).output().unwrap();
    let case: Json = serde_json::from_slice(&shown.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&shown.stderr)));
    let received = case["history"].as_array().unwrap().iter().find(|event| event["body"]["kind"] == "received").unwrap();
    assert_eq!(received["body"]["extract"]["turned"]["1"], 2);
    assert_eq!(faults(root.path(), &[]), [""; 0]);
}

/// Begun anew, it would number cases from 0001 again and know nothing of the letters that left.
#[test]
fn a_ledger_that_is_gone_is_said_by_every_verb_and_not_begun_anew() {
    let desk = desk();
    let (ledger, archive) = (desk.path().join("state/ledger.sqlite"), desk.path().join("desk.zip"));
    fs::remove_file(&ledger).unwrap();
    let note = ["case", "record", "TH-2026-0001", "note", "--note", "x", "--by", "花子"];
    let backup = ["backup", archive.to_str().unwrap()];
    for verb in [&["run"][..], &["watch"], &["verify"], &["replay"], &["case", "list"], &note, &backup] {
        let output = command(desk.path(), verb).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && said.contains("the ledger is gone") && said.contains("restore"), "{verb:?}: {said}");
    }
    assert!(!ledger.exists() && !archive.exists());
    // A state that never had one is another matter.
    fs::remove_dir_all(desk.path().join("state/originals")).unwrap();
    assert_eq!(command(desk.path(), &["case", "list"]).output().unwrap().status.code(), Some(0));
}

#[test]
fn an_outbox_that_is_gone_is_one_fault_and_no_note_for_each_letter() {
    let desk = desk();
    fs::remove_dir_all(desk.path().join("outbox")).unwrap();
    let found = faults(desk.path(), &[]);
    assert!(found.len() == 1 && found[0].contains("the outbox is gone"), "{found:#?}");
    assert_eq!(notes(desk.path()).iter().filter(|note| note.contains("no longer there")).count(), 0);
}

#[test]
fn what_is_no_head_is_no_proof_of_tampering() {
    let desk = desk();
    let output = command(desk.path(), &["verify", "--head", "zz"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains("\"zz\" is no head of a chain"), "{said}");
}

#[test]
fn verify_works_beside_another_program_that_writes() {
    let desk = desk();
    let connection = Connection::open(desk.path().join("state/ledger.sqlite")).unwrap();
    connection.execute_batch("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; UPDATE document SET status = 'pending'").unwrap();
    assert_eq!(faults(desk.path(), &["--untouched"]), [""; 0], "what is not committed is not seen");
}

#[test]
fn an_older_ledger_is_carried_forward_and_a_newer_one_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let state = root.path().join("state");
    fs::create_dir_all(&state).unwrap();
    sql(root.path(), include_str!("../src/store/schema-1.sql"));
    sql(root.path(), include_str!("data/ledger-1.sql"));
    let before: String = one(root.path(), "SELECT group_concat(body, '|') FROM event");
    let bytes = fs::read(state.join("ledger.sqlite")).unwrap();
    // Looking carries a copy forward, not the ledger.
    let (_, json) = verify(root.path(), &[]);
    assert_eq!((json["events"].as_u64(), json["counts"]["dropped"].as_u64()), (Some(2), Some(1)), "{json}");
    assert!(lines(&json["faults"]).iter().all(|fault| !fault.starts_with("chain")), "{json}");
    assert_eq!(fs::read(state.join("ledger.sqlite")).unwrap(), bytes);
    assert!(command(root.path(), &["case", "list"]).output().unwrap().status.success());
    assert!(one::<u32>(root.path(), "PRAGMA user_version") > 1);
    assert_eq!(one::<String>(root.path(), "SELECT group_concat(body, '|') FROM event"), before);
    assert_eq!(one::<u32>(root.path(), "SELECT shown FROM case_summary"), 2, "a page that was drawn is not drawn again");
    assert_eq!(one::<u32>(root.path(), "SELECT count(*) FROM arrival WHERE told = 0"), 0);
    sql(root.path(), "PRAGMA user_version = 99");
    for verb in [&["verify"][..], &["case", "list"], &["run"]] {
        let output = command(root.path(), verb).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && said.contains("newer program"), "{verb:?}: {said}");
    }
}

fn restore(root: &Path, archive: &Path, more: &[&str]) -> Output {
    command(root, &["restore", archive.to_str().unwrap()]).args(more).output().unwrap()
}

#[test]
fn a_backup_is_whole_and_private_and_holds_no_sealing_key() {
    let desk = desk();
    fs::create_dir(desk.path().join("state/forms")).unwrap();
    fs::write(desk.path().join("state/forms/様式.json"), r#"{"pages":[]}"#).unwrap();
    let archive = desk.path().join("desk.zip");
    let saved = command(desk.path(), &["backup", archive.to_str().unwrap()]).output().unwrap();
    assert!(saved.status.success() && String::from_utf8_lossy(&saved.stdout).contains("NOT in it: the sealing key"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&archive).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let key = fs::read(desk.path().join("state/sealing.key")).unwrap();
    let mut zip = zip::ZipArchive::new(fs::File::open(&archive).unwrap()).unwrap();
    for n in 0..zip.len() {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut zip.by_index(n).unwrap(), &mut bytes).unwrap();
        assert!(!bytes.windows(key.len()).any(|window| window == key));
    }
    let again = command(desk.path(), &["backup", archive.to_str().unwrap()]).output().unwrap();
    assert_eq!(again.status.code(), Some(1), "no backup is overwritten");
    let other = tempfile::tempdir().unwrap();
    let restored = restore(other.path(), &archive, &["--verify"]);
    assert!(restored.status.success(), "{}{}", String::from_utf8_lossy(&restored.stdout), String::from_utf8_lossy(&restored.stderr));
    let without_key = |root: &Path| -> Vec<(PathBuf, Vec<u8>)> {
        let own = |path: &Path| ["ledger.sqlite", "lock", "reception.lock", "sealing.key"].iter().any(|name| path.ends_with(name));
        let state = root.join("state");
        tree(&state)
            .into_iter()
            .filter(|(path, _)| !own(path))
            .map(|(path, bytes)| (path.strip_prefix(&state).unwrap().to_owned(), bytes))
            .collect()
    };
    assert!(without_key(other.path()) == without_key(desk.path()));
    assert_eq!(restore(other.path(), &archive, &[]).status.code(), Some(1), "a state that holds something is left alone");
    // With the key the desk goes on where it was.
    fs::copy(desk.path().join("state/sealing.key"), other.path().join("state/sealing.key")).unwrap();
    fs::create_dir_all(other.path().join("inbox")).unwrap();
    let said = String::from_utf8_lossy(&restored.stdout).into_owned();
    assert!(said.contains("mount the outbox at"), "{said}");
    fs::create_dir(other.path().join("outbox")).unwrap();
    fs::write(other.path().join("outbox/.uketsuke-outbox"), "").unwrap();
    assert!(matches!(command(other.path(), &["run", "-q"]).output().unwrap().status.code(), Some(0 | 2)));
}

#[test]
fn a_page_that_was_taken_away_comes_back_and_an_outbox_that_is_gone_is_not_made_anew() {
    let desk = desk();
    let (outbox, page) = (desk.path().join("outbox"), desk.path().join("outbox/TH-2026-0001/index.html"));
    let run = || command(desk.path(), &["run", "-q"]).output().unwrap();
    let before = fs::read(&page).unwrap();
    fs::remove_file(&page).unwrap();
    assert!(matches!(run().status.code(), Some(0 | 2)));
    assert_eq!(fs::read(&page).unwrap(), before);
    fs::rename(&outbox, desk.path().join("elsewhere")).unwrap();
    for verb in [&["run"][..], &["watch"], &["case", "record", "TH-2026-0001", "note", "--note", "x", "--by", "花子"]] {
        let output = command(desk.path(), verb).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && said.contains("the outbox is gone") && said.contains("mount it"), "{verb:?}: {said}");
    }
    assert!(!outbox.exists());
    let doctor = command(desk.path(), &["doctor"]).output().unwrap();
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("the outbox is gone"));
    // The folder in which a share is mounted lies there when it is not.
    fs::create_dir_all(outbox.join("lost+found")).unwrap();
    let output = run();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains("has no mark") && said.contains(".uketsuke-outbox"), "{said}");
    assert!(!outbox.join("index.html").exists());
    // Who makes the mark by hand begins anew.
    fs::write(outbox.join(".uketsuke-outbox"), "").unwrap();
    assert!(matches!(run().status.code(), Some(0 | 2)));
    assert!(outbox.join("index.html").exists() && page.exists());
}

#[test]
fn a_backup_that_was_changed_restores_nothing() {
    let desk = desk();
    let archive = desk.path().join("desk.zip");
    command(desk.path(), &["backup", archive.to_str().unwrap()]).output().unwrap();
    let bytes = fs::read(&archive).unwrap();
    let flipped = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    for (n, spoilt) in [flipped(bytes.len() / 3), flipped(bytes.len() / 2), bytes[..bytes.len() - 100].to_vec()].into_iter().enumerate() {
        fs::write(&archive, spoilt).unwrap();
        let other = tempfile::tempdir().unwrap();
        let output = restore(other.path(), &archive, &[]);
        assert_eq!(output.status.code(), Some(1), "{n}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("desk.zip: ") && said.contains("take another backup"), "{n}: {said}");
        assert_eq!(fs::read_dir(other.path()).unwrap().count(), 0, "nothing is left behind");
    }
}

#[test]
fn a_backup_writes_nothing_outside_the_state() {
    let root = tempfile::tempdir().unwrap();
    let archive = root.path().join("evil.zip");
    for name in ["../evil", "/tmp/evil", "originals/../../evil", "sealing.key", "originals"] {
        let mut zip = zip::ZipWriter::new(fs::File::create(&archive).unwrap());
        let options = zip::write::SimpleFileOptions::default();
        let mut files = serde_json::Map::new();
        for entry in ["ledger.sqlite", name] {
            zip.start_file(entry, options).unwrap();
            files.insert(entry.to_owned(), serde_json::json!({ "bytes": 0, "sha256": uketsuke::domain::id::DocId::of(b"") }));
        }
        zip.start_file("manifest.json", options).unwrap();
        let manifest = serde_json::json!({ "form": 1, "program": "0", "files": files });
        std::io::Write::write_all(&mut zip, manifest.to_string().as_bytes()).unwrap();
        zip.finish().unwrap();
        let output = restore(root.path(), &archive, &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && said.contains("outside the state"), "{name}: {said}");
        assert!(!root.path().join("state").exists() && !root.path().join("evil").exists());
    }
}

#[test]
fn a_backup_during_a_run_is_one_moment_of_it() {
    let root = tempfile::tempdir().unwrap();
    let inbox = root.path().join("inbox");
    fs::create_dir_all(&inbox).unwrap();
    for n in 0..60 {
        fs::write(inbox.join(format!("{n:03}.txt")), format!("note {n} of nobody")).unwrap();
    }
    fs::copy(Path::new(DATA).join("mail.eml"), inbox.join("mail.eml")).unwrap();
    let mut run = command(root.path(), &["run", "-q"]).spawn().unwrap();
    let mut saved = 0;
    while run.try_wait().unwrap().is_none() {
        let archive = root.path().join(format!("{saved}.zip"));
        if !command(root.path(), &["backup", archive.to_str().unwrap()]).output().unwrap().status.success() {
            continue;
        }
        saved += 1;
        let other = tempfile::tempdir().unwrap();
        // The desk's own outbox: what was delivered after the backup is no file of the restored ledger.
        let output = restore(other.path(), &archive, &["--verify"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    assert!(saved > 0);
}

#[test]
fn whatever_the_umask_staff_read_the_outbox_and_nobody_the_state() {
    use std::os::unix::fs::PermissionsExt;
    for umask in ["077", "000"] {
        let root = tempfile::tempdir().unwrap();
        for name in ["form_a.pdf", "cut.pdf"] {
            fs::create_dir_all(root.path().join("inbox")).unwrap();
            fs::copy(Path::new(DATA).join(name), root.path().join("inbox").join(name)).unwrap();
        }
        let inner = command(root.path(), &["run", "-q"]);
        let mut outer = Command::new("sh");
        outer.arg("-c").arg(format!("umask {umask}; exec \"$@\"")).arg("sh").arg(inner.get_program()).args(inner.get_args());
        assert!(matches!(outer.output().unwrap().status.code(), Some(0 | 2)));
        let mut seen = 0;
        for entry in walkdir::WalkDir::new(root.path()).min_depth(1) {
            let entry = entry.unwrap();
            let inside = entry.path().strip_prefix(root.path()).unwrap();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            let (folder, file) = if inside.starts_with("outbox") { (0o755, 0o644) } else { (0o700, 0o600) };
            let wanted = if entry.file_type().is_dir() { folder } else { file };
            // The note beside a file in quarantine lies in a private folder.
            if !inside.starts_with("inbox") && !inside.to_string_lossy().ends_with(".note.txt") {
                assert_eq!(mode, wanted, "umask {umask}: {}", inside.display());
                seen += 1;
            }
        }
        assert!(seen > 15);
    }
}
