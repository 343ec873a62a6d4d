//! Many mails in one file, divided by lines that begin with `From `.
//!
//! Owns the division. Never reads a mail: each is a part of its own.

use crate::domain::finding::Remark;
use crate::domain::reading::{Content, Part};
use crate::reading::format::{Outcome, Source, Tools};
use crate::reading::names;

pub fn sniff(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let first = lines.next().is_some_and(divides);
    let field = lines.next().and_then(|line| line.split(|byte| *byte == b':').next().map(|name| (name.len(), line.len(), name)));
    first && field.is_some_and(|(name, line, bytes)| name > 0 && name < line && bytes.iter().all(|byte| byte.is_ascii_graphic()))
}

pub fn read(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    let (parts, whole) = divided(source.bytes, tools.limits.parts);
    let remark = Remark::new("M-001").word("file", source.name);
    Outcome { content: Content::Archive { parts, locked: Vec::new() }, remarks: if whole { Vec::new() } else { vec![remark] } }
}

/// The mails, and whether these are all.
fn divided(bytes: &[u8], most: usize) -> (Vec<Part>, bool) {
    let mut parts: Vec<Part> = Vec::new();
    let mut blank = true;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if blank && divides(line) {
            if parts.len() >= most {
                return (named(parts), false);
            }
            parts.push(Part { name: String::new(), bytes: Vec::new() });
        } else if let Some(part) = parts.last_mut() {
            part.bytes.extend_from_slice(unescaped(line));
        }
        blank = line.trim_ascii().is_empty();
    }
    (named(parts), true)
}

/// `From someone Fri Apr 10 09:12:00 2026`: a sentence that begins with From has no time of day.
fn divides(line: &[u8]) -> bool {
    line.strip_prefix(b"From ").is_some_and(|rest| {
        let digit = |byte: u8| byte.is_ascii_digit();
        rest.len() < 1000 && rest.windows(5).any(|w| matches!(w, [a, b, b':', c, d] if digit(*a) && digit(*b) && digit(*c) && digit(*d)))
    })
}

/// `>From` stood as `From` in the mail.
fn unescaped(line: &[u8]) -> &[u8] {
    let bare = line.iter().position(|byte| *byte != b'>').and_then(|at| line.get(at..)).unwrap_or_default();
    if line.starts_with(b">") && bare.starts_with(b"From ") { line.get(1..).unwrap_or(line) } else { line }
}

/// Each named by its Message-ID, or by its number.
fn named(mut parts: Vec<Part>) -> Vec<Part> {
    for (n, part) in parts.iter_mut().enumerate() {
        let fallback = format!("mail-{:04}.eml", n + 1);
        part.name = match crate::reading::mail::id(&part.bytes) {
            Some(id) => names::clean(&format!("{}.eml", id.replace(['/', '\\'], "_")), &fallback),
            None => fallback,
        };
        // The blank line before the next mail belongs to the division.
        for ending in [&b"\r\n\r\n"[..], b"\n\n"] {
            if part.bytes.ends_with(ending) {
                part.bytes.truncate(part.bytes.len() - ending.len() / 2);
                break;
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_are_divided_and_unescaped() {
        let text = "From a Fri Apr 10 09:12:00 2026\nMessage-ID: <1@x>\nSubject: a\n\nFrom here on\n>From there\n>>From deep\n\n\
                    From b Fri Apr 10 09:13:00 2026\nSubject: b\n\nbody\n\n";
        assert!(sniff(text.as_bytes()));
        let (parts, whole) = divided(text.as_bytes(), 2);
        assert!(whole);
        assert!(!divided(text.as_bytes(), 1).1, "a limit is told");
        assert_eq!(parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["1@x.eml", "mail-0002.eml"]);
        assert_eq!(parts[0].bytes, b"Message-ID: <1@x>\nSubject: a\n\nFrom here on\nFrom there\n>From deep\n");
        assert_eq!(parts[1].bytes, b"Subject: b\n\nbody\n");
    }

    #[test]
    fn a_letter_that_begins_with_from_is_no_mbox() {
        assert!(!sniff(b"From the beginning\nSubject: x\n"));
        assert!(!sniff(b"From a Fri Apr 10 09:12:00 2026\n\nno field"));
    }
}
