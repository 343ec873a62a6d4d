//! The program is stopped before each of its steps, and each of its steps fails once; started again, it must come to
//! what it would have come to undisturbed.
//!
//! The desk sends its mails to a server that takes all of them.
//!
//! `cargo test --features faults --test crash -- --nocapture` plays a sample; `tests/reliability/sweep` plays every step
//! and prints the counts for `docs/reliability.md`. `UKETSUKE_SWEEP=all`, or a number N for every Nth step.

#[path = "shared/smtp.rs"]
mod smtp;

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use serde_json::Value as Json;
use sight::port::Blind;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, UNIX_EPOCH};
use uketsuke::domain::id::DocId;
use uketsuke::domain::reading::Content;
use uketsuke::reading;
use uketsuke::reading::format::{Limits, Source, Tools};
use uketsuke::store::Ledger;

const DATA: &str = "tests/data/crash";
/// Steps of a sample lie so far apart.
const STRIDE: usize = 29;
/// Disk full, input/output error, busy, denied.
const ERRORS: [i32; 4] = [28, 5, 16, 13];

/// Something that happens at the desk: files come, and the program is called.
struct Scene {
    name: &'static str,
    at: &'static str,
    /// File, and the name under which it is dropped.
    drop: &'static [(&'static str, &'static str)],
    command: &'static [&'static str],
}

/// Two applications, one of them in a mail that holds a paper of the other; an archive; a broken file in a folder. Then a
/// person corrects, a paper comes again, and a new one leads to the approval with a certificate.
const SCENES: &[Scene] = &[
    Scene {
        name: "a mixed batch",
        at: "2026-04-08T10:00:00+09:00",
        drop: &[
            ("form_a.pdf", "利用申込書.pdf"),
            ("book_a.xlsx", "事業者概要.xlsx"),
            ("mail.eml", "mail.eml"),
            ("papers.zip", "papers.zip"),
            ("cut.pdf", "folder/cut.pdf"),
        ],
        command: &["run"],
    },
    Scene {
        name: "a correction",
        at: "2026-04-09T10:00:00+09:00",
        drop: &[],
        command: &["case", "record", "TH-2026-0002", "corrected", "--set", "seal_present=あり", "--by", "受付 花子"],
    },
    Scene {
        name: "a duplicate and an approval with certificates",
        at: "2026-04-10T10:00:00+09:00",
        drop: &[("book_a.xlsx", "再送.xlsx"), ("book_a2.xlsx", "事業者概要（差替）.xlsx")],
        command: &["run"],
    },
];

/// How the program is disturbed.
#[derive(Clone, Copy, Debug)]
enum Blow {
    Dies(usize),
    /// Dies, and what was not synced is lost.
    LosesPower(usize),
    Fails(usize, i32),
    /// The ledger may not grow beyond so many pages.
    LedgerFull(usize),
    /// No file may grow beyond so many KiB: a short write, then an error, for files and for SQLite.
    FilesFull(usize),
}

/// Where each scene begins, what it comes to undisturbed, and how many steps it takes.
struct Played {
    before: PathBuf,
    after: Seen,
    steps: usize,
    pages: usize,
    /// What the mail server had taken by then.
    sent: BTreeMap<(String, String), usize>,
    /// Mails that were sent before.
    sent_before: usize,
}

static STAGE: LazyLock<(tempfile::TempDir, Vec<Played>)> = LazyLock::new(|| {
    let root = folder();
    let mut before = root.path().join("begin");
    fs::create_dir_all(before.join("inbox")).unwrap();
    let mut all: Vec<Played> = Vec::new();
    for (n, scene) in SCENES.iter().enumerate() {
        let after = root.path().join(n.to_string());
        copy(&before, &after);
        drop_files(scene, &after);
        let post = Post::at(&after);
        let steps = root.path().join(format!("steps-{n}"));
        let mut command = program(scene, scene.command, &after);
        expect_done(&command.env("UKETSUKE_STEPS", &steps).output().unwrap());
        finish(scene, &after);
        let steps = fs::read_to_string(&steps).unwrap().lines().count();
        let pages = fs::metadata(after.join("state/ledger.sqlite")).unwrap().len() as usize / 4096;
        let sent = post.taken();
        assert!(sent.values().all(|times| *times == 1), "{sent:?}");
        let sent_before = all.iter().map(|played| played.sent.len()).sum();
        all.push(Played { before, after: Seen::of(&after), steps, pages, sent, sent_before });
        before = after;
    }
    (root, all)
});

