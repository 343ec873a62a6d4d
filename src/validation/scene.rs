//! A rule at work: what it looks at, how it reaches other papers, and what it found.

use crate::domain::document::FieldType;
use crate::domain::extract::{Field, Record};
use crate::domain::finding::{RECORD, Remark};
use crate::domain::id::{DocId, Permille};
use crate::domain::likeness;
use crate::domain::place::Place;
use crate::domain::text;
use crate::domain::twins;
use crate::domain::value::Value;
use crate::validation::checks::compare;
use crate::validation::rule::{Condition, OnDoubt};
use crate::validation::{Context, Papers, naming};
use jiff::civil::Date;
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

/// The code for a value that nobody would bet on.
pub const DOUBT: &str = "A-021";

/// What stands in a sentence for an entry that is blank.
pub const BLANK: &str = "未記入";

/// A flagged value that was read at least this clearly is flagged because it is odd: the defect is the paper's.
const CLEARLY_READ: Permille = Permille(800);

#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub papers: &'a Papers<'a>,
    pub context: &'a Context<'a>,
    pub resources: &'a Resources,
}

/// Resources by what they are called, made when the first is asked for: a price list asks for each of its resources.
#[derive(Default)]
pub struct Resources(OnceCell<HashMap<String, usize>>);

impl Resources {
    /// Which of the resources a code, a short name or a name means; of several the first.
    fn find(&self, resources: &[Record], code: &str) -> Option<usize> {
        let by_name = || {
            let mut by_name = HashMap::new();
            for (n, resource) in resources.iter().enumerate() {
                for name in twins::resource_names(resource) {
                    by_name.entry(name).or_insert(n);
                }
            }
            by_name
        };
        self.0.get_or_init(by_name).get(&text::compare_key(code)).copied()
    }
}

/// One record under a rule.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub scene: Scene<'a>,
    pub document: &'a str,
    pub doc: Option<DocId>,
    pub record: &'a Record,
    /// The record that a row belongs to.
    pub parent: Option<&'a Record>,
    /// The records or rows beside it, itself included.
    pub among: &'a [Record],
    pub index: usize,
}

/// A filled field, found by a reference.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    pub document: &'a str,
    pub key: &'a str,
    pub field: &'a Field,
}

impl<'a> Seen<'a> {
    pub fn value(&self) -> &'a Value {
        &self.field.value
    }

    /// The reader doubts it, and not only because the value is odd.
    pub fn is_doubtful(&self) -> bool {
        self.field.needs_review() && self.field.confidence < CLEARLY_READ
    }
}

/// One thing that a check found.
#[derive(Clone, Debug, Default)]
pub struct Hit {
    document: Option<String>,
    field: Option<String>,
    place: Option<Place>,
    words: BTreeMap<String, String>,
    /// The doubtful field that it rests on: document, key and place.
    doubt: Option<(String, String, Place)>,
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Text(text) | Value::Code(text) => text.trim().is_empty(),
        Value::Codes(list) | Value::Names(list) => list.is_empty(),
        _ => false,
    }
}

impl<'a> Subject<'a> {
    /// A filled field: `key` of the record itself, `^key` of the record that a row belongs to, `document.key` of another
    /// paper, `a | b` the first that is filled.
    pub fn see(&self, reference: &'a str) -> Option<Seen<'a>> {
        // Most are the key of the record itself.
        if !reference.bytes().any(|sign| matches!(sign, b'|' | b' ')) {
            return self.see_one(reference);
        }
        reference.split('|').find_map(|one| self.see_one(one.trim()))
    }

    fn see_one(&self, reference: &'a str) -> Option<Seen<'a>> {
        let (document, record, key) = match reference.split_once('.') {
            Some((document, key)) => (document, self.other(document)?, key),
            None => match reference.strip_prefix('^') {
                Some(key) => (self.document, self.parent?, key),
                None => (self.document, self.record, reference),
            },
        };
        // Rows of the contract's equipment are fields of the contract.
        let document = if document == "equipment" { "contract" } else { document };
        record.fields.get(key).filter(|field| !is_blank(&field.value)).map(|field| Seen { document, key, field })
    }

    /// The record of another paper that belongs to this one.
    pub fn other(&self, document: &str) -> Option<&'a Record> {
        if document == "resource" && self.document != "resource" {
            return self.resource();
        }
        if document == "equipment" {
            return self.equipment();
        }
        let papers = self.scene.papers;
        papers.single.get(document).map(|extract| &extract.fields).or_else(|| papers.set(document)?.records.first())
    }

    pub fn set(&self, document: &str) -> &'a [Record] {
        self.scene.papers.set(document).map_or(&[], |set| set.records)
    }

