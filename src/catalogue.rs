//! The office's book: everything under `templates/`, loaded once and checked.
//!
//! Owns the search for templates and the names in them. Never applies a rule or renders a letter.

pub mod known;
mod names;
mod voice;

pub use known::KnownForm;
pub use voice::Voice;

use crate::casework::flow::{self, Flows, Transition};
use crate::domain::Files;
use crate::domain::calendar::Calendar;
use crate::domain::document::DocumentSpec;
use crate::domain::finding::{Finding, RECORD, Remark, Severity};
use crate::domain::language::{Dictionary, Language};
use crate::extraction::typed::Lists;
use crate::extraction::{Forms, patterns, speech};
use crate::fault::Fault;
use crate::notices::Book;
use crate::tables;
use crate::validation::{Rules, Specs};
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

/// The catalogue as shipped, inside the program.
static SHIPPED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// One entry of the defect catalogue.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defect {
    pub code: String,
    pub document: String,
    pub severity: Severity,
    pub what: String,
    pub sentence: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListEntries {
    entries: Vec<crate::domain::document::CodeWord>,
}

/// A transmission operator and its area.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tso {
    pub area: String,
    pub area_name: String,
    pub name: String,
    pub prefix: String,
    pub prefectures: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListFile {
    list: BTreeMap<String, ListEntries>,
    tso: Vec<Tso>,
    postal_codes: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DefectFile {
    defect: Vec<Defect>,
}

/// The catalogue, ready for use.
pub struct Catalogue {
    pub documents: Vec<DocumentSpec>,
    pub lists: Lists,
    pub tsos: Vec<Tso>,
    /// Beginnings of the postal codes of each prefecture.
    pub postal_codes: BTreeMap<String, Vec<String>>,
    pub defects: BTreeMap<String, Defect>,
    pub flows: Flows,
    pub rules: Rules,
    /// Letters, in most runs none: the shipped book is opened when the first is written.
    book: OnceLock<Result<Book, Vec<Fault>>>,
    pub calendar: Calendar,
    /// What pages say around all that.
    pub words: Dictionary,
    /// SHA-256 over all files: the version of the rules.
    pub basis: String,
    /// Forms whose print need not be read.
    pub known: Vec<KnownForm>,
    /// The files, where they are not the shipped ones: readers load the same.
    pub own: Option<Files>,
}

/// The shipped files.
pub fn shipped() -> Files {
    fn walk(dir: &'static Dir<'static>, files: &mut Files) {
        for file in dir.files() {
            files.insert(file.path().to_string_lossy().replace('\\', "/"), Cow::Borrowed(file.contents()));
        }
        dir.dirs().for_each(|dir| walk(dir, files));
    }
    let mut files = Files::new();
    walk(&SHIPPED, &mut files);
    files
}

fn is_shipped(files: &Files) -> bool {
    fn count(dir: &Dir<'_>) -> usize {
        dir.files().count() + dir.dirs().map(count).sum::<usize>()
    }
    let is_own = |bytes: &[u8], own: &[u8]| std::ptr::eq(bytes, own) || bytes == own;
    let same = |(path, bytes): (&String, &Cow<'_, [u8]>)| SHIPPED.get_file(path).is_some_and(|file| is_own(bytes, file.contents()));
    files.len() == count(&SHIPPED) && files.iter().all(same)
}

/// The shipped typeface for pictures.
pub fn typeface() -> &'static [u8] {
    SHIPPED.get_file("_shared/fonts/ipaexg.ttf").map_or(&[], |file| file.contents())
}

/// The files of a folder of the administrator's.
pub fn from_folder(folder: &Path) -> Result<Files, Fault> {
    let mut files = Files::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| Fault::lasting(folder.display(), error, "name a readable folder of templates"))?;
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder).unwrap_or(entry.path()).to_string_lossy().replace('\\', "/");
            files.insert(path, std::fs::read(entry.path()).map_err(|error| Fault::io(entry.path(), &error))?.into());
        }
    }
    Ok(files)
}