/// The mail server of one desk, which its settings name.
struct Post {
    port: u16,
    mailbox: Arc<Mutex<smtp::Box>>,
}

impl Post {
    fn at(root: &Path) -> Self {
        let (port, mailbox) = smtp::server();
        let settings = format!(
            "[smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nfrom = \"desk@tso.example.jp\"\nsince = \"2026-04-01\"\n"
        );
        fs::write(root.join("uketsuke.toml"), settings).unwrap();
        Post { port, mailbox }
    }

    /// Message-ID and recipient of what it took, and how often.
    fn taken(&self) -> BTreeMap<(String, String), usize> {
        let mut counts = BTreeMap::new();
        self.mailbox.lock().unwrap().taken.iter().for_each(|mail| *counts.entry(mail.clone()).or_default() += 1);
        counts
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        smtp::close(self.port, &self.mailbox);
    }
}

/// Memory, where there is a file system for it: no test waits for a disk.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

fn program(scene: &Scene, command: &[&str], root: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_uketsuke"));
    program.args(command).args(["--now", scene.at, "--jobs", "1", "--config"]).arg(root.join("uketsuke.toml"));
    for name in ["inbox", "outbox", "state"] {
        program.arg(format!("--{name}")).arg(root.join(name));
    }
    program
}

fn expect_done(output: &Output) {
    assert!(matches!(output.status.code(), Some(0 | 2)), "{:?} {}", output.status, String::from_utf8_lossy(&output.stderr));
}

/// Undisturbed until nothing is left to do.
fn finish(scene: &Scene, root: &Path) {
    expect_done(&program(scene, scene.command, root).output().unwrap());
    expect_done(&program(scene, &["run"], root).output().unwrap());
}

