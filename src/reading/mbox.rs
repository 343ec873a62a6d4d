//! Many mails in one file, divided by lines that begin with `From `.
//!
//! Owns the division, of bytes and of a stream. Never reads a mail: each is a part of its own.

use crate::domain::finding::Remark;
use crate::domain::reading::{Content, Part};
use crate::reading::format::{Outcome, Source, Tools};
use crate::reading::names;
use std::io::{self, BufRead, Read};

/// A longer line is taken in pieces.
const LONGEST_LINE: u64 = 64 << 10;

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
    let mut mails = Mails::new(bytes, usize::MAX);
    let mut parts: Vec<Part> = Vec::new();
    // Bytes in memory are read without a fault.
    while let Some(Ok(Mail::Whole(bytes))) = mails.next() {
        if parts.len() >= most {
            return (parts, false);
        }
        parts.push(Part { name: name(&bytes, parts.len() + 1), bytes });
    }
    (parts, true)
}

/// A mail of a box.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mail {
    Whole(Vec<u8>),
    /// Passed over; so many bytes.
    TooLarge(u64),
}

/// The mails of a box one after another. Of the box no more is held than one mail.
pub struct Mails<R> {
    source: R,
    /// Bytes of one mail.
    most: usize,
    within: bool,
}

impl<R: BufRead> Mails<R> {
    pub fn new(source: R, most: usize) -> Self {
        Mails { source, most, within: false }
    }

    /// A line, or a piece of one that is longer than any line of a mail should be.
    fn line(&mut self, line: &mut Vec<u8>) -> io::Result<()> {
        line.clear();
        self.source.by_ref().take(LONGEST_LINE).read_until(b'\n', line).map(drop)
    }
}

impl<R: BufRead> Iterator for Mails<R> {
    type Item = io::Result<Mail>;

    fn next(&mut self) -> Option<Self::Item> {
        let (mut mail, mut size, mut line) = (Vec::new(), 0, Vec::new());
        let (mut blank, mut starts) = (true, true);
        loop {
            if let Err(error) = self.line(&mut line) {
                return Some(Err(error));
            }
            let ends = line.is_empty();
            if ends || (starts && blank && divides(&line)) {
                let before = std::mem::replace(&mut self.within, !ends);
                if before {
                    return Some(Ok(if size > self.most as u64 { Mail::TooLarge(size) } else { Mail::Whole(without_divider(mail)) }));
                }
                if ends {
                    return None;
                }
            } else if self.within {
                let text = if starts { unescaped(&line) } else { &line };
                size += text.len() as u64;
                // What will not be given out need not be held.
                if size > self.most as u64 { mail = Vec::new() } else { mail.extend_from_slice(text) }
            }
            blank = if starts { line.trim_ascii().is_empty() } else { blank && line.trim_ascii().is_empty() };
            starts = line.ends_with(b"\n");
        }
    }
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

/// Fields that a mail program writes into its box beside the mail, and changes when somebody reads it.
const MARKS: &[&str] = &["status:", "x-status:", "x-keywords:", "x-uid:", "x-mozilla-status:", "x-mozilla-status2:", "x-mozilla-keys:"];

/// The mail as it came, without what its box says about it.
pub fn without_marks(mail: &[u8]) -> Vec<u8> {
    let (mut kept, mut is_mark, mut is_head) = (Vec::with_capacity(mail.len()), false, true);
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        is_head &= !line.trim_ascii().is_empty();
        let continues = line.starts_with(b" ") || line.starts_with(b"\t");
        let begins = |field: &&str| line.get(..field.len()).is_some_and(|start| start.eq_ignore_ascii_case(field.as_bytes()));
        is_mark = is_head && if continues { is_mark } else { MARKS.iter().any(begins) };
        if !is_mark {
            kept.extend_from_slice(line);
        }
    }
    kept
}

/// The blank line before the next mail belongs to the division.
fn without_divider(mut mail: Vec<u8>) -> Vec<u8> {
    let endings = [&b"\r\n\r\n"[..], b"\n\n"];
    if let Some(ending) = endings.into_iter().find(|ending| mail.ends_with(ending)) {
        mail.truncate(mail.len() - ending.len() / 2);
    }
    mail
}

/// Its Message-ID, or its number.
fn name(mail: &[u8], number: usize) -> String {
    let fallback = format!("mail-{number:04}.eml");
    match crate::reading::mail::id(mail) {
        Some(id) => names::clean(&format!("{}.eml", id.replace(['/', '\\'], "_")), &fallback),
        None => fallback,
    }
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
    fn a_stream_is_divided_alike_and_holds_no_more_than_one_mail() {
        let long = "x".repeat(3 * LONGEST_LINE as usize);
        let text = format!(
            "preamble\n\nFrom a Fri Apr 10 09:12:00 2026\nSubject: a\n\n{long}From x Fri Apr 10 09:12:00 2026\n\nFrom b Fri Apr 10 09:13:00 2026\nSubject: b\n\nbody"
        );
        let mails =
            |most: usize| Mails::new(io::BufReader::with_capacity(7, text.as_bytes()), most).map(Result::unwrap).collect::<Vec<_>>();
        let all = mails(usize::MAX);
        let first = format!("Subject: a\n\n{long}From x Fri Apr 10 09:12:00 2026\n");
        assert_eq!(all, [Mail::Whole(first.clone().into_bytes()), Mail::Whole(b"Subject: b\n\nbody".to_vec())]);
        assert_eq!(mails(1000), [Mail::TooLarge(first.len() as u64 + 1), all[1].clone()]);
        assert!(Mails::new(&b""[..], 10).next().is_none() && Mails::new(&b"no box"[..], 10).next().is_none());
    }

    #[test]
    fn what_a_box_says_about_a_mail_is_no_part_of_it() {
        let mail = b"Subject: x\nX-Mozilla-Keys: a\n b\nStatus: RO\nFrom: a\n\nStatus: ok\n";
        assert_eq!(without_marks(mail), b"Subject: x\nFrom: a\n\nStatus: ok\n");
        assert_eq!(without_marks(b"Status-Report: x\r\n\r\ny"), b"Status-Report: x\r\n\r\ny");
    }

    #[test]
    fn a_letter_that_begins_with_from_is_no_mbox() {
        assert!(!sniff(b"From the beginning\nSubject: x\n"));
        assert!(!sniff(b"From a Fri Apr 10 09:12:00 2026\n\nno field"));
    }
}
