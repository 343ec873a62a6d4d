//! The parts of a message, as ranges of its bytes.
//!
//! Owns multipart nesting and its bounds. The walk is flat: a message that opens itself for ever costs no stack.
//! Every part keeps its raw bytes: text may be an attachment whose charset is none of our business.

use crate::reading::format::Limits;
use crate::reading::mail::header::{self, Head};
use crate::reading::mail::parameter::Structured;

/// A part that is no multipart.
pub struct Leaf<'a> {
    pub head: Head,
    /// Content-Type without parameters, such as `text/plain`.
    pub kind: String,
    pub content_type: Structured,
    pub disposition: Structured,
    /// As sent, before transfer decoding.
    pub body: &'a [u8],
    /// The multipart around it, such as `multipart/alternative`; empty at the top.
    pub around: String,
}

/// What the walk found.
#[derive(Default)]
pub struct Walk<'a> {
    /// The head of the message itself.
    pub head: Head,
    pub leaves: Vec<Leaf<'a>>,
    /// Parts beyond the bounds were left out.
    pub cut: bool,
}

/// An open multipart.
struct Level {
    boundary: Vec<u8>,
    kind: String,
}

/// A line that divides parts: its bytes and the level it belongs to.
struct Delimiter {
    start: usize,
    end: usize,
    level: usize,
    closes: bool,
}

pub fn walk<'a>(bytes: &'a [u8], limits: &Limits) -> Walk<'a> {
    let mut walk = Walk::default();
    let mut levels: Vec<Level> = Vec::new();
    let mut at = 0;
    // Multiparts count as parts: one that only opens itself ends here.
    for number in 0..limits.parts.saturating_mul(2) {
        let (head, length) = Head::read(bytes.get(at..).unwrap_or_default());
        if number == 0 {
            walk.head = head.clone();
        }
        let around = levels.last().map(|level| level.kind.clone()).unwrap_or_default();
        let content_type = Structured::read(head.raw("content-type").unwrap_or_default());
        let kind = match content_type.main.as_str() {
            "" if around == "multipart/digest" => "message/rfc822".to_owned(),
            "" => "text/plain".to_owned(),
            main => main.to_owned(),
        };
        let is_multipart = kind.starts_with("multipart/");
        let boundary = content_type.plain("boundary").filter(|boundary| is_multipart && !boundary.is_empty());
        let own = levels.len();
        match boundary {
            Some(boundary) if own < limits.depth => levels.push(Level { boundary, kind: kind.clone() }),
            Some(_) => walk.cut = true,
            None => {}
        }
        let body_at = at + length;
        let mut delimiter = next_delimiter(bytes, body_at, &levels);
        // A multipart that never divides is read as the text it probably is.
        let opened = levels.len() > own && delimiter.as_ref().is_some_and(|line| line.level == own);
        let too_deep = is_multipart && own >= limits.depth;
        if !opened && !too_deep {
            let end = delimiter.as_ref().map_or(bytes.len(), |line| line.start);
            let body = bytes.get(body_at..end).unwrap_or_default();
            let body = if delimiter.is_some() { without_last_break(body) } else { body };
            let kind = if is_multipart { "text/plain".to_owned() } else { kind };
            let disposition = Structured::read(head.raw("content-disposition").unwrap_or_default());
            walk.leaves.push(Leaf { head, kind, content_type, disposition, body, around });
        }
        // What follows a closing line is for nobody.
        while let Some(line) = delimiter.take_if(|line| line.closes) {
            levels.truncate(line.level);
            delimiter = next_delimiter(bytes, line.end, &levels);
        }
        let Some(line) = delimiter else { return walk };
        if walk.leaves.len() >= limits.parts {
            break;
        }
        levels.truncate(line.level + 1);
        at = line.end;
    }
    walk.cut = true;
    walk
}

/// The first line from `at` on that belongs to an open multipart, the innermost of those that it fits.
fn next_delimiter(bytes: &[u8], mut at: usize, levels: &[Level]) -> Option<Delimiter> {
    if levels.is_empty() {
        return None;
    }
    while let Some(line) = header::next_line(bytes, at) {
        let end = at + line.len();
        if let Some(text) = line.strip_prefix(b"--") {
            let text = text.trim_ascii_end();
            let (open, close) = (text, text.strip_suffix(b"--"));
            for (level, Level { boundary, .. }) in levels.iter().enumerate().rev() {
                if open == boundary.as_slice() || close == Some(boundary.as_slice()) {
                    return Some(Delimiter { start: at, end, level, closes: open != boundary.as_slice() });
                }
            }
        }
        at = end;
    }
    None
}

/// The line break before a delimiter belongs to the delimiter.
fn without_last_break(body: &[u8]) -> &[u8] {
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    body.strip_suffix(b"\r").unwrap_or(body)
}

impl Leaf<'_> {
    /// The body as it was before it was sent.
    pub fn decoded(&self) -> Vec<u8> {
        match self.head.word("content-transfer-encoding").as_str() {
            "base64" => header::base64(self.body),
            "quoted-printable" => header::quoted(self.body, false),
            _ => self.body.to_vec(),
        }
    }

    /// The name that the sender gave it, by whichever field says one.
    pub fn name(&self) -> Option<String> {
        self.disposition.text("filename").or_else(|| self.content_type.text("name")).or_else(|| self.disposition.text("name"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(message: &str) -> Vec<String> {
        walk(message.as_bytes(), &Limits::default())
            .leaves
            .iter()
            .map(|leaf| format!("{} in {}: {}", leaf.kind, leaf.around, String::from_utf8_lossy(leaf.body).trim()))
            .collect()
    }

    #[test]
    fn parts_inside_parts() {
        let message = "Content-Type: multipart/mixed; boundary=\"a\"\n\npreamble\n--a\n\
            Content-Type: multipart/alternative; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: text/html\n\nhtml\n--b--\nepilogue\n\
            --a\nContent-Type: application/pdf\n\npdf\n--a--\nend";
        assert_eq!(
            kinds(message),
            [
                "text/plain in multipart/alternative: text",
                "text/html in multipart/alternative: html",
                "application/pdf in multipart/mixed: pdf"
            ]
        );
    }

    #[test]
    fn an_outer_line_closes_what_was_left_open() {
        let message =
            "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--a\n\ntwo";
        assert_eq!(kinds(message), ["text/plain in multipart/mixed: one", "text/plain in multipart/mixed: two"]);
    }

    #[test]
    fn a_multipart_without_parts_is_text() {
        assert_eq!(kinds("Content-Type: multipart/mixed; boundary=a\n\nnothing"), ["text/plain in : nothing"]);
        assert_eq!(kinds("Content-Type: multipart/mixed\n\nnothing"), ["text/plain in : nothing"]);
        assert_eq!(kinds("Subject: x"), ["text/plain in : "]);
    }

    #[test]
    fn a_message_that_opens_itself_ends() {
        let message = "Content-Type: multipart/mixed; boundary=x\n\n--x\n".repeat(100_000);
        let walk = walk(message.as_bytes(), &Limits::default());
        assert!(walk.cut && walk.leaves.is_empty());
    }

    #[test]
    fn many_parts_are_cut_with_notice() {
        let message = format!("Content-Type: multipart/mixed; boundary=x\n\n{}", "--x\n\na\n".repeat(1000));
        let walk = walk(message.as_bytes(), &Limits::default());
        assert!(walk.cut);
        assert_eq!(walk.leaves.len(), Limits::default().parts);
    }
}
