//! Papers of one case against each other: what came, what is missing, what does not fit together.

use crate::domain::text;
use crate::domain::value::Value;
use crate::validation::scene::{Hit, Subject};
use std::collections::BTreeMap;

/// Without any resource on the table there is nothing to look a code up in.
pub fn known_resource<'a>(subject: &Subject<'a>, field: &'a str) -> Vec<Hit> {
    let Some(seen) = subject.see(field).filter(|_| !subject.set("resource").is_empty()) else { return Vec::new() };
    if subject.resource_named(&seen.value().to_string()).is_some() { Vec::new() } else { vec![subject.hit(seen)] }
}

/// None of the resources is of the kind that the form names.
pub fn kind_fits<'a>(subject: &Subject<'a>, field: &'a str, types: &'a str) -> Vec<Hit> {
    let Some(seen) = subject.see(field) else { return Vec::new() };
    let head = match seen.value() {
        Value::Code(code) if code == "GEN" => '1',
        Value::Code(code) if code == "DR" => '2',
        _ => return Vec::new(),
    };
    let (document, key) = types.split_once('.').unwrap_or(("resource", types));
    let kinds: Vec<String> = subject.set(document).iter().filter_map(|resource| resource.text(key)).collect();
    if kinds.is_empty() || kinds.iter().any(|kind| kind.starts_with(head)) { Vec::new() } else { vec![subject.hit(seen)] }
}

/// Fewer certificates than users who need one. `stands_for`: so many are asked for, whatever the field says.
pub fn certificates<'a>(subject: &Subject<'a>, field: &'a str, stands_for: Option<u32>, (users, need): (&str, &str)) -> Vec<Hit> {
    let Some(seen) = subject.see(field) else { return Vec::new() };
    let (document, group) = users.split_once('.').unwrap_or((users, "users"));
    let needed = |row: &&crate::domain::extract::Record| row.text(need).is_some_and(|code| code == "1");
    let count = subject.set(document).first().map_or(0, |record| record.group(group).iter().filter(needed).count());
    match stands_for.map(Into::into).or_else(|| seen.value().number()) {
        Some(asked) if asked < count.into() => {
            let shown = stands_for.map_or_else(|| subject.show(&seen), |number| number.to_string());
            vec![subject.hit(seen).word("value", shown).word("expected", count.to_string())]
        }
        _ => Vec::new(),
    }
}

/// A name as compared: without its ending, and without numbers that a sender put before it.
fn stem(name: &str) -> String {
    let key = text::compare_key(name).to_lowercase();
    let (head, tail) = key.rsplit_once('.').unwrap_or((&key, ""));
    let head = if (1..=4).contains(&tail.len()) && tail.is_ascii() { head } else { key.as_str() };
    head.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | ' ')).to_owned()
}

/// Only in a case: a document alone says nothing about what else came.
pub fn attached<'a>(subject: &Subject<'a>, field: &'a str, stands_for: &BTreeMap<String, Vec<String>>) -> Vec<Hit> {
    let papers = subject.scene.papers;
    let Some(seen) = subject.see(field).filter(|_| papers.case) else { return Vec::new() };
    let listed: Vec<String> = match seen.value() {
        Value::Names(names) => names.clone(),
        other => other.to_string().split(['\n', '、', ';']).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect(),
    };
    let came: Vec<String> = papers.files.iter().map(|name| stem(name)).collect();
    let here = |name: &String| {
        let wanted = stem(name);
        let of_kind = stands_for
            .iter()
            .any(|(kind, words)| papers.has(kind) && words.iter().any(|word| wanted.contains(text::compare_key(word).as_str())));
        wanted.is_empty() || of_kind || came.iter().any(|file| file.contains(&wanted) || !file.is_empty() && wanted.contains(file.as_str()))
    };
    listed.iter().filter(|name| !here(name)).map(|name| subject.hit(seen).word("file", name.as_str())).collect()
}

/// None of these has come, though `once` has. With a field, the hit is on that.
pub fn arrived<'a>(subject: &Subject<'a>, any_of: &'a [String], once: &str, field: Option<&'a str>) -> Vec<Hit> {
    let papers = subject.scene.papers;
    if !papers.has(once) || any_of.iter().any(|kind| papers.has(kind)) {
        return Vec::new();
    }
    match field {
        Some(field) => subject.see(field).map(|seen| subject.hit(seen)).into_iter().collect(),
        None => any_of.first().map(|kind| subject.bare().about(subject.scene, kind)).into_iter().collect(),
    }
}

/// An export of everything lacks a data set. 審査用データ may have been handed to the desk instead.
pub fn registered(subject: &Subject<'_>, sets: &[String]) -> Vec<Hit> {
    let papers = subject.scene.papers;
    let partial = subject.see("info_kind").is_some_and(|seen| seen.value().to_string() != "M100");
    if partial {
        return Vec::new();
    }
    let there = |set: &String| {
        let registered = papers.registered.get(set.as_str()).is_some_and(|set| !set.records.is_empty());
        registered || set == "screening" && papers.has(set)
    };
    let title = |set: &String| subject.scene.context.specs.title(set);
    sets.iter().filter(|set| !there(set)).map(|set| subject.bare().word("value", title(set))).collect()
}
