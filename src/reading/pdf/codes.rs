//! How the bytes of a string divide into character codes, and what the predefined maps make of them.
//!
//! Owns code spaces and predefined CMaps. Never knows a font.

use hayro_cmap::{CMap, CMapName, load_embedded};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Adobe-Japan1 to Unicode, the map that every predefined Japanese encoding ends in.
static JAPAN: LazyLock<Option<Arc<CMap>>> = LazyLock::new(|| predefined(b"Adobe-Japan1-UCS2"));

/// How bytes divide into codes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Division {
    One,
    Two,
    /// One unit of UTF-16 or a pair of surrogates.
    Utf16,
    /// Shift_JIS.
    Rksj,
    /// EUC and its kin: a high byte leads.
    HighLeads,
    /// The code space of an embedded map: length, lowest and highest code.
    Ranges(Vec<(usize, u32, u32)>),
}

impl Division {
    /// Of a predefined encoding, by its name.
    pub fn named(name: &[u8]) -> Division {
        let name = String::from_utf8_lossy(name);
        if name.contains("RKSJ") {
            Division::Rksj
        } else if name.contains("UTF16") {
            Division::Utf16
        } else if ["EUC", "B5", "GBK", "UHC", "GBpc", "KSCpc"].iter().any(|part| name.contains(part)) {
            Division::HighLeads
        } else {
            Division::Two
        }
    }

    /// Of an embedded map.
    pub fn embedded(data: &[u8]) -> Division {
        let text = String::from_utf8_lossy(data);
        let ranges: Vec<(usize, u32, u32)> = text
            .split("begincodespacerange")
            .skip(1)
            .filter_map(|part| part.split("endcodespacerange").next())
            .flat_map(|part| {
                let codes: Vec<&str> = part.split(['<', '>']).skip(1).step_by(2).collect();
                codes
                    .chunks_exact(2)
                    .filter_map(|pair| {
                        let [low, high] = pair else { return None };
                        let plain = |hex: &str| hex.chars().filter(char::is_ascii_hexdigit).collect::<String>();
                        let length = plain(low).len().div_ceil(2);
                        let read = |hex: &str| u32::from_str_radix(&plain(hex), 16).ok();
                        (1..=4).contains(&length).then_some((length, read(low)?, read(high)?))
                    })
                    .collect::<Vec<_>>()
            })
            .take(100)
            .collect();
        if ranges.is_empty() { Division::Two } else { Division::Ranges(ranges) }
    }

    /// The bytes of the first code.
    fn length(&self, bytes: &[u8]) -> usize {
        let first = bytes.first().copied().unwrap_or(0);
        let wanted = match self {
            Division::One => 1,
            Division::Two => 2,
            Division::Utf16 => {
                if (0xD8..=0xDB).contains(&first) {
                    4
                } else {
                    2
                }
            }
            Division::Rksj => {
                if matches!(first, 0x81..=0x9F | 0xE0..=0xFC) {
                    2
                } else {
                    1
                }
            }
            Division::HighLeads => {
                if first >= 0x81 && first != 0xFF {
                    2
                } else {
                    1
                }
            }
            Division::Ranges(ranges) => {
                let fits = |length: usize| {
                    let code = code_of(bytes.get(..length)?);
                    ranges.iter().any(|(of, low, high)| *of == length && within(code, *low, *high, length)).then_some(length)
                };
                (1..=4).find_map(fits).unwrap_or_else(|| ranges.iter().map(|(length, ..)| *length).min().unwrap_or(1))
            }
        };
        wanted.min(bytes.len()).max(1)
    }

    /// The codes of a string, each with its bytes.
    pub fn split<'a>(&self, mut bytes: &'a [u8]) -> Vec<&'a [u8]> {
        let mut codes = Vec::new();
        while !bytes.is_empty() {
            let (code, rest) = bytes.split_at(self.length(bytes));
            codes.push(code);
            bytes = rest;
        }
        codes
    }
}

/// Every byte of a code must lie within the bytes of its range.
fn within(code: u32, low: u32, high: u32, length: usize) -> bool {
    (0..length).all(|n| {
        let byte = |of: u32| of >> (8 * n) & 0xFF;
        (byte(low)..=byte(high)).contains(&byte(code))
    })
}

