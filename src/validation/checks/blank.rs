//! What must be filled, and what must not.

use crate::validation::scene::{Hit, Seen, Subject};

/// All flows: a field that is required in each of them is required before the flow is known.
const FLOWS: usize = 3;

pub fn required_here(subject: &Subject<'_>, required_in: &[String]) -> bool {
    match subject.scene.context.flow {
        Some(flow) => required_in.iter().any(|known| known == flow),
        None => required_in.len() == FLOWS,
    }
}

pub fn required<'a>(subject: &Subject<'a>, fields: &'a [String], except: &[String], group: Option<&str>) -> Vec<Hit> {
    let blank = |key: &&'a str| subject.see(key).is_none();
    if !fields.is_empty() {
        return fields.iter().map(String::as_str).filter(blank).map(|key| subject.lack(key)).collect();
    }
    let Some(spec) = subject.scene.context.specs.document(subject.document) else { return Vec::new() };
    spec.fields
        .iter()
        .filter(|field| field.group.as_deref() == group && !except.contains(&field.key) && required_here(subject, &field.required_in))
        .filter(|field| subject.see(&field.key).is_none())
        .map(|field| subject.lack(&field.key))
        .collect()
}

/// The sentence speaks of another field than the one that is blank, or is not.
pub fn saying<'a>(subject: &Subject<'a>, says: &'a Option<String>, hits: Vec<Hit>) -> Vec<Hit> {
    let Some(seen) = says.as_deref().and_then(|says| subject.see(says)) else { return hits };
    hits.into_iter().map(|hit| hit.word("value", subject.show(&seen)).resting_on(&seen)).collect()
}

pub fn blank<'a>(subject: &Subject<'a>, fields: &'a [String], zero: bool) -> Vec<Hit> {
    let counts = |seen: &Seen<'_>| !(zero && seen.value().number().is_some_and(|number| number.is_zero()));
    let filled = fields.iter().filter_map(|key| subject.see(key)).find(counts);
    filled.map(|seen| subject.hit(seen)).into_iter().collect()
}

pub fn together<'a>(subject: &Subject<'a>, fields: &'a [String]) -> Vec<Hit> {
    let missing: Vec<&String> = fields.iter().filter(|key| subject.see(key).is_none()).collect();
    match missing.first() {
        Some(key) if missing.len() < fields.len() => vec![subject.lack(key)],
        _ => Vec::new(),
    }
}
