//! What is wrong with a document or a case: remarks of the stages and of the rules, with severity and sentence.

use crate::casework::facts;
use crate::casework::fold::{Case, Paper};
use crate::casework::{beside, history, idle};
use crate::catalogue::Catalogue;
use crate::config::DeskSettings;
use crate::domain::case::Credentials;
use crate::domain::document::FieldSpec;
use crate::domain::extract::Extract;
use crate::domain::finding::{Finding, Remark};
use crate::domain::text;
use crate::extraction::form::PAGE_MISSING;
use crate::issuance::Users;
use crate::pipeline::Office;
use crate::validation::{self, Context, Edition, Papers, Region, Specs};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// The findings that one document shows by itself.
pub fn of_document(extract: &Extract, office: &Office<'_>) -> Vec<Finding> {
    let own = extract.remarks.iter().map(|remark| office.catalogue.finding(remark, extract.document.as_str()));
    sorted(own.chain(by_rules(&Papers::of(extract), None, &office.facts, office)).collect())
}

/// What is said of a document that no case took.
pub fn of_stray(document: &str, office: &Office<'_>) -> Finding {
    let code = if document == "mms_export" { "X-004" } else { "M-009" };
    office.catalogue.finding(&Remark::new(code), document)
}

/// What other cases say that matters to one case: plain values, taken from the ledger by the desk.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OnFile {
    /// Names that the company gave in other cases, by 法人番号.
    pub names: BTreeMap<String, BTreeSet<String>>,
    /// Those of the case's 供給地点特定番号 that other operators list too.
    pub points: BTreeSet<String>,
    /// What the operator holds in MMS through other cases, each account with the case that holds it.
    pub account: Option<Credentials>,
}

/// The 供給地点特定番号 of a case's customers, handed in or registered.
pub fn supply_points(case: &Case) -> BTreeSet<String> {
    let handed_in = case.workbook_set("customer_pattern").map_or(&[][..], |(_, records)| records);
    let registered = case.export().into_iter().flat_map(|export| &export.received.extract.sets);
    let registered = registered.filter(|(kind, _)| kind.as_str() == "customer_pattern").flat_map(|(_, records)| records);
    let customers = handed_in.iter().chain(registered).flat_map(|pattern| pattern.group("customers"));
    customers
        .filter_map(|row| row.text("supply_point_number"))
        .map(|point| text::digits(&point))
        .filter(|point| !point.is_empty())
        .collect()
}

/// The findings that the papers in use show, alone and together.
pub fn of_papers(case: &Case, office: &Office<'_>, known: &OnFile) -> Vec<Finding> {
    let facts = validation::Desk { names_on_file: known.names.clone(), points_elsewhere: known.points.clone(), ..office.facts.clone() };
    let mut seen = BTreeSet::new();
    let mut remarks: Vec<(String, Remark)> = Vec::new();
    let mut papers = Papers { case: true, ..Papers::default() };
    let oldest_first: Vec<&Paper> = case.newest().collect::<Vec<_>>().into_iter().rev().collect();
    for paper in &oldest_first {
        let extract = &paper.received.extract;
        papers.files.push(&paper.received.name);
        papers.received.insert(extract.doc, first_seen(case, paper));
        if extract.document.as_str() != "mms_export" {
            papers.add(extract);
        }
    }
    // Beside an earlier workbook that it does not name, the newest is half of what was handed in.
    let joined = beside::joined(case);
    joined.iter().for_each(|extract| papers.add(extract));
    let halves = beside::sources(&joined);
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
        let is_half = |remark: &&Remark| remark.document.as_deref().is_some_and(|set| halves.contains(&(extract.doc, set)));
        if speaks || extract.remarks.iter().any(|remark| is_half(&remark)) {
            let stands = |remark: &&Remark| (speaks || is_half(remark)) && !idle::is_answered(remark, paper, case);
            remarks.extend(extract.remarks.iter().filter(stands).map(|remark| (extract.document.to_string(), remark.clone())));
        }
    }
    let own = remarks
        .iter()
        .filter(|(document, remark)| !history::settled(case, document, remark))
        .map(|(document, remark)| office.catalogue.finding(remark, document));
    sorted(own.chain(by_rules(&papers, Some(case), &facts, office)).collect())
}

/// The day from which the days of a paper count. What is registered was seen first with the first export of its number.
fn first_seen(case: &Case, paper: &Paper) -> Date {
    let number = |paper: &Paper| paper.received.extract.fields.text("registration_no");
    let own = number(paper).filter(|_| paper.received.extract.document.as_str() == "mms_export");
    let first = case.exports().filter(|export| own.is_some() && number(export) == own).map(|export| export.at.date()).min();
    first.unwrap_or_else(|| paper.at.date())
}

/// Documents of which several may stand side by side.
const SPEAKS_ALWAYS: &[&str] = &["unknown", "inbound_mail", "archive"];

fn by_rules(papers: &Papers<'_>, case: Option<&Case>, facts: &validation::Desk, office: &Office<'_>) -> Vec<Finding> {
    let derived = validation::flow_of(papers);
    let context = Context {
        specs: Specs { documents: &office.catalogue.documents, lists: &office.catalogue.lists },
        desk: facts,
        received_on: office.now.date(),
        flow: case.map(|case| case.flow.as_str()).or(derived),
    };
    validation::check(&office.catalogue.rules, papers, &context)
        .iter()
        .filter(|remark| !stands_on_a_missing_page(remark, papers, office.catalogue))
        .filter(|remark| !case.is_some_and(|case| history::settled(case, "case", remark)))
        .map(|remark| office.catalogue.finding(remark, "case"))
        .collect()
}

