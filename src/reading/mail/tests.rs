use super::*;
use crate::domain::id::DocId;
use encoding_rs::SHIFT_JIS;

fn outcome(bytes: &[u8]) -> (Mail, Vec<String>) {
    let outcome = read_within(&Source { doc: DocId::of(bytes), name: "m.eml", bytes }, &Limits::default());
    let Content::Mail(mail) = outcome.content else { panic!("no mail") };
    (*mail, outcome.remarks.iter().map(|remark| remark.code.to_string()).collect())
}

fn with_parts(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut text = "From: a@example.jp\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n".to_owned();
    for (head, body) in parts {
        text += &format!("--b\r\n{head}\r\n\r\n{body}\r\n");
    }
    (text + "--b--\r\n").into_bytes()
}

#[test]
fn the_head_in_every_spelling() {
    let (mail, remarks) = outcome(
        b"From: =?ISO-2022-JP?B?GyRCRVBPPxsoQg==?= <Taro@Example.jp>\r\nSubject: =?utf-8?B?55m7?=\r\n =?utf-8?B?6Yyy?=\r\n\
          Message-ID:\r\n <1.2@example.jp>\r\nDate: Fri, 10 Apr 2026 00:12:00 +0000 (UTC)\r\n\r\nbody",
    );
    assert_eq!(mail.from_name.as_deref(), Some("登録"));
    assert_eq!(mail.from_address.as_deref(), Some("Taro@Example.jp"));
    assert_eq!(mail.subject.as_deref(), Some("登録"));
    assert_eq!(mail.message_id.as_deref(), Some("1.2@example.jp"));
    assert_eq!(mail.date.as_deref(), Some("2026-04-10T09:12:00+09:00"));
    assert_eq!((mail.body.as_str(), remarks.len()), ("body", 0));
}

#[test]
fn senders_are_found() {
    for raw in [
        "a.b@example.jp",
        "<a.b@example.jp>",
        "\"x@y.z\" <a.b@example.jp>",
        "a.b@example.jp (山田 太郎)",
        "\"山田, 太郎\" <a.b@example.jp>, c@example.jp",
        "山田 <a.b@example.jp",
        "\"unclosed <a.b@example.jp>",
    ] {
        assert_eq!(mailbox(raw.as_bytes()).1.as_deref(), Some("a.b@example.jp"), "{raw}");
    }
    // Raw JIS of this name holds the byte of an angle bracket: 実 is 3C 42.
    assert_eq!(mailbox(b"\x1b$B<B\x1b(B <a.b@example.jp>"), (Some("実".to_owned()), Some("a.b@example.jp".to_owned())));
    assert_eq!(mailbox(b"nobody"), (None, None));
    // "山田" <a.b@example.jp>
    let whole = b"=?utf-8?b?IuWxseeUsCIgPGEuYkBleGFtcGxlLmpwPg==?=";
    assert_eq!(sender(whole), (Some("山田".to_owned()), Some("a.b@example.jp".to_owned())));
    assert_eq!(sender(b"=?utf-8?b?5bGx55Sw?="), (None, None));
}

#[test]
fn the_body_is_plain_text_or_the_text_of_html() {
    let html = ("Content-Type: text/html; charset=utf-8", "<html><head><style>p{}</style></head><p>お世話になります</p></html>");
    let plain = ("Content-Type: text/plain; charset=iso-2022-jp", "\u{1b}$BEPO?-!\u{1b}(B");
    assert_eq!(outcome(&with_parts(&[html])).0.body.trim(), "お世話になります");
    assert_eq!(outcome(&with_parts(&[html, plain])).0.body.trim(), "登録①");
}

