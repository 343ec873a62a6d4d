//! Rules as data: code, what is looked at, one check of the closed set, examples.

use crate::domain::Files;
use crate::domain::extract::Record;
use crate::domain::finding::Remark;
use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::tables;
use crate::validation::check::Check;
use crate::validation::desk::Desk;
use crate::validation::papers::MAIL;
use crate::validation::scene::{Scene, Subject};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// The rules of the catalogue.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub(super) rules: Vec<Rule>,
    /// The desk that examples speak of.
    pub(super) desk: Option<Desk>,
}

#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub code: String,
    /// A document, a data set, a group of its rows (`unit_price.bands`), or `case`.
    pub on: String,
    pub check: Check,
    /// Only in these flows; all where empty.
    #[serde(default)]
    pub flows: Vec<String>,
    /// Only where all of these hold.
    #[serde(default)]
    pub when: Vec<Condition>,
    /// Only what was handed in as a workbook, or only what is registered.
    pub from: Option<Origin>,
    /// The field that the remark names, where it is not the one that the check names.
    pub field: Option<String>,
    #[serde(default)]
    pub doubt: OnDoubt,
    /// `S` sourced or `A` assumed.
    pub source: Mark,
    pub example: Vec<Example>,
    /// File that the rule stands in.
    #[serde(skip)]
    pub file: String,
}

impl Rule {
    /// Keys of all fields that its check names, whatever record they stand in.
    fn cites(&self) -> BTreeSet<String> {
        /// Parameters that name no field, or none that the rule is about.
        const WAYS: &[&str] = &["how", "slip", "is", "not", "list", "pattern", "except"];
        fn collect(value: &Json, keys: &mut BTreeSet<String>) {
            match value {
                Json::String(names) => {
                    let keys_of = names.split('|').filter_map(|name| name.trim().rsplit(['.', '^']).next());
                    keys.extend(keys_of.map(ToOwned::to_owned));
                }
                Json::Array(list) => list.iter().for_each(|value| collect(value, keys)),
                Json::Object(object) => {
                    object.iter().filter(|(name, _)| !WAYS.contains(&name.as_str())).for_each(|(_, value)| collect(value, keys));
                }
                _ => {}
            }
        }
        let mut keys: BTreeSet<String> = self.field.iter().cloned().collect();
        collect(&serde_json::to_value(&self.check).unwrap_or(Json::Null), &mut keys);
        keys
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    Workbook,
    Registered,
}

impl Rules {
    /// The fields that rules of this code hold against `field`, itself among them: to mend a defect is to mend any of them.
    pub fn cited_with(&self, code: &str, field: &str) -> BTreeSet<String> {
        let cited = self.rules.iter().filter(|rule| rule.code == code).map(Rule::cites).filter(|cited| cited.contains(field));
        cited.flatten().chain([field.to_owned()]).collect()
    }

    /// Where the rules of a code stand, and whether each is `S` sourced or `A` assumed.
    pub fn sources(&self, code: &str) -> impl Iterator<Item = (&str, Mark)> {
        let found: std::collections::BTreeSet<_> =
            self.rules.iter().filter(|rule| rule.code == code).map(|rule| (rule.file.as_str(), rule.source)).collect();
        found.into_iter()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
pub enum Mark {
    S,
    A,
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Mark::S => "S",
            Mark::A => "A",
        })
    }
}

/// What becomes of a finding that rests on a doubtful reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDoubt {
    /// A person looks at the value.
    #[default]
    Staff,
    /// Too slight to trouble a person.
    Silence,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub field: String,
    /// One of these codes is chosen.
    #[serde(default)]
    pub is: Vec<String>,
    /// None of these is.
    #[serde(default)]
    pub not: Vec<String>,
    pub begins: Option<String>,
    pub filled: Option<bool>,
    /// The number is not above that of another field, as far as both are filled.
    pub at_most: Option<String>,
}

/// Papers that a rule must find something on, or must not.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The record, or the records, that the rule is on.
    #[serde(default)]
    pub given: Json,
    /// The record that given rows belong to.
    #[serde(default)]
    pub parent: Map<String, Json>,
    /// Other papers by their id.
    #[serde(default)]
    pub with: BTreeMap<String, Json>,
    /// Data sets registered in MMS.
    #[serde(default)]
    pub registered: BTreeMap<String, Json>,
    /// Fields of the given record that the reader doubts.
    #[serde(default)]
    pub doubtful: Vec<String>,
    #[serde(default)]
    pub files: Vec<String>,
    pub flow: Option<String>,
    pub received_on: Option<jiff::civil::Date>,
    #[serde(default)]
    pub finds: Finds,
}

