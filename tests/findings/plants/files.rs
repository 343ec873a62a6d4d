//! Chapter M: files and mails.

use super::plant;
use crate::Plant;
use crate::desk::{At, Submission, healthy, mail_of};
use crate::make::{book, mail, pdf};
use lopdf::{EncryptionState, EncryptionVersion, Object, Permissions};

fn with(name: &str, bytes: Vec<u8>) -> Submission {
    Submission { more: vec![(name.to_owned(), bytes)], ..healthy("I_PRIME") }
}

fn mailed(body: &str, attached: &[(&str, &[u8])]) -> Submission {
    let submission = healthy("I_PRIME");
    Submission { more: vec![mail_of(&submission, body, attached)], ..submission }
}

fn returned() -> Submission {
    let report = mail::make("MAILER-DAEMON@example.jp", "Undelivered Mail Returned to Sender: TH-2026-0001", "550 User unknown", &[]);
    Submission { more: vec![("mail.eml".to_owned(), report)], ..healthy("I_PRIME") }
}

fn note(text: &str) -> Vec<u8> {
    let mut page = pdf::Page::default();
    page.text(60, 60, text);
    pdf::save(&[page])
}

fn locked() -> Vec<u8> {
    let mut document = lopdf::Document::load_mem(&note("秘密")).unwrap();
    document.trailer.set("ID", vec![Object::string_literal("0123456789abcdef"), Object::string_literal("0123456789abcdef")]);
    let version = EncryptionVersion::V2 {
        document: &document,
        owner_password: "owner",
        user_password: "user",
        key_length: 128,
        permissions: Permissions::all(),
    };
    let state = EncryptionState::try_from(version).unwrap();
    document.encrypt(&state).unwrap();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

pub fn plants() -> Vec<Plant> {
    let sheet = book::Sheet { name: "表".to_owned(), ..book::Sheet::default() };
    let macros = book::save(&[sheet], &[("xl/vbaProject.bin", b"macros")]);
    let stranger = ("mail.eml".to_owned(), mail::make("someone@unknown.example.org", "TH-2026-0001", "差替えです。", &[]));
    let half = vec![b'1'; 11 << 20];
    vec![
        plant("M-001", with("破損.pdf", b"%PDF-1.7\nnoise".to_vec()), &[("file", "破損.pdf")], At::Whole("破損.pdf"), &[]),
        plant("M-002", with("契約書控え.pdf", locked()), &[("file", "契約書控え.pdf")], At::Whole("契約書控え.pdf"), &[]),
        plant("M-003", with("図面.dwg", b"AC1032\0\0\0\0\x01\x02\xff\xfe".to_vec()), &[("file", "図面.dwg")], At::Whole("図面.dwg"), &[]),
        plant("M-004", Submission { more: vec![stranger], ..healthy("I_PRIME") }, &[], At::Header("From"), &["M-013"]),
        plant("M-005", with("登録データ.xlsm", macros), &[("file", "登録データ.xlsm")], At::Whole("登録データ.xlsm"), &["M-008"]),
        plant(
            "M-005",
            mailed("ご確認ください。", &[("見積書.pdf.js", b"WScript.Echo(1)")]),
            &[("file", "見積書.pdf.js")],
            At::Whole("mail.eml"),
            &["M-008"],
        ),
        plant("M-007", mailed("ご確認ください。", &[("a.csv", &half), ("b.csv", &half[1..])]), &[], At::Whole("mail.eml"), &["M-008"]),
        plant("M-008", with("メモ.pdf", note("打合せの記録")), &[("file", "メモ.pdf")], At::Whole("メモ.pdf"), &[]),
        plant(
            "X-010",
            with("指図書.pdf", note("MMS操作指示書")),
            &[("value", "PDF・紙の指図書への記入は読み取りません")],
            At::Whole("指図書.pdf"),
            &[],
        ),
        plant("M-010", mailed("申込書を添付いたします。", &[]), &[], At::Whole("mail.eml"), &[]),
        plant(
            "M-011",
            mailed("都合により、今回の申込を取り下げます。", &[]),
            &[("file", "mail.eml"), ("value", "都合により、今回の申込を取り下げます")],
            At::Whole("mail.eml"),
            &[],
        ),
        plant(
            "M-013",
            mailed("お世話になっております。\n証明書はいつ頃届きますか。", &[]),
            &[("file", "mail.eml"), ("value", "証明書はいつ頃届きますか。")],
            At::Whole("mail.eml"),
            &[],
        ),
        plant("M-012", returned(), &[("file", "mail.eml")], At::Whole("mail.eml"), &[]),
    ]
}