/// Whether a blank entry belongs on a page of the form that did not come, and is asked for with that page. The catalogue names fields in the
/// order of the form: what lies before or behind all that was read stands elsewhere.
fn stands_on_a_missing_page(remark: &Remark, papers: &Papers<'_>, catalogue: &Catalogue) -> bool {
    let Some((document, key)) = remark.document.as_deref().zip(remark.field.as_deref()) else { return false };
    let lacks = |extract: &&&Extract| extract.remarks.iter().any(|remark| remark.code.0 == PAGE_MISSING);
    let Some(extract) = papers.single.get(document).filter(lacks).filter(|extract| !extract.fields.fields.contains_key(key)) else {
        return false;
    };
    let Some(spec) = catalogue.documents.iter().find(|spec| spec.id.as_str() == document) else { return false };
    // An edition stands on every page, and a seal beside a name.
    let has_a_place = |field: &&FieldSpec| !field.find.proof && field.find.seal_of.is_empty();
    let fields: Vec<&str> = spec.fields.iter().filter(has_a_place).map(|field| field.key.as_str()).collect();
    let was_read = |key: &&str| extract.fields.fields.contains_key(key);
    let read = fields.iter().position(was_read).zip(fields.iter().rposition(was_read));
    let own = fields.iter().position(|other| *other == key);
    own.zip(read).is_some_and(|(own, (first, last))| !(first..=last).contains(&own))
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
        // What other cases say is laid beside each case.
        names_on_file: BTreeMap::new(),
        points_elsewhere: BTreeSet::new(),
        applied_elsewhere: desk.applied_elsewhere.clone(),
        postal_codes: catalogue.postal_codes.clone(),
        max_patterns: desk.max_patterns,
    }
}

/// In order, nothing twice.
fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort();
    findings.dedup();
    findings
}

/// A person must decide before anything goes out. What the applicant is asked about anyway comes back mended: staff see the
/// finding beside the request, and it holds nothing up.
pub fn hold(open: &[Finding]) -> bool {
    let about = |finding: &Finding| Some((finding.document.clone(), finding.field.clone()?));
    let asked: BTreeSet<_> = open.iter().filter(|finding| facts::asks(finding)).filter_map(about).collect();
    open.iter().any(|finding| {
        let answered = about(finding).is_some_and(|about| asked.contains(&about));
        facts::stops(finding) && !answered
    })
}

/// The flows that a document is about: two where a form asks for 電源Ⅰ’ and 電源Ⅱ at once, none where it does not say.
pub fn flows_of(extract: &Extract) -> Vec<String> {
    validation::flows_of(&Papers::of(extract)).into_iter().map(ToOwned::to_owned).collect()
}

/// Keys of the fields that a finding's rule holds against one another: whoever mends one of them mends the defect.
pub fn cited(finding: &Finding, office: &Office<'_>) -> BTreeSet<String> {
    let field = finding.field.as_ref();
    field.map_or_else(BTreeSet::new, |field| office.catalogue.rules.cited_with(&finding.code.0, field))
}

/// The users of a case in the order of their rows, and whether they need a certificate.
pub fn users(case: &Case) -> Users {
    let rows = case.workbook_set("user_info").map(|(_, records)| records).unwrap_or_default();
    rows.iter()
        .flat_map(|record| record.group("users"))
        .filter_map(|user| Some((user.text("user_name")?, user.text("cert_required").as_deref() == Some("1"))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::shipped;
    use crate::domain::document::DocumentKind;
    use crate::domain::extract::{Field, Record};
    use crate::domain::id::{DocId, Permille};
    use crate::domain::place::Place;
    use crate::domain::value::Value;

    #[test]
    fn what_belongs_on_a_page_that_did_not_come_is_asked_for_with_it() {
        let catalogue = Catalogue::load(&shipped()).unwrap();
        let doc = DocId::of(b"form");
        let field = |key: &str| {
            let (value, place) = (Value::Text("x".into()), Place::Whole { doc });
            (
                key.to_owned(),
                Field { value, raw: "x".into(), place, confidence: Permille::SURE, doubts: crate::domain::doubt::Doubts::NONE },
            )
        };
        let asked = |remarks: Vec<Remark>, key: &str| {
            let fields = ["form_edition", "application_date", "applicant_name", "submitting_area", "seal_present"].map(field);
            let fields = Record { fields: fields.into_iter().collect::<BTreeMap<_, _>>().into(), ..Record::default() };
            let document = DocumentKind::new("application_form");
            let extract = Extract { doc, document, pages: 1, turned: Default::default(), fields, sets: Default::default(), remarks };
            let mut papers = Papers::default();
            papers.add(&extract);
            let blank = Remark { document: Some("application_form".into()), ..Remark::new("A-014").field(key) };
            !stands_on_a_missing_page(&blank, &papers, &catalogue)
        };
        let missing = || vec![Remark::new(PAGE_MISSING)];
        assert!(!asked(missing(), "contact_email") && !asked(missing(), "consent"));
        assert!(asked(missing(), "corporate_number"), "between what was read");
        assert!(asked(Vec::new(), "contact_email"), "all pages are there");
    }
}
