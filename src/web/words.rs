//! The console's pages: templates in two languages, escaped as HTML.
//!
//! Owns the templates, the dictionary and the style. `[[key]]` in a template stands for a word of the dictionary; it is
//! put in when the templates are loaded, so that a missing word is found then and not by whoever opens that page.

use crate::fault::Fault;
use handlebars::Handlebars;
use serde::Serialize;
use std::collections::BTreeMap;

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
}

const DICTIONARY: &str = include_str!("assets/words.toml");
pub const STYLE: &str = include_str!("assets/console.css");
pub const SCRIPT: &str = include_str!("assets/console.js");

macro_rules! pages {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("assets/", $name, ".html.hbs")))),*] };
}
const PAGES: &[(&str, &str)] = pages!["head", "foot", "login", "today", "case", "review", "inbox", "search", "report", "audit", "message"];

/// A word in each language, by its key.
type Dictionary = BTreeMap<String, BTreeMap<String, String>>;

pub struct Words {
    engine: Handlebars<'static>,
    dictionary: Dictionary,
}

impl Words {
    pub fn load() -> Result<Self, Fault> {
        let dictionary: Dictionary =
            toml::from_str(DICTIONARY).map_err(|error| Fault::lasting("words.toml", error, "mend the dictionary of the console"))?;
        let mut engine = Handlebars::new();
        engine.set_strict_mode(true);
        let words = Words { engine: Handlebars::new(), dictionary };
        for language in Language::ALL {
            for (name, text) in PAGES {
                let text = words.translated(name, text, language)?;
                engine
                    .register_template_string(&format!("{}/{name}", language.code()), text)
                    .map_err(|error| Fault::lasting(format!("{name}.html.hbs"), error.reason(), "mend the braces of this template"))?;
            }
        }
        Ok(Words { engine, ..words })
    }

    /// A page in a language.
    pub fn page(&self, name: &str, language: Language, data: &impl Serialize) -> Result<String, Fault> {
        self.engine.render(&format!("{}/{name}", language.code()), data).map_err(|error| {
            let line = error.line_no.unwrap_or(0);
            Fault::lasting(format!("{name}.html.hbs:{line}"), error.reason(), "this is a fault of the console: tell its makers")
        })
    }

    /// A word for what the program says by itself; the key where there is none.
    pub fn word<'a>(&'a self, key: &'a str, language: Language) -> &'a str {
        self.dictionary.get(key).and_then(|word| word.get(language.code())).map_or(key, String::as_str)
    }

    fn translated(&self, name: &str, text: &str, language: Language) -> Result<String, Fault> {
        let mut parts = text.split("[[");
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (key, rest) = part.split_once("]]").unwrap_or((part, ""));
            let word = self.dictionary.get(key).and_then(|word| word.get(language.code()));
            let missing = || {
                Fault::lasting(format!("{name}.html.hbs"), format!("[[{key}]] has no word in {}", language.code()), "add it to words.toml")
            };
            whole.push_str(&handlebars::html_escape(word.ok_or_else(missing)?));
            whole.push_str(rest);
        }
        // Partials are of the same language.
        Ok(whole
            .replace("{{> head}}", &format!("{{{{> {}/head}}}}", language.code()))
            .replace("{{> foot}}", &format!("{{{{> {}/foot}}}}", language.code())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_every_word_and_every_word_is_used() {
        let words = Words::load().unwrap_or_else(|fault| panic!("{fault}"));
        let templates: String = PAGES.iter().map(|(_, text)| *text).collect();
        let sources = [
            include_str!("mod.rs"),
            include_str!("guard.rs"),
            include_str!("rooms/mod.rs"),
            include_str!("rooms/case.rs"),
            include_str!("rooms/deeds.rs"),
            include_str!("rooms/today.rs"),
            include_str!("rooms/door.rs"),
            include_str!("rooms/arrivals.rs"),
        ]
        .concat();
        for (key, word) in &words.dictionary {
            for language in Language::ALL {
                assert!(word.get(language.code()).is_some_and(|word| !word.is_empty()), "{key} in {}", language.code());
            }
            assert_eq!(word.len(), Language::ALL.len(), "{key}");
            let used = templates.contains(&format!("[[{key}]]"))
                || sources.contains(&format!("\"{key}\""))
                || key.starts_with("event_")
                || key.starts_with("role_");
            assert!(used, "{key} is not used");
        }
        assert!(words.translated("x", "[[nobody_knows]]", Language::English).is_err());
    }

    #[test]
    fn there_is_nothing_inline_and_nothing_from_elsewhere() {
        for (name, text) in PAGES {
            for wrong in ["style=", "<style", "onclick", "javascript:", "http://", "https://", "{{{"] {
                assert!(!text.contains(wrong), "{name}: {wrong}");
            }
            assert!(!text.contains("<script") || text.contains("<script src=\"/assets/console.js\""), "{name}");
        }
    }
}