impl Catalogue {
    /// Loads and checks; every fault names its file.
    pub fn load(files: &Files) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut documents: Vec<DocumentSpec> = Vec::new();
        let is_shipped = is_shipped(files);
        for path in names::forms(files) {
            let spec: Option<DocumentSpec> = parse(files, path, &mut faults);
            // The examples of the shipped words are run by a test.
            let mail = spec.as_ref().filter(|spec| spec.layout == "mail" && !is_shipped);
            faults.extend(mail.map_or_else(Vec::new, |spec| speech::faults(spec, path)));
            documents.extend(spec);
            // What the program carries was looked at when it was built, and its patterns take long to be tried.
            if !is_shipped && let Some(bytes) = files.get(path) {
                faults.extend(patterns::faults(path, &String::from_utf8_lossy(bytes)));
            }
        }
        let lists: Option<ListFile> = parse(files, "mms-usage/lists.toml", &mut faults);
        let defects: Option<DefectFile> = parse(files, "mms-usage/defects.toml", &mut faults);
        let calendar = parse(files, HOLIDAYS, &mut faults);
        let words = parse(files, WORDS, &mut faults);
        let rules = Rules::load(files).map_err(|more| faults.extend(more)).ok();
        let flows = Flows::load(files).map_err(|more| faults.extend(more)).ok();
        let book = OnceLock::new();
        if !is_shipped && let Err(more) = book.get_or_init(|| Book::load(files)) {
            faults.extend(more.iter().cloned());
        }
        match (lists, defects, calendar, words, flows, rules) {
            (Some(lists), Some(defects), Some(calendar), Some(words), Some(flows), Some(rules)) if faults.is_empty() => Ok(Catalogue {
                documents,
                lists: lists.list.into_iter().map(|(name, list)| (name, list.entries)).collect(),
                tsos: lists.tso,
                postal_codes: lists.postal_codes,
                defects: defects.defect.into_iter().map(|defect| (defect.code.clone(), defect)).collect(),
                flows,
                rules,
                book,
                calendar,
                words,
                basis: if is_shipped { SHIPPED_BASIS.to_owned() } else { basis(files) },
                known: Vec::new(),
                own: (!is_shipped).then(|| files.clone()),
            }),
            _ => Err(faults),
        }
    }

    /// What a reading depends on besides its document: the rules and the forms that are known.
    pub fn basis_of_readings(&self) -> String {
        format!("{} {}", self.basis, known::hash(&self.known))
    }

    /// The notices with their templates and fonts.
    pub fn notices(&self) -> Result<&Book, Fault> {
        let book = self.book.get_or_init(|| Book::load(&shipped())).as_ref();
        let unknown = || Fault::lasting("templates", "hold no book of notices", "restore the shipped templates");
        book.map_err(|faults| faults.first().cloned().unwrap_or_else(unknown))
    }

    /// The kinds of notices there are.
    fn kinds(&self) -> impl Iterator<Item = &str> {
        self.notices().into_iter().flat_map(Book::kinds)
    }

    /// What loading cannot see: letters that a flow asks for and nobody wrote, names in templates, codes of deadlines.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = self.notices().map_or_else(|fault| vec![fault], |book| book.check(&self.words));
        faults.extend(voice::faults(self));
        faults.extend(self.wordless());
        let shipped_files;
        let files = match &self.own {
            Some(own) => own,
            None => {
                shipped_files = shipped();
                &shipped_files
            }
        };
        faults.extend(names::faults(self, files));
        let sentences = self.defects.iter().map(|(code, defect)| (code.clone(), defect.sentence.clone())).collect();
        let flows: Vec<&str> = self.flows.flows.keys().map(String::as_str).collect();
        faults.extend(self.rules.check(&Specs { documents: &self.documents, lists: &self.lists }, &flows, &sentences, files));
        let written: Vec<&str> = self.kinds().collect();
        for kind in self.flows.letters().into_iter().filter(|kind| !written.contains(kind)) {
            let asking = |step: &&Transition| step.letters.iter().any(|letter| letter == kind);
            let step = self.flows.transitions.iter().find(asking).map_or("", |step| &step.id);
            faults.push(Fault::lasting(
                flow::place(files, step),
                format!("asks for the letter {kind}, which nobody wrote"),
                "add a folder under mms-usage/notices",
            ));
        }
        let elements = self.flows.phrases.iter().flat_map(|phrase| &phrase.elements);
        for element in elements.filter(|element| {
            let document = self.documents.iter().any(|spec| spec.id.as_str() == *element);
            !(document || self.flows.has(element) || written.contains(&element.as_str()) || self.defects.contains_key(*element))
        }) {
            faults.push(Fault::lasting(
                "mms-usage/flows/traceability.toml",
                format!("names the unknown element {element}"),
                "mend the name",
            ));
        }
        faults
    }

    /// What people call a document kind.
    pub fn title(&self, kind: &str) -> String {
        self.japanese().document(kind)
    }

    /// What things are called in a language.
    pub fn in_language(&self, language: Language) -> Voice<'_> {
        Voice { catalogue: self, language }
    }

    /// What letters and papers of the house call things.
    pub fn japanese(&self) -> Voice<'_> {
        self.in_language(Language::Japanese)
    }

    /// Words that pages ask for and nobody wrote.
    fn wordless(&self) -> Vec<Fault> {
        let shipped = SHIPPED.get_file(WORDS).and_then(|file| toml::from_str(file.contents_utf8()?).ok());
        let faults = shipped.map_or_else(Vec::new, |shipped| self.words.faults(&shipped));
        faults.into_iter().map(|what| Fault::lasting(WORDS, what, tables::COMPARE)).collect()
    }

    /// Everything that can be a draft: the kinds of notices, and key files.
    pub fn letter_kinds(&self) -> Vec<&str> {
        self.kinds().chain([KEY_FILE]).collect()
    }

    /// What staff call a kind of letter.
    pub fn letter_title(&self, kind: &str) -> String {
        self.japanese().letter(kind)
    }

    pub fn forms(&self) -> Forms<'_> {
        Forms { documents: &self.documents, lists: &self.lists }
    }

    /// The remark with its severity and its sentence, blanks filled. `document` is meant where the remark names none.
    pub fn finding(&self, remark: &Remark, document: &str) -> Finding {
        let document = remark.document.as_deref().unwrap_or(document);
        let defect = self.defects.get(&remark.code.0);
        let label = remark.field.as_ref().and_then(|key| {
            self.documents
                .iter()
                .find(|spec| spec.id.as_str() == document)
                .and_then(|spec| spec.field(key))
                .map(|field| field.label.clone())
        });
        let mut message = defect.map_or_else(|| remark.code.to_string(), |defect| defect.sentence.clone());
        if let Some(label) = &label
            && !remark.words.contains_key("field")
        {
            message = message.replace("{field}", label);
        }
        for (name, word) in &remark.words {
            message = message.replace(&format!("{{{name}}}"), word);
        }
        if remark.within && !message.starts_with(WITHIN) {
            message.insert_str(0, WITHIN);
        }
        Finding {
            code: remark.code.clone(),
            severity: defect.map_or(Severity::Staff, |defect| defect.severity),
            document: document.to_owned(),
            field: remark.field.clone(),
            label,
            internal: message.starts_with(WITHIN),
            message,
            place: remark.place.clone(),
            record: remark.words.get(RECORD).cloned(),
        }
    }
}

