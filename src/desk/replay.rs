//! Every case derived anew from the originals and the log, and held against what the log says.
//!
//! Owns the order in which history is played again. Never writes to the state folder, never sends anything.

use crate::casework::fold::Case;
use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::desk::digest::{Library, days_before};
use crate::desk::gallery::Gallery;
use crate::desk::wake::Look;
use crate::desk::{Progress, settle};
use crate::domain::case::{Body, CaseNo, Event};
use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::domain::language::Language;
use crate::fault::Fault;
use crate::pipeline::{Digest, Issued, Office, PROGRAM, record};
use crate::reading::format::Limits;
use crate::store::{Drop, Ledger, Lock, Matter, Originals, Pending, When};
use crate::worker::{KeyRing, Readers};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One case as it is logged, and as it would become now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Twin {
    pub no: CaseNo,
    pub logged: Vec<Event>,
    pub derived: Vec<Event>,
}

impl Twin {
    pub fn is_same(&self) -> bool {
        self.logged == self.derived
    }
}

/// What a replay came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Replay {
    pub twins: Vec<Twin>,
    /// Originals that are missing or damaged, deeds that would not be possible.
    pub faults: Vec<Fault>,
}

impl Replay {
    pub fn is_same(&self) -> bool {
        self.faults.is_empty() && self.twins.iter().all(Twin::is_same)
    }
}

/// Something that happened at the desk.
enum Scene {
    Run(Moment),
    /// What a person recorded, in one go.
    Deed(Vec<Event>),
}

impl Scene {
    fn at(&self) -> Moment {
        match self {
            Scene::Run(at) => *at,
            Scene::Deed(events) => events.first().map_or(Moment::new(jiff::Timestamp::MIN), |event| event.at),
        }
    }
}

/// Plays the history of a state folder again, with a catalogue of its own; `None` while another program holds the folder.
pub fn replay(config: &Config, catalogue: &Catalogue, progress: &dyn Progress) -> Result<Option<Replay>, Fault> {
    if Ledger::look(&config.state)?.is_none() {
        return Ok(Some(Replay::default()));
    }
    let Some(_lock) = Lock::take(&config.state)? else { return Ok(None) };
    let folder = tempfile::tempdir().map_err(|error| Fault::io(&std::env::temp_dir(), &error))?;
    let [log, stage] = ["log", "stage"].map(|name| folder.path().join(name));
    for path in [&log, &stage] {
        std::fs::create_dir(path).map_err(|error| Fault::io(path, &error))?;
    }
    let log = Ledger::copy_of(&config.state, &log)?;
    let history = log.history()?;
    let mut drops = log.drops()?;
    // What was too large to be read then was set aside unread.
    drops.retain(|drop| drop.bytes <= Limits::default().bytes as u64);
    let issued = Issued::of(&history);
    let mut replay = Replay::default();
    let originals = Originals::at(&config.state);
    let readers = Readers::new(config, catalogue);
    let digests = digests(config, catalogue, &originals, &readers, &drops, progress, &mut replay.faults);
    let gallery = Gallery::new(&originals, &readers);
    let library = Library { originals: &originals, readers: &readers, among: 1 };
    let received = received(&history);
    let mut stage = Stage { ledger: Ledger::open(&stage)?, config, catalogue, gallery, library, issued, digests, received };
    for scene in scenes(&history, &drops) {
        match scene {
            Scene::Run(at) => stage.run(at, &drops)?,
            Scene::Deed(events) => replay.faults.extend(stage.deed(events)?),
        }
    }
    let derived = stage.ledger.history()?;
    let numbers: BTreeSet<&CaseNo> = history.iter().chain(&derived).map(|event| &event.case).collect();
    let of = |events: &[Event], no: &CaseNo| events.iter().filter(|event| event.case == *no).cloned().collect();
    replay.twins = numbers.into_iter().map(|no| Twin { no: no.clone(), logged: of(&history, no), derived: of(&derived, no) }).collect();
    Ok(Some(replay))
}

/// When each document went to a case.
fn received(history: &[Event]) -> BTreeMap<DocId, Moment> {
    let mut received = BTreeMap::new();
    for event in history {
        if let Body::Received(paper) = &event.body {
            received.entry(paper.parent.unwrap_or(paper.doc)).or_insert(event.at);
            received.entry(paper.doc).or_insert(event.at);
        }
    }
    received
}

fn is_same_occasion(one: &Event, other: &Event) -> bool {
    one.at == other.at && one.case == other.case
}

