//! Plain text and CSV in UTF-8, UTF-16 or Shift_JIS.
//!
//! Owns the guess of the encoding. Never splits a line, never takes bytes that no person would read as text.

use crate::domain::reading::Content;
use crate::reading::format::{Outcome, Source, Tools};
use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS, UTF_8};

/// Bytes that are looked at to tell text from noise.
const PROBE: usize = 64 << 10;

pub fn sniff(bytes: &[u8]) -> bool {
    let probe = bytes.get(..PROBE.min(bytes.len())).unwrap_or(bytes);
    decode(probe, bytes.len() > PROBE).is_some_and(|text| !text.trim().is_empty())
}

pub fn read(source: &Source<'_>, _tools: &Tools<'_>) -> Outcome {
    match decode(source.bytes, false) {
        Some(text) => Outcome::of(Content::Text { text }),
        None => Outcome::unreadable(crate::domain::finding::Remark::new("M-003").word("file", source.name)),
    }
}

/// The text in the first encoding that leaves nothing unprintable. `cut` says that the bytes may end inside a character.
fn decode(bytes: &[u8], cut: bool) -> Option<String> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark..)?);
        return printable(&text, cut).then(|| text.into_owned());
    }
    if bytes.contains(&0) {
        return None;
    }
    [UTF_8, SHIFT_JIS, EUC_JP].into_iter().find_map(|encoding| {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        printable(&text, cut).then(|| text.into_owned())
    })
}

/// No control signs, no replacement characters but the one of a cut, no characters for private use.
fn printable(text: &str, cut: bool) -> bool {
    let text = if cut { text.trim_end_matches('\u{FFFD}') } else { text };
    text.chars().all(|c| {
        matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1a}')
            || !(c.is_control() || c == '\u{FFFD}' || ('\u{E000}'..='\u{F8FF}').contains(&c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_found_by_what_makes_sense() {
        let text = "日時,出力[kW]\r\n2026/03/01 00:00,1000\r\n";
        let mut wide = vec![0xFF, 0xFE];
        wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        for bytes in [text.as_bytes().to_vec(), SHIFT_JIS.encode(text).0.into_owned(), EUC_JP.encode(text).0.into_owned(), wide] {
            assert!(sniff(&bytes));
            assert_eq!(decode(&bytes, false).as_deref(), Some(text));
        }
    }

    #[test]
    fn noise_is_no_text() {
        for bytes in [&b"\x89PNG\r\n\x1a\n\0\0"[..], b"MZ\x90\0\x03", b"%PDF-1.4\n\x01\x02\x03", b"  \r\n "] {
            assert!(!sniff(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn a_long_text_may_be_probed_inside_a_character() {
        for ahead in 0..3 {
            let text = format!("{}{}", "a".repeat(ahead), "出力".repeat(PROBE));
            assert!(sniff(text.as_bytes()), "{ahead}");
            assert!(sniff(&SHIFT_JIS.encode(&text).0), "{ahead}");
        }
    }
}
