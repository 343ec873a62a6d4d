//! The workbook against the export of MMS, field by field.

use crate::domain::document::FieldSpec;
use crate::domain::extract::Record;
use crate::domain::pattern::compiled;
use crate::domain::text;
use crate::domain::value::Value;
use crate::validation::scene::{Hit, Seen, Subject};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const NOT_REGISTERED: &str = "未登録";
const NOT_WRITTEN: &str = "記入なし";

pub fn same(subject: &Subject<'_>, except: &[String], numbered: &[String], most: usize) -> Vec<Hit> {
    let papers = subject.scene.papers;
    let mut hits = Vec::new();
    for (set, registered) in &papers.registered {
        let Some(workbook) = papers.workbook.get(set).filter(|workbook| !workbook.records.is_empty() && !registered.records.is_empty())
        else {
            continue;
        };
        let Some(spec) = subject.scene.context.specs.document(set) else { continue };
        let view = View { subject: Subject { document: set, ..*subject }, fields: &spec.fields, except, numbered };
        view.records(keys_of(set), None, registered.records, workbook.records, &mut hits);
    }
    hits.truncate(most);
    hits
}

/// The fields that tell the records of a set apart.
fn keys_of(set: &str) -> &'static [&'static str] {
    match set {
        "resource" => &["resource_code"],
        "unit_price" => &["resource_code", "operation_pattern_no", "valid_from"],
        "customer_pattern" => &["resource_code", "pattern_no"],
        _ => &[],
    }
}

struct View<'a, 'b> {
    subject: Subject<'a>,
    fields: &'a [FieldSpec],
    except: &'b [String],
    numbered: &'b [String],
}

impl<'a> View<'a, '_> {
    fn records(&self, keys: &[&str], group: Option<&str>, registered: &'a [Record], workbook: &'a [Record], hits: &mut Vec<Hit>) {
        let mut named: BTreeMap<Vec<String>, VecDeque<usize>> = BTreeMap::new();
        let name = |record: &Record| -> Option<Vec<String>> {
            let values = keys.iter().map(|key| Some(plain(record.value(key)?)));
            values.collect::<Option<Vec<_>>>().filter(|name| !name.is_empty())
        };
        for (n, record) in workbook.iter().enumerate() {
            if let Some(name) = name(record) {
                named.entry(name).or_default().push_back(n);
            }
        }
        let mut left: BTreeSet<usize> = (0..workbook.len()).collect();
        let mut alone = Vec::new();
        for record in registered {
            let partner = name(record).and_then(|name| named.get_mut(&name)?.pop_front());
            match partner.and_then(|n| workbook.get(n).filter(|_| left.remove(&n))) {
                Some(other) => hits.extend(self.pair(group, record, other)),
                None => alone.push(record),
            }
        }
        // Codes may be numbered by MMS alone: what is left goes by its order.
        let mut rest = left.into_iter().filter_map(|n| workbook.get(n));
        for record in alone {
            match rest.next() {
                Some(other) => hits.extend(self.pair(group, record, other)),
                None => hits.push(self.lonely(keys, record, false)),
            }
        }
        hits.extend(rest.map(|other| self.lonely(keys, other, true)));
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
                self.records(&keys, Some(group), record.group(group), other.group(group), &mut hits);
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

/// A value as records are told apart by it.
fn plain(value: &Value) -> String {
    value.number().map_or_else(|| text::compare_key(&value.to_string()), |number| number.normalize().to_string())
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
