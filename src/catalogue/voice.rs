//! What things are called in a language: states, steps, documents, letters, and the words around them.
//!
//! Owns what stands where a name is unknown. Letters to applicants never ask here in any language but Japanese.

use crate::catalogue::Catalogue;
use crate::domain::date;
use crate::domain::document::{DocumentKind, DocumentSpec};
use crate::domain::doubt::Doubts;
use crate::domain::language::Language;
use crate::domain::place::Place;
use crate::fault::Fault;
use jiff::civil::Date;

#[derive(Clone, Copy)]
pub struct Voice<'a> {
    pub catalogue: &'a Catalogue,
    pub language: Language,
}

impl<'a> Voice<'a> {
    fn name(self, found: Option<(&'a String, &'a String)>, id: &str) -> String {
        found.map_or_else(|| id.to_owned(), |(name, english)| self.language.choose(name, english).clone())
    }

    pub fn state(self, id: &str) -> String {
        self.name(self.catalogue.flows.state(id).map(|state| (&state.name, &state.english)), id)
    }

    pub fn transition(self, id: &str) -> String {
        self.name(self.catalogue.flows.transition(id).map(|transition| (&transition.name, &transition.english)), id)
    }

    pub fn event(self, id: &str) -> String {
        self.name(self.catalogue.flows.event(id).map(|event| (&event.name, &event.english)), id)
    }

    pub fn deadline(self, id: &str) -> String {
        self.name(self.catalogue.flows.deadline(id).map(|deadline| (&deadline.name, &deadline.english)), id)
    }

    pub fn flow(self, id: &str) -> String {
        self.name(self.catalogue.flows.flows.get(id).map(|flow| (&flow.title, &flow.english)), id)
    }

    /// A kind of document.
    pub fn document(self, kind: &str) -> String {
        let spec = self.catalogue.documents.iter().find(|spec| spec.id.as_str() == kind);
        spec.map_or_else(|| self.other(kind), |spec| self.language.choose(&spec.title, &spec.english).clone())
    }

    /// A kind of letter.
    pub fn letter(self, kind: &str) -> String {
        let book = self.catalogue.notices().ok();
        book.and_then(|book| book.title(kind, self.language)).map_or_else(|| self.other(kind), ToOwned::to_owned)
    }

    /// A kind that is no form and no letter of the catalogue.
    fn other(self, kind: &str) -> String {
        let key = format!("kind_{}", if kind == "any file" { "unknown" } else { kind });
        self.catalogue.words.get(&key).map_or(kind, |word| word.said(self.language)).to_owned()
    }

    /// A field of a document by its label there. Labels are Japanese; in English the key goes before it.
    pub fn field(self, document: &str, key: &str) -> String {
        let specs = &self.catalogue.documents;
        let own = specs.iter().find(|spec| spec.id.as_str() == document);
        let label = own.map_or_else(|| key.to_owned(), |spec| spec.label(key));
        self.labelled(Some(key), &label)
    }

    /// A field that a person named, in a data set or on the first paper that has it.
    pub fn entry(self, set: Option<&DocumentKind>, key: &str) -> String {
        let has = |spec: &&DocumentSpec| set.map_or_else(|| spec.field(key).is_some(), |set| spec.id == *set);
        let spec = self.catalogue.documents.iter().find(has);
        spec.map_or_else(|| key.to_owned(), |spec| self.field(spec.id.as_str(), key))
    }

    /// The same where the label is known already.
    pub fn labelled(self, key: Option<&str>, label: &str) -> String {
        match (self.language, key) {
            (Language::English, Some(key)) => format!("{} ({label})", key.replace('_', " ")),
            _ => label.to_owned(),
        }
    }

    /// What a defect is about, for staff who cannot read its sentence.
    pub fn defect(self, code: &str) -> Option<&'a str> {
        let defect = self.catalogue.defects.get(code).filter(|_| self.language == Language::English)?;
        Some(&defect.what)
    }

    pub fn day(self, day: Date) -> String {
        match self.language {
            Language::Japanese => date::in_letters(day),
            Language::English => day.to_string(),
        }
    }

    /// A place, where it can be told in words.
    pub fn place(self, place: &Place) -> Option<String> {
        match place {
            Place::Page { page, .. } => Some(self.tell("place_page", &[("page", &page.to_string())])),
            Place::Cell { sheet, row, column, .. } => {
                Some(self.tell("place_cell", &[("sheet", sheet), ("cell", &format!("{}{row}", column_name(*column)))]))
            }
            Place::Node { .. } => Some(self.word("place_node")),
            _ => None,
        }
    }

    /// Why a value needs a look, in words; `None` where it does not.
    pub fn doubts(self, doubts: Doubts) -> Option<String> {
        let words: Vec<String> = doubts.iter().map(|doubt| self.word(doubt.word())).collect();
        (!words.is_empty()).then(|| self.list(&words))
    }

    pub fn word(self, key: &str) -> String {
        self.catalogue.words.word(key, self.language).to_owned()
    }

    pub fn tell(self, key: &str, blanks: &[(&str, &str)]) -> String {
        self.catalogue.words.tell(key, self.language, blanks)
    }

    /// A list with commas between.
    pub fn list(self, parts: &[impl AsRef<str>]) -> String {
        let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
        parts.join(self.catalogue.words.word("comma", self.language))
    }
}

