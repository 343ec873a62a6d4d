//! Papers against the facts of the desk: its name, its area, what it has on file.

use crate::domain::likeness;
use crate::domain::text;
use crate::domain::value::Value;
use crate::validation::scene::{Hit, Subject};

/// What an addressee carries behind the name.
const HONORIFICS: &[&str] = &["御中", "行", "殿", "様", "宛", "宛て"];

/// Another company than the desk's own; a department behind the name does no harm.
pub fn our_name<'a>(subject: &Subject<'a>, field: &'a str) -> Vec<Hit> {
    let Some(seen) = subject.see(field) else { return Vec::new() };
    let own = &subject.scene.context.desk.tso_name;
    let mut key = likeness::company(&seen.value().to_string());
    while let Some(rest) = HONORIFICS.iter().find_map(|word| key.strip_suffix(word)) {
        key = rest.to_owned();
    }
    if key.starts_with(&likeness::company(own)) && !seen.is_doubtful() {
        return Vec::new();
    }
    vec![subject.hit(seen).word("expected", own.as_str())]
}

/// The areas are blank, lack the one that the form goes to, or that one is not the desk's.
pub fn our_area<'a>(subject: &Subject<'a>, areas: &'a str, submitting: &'a str) -> Vec<Hit> {
    let Some(seen) = subject.see(areas) else { return vec![subject.lack(areas)] };
    let own = &subject.scene.context.desk.area;
    let to = subject.see(submitting);
    let elsewhere = to.filter(|to| matches!(to.value(), Value::Code(code) if code != own));
    let chosen = match seen.value() {
        Value::Codes(codes) => codes.contains(own),
        Value::Code(code) => code == own,
        _ => false,
    };
    match elsewhere {
        Some(other) => vec![subject.hit(other)],
        None if !chosen => vec![subject.hit(seen)],
        None => Vec::new(),
    }
}

/// Borders are approximate: an address that no area knows says nothing.
pub fn prefecture<'a>(subject: &Subject<'a>, address: &'a str, area: &'a str, foreign: bool) -> Vec<Hit> {
    let desk = subject.scene.context.desk;
    let code = subject.see(area).map(|seen| seen.value().to_string()).unwrap_or_else(|| desk.area.clone());
    let (Some(address), Some(region)) = (subject.see(address), desk.region(&code)) else { return Vec::new() };
    let Some(prefecture) = desk.prefecture(&address.value().to_string()) else { return Vec::new() };
    if region.prefectures.iter().any(|known| known == prefecture) || foreign && code == desk.area {
        return Vec::new();
    }
    let hit = match subject.see(area).filter(|_| foreign) {
        Some(seen) => subject.hit(seen).against(subject, &address),
        None => subject.hit(address),
    };
    vec![hit.word("area", region.name.as_str())]
}

pub fn area_prefix<'a>(subject: &Subject<'a>, field: &'a str, area: &'a str) -> Vec<Hit> {
    let Some(seen) = subject.see(field) else { return Vec::new() };
    let desk = subject.scene.context.desk;
    let wanted = subject.see(area).map(|seen| seen.value().to_string()).unwrap_or_else(|| desk.area.clone());
    let written = seen.value().to_string();
    // Numbers of another length are asked for as a whole.
    let Some(head) = written.get(..2).filter(|_| written.len() == 22) else { return Vec::new() };
    if head == wanted {
        return Vec::new();
    }
    let name = desk.region(&wanted).map_or_else(|| wanted.clone(), |region| format!("{}：{wanted}", region.name));
    vec![subject.hit(seen).word("value", head).word("expected", name)]
}

pub fn pattern_number<'a>(subject: &Subject<'a>, field: &'a str) -> Vec<Hit> {
    let Some(seen) = subject.see(field) else { return vec![subject.lack(field)] };
    let most = i64::from(subject.scene.context.desk.max_patterns);
    let fine = matches!(seen.value(), Value::Integer(number) if (1..=most).contains(number));
    if fine { Vec::new() } else { vec![subject.hit(seen)] }
}

pub fn not_elsewhere<'a>(subject: &Subject<'a>, field: &'a str) -> Vec<Hit> {
    let known = &subject.scene.context.desk.points_elsewhere;
    let seen = subject.see(field).filter(|seen| known.contains(&text::digits(&seen.value().to_string())));
    seen.map(|seen| subject.hit(seen)).into_iter().collect()
}

pub fn name_on_file<'a>(subject: &Subject<'a>, number: &'a str, name: &'a str) -> Vec<Hit> {
    let (Some(number), Some(name)) = (subject.see(number), subject.see(name)) else { return Vec::new() };
    let Some(known) = subject.scene.context.desk.names_on_file.get(&number.value().to_string()) else { return Vec::new() };
    let key = likeness::company(&name.value().to_string());
    if known.is_empty() || known.iter().any(|other| likeness::company(other) == key) {
        return Vec::new();
    }
    vec![subject.hit(name).resting_on(&number)]
}

/// ※1: one application in any of the areas is enough. The desk's list may tell of another one, or the applicant's own remarks.
pub fn applied_elsewhere<'a>(subject: &Subject<'a>, areas: &'a str, number: &'a str, remarks: &'a str, words: &'a [String]) -> Vec<Hit> {
    let desk = subject.scene.context.desk;
    let Some(seen) = subject.see(areas).filter(|seen| matches!(seen.value(), Value::Codes(codes) if codes.len() > 1)) else {
        return Vec::new();
    };
    let listed = subject
        .see(number)
        .and_then(|number| desk.applied_elsewhere.get(&number.value().to_string()))
        .is_some_and(|areas| areas.iter().any(|area| *area != desk.area));
    if listed {
        return vec![subject.hit(seen)];
    }
    let told = subject.see(remarks).filter(|told| {
        let key = text::compare_key(&told.value().to_string());
        let others = desk.regions.iter().filter(|region| region.area != desk.area);
        let names_other = others.map(|region| text::compare_key(&region.name)).any(|name| key.contains(&name)) || key.contains("他エリア");
        names_other && words.iter().any(|word| key.contains(&text::compare_key(word)))
    });
    told.map(|told| subject.hit(told)).into_iter().collect()
}
