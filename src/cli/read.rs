//! `read`: looks at files, prints what they say.

use crate::cli::common::{self, Done, Options};
use crate::cli::json;
use crate::fault::Fault;
use crate::ocr::Recogniser;
use crate::pipeline::{self, Digest, Keys, Office};
use crate::reading::format::{Limits, Tools};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// Files to read.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

pub fn run(options: &Options, arguments: &Arguments) -> Done {
    let config = options.resolve()?;
    let catalogue = common::catalogue(&config)?;
    let recogniser = Recogniser::load().map_err(|fault| vec![fault])?;
    let tools = Tools { ocr: &recogniser, limits: Limits::default() };
    let office = Office::new(&catalogue, &config.desk, options.now());
    let files: Vec<(String, Result<Vec<u8>, Fault>)> = arguments.files.iter().map(|path| (name(path), bytes(path))).collect();
    // Files in one call lie on one desk: a mail may name the password of another one's archive.
    let mut keys = Keys::default();
    files.iter().filter_map(|(_, bytes)| bytes.as_ref().ok()).for_each(|bytes| keys.learn(bytes, &tools));
    let read = |(name, bytes): &(String, Result<Vec<u8>, Fault>)| {
        bytes.as_ref().map(|bytes| pipeline::digest_safely(name, bytes, &keys, &tools, &office)).map_err(Clone::clone)
    };
    let outcomes: Vec<Result<Digest, Fault>> = common::with_jobs(config.jobs, || files.par_iter().map(read).collect())?;
    let mut faults = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(digest) if options.json => json::documents(&digest).iter().for_each(|object| println!("{object}")),
            Ok(digest) => print(&digest, 0),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(ExitCode::SUCCESS) } else { Err(faults) }
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// The bytes, unless there are more than the desk takes.
fn bytes(path: &Path) -> Result<Vec<u8>, Fault> {
    let size = std::fs::metadata(path).map_err(|error| Fault::io(path, &error))?.len();
    if size > Limits::default().bytes as u64 {
        return Err(Fault::lasting(path.display(), format!("has {size} bytes, more than the desk takes"), "divide the file"));
    }
    std::fs::read(path).map_err(|error| Fault::io(path, &error))
}

/// A document and its parts, for people.
fn print(digest: &Digest, depth: usize) {
    let indent = "  ".repeat(depth);
    println!("{indent}{}  ({}, {})", digest.name, digest.extract.document, digest.format);
    for (key, field) in &digest.extract.fields.fields {
        println!("{indent}  {key:24} {}{}", field.value, if field.needs_review { "  ?" } else { "" });
    }
    for (set, records) in &digest.extract.sets {
        println!("{indent}  {set:24} {} record(s)", records.len());
    }
    for finding in &digest.findings {
        println!("{indent}  {} {}", finding.code, finding.message);
    }
    digest.parts.iter().for_each(|part| print(part, depth + 1));
}
