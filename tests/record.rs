//! What people record, and history played again: exit codes, words, and that nothing changes which should not.

#[path = "shared/folders.rs"]
mod folders;

use folders::uketsuke;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::LazyLock;
use tempfile::TempDir;

const STORY: &str = "tests/cases/s06-registered-too-early";

fn record(root: &Path, at: &str, words: &[&str]) -> Output {
    let fixed = ["case", "record", "TH-2026-0001", "--json", "--now", at];
    uketsuke(root, &[&fixed[..], words].concat())
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A case that waits for 否認 in MMS: read once, and copied for each test.
fn ordered(root: &Path) {
    static READ: LazyLock<TempDir> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        make_ordered(folder.path());
        folder
    });
    for entry in walkdir::WalkDir::new(READ.path()).into_iter().map(Result::unwrap) {
        let target = root.join(entry.path().strip_prefix(READ.path()).unwrap());
        match entry.file_type().is_dir() {
            true => fs::create_dir_all(&target).unwrap(),
            false => drop(fs::copy(entry.path(), &target).unwrap()),
        }
        fs::set_permissions(&target, entry.metadata().unwrap().permissions()).unwrap();
    }
}

fn make_ordered(root: &Path) {
    fs::create_dir_all(root.join("inbox")).unwrap();
    let mut files: Vec<PathBuf> = fs::read_dir(STORY).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let begin = |step: usize, range: std::ops::Range<usize>, at: &str| {
        for file in &files[range] {
            let name = format!("{step}{}", file.extension().unwrap().to_string_lossy());
            let mut bytes = fs::read(file).unwrap();
            if name.ends_with("xml") {
                let list: Json = serde_json::from_slice(&uketsuke(root, &["case", "list", "--json"]).stdout).unwrap();
                bytes = String::from_utf8(bytes).unwrap().replace("@MMS@", list[0]["mms_code"].as_str().unwrap()).into_bytes();
            }
            fs::write(root.join("inbox").join(name), bytes).unwrap();
        }
        assert!(matches!(code(&uketsuke(root, &["run", "-q", "--now", at])), 0 | 2));
    };
    begin(1, 0..2, "2026-04-08T10:00:00+09:00");
    begin(2, 3..4, "2026-04-20T11:00:00+09:00");
}

#[test]
fn an_order_of_which_nobody_said_what_became_waits_for_a_person() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    ordered(root);
    let run = || uketsuke(root, &["run", "--json", "--now", "2026-04-21T09:00:00+09:00"]);
    let index = || fs::read_to_string(root.join("outbox/index.html")).unwrap();
    let idle = run();
    assert_eq!(code(&idle), 2, "{}", words(&idle));
    assert_eq!(serde_json::from_slice::<Json>(&idle.stdout).unwrap()["operations"], 1);
    assert!(index().contains("MMS操作の結果を記録<b>1件</b>") && index().matches("MMS操作の結果を記録").count() == 2);
    assert_eq!(code(&record(root, "2026-04-21T10:00:00+09:00", &["mms-rejected", "--by", "花子"])), 0);
    assert_eq!(serde_json::from_slice::<Json>(&run().stdout).unwrap()["operations"], 0);
    assert!(!index().contains("MMS操作の結果を記録"));
}

