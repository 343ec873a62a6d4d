//! Readers in processes of their own: what a document does to its reader costs that document alone, and what a reader says
//! is what this process would have read.

use serde_json::Value as Json;
use sight::recogniser::Recogniser;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;
use uketsuke::catalogue::{self, Catalogue};
use uketsuke::config::{Config, Overrides};
use uketsuke::domain::date::Moment;
use uketsuke::domain::id::DocId;
use uketsuke::fault::Sort;
use uketsuke::pipeline::{self, Inside, Keys, Office};
use uketsuke::reading::format::{Limits, Tools};
use uketsuke::reading::view;
use uketsuke::worker::{Bounds, Readers, Task};

static PROGRAM: &str = env!("CARGO_BIN_EXE_uketsuke");
static BOOK: LazyLock<(Catalogue, Config)> = LazyLock::new(|| {
    let catalogue = Catalogue::load(&catalogue::shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
    (catalogue, Config::resolve(&Overrides::default(), &|_| None).unwrap())
});

fn now() -> Moment {
    "2026-04-08T10:00:00+09:00".parse().unwrap()
}

fn readers() -> Readers {
    let (catalogue, config) = &*BOOK;
    Readers::new(config, catalogue).of_program(PROGRAM, Bounds::of(&config.readers))
}

fn task<'a>(name: &'a str, bytes: &'a [u8]) -> Task<'a> {
    Task { name, bytes, now: now(), among: 1 }
}

/// Documents of many formats, most of which need no recognition.
fn samples() -> Vec<(String, Vec<u8>)> {
    let mut samples = Vec::new();
    for folder in
        ["tests/accept/samples/mail", "tests/accept/samples/workbooks", "tests/accept/samples/mms", "tests/accept/samples/contracts"]
    {
        let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_none_or(|kind| kind != "json"));
        paths.sort();
        samples.extend(paths.into_iter().map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())));
    }
    samples
}

/// Runs the program with trials allowed.
fn uketsuke(root: &Path, settings: &str, arguments: &[&str]) -> Output {
    fs::write(root.join("uketsuke.toml"), format!("[readers]\n{settings}\n")).unwrap();
    let mut command = Command::new(PROGRAM);
    command.args(arguments).current_dir(root).env("UKETSUKE_TRIAL", "1").env("A_SECRET", "x").stdin(Stdio::null());
    command.output().unwrap()
}

fn drop_file(root: &Path, name: &str, bytes: &[u8]) {
    fs::create_dir_all(root.join("inbox")).unwrap();
    fs::write(root.join("inbox").join(name), bytes).unwrap();
}

#[test]
fn a_reader_says_what_this_process_would_have_read() {
    let (catalogue, config) = &*BOOK;
    let ocr = Recogniser::load().unwrap();
    let tools = Tools { ocr: &ocr, limits: Limits::default() };
    let office = Office::new(catalogue, &config.desk, now());
    let mut samples = samples();
    samples.push(("fax.png".to_owned(), fs::read("tests/data/fax.png").unwrap()));
    let password = "From: Taro@example.jp\r\nSubject: x\r\n\r\n先ほどのパスワードは Geheim-1 です。\r\n";
    samples.push(("password.eml".to_owned(), password.as_bytes().to_vec()));
    assert!(samples.len() >= 18);
    let (mut here, mut there) = (Keys::default(), Keys::default());
    let readers = readers();
    for (_, bytes) in &samples {
        here.learn(bytes, &tools);
        there.merge(readers.learn(bytes));
    }
    let exposed = |keys: &Keys| keys.iter().map(|(sender, secrets)| (sender.to_owned(), secrets.to_vec())).collect::<Vec<_>>();
    assert_eq!(exposed(&here), exposed(&there));
    assert!(exposed(&here).iter().any(|(_, secrets)| !secrets.is_empty()), "a mail names a password");
    let ring = readers.ring(there);
    for (name, bytes) in &samples {
        let digest = readers.digest(&task(name, bytes), &ring).unwrap();
        assert_eq!(digest, pipeline::digest_with(name, bytes, Inside::All, &here, &tools, &office), "{name}");
    }
}

