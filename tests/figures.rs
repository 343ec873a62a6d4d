//! A defect on a scan, from the scanner to the letter: the place cut out, attached, shown on the case's page, explained.

use lettre::message::header::ContentType;
use lettre::message::{Attachment, Message, MultiPart, SinglePart};
use mail_parser::{MessageParser, MimeHeaders};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A scanned form whose 法人番号 fails its check digit, and the workbook that goes with it.
const STORY: &str = "tests/cases/s04-form-returned";
const FILES: [&str; 2] = ["01_利用申込書.pdf", "02_事業者概要・ユーザ情報.xlsx"];

fn uketsuke(root: &Path, arguments: &[&str]) -> Output {
    let folders = ["inbox", "outbox", "state"].map(|name| root.join(name));
    let mut command = Command::new(env!("CARGO_BIN_EXE_uketsuke"));
    command.args(arguments);
    for (option, folder) in ["--inbox", "--outbox", "--state"].iter().zip(&folders) {
        command.arg(option).arg(folder);
    }
    command.output().unwrap()
}

fn run(root: &Path, extra: &[&str]) {
    let mut arguments = vec!["run", "--now", "2026-04-08T10:00:00+09:00", "-q"];
    arguments.extend(extra);
    let output = uketsuke(root, &arguments);
    assert!(matches!(output.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&output.stderr));
}

fn tree(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = walkdir::WalkDir::new(root).into_iter().map(|entry| entry.unwrap()).filter(|entry| entry.file_type().is_file());
    files.map(|entry| (entry.path().strip_prefix(root).unwrap().to_owned(), fs::read(entry.path()).unwrap())).collect()
}

/// The files as they are dropped, or attached to a mail.
fn drop_files(root: &Path, mailed: bool) {
    fs::create_dir_all(root.join("inbox")).unwrap();
    let bytes = |name: &str| fs::read(Path::new(STORY).join(name)).unwrap();
    if !mailed {
        FILES.iter().for_each(|name| fs::write(root.join("inbox").join(name), bytes(name)).unwrap());
        return;
    }
    let kind = ContentType::parse("application/octet-stream").unwrap();
    let parts = FILES
        .iter()
        .fold(MultiPart::mixed().singlepart(SinglePart::plain("申込書をお送りします。".to_owned())), |parts, name| {
            parts.singlepart(Attachment::new((*name).to_owned()).body(bytes(name), kind.clone()))
        });
    let mail = Message::builder()
        .from("mms@hibarigaoka-power.example.jp".parse().unwrap())
        .to("mms-uketsuke@tso.example.jp".parse().unwrap())
        .date(std::time::SystemTime::UNIX_EPOCH)
        .subject("利用申込書の提出")
        .multipart(parts);
    fs::write(root.join("inbox/mail.eml"), mail.unwrap().formatted()).unwrap();
}