#[test]
fn what_is_recorded_is_kept_with_who_when_and_why_and_the_case_goes_on() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    ordered(root);
    let at = "2026-04-21T10:00:00+09:00";
    for (arguments, wanted) in [
        (vec!["mms-rejekted", "--by", "花子"], 1),
        (vec!["mms-rejected", "--by", ""], 1),
        (vec!["mms-rejected", "--by", "uketsuke"], 1),
        (vec!["mms-rejected", "--by", "花\n子"], 1),
        (vec!["note", "--by", "花子"], 1),
        (vec!["finding-settled", "--by", "花子"], 1),
        (vec!["corrected", "--by", "花子"], 1),
        (vec!["corrected", "--by", "花子", "--set", "no_such_field=1"], 1),
        (vec!["corrected", "--by", "花子", "--set", "mms_export.registration_no=1"], 1),
        (vec!["corrected", "--by", "花子", "--set", "application_date=令和8年2月31日"], 1),
        (vec!["corrected", "--by", "花子", "--set", "user_info.99.email=a@example.jp"], 1),
        (vec!["mms-approved", "--by", "花子"], 4),
        (vec!["contract-concluded", "--by", "花子"], 4),
        (vec!["released", "--by", "花子"], 4),
        (vec!["finding-settled", "E-006", "--by", "花子"], 4),
        (vec!["finding-settled", "A-021", "--by", "花子"], 4),
    ] {
        let output = record(root, at, &arguments);
        assert_eq!(code(&output), wanted, "{arguments:?}: {}", words(&output));
    }
    let long = "あ".repeat(3_000);
    assert_eq!(code(&record(root, at, &["note", "--by", "花子", "--note", &long])), 1);
    let refused = record(root, at, &["mms-approved", "--by", "花子"]);
    assert!(words(&refused).contains("S60_CHECKING") && words(&refused).contains("possible now: mms-rejected"), "{}", words(&refused));
    let refused: Json = serde_json::from_slice(&refused.stdout).unwrap();
    assert!(refused["possible"].as_array().unwrap().contains(&"mms-rejected".into()), "{refused}");

    let done = record(root, at, &["mms-rejected", "--by", "受付 花子", "--note", "MMSで10時に実施"]);
    assert_eq!(code(&done), 0, "{}", words(&done));
    let case: Json = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(case["state"], "S62_ADDITIONAL_REQUESTED");
    assert!(root.join("outbox/TH-2026-0001/additional_request-1.eml").exists(), "the letter is out at once");
    let show = uketsuke(root, &["case", "show", "TH-2026-0001", "--json"]);
    let show: Json = serde_json::from_slice(&show.stdout).unwrap();
    let history = show["history"].as_array().unwrap();
    let kept: Vec<&Json> = history.iter().filter(|event| event["by"] == "受付 花子").collect();
    assert_eq!(kept.len(), 1, "refusals leave no trace");
    assert_eq!((&kept[0]["at"], &kept[0]["body"]["note"]), (&at.into(), &"MMSで10時に実施".into()));

    let again = record(root, "2026-04-21T11:00:00+09:00", &["mms-rejected", "--by", "受付 花子"]);
    assert_eq!(code(&again), 0, "{}", words(&again));
    let show = uketsuke(root, &["case", "show", "TH-2026-0001", "--json"]);
    assert_eq!(
        serde_json::from_slice::<Json>(&show.stdout).unwrap()["history"].as_array().unwrap().len(),
        history.len(),
        "said twice, kept once"
    );
    assert_eq!(code(&uketsuke(root, &["case", "record", "TH-2026-0099", "note", "--by", "花子", "--note", "x"])), 1);
}

/// Every file of a folder with its bytes.
fn tree(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    walkdir::WalkDir::new(root)
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| (entry.path().strip_prefix(root).unwrap().to_owned(), fs::read(entry.path()).unwrap()))
        .collect()
}

