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
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;

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
    let files = &arguments.files;
    if let Some(folder) = &arguments.picture {
        files::make_folder(folder, Mode::Shared).map_err(|fault| vec![fault])?;
    }
    let ring = readers.ring(common::with_jobs(config.jobs, || passwords(&readers, files))?);
    let easel = arguments.picture.as_deref().map(|folder| Easel { folder, catalogue: &catalogue, readers: &readers, ring: &ring });
    let look = Look { readers: &readers, ring: &ring, easel, now: options.now(), among: files.len() };
    let (hand, shelf) = mpsc::channel();
    let printed = std::thread::scope(|scope| {
        let reading = scope.spawn(|| common::with_jobs(config.jobs, || look.at_all(files, hand)));
        let faults = print_all(InOrder::of(shelf), options.json, catalogue.japanese());
        reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).and(faults)
    });
    printed.map(|()| ExitCode::SUCCESS)
}

/// Prints documents as they come; all faults together behind them.
fn print_all(all: impl Iterator<Item = Result<Seen, Fault>>, json: bool, voice: Voice<'_>) -> Result<(), Vec<Fault>> {
    let mut faults = Vec::new();
    for seen in all {
        let Seen { digest, drawn } = match seen {
            Ok(seen) => seen,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        let drawn = drawn.unwrap_or_else(|fault| {
            faults.push(fault);
            Vec::new()
        });
        if json {
            json::documents(&digest).iter().try_for_each(common::print_line).map_err(|fault| vec![fault])?;
        } else {
            print(&digest, voice, 0, &drawn);
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Files in one call lie on one desk: a mail may name the password of another one's archive.
fn passwords(readers: &Readers, files: &[PathBuf]) -> Keys {
    let learn = |path: &PathBuf| common::bytes(path).map(|bytes| readers.learn(&bytes)).unwrap_or_default();
    let learnt: Vec<Keys> = if files.len() > 1 { files.par_iter().map(learn).collect() } else { Vec::new() };
    let mut keys = Keys::default();
    learnt.into_iter().for_each(|more| keys.merge(more));
    keys
}

/// By what files are looked at.
struct Look<'a> {
    readers: &'a Readers,
    ring: &'a KeyRing,
    easel: Option<Easel<'a>>,
    now: Moment,
    /// How many files there are.
    among: usize,
}

/// What a file says, and what was drawn of it.
struct Seen {
    digest: Digest,
    drawn: Result<Vec<Drawn>, Fault>,
}

impl Look<'_> {
    /// Looks at files one after another on all threads, each handed on with its number, until nobody takes them any more.
    fn at_all(&self, files: &[PathBuf], hand: mpsc::Sender<(usize, Result<Seen, Fault>)>) {
        let numbered = files.iter().enumerate().par_bridge();
        // Whoever takes them says itself why it went away.
        let _ = numbered.try_for_each_with(hand, |hand, (n, path)| hand.send((n, self.at(path))).map_err(drop));
    }

    fn at(&self, path: &Path) -> Result<Seen, Fault> {
        let (name, bytes) = (name(path), common::bytes(path)?);
        let digest = self.readers.digest(&Task { name: &name, bytes: &bytes, now: self.now, among: self.among }, self.ring)?;
        let drawn = self.easel.as_ref().map_or_else(|| Ok(Vec::new()), |easel| easel.draw(&digest, &bytes));
        Ok(Seen { digest, drawn })
    }
}

/// What comes numbered and a little out of turn, in its order: a whole folder of documents need not be held until the last is read.
struct InOrder<T> {
    shelf: mpsc::Receiver<(usize, T)>,
    early: BTreeMap<usize, T>,
    next: usize,
}

impl<T> InOrder<T> {
    fn of(shelf: mpsc::Receiver<(usize, T)>) -> Self {
        InOrder { shelf, early: BTreeMap::new(), next: 0 }
    }
}

impl<T> Iterator for InOrder<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        while !self.early.contains_key(&self.next) {
            let (n, one) = self.shelf.recv().ok()?;
            self.early.insert(n, one);
        }
        self.next += 1;
        self.early.remove(&(self.next - 1))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_out_of_turn_is_told_in_order_and_as_soon_as_it_may() {
        let (hand, shelf) = mpsc::channel();
        let mut told = InOrder::of(shelf);
        hand.send((1, "second")).unwrap();
        hand.send((0, "first")).unwrap();
        assert_eq!(told.by_ref().take(2).collect::<Vec<_>>(), ["first", "second"]);
        hand.send((2, "third")).unwrap();
        drop(hand);
        assert_eq!(told.collect::<Vec<_>>(), ["third"]);
    }
}