fn column_name(column: u32) -> String {
    let mut rest = column;
    let mut name = String::new();
    while rest > 0 {
        name.insert(0, char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    name
}

/// Names that say nothing in English.
pub fn faults(catalogue: &Catalogue) -> Vec<Fault> {
    let flows = &catalogue.flows;
    let steps = crate::casework::flow::STEPS;
    let names = flows.states.iter().map(|state| (steps, &state.id, &state.english));
    let names = names.chain(flows.transitions.iter().map(|transition| (steps, &transition.id, &transition.english)));
    let names = names.chain(flows.events.iter().map(|event| (steps, &event.id, &event.english)));
    let names = names.chain(flows.deadlines.iter().map(|deadline| (steps, &deadline.id, &deadline.english)));
    let names = names.chain(flows.flows.values().map(|flow| (flow.file.as_str(), &flow.id, &flow.english)));
    let names = names.chain(catalogue.documents.iter().map(|spec| ("mms-usage/forms", &spec.id.0, &spec.english)));
    let is_english = |word: &str| word.chars().any(|c| c.is_ascii_alphabetic());
    let silent = names.filter(|(_, _, english)| !is_english(english));
    let fault = |(file, id, _): (&str, &String, _)| Fault::lasting(file, format!("{id} has no name in English"), "write one as `english`");
    silent.map(fault).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::shipped;

    #[test]
    fn columns_are_named_as_in_a_workbook() {
        assert_eq!([1, 26, 27, 703].map(column_name), ["A", "Z", "AA", "AAA"]);
    }

    #[test]
    fn a_name_without_english_is_refused_at_the_door_and_an_empty_one_by_the_check() {
        let with = |path: &str, from: &str, to: &str| {
            let mut files = shipped();
            let text = String::from_utf8(files[path].to_vec()).unwrap();
            assert!(text.contains(from), "{path}: {from}");
            files.insert(path.to_owned(), text.replacen(from, to, 1).into_bytes().into());
            Catalogue::load(&files)
        };
        let steps = "mms-usage/flows/steps.toml";
        for (path, from) in [
            (steps, "english = \"Application received\"\n"),
            (steps, "english = \"Application arrived\"\n"),
            (steps, "english = \"Answer of the applicant\"\n"),
            (steps, "english = \"Hold released\"\n"),
            ("mms-usage/forms/user-info.toml", "english = \"Users\"\n"),
            ("mms-usage/notices/approval_notice/notice.toml", "english = \"Approval notice\"\n"),
            ("mms-usage/flows/ii-gen.toml", "english = \"Power source II, generators, not in the market\"\n"),
        ] {
            let faults = with(path, from, "").err().unwrap_or_else(|| panic!("{path} does without {from}"));
            assert!(faults.iter().any(|fault| fault.place.starts_with(path) && fault.what.contains("english")), "{faults:?}");
        }
        let silent = with(steps, "english = \"Application received\"", "english = \"受付\"").unwrap_or_else(|faults| panic!("{faults:?}"));
        assert!(silent.check().iter().any(|fault| fault.what.contains("S10_APPLICATION_RECEIVED has no name in English")));
        let wordless = with("_shared/words.toml", "step_opened", "step_open").unwrap_or_else(|faults| panic!("{faults:?}"));
        assert!(wordless.check().iter().any(|fault| fault.what.contains("step_opened is missing")));
    }

    #[test]
    fn what_is_unknown_keeps_its_id() {
        let catalogue = Catalogue::load(&shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
        let english = catalogue.in_language(Language::English);
        assert_eq!(
            [english.state("S0"), english.document("archive"), english.letter("certificate_key")],
            ["S0", "Archive", "Key file of a client certificate"]
        );
        assert_eq!(english.field("application_form", "application_date"), "application date (申込日)");
        assert_eq!(catalogue.in_language(Language::Japanese).field("application_form", "application_date"), "申込日");
        let doubts = crate::domain::doubt::Doubt::ALL.map(|doubt| english.doubts(doubt.into()).unwrap_or_default());
        assert!(doubts.iter().all(|words| !words.is_empty() && !words.starts_with("doubt_")), "{doubts:?}");
        assert_eq!(english.doubts(Doubts::NONE), None);
        assert!(english.defect("M-001").is_some() && catalogue.in_language(Language::Japanese).defect("M-001").is_none());
    }
}
