//! From bytes to text, for the character sets that Japanese senders use and for those that they misname.
//!
//! Owns the aliases, ISO-2022-JP with the extensions of Windows, and the guess where no charset is said.
//! Never fails: what cannot be decoded becomes U+FFFD.

use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS, UTF_8};

/// Names that `encoding_rs` does not know.
const ALIASES: &[(&str, Named)] = &[
    ("cp932", Named::Of(SHIFT_JIS)),
    ("ms932", Named::Of(SHIFT_JIS)),
    ("cswindows31j", Named::Of(SHIFT_JIS)),
    ("windows31j", Named::Of(SHIFT_JIS)),
    ("xmscp932", Named::Of(SHIFT_JIS)),
    ("xsjis", Named::Of(SHIFT_JIS)),
    ("sjiswin", Named::Of(SHIFT_JIS)),
    ("eucjpms", Named::Of(EUC_JP)),
    ("eucjpwin", Named::Of(EUC_JP)),
    ("cp51932", Named::Of(EUC_JP)),
    ("ujis", Named::Of(EUC_JP)),
    ("jis", Named::Jis),
    ("cp50220", Named::Jis),
    ("cp50221", Named::Jis),
    ("cp50222", Named::Jis),
    ("csiso2022jp", Named::Jis),
];

