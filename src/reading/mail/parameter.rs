//! Parameters of a field, `name=value; name*0*=…`, and the file name among them.
//!
//! Owns RFC 2231 and its misuses. Never cleans a name.

use crate::reading::charset;
use crate::reading::mail::header;

/// A structured field: what stands before the first semicolon, and the parameters.
#[derive(Default, Debug)]
pub struct Structured {
    /// In lower case.
    pub main: String,
    parameters: Vec<(String, Vec<u8>)>,
}

/// One segment of a value: its number, whether it is percent-encoded, its bytes.
struct Segment<'a> {
    number: u32,
    encoded: bool,
    bytes: &'a [u8],
}

impl Structured {
    pub fn read(raw: &[u8]) -> Self {
        let mut pieces = pieces(raw).into_iter();
        let main = pieces.next().map(|piece| String::from_utf8_lossy(&piece).trim().to_ascii_lowercase()).unwrap_or_default();
        let parameters = pieces
            .filter_map(|piece| {
                let equals = piece.iter().position(|byte| *byte == b'=')?;
                let name = String::from_utf8_lossy(piece.get(..equals)?).trim().to_ascii_lowercase();
                Some((name, piece.get(equals + 1..)?.trim_ascii().to_vec()))
            })
            .take(200)
            .collect();
        Structured { main, parameters }
    }

    /// A parameter in plain ASCII, such as a boundary or a charset.
    pub fn plain(&self, name: &str) -> Option<Vec<u8>> {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| unquoted(value))
            .or_else(|| self.segments(name).map(|all| all.0))
    }

    /// A parameter as text, decoded in whichever way it was spoilt.
    pub fn text(&self, name: &str) -> Option<String> {
        let extended = self.segments(name).map(|(bytes, label)| match label {
            Some(label) => charset::decode(&label, &bytes),
            None => header::text(&bytes),
        });
        let simple = self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| {
            let text = header::text(&unquoted(value));
            percent_only(&text).unwrap_or(text)
        });
        let whole = |text: &String| !text.trim().is_empty() && !text.contains(char::REPLACEMENT_CHARACTER);
        match (extended, simple) {
            (Some(extended), Some(simple)) if !whole(&extended) && whole(&simple) => Some(simple),
            (extended, simple) => extended.or(simple),
        }
        .filter(|text| !text.trim().is_empty())
    }

    /// The segments `name*`, `name*0`, `name*0*`, … in order, as one run of bytes, with the charset if they say one.
    fn segments(&self, name: &str) -> Option<(Vec<u8>, Option<String>)> {
        let mut segments: Vec<Segment<'_>> = self
            .parameters
            .iter()
            .filter_map(|(key, value)| {
                let tail = key.strip_prefix(name)?.strip_prefix('*')?;
                let (digits, encoded) = tail.strip_suffix('*').map_or((tail, tail.is_empty()), |digits| (digits, true));
                let number = if digits.is_empty() { 0 } else { digits.parse().ok()? };
                Some(Segment { number, encoded, bytes: value })
            })
            .collect();
        segments.sort_by_key(|segment| segment.number);
        let first = segments.first()?;
        let mut label = None;
        let mut whole = Vec::new();
        let starts_encoded = first.encoded;
        for (n, segment) in segments.iter().enumerate() {
            let mut bytes = unquoted(segment.bytes);
            if n == 0 && starts_encoded {
                let quotes: Vec<usize> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\'').map(|(at, _)| at).take(2).collect();
                if let [first, second] = quotes[..] {
                    label = bytes.get(..first).map(|label| String::from_utf8_lossy(label).into_owned());
                    bytes = bytes.split_off(second + 1);
                }
            }
            whole.extend(if segment.encoded { percent(&bytes) } else { bytes });
        }
        // `filename*=` without a charset may still hold encoded words.
        let label = label.or_else(|| (starts_encoded && header::find(&whole, b"=?").is_none()).then(String::new));
        Some((whole, label))
    }
}

/// How far a byte belongs to what stands before it.
#[derive(PartialEq)]
enum Mode {
    Single,
    /// Between ESC $ and ESC ( every byte is half a kanji, also `"` and `;`.
    Jis,
}

/// Splits at semicolons that stand outside quotes and outside raw JIS.
fn pieces(raw: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = vec![Vec::new()];
    let mut quoted = false;
    let mut mode = Mode::Single;
    let two_bytes = is_two_byte_text(raw);
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        let next = raw.get(at + 1).copied();
        mode = match (byte, next) {
            (0x1b, Some(b'$')) => Mode::Jis,
            (0x1b, Some(b'(')) => Mode::Single,
            _ => mode,
        };
        let mut taken = 1;
        if mode == Mode::Single {
            match byte {
                b'"' => quoted = !quoted,
                b'\\' if quoted && next.is_some() => taken = 2,
                b';' if !quoted => {
                    pieces.push(Vec::new());
                    at += 1;
                    continue;
                }
                _ if two_bytes && is_lead(byte) && next.is_some_and(|next| next >= 0x40) => taken = 2,
                _ => {}
            }
        }
        if let (Some(piece), Some(bytes)) = (pieces.last_mut(), raw.get(at..at + taken)) {
            piece.extend_from_slice(bytes);
        }
        at += taken;
    }
    pieces
}

/// Eight-bit text that is no UTF-8: a backslash may be the second half of 表 or 申.
fn is_two_byte_text(bytes: &[u8]) -> bool {
    !bytes.is_ascii() && std::str::from_utf8(bytes).is_err()
}

