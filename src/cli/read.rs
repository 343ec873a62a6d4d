//! `read`: looks at files, prints what they say.

use crate::catalogue::{self, Catalogue};
use crate::cli::json;
use crate::ocr::Recogniser;
use crate::pipeline;
use crate::reading::format::{Limits, Tools};
use rayon::prelude::*;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// Files to read.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// One JSON object a file, one a line.
    #[arg(long)]
    json: bool,
    /// The clock of this run, RFC 3339.
    #[arg(long)]
    now: Option<String>,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    let catalogue = match Catalogue::load(&catalogue::shipped()) {
        Ok(catalogue) => catalogue,
        Err(faults) => {
            faults.iter().for_each(|fault| eprintln!("{fault}"));
            return ExitCode::FAILURE;
        }
    };
    let ocr = match Recogniser::load() {
        Ok(ocr) => ocr,
        Err(fault) => {
            eprintln!("{fault}");
            return ExitCode::FAILURE;
        }
    };
    let tools = Tools { ocr: &ocr, limits: Limits::default() };
    let outcomes: Vec<_> = arguments
        .files
        .par_iter()
        .map(|path| {
            let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            std::fs::read(path)
                .map(|bytes| pipeline::digest(&name, &bytes, &tools, &catalogue))
                .map_err(|error| format!("{}: {error}", path.display()))
        })
        .collect();
    let mut code = ExitCode::SUCCESS;
    for outcome in outcomes {
        match outcome {
            Ok(digest) => json::documents(&digest).iter().for_each(|object| println!("{object}")),
            Err(message) => {
                eprintln!("{message}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
