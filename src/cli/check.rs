//! `check`: everything that an administrator may have changed.

use crate::cli::FAILED;
use crate::cli::common::{self, Done, Options};
use std::process::ExitCode;

pub fn run(options: &Options) -> Done {
    let config = options.resolve()?;
    let catalogue = common::catalogue(&config)?;
    let faults = catalogue.check();
    faults.iter().for_each(|fault| eprintln!("error: {fault}"));
    if !faults.is_empty() {
        return Ok(ExitCode::from(FAILED));
    }
    if !options.quiet {
        println!(
            "ok: {} documents, {} defects, {} flows, catalogue {}",
            catalogue.documents.len(),
            catalogue.defects.len(),
            catalogue.flows.flows.len(),
            &catalogue.basis[..12]
        );
    }
    Ok(ExitCode::SUCCESS)
}