/// How sentences begin that never leave the house.
const WITHIN: &str = "（社内確認事項）";
/// Letters that no template writes.
const KEY_FILE: &str = "certificate_key";
const HOLIDAYS: &str = "_shared/holidays.toml";
const WORDS: &str = "_shared/words.toml";

/// [`basis`] of the shipped files, taken when the program was built.
const SHIPPED_BASIS: &str = env!("UKETSUKE_BASIS");

fn basis(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        hash.update((path.len() as u64).to_be_bytes());
        hash.update(path);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parse<T: for<'de> Deserialize<'de>>(files: &Files, path: &str, faults: &mut Vec<Fault>) -> Option<T> {
    let table = match files.get(path) {
        Some(bytes) => tables::read(path, bytes, tables::COMPARE),
        None => Err(Fault::lasting(path, "is missing", "restore it from the shipped templates")),
    };
    table.map_err(|fault| faults.push(fault)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_catalogue_is_the_one_that_is_written() {
        let mut written = shipped();
        for (_, bytes) in written.iter_mut().filter(|(path, _)| path.ends_with(".toml")) {
            // Another table, byte for byte, is read as it is written.
            bytes.to_mut().extend_from_slice(b"\n# our own\n");
        }
        let told = |files: &Files| {
            let Catalogue { documents, lists, tsos, postal_codes, defects, flows, rules, calendar, words, .. } =
                Catalogue::load(files).unwrap_or_else(|faults| panic!("{faults:?}"));
            [
                format!("{documents:#?}"),
                format!("{lists:#?} {tsos:#?} {postal_codes:#?} {defects:#?}"),
                format!("{flows:#?}"),
                format!("{rules:#?}"),
                format!("{calendar:#?} {words:#?}"),
            ]
        };
        assert!(told(&shipped()) == told(&written), "a table says something else as the program carries it");
    }

    #[test]
    fn the_shipped_catalogue_loads() {
        let catalogue = Catalogue::load(&shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
        assert_eq!(catalogue.defects.len(), 162);
        assert_eq!(catalogue.basis, basis(&shipped()));
        assert!(catalogue.notices().is_ok());
        assert!(catalogue.own.is_none());
        assert!(crate::drawing::pen::Pen::new(typeface()).is_some());
    }

    /// The program does not look at them each time that it starts.
    #[test]
    fn the_shipped_patterns_are_sound() {
        for (path, bytes) in shipped().iter().filter(|(path, _)| path.starts_with("mms-usage/forms/") && path.ends_with(".toml")) {
            let faults = patterns::faults(path, std::str::from_utf8(bytes).unwrap());
            assert!(faults.is_empty(), "{faults:?}");
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let mut files = shipped();
        let text = String::from_utf8(files["mms-usage/forms/user-info.toml"].to_vec()).unwrap();
        files.insert("mms-usage/forms/user-info.toml".into(), text.replacen("title =", "titel =", 1).into_bytes().into());
        let faults = Catalogue::load(&files).err().unwrap();
        assert!(faults.iter().any(|fault| fault.place.starts_with("mms-usage/forms/user-info.toml:")), "{faults:?}");
    }
}
