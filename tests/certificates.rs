//! Client certificates as they leave the desk: the key on one way, its passphrase on another, neither left in clear.

#[path = "shared/folders.rs"]
mod folders;

use folders::uketsuke;
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use sight::port::Blind;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use uketsuke::domain::id::DocId;
use uketsuke::domain::reading::Content;
use uketsuke::reading;
use uketsuke::reading::format::{Limits, Source, Tools};

/// A case that goes as far as its approval notice at once, and asks for certificates.
const STORY: &str = "tests/cases/s01-i-prime-straight";

/// Plays the first step of a story into a folder.
fn play(root: &Path) {
    let story: serde_json::Value = serde_json::from_slice(&fs::read(format!("{STORY}/story.json")).unwrap()).unwrap();
    let step = &story["steps"][0];
    let folders = ["inbox", "outbox", "state"].map(|name| root.join(name));
    fs::create_dir_all(&folders[0]).unwrap();
    for name in step["drop"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()) {
        fs::copy(format!("{STORY}/{name}"), folders[0].join(name)).unwrap();
    }
    let run = uketsuke(root, &["run", "-q", "--now", step["at"].as_str().unwrap()]);
    assert!(matches!(run.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&run.stderr));
}

fn files(root: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(root).sort_by_file_name().into_iter().map(Result::unwrap);
    entries.filter(|entry| entry.file_type().is_file()).map(|entry| entry.path().to_owned()).collect()
}

/// What a page says, its lines joined.
fn words(pdf: &Path) -> String {
    let bytes = fs::read(pdf).unwrap();
    let tools = Tools { ocr: &Blind, limits: Limits::default() };
    let reading = reading::read(&Source { doc: DocId::of(&bytes), name: "page.pdf", bytes: &bytes }, &tools);
    let Content::Paper { pages, .. } = reading.content else { panic!("no page") };
    pages.iter().flat_map(|page| &page.lines).map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn key_and_passphrase_leave_on_two_ways_and_nothing_keeps_them() {
    let root = tempfile::tempdir().unwrap();
    play(root.path());
    look(root.path());
    renewed_and_revoked(root.path());
}

#[test]
fn what_users_are_handed_waits_for_the_notice_that_announces_it() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    fs::write(root.join("uketsuke.toml"), "[desk]\ndrafts = [\"approval_notice\"]\n").unwrap();
    play(root);
    let folder = root.join("outbox/TH-2026-0001");
    let handed = || ["restricted-keys", "restricted-post"].map(|name| folder.join(name).exists());
    assert_eq!(handed(), [false, false]);
    let list: serde_json::Value = serde_json::from_slice(&uketsuke(root, &["case", "show", "TH-2026-0001", "--json"]).stdout).unwrap();
    let history = list["history"].as_array().unwrap();
    let key = |notice: &str| {
        let wrote = history.iter().find(|event| event["body"]["kind"] == "wrote" && event["body"]["notice"] == notice).unwrap();
        wrote["body"]["key"].as_str().unwrap().to_owned()
    };
    let release = |key: &str| {
        let words = ["case", "record", "TH-2026-0001", "letter-released", "--set", &format!("letter={key}"), "--by", "受付 花子"];
        uketsuke(root, &[&words[..], &["--now", "2026-04-13T09:30:00+09:00"]].concat())
    };
    let alone = release(&key("certificate_key"));
    assert!(alone.status.code() == Some(4), "{}", String::from_utf8_lossy(&alone.stderr));
    assert!(String::from_utf8_lossy(&alone.stderr).contains("release or drop that one") && handed() == [false, false]);
    // The applicant has moved meanwhile: the page with a passphrase must not go to where they were.
    let words_of_correction = ["case", "record", "TH-2026-0001", "corrected", "--set", "postal_code=989-9999", "--by", "受付 花子"];
    let corrected = uketsuke(root, &[&words_of_correction[..], &["--now", "2026-04-13T09:00:00+09:00"]].concat());
    assert_eq!(corrected.status.code(), Some(0), "{}", String::from_utf8_lossy(&corrected.stderr));
    let released = release(&key("approval_notice"));
    assert_eq!(released.status.code(), Some(0), "{}", String::from_utf8_lossy(&released.stderr));
    assert_eq!(handed(), [true, true]);
    // The notice bears the day on which it leaves, and so does the mail that carries it.
    let said = words(&folder.join("approval_notice-1.pdf"));
    assert!(said.contains("4月13日"), "{said}");
    let mail = fs::read_to_string(folder.join("approval_notice-1.eml")).unwrap();
    assert!(mail.contains("Date: Mon, 13 Apr 2026 09:30:00 +0900"), "{mail}");
    for page in files(&folder.join("restricted-post")) {
        let said = words(&page);
        assert!(said.contains("989-9999") && said.contains("4月13日"), "{said}");
    }
    look(root);
    for proof in ["verify", "replay"] {
        let proof = uketsuke(root, &[proof]);
        assert!(proof.status.success(), "{}{}", String::from_utf8_lossy(&proof.stdout), String::from_utf8_lossy(&proof.stderr));
    }
}

