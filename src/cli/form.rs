//! `form`: forms whose print the desk knows.

use crate::catalogue::KnownForm;
use crate::cli::common::{self, Done, Options};
use crate::config::Config;
use crate::domain::form::Form;
use crate::fault::Fault;
use crate::pipeline::{Digest, Keys};
use crate::worker::{Readers, Task};
use serde_json::{Value as Json, json};
use std::path::PathBuf;
use std::process::ExitCode;

/// Characters of a name.
const LONGEST_NAME: usize = 60;
/// Fields that no form has an answer to before somebody fills it in.
const ENTRIES: [&str; 2] = ["applicant_name", "corporate_number"];

#[derive(clap::Subcommand)]
pub enum Verb {
    /// Learns the print of a form: from a blank one as it is printed or scanned, or from several that different applicants filled in.
    Learn {
        /// What the form is called; its file under the state has this name.
        name: String,
        /// PDF, TIFF, PNG or JPEG.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The form is blank, though something printed on it is taken for an entry.
        #[arg(long)]
        blank: bool,
    },
    /// The forms that are known; with -v what is printed on them.
    List,
}

pub fn run(options: &Options, verb: &Verb) -> Done {
    let config = options.resolve()?;
    match verb {
        Verb::Learn { name, files, blank } => learn(options, &config, name, files, *blank),
        Verb::List => {
            let forms = common::catalogue(&config)?.known;
            forms.iter().for_each(|form| tell(options, form, &[], options.verbose > 0));
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn learn(options: &Options, config: &Config, name: &str, files: &[PathBuf], is_blank: bool) -> Done {
    check_name(name).map_err(|fault| vec![fault])?;
    if is_blank && files.len() > 1 {
        let hint = "give one with --blank, or several without it";
        return Err(vec![Fault::lasting("--blank", format!("is of one form, and {} are given", files.len()), hint)]);
    }
    let catalogue = common::catalogue(config)?;
    let readers = Readers::new(config, &catalogue);
    let documents: Vec<Vec<u8>> = files.iter().map(|path| common::bytes(path)).collect::<Result<_, _>>().map_err(|fault| vec![fault])?;
    let learnt = common::with_jobs(config.jobs, || {
        if !is_blank {
            refuse_entries(options, &readers, files, &documents)?;
        }
        let documents: Vec<&[u8]> = documents.iter().map(Vec::as_slice).collect();
        let learnt = readers.learn_form(&documents)?;
        Ok((KnownForm::new(name, learnt.pages)?, learnt.left))
    })?;
    let (form, left) = learnt.map_err(|fault: Fault| vec![fault])?;
    let path = form.keep(&config.state).map_err(|fault| vec![fault])?;
    if options.quiet {
        return Ok(ExitCode::SUCCESS);
    }
    tell(options, &form, &left, true);
    if !options.json {
        println!("{}: proofread the words above; each is taken for what stands there wherever its ink is found again", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Somebody's entries are no print: one form that is filled in, or several of one applicant, would make them so.
fn refuse_entries(options: &Options, readers: &Readers, files: &[PathBuf], documents: &[Vec<u8>]) -> Result<(), Fault> {
    let ring = readers.ring(Keys::default());
    let mut seen: Vec<String> = Vec::new();
    for (path, bytes) in files.iter().zip(documents) {
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let digest = readers.digest(&Task { name: &name, bytes, now: options.now(), among: 1 }, &ring)?;
        let entries = entries(&digest);
        if documents.len() == 1 && !entries.is_empty() {
            let hint = "give it blank, or together with the same form of another applicant; if it is blank, say --blank";
            return Err(Fault::lasting(path.display(), "is filled in: its entries would be learnt as print", hint));
        }
        if let Some(entry) = entries.iter().find(|entry| seen.contains(entry)) {
            let what = format!("says {entry:?} like a form before it: the entries of one applicant would be learnt as print");
            return Err(Fault::lasting(path.display(), what, "give forms of different applicants"));
        }
        seen.extend(entries);
    }
    Ok(())
}

fn entries(digest: &Digest) -> Vec<String> {
    let said = ENTRIES.iter().filter_map(|key| digest.extract.fields.fields.get(key));
    said.map(|field| field.value.to_string()).filter(|value| !value.trim().is_empty()).collect()
}

fn check_name(name: &str) -> Result<(), Fault> {
    let is_plain = !name.trim().is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.starts_with('.')
        && !name.chars().any(|c| c.is_control() || "/\\".contains(c));
    if is_plain {
        return Ok(());
    }
    let hint = format!("give one of at most {LONGEST_NAME} characters, such as 様式第1号");
    Err(Fault::lasting("NAME", format!("{name:?} is no name for a form"), hint))
}

/// Says what is known of a form, and which of its pages were left, with the reason.
fn tell(options: &Options, form: &KnownForm, left: &[(u32, String)], with_words: bool) {
    let words = |page: &Form| page.prints.iter().map(|print| print.text()).collect::<Vec<_>>();
    if options.json {
        let pages = |page: &Form| json!({ "cells": page.cells.len(), "words": words(page) });
        let mut told = json!({ "name": form.name, "pages": form.pages.iter().map(pages).collect::<Json>() });
        // A form does not keep which pages it was learnt without: a list says nothing of them.
        if !left.is_empty() {
            told["left"] = left.iter().map(|(page, why)| json!({ "page": page, "why": why })).collect();
        }
        println!("{told}");
        return;
    }
    for (page, why) in left {
        println!("{}  page {page} is read each time: {why}", form.name);
    }
    for page in &form.pages {
        println!("{}  a page of {} cells and {} words", form.name, page.cells.len(), page.prints.len());
        if with_words {
            words(page).iter().for_each(|words| println!("    {words}"));
        }
    }
}
