//! What the ledger has on file beside a case: names that its company gave before, customers that other operators list.

use crate::casework::fold::Case;
use crate::casework::matching::KeyKind;
use crate::domain::case::{CaseNo, Credentials, UserAccount};
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
        if is_certain(case) {
            on_file.account = account(ledger, siblings.iter().filter(|sibling| **sibling != case.no))?;
        }
        // The same operator may list its customers in several cases.
        own.extend(siblings);
    }
    on_file.points = ledger.points_of_others(&pipeline::supply_points(case), &own)?;
    Ok(on_file)
}

/// The 法人番号 was read without doubt: nobody is given another operator's account.
fn is_certain(case: &Case) -> bool {
    let field = case.paper("application_form").and_then(|paper| paper.received.extract.fields.fields.get("corporate_number"));
    field.is_some_and(|field| !field.needs_review())
}

/// The account that the operator's other cases hold, in the order of their numbers: one MMSコード, each user ID once.
fn account<'a>(ledger: &Ledger, siblings: impl Iterator<Item = &'a CaseNo>) -> Result<Option<Credentials>, Fault> {
    let mut account: Option<Credentials> = None;
    for sibling in siblings {
        let Some(held) = Case::replay(&ledger.events(sibling)?).and_then(|case| case.credentials) else { continue };
        let known = account.get_or_insert_with(|| Credentials { mms_code: held.mms_code.clone(), users: Vec::new() });
        for user in held.users.into_iter().filter(|_| held.mms_code == known.mms_code) {
            let holder = user.held_by.clone().unwrap_or_else(|| sibling.clone());
            match known.users.iter_mut().find(|other| other.user_id == user.user_id) {
                Some(other) if other.certificate.is_some() || user.certificate.is_none() => {}
                Some(other) => *other = UserAccount { held_by: Some(holder), ..user },
                None => known.users.push(UserAccount { held_by: Some(holder), ..user }),
            }
        }
    }
    Ok(account)
}

/// Names of the company that were read without doubt.
fn company_names(ledger: &Ledger, no: &CaseNo) -> Result<BTreeSet<String>, Fault> {
    let Some(case) = Case::replay(&ledger.events(no)?) else { return Ok(BTreeSet::new()) };
    let certain = |record: &Record, key: &str| {
        let field: Option<&Field> = record.fields.get(key).filter(|field| !field.needs_review());
        field.map(|field| field.value.to_string())
    };
    let form = case.paper("application_form").and_then(|paper| certain(&paper.received.extract.fields, "applicant_name"));
    let profile = case.workbook_set("operator_profile").and_then(|(_, records)| certain(records.first()?, "operator_name"));
    Ok(form.into_iter().chain(profile).collect())
}
