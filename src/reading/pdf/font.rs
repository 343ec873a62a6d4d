//! A font as far as text needs it: what a code means and how wide it is.
//!
//! Owns the order of the routes from code to Unicode. Never draws a glyph.

use crate::reading::pdf::codes::{self, Division};
use crate::reading::pdf::file::{File, as_dictionary, number};
use crate::reading::pdf::simple;
use hayro_cmap::{CMap, WritingMode};
use lopdf::{Dictionary, Object};
use std::collections::HashMap;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

/// Stands for a code that no route could read.
pub const UNKNOWN: char = '\u{FFFD}';

pub struct Font {
    pub vertical: bool,
    /// From a thousandth of the em to text space; Type 3 fonts have a scale of their own.
    pub scale: f64,
    division: Division,
    encoding: Vec<u8>,
    /// Code to CID.
    cids: Option<Arc<CMap>>,
    to_unicode: Option<CMap>,
    /// Of the character collection: `Japan1`, `Identity`.
    ordering: Vec<u8>,
    /// Of a simple font, one text a byte.
    simple: Option<Vec<String>>,
    /// Glyph to character, from the embedded font itself.
    reversed: HashMap<u16, char>,
    glyph_of_cid: Option<Vec<u8>>,
    widths: HashMap<u32, f64>,
    default_width: f64,
    /// Where the origin of vertical writing lies above the baseline, and how far it moves, in thousandths.
    down: [f64; 2],
}

/// One code of a string.
pub struct Shown {
    pub text: String,
    /// In thousandths of the em (or the glyph space of a Type 3 font).
    pub width: f64,
    pub space: bool,
}

impl Font {
    pub fn load(file: &File, font: &Dictionary) -> Font {
        let to_unicode =
            font.get(b"ToUnicode").ok().and_then(|object| file.unpack_once(object).ok()).and_then(|data| codes::embedded(&data));
        match file.name(font, b"Subtype") {
            Some(b"Type0") => Font::composite(file, font, to_unicode),
            _ => Font::simple(file, font, to_unicode),
        }
    }

    fn composite(file: &File, font: &Dictionary, to_unicode: Option<CMap>) -> Font {
        let empty = Dictionary::new();
        let descendant =
            file.array(font, b"DescendantFonts").first().and_then(|object| as_dictionary(file.resolve(object))).unwrap_or(&empty);
        let (encoding, division, cids) = match file.get(font, b"Encoding") {
            Object::Name(name) => (name.clone(), Division::named(name), codes::predefined(name)),
            Object::Stream(stream) => {
                let data = file.unpack(stream).unwrap_or_default();
                let map = codes::embedded(&data);
                (Vec::new(), Division::embedded(&data), map.map(Arc::new))
            }
            _ => (b"Identity-H".to_vec(), Division::Two, None),
        };
        let vertical = encoding.ends_with(b"-V")
            || encoding == b"V"
            || cids.as_ref().is_some_and(|map| matches!(map.metadata().writing_mode, Some(WritingMode::Vertical)));
        let ordering = file
            .dictionary(descendant, b"CIDSystemInfo")
            .and_then(|info| file.get(info, b"Ordering").as_str().ok())
            .map(<[u8]>::to_vec)
            .unwrap_or_default();
        // Reading the font program is dear; only a font without any other route needs it.
        let routes = to_unicode.is_some() || ordering == b"Japan1" || codes::by_name(&encoding, b"\x30\x42").is_some();
        let reversed = if routes { HashMap::new() } else { reversed_cmap(file, descendant) };
        let glyph_of_cid = descendant
            .get(b"CIDToGIDMap")
            .ok()
            .filter(|_| !reversed.is_empty())
            .and_then(|object| file.unpack_once(object).ok())
            .map(|data| data.to_vec());
        Font {
            vertical,
            scale: 0.001,
            division,
            encoding,
            cids,
            to_unicode,
            ordering,
            simple: None,
            reversed,
            glyph_of_cid,
            widths: cid_widths(file, file.array(descendant, b"W")),
            default_width: file.number(descendant, b"DW").unwrap_or(1000.0),
            down: file.numbers(descendant, b"DW2").unwrap_or([880.0, -1000.0]),
        }
    }

    fn simple(file: &File, font: &Dictionary, to_unicode: Option<CMap>) -> Font {
        let name = String::from_utf8_lossy(file.name(font, b"BaseFont").unwrap_or_default()).into_owned();
        let type3 = file.name(font, b"Subtype") == Some(b"Type3");
        let first = file.number(font, b"FirstChar").unwrap_or(0.0).max(0.0) as u32;
        let mut widths: HashMap<u32, f64> = file
            .array(font, b"Widths")
            .iter()
            .take(256)
            .enumerate()
            .filter_map(|(n, object)| Some((first.saturating_add(n as u32), number(file.resolve(object))?)))
            .collect();
        let missing = file.dictionary(font, b"FontDescriptor").and_then(|descriptor| file.number(descriptor, b"MissingWidth"));
        if widths.is_empty() && !type3 {
            widths = (0..=255u8).map(|byte| (u32::from(byte), simple::standard_width(&name, byte))).collect();
        }
        let table = if name.contains("ZapfDingbats") {
            (0..=255).map(|byte| simple::dingbat(byte).map(String::from).unwrap_or_default()).collect()
        } else {
            let known = if font.has(b"Encoding") { file.simple_encoding(font) } else { None };
            known.unwrap_or_else(|| (0..=255).map(|byte| if type3 { String::new() } else { simple::win_ansi(byte) }).collect())
        };
        Font {
            vertical: false,
            scale: if type3 { file.numbers::<6>(font, b"FontMatrix").map_or(0.001, |matrix| matrix[0].abs()) } else { 0.001 },
            division: Division::One,
            encoding: Vec::new(),
            cids: None,
            to_unicode,
            ordering: Vec::new(),
            simple: Some(table),
            reversed: HashMap::new(),
            glyph_of_cid: None,
            widths,
            default_width: missing.unwrap_or(0.0),
            down: [880.0, -1000.0],
        }
    }

