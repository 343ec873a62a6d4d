//! `replay`: derives every case anew from the originals and the log, and compares.

use crate::catalogue;
use crate::cli::case::in_words;
use crate::cli::common::{self, Done, Options};
use crate::cli::progress::Bar;
use crate::cli::{BUSY, FAILED};
use crate::desk::replay::{self, Twin};
use crate::domain::case::Event;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// Rules, flows and letters to try: which decisions would change.
    #[arg(long, value_name = "DIR")]
    catalogue: Option<PathBuf>,
    /// Every event that would be missing (-) or new (+).
    #[arg(long)]
    diff: bool,
}

pub fn run(options: &Options, arguments: &Arguments) -> Done {
    let config = options.resolve()?;
    let catalogue = match &arguments.catalogue {
        Some(folder) => common::catalogue_of(&catalogue::from_folder(folder).map_err(|fault| vec![fault])?, &config)?,
        None => common::catalogue(&config)?,
    };
    common::find_state(&config)?;
    let bar = Bar::new(options.quiet);
    let replay = common::with_jobs(config.jobs, || replay::replay(&config, &catalogue, &bar))?.map_err(|fault| vec![fault])?;
    let Some(replay) = replay else {
        eprintln!("error: another uketsuke works on {} (wait for it to end, or give --state)", config.state.display());
        return Ok(ExitCode::from(BUSY));
    };
    replay.faults.iter().for_each(|fault| eprintln!("error: {fault}"));
    for twin in &replay.twins {
        let lines = if arguments.diff { changes(twin) } else { Vec::new() };
        if options.json {
            println!(
                "{}",
                json!({ "case_no": twin.no.0, "same": twin.is_same(), "logged": twin.logged.len(), "derived": twin.derived.len(),
                    "first": first(twin), "diff": lines })
            );
        } else if !options.quiet || !twin.is_same() {
            match first(twin) {
                None => println!("{}  same ({} events)", twin.no, twin.logged.len()),
                Some(seq) => {
                    println!("{}  differs from event {seq} on ({} logged, {} derived)", twin.no, twin.logged.len(), twin.derived.len())
                }
            }
            lines.iter().for_each(|line| println!("  {line}"));
        }
    }
    Ok(if replay.is_same() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

/// The first event, counted from 1, that is not the same.
fn first(twin: &Twin) -> Option<usize> {
    if twin.is_same() {
        return None;
    }
    Some(1 + twin.logged.iter().zip(&twin.derived).take_while(|(logged, derived)| logged == derived).count())
}

/// The longest common run of events stays unsaid; the rest is missing or new.
fn changes(twin: &Twin) -> Vec<String> {
    let words = |events: &[Event]| events.iter().map(|event| in_words(&event.body)).collect::<Vec<_>>();
    let (old, new) = (words(&twin.logged), words(&twin.derived));
    let mut longest = vec![vec![0u32; new.len() + 1]; old.len() + 1];
    for (n, left) in old.iter().enumerate().rev() {
        for (m, right) in new.iter().enumerate().rev() {
            longest[n][m] = if left == right { longest[n + 1][m + 1] + 1 } else { longest[n + 1][m].max(longest[n][m + 1]) };
        }
    }
    let (mut n, mut m, mut lines) = (0, 0, Vec::new());
    while n < old.len() || m < new.len() {
        if n < old.len() && m < new.len() && old[n] == new[m] {
            (n, m) = (n + 1, m + 1);
        } else if m == new.len() || n < old.len() && longest[n + 1][m] >= longest[n][m + 1] {
            lines.push(format!("- {}", old[n]));
            n += 1;
        } else {
            lines.push(format!("+ {}", new[m]));
            m += 1;
        }
    }
    if lines.is_empty() && !twin.is_same() {
        lines.push("the same decisions, on values that are read otherwise".to_owned());
    }
    lines
}
