//! The workbook against the export of MMS, field by field.

use crate::domain::document::{DocumentKind, FieldSpec};
use crate::domain::extract::Record;
use crate::domain::pattern::compiled;
use crate::domain::text;
use crate::domain::twins::{self, Side, Twins};
use crate::domain::value::Value;
use crate::validation::scene::{Hit, Seen, Subject};
use crate::validation::{Papers, naming};
use std::collections::{BTreeMap, BTreeSet};

const NOT_REGISTERED: &str = "未登録";
const NOT_WRITTEN: &str = "記入なし";

pub fn same(subject: &Subject<'_>, except: &[String], numbered: &[String], most: usize) -> Vec<Hit> {
    let papers = subject.scene.papers;
    let codes = Codes::of(papers);
    let mut hits = Vec::new();
    for (set, registered) in &papers.registered {
        let Some(workbook) = papers.workbook.get(set).filter(|workbook| !workbook.records.is_empty() && !registered.records.is_empty())
        else {
            continue;
        };
        let Some(spec) = subject.scene.context.specs.document(set) else { continue };
        let view = View { subject: Subject { document: set, ..*subject }, fields: &spec.fields, except, numbered, codes: &codes };
        let handed_in = HandedIn { newest: workbook.records, beside: beside(papers, set) };
        view.records(twins::ways(set), None, registered.records, &handed_in, &mut hits);
    }
    hits.truncate(most);
    hits
}

/// The records of a set in the newest workbook, and in those that stand beside it.
struct HandedIn<'a> {
    newest: &'a [Record],
    beside: Vec<&'a [Record]>,
}

/// Earlier workbooks that are no versions of a later one, since they name none of its records: one for each resource, say.
fn beside<'a>(papers: &Papers<'a>, set: &str) -> Vec<&'a [Record]> {
    let (kind, ways) = (DocumentKind::new(set), twins::ways(set));
    let books = papers.books.iter().rev().filter(|book| book.document.as_str() != "mms_export");
    let mut later: Vec<&'a [Record]> = Vec::new();
    for records in books.filter_map(|book| book.sets.get(&kind)) {
        if twins::name_others(later.iter().copied(), records, ways) {
            later.push(records);
        }
    }
    later.split_off(later.len().min(1))
}

/// The registered records with those that were handed in; what no name tells apart goes by its order.
fn paired<'a>(registered: &'a [Record], handed_in: &HandedIn<'a>, ways: &[&[&str]], read: twins::Read<'_>) -> Twins<'a> {
    let mut twins = Twins::of(registered, handed_in.newest, ways, read);
    for records in &handed_in.beside {
        // Whether all of an earlier workbook is registered, nobody can tell: it may be out of use.
        drop(twins.pair_with(records, ways, read));
    }
    twins.in_order()
}

/// The field by which other sets name a resource.
const CODE: &str = "resource_code";

/// Which resource a code or a name means on either side: MMS numbers the resources, and lists them in an order of its own.
#[derive(Default)]
struct Codes {
    registered: BTreeMap<String, usize>,
    workbook: BTreeMap<String, usize>,
}

impl Codes {
    fn of(papers: &Papers<'_>) -> Self {
        let mut codes = Codes::default();
        let (Some(registered), Some(workbook)) = (papers.registered.get("resource"), papers.workbook.get("resource")) else { return codes };
        let handed_in = HandedIn { newest: workbook.records, beside: beside(papers, "resource") };
        let twins = paired(registered.records, &handed_in, twins::ways("resource"), &twins::read);
        for names in twins::ways("resource").iter().flat_map(|way| way.iter()) {
            for (n, (here, there)) in twins.pairs.iter().enumerate() {
                for (known, record) in [(&mut codes.registered, here), (&mut codes.workbook, there)] {
                    record.value(names).map(|value| known.entry(twins::plain(value)).or_insert(n));
                }
            }
        }
        codes
    }

    fn find(&self, side: Side, value: &Value) -> Option<usize> {
        let known = if side == Side::Left { &self.registered } else { &self.workbook };
        known.get(&twins::plain(value)).copied()
    }

    /// Both sides name the same resource, each in its own words.
    fn agree(&self, registered: &Value, workbook: &Value) -> bool {
        self.find(Side::Left, registered).is_some_and(|here| self.find(Side::Right, workbook) == Some(here))
    }
}

struct View<'a, 'b> {
    subject: Subject<'a>,
    fields: &'a [FieldSpec],
    except: &'b [String],
    numbered: &'b [String],
    codes: &'b Codes,
}

