//! `case explain`: where each value of a case was seen, and which rules spoke about it.

use crate::casework::fold::{Case, Paper};
use crate::catalogue::Catalogue;
use crate::cli::common::{self, Done, Options};
use crate::cli::json;
use crate::domain::case::{Body, Event};
use crate::domain::extract::{Field, Record};
use crate::domain::finding::{Finding, Severity};
use crate::domain::place::Place;
use crate::fault::Fault;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// A value of a paper.
struct Told<'c> {
    paper: &'c Paper,
    /// The document or data set, such as `application_form` or `resource`.
    kind: String,
    /// `bands 2` for a row of a group, empty otherwise.
    row: String,
    key: &'c str,
    label: String,
    field: &'c Field,
    /// What the reader had seen, where a person typed another value.
    read: Option<&'c Field>,
    spoke: Vec<Spoke<'c>>,
}

/// A rule that spoke about a value.
struct Spoke<'c> {
    finding: &'c Finding,
    open: bool,
}

pub fn run(options: &Options, events: &[Event], wanted: Option<&str>) -> Done {
    let catalogue = common::catalogue(&options.resolve()?)?;
    let no = events.first().map(|event| event.case.0.clone()).unwrap_or_default();
    let Some(case) = Case::replay(events) else {
        return Err(vec![Fault::lasting(no, "has no history", "see `uketsuke case list`")]);
    };
    let told = told(&case, events, &catalogue);
    let fits = |told: &&Told<'_>| wanted.is_none_or(|wanted| told.key == wanted || told.label == wanted);
    let chosen: Vec<&Told<'_>> = told.iter().filter(fits).collect();
    if let (Some(wanted), true) = (wanted, chosen.is_empty()) {
        return Err(vec![unknown(&case, wanted, &told)]);
    }
    if options.json {
        println!("{}", Json::Array(chosen.iter().map(|told| object(told, &catalogue)).collect()));
    } else {
        print(&case, &chosen, &catalogue);
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(case: &Case, wanted: &str, told: &[Told<'_>]) -> Fault {
    let names: BTreeMap<&str, &str> = told.iter().map(|told| (told.key, told.label.as_str())).collect();
    let names: Vec<String> = names.iter().map(|(key, label)| format!("{key}（{label}）")).collect();
    let hint = if names.is_empty() { "the case has no values yet".to_owned() } else { format!("possible are: {}", names.join(", ")) };
    Fault::lasting(format!("{} {wanted}", case.no), "no document of this case has such a field", hint)
}

fn told<'c>(case: &'c Case, events: &'c [Event], catalogue: &Catalogue) -> Vec<Told<'c>> {
    let mut all = Vec::new();
    for paper in &case.papers {
        let extract = &paper.received.extract;
        let original = events.iter().find_map(|event| match &event.body {
            Body::Received(received) if event.seq == paper.seq => Some(&received.extract),
            _ => None,
        });
        let mut add = |kind: &str, record: &'c Record, read: Option<&'c Record>, row: String| {
            walk(record, read, row, &mut |row, key, field, read| {
                let spec = catalogue.documents.iter().find(|spec| spec.id.as_str() == kind);
                let label = spec.map_or_else(|| key.to_owned(), |spec| spec.label(key));
                let spoke = spoke(case, events, paper, kind, key, field);
                let read = read.filter(|read| *read != field);
                all.push(Told { paper, kind: kind.to_owned(), row: row.to_owned(), key, label, field, read, spoke });
            });
        };
        add(extract.document.as_str(), &extract.fields, original.map(|original| &original.fields), String::new());
        for (kind, records) in &extract.sets {
            let before = original.and_then(|original| original.sets.get(kind));
            for (n, record) in records.iter().enumerate() {
                let row = if records.len() > 1 { format!("{}", n + 1) } else { String::new() };
                add(kind.as_str(), record, before.and_then(|before| before.get(n)), row);
            }
        }
    }
    all
}

type Visit<'v, 'c> = dyn FnMut(&str, &'c str, &'c Field, Option<&'c Field>) + 'v;

/// Every field of a record and of the rows inside it, with what was read in its place.
fn walk<'c>(record: &'c Record, read: Option<&'c Record>, row: String, visit: &mut Visit<'_, 'c>) {
    for (key, field) in record.fields.iter() {
        visit(&row, key, field, read.and_then(|read| read.fields.get(key)));
    }
    for (group, rows) in &record.groups {
        for (n, inner) in rows.iter().enumerate() {
            let before = read.and_then(|read| read.group(group).get(n));
            walk(inner, before, format!("{row} {group} {}", n + 1).trim_start().to_owned(), visit);
        }
    }
}

/// What was ever noted about a value, each finding once.
fn spoke<'c>(case: &'c Case, events: &'c [Event], paper: &Paper, kind: &str, key: &str, field: &Field) -> Vec<Spoke<'c>> {
    let doc = paper.received.doc;
    let about = |finding: &&Finding| {
        let place = match &finding.place {
            // A cell or a box is this value's own or another's; forms have each field once.
            Some(place @ (Place::Cell { .. } | Place::Node { .. })) => *place == field.place,
            Some(place) => place.doc().is_none_or(|there| there == doc),
            None => true,
        };
        place && finding.document == kind && finding.field.as_deref() == Some(key)
    };
    let found = events.iter().filter(|event| event.seq >= paper.seq).filter_map(|event| match &event.body {
        Body::Found { open, .. } => Some(open),
        _ => None,
    });
    let mut all: Vec<Spoke<'c>> = Vec::new();
    for finding in found.flatten().filter(about) {
        if !all.iter().any(|spoke| spoke.finding == finding) {
            all.push(Spoke { finding, open: case.open.contains(finding) });
        }
    }
    all
}

/// What a rule rests on.
fn citation(code: &str, catalogue: &Catalogue) -> Vec<String> {
    catalogue.rules.sources(code).map(|(file, mark)| format!("[{mark}] {file}")).collect()
}

fn object(told: &Told<'_>, catalogue: &Catalogue) -> Json {
    let mut object = json::field(told.field);
    object["document"] = told.kind.clone().into();
    object["file"] = told.paper.received.name.clone().into();
    object["sha256"] = told.paper.received.doc.to_string().into();
    object["received_at"] = told.paper.at.to_string().into();
    object["row"] = Some(told.row.clone()).filter(|row| !row.is_empty()).into();
    object["field"] = told.key.into();
    object["label"] = told.label.clone().into();
    object["typed"] = typed_by(told).is_some().into();
    if let Some(read) = told.read {
        object["read"] = json::field(read);
    }
    object["findings"] = told
        .spoke
        .iter()
        .map(|spoke| {
            json!({ "code": spoke.finding.code, "severity": spoke.finding.severity, "message": spoke.finding.message,
                "open": spoke.open, "sources": citation(&spoke.finding.code.0, catalogue) })
        })
        .collect();
    object
}

fn typed_by<'t>(told: &'t Told<'_>) -> Option<&'t str> {
    match &told.field.place {
        Place::Typed { by } => Some(by),
        _ => None,
    }
}

fn print(case: &Case, told: &[&Told<'_>], catalogue: &Catalogue) {
    println!("{}", case.no);
    let mut heading = None;
    for told in told {
        let paper = &told.paper.received;
        let now = (told.paper.seq, told.kind.as_str());
        if heading != Some(now) {
            heading = Some(now);
            let copy = if told.paper.duplicate { "、重複のため不使用" } else { "" };
            println!("\n{}  {}（{} 受領{copy}）", catalogue.title(&told.kind), paper.name.escape_debug(), told.paper.at);
        }
        let row = if told.row.is_empty() { String::new() } else { format!("[{}] ", told.row) };
        println!("  {row}{}（{}）: {}", told.label, told.key, line(&told.field.value.to_string()));
        println!("      原文    {}", line(&told.field.raw));
        println!("      所在    {}", seen(&told.field.place, catalogue));
        let doubts = catalogue.japanese().doubts(told.field.doubts).map(|doubts| format!("  要確認（{doubts}）"));
        println!("      確信度  {:.1}%{}", told.field.confidence.as_ratio() * 100.0, doubts.unwrap_or_default());
        if let Some(by) = typed_by(told) {
            println!("      入力者  {by}（職員が入力した値）");
        }
        if let Some(read) = told.read {
            println!("      読取値  {}（{}）", line(&read.value.to_string()), seen(&read.place, catalogue));
        }
        for spoke in &told.spoke {
            let state = if spoke.open { "未解消" } else { "解消済" };
            let finding = spoke.finding;
            println!("      指摘    {} {}・{state}: {}", finding.code, severity(finding.severity), finding.message);
            citation(&finding.code.0, catalogue).iter().for_each(|source| println!("              根拠 {source}"));
        }
    }
}

/// Words of a paper on one line, without what a terminal would obey.
fn line(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Reject => "差戻し",
        Severity::Staff => "要確認（社内）",
        Severity::Ask => "要補正",
        Severity::Warn => "参考",
    }
}

fn seen(place: &Place, catalogue: &Catalogue) -> String {
    match place {
        Place::Page { page, area, .. } => format!("{page}頁 [{}, {}, {}, {}]", area.left, area.top, area.right, area.bottom),
        Place::Node { path, .. } => format!("要素 {path}"),
        Place::Header { name, .. } => format!("メールのヘッダ {name}"),
        Place::Whole { .. } => "書類全体".to_owned(),
        Place::Typed { by } => format!("職員入力（{by}）"),
        Place::Cell { .. } => catalogue.japanese().place(place).unwrap_or_default(),
    }
}
