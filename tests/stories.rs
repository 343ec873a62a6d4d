//! Whole cases, played through the program as people use it: files are dropped, `run` is called, the desk is looked at.
//!
//! A new test is a new folder in `tests/cases/`: the files of the story and `story.json`, which says what arrives when
//! and what the desk must see. `@MMS@` in an export stands for the MMSコード that the program issued. A step may
//!
//! - `drop` a file, also of another story (`../s06-…/01_….pdf`), or a text with words replaced
//!   (`{"file": …, "as": …, "replace": [[from, to], …]}`);
//! - send a `mail` with files attached (`{"from": …, "subject": …, "says": …, "attach": […]}`);
//! - `return` an operation sheet from the outbox with its result filled in (`["mms_operation-1.csv", "済"]`);
//! - `record` what a person does (`[[event, option, …], …]`), which the program must allow, or refuse where `refused` says so;
//! - be about another applicant (`of`).
//!
//! `@MMS@` stands in what is recorded, too, and in a file with a `replace`, be it an empty one. `config` of a story is the
//! text of its settings.

use lettre::message::header::ContentType;
use lettre::message::{Attachment, Message, MultiPart, SinglePart};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{LazyLock, Mutex};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_uketsuke"))
}

/// Plays one story; returns what was not as it should be.
fn play(folder: &Path, root: &Path, extra: &[&str]) -> Vec<String> {
    let story: Json = serde_json::from_slice(&fs::read(folder.join("story.json")).unwrap()).unwrap();
    let [inbox, outbox, state] = ["inbox", "outbox", "state"].map(|name| root.join(name));
    [&inbox, &outbox, &state].iter().for_each(|path| fs::create_dir_all(path).unwrap());
    if let Some(config) = story["config"].as_str() {
        fs::write(state.join("uketsuke.toml"), config).unwrap();
    }
    let mut faults = Vec::new();
    let mut codes: BTreeMap<String, String> = BTreeMap::new();
    for (n, step) in story["steps"].as_array().unwrap().iter().enumerate() {
        let mut say = |what: String| faults.push(format!("step {}: {what}", n + 1));
        let of = if step["of"].is_object() { &step["of"] } else { &story };
        let mms_code = codes.get(&of["corporate_number"].to_string()).map_or("ZZZZ", String::as_str);
        let cases = list(&inbox, &outbox, &state);
        for file in step["drop"].as_array().into_iter().flatten() {
            let (name, bytes) = dropped(folder, file, mms_code);
            fs::write(inbox.join(name), bytes).unwrap();
        }
        if step["mail"].is_object() {
            fs::write(inbox.join("mail.eml"), mail(folder, &step["mail"])).unwrap();
        }
        if let [sheet, result] = step["return"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let no = mine(&cases, of)[0]["case_no"].as_str().unwrap().to_owned();
            let sheet = fs::read_to_string(outbox.join(no).join(sheet.as_str().unwrap())).unwrap();
            fs::write(inbox.join("操作結果.csv"), sheet.replace(",,,,", &format!(",{},受付 花子,,", result.as_str().unwrap()))).unwrap();
        }
        if step["record"].is_null() || step["drop"].is_array() {
            let run = || command(&["run", "--now", step["at"].as_str().unwrap()], &inbox, &outbox, &state).args(extra).output().unwrap();
            let run = match n {
                0 => first_run(&beginning(&story, folder, extra), [&inbox, &outbox, &state], run),
                _ => run(),
            };
            if !matches!(run.status.code(), Some(0 | 2)) {
                say(format!("run ended with {:?}: {}", run.status.code(), String::from_utf8_lossy(&run.stderr)));
                return faults;
            }
        }
        for deed in step["record"].as_array().into_iter().flatten() {
            let no = mine(&list(&inbox, &outbox, &state), of)[0]["case_no"].as_str().unwrap().to_owned();
            let words: Vec<String> =
                deed.as_array().unwrap().iter().map(|word| word.as_str().unwrap().replace("@MMS@", mms_code)).collect();
            let fixed = ["case", "record", &no, "--by", "受付 花子", "--now", step["at"].as_str().unwrap()];
            let output = command(&fixed, &inbox, &outbox, &state).args(&words).output().unwrap();
            let wanted = if step["refused"] == true { 4 } else { 0 };
            if output.status.code() != Some(wanted) {
                say(format!("{words:?} ended with {:?}: {}", output.status.code(), String::from_utf8_lossy(&output.stderr)));
            }
        }
        let left: Vec<PathBuf> = fs::read_dir(&inbox).unwrap().map(|entry| entry.unwrap().path()).collect();
        if !left.is_empty() {
            say(format!("left in the inbox: {left:?}"));
        }
        let cases = list(&inbox, &outbox, &state);
        let mine = mine(&cases, of);
        let Some(case) = mine.first() else {
            say(format!("no case of {}", of["applicant_name"]));
            continue;
        };
        codes.extend(case["mms_code"].as_str().map(|code| (of["corporate_number"].to_string(), code.to_owned())));
        compare(&step["expect"], case, &mine, &outbox, &mut say);
        if let Some(wanted) = step["expect"]["received"].as_array() {
            let show = command(&["case", "show", case["case_no"].as_str().unwrap(), "--json"], &inbox, &outbox, &state).output().unwrap();
            let show: Json = serde_json::from_slice(&show.stdout).unwrap();
            let has = |name: &&Json| show["history"].as_array().unwrap().iter().any(|event| event["body"]["name"] == **name);
            wanted.iter().filter(|name| !has(name)).for_each(|name| say(format!("{name} did not come to the case")));
        }
    }
    faults
}

