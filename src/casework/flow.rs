//! Flows as data: `templates/mms-usage/flows/`.

use crate::casework::{deed, facts};
use crate::domain::Files;
use crate::domain::language::Word;
use crate::fault::Fault;
use crate::tables;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// One state of a case.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub id: String,
    pub name: String,
    pub english: String,
    /// Who acts next: `desk`, `applicant`, `mms` or `nobody`.
    pub lane: String,
    #[serde(default, rename = "final")]
    pub last: bool,
    /// What was applied for is granted: a later application for a change or an end is a case of its own.
    #[serde(default)]
    pub granted: bool,
    /// `S` drawn in the original diagrams, `A` assumed.
    pub mark: String,
}

/// How often a transition from a state to itself may happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Once {
    /// For each registration number and revision.
    Registration,
    /// For each open request to the applicant.
    Request,
    /// For each day on which a certificate ends.
    Certificate,
    /// Once in a case.
    Case,
}

/// What a letter says of certificates.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tell {
    /// They end soon, or have ended.
    Ends,
    /// They are made anew in this step.
    Renewed,
    Revoked,
}

impl Tell {
    /// As letters are told.
    pub fn word(self) -> &'static str {
        match self {
            Tell::Ends => "ends",
            Tell::Renewed => "renewed",
            Tell::Revoked => "revoked",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    pub id: String,
    /// Empty for the one that opens a case.
    #[serde(default)]
    pub from: Vec<String>,
    pub to: String,
    pub name: String,
    pub english: String,
    /// Facts that must hold; `not-` before a name asks for the opposite.
    #[serde(default)]
    pub when: Vec<String>,
    pub once: Option<Once>,
    /// Letters to write, by kind.
    #[serde(default)]
    pub letters: Vec<String>,
    /// The operation in MMS to order: `APPROVE` or `REJECT`.
    pub orders: Option<String>,
    /// The letters go to the desk itself, about this deadline.
    pub for_desk: Option<String>,
    /// MMSコード and user IDs are issued.
    #[serde(default)]
    pub issues: bool,
    /// It is about client certificates; `renewed` makes them.
    pub certificates: Option<Tell>,
    #[serde(default)]
    pub starts: Vec<String>,
    #[serde(default)]
    pub ends: Vec<String>,
    /// The note of the original diagrams that it stands under, by its name in the flows.
    pub note: Option<Note>,
    pub mark: String,
}

/// The notes of the original diagrams; their numbers differ from flow to flow.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    OneArea,
    ContractFiles,
    RejectFirst,
    ContractMatch,
}

impl Note {
    pub const ALL: [(Note, &'static str); 4] = [
        (Note::OneArea, "one_area"),
        (Note::ContractFiles, "contract_files"),
        (Note::RejectFirst, "reject_first"),
        (Note::ContractMatch, "contract_match"),
    ];
}

/// A phrase of the original diagrams, what it became, and the tests that show it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrase {
    pub text: String,
    pub flows: String,
    pub elements: Vec<String>,
    pub tests: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    pub id: String,
    pub name: String,
    pub english: String,
    #[serde(default)]
    pub business_days: u32,
    /// Days of the calendar, where business days do not count.
    pub calendar_days: Option<u32>,
    /// Counted from the day on which its step's letter leaves: it does not run while that is a draft.
    #[serde(default)]
    pub from_letter: bool,
    /// The paper with whose receipt the days begin, where the run that moved the case took one.
    pub from_paper: Option<String>,
    /// What the desk is told when it is reminded of this day.
    pub desk_note: Option<String>,
    /// Business days left when someone is reminded.
    pub remind_at: Option<u32>,
    /// The same in days of the calendar.
    pub remind_days: Option<u32>,
    /// Finding for the desk when the reminder is due.
    pub warning: Option<String>,
    /// Finding when the day has passed.
    pub overdue: Option<String>,
    pub mark: String,
}

/// A fact that must hold, and what is said where it does not.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    pub fact: String,
    pub otherwise: Word,
}

/// Something that a person may record.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub id: String,
    pub name: String,
    pub english: String,
    pub from: Vec<String>,
    #[serde(default)]
    pub needs: Vec<Need>,
    pub mark: String,
}

/// What differs from flow to flow.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    pub id: String,
    pub title: String,
    pub english: String,
    pub contract_kinds: Vec<String>,
    /// `GEN` or `DR`, where the flow is for one of them only.
    pub resource_kind: Option<String>,
    pub application: Vec<String>,
    pub registered: Vec<String>,
    /// Documents for the screening; alternatives are separated by ` | `.
    pub screening: Vec<String>,
    pub one_area: String,
    pub contract_files: Option<String>,
    pub reject_first: String,
    pub contract_match: String,
    /// The catalogue's file that it was read from.
    #[serde(skip)]
    pub file: String,
}

