//! What the ledger has on file beside a case: names that its company gave before, customers that other operators list.

use crate::casework::fold::Case;
use crate::casework::matching::KeyKind;
use crate::domain::case::CaseNo;
use crate::domain::extract::{Field, Record};
use crate::fault::Fault;
use crate::pipeline::{self, OnFile};
use crate::store::Ledger;
use std::collections::BTreeSet;

/// What other cases say that matters to this one.
pub fn of(ledger: &Ledger, case: &Case) -> Result<OnFile, Fault> {
    let mut on_file = OnFile::default();
    let mut own = BTreeSet::from([case.no.clone()]);
    if let Some(number) = case.form("corporate_number").map(ToString::to_string) {
        let siblings = ledger.known_by(KeyKind::CorporateNumber, &number)?;
        let names = on_file.names.entry(number).or_default();
        for sibling in siblings.iter().filter(|sibling| **sibling != case.no) {
            names.extend(company_names(ledger, sibling)?);
        }
        // The same operator may list its customers in several cases.
        own.extend(siblings);
    }
    on_file.points = ledger.points_of_others(&pipeline::supply_points(case), &own)?;
    Ok(on_file)
}

/// Names of the company that were read without doubt.
fn company_names(ledger: &Ledger, no: &CaseNo) -> Result<BTreeSet<String>, Fault> {
    let Some(case) = Case::replay(&ledger.events(no)?) else { return Ok(BTreeSet::new()) };
    let certain = |record: &Record, key: &str| {
        let field: Option<&Field> = record.fields.get(key).filter(|field| !field.needs_review);
        field.map(|field| field.value.to_string())
    };
    let form = case.paper("application_form").and_then(|paper| certain(&paper.received.extract.fields, "applicant_name"));
    let profile = case.workbook_set("operator_profile").and_then(|(_, records)| certain(records.first()?, "operator_name"));
    Ok(form.into_iter().chain(profile).collect())
}