/// A copy of the shipped templates in which one defect is no longer asked about.
fn other_catalogue(root: &Path) -> PathBuf {
    let folder = root.join("templates");
    for (path, bytes) in tree(Path::new("templates")) {
        let target = folder.join(&path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
    let defects = folder.join("mms-usage/defects.toml");
    let text = fs::read_to_string(&defects).unwrap();
    let at = text.find("code = \"E-006\"").unwrap();
    let changed = format!("{}{}", &text[..at], text[at..].replacen("severity = \"ask\"", "severity = \"warn\"", 1));
    assert_ne!(changed, text);
    fs::write(defects, changed).unwrap();
    folder
}

#[test]
fn history_gives_the_same_cases_again_and_another_catalogue_shows_what_would_change() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    ordered(root);
    let deed = ["corrected", "--set", "contact_email=new@example.jp", "--by", "受付 花子"];
    assert_eq!(code(&record(root, "2026-04-20T12:00:00+09:00", &deed)), 0);
    assert_eq!(code(&record(root, "2026-04-21T10:00:00+09:00", &["mms-rejected", "--by", "受付 花子"])), 0);
    assert_eq!(code(&uketsuke(root, &["run", "-q", "--now", "2026-04-24T09:00:00+09:00"])) & 1, 0);
    let [state, outbox] = ["state", "outbox"].map(|name| tree(&root.join(name)));

    let same = uketsuke(root, &["replay", "--json"]);
    let said = String::from_utf8_lossy(&same.stdout).into_owned();
    assert_eq!(code(&same), 0, "{said}{}", words(&same));
    let twin: Json = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert!(twin["same"] == true && twin["logged"].as_u64().unwrap() > 20, "{twin}");

    let folder = other_catalogue(root);
    let other = uketsuke(root, &["replay", "--diff", "--catalogue", folder.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&other.stdout).into_owned();
    assert_eq!(code(&other), 1, "{said}");
    assert!(said.contains("- T13-order") && said.contains("+ T12 "), "{said}");
    assert!(words(&other).contains("mms-rejected belongs to") || words(&other).contains("would not be possible"), "{}", words(&other));

    assert!(tree(&root.join("state")) == state && tree(&root.join("outbox")) == outbox, "nothing changed");

    // A log that says something else is found out.
    let original = walkdir::WalkDir::new(root.join("state/originals"))
        .into_iter()
        .map(|entry| entry.unwrap())
        .find(|entry| entry.file_type().is_file());
    let original = original.unwrap().into_path();
    fs::write(&original, b"other bytes").unwrap();
    let broken = uketsuke(root, &["replay", "-q"]);
    assert_eq!(code(&broken), 1);
    assert!(words(&broken).contains("not those that were stored"), "{}", words(&broken));
}

#[test]
fn a_damaged_original_costs_that_document_alone() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    fs::create_dir_all(root.join("inbox")).unwrap();
    fs::write(root.join("inbox/notes.txt"), "no document that the desk knows").unwrap();
    assert_eq!(code(&uketsuke(root, &["run", "-q", "--now", "2026-04-08T09:00:00+09:00"])), 2, "it waits");
    let original = walkdir::WalkDir::new(root.join("state/originals"))
        .into_iter()
        .map(|entry| entry.unwrap())
        .find(|entry| entry.file_type().is_file());
    fs::write(original.unwrap().path(), b"other bytes").unwrap();
    make_ordered(root);
    let list: Json = serde_json::from_slice(&uketsuke(root, &["case", "list", "--json"]).stdout).unwrap();
    assert_eq!(list[0]["state"], "S60_CHECKING", "{list}");
    let notes = tree(&root.join("state/quarantine"));
    assert!(notes.keys().any(|path| path.to_string_lossy().ends_with(".note.txt")), "{:?}", notes.keys());
}

#[test]
fn a_draft_takes_its_days_from_the_day_on_which_it_leaves() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    fs::write(root.join("uketsuke.toml"), "[desk]\ndrafts = [\"deficiency_notice\"]\n").unwrap();
    let desk = |arguments: &[&str]| uketsuke(root, arguments);
    fs::create_dir_all(root.join("inbox")).unwrap();
    fs::copy("tests/accept/samples/forms/form-22.pdf", root.join("inbox/form.pdf")).unwrap();
    // The second run writes the draft; at the third its days would have passed, had they begun.
    for day in ["08", "10", "20"] {
        let run = desk(&["run", "-q", "--now", &format!("2026-04-{day}T10:00:00+09:00")]);
        assert!(matches!(code(&run), 0 | 2), "{}", words(&run));
    }
    let case = || serde_json::from_slice::<Json>(&desk(&["case", "list", "--json"]).stdout).unwrap()[0].clone();
    let kinds = |case: &Json| case["notices"].as_array().unwrap().iter().map(|notice| notice["kind"].clone()).collect::<Vec<_>>();
    let waiting = case();
    assert_eq!((waiting["deadlines"].as_array().unwrap().len(), kinds(&waiting).len()), (0, 2), "nobody is reminded of it: {waiting}");
    let show: Json = serde_json::from_slice(&desk(&["case", "show", "TH-2026-0001", "--json"]).stdout).unwrap();
    let draft = show["history"].as_array().unwrap().iter().find(|event| event["body"]["kind"] == "drafted").unwrap();
    let key = format!("letter={}", draft["body"]["key"].as_str().unwrap());
    let at = ["--now", "2026-04-20T11:00:00+09:00"];
    let released = desk(&[&["case", "record", "TH-2026-0001", "letter-released", "--set", &key, "--by", "花子"][..], &at].concat());
    assert_eq!(code(&released), 0, "{}", words(&released));
    let days = case()["deadlines"].clone();
    assert!(days.as_array().unwrap().contains(&serde_json::json!({ "kind": "answer", "on": "2026-04-27" })), "{days}");
    let mail = fs::read(root.join("outbox/TH-2026-0001/deficiency_notice-1.eml")).unwrap();
    let mail = mail_parser::MessageParser::default().parse(&mail).unwrap();
    assert!(mail.body_text(0).unwrap().contains("4月27日"), "{}", mail.body_text(0).unwrap());
    assert_eq!(mail.date().unwrap().to_rfc3339(), "2026-04-20T11:00:00+09:00");
    for proof in ["verify", "replay"] {
        let proof = desk(&[proof]);
        assert_eq!(code(&proof), 0, "{}{}", String::from_utf8_lossy(&proof.stdout), words(&proof));
    }
}

