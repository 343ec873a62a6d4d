//! `verify`: the proof that nothing was lost, changed or forged.

use crate::cli::FAILED;
use crate::cli::common::{self, Done, Options};
use crate::config::Config;
use crate::desk::proof::{self, Point, Proof, Wish};
use crate::fault::Fault;
use serde_json::{Value as Json, json};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// A head of the chain as `verify` printed it before: nothing up to it may have been changed or taken out.
    #[arg(long, value_name = "HASH")]
    head: Option<String>,
    /// Nobody has taken letters out of the outbox: a missing one is a fault.
    #[arg(long)]
    untouched: bool,
}

/// Of a SHA-256, in hexadecimal.
const DIGITS: usize = 64;

pub fn run(options: &Options, arguments: &Arguments) -> Done {
    let config = options.resolve()?;
    let is_head = |head: &String| head.len() == DIGITS && head.bytes().all(|digit| digit.is_ascii_hexdigit());
    if let Some(head) = arguments.head.as_ref().filter(|head| !is_head(head)) {
        let hint = "give the head as `uketsuke verify` printed it, 64 hexadecimal digits";
        return Err(vec![Fault::lasting("--head", format!("{head:?} is no head of a chain"), hint)]);
    }
    verify(options, &config, &Wish { head: arguments.head.clone(), untouched: arguments.untouched, restored: false })
}

/// Proves a state and prints what was seen.
pub fn verify(options: &Options, config: &Config, wish: &Wish) -> Done {
    let catalogue = common::catalogue(config)?;
    let proof = common::with_jobs(config.jobs, || proof::prove(config, &catalogue, wish))?.map_err(|fault| vec![fault])?;
    let Some(proof) = proof else {
        common::find_state(config)?;
        if options.json {
            println!("{}", json!({ "ok": true, "events": 0, "head": "", "faults": [], "notes": [] }));
        } else if !options.quiet {
            println!("no run has made a ledger in {} yet", config.state.display());
        }
        return Ok(ExitCode::SUCCESS);
    };
    if options.json {
        println!("{}", in_json(&proof));
    } else {
        print(options, &proof);
    }
    Ok(if proof.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

fn in_json(proof: &Proof) -> Json {
    let points = |points: &[Point]| -> Json {
        let point = |point: &Point| json!({ "check": point.check, "place": point.place, "what": point.what, "hint": point.hint });
        points.iter().map(point).collect()
    };
    let counts = &proof.counts;
    json!({
        "ok": proof.faults.is_empty(), "events": proof.events, "head": proof.head,
        "counts": {
            "cases": counts.cases, "dropped": counts.dropped, "pending": counts.pending, "done": counts.done, "waiting": counts.waiting,
            "quarantined": counts.quarantined, "duplicates": counts.duplicates, "parts": counts.parts, "letters": counts.letters,
            "undelivered": counts.undelivered,
        },
        "faults": points(&proof.faults), "notes": points(&proof.notes),
    })
}

fn print(options: &Options, proof: &Proof) {
    for point in &proof.faults {
        println!("FAULT  {}: {}: {} ({})", point.check, point.place, point.what, point.hint);
    }
    if options.quiet {
        return;
    }
    for point in &proof.notes {
        println!("note   {}: {}: {} ({})", point.check, point.place, point.what, point.hint);
    }
    let counts = &proof.counts;
    println!(
        "dropped {} = pending {} + done {} + waiting {} + quarantined {}; came again {}; inside others {}",
        counts.dropped, counts.pending, counts.done, counts.waiting, counts.quarantined, counts.duplicates, counts.parts
    );
    println!("cases {}, files of letters {} ({} not yet delivered)", counts.cases, counts.letters, counts.undelivered);
    println!("events {}, head {}", proof.events, if proof.head.is_empty() { "-" } else { &proof.head });
    println!("{}", if proof.faults.is_empty() { "all holds" } else { "DOES NOT HOLD" });
}
