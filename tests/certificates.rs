//! Client certificates as they leave the desk: the key on one way, its passphrase on another, neither left in clear.

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use uketsuke::domain::id::DocId;
use uketsuke::domain::reading::Content;
use uketsuke::ocr::Blind;
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
    let mut run = Command::new(env!("CARGO_BIN_EXE_uketsuke"));
    run.args(["run", "-q", "--now", step["at"].as_str().unwrap()]);
    for (option, folder) in ["--inbox", "--outbox", "--state"].into_iter().zip(&folders) {
        run.arg(option).arg(folder);
    }
    let run = run.output().unwrap();
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
    let Content::Paper { pages } = reading.content else { panic!("no page") };
    pages.iter().flat_map(|page| &page.lines).map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn key_and_passphrase_leave_on_two_ways_and_nothing_keeps_them() {
    let root = tempfile::tempdir().unwrap();
    play(root.path());
    let outbox = files(&root.path().join("outbox"));
    let within = |folder: &str| -> Vec<&PathBuf> {
        outbox.iter().filter(|path| path.parent().is_some_and(|parent| parent.ends_with(folder))).collect()
    };
    let (keys, pages) = (within("restricted-keys"), within("restricted-post"));
    assert!(!keys.is_empty() && keys.len() == pages.len(), "{outbox:?}");
    let passphrase = regex::Regex::new("[A-Z2-9]{4}(-[A-Z2-9]{4}){4}").unwrap();
    let said: Vec<String> = pages.iter().map(|page| passphrase.find(&words(page)).unwrap().as_str().to_owned()).collect();
    for (key, passphrase) in keys.iter().zip(&said) {
        let store = KeyStore::from_pkcs12(&fs::read(key).unwrap(), passphrase, Pkcs12ImportPolicy::Strict).unwrap();
        assert_eq!(format!("{}.p12", store.private_key_chain().unwrap().0), key.file_name().unwrap().to_string_lossy());
    }
    for path in keys.iter().chain(&pages) {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    }
    let key = fs::read(keys[0]).unwrap();
    for path in outbox.iter().filter(|path| !keys.contains(path) && !pages.contains(path)).chain(&files(&root.path().join("state"))) {
        let bytes = fs::read(path).unwrap();
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!said.iter().any(|passphrase| holds(passphrase.as_bytes())), "{} says a passphrase", path.display());
        assert!(!holds(&key), "{} holds a key file", path.display());
    }
}
