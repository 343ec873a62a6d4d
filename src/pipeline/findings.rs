//! What is wrong with a document or a case: remarks of the stages and of the rules, with severity and sentence.

use crate::casework::facts;
use crate::casework::fold::{Case, Paper};
use crate::casework::history;
use crate::catalogue::Catalogue;
use crate::config::DeskSettings;
use crate::domain::extract::Extract;
use crate::domain::finding::{Finding, Remark, Severity};
use crate::issuance::Users;
use crate::pipeline::Office;
use crate::validation::{self, Context, Edition, Papers, Region, Specs};
use std::collections::BTreeSet;

/// The findings that one document shows by itself.
pub fn of_document(extract: &Extract, office: &Office<'_>) -> Vec<Finding> {
    let own = extract.remarks.iter().map(|remark| office.catalogue.finding(remark, extract.document.as_str()));
    sorted(own.chain(by_rules(&Papers::of(extract), None, office)).collect())
}

/// The findings that the papers in use show, alone and together.
pub fn of_papers(case: &Case, office: &Office<'_>) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut remarks: Vec<(String, Remark)> = Vec::new();
    let mut papers = Papers { case: true, ..Papers::default() };
    let oldest_first: Vec<&Paper> = case.newest().collect::<Vec<_>>().into_iter().rev().collect();
    for paper in &oldest_first {
        let extract = &paper.received.extract;
        papers.files.push(&paper.received.name);
        papers.received.insert(extract.doc, paper.at.date());
        if extract.document.as_str() != "mms_export" {
            papers.add(extract);
        }
    }
    // The newest export counts, not the one that came last.
    if let Some(export) = case.export() {
        papers.add(&export.received.extract);
    }
    for paper in oldest_first.iter().rev() {
        let extract = &paper.received.extract;
        // Only the newest of a kind speaks; a workbook speaks as long as one of its data sets is in use.
        let speaks = match extract.sets.is_empty() || extract.document.as_str() == "mms_export" {
            true => seen.insert(extract.document.to_string()) || SPEAKS_ALWAYS.contains(&extract.document.as_str()),
            false => extract.sets.keys().fold(false, |any, kind| seen.insert(format!("set/{kind}")) | any),
        };
        if speaks {
            remarks.extend(extract.remarks.iter().map(|remark| (extract.document.to_string(), remark.clone())));
        }
    }
    let own = remarks
        .iter()
        .filter(|(_, remark)| !history::settled(case, remark))
        .map(|(document, remark)| office.catalogue.finding(remark, document));
    sorted(own.chain(by_rules(&papers, Some(case), office)).collect())
}

/// Documents of which several may stand side by side.
const SPEAKS_ALWAYS: &[&str] = &["unknown", "inbound_mail", "archive"];

fn by_rules(papers: &Papers<'_>, case: Option<&Case>, office: &Office<'_>) -> Vec<Finding> {
    let derived = validation::flow_of(papers);
    let context = Context {
        specs: Specs { documents: &office.catalogue.documents, lists: &office.catalogue.lists },
        desk: &office.facts,
        received_on: office.now.date(),
        flow: case.map(|case| case.flow.as_str()).or(derived),
    };
    validation::check(&office.catalogue.rules, papers, &context)
        .iter()
        .filter(|remark| !case.is_some_and(|case| history::settled(case, remark)))
        .map(|remark| office.catalogue.finding(remark, "case"))
        .collect()
}

/// The desk as the rules ask for it.
pub fn desk_facts(catalogue: &Catalogue, desk: &DeskSettings) -> validation::Desk {
    let mut editions = vec![Edition { name: desk.edition.clone(), since: desk.edition_since }];
    // The edition before the current one was in force until that day.
    editions.extend(desk.previous_edition.iter().map(|name| Edition { name: name.clone(), since: jiff::civil::Date::MIN }));
    validation::Desk {
        tso_name: desk.tso.clone(),
        area: desk.area.clone(),
        editions,
        regions: catalogue
            .tsos
            .iter()
            .map(|tso| Region { area: tso.area.clone(), name: tso.area_name.clone(), prefectures: tso.prefectures.clone() })
            .collect(),
        calendar: catalogue.calendar.clone(),
        names_on_file: Default::default(),
        points_elsewhere: Default::default(),
        max_patterns: desk.max_patterns,
    }
}

/// In order, nothing twice. Where the applicant is asked about a value anyway, nobody need look at it first.
fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort();
    findings.dedup();
    let asked: BTreeSet<(String, String)> = findings
        .iter()
        .filter(|finding| facts::asks(finding))
        .filter_map(|finding| Some((finding.document.clone(), finding.field.clone()?)))
        .collect();
    findings.retain(|finding| {
        let about = finding.field.clone().map(|field| (finding.document.clone(), field));
        finding.severity != Severity::Staff || about.is_none_or(|about| !asked.contains(&about))
    });
    findings
}

/// The flows that a document is about: two where a form asks for 電源Ⅰ’ and 電源Ⅱ at once, none where it does not say.
pub fn flows_of(extract: &Extract) -> Vec<String> {
    validation::flows_of(&Papers::of(extract)).into_iter().map(ToOwned::to_owned).collect()
}

/// The users of a case in the order of their rows, and whether they need a certificate.
pub fn users(case: &Case) -> Users {
    let rows = case.workbook_set("user_info").map(|(_, records)| records.as_slice()).unwrap_or_default();
    rows.iter()
        .flat_map(|record| record.group("users"))
        .filter_map(|user| Some((user.text("user_name")?, user.text("cert_required").as_deref() == Some("1"))))
        .collect()
}