fn is_lead(byte: u8) -> bool {
    matches!(byte, 0x81..=0x9f | 0xe0..=0xfc)
}

/// A value without its quotes. A backslash escapes quotes and itself only: people send `C:\file` unescaped.
fn unquoted(value: &[u8]) -> Vec<u8> {
    let Some(inside) = value.strip_prefix(b"\"") else { return value.to_vec() };
    let inside = inside.strip_suffix(b"\"").unwrap_or(inside);
    let two_bytes = is_two_byte_text(inside);
    let mut out = Vec::with_capacity(inside.len());
    let mut jis = false;
    let mut rest = inside;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == 0x1b {
            jis = after.first() == Some(&b'$');
        }
        match (byte, after) {
            (b'\\', [next @ (b'"' | b'\\'), later @ ..]) if !jis => {
                out.push(*next);
                rest = later;
            }
            (lead, [second, later @ ..]) if !jis && two_bytes && is_lead(lead) && *second >= 0x40 => {
                out.extend([lead, *second]);
                // Mailers that do not know the charset escape its second half.
                rest = if *second == b'\\' { later.strip_prefix(b"\\").unwrap_or(later) } else { later };
            }
            _ => out.push(byte),
        }
    }
    out
}

fn percent(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let decoded = match (byte, after) {
            (b'%', [high, low, later @ ..]) => {
                let pair = char::from(*high).to_digit(16).zip(char::from(*low).to_digit(16));
                pair.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()).map(|value| (value, later))
            }
            _ => None,
        };
        match decoded {
            Some((value, later)) => {
                out.push(value);
                rest = later;
            }
            None => out.push(byte),
        }
    }
    out
}

/// A name that a web mailer percent-encoded without saying so.
fn percent_only(text: &str) -> Option<String> {
    if !text.is_ascii() || !text.contains('%') {
        return None;
    }
    String::from_utf8(percent(text.as_bytes())).ok().filter(|decoded| !decoded.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{EUC_JP, SHIFT_JIS};

    fn name(raw: &[u8]) -> Option<String> {
        Structured::read(raw).text("filename")
    }

    #[test]
    fn segments_cut_inside_a_character() {
        let raw = b"attachment; filename*1*=%90%E6%A2%AF.xlsx; filename*0*=UTF-8''%E7%A3";
        assert_eq!(name(raw).as_deref(), Some("磐梯.xlsx"));
        assert_eq!(name(b"a; filename*=iso-2022-jp'ja'%1B%24BEPO%3F%1B%28B.pdf").as_deref(), Some("登録.pdf"));
        assert_eq!(name(b"a; filename*=cp932''%93o%98%5E.pdf").as_deref(), Some("登録.pdf"));
        assert_eq!(name(b"a; filename*=''%93o%98%5E.pdf").as_deref(), Some("登録.pdf"), "no charset said");
        assert_eq!(name(b"a; filename*0=\"=?utf-8?b?55m7\"; filename*1=\"6Yyy?=.pdf\"").as_deref(), Some("登録.pdf"));
        assert_eq!(name(b"a; filename*0=plain; filename*1=.pdf").as_deref(), Some("plain.pdf"));
    }

    #[test]
    fn the_extended_name_wins_unless_it_is_broken() {
        assert_eq!(name(b"a; filename=\"../evil\"; filename*=UTF-8''%E7%99%BB.pdf").as_deref(), Some("登.pdf"));
        assert_eq!(name(b"a; filename=\"good.pdf\"; filename*=UTF-8''").as_deref(), Some("good.pdf"));
    }

    #[test]
    fn raw_names_keep_their_backslashes() {
        for text in ["申込書；表.pdf", "能力表ソ.xlsx", "利用申込書.pdf"] {
            for encoding in [SHIFT_JIS, EUC_JP, encoding_rs::UTF_8] {
                let (bytes, _, _) = encoding.encode(text);
                let raw = [b"attachment; filename=\"".as_slice(), &bytes, b"\"; size=3"].concat();
                assert_eq!(name(&raw).as_deref(), Some(text), "{}", encoding.name());
            }
        }
        // 申 is 90 5C; a mailer may have doubled the 5C.
        assert_eq!(name(b"a; filename=\"\x90\x5c\x5c\x8d\x9e.pdf\"").as_deref(), Some("申込.pdf"));
        // Raw JIS of 拶 holds a semicolon (3B) and a quote (22).
        assert_eq!(name(b"a; filename=\"\x1b$B;\"EPO?\x1b(B.pdf\"; size=1").as_deref(), Some("拶登録.pdf"));
    }

    #[test]
    fn encoded_words_quoted_and_bare() {
        for raw in [
            b"attachment; filename=\"=?utf-8?b?55m7?= =?utf-8?b?6Yyy?=.pdf\"".as_slice(),
            b"attachment; filename==?utf-8?b?55m76Yyy?=.pdf",
            b"attachment;filename=\"=?ISO-2022-JP?B?GyRCRVBPPxsoQg==?=.pdf\";",
            b"attachment; filename=\"%E7%99%BB%E9%8C%B2.pdf\"",
        ] {
            assert_eq!(name(raw).as_deref(), Some("登録.pdf"));
        }
    }

    #[test]
    fn no_name_is_no_name() {
        assert_eq!(name(b"attachment"), None);
        assert_eq!(name(b"attachment; filename=\"\""), None);
        assert_eq!(name(b"attachment; filename=\"unclosed.pdf").as_deref(), Some("unclosed.pdf"));
    }
}
