//! The languages in which the program speaks to its staff, and what it says in each of them.
//!
//! Owns the filling of blanks. Letters to applicants are no part of it: they are Japanese.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::str::FromStr;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    Japanese,
    English,
}

impl Language {
    pub const ALL: [Language; 2] = [Language::Japanese, Language::English];

    pub fn code(self) -> &'static str {
        match self {
            Language::Japanese => "ja",
            Language::English => "en",
        }
    }

    pub fn of(code: &str) -> Option<Self> {
        Language::ALL.into_iter().find(|language| language.code() == code)
    }

    pub fn choose<T>(self, japanese: T, english: T) -> T {
        match self {
            Language::Japanese => japanese,
            Language::English => english,
        }
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Language::of(text).ok_or_else(|| format!("{text:?} is no language here; use {}", Language::ALL.map(Language::code).join(" or ")))
    }
}

/// The same in each language.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    pub ja: String,
    pub en: String,
}

impl Word {
    pub fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Word { ja: ja.into(), en: en.into() }
    }

    pub fn said(&self, language: Language) -> &str {
        language.choose(&self.ja, &self.en)
    }
}

/// Words and sentences by their keys.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(transparent)]
pub struct Dictionary(BTreeMap<String, Word>);

impl Dictionary {
    pub fn get(&self, key: &str) -> Option<&Word> {
        self.0.get(key)
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// What stands under a key; the key where nothing does.
    pub fn word<'a>(&'a self, key: &'a str, language: Language) -> &'a str {
        self.0.get(key).map_or(key, |word| word.said(language))
    }

    /// A sentence with its blanks filled.
    pub fn tell(&self, key: &str, language: Language, blanks: &[(&str, &str)]) -> String {
        let mut parts = self.word(key, language).split('{');
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap_or((part, ""));
            whole.push_str(blanks.iter().find(|(known, _)| *known == name).map_or(name, |(_, value)| value));
            whole.push_str(rest);
        }
        whole
    }

    /// All words of a language.
    pub fn all(&self, language: Language) -> BTreeMap<&str, &str> {
        self.0.iter().map(|(key, word)| (key.as_str(), word.said(language))).collect()
    }

    /// What is wrong with these words beside the shipped ones.
    pub fn faults(&self, shipped: &Dictionary) -> Vec<String> {
        let lacking = shipped.keys().filter(|key| self.get(key).is_none()).map(|key| format!("{key} is missing"));
        let unknown = self.keys().filter(|key| shipped.get(key).is_none()).map(|key| format!("{key} is not asked for"));
        let wrong = self.0.iter().flat_map(|(key, word)| {
            Language::ALL.into_iter().filter_map(move |language| {
                let text = word.said(language);
                let known = |blank: &str| shipped.get(key).is_none_or(|shipped| blanks(shipped.said(language)).any(|one| one == blank));
                if text.is_empty() {
                    Some(format!("{key} says nothing in {}", language.code()))
                } else {
                    blanks(text).find(|blank| !known(blank)).map(|blank| format!("{key} asks for {{{blank}}}, which nobody fills"))
                }
            })
        });
        lacking.chain(unknown).chain(wrong).collect()
    }
}

fn blanks(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dictionary(text: &str) -> Dictionary {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn blanks_are_filled_once_and_in_any_order() {
        let words = dictionary("a = { ja = \"{x}の{y}\", en = \"{y} of {x}\" }");
        let filled = |language| words.tell("a", language, &[("x", "{y}"), ("y", "2")]);
        assert_eq!([filled(Language::Japanese), filled(Language::English)], ["{y}の2", "2 of {y}"]);
        assert_eq!(words.word("b", Language::English), "b");
    }

    #[test]
    fn a_language_without_a_word_is_told() {
        let shipped = dictionary("a = { ja = \"{x}\", en = \"{x}\" }\nb = { ja = \"い\", en = \"b\" }");
        assert!(shipped.faults(&shipped).is_empty());
        let other = dictionary("a = { ja = \"{z}\", en = \"\" }\nc = { ja = \"う\", en = \"c\" }");
        let faults = other.faults(&shipped).join("; ");
        for said in ["b is missing", "c is not asked for", "a says nothing in en", "a asks for {z}"] {
            assert!(faults.contains(said), "{said}: {faults}");
        }
        assert!(toml::from_str::<Dictionary>("a = { ja = \"あ\" }").is_err());
    }
}
