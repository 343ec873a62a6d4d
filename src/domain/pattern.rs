//! Patterns of the catalogue, compiled once for the whole process: to compile one takes longer than to read a page of text.

use regex::Regex;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Patterns that are kept; a catalogue has some two hundred.
const MOST: usize = 2_000;

static KNOWN: LazyLock<Mutex<HashMap<String, Option<Arc<Regex>>>>> = LazyLock::new(Mutex::default);

/// The pattern; `None` where it is none.
pub fn compiled(text: &str) -> Option<Arc<Regex>> {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pattern) = known.get(text) {
        return pattern.clone();
    }
    let pattern = Regex::new(text).ok().map(Arc::new);
    if known.len() < MOST {
        known.insert(text.to_owned(), pattern.clone());
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_compiled_once_and_a_broken_one_is_none() {
        let (first, again) = (compiled(r"^\d{22}$").unwrap(), compiled(r"^\d{22}$").unwrap());
        assert!(Arc::ptr_eq(&first, &again) && first.is_match("0200000000000000000001"));
        assert!(compiled("(").is_none() && compiled("(").is_none());
    }
}