fn drop_files(scene: &Scene, root: &Path) {
    for (from, name) in scene.drop {
        let to = root.join("inbox").join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(Path::new(DATA).join(from), &to).unwrap();
        // Old enough to be taken at once.
        File::options().write(true).open(&to).unwrap().set_modified(UNIX_EPOCH + Duration::from_secs(1_700_000_000)).unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target).unwrap();
            fs::set_permissions(&target, entry.metadata().unwrap().permissions()).unwrap();
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// Everything that must be the same.
#[derive(PartialEq, Debug)]
struct Seen {
    /// In the order of each case; what is drawn by lot is left out.
    events: Vec<String>,
    documents: Vec<String>,
    letters: Vec<String>,
    /// Each mail to one recipient, and what became of it.
    mails: Vec<String>,
    outbox: BTreeMap<PathBuf, Vec<u8>>,
    quarantine: BTreeMap<PathBuf, Vec<u8>>,
    inbox: Vec<PathBuf>,
}

impl Seen {
    fn of(root: &Path) -> Self {
        let ledger = Ledger::look(&root.join("state")).unwrap().unwrap();
        let mut events = ledger.history().unwrap();
        events.sort_by_key(|event| (event.case.clone(), event.seq));
        let events = events.iter().map(|event| masked(serde_json::to_value(event).unwrap()).to_string()).collect();
        let stock = ledger.stock().unwrap();
        let documents = stock.papers.iter().map(|paper| format!("{paper:?}")).collect();
        let mut letters: Vec<String> = stock
            .outlets
            .iter()
            .map(|row| format!("{} {} {:?} {}", row.letter, row.path, row.sha256.filter(|_| !row.secret), row.delivered))
            .collect();
        letters.sort();
        let rows = ledger.sendings(1_000).unwrap();
        let mut mails: Vec<String> =
            rows.iter().map(|row| format!("{} {} {:?} {}", row.path, row.recipient, row.standing, row.attempts)).collect();
        mails.sort();
        let outbox = root.join("outbox");
        Seen {
            events,
            documents,
            letters,
            mails,
            outbox: tree(&outbox).into_iter().map(|(path, bytes)| (path.clone(), opened(&outbox, &path, bytes))).collect(),
            quarantine: tree(&root.join("state/quarantine")),
            inbox: tree(&root.join("inbox")).into_keys().collect(),
        }
    }

    /// A file that a fault left in the inbox is taken by the next run, and what was decided meanwhile was decided without
    /// it. What lasts is that each document came to its end once, and nothing is left.
    fn ends_like(&self, other: &Seen) -> bool {
        let ids = |seen: &Seen| -> Vec<String> { seen.documents.iter().map(|line| identity(line)).collect() };
        let pending = self.documents.iter().any(|line| line.contains("status: None"));
        let sorted = |mut ids: Vec<String>| {
            ids.sort();
            ids
        };
        let unsent = self.mails.iter().any(|line| !line.contains(" Sent "));
        !pending && !unsent && self.inbox == other.inbox && sorted(ids(self)) == sorted(ids(other))
    }

    fn difference(&self, other: &Seen) -> String {
        let lines = |name: &str, ours: &[String], theirs: &[String]| {
            let only = |a: &[String], b: &[String], sign: char| {
                a.iter().filter(|line| !b.contains(line)).take(4).map(|line| format!("\n  {sign} {name}: {line:.300}")).collect::<String>()
            };
            only(ours, theirs, '+') + &only(theirs, ours, '-')
        };
        let files = |tree: &BTreeMap<PathBuf, Vec<u8>>| -> Vec<String> {
            tree.iter().map(|(path, bytes)| format!("{} {}", path.display(), DocId::of(bytes).short())).collect()
        };
        [
            lines("event", &self.events, &other.events),
            lines("document", &self.documents, &other.documents),
            lines("letter", &self.letters, &other.letters),
            lines("mail", &self.mails, &other.mails),
            lines("outbox", &files(&self.outbox), &files(&other.outbox)),
            lines("quarantine", &files(&self.quarantine), &files(&other.quarantine)),
            format!("\n  inbox {:?}", self.inbox),
        ]
        .concat()
    }
}

/// The identity out of a document's line.
fn identity(line: &str) -> String {
    line.split_once("doc: ").and_then(|(_, rest)| rest.split_once(',')).map_or_else(String::new, |(id, _)| id.to_owned())
}

/// Keys are drawn anew in each state, and with them the hash of a certificate.
fn masked(event: Json) -> Json {
    match event {
        Json::Object(map) => {
            map.into_iter().map(|(key, value)| if key == "sha256" { (key, Json::Null) } else { (key, masked(value)) }).collect()
        }
        Json::Array(list) => list.into_iter().map(masked).collect(),
        other => other,
    }
}

/// A key file that its passphrase opens is like any other such file, and so is the page that says the passphrase.
fn opened(outbox: &Path, path: &Path, bytes: Vec<u8>) -> Vec<u8> {
    let folder = path.parent().unwrap();
    if folder.ends_with("restricted-keys") {
        let page = fs::read(outbox.join(folder.parent().unwrap()).join("restricted-post/certificate_passphrase-1.pdf")).unwrap();
        let said = regex::Regex::new("[A-Z2-9]{4}(-[A-Z2-9]{4}){4}").unwrap();
        let store = KeyStore::from_pkcs12(&bytes, said.find(&words(&page)).unwrap().as_str(), Pkcs12ImportPolicy::Strict).unwrap();
        return store.private_key_chain().unwrap().0.as_bytes().to_vec();
    }
    if folder.ends_with("restricted-post") { Vec::new() } else { bytes }
}

fn words(pdf: &[u8]) -> String {
    let tools = Tools { ocr: &Blind, limits: Limits::default() };
    let Content::Paper { pages, .. } = reading::read(&Source { doc: DocId::of(pdf), name: "page.pdf", bytes: pdf }, &tools).content else {
        panic!("no page")
    };
    pages.iter().flat_map(|page| &page.lines).map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn tree(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = walkdir::WalkDir::new(root).into_iter().filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
    files.map(|entry| (entry.path().strip_prefix(root).unwrap().to_owned(), fs::read(entry.path()).unwrap())).collect()
}

/// One disturbed run and what follows; what was wrong with it.
fn disturbed(scene: &Scene, played: &Played, blow: Blow) -> Result<(), String> {
    let root = folder();
    copy(&played.before, root.path());
    drop_files(scene, root.path());
    let post = Post::at(root.path());
    let mut command = program(scene, scene.command, root.path());
    match blow {
        Blow::Dies(n) => drop(command.env("UKETSUKE_DIE_AT", n.to_string())),
        Blow::LosesPower(n) => drop(command.env("UKETSUKE_DIE_AT", n.to_string()).env("UKETSUKE_LOSE", "1")),
        Blow::Fails(n, errno) => drop(command.env("UKETSUKE_FAIL_AT", format!("{n}:{errno}"))),
        Blow::LedgerFull(pages) => drop(command.env("UKETSUKE_PAGES", pages.to_string())),
        Blow::FilesFull(size) => {
            let inner = command;
            command = Command::new("bash");
            command.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {size}; exec \"$@\"")).arg("bash").arg(inner.get_program());
            command.args(inner.get_args());
        }
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    match blow {
        Blow::Dies(_) | Blow::LosesPower(_) if output.status.signal() == Some(6) => {}
        Blow::Fails(..) | Blow::LedgerFull(_) | Blow::FilesFull(_) if matches!(output.status.code(), Some(0..=2)) => {}
        _ => return Err(format!("ended with {:?}: {said}", output.status)),
    }
    // Before there was a state nothing could break.
    let before_restart = if root.path().join("state").exists() { verify(scene, root.path(), &[]) } else { Json::Null };
    finish(scene, root.path());
    let proof = verify(scene, root.path(), &["--untouched"]);
    if proof["ok"] != true {
        return Err(format!("does not hold afterwards: {}", proof["faults"]));
    }
    // What no restart could mend: anything but a letter that still has to be delivered.
    let graver = |fault: &&Json| fault["what"] != "was written and not yet delivered";
    if let Some(fault) = before_restart["faults"].as_array().into_iter().flatten().find(graver) {
        return Err(format!("does not hold before the restart: {fault}"));
    }
    let seen = Seen::of(root.path());
    let exact = matches!(blow, Blow::Dies(_) | Blow::LosesPower(_));
    // Once more, under its Message-ID, is what a mail may be sent whose mark was not written.
    let sent = post.taken();
    let twice = sent.values().filter(|times| **times > 1).count();
    let missing = seen.mails.len() != sent.len() + played.sent_before;
    if twice > 1 || sent.values().any(|times| *times > 2) || missing || (exact && !sent.keys().eq(played.sent.keys())) {
        return Err(format!("{} mails are noted as sent, and the server had {sent:?}", seen.mails.len()));
    }
    if if exact { seen == played.after } else { seen.ends_like(&played.after) } {
        return Ok(());
    }
    Err(format!("is not as undisturbed:{}\nsaid {said:.600}", seen.difference(&played.after)))
}

fn verify(scene: &Scene, root: &Path, more: &[&str]) -> Json {
    let output = program(scene, &["verify", "--json"], root).args(more).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Every Nth of so many, so that two sweeps do not take the same ones.
fn chosen(steps: usize, shift: usize) -> Vec<usize> {
    let stride = match std::env::var("UKETSUKE_SWEEP").as_deref() {
        Ok("all") => 1,
        Ok(number) => number.parse().unwrap(),
        Err(_) => STRIDE,
    };
    (1..=steps).filter(|n| (n + shift).is_multiple_of(stride)).collect()
}

fn sweep(name: &str, blows: impl Fn(&Played) -> Vec<Blow>) {
    let mut faults = Vec::new();
    for (scene, played) in SCENES.iter().zip(&STAGE.1) {
        let blows = blows(played);
        let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while let Some(blow) = blows.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if let Err(what) = disturbed(scene, played, *blow) {
                            let what = format!("{}, {blow:?}: {what}", scene.name);
                            println!("{what}");
                            found.lock().unwrap().push(what);
                        }
                    }
                });
            }
        });
        let found = found.into_inner().unwrap();
        println!("{name} | {} | {} of {} | {}", scene.name, blows.len(), played.steps, blows.len() - found.len());
        faults.extend(found);
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn killed_before_any_step_it_comes_to_the_same() {
    sweep("killed", |played| chosen(played.steps, 0).into_iter().map(Blow::Dies).collect());
}

#[test]
fn without_power_before_any_step_it_comes_to_the_same() {
    sweep("power lost", |played| chosen(played.steps, 7).into_iter().map(Blow::LosesPower).collect());
}

#[test]
fn a_step_that_fails_costs_nothing() {
    sweep("failed", |played| chosen(played.steps, 13).into_iter().map(|n| Blow::Fails(n, ERRORS[n % ERRORS.len()])).collect());
}

#[test]
fn a_full_ledger_costs_nothing() {
    sweep("ledger full", |played| chosen(played.pages, 19).into_iter().map(Blow::LedgerFull).collect());
}

#[test]
fn a_full_disk_costs_nothing() {
    let most = |played: &Played| 4 * played.pages;
    sweep("files full", |played| chosen(most(played), 23).into_iter().map(Blow::FilesFull).collect());
}
