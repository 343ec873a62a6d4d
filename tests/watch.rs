//! The daemon, driven as people use it: files are dropped in every way that they come, and what must appear appears.
//!
//! The quiet times are short and the documents cheap. No test measures a time: each waits until what it expects is there,
//! and gives up only when nothing has come for a long while.

#[path = "shared/locked.rs"]
mod locked;

use locked::{locked, password};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const LONG: Duration = Duration::from_secs(180);
const NOW: &str = "2026-04-08T10:00:00+09:00";
const SETTINGS: &str = "[watch]\nquiet = \"150ms\"\nquiet_without_end = \"300ms\"\npatience = \"60s\"\nrescan = \"2s\"\npoll = \"200ms\"\n";
/// A form with its text: it opens a case and needs no recognition.
const FORM: &str = "tests/accept/samples/forms/form-22.pdf";

struct Desk {
    root: TempDir,
    daemon: Option<Child>,
}

impl Desk {
    /// A desk that nobody watches yet.
    fn new(settings: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("inbox")).unwrap();
        fs::write(root.path().join("uketsuke.toml"), settings).unwrap();
        Desk { root, daemon: None }
    }

    fn watched() -> Self {
        let mut desk = Desk::new(SETTINGS);
        desk.watch(NOW, &[]);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_uketsuke"));
        command.args(arguments).current_dir(self.root.path());
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts the daemon and waits until it says how it watches.
    fn watch(&mut self, now: &str, more: &[&str]) {
        let log = File::options().create(true).append(true).open(self.path("log.txt")).unwrap();
        let arguments = [&["watch", "--now", now], more].concat();
        self.daemon = Some(self.command(&arguments).stderr(log).stdout(Stdio::null()).spawn().unwrap());
        self.until("the daemon watches", || self.log().contains(" inbox="));
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("log.txt")).unwrap_or_default()
    }

    fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let start = Instant::now();
        while !is_so() {
            assert!(start.elapsed() < LONG, "{what}: it never came\n{}\n{:#?}", self.log(), self.files("inbox"));
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    fn signal(&self, name: &str) {
        let daemon = self.daemon.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([name, &daemon]).status().unwrap().success());
    }

    /// The same under a service manager that wants a sign of life twice a second; what it hears comes out of the socket.
    fn watch_managed(&mut self) -> UnixDatagram {
        let path = self.path("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(LONG)).unwrap();
        let mut command = self.command(&["watch", "-q", "--now", NOW]);
        command.env("NOTIFY_SOCKET", path).env("WATCHDOG_USEC", "500000").env_remove("WATCHDOG_PID").stderr(Stdio::null());
        self.daemon = Some(command.spawn().unwrap());
        socket
    }

    /// Asks the daemon to end; its exit code.
    fn end(&mut self) -> Option<i32> {
        self.signal("-TERM");
        self.daemon.take().unwrap().wait().unwrap().code()
    }

    fn drop_file(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path("inbox").join(name), bytes).unwrap();
    }

    /// Names of the files in a folder and below it.
    fn files(&self, folder: &str) -> BTreeSet<String> {
        let root = self.path(folder);
        let files = walkdir::WalkDir::new(&root).into_iter().filter_map(Result::ok).filter(|entry| !entry.file_type().is_dir());
        files.map(|entry| entry.path().strip_prefix(&root).unwrap().to_string_lossy().into_owned()).collect()
    }

    /// Texts of the receipts whose names end like this.
    fn receipts(&self, end: &str) -> Vec<String> {
        let files = self.files("outbox/receipts").into_iter().filter(|name| name.ends_with(end));
        files.map(|name| fs::read_to_string(self.path("outbox/receipts").join(name)).unwrap()).collect()
    }

    fn has_receipt(&self, end: &str, words: &str) -> bool {
        self.receipts(end).iter().any(|text| text.contains(words))
    }

    fn cases(&self) -> Vec<Json> {
        serde_json::from_slice(&self.output(&["case", "list", "--json"]).stdout).unwrap()
    }

    fn verify(&self) -> Json {
        let output = self.output(&["verify", "--json"]);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

fn mail(subject: &str) -> Vec<u8> {
    format!("From: a@example.jp\r\nTo: b@example.jp\r\nSubject: {subject}\r\nMessage-ID: <{subject}@example.jp>\r\n\r\nhello {subject}\r\n")
        .into_bytes()
}

/// SHA-256 as the receipt of these bytes says it.
fn identity(bytes: &[u8]) -> String {
    uketsuke::domain::id::DocId::of(bytes).to_string()
}

#[test]
fn a_form_becomes_a_case_with_its_letter_and_its_receipt() {
    let mut desk = Desk::watched();
    fs::copy(FORM, desk.path("inbox/利用申込書.pdf")).unwrap();
    desk.until("a letter", || desk.path("outbox/TH-2026-0001/receipt_ack-1.eml").exists());
    desk.until("a receipt", || desk.has_receipt("利用申込書.pdf.txt", "案件 TH-2026-0001 の書類"));
    let index = fs::read_to_string(desk.path("outbox/index.html"));
    desk.until("the index", || {
        index.as_ref().is_ok_and(|_| fs::read_to_string(desk.path("outbox/index.html")).unwrap().contains("最近の受付票"))
    });
    // A person records while the daemon goes on.
    desk.until("a note", || {
        desk.output(&["case", "record", "TH-2026-0001", "note", "--by", "受付", "--note", "x", "--now", "2026-04-08T12:00:00+09:00"])
            .status
            .success()
    });
    assert_eq!(desk.end(), Some(0));
    assert!(desk.files("inbox").is_empty());
    assert_eq!(desk.verify()["faults"], Json::Array(Vec::new()));
}

#[test]
fn a_copy_that_stalls_is_taken_once_and_whole() {
    let mut desk = Desk::watched();
    let bytes = fs::read(FORM).unwrap();
    let mut file = File::create(desk.path("inbox/slow.pdf")).unwrap();
    let pieces = bytes.chunks(bytes.len() / 3 + 1);
    for (n, piece) in pieces.enumerate() {
        file.write_all(piece).unwrap();
        file.flush().unwrap();
        // Others come and go meanwhile: time enough for the slow one to be taken by mistake.
        let other = format!("other-{n}");
        desk.drop_file(&format!("{other}.eml"), &mail(&other));
        desk.until("the other's receipt", || !desk.receipts(&format!("{other}.eml.txt")).is_empty());
        if n < 2 {
            assert!(desk.path("inbox/slow.pdf").exists() && desk.receipts("slow.pdf.txt").is_empty());
        }
    }
    drop(file);
    desk.until("the slow one", || !desk.receipts("slow.pdf.txt").is_empty());
    assert_eq!(desk.end(), Some(0));
    assert_eq!(desk.receipts("slow.pdf.txt").len(), 1);
    assert!(desk.has_receipt("slow.pdf.txt", &identity(&bytes)));
}

#[test]
fn what_never_gets_its_end_is_taken_as_it_is_when_patience_is_over() {
    let mut desk = Desk::new(&SETTINGS.replace("60s", "600ms"));
    desk.watch(NOW, &[]);
    desk.drop_file("cut.pdf", &fs::read(FORM).unwrap()[..20_000]);
    desk.until("its receipt", || !desk.receipts("cut.pdf.txt").is_empty());
    assert_eq!(desk.end(), Some(0));
    assert!(desk.files("inbox").is_empty());
}

#[test]
fn folders_moved_in_are_emptied_and_go_unless_they_are_to_stay() {
    let mut desk = Desk::watched();
    let outside = desk.path("outside/四月/deep/deeper");
    fs::create_dir_all(&outside).unwrap();
    fs::create_dir_all(desk.path("inbox/FAX")).unwrap();
    fs::write(desk.path("inbox/FAX/.keep"), b"").unwrap();
    fs::write(desk.path("inbox/FAX/fax.eml"), mail("fax")).unwrap();
    for (folder, name) in [("", "one"), ("deep", "two"), ("deep/deeper", "three")] {
        fs::write(desk.path("outside/四月").join(folder).join(format!("{name}.eml")), mail(name)).unwrap();
    }
    fs::rename(desk.path("outside/四月"), desk.path("inbox/四月")).unwrap();
    for name in ["one", "two", "three", "fax"] {
        desk.until(name, || !desk.receipts(&format!("{name}.eml.txt")).is_empty());
    }
    desk.until("the folder goes", || !desk.path("inbox/四月").exists());
    assert_eq!(desk.end(), Some(0));
    assert_eq!(desk.files("inbox"), BTreeSet::from(["FAX/.keep".to_owned()]));
}

#[test]
fn one_name_with_other_contents_and_the_same_content_again() {
    let mut desk = Desk::watched();
    for name in ["first", "second", "first"] {
        let before = desk.receipts("scan.eml.txt").len();
        // Renamed in, as careful programs do.
        fs::write(desk.path("inbox/.scan.part"), mail(name)).unwrap();
        fs::rename(desk.path("inbox/.scan.part"), desk.path("inbox/scan.eml")).unwrap();
        desk.until(name, || desk.receipts("scan.eml.txt").len() + desk.receipts("scan.eml-2.txt").len() > before);
    }
    assert_eq!(desk.end(), Some(0));
    let texts = desk.receipts("scan.eml.txt");
    assert_eq!(texts.len(), 3);
    assert_eq!(texts.iter().filter(|text| text.contains(&identity(&mail("first")))).count(), 2);
    assert_eq!(texts.iter().filter(|text| text.contains("に受領済みのファイルと同一です")).count(), 1);
    assert_eq!(desk.verify()["counts"]["duplicates"], 1);
}

#[test]
fn the_inbox_vanishes_and_returns() {
    let mut desk = Desk::watched();
    desk.drop_file("before.eml", &mail("before"));
    desk.until("before", || !desk.receipts("before.eml.txt").is_empty());
    fs::remove_dir_all(desk.path("inbox")).unwrap();
    desk.until("it is said", || desk.log().contains("make the inbox"));
    fs::create_dir_all(desk.path("inbox")).unwrap();
    desk.drop_file("after.eml", &mail("after"));
    desk.until("after", || !desk.receipts("after.eml.txt").is_empty());
    assert_eq!(desk.end(), Some(0));
}

#[test]
fn debris_links_and_pipes_stay_and_are_said_once() {
    let mut desk = Desk::watched();
    std::os::unix::fs::symlink("/etc/passwd", desk.path("inbox/link.pdf")).unwrap();
    assert!(Command::new("mkfifo").arg(desk.path("inbox/pipe.pdf")).status().unwrap().success());
    for name in ["~$book.xlsx", "Thumbs.db", ".DS_Store", "coming.pdf.part"] {
        desk.drop_file(name, b"debris");
    }
    for name in ["one.eml", "two.eml"] {
        desk.drop_file(name, &mail(name));
        desk.until(name, || !desk.receipts(&format!("{name}.txt")).is_empty());
    }
    assert_eq!(desk.end(), Some(0));
    let left = ["link.pdf", "pipe.pdf", "~$book.xlsx", "Thumbs.db", ".DS_Store", "coming.pdf.part"];
    assert_eq!(desk.files("inbox"), left.into_iter().map(str::to_owned).collect());
    assert_eq!(desk.log().matches("link.pdf").count(), 1, "{}", desk.log());
    assert_eq!(desk.log().matches("pipe.pdf").count(), 1);
    assert_eq!(desk.files("outbox/receipts").len(), 2, "debris gets no receipt");
}

#[test]
fn three_hundred_at_once_are_all_accounted_for() {
    let mut desk = Desk::watched();
    let names: Vec<String> = (0..300).map(|n| format!("{n:03}")).collect();
    for name in &names {
        desk.drop_file(&format!("{name}.eml"), &mail(name));
    }
    desk.until("all receipts", || desk.files("outbox/receipts").len() == 300);
    assert_eq!(desk.end(), Some(0));
    assert!(desk.files("inbox").is_empty());
    for name in &names {
        assert_eq!(desk.receipts(&format!("{name}.eml.txt")).len(), 1, "{name}");
    }
    let proof = desk.verify();
    assert_eq!((&proof["counts"]["dropped"], &proof["counts"]["pending"]), (&300.into(), &0.into()), "{proof}");
    assert_eq!(proof["faults"], Json::Array(Vec::new()));
}

#[test]
fn asked_to_end_in_the_middle_it_ends_whole_and_the_next_run_goes_on() {
    let mut desk = Desk::watched();
    for n in 0..40 {
        desk.drop_file(&format!("{n}.eml"), &mail(&n.to_string()));
    }
    desk.until("it began", || desk.files("inbox").len() < 40);
    assert_eq!(desk.end(), Some(0));
    let (inbox, receipts) = (desk.files("inbox").len(), desk.files("outbox/receipts").len());
    assert_eq!(inbox + receipts, 40, "the batch under way was finished");
    assert!(matches!(desk.output(&["run", "-q", "--now", "2026-04-08T11:00:00+09:00"]).status.code(), Some(0 | 2)));
    assert_eq!(desk.files("outbox/receipts").len(), 40);
    assert_eq!(desk.verify()["faults"], Json::Array(Vec::new()));
}

#[test]
fn a_broken_catalogue_is_refused_and_a_mended_one_taken() {
    let mut desk = Desk::new(&format!("templates = \"templates\"\n{SETTINGS}"));
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    for entry in walkdir::WalkDir::new(&shipped).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file()) {
        let target = desk.path("templates").join(entry.path().strip_prefix(&shipped).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(entry.path(), target).unwrap();
    }
    desk.watch(NOW, &[]);
    let page = desk.path("templates/_shared/html/index.html.hbs");
    let text = fs::read_to_string(&page).unwrap();
    fs::write(&page, text.replace("最近の受付票", "{{nobody_knows_this}}")).unwrap();
    desk.signal("-HUP");
    desk.until("it is refused", || desk.log().contains("the catalogue was not reloaded"));
    assert!(desk.log().contains("nobody_knows_this"), "its fault is named\n{}", desk.log());
    let index = || fs::read_to_string(desk.path("outbox/index.html")).unwrap_or_default();
    desk.drop_file("one.eml", &mail("one"));
    desk.until("the old one is in force", || index().contains("最近の受付票"));
    fs::write(&page, text.replace("最近の受付票", "新しい受付票")).unwrap();
    desk.signal("-HUP");
    desk.until("it is taken", || desk.log().contains("is in force now"));
    desk.drop_file("two.eml", &mail("two"));
    desk.until("the new one is in force", || index().contains("新しい受付票"));
    assert_eq!(desk.end(), Some(0));
}

#[test]
fn the_service_manager_is_told_how_it_goes() {
    let mut desk = Desk::new(SETTINGS);
    let socket = desk.watch_managed();
    let heard = || {
        let mut message = [0; 1024];
        let length = socket.recv(&mut message).expect("nothing was said for a long while");
        String::from_utf8_lossy(&message[..length]).into_owned()
    };
    let until = |word: &str| while !heard().lines().any(|line| line.starts_with(word)) {};
    assert!(heard().starts_with("READY=1\nSTATUS="));
    (0..3).for_each(|_| until("WATCHDOG=1"));
    desk.signal("-HUP");
    until("RELOADING=1");
    until("READY=1");
    desk.drop_file("one.eml", &mail("one"));
    until("STATUS=reading 1 documents");
    assert_eq!(desk.end(), Some(0));
    until("STOPPING=1");
}

#[test]
fn a_deadline_fires_on_its_day_though_no_file_comes() {
    let mut desk = Desk::new(SETTINGS);
    fs::copy(FORM, desk.path("inbox/form.pdf")).unwrap();
    assert!(matches!(desk.output(&["run", "-q", "--now", "2026-04-07T10:00:00+09:00"]).status.code(), Some(0 | 2)));
    let notices = || desk.cases()[0]["notices"].as_array().unwrap().len();
    // What comes with the form is waited for until the end of the next business day.
    assert_eq!((desk.cases()[0]["deadlines"][0]["on"].as_str(), notices()), (Some("2026-04-08"), 1));
    assert!(matches!(desk.output(&["run", "-q", "--now", "2026-04-08T23:59:50+09:00"]).status.code(), Some(0 | 2)));
    assert_eq!(notices(), 1, "not before its day");
    desk.watch("2026-04-08T23:59:56+09:00", &[]);
    desk.until("the turn of the day", || desk.path("outbox/TH-2026-0001/deficiency_notice-1.eml").exists());
    assert_eq!(desk.end(), Some(0));
    let at = desk.cases()[0]["notices"].as_array().unwrap().last().unwrap()["at"].as_str().unwrap().to_owned();
    assert!(at.starts_with("2026-04-09T00:0"), "{at}");
}

#[test]
fn a_second_one_is_refused_with_three() {
    let mut desk = Desk::watched();
    for verb in ["watch", "run"] {
        let output = desk.output(&[verb, "--now", NOW]);
        assert_eq!(output.status.code(), Some(3), "{verb}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(desk.end(), Some(0));
    assert_eq!(desk.output(&["run", "-q", "--now", "2026-04-08T11:00:00+09:00"]).status.code(), Some(0));
}

#[test]
fn folders_that_lie_in_one_another_are_refused_also_through_a_link() {
    let desk = Desk::new(SETTINGS);
    fs::create_dir_all(desk.path("inbox/deep")).unwrap();
    std::os::unix::fs::symlink(desk.path("inbox/deep"), desk.path("elsewhere")).unwrap();
    for verb in ["watch", "run"] {
        for arguments in [[verb, "--outbox", "elsewhere"], [verb, "--state", "elsewhere"], [verb, "--mail", "elsewhere"]] {
            let output = desk.output(&arguments);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
            assert!(said.contains("lies in the inbox"), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn mails_that_lie_elsewhere_are_read_once_and_stay() {
    let mut desk = Desk::new(SETTINGS);
    for folder in ["new", "cur", "tmp"] {
        fs::create_dir_all(desk.path("mail").join(folder)).unwrap();
    }
    fs::write(desk.path("mail/new/1.host"), mail("one")).unwrap();
    fs::write(desk.path("mail/tmp/3.host"), mail("half")).unwrap();
    desk.watch(NOW, &["--mail", "mail"]);
    desk.until("the first", || desk.log().contains("batch done taken=1"));
    fs::rename(desk.path("mail/new/1.host"), desk.path("mail/cur/1.host:2,S")).unwrap();
    fs::write(desk.path("mail/new/2.host"), mail("two")).unwrap();
    desk.until("the second", || desk.log().matches("batch done taken=1").count() == 2);
    assert_eq!(desk.end(), Some(0));
    assert_eq!(desk.files("mail").len(), 3);
    assert_eq!(desk.verify()["counts"]["dropped"], 2);
}

#[test]
fn a_locked_archive_waits_for_its_password() {
    let mut desk = Desk::watched();
    desk.drop_file("1.eml", &locked(""));
    desk.until("its receipt", || desk.has_receipt("1.eml.txt", "読み取りはこれから行います"));
    desk.drop_file("2.eml", &password("jiro@example.jp"));
    desk.until("a stranger's", || !desk.receipts("2.eml.txt").is_empty());
    assert_eq!(desk.cases(), Vec::<Json>::new(), "another sender's words open nothing");
    desk.drop_file("3.eml", &password("taro@example.jp"));
    desk.until("the case", || desk.cases().len() == 1);
    let show = String::from_utf8(desk.output(&["case", "show", "TH-2026-0001"]).stdout).unwrap();
    assert!(show.contains("form.pdf") && !show.contains("M-002"), "the password was not asked for: {show}");
    assert_eq!(desk.end(), Some(0));
    assert_eq!(desk.verify()["faults"], Json::Array(Vec::new()));
    let replay = desk.output(&["replay", "--diff"]);
    assert_eq!(replay.status.code(), Some(0), "{}", String::from_utf8_lossy(&replay.stdout));
    let ledger = fs::read(desk.path("state/ledger.sqlite")).unwrap();
    assert!(!ledger.windows(8).any(|bytes| bytes == b"Geheim-1") && !desk.log().contains("Geheim"));
}

#[test]
fn a_password_that_came_first_is_found_and_one_that_never_comes_is_asked_for() {
    let mut desk = Desk::new(&format!("{SETTINGS}password_wait = \"1s\"\n"));
    desk.watch(NOW, &[]);
    desk.drop_file("1.eml", &locked(""));
    desk.until("its receipt", || !desk.receipts("1.eml.txt").is_empty());
    desk.until("nobody named it", || fs::read_to_string(desk.path("outbox/index.html")).is_ok_and(|text| text.contains("1.eml")));
    assert_eq!(desk.end(), Some(0));
    let desk = Desk::new(SETTINGS);
    desk.drop_file("form.pdf", &fs::read(FORM).unwrap());
    let subject = "Subject: y (TH-2026-0001)";
    let known = String::from_utf8(password("taro@example.jp")).unwrap().replace("Subject: y", subject);
    desk.drop_file("2.eml", known.as_bytes());
    desk.output(&["run", "-q", "--now", NOW]);
    desk.drop_file("1.eml", &locked(""));
    desk.output(&["run", "-q", "--now", "2026-04-09T10:00:00+09:00"]);
    let show = String::from_utf8(desk.output(&["case", "show", "TH-2026-0001"]).stdout).unwrap();
    assert!(show.matches("form.pdf").count() >= 2 && !show.contains("M-002"), "{show}");
    assert_eq!(desk.output(&["replay", "--diff"]).status.code(), Some(0));
}

#[test]
fn polling_finds_what_events_would() {
    let mut desk = Desk::new(&format!("{SETTINGS}way = \"poll\"\n"));
    desk.watch(NOW, &[]);
    assert!(desk.log().contains("the settings say so"));
    fs::create_dir_all(desk.path("inbox/a/b")).unwrap();
    fs::write(desk.path("inbox/a/b/c.eml"), mail("c")).unwrap();
    desk.until("it", || !desk.receipts("c.eml.txt").is_empty());
    assert_eq!(desk.end(), Some(0));
}

#[test]
fn the_state_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new(SETTINGS);
    desk.drop_file("one.eml", &mail("one"));
    desk.drop_file("broken.pdf", b"");
    assert_eq!(desk.output(&["run", "-q", "--now", NOW]).status.code(), Some(2));
    for entry in walkdir::WalkDir::new(desk.path("state")).into_iter().map(Result::unwrap) {
        let rights = entry.metadata().unwrap().permissions().mode() & 0o777;
        let wanted = if entry.file_type().is_dir() { 0o700 } else { 0o600 };
        assert_eq!(rights, wanted, "{}", entry.path().display());
    }
}
