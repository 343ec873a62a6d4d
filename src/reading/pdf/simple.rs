//! Simple fonts: one byte a character. Owns the encodings and widths that a file may leave out.

/// The 256 meanings of ZapfDingbats, which forms use for their check marks.
pub fn dingbat(byte: u8) -> Option<char> {
    match byte {
        0x20 => Some(' '),
        0x25 => Some('☎'),
        0x2A => Some('☛'),
        0x2B => Some('☞'),
        0x33 | 0x34 => Some('✓'),
        0x48 => Some('★'),
        0x6C => Some('●'),
        0x6E => Some('■'),
        0x6F..=0x72 => Some('□'),
        0x73 => Some('▲'),
        0x74 => Some('▼'),
        0x75 => Some('◆'),
        0x21..=0x7E => char::from_u32(0x2701 + u32::from(byte) - 0x21),
        _ => None,
    }
}

/// The meaning of a byte in WinAnsi.
pub fn win_ansi(byte: u8) -> String {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.into_owned()
}

/// Widths in thousandths of the standard fonts, from the space to the tilde.
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278,
    278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722,
    667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556,
    556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

const TIMES: [u16; 95] = [
    250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 278,
    278, 564, 564, 564, 444, 921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722, 556, 722, 667, 556, 611, 722,
    722, 944, 722, 722, 611, 333, 278, 333, 469, 500, 333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500, 500,
    500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541,
];

/// The width of a byte in a standard font that the file describes no further.
pub fn standard_width(font: &str, byte: u8) -> f64 {
    let table = if font.contains("Courier") {
        return 600.0;
    } else if font.contains("Times") {
        &TIMES
    } else if font.contains("Dingbats") {
        return 790.0;
    } else {
        &HELVETICA
    };
    usize::from(byte).checked_sub(32).and_then(|n| table.get(n)).map_or(556.0, |width| f64::from(*width))
}
