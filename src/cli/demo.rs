//! `demo`: the whole desk on the shipped samples, in a folder of its own.

use crate::cli::common::{self, Done, Options};
use crate::cli::progress::Bar;
use crate::cli::run::print;
use crate::config::Config;
use crate::desk::{Counting, Desk, Opened, Report};
use crate::domain::date::Moment;
use crate::fault::Fault;
use crate::store::Ledger;
use include_dir::{Dir, include_dir};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// One folder for each time that something arrives.
static SAMPLES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/samples/demo");

/// Stands in a sample export for the MMSコード that the desk will have issued.
const PLACEHOLDER: &str = "@MMS@";

#[derive(clap::Args)]
pub struct Arguments {
    /// Where to play; a new temporary folder when not given.
    dir: Option<PathBuf>,
}

pub fn run(options: &Options, arguments: &Arguments) -> Done {
    let root = match &arguments.dir {
        Some(dir) => dir.clone(),
        None => tempfile::Builder::new()
            .prefix("uketsuke-demo-")
            .tempdir()
            .map_err(|error| vec![Fault::io(Path::new("temporary folder"), &error)])?
            .keep(),
    };
    let state = root.join("state");
    let config = Config {
        inbox: root.join("inbox"),
        outbox: root.join("outbox"),
        sealing_key: state.join("sealing.key"),
        state,
        ..options.resolve()?
    };
    if config.state.exists() {
        return Err(vec![Fault::lasting(config.state.display(), "holds an earlier demo", "name a folder that does not exist yet")]);
    }
    let catalogue = common::catalogue(&config)?;
    let total = common::with_jobs(config.jobs, || {
        let mut total = Report::default();
        let mut days: Vec<&Dir<'_>> = SAMPLES.dirs().collect();
        days.sort_by_key(|day| day.path());
        for day in days {
            let now = moment(day)?;
            drop_files(day, &config)?;
            let Opened::Ready(mut desk) = Desk::open(&config, &catalogue)? else {
                return Err(Fault::lasting(config.state.display(), "is held by another program", "name a folder of its own for the demo"));
            };
            let report = desk.run(now, Counting::FromRun, &[], &Bar::new(options.quiet))?;
            if !options.quiet && !options.json {
                println!("{now}: {} files in, {} files out", report.taken, report.letters);
            }
            total.add(&report);
        }
        Ok(total)
    })?
    .map_err(|fault| vec![fault])?;
    print(&total, options, &config.outbox);
    Ok(ExitCode::SUCCESS)
}

/// The folder's name is the day and the hour.
fn moment(day: &Dir<'_>) -> Result<Moment, Fault> {
    let name = day.path().to_string_lossy();
    format!("{name}:00:00+09:00").parse().map_err(|error| Fault::lasting(name, error, "name the folder like 2026-04-08T10"))
}

fn drop_files(day: &Dir<'_>, config: &Config) -> Result<(), Fault> {
    std::fs::create_dir_all(&config.inbox).map_err(|error| Fault::io(&config.inbox, &error))?;
    for file in day.files() {
        let name = file.path().file_name().map(PathBuf::from).unwrap_or_default();
        let mut bytes = file.contents().to_vec();
        if let Ok(text) = std::str::from_utf8(&bytes)
            && text.contains(PLACEHOLDER)
        {
            bytes = text.replace(PLACEHOLDER, &issued_to_sender(text, config)?).into_bytes();
        }
        let path = config.inbox.join(name);
        std::fs::write(&path, bytes).map_err(|error| Fault::io(&path, &error))?;
    }
    Ok(())
}

/// The MMSコード of the case whose operator sent this export.
fn issued_to_sender(xml: &str, config: &Config) -> Result<String, Fault> {
    let sender = xml.split("<JP06110>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
    let cases = Ledger::open(&config.state)?.cases()?;
    let code = cases.iter().find(|case| case.keys.iter().any(|(_, value)| value == sender)).and_then(|case| {
        let summary: serde_json::Value = serde_json::from_str(&case.summary).ok()?;
        summary["mms_code"].as_str().map(ToOwned::to_owned)
    });
    code.ok_or_else(|| Fault::lasting("demo", format!("no case of operator {sender}"), "report this as a bug"))
}
