use super::*;
use crate::domain::id::DocId;
use encoding_rs::SHIFT_JIS;
use std::io::Write;
use zip::unstable::write::FileOptionsExt;
use zip::write::SimpleFileOptions;
use zip::{AesMode, ZipWriter};

fn packed(members: &[(&str, &[u8], SimpleFileOptions)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes, options) in members {
        writer.start_file(*name, *options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn plain() -> SimpleFileOptions {
    SimpleFileOptions::default()
}

fn opened(bytes: &[u8], limits: Limits, passwords: &[&str]) -> (Vec<String>, Vec<String>, Vec<String>) {
    let passwords: Vec<Secret> = passwords.iter().map(|word| Secret::new(word)).collect();
    let outcome = open_with(&Source { doc: DocId::of(bytes), name: "a.zip", bytes }, &limits, &passwords);
    let (parts, locked) = match outcome.content {
        Content::Archive { parts, locked } => (parts.into_iter().map(|part| part.name).collect(), locked),
        _ => Default::default(),
    };
    let remarks = outcome.remarks.iter().map(|remark| format!("{} {}", remark.code, remark.words["file"])).collect();
    (parts, locked, remarks)
}

/// Replaces the ASCII name of a member in both of its headers.
fn renamed(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> = bytes.windows(from.len()).enumerate().filter(|(_, window)| *window == from).map(|(at, _)| at).collect();
    for at in places {
        bytes[at..at + from.len()].copy_from_slice(to);
    }
    bytes
}

#[test]
fn an_archive_is_one_also_where_it_begins_with_a_pdf_that_is_not_packed() {
    let format = |bytes: &[u8]| crate::reading::FORMATS.iter().find(|format| (format.sniff)(bytes)).unwrap().name;
    let stored = plain().compression_method(zip::CompressionMethod::Stored);
    let archive = packed(&[("契約書.pdf", b"%PDF-1.7", stored), ("様式.csv", b"a,b", stored)]);
    assert!((crate::reading::pdf::PDF_BEHIND.sniff)(&archive), "the mark stands near its beginning");
    assert_eq!(format(&archive), "zip");
    assert_eq!((format(b"%PDF-1.7"), format(b"\x1b%-12345X@PJL\n%PDF-1.7")), ("pdf", "pdf"));
}

#[test]
fn names_of_windows_and_of_climbers() {
    let (sjis, _, _) = SHIFT_JIS.encode("表能ソ.csv");
    let zip = renamed(packed(&[("xxyyzz.csv", b"a", plain())]), b"xxyyzz.csv", &sjis);
    assert_eq!(opened(&zip, Limits::default(), &[]).0, ["表能ソ.csv"], "second halves are backslashes");
    let zip = packed(&[
        ("../../../tmp/slip.txt", b"a", plain()),
        ("/tmp/abs.txt", b"a", plain()),
        ("..\\..\\win.txt", b"a", plain()),
        ("書類/契約書.pdf", b"a", plain()),
        ("__MACOSX/._契約書.pdf", b"a", plain()),
        ("書類/Thumbs.db", b"a", plain()),
    ]);
    assert_eq!(opened(&zip, Limits::default(), &[]).0, ["slip.txt", "abs.txt", "win.txt", "契約書.pdf"]);
}

#[test]
fn a_password_opens_and_a_missing_one_is_told() {
    for options in [plain().with_aes_encryption(AesMode::Aes256, "Geheim-1"), plain().with_deprecated_encryption(b"Geheim-1").unwrap()] {
        let zip = packed(&[("契約書.pdf", b"%PDF-", options), ("offen.txt", b"x", plain())]);
        assert_eq!(opened(&zip, Limits::default(), &[]).1, ["契約書.pdf"]);
        assert_eq!(opened(&zip, Limits::default(), &["falsch", "auch falsch"]).2, ["M-002 a.zip"]);
        let (parts, locked, remarks) = opened(&zip, Limits::default(), &["falsch", "Geheim-1"]);
        assert_eq!((parts.len(), locked.len(), remarks.len()), (2, 0, 0));
    }
}

#[test]
fn bombs_are_refused() {
    let deflated = plain().compression_method(zip::CompressionMethod::Deflated);
    let zeros = vec![0u8; 70 << 20];
    let bomb = packed(&[("a.csv", &zeros, deflated)]);
    assert_eq!(opened(&bomb, Limits::default(), &[]).2, ["M-001 a.zip"], "too good to be true");
    let small = Limits { unpacked: 1 << 20, ..Limits::default() };
    assert_eq!(opened(&bomb, small, &[]).2, ["M-007 a.zip"]);
    // A directory that lies about sizes: the bytes count, not the promise.
    let mut liar = packed(&[("a.csv", &vec![1u8; 2 << 20], deflated)]);
    let directory = liar.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    liar[directory + 24..directory + 28].copy_from_slice(&100u32.to_le_bytes());
    let (parts, _, remarks) = opened(&liar, small, &[]);
    assert!(parts.is_empty() && remarks.len() == 1, "{parts:?} {remarks:?}");
    let few = Limits { parts: 2, ..Limits::default() };
    assert_eq!(opened(&packed(&[("a", b"", plain()), ("b", b"", plain()), ("c", b"", plain())]), few, &[]).2, ["M-007 a.zip"]);
}

#[test]
fn members_that_share_bytes_are_refused() {
    let mut zip = packed(&[("a.txt", b"same", plain()), ("b.txt", b"same", plain())]);
    let directory: Vec<usize> = zip.windows(4).enumerate().filter(|(_, window)| *window == b"PK\x01\x02").map(|(at, _)| at).collect();
    // The second entry of the directory points at the first member.
    zip[directory[1] + 42..directory[1] + 46].copy_from_slice(&0u32.to_le_bytes());
    assert_eq!(opened(&zip, Limits::default(), &[]).2, ["M-001 a.zip"]);
}

#[test]
fn damage_of_one_member_leaves_the_others() {
    let mut zip = packed(&[("a.txt", b"first", plain().compression_method(zip::CompressionMethod::Stored)), ("b.txt", b"other", plain())]);
    let at = zip.windows(5).position(|window| window == b"first").unwrap();
    zip[at] = b'F';
    let (parts, _, remarks) = opened(&zip, Limits::default(), &[]);
    assert_eq!((parts, remarks), (vec!["b.txt".to_owned()], vec!["M-001 a.txt".to_owned()]));
    assert_eq!(opened(&zip[..zip.len() - 10], Limits::default(), &[]).2, ["M-001 a.zip"], "cut off");
}

#[test]
fn programs_are_named_and_workbooks_left_alone() {
    assert_eq!(opened(&packed(&[("見積.pdf.vbs", b"x", plain())]), Limits::default(), &[]).2, ["M-005 見積.pdf.vbs"]);
    assert!(!sniff(&packed(&[("[Content_Types].xml", b"", plain()), ("xl/workbook.xml", b"", plain())])));
    assert!(!sniff(&packed(&[("mimetype", b"", plain()), ("content.xml", b"", plain())])));
    assert!(sniff(&packed(&[("a.xlsx", &packed(&[("[Content_Types].xml", b"", plain())]), plain())])));
}

#[test]
fn a_packing_that_nobody_here_knows_is_told() {
    let stored = plain().compression_method(zip::CompressionMethod::Stored);
    let mut zip = packed(&[("a.csv", b"1,2", stored), ("b.csv", b"3,4", stored)]);
    // The first member claims to be packed with Deflate64, as Windows packs what is large.
    let directory = zip.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    zip[8] = 9;
    zip[directory + 10] = 9;
    let (parts, _, remarks) = opened(&zip, Limits::default(), &[]);
    assert_eq!((parts, remarks), (vec!["b.csv".to_owned()], vec!["M-001 a.csv".to_owned()]));
}