pub fn code_of(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |code, byte| code << 8 | u32::from(*byte))
}

/// A predefined map by its name. There are few, and most files name the same one: each is unpacked once.
pub fn predefined(name: &[u8]) -> Option<Arc<CMap>> {
    static UNPACKED: LazyLock<Mutex<HashMap<Vec<u8>, Arc<CMap>>>> = LazyLock::new(Mutex::default);
    let packed = load_embedded(CMapName::from_bytes(name))?;
    let mut unpacked = UNPACKED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(map) = unpacked.get(name) {
        return Some(map.clone());
    }
    let map = Arc::new(CMap::parse(packed, load_embedded)?);
    unpacked.insert(name.to_vec(), map.clone());
    Some(map)
}

/// An embedded map; what it builds on may be predefined.
pub fn embedded(data: &[u8]) -> Option<CMap> {
    CMap::parse(data, load_embedded)
}

/// What a code of a named encoding means where the encoding is itself a coded character set.
pub fn by_name(name: &[u8], code: &[u8]) -> Option<String> {
    let name = String::from_utf8_lossy(name);
    let decoded = |encoding: &'static encoding_rs::Encoding| {
        encoding.decode_without_bom_handling_and_without_replacement(code).map(|text| text.into_owned())
    };
    if name.starts_with("Uni") && (name.contains("UCS2") || name.contains("UTF16")) {
        decoded(encoding_rs::UTF_16BE).or_else(|| {
            let units: Vec<u16> = code.chunks_exact(2).map(|pair| code_of(pair) as u16).collect();
            String::from_utf16(&units).ok()
        })
    } else if name.contains("RKSJ") {
        decoded(encoding_rs::SHIFT_JIS)
    } else if name.starts_with("EUC-") {
        decoded(encoding_rs::EUC_JP)
    } else if name == "H" || name == "V" {
        let high: Vec<u8> = code.iter().map(|byte| byte | 0x80).collect();
        encoding_rs::EUC_JP.decode_without_bom_handling_and_without_replacement(&high).map(|text| text.into_owned())
    } else {
        None
    }
}

/// What a CID of a character collection means.
pub fn by_cid(ordering: &[u8], cid: u32) -> Option<String> {
    match ordering {
        b"Japan1" => bf(JAPAN.as_ref()?, cid),
        _ => None,
    }
}

pub fn bf(map: &CMap, code: u32) -> Option<String> {
    match map.lookup_bf_string(code)? {
        hayro_cmap::BfString::Char(c) => Some(c.to_string()),
        hayro_cmap::BfString::String(text) => Some(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_divides_and_means() {
        // 受付 in four encodings, with a Latin letter where the encoding has one byte for it.
        let cases: [(&[u8], &[u8]); 4] = [
            (b"90ms-RKSJ-H", b"A\x8e\xf3\x95t"),
            (b"EUC-H", b"A\xbc\xf5\xc9\xd5"),
            (b"UniJIS-UCS2-H", b"\x00A\x53\xd7\x4e\xd8"),
            (b"H", b"\x23\x41\x3c\x75\x49\x55"),
        ];
        for (name, bytes) in cases {
            let text: String =
                Division::named(name).split(bytes).into_iter().map(|code| by_name(name, code).unwrap_or_else(|| "?".into())).collect();
            assert!(text == "A受付" || text == "Ａ受付", "{}: {text}", String::from_utf8_lossy(name));
        }
        let pair = Division::Utf16.split(b"\xd8\x42\xdf\xb7\x91\xce");
        assert_eq!(pair.iter().map(|code| by_name(b"UniJIS-UTF16-H", code).unwrap()).collect::<String>(), "𠮷野");
    }

    #[test]
    fn the_character_collection_knows_its_characters() {
        let map = predefined(b"90ms-RKSJ-H").unwrap();
        let cid = map.lookup_cid_code(0x8ef3, 2).unwrap();
        assert_eq!(by_cid(b"Japan1", cid).unwrap().chars().next(), Some('受'));
    }

    #[test]
    fn an_embedded_code_space_mixes_lengths() {
        let division = Division::embedded(b"2 begincodespacerange <00> <7f> <8140> <9ffc> endcodespacerange");
        assert_eq!(division.split(b"a\x81\x40b"), [&b"a"[..], b"\x81\x40", b"b"]);
    }
}