#[test]
fn attachments_are_named_and_kept_as_bytes() {
    let (sjis, _, _) = SHIFT_JIS.encode("日時,値");
    let mut bytes = with_parts(&[("Content-Type: text/plain", "本文")]);
    bytes.truncate(bytes.len() - 7);
    bytes.extend(b"--b\r\nContent-Type: text/csv; name=\"../x.csv\"\r\n\r\n");
    bytes.extend_from_slice(&sjis);
    bytes.extend(b"\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b--");
    let (mail, _) = outcome(&bytes);
    assert_eq!(mail.parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["x.csv", "添付2.pdf"]);
    assert_eq!(mail.parts[0].bytes, &*sjis, "the bytes of text are not touched");
    assert_eq!(mail.parts[1].bytes, b"%PDF");
}

#[test]
fn a_message_inside_is_a_part() {
    let inner = "From: c@example.jp\r\nSubject: inner/one\r\n\r\nhello";
    for head in ["Content-Type: message/rfc822", "Content-Type: application/octet-stream; name=\"inner_one.eml\""] {
        let (mail, _) = outcome(&with_parts(&[(head, inner)]));
        assert_eq!(mail.parts[0].name, "inner_one.eml");
        assert!(sniff(&mail.parts[0].bytes));
    }
}

#[test]
fn small_pictures_of_a_layout_and_signatures_are_no_documents() {
    let related = "From: a@example.jp\nSubject: x\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\nhi\n\
        --b\nContent-Type: image/png\nContent-ID: <1>\n\nPNG\n--b\nContent-Type: application/pkcs7-signature; name=smime.p7s\n\nx\n--b--";
    assert!(outcome(related.as_bytes()).0.parts.is_empty());
}

#[test]
fn a_page_pasted_into_the_text_is_no_decoration() {
    let pasted = |width: u32, height: u32| {
        let mut png = std::io::Cursor::new(Vec::new());
        ::image::GrayImage::from_pixel(width, height, ::image::Luma([255])).write_to(&mut png, ::image::ImageFormat::Png).unwrap();
        let head = "From: a@example.jp\nSubject: x\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\nhi\n\
            --b\nContent-Type: image/png\nContent-ID: <1>\nContent-Transfer-Encoding: binary\n\n";
        outcome(&[head.as_bytes(), png.get_ref(), b"\n--b--"].concat()).0.parts.len()
    };
    assert_eq!((pasted(827, 1169), pasted(600, 150)), (1, 0));
}

#[test]
fn too_much_and_programs() {
    let large = "A".repeat(21 << 20);
    let (_, remarks) = outcome(&with_parts(&[("Content-Type: application/pdf; name=a.pdf", &large)]));
    assert_eq!(remarks, ["M-007"]);
    let (_, remarks) = outcome(&with_parts(&[("Content-Type: application/pdf; name=a.pdf.js", "x")]));
    assert_eq!(remarks, ["M-005"]);
}

#[test]
fn mails_are_told_by_their_fields() {
    for text in [
        "From: a@example.jp\r\nSubject: x\r\n\r\n",
        "Received: from x\nFrom: a\n\n",
        "X-Mailer: z\nDate: x\nTo: y\n",
        "From: =?utf-8?B?!!!!?=\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n",
    ] {
        assert!(sniff(text.as_bytes()), "{text}");
    }
    for text in [
        "",
        "日時,値\n2026/04/01 00:00,1\n",
        "Note: this is no mail\nbut a text",
        "<?xml version=\"1.0\"?>",
        "%PDF-1.7\nTitle: x",
        "Date: today\nweather: fine",
    ] {
        assert!(!sniff(text.as_bytes()), "{text}");
    }
}

#[test]
fn a_file_that_is_written_out_in_the_text_is_named() {
    let told = |body: &str| {
        let bytes = format!("From: a@example.jp\nSubject: x\n\n{body}").into_bytes();
        let outcome = read_within(&Source { doc: DocId::of(&bytes), name: "m.eml", bytes: &bytes }, &Limits::default());
        outcome.remarks.into_iter().filter(|remark| remark.code.0 == "M-003").map(|remark| remark.words["file"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(told("送ります。\nbegin 644 申込書.pdf\n#0V%T\n`\nend\n"), ["申込書.pdf"]);
    assert!(told("begin to work\nbegin 644 \nthe end\nend\n").is_empty());
}
