//! The mailbox, against a real server on loopback (Debian's dovecot): mails come once, whatever the line, the server's numbers
//! and the password do, and in the mailbox nothing changes but what was asked for.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::Value as Json;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const LONG: Duration = Duration::from_secs(180);
const NOW: &str = "2026-04-08T10:00:00+09:00";
const PASSWORD: &str = "geheim-7f3a";
const FOLDER: &str = "受付";

/// A server with one user, and a desk beside it.
struct House {
    root: TempDir,
    plain: u16,
    tls: u16,
    server: Child,
    daemon: Option<Child>,
}

impl House {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("inbox")).unwrap();
        certificates(root.path());
        let (plain, tls) = (free_port(), free_port());
        let server = serve(root.path(), plain, tls);
        let house = House { root, plain, tls, server, daemon: None };
        house.until("the server", || TcpStream::connect(("127.0.0.1", plain)).is_ok());
        house
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// The settings of a desk that reads the mailbox over TLS, with some replaced or added.
    fn settings(&self, other: &[(&str, &str)]) {
        let port = self.tls.to_string();
        let (ca, password) = (format!("{:?}", self.path("ca.pem")), format!("{:?}", self.path("password")));
        let all = [("host", "\"localhost\""), ("port", &port), ("user", "\"desk\""), ("ca_file", &ca), ("password_file", &password)];
        let mut lines: Vec<(&str, &str)> = all.into_iter().filter(|(name, _)| other.iter().all(|(known, _)| known != name)).collect();
        lines.extend(other);
        let lines: String = lines.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
        fs::write(self.path("password"), format!("{PASSWORD}\n")).unwrap();
        fs::write(self.path("uketsuke.toml"), format!("[imap]\n{lines}")).unwrap();
    }

    /// A mail comes to a folder, as a mail server delivers it.
    fn deliver(&self, folder: &str, name: &str, text: &str) {
        let maildir = if folder == "INBOX" {
            self.path("Maildir")
        } else {
            self.path(&format!("Maildir/.{}", utf7_imap::encode_utf7_imap(folder.into())))
        };
        for part in ["new", "cur", "tmp"] {
            fs::create_dir_all(maildir.join(part)).unwrap();
        }
        fs::write(maildir.join("tmp").join(name), text).unwrap();
        own(&self.path("Maildir"));
        fs::rename(maildir.join("tmp").join(name), maildir.join("new").join(name)).unwrap();
    }

    /// Names of mails that lie in the mailbox, with their marks.
    fn lying(&self) -> Vec<String> {
        let files = walkdir::WalkDir::new(self.path("Maildir")).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
        let inside = files.map(|entry| entry.path().strip_prefix(self.path("Maildir")).unwrap().to_string_lossy().into_owned());
        let mut mails: Vec<String> = inside.filter(|path| path.contains("new/") || path.contains("cur/")).collect();
        mails.sort();
        mails
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_uketsuke"));
        command.args(arguments).current_dir(self.root.path());
        command
    }

    fn run(&self) -> Output {
        self.command(&["run", "--json", "--now", NOW]).output().unwrap()
    }

    fn taken(&self) -> u64 {
        let output = self.run();
        let report: Json = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output)));
        assert_eq!(report["failed"], 0, "{}", text(&output));
        report["taken"].as_u64().unwrap()
    }

    /// Everything that the ledger counts as dropped.
    fn dropped(&self) -> u64 {
        let output = self.command(&["verify", "--json"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        serde_json::from_slice::<Json>(&output.stdout).unwrap()["counts"]["dropped"].as_u64().unwrap()
    }

    fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let start = Instant::now();
        while !is_so() {
            let said = ["server.log", "log.txt"].map(|name| fs::read_to_string(self.path(name)).unwrap_or_default());
            assert!(start.elapsed() < LONG, "{what}: it never came\n{said:#?}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        for child in std::iter::once(&mut self.server).chain(&mut self.daemon) {
            // Its own helpers end with it only when it is asked.
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let _ = child.wait();
        }
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// `nobody`, whom the server may serve where root runs it.
fn own(folder: &Path) {
    if is_root() {
        walkdir::WalkDir::new(folder)
            .into_iter()
            .map(Result::unwrap)
            .for_each(|entry| chown(entry.path(), Some(65534), Some(65534)).unwrap());
    }
}

/// An authority of the house, and what it signed for `localhost`.
fn certificates(root: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["localhost".into()]).unwrap().signed_by(&key, &issuer).unwrap();
    fs::write(root.join("ca.pem"), authority.pem()).unwrap();
    fs::write(root.join("server.pem"), server.pem()).unwrap();
    fs::write(root.join("server.key"), key.serialize_pem()).unwrap();
}

fn serve(root: &Path, plain: u16, tls: u16) -> Child {
    for folder in ["run", "home", "Maildir"] {
        fs::create_dir(root.join(folder)).unwrap();
    }
    [root.join("home"), root.join("Maildir")].iter().for_each(|folder| own(folder));
    let me = |id: &str| String::from_utf8(Command::new("id").arg(id).output().unwrap().stdout).unwrap().trim().to_owned();
    let (user, inner) = match is_root() {
        true => ("uid=65534 gid=65534".to_owned(), String::new()),
        false => (
            format!("uid={} gid={}", me("-u"), me("-g")),
            format!("default_internal_user = {0}\ndefault_login_user = {0}\ndefault_internal_group = {1}\n", me("-un"), me("-gn")),
        ),
    };
    // Its own users walk through this folder.
    let walkable: fs::Permissions = PermissionsExt::from_mode(0o755);
    fs::set_permissions(root, walkable).unwrap();
    let at = root.display();
    let settings = format!(
        "base_dir = {at}/run\nstate_dir = {at}/run\nlog_path = {at}/server.log\nprotocols = imap\nlisten = 127.0.0.1, ::1\n{inner}\
         ssl = yes\nssl_cert = <{at}/server.pem\nssl_key = <{at}/server.key\ndisable_plaintext_auth = no\nmail_location = maildir:{at}/Maildir\n\
         passdb {{\n  driver = static\n  args = password={PASSWORD}\n}}\nuserdb {{\n  driver = static\n  args = {user} home={at}/home\n}}\n\
         service imap-login {{\n  chroot =\n  inet_listener imap {{\n    port = {plain}\n  }}\n  inet_listener imaps {{\n    port = {tls}\n    ssl = yes\n  }}\n}}\n\
         service anvil {{\n  chroot =\n}}\n"
    );
    fs::write(root.join("server.conf"), settings).unwrap();
    let dovecot = ["/usr/sbin/dovecot", "/usr/local/sbin/dovecot"].into_iter().find(|path| Path::new(path).exists());
    let dovecot = dovecot.expect("no dovecot here: tests/needs installs it (Debian: dovecot-imapd)");
    Command::new(dovecot).args(["-F", "-c"]).arg(root.join("server.conf")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn mail(n: u32) -> String {
    format!("From: a{n}@example.jp\r\nTo: desk@example.jp\r\nMessage-ID: <m{n}@example.jp>\r\nSubject: No. {n}\r\n\r\nHello {n}\r\n")
}

#[test]
fn mails_are_fetched_once_and_leave_no_trace_in_the_mailbox() {
    let house = House::new();
    house.settings(&[]);
    (1..=3).for_each(|n| house.deliver("INBOX", &format!("{n}.host"), &mail(n)));
    house.deliver(FOLDER, "4.host", &mail(4));
    let before = house.lying();
    assert_eq!(house.taken(), 3);
    assert_eq!(house.lying(), before, "nothing is marked, nothing moved");
    assert_eq!(house.taken(), 0);
    house.deliver("INBOX", "5.host", &mail(5));
    assert_eq!(house.taken(), 1);
    // The server forgets its numbers and gives others.
    for entry in walkdir::WalkDir::new(house.path("Maildir")).into_iter().map(Result::unwrap) {
        if entry.file_name().to_string_lossy().starts_with("dovecot") && entry.file_type().is_file() {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(house.taken(), 0, "by their bytes they are known");
    assert_eq!(house.dropped(), 4);
    let named: Vec<_> =
        walkdir::WalkDir::new(house.path("outbox")).into_iter().map(Result::unwrap).map(|entry| entry.into_path()).collect();
    for path in named.iter().filter(|path| path.is_file()) {
        assert!(!String::from_utf8_lossy(&fs::read(path).unwrap()).contains(PASSWORD), "{}", path.display());
    }
}

#[test]
fn a_folder_with_a_japanese_name_is_marked_as_read_where_that_is_asked_for() {
    let house = House::new();
    let (plain, folder) = (house.plain.to_string(), format!("{FOLDER:?}"));
    house.settings(&[("port", &plain), ("tls", "\"starttls\""), ("folder", &folder), ("mark", "\"seen\"")]);
    house.deliver(FOLDER, "1.host", &mail(1));
    house.deliver("INBOX", "2.host", &mail(2));
    assert_eq!(house.taken(), 1);
    let seen: Vec<String> = house.lying().into_iter().filter(|path| path.contains(":2,") && path.contains('S')).collect();
    assert_eq!(seen.len(), 1, "{:?}", house.lying());
    assert!(seen[0].contains("1.host"), "{seen:?}");
    assert_eq!(house.taken(), 0);
}

#[test]
fn what_the_mailbox_refuses_holds_nothing_else_up_and_says_why() {
    let house = House::new();
    house.deliver("INBOX", "1.host", &mail(1));
    let refused = |other: &[(&str, &str)], password: &str, words: &str| {
        house.settings(other);
        fs::write(house.path("password"), password).unwrap();
        let name = format!("{}.eml", words.len());
        fs::write(house.path("inbox").join(name), mail(100 + words.len() as u32)).unwrap();
        let output = house.run();
        let report: Json = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((output.status.code(), &report["taken"], &report["failed"]), (Some(1), &1.into(), &1.into()), "{}", text(&output));
        assert!(text(&output).contains(words) && !text(&output).contains(PASSWORD), "{}", text(&output));
        assert!(!text(&output).contains("//desk@"), "whose mailbox it is: {}", text(&output));
        let doctor = house.command(&["doctor"]).output().unwrap();
        assert!(text(&doctor).contains(words), "{}", text(&doctor));
    };
    refused(&[], "wrong", "Authentication failed");
    let folder = format!("{FOLDER:?}");
    refused(&[("folder", &folder)], PASSWORD, "Mailbox doesn't exist");
    let port = free_port().to_string();
    refused(&[("port", &port)], PASSWORD, "refused");
    // Nobody vouches for the server.
    fs::write(house.path("none.pem"), "").unwrap();
    let none = format!("{:?}", house.path("none.pem"));
    refused(&[("ca_file", &none)], PASSWORD, "invalid peer certificate");
    house.settings(&[]);
    assert_eq!(house.taken(), 1);
}

/// Lets so many bytes of the server through, and then breaks the line.
fn line_that_breaks(server: u16, after: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let Ok((desk, _)) = listener.accept() else { return };
        let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
        let (mut asks, mut asked) = (desk.try_clone().unwrap(), server.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut asks, &mut asked));
        let _ = std::io::copy(&mut (&server).take(after as u64), &mut (&desk));
        let _ = (desk.shutdown(std::net::Shutdown::Both), server.shutdown(std::net::Shutdown::Both));
    });
    port
}

#[test]
fn a_line_that_breaks_anywhere_loses_no_mail_and_doubles_none() {
    let house = House::new();
    (1..=4).for_each(|n| house.deliver("INBOX", &format!("{n}.host"), &mail(n)));
    let mut failures = 0;
    for after in (0..2600).step_by(200) {
        let port = line_that_breaks(house.plain, after).to_string();
        house.settings(&[("host", "\"127.0.0.1\""), ("port", &port), ("tls", "\"none\"")]);
        failures += u32::from(house.run().status.code() == Some(1));
    }
    assert!(failures > 5, "the line was to break: {failures}");
    house.settings(&[]);
    house.run();
    assert_eq!(house.dropped(), 4);
    assert_eq!(house.taken(), 0);
}

#[test]
fn the_daemon_looks_into_the_mailbox_by_itself() {
    let mut house = House::new();
    house.settings(&[("every", "\"200ms\"")]);
    let log = File::options().create(true).append(true).open(house.path("log.txt")).unwrap();
    house.daemon = Some(house.command(&["watch", "--now", NOW]).stderr(log).stdout(Stdio::null()).spawn().unwrap());
    for n in 1..=2 {
        house.deliver("INBOX", &format!("{n}.host"), &mail(n));
        let log = || fs::read_to_string(house.path("log.txt")).unwrap();
        house.until("the mail", || log().matches("batch done taken=1").count() == n as usize);
    }
}

#[test]
fn a_box_of_mails_that_lies_elsewhere_is_read_mail_by_mail_as_it_grows() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("desk.mbox");
    let boxed = |n: u32| format!("From a{n} Fri Apr 10 09:1{n}:00 2026\n{}\n", mail(n).replace("\r\n", "\n"));
    let run = |more: &[&str]| {
        let arguments = [&["run", "--json", "--now", NOW], more].concat();
        let output = Command::new(env!("CARGO_BIN_EXE_uketsuke")).args(arguments).current_dir(root.path()).output().unwrap();
        let report: Json = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output)));
        (report["taken"].as_u64().unwrap(), report["left"].as_u64().unwrap())
    };
    fs::write(&path, [boxed(1), boxed(2)].concat()).unwrap();
    assert_eq!(run(&["--mail", "desk.mbox"]), (2, 0));
    fs::write(&path, [boxed(1), boxed(2), boxed(3)].concat()).unwrap();
    fs::write(root.path().join("uketsuke.toml"), "mail = [\"desk.mbox\"]\n").unwrap();
    assert_eq!(run(&[]), (1, 0));
    // Somebody has read the first one in a mail program, which says so in the box.
    let read = |status: &str| boxed(1).replacen("Subject:", &format!("X-Mozilla-Status: {status}\nSubject:"), 1);
    for status in ["0001", "0003"] {
        fs::write(&path, [read(status), boxed(2), boxed(3)].concat()).unwrap();
        assert_eq!(run(&[]), (0, 0), "{status}");
    }
    // One mail that is larger than any file may be; the others are taken all the same.
    let large = "x".repeat(1023) + "\n";
    let mut file = File::options().append(true).open(&path).unwrap();
    writeln!(file, "From b Fri Apr 10 09:20:00 2026\nSubject: large\n").unwrap();
    (0..70 << 10).for_each(|_| file.write_all(large.as_bytes()).unwrap());
    file.write_all(format!("\n{}", boxed(4)).as_bytes()).unwrap();
    drop(file);
    assert_eq!(run(&[]), (1, 1));
    assert_eq!(run(&[]), (0, 1));
}
