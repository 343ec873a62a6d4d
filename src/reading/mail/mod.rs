//! A mail: who wrote, what it says, what is attached.
//!
//! Owns the way from bytes to [`Mail`]. Parts keep their bytes and are read on their own, a message inside a message too.
//! Structure and charsets are our own, because names are often spoilt in ways that only the raw bytes can mend.

mod automatic;
pub(super) mod header;
mod parameter;
mod smime;
mod structure;

use crate::domain::date::Moment;
use crate::domain::finding::Remark;
use crate::domain::place::Place;
use crate::domain::reading::{Content, Mail, Part};
use crate::reading::format::{Limits, Outcome, Source, Tools};
use crate::reading::{charset, executable, image, names};
use header::Head;
use smime::Wrapped;
use structure::Leaf;

/// All attachments of one mail together (M-007).
const MOST_ATTACHED: usize = 20 << 20;
/// Files in the text of one mail that are named.
const MOST_WRITTEN_OUT: usize = 20;
/// Bytes of text that are looked at.
const LONGEST_TEXT: usize = 1 << 20;
/// A picture that belongs to the body and is smaller than this is decoration, unless it is as large as a page: one in black and white
/// is few bytes.
const DECORATION: usize = 48 << 10;

/// Fields that mails have; some of them only mails have.
const TELLING: &[&str] = &["message-id", "received", "mime-version", "return-path", "delivered-to", "dkim-signature", "x-mailer"];
const USUAL: &[&str] = &["from", "to", "cc", "subject", "date", "sender", "reply-to", "content-type", "content-transfer-encoding"];

/// A mail begins with fields.
pub fn sniff(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let (head, _) = Head::read(bytes.get(..bytes.len().min(64 << 10)).unwrap_or_default());
    let count = |list: &[&str]| list.iter().filter(|name| head.raw(name).is_some()).count();
    let first_is_field = head.names().next().is_some_and(|name| {
        TELLING.contains(&name) || USUAL.contains(&name) || name.starts_with("x-") || name.starts_with("arc-") || name.starts_with("list-")
    });
    first_is_field && (count(TELLING) >= 1 && head.len() >= 2 || count(USUAL) >= 2)
}

pub fn read(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    read_within(source, &tools.limits)
}

fn read_within(source: &Source<'_>, limits: &Limits) -> Outcome {
    let bytes = source.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source.bytes);
    let mut remarks = Vec::new();
    let unwrapped = match smime::unwrap(bytes, limits) {
        Wrapped::Signed(mail) => Some(mail),
        Wrapped::Encrypted => {
            remarks.push(Remark::new("M-002").word("file", source.name));
            None
        }
        Wrapped::Damaged => {
            remarks.push(Remark::new("M-001").word("file", source.name));
            None
        }
        Wrapped::Not => None,
    };
    let walk = structure::walk(unwrapped.as_deref().unwrap_or(bytes), limits);
    let mut mail = head(&walk.head);
    let (mut plain, mut html) = (Vec::new(), Vec::new());
    let mut total = 0usize;
    for leaf in &walk.leaves {
        match role(leaf) {
            Role::Plain => plain.push(text(leaf)),
            Role::Html => html.push(mail_parser::decoders::html::html_to_text(&text(leaf))),
            Role::Nothing => {}
            Role::Attachment => {
                let bytes = leaf.decoded();
                let name = part_name(leaf, &bytes, mail.parts.len() + 1);
                total = total.saturating_add(bytes.len());
                // One that is a program by its bytes says so itself when it is read.
                if executable::is_only_named_so(&name, &bytes) {
                    remarks.push(Remark::new("M-005").word("file", &name));
                }
                mail.parts.push(Part { name, bytes });
            }
        }
    }
    mail.body = if plain.iter().any(|text| !text.trim().is_empty()) { plain.join("\n") } else { html.join("\n") };
    remarks.extend(written_out(&mail.body).map(|name| Remark::new("M-003").word("file", name)));
    if walk.cut {
        remarks.push(Remark::new("M-001").word("file", source.name));
    }
    if total > MOST_ATTACHED {
        remarks.push(Remark::new("M-007").word("file", source.name));
    }
    let subject = mail.subject.as_deref().unwrap_or_default();
    if automatic::is_returned(&walk.head, subject, mail.from_address.as_deref().unwrap_or_default()) {
        remarks.push(Remark::new("M-012").word("file", source.name));
    }
    let remarks = remarks.into_iter().map(|remark| remark.at(Place::Whole { doc: source.doc })).collect();
    Outcome { content: Content::Mail(Box::new(mail)), remarks }
}

