//! Papers that lie in other papers: in a PDF, in a workbook, in an archive that does not pack them. Each is taken out and read.

use lopdf::{Document, Object, Stream, dictionary};
use serde_json::Value as Json;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::Command;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// It opens a case and needs no recognition.
const FORM: &str = "tests/accept/samples/forms/form-22.pdf";

fn workbook() -> Vec<u8> {
    let folder = fs::read_dir("tests/accept/samples/workbooks").unwrap();
    let mut books: Vec<_> =
        folder.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "xlsx")).collect();
    books.sort();
    fs::read(&books[0]).unwrap()
}

fn attached_to_a_pdf(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    let mut document = Document::load(FORM).unwrap();
    let stream = document.add_object(Stream::new(dictionary! { "Type" => "EmbeddedFile" }, bytes));
    let file = dictionary! { "Type" => "Filespec", "F" => Object::string_literal(name), "EF" => dictionary! { "F" => stream } };
    let files = dictionary! { "Names" => vec![Object::string_literal(name), file.into()] };
    document.catalog_mut().unwrap().set("Names", dictionary! { "EmbeddedFiles" => files });
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn put(mut zip: ZipWriter<Cursor<Vec<u8>>>, files: &[(&str, &[u8])]) -> Vec<u8> {
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn uketsuke(folder: &Path, words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_uketsuke")).args(words).current_dir(folder).output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_lies_in_a_paper_is_read_and_accounted_for() {
    let (form, book) = (fs::read(FORM).unwrap(), workbook());
    let in_a_book = ZipWriter::new_append(Cursor::new(book.clone())).unwrap();
    let papers = [
        ("a.pdf", attached_to_a_pdf("book.xlsx", book.clone()), ["application_form", "registration_workbook"]),
        ("b.xlsx", put(in_a_book, &[("xl/embeddings/Inner.xlsx", &book)]), ["registration_workbook", "registration_workbook"]),
        (
            "c.zip",
            put(ZipWriter::new(Cursor::new(Vec::new())), &[("form.pdf", &form), ("book.xlsx", &book)]),
            ["archive", "application_form"],
        ),
    ];
    for (name, bytes, kinds) in papers {
        let desk = tempfile::tempdir().unwrap();
        let inbox = desk.path().join("inbox");
        fs::create_dir(&inbox).unwrap();
        fs::write(inbox.join(name), bytes).unwrap();
        let told: Vec<Json> = uketsuke(desk.path(), &["read", "--json", &format!("inbox/{name}")])
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let found: Vec<&str> = told.iter().filter_map(|document| document["document"].as_str()).take(2).collect();
        assert_eq!(found, kinds, "{name}");
        let run: Json = serde_json::from_str(&uketsuke(desk.path(), &["run", "--json", "--now", "2026-04-08T10:00:00+09:00"])).unwrap();
        assert_eq!((run["read"].as_u64(), run["quarantined"].as_u64()), (Some(told.len() as u64), Some(0)), "{name}: {run}");
        assert!(uketsuke(desk.path(), &["verify"]).contains(&format!("inside others {}", told.len() - 1)), "{name}");
    }
}
