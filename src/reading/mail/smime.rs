//! S/MIME: a mail whose content lies inside a signature (CMS SignedData), unwrapped.
//!
//! Owns the way to the signed content. Never checks a signature, never holds a key: what is encrypted stays shut.

use super::header::{self, Head};
use super::structure;
use crate::reading::format::Limits;

pub enum Wrapped {
    /// No envelope at all.
    Not,
    /// The mail with the content that was signed.
    Signed(Vec<u8>),
    /// Encrypted for somebody's key.
    Encrypted,
    Damaged,
}

/// Contents signed in contents that are opened.
const DEEPEST: usize = 64;

/// Looks into a mail whose content type is an opaque envelope.
pub fn unwrap(bytes: &[u8], limits: &Limits) -> Wrapped {
    let (head, length) = Head::read(bytes);
    let kind = head.text("content-type").unwrap_or_default().to_ascii_lowercase();
    if !["application/pkcs7-mime", "application/x-pkcs7-mime"].iter().any(|mime| kind.starts_with(mime)) {
        return Wrapped::Not;
    }
    let walk = structure::walk(bytes, limits);
    let Some(envelope) = walk.leaves.first().map(structure::Leaf::decoded) else { return Wrapped::Damaged };
    match content(&envelope) {
        Some(Content::Signed(inner)) => {
            let mut mail = header::of_the_message(bytes.get(..length).unwrap_or_default());
            mail.extend_from_slice(&inner);
            Wrapped::Signed(mail)
        }
        Some(Content::Other) => Wrapped::Encrypted,
        None => Wrapped::Damaged,
    }
}

enum Content {
    Signed(Vec<u8>),
    Other,
}

/// 1.2.840.113549.1.7.2
const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];

fn content(envelope: &[u8]) -> Option<Content> {
    let mut info = Element::read(envelope)?.0.children();
    let kind = info.next()?;
    if kind.tag != 0x06 {
        return None;
    }
    if kind.body != SIGNED_DATA {
        return Some(Content::Other);
    }
    let signed = info.next().filter(|element| element.tag == 0xA0)?.children().next()?;
    // Version and digest algorithms come before it.
    let inner = signed
        .children()
        .filter(|element| element.tag == 0x30)
        .find(|element| element.children().next().is_some_and(|id| id.tag == 0x06))?;
    let holder = inner.children().nth(1).filter(|element| element.tag == 0xA0)?;
    let mut bytes = Vec::new();
    holder.children().next()?.octets(&mut bytes, 0)?;
    Some(Content::Signed(bytes))
}

/// An element of BER: definite or indefinite length, primitive or constructed.
#[derive(Clone, Copy)]
struct Element<'a> {
    tag: u8,
    body: &'a [u8],
}

impl<'a> Element<'a> {
    /// The first element, and how many bytes it takes.
    fn read(bytes: &'a [u8]) -> Option<(Element<'a>, usize)> {
        Element::read_within(bytes, 0)
    }

    fn read_within(bytes: &'a [u8], depth: usize) -> Option<(Element<'a>, usize)> {
        let tag = *bytes.first()?;
        // Tags of several bytes do not occur here.
        if tag & 0x1F == 0x1F || depth > DEEPEST {
            return None;
        }
        let first = *bytes.get(1)?;
        match first {
            0..0x80 => {
                let end = 2 + usize::from(first);
                Some((Element { tag, body: bytes.get(2..end)? }, end))
            }
            0x80 => {
                // Until two zeros; what lies inside is measured element by element.
                let mut at = 2;
                while bytes.get(at..at + 2)? != [0, 0] {
                    at += Element::read_within(bytes.get(at..)?, depth + 1)?.1;
                }
                Some((Element { tag, body: bytes.get(2..at)? }, at + 2))
            }
            _ => {
                let places = usize::from(first & 0x7F);
                let size =
                    bytes.get(2..2 + places).filter(|_| places <= 8)?.iter().fold(0usize, |size, byte| (size << 8) | usize::from(*byte));
                let begin = 2 + places;
                let end = begin.checked_add(size)?;
                Some((Element { tag, body: bytes.get(begin..end)? }, end))
            }
        }
    }

    fn children(self) -> impl Iterator<Item = Element<'a>> {
        let mut rest = self.body;
        std::iter::from_fn(move || {
            let (element, length) = Element::read(rest)?;
            rest = rest.get(length..)?;
            Some(element)
        })
    }

    /// The bytes of an octet string, in one piece or in several.
    fn octets(self, bytes: &mut Vec<u8>, depth: usize) -> Option<()> {
        match self.tag {
            0x04 => bytes.extend_from_slice(self.body),
            0x24 if depth < DEEPEST => {
                for part in self.children() {
                    part.octets(bytes, depth + 1)?;
                }
            }
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: u8, body: &[u8]) -> Vec<u8> {
        let length = body.len();
        let size = if length < 0x80 { vec![length as u8] } else { vec![0x82, (length >> 8) as u8, length as u8] };
        [&[tag][..], &size, body].concat()
    }

    /// The same with its end marked instead of its length.
    fn open(tag: u8, body: &[u8]) -> Vec<u8> {
        [&[tag, 0x80][..], body, &[0, 0]].concat()
    }

    const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01];
    const ENVELOPED: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x03];

    fn signed(make: fn(u8, &[u8]) -> Vec<u8>, octets: &[u8]) -> Vec<u8> {
        let algorithms = element(0x31, &element(0x30, &element(0x06, &[0x60])));
        let inner = make(0x30, &[element(0x06, DATA), make(0xA0, octets)].concat());
        let body = make(0x30, &[element(0x02, &[1]), algorithms, inner, element(0x31, &[])].concat());
        make(0x30, &[element(0x06, SIGNED_DATA), make(0xA0, &body)].concat())
    }

    fn mail(envelope: &[u8]) -> Vec<u8> {
        let head = "From: a@example.jp\r\nSubject: x\r\nContent-Type: application/pkcs7-mime;\r\n smime-type=signed-data; name=smime.p7m\r\nContent-Transfer-Encoding: binary\r\n\r\n";
        [head.as_bytes(), envelope].concat()
    }

    const INNER: &[u8] = b"Content-Type: text/plain; charset=utf-8\r\n\r\nhello";

    #[test]
    fn signed_content_is_unwrapped_however_it_is_measured() {
        let pieces = open(0x24, &[element(0x04, &INNER[..20]), element(0x04, &INNER[20..])].concat());
        for envelope in [signed(element, &element(0x04, INNER)), signed(open, &pieces)] {
            let Wrapped::Signed(mail) = unwrap(&mail(&envelope), &Limits::default()) else { panic!() };
            assert_eq!(
                String::from_utf8(mail).unwrap(),
                "From: a@example.jp\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhello"
            );
        }
    }

    #[test]
    fn what_is_encrypted_or_damaged_says_so() {
        let enveloped = element(0x30, &[element(0x06, ENVELOPED), element(0xA0, &element(0x30, &[]))].concat());
        assert!(matches!(unwrap(&mail(&enveloped), &Limits::default()), Wrapped::Encrypted));
        let whole = signed(element, &element(0x04, INNER));
        assert!(matches!(unwrap(&mail(&whole[..whole.len() / 2]), &Limits::default()), Wrapped::Damaged));
        assert!(matches!(unwrap(&mail(&[0x30, 0x80].repeat(10_000)), &Limits::default()), Wrapped::Damaged));
        assert!(matches!(unwrap(b"From: a@example.jp\r\nSubject: x\r\n\r\nbody", &Limits::default()), Wrapped::Not));
    }
}
