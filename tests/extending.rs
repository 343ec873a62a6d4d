//! `docs/extending.md` shown end to end: each example is laid over a copy of the shipped templates, must pass the check, and
//! must do what the page says; and a mistake in each is named with its file.

use rust_xlsxwriter::Workbook;
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PAGE: &str = include_str!("../docs/extending.md");
/// A form with its text: it needs no recognition.
const FORM: &str = "tests/accept/samples/forms/form-22.pdf";
const BOOK: &str = "tests/accept/samples/workbooks/book-02.xlsx";

fn files(folder: &Path) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    walk.filter(|entry| entry.file_type().is_file()).map(|entry| entry.path().strip_prefix(folder).unwrap().to_owned()).collect()
}

/// The shipped templates with an example over them: a file whose name ends in `.add` goes behind the shipped one.
struct Book(tempfile::TempDir);

impl Book {
    fn with(example: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let templates = root.path().join("templates");
        for path in files(Path::new("templates")) {
            let target = templates.join(&path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(Path::new("templates").join(&path), target).unwrap();
        }
        let folder = Path::new("examples/extending").join(example);
        for path in files(&folder) {
            let text = fs::read_to_string(folder.join(&path)).unwrap();
            match path.to_str().unwrap().strip_suffix(".add") {
                Some(shipped) => fs::write(templates.join(shipped), fs::read_to_string(templates.join(shipped)).unwrap() + &text).unwrap(),
                None => fs::write(templates.join(&path), text).unwrap(),
            }
        }
        fs::write(root.path().join("uketsuke.toml"), "templates = \"templates\"\n").unwrap();
        Book(root)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn uketsuke(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_uketsuke")).args(words).current_dir(self.0.path()).output().unwrap()
    }

    fn passes_the_check(&self) {
        let check = self.uketsuke(&["check"]);
        assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    }

    fn read(&self, file: &str) -> Json {
        let read = self.uketsuke(&["read", "--json", file]);
        serde_json::from_slice(&read.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&read.stderr)))
    }

    fn run(&self) {
        fs::create_dir_all(self.path("inbox")).unwrap();
        fs::copy(FORM, self.path("inbox/form.pdf")).unwrap();
        let run = self.uketsuke(&["run", "-q", "--now", "2026-04-08T10:00:00+09:00"]);
        assert!(matches!(run.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&run.stderr));
    }

    /// Changes a file of the templates; the check must refuse it and name the file.
    fn refuses(&self, file: &str, right: &str, wrong: &str) {
        let path = self.path("templates").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(right), "{file} has no {right:?}");
        fs::write(&path, text.replacen(right, wrong, 1)).unwrap();
        let check = self.uketsuke(&["check"]);
        let said = String::from_utf8_lossy(&check.stderr).into_owned() + &String::from_utf8_lossy(&check.stdout);
        let name = Path::new(file).file_name().unwrap().to_str().unwrap();
        assert!(check.status.code() == Some(1) && said.contains(name), "{file}: {said}");
    }
}

fn codes(read: &Json) -> Vec<&str> {
    read["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

#[test]
fn a_form() {
    let book = Book::with("form");
    book.passes_the_check();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("現地確認票").unwrap();
    for (column, (label, value)) in [("系統コード", "R1234"), ("確認日", "2026年4月8日"), ("計測出力", "1200")].into_iter().enumerate()
    {
        sheet.write(0, column as u16, label).unwrap();
        sheet.write(1, column as u16, value).unwrap();
    }
    workbook.save(book.path("visit.xlsx")).unwrap();
    let read = book.read("visit.xlsx");
    let visit = &read["data"]["site_visit"];
    let visit = if visit.is_array() { &visit[0] } else { visit };
    let visit = &visit["visits"][0];
    assert_eq!((&visit["resource_code"]["value"], &visit["visited_on"]["value"]), (&"R1234".into(), &"2026-04-08".into()), "{read}");
    book.refuses("mms-usage/forms/site-visit.toml", "type = \"date\"", "type = \"day\"");
}

#[test]
fn a_rule() {
    let book = Book::with("rule");
    book.passes_the_check();
    fs::copy(BOOK, book.path("book.xlsx")).unwrap();
    let found = book.read("book.xlsx");
    let spoken = found["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "D-900");
    let spoken = spoken.unwrap_or_else(|| panic!("{:?}", codes(&found)));
    assert!(spoken["message"].as_str().unwrap().contains("現地確認の対象（9999999kW以上）"), "{spoken}");
    book.refuses(
        "mms-usage/rules/resource.toml",
        "{ given = { rated_capacity_kw = 9999999 }, finds = false }",
        "{ given = { rated_capacity_kw = 9999999 }, finds = true }",
    );
}

#[test]
fn a_letter() {
    let book = Book::with("letter");
    book.passes_the_check();
    book.run();
    let list: Json = serde_json::from_slice(&book.uketsuke(&["case", "list", "--json"]).stdout).unwrap();
    assert_eq!(list[0]["notices"][0]["subject"], "【受付完了】[TH-2026-0001] お申込みを受け付けました");
    book.refuses("mms-usage/notices/receipt_ack/subject.hbs", "{{case_no}}", "{{case_number}}");
}

#[test]
fn a_flow() {
    let book = Book::with("flow");
    book.passes_the_check();
    book.run();
    let index = fs::read_to_string(book.path("outbox/index.html")).unwrap();
    assert!(index.contains("電源Ⅰ’厳気象対応調整力契約者向け（試行）"));
    book.refuses("mms-usage/flows/i-prime.toml", "contract_kinds", "contract_kind");
    let book = Book::with("flow");
    book.refuses("mms-usage/flows/i-prime.toml", "\"operator_profile\"", "\"operator_profil\"");
}

#[test]
fn the_page_shows_the_examples_as_they_are() {
    for path in files(Path::new("examples/extending")) {
        if path.starts_with("flow") {
            continue;
        }
        let text = fs::read_to_string(Path::new("examples/extending").join(&path)).unwrap();
        assert!(PAGE.contains(text.trim()), "{}", path.display());
    }
    assert!(PAGE.contains("title = \"電源Ⅰ’厳気象対応調整力契約者向け（試行）\""));
}
