//! The outer face: exit codes, JSON, and what `run` does with files that no one can read.

use serde_json::Value as Json;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn uketsuke(root: &Path, arguments: &[&str]) -> Output {
    let folders = ["inbox", "outbox", "state"].map(|name| root.join(name));
    let mut command = Command::new(env!("CARGO_BIN_EXE_uketsuke"));
    command.args(arguments).current_dir(root);
    for (option, folder) in ["--inbox", "--outbox", "--state"].iter().zip(&folders) {
        command.arg(option).arg(folder);
    }
    command.output().unwrap()
}

fn run(root: &Path) -> Output {
    uketsuke(root, &["run", "--now", "2026-04-08T10:00:00+09:00", "--json"])
}

fn drop_file(root: &Path, name: &str, bytes: &[u8]) {
    fs::create_dir_all(root.join("inbox")).unwrap();
    fs::write(root.join("inbox").join(name), bytes).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn bad_files_are_set_aside_with_a_note_and_the_rest_goes_on() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    drop_file(root, "empty.pdf", b"");
    drop_file(root, "named.pdf", b"\x00\x01 no document at all \xff");
    drop_file(root, "~$lock.xlsx", b"lock");
    drop_file(root, "coming.pdf.part", b"half");
    drop_file(root, "note{{x}}<script>.xml", b"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>");
    let output = run(root);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["taken"], &report["quarantined"]), (&3.into(), &3.into()), "{report}");
    assert_eq!(names(&root.join("inbox")), ["coming.pdf.part", "~$lock.xlsx"]);
    let folders = names(&root.join("state/quarantine"));
    assert_eq!(folders.len(), 3);
    for folder in folders {
        let folder = root.join("state/quarantine").join(folder);
        let files = names(&folder);
        assert_eq!(files.len(), 2, "{files:?}");
        let note = fs::read_to_string(folder.join(files.iter().find(|name| name.ends_with(".note.txt")).unwrap())).unwrap();
        assert!(note.contains("■ 対応") && note.contains("What to do"), "{note}");
    }
    assert!(root.join("outbox/index.html").exists());
}

#[test]
fn a_file_that_is_too_large_is_set_aside_unread() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    fs::create_dir_all(root.join("inbox")).unwrap();
    fs::File::create(root.join("inbox/huge.pdf")).unwrap().set_len(65 << 20).unwrap();
    assert_eq!(run(root).status.code(), Some(2));
    assert!(names(&root.join("inbox")).is_empty());
    let folder = root.join("state/quarantine").join(&names(&root.join("state/quarantine"))[0]);
    assert_eq!(names(&folder), ["huge.pdf", "huge.pdf.note.txt"]);
    assert!(fs::read_to_string(folder.join("huge.pdf.note.txt")).unwrap().contains("M-007"));
}

#[test]
fn the_same_bytes_are_taken_once_and_known_again() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    drop_file(root, "a.txt", "受付".as_bytes());
    assert_eq!(run(root).status.code(), Some(2));
    drop_file(root, "b.txt", "受付".as_bytes());
    let report: Json = serde_json::from_slice(&run(root).stdout).unwrap();
    assert_eq!((&report["taken"], &report["again"]), (&1.into(), &1.into()), "{report}");
    assert!(names(&root.join("inbox")).is_empty());
}

#[test]
fn a_state_folder_that_is_held_is_refused_with_three() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    fs::create_dir_all(root.join("state")).unwrap();
    let file = fs::File::create(root.join("state/lock")).unwrap();
    file.lock().unwrap();
    assert_eq!(run(root).status.code(), Some(3));
    file.unlock().unwrap();
    assert_eq!(run(root).status.code(), Some(0));
}

#[test]
fn arguments_that_do_not_hold_are_a_failure_and_no_work_that_waits() {
    let root = tempfile::tempdir().unwrap();
    let code = |arguments: &[&str]| uketsuke(root.path(), arguments).status.code();
    for wrong in [&["run", "--now", "2026-04-01"][..], &["run", "--jobs", "abc"], &["run", "--nope"], &["walk"]] {
        assert_eq!(code(wrong), Some(1), "{wrong:?}");
    }
    assert_eq!(code(&["run", "--help"]), Some(0));
}

