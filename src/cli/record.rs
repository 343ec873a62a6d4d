//! `case record`: what a person did or decided.

use crate::cli::common::{self, Done, Options};
use crate::cli::{BUSY, REFUSED};
use crate::desk::{Desk, Opened, Recorded};
use crate::domain::case::CaseNo;
use crate::pipeline::record::Deed;
use crate::pipeline::seen::Seen;
use serde_json::{Value as Json, json};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// 受付番号, such as TH-2026-0001.
    no: String,
    /// mms-rejected, mms-approved, contract-concluded, corrected, finding-settled, released, withdrawn, closed,
    /// certificate-renewed, certificate-revoked, letter-released, letter-dropped or note.
    event: String,
    /// The finding that is settled, such as A-021.
    code: Option<String>,
    /// A value that was read wrongly, such as contact_email=uketsuke@example.jp or user_info.2.email=…; blank for an empty
    /// entry. The user whose certificate is meant: user_id=K123001. The draft that is released or dropped: letter=KEY.
    /// The entry whose finding is settled, where several have its code: document=user_info, field=email, row=3.
    #[arg(long, value_name = "FIELD=VALUE")]
    set: Vec<String>,
    /// Who did or decided it.
    #[arg(long, value_name = "STAFF")]
    by: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

pub fn run(options: &Options, arguments: &Arguments) -> Done {
    let config = options.resolve()?;
    let catalogue = common::catalogue(&config)?;
    let one = |fault| vec![fault];
    let deed = Deed {
        what: arguments.event.clone(),
        code: arguments.code.clone(),
        set: arguments.set.iter().map(|pair| split(pair)).collect::<Result<_, _>>().map_err(one)?,
        by: arguments.by.clone(),
        note: arguments.note.clone(),
        seen: Seen::Nothing,
    };
    let mut desk = match Desk::open(&config, &catalogue).map_err(one)? {
        Opened::Ready(desk) => desk,
        Opened::Busy => {
            eprintln!("error: another uketsuke works on {} (wait for it to end, or give --state)", config.state.display());
            return Ok(ExitCode::from(BUSY));
        }
    };
    let no = CaseNo(arguments.no.clone());
    match desk.record(&no, &deed, options.now()).map_err(one)? {
        Recorded::Done { summary, letters } => {
            done(options, &summary, letters);
            Ok(ExitCode::SUCCESS)
        }
        Recorded::Known(how) => {
            if options.json {
                println!("{}", json!({ "case_no": no.0, "known": how.en }));
            } else if !options.quiet {
                println!("{no}: {} is known already ({})", deed.what, how.en);
            }
            Ok(ExitCode::SUCCESS)
        }
        Recorded::Refused(refusal) => {
            let reasons: Vec<&str> = refusal.reasons.iter().map(|reason| reason.en.as_str()).collect();
            if options.json {
                println!("{}", json!({ "case_no": no.0, "refused": reasons, "possible": refusal.possible }));
            }
            eprintln!("error: {no}: {} is not possible now: {}", deed.what, reasons.join("; "));
            eprintln!("possible now: {}", refusal.possible.join(", "));
            Ok(ExitCode::from(REFUSED))
        }
    }
}

fn split(pair: &str) -> Result<(String, String), crate::fault::Fault> {
    let (field, value) = pair.split_once('=').ok_or_else(|| {
        crate::fault::Fault::lasting("--set", format!("{:?} has no =", pair.escape_debug().to_string()), "write FIELD=VALUE")
    })?;
    Ok((field.trim().to_owned(), value.to_owned()))
}

fn done(options: &Options, summary: &str, letters: usize) {
    if options.json {
        println!("{summary}");
    } else if !options.quiet {
        let case: Json = serde_json::from_str(summary).unwrap_or(Json::Null);
        let held = if case["held"] == true { "  要確認" } else { "" };
        println!("{}  {}  files out {letters}{held}", case["case_no"].as_str().unwrap_or("-"), case["state"].as_str().unwrap_or("-"));
    }
}