/// A case with a letter of this kind that waits to be released on the last of these days of April, and the key of that draft.
fn drafted(root: &Path, kind: &str, days: &[&str]) -> String {
    fs::write(root.join("uketsuke.toml"), format!("[desk]\ndrafts = [\"{kind}\"]\n")).unwrap();
    fs::create_dir_all(root.join("inbox")).unwrap();
    fs::copy("tests/accept/samples/forms/form-22.pdf", root.join("inbox/form.pdf")).unwrap();
    for day in days {
        let run = uketsuke(root, &["run", "-q", "--now", &format!("2026-04-{day}T10:00:00+09:00")]);
        assert!(matches!(code(&run), 0 | 2), "{}", words(&run));
    }
    let show: Json = serde_json::from_slice(&uketsuke(root, &["case", "show", "TH-2026-0001", "--json"]).stdout).unwrap();
    let draft = show["history"].as_array().unwrap().iter().find(|event| event["body"]["kind"] == "drafted").unwrap();
    format!("letter={}", draft["body"]["key"].as_str().unwrap())
}

fn holds(root: &Path) {
    for proof in ["verify", "replay"] {
        let proof = uketsuke(root, &[proof]);
        assert_eq!(code(&proof), 0, "{}{}", String::from_utf8_lossy(&proof.stdout), words(&proof));
    }
}

#[test]
fn a_draft_that_was_dropped_is_told_as_that_and_is_no_letter() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let key = drafted(root, "deficiency_notice", &["08", "10"]);
    let told = || String::from_utf8(uketsuke(root, &["verify"]).stdout).unwrap();
    let one_letter = || fs::read_to_string(root.join("outbox/index.html")).unwrap().contains(">1通</td>");
    assert!(told().contains("is a draft") && one_letter(), "{}", told());
    let dropped = record(root, "2026-04-13T11:00:00+09:00", &["letter-dropped", "--set", &key, "--by", "花子"]);
    assert_eq!(code(&dropped), 0, "{}", words(&dropped));
    assert!(told().contains("was a draft and was dropped") && !told().contains("is a draft") && one_letter(), "{}", told());
    holds(root);
}

