//! What somebody typed into the review, and the values upon which it was typed.

use crate::catalogue::Voice;
use crate::desk::console::Entry;
use crate::pipeline::seen::{Stood, same};
use crate::web::rooms::deeds::Pairs;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An entry as the form brings it back.
pub struct Typed {
    pub reference: String,
    pub value: String,
    /// Somebody looked at it and holds it for right.
    pub is_accepted: bool,
    pub stood: Stood,
}

impl Typed {
    pub fn is_changed(&self) -> bool {
        !same(&self.value, &self.stood.value)
    }

    /// A doubtful value counts once it was looked at, any value where it was changed.
    pub fn counts(&self) -> bool {
        self.is_accepted || self.is_changed()
    }

    /// Whether something else stands there by now.
    pub fn is_passed(&self, entry: &Entry) -> bool {
        !self.stood.is(&entry.paper.to_string(), &entry.value, entry.doubts.is_some()) && !same(&self.value, &entry.value)
    }
}

/// All that counts of a form.
pub fn typed(form: &Pairs) -> Vec<Typed> {
    let brought: BTreeMap<&str, &str> = form.iter().map(|(key, value)| (key.as_str(), value.trim())).collect();
    let all = form.iter().filter_map(|(key, reference)| {
        let n = key.strip_prefix("ref.")?;
        let of = |field: &str| brought.get(format!("{field}.{n}").as_str()).copied();
        let text = |field: &str| of(field).unwrap_or_default().to_owned();
        Some(Typed {
            reference: reference.clone(),
            value: text("value"),
            is_accepted: of("ok").is_some(),
            stood: Stood { paper: text("paper"), value: text("was"), doubtful: of("doubt").is_some() },
        })
    });
    all.filter(Typed::counts).collect()
}

/// What was typed for an entry.
pub fn about<'t>(typed: &'t [Typed], entry: &Entry) -> Option<&'t Typed> {
    typed.iter().find(|typed| typed.reference == entry.reference)
}

/// What was typed for entries that the case has no more: it is shown, for whoever must enter it elsewhere.
pub fn homeless(typed: &[Typed], entries: &[Entry], voice: Voice<'_>) -> Vec<Value> {
    let has_no_home = |typed: &&Typed| typed.is_changed() && entries.iter().all(|entry| entry.reference != typed.reference);
    let one = |typed: &Typed| {
        let (document, key) = (typed.reference.split('.').next(), typed.reference.rsplit('.').next());
        json!({ "label": voice.field(document.unwrap_or_default(), key.unwrap_or_default()), "value": typed.value })
    };
    typed.iter().filter(has_no_home).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Vec<Typed> {
        typed(&pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_value_counts_once_it_was_looked_at_or_changed() {
        let form = |more: &[(&'static str, &'static str)]| {
            let fixed = [("ref.7", "user_info.2.email"), ("paper.7", "ab"), ("was.7", "一\r\n二"), ("doubt.7", "1")];
            of(&[&fixed[..], more].concat())
        };
        // A field of a page shows a value without its line breaks.
        assert!(form(&[("value.7", " 一二 ")]).is_empty());
        let accepted = form(&[("value.7", "一二"), ("ok.7", "1")]);
        assert!(accepted[0].is_accepted && !accepted[0].is_changed() && accepted[0].stood.doubtful);
        let changed = form(&[("value.7", "三")]);
        assert_eq!((changed[0].reference.as_str(), changed[0].value.as_str(), changed.len()), ("user_info.2.email", "三", 1));
        assert!(changed[0].stood.is("ab", "一\n二", true) && !changed[0].stood.is("ab", "一\n二", false), "{:?}", changed[0].stood);
        assert!(!changed[0].stood.is("cd", "一\n二", true));
    }
}
