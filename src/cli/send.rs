//! `send`: the queue of mails that the desk sends itself.

use crate::cli::common::{self, Done, Options};
use crate::cli::{WAITS, run as nightly};
use crate::config::{Config, SmtpSettings};
use crate::desk::{Desk, Opened};
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::post;
use crate::store::{Ledger, Standing};
use serde_json::{Value as Json, json};
use std::path::PathBuf;
use std::process::ExitCode;

/// Rows that are shown.
const MOST: u32 = 1_000;

#[derive(clap::Args)]
pub struct Arguments {
    /// Shows the queue and sends nothing.
    #[arg(long)]
    status: bool,
    /// Nothing is sent from now on.
    #[arg(long, conflicts_with_all = ["status", "resume", "again"])]
    stop: bool,
    /// Sending goes on.
    #[arg(long, conflicts_with_all = ["status", "again"])]
    resume: bool,
    /// Refused and withheld mails are tried once more.
    #[arg(long, conflicts_with = "status")]
    again: bool,
}

pub fn run(options: &Options, arguments: &Arguments) -> Done {
    let config = options.resolve()?;
    act(options, arguments, &config).map_err(|fault| vec![fault])
}

fn act(options: &Options, arguments: &Arguments, config: &Config) -> Result<ExitCode, Fault> {
    let none = || Fault::lasting("[smtp]", "is not set: staff send the mails of this desk", "write the table [smtp] in uketsuke.toml");
    let settings = config.smtp.as_ref().ok_or_else(none)?;
    if arguments.status {
        return status(options, settings, config);
    }
    let switch = switch(settings, config);
    if arguments.stop {
        files::make_folder(&config.state, Mode::Private)?;
        return files::renew(&switch, b"stopped\n", Mode::Private).map(|()| ExitCode::SUCCESS);
    }
    if arguments.resume {
        return files::remove(&switch).map(|()| ExitCode::SUCCESS);
    }
    let catalogue = common::catalogue(config).map_err(|mut faults| faults.remove(0))?;
    let Opened::Ready(mut desk) = Desk::open(config, &catalogue)? else { return Ok(nightly::busy(config)) };
    if arguments.again {
        desk.try_again(options.now())?;
    }
    let sent = desk.send(options.now())?;
    if options.json {
        println!("{}", json!({ "sent": sent.sent, "put_off": sent.put_off, "refused": sent.refused }));
    } else if !options.quiet {
        println!("sent {}, put off {}, refused {}", sent.sent, sent.put_off, sent.refused);
    }
    Ok(if sent.put_off + sent.refused > 0 { ExitCode::from(WAITS) } else { ExitCode::SUCCESS })
}

fn switch(settings: &SmtpSettings, config: &Config) -> PathBuf {
    settings.stop_file.clone().unwrap_or_else(|| config.state.join("sending.stopped"))
}

fn status(options: &Options, settings: &SmtpSettings, config: &Config) -> Result<ExitCode, Fault> {
    let rows = Ledger::look(&config.state)?.map_or(Ok(Vec::new()), |ledger| ledger.sendings(MOST))?;
    let stopped = post::is_stopped(settings, &config.state);
    if options.json {
        let one = |row: &crate::store::Sending| {
            json!({ "mail": row.path, "recipient": row.recipient, "state": row.standing.word(), "attempts": row.attempts,
                    "next": row.next.to_string(), "answer": row.answer })
        };
        println!("{}", json!({ "stopped": stopped, "mails": rows.iter().map(one).collect::<Json>() }));
    } else {
        if stopped {
            println!("STOPPED (uketsuke send --resume)");
        }
        for row in &rows {
            let next = if row.standing == Standing::Waiting { format!("  not before {}", row.next) } else { String::new() };
            println!("{:8}  {}  {}  {}{next}", row.standing.word(), row.path, row.recipient, row.answer.as_deref().unwrap_or("-"));
        }
    }
    Ok(ExitCode::SUCCESS)
}
