//! Folders against the ledger: originals, quarantine, outbox.
//!
//! Staff take letters out of the outbox, fill in the sheets that are theirs to fill in, and their programs leave debris:
//! that is normal. A letter with other words, or one that the desk never wrote, is not: what lies in the outbox goes out
//! in the desk's name.

use crate::config::Config;
use crate::desk::guards::MARK;
use crate::desk::proof::{Room, name};
use crate::desk::{figures, revocation};
use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::files;
use crate::intake;
use crate::issuance::authority::LISTS;
use crate::notices::outbox::page_name;
use crate::reading::format::Limits;
use crate::store::{Originals, Outlet, Paper, Status};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

const RESTORE: &str = "restore this file from a backup";
/// Letters stay in the ledger as they were written; no run puts one there twice, and a backup holds no outbox.
const KEPT: &str = "do not send it; move it away, and take the letter as it was written from the case's page in the console (`serve`)";
/// A receipt belongs to no case, and is on no case's page.
const RECEIPT: &str = "move it away; the ledger knows what became of the file";
/// The ledger forgets what is secret with its delivery.
const UNKEPT: &str =
    "do not hand it over; move it away, and have its certificate revoked and renewed (`case record`): nothing else holds it";
const SWEPT: &str = "a program was stopped while it wrote this; the next run removes it";

/// What lies in the folders.
pub struct Listing {
    originals: Vec<(PathBuf, Option<DocId>)>,
    /// Relative to the outbox.
    outbox: Vec<PathBuf>,
    /// Folders of the quarantine, and the files in each.
    quarantine: BTreeMap<String, Vec<PathBuf>>,
}

impl Listing {
    pub fn of(config: &Config) -> Result<Self, Fault> {
        let mut quarantine: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        let root = config.state.join("quarantine");
        for path in all(&root)? {
            let mut parts = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
            quarantine.entry(parts.next().unwrap_or_default()).or_default().push(root.join(&path));
        }
        Ok(Listing { originals: Originals::at(&config.state).list()?, outbox: all(&config.outbox)?, quarantine })
    }
}

/// Everything in a folder that is no folder, relative to it. A folder that does not exist is empty.
fn all(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let mut found = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => found.extend(entry.path().strip_prefix(folder).map(Path::to_owned)),
            // Taken away while we look.
            Err(error) if error.io_error().is_some_and(|error| error.kind() == ErrorKind::NotFound) => {}
            Err(error) => return Err(Fault::lasting(folder.display(), error, "check the rights of this folder")),
        }
    }
    Ok(found)
}

/// The identity of a file; `None` where there is none.
fn identity(path: &Path) -> Result<Option<DocId>, Fault> {
    match path.symlink_metadata() {
        Ok(meta) if !meta.is_file() => return Ok(Some(DocId::of(b""))),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        _ => {}
    }
    match File::open(path).and_then(DocId::of_reader) {
        Ok(doc) => Ok(Some(doc)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault::io(path, &error)),
    }
}

fn is_under_way(path: &Path) -> bool {
    path.file_name().is_some_and(|name| files::is_under_way(&name.to_string_lossy()))
}

/// Every file that was dropped is kept as it came.
pub fn originals(room: &mut Room<'_>, listing: &Listing) -> Result<(), Fault> {
    let originals = Originals::at(&room.config.state);
    let kept = |paper: &&Paper| paper.parent.is_none() && !set_aside_unread(paper);
    let papers: Vec<&Paper> = room.stock.papers.iter().filter(kept).collect();
    let checked: Vec<(String, PathBuf, Result<Option<bool>, Fault>)> =
        papers.par_iter().map(|paper| (name(paper), originals.path(paper.doc), originals.check(paper.doc))).collect();
    for (name, path, found) in checked {
        match found? {
            Some(true) => {}
            Some(false) => room.fault("originals", path.display(), format!("{name} was changed"), RESTORE),
            None => room.fault("originals", path.display(), format!("{name} is missing"), RESTORE),
        }
    }
    let known: BTreeSet<DocId> = room.stock.papers.iter().map(|paper| paper.doc).collect();
    for (path, doc) in &listing.originals {
        match doc {
            Some(doc) if known.contains(doc) => {}
            Some(doc) if originals.check(*doc)? != Some(false) => {
                room.note(
                    "originals",
                    path.display(),
                    "no row names it",
                    "a run was stopped between file and row; the file came, or comes, again",
                );
            }
            _ if is_under_way(path) => room.note("originals", path.display(), "is half-written", SWEPT),
            _ => room.fault("originals", path.display(), "does not belong here", "move it away; only the program writes here"),
        }
    }
    Ok(())
}

/// Too large to be read: it lies in the quarantine alone.
fn set_aside_unread(paper: &Paper) -> bool {
    paper.status == Some(Status::Quarantined) && paper.bytes > Limits::default().bytes as u64
}

