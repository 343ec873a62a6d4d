//! Sending against a real conversation on loopback: a server that fails in every phase. No mail is lost, none is sent
//! twice but in the one moment that nobody can close, and then under the same Message-ID.

#[path = "shared/smtp.rs"]
mod smtp;

use serde_json::Value as Json;
use smtp::{Box, Fails, converse, server};
use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

/// A form with its text: its case gets a receipt mail.
const FORM: &str = "tests/accept/samples/forms/form-22.pdf";

/// The same server behind TLS, and the certificate that it signed itself.
fn server_with_tls() -> (u16, Arc<Mutex<Box>>, String) {
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let pem = own.cert.pem();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![own.cert.der().clone()], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mailbox = Arc::new(Mutex::new(Box::default()));
    let shared = mailbox.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = rustls::ServerConnection::new(config.clone()).unwrap();
            let _ = converse(rustls::StreamOwned::new(connection, stream), &shared);
        }
    });
    (port, mailbox, pem)
}

fn uketsuke(root: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_uketsuke")).args(words).current_dir(root).output().unwrap()
}

struct Desk {
    root: tempfile::TempDir,
    mailbox: Arc<Mutex<Box>>,
}

impl Desk {
    fn new(more: &str) -> Self {
        let (port, mailbox) = server();
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("inbox")).unwrap();
        let settings = format!("[smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nfrom = \"desk@tso.example.jp\"\n{more}\n");
        fs::write(root.path().join("uketsuke.toml"), settings).unwrap();
        Desk { root, mailbox }
    }

    fn fails(&self, fails: Fails) {
        self.mailbox.lock().unwrap().fails = Some(fails);
    }

    fn drop_form(&self) {
        fs::copy(FORM, self.root.path().join("inbox/form.pdf")).unwrap();
        let run = uketsuke(self.root.path(), &["run", "-q", "--now", "2026-04-08T10:00:00+09:00"]);
        assert!(matches!(run.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&run.stderr));
    }

    fn send(&self, at: &str) -> Json {
        let sent = uketsuke(self.root.path(), &["send", "--json", "--now", at]);
        serde_json::from_slice(&sent.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&sent.stderr)))
    }

    fn queue(&self) -> Vec<Json> {
        let status = uketsuke(self.root.path(), &["send", "--status", "--json"]);
        let status: Json = serde_json::from_slice(&status.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&status.stderr)));
        status["mails"].as_array().unwrap().clone()
    }

    fn states(&self) -> Vec<String> {
        self.queue().iter().map(|row| row["state"].as_str().unwrap().to_owned()).collect()
    }

    fn taken(&self) -> BTreeMap<(String, String), usize> {
        let mut counts = BTreeMap::new();
        self.mailbox.lock().unwrap().taken.iter().for_each(|mail| *counts.entry(mail.clone()).or_default() += 1);
        counts
    }
}

const SINCE: &str = "since = \"2026-04-01\"";

#[test]
fn a_mail_leaves_with_the_run_that_wrote_it_and_once() {
    let desk = Desk::new(SINCE);
    desk.drop_form();
    assert_eq!(desk.taken().len(), 1);
    let (id, to) = desk.taken().into_keys().next().unwrap();
    let eml = walkdir::WalkDir::new(desk.root.path().join("outbox"))
        .into_iter()
        .flatten()
        .find(|entry| entry.path().extension().is_some_and(|kind| kind == "eml"));
    let eml = fs::read_to_string(eml.unwrap().path()).unwrap();
    assert!(!id.is_empty() && eml.contains(&format!("Message-ID: {id}")) && eml.to_lowercase().contains(&to), "{id} {to}\n{eml}");
    assert_eq!(desk.states(), ["sent"]);
    desk.send("2026-04-08T12:00:00+09:00");
    desk.drop_form();
    assert_eq!(desk.taken().into_values().collect::<Vec<_>>(), [1], "once");
}

#[test]
fn whatever_fails_is_tried_again_and_nothing_is_lost() {
    for fails in [Fails::Greeting, Fails::Hello, Fails::From, Fails::To, Fails::Data, Fails::InData, Fails::AfterData] {
        let desk = Desk::new(SINCE);
        desk.fails(fails);
        desk.drop_form();
        assert_eq!(desk.states(), ["waiting"], "{fails:?}: {:?}", desk.queue());
        assert_eq!(desk.send("2026-04-08T10:01:00+09:00")["put_off"], 0, "{fails:?}: not before its time");
        desk.fails(Fails::Nowhere);
        assert_eq!(desk.send("2026-04-08T10:10:00+09:00")["sent"], 1, "{fails:?}: {:?}", desk.queue());
        let expected = if fails == Fails::AfterData { 2 } else { 1 };
        assert_eq!(desk.taken().into_values().collect::<Vec<_>>(), [expected], "{fails:?}: one mail, one Message-ID");
        assert_eq!(desk.states(), ["sent"]);
    }
}

