//! winmail.dat: what Outlook makes of a mail's attachments when it writes in its own format (TNEF).
//!
//! Owns the stream of attributes and the attachments in it. The text of the mail stands in the mail itself.

use crate::domain::finding::Remark;
use crate::domain::reading::{Content, Part};
use crate::reading::format::{Outcome, Source, Tools};
use crate::reading::{charset, executable, names};

const SIGNATURE: &[u8] = &[0x78, 0x9F, 0x3E, 0x22];

/// A new attachment begins, its title, its bytes, its properties.
const BEGIN: u32 = 0x0006_9002;
const TITLE: u32 = 0x0001_8010;
const DATA: u32 = 0x0006_800F;
const PROPERTIES: u32 = 0x0006_9005;

const LONG_NAME: u16 = 0x3707;
const SHORT_NAME: u16 = 0x3704;
const BYTES: u16 = 0x3701;

pub fn sniff(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

pub fn read(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    let mut found: Vec<Attachment> = Vec::new();
    let whole = attributes(source.bytes, &mut |id, data| match id {
        BEGIN => found.push(Attachment::default()),
        TITLE => last(&mut found, |one| one.title = charset::sniff(trimmed(data))),
        DATA => last(&mut found, |one| one.bytes = data.to_vec()),
        PROPERTIES => last(&mut found, |one| {
            // What follows a damaged property is lost; what came before it is kept.
            let _ = properties(data, one);
        }),
        _ => {}
    });
    let mut remarks = Vec::new();
    if !whole || found.len() > tools.limits.parts {
        remarks.push(Remark::new("M-001").word("file", source.name));
        found.truncate(tools.limits.parts);
    }
    let mut parts = Vec::new();
    for (n, one) in found.into_iter().enumerate().filter(|(_, one)| !one.bytes.is_empty()) {
        let named = [&one.long, &one.title].into_iter().find(|name| !name.trim().is_empty()).cloned().unwrap_or_default();
        let name = names::clean(&named, &format!("添付{}", n + 1));
        if executable::is_only_named_so(&name, &one.bytes) {
            remarks.push(Remark::new("M-005").word("file", &name));
        }
        parts.push(Part { name, bytes: one.bytes });
    }
    Outcome { content: Content::Archive { parts, locked: Vec::new() }, remarks }
}

#[derive(Default)]
struct Attachment {
    title: String,
    long: String,
    bytes: Vec<u8>,
}

fn last(found: &mut [Attachment], act: impl FnOnce(&mut Attachment)) {
    if let Some(one) = found.last_mut() {
        act(one);
    }
}

/// Text ends at its first zero.
fn trimmed(data: &[u8]) -> &[u8] {
    data.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// Hands over every attribute; false where the stream breaks off.
fn attributes<'a>(bytes: &'a [u8], act: &mut dyn FnMut(u32, &'a [u8])) -> bool {
    // Signature and key, then level, id, length, data and checksum of each.
    let mut at = 6;
    while at < bytes.len() {
        let (Some(id), Some(length)) = (u32_at(bytes, at + 1), u32_at(bytes, at + 5)) else { return false };
        let data = at + 9;
        let Some(content) = data.checked_add(length as usize).and_then(|end| bytes.get(data..end)) else { return false };
        act(id, content);
        at = data + content.len() + 2;
    }
    true
}

/// The properties of an attachment: its long name, and its bytes where they stand here.
fn properties(data: &[u8], one: &mut Attachment) -> Option<()> {
    let count = u32_at(data, 0)?;
    let mut at = 4usize;
    for _ in 0..count {
        let (kind, id) = (u16_at(data, at)?, u16_at(data, at + 2)?);
        at += 4;
        if id >= 0x8000 {
            // A name of its own: a set, and a number or a text.
            let by_text = u32_at(data, at + 16)? == 1;
            let size = u32_at(data, at + 20)? as usize;
            at = at.checked_add(if by_text { 24usize.checked_add(padded(size)?)? } else { 24 })?;
        }
        let values = if kind & 0x1000 != 0 || is_long(kind) { u32_at(data, at)? } else { 1 };
        at += if kind & 0x1000 != 0 || is_long(kind) { 4 } else { 0 };
        for _ in 0..values {
            let size = match kind & 0x0FFF {
                0x0002 | 0x0003 | 0x0004 | 0x000A | 0x000B => 4,
                0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => 8,
                0x0048 => 16,
                long if is_long(long) => {
                    let size = u32_at(data, at)? as usize;
                    at += 4;
                    size
                }
                _ => return None,
            };
            let value = data.get(at..at.checked_add(size)?)?;
            match (id, kind & 0x0FFF) {
                (LONG_NAME, 0x001F) => one.long = charset::utf16(value),
                (LONG_NAME, 0x001E) => one.long = charset::sniff(trimmed(value)),
                (SHORT_NAME, 0x001F) if one.title.is_empty() => one.title = charset::utf16(value),
                (BYTES, 0x0102) if one.bytes.is_empty() => one.bytes = value.to_vec(),
                _ => {}
            }
            at = at.checked_add(padded(size)?)?;
        }
    }
    Some(())
}

/// Texts, bytes and objects carry their own length.
fn is_long(kind: u16) -> bool {
    matches!(kind & 0x0FFF, 0x000D | 0x001E | 0x001F | 0x0102)
}

fn padded(size: usize) -> Option<usize> {
    size.checked_add(3).map(|size| size & !3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::DocId;
    use crate::reading::format::{Blind, Limits};

    fn attribute(id: u32, data: &[u8]) -> Vec<u8> {
        let sum: u32 = data.iter().map(|byte| u32::from(*byte)).sum();
        [&[2u8][..], &id.to_le_bytes(), &(data.len() as u32).to_le_bytes(), data, &(sum as u16).to_le_bytes()].concat()
    }

    fn stream(attributes: &[Vec<u8>]) -> Vec<u8> {
        [SIGNATURE, &[1, 0], &attributes.concat()].concat()
    }

    fn text(id: u16, value: &str) -> Vec<u8> {
        let units: Vec<u8> = value.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        let mut property =
            [&0x001Fu16.to_le_bytes()[..], &id.to_le_bytes(), &1u32.to_le_bytes(), &(units.len() as u32).to_le_bytes(), &units].concat();
        property.resize(property.len().next_multiple_of(4), 0);
        property
    }

    fn opened(bytes: &[u8]) -> (Vec<(String, Vec<u8>)>, Vec<String>) {
        assert!(sniff(bytes));
        let outcome =
            read(&Source { doc: DocId::of(bytes), name: "winmail.dat", bytes }, &Tools { ocr: &Blind, limits: Limits::default() });
        let Content::Archive { parts, .. } = outcome.content else { panic!() };
        (
            parts.into_iter().map(|part| (part.name, part.bytes)).collect(),
            outcome.remarks.iter().map(|remark| remark.code.to_string()).collect(),
        )
    }

    #[test]
    fn attachments_keep_their_long_names_and_bytes() {
        // Before the name stand a number of two words and a property with a name of its own.
        let number = [&0x0003u16.to_le_bytes()[..], &0x0E20u16.to_le_bytes(), &7u32.to_le_bytes()].concat();
        let own = [
            &0x000Bu16.to_le_bytes()[..],
            &0x8001u16.to_le_bytes(),
            &[0; 16],
            &1u32.to_le_bytes(),
            &6u32.to_le_bytes(),
            b"a\0b\0\0\0\0\0",
            &1u32.to_le_bytes(),
        ]
        .concat();
        let properties = [&3u32.to_le_bytes()[..], &number, &own, &text(LONG_NAME, "契約書（写）.pdf")].concat();
        let (sjis, _, _) = encoding_rs::SHIFT_JIS.encode("稼働実績.csv\0");
        let bytes = stream(&[
            attribute(0x0008_9006, &[0, 0, 1, 0]),
            attribute(BEGIN, &[0; 14]),
            attribute(TITLE, b"KEIYAK~1.PDF\0"),
            attribute(DATA, b"%PDF-1.7 x"),
            attribute(PROPERTIES, &properties),
            attribute(BEGIN, &[0; 14]),
            attribute(TITLE, &sjis),
            attribute(DATA, b"a,b"),
        ]);
        let (parts, remarks) = opened(&bytes);
        assert_eq!(parts, [("契約書（写）.pdf".to_owned(), b"%PDF-1.7 x".to_vec()), ("稼働実績.csv".to_owned(), b"a,b".to_vec())]);
        assert!(remarks.is_empty());
        // What breaks off is said, and what came before is kept.
        let (parts, remarks) = opened(&bytes[..bytes.len() - 4]);
        assert_eq!((parts.len(), remarks), (1, vec!["M-001".to_owned()]));
    }

    #[test]
    fn lengths_that_lie_end_the_stream() {
        let mut bytes = stream(&[attribute(BEGIN, &[0; 14]), attribute(DATA, b"x")]);
        let at = bytes.len() - 7;
        bytes[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(opened(&bytes), (Vec::new(), vec!["M-001".to_owned()]));
        let endless = attribute(PROPERTIES, &[&u32::MAX.to_le_bytes()[..], &text(LONG_NAME, "a.pdf")].concat());
        let (parts, _) = opened(&stream(&[attribute(BEGIN, &[0; 14]), endless, attribute(DATA, b"x")]));
        assert_eq!(parts, [("a.pdf".to_owned(), b"x".to_vec())]);
    }

    #[test]
    fn programs_are_named() {
        let bytes = stream(&[attribute(BEGIN, &[]), attribute(TITLE, b"a.pdf.vbs\0"), attribute(DATA, b"x")]);
        assert_eq!(opened(&bytes).1, ["M-005"]);
    }
}
