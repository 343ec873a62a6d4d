//! Names that no reader of a single table can see to be wrong: an id that stands twice, a word outside its closed set, a flow,
//! a list or a field that does not exist.
//!
//! Owns these checks and where each is told. Never looks into rules, letters and steps, which check themselves.

use crate::casework::flow::{Flow, STEPS};
use crate::catalogue::Catalogue;
use crate::domain::Files;
use crate::domain::document::{DocumentSpec, FieldSpec};
use crate::fault::Fault;
use crate::tables;
use std::collections::BTreeSet;

/// How a document can be laid out: what extraction knows to read.
const LAYOUTS: &[&str] = &["form", "contract", "sheet", "table", "columns", "blocks", "record", "tree", "mail"];
/// Who can act next in a state.
const LANES: &[&str] = &["desk", "applicant", "mms", "nobody"];
/// The list of contract kinds.
const CONTRACT: &str = "CONTRACT";

/// Paths of the files that describe documents, in the order in which they are read.
pub fn forms(files: &Files) -> impl Iterator<Item = &String> {
    files.keys().filter(|path| path.starts_with("mms-usage/forms/") && path.ends_with(".toml"))
}

/// Every name in the tables that cannot be meant.
pub fn faults(catalogue: &Catalogue, files: &Files) -> Vec<Fault> {
    let mut look = Look { catalogue, files, faults: Vec::new() };
    for (path, spec) in forms(files).zip(&catalogue.documents) {
        look.document(path, spec);
    }
    look.no_document_twice();
    catalogue.flows.flows.values().for_each(|flow| look.flow(flow));
    look.steps();
    look.faults
}

struct Look<'a> {
    catalogue: &'a Catalogue,
    files: &'a Files,
    faults: Vec<Fault>,
}

impl Look<'_> {
    /// Notes a fault on the `nth` line of the file that begins so.
    fn wrong(&mut self, path: &str, (line, nth): (&str, usize), what: String, hint: &str) {
        let place = self.files.get(path).map_or_else(|| path.to_owned(), |bytes| tables::place(path, bytes, line, nth));
        self.faults.push(Fault::lasting(place, what, hint));
    }

    fn document(&mut self, path: &str, spec: &DocumentSpec) {
        if !LAYOUTS.contains(&spec.layout.as_str()) {
            self.wrong(path, ("layout =", 0), format!("{} is no layout", spec.layout), &use_one_of(LAYOUTS));
        }
        let mut seen = BTreeSet::new();
        for field in &spec.fields {
            if !seen.insert((&field.group, &field.key)) {
                self.wrong(path, (&key_line(field), 1), format!("the field {} stands twice", field.key), "remove one, or mend its key");
            }
            self.field(path, spec, field);
        }
    }

    fn field(&mut self, path: &str, spec: &DocumentSpec, field: &FieldSpec) {
        let line = key_line(field);
        let catalogue = self.catalogue;
        for flow in field.required_in.iter().filter(|flow| !catalogue.flows.flows.contains_key(*flow)) {
            let known: Vec<&str> = catalogue.flows.flows.keys().map(String::as_str).collect();
            self.wrong(path, (&line, 0), format!("{} is required in {flow}, which is no flow", field.key), &use_one_of(&known));
        }
        if let Some(list) = field.list.as_ref().filter(|list| !catalogue.lists.contains_key(*list)) {
            let known: Vec<&str> = catalogue.lists.keys().map(String::as_str).collect();
            self.wrong(path, (&line, 0), format!("{} takes its codes from {list}, which is no list", field.key), &use_one_of(&known));
        }
        for other in field.find.seal_of.iter().chain(&field.find.kana_of).filter(|other| spec.field(other).is_none()) {
            let what = format!("{} goes with {other}, which is no field of this form", field.key);
            self.wrong(path, (&line, 0), what, "name a field of this file");
        }
    }

    fn no_document_twice(&mut self) {
        let mut seen = BTreeSet::new();
        for (path, spec) in forms(self.files).zip(&self.catalogue.documents) {
            if !seen.insert(&spec.id) {
                self.wrong(path, ("id =", 0), format!("the document {} is described in two files", spec.id), "give it another id");
            }
        }
    }

    fn flow(&mut self, flow: &Flow) {
        let known: Vec<&str> = self.catalogue.lists.get(CONTRACT).into_iter().flatten().map(|entry| entry.code.as_str()).collect();
        for kind in flow.contract_kinds.iter().filter(|kind| !known.contains(&kind.as_str())) {
            self.wrong(&flow.file, ("contract_kinds =", 0), format!("{kind} is no kind of contract"), &use_one_of(&known));
        }
        let named = flow.application.iter().chain(&flow.registered).chain(&flow.screening).flat_map(|kinds| kinds.split(" | "));
        for kind in named.filter(|kind| !self.catalogue.documents.iter().any(|spec| spec.id.as_str() == *kind)) {
            let what = format!("the flow {} asks for the unknown document {kind}", flow.id);
            self.wrong(&flow.file, ("id =", 0), what, "add it under mms-usage/forms or mend the name");
        }
    }

    fn steps(&mut self) {
        let flows = &self.catalogue.flows;
        for state in flows.states.iter().filter(|state| !LANES.contains(&state.lane.as_str())) {
            let what = format!("{}: {} is nobody who can act", state.id, state.lane);
            self.wrong(STEPS, (&id_line(&state.id), 0), what, &use_one_of(LANES));
        }
        let ids = [
            flows.transitions.iter().map(|step| step.id.as_str()).collect::<Vec<_>>(),
            flows.deadlines.iter().map(|deadline| deadline.id.as_str()).collect(),
            flows.events.iter().map(|event| event.id.as_str()).collect(),
        ];
        for kind in ids {
            let mut seen = BTreeSet::new();
            for id in kind.into_iter().filter(|id| !seen.insert(*id)) {
                self.wrong(STEPS, (&id_line(id), 1), format!("{id} stands twice"), "give each an id of its own");
            }
        }
        for code in flows.deadlines.iter().flat_map(|deadline| deadline.warning.iter().chain(&deadline.overdue)) {
            if !self.catalogue.defects.contains_key(code) {
                let what = format!("names the unknown code {code}");
                self.wrong(STEPS, (&format!("warning = {code:?}"), 0), what, "add it to defects.toml or mend the name");
            }
        }
        for kind in flows.deadlines.iter().filter_map(|deadline| deadline.from_paper.as_ref()) {
            if !self.catalogue.documents.iter().any(|spec| spec.id.as_str() == kind) {
                let line = format!("from_paper = {kind:?}");
                self.wrong(
                    STEPS,
                    (&line, 0),
                    format!("days begin with the unknown document {kind}"),
                    "add it under mms-usage/forms or mend the name",
                );
            }
        }
    }
}

