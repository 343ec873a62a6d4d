//! `init`, `doctor`, `completions` and `man`, as somebody meets them who sets a desk up.

use serde_json::Value as Json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

const NOW: &str = "2026-04-08T10:00:00+09:00";

fn uketsuke(root: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_uketsuke")).current_dir(root).args(words).output().unwrap()
}

/// A fresh desk.
fn desk() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let made = uketsuke(root.path(), &["init", "-q"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    root
}

/// A desk that has run once, on a note that belongs to nobody.
fn used_desk() -> tempfile::TempDir {
    let root = desk();
    fs::write(root.path().join("inbox/memo.csv"), "単なる覚え書き\n").unwrap();
    assert_eq!(uketsuke(root.path(), &["run", "-q", "--now", NOW]).status.code(), Some(2));
    root
}

/// The faults that are found, each as one line. How full a disk is, is the machine's affair and no desk's.
fn faults(root: &Path, now: &str) -> Vec<String> {
    let output = uketsuke(root, &["doctor", "--json", "--now", now]);
    let found: Json = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let line = |look: &Json| ["about", "place", "what", "hint"].map(|key| look[key].as_str().unwrap().to_owned()).join(" | ");
    let mut all: Vec<String> = found["looks"].as_array().unwrap().iter().filter(|look| look["grade"] == "fault").map(line).collect();
    assert_eq!(output.status.code(), Some(i32::from(!all.is_empty())), "{all:?}");
    assert_eq!(found["ok"], all.is_empty());
    all.retain(|fault| !fault.starts_with("disk | "));
    all
}

fn one_fault(root: &Path, now: &str, about: &str, words: &[&str]) {
    let all = faults(root, now);
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(all[0].starts_with(about) && words.iter().all(|word| all[0].contains(word)), "{all:?}");
}

#[test]
fn a_fresh_desk_and_a_used_one_are_sound() {
    assert_eq!(faults(desk().path(), NOW), [""; 0]);
    assert_eq!(faults(used_desk().path(), NOW), [""; 0]);
}

#[test]
fn init_touches_no_desk_that_is_there() {
    let root = desk();
    let before = fs::read(root.path().join("uketsuke.toml")).unwrap();
    let again = uketsuke(root.path(), &["init"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("is there already"));
    assert_eq!(fs::read(root.path().join("uketsuke.toml")).unwrap(), before);
    assert_eq!(root.path().join("state").metadata().unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn an_inbox_that_is_a_file() {
    let root = desk();
    fs::remove_dir(root.path().join("inbox")).unwrap();
    fs::write(root.path().join("inbox"), "").unwrap();
    let all = faults(root.path(), NOW);
    assert!(
        all.iter().any(|fault| fault.starts_with("inbox") && fault.contains("is no folder") && fault.contains("uketsuke.toml")),
        "{all:?}"
    );
}

#[test]
fn a_key_that_is_lost_or_open_to_others() {
    let root = used_desk();
    let key = root.path().join("state/sealing.key");
    assert!(key.exists(), "the run of a desk that certifies makes one");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    one_fault(root.path(), NOW, "key", &["mode 644", "chmod 600"]);
    fs::remove_file(&key).unwrap();
    one_fault(root.path(), NOW, "key", &["missing", "put the key back"]);
}

#[test]
fn a_clock_that_went_back() {
    let root = used_desk();
    let ledger = rusqlite::Connection::open(root.path().join("state/ledger.sqlite")).unwrap();
    let event = "INSERT INTO event (case_no, seq, at, by, body, hash) VALUES ('TH-2026-0001', 1, ?1, 'uketsuke', '{}', x'00')";
    ledger.execute(event, [NOW]).unwrap();
    drop(ledger);
    assert_eq!(faults(root.path(), NOW), [""; 0]);
    one_fault(root.path(), "2026-04-07T10:00:00+09:00", "clock", &["before the last event", "timedatectl"]);
}

#[test]
fn a_ledger_that_is_damaged() {
    let root = used_desk();
    let ledger = root.path().join("state/ledger.sqlite");
    let mut bytes = fs::read(&ledger).unwrap();
    let middle = bytes.len() / 2;
    bytes[200..middle].fill(0xa5);
    fs::write(&ledger, bytes).unwrap();
    let all = faults(root.path(), NOW);
    assert!(all.iter().any(|fault| fault.starts_with("ledger") && fault.contains("backup")), "{all:?}");
}

#[test]
fn a_calendar_without_this_year() {
    one_fault(desk().path(), "2061-04-08T10:00:00+09:00", "calendar", &["2061", "holidays.toml"]);
}

#[test]
fn templates_that_do_not_hold() {
    let root = desk();
    let copy = root.path().join("book");
    for entry in walkdir::WalkDir::new("templates").into_iter().map(Result::unwrap) {
        let target = copy.join(entry.path().strip_prefix("templates").unwrap());
        if entry.file_type().is_dir() { fs::create_dir_all(&target).unwrap() } else { assert!(fs::copy(entry.path(), &target).is_ok()) }
    }
    let rules = copy.join("mms-usage/rules/price.toml");
    let text = fs::read_to_string(&rules).unwrap();
    fs::write(&rules, format!("{text}\nsurprise = 1\n")).unwrap();
    fs::write(root.path().join("uketsuke.toml"), "templates = \"book\"\n").unwrap();
    let all = faults(root.path(), NOW);
    assert!(all.iter().any(|fault| fault.starts_with("templates") && fault.contains("surprise")), "{all:?}");
}

#[test]
fn a_setting_that_nobody_knows_is_named_with_its_line() {
    let root = desk();
    fs::write(root.path().join("uketsuke.toml"), "inbox = \"inbox\"\nout_box = \"x\"\n").unwrap();
    let output = uketsuke(root.path(), &["doctor"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && text.contains("uketsuke.toml:") && text.contains("out_box"), "{text}");
}

/// The settings of a fresh desk with these lines after them.
fn desk_with(settings: &str) -> tempfile::TempDir {
    let root = desk();
    fs::write(root.path().join("uketsuke.toml"), settings).unwrap();
    root
}

#[test]
fn a_draft_of_no_kind_is_named_before_a_letter_leaves_unseen() {
    let root = desk_with("[desk]\ndrafts = [\"approval_notise\"]\n");
    one_fault(root.path(), NOW, "templates", &["approval_notise", "approval_notice", "certificate_key"]);
    assert_eq!(uketsuke(root.path(), &["run", "-q", "--now", NOW]).status.code(), Some(1));
}

#[test]
fn a_ledger_of_the_time_when_relative_folders_began_elsewhere_is_not_left_behind() {
    let root = tempfile::tempdir().unwrap();
    for folder in ["etc", "desk/state"] {
        std::fs::create_dir_all(root.path().join(folder)).unwrap();
    }
    std::fs::write(root.path().join("etc/u.toml"), "").unwrap();
    std::fs::write(root.path().join("desk/state/ledger.sqlite"), "").unwrap();
    let run = |more: &[&str]| {
        let arguments = [&["case", "list", "--config", "../etc/u.toml"], more].concat();
        std::process::Command::new(env!("CARGO_BIN_EXE_uketsuke")).args(arguments).current_dir(root.path().join("desk")).output().unwrap()
    };
    let refused = run(&[]);
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && words.contains("begin at the settings file"), "{words}");
    assert!(!root.path().join("etc/state").exists());
    assert_eq!(run(&["--state", "elsewhere"]).status.code(), Some(0));
}

#[test]
fn settings_that_break_the_desk_are_named_before_anything_is_done() {
    for (setting, words) in [
        ("[desk]\narea = \"99\"", ["uketsuke.toml:2: [desk] area", "use one of 01"]),
        ("[desk]\nprefix = \"../x\"", ["uketsuke.toml:2: [desk] prefix", "two capital letters"]),
        ("[desk]\nemail = \"xx\"", ["uketsuke.toml:2: [desk] email", "no mail address"]),
        ("[desk]\ntso = \"\"", ["uketsuke.toml:2: [desk] tso", "is blank"]),
        ("[desk]\ncut_off_hour = 25", ["uketsuke.toml:2: [desk] cut_off_hour", "no hour"]),
        ("[desk]\nedition = \"2026-04\"", ["uketsuke.toml:2: [desk] edition", "2026年4月版"]),
        ("[desk]\nprevious_edition = \"旧版\"", ["uketsuke.toml:2: [desk] previous_edition", "no edition"]),
        ("[desk]\ndrafts = [\"letter\"]", ["uketsuke.toml:2: [desk] drafts", "approval_notice"]),
        ("[readers]\nmemory_mib = 1", ["uketsuke.toml:2: [readers] memory_mib", "256 or more"]),
        ("[watch]\nquiet = \"3\"", ["uketsuke.toml:2: \"3\" is no length of time", "such as \"3s\""]),
        ("[smtp]\nhost = \"mail\"", ["uketsuke.toml:2: [smtp] host, from", "are missing"]),
    ] {
        let root = desk_with(&format!("{setting}\n"));
        for verb in ["check", "doctor", "run"] {
            let output = uketsuke(root.path(), &[verb]);
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert!(output.status.code() == Some(1) && words.iter().all(|word| said.contains(word)), "{verb} {setting}: {said}");
        }
    }
}

#[test]
fn a_desk_is_where_its_settings_are_and_no_other_is_made() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let made = uketsuke(root, &["init", "desk"]);
    assert!(String::from_utf8_lossy(&made.stdout).contains("next: `cd desk`"), "{made:?}");
    let add = |more: &[&str]| {
        fs::write(root.join("password"), "a password for a test\n").unwrap();
        uketsuke(root, &[&["account", "add", "花子", "--role", "clerk", "--password-file", "password"][..], more].concat())
    };
    let nowhere = add(&[]);
    let said = String::from_utf8_lossy(&nowhere.stderr).into_owned();
    assert!(nowhere.status.code() == Some(1) && said.contains("there is no desk here") && said.contains("--config"), "{said}");
    let doctor = uketsuke(root, &["doctor", "--now", NOW]);
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("what follows is about the sample desk"));
    assert!(!root.join("state").exists());
    let named = ["--config", "desk/uketsuke.toml"];
    assert!(add(&named).status.success());
    fs::write(root.join("desk/inbox/memo.csv"), "単なる覚え書き\n").unwrap();
    assert_eq!(uketsuke(root, &[&["run", "-q", "--now", NOW][..], &named].concat()).status.code(), Some(2));
    assert!(root.join("desk/outbox/index.html").exists() && !root.join("outbox").exists());
    assert!(add(&["--state", "desk/state"]).status.code() == Some(4), "the same desk");
}

#[test]
fn a_misspelt_variable_is_no_setting_that_is_left_out() {
    let root = desk();
    let check = |name: &str| {
        Command::new(env!("CARGO_BIN_EXE_uketsuke")).current_dir(root.path()).arg("check").env(name, "inbox").output().unwrap()
    };
    let refused = check("UKETSUKE_INBOKS");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && said.contains("did you mean UKETSUKE_INBOX?"), "{said}");
    assert!(check("UKETSUKE_INBOX").status.success());
}

#[test]
fn a_console_that_is_open_to_the_network() {
    one_fault(desk_with("[console]\nlisten = \"0.0.0.0:8642\"\n").path(), NOW, "console", &["in clear", "127.0.0.1"]);
}

#[test]
fn a_password_for_sending_that_is_not_there() {
    let smtp = "[smtp]\nhost = \"mail.example.jp\"\nfrom = \"a@example.jp\"\nsince = \"2026-04-01\"\nuser = \"desk\"\n";
    one_fault(desk_with(&format!("{smtp}password_file = \"nowhere\"\n")).path(), NOW, "sending", &["nowhere"]);
    assert_eq!(faults(desk_with(&smtp.replace("user = \"desk\"\n", "")).path(), NOW), [""; 0]);
}

#[test]
fn every_verb_has_its_page_and_its_completion() {
    let root = tempfile::tempdir().unwrap();
    assert!(uketsuke(root.path(), &["man", "man1"]).status.success());
    for page in ["uketsuke", "uketsuke-run", "uketsuke-case", "uketsuke-case-record", "uketsuke-doctor"] {
        let text = fs::read_to_string(root.path().join(format!("man1/{page}.1"))).unwrap();
        assert!(text.contains(".SH NAME") && text.contains(".SH SYNOPSIS"), "{page}: {text}");
        assert!(text.lines().any(|line| line.starts_with(".TH") && line.contains("uketsuke 0.")), "{page}: {text}");
    }
    assert!(!root.path().join("man1/uketsuke-worker.1").exists(), "the hidden verb is nobody's business");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = uketsuke(root.path(), &["completions", shell]);
        let script = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && script.contains("doctor") && script.contains("backup"), "{shell}");
    }
}
