//! Files made to stop the desk: each must end, soon and within bounds, with words about what is wrong.

use sight::port::Blind;
use std::io::{Cursor, Write};
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use uketsuke::catalogue::{self, Catalogue};
use uketsuke::config::DeskSettings;
use uketsuke::pipeline::{self, Digest, Inside, Keys, Office};
use uketsuke::reading::format::{Limits, Tools};
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

const PATIENCE: Duration = Duration::from_secs(10);

fn tools() -> Tools<'static> {
    Tools { ocr: &Blind, limits: Limits::default() }
}

/// The shipped desk, loaded once.
fn office() -> Office<'static> {
    static BOOK: LazyLock<(Catalogue, DeskSettings)> = LazyLock::new(|| {
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
        (catalogue, DeskSettings::default())
    });
    Office::new(&BOOK.0, &BOOK.1, "2026-04-08T10:00:00+09:00".parse().unwrap())
}

fn digest(name: &str, bytes: &[u8]) -> Digest {
    digest_with(name, bytes, &[])
}

/// Reads a document on a desk where other documents lie.
fn digest_with(name: &str, bytes: &[u8], others: &[&[u8]]) -> Digest {
    let mut keys = Keys::default();
    others.iter().for_each(|other| keys.learn(other, &tools()));
    let start = Instant::now();
    let digest = pipeline::digest_with(name, bytes, Inside::All, &keys, &tools(), &office());
    assert!(start.elapsed() < PATIENCE, "{name} took {:?}", start.elapsed());
    digest
}

/// Every document, the outer ones first.
fn all(digest: &Digest) -> Vec<&Digest> {
    std::iter::once(digest).chain(digest.parts.iter().flat_map(all)).collect()
}

fn codes(digest: &Digest) -> Vec<&str> {
    all(digest).iter().flat_map(|one| one.findings.iter().map(|finding| finding.code.0.as_str())).collect()
}

fn names(digest: &Digest) -> Vec<&str> {
    all(digest).iter().skip(1).map(|one| one.name.as_str()).collect()
}

fn packed(members: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn deflated() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

fn mail(from: &str, body: &str, attachments: &[(&str, &[u8])]) -> Vec<u8> {
    let mut text =
        format!("From: {from}\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{body}\r\n").into_bytes();
    for (name, bytes) in attachments {
        text.extend(format!("--b\r\nContent-Type: application/octet-stream; name=\"{name}\"\r\n\r\n").bytes());
        text.extend_from_slice(bytes);
        text.extend(b"\r\n");
    }
    text.extend(b"--b--\r\n");
    text
}

#[test]
fn a_bomb_is_not_unpacked() {
    let zeros = vec![0u8; 60 << 20];
    let members: Vec<(String, &[u8])> = (0..8).map(|n| (format!("{n}.xlsx"), zeros.as_slice())).collect();
    let members: Vec<(&str, &[u8])> = members.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    assert_eq!(codes(&digest("bomb.zip", &packed(&members, deflated()))), ["M-007"]);
}

#[test]
fn bombs_inside_archives_share_one_room() {
    // Each inner archive is harmless alone; together they would take six times the room.
    let noise: Vec<u8> = (0..60u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 29) as u8).collect();
    let inner = packed(&[("a.csv", &noise[..50 << 20])], deflated());
    let members: Vec<(String, &[u8])> = (0..8).map(|n| (format!("{n}.zip"), inner.as_slice())).collect();
    let members: Vec<(&str, &[u8])> = members.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let outer = packed(&members, SimpleFileOptions::default().compression_method(CompressionMethod::Stored));
    let limits = Limits { bytes: 512 << 20, ..Limits::default() };
    let digest = pipeline::digest("bombs.zip", &outer, &Tools { limits, ..tools() }, &office());
    assert!(codes(&digest).contains(&"M-007"), "{:?}", codes(&digest));
}

#[test]
fn archives_in_archives_end() {
    let mut bytes = b"end".to_vec();
    for n in 0..40 {
        bytes = packed(&[(&format!("n{n}.zip"), &bytes)], deflated());
    }
    let digest = digest("nested.zip", &bytes);
    assert_eq!(codes(&digest), ["M-001"]);
    assert!(all(&digest).len() < 10);
}

#[test]
fn names_that_climb_stay_where_they_are() {
    let zip = packed(&[("../../../../tmp/slip.txt", b"x"), ("/tmp/abs.txt", b"x"), ("..\\..\\win.txt", b"x"), ("..", b"x")], deflated());
    assert_eq!(names(&digest("slip.zip", &zip)), ["slip.txt", "abs.txt", "win.txt", "添付4"]);
    let letter = mail("a@example.jp", "hi", &[("../../etc/cron.d/evil", b"x"), ("C:\\autoexec.bat", b"x"), ("nul", b"x")]);
    assert_eq!(names(&digest("path.eml", &letter)), ["evil", "autoexec.bat", "_nul"]);
}

#[test]
fn mails_that_open_themselves_end() {
    let multipart = "From: a@example.jp\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n".repeat(50_000);
    assert!(codes(&digest("bad.eml", multipart.as_bytes())).contains(&"M-001"));
    let enclosed = "From: a@example.jp\r\nSubject: x\r\nContent-Type: message/rfc822\r\n\r\n".repeat(200_000);
    let digest = digest("russian doll.eml", enclosed.as_bytes());
    assert!(codes(&digest).contains(&"M-001") && all(&digest).len() < 10);
}