/// Runs and deeds in their order. A run that brought nothing about leaves no trace and needs none.
fn scenes(history: &[Event], drops: &[Drop]) -> Vec<Scene> {
    let mut scenes: Vec<Scene> = Vec::new();
    // What the program did next follows from a deed and ends it: the next deed of the same second is another one.
    let mut has_followed = false;
    for event in history {
        let is_person = event.by != PROGRAM;
        match scenes.last_mut() {
            Some(Scene::Deed(events)) if is_same_occasion(&events[0], event) && !is_person => has_followed = true,
            Some(Scene::Deed(events)) if is_same_occasion(&events[0], event) && !has_followed && events[0].by == event.by => {
                events.push(event.clone());
            }
            Some(Scene::Run(at)) if *at == event.at && !is_person => {}
            _ if is_person => {
                scenes.push(Scene::Deed(vec![event.clone()]));
                has_followed = false;
            }
            _ => scenes.push(Scene::Run(event.at)),
        }
    }
    for at in drops.iter().map(|drop| drop.received).collect::<BTreeSet<_>>() {
        if !scenes.iter().any(|scene| matches!(scene, Scene::Run(known) if *known == at)) {
            let place = scenes.iter().position(|scene| scene.at() > at).unwrap_or(scenes.len());
            scenes.insert(place, Scene::Run(at));
        }
    }
    scenes
}

/// What each dropped document says, read with the passwords that came in the same run.
fn digests(
    config: &Config,
    catalogue: &Catalogue,
    originals: &Originals,
    readers: &Readers,
    drops: &[Drop],
    progress: &dyn Progress,
    faults: &mut Vec<Fault>,
) -> BTreeMap<DocId, Digest> {
    let mut first: BTreeMap<DocId, &Drop> = BTreeMap::new();
    drops.iter().for_each(|drop| drop_first(&mut first, drop));
    let library = Library { originals, readers, among: first.len() };
    let mut together: BTreeMap<Moment, Vec<DocId>> = BTreeMap::new();
    first.values().for_each(|drop| together.entry(drop.received).or_default().push(drop.doc));
    let rings: BTreeMap<Moment, KeyRing> = together.into_iter().map(|(at, docs)| (at, readers.ring(library.keys(docs)))).collect();
    progress.begin(first.len() as u64);
    let read = |drop: &&Drop| {
        let office = Office::new(catalogue, &config.desk, drop.received);
        let ring = rings.get(&drop.received)?;
        let read = originals.get(drop.doc).and_then(|bytes| library.read_bytes(&drop.name, &bytes, ring, &office));
        progress.read(&drop.name);
        Some((drop.doc, read))
    };
    let found: Vec<_> = first.into_values().collect::<Vec<_>>().par_iter().filter_map(read).collect();
    progress.end();
    readers.rest();
    let mut digests = BTreeMap::new();
    for (doc, read) in found {
        match read {
            // Unreadable then, unreadable now.
            Ok(read) => drop(digests.insert(doc, read.digest)),
            Err(fault) => faults.push(fault),
        }
    }
    digests
}

fn drop_first<'a>(first: &mut BTreeMap<DocId, &'a Drop>, drop: &'a Drop) {
    first.entry(drop.doc).or_insert(drop);
}

/// A desk that nobody sees: its ledger lies in a temporary folder, and nothing is dispatched.
struct Stage<'a> {
    ledger: Ledger,
    config: &'a Config,
    catalogue: &'a Catalogue,
    gallery: Gallery<'a>,
    issued: Issued,
    library: Library<'a>,
    digests: BTreeMap<DocId, Digest>,
    received: BTreeMap<DocId, Moment>,
}