#[test]
fn bytes_that_wait_for_the_quarantine_come_back_whole() {
    let mail = b"From: a@example.jp\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n\
        --b\r\nContent-Type: application/octet-stream; name=a.bin\r\n\r\n\x00\x01\x02 first\r\n\
        --b\r\nContent-Type: message/rfc822; name=b.eml\r\n\r\nFrom: b@example.jp\r\nSubject: y\r\n\r\nread\r\n\
        --b\r\nContent-Type: application/octet-stream; name=c.bin\r\n\r\n\x00\x03\x04 second\r\n--b--\r\n";
    let readers = readers();
    let digest = readers.digest(&task("a.eml", mail), &readers.ring(Keys::default())).unwrap();
    let kept: Vec<(&str, Option<&[u8]>)> = digest.parts.iter().map(|part| (part.name.as_str(), part.unreadable.as_deref())).collect();
    assert_eq!(kept, [("a.bin", Some(&b"\0\x01\x02 first"[..])), ("b.eml", None), ("c.bin", Some(&b"\0\x03\x04 second"[..]))]);
}

#[test]
fn of_many_unreadable_parts_every_byte_comes_to_quarantine() {
    let root = tempfile::tempdir().unwrap();
    // More than is held in memory: those that are let go are read again. No pattern, so that no two are the same.
    let blobs: Vec<Vec<u8>> = (1..=3_u32)
        .map(|n| {
            let mut state = n;
            let byte = |_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            };
            (0..9 << 20).map(byte).collect()
        })
        .collect();
    for (n, blob) in blobs.iter().enumerate() {
        let head = format!(
            "From: someone{n}@example.jp\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n\
             --b\r\nContent-Type: application/octet-stream; name=data{n}.bin\r\n\r\n"
        );
        drop_file(root.path(), &format!("{n}.eml"), &[head.as_bytes(), blob, b"\r\n--b--\r\n"].concat());
    }
    let ran = uketsuke(root.path(), "", &["run", "-q", "--now", "2026-04-08T10:00:00+09:00"]);
    assert_eq!(ran.status.code(), Some(2), "{}", String::from_utf8_lossy(&ran.stderr));
    let kept = walkdir::WalkDir::new(root.path().join("state/quarantine")).into_iter().flatten();
    let kept: BTreeSet<Vec<u8>> = kept
        .filter(|entry| entry.path().extension().is_some_and(|kind| kind == "bin"))
        .map(|entry| fs::read(entry.path()).unwrap())
        .collect();
    assert!(kept == blobs.into_iter().collect(), "{} in quarantine", kept.len());
}

#[test]
fn a_page_is_drawn_as_it_would_be_here() {
    let readers = readers();
    let ring = readers.ring(Keys::default());
    for (path, page) in [("tests/data/fax.png", 1), ("tests/accept/samples/forms/form-09.pdf", 1), ("tests/data/fax.png", 2)] {
        let bytes = fs::read(path).unwrap();
        let here = view::page(&bytes, page, Limits::default(), catalogue::typeface());
        let there = readers.view(&bytes, &[DocId::of(&bytes)], page, &ring);
        assert!(here == there && here.is_some() == (page == 1), "{path}, page {page}");
    }
}

#[test]
fn another_catalogue_goes_to_the_readers_with_the_desk() {
    let mut files = catalogue::shipped();
    let path = "mms-usage/defects.toml";
    let text = String::from_utf8(files[path].to_vec()).unwrap();
    files.insert(path.to_owned(), text.replace("sentence = \"", "sentence = \"【試】").into_bytes().into());
    let catalogue = Catalogue::load(&files).unwrap_or_else(|faults| panic!("{faults:?}"));
    let readers = Readers::new(&BOOK.1, &catalogue).of_program(PROGRAM, Bounds::of(&BOOK.1.readers));
    let digest = readers.digest(&task("a.bin", b"\0 nothing"), &readers.ring(Keys::default())).unwrap();
    assert!(digest.findings[0].message.starts_with("【試】"), "{:?}", digest.findings);
}

