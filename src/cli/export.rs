//! `export`: the ledger as CSV, xlsx or JSON.

use crate::cli::common::{self, Done, Options};
use crate::desk;
use crate::export::{self, Table};
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::store::Ledger;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// The shape: `csv` holds one table, `xlsx` a sheet for each, `json` all of them in one object.
    #[arg(long, value_enum)]
    format: Format,
    /// The table that is wanted: cases for CSV and all of them otherwise, when not given.
    #[arg(long, value_enum)]
    table: Option<Which>,
    /// Where it goes, over what lies there; standard output when not given.
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Csv,
    Xlsx,
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Which {
    /// One row a case, as `case list` has it.
    Cases,
    /// Open findings (未解消の指摘).
    Findings,
    /// Deadlines that run (期限).
    Deadlines,
    /// Letters and orders written (発出文書).
    Notices,
    /// Every value of forms, contracts and mails, with the place where it was seen (読取値).
    Values,
}

impl Which {
    fn key(self) -> &'static str {
        match self {
            Which::Cases => "cases",
            Which::Findings => "findings",
            Which::Deadlines => "deadlines",
            Which::Notices => "notices",
            Which::Values => "values",
        }
    }
}

pub fn run(options: &Options, arguments: &Arguments) -> Done {
    let one = |fault| vec![fault];
    let config = options.resolve()?;
    let catalogue = common::catalogue(&config)?;
    let ledger = Ledger::look(&config.state).map_err(one)?;
    let Some(ledger) = ledger else {
        return Err(one(Fault::lasting(config.state.display(), "no run has made a ledger yet", "run `uketsuke run` first")));
    };
    let mut tables = desk::export::tables(&ledger, &catalogue).map_err(one)?;
    let wanted = arguments.table.or((arguments.format == Format::Csv).then_some(Which::Cases));
    tables.retain(|table| wanted.is_none_or(|which| which.key() == table.key));
    let bytes = bytes(arguments.format, &tables, options).map_err(one)?;
    put(arguments, &bytes)
}

fn bytes(format: Format, tables: &[Table], options: &Options) -> Result<Vec<u8>, Fault> {
    match format {
        Format::Csv => Ok(tables.iter().flat_map(export::csv).collect()),
        Format::Xlsx => export::xlsx(tables, options.now().civil()),
        Format::Json => Ok(format!("{}\n", export::json(tables)).into_bytes()),
    }
}

fn put(arguments: &Arguments, bytes: &[u8]) -> Done {
    let out = std::io::stdout();
    match &arguments.file {
        Some(file) => files::renew(file, bytes, Mode::Private).map(|()| ExitCode::SUCCESS).map_err(|fault| vec![fault]),
        None if arguments.format == Format::Xlsx && out.is_terminal() => {
            Err(vec![Fault::lasting("standard output", "a workbook cannot be shown on a terminal", "name a file, such as cases.xlsx")])
        }
        None => common::print(bytes),
    }
}