/// The picture in the letter about the defect.
fn attached(outbox: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<u8> {
    let letter = &outbox[Path::new("TH-2026-0001/deficiency_notice-1.eml")];
    let letter = MessageParser::default().parse(letter).unwrap();
    let body = letter.body_text(0).unwrap();
    assert!(body.contains("【図1】") && !body.contains("図2"), "{body}");
    assert_eq!(letter.attachment_count(), 1);
    let picture = letter.attachment(0).unwrap();
    assert_eq!(picture.attachment_name(), Some("図1.png"));
    picture.contents().to_vec()
}

#[test]
fn a_defect_on_a_scan_goes_out_with_its_picture_whatever_the_number_of_jobs_and_the_way_it_came() {
    let mut pictures = Vec::new();
    let mut outboxes = Vec::new();
    for (jobs, mailed) in [("1", false), ("8", false), ("2", true)] {
        let root = tempfile::tempdir().unwrap();
        drop_files(root.path(), mailed);
        run(root.path(), &["--jobs", jobs]);
        let outbox = tree(&root.path().join("outbox"));
        pictures.push(attached(&outbox));
        outboxes.push(outbox);
    }
    assert!(outboxes[0] == outboxes[1], "the number of jobs shows");
    assert!(pictures.iter().all(|picture| *picture == pictures[0]), "the same scan gives the same picture, mailed or dropped");
    let picture = image::load_from_memory(&pictures[0]).unwrap().into_rgb8();
    let red = picture.pixels().filter(|pixel| pixel.0[0] > 180 && pixel.0[1] < 40).count();
    let dark = picture.pixels().filter(|pixel| pixel.0.iter().all(|value| *value < 90)).count();
    assert!(red > 200 && dark > 500, "a frame ({red}) around ink ({dark})");
    assert!(pictures[0].len() < 150_000);
    // The same picture stands beside the finding on the case's page.
    let page = String::from_utf8(outboxes[0][Path::new("TH-2026-0001/index.html")].clone()).unwrap();
    let name = page.split("src=\"./").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert_eq!(outboxes[0][&Path::new("TH-2026-0001").join(name)], pictures[0]);
    // And beside each letter, whom it is for.
    let letter = MessageParser::default().parse(&outboxes[0][Path::new("TH-2026-0001/deficiency_notice-1.eml")]).unwrap();
    let address = letter.to().and_then(|to| to.first()?.address()).unwrap();
    assert_eq!(page.matches(&format!("<td class=\"address\">{address}</td>")).count(), page.matches(".eml</a>").count(), "{page}");
}

#[test]
fn a_value_is_explained_with_its_place_and_the_rule_that_spoke() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    drop_files(root, false);
    run(root, &[]);
    let output = uketsuke(root, &["case", "explain", "TH-2026-0001", "法人番号", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Vec<Json> = serde_json::from_slice(&output.stdout).unwrap();
    let form = told.iter().find(|told| told["document"] == "application_form").unwrap();
    assert_eq!((&form["value"], &form["file"], &form["typed"]), (&"3713883499673".into(), &FILES[0].into(), &false.into()));
    assert_eq!(form["place"]["page"], 1);
    assert_eq!(form["place"]["box"].as_array().map(Vec::len), Some(4));
    let finding = &form["findings"][0];
    assert_eq!((&finding["code"], &finding["severity"], &finding["open"]), (&"A-007".into(), &"ask".into(), &true.into()));
    assert!(finding["sources"][0].as_str().unwrap().starts_with("[S] mms-usage/rules/"), "{finding}");
    // The same number of the workbook is right, and no rule spoke about it.
    let book = told.iter().find(|told| told["document"] == "operator_profile").unwrap();
    assert!(book["place"]["sheet"].is_string() && book["findings"] == Json::Array(Vec::new()), "{book}");
    let words = uketsuke(root, &["case", "explain", "TH-2026-0001", "corporate_number"]);
    let words = String::from_utf8(words.stdout).unwrap();
    assert!(words.contains("所在    1頁 [") && words.contains("A-007 要補正・未解消"), "{words}");
    for (arguments, hint) in [(["TH-2026-0001", "法人"], "corporate_number（法人番号）"), (["TH-2026-0009", "法人番号"], "TH-2026-0001")]
    {
        let output = uketsuke(root, &["case", "explain", arguments[0], arguments[1]]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && said.contains(hint), "{said}");
    }
}

#[test]
fn pages_are_drawn_and_workbooks_say_that_there_is_none() {
    let root = tempfile::tempdir().unwrap();
    let files = FILES.map(|name| Path::new(STORY).join(name).to_str().unwrap().to_owned());
    let folder = root.path().join("pictures");
    let output =
        uketsuke(root.path(), &["read", "--picture", folder.to_str().unwrap(), "--now", "2026-04-08T10:00:00+09:00", &files[0], &files[1]]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let names: Vec<String> = tree(&folder).keys().map(|path| path.to_string_lossy().into_owned()).collect();
    for ending in ["-p1.png", "-p2.png", "-A-007.png"] {
        assert!(names.iter().any(|name| name.ends_with(ending)), "{ending}: {names:?}");
    }
    for (name, bytes) in tree(&folder) {
        assert!(said.contains(&*name.to_string_lossy()), "{said}");
        let drawn = image::load_from_memory(&bytes).unwrap().into_rgb8();
        assert!(drawn.width() > 100, "{name:?}");
    }
    assert!(said.contains("画像なし（xlsx）"), "{said}");
}