#[test]
fn what_was_revoked_while_it_waited_is_neither_announced_nor_handed_over() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    fs::write(root.join("uketsuke.toml"), "[desk]\ndrafts = [\"approval_notice\"]\n").unwrap();
    play(root);
    let folder = root.join("outbox/TH-2026-0001");
    let show = || serde_json::from_slice::<serde_json::Value>(&uketsuke(root, &["case", "show", "TH-2026-0001", "--json"]).stdout).unwrap();
    let shown = show();
    let history = shown["history"].as_array().unwrap();
    let wrote = |notice: &str| history.iter().find(|event| event["body"]["kind"] == "wrote" && event["body"]["notice"] == notice).unwrap();
    let path = wrote("certificate_key")["body"]["files"][0].as_str().unwrap().to_owned();
    let user = path.rsplit('/').next().unwrap().strip_suffix(".p12").unwrap();
    let record = |at: &str, event: &str, set: &str| {
        let now = format!("2026-04-13T{at}:00+09:00");
        let words = ["case", "record", "TH-2026-0001", event, "--set", set, "--by", "受付 花子", "--now", &now];
        let done = uketsuke(root, &words);
        assert_eq!(done.status.code(), Some(0), "{event}: {}", String::from_utf8_lossy(&done.stderr));
    };
    record("09:00", "certificate-revoked", &format!("user_id={user}"));
    record("09:30", "letter-released", &format!("letter={}", wrote("approval_notice")["body"]["key"].as_str().unwrap()));
    assert!(!root.join("outbox").join(&path).exists(), "the key of {user} stays here");
    let said = words(&folder.join("approval_notice-1.pdf"));
    assert!(said.contains("失効済"), "{said}");
    for page in files(&folder.join("restricted-post")) {
        assert!(!words(&page).contains(user), "{}", page.display());
    }
    let key = wrote("certificate_key")["body"]["key"].clone();
    let dropped = |event: &&serde_json::Value| event["body"]["what"] == "letter-dropped" && event["body"]["set"]["letter"] == key;
    assert!(show()["history"].as_array().unwrap().iter().any(|event| dropped(&event)), "nobody releases it later");
    for proof in ["verify", "replay"] {
        let proof = uketsuke(root, &[proof]);
        assert!(proof.status.success(), "{}{}", String::from_utf8_lossy(&proof.stdout), String::from_utf8_lossy(&proof.stderr));
    }
}

/// Files of the two ways, and that nothing else holds what they hold.
fn look(root: &Path) {
    let outbox = files(&root.join("outbox"));
    let within = |folder: &str| -> Vec<&PathBuf> {
        outbox.iter().filter(|path| path.parent().is_some_and(|parent| parent.ends_with(folder))).collect()
    };
    let (keys, pages) = (within("restricted-keys"), within("restricted-post"));
    assert!(!keys.is_empty() && keys.len() == pages.len(), "{outbox:?}");
    let passphrase = regex::Regex::new("[A-Z2-9]{4}(-[A-Z2-9]{4}){4}").unwrap();
    let said: Vec<String> = pages.iter().map(|page| passphrase.find(&words(page)).unwrap().as_str().to_owned()).collect();
    for key in &keys {
        let bytes = fs::read(key).unwrap();
        let open = |passphrase: &String| KeyStore::from_pkcs12(&bytes, passphrase, Pkcs12ImportPolicy::Strict).ok();
        let opened: Vec<KeyStore> = said.iter().filter_map(open).collect();
        assert_eq!(opened.len(), 1, "{}: opened by one page alone", key.display());
        assert!(key.file_name().unwrap().to_string_lossy().starts_with(opened[0].private_key_chain().unwrap().0));
    }
    for path in keys.iter().chain(&pages) {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    }
    let key = fs::read(keys[0]).unwrap();
    for path in outbox.iter().filter(|path| !keys.contains(path) && !pages.contains(path)).chain(&files(&root.join("state"))) {
        let bytes = fs::read(path).unwrap();
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!said.iter().any(|passphrase| holds(passphrase.as_bytes())), "{} says a passphrase", path.display());
        assert!(!holds(&key), "{} holds a key file", path.display());
    }
}