/// Mails of a thread that are remembered.
const MOST_ANSWERED: usize = 20;

/// The Message-ID of a mail, without its angle brackets.
pub fn id(bytes: &[u8]) -> Option<String> {
    Head::read(bytes).0.raw("message-id").and_then(message_id)
}

/// What the head alone says.
fn head(head: &Head) -> Mail {
    let (name, address) = ["from", "sender", "return-path"]
        .iter()
        .filter_map(|field| head.raw(field))
        .map(sender)
        .find(|found| found.1.is_some())
        .unwrap_or_default();
    let subject = head.text("subject");
    Mail {
        message_id: head.raw("message-id").and_then(message_id),
        answers: answers(head),
        automatic: automatic::is_automatic(head, subject.as_deref().unwrap_or_default(), address.as_deref().unwrap_or_default()),
        from_address: address,
        from_name: name,
        subject,
        date: head.text("date").and_then(|date| moment(&date)),
        body: String::new(),
        parts: Vec::new(),
    }
}

/// The first mailbox, also where a program has made one encoded word of name and address.
fn sender(raw: &[u8]) -> (Option<String>, Option<String>) {
    match mailbox(raw) {
        (_, None) => mailbox(header::text(raw).as_bytes()),
        found => found,
    }
}

/// Name and address of the first mailbox: `"名前" <name@example.jp>`, `name@example.jp (名前)`, `name@example.jp`.
fn mailbox(raw: &[u8]) -> (Option<String>, Option<String>) {
    let (mut quoted, mut jis, mut open) = (false, false, None);
    for (at, byte) in raw.iter().enumerate() {
        match byte {
            0x1b => jis = raw.get(at + 1) == Some(&b'$'),
            _ if jis => {}
            b'"' if at == 0 || raw.get(at - 1) != Some(&b'\\') => quoted = !quoted,
            b'<' if !quoted => {
                open = Some(at);
                break;
            }
            _ => {}
        }
    }
    // Quotes that never close hide nothing.
    let open = open.or_else(|| raw.iter().rposition(|byte| *byte == b'<'));
    let (before, inside) = match open {
        Some(at) => {
            let inside = raw.get(at + 1..).unwrap_or_default();
            (raw.get(..at).unwrap_or_default(), inside.split(|byte| *byte == b'>').next().unwrap_or_default())
        }
        None => (&[][..], raw),
    };
    let address = charset::sniff(inside)
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '<' | '>' | '"'))
        .find(|word| {
            word.split_once('@').is_some_and(|(person, domain)| !person.is_empty() && domain.contains('.') && !domain.contains('@'))
        })
        .map(|word| word.trim_start_matches("mailto:").to_owned())
        .filter(|word| word.len() <= 254);
    let name = header::text(before);
    let name = name.trim().trim_matches('"').replace("\\\"", "\"").split_whitespace().collect::<Vec<_>>().join(" ");
    ((!name.is_empty()).then_some(name), address)
}

/// What the mail answers, the nearest first: References grows at its end.
fn answers(head: &Head) -> Vec<String> {
    let ids = |field: &str| {
        let text = head.raw(field).map(|raw| String::from_utf8_lossy(raw).into_owned()).unwrap_or_default();
        text.split('<').skip(1).filter_map(|rest| message_id(format!("<{rest}").as_bytes())).collect::<Vec<_>>()
    };
    let mut found = ids("in-reply-to");
    for id in ids("references").into_iter().rev() {
        if !found.contains(&id) && found.len() < MOST_ANSWERED {
            found.push(id);
        }
    }
    found.truncate(MOST_ANSWERED);
    found
}