/// `true`, `false`, or the number of findings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(untagged)]
pub enum Finds {
    #[default]
    Unsaid,
    Whether(bool),
    Count(usize),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    #[serde(default)]
    rule: Vec<Rule>,
    desk: Option<Desk>,
}

/// Where rules lie in the catalogue.
const FOLDER: &str = "mms-usage/rules/";
/// What to do about a file that does not hold.
const HINT: &str = "compare with the rules beside it; README.md in that folder lists the checks";

impl Rules {
    /// Reads every file of rules.
    pub fn load(files: &Files) -> Result<Self, Vec<Fault>> {
        let mut loaded = Rules::default();
        let mut faults = Vec::new();
        for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with(FOLDER) && path.ends_with(".toml")) {
            match tables::read::<RuleFile>(path, bytes, HINT) {
                Ok(file) => {
                    loaded.rules.extend(file.rule.into_iter().map(|rule| Rule { file: path.clone(), ..rule }));
                    loaded.desk = loaded.desk.or(file.desk);
                }
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() && loaded.rules.is_empty() {
            faults.push(Fault::lasting(FOLDER, "holds no rule", "restore it from the shipped templates"));
        }
        if faults.is_empty() { Ok(loaded) } else { Err(faults) }
    }

    pub fn all(&self) -> &[Rule] {
        &self.rules
    }
}

/// Remarks of one rule: whoever got a thing wrong in more rows than this knows what is meant.
const MOST: usize = 200;

impl Rule {
    /// The document part of `on`.
    pub fn document(&self) -> &str {
        self.on.split('.').next().unwrap_or(&self.on)
    }

    /// The group part of `on`.
    pub fn group(&self) -> Option<&str> {
        self.on.split_once('.').map(|(_, group)| group)
    }

    pub fn remarks(&self, scene: &Scene<'_>) -> Vec<Remark> {
        let flow = scene.context.flow.unwrap_or_default();
        if !self.flows.is_empty() && !self.flows.iter().any(|known| known == flow) {
            return Vec::new();
        }
        let nothing = Record::default();
        let mut remarks = Vec::new();
        self.each_subject(scene, &nothing, &mut |subject| {
            if subject.meets(&self.when) {
                let hits = self.check.hits(&subject, self.group());
                remarks.extend(hits.into_iter().filter_map(|hit| hit.remark(&self.code, self.field.as_deref(), self.doubt)));
            }
        });
        remarks.truncate(MOST);
        remarks
    }

    /// Every record or row that the rule is on, as far as it lies on the table.
    fn each_subject<'a>(&'a self, scene: &Scene<'a>, nothing: &'a Record, act: &mut dyn FnMut(Subject<'a>)) {
        let papers = scene.papers;
        let document = self.document();
        if document == MAIL {
            for (index, mail) in papers.mails.iter().enumerate() {
                let record = &mail.fields;
                let among = std::slice::from_ref(record);
                act(Subject { scene: *scene, document, doc: Some(mail.doc), record, parent: None, among, index });
            }
            return;
        }
        let (doc, records): (Option<DocId>, &'a [Record]) = match document {
            "case" if papers.case => (None, std::slice::from_ref(nothing)),
            "case" => return,
            _ => match papers.single.get(document) {
                Some(extract) => (Some(extract.doc), std::slice::from_ref(&extract.fields)),
                None => {
                    let set = match self.from {
                        None => papers.set(document),
                        Some(Origin::Workbook) => papers.workbook.get(document).copied(),
                        Some(Origin::Registered) => papers.registered.get(document).copied(),
                    };
                    set.map_or((None, &[]), |set| (Some(set.doc), set.records))
                }
            },
        };
        for (index, record) in records.iter().enumerate() {
            // Of several workbooks that make up a set each record is of its own.
            let doc = record.fields.values().find_map(|field| field.place.doc()).or(doc);
            let subject = Subject { scene: *scene, document, doc, record, parent: None, among: records, index };
            match self.group() {
                None => act(subject),
                Some(group) => subject.rows(group).into_iter().for_each(&mut *act),
            }
        }
    }
}
