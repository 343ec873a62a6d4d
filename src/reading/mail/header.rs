//! The head of a message or of one of its parts: fields as bytes, encoded words, parameters.
//!
//! Owns what RFC 5322, 2047 and 2231 say and what mailers make of it. Works on bytes to the end: a character may be cut
//! between two words or two segments, so text is decoded only after its bytes are whole again.

use crate::reading::charset;
use mail_parser::decoders::quoted_printable::quoted_printable_decode_char;

/// Bytes of one head, and fields in it, that are looked at.
const LONGEST_HEAD: usize = 1 << 20;
const MOST_FIELDS: usize = 2_000;

/// The fields of a head, in order, names in lower case, values unfolded.
#[derive(Clone, Default, Debug)]
pub struct Head {
    fields: Vec<(String, Vec<u8>)>,
}

impl Head {
    /// Reads the head at the beginning of the bytes; also says where the body begins.
    pub fn read(bytes: &[u8]) -> (Head, usize) {
        let mut head = Head::default();
        let mut at = 0;
        while let Some(line) = next_line(bytes, at) {
            let content = trim_end(line);
            if content.is_empty() {
                return (head, at + line.len());
            }
            let folded = content.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
            match (folded, name_of(content)) {
                (true, _) => {
                    if let Some((_, value)) = head.fields.last_mut() {
                        value.extend_from_slice(content);
                    }
                }
                (false, Some((name, value))) if head.fields.len() < MOST_FIELDS && at < LONGEST_HEAD => {
                    head.fields.push((name, value.to_vec()));
                }
                // A head that goes over into a body without a blank line.
                (false, None) if !content.starts_with(b">From ") && !content.starts_with(b"From ") => return (head, at),
                _ => {}
            }
            at += line.len();
        }
        (head, bytes.len())
    }

    pub fn len(&self) -> usize {
        self.fields.len()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }

    /// The bytes of the first field of that name.
    pub fn raw(&self, name: &str) -> Option<&[u8]> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim_ascii())
    }

    /// The decoded text of a field; `None` where it is missing or blank.
    pub fn text(&self, name: &str) -> Option<String> {
        let text = text(self.raw(name)?);
        let tidy = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (!tidy.is_empty()).then_some(tidy)
    }

    /// The field without encoded words, in lower case, for comparing.
    pub fn word(&self, name: &str) -> String {
        self.raw(name).map(|raw| String::from_utf8_lossy(raw).trim().to_ascii_lowercase()).unwrap_or_default()
    }
}

/// The fields of a head that say nothing of the content, as they stand there: who, when, what about. Each ends its line.
pub fn of_the_message(head: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut keeps = false;
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        if line.trim_ascii().is_empty() && !kept.is_empty() {
            break;
        }
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            keeps = name_of(line).is_some_and(|(name, _)| !name.starts_with("content-"));
        }
        if keeps {
            kept.extend_from_slice(trim_end(line));
            kept.extend_from_slice(b"\r\n");
        }
    }
    kept
}

/// A line with its end.
pub fn next_line(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
    let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |n| n + 1);
    rest.get(..end)
}

fn trim_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn name_of(line: &[u8]) -> Option<(String, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = line.get(..colon)?.trim_ascii_end();
    let sound = !name.is_empty() && name.len() < 100 && name.iter().all(|byte| byte.is_ascii_graphic());
    sound.then(|| (String::from_utf8_lossy(name).to_ascii_lowercase(), line.get(colon + 1..).unwrap_or_default()))
}

/// A piece of a field: bytes in a charset that is said or not.
struct Run {
    charset: Option<String>,
    bytes: Vec<u8>,
    /// Base64 that stopped in the middle of a group, to be continued by the next word.
    open: Vec<u8>,
}

/// The text of a field: encoded words joined before they are decoded, everything else guessed.
pub fn text(raw: &[u8]) -> String {
    let mut runs: Vec<Run> = Vec::new();
    let mut rest = raw;
    while !rest.is_empty() {
        let start = find(rest, b"=?").unwrap_or(rest.len());
        match rest.get(start..).and_then(encoded_word) {
            Some((word, after)) => {
                let (plain, _) = rest.split_at(start);
                let glued = plain.iter().all(u8::is_ascii_whitespace) && runs.last().is_some_and(|run| run.charset.is_some());
                if !glued {
                    push_plain(&mut runs, plain);
                }
                push_word(&mut runs, word);
                rest = after;
            }
            None => {
                let (plain, after) = rest.split_at(start.saturating_add(2).min(rest.len()));
                push_plain(&mut runs, plain);
                rest = after;
            }
        }
    }
    runs.into_iter()
        .map(|mut run| {
            run.bytes.extend(base64(&run.open));
            match run.charset {
                Some(label) => charset::decode(&label, &run.bytes),
                None => charset::sniff(&run.bytes),
            }
        })
        .collect()
}

struct Word<'a> {
    charset: &'a [u8],
    base64: bool,
    content: &'a [u8],
}

