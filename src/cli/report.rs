//! `report`: the month's figures as a page, a workbook and CSV.

use crate::cli::common::{self, Done, Options};
use crate::desk;
use crate::domain::language::Language;
use crate::export;
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::report::Month;
use crate::store::Ledger;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// The month, such as 2026-04; the last one that is over when not given.
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<Month>,
    /// The language of its words: ja or en.
    #[arg(long, value_name = "LANGUAGE", default_value = "ja")]
    language: Language,
    /// Where a folder for the month is made: index.html, figures.xlsx and a CSV for each table.
    #[arg(default_value = "reports")]
    dir: PathBuf,
}

pub fn run(options: &Options, arguments: &Arguments) -> Done {
    write(options, arguments).map(|()| ExitCode::SUCCESS)
}

fn write(options: &Options, arguments: &Arguments) -> Result<(), Vec<Fault>> {
    let one = |fault| vec![fault];
    let config = options.resolve()?;
    let catalogue = common::catalogue(&config)?;
    let now = options.now();
    let this = Month::of(now.date());
    let month = arguments.month.or_else(|| this.before()).unwrap_or(this);
    if month > this {
        return Err(one(Fault::lasting(month, "this month has not begun", "name a month of the past, such as --month 2026-04")));
    }
    let ledger = Ledger::look(&config.state).map_err(one)?;
    let Some(ledger) = ledger else {
        return Err(one(Fault::lasting(config.state.display(), "no run has made a ledger yet", "run `uketsuke run` first")));
    };
    let voice = catalogue.in_language(arguments.language);
    let page = desk::report::month(&ledger, voice, &config.desk, month, now).map_err(one)?;
    let tables = desk::report::tables(&page, voice);
    if options.json {
        println!("{}", export::json(&tables));
        return Ok(());
    }
    let folder = arguments.dir.join(month.to_string());
    let files = || -> Result<(), Fault> {
        files::make_folder(&folder, Mode::Shared)?;
        let put = |name: &str, bytes: &[u8]| files::renew(&folder.join(name), bytes, Mode::Shared);
        put("index.html", catalogue.notices()?.month(&page, &catalogue.words, voice.language)?.as_bytes())?;
        put("figures.xlsx", &export::xlsx(&tables, now.civil())?)?;
        tables.iter().try_for_each(|table| put(&format!("{}.csv", table.key), &export::csv(table)))
    };
    files().map_err(one)?;
    if !options.quiet {
        println!("{month}: {}", folder.join("index.html").display());
    }
    Ok(())
}