    /// The resource that the record names by code or name; the only one where nothing is named.
    pub fn resource(&self) -> Option<&'a Record> {
        let owner = self.parent.unwrap_or(self.record);
        match owner.text("resource_code") {
            Some(code) => self.resource_named(&code),
            None => match self.set("resource") {
                [only] => Some(only),
                _ => None,
            },
        }
    }

    /// The resource that a code, a short name or a name means.
    pub fn resource_named(&self, code: &str) -> Option<&'a Record> {
        let resources = self.set("resource");
        self.scene.resources.find(resources, code).and_then(|n| resources.get(n))
    }

    /// The row of 別紙1 for this resource: by its name, or the only row for the only resource.
    fn equipment(&self) -> Option<&'a Record> {
        let contract = self.scene.papers.single.get("contract")?;
        let rows = contract.fields.group("equipment");
        let name = self.record.value("resource_name")?;
        let named =
            |row: &&Record| row.value("equipment_name").is_some_and(|other| likeness::names_equal(&other.to_string(), &name.to_string()));
        rows.iter().find(named).or(match rows {
            // In a DR contract the rows are customers.
            [only] if self.among.len() == 1 && self.scene.context.flow != Some("II_DR") => Some(only),
            _ => None,
        })
    }

    /// The day on which this document came.
    pub fn received_on(&self) -> Date {
        self.doc.and_then(|doc| self.scene.papers.received.get(&doc)).copied().unwrap_or(self.scene.context.received_on)
    }

    /// The same check's look at another record of the same rows.
    pub fn beside(&self, index: usize) -> Option<Subject<'a>> {
        self.among.get(index).map(|record| Subject { record, index, ..*self })
    }

    /// A row of one of the record's groups.
    pub fn rows(&self, group: &str) -> Vec<Subject<'a>> {
        let rows = self.record.group(group);
        rows.iter().enumerate().map(|(index, record)| Subject { record, parent: Some(self.record), among: rows, index, ..*self }).collect()
    }

    pub fn show(&self, seen: &Seen<'_>) -> String {
        self.scene.context.specs.show(seen.document, seen.key, seen.field)
    }

    /// A hit on a filled field: its place, its value.
    pub fn hit(&self, seen: Seen<'_>) -> Hit {
        let hit = Hit {
            document: Some(seen.document.to_owned()),
            field: Some(seen.key.to_owned()),
            place: Some(seen.field.place.clone()),
            ..self.bare()
        };
        let label = self.scene.context.specs.label(seen.document, seen.key);
        hit.word("value", self.show(&seen)).word("item", self.item(&label)).word("field", label).resting_on(&seen)
    }

    /// A hit on a field that is blank, or is not there.
    pub fn lack(&self, key: &str) -> Hit {
        let key = key.trim_start_matches('^');
        let near = self.record.fields.values().chain(self.parent.into_iter().flat_map(|parent| parent.fields.values())).next();
        // A blank cell has no place of its own; a row is known by its first filled cell.
        let place = near.filter(|_| self.parent.is_some()).map(|field| field.place.clone()).or(self.bare().place);
        let hit = Hit { document: Some(self.document.to_owned()), field: Some(key.to_owned()), place, ..self.bare() };
        let label = self.scene.context.specs.label(self.document, key);
        hit.word("value", BLANK).word("item", self.item(&label)).word("field", label)
    }

    /// A field's label, in a row with the row's number.
    fn item(&self, label: &str) -> String {
        if self.parent.is_some() { format!("{label} No.{}", self.row()) } else { label.to_owned() }
    }

    /// A hit on the record as such.
    pub fn bare(&self) -> Hit {
        let hit = Hit { document: Some(self.document.to_owned()), place: self.doc.map(|doc| Place::Whole { doc }), ..Hit::default() };
        let hit = if self.parent.is_some() { hit.word("row", self.row()) } else { hit };
        hit.about_record(naming::of(self, self.parent.unwrap_or(self.record)))
    }

    /// The number printed beside the row, or its position.
    fn row(&self) -> String {
        let printed = self.record.fields.iter().find(|(key, _)| key.ends_with("_no"));
        printed.map_or_else(|| (self.index + 1).to_string(), |(_, field)| field.value.to_string())
    }

    /// Several codes where one was to be chosen.
    fn is_undecided(&self, seen: &Seen<'_>) -> bool {
        let single = self.scene.context.specs.field(seen.document, seen.key).is_some_and(|spec| spec.kind == FieldType::Enum);
        single && matches!(seen.value(), Value::Codes(codes) if codes.len() > 1)
    }

    /// Whether all conditions of a rule hold.
    pub fn meets(&self, conditions: &'a [Condition]) -> bool {
        conditions.iter().all(|condition| {
            let seen = self.see(&condition.field);
            let value = seen.map(|seen| seen.value());
            let decided = seen.is_none_or(|seen| !self.is_undecided(&seen));
            let is = condition.is.is_empty() || decided && value.is_some_and(|value| compare::is_one_of(value, &condition.is));
            let not = value.is_none_or(|value| !compare::is_one_of(value, &condition.not));
            let begins =
                condition.begins.as_ref().is_none_or(|head| value.is_some_and(|value| value.to_string().starts_with(head.as_str())));
            let filled = condition.filled.is_none_or(|wanted| wanted == value.is_some());
            let at_most = condition.at_most.as_ref().is_none_or(|other| {
                // Where one of the two is blank there is nothing to contradict.
                let bound = self.see(other).and_then(|seen| seen.value().number());
                value.and_then(Value::number).zip(bound).is_none_or(|(value, bound)| value <= bound)
            });
            is && not && begins && filled && at_most
        })
    }
}

