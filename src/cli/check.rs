//! `check`: everything that an administrator may have changed.

use crate::casework::drawing;
use crate::cli::FAILED;
use crate::cli::common::{self, Done, Options};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// Draws the flows as they are written in the templates (Markdown with Mermaid diagrams; docs/flows.md is this).
    #[arg(long)]
    flows: bool,
}

pub fn run(options: &Options, arguments: &Arguments) -> Done {
    let config = options.resolve()?;
    let catalogue = common::catalogue(&config)?;
    let faults = catalogue.check();
    faults.iter().for_each(|fault| eprintln!("error: {fault}"));
    if !faults.is_empty() {
        return Ok(ExitCode::from(FAILED));
    }
    if arguments.flows {
        print!("{}", drawing::draw(&catalogue.flows));
    } else if !options.quiet {
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