/// A run that several stories begin with is made once and copied: the same files, hour and settings give the same folders.
fn first_run(key: &str, folders: [&Path; 3], run: impl FnOnce() -> Output) -> Output {
    /// Nobody drops what is static: those of the run before are removed instead.
    static ROOM: LazyLock<PathBuf> = LazyLock::new(|| {
        let room = Path::new(env!("CARGO_TARGET_TMPDIR")).join("first-runs");
        let _ = fs::remove_dir_all(&room);
        room
    });
    static MADE: LazyLock<Mutex<BTreeMap<String, (PathBuf, Output)>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap();
    if let Some((kept, output)) = made.get(key) {
        for folder in folders {
            copy(&kept.join(folder.file_name().unwrap()), folder);
        }
        return output.clone();
    }
    let output = run();
    let kept = ROOM.join(made.len().to_string());
    for folder in folders {
        copy(folder, &kept.join(folder.file_name().unwrap()));
    }
    made.insert(key.to_owned(), (kept, output.clone()));
    output
}

/// Makes a folder the same as another one.
fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    for entry in walkdir::WalkDir::new(from).into_iter().map(Result::unwrap) {
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        match entry.file_type().is_dir() {
            true => fs::create_dir_all(&target).unwrap(),
            false => drop(fs::copy(entry.path(), &target).unwrap()),
        }
        fs::set_permissions(&target, entry.metadata().unwrap().permissions()).unwrap();
    }
}

fn command(arguments: &[&str], inbox: &Path, outbox: &Path, state: &Path) -> Command {
    let mut command = program();
    command.args(arguments).args(folders(inbox, outbox, state));
    let config = state.join("uketsuke.toml");
    if config.exists() {
        command.arg("--config").arg(config);
    }
    command
}

fn list(inbox: &Path, outbox: &Path, state: &Path) -> Vec<Json> {
    let list = command(&["case", "list", "--json"], inbox, outbox, state).output().unwrap();
    serde_json::from_slice(&list.stdout).unwrap()
}

fn mine<'a>(cases: &'a [Json], of: &Json) -> Vec<&'a Json> {
    cases.iter().filter(|case| ["corporate_number", "applicant_name", "contact_email"].iter().any(|key| case[key] == of[key])).collect()
}

