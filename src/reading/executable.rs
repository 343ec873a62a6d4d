//! Programs: recognised so that they are refused with the right words, never run, never opened.

use crate::domain::finding::Remark;
use crate::reading::format::{Outcome, Source, Tools};

/// Endings that Windows or a mail program would run.
const ENDINGS: &[&str] = &[
    "exe", "scr", "com", "pif", "bat", "cmd", "cpl", "msi", "msp", "dll", "sys", "js", "jse", "vbs", "vbe", "wsf", "wsh", "hta", "ps1",
    "lnk", "jar", "reg", "chm", "iso", "img", "vhd", "xll", "sct", "inf", "scf", "app", "apk", "deb", "rpm", "sh",
];

/// Windows, Linux and Mac programs, shell scripts and shortcuts, by their first bytes.
pub fn sniff(bytes: &[u8]) -> bool {
    let dos = bytes.starts_with(b"MZ") && bytes.len() > 64;
    dos || bytes.starts_with(b"\x7fELF")
        || bytes.starts_with(b"#!/")
        || bytes.starts_with(b"L\0\0\0\x01\x14\x02\0")
        || [&b"\xfe\xed\xfa\xce"[..], b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"]
            .iter()
            .any(|magic| bytes.starts_with(magic))
}

pub fn read(source: &Source<'_>, _tools: &Tools<'_>) -> Outcome {
    Outcome::unreadable(Remark::new("M-005").word("file", source.name))
}

/// Whether the name of a part would make a machine run it, and its bytes do not show it: one that is a program by its bytes says so
/// itself when it is read.
pub fn is_only_named_so(name: &str, bytes: &[u8]) -> bool {
    is_named_so(name) && !sniff(bytes)
}

/// Whether the name alone would make a machine run the file.
fn is_named_so(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending.trim().to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_by_bytes_and_by_name() {
        assert!(sniff(&[b"MZ".as_slice(), &[0; 100]].concat()));
        assert!(!sniff(b"MZ is how a short text may begin"));
        assert!(is_named_so("見積書.pdf.EXE"));
        assert!(!is_named_so("利用申込書.pdf"));
        assert!(!is_named_so("exe"));
        let program = [b"MZ".as_slice(), &[0; 100]].concat();
        assert!(is_only_named_so("a.js", b"run()") && !is_only_named_so("a.exe", &program) && !is_only_named_so("a.pdf", b"run()"));
    }
}