#[test]
fn no_reader_is_a_fault_that_may_pass() {
    for program in ["/nonexistent/uketsuke", "/bin/true", "/bin/cat"] {
        let readers = readers().of_program(program, Bounds { silence: Duration::from_secs(2), ..Bounds::of(&BOOK.1.readers) });
        let fault = readers.digest(&task("a.txt", b"text"), &readers.ring(Keys::default())).unwrap_err();
        assert_eq!((fault.sort, fault.place.starts_with(program)), (Sort::Transient, true), "{fault}");
    }
}

/// What trials do to their reader, and what the desk says about it.
type Killers = &'static [(&'static str, &'static str)];

fn play(settings: &str, jobs: &str, killers: Killers) {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let killer = |name: &str| format!("uketsuke trial: {name} 申込書");
    for (n, (name, _)) in killers.iter().enumerate() {
        drop_file(root, &format!("{n:02}-{name}.txt"), killer(name).as_bytes());
        drop_file(root, &format!("{n:02}-sound.csv"), format!("単なる覚え書き {n}\n").as_bytes());
    }
    let run = uketsuke(root, settings, &["run", "--now", "2026-04-08T10:00:00+09:00", "--json", "--jobs", jobs]);
    let log = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{log}");
    let report: Json = serde_json::from_slice(&run.stdout).unwrap();
    let all = killers.len();
    let counts = ["taken", "read", "quarantined", "waiting"].map(|key| report[key].as_u64().unwrap() as usize);
    assert_eq!(counts, [2 * all, 2 * all, all, all], "{log}");
    assert!(!log.contains("a secret") && !log.contains("申込書"), "a log line quotes a document:\n{log}");
    assert_eq!(fs::read_dir(root.join("inbox")).unwrap().count(), 0);
    let mut seen = BTreeSet::new();
    for folder in fs::read_dir(root.join("state/quarantine")).unwrap() {
        let paths: Vec<PathBuf> = fs::read_dir(folder.unwrap().path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        let (notes, files): (Vec<_>, Vec<_>) = paths.iter().partition(|path| path.to_string_lossy().ends_with(".note.txt"));
        let name = files[0].file_stem().unwrap().to_str().unwrap()[3..].to_owned();
        assert_eq!(fs::read_to_string(files[0]).unwrap(), killer(&name));
        let note = fs::read_to_string(notes[0]).unwrap();
        let said = killers.iter().find(|(known, _)| *known == name).unwrap().1;
        assert!(note.contains(said) && note.contains("■ 対応") && note.contains("What to do"), "{name}: {note}");
        seen.insert(name);
    }
    assert_eq!(seen.len(), all, "{seen:?}");
}

#[test]
fn each_killer_costs_one_document() {
    let killers: Killers = &[
        ("panic", "it panicked at src/worker/trial.rs:"),
        ("abort", "crashed with signal 6"),
        ("exit", "ended by itself with code 7"),
        ("bomb", "needed more memory"),
        ("leak", "needed more memory"),
        ("stack", "ran out of stack"),
        ("flood", "makes no sense"),
        ("long", "more than one answer"),
    ];
    ["1", "4"].iter().for_each(|jobs| play("memory_mib = 1024", jobs, killers));
}

/// A mail with these attachments.
fn mail(attachments: &[&str]) -> String {
    let part = |text: &&str| format!("--b\r\nContent-Type: text/csv; name=a.csv\r\n\r\n{text}\r\n");
    let parts: String = attachments.iter().map(part).collect();
    format!("From: a@example.jp\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n{parts}--b--\r\n")
}

#[test]
fn a_killer_in_a_mail_costs_itself_and_not_the_mail() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let killer = "uketsuke trial: abort";
    drop_file(root, "a.eml", mail(&["one", killer, "two"]).as_bytes());
    // So many kill that the whole mail is set aside.
    let many = ["abort 1", "abort 2", "abort 3", "abort 4"].map(|name| format!("uketsuke trial: {name}"));
    drop_file(root, "b.eml", mail(&many.each_ref().map(String::as_str)).as_bytes());
    let run = uketsuke(root, "", &["run", "--now", "2026-04-08T10:00:00+09:00", "--json", "--jobs", "2"]);
    let log = String::from_utf8_lossy(&run.stderr);
    let report: Json = serde_json::from_slice(&run.stdout).unwrap_or_else(|_| panic!("{log}"));
    assert_eq!((&report["read"], &report["quarantined"]), (&5.into(), &2.into()), "{report}\n{log}");
    let files = walkdir::WalkDir::new(root.join("state/quarantine")).into_iter().map(Result::unwrap).filter(|entry| entry.path().is_file());
    let set_aside: BTreeSet<String> = files.map(|entry| entry.file_name().to_str().unwrap().to_owned()).collect();
    assert_eq!(set_aside, ["a.csv", "a.csv.note.txt", "b.eml", "b.eml.note.txt"].map(String::from).into());
    let verify = uketsuke(root, "", &["verify"]);
    assert_eq!(verify.status.code(), Some(0), "{}", String::from_utf8_lossy(&verify.stdout));
}