impl Stage<'_> {
    fn run(&mut self, at: Moment, drops: &[Drop]) -> Result<(), Fault> {
        for drop in drops.iter().filter(|drop| drop.received == at && self.digests.contains_key(&drop.doc)) {
            self.ledger.arrive(drop.doc, &drop.name, drop.bytes, When { received: at, landed: drop.landed }, &drop.source)?;
        }
        let mut pending = self.ledger.pending()?;
        match pending.iter().all(|document| document.waiting) {
            true => pending.clear(),
            // What waits in an archive that is done otherwise.
            false => pending.extend(self.ledger.all_waiting()?.into_iter().filter(|document| document.settled)),
        }
        let is_shut = |pending: &&Pending| self.digests.get(&pending.doc).is_some_and(Digest::awaits_password);
        let shut: Vec<Pending> = pending.iter().filter(is_shut).cloned().collect();
        self.unlock(&pending, &shut, at)?;
        let opened = self.opened(&pending, at)?;
        // What was kept back for its password then is kept back now.
        let is_kept_back = |digest: &Digest| digest.awaits_password() && self.received.get(&digest.doc).is_some_and(|then| *then > at);
        let batch = pending.into_iter().chain(opened).filter_map(|pending| {
            let digest = self.digests.get(&pending.doc).filter(|digest| !is_kept_back(digest))?.clone();
            let bytes = digest.bytes;
            // It may have been dropped again under another name.
            let digest = Digest { name: pending.name.clone(), ..digest };
            Some((pending, bytes, digest))
        });
        let batch = batch.collect();
        let office = Office::new(self.catalogue, &self.config.desk, at).with_issued(&self.issued);
        let look = Look::of(&self.ledger, &office)?;
        let outcome = settle::settle(&mut self.ledger, &office, batch, &look, &self.gallery, &|_| Ok(()))?;
        outcome.faults.into_iter().next().map_or(Ok(()), Err)?;
        self.ledger.looked_at(&[Matter::Cases], &look.then)
    }

    /// Tries the passwords that have been named until now on what is still shut.
    fn unlock(&mut self, pending: &[Pending], shut: &[Pending], at: Moment) -> Result<(), Fault> {
        if shut.is_empty() {
            return Ok(());
        }
        let keys = self.library.keys_of_days(pending.iter().map(|pending| pending.doc).collect(), &self.ledger, at)?;
        let ring = self.library.readers.ring(keys);
        let office = Office::new(self.catalogue, &self.config.desk, at);
        for pending in shut {
            let read = self.library.read(pending.doc, &pending.name, &ring, &office)?;
            self.digests.insert(pending.doc, read.digest);
        }
        Ok(())
    }

    /// What was settled though something in it was shut, and a mail that came now opens.
    fn opened(&mut self, pending: &[Pending], at: Moment) -> Result<Vec<Pending>, Fault> {
        if !pending.iter().any(|pending| self.digests.get(&pending.doc).is_some_and(Digest::holds_mail)) {
            return Ok(Vec::new());
        }
        let mut shut = self.ledger.shut_since(days_before(at))?;
        if shut.is_empty() {
            return Ok(shut);
        }
        self.unlock(pending, &shut, at)?;
        shut.retain(|pending| self.digests.get(&pending.doc).is_some_and(|digest| !digest.awaits_password()));
        Ok(shut)
    }

    /// Records again what a person recorded; says so where it would not be possible.
    fn deed(&mut self, events: Vec<Event>) -> Result<Option<Fault>, Fault> {
        let Some(first) = events.first().cloned() else { return Ok(None) };
        let refused =
            |what: String| Ok(Some(Fault::lasting(format!("{}, event {}", first.case, first.seq), what, "the deed was left out")));
        let Some(mut case) = Case::replay(&self.ledger.events(&first.case)?) else {
            return refused("there would be no such case".to_owned());
        };
        let office = Office::new(self.catalogue, &self.config.desk, first.at).with_issued(&self.issued);
        if let Some(refusal) = record::against(&case, &events, &office) {
            return refused(format!("would not be possible: {}", refusal.why(Language::English)));
        }
        let mut bodies = Vec::new();
        for event in events {
            let event = Event { seq: case.seq + 1, ..event };
            case.apply(&event);
            bodies.push(event);
        }
        let settled = settle::carry(&self.ledger, &office, &self.gallery, case, bodies)?;
        self.ledger.settle(&settled)?;
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deeds_of_one_second_are_played_one_after_another_in_their_order() {
        let event = |(n, (case, by, note)): (u32, (&str, &str, &str))| {
            let body = Body::Recorded { what: "note".into(), set: BTreeMap::new(), note: Some(note.into()) };
            let at = "2026-04-08T10:00:00+09:00".parse().unwrap();
            Event { case: CaseNo(case.into()), seq: n, at, by: by.into(), body }
        };
        let history: Vec<Event> = (1..)
            .zip([
                ("1", "花子", "a"),
                ("1", "花子", "b"),
                ("1", PROGRAM, "follows"),
                ("1", "花子", "c"),
                ("1", PROGRAM, "follows"),
                ("1", "太郎", "d"),
                ("2", "太郎", "e"),
                ("2", "花子", "f"),
            ])
            .map(event)
            .collect();
        let note = |event: &Event| match &event.body {
            Body::Recorded { note, .. } => note.clone().unwrap(),
            _ => unreachable!(),
        };
        let played: Vec<String> = scenes(&history, &[])
            .iter()
            .map(|scene| match scene {
                Scene::Run(_) => "run".to_owned(),
                Scene::Deed(events) => events.iter().map(note).collect(),
            })
            .collect();
        assert_eq!(played, ["ab", "c", "d", "e", "f"]);
    }
}
