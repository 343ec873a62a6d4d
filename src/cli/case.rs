//! `case list`, `case show`: looks at cases; `case explain` and `case record` are files of their own.

use crate::cli::common::{self, Done, Options};
use crate::cli::{explain, record};
use crate::domain::case::{Body, CaseNo, Event};
use crate::domain::extract::Field;
use crate::fault::Fault;
use crate::store::Ledger;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use std::borrow::Cow;
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
        Verb::List => return open(options).and_then(|ledger| list(options, ledger.as_ref())),
        Verb::Show { no } => {
            let (summary, events) = history(options, no)?;
            show(options, &summary, &events);
        }
        Verb::Explain { no, field } => {
            let (_, events) = history(options, no)?;
            return explain::run(options, &events, field.as_deref());
        }
        Verb::Record(arguments) => return record::run(options, arguments),
    }
    Ok(ExitCode::SUCCESS)
}

/// The ledger, where a run has made one.
fn open(options: &Options) -> Result<Option<Ledger>, Vec<Fault>> {
    let config = options.resolve()?;
    Ledger::open_existing(&config.state).map_err(|fault| vec![fault])
}

/// A case with its events; where there is none of that number, those that there are.
fn history(options: &Options, no: &str) -> Result<(Json, Vec<Event>), Vec<Fault>> {
    let ledger = open(options)?;
    let case = CaseNo(no.to_owned());
    let find = || -> Result<_, Fault> {
        let Some(ledger) = &ledger else { return Err(no_such_case(no, &[])) };
        match ledger.listed_by_number(&[&case])?.pop() {
            Some(listed) => Ok((parse::<Json>(&listed.summary)?, ledger.events(&case)?)),
            None => Err(no_such_case(no, &ledger.summaries()?)),
        }
    };
    find().map_err(|fault| vec![fault])
}

fn no_such_case(no: &str, summaries: &[String]) -> Fault {
    const MOST: usize = 10;
    let newest: Vec<String> =
        summaries.iter().rev().take(MOST).filter_map(|text| Some(parse::<Line<'_>>(text).ok()?.case_no.into_owned())).collect();
    let hint = if newest.is_empty() { "there are no cases yet".to_owned() } else { format!("the newest are: {}", newest.join(", ")) };
    Fault::lasting(no, "there is no such case", format!("{hint}; see `uketsuke case list`"))
}

fn parse<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::lasting("ledger", error, "restore the ledger from a backup"))
}

/// What a hint shows of a summary.
#[derive(Deserialize)]
struct Line<'t> {
    #[serde(borrow)]
    case_no: Cow<'t, str>,
}

fn list(options: &Options, ledger: Option<&Ledger>) -> Done {
    let Some(ledger) = ledger else { return common::print(if options.json { b"[]\n" } else { b"" }) };
    if options.json {
        let summaries = ledger.summaries().map_err(|fault| vec![fault])?;
        // They are printed as they were written, once they are known to be whole.
        summaries.iter().try_for_each(|summary| parse::<IgnoredAny>(summary).map(drop)).map_err(|fault| vec![fault])?;
        return common::print(format!("[{}]\n", summaries.join(",")).as_bytes());
    }
    let mut text = String::new();
    for case in ledger.briefs().map_err(|fault| vec![fault])? {
        let due = case.due.as_deref().unwrap_or("-");
        let held = if case.held { "要確認" } else { "" };
        let name = case.applicant.as_deref().unwrap_or("-");
        let draft = if case.drafted { "発出承認待ち" } else { "" };
        let unread = if case.unread { "  要閲読" } else { "" };
        let head = format!("{}  {:8}  {:26}", case.no, case.flow, case.state);
        text.push_str(&format!("{head}  due {due:10}  open {:2}  {name}  {held}{draft}{unread}\n", case.open));
    }
    common::print(text.as_bytes())
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
