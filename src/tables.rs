//! The tables of the office's book, as administrators write them: TOML.
//!
//! Owns how one is read, and what is said of one that does not hold. Never knows what a table means.

use crate::fault::Fault;
use serde::de::DeserializeOwned;

/// What to do about a table that does not hold, where nothing more is known of it.
pub const COMPARE: &str = "compare with the shipped file of this name";

/// A table that the program carries: its path, as it is written, and the same in JSON, which is read in a fraction of the time.
struct Carried {
    path: &'static str,
    toml: &'static str,
    json: &'static str,
}

/// By path; made when the program is built.
static CARRIED: &[Carried] = include!(concat!(env!("OUT_DIR"), "/tables.rs"));

/// What a table says. The fault names the file and the line, and what to do: `hint`.
pub fn read<T: DeserializeOwned>(path: &str, bytes: &[u8], hint: &'static str) -> Result<T, Fault> {
    if let Some(json) = carried(path, bytes)
        && let Ok(table) = serde_json::from_str(json)
    {
        return Ok(table);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
        Fault::lasting(format!("{path}:{line}"), "is no UTF-8", "save the file as UTF-8")
    })?;
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text.get(..span.start).unwrap_or(text).lines().count().max(1));
        Fault::lasting(format!("{path}:{line}"), error.message(), hint)
    })
}

/// Where a table says this: the `nth` line, from 0, that begins so, blanks aside. The file alone where none does.
pub fn place(path: &str, bytes: &[u8], beginning: &str, nth: usize) -> String {
    let tight = |line: &str| line.split_whitespace().collect::<String>();
    let beginning = tight(beginning);
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().enumerate().filter(|(_, line)| tight(line).starts_with(&beginning)).nth(nth);
    line.map_or_else(|| path.to_owned(), |(index, _)| format!("{path}:{}", index + 1))
}

/// The JSON of a table that is the carried one, byte for byte.
fn carried(path: &str, bytes: &[u8]) -> Option<&'static str> {
    let at = CARRIED.binary_search_by(|carried| carried.path.cmp(path)).ok()?;
    CARRIED.get(at).filter(|carried| carried.toml.as_bytes() == bytes).map(|carried| carried.json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_carries_says_the_same_in_json() {
        assert!(!CARRIED.is_empty());
        for Carried { path, toml, json } in CARRIED {
            let written: serde_json::Value = toml::from_str(toml).unwrap();
            let carried: serde_json::Value = read(path, toml.as_bytes(), "").unwrap();
            assert_eq!(written, carried, "{path}");
            assert_eq!(self::carried(path, toml.as_bytes()), Some(*json));
        }
    }

    #[test]
    fn a_place_is_the_line_that_says_it() {
        let table = b"[[rule]]\ncode = \"A-001\"\n\n  [[ rule ]]\ncode=\"A-002\"\n";
        assert_eq!(place("rules.toml", table, "[[rule]]", 1), "rules.toml:4");
        assert_eq!(place("rules.toml", table, "code = \"A-002\"", 0), "rules.toml:5");
        assert_eq!(place("rules.toml", table, "[[rule]]", 2), "rules.toml");
    }

    #[test]
    fn another_table_of_the_same_path_is_read_as_it_is_written() {
        let Carried { path, toml, .. } = CARRIED[0];
        let other: serde_json::Value = read(path, format!("{toml}\n[of_our_own]\n").as_bytes(), "").unwrap();
        assert!(other["of_our_own"].is_object());
        let strange = read::<serde_json::Value>(path, b"a = 1\nb = \"\x83\x65\"\n", "mend it").unwrap_err();
        assert_eq!((strange.place.as_str(), strange.hint.as_str()), (format!("{path}:2").as_str(), "save the file as UTF-8"));
        let broken = read::<serde_json::Value>(path, b"a = 1\nb = =\n", "mend it").unwrap_err();
        assert_eq!((broken.place.as_str(), broken.hint.as_str()), (format!("{path}:2").as_str(), "mend it"));
    }
}
