//! `check`: everything that an administrator may have changed.

use crate::casework::drawing;
use crate::catalogue::Catalogue;
use crate::cli::FAILED;
use crate::cli::common::{self, Done, Options};
use crate::fault::Fault;
use serde_json::{Value as Json, json};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// Draws the flows as they are written in the templates (Markdown with Mermaid diagrams; docs/flows.md is this).
    #[arg(long)]
    flows: bool,
}

pub fn run(options: &Options, arguments: &Arguments) -> Done {
    let config = options.resolve()?;
    let (catalogue, faults) = match common::catalogue(&config) {
        Ok(catalogue) => {
            let faults = catalogue.check();
            (Some(catalogue), faults)
        }
        Err(faults) => (None, faults),
    };
    let sound = catalogue.filter(|_| faults.is_empty());
    if options.json {
        println!("{}", in_json(sound.as_ref(), &faults));
    } else {
        faults.iter().for_each(|fault| eprintln!("error: {fault}"));
    }
    let Some(catalogue) = sound else { return Ok(ExitCode::from(FAILED)) };
    if options.json {
        return Ok(ExitCode::SUCCESS);
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

fn in_json(sound: Option<&Catalogue>, faults: &[Fault]) -> Json {
    let faults: Vec<Json> = faults.iter().map(|fault| json!({ "place": fault.place, "what": fault.what, "hint": fault.hint })).collect();
    let counts = sound.map(|catalogue| {
        json!({ "documents": catalogue.documents.len(), "defects": catalogue.defects.len(), "flows": catalogue.flows.flows.len(),
            "basis": catalogue.basis })
    });
    json!({ "ok": sound.is_some(), "faults": faults, "catalogue": counts })
}
