//! Handlebars in strict mode, one engine for each sort of output, each with its own escape function.
//!
//! Owns the escape functions and the helpers. Knows no kind of notice.

use crate::fault::Fault;
use handlebars::{Context, Handlebars, Helper, HelperDef, RenderContext, RenderError, RenderErrorReason, ScopedJson};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a template turns into; decides how values are escaped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Sort {
    /// Plain text of a mail or a subject.
    Text,
    /// A typst page.
    Page,
    Sheet,
    Html,
}

impl Sort {
    pub const ALL: [Sort; 4] = [Sort::Text, Sort::Page, Sort::Sheet, Sort::Html];

    /// By the name of the file; `None` for what is no template.
    pub fn of(path: &str) -> Option<Sort> {
        let stem = path.strip_suffix(".hbs")?;
        Some(match stem.rsplit_once(['.', '/']).map_or(stem, |(_, end)| end) {
            "csv" => Sort::Sheet,
            "html" | "css" => Sort::Html,
            "page" | "typ" => Sort::Page,
            _ => Sort::Text,
        })
    }
}

/// The characters that the fonts of the pages can print.
pub type Printable = Box<dyn Fn(char) -> bool + Send + Sync>;

/// The engine of one sort of output, with its templates and partials.
pub struct Words {
    engine: Handlebars<'static>,
    /// Path of each partial by its short name.
    partials: BTreeMap<String, String>,
}

impl Words {
    pub fn new(sort: Sort, printable: Printable) -> Self {
        let mut engine = Handlebars::new();
        engine.set_strict_mode(true);
        match sort {
            Sort::Text => engine.register_escape_fn(plain),
            Sort::Page => engine.register_escape_fn(move |text| for_page(text, &printable)),
            Sort::Sheet => engine.register_escape_fn(crate::notices::sheet::cell),
            Sort::Html => engine.register_escape_fn(|text| handlebars::html_escape(&plain(text))),
        }
        for (name, helper) in HELPERS {
            engine.register_helper(name, Box::new(*helper));
        }
        Words { engine, partials: BTreeMap::new() }
    }

    /// Takes up a template under its path; one of `_shared` is a partial under its short name as well.
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), Fault> {
        let text = std::str::from_utf8(bytes).map_err(|error| Fault::lasting(path, error, "save the file as UTF-8"))?;
        let mut names = vec![path.to_owned()];
        if path.starts_with("_shared/") {
            let short = path.rsplit('/').next().and_then(|file| file.split('.').next()).unwrap_or(path);
            self.partials.insert(short.to_owned(), path.to_owned());
            names.push(short.to_owned());
        }
        for name in names {
            self.engine.register_template_string(&name, text).map_err(|error| {
                let place = error.pos().map_or_else(|| path.to_owned(), |(line, _)| format!("{path}:{line}"));
                Fault::lasting(place, error.reason(), "mend the braces of this template")
            })?;
        }
        Ok(())
    }

    pub fn has(&self, path: &str) -> bool {
        self.engine.has_template(path)
    }

    pub fn template(&self, name: &str) -> Option<&handlebars::Template> {
        self.engine.get_template(name)
    }

    /// The file behind the name of a partial.
    pub fn path_of<'a>(&'a self, name: &'a str) -> &'a str {
        self.partials.get(name).map_or(name, String::as_str)
    }

    pub fn render(&self, path: &str, data: Value) -> Result<String, Fault> {
        self.engine.render_with_context(path, &Context::from(data)).map_err(|error| {
            let file = error.template_name.as_deref().map_or(path, |name| self.path_of(name));
            let place = error.line_no.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"));
            Fault::lasting(place, error.reason(), "give the letter this value, or write the template so that it can do without")
        })
    }
}

/// Characters that a reader cannot see and that may change how the rest is read.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// A value on one line: no control characters, so that it cannot pretend to be a line of the letter.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| !is_unseen(*c)).map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect()
}

/// A value inside typst markup: every sign of ASCII loses its meaning; what no font has becomes 〓.
fn for_page(text: &str, printable: &Printable) -> String {
    let mut escaped = String::new();
    for c in plain(text).chars() {
        match c {
            '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => {}
            c if c.is_ascii_punctuation() => escaped.extend(['\\', c]),
            c if c.is_whitespace() || printable(c) => escaped.push(c),
            _ => escaped.push('〓'),
        }
    }
    escaped
}

type Compute = fn(&[Value]) -> Option<Value>;

/// A helper that is a pure function of its parameters; its result is escaped like any value.
#[derive(Clone, Copy)]
struct Pure(Compute);