#[test]
fn an_endless_loop_costs_one_document() {
    play("patience_seconds = 1", "2", &[("loop", "CPU time was used up")]);
}

#[test]
fn a_reader_that_falls_silent_costs_one_document() {
    // Sound documents lie beside it: on a busy machine they need time as well.
    play("silence_seconds = 5", "4", &[("sleep", "no sign"), ("chatter", "no sign")]);
}

#[test]
fn nothing_leads_out_of_a_reader() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.txt"), "uketsuke trial: escape").unwrap();
    let read = uketsuke(root.path(), "", &["read", "--json", "a.txt"]);
    let log = String::from_utf8_lossy(&read.stderr);
    let document: Json = serde_json::from_slice(&read.stdout).unwrap_or_else(|error| panic!("{error}: {log}"));
    // A kernel without Landlock and seccomp says so, and holds nothing.
    if !log.contains("does not hold readers back") {
        assert_eq!(document["format"], "", "ways out that stood open");
    }
    assert!(!std::env::temp_dir().join("uketsuke-escape").exists());
}

#[test]
fn a_reader_goes_with_its_desk() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.txt"), "uketsuke trial: loop").unwrap();
    let mut desk = Command::new(PROGRAM)
        .args(["read", "a.txt"])
        .current_dir(root.path())
        .env("UKETSUKE_TRIAL", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let readers_of = |desk: u32| -> Vec<u32> {
        let children = fs::read_dir(format!("/proc/{desk}/task")).into_iter().flatten().flatten();
        let children = children.filter_map(|task| fs::read_to_string(task.path().join("children")).ok()).collect::<String>();
        children.split_whitespace().filter_map(|id| id.parse().ok()).collect()
    };
    let until = |what: &str, done: &dyn Fn() -> bool| {
        let waited = (0..2_000).any(|_| {
            done() || {
                std::thread::sleep(Duration::from_millis(20));
                false
            }
        });
        assert!(waited, "{what}");
    };
    until("no reader was started", &|| !readers_of(desk.id()).is_empty());
    let reader = readers_of(desk.id())[0];
    desk.kill().unwrap();
    desk.wait().unwrap();
    until("the reader outlived its desk", &|| {
        fs::read_to_string(format!("/proc/{reader}/stat")).is_ok_and(|stat| stat.contains(") Z "))
            || !Path::new(&format!("/proc/{reader}")).exists()
    });
}

/// A reader that is a tool for nobody: without a desk it ends, and what is no order ends it.
#[test]
fn a_reader_without_a_desk_ends() {
    for bytes in [&b""[..], b"garbage that is no frame", &[0xff; 100]] {
        let mut reader = Command::new(PROGRAM).arg("worker").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let _ = std::io::Write::write_all(&mut reader.stdin.take().unwrap(), bytes);
        let output = reader.wait_with_output().unwrap();
        assert!(output.stdout.is_empty() && output.status.success() == bytes.is_empty(), "{output:?}");
    }
}

