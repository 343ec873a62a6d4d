//! Documents that wait are read once, and nothing but the time it takes can show it.

use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const BOOK: &str = "tests/accept/samples/workbooks/book-02.xlsx";
const MAIL: &str = "tests/accept/samples/mail/mail-02.eml";

fn run(root: &Path, at: &str) -> Json {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uketsuke"));
    command.args(["run", "--json", "--now", at]);
    for name in ["inbox", "outbox", "state"] {
        command.arg(format!("--{name}")).arg(root.join(name));
    }
    let output = command.output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn drop_in(root: &Path, name: &str, bytes: &[u8]) {
    fs::create_dir_all(root.join("inbox")).unwrap();
    fs::write(root.join("inbox").join(name), bytes).unwrap();
}

fn kept(root: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(root.join("state/readings")).map(|entries| entries.map(|entry| entry.unwrap().path()));
    listed.map(Iterator::collect).unwrap_or_default()
}

fn read(report: &Json) -> u64 {
    report["read"].as_u64().unwrap()
}

/// A workbook that no case takes.
fn waiting_book(root: &Path) {
    drop_in(root, "登録様式.xlsx", &fs::read(BOOK).unwrap());
    let report = run(root, "2026-04-08T10:00:00+09:00");
    assert_eq!((read(&report), &report["waiting"]), (1, &Json::from(1)));
    assert_eq!(kept(root).len(), 1);
}

#[test]
fn what_waits_is_not_read_again_with_each_newcomer() {
    let root = tempfile::tempdir().unwrap();
    waiting_book(root.path());
    drop_in(root.path(), "覚え書き.csv", "単なる覚え書き\n".as_bytes());
    assert_eq!(read(&run(root.path(), "2026-04-09T10:00:00+09:00")), 1);
}

#[test]
fn what_waits_is_left_alone_when_a_stranger_comes() {
    let root = tempfile::tempdir().unwrap();
    waiting_book(root.path());
    drop_in(root.path(), "一.csv", "覚え書き 一\n".as_bytes());
    run(root.path(), "2026-04-09T10:00:00+09:00");
    // Whoever looked at it would find it damaged, and read it anew.
    fs::write(kept(root.path()).iter().find(|path| fs::metadata(path).unwrap().len() > 2000).unwrap(), b"").unwrap();
    drop_in(root.path(), "二.csv", "覚え書き 二\n".as_bytes());
    assert_eq!(read(&run(root.path(), "2026-04-09T11:00:00+09:00")), 1);
    // On the next day everything is looked at again.
    drop_in(root.path(), "三.csv", "覚え書き 三\n".as_bytes());
    assert_eq!(read(&run(root.path(), "2026-04-10T10:00:00+09:00")), 2);
}

#[test]
fn what_a_case_became_known_by_wakes_a_document_though_a_run_without_anything_new_came_between() {
    let root = tempfile::tempdir().unwrap();
    let mail = "From: a@example.org\r\nSubject: TH-2026-0001\r\nMessage-ID: <1@example.org>\r\n\r\n受付番号 TH-2026-0001 について\r\n";
    drop_in(root.path(), "mail.eml", mail.as_bytes());
    assert_eq!(run(root.path(), "2026-04-08T09:00:00+09:00")["waiting"], 1);
    drop_in(root.path(), "form.pdf", &fs::read("tests/data/crash/form_a.pdf").unwrap());
    assert_eq!(run(root.path(), "2026-04-08T09:10:00+09:00")["waiting"], 1, "the number is given in this very run");
    run(root.path(), "2026-04-08T09:20:00+09:00");
    drop_in(root.path(), "覚え書き.csv", "覚え書き\n".as_bytes());
    let report = run(root.path(), "2026-04-08T09:30:00+09:00");
    assert_eq!((read(&report), &report["waiting"]), (1, &Json::from(1)), "the note waits, the mail has found its case");
}

#[test]
fn a_damaged_or_foreign_reading_is_not_believed() {
    let root = tempfile::tempdir().unwrap();
    waiting_book(root.path());
    let path = kept(root.path()).remove(0);
    let sound = fs::read(&path).unwrap();
    for (n, damage) in
        [b"".to_vec(), sound[..sound.len() - 1].to_vec(), [&sound[..sound.len() - 9], b"123456789"].concat()].iter().enumerate()
    {
        fs::write(&path, damage).unwrap();
        drop_in(root.path(), "覚え書き.csv", format!("覚え書き {n}\n").as_bytes());
        // On a new day everything is looked at again.
        let day = format!("2026-04-{:02}T10:00:00+09:00", 9 + n);
        assert_eq!(read(&run(root.path(), &day)), 2, "damage {n}");
        assert_eq!(fs::read(&path).unwrap(), sound, "what was read anew is kept anew");
    }
    // What another paper's place holds is not this paper's.
    let other = path.with_file_name("0".repeat(64));
    fs::write(&other, &sound).unwrap();
    drop_in(root.path(), "覚え書き.csv", "ほかの覚え書き\n".as_bytes());
    run(root.path(), "2026-04-15T10:00:00+09:00");
    assert!(!other.exists(), "nothing is kept of what does not wait");
}

#[test]
fn the_log_can_be_read_by_programs() {
    let root = tempfile::tempdir().unwrap();
    waiting_book(root.path());
    let original =
        walkdir::WalkDir::new(root.path().join("state/originals")).into_iter().flatten().find(|entry| entry.file_type().is_file());
    fs::remove_file(original.unwrap().path()).unwrap();
    drop_in(root.path(), "覚え書き.csv", "単なる覚え書き\n".as_bytes());
    let mut command = Command::new(env!("CARGO_BIN_EXE_uketsuke"));
    command.args(["run", "-q", "--log", "json", "--now", "2026-04-09T10:00:00+09:00"]);
    for name in ["inbox", "outbox", "state"] {
        command.arg(format!("--{name}")).arg(root.path().join(name));
    }
    let log = String::from_utf8(command.output().unwrap().stderr).unwrap();
    let lines: Vec<Json> = log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    assert!(lines.iter().any(|line| line["level"] == "ERROR" && line["message"] == "set aside"), "{log}");
}

/// Every file of the outbox with its bytes.
fn outbox(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = walkdir::WalkDir::new(root.join("outbox")).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    files.map(|entry| (entry.path().strip_prefix(root).unwrap().to_owned(), fs::read(entry.path()).unwrap())).collect()
}

#[test]
fn remembering_changes_nothing_that_people_see() {
    let [with, without] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    for (root, forgets) in [(with.path(), false), (without.path(), true)] {
        waiting_book(root);
        drop_in(root, "mail.eml", &fs::read(MAIL).unwrap());
        if forgets {
            fs::remove_dir_all(root.join("state/readings")).unwrap();
        }
        run(root, "2026-04-30T10:00:00+09:00");
    }
    assert!(!outbox(with.path()).is_empty());
    assert_eq!(outbox(with.path()), outbox(without.path()));
}
