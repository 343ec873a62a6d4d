//! Whole cases, played through the program as people use it: files are dropped, `run` is called, the desk is looked at.
//!
//! A new test is a new folder in `tests/cases/`: the files of the story and `story.json`, which says what arrives when
//! and what the desk must see. `@MMS@` in an export stands for the MMSコード that the program issued.

use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_uketsuke"))
}

/// Plays one story; returns what was not as it should be.
fn play(folder: &Path, root: &Path, extra: &[&str]) -> Vec<String> {
    let story: Json = serde_json::from_slice(&fs::read(folder.join("story.json")).unwrap()).unwrap();
    let [inbox, outbox, state] = ["inbox", "outbox", "state"].map(|name| root.join(name));
    [&inbox, &outbox, &state].iter().for_each(|path| fs::create_dir_all(path).unwrap());
    let mut faults = Vec::new();
    let mut mms_code = "ZZZZ".to_owned();
    for (n, step) in story["steps"].as_array().unwrap().iter().enumerate() {
        let mut say = |what: String| faults.push(format!("step {}: {what}", n + 1));
        for name in step["drop"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()) {
            let mut bytes = fs::read(folder.join(name)).unwrap();
            if name.ends_with(".xml") {
                bytes = String::from_utf8(bytes).unwrap().replace("@MMS@", &mms_code).into_bytes();
            }
            fs::write(inbox.join(name.get(3..).unwrap_or(name)), bytes).unwrap();
        }
        let run = program()
            .arg("run")
            .args(["--now", step["at"].as_str().unwrap()])
            .args(folders(&inbox, &outbox, &state))
            .args(extra)
            .output()
            .unwrap();
        if !matches!(run.status.code(), Some(0 | 2)) {
            say(format!("run ended with {:?}: {}", run.status.code(), String::from_utf8_lossy(&run.stderr)));
            return faults;
        }
        let left: Vec<PathBuf> = fs::read_dir(&inbox).unwrap().map(|entry| entry.unwrap().path()).collect();
        if !left.is_empty() {
            say(format!("left in the inbox: {left:?}"));
        }
        let list = program().args(["case", "list", "--json"]).args(folders(&inbox, &outbox, &state)).output().unwrap();
        let cases: Vec<Json> = serde_json::from_slice(&list.stdout).unwrap();
        let mine = |case: &&Json| ["corporate_number", "applicant_name", "contact_email"].iter().any(|key| case[key] == story[key]);
        let mine: Vec<&Json> = cases.iter().filter(mine).collect();
        let Some(case) = mine.first() else {
            say(format!("no case of {}", story["applicant_name"]));
            continue;
        };
        mms_code = case["mms_code"].as_str().unwrap_or(&mms_code).to_owned();
        compare(&step["expect"], case, &mine, &outbox, &mut say);
    }
    faults
}

fn folders<'a>(inbox: &'a Path, outbox: &'a Path, state: &'a Path) -> [&'a str; 6] {
    ["--inbox", inbox.to_str().unwrap(), "--outbox", outbox.to_str().unwrap(), "--state", state.to_str().unwrap()]
}

fn compare(expect: &Json, case: &Json, mine: &[&Json], outbox: &Path, say: &mut dyn FnMut(String)) {
    let notices: Vec<&Json> = case["notices"].as_array().unwrap().iter().collect();
    let mut count: BTreeMap<&str, u64> = BTreeMap::new();
    notices.iter().for_each(|notice| *count.entry(notice["kind"].as_str().unwrap()).or_default() += 1);
    let open: Vec<&Json> = mine.iter().flat_map(|case| case["open_findings"].as_array().unwrap()).collect();
    let has = |code: &Json| open.iter().any(|finding| finding["code"] == *code);
    let operations: Vec<&str> = notices.iter().filter_map(|notice| notice["operation"].as_str()).collect();
    if let Some(states) = expect["state"].as_array()
        && !states.contains(&case["state"])
    {
        say(format!("state {}, wanted one of {states:?}; open {open:?}", case["state"]));
    }
    for (kind, wanted) in expect["notices"].as_object().into_iter().flatten() {
        let found = count.get(kind.as_str()).copied().unwrap_or(0);
        if found != wanted.as_u64().unwrap() {
            say(format!("{found} x {kind}, wanted {wanted}"));
        }
    }
    if expect["open_findings"].as_array().is_some_and(Vec::is_empty) {
        let grave: Vec<_> = case["open_findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] != "warn").collect();
        if !grave.is_empty() {
            say(format!("open findings {grave:?}, wanted none"));
        }
    }
    expect["has_findings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|code| !has(code))
        .for_each(|code| say(format!("{code} is not open; open are {open:?}")));
    expect["not_open"].as_array().into_iter().flatten().filter(|code| has(code)).for_each(|code| say(format!("{code} is still open")));
    if let Some(wanted) = expect["operation"].as_str()
        && operations.last() != Some(&wanted)
    {
        say(format!("operations {operations:?}, wanted {wanted}"));
    }
    if let Some(refused) = expect["not_operation"].as_str()
        && operations.contains(&refused)
    {
        say(format!("{refused} must not have been ordered"));
    }
    if expect["held"] == true && case["held"] != true {
        say("the case should wait for a person".to_owned());
    }
    if let Some(wanted) = expect["cases"].as_u64()
        && wanted != mine.len() as u64
    {
        say(format!("{} cases, wanted {wanted}", mine.len()));
    }
    for file in notices.iter().filter_map(|notice| notice["file"].as_str()).filter(|file| !outbox.join(file).exists()) {
        say(format!("no file {file} in the outbox"));
    }
}

fn stories() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        fs::read_dir("tests/cases").unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.join("story.json").exists()).collect();
    all.sort();
    all
}

#[test]
fn every_story_holds() {
    let mut faults = Vec::new();
    for folder in stories() {
        let root = tempfile::tempdir().unwrap();
        faults.extend(play(&folder, root.path(), &[]).into_iter().map(|fault| format!("{}: {fault}", folder.display())));
    }
    assert!(!stories().is_empty());
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
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

#[test]
fn the_number_of_jobs_cannot_be_seen_in_the_outbox() {
    let folder = stories().into_iter().next().unwrap();
    let outboxes: Vec<_> = ["1", "2", "8"]
        .iter()
        .map(|jobs| {
            let root = tempfile::tempdir().unwrap();
            let faults = play(&folder, root.path(), &["--jobs", jobs]);
            assert!(faults.is_empty(), "{faults:?}");
            tree(&root.path().join("outbox"))
        })
        .collect();
    assert!(outboxes[0].len() > 5, "{:?}", outboxes[0].keys());
    for other in &outboxes[1..] {
        assert!(other.keys().eq(outboxes[0].keys()));
        for (path, bytes) in other {
            // Keys and passphrases are drawn anew in each state.
            let drawn = path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("restricted-"));
            assert!(drawn || outboxes[0][path] == *bytes, "{}", path.display());
        }
    }
}
