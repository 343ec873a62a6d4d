//! `read`: looks at files, prints what they say and draws where they say it.

use crate::catalogue::Voice;
use crate::cli::common::{self, Done, Options};
use crate::cli::json;
use crate::cli::picture::{Drawn, Easel};
use crate::domain::date::Moment;
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::pipeline::{Digest, Keys};
use crate::worker::{KeyRing, Readers, Task};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// Files to read.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Where to put every page with its values, doubts and findings drawn on it, and a cut-out of each finding.
    #[arg(long, value_name = "DIR")]
    picture: Option<PathBuf>,
}

pub fn run(options: &Options, arguments: &Arguments) -> Done {
    let config = options.resolve()?;
    let catalogue = common::catalogue(&config)?;
    let readers = Readers::new(&config, &catalogue);
    let now = options.now();
    let sources: Vec<(String, Result<Vec<u8>, Fault>)> = arguments.files.iter().map(|path| (name(path), common::bytes(path))).collect();
    let (ring, outcomes) = common::with_jobs(config.jobs, || digests(&readers, &sources, now))?;
    if let Some(folder) = &arguments.picture {
        files::make_folder(folder, Mode::Shared).map_err(|fault| vec![fault])?;
    }
    let mut faults = Vec::new();
    for (outcome, (_, bytes)) in outcomes.into_iter().zip(&sources) {
        let digest = match outcome {
            Ok(digest) => digest,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        let mut drawn = Vec::new();
        if let (Some(folder), Ok(bytes)) = (&arguments.picture, bytes) {
            let easel = Easel { folder, catalogue: &catalogue, readers: &readers, ring: &ring };
            match common::with_jobs(config.jobs, || easel.draw(&digest, bytes))? {
                Ok(done) => drawn = done,
                Err(fault) => faults.push(fault),
            }
        }
        if options.json {
            json::documents(&digest).iter().try_for_each(common::print_line).map_err(|fault| vec![fault])?;
        } else {
            print(&digest, catalogue.japanese(), 0, &drawn);
        }
    }
    if faults.is_empty() { Ok(ExitCode::SUCCESS) } else { Err(faults) }
}

/// Files in one call lie on one desk: a mail may name the password of another one's archive.
fn digests(readers: &Readers, sources: &[(String, Result<Vec<u8>, Fault>)], now: Moment) -> (KeyRing, Vec<Result<Digest, Fault>>) {
    let learn = |(_, bytes): &(String, Result<Vec<u8>, Fault>)| bytes.as_ref().map(|bytes| readers.learn(bytes)).unwrap_or_default();
    let learnt: Vec<Keys> = if sources.len() > 1 { sources.par_iter().map(learn).collect() } else { Vec::new() };
    let mut keys = Keys::default();
    learnt.into_iter().for_each(|more| keys.merge(more));
    let ring = readers.ring(keys);
    let read = |(name, bytes): &(String, Result<Vec<u8>, Fault>)| {
        let task = |bytes| Task { name, bytes, now, among: sources.len() };
        bytes.as_ref().map_err(Clone::clone).and_then(|bytes| readers.digest(&task(bytes), &ring))
    };
    let outcomes = sources.par_iter().map(read).collect();
    (ring, outcomes)
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// A document and its parts, for people.
fn print(digest: &Digest, voice: Voice<'_>, depth: usize, drawn: &[Drawn]) {
    let indent = "  ".repeat(depth);
    println!("{indent}{}  ({}, {})", digest.name, digest.extract.document, digest.format);
    for (key, field) in digest.extract.fields.fields.iter() {
        let doubts = voice.doubts(field.doubts).map(|doubts| format!("  ?（{doubts}）"));
        println!("{indent}  {key:24} {}{}", field.value, doubts.unwrap_or_default());
    }
    for (set, records) in &digest.extract.sets {
        println!("{indent}  {set:24} {} record(s)", records.len());
    }
    for finding in &digest.findings {
        println!("{indent}  {} {}", finding.code, finding.message);
    }
    for drawn in drawn.iter().filter(|drawn| drawn.doc == digest.doc).take(1) {
        drawn.pictures.iter().for_each(|path| println!("{indent}  図 {}", path.display()));
        drawn.words.iter().for_each(|words| println!("{indent}  {words}"));
    }
    digest.parts.iter().for_each(|part| print(part, voice, depth + 1, drawn));
}
