//! The patterns of a form's file: refused at the door where they are none, with the line that they stand in.
//!
//! Owns no pattern itself. A broken one would otherwise find nothing and say nothing.

use crate::extraction::contract;
use crate::fault::Fault;
use regex::Regex;
use serde::Deserialize;
use toml::Spanned;

/// The parts of a form's file that hold patterns; the rest is checked where it is read.
#[derive(Deserialize)]
struct Form {
    #[serde(default)]
    clauses: Vec<Spanned<String>>,
    #[serde(default, rename = "field")]
    fields: Vec<FieldPart>,
}

#[derive(Deserialize)]
struct FieldPart {
    key: String,
    pattern: Option<Spanned<String>>,
    #[serde(default)]
    find: Option<FindPart>,
}

#[derive(Deserialize)]
struct FindPart {
    shape: Option<Spanned<String>>,
}

/// Every pattern of a form's file that cannot be used.
pub fn faults(path: &str, text: &str) -> Vec<Fault> {
    // What is no form at all is another fault, named by the catalogue.
    let Ok(form) = toml::from_str::<Form>(text) else { return Vec::new() };
    let mut faults = Vec::new();
    let mut refuse = |written: &Spanned<String>, what: String, hint: &str| {
        let line = text.get(..written.span().start).unwrap_or(text).matches('\n').count() + 1;
        faults.push(Fault::lasting(format!("{path}:{line}"), what, hint));
    };
    for written in &form.clauses {
        match contract::pattern(written.get_ref()) {
            Err(error) => refuse(written, format!("{} is no pattern: {}", written.get_ref(), last_line(&error)), "mend the pattern"),
            Ok(pattern) => {
                let strangers = pattern.capture_names().flatten().filter(|name| !form.fields.iter().any(|field| field.key == **name));
                for name in strangers {
                    refuse(written, format!("the group {name} is named after no field of this form"), "name it after a field");
                }
                if pattern.capture_names().flatten().next().is_none() {
                    refuse(written, format!("{} has no named group", written.get_ref()), "name a group after the field that it holds");
                }
            }
        }
    }
    let find = |field: &FieldPart| field.find.as_ref().and_then(|find| find.shape.clone());
    let shapes: Vec<Spanned<String>> = form.fields.iter().flat_map(|field| field.pattern.clone().into_iter().chain(find(field))).collect();
    for written in &shapes {
        if let Err(error) = Regex::new(written.get_ref()) {
            refuse(written, format!("{} is no pattern: {}", written.get_ref(), last_line(&error)), "mend the pattern");
        }
    }
    faults
}

/// The regex crate draws a picture first and says last what is wrong.
fn last_line(error: &regex::Error) -> String {
    error.to_string().lines().last().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::faults;

    const FORM: &str = "id = \"x\"\nclauses = [\n  '甲(?P<party_a>.+)',\n  '乙(?P<party_b>.+',\n  '丙(?P<party_c>.+)',\n  '契約',\n]\n\n\
        [[field]]\nkey = \"party_a\"\npattern = '^[A-Z'\n[field.find]\nshape = '(\\d+'\n";

    #[test]
    fn broken_patterns_are_named_with_their_line() {
        let found: Vec<(String, String)> = faults("form.toml", FORM).into_iter().map(|fault| (fault.place, fault.what)).collect();
        let wanted = [
            ("form.toml:4", "乙(?P<party_b>.+ is no pattern: error: unclosed group"),
            ("form.toml:5", "the group party_c is named after no field of this form"),
            ("form.toml:6", "契約 has no named group"),
            ("form.toml:11", "^[A-Z is no pattern: error: unclosed character class"),
            ("form.toml:13", "(\\d+ is no pattern: error: unclosed group"),
        ];
        assert_eq!(found, wanted.map(|(place, what)| (place.to_owned(), what.to_owned())));
    }

    #[test]
    fn sound_patterns_and_no_forms_are_left_alone() {
        assert!(faults("form.toml", "clauses = ['甲(?P<party_a>{name}+)']\n[[field]]\nkey = \"party_a\"").is_empty());
        assert!(faults("form.toml", "clauses = ").is_empty());
    }
}
