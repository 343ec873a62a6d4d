//! A mail that Outlook has saved (.msg): properties and attachments in an OLE container (MS-OXMSG).
//!
//! Owns the way back to the message as it goes over the wire; what that says is read by [`mail`], and a message that is attached becomes a
//! message of its own. Never reads rich text: a mail that says nothing in another form is told as one that the desk does not take.

mod properties;

use crate::domain::finding::Remark;
use crate::domain::place::Place;
use crate::reading::format::{Limits, Outcome, Source, Tools};
use crate::reading::mail::header::Head;
use crate::reading::ole::{Container, MAGIC, ROOT};
use crate::reading::{mail, names};
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Attachment, Body, MultiPart, SinglePart};
use properties::{Properties, id};
use std::collections::BTreeSet;

/// An OLE container whose outermost storage has the properties of a message.
pub fn sniff(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC) && Container::open(bytes).is_some_and(|container| Properties::are_in(&container, ROOT))
}

pub fn read(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    let Some(container) = Container::open(source.bytes) else {
        return Outcome::unreadable(Remark::new("M-001").word("file", source.name));
    };
    let mut scribe = Scribe {
        container: &container,
        limits: &tools.limits,
        room: tools.limits.unpacked,
        seen: 0,
        opened: BTreeSet::new(),
        remarks: Vec::new(),
    };
    let Some(bytes) = scribe.message(ROOT, source.name, 0) else {
        return Outcome::unreadable(Remark::new("M-001").word("file", source.name));
    };
    let mut outcome = mail::read(&Source { bytes: &bytes, ..*source }, tools);
    outcome.remarks.extend(scribe.remarks.into_iter().map(|remark| remark.at(Place::Whole { doc: source.doc })));
    outcome
}

struct Scribe<'a> {
    container: &'a Container<'a>,
    limits: &'a Limits,
    /// Bytes that may still be looked at: a directory may name one stream many times.
    room: usize,
    /// Attachments that were looked at.
    seen: usize,
    /// Those that were written down: one may lie within itself.
    opened: BTreeSet<usize>,
    /// What could not be written down.
    remarks: Vec<Remark>,
}

impl Scribe<'_> {
    /// A message and all that is attached to it, as long as there is room; `name` is for messages about it only.
    fn message(&mut self, storage: usize, name: &str, depth: usize) -> Option<Vec<u8>> {
        let own = self.weighed(Properties::of_message(self.container, storage, depth > 0))?;
        let mut bytes = own.head();
        let mut attached: Vec<(&str, usize)> =
            self.container.members(storage).into_iter().filter(|(name, _)| name.starts_with("__attach_version1.0_")).collect();
        attached.sort_unstable();
        if own.is_in_envelope()
            && let [(_, envelope)] = attached[..]
            && let Some(content) = self.envelope(envelope)
        {
            bytes.extend(content);
            return Some(bytes);
        }
        let text = own.text(id::TEXT).filter(|text| !text.trim().is_empty());
        let html = own.html();
        if text.is_none() && html.is_none() && own.bytes(id::RICH_TEXT).is_some_and(|rich| !rich.is_empty()) {
            self.remarks.push(Remark::new("M-003").word("file", name));
        }
        let page = html.map(|(kind, html)| part(kind, html));
        let body = text.map(|text| part(ContentType::TEXT_PLAIN, text.into_bytes())).or(page);
        // What belongs to a text as decoration is told by this kind.
        let boundary = format!("=_saved_{storage}");
        let mut whole = MultiPart::related().boundary(boundary).singlepart(body.unwrap_or_else(|| SinglePart::plain(String::new())));
        for (n, (_, attachment)) in attached.into_iter().enumerate() {
            if self.seen >= self.limits.parts {
                self.remarks.push(Remark::new("M-001").word("file", name));
                break;
            }
            self.seen += 1;
            if let Some(part) = self.attachment(attachment, &format!("添付{}", n + 1), depth) {
                whole = whole.singlepart(part);
            }
        }
        bytes.extend(whole.formatted());
        Some(bytes)
    }

    /// These properties, if there is room to look at all of them.
    fn weighed<'p>(&mut self, properties: Properties<'p>) -> Option<Properties<'p>> {
        let left = self.room.checked_sub(properties.weight());
        self.room = left.unwrap_or_default();
        left.map(|_| properties)
    }

    /// An attachment as a part, or a remark that it was left out.
    fn attachment(&mut self, storage: usize, fallback: &str, depth: usize) -> Option<SinglePart> {
        let mut name = fallback.to_owned();
        let mut part = None;
        if self.room > 0
            && let Some(own) = self.weighed(Properties::of_attachment(self.container, storage))
        {
            let named = [id::LONG_NAME, id::SHORT_NAME, id::DISPLAY_NAME].into_iter().find_map(|id| own.text(id));
            name = names::clean(&named.unwrap_or_default(), fallback);
            part = self.content(storage, &own, &name, depth);
        }
        if part.is_none() {
            self.remarks.push(Remark::new("M-001").word("file", &name));
        }
        part
    }

    fn content(&mut self, storage: usize, own: &Properties<'_>, name: &str, depth: usize) -> Option<SinglePart> {
        if depth >= self.limits.depth || !self.opened.insert(storage) {
            return None;
        }
        if let Some(inner) = own.message() {
            let message = self.message(inner, name, depth + 1)?;
            let body = Body::dangerous_pre_encoded(message, ContentTransferEncoding::Binary);
            let name = if name.ends_with(".eml") { name.to_owned() } else { format!("{name}.eml") };
            return Some(Attachment::new(name).body(body, kind("message/rfc822")));
        }
        let bytes = own.bytes(id::CONTENT)?;
        let attachment = match own.text(id::CONTENT_ID).filter(|_| own.is_hidden()) {
            Some(id) => Attachment::new_inline_with_name(id.chars().filter(char::is_ascii_graphic).collect(), name.to_owned()),
            None => Attachment::new(name.to_owned()),
        };
        Some(attachment.body(encoded(bytes), kind(&own.text(id::MIME_KIND).unwrap_or_default())))
    }

    /// What lies in the only attachment of a signed or encrypted mail, with the fields that say what it is.
    fn envelope(&mut self, storage: usize) -> Option<Vec<u8>> {
        let bytes = self.weighed(Properties::of_attachment(self.container, storage))?.bytes(id::CONTENT)?;
        // A part signed in clear carries its fields itself.
        if Head::read(&bytes).0.raw("content-type").is_some() {
            return Some(bytes);
        }
        Some(SinglePart::builder().header(kind("application/pkcs7-mime")).body(encoded(bytes)).formatted())
    }
}

fn part(kind: ContentType, text: Vec<u8>) -> SinglePart {
    SinglePart::builder().header(kind).body(encoded(text))
}

/// Base64 takes any bytes.
fn encoded(bytes: Vec<u8>) -> Body {
    Body::new_with_encoding(bytes, ContentTransferEncoding::Base64).unwrap_or_else(Body::new)
}

fn kind(said: &str) -> ContentType {
    ContentType::parse(said).or_else(|_| ContentType::parse("application/octet-stream")).unwrap_or(ContentType::TEXT_PLAIN)
}

#[cfg(test)]
mod tests;