#[test]
fn unread_documents_start_nobody() {
    let root = tempfile::tempdir().unwrap();
    let run = uketsuke(root.path(), "", &["run", "--now", "2026-04-08T10:00:00+09:00", "-vv"]);
    assert_eq!(run.status.code(), Some(0));
    assert!(!String::from_utf8_lossy(&run.stderr).contains("a reader answered"));
}

/// The first page loads the recogniser, which other pages of the same file want too: with one thread for all of them nobody
/// may wait for himself.
#[test]
fn a_scan_of_several_pages_is_read_by_one_thread() {
    let root = tempfile::tempdir().unwrap();
    let strip = image::open("tests/data/strip.png").unwrap().into_luma8();
    let mut file = std::io::Cursor::new(Vec::new());
    let mut tiff = tiff::encoder::TiffEncoder::new(&mut file).unwrap();
    for _ in 0..3 {
        tiff.write_image::<tiff::encoder::colortype::Gray8>(strip.width(), strip.height(), strip.as_raw()).unwrap();
    }
    fs::write(root.path().join("pages.tif"), file.into_inner()).unwrap();
    fs::write(root.path().join("memo.csv"), "単なる覚え書き\n").unwrap();
    fs::write(root.path().join("uketsuke.toml"), "[readers]\nsilence_seconds = 60\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_uketsuke"));
    // Two documents at a time leave one thread for each.
    let output = command.current_dir(root.path()).args(["read", "--json", "--jobs", "2", "pages.tif", "memo.csv"]).output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    let first: Json = serde_json::from_str(String::from_utf8_lossy(&output.stdout).lines().next().unwrap()).unwrap();
    assert!(output.status.success() && first["pages"] == 3, "{first}\n{log}");
}

/// Runs the program where nothing is mounted on /proc, as in a bare chroot; `None` where this machine does not let us.
fn without_proc(root: &Path, words: &str) -> Option<Output> {
    let hidden = format!("mount -t tmpfs none /proc && exec {PROGRAM} {words}");
    let shell = |command: &str| Command::new("unshare").args(["--mount", "sh", "-c", command]).current_dir(root).output();
    if !shell("mount -t tmpfs none /proc").is_ok_and(|tried| tried.status.success()) {
        eprintln!("NOT TESTED: /proc cannot be hidden here (no rights to mount)");
        return None;
    }
    Some(shell(&hidden).unwrap())
}

#[test]
fn where_no_reader_can_be_started_nothing_is_lost_and_it_is_said() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    fs::create_dir(root.join("inbox")).unwrap();
    fs::write(root.join("inbox/memo.csv"), "単なる覚え書き\n").unwrap();
    let Some(run) = without_proc(root, "run --json --now 2026-04-08T10:00:00+09:00") else { return };
    let report: Json = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(
        (run.status.code(), &report["taken"], &report["read"], &report["failed"]),
        (Some(1), &1.into(), &0.into(), &1.into()),
        "{report}"
    );
    let doctor = without_proc(root, "doctor --json").unwrap();
    let told: Json = serde_json::from_slice(&doctor.stdout).unwrap();
    let looks = told["looks"].as_array().unwrap();
    assert!(looks.iter().any(|look| look["about"] == "readers" && look["grade"] == "fault"), "{told}");
    // The next run has /proc again, and reads it.
    let next = Command::new(PROGRAM).args(["run", "--json", "--now", "2026-04-08T10:05:00+09:00"]).current_dir(root).output().unwrap();
    let report: Json = serde_json::from_slice(&next.stdout).unwrap();
    assert_eq!(
        (&report["taken"], &report["read"], &report["failed"], &report["waiting"]),
        (&0.into(), &1.into(), &0.into(), &1.into()),
        "{report}"
    );
}