fn message_id(raw: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(raw);
    let inside = text.split_once('<').map_or(text.as_ref(), |(_, rest)| rest.split('>').next().unwrap_or_default());
    let id: String = inside.chars().filter(|c| !c.is_whitespace() && !c.is_control()).take(250).collect();
    (!id.is_empty()).then_some(id)
}

/// RFC 3339 in Japan.
fn moment(date: &str) -> Option<String> {
    let parsed = mail_parser::DateTime::parse_rfc822(date).filter(mail_parser::DateTime::is_valid)?;
    let timestamp = jiff::Timestamp::from_second(parsed.to_timestamp()).ok()?;
    Some(Moment::new(timestamp).to_string())
}

enum Role {
    Plain,
    Html,
    Attachment,
    /// Signatures, reports and small pictures of a layout.
    Nothing,
}

fn role(leaf: &Leaf<'_>) -> Role {
    let attached = leaf.disposition.main == "attachment" || leaf.name().is_some();
    match leaf.kind.as_str() {
        "text/plain" | "text" if !attached => Role::Plain,
        "text/html" if !attached => Role::Html,
        "application/pgp-signature" | "application/pkcs7-signature" | "application/x-pkcs7-signature" => Role::Nothing,
        // An envelope that could not be opened is told by the mail.
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => Role::Nothing,
        "message/delivery-status" | "message/disposition-notification" | "text/rfc822-headers" | "text/calendar" if !attached => {
            Role::Nothing
        }
        kind if kind.starts_with("image/") && leaf.disposition.main != "attachment" => {
            let decorates = leaf.around == "multipart/related" && leaf.head.raw("content-id").is_some();
            // Base64 takes a third more.
            let is_light = leaf.body.len() < DECORATION / 3 * 4;
            if decorates && is_light && !image::may_be_page(&leaf.decoded()) { Role::Nothing } else { Role::Attachment }
        }
        _ if leaf.body.trim_ascii().is_empty() && !attached => Role::Nothing,
        _ => Role::Attachment,
    }
}

fn text(leaf: &Leaf<'_>) -> String {
    let mut bytes = leaf.decoded();
    bytes.truncate(LONGEST_TEXT);
    let label = leaf.content_type.plain("charset").map(|label| String::from_utf8_lossy(&label).into_owned()).unwrap_or_default();
    charset::decode(&label, &bytes).replace("\r\n", "\n")
}

fn part_name(leaf: &Leaf<'_>, bytes: &[u8], number: usize) -> String {
    let ending = match leaf.kind.as_str() {
        "message/rfc822" | "message/global" => ".eml",
        "application/pdf" => ".pdf",
        "application/zip" | "application/x-zip-compressed" => ".zip",
        "text/csv" => ".csv",
        "text/xml" | "application/xml" => ".xml",
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/tiff" => ".tif",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => ".xlsx",
        _ => "",
    };
    let fallback = format!("添付{number}{ending}");
    match leaf.name() {
        Some(name) => names::clean(&name, &fallback),
        None if ending == ".eml" => {
            let subject = Head::read(bytes).0.text("subject");
            names::clean(&subject.map(|subject| format!("{}.eml", subject.replace(['/', '\\'], "_"))).unwrap_or_default(), &fallback)
        }
        None => fallback,
    }
}

/// Names of files that a program of old wrote into the text as letters (uuencode): `begin 644 name`.
fn written_out(body: &str) -> impl Iterator<Item = &str> {
    fn name(line: &str) -> Option<&str> {
        let (mode, name) = line.strip_prefix("begin ")?.split_once(' ')?;
        let is_mode = (3..=4).contains(&mode.len()) && mode.bytes().all(|digit| matches!(digit, b'0'..=b'7'));
        Some(name.trim()).filter(|name| is_mode && !name.is_empty())
    }
    let has_end = body.lines().any(|line| line.trim_end() == "end");
    body.lines().filter_map(name).filter(move |_| has_end).take(MOST_WRITTEN_OUT)
}

#[cfg(test)]
mod tests;
