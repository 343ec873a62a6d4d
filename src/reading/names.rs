//! File names that strangers chose, made safe to show and to keep.
//!
//! Owns what a name may hold. Never touches a file, never judges a content.

use unicode_normalization::UnicodeNormalization;

/// Bytes that a name may have; file systems stop at 255 and prefixes are added later.
const LONGEST: usize = 180;

const DEVICES: &[&str] = &["CON", "PRN", "AUX", "NUL", "CLOCK$", "COM", "LPT"];

/// The last part of the name, without anything that a file system or a terminal could stumble over.
/// `fallback` where nothing is left.
pub fn clean(name: &str, fallback: &str) -> String {
    let last = name.rsplit(['/', '\\']).map(str::trim).find(|part| !part.is_empty()).unwrap_or_default();
    let plain: String = composed(last)
        .chars()
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .map(|c| if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | char::REPLACEMENT_CHARACTER) { '_' } else { c })
        .collect();
    // A leading dot hides a file, a trailing one vanishes on Windows.
    let plain = plain.trim().trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
    if plain.is_empty() {
        return fallback.to_owned();
    }
    let safe = if is_device(plain) { format!("_{plain}") } else { plain.to_owned() };
    shortened(&safe)
}

/// か and its voicing mark as one character, as on every machine but a Mac.
/// Only where such marks stand: composition would also swap variants of kanji.
fn composed(name: &str) -> String {
    if name.contains(['\u{3099}', '\u{309a}']) { name.nfc().collect() } else { name.to_owned() }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim().to_ascii_uppercase();
    let bare = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = stem.len() - bare.len();
    DEVICES.contains(&bare) && if matches!(bare, "COM" | "LPT") { digits == 1 } else { digits == 0 }
}

/// The name, cut in its middle where a file system could not take it with what is added to it.
pub fn shortened(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 10 && !stem.is_empty() => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let room = LONGEST.saturating_sub(extension.len());
    let end = stem.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= room).last().unwrap_or(0);
    format!("{}{extension}", stem.get(..end).unwrap_or_default())
}

/// Files that programs leave behind; nobody sent them on purpose.
pub fn is_debris(path: &str) -> bool {
    let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let lower = last.to_lowercase();
    path.split(['/', '\\']).any(|part| part == "__MACOSX")
        || last.starts_with("~$")
        || last.starts_with(".~lock")
        || last.starts_with("._")
        || matches!(lower.as_str(), "thumbs.db" | "desktop.ini" | ".ds_store")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_dropped() {
        for (name, clean_name) in [
            ("../../../../etc/cron.d/evil", "evil"),
            ("/tmp/abs.txt", "abs.txt"),
            ("..\\..\\win.txt", "win.txt"),
            ("C:\\書類\\申込書.pdf", "申込書.pdf"),
            ("folder/", "folder"),
            ("..", "x"),
            ("../..", "x"),
            ("", "x"),
            (" . ", "x"),
        ] {
            assert_eq!(clean(name, "x"), clean_name, "{name}");
        }
    }

    #[test]
    fn what_terminals_and_file_systems_stumble_over() {
        assert_eq!(clean("a\r\n\u{1b}[31mb\0.pdf", "x"), "a[31mb.pdf");
        assert_eq!(clean("見積\u{202e}fdp.exe", "x"), "見積fdp.exe");
        assert_eq!(clean("a:b*c?.pdf", "x"), "a_b_c_.pdf");
        assert_eq!(clean(".htaccess", "x"), "htaccess");
        assert_eq!(clean("con.txt", "x"), "_con.txt");
        assert_eq!(clean("COM1", "x"), "_COM1");
        assert_eq!(clean("communication.pdf", "x"), "communication.pdf");
        assert_eq!(clean("申込書．.. ", "x"), "申込書．");
    }

    #[test]
    fn long_names_keep_their_extension() {
        let long = clean(&format!("{}.xlsx", "登".repeat(300)), "x");
        assert!(long.len() <= LONGEST && long.ends_with("登.xlsx"), "{long}");
    }

    #[test]
    fn marks_of_a_mac_become_one_character() {
        assert_eq!(clean("デ\u{30fc}タ.xlsx", "x"), clean("テ\u{3099}\u{30fc}タ.xlsx", "x"));
        assert_eq!(clean("\u{fa19}社.pdf", "x"), "\u{fa19}社.pdf");
    }
}
