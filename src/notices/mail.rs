//! Mails as bytes: UTF-8, with a Message-ID, a date and a boundary that come from the letter's key.
//!
//! Owns headers and MIME. Never sends, never words anything.

use crate::domain::date::Moment;
use crate::domain::text;
use crate::fault::Fault;
use crate::notices::words;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

pub struct Mail<'a> {
    /// Idempotence key of the letter; the same key gives the same Message-ID.
    pub key: &'a str,
    pub at: Moment,
    pub from: &'a str,
    pub to: &'a str,
    pub cc: Option<&'a str>,
    pub subject: &'a str,
    pub body: &'a str,
    pub attachments: Vec<Attachment<'a>>,
}

pub struct Attachment<'a> {
    /// As people read it, in Japanese.
    pub name: String,
    /// For programs that read ASCII alone.
    pub plain_name: Cow<'a, str>,
    pub media_type: &'a str,
    pub bytes: &'a [u8],
}

/// The whole message, lines ended by CR LF.
pub fn bytes(mail: &Mail<'_>) -> Result<Vec<u8>, Fault> {
    let from = mailbox(mail.from)?;
    let hash = hash(mail.key);
    let id = format!("<{}>", message_id(mail.key, from.email.domain()));
    let mut builder = Message::builder()
        .message_id(Some(id))
        // Stands for the date below; without it the builder would read the clock.
        .date(std::time::SystemTime::UNIX_EPOCH)
        .from(from)
        .to(mailbox(mail.to)?)
        .subject(text_line(mail.subject))
        .raw_header(raw("Auto-Submitted", "auto-generated".to_owned())?);
    if let Some(cc) = mail.cc {
        builder = builder.cc(mailbox(cc)?);
    }
    let body = SinglePart::plain(mail.body.replace("\r\n", "\n").replace('\n', "\r\n"));
    let message = if mail.attachments.is_empty() {
        builder.singlepart(body)
    } else {
        let mut parts = MultiPart::mixed().boundary(format!("=_{hash}")).singlepart(body);
        for attachment in &mail.attachments {
            // Two names in one header confuse readers; the plain one stands with the type, where old programs look.
            let kind = format!("{}; name=\"{}\"", attachment.media_type, ascii(&attachment.plain_name));
            let kind = ContentType::parse(&kind).map_err(|error| Fault::lasting(kind, error, "report this as a bug"))?;
            let part = lettre::message::Attachment::new(words::plain(&attachment.name)).body(attachment.bytes.to_vec(), kind);
            parts = parts.singlepart(part);
        }
        builder.multipart(parts)
    };
    let mut message = message.map_err(|error| {
        Fault::lasting(mail.key, error, "check the addresses of this letter")
            .told("メールを作成できません。宛先のメールアドレスを確認してください")
    })?;
    // In the desk's own time, which the builder cannot write.
    message.headers_mut().insert_raw(raw("Date", mail.at.civil().strftime("%a, %d %b %Y %H:%M:%S +0900").to_string())?);
    Ok(message.formatted())
}

/// The Message-ID of a letter, without its angle brackets.
pub fn message_id(key: &str, domain: &str) -> String {
    format!("{}@{domain}", hash(key))
}

/// The first 32 hexadecimal digits of the key's SHA-256.
fn hash(key: &str) -> String {
    Sha256::digest(key.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A file name in letters, digits, `-`, `_` and `.`.
fn ascii(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}

fn text_line(subject: &str) -> String {
    text::tidy(&words::plain(subject)).chars().take(200).collect()
}

/// `名前 <address>` or an address alone.
fn mailbox(written: &str) -> Result<Mailbox, Fault> {
    let (name, address) = match written.rsplit_once('<') {
        Some((name, address)) => (Some(name), address.trim_end().trim_end_matches('>')),
        None => (None, written),
    };
    let email = address.trim().parse().map_err(|error| {
        Fault::lasting(format!("{written:?}"), format!("is no mail address: {error}"), "correct the address of this case")
            .told(format!("「{written}」はメールアドレスとして読めません。案件の書類のメールアドレスを訂正してください"))
    })?;
    let name = name.map(|name| words::plain(name).trim().trim_matches('"').trim().to_owned()).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, email))
}

fn raw(name: &'static str, value: String) -> Result<HeaderValue, Fault> {
    let header = HeaderName::new_from_ascii(name.to_owned()).map_err(|error| Fault::lasting(name, error, "report this as a bug"))?;
    Ok(HeaderValue::dangerous_new_pre_encoded(header, value.clone(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::{MessageParser, MimeHeaders};

    fn mail() -> Mail<'static> {
        Mail {
            key: "TH-2026-0001/T07/1",
            at: at(),
            from: "東北例示送配電株式会社 受付担当 <uketsuke@example.jp>",
            to: "hotaka@example.co.jp",
            cc: Some("uketsuke@example.jp"),
            subject: "[TH-2026-0001] 需給調整市場システム利用承認通知書の送付について",
            body: "平素より大変お世話になっております。\n",
            attachments: vec![Attachment {
                name: "需給調整市場システム利用承認通知書_TH-2026-0001.pdf".to_owned(),
                plain_name: "approval_notice-1.pdf".into(),
                media_type: "application/pdf",
                bytes: b"%PDF-1.7 \xff\x00",
            }],
        }
    }

    fn at() -> Moment {
        "2026-04-08T10:00:00+09:00".parse().unwrap()
    }

    #[test]
    fn another_program_reads_what_was_written() {
        let bytes = bytes(&mail()).unwrap();
        let read = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(read.subject().unwrap(), "[TH-2026-0001] 需給調整市場システム利用承認通知書の送付について");
        assert_eq!(read.body_text(0).unwrap().trim_end(), "平素より大変お世話になっております。");
        let from = read.from().unwrap().first().unwrap();
        assert_eq!(from.name().unwrap(), "東北例示送配電株式会社 受付担当");
        let attachment = read.attachment(0).unwrap();
        assert_eq!(attachment.attachment_name(), Some("需給調整市場システム利用承認通知書_TH-2026-0001.pdf"));
        assert_eq!(attachment.contents(), b"%PDF-1.7 \xff\x00");
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("Date: Wed, 08 Apr 2026 10:00:00 +0900\r\n"), "{text}");
        assert!(text.contains("name=\"approval_notice-1.pdf\"\r\n"), "{text}");
        assert!(text.contains("filename*0*=utf-8''%E9%9C%80"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 78), "{text}");
    }

    #[test]
    fn the_same_letter_has_the_same_bytes_and_another_key_another_id() {
        assert_eq!(bytes(&mail()).unwrap(), bytes(&mail()).unwrap());
        assert_ne!(bytes(&mail()).unwrap(), bytes(&Mail { key: "other", ..mail() }).unwrap());
    }

    #[test]
    fn nobody_adds_a_header_through_an_address_or_a_subject() {
        let evil = "a@example.jp\r\nBcc: b@example.jp";
        assert!(bytes(&Mail { to: evil, ..mail() }).is_err());
        for evil in [Mail { subject: "x\r\nBcc: b@example.jp", ..mail() }, Mail { to: "x\r\nBcc: b <a@example.jp>", ..mail() }] {
            let text = String::from_utf8(bytes(&evil).unwrap()).unwrap();
            assert!(!text.contains("\nBcc:"), "{text}");
        }
    }
}
