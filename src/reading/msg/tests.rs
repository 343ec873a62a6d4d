use super::*;
use crate::domain::id::DocId;
use crate::domain::reading::{Content, Mail};
use crate::reading::format::Blind;
use std::io::{Cursor, Write};

type File = cfb::CompoundFile<Cursor<Vec<u8>>>;

/// A property as it is kept in a stream of its own.
enum Kept<'a> {
    Wide(u16, &'a str),
    Narrow(u16, &'a [u8]),
    Bytes(u16, &'a [u8]),
}
use Kept::{Bytes, Narrow, Wide};

/// Properties of one storage: those of one width first, as kind and number, with what stands before them.
fn keep(file: &mut File, at: &str, before: usize, fixed: &[(u16, u16, u64)], kept: &[Kept]) {
    let mut records = vec![0; before];
    for (kind, id, value) in fixed {
        records.extend([&kind.to_le_bytes()[..], &id.to_le_bytes(), &6u32.to_le_bytes(), &value.to_le_bytes()].concat());
    }
    let mut put = |name: &str, bytes: &[u8]| file.create_stream(format!("{at}{name}")).unwrap().write_all(bytes).unwrap();
    put("__properties_version1.0", &records);
    for one in kept {
        let (id, kind, bytes) = match one {
            Wide(id, text) => (id, 0x001F, text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Narrow(id, bytes) => (id, 0x001E, bytes.to_vec()),
            Bytes(id, bytes) => (id, 0x0102, bytes.to_vec()),
        };
        put(&format!("__substg1.0_{id:04X}{kind:04X}"), &bytes);
    }
}

fn message(file: &mut File, fixed: &[(u16, u16, u64)], kept: &[Kept]) {
    keep(file, "/", 32, fixed, kept);
}

fn attach(file: &mut File, n: u8, fixed: &[(u16, u16, u64)], kept: &[Kept]) -> String {
    let at = format!("/__attach_version1.0_#{n:08X}/");
    file.create_storage(&at).unwrap();
    keep(file, &at, 8, fixed, kept);
    at
}

fn saved(fill: impl FnOnce(&mut File)) -> Vec<u8> {
    let mut file = File::create(Cursor::new(Vec::new())).unwrap();
    fill(&mut file);
    file.flush().unwrap();
    file.into_inner().into_inner()
}

fn read(bytes: &[u8]) -> (Mail, Vec<(String, String)>) {
    read_with(bytes, Limits::default())
}

fn read_with(bytes: &[u8], limits: Limits) -> (Mail, Vec<(String, String)>) {
    let reading = crate::reading::read(&Source { doc: DocId::of(bytes), name: "a.msg", bytes }, &Tools { ocr: &Blind, limits });
    assert_eq!(reading.format, "msg");
    let Content::Mail(mail) = reading.content else { panic!("{:?}", reading.remarks) };
    let word = |remark: &Remark| remark.words.values().cloned().collect::<String>();
    (*mail, reading.remarks.iter().map(|remark| (remark.code.to_string(), word(remark))).collect())
}

fn parts(mail: &Mail) -> Vec<(&str, &[u8])> {
    mail.parts.iter().map(|part| (part.name.as_str(), part.bytes.as_slice())).collect()
}

/// 2026-04-08 09:30 in Japan.
const SENT: u64 = (1_775_608_200 + 11_644_473_600) * 10_000_000;

#[test]
fn what_came_over_the_wire_is_said_by_its_fields() {
    let fields = "Microsoft Mail Internet Headers Version 2.0\r\nReceived: from mx.example.jp\r\n by desk.example.jp;\r\n Wed, 08 Apr 2026\r\n\
        From: =?ISO-2022-JP?B?GyRCO25FRBsoQg==?= <tanto@example.co.jp>\r\nSubject: =?utf-8?B?55Sz6L685pu4?=\r\n\
        Content-Type: multipart/mixed;\r\n boundary=\"x\"\r\nMIME-Version: 1.0\r\nMessage-ID: <1@example.co.jp>\r\n\
        Date: Wed, 8 Apr 2026 00:30:00 +0000\r\n\r\n";
    let bytes = saved(|file| {
        let kept = [
            Wide(id::FIELDS, fields),
            Wide(id::SUBJECT, "別の件名"),
            Wide(id::TEXT, "申込書を送ります。\r\n添付"),
            Wide(id::SENDER_SMTP, "x@y.jp"),
        ];
        message(file, &[], &kept);
        attach(
            file,
            0,
            &[],
            &[Wide(id::LONG_NAME, "申込書（写）.pdf"), Wide(id::SHORT_NAME, "A~1.PDF"), Bytes(id::CONTENT, b"%PDF-1.7\n\0\xff")],
        );
        attach(file, 1, &[], &[Narrow(id::SHORT_NAME, b"b.csv\0"), Bytes(id::CONTENT, &[b'x'; 5000])]);
    });
    let (mail, remarks) = read(&bytes);
    assert_eq!((mail.from_name.as_deref(), mail.from_address.as_deref()), (Some("試田"), Some("tanto@example.co.jp")));
    assert_eq!((mail.subject.as_deref(), mail.message_id.as_deref()), (Some("申込書"), Some("1@example.co.jp")));
    assert_eq!(mail.date.as_deref(), Some("2026-04-08T09:30:00+09:00"));
    assert_eq!(mail.body.trim_end(), "申込書を送ります。\n添付");
    assert_eq!(parts(&mail), [("申込書（写）.pdf", &b"%PDF-1.7\n\0\xff"[..]), ("b.csv", &[b'x'; 5000])]);
    assert!(remarks.is_empty() && !mail.automatic);
}

#[test]
fn what_was_never_sent_is_said_by_its_properties() {
    let (name, _, _) = encoding_rs::SHIFT_JIS.encode("試田 \"次郎\"");
    let (page, _, _) = encoding_rs::SHIFT_JIS.encode("<html><body><p>回答<br>します</p></body></html>");
    let bytes = saved(|file| {
        let kept = [
            Narrow(id::SENDER_NAME, &name),
            Wide(id::SENDER_ADDRESS, "/O=EXAMPLE/OU=EXCHANGE/CN=JIRO"),
            Wide(id::FOR_SMTP, "jiro@example.co.jp"),
            Wide(id::SUBJECT, "Re: 差替え\r\nBcc: forged@example.org"),
            Wide(id::MESSAGE_ID, "<2@example.co.jp>"),
            Wide(id::IN_REPLY_TO, "<1@example.jp>"),
            Wide(id::TEXT, "\r\n "),
            Bytes(id::HTML, &page),
        ];
        message(file, &[(0x0040, id::SENT, SENT), (0x0003, id::CODE_PAGE, 932)], &kept);
    });
    let (mail, remarks) = read(&bytes);
    assert_eq!((mail.from_name.as_deref(), mail.from_address.as_deref()), (Some("試田 次郎"), Some("jiro@example.co.jp")));
    assert_eq!(mail.subject.as_deref(), Some("Re: 差替えBcc: forged@example.org"));
    assert_eq!((mail.message_id.as_deref(), mail.answers.as_slice()), (Some("2@example.co.jp"), &["1@example.jp".to_owned()][..]));
    assert_eq!(mail.date.as_deref(), Some("2026-04-08T09:30:00+09:00"));
    assert_eq!(mail.body.split_whitespace().collect::<String>(), "回答します");
    assert!(remarks.is_empty() && mail.parts.is_empty());
}

#[test]
fn a_message_that_is_attached_is_a_mail_of_its_own() {
    let bytes = saved(|file| {
        message(file, &[], &[Wide(id::SUBJECT, "転送"), Wide(id::SENDER_SMTP, "a@example.jp")]);
        let at = attach(file, 0, &[], &[Wide(id::DISPLAY_NAME, "元のメール")]);
        let inner = format!("{at}__substg1.0_3701000D/");
        file.create_storage(&inner).unwrap();
        keep(
            file,
            &inner,
            24,
            &[(0x0040, id::SENT, SENT)],
            &[Wide(id::SUBJECT, "元の件名"), Wide(id::SENDER_SMTP, "b@example.jp"), Wide(id::TEXT, "本文")],
        );
        let within = format!("{inner}__attach_version1.0_#00000000/");
        file.create_storage(&within).unwrap();
        keep(file, &within, 8, &[], &[Wide(id::LONG_NAME, "c.csv"), Bytes(id::CONTENT, b"--=_saved_0\r\n1,2")]);
    });
    let (mail, remarks) = read(&bytes);
    let [(name, inner)] = parts(&mail)[..] else { panic!("{mail:?}") };
    assert_eq!((name, remarks.len()), ("元のメール.eml", 0));
    let source = Source { doc: DocId::of(inner), name, bytes: inner };
    let reading = crate::reading::read(&source, &Tools { ocr: &Blind, limits: Limits::default() });
    let Content::Mail(inner) = &reading.content else { panic!() };
    assert_eq!(
        (reading.format.as_str(), inner.from_address.as_deref(), inner.subject.as_deref()),
        ("eml", Some("b@example.jp"), Some("元の件名"))
    );
    assert_eq!((inner.body.trim(), parts(inner)), ("本文", vec![("c.csv", &b"--=_saved_0\r\n1,2"[..])]));
    // Read again it is the same document: what is written down does not depend on the hour.
    assert_eq!(read(&bytes).0, mail);
}

#[test]
fn decoration_of_the_text_is_no_attachment() {
    let bytes = saved(|file| {
        message(file, &[], &[Wide(id::SUBJECT, "件"), Wide(id::SENDER_SMTP, "a@example.jp")]);
        let logo = [
            Wide(id::LONG_NAME, "image001.png"),
            Wide(id::MIME_KIND, "image/png"),
            Wide(id::CONTENT_ID, "1@x"),
            Bytes(id::CONTENT, b"\x89PNG"),
        ];
        attach(file, 0, &[(0x000B, id::HIDDEN, 1)], &logo);
        attach(
            file,
            1,
            &[(0x000B, id::HIDDEN, 0)],
            &[
                Wide(id::LONG_NAME, "scan.png"),
                Wide(id::MIME_KIND, "image/png"),
                Wide(id::CONTENT_ID, "2@x"),
                Bytes(id::CONTENT, b"\x89PNG"),
            ],
        );
    });
    assert_eq!(parts(&read(&bytes).0), [("scan.png", &b"\x89PNG"[..])]);
}

#[test]
fn what_cannot_be_taken_out_is_named() {
    let bytes = saved(|file| {
        message(file, &[], &[Wide(id::SUBJECT, "件"), Wide(id::SENDER_SMTP, "a@example.jp"), Bytes(id::RICH_TEXT, b"rich")]);
        attach(file, 0, &[], &[Wide(id::LONG_NAME, "link.docx")]);
        let at = attach(file, 1, &[], &[Wide(id::LONG_NAME, "object")]);
        file.create_storage(format!("{at}__substg1.0_3701000D/")).unwrap();
        attach(file, 2, &[], &[Wide(id::LONG_NAME, "run.js"), Bytes(id::CONTENT, b"run()")]);
    });
    let (mail, remarks) = read(&bytes);
    let told = |code: &str, word: &str| (code.to_owned(), word.to_owned());
    assert_eq!(remarks, [told("M-005", "run.js"), told("M-003", "a.msg"), told("M-001", "link.docx"), told("M-001", "object")]);
    assert_eq!(mail.parts.len(), 1);
}

#[test]
fn reports_and_answers_of_machines_are_told() {
    for class in ["REPORT.IPM.Note.NDR", "IPM.Note.Rules.OofTemplate.Microsoft"] {
        let bytes =
            saved(|file| message(file, &[], &[Wide(id::CLASS, class), Wide(id::SUBJECT, "件"), Wide(id::SENDER_SMTP, "a@example.jp")]));
        assert!(read(&bytes).0.automatic, "{class}");
    }
}

#[test]
fn what_is_signed_in_clear_lies_in_its_envelope() {
    let content = b"Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\nContent-Type: text/plain\r\n\r\nsigned\r\n--s\r\n\
        Content-Type: application/pkcs7-signature\r\n\r\nx\r\n--s--\r\n";
    let kept = [Wide(id::CLASS, "IPM.Note.SMIME.MultipartSigned"), Wide(id::SUBJECT, "件"), Wide(id::SENDER_SMTP, "a@example.jp")];
    let mail = read(&saved(|file| {
        message(file, &[], &kept);
        attach(file, 0, &[], &[Wide(id::LONG_NAME, "SMIME.txt"), Bytes(id::CONTENT, content)]);
    }));
    assert_eq!((mail.0.body.trim(), mail.0.parts.len(), mail.1.len()), ("signed", 0, 0));
    let kept = [Wide(id::CLASS, "IPM.Note.SMIME"), Wide(id::SUBJECT, "件"), Wide(id::SENDER_SMTP, "a@example.jp")];
    let shut = read(&saved(|file| {
        message(file, &[], &kept);
        attach(file, 0, &[], &[Wide(id::LONG_NAME, "smime.p7m"), Bytes(id::CONTENT, b"noise")]);
    }));
    assert_eq!(shut.1, [("M-001".to_owned(), "a.msg".to_owned())]);
}

#[test]
fn bounds_hold() {
    let bytes = saved(|file| {
        message(file, &[], &[Wide(id::SUBJECT, "件"), Wide(id::SENDER_SMTP, "a@example.jp")]);
        for n in 0..5 {
            attach(file, n, &[], &[Wide(id::LONG_NAME, "a.csv"), Bytes(id::CONTENT, &[b'x'; 100])]);
        }
    });
    // Some five hundred bytes each: three entries, a name and what it holds.
    let (mail, remarks) = read_with(&bytes, Limits { unpacked: 2_000, ..Limits::default() });
    assert!((1..5).contains(&mail.parts.len()) && mail.parts.len() + remarks.len() == 5, "{mail:?} {remarks:?}");
    let none = Source { doc: DocId::of(&bytes), name: "a.msg", bytes: &bytes };
    let none = super::read(&none, &Tools { ocr: &Blind, limits: Limits { unpacked: 100, ..Limits::default() } });
    assert_eq!(none.content, Content::Unreadable);
    let (mail, remarks) = read_with(&bytes, Limits { parts: 4, ..Limits::default() });
    assert!(mail.parts.len() <= 4 && remarks.contains(&("M-001".to_owned(), "a.msg".to_owned())), "{mail:?} {remarks:?}");
}

#[test]
fn a_directory_that_bites_its_tail_ends() {
    let bytes = saved(|file| {
        message(file, &[], &[Wide(id::SUBJECT, "件"), Wide(id::SENDER_SMTP, "a@example.jp")]);
        let at = attach(file, 0, &[], &[Wide(id::LONG_NAME, "inner")]);
        let inner = format!("{at}__substg1.0_3701000D/");
        file.create_storage(&inner).unwrap();
        keep(file, &inner, 24, &[], &[Wide(id::SUBJECT, "内")]);
    });
    // The attached message has the members of the outermost one.
    let entry = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).chain([0, 0]).collect();
        bytes.windows(name.len()).position(|window| window == name).unwrap()
    };
    let mut looped = bytes.clone();
    let (root, inner) = (entry("Root Entry"), entry("__substg1.0_3701000D"));
    looped.copy_within(root + 76..root + 80, inner + 76);
    let (mail, _) = read(&looped);
    assert!(mail.parts.len() == 1, "{mail:?}");
}
