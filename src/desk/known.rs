//! What matching asks of a case that is on file: which contract it is about, and how far it has come.
//!
//! Owns these answers alone. Which paper goes where is settled elsewhere.

use crate::casework::facts;
use crate::casework::fold::{self, Case};
use crate::casework::matching::KeyKind;
use crate::domain::extract::Extract;
use crate::fault::Fault;
use crate::pipeline::Office;
use crate::store::{CaseRow, Ledger};
use jiff::civil::Date;
use std::collections::BTreeSet;

pub struct Known {
    pub flow: String,
    pub closed: bool,
    /// It has an account in MMS.
    pub registered: bool,
    /// It was withdrawn or closed before its end.
    pub given_up: bool,
    /// What was applied for is granted, and MMS has to show it.
    pub granted: Option<Granted>,
}

/// A case that waits for nothing but to be seen in MMS, which may take until the next application.
pub struct Granted {
    registrations: BTreeSet<String>,
    applied_on: Option<Date>,
}

impl Known {
    pub fn of(row: &CaseRow, ledger: &Ledger, office: &Office<'_>) -> Result<Known, Fault> {
        let is_granted = office.catalogue.flows.state(&row.state).is_some_and(|state| state.granted);
        let granted = if is_granted { Case::replay(&ledger.events(&row.no)?).map(|case| Granted::of(&case)) } else { None };
        let registered = row.keys.iter().any(|(kind, _)| *kind == KeyKind::MmsCode);
        Ok(Known { flow: row.flow.clone(), closed: row.closed, registered, given_up: fold::is_given_up(&row.state), granted })
    }

    /// A case that was opened a moment ago.
    pub fn opened(flow: &str) -> Known {
        Known { flow: flow.to_owned(), closed: false, registered: false, given_up: false, granted: None }
    }
}

impl Granted {
    fn of(case: &Case) -> Granted {
        let registrations = case.exports().filter_map(facts::registration).map(|(number, _)| number).collect();
        let applied_on = case.paper("application_form").and_then(|form| applied_on(&form.received.extract));
        Granted { registrations, applied_on }
    }

    /// An export of a registration that it has.
    pub fn is_shown_by(&self, extract: &Extract) -> bool {
        let number = extract.fields.text("registration_no").filter(|_| extract.document.as_str() == "mms_export");
        number.is_some_and(|number| self.registrations.contains(&number))
    }

    /// The form is of a later day than its own, both beyond doubt: the same application may be scanned twice.
    pub fn is_before(&self, form: &Extract) -> bool {
        self.applied_on.zip(applied_on(form)).is_some_and(|(own, other)| own < other)
    }
}

fn applied_on(form: &Extract) -> Option<Date> {
    form.fields.fields.get("application_date").filter(|date| !date.needs_review())?.value.date()
}