#[test]
fn a_server_that_is_not_there_holds_nothing_up() {
    let desk = Desk::new(SINCE);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = format!("[smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nfrom = \"desk@tso.example.jp\"\n{SINCE}\n");
    fs::write(desk.root.path().join("uketsuke.toml"), settings).unwrap();
    desk.drop_form();
    assert_eq!(desk.states(), ["waiting"]);
    assert!(desk.root.path().join("outbox/index.html").exists());
}

#[test]
fn what_is_refused_for_ever_is_shown_and_waits_for_a_person() {
    let desk = Desk::new(SINCE);
    desk.fails(Fails::ToForEver);
    desk.drop_form();
    let queue = desk.queue();
    assert_eq!((queue[0]["state"].as_str(), queue[0]["attempts"].as_u64()), (Some("refused"), Some(1)));
    assert!(queue[0]["answer"].as_str().unwrap().contains("no such mailbox"), "{queue:?}");
    desk.fails(Fails::Nowhere);
    assert_eq!(desk.send("2026-04-09T10:00:00+09:00")["sent"], 0, "not by itself");
    let again = uketsuke(desk.root.path(), &["send", "--again", "-q", "--now", "2026-04-09T10:00:00+09:00"]);
    assert_eq!((again.status.code(), desk.taken().len()), (Some(0), 1));
}

#[test]
fn the_switch_a_trial_and_the_first_day_are_kept_to() {
    let stopped = Desk::new(SINCE);
    assert!(uketsuke(stopped.root.path(), &["send", "--stop"]).status.success());
    stopped.drop_form();
    assert!(stopped.taken().is_empty() && stopped.queue().is_empty());
    assert!(uketsuke(stopped.root.path(), &["send", "--resume"]).status.success());
    assert_eq!(stopped.send("2026-04-08T11:00:00+09:00")["sent"], 1);

    let trial = Desk::new(&format!("{SINCE}\nonly_to = [\"@nobody.example\"]"));
    trial.drop_form();
    assert!(trial.taken().is_empty());
    assert_eq!(trial.states(), ["withheld"]);

    let later = Desk::new("since = \"2026-05-01\"");
    later.drop_form();
    assert!(later.taken().is_empty() && later.queue().is_empty(), "what staff may have sent by hand is not sent again");
}

#[test]
fn a_program_killed_between_acceptance_and_mark_sends_the_same_mail_and_no_other() {
    let desk = Desk::new(SINCE);
    desk.drop_form();
    let ledger = rusqlite::Connection::open(desk.root.path().join("state/ledger.sqlite")).unwrap();
    // As the ledger stands when the mark was not written.
    ledger.execute("UPDATE sending SET state = 'waiting', attempts = 0, next = '2026-04-08T10:00:00+09:00'", []).unwrap();
    drop(ledger);
    desk.send("2026-04-08T10:05:00+09:00");
    assert_eq!(desk.taken().into_values().collect::<Vec<_>>(), [2], "the same Message-ID to the same recipient");
}

#[test]
fn letters_do_not_go_over_a_network_in_clear() {
    let root = tempfile::tempdir().unwrap();
    fs::write(
        root.path().join("uketsuke.toml"),
        format!("[smtp]\nhost = \"mail.example.jp\"\ntls = \"none\"\nfrom = \"a@b.jp\"\n{SINCE}\n"),
    )
    .unwrap();
    let output = uketsuke(root.path(), &["send", "--status"]);
    assert!(output.status.code() == Some(1) && String::from_utf8_lossy(&output.stderr).contains("in clear over a network"));
}

#[test]
fn behind_tls_only_a_certificate_that_is_trusted_gets_the_mail() {
    let (port, mailbox, pem) = server_with_tls();
    let desk = Desk::new(SINCE);
    let settings = |more: &str| {
        let settings =
            format!("[smtp]\nhost = \"localhost\"\nport = {port}\ntls = \"implicit\"\nfrom = \"desk@tso.example.jp\"\n{SINCE}\n{more}");
        fs::write(desk.root.path().join("uketsuke.toml"), settings).unwrap();
    };
    settings("");
    desk.drop_form();
    assert_eq!((desk.states(), mailbox.lock().unwrap().taken.len()), (vec!["waiting".to_owned()], 0), "a stranger's certificate");
    fs::write(desk.root.path().join("ca.pem"), pem).unwrap();
    settings("ca_file = \"ca.pem\"\n");
    assert_eq!(desk.send("2026-04-08T11:00:00+09:00")["sent"], 1, "{:?}", desk.queue());
    assert_eq!(mailbox.lock().unwrap().taken.len(), 1);
}