/// A mail with the files of a step attached, or of what it says alone.
fn mail(folder: &Path, mail: &Json) -> Vec<u8> {
    let word = |key: &str| mail[key].as_str().unwrap();
    let kind = ContentType::parse("application/octet-stream").unwrap();
    let text = MultiPart::mixed().singlepart(SinglePart::plain(mail["says"].as_str().unwrap_or("資料をお送りします。").to_owned()));
    let parts = mail["attach"].as_array().into_iter().flatten().fold(text, |parts, file| {
        let (name, bytes) = dropped(folder, file, "ZZZZ");
        parts.singlepart(Attachment::new(name).body(bytes, kind.clone()))
    });
    let message = Message::builder()
        .from(word("from").parse().unwrap())
        .to("mms-uketsuke@tso.example.jp".parse().unwrap())
        .date(std::time::SystemTime::UNIX_EPOCH)
        .subject(word("subject"))
        .multipart(parts);
    message.unwrap().formatted()
}

/// What a story's first run depends on.
fn beginning(story: &Json, folder: &Path, extra: &[&str]) -> String {
    let step = &story["steps"][0];
    assert!(step["mail"].is_null() && step["return"].is_null(), "a story begins with files");
    let files: Vec<String> = step["drop"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|file| {
            let (name, bytes) = dropped(folder, file, "ZZZZ");
            format!("{name} {}", uketsuke::domain::id::DocId::of(&bytes))
        })
        .collect();
    format!("{} {} {files:?} {extra:?}", step["at"], story["config"])
}

/// The name and the bytes of a file that a step drops.
fn dropped(folder: &Path, file: &Json, mms_code: &str) -> (String, Vec<u8>) {
    let path = file.as_str().or(file["file"].as_str()).unwrap();
    let mut bytes = fs::read(folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let own = path.rsplit('/').next().unwrap();
    let name = file["as"].as_str().unwrap_or(own.split_once('_').map_or(own, |(_, name)| name)).to_owned();
    let words: Vec<(&str, &str)> =
        file["replace"].as_array().into_iter().flatten().map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap())).collect();
    if name.ends_with(".xml") || file["replace"].is_array() {
        let mut text = String::from_utf8(bytes).unwrap().replace("@MMS@", mms_code);
        for (from, to) in words {
            assert!(text.contains(from), "{path} has no {from}");
            text = text.replace(from, to);
        }
        bytes = text.into_bytes();
    }
    (name, bytes)
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
    for (kind, day) in expect["deadlines"].as_object().into_iter().flatten() {
        let found = case["deadlines"].as_array().unwrap().iter().find(|due| due["kind"] == *kind).map(|due| &due["on"]);
        if found != Some(day) {
            say(format!("{kind} is {found:?}, wanted {day}"));
        }
    }
    let index = fs::read_to_string(outbox.join("index.html")).unwrap_or_default();
    let lacks = |words: &&Json| !index.contains(words.as_str().unwrap());
    expect["index"].as_array().into_iter().flatten().filter(lacks).for_each(|words| say(format!("the index does not say {words}")));
    for (key, value) in expect["case"].as_object().into_iter().flatten().filter(|(key, value)| case[key] != **value) {
        say(format!("{key} is {}, wanted {value}", case[key]));
    }
    for file in notices.iter().filter_map(|notice| notice["file"].as_str()).filter(|file| !outbox.join(file).exists()) {
        say(format!("no file {file} in the outbox"));
    }
}

fn stories() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        fs::read_dir("tests/cases").unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.join("story.json").exists()).collect();
    // STORY=c12 plays the stories of that name alone.
    all.retain(|path| std::env::var("STORY").map_or(true, |name| path.to_string_lossy().contains(&name)));
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
    let folder = PathBuf::from("tests/cases/s01-i-prime-straight");
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
