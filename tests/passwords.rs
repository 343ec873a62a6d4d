//! Archives that need a password, and a desk that looks once a night: the password is asked for when it is late, and what
//! it opens is read whenever it comes.

#[path = "shared/locked.rs"]
mod locked;

use locked::{locked, locked_with, password};
use serde_json::Value as Json;
use std::fs;
use std::io::{Cursor, Write};
use std::process::{Command, Output};
use tempfile::TempDir;

const FORM: &str = "tests/accept/samples/forms/form-22.pdf";
/// When the locked mail says that it was sent.
const SENT: &str = "Date: Wed, 08 Apr 2026 23:50:00 +0900\r\nSubject: x (TH-2026-0001)\r\n";

struct Desk(TempDir);

impl Desk {
    /// With a case that the mails belong to.
    fn new() -> Self {
        let desk = Desk(tempfile::tempdir().unwrap());
        fs::create_dir(desk.0.path().join("inbox")).unwrap();
        desk.drop_file("form.pdf", &fs::read(FORM).unwrap());
        desk.run("2026-04-08T10:00:00+09:00");
        desk
    }

    fn drop_file(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.path().join("inbox").join(name), bytes).unwrap();
    }

    fn output(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_uketsuke")).args(words).current_dir(self.0.path()).output().unwrap()
    }

    fn run(&self, at: &str) -> Json {
        let output = self.output(&["run", "--json", "--now", at]);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
    }

    fn show(&self) -> String {
        String::from_utf8(self.output(&["case", "show", "TH-2026-0001"]).stdout).unwrap()
    }

    /// Whether the password is asked for, and how often a file is named in the case.
    fn stands(&self, name: &str) -> (bool, usize) {
        let show = self.show();
        (show.contains("open  M-002"), show.matches(name).count())
    }

    fn holds(&self) {
        let proof = self.output(&["verify", "--untouched"]);
        assert_eq!(proof.status.code(), Some(0), "{}", String::from_utf8_lossy(&proof.stdout));
        let replay = self.output(&["replay", "--diff"]);
        assert_eq!(replay.status.code(), Some(0), "{}", String::from_utf8_lossy(&replay.stdout));
        let ledger = fs::read(self.0.path().join("state/ledger.sqlite")).unwrap();
        assert!(!ledger.windows(8).any(|bytes| bytes == b"Geheim-1"));
    }
}

#[test]
fn a_password_that_is_under_way_is_not_asked_for() {
    let desk = Desk::new();
    let before = desk.stands("form.pdf").1;
    desk.drop_file("1.eml", &locked(SENT));
    assert_eq!(desk.run("2026-04-09T00:00:00+09:00")["kept_back"], 1);
    assert_eq!(desk.stands("form.pdf"), (false, before));
    desk.drop_file("2.eml", &password("taro@example.jp"));
    assert_eq!(desk.run("2026-04-10T00:00:00+09:00")["kept_back"], 0);
    let (asked, named) = desk.stands("form.pdf");
    assert!(!asked && named > before, "{}", desk.show());
    desk.holds();
}

/// The password as Outlook saves the mail that names it.
fn saved_password(sender: &str) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("__properties_version1.0").unwrap().write_all(&[0; 32]).unwrap();
    for (property, text) in [("0037", "y"), ("5D01", sender), ("1000", "先ほどのパスワードは Geheim-1 です。")] {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        file.create_stream(format!("__substg1.0_{property}001F")).unwrap().write_all(&units).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

#[test]
fn a_password_in_a_saved_mail_opens_what_came_before_it() {
    let desk = Desk::new();
    let before = desk.stands("form.pdf").1;
    desk.drop_file("1.eml", &locked(SENT));
    assert_eq!(desk.run("2026-04-09T00:00:00+09:00")["kept_back"], 1);
    desk.drop_file("2.msg", &saved_password("taro@example.jp"));
    assert_eq!(desk.run("2026-04-10T00:00:00+09:00")["kept_back"], 0);
    let (asked, named) = desk.stands("form.pdf");
    assert!(!asked && named > before, "{}", desk.show());
    desk.holds();
}

#[test]
fn a_password_that_is_late_is_asked_for_and_opens_what_was_settled() {
    const BOOK: &str = "事業者概要.xlsx";
    let late = "Date: Wed, 08 Apr 2026 12:00:00 +0900\r\nSubject: x (TH-2026-0001)\r\n";
    for (sent, kept_back) in [(SENT, 1), (late, 0)] {
        let desk = Desk::new();
        desk.drop_file("1.eml", &locked_with(sent, BOOK, "tests/data/crash/book_a.xlsx"));
        assert_eq!(desk.run("2026-04-09T00:00:00+09:00")["kept_back"], kept_back);
        assert_eq!(desk.run("2026-04-10T00:00:00+09:00")["kept_back"], 0);
        assert_eq!(desk.stands(BOOK), (true, 0), "{}", desk.show());
        desk.drop_file("2.eml", &password("jiro@example.jp"));
        desk.run("2026-04-11T00:00:00+09:00");
        assert_eq!(desk.stands(BOOK), (true, 0), "a stranger's words open nothing: {}", desk.show());
        desk.drop_file("3.eml", &password("taro@example.jp"));
        desk.run("2026-04-12T00:00:00+09:00");
        assert_eq!(desk.stands(BOOK), (false, 1), "{}", desk.show());
        assert_eq!(desk.show().matches("received 1.eml").count(), 1, "the mail itself came once");
        desk.holds();
        let opened = desk.show();
        desk.drop_file("4.eml", &[password("saburo@example.jp"), b"once more\r\n".to_vec()].concat());
        desk.run("2026-04-13T00:00:00+09:00");
        assert_eq!(desk.show(), opened, "what is open is left alone");
        desk.holds();
    }
}
