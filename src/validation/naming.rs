//! What one of several records of a data set is called, so that whoever reads of a defect knows where to look.
//!
//! Owns the name alone. Never says anything of a record that stands alone.

use crate::domain::extract::Record;
use crate::domain::twins;
use crate::validation::scene::Subject;

/// `電源等コード R0001、運転パターン番号 2`: what tells the record from the others, or else its place among them.
pub fn of(subject: &Subject<'_>, record: &Record) -> Option<String> {
    let records = subject.set(subject.document);
    let place = records.iter().position(|other| std::ptr::eq(other, record)).filter(|_| records.len() > 1)?;
    let filled = |way: &&&[&str]| way.iter().all(|key| record.fields.contains_key(key));
    let Some(way) = twins::ways(subject.document).iter().find(filled) else { return Some(format!("{}件目", place + 1)) };
    // What is the same in all records tells nothing, but for the name that comes first.
    let tells = |key: &str| records.iter().any(|other| other.value(key) != record.value(key));
    let specs = subject.scene.context.specs;
    let parts = way.iter().enumerate().filter(|(n, key)| *n == 0 || tells(key)).filter_map(|(_, key)| {
        let field = record.fields.get(key)?;
        Some(format!("{} {}", specs.label(subject.document, key), specs.show(subject.document, key, field)))
    });
    Some(parts.collect::<Vec<_>>().join("、"))
}