#[test]
fn a_state_that_is_not_there_proves_nothing() {
    let root = tempfile::tempdir().unwrap();
    for proof in ["verify", "replay"] {
        let proven = uketsuke(root.path(), &[proof]);
        assert_eq!(proven.status.code(), Some(1), "{proof}");
        assert!(String::from_utf8_lossy(&proven.stderr).contains("mount its disk"), "{proof}");
    }
    assert_eq!(run(root.path()).status.code(), Some(0));
    for proof in ["verify", "replay"] {
        assert_eq!(uketsuke(root.path(), &[proof]).status.code(), Some(0), "{proof}");
    }
}

#[test]
fn a_wrong_setting_refuses_to_start() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    fs::write(root.join("uketsuke.toml"), "[desk]\ntsoo = \"x\"\n").unwrap();
    let output = run(root);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("uketsuke.toml:"), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn check_names_the_file_of_a_fault_that_was_planted() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    for entry in walkdir::WalkDir::new(&templates).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file()) {
        let target = root.join("templates").join(entry.path().strip_prefix(&templates).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(entry.path(), target).unwrap();
    }
    fs::write(root.join("uketsuke.toml"), "templates = \"templates\"\n").unwrap();
    assert_eq!(uketsuke(root, &["check"]).status.code(), Some(0), "{}", String::from_utf8_lossy(&uketsuke(root, &["check"]).stderr));
    let steps = root.join("templates/mms-usage/flows/steps.toml");
    let text = fs::read_to_string(&steps).unwrap();
    fs::write(&steps, text.replacen("application-received", "application-recieved", 1)).unwrap();
    let output = uketsuke(root, &["check"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("flows/steps.toml") && said.contains("application-recieved"), "{said}");
    let output = uketsuke(root, &["check", "--json"]);
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &said["ok"], &said["catalogue"]), (Some(1), &false.into(), &serde_json::Value::Null));
    assert!(said["faults"][0]["what"].as_str().unwrap().contains("application-recieved"), "{said}");
    fs::write(&steps, text).unwrap();
    let said: serde_json::Value = serde_json::from_slice(&uketsuke(root, &["check", "--json"]).stdout).unwrap();
    assert!(said["ok"] == true && said["faults"] == serde_json::json!([]) && said["catalogue"]["defects"].as_u64() > Some(100), "{said}");
}

#[test]
fn a_case_that_does_not_exist_is_said_to_be_missing() {
    let root = tempfile::tempdir().unwrap();
    let output = uketsuke(root.path(), &["case", "list", "--json"]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), &b"[]\n"[..]));
    assert_eq!(uketsuke(root.path(), &["case", "show", "TH-2026-0001"]).status.code(), Some(1));
}

#[test]
fn a_pipe_that_is_closed_early_costs_no_run_and_shows_no_panic() {
    let root = tempfile::tempdir().unwrap();
    drop_file(root.path(), "memo.csv", "覚え書き\n".as_bytes());
    let (reader, writer) = std::io::pipe().unwrap();
    let said = tempfile::NamedTempFile::new().unwrap();
    drop(reader);
    let closed = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_uketsuke"));
        command.args(arguments).current_dir(root.path()).stdout(writer.try_clone().unwrap());
        command
    };
    let run = closed(&["run", "--now", "2026-04-08T10:00:00+09:00"]).stderr(writer.try_clone().unwrap()).status().unwrap();
    assert!(run.code().is_some_and(|code| code != 101), "{run:?}");
    assert_eq!(names(&root.path().join("inbox")), [""; 0], "the run was done");
    assert_eq!(closed(&["--help"]).stderr(said.reopen().unwrap()).status().unwrap().code().map(|code| code == 101), Some(false));
    assert_eq!(closed(&["check"]).stderr(said.reopen().unwrap()).status().unwrap().code(), Some(1));
    assert_eq!(fs::read_to_string(said.path()).unwrap(), "");
}
