//! `restore`: a backup put into an empty state folder.

use crate::cli::common::{Done, Options};
use crate::cli::verify;
use crate::desk::proof::Wish;
use crate::store;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// An archive that `backup` wrote.
    file: PathBuf,
    /// Proves the restored state afterwards, as `verify` does.
    #[arg(long)]
    verify: bool,
}

pub fn run(options: &Options, arguments: &Arguments) -> Done {
    let config = options.resolve()?;
    let restored = store::restore(&arguments.file, &config.state).map_err(|fault| vec![fault])?;
    if options.json && !arguments.verify {
        println!("{}", json!({ "state": config.state, "files": restored.files, "bytes": restored.bytes }));
    } else if !options.quiet && !options.json {
        println!("restored {} files, {} bytes, to {}", restored.files, restored.bytes, config.state.display());
        if !config.sealing_key.exists() {
            println!("put the sealing key of that desk at {} before the next run", config.sealing_key.display());
        }
        if !config.outbox.exists() {
            println!("mount the outbox at {}, or make that folder, before the next run", config.outbox.display());
        }
    }
    if arguments.verify {
        return verify::verify(options, &config, &Wish { restored: true, ..Wish::default() });
    }
    Ok(ExitCode::SUCCESS)
}