    /// The codes of a string with their meaning and width.
    pub fn show(&self, bytes: &[u8]) -> Vec<Shown> {
        self.division
            .split(bytes)
            .into_iter()
            .map(|code| {
                let value = codes::code_of(code);
                let cid = self.cid(value, code.len());
                Shown {
                    text: self.meaning(code, value, cid),
                    width: self.widths.get(&cid).copied().unwrap_or(self.default_width),
                    space: code == b" ",
                }
            })
            .collect()
    }

    /// Where the glyph of vertical writing hangs and how far the pen moves down, in thousandths.
    pub fn vertical_metrics(&self) -> (f64, f64) {
        (self.down[0], self.down[1])
    }

    fn cid(&self, code: u32, length: usize) -> u32 {
        match &self.cids {
            Some(map) => map.lookup_cid_code(code, length as u8).unwrap_or(0),
            None => code,
        }
    }

    fn meaning(&self, code: &[u8], value: u32, cid: u32) -> String {
        let sound = |text: &String| !text.is_empty() && text.chars().all(is_character);
        let routes: [&dyn Fn() -> Option<String>; 5] = [
            &|| codes::bf(self.to_unicode.as_ref()?, value),
            &|| self.simple.as_ref()?.get(value as usize).cloned(),
            &|| codes::by_name(&self.encoding, code),
            &|| codes::by_cid(&self.ordering, cid),
            &|| self.reversed.get(&self.glyph(cid)?).map(char::to_string),
        ];
        routes
            .iter()
            .filter_map(|route| route())
            .find(sound)
            .map(|text| text.chars().filter(|c| !is_selector(*c)).map(unified).collect())
            .unwrap_or_else(|| UNKNOWN.to_string())
    }

    fn glyph(&self, cid: u32) -> Option<u16> {
        match &self.glyph_of_cid {
            Some(map) => {
                let at = 2 * cid as usize;
                Some(codes::code_of(map.get(at..at + 2)?) as u16)
            }
            None => u16::try_from(cid).ok(),
        }
    }
}

/// No control character, no private one, no sign for the unknown.
fn is_character(c: char) -> bool {
    !c.is_control() && c != UNKNOWN && !matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..)
        || is_selector(c)
        || matches!(c, '\t' | '\n' | '\r')
}

/// Fonts give a radical and its ideograph one glyph; the ideograph is meant.
fn unified(c: char) -> char {
    if matches!(c, '\u{2E80}'..='\u{2FDF}') { c.nfkc().next().unwrap_or(c) } else { c }
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// `/W`: runs of `first [w w w]` and `first last w`.
fn cid_widths(file: &File, list: &[Object]) -> HashMap<u32, f64> {
    const MOST: usize = 70_000;
    let mut widths = HashMap::new();
    let mut rest = list;
    while let [first, second, tail @ ..] = rest {
        let Some(first) = number(file.resolve(first)).filter(|n| (0.0..65536.0).contains(n)).map(|n| n as u32) else { break };
        match file.resolve(second) {
            Object::Array(run) => {
                for (n, width) in run.iter().enumerate().take(MOST) {
                    widths.insert(first + n as u32, number(file.resolve(width)).unwrap_or(1000.0));
                }
                rest = tail;
            }
            last => {
                let Some((last, [width, tail @ ..])) = number(last).map(|last| (last.clamp(0.0, 65535.0) as u32, tail)) else { break };
                let width = number(file.resolve(width)).unwrap_or(1000.0);
                (first..=last).for_each(|cid| {
                    widths.insert(cid, width);
                });
                rest = tail;
            }
        }
        if widths.len() > MOST {
            break;
        }
    }
    widths
}

/// Glyph to character from the font's own table; the first character of a glyph wins.
fn reversed_cmap(file: &File, descendant: &Dictionary) -> HashMap<u16, char> {
    let mut reversed = HashMap::new();
    let Some(descriptor) = file.dictionary(descendant, b"FontDescriptor") else { return reversed };
    let program = [&b"FontFile2"[..], b"FontFile3"].iter().find_map(|key| descriptor.get(key).ok());
    let Some(data) = program.and_then(|object| file.unpack_once(object).ok()) else { return reversed };
    let Ok(face) = ttf_parser::Face::parse(&data, 0) else { return reversed };
    let Some(cmap) = face.tables().cmap else { return reversed };
    for subtable in cmap.subtables.into_iter().filter(ttf_parser::cmap::Subtable::is_unicode) {
        subtable.codepoints(|code| {
            if let (Some(glyph), Some(c)) = (subtable.glyph_index(code), char::from_u32(code)) {
                reversed.entry(glyph.0).or_insert(c);
            }
        });
    }
    reversed
}
