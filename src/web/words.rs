//! The console's pages: templates in two languages, escaped as HTML.
//!
//! Owns the templates, the dictionary and the style. `[[key]]` in a template stands for a word of the dictionary; it is
//! put in when the templates are loaded, so that a missing word is found then and not by whoever opens that page.

use crate::domain::language::{Dictionary, Language};
use crate::fault::Fault;
use handlebars::Handlebars;
use serde::Serialize;

const DICTIONARY: &str = include_str!("assets/words.toml");
pub const STYLE: &str = include_str!("assets/console.css");
pub const SCRIPT: &str = include_str!("assets/console.js");

macro_rules! pages {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("assets/", $name, ".html.hbs")))),*] };
}
const PAGES: &[(&str, &str)] = pages!["head", "foot", "login", "today", "case", "review", "inbox", "search", "report", "audit", "message"];

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
        self.dictionary.word(key, language)
    }

    fn translated(&self, name: &str, text: &str, language: Language) -> Result<String, Fault> {
        let mut parts = text.split("[[");
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (key, rest) = part.split_once("]]").unwrap_or((part, ""));
            let missing = || Fault::lasting(format!("{name}.html.hbs"), format!("[[{key}]] has no word"), "add it to words.toml");
            let word = self.dictionary.get(key).ok_or_else(missing)?;
            whole.push_str(&handlebars::html_escape(word.said(language)));
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
    fn every_word_is_used_and_says_something_in_both_languages() {
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
        assert!(words.dictionary.faults(&words.dictionary).is_empty());
        for key in words.dictionary.keys() {
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