/// Serial numbers of a revocation list, once its signature by the authority beside it was checked.
fn serials(outbox: &Path, name: &str) -> Vec<String> {
    let bytes = fs::read(outbox.join("certificates").join(name)).unwrap();
    let (_, list) = x509_parser::parse_x509_crl(&bytes).unwrap();
    let authority = fs::read(outbox.join("certificates/authority.crt")).unwrap();
    let (_, authority) = x509_parser::parse_x509_certificate(&authority).unwrap();
    list.verify_signature(authority.public_key()).unwrap();
    list.iter_revoked_certificates().map(|entry| entry.raw_serial_as_string().to_uppercase()).collect()
}

fn renewed_and_revoked(root: &Path) {
    let outbox = root.join("outbox");
    let list: serde_json::Value = serde_json::from_slice(&uketsuke(root, &["case", "list", "--json"]).stdout).unwrap();
    let facts = list[0]["certificates"].as_array().unwrap().clone();
    let user = facts[0]["user_id"].as_str().unwrap().to_owned();
    let record = |at: &str, event: &str, more: &[&str]| {
        let set = format!("user_id={user}");
        let fixed = ["case", "record", "TH-2026-0001", event, "--json", "--by", "受付 花子", "--now", at];
        let user = ["--set", &set];
        uketsuke(root, &[&fixed[..], if more.is_empty() { &user } else { more }].concat())
    };
    let code = |output: Output| (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned());

    // What is typed wrongly is no refusal of the case.
    for more in [&["--note", "x"][..], &["--set", "user=1"], &["--set", "user_id=1", "--set", "user_id=2"]] {
        assert_eq!(code(record("2026-05-01T10:00:00+09:00", "certificate-revoked", more)).0, 1, "{more:?}");
    }
    let (early, why) = code(record("2026-05-01T10:00:00+09:00", "certificate-renewed", &[]));
    assert!(early == 4 && why.contains("holds until 2028-04-07"), "{why}");
    assert!(!outbox.join("certificates").exists(), "nothing was ever revoked");

    assert_eq!(code(record("2026-05-01T10:00:00+09:00", "certificate-revoked", &[])).0, 0);
    assert_eq!(serials(&outbox, "revoked-000001.crl"), [facts[0]["serial"].as_str().unwrap()]);
    // Lost or stolen: a new one may be made at once, and its list is the same.
    assert_eq!(code(record("2026-05-02T10:00:00+09:00", "certificate-renewed", &[])).0, 0);
    let keys = |name: &str| outbox.join("TH-2026-0001/restricted-keys").join(name);
    let (first, second) = (fs::read(keys(&format!("{user}.p12"))).unwrap(), fs::read(keys(&format!("{user}-2.p12"))).unwrap());
    assert_ne!(first, second);
    look(root);
    assert!(!outbox.join("certificates/revoked-000002.crl").exists());

    // A list is put out anew before it ends, by a run that brings nothing else.
    assert!(matches!(uketsuke(root, &["run", "-q", "--now", "2026-05-20T09:00:00+09:00"]).status.code(), Some(0 | 2)));
    assert!(!outbox.join("certificates/revoked-000002.crl").exists());
    assert!(matches!(uketsuke(root, &["run", "-q", "--now", "2026-05-25T09:00:00+09:00"]).status.code(), Some(0 | 2)));
    assert_eq!(serials(&outbox, "revoked-000002.crl"), serials(&outbox, "revoked-000001.crl"));

    let before = files(root).into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect::<Vec<_>>();
    let same = uketsuke(root, &["replay", "--json"]);
    assert_eq!(same.status.code(), Some(0), "{}{}", String::from_utf8_lossy(&same.stdout), String::from_utf8_lossy(&same.stderr));
    let after = files(root).into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect::<Vec<_>>();
    assert!(before == after, "replay changes nothing");
}