impl Hit {
    pub fn word(mut self, name: &str, word: impl Into<String>) -> Self {
        self.words.insert(name.to_owned(), word.into());
        self
    }

    /// Which of several records it is about.
    pub fn about_record(self, name: Option<String>) -> Self {
        match name {
            Some(name) => self.word(RECORD, name),
            None => self,
        }
    }

    /// The field that another one is held against.
    pub fn against(self, subject: &Subject<'_>, other: &Seen<'_>) -> Self {
        self.word("expected", subject.show(other)).resting_on(other)
    }

    /// The document that it is about, which may be one that is not there.
    pub fn about(mut self, scene: Scene<'_>, document: &str) -> Self {
        self.document = Some(document.to_owned());
        let doc = scene.papers.single.get(document).map(|extract| extract.doc).or_else(|| scene.papers.set(document).map(|set| set.doc));
        self.place = doc.map(|doc| Place::Whole { doc }).or(self.place);
        self
    }

    /// The field that it is about, where no value of it is at fault.
    pub fn named(mut self, subject: &Subject<'_>, key: &str) -> Self {
        self.field = Some(key.to_owned());
        self.word("field", subject.scene.context.specs.label(subject.document, key))
    }

    pub fn resting_on(mut self, seen: &Seen<'_>) -> Self {
        if self.doubt.is_none() && seen.is_doubtful() {
            self.doubt = Some((seen.document.to_owned(), seen.key.to_owned(), seen.field.place.clone()));
        }
        self
    }

    /// The remark; a doubtful value never speaks against the applicant.
    pub fn remark(self, code: &str, field: Option<&str>, doubt: OnDoubt) -> Option<Remark> {
        if let Some((document, key, place)) = self.doubt
            && code != DOUBT
        {
            return match doubt {
                OnDoubt::Staff => Some(Remark::new(DOUBT).of(&document).field(&key).at(place)),
                OnDoubt::Silence => None,
            };
        }
        let remark = Remark::new(code);
        // Doubts about one field are one doubt, whatever raised them.
        let words = if code == DOUBT { BTreeMap::new() } else { self.words };
        Some(Remark { document: self.document, field: field.map(ToOwned::to_owned).or(self.field), words, place: self.place, ..remark })
    }
}