fn key_line(field: &FieldSpec) -> String {
    format!("key = {:?}", field.key)
}

fn id_line(id: &str) -> String {
    format!("id = {id:?}")
}

fn use_one_of(words: &[&str]) -> String {
    format!("use one of {}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::catalogue::{Catalogue, shipped};

    /// What `check` says of the shipped files with one change.
    fn told(path: &str, from: &str, to: &str) -> Vec<String> {
        let mut files = shipped();
        let text = String::from_utf8(files[path].to_vec()).unwrap();
        assert!(text.contains(from), "{from}");
        files.insert(path.into(), text.replacen(from, to, 1).into_bytes().into());
        let faults = Catalogue::load(&files).map_or_else(|faults| faults, |catalogue| catalogue.check());
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_shipped_names_are_sound() {
        assert_eq!(told("mms-usage/lists.toml", "[list.AREA]", "[list.AREA]\n"), Vec::<String>::new());
    }

    #[test]
    fn each_name_that_is_none_is_told_with_its_line() {
        let form = "mms-usage/forms/application-form.toml";
        let steps = "mms-usage/flows/steps.toml";
        let flow = "mms-usage/flows/i-prime.toml";
        let holidays = "_shared/holidays.toml";
        for (path, from, to, says) in [
            (form, "layout = \"form\"", "layout = \"frm\"", "frm is no layout"),
            (form, "key = \"page_marker\"", "key = \"form_edition\"", "form_edition stands twice"),
            (form, "required_in = [\"I_PRIME\",", "required_in = [\"I_PRIM\",", "I_PRIM, which is no flow"),
            (form, "list = \"AREA\"", "list = \"AREAS\"", "AREAS, which is no list"),
            (form, "kana_of = \"applicant_name\"", "kana_of = \"applicant\"", "applicant, which is no field of this form"),
            ("mms-usage/forms/user-info.toml", "id = \"user_info\"", "id = \"resource\"", "resource is described in two files"),
            (flow, "contract_kinds = [\"1P\"]", "contract_kinds = [\"9P\"]", "9P is no kind of contract"),
            (flow, "registered = [\"operator_profile\",", "registered = [\"operator\",", "unknown document operator"),
            ("mms-usage/flows/ii-gen.toml", "id = \"II_GEN\"", "id = \"I_PRIME\"", "the flow I_PRIME is described in two files"),
            (steps, "lane = \"desk\"", "lane = \"dsk\"", "dsk is nobody who can act"),
            (steps, "to = \"S11_APPLICATION_RETURNED\"", "to = \"S11\"", "T03 names the unknown state S11"),
            (steps, "id = \"S11_APPLICATION_RETURNED\"", "id = \"S10_APPLICATION_RECEIVED\"", "S10_APPLICATION_RECEIVED stands twice"),
            (steps, "letters = [\"receipt_ack\"", "letters = [\"receipt\"", "the letter receipt, which nobody wrote"),
            (steps, "warning = \"P-001\"", "warning = \"P-901\"", "unknown code P-901"),
            (steps, "from_paper = \"mms_export\"", "from_paper = \"mms_exports\"", "unknown document mms_exports"),
            ("mms-usage/notices/receipt_ack/notice.toml", "'\\d{22}'", "'(\\d{22}'", "(\\d{22} is no pattern: error: unclosed group"),
            (holidays, "\"2025-01-01\"", "\"2025-13-01\"", "\"2025-13-01\" is no day"),
            (holidays, "[year.2025]", "[year.2035]", "2025"),
            ("mms-usage/rules/price.toml", "code = \"E-001\"", "code = \"E-901\"", "E-901: is no code"),
            ("mms-usage/rules/price.toml", "flows = [\"II_GEN\"]", "flows = [\"II_GENN\"]", "II_GENN is no flow"),
            ("mms-usage/rules/price.toml", "group = \"bands\"", "group = \"bandz\"", "bandz is no field"),
        ] {
            let told = told(path, from, to);
            let placed = |fault: &String| {
                let line = fault.strip_prefix(path).and_then(|rest| rest.strip_prefix(':')).and_then(|rest| rest.split_once(':'));
                line.is_some_and(|(line, _)| line.parse::<usize>().is_ok_and(|line| line > 0))
            };
            assert!(told.iter().any(|fault| placed(fault) && fault.contains(says)), "{says}: {told:?}");
        }
    }
}
