//! Whether a case still stands as the page showed it from which a deed comes.
//!
//! Owns that comparison. Never says whether the deed would be possible otherwise.

use crate::casework::correction;
use crate::casework::fold::Case;
use crate::domain::extract::Field;
use crate::domain::language::{Language, Word};
use crate::pipeline::Office;
use crate::pipeline::record::Deed;
use std::collections::BTreeMap;

/// Entries that a refusal names.
const MOST_NAMED: usize = 5;

/// What somebody had before their eyes who did it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Seen {
    /// No page: whoever types a command says what is meant.
    #[default]
    Nothing,
    /// The case up to this event.
    Until(u32),
    /// Values, by the references of what is set.
    Values(BTreeMap<String, Stood>),
}

/// A value as a page showed it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stood {
    /// The document that it was read in, by its id.
    pub paper: String,
    /// Nothing for a blank entry.
    pub value: String,
    pub doubtful: bool,
}

impl Stood {
    /// Whether the same is to be seen there now.
    pub fn is(&self, paper: &str, value: &str, doubtful: bool) -> bool {
        self.paper == paper && same(&self.value, value) && self.doubtful == doubtful
    }
}

/// The same words: the field of a page drops line breaks and what stands around.
pub fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned();
    plain(one) == plain(other)
}

/// Why a deed is not what its author meant: something else stands there by now.
pub fn passed(case: &Case, deed: &Deed, office: &Office<'_>) -> Option<Word> {
    match &deed.seen {
        Seen::Nothing => None,
        Seen::Until(seq) => (*seq != case.seq).then(|| {
            Word::new(
                "この画面を開いた後に案件が動いています。いまの内容を確かめてから、もう一度行ってください",
                "the case has moved since this page was opened: look at what stands there now, then do it again",
            )
        }),
        Seen::Values(values) => {
            let is_passed = |(reference, value): &&(String, String)| !holds(case, office, reference, value, values.get(reference));
            let passed: Vec<&str> = deed.set.iter().filter(is_passed).map(|(reference, _)| reference.as_str()).collect();
            (!passed.is_empty()).then(|| {
                let named = |language| named(&passed, office, language);
                Word::new(
                    format!(
                        "この画面を開いた後に変わった値があります（{}）。いまの値を確かめてから、もう一度保存してください",
                        named(Language::Japanese)
                    ),
                    format!(
                        "what stands there has changed since this page was opened ({}): look at it, then save again",
                        named(Language::English)
                    ),
                )
            })
        }
    }
}

/// Whether an entry shows what it showed then. Where the value stands already nothing is lost.
fn holds(case: &Case, office: &Office<'_>, reference: &str, value: &str, stood: Option<&Stood>) -> bool {
    let (Some(stood), Ok((target, _))) = (stood, correction::locate(case, &office.catalogue.documents, reference)) else { return false };
    let now = correction::standing(case, &target);
    let (text, doubtful) = now.map_or((String::new(), false), |field: &Field| (field.value.to_string(), field.needs_review()));
    same(&text, value) && !doubtful || stood.is(&target.doc.to_string(), &text, doubtful)
}

/// What these entries are called.
fn named(references: &[&str], office: &Office<'_>, language: Language) -> String {
    let voice = office.catalogue.in_language(language);
    let label = |reference: &&str| {
        let (document, key) = (reference.split('.').next().unwrap_or_default(), reference.rsplit('.').next().unwrap_or_default());
        voice.field(document, key)
    };
    let mut names: Vec<String> = references.iter().take(MOST_NAMED).map(label).collect();
    if references.len() > MOST_NAMED {
        names.push("…".to_owned());
    }
    names.join(language.choose("、", ", "))
}
