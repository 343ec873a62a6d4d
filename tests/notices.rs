//! Every letter whole, from the sample of its kind, against a file that a person has looked at.
//!
//! `UPDATE_GOLDEN=1 cargo test --test notices` writes the files anew; look at the difference before it is committed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;
use uketsuke::catalogue;
use uketsuke::notices::Book;
use uketsuke::notices::notice::sample_meta;

static BOOK: LazyLock<Book> = LazyLock::new(|| Book::load(&catalogue::shipped()).unwrap_or_else(|faults| panic!("{faults:#?}")));

fn golden(name: &str, found: &[u8]) {
    let path = Path::new("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all("tests/golden").unwrap();
        std::fs::write(&path, found).unwrap();
    }
    let wanted = std::fs::read(&path).unwrap_or_else(|_| panic!("{}: make it with UPDATE_GOLDEN=1", path.display()));
    assert!(wanted == found, "{} differs:\n{}", path.display(), String::from_utf8_lossy(found));
}

/// The words of a mail, as its recipient sees them.
fn words(mail: &[u8]) -> String {
    let mail = mail_parser::MessageParser::default().parse(mail).unwrap();
    let body = mail.body_text(0).unwrap().replace("\r\n", "\n");
    format!("{}\n\n{body}", mail.subject().unwrap())
}

#[test]
fn every_sample_gives_the_letter_that_was_looked_at() {
    let kinds: Vec<String> = BOOK.kinds().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(kinds.len(), 7);
    for kind in &kinds {
        for (file, sample) in BOOK.samples(kind).unwrap() {
            let letter = BOOK.write(kind, sample, &sample_meta(sample)).unwrap_or_else(|fault| panic!("{kind}/{file}: {fault}"));
            let variant = file.trim_start_matches("sample").trim_end_matches(".json");
            let has_pages = letter.files.iter().any(|file| file.name.ends_with(".pdf"));
            for written in &letter.files {
                let name = format!("{kind}{variant}");
                match written.name.rsplit('.').next().unwrap() {
                    "eml" => {
                        golden(&format!("{name}.txt"), words(&written.bytes).as_bytes());
                        // The bytes of a PDF change with its fonts and its maker; a mail without one is compared whole.
                        if !has_pages {
                            golden(&format!("{name}.eml"), &written.bytes);
                        }
                    }
                    "csv" => golden(&format!("{name}.csv"), &written.bytes),
                    "pdf" => {
                        golden(&format!("{name}.typ"), BOOK.said(kind, "page.hbs", sample).unwrap().as_bytes());
                        if let Some(folder) = std::env::var_os("LETTERS") {
                            std::fs::write(Path::new(&folder).join(format!("{name}.pdf")), &written.bytes).unwrap();
                        }
                        assert!(written.bytes.starts_with(b"%PDF"));
                        assert_eq!(lopdf::Document::load_mem(&written.bytes).unwrap().get_pages().len(), 1, "{name}");
                    }
                    other => panic!("{other}: no golden for this sort of file"),
                }
            }
            let again = BOOK.write(kind, sample, &sample_meta(sample)).unwrap();
            assert_eq!(again, letter, "{kind}: the same data must give the same bytes");
        }
    }
}

#[test]
fn the_shipped_templates_name_nothing_that_their_samples_lack() {
    let faults = BOOK.check();
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The shipped files with one of them changed.
fn with(path: &str, change: impl Fn(String) -> String) -> BTreeMap<String, Vec<u8>> {
    let mut files = catalogue::shipped();
    let text = String::from_utf8(files[path].clone()).unwrap();
    files.insert(path.to_owned(), change(text).into_bytes());
    files
}