impl Flow {
    /// How the flow's diagram numbers a note; `None` where it has none.
    pub fn sign(&self, note: Note) -> Option<&str> {
        match note {
            Note::OneArea => Some(&self.one_area),
            Note::ContractFiles => self.contract_files.as_deref(),
            Note::RejectFirst => Some(&self.reject_first),
            Note::ContractMatch => Some(&self.contract_match),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhraseFile {
    phrase: Vec<Phrase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    state: Vec<State>,
    transition: Vec<Transition>,
    event: Vec<Event>,
    deadline: Vec<Deadline>,
}

/// All flows and the way they share.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flows {
    pub states: Vec<State>,
    pub transitions: Vec<Transition>,
    pub events: Vec<Event>,
    pub deadlines: Vec<Deadline>,
    pub flows: BTreeMap<String, Flow>,
    pub phrases: Vec<Phrase>,
}

pub const STEPS: &str = "mms-usage/flows/steps.toml";
const PHRASES: &str = "mms-usage/flows/traceability.toml";

/// Where the state, step, event or deadline of this id stands.
pub fn place(files: &Files, id: &str) -> String {
    files.get(STEPS).map_or_else(|| STEPS.to_owned(), |bytes| tables::place(STEPS, bytes, &format!("id = {id:?}"), 0))
}

/// In `from`: every state in which a case is not yet at its end.
const ANY: &str = "any";
/// In `to`: the state in which the case is.
pub const SAME: &str = "same";
/// In `from` of an event: the states at the end as well.
const ALWAYS: &str = "always";

impl Flows {
    /// Loads the flows and checks every name in them.
    pub fn load(files: &Files) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut flows = BTreeMap::new();
        for (path, bytes) in files.iter().filter(|(path, _)| {
            path.starts_with("mms-usage/flows/") && path.ends_with(".toml") && ![STEPS, PHRASES].contains(&path.as_str())
        }) {
            match tables::read::<Flow>(path, bytes, tables::COMPARE) {
                Ok(flow) => {
                    if let Some(Flow { id, .. }) = flows.insert(flow.id.clone(), Flow { file: path.clone(), ..flow }) {
                        let place = tables::place(path, bytes, "id =", 0);
                        faults.push(Fault::lasting(place, format!("the flow {id} is described in two files"), "give it another id"));
                    }
                }
                Err(fault) => faults.push(fault),
            }
        }
        let phrases = match files.get(PHRASES).map(|bytes| tables::read::<PhraseFile>(PHRASES, bytes, tables::COMPARE)) {
            Some(Ok(file)) => file.phrase,
            Some(Err(fault)) => {
                faults.push(fault);
                Vec::new()
            }
            None => Vec::new(),
        };
        match files.get(STEPS).map(|bytes| tables::read::<StepFile>(STEPS, bytes, tables::COMPARE)) {
            Some(Ok(steps)) => {
                let loaded = Flows::of(steps, flows, phrases);
                faults.extend(loaded.check(files));
                if faults.is_empty() {
                    return Ok(loaded);
                }
            }
            Some(Err(fault)) => faults.push(fault),
            None => faults.push(Fault::lasting(STEPS, "is missing", "restore it from the shipped templates")),
        }
        Err(faults)
    }

    /// Writes out what `any` and `always` stand for.
    fn of(steps: StepFile, flows: BTreeMap<String, Flow>, phrases: Vec<Phrase>) -> Self {
        let StepFile { state: states, transition: mut transitions, event: mut events, deadline: deadlines } = steps;
        let ids = |last: bool| states.iter().filter(|state| last || !state.last).map(|state| state.id.clone()).collect::<Vec<_>>();
        let (any, always) = (ids(false), ids(true));
        let lists = transitions.iter_mut().map(|transition| &mut transition.from).chain(events.iter_mut().map(|event| &mut event.from));
        for from in lists {
            match from.as_slice() {
                [word] if word == ANY => *from = any.clone(),
                [word] if word == ALWAYS => *from = always.clone(),
                _ => {}
            }
        }
        Flows { states, transitions, events, deadlines, flows, phrases }
    }

    pub fn event(&self, id: &str) -> Option<&Event> {
        self.events.iter().find(|event| event.id == id)
    }

    pub fn state(&self, id: &str) -> Option<&State> {
        self.states.iter().find(|state| state.id == id)
    }

    pub fn deadline(&self, id: &str) -> Option<&Deadline> {
        self.deadlines.iter().find(|deadline| deadline.id == id)
    }

    pub fn transition(&self, id: &str) -> Option<&Transition> {
        self.transitions.iter().find(|transition| transition.id == id)
    }

    /// Whether something of this name is part of the flows; documents, letters and defects are not.
    pub fn has(&self, element: &str) -> bool {
        match element.split_once(':') {
            Some(("lane", lane)) => self.states.iter().any(|state| state.lane == lane),
            Some(("note", note)) => Note::ALL.iter().any(|(_, name)| *name == note),
            Some(("deadline", id)) => self.deadline(id).is_some(),
            Some(("event", id)) => self.event(id).is_some(),
            Some(_) => false,
            None => self.flows.contains_key(element) || self.state(element).is_some() || self.transition(element).is_some(),
        }
    }

    /// The letters that any transition may ask for.
    pub fn letters(&self) -> BTreeSet<&str> {
        let orders = self.transitions.iter().filter(|transition| transition.orders.is_some()).map(|_| "mms_operation");
        self.transitions.iter().flat_map(|transition| transition.letters.iter().map(String::as_str)).chain(orders).collect()
    }

    fn check(&self, files: &Files) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut wrong = |id: &str, what: String, hint: &str| faults.push(Fault::lasting(place(files, id), what, hint));
        let known = |id: &String| self.states.iter().any(|state| state.id == *id);
        let deadline = |id: &String| self.deadlines.iter().any(|deadline| deadline.id == *id);
        for transition in &self.transitions {
            let name = &transition.id;
            for id in transition.from.iter().chain([&transition.to]).filter(|id| !known(id) && *id != SAME) {
                wrong(name, format!("{name} names the unknown state {id}"), "add a [[state]] or mend the name");
            }
            for id in transition.starts.iter().chain(&transition.ends).chain(&transition.for_desk).filter(|id| !deadline(id)) {
                wrong(name, format!("{name} names the unknown deadline {id}"), "add a [[deadline]] or mend the name");
            }
            for fact in transition.when.iter().filter(|fact| !facts::is_known(fact)) {
                wrong(name, format!("{name} asks for the unknown fact {fact}"), &format!("use one of {}", facts::names().join(", ")));
            }
            if transition.from.contains(&transition.to) && transition.once.is_none() {
                wrong(
                    name,
                    format!("{name} returns to its own state without `once`"),
                    "say how often it may happen, or it would repeat for ever",
                );
            }
        }
        for event in &self.events {
            for id in event.from.iter().filter(|id| !known(id)) {
                wrong(&event.id, format!("{} names the unknown state {id}", event.id), "add a [[state]] or mend the name");
            }
            for need in event.needs.iter().filter(|need| !facts::is_known(&need.fact)) {
                wrong(
                    &event.id,
                    format!("{} asks for the unknown fact {}", event.id, need.fact),
                    &format!("use one of {}", facts::names().join(", ")),
                );
            }
        }
        let written: Vec<&str> = self.events.iter().map(|event| event.id.as_str()).collect();
        for id in written.iter().filter(|id| !deed::NAMES.contains(id)).chain(deed::NAMES.iter().filter(|id| !written.contains(id))) {
            wrong(
                id,
                format!("{id} is not both an [[event]] and known to the program"),
                &format!("write one for each of {}", deed::NAMES.join(", ")),
            );
        }
        let reachable = self.reachable();
        for state in self.states.iter().filter(|state| !reachable.contains(state.id.as_str())) {
            wrong(&state.id, format!("no transition leads to {}", state.id), "remove the state or add a [[transition]] to it");
        }
        for (at, state) in self.states.iter().enumerate() {
            if self.states.iter().take(at).any(|earlier| earlier.id == state.id) {
                wrong(&state.id, format!("{} stands twice", state.id), "give each state an id of its own");
            }
        }
        for (flow, kind) in self.flows.values().flat_map(|flow| flow.screening.iter().map(move |kind| (flow, kind))) {
            if kind.split(" | ").any(str::is_empty) {
                faults.push(Fault::lasting(&flow.file, format!("{}: {kind:?} names no document", flow.id), "write `one | other`"));
            }
        }
        faults
    }

    fn reachable(&self) -> BTreeSet<&str> {
        let mut found: BTreeSet<&str> = self.transitions.iter().filter(|t| t.from.is_empty()).map(|t| t.to.as_str()).collect();
        loop {
            let next: BTreeSet<&str> =
                self.transitions.iter().filter(|t| t.from.iter().any(|id| found.contains(id.as_str()))).map(|t| t.to.as_str()).collect();
            let before = found.len();
            found.extend(next);
            if found.len() == before {
                return found;
            }
        }
    }
}