#[derive(Clone, Copy)]
enum Named {
    Of(&'static Encoding),
    Jis,
    /// Plain ASCII or nothing: other bytes are a guess.
    Unsaid,
}

fn named(label: &str) -> Named {
    let key: String = label.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    if key.starts_with("iso2022jp") {
        return Named::Jis;
    }
    if key.is_empty() || key == "usascii" || key == "ascii" || key.starts_with("unknown") || key == "xunknown" || key == "binary" {
        return Named::Unsaid;
    }
    if let Some((_, named)) = ALIASES.iter().find(|(name, _)| *name == key) {
        return *named;
    }
    match Encoding::for_label(label.trim().as_bytes()) {
        // Japanese senders who say Latin-1 have not thought about it.
        Some(encoding) if encoding == encoding_rs::WINDOWS_1252 => Named::Unsaid,
        Some(encoding) if encoding == encoding_rs::ISO_2022_JP => Named::Jis,
        Some(encoding) => Named::Of(encoding),
        None => Named::Unsaid,
    }
}

/// The text of bytes whose charset is said; a charset that does not fit them is not believed.
pub fn decode(label: &str, bytes: &[u8]) -> String {
    let said = match named(label) {
        Named::Unsaid => return sniff(bytes),
        Named::Jis if bytes.is_ascii() => return jis(bytes),
        Named::Jis => return sniff(bytes),
        Named::Of(_) if has_jis_escape(bytes) => return jis(bytes),
        Named::Of(encoding) => encoding.decode(bytes).0.into_owned(),
    };
    let faults = faults(&said);
    if faults == 0 {
        return said;
    }
    let guess = sniff(bytes);
    if self::faults(&guess) < faults { guess } else { said }
}

/// The text of bytes of which nobody says the charset.
pub fn sniff(bytes: &[u8]) -> String {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0.into_owned();
    }
    if has_jis_escape(bytes) {
        return jis(bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    [SHIFT_JIS, EUC_JP, UTF_8]
        .iter()
        .map(|encoding| encoding.decode_without_bom_handling(bytes).0.into_owned())
        .min_by_key(|text| oddness(text))
        .unwrap_or_default()
}

/// The text of a name in an archive that says nothing: UTF-8, then CP932, then the guess.
pub fn archive_name(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let (text, wrong) = SHIFT_JIS.decode_without_bom_handling(bytes);
    if wrong { sniff(bytes) } else { text.into_owned() }
}

/// The text of UTF-16, the low byte first, as Windows keeps it: it ends at its first zero.
pub fn utf16(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).take_while(|unit| *unit != 0);
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn faults(text: &str) -> usize {
    text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count()
}

/// How unlikely a text is: broken characters, then half-width kana, which wrong decoding is full of.
fn oddness(text: &str) -> usize {
    text.chars()
        .map(|c| match c {
            char::REPLACEMENT_CHARACTER => 20,
            '\u{80}'..='\u{9f}' | '\u{e000}'..='\u{f8ff}' => 10,
            '\u{ff61}'..='\u{ff9f}' => 2,
            _ => 0,
        })
        .sum()
}

fn has_jis_escape(bytes: &[u8]) -> bool {
    bytes.windows(3).any(|three| matches!(three, [0x1b, b'$', b'@' | b'B' | b'('] | [0x1b, b'(', b'I' | b'J']))
}

/// What the two bytes of ISO-2022-JP stand for.
#[derive(Clone, Copy, PartialEq)]
enum Shift {
    Ascii,
    Kanji,
    Supplement,
    Kana,
}

/// ISO-2022-JP as mailers write it: NEC and IBM characters, half-width kana by escape, by SO/SI or with the eighth bit,
/// escapes without characters between them, lines that end without going back to ASCII.
///
/// `encoding_rs` takes several of these for attacks, so the bytes are rewritten as EUC-JP and decoded in one go.
fn jis(bytes: &[u8]) -> String {
    let mut euc = Vec::with_capacity(bytes.len() + bytes.len() / 8);
    let mut shift = Shift::Ascii;
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        if byte == 0x1b {
            let (next, length) = match after {
                [b'$', b'@' | b'B', ..] => (Shift::Kanji, 2),
                [b'$', b'(', b'@' | b'B', ..] => (Shift::Kanji, 3),
                [b'$', b'(', b'D', ..] => (Shift::Supplement, 3),
                [b'(', b'I', ..] => (Shift::Kana, 2),
                [b'(', b'B' | b'J' | b'H', ..] => (Shift::Ascii, 2),
                // ESC & @ announces JIS X 0208-1990; the set itself follows.
                [b'&', b'@', ..] => (shift, 2),
                _ => (shift, 0),
            };
            shift = next;
            rest = after.get(length..).unwrap_or_default();
            continue;
        }
        rest = after;
        match (shift, byte) {
            (_, b'\r' | b'\n') => {
                shift = Shift::Ascii;
                euc.push(byte);
            }
            (_, 0x0e) => shift = Shift::Kana,
            (_, 0x0f) => shift = Shift::Ascii,
            (_, 0xa1..=0xdf) => euc.extend([0x8e, byte]),
            (Shift::Kana, 0x21..=0x5f) => euc.extend([0x8e, byte | 0x80]),
            (Shift::Kanji | Shift::Supplement, 0x21..=0x7e) => {
                if shift == Shift::Supplement {
                    euc.push(0x8f);
                }
                euc.push(byte | 0x80);
                // A character cut at the end stays half and becomes U+FFFD.
                if let Some((&second @ 0x21..=0x7e, after)) = rest.split_first() {
                    euc.push(second | 0x80);
                    rest = after;
                }
            }
            _ => euc.push(byte),
        }
    }
    EUC_JP.decode_without_bom_handling(&euc).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jis_with_the_characters_of_nec_and_kana() {
        assert_eq!(decode("ISO-2022-JP", b"\x1b$B-!-\"-#\x1b(B ok"), "①②③ ok");
        assert_eq!(decode("CP50221", b"\x1b(I6]\x1b(B"), "ｶﾝ");
        assert_eq!(decode("iso-2022-jp", b"\x0e6]\x0f!"), "ｶﾝ!");
        assert_eq!(decode("iso-2022-jp", b"\x1b(B\x1b$B\x1b$BEPO?\x1b(B"), "登録", "escapes in a row are no attack");
        assert_eq!(decode("iso-2022-jp", b"\x1b$BEPO?\r\nabc"), "登録\r\nabc", "a line ends in ASCII");
    }

    #[test]
    fn wrong_names_of_right_charsets() {
        let (sjis, _, _) = SHIFT_JIS.encode("髙見①表ソ");
        for label in
            ["cp932", "csWindows31J", "Windows-31J", "x-sjis", "MS932", "shift-jis", "utf-8", "us-ascii", "iso-8859-1", "", "klingon"]
        {
            assert_eq!(decode(label, &sjis), "髙見①表ソ", "{label}");
        }
        assert_eq!(decode("shift_jis", "髙見".as_bytes()), "髙見", "UTF-8 called Shift_JIS");
        assert_eq!(decode("utf-8", b"\x1b$BEPO?\x1b(B"), "登録", "JIS called UTF-8");
    }

    #[test]
    fn nobody_says_the_charset() {
        for text in ["利用申込書", "登録データ一式.zip", "電源Ⅱ契約書（写）"] {
            assert_eq!(sniff(text.as_bytes()), text);
            assert_eq!(sniff(&SHIFT_JIS.encode(text).0), text);
            assert_eq!(sniff(&EUC_JP.encode(text).0), text);
        }
        assert_eq!(archive_name(&SHIFT_JIS.encode("稼働実績ｶﾅ.csv").0), "稼働実績ｶﾅ.csv");
    }
}