#[test]
fn heads_without_end() {
    for bytes in [
        format!("From: a@example.jp\nSubject: {}\n\nx", "=?utf-8?B?44GC?= ".repeat(200_000)),
        format!("From: a@example.jp\nTo: x\n{}\n\nx", "X: y\n".repeat(500_000)),
        format!("From: a@example.jp\nTo: x\n{}\n\nx", " folded\n".repeat(500_000)),
        format!("From: {}\nTo: x\n\nx", "<".repeat(2_000_000)),
        format!("From: a@example.jp\nTo: x\nContent-Type: application/pdf; {}\n\nx", "name*0*=%41;".repeat(200_000)),
        format!("From: a@example.jp\nTo: x\nContent-Type: multipart/mixed; boundary=b\n\n{}", "--\n".repeat(2_000_000)),
        format!("From: a@example.jp\nTo: x\nSubject: {}", "=?".repeat(1_000_000)),
        format!("From: a@example.jp\nTo: x\nContent-Type: text/html\n\n{}", "<".repeat(2_000_000)),
        format!("From: a@example.jp\nTo: x\n\n{}", "パスワード: abcd\n".repeat(50_000)),
        format!("From: a@example.jp\nTo: x\n\n{}", "パスワード".repeat(100_000)),
    ] {
        digest_with("long.eml", bytes.as_bytes(), &[bytes.as_bytes()]);
    }
}

#[test]
fn a_box_without_end() {
    let mails = "From a Fri Apr 10 09:12:00 2026\nFrom: a@example.jp\nTo: b\n\nx\n\n".repeat(20_000);
    let digest = digest("big.mbox", mails.as_bytes());
    assert!(codes(&digest).contains(&"M-001"));
}

#[test]
fn the_password_comes_in_the_next_mail() {
    let zip = packed(&[("契約書.txt", b"x")], deflated().with_aes_encryption(AesMode::Aes256, "Geheim-1"));
    let first = mail("Taro@example.jp", "お送りします", &[("a.zip", &zip)]);
    let second = mail("taro@example.jp", "先ほどのパスワードは Geheim-1 です。", &[]);
    let stranger = mail("jiro@example.jp", "パスワードは Geheim-1 です。", &[]);
    assert_eq!(codes(&digest("1.eml", &first)), ["M-002"]);
    assert_eq!(codes(&digest_with("1.eml", &first, &[&stranger])), ["M-002"], "another sender's words open nothing");
    let opened = digest_with("1.eml", &first, &[&second]);
    assert_eq!(names(&opened), ["a.zip", "契約書.txt"]);
    assert!(!format!("{opened:?}").contains("Geheim"));
    let own = mail("taro@example.jp", "パスワード：Geheim-1", &[("a.zip", &zip)]);
    assert_eq!(names(&digest("1.eml", &own)), ["a.zip", "契約書.txt"]);
    assert!(!format!("{:?}", digest("1.eml", &own)).contains("Geheim"));
}

#[test]
fn a_box_holds_its_own_passwords() {
    // Stored text, so that a mail without transfer encoding may hold it.
    let zip = packed(&[("a.txt", b"x")], deflated().with_aes_encryption(AesMode::Aes256, "Geheim-1"));
    let base64 = |bytes: &[u8]| {
        const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for group in bytes.chunks(3) {
            let word = group.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
            (0..=group.len()).for_each(|n| text.push(SIGNS[(word >> (18 - 6 * n)) as usize % 64] as char));
        }
        text
    };
    let letters = format!(
        "From a Fri Apr 10 09:12:00 2026\nFrom: a@example.jp\nTo: b\nContent-Type: application/zip; name=a.zip\n\
         Content-Transfer-Encoding: base64\n\n{}\n\nFrom a Fri Apr 10 09:13:00 2026\nFrom: a@example.jp\nTo: b\n\nパスワード：Geheim-1\n",
        base64(&zip)
    );
    assert!(names(&digest("box.mbox", letters.as_bytes())).contains(&"a.txt"));
}

#[test]
fn programs_are_refused_wherever_they_hide() {
    let program = [b"MZ".as_slice(), &[0; 200]].concat();
    let inner = packed(&[("見積書.pdf", &program), ("run.js", b"x")], deflated());
    let letter = mail("a@example.jp", "hi", &[("a.bin", &packed(&[("b.zip", &inner)], SimpleFileOptions::default()))]);
    assert_eq!(codes(&digest("a.eml", &letter)).iter().filter(|code| **code == "M-005").count(), 2);
}

/// Mutants of honest files: nothing panics.
#[test]
fn mutants_end() {
    let zip = packed(&[("a.txt", b"hello hello hello"), ("b/c.txt", b"x")], deflated());
    let locked = packed(&[("a.txt", b"hello")], deflated().with_aes_encryption(AesMode::Aes128, "x"));
    let letter = b"From: =?iso-2022-jp?B?GyRCRVBPPxsoQg==?= <a@example.jp>\r\nSubject: \x1b$BEPO?\x1b(B\r\nDate: Fri, 10 Apr 2026 09:12:00 +0900\r\n\
        Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=cp932\r\n\r\n\x93o\x98^\r\n\
        --b\r\nContent-Type: a/b; name*0*=utf-8''%E7%99; name*1*=%BB.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b--\r\n";
    let office = office();
    let mut seed = 1u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for original in [zip.as_slice(), &locked, letter] {
        for _ in 0..3_000 {
            let mut mutant = original.to_vec();
            for _ in 0..=random(6) {
                let at = random(mutant.len());
                match random(4) {
                    0 => mutant[at] = random(256) as u8,
                    1 => mutant.truncate(at.max(4)),
                    2 => mutant.insert(at, random(256) as u8),
                    _ => {
                        let from = random(mutant.len());
                        let piece: Vec<u8> = mutant[from..mutant.len().min(from + 20)].to_vec();
                        mutant.splice(at..at, piece);
                    }
                }
            }
            pipeline::digest("mutant", &mutant, &tools(), &office);
        }
    }
}
