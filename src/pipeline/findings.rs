//! What is wrong with a document or a case: remarks of the stages and of the rules, with severity and sentence.

use crate::casework::fold::Case;
use crate::casework::history;
use crate::domain::extract::Extract;
use crate::domain::finding::{Finding, Remark};
use crate::domain::value::Value;
use crate::issuance::Users;
use crate::pipeline::Office;
use std::collections::BTreeSet;

/// The findings that one document shows by itself.
pub fn of_document(extract: &Extract, office: &Office<'_>) -> Vec<Finding> {
    sorted(extract.remarks.iter().map(|remark| office.catalogue.finding(remark, extract.document.as_str())).collect())
}

/// The findings that the papers in use show, alone and together.
pub fn of_papers(case: &Case, office: &Office<'_>) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for paper in case.newest() {
        let extract = &paper.received.extract;
        // Only the newest of a kind counts; a workbook counts by the data sets that no later one brought.
        let fresh = match extract.sets.is_empty() {
            true => seen.insert(extract.document.to_string()) || matches!(extract.document.as_str(), "unknown" | "inbound_mail"),
            false => extract.sets.keys().map(|kind| seen.insert(format!("{}/{kind}", extract.document))).fold(false, |any, new| any | new),
        };
        if fresh {
            all.extend(extract.remarks.iter().map(|remark| (extract.document.to_string(), remark.clone())));
        }
    }
    let findings: Vec<Finding> = all
        .iter()
        .filter(|(_, remark): &&(String, Remark)| !history::settled(case, remark))
        .map(|(document, remark)| office.catalogue.finding(remark, document))
        .collect();
    sorted(findings)
}

fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort();
    findings.dedup();
    findings
}

/// The flow of an application, and whether the form really says it.
pub fn flow_of(form: &Extract, office: &Office<'_>) -> (String, bool) {
    let kinds = match form.fields.value("contract_kind") {
        Some(Value::Codes(codes)) => codes.clone(),
        _ => Vec::new(),
    };
    let resource = form.fields.text("resource_kind");
    let flows = &office.catalogue.flows.flows;
    let found = flows.values().find(|flow| {
        kinds.iter().any(|kind| flow.contract_kinds.contains(kind))
            && flow.resource_kind.as_ref().is_none_or(|kind| Some(kind) == resource.as_ref())
    });
    match found {
        Some(flow) => (flow.id.clone(), true),
        None => (flows.keys().next().cloned().unwrap_or_default(), false),
    }
}

/// The users of a case in the order of their rows, and whether they need a certificate.
pub fn users(case: &Case) -> Users {
    let rows = case.workbook_set("user_info").map(|(_, records)| records.as_slice()).unwrap_or_default();
    rows.iter()
        .flat_map(|record| record.group("users"))
        .filter_map(|user| Some((user.text("user_name")?, user.text("cert_required").as_deref() == Some("1"))))
        .collect()
}
