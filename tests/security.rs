//! What `docs/security.md` promises about names and logs, held against the program as people run it. The promises about
//! readers stand in `isolation.rs`, those about archives and mails in `hostile.rs`, those about letters beside their code.

use serde_json::Value as Json;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn uketsuke(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uketsuke"));
    command.args(arguments).current_dir(root).stdin(Stdio::null()).output().unwrap()
}

fn run(root: &Path, more: &[&str]) -> Output {
    uketsuke(root, &[&["run", "--now", "2026-04-08T10:00:00+09:00"], more].concat())
}

#[test]
fn a_name_does_nothing_but_name_its_file() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    fs::create_dir(root.join("inbox")).unwrap();
    let long = format!("{}.pdf", "登".repeat(83));
    let names = [
        long.clone().into(),
        format!("{}<b>太字.xls", "録".repeat(70)).into(),
        "<img src=x onerror=alert(1)>{{title}}.bin".into(),
        "-rf; `touch x` $(touch y) =1+1 &amp;.bin".into(),
        "a\nFrom: b@example.jp\n■ 対応.bin".into(),
        std::ffi::OsString::from_vec(b"\x8c_\x96\xf1\x1b[31m.bin".to_vec()),
    ];
    for (n, name) in names.iter().enumerate() {
        fs::write(root.join("inbox").join(name), [b"\0\x01 no document ", &[n as u8][..]].concat()).unwrap();
    }
    let output = run(root, &[]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(fs::read_dir(root.join("inbox")).unwrap().count(), 0);
    let mut here: Vec<_> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    here.sort();
    assert_eq!(here, ["inbox", "outbox", "state"], "a name was run as a command");
    let mut notes = 0;
    for folder in fs::read_dir(root.join("state/quarantine")).unwrap() {
        let mut files: Vec<_> = fs::read_dir(folder.unwrap().path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert_eq!(files.len(), 2, "{files:?}");
        let note = fs::read_to_string(&files[1]).unwrap();
        assert!(note.starts_with("隔離されたファイルについて\n\nファイル: ") && !note.contains('\u{1b}'), "{note}");
        assert_eq!(note.lines().filter(|line| *line == "■ 対応").count(), 1, "{note}");
        notes += 1;
    }
    assert_eq!(notes, names.len());
    let page = fs::read_to_string(root.join("outbox/index.html")).unwrap();
    assert!(page.contains("&lt;img src") && page.contains("{{title}}"), "the page shows names as they are");
    assert!(!page.contains("<img") && !page.contains("<b>太字") && !page.contains('\u{1b}'), "a name became a part of the page");
}

#[test]
fn the_log_says_nothing_of_what_is_in_a_document() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    fs::create_dir(root.join("inbox")).unwrap();
    let samples = ["mail/mail-02.eml", "workbooks/book-02.xlsx", "mms/MMSREG_K135_2026042067_01_20260420101504.xml"];
    let samples = samples.map(|path| std::path::absolute(Path::new("tests/accept/samples").join(path)).unwrap());
    let mut words = Vec::new();
    for (n, path) in samples.iter().enumerate() {
        fs::copy(path, root.join("inbox").join(format!("{n}.{}", path.extension().unwrap().to_str().unwrap()))).unwrap();
        let read = uketsuke(root, &["read", "--json", path.to_str().unwrap()]);
        for line in String::from_utf8(read.stdout).unwrap().lines() {
            values(&serde_json::from_str(line).unwrap(), &mut words);
        }
    }
    // Codes and short words may stand anywhere.
    words.retain(|word| word.chars().count() >= 6 && !word.chars().all(|c| c.is_ascii_digit()));
    assert!(words.len() > 50, "{words:?}");
    let output = run(root, &["-v"]);
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{log}");
    let said: Vec<&String> = words.iter().filter(|word| log.contains(word.as_str())).collect();
    assert!(said.is_empty(), "{said:?} in\n{log}");
}

/// Every value that a document holds.
fn values(json: &Json, words: &mut Vec<String>) {
    match json {
        Json::Object(object) => {
            if let (Some(Json::String(value)), Some(Json::String(raw))) = (object.get("value"), object.get("raw")) {
                words.extend([value.clone(), raw.clone()]);
            }
            object.values().for_each(|inner| values(inner, words));
        }
        Json::Array(list) => list.iter().for_each(|inner| values(inner, words)),
        _ => {}
    }
}

/// More than the desk holds in memory: their bytes are let go, and wanted again when they are set aside.
#[test]
fn an_archive_full_of_unreadable_files_is_read_twice_and_not_once_for_each() {
    use std::io::{Cursor, Write};
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    fs::create_dir(root.join("inbox")).unwrap();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..20u8 {
        writer.start_file(format!("{n}.bin"), zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(&[&[0, 1, n], vec![0; 1 << 20].as_slice()].concat()).unwrap();
    }
    fs::write(root.join("inbox/all.zip"), writer.finish().unwrap().into_inner()).unwrap();
    let output = run(root, &["-vv"]);
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{log}");
    assert_eq!(fs::read_dir(root.join("state/quarantine")).unwrap().count(), 20, "{log}");
    assert_eq!(log.matches("a reader answered").count(), 2, "{log}");
}
