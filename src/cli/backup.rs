//! `backup`: the state in one file, while the desk works.

use crate::cli::common::{Done, Options};
use crate::store;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// The archive; a file of this name must not be there yet.
    file: PathBuf,
}

pub fn run(options: &Options, arguments: &Arguments) -> Done {
    let config = options.resolve()?;
    let saved = store::backup(&config.state, &arguments.file).map_err(|fault| vec![fault])?;
    if options.json {
        println!("{}", json!({ "file": arguments.file, "files": saved.files, "bytes": saved.bytes, "sealing_key": config.sealing_key }));
    } else if !options.quiet {
        println!("saved {} files, {} bytes, in {}", saved.files, saved.bytes, arguments.file.display());
        println!("NOT in it: the sealing key {}", config.sealing_key.display());
        println!("keep a copy of that key in another place: without it the authority's key and undelivered secrets stay sealed");
        println!("the outbox is not in it either: what was delivered lies there, and its letters stand in the ledger");
    }
    Ok(ExitCode::SUCCESS)
}
