//! `case list`, `case show`: looks at cases; `case explain` and `case record` are files of their own.

use crate::cli::common::{Done, Options};
use crate::cli::{explain, record};
use crate::domain::case::{Body, CaseNo, Event};
use crate::domain::extract::Field;
use crate::fault::Fault;
use crate::store::Ledger;
use serde_json::Value as Json;
use std::process::ExitCode;

#[derive(clap::Subcommand)]
pub enum Verb {
    /// All cases.
    List,
    /// One case with its history.
    Show {
        /// 受付番号, such as TH-2026-0001.
        no: String,
    },
    /// Records what a person did or decided.
    Record(record::Arguments),
    /// Where each value of a case was seen, and which rules spoke about it.
    Explain {
        /// 受付番号, such as TH-2026-0001.
        no: String,
        /// One field, by its key or its label, such as corporate_number or 法人番号.
        field: Option<String>,
    },
}

pub fn run(options: &Options, verb: &Verb) -> Done {
    match verb {
        Verb::List => {
            let (_, summaries) = open(options)?;
            list(options, &summaries);
        }
        Verb::Show { no } => {
            let (ledger, summaries) = open(options)?;
            let (summary, events) = history(ledger.as_ref(), &summaries, no)?;
            show(options, summary, &events);
        }
        Verb::Explain { no, field } => {
            let (ledger, summaries) = open(options)?;
            let (_, events) = history(ledger.as_ref(), &summaries, no)?;
            return explain::run(options, &events, field.as_deref());
        }
        Verb::Record(arguments) => return record::run(options, arguments),
    }
    Ok(ExitCode::SUCCESS)
}

/// The ledger, where a run has made one, and its cases.
fn open(options: &Options) -> Result<(Option<Ledger>, Vec<Json>), Vec<Fault>> {
    let config = options.resolve()?;
    let ledger = Ledger::open_existing(&config.state).map_err(|fault| vec![fault])?;
    let summaries = match &ledger {
        Some(ledger) => parse(&ledger.summaries().map_err(|fault| vec![fault])?)?,
        None => Vec::new(),
    };
    Ok((ledger, summaries))
}

/// A case with its events; where there is none of that number, those that there are.
fn history<'s>(ledger: Option<&Ledger>, summaries: &'s [Json], no: &str) -> Result<(&'s Json, Vec<Event>), Vec<Fault>> {
    const MOST: usize = 10;
    let summary = summaries.iter().find(|summary| summary["case_no"] == no);
    let (Some(ledger), Some(summary)) = (ledger, summary) else {
        let known: Vec<&str> = summaries.iter().rev().take(MOST).filter_map(|summary| summary["case_no"].as_str()).collect();
        let hint = if known.is_empty() { "there are no cases yet".to_owned() } else { format!("the newest are: {}", known.join(", ")) };
        return Err(vec![Fault::lasting(no, "there is no such case", format!("{hint}; see `uketsuke case list`"))]);
    };
    Ok((summary, ledger.events(&CaseNo(no.to_owned())).map_err(|fault| vec![fault])?))
}

fn parse(texts: &[String]) -> Result<Vec<Json>, Vec<Fault>> {
    texts
        .iter()
        .map(|text| serde_json::from_str(text).map_err(|error| vec![Fault::lasting("ledger", error, "restore the ledger from a backup")]))
        .collect()
}

fn list(options: &Options, summaries: &[Json]) {
    if options.json {
        println!("{}", Json::Array(summaries.to_vec()));
        return;
    }
    for case in summaries {
        let word = |key: &str| case[key].as_str().unwrap_or("-").to_owned();
        let due = case["deadlines"].as_array().and_then(|all| all.iter().filter_map(|due| due["on"].as_str()).min()).unwrap_or("-");
        let open = case["open_findings"].as_array().map_or(0, |all| all.iter().filter(|finding| finding["severity"] != "warn").count());
        let held = if case["held"] == true { "要確認" } else { "" };
        let drafted = case["notices"].as_array().into_iter().flatten().any(|notice| notice["draft"] == true);
        let draft = if drafted { "発出承認待ち" } else { "" };
        println!(
            "{}  {:8}  {:26}  due {due:10}  open {open:2}  {}  {held}{draft}",
            word("case_no"),
            word("flow"),
            word("state"),
            word("applicant_name")
        );
    }
}

fn show(options: &Options, summary: &Json, events: &[Event]) {
    if options.json {
        let mut whole = summary.clone();
        whole["history"] = events.iter().map(|event| serde_json::to_value(event).unwrap_or(Json::Null)).collect();
        println!("{whole}");
        return;
    }
    let word = |key: &str| summary[key].as_str().unwrap_or("-").to_owned();
    println!("{}  {}  {}  {}", word("case_no"), word("flow"), word("state"), word("applicant_name"));
    for event in events {
        println!("{:4}  {}  {}  {}", event.seq, event.at, event.by, in_words(&event.body));
    }
    for finding in summary["open_findings"].as_array().into_iter().flatten() {
        println!(
            "open  {} ({}) {}",
            finding["code"].as_str().unwrap_or("-"),
            finding["severity"].as_str().unwrap_or("-"),
            finding["message"].as_str().unwrap_or("-")
        );
    }
}

/// An event in one line.
pub fn in_words(body: &Body) -> String {
    match body {
        Body::Opened { flow, .. } => format!("opened as {flow}"),
        Body::Received(received) => format!("received {} ({}, {})", received.name, received.extract.document, received.doc.short()),
        Body::Again { name, first, .. } => format!("{name} came again, known since {first}"),
        Body::Moved { transition, from, to } if from == to => format!("{transition} in {to}"),
        Body::Moved { transition, from, to } => format!("{transition} {from} -> {to}"),
        Body::Issued(credentials) => format!("issued MMSコード {} and {} user IDs", credentials.mms_code, credentials.users.len()),
        Body::Certified { user_id, certificate } => format!("certificate {} for {user_id} until {}", certificate.serial, certificate.to),
        Body::Compared { pairs } => {
            let unequal: Vec<&str> = pairs.iter().filter(|pair| !pair.is_equal()).map(|pair| pair.label.as_str()).collect();
            let rest = if unequal.is_empty() { "all equal".to_owned() } else { format!("not equal: {}", unequal.join(", ")) };
            format!("compared contract and registration, {} pairs, {rest}", pairs.len())
        }
        Body::Drafted { key } => format!("draft until released: {key}"),
        Body::Wrote { notice, files, .. } => format!("wrote {notice}: {}", files.join(", ")),
        Body::Due { deadline, on: Some(day) } => format!("{deadline} runs until {day}"),
        Body::Due { deadline, on: None } => format!("{deadline} ends"),
        Body::Recorded { what, set, note } => {
            let set: Vec<String> = set.iter().map(|(field, value)| format!("{field}={value}")).collect();
            format!("{what} {} {}", set.join(" "), note.as_deref().unwrap_or_default())
        }
        Body::Corrected { corrections, note } => {
            let typed = |field: &Option<Field>| field.as_ref().map_or_else(String::new, |field| field.value.to_string());
            let set: Vec<String> = corrections.iter().map(|one| format!("{}={}", one.target.key, typed(&one.field))).collect();
            format!("corrected {} {}", set.join(" "), note.as_deref().unwrap_or_default())
        }
        Body::Found { open, held } => {
            let codes: Vec<&str> = open.iter().map(|finding| finding.code.0.as_str()).collect();
            format!(
                "open now: {}{}",
                if codes.is_empty() { "nothing".to_owned() } else { codes.join(" ") },
                if *held { ", waits for a person" } else { "" }
            )
        }
    }
}