/// What was set aside lies there as it came, beside its note.
pub fn quarantine(room: &mut Room<'_>, listing: &Listing) -> Result<(), Fault> {
    let set_aside: Vec<(String, DocId, bool)> = room
        .stock
        .papers
        .iter()
        .filter(|paper| paper.status == Some(Status::Quarantined))
        .map(|paper| (name(paper), paper.doc, set_aside_unread(paper)))
        .collect();
    for (name, doc, only_here) in &set_aside {
        let place = room.config.state.join("quarantine").join(doc.short());
        let is_note = |path: &&PathBuf| path.to_string_lossy().ends_with(".note.txt");
        let lying: Vec<&PathBuf> = listing.quarantine.get(&doc.short()).into_iter().flatten().collect();
        let mut files = lying.iter().copied().filter(|path| !is_note(path) && !is_under_way(path)).peekable();
        if lying.is_empty() && !only_here {
            let hint = "normal when staff have dealt with it; the original is kept where it came as a file";
            room.note("quarantine", place.display(), format!("{name} was taken away"), hint);
        } else if files.peek().is_none() {
            if *only_here {
                room.fault(
                    "quarantine",
                    place.display(),
                    format!("{name} could not be kept: its original was missing or damaged"),
                    RESTORE,
                );
            }
        } else if !files.map(|path| identity(path)).collect::<Result<Vec<_>, _>>()?.contains(&Some(*doc)) {
            room.fault("quarantine", place.display(), format!("{name} was changed"), RESTORE);
        }
    }
    let known: BTreeSet<String> = set_aside.iter().map(|(_, doc, _)| doc.short()).collect();
    for (folder, _) in listing.quarantine.iter().filter(|(folder, _)| !known.contains(*folder)) {
        let place = room.config.state.join("quarantine").join(folder);
        room.note(
            "quarantine",
            place.display(),
            "no document in quarantine belongs to it",
            "look at it, and remove it when it is of no use",
        );
    }
    Ok(())
}

/// Each row that was delivered has its file, and each file its row.
pub fn outbox(room: &mut Room<'_>, listing: &Listing) -> Result<(), Fault> {
    let root = room.config.outbox.clone();
    if !root.exists() && room.stock.outlets.iter().any(|outlet| outlet.delivered) {
        let what = "the outbox is gone, and this desk has put letters there";
        match room.wish.restored {
            true => room.note("outbox", root.display(), what, "mount it, or make that folder, before the next run"),
            false => room.fault("outbox", root.display(), what, "mount it, or name it with --outbox or in uketsuke.toml"),
        }
        return Ok(());
    }
    let outlets = std::mem::take(&mut room.stock.outlets);
    let checked: Vec<(&Outlet, Result<Option<DocId>, Fault>)> =
        outlets.par_iter().map(|outlet| (outlet, identity(&root.join(&outlet.path)))).collect();
    for (outlet, found) in checked {
        let path = &outlet.path;
        match (found?, outlet.delivered) {
            (None, false) if outlet.dropped => room.note("outbox", path, "was a draft and was dropped", "it is never put there"),
            (None, false) if outlet.draft => room.note("outbox", path, "is a draft", "it is put there if a person releases it"),
            (None, false) if room.running || room.wish.restored => {
                room.note("outbox", path, "is not yet delivered", "the program that works on this state puts it there");
            }
            (None, false) => room.fault("outbox", path, "was written and not yet delivered", "run the program: it puts the letter there"),
            (None, true) if room.wish.untouched => room.fault("outbox", path, "was delivered and is missing", "ask who took it out"),
            (None, true) => room.note("outbox", path, "was delivered and is no longer there", "normal when staff took it out"),
            (Some(_), false) => room.note("outbox", path, "lies there and is not yet marked", "the next run marks it"),
            (Some(found), true) if outlet.sha256.is_none_or(|wanted| wanted == found) => {}
            (Some(_), true) if outlet.to_fill_in => room.note("outbox", path, "was filled in", "normal for an operation sheet"),
            (Some(_), true) if outlet.secret => room.fault("outbox", path, "was changed", UNKEPT),
            (Some(_), true) if outlet.case.0.is_empty() => room.fault("outbox", path, "was changed", RECEIPT),
            (Some(_), true) => room.fault("outbox", path, "was changed", KEPT),
        }
    }
    let rows: BTreeSet<&Path> = outlets.iter().map(|outlet| Path::new(&outlet.path)).collect();
    for path in listing.outbox.iter().filter(|path| !rows.contains(path.as_path()) && !is_page(path)) {
        let debris = path.components().any(|part| intake::is_debris(part.as_os_str()));
        if is_under_way(path) {
            room.note("outbox", path.display(), "is half-written", SWEPT);
        } else if debris || made_beside(room.config, path)? {
            // What an office program or the system left behind, or what the program puts there without a row.
        } else {
            let hint = "move it out of the outbox: what lies there goes out in the desk's name";
            room.fault("outbox", path.display(), "is no file of this desk", hint);
        }
    }
    drop(rows);
    room.stock.outlets = outlets;
    Ok(())
}

/// A page that the program makes anew: those of the index, a case's own, that of the receipts. And the mark of the outbox.
fn is_page(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let further = || name.strip_prefix("index-")?.strip_suffix(".html")?.parse::<usize>().ok();
    match path.components().count() {
        1 => name == "index.html" || name == MARK || further().is_some_and(|page| name == page_name(page)),
        depth => name == "index.html" && depth == 2,
    }
}

/// A picture beside a case's page, named after its bytes; the authority's certificate or one of its lists, as it keeps them.
fn made_beside(config: &Config, path: &Path) -> Result<bool, Fault> {
    let Some(found) = identity(&config.outbox.join(path))? else { return Ok(true) };
    let name = path.file_name().unwrap_or_default();
    if path.starts_with(revocation::FOLDER) {
        let kept = config.state.join("authority");
        let same = |kept: PathBuf| identity(&kept).map(|kept| kept == Some(found));
        return Ok(same(kept.join(name))? || same(kept.join(LISTS).join(name))?);
    }
    Ok(path.components().count() == 2 && figures::is_named_after(&name.to_string_lossy(), found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_desk_are_taken_for_some() {
        let is_page = |path: &str| is_page(Path::new(path));
        assert!(["index.html", "index-2.html", "index-41.html", "TH-2026-0001/index.html"].into_iter().all(is_page));
        let strangers = ["index-1.html", "index-02.html", "index-x.html", "TH-2026-0001/index-2.html", "a/b/index.html", "Index.html"];
        assert!(!strangers.into_iter().any(is_page));
    }
}