impl HelperDef for Pure {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let mut given = Vec::new();
        for param in helper.params() {
            if param.is_value_missing() {
                let missing = param.relative_path().cloned();
                return Err(RenderErrorReason::MissingVariable(missing).into());
            }
            given.push(param.value().clone());
        }
        let wrong = || RenderErrorReason::Other(format!("{} cannot work on {given:?}", helper.name())).into();
        (self.0)(&given).map(ScopedJson::Derived).ok_or_else(wrong)
    }
}

const HELPERS: &[(&str, Pure)] = &[("no", Pure(numbered)), ("day", Pure(day)), ("join", Pure(join))];

/// Names of the helpers that templates may use, beside those of handlebars.
pub fn is_helper(name: &str) -> bool {
    const BUILT_IN: &[&str] = &["each", "if", "unless", "with", "lookup", "eq", "ne", "gt", "gte", "lt", "lte", "and", "or", "not", "len"];
    BUILT_IN.contains(&name) || HELPERS.iter().any(|(known, _)| *known == name)
}

/// `{{no @index}}`: the number of an item, from １ in full width.
fn numbered(given: &[Value]) -> Option<Value> {
    let number = given.first()?.as_u64()? + 1;
    Some(number.to_string().chars().filter_map(|c| char::from_u32(c as u32 - '0' as u32 + '０' as u32)).collect::<String>().into())
}

/// `{{day issued_on}}`: a date without its day of the week, as formal letters are dated.
fn day(given: &[Value]) -> Option<Value> {
    let date = given.first()?.as_str()?;
    Some(date.split('（').next()?.into())
}

/// `{{join list "、"}}`: a list of words in one line.
fn join(given: &[Value]) -> Option<Value> {
    let [Value::Array(list), Value::String(between)] = given else { return None };
    let words: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
    Some(words?.join(between).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rendered(sort: Sort, template: &str, data: &Value) -> Result<String, Fault> {
        let mut words = Words::new(sort, Box::new(|c| c != '☃'));
        words.add("t", template.as_bytes())?;
        words.render("t", data.clone())
    }

    #[test]
    fn each_sort_of_output_escapes_in_its_own_way() {
        let data = json!({"v": "#evil[*x*] <b>&\n=1+1"});
        assert_eq!(rendered(Sort::Text, "{{v}}", &data).unwrap(), "#evil[*x*] <b>& =1+1");
        assert_eq!(rendered(Sort::Page, "{{v}}", &data).unwrap(), r"\#evil\[\*x\*\] \<b\>\& \=1\+1");
        assert!(rendered(Sort::Html, "{{v}}", &data).unwrap().starts_with("#evil[*x*] &lt;b&gt;&amp; "));
    }

    #[test]
    fn what_no_font_has_is_seen_to_be_missing() {
        assert_eq!(rendered(Sort::Page, "{{v}}", &json!({"v": "雪☃葛\u{E0100}"})).unwrap(), "雪〓葛");
    }

    #[test]
    fn signs_that_turn_the_direction_of_reading_are_dropped() {
        assert_eq!(rendered(Sort::Text, "{{v}}", &json!({"v": "請求書\u{202E}fdp.exe"})).unwrap(), "請求書fdp.exe");
    }

    #[test]
    fn helpers_number_and_date_and_join() {
        let data = json!({"list": ["甲", "乙"], "on": "2026年4月17日（金）"});
        let text = "{{#each list}}{{no @index}}．{{this}} {{/each}}{{day on}} {{join list \"、\"}}";
        assert_eq!(rendered(Sort::Text, text, &data).unwrap(), "１．甲 ２．乙 2026年4月17日 甲、乙");
    }

    #[test]
    fn a_missing_value_is_named_with_its_line() {
        let fault = rendered(Sort::Text, "一\n{{tso.name}}", &json!({"tso": {}})).unwrap_err();
        assert!(fault.place.ends_with("t:2"), "{fault}");
        let fault = rendered(Sort::Text, "{{day missing}}", &json!({})).unwrap_err();
        assert!(fault.what.contains("missing"), "{fault}");
    }

    #[test]
    fn the_sort_stands_in_the_name() {
        let sorts = ["a/subject.hbs", "a/body.txt.hbs", "a/page.hbs", "_shared/page/letterhead.typ.hbs", "a/sheet.csv.hbs", "b/x.html.hbs"];
        let found: Vec<_> = sorts.iter().map(|path| Sort::of(path).unwrap()).collect();
        assert_eq!(found, [Sort::Text, Sort::Text, Sort::Page, Sort::Page, Sort::Sheet, Sort::Html]);
        assert_eq!(Sort::of("a/notice.toml"), None);
    }
}