/// `=?charset*language?B?content?=` at the beginning of the bytes, and what follows it.
fn encoded_word(bytes: &[u8]) -> Option<(Word<'_>, &[u8])> {
    let inside = bytes.strip_prefix(b"=?")?;
    let (charset, inside) = split(inside, b"?").filter(|(charset, _)| charset.len() < 40 && charset.iter().all(u8::is_ascii_graphic))?;
    let (kind, inside) = split(inside, b"?")?;
    let base64 = match kind {
        b"B" | b"b" => true,
        b"Q" | b"q" => false,
        _ => return None,
    };
    let (content, after) = split(inside, b"?=")?;
    let charset = charset.split(|byte| *byte == b'*').next().unwrap_or(charset);
    Some((Word { charset, base64, content }, after))
}

fn push_word(runs: &mut Vec<Run>, word: Word<'_>) {
    let label = String::from_utf8_lossy(word.charset).to_ascii_lowercase();
    if runs.last().is_none_or(|run| run.charset.as_deref() != Some(label.as_str())) {
        runs.push(Run { charset: Some(label), bytes: Vec::new(), open: Vec::new() });
    }
    let Some(run) = runs.last_mut() else { return };
    if word.base64 {
        run.open.extend(word.content.iter().filter(|byte| sextet(**byte).is_some()));
        // Whole groups, or padding: this word stands for itself. Else a mailer cut the base64 and the next word goes on.
        if run.open.len().is_multiple_of(4) || word.content.contains(&b'=') {
            let bytes = base64(&run.open);
            run.open.clear();
            run.bytes.extend(bytes);
        }
    } else {
        let open = base64(&std::mem::take(&mut run.open));
        run.bytes.extend(open);
        run.bytes.extend(quoted(word.content, true));
    }
}

fn push_plain(runs: &mut Vec<Run>, plain: &[u8]) {
    if plain.is_empty() {
        return;
    }
    match runs.last_mut() {
        Some(run) if run.charset.is_none() => run.bytes.extend_from_slice(plain),
        _ => runs.push(Run { charset: None, bytes: plain.to_vec(), open: Vec::new() }),
    }
}

fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let n = find(bytes, at)?;
    Some((bytes.get(..n)?, bytes.get(n + at.len()..)?))
}

pub fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn sextet(byte: u8) -> Option<u32> {
    match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Base64 with whatever else stands between; padding ends a group, more may follow it.
pub fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let (mut group, mut filled) = (0u32, 0u32);
    for byte in bytes.iter().copied().chain([b'=']) {
        if let Some(value) = sextet(byte) {
            group = group << 6 | value;
            filled += 1;
        }
        if filled == 4 || byte == b'=' && filled > 0 {
            let whole = group << (6 * (4 - filled));
            let [_, first, second, third] = whole.to_be_bytes();
            out.extend([first, second, third].iter().take(filled as usize * 6 / 8));
            (group, filled) = (0, 0);
        }
    }
    out
}

/// Quoted-printable; in a header `_` is a blank.
pub fn quoted(bytes: &[u8], in_header: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'=', [high, low, later @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.extend(quoted_printable_decode_char(*high, *low));
                rest = later;
            }
            (b'=', [b'\r', b'\n', later @ ..] | [b'\n', later @ ..]) if !in_header => rest = later,
            (b'_', _) if in_header => out.push(b' '),
            _ => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_fields_and_a_head_without_an_end() {
        let (head, body) = Head::read(b"Subject: a\r\n b\r\nX-Y : z\r\n\r\nbody");
        assert_eq!((head.text("subject").as_deref(), head.text("x-y").as_deref(), body), (Some("a b"), Some("z"), 27));
        let (head, body) = Head::read(b"Subject: a\nno head at all\n");
        assert_eq!((head.len(), body), (1, 11));
    }

    #[test]
    fn words_cut_inside_a_character() {
        // 登録データ in UTF-8, cut after its fourth byte.
        assert_eq!(text(b"=?utf-8?B?55m76Q==?=\r\n =?UTF-8?B?jLLjg4fjg7zjgr8=?="), "登録データ");
        assert_eq!(text(b"=?utf-8?Q?=E7=99=BB=E9?= =?utf-8?Q?=8C=B2?="), "登録");
        assert_eq!(text(b"=?utf-8?B?55m76Yy?= =?utf-8?B?y44OH?="), "登録デ", "cut inside a group of base64");
        assert_eq!(text(b"Re: =?ISO-2022-JP?B?GyRCRVBPPxsoQg==?= [x] =?utf-8?q?a_b?="), "Re: 登録 [x] a b");
        assert_eq!(text(b"=?iso-2022-jp*ja?B?GyRCRVBPPxsoQg==?="), "登録");
    }

    #[test]
    fn raw_bytes_and_rubbish() {
        let (sjis, _, _) = encoding_rs::SHIFT_JIS.encode("利用申込書");
        assert_eq!(text(&sjis), "利用申込書");
        assert_eq!(text(b"\x1b$BEPO?\x1b(B"), "登録");
        assert_eq!(text(b"=?utf-8?B?!!!!?="), "");
        assert_eq!(text(b"=?utf-8?X?a?= =?"), "=?utf-8?X?a?= =?");
    }

    #[test]
    fn base64_forgives() {
        assert_eq!(base64(b"YWJj\r\nZA==\r\n"), b"abcd");
        assert_eq!(base64(b"YQ==YWJj"), b"aabc", "two streams in one");
        assert_eq!(base64(b"YW"), b"a", "without padding");
        assert_eq!(quoted(b"a=\r\nb=3D=zz", false), b"ab==zz");
    }
}