impl<'a> View<'a, '_> {
    fn records(&self, ways: &[&[&str]], group: Option<&str>, registered: &'a [Record], handed_in: &HandedIn<'a>, hits: &mut Vec<Hit>) {
        let translated = |side: Side, record: &Record, key: &str| {
            let value = record.value(key)?;
            let resource = if key == CODE && self.names_resources() { self.codes.find(side, value) } else { None };
            Some(resource.map_or_else(|| twins::plain(value), |resource| format!("#{resource}")))
        };
        let twins = paired(registered, handed_in, ways, &translated);
        hits.extend(twins.pairs.iter().flat_map(|(record, other)| {
            let name = naming::of(&self.subject, record);
            self.pair(group, record, other).into_iter().map(move |hit| hit.about_record(name.clone()))
        }));
        let keys = ways.first().copied().unwrap_or_default();
        hits.extend(twins.left.iter().map(|record| self.lonely(keys, record, false)));
        hits.extend(twins.right.iter().map(|other| self.lonely(keys, other, true)));
    }

    /// The set says of which resource its records are.
    fn names_resources(&self) -> bool {
        self.subject.document != "resource"
    }

    /// A record that only one side has.
    fn lonely(&self, keys: &[&str], record: &'a Record, wanted: bool) -> Hit {
        let specs = self.subject.scene.context.specs;
        let filled = keys.iter().filter_map(|key| Some((*key, record.fields.get(key)?)));
        let shown: Vec<String> = filled.map(|(key, field)| specs.show(self.subject.document, key, field)).collect();
        let shown = if shown.is_empty() { "1件".to_owned() } else { shown.join(" ") };
        let (value, expected) = if wanted { (NOT_REGISTERED.to_owned(), shown) } else { (shown, NOT_WRITTEN.to_owned()) };
        let hit = self.subject.bare().about(self.subject.scene, self.subject.document);
        hit.word("field", specs.title(self.subject.document)).word("value", value).word("expected", expected)
    }

    fn pair(&self, group: Option<&str>, record: &'a Record, other: &'a Record) -> Vec<Hit> {
        let mut hits = Vec::new();
        let specs = self.subject.scene.context.specs;
        let own = self.fields.iter().filter(|field| field.group.as_deref() == group && !self.except.contains(&field.key));
        for field in own {
            let (here, there) = (seen(&self.subject, record, field), seen(&self.subject, other, field));
            if alike(here.map(|seen| &seen.field.value), there.map(|seen| &seen.field.value)) {
                continue;
            }
            let named = here.zip(there).filter(|_| field.key == CODE && self.names_resources());
            if named.is_some_and(|(here, there)| self.codes.agree(here.value(), there.value())) {
                continue;
            }
            // A name, or nothing, stands where MMS will number.
            if self.numbered.contains(&field.key) && !there.is_some_and(|seen| is_code(field, seen.value())) {
                continue;
            }
            let show = |seen: Option<Seen<'a>>, blank: &str| seen.map_or_else(|| blank.to_owned(), |seen| self.subject.show(&seen));
            let base = here.map_or_else(|| self.subject.lack(&field.key), |seen| self.subject.hit(seen));
            let hit = base.word("value", show(here, NOT_REGISTERED)).word("expected", show(there, NOT_WRITTEN));
            hits.push(
                there.iter().fold(hit, |hit, there| hit.resting_on(there)).word("field", specs.label(self.subject.document, &field.key)),
            );
        }
        if group.is_none() {
            let groups: BTreeSet<&'a str> = self.fields.iter().filter_map(|field| field.group.as_deref()).collect();
            for group in groups {
                let key = self.fields.iter().find(|field| field.group.as_deref() == Some(group) && field.key.ends_with("_no"));
                let keys: Vec<&str> = key.iter().map(|field| field.key.as_str()).collect();
                let rows = HandedIn { newest: other.group(group), beside: Vec::new() };
                self.records(&[&keys], Some(group), record.group(group), &rows, &mut hits);
            }
        }
        hits
    }
}

fn is_code(field: &FieldSpec, value: &Value) -> bool {
    let pattern = field.pattern.as_deref().and_then(compiled);
    pattern.is_some_and(|pattern| pattern.is_match(&value.to_string()))
}

fn seen<'a>(subject: &Subject<'a>, record: &'a Record, field: &'a FieldSpec) -> Option<Seen<'a>> {
    Subject { record, ..*subject }.see(&field.key)
}

/// Equal in what they say, however they are typed; a blank equals a blank.
fn alike(left: Option<&Value>, right: Option<&Value>) -> bool {
    let list = |value: &Value| -> Option<BTreeSet<String>> {
        match value {
            Value::Names(list) | Value::Codes(list) => Some(list.iter().map(|item| text::compare_key(item)).collect()),
            _ => None,
        }
    };
    let (Some(left), Some(right)) = (left, right) else { return left.is_none() && right.is_none() };
    if let (Some(one), Some(two)) = (left.number(), right.number()) {
        return one == two;
    }
    if list(left).is_some() || list(right).is_some() {
        let items =
            |value: &Value| list(value).unwrap_or_else(|| value.to_string().split(['\n', ',', '、']).map(text::compare_key).collect());
        return items(left) == items(right);
    }
    text::compare_key(&left.to_string()) == text::compare_key(&right.to_string())
}
