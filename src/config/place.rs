//! Where a setting stands: the file and the line of what is said of `[table] key`.
//!
//! Owns this search alone. Never knows what a setting means.

use std::path::Path;

/// `setting` with the file and the line that it stands in, or that of its table where it is missing.
pub fn in_file(path: &Path, text: &str, setting: &str) -> String {
    let (table, key) = setting.split_once("] ").unwrap_or((setting, ""));
    let key = key.split([',', ' ']).next().unwrap_or_default();
    let (mut inside, mut found) = (false, None);
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            inside = line.strip_prefix(table).is_some_and(|rest| rest.starts_with(']'));
            if inside {
                found = Some(index + 1);
            }
        } else if inside && line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')) {
            found = Some(index + 1);
            break;
        }
    }
    let line = found.map_or_else(String::new, |line| format!(":{line}"));
    format!("{}{line}: {setting}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_told_with_the_line_of_its_own_table() {
        let text = "inbox = \"a\"\n[imap]\nhost = \"a\"\n\n[smtp]\n# host = \"b\"\nhosts = 1\n host= \"c\"\nfrom = \"\"\n[desk]\n";
        for (setting, place) in [
            ("[smtp] host, from", "u.toml:8: [smtp] host, from"),
            ("[imap] host", "u.toml:3: [imap] host"),
            ("[imap] from", "u.toml:2: [imap] from"),
            ("[desk] tso", "u.toml:10: [desk] tso"),
            ("[readers] onnxruntime = /x", "u.toml: [readers] onnxruntime = /x"),
        ] {
            assert_eq!(in_file(Path::new("u.toml"), text, setting), place);
        }
    }
}
