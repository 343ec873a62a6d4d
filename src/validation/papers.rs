//! What lies on the table: the extracts of one document, or of a whole case.

use crate::domain::extract::{Extract, Record};
use crate::domain::finding::Remark;
use crate::domain::id::DocId;
use crate::domain::value::Value;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The kind of which all papers count, not the newest alone.
pub(super) const MAIL: &str = "inbound_mail";

/// The records of a data set and the document they came in.
#[derive(Clone, Copy)]
pub struct SetOf<'a> {
    pub doc: DocId,
    pub records: &'a [Record],
}

/// Papers, each the newest of its kind.
#[derive(Clone, Default)]
pub struct Papers<'a> {
    /// Documents that are one record: `application_form`, `contract`, `contract_application`, `mms_export`, `operation_record`.
    pub single: BTreeMap<&'a str, &'a Extract>,
    /// Data sets handed in as workbooks.
    pub workbook: BTreeMap<&'a str, SetOf<'a>>,
    /// Data sets registered in MMS.
    pub registered: BTreeMap<&'a str, SetOf<'a>>,
    /// Workbooks and exports that the data sets came in.
    pub books: Vec<&'a Extract>,
    /// Every mail: each was sent by somebody.
    pub mails: Vec<&'a Extract>,
    /// Names of all files that came.
    pub files: Vec<&'a str>,
    /// Days on which documents came, where they differ from the day of the check.
    pub received: BTreeMap<DocId, Date>,
    /// The papers are those of a case: what is missing may be asked for.
    pub case: bool,
}

impl<'a> Papers<'a> {
    /// The papers of one document alone.
    pub fn of(extract: &'a Extract) -> Self {
        let mut papers = Papers::default();
        papers.add(extract);
        papers
    }

    /// Lays a document on the table, over an older one of its kind.
    pub fn add(&mut self, extract: &'a Extract) {
        let kind = extract.document.as_str();
        let sets = if kind == "mms_export" { &mut self.registered } else { &mut self.workbook };
        if kind == "mms_export" {
            // An export replaces the one before it as a whole.
            sets.clear();
        }
        if !extract.sets.is_empty() {
            self.books.push(extract);
        }
        if kind == MAIL {
            self.mails.push(extract);
        }
        for (set, records) in &extract.sets {
            sets.insert(set.as_str(), SetOf { doc: extract.doc, records });
        }
        if extract.sets.is_empty() || kind == "mms_export" {
            self.single.insert(kind, extract);
        }
    }

    /// A data set as it counts: registered where it is registered, handed in otherwise.
    pub fn set(&self, id: &str) -> Option<SetOf<'a>> {
        self.registered.get(id).or_else(|| self.workbook.get(id)).copied()
    }

    /// Whether a document or a data set of this kind is on the table.
    pub fn has(&self, id: &str) -> bool {
        self.single.contains_key(id) || self.set(id).is_some_and(|set| !set.records.is_empty())
    }

    /// What readers noticed, with the document that it is about.
    pub fn remarks(&self) -> impl Iterator<Item = (&str, &Remark)> {
        let all = self.single.values().chain(&self.books);
        all.flat_map(|extract| {
            extract.remarks.iter().map(|remark| (remark.document.as_deref().unwrap_or(extract.document.as_str()), remark))
        })
    }
}

const I_PRIME: &str = "I_PRIME";
const II_GEN: &str = "II_GEN";
const II_DR: &str = "II_DR";

/// The flow that the papers belong to; the first where they open two cases.
pub fn flow_of(papers: &Papers<'_>) -> Option<&'static str> {
    flows_of(papers).first().copied()
}

/// All flows that the papers belong to: a form may ask for 電源Ⅰ’ and 電源Ⅱ at once.
pub fn flows_of(papers: &Papers<'_>) -> Vec<&'static str> {
    let form = papers.single.get("application_form").map(|extract| &extract.fields);
    let contract = ["contract", "contract_application"].iter().find_map(|kind| papers.single.get(kind)).map(|extract| &extract.fields);
    let resources = papers.set("resource").map_or(&[][..], |set| set.records);
    let of_resources = || resources.iter().flat_map(contract_kinds).collect::<Vec<_>>();
    let said = [form.map(contract_kinds).unwrap_or_default(), of_resources(), contract.map(contract_kinds).unwrap_or_default()];
    let Some(kinds) = said.into_iter().find(|kinds| !kinds.is_empty()) else { return Vec::new() };
    let reduction = form
        .and_then(|form| form.text("resource_kind"))
        .map(|kind| kind == "DR")
        .or_else(|| reduces(papers, resources))
        .or_else(|| contract.map(|contract| contract.group("equipment").iter().any(|row| row.value("supply_point_number").is_some())));
    let mut flows = Vec::new();
    if kinds.iter().any(|kind| kind == "1P") {
        flows.push(I_PRIME);
    }
    if kinds.iter().any(|kind| kind.starts_with('2'))
        && let Some(reduction) = reduction
    {
        flows.push(if reduction { II_DR } else { II_GEN });
    }
    flows
}

/// Whether a resource is of the contract that a flow is about; one that says of none is of each.
pub fn belongs_to(resource: &Record, flow: &str) -> bool {
    let kinds = contract_kinds(resource);
    kinds.is_empty() || kinds.iter().any(|kind| (kind == "1P") == (flow == I_PRIME))
}

fn contract_kinds(record: &Record) -> Vec<String> {
    match record.value("contract_kind") {
        Some(Value::Codes(codes)) => codes.clone(),
        Some(Value::Code(code)) => vec![code.clone()],
        _ => Vec::new(),
    }
}

/// Whether the resources reduce demand, by what is filled in before what is claimed: customers speak for DR, machine data for a generator.
fn reduces(papers: &Papers<'_>, resources: &[Record]) -> Option<bool> {
    const MACHINE: &[&str] = &["min_output_kw", "station_service_rate", "func_gf", "func_dss", "startup_pattern"];
    if papers.has("customer_pattern") {
        return Some(true);
    }
    if resources.iter().any(|record| MACHINE.iter().filter(|key| record.value(key).is_some()).count() >= 2) {
        return Some(false);
    }
    resources.iter().find_map(|record| record.text("resource_type")).map(|kind| kind.starts_with('2'))
}