#[test]
fn a_draft_leaves_as_the_case_stands_when_it_is_released() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let key = drafted(root, "deficiency_notice", &["08", "10"]);
    let asks = |root: &Path| uketsuke(root, &["case", "show", "TH-2026-0001", "--json"]).stdout;
    assert!(String::from_utf8(asks(root)).unwrap().contains("A-009"), "the seal is asked for");
    // Meanwhile the clerk finds the seal on the paper, and another mail address.
    let at = "2026-04-13T10:00:00+09:00";
    let corrected = record(root, at, &["corrected", "--set", "seal_present=1", "--set", "contact_email=new@example.jp", "--by", "花子"]);
    assert_eq!(code(&corrected), 0, "{}", words(&corrected));
    let released = record(root, "2026-04-13T11:00:00+09:00", &["letter-released", "--set", &key, "--by", "花子"]);
    assert_eq!(code(&released), 0, "{}", words(&released));
    let mail = fs::read(root.join("outbox/TH-2026-0001/deficiency_notice-1.eml")).unwrap();
    let mail = mail_parser::MessageParser::default().parse(&mail).unwrap();
    let text = mail.body_text(0).unwrap();
    assert!(!text.contains("押印") && text.contains("事業者概要データ"), "what was put right is no longer asked for: {text}");
    assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("new@example.jp"));
    let list: Json = serde_json::from_slice(&uketsuke(root, &["case", "list", "--json"]).stdout).unwrap();
    let notices = list[0]["notices"].as_array().unwrap();
    let notice = notices.iter().find(|notice| notice["kind"] == "deficiency_notice").unwrap();
    assert_eq!(notice["at"], "2026-04-13T11:00:00+09:00", "the day on which it left");
    holds(root);
}

#[test]
fn a_draft_that_the_case_has_overtaken_does_not_leave_and_is_dropped() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let key = drafted(root, "deficiency_notice", &["08", "10"]);
    // The applicant sends the form once more before anybody asked.
    let form = [&fs::read("tests/accept/samples/forms/form-22.pdf").unwrap()[..], b"\n"].concat();
    fs::write(root.join("inbox/again.pdf"), form).unwrap();
    let run = uketsuke(root, &["run", "-q", "--now", "2026-04-13T10:00:00+09:00"]);
    assert!(matches!(code(&run), 0 | 2), "{}", words(&run));
    let at = "2026-04-13T11:00:00+09:00";
    let released = record(root, at, &["letter-released", "--set", &key, "--by", "花子"]);
    assert!(code(&released) == 4 && words(&released).contains("gone on since this draft was written"), "{}", words(&released));
    let letter = root.join("outbox/TH-2026-0001/deficiency_notice-1.eml");
    assert!(!letter.exists());
    assert_eq!(code(&record(root, at, &["letter-dropped", "--set", &key, "--by", "花子", "--note", "追加書類が到着"])), 0);
    let again = record(root, at, &["letter-released", "--set", &key, "--by", "花子"]);
    assert!(code(&again) == 4 && !letter.exists(), "{}", words(&again));
    let list: Json = serde_json::from_slice(&uketsuke(root, &["case", "list", "--json"]).stdout).unwrap();
    let first = list[0]["notices"].as_array().unwrap().iter().find(|notice| notice["kind"] == "deficiency_notice").unwrap();
    assert!(first["dropped"] == true && first["draft"].is_null(), "{first}");
    holds(root);
}

#[test]
fn a_reminder_that_waited_past_its_day_does_not_leave() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let key = drafted(root, "deadline_reminder", &["08", "10", "15"]);
    let late = record(root, "2026-04-20T09:00:00+09:00", &["letter-released", "--set", &key, "--by", "花子"]);
    assert!(code(&late) == 4 && words(&late).contains("(answer-due-soon) no longer holds"), "{}", words(&late));
    let released = record(root, "2026-04-16T09:00:00+09:00", &["letter-released", "--set", &key, "--by", "花子"]);
    assert_eq!(code(&released), 0, "{}", words(&released));
}
