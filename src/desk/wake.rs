//! Which documents that wait are looked at again: those that share something with what came, or with a case that went on.
//!
//! Owns what a document listens to, and the rounds until nothing more wakes. Never decides whose a document is: it may wake
//! one for nothing, and leaves none asleep that would now find its case.

use crate::casework::matching::{self, KeyKind, Keys};
use crate::desk::digest::Read;
use crate::desk::remembered;
use crate::domain::date::Moment;
use crate::fault::Fault;
use crate::pipeline::{Digest, Office};
use crate::store::{ANYTHING, DOCUMENT, Ledger, Looked, Matter, Pending, Signs};
use sha2::{Digest as _, Sha256};

/// What a batch looks at besides what came.
pub struct Look {
    /// Nothing but what happened after these events can have changed anything for documents that wait, and for cases; `None`
    /// where everything may have changed.
    waiting_after: Option<i64>,
    pub cases_after: Option<i64>,
    /// What will have been looked at when the batch is done.
    pub then: Looked,
}

impl Look {
    /// Of a desk that works by these rules at this hour.
    pub fn of(ledger: &Ledger, office: &Office<'_>) -> Result<Self, Fault> {
        let then = Looked { through: ledger.head()?, under: under(office) };
        let after = |matter| Ok(ledger.looked(matter)?.filter(|looked| looked.under == then.under).map(|looked| looked.through));
        Ok(Look { waiting_after: after(Matter::Waiting)?, cases_after: after(Matter::Cases)?, then })
    }

    /// All that waits is looked at.
    pub fn is_whole(&self) -> bool {
        self.waiting_after.is_none()
    }

    /// Documents that wait and that something has happened for since the last look.
    pub fn woken(&self, ledger: &Ledger) -> Result<Vec<Pending>, Fault> {
        let Some(after) = self.waiting_after else { return ledger.all_waiting() };
        let mut signs = ledger.signs_touched(after)?;
        signs.insert((ANYTHING.to_owned(), String::new()));
        ledger.waiting_with(&signs)
    }
}

/// Day, rules, settings and program in one word. The cut-off hour ends a day, too.
pub fn under(office: &Office<'_>) -> String {
    let settings = serde_json::to_string(office.desk).unwrap_or_default();
    let settings: String = Sha256::digest(settings).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{} {} {settings} {}", day(office.now, office.desk.cut_off_hour), office.catalogue.basis, remembered::program())
}

fn day(now: Moment, cut_off_hour: i8) -> String {
    let late = if now.civil().hour() >= cut_off_hour { " late" } else { "" };
    format!("{}{late}", now.date())
}

/// What an arrival listens to: what it and what lies in it is known by.
pub fn signs(digest: &Digest) -> Signs {
    let mut signs = Signs::new();
    collect(digest, &mut signs);
    if digest.lacks_password() {
        signs.insert((ANYTHING.to_owned(), String::new()));
    }
    signs
}

fn collect(digest: &Digest, signs: &mut Signs) {
    signs.insert((DOCUMENT.to_owned(), digest.doc.to_string()));
    signs.extend(named(matching::all_keys(&digest.extract, &digest.name)));
    digest.parts.iter().for_each(|part| collect(part, signs));
}

/// What an arrival teaches when it finds its case.
fn lessons(digest: &Digest, signs: &mut Signs) {
    signs.insert((DOCUMENT.to_owned(), digest.doc.to_string()));
    let own = matching::keys(&digest.extract, &digest.name);
    signs.extend(named(own.into_iter().filter(|(kind, _)| *kind != KeyKind::Attachment).collect()));
    signs.extend(named(matching::promised(&digest.extract)));
    digest.parts.iter().for_each(|part| lessons(part, signs));
}

fn named(keys: Keys) -> impl Iterator<Item = (String, String)> {
    keys.into_iter().map(|(kind, value)| (kind.name().to_owned(), value))
}

/// It opens a case, or one of its parts does.
fn opens(digest: &Digest) -> bool {
    digest.extract.document.as_str() == "application_form" || digest.parts.iter().any(opens)
}

/// Everything that those documents of a batch teach that find a case, now or by what others teach.
pub fn taught(batch: &[(Pending, Read)], ledger: &Ledger) -> Result<Signs, Fault> {
    let mut all = Signs::new();
    let mut deaf = Vec::new();
    for (_, Read { digest, .. }) in batch {
        let own = signs(digest);
        if opens(digest) || ledger.is_known_by(&own)? {
            lessons(digest, &mut all);
        } else {
            deaf.push((digest, own));
        }
    }
    loop {
        let (hear, still): (Vec<_>, Vec<_>) = deaf.into_iter().partition(|(_, own)| !own.is_disjoint(&all));
        if hear.is_empty() {
            return Ok(all);
        }
        hear.iter().for_each(|(digest, _)| lessons(digest, &mut all));
        deaf = still;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{self, Catalogue};
    use crate::config::DeskSettings;
    use crate::domain::case::{Body, CaseNo, Event};
    use crate::domain::document::DocumentKind;
    use crate::domain::extract::{Extract, Field, Record};
    use crate::domain::finding::Remark;
    use crate::domain::id::{DocId, Permille};
    use crate::domain::place::Place;
    use crate::domain::value::Value;
    use crate::store::{CaseRow, Settled, Status, Verdict};
    use std::collections::{BTreeMap, BTreeSet};
    use std::time::Duration;

    fn paper(name: &str, document: &str, fields: &[(&str, &str)]) -> Digest {
        let doc = DocId::of(name.as_bytes());
        let field = |value: &str| Field {
            value: Value::Code(value.into()),
            raw: value.into(),
            place: Place::Whole { doc },
            confidence: Permille::SURE,
            doubts: crate::domain::doubt::Doubts::NONE,
        };
        let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), field(value))).collect();
        let document = DocumentKind::new(document);
        let fields = Record { fields, ..Record::default() };
        let (turned, sets) = (BTreeMap::new(), BTreeMap::new());
        let extract = Extract { doc, document, pages: 1, turned, fields, sets, remarks: Vec::new() };
        let (name, format) = (name.to_owned(), "test".into());
        Digest { doc, name, bytes: 1, format, extract, findings: Vec::new(), unreadable: None, ocr_pages: 0, parts: Vec::new() }
    }

    fn at(hour: u8) -> Moment {
        format!("2026-04-08T{hour:02}:00:00+09:00").parse().unwrap()
    }

    fn pending(digest: &Digest) -> Pending {
        Pending { doc: digest.doc, name: digest.name.clone(), received: at(10), landed: None, waiting: true, settled: false }
    }

    fn read(digest: &Digest) -> (Pending, Read) {
        (pending(digest), Read { bytes: 1, digest: digest.clone(), fault: None, time: Duration::ZERO, recalled: true })
    }

    /// Lays a document down that waits.
    fn wait(ledger: &mut Ledger, digest: &Digest) {
        ledger.arrive(digest.doc, &digest.name, 1, at(10), "inbox").unwrap();
        settle(ledger, digest, Status::Waiting, None);
    }

    fn settle(ledger: &mut Ledger, digest: &Digest, status: Status, case: Option<CaseNo>) {
        let (doc, name, kind, signs) = (digest.doc, digest.name.clone(), digest.extract.document.to_string(), signs(digest));
        let verdict =
            Verdict { doc, name, received: at(10), bytes: 1, parent: None, status, kind, case, note: None, signs, listens: false };
        ledger.settle(&Settled { verdicts: vec![verdict], ..Settled::default() }).unwrap();
    }

    fn names(found: Vec<Pending>) -> BTreeSet<String> {
        found.into_iter().map(|pending| pending.name).collect()
    }

    fn event(no: &CaseNo, seq: u32) -> Event {
        let body = match seq {
            1 => Body::Opened { flow: "I_PRIME".into(), applicant_name: None, corporate_number: None },
            _ => Body::Found { open: Vec::new(), held: false },
        };
        Event { case: no.clone(), seq, at: at(10), by: "test".into(), body }
    }

    /// Something happens to a case that is known by these keys.
    fn happen(ledger: &mut Ledger, no: &str, seq: u32, keys: &[(KeyKind, &str)], dated: bool) {
        let no = CaseNo(no.into());
        let row = CaseRow {
            no: no.clone(),
            flow: "I_PRIME".into(),
            state: "S10_APPLICATION_RECEIVED".into(),
            closed: false,
            dated,
            summary: "{}".into(),
            keys: keys.iter().map(|(kind, value)| (*kind, (*value).to_owned())).collect(),
            points: BTreeSet::new(),
        };
        ledger.settle(&Settled { events: vec![event(&no, seq)], case: Some(row), ..Settled::default() }).unwrap();
    }

    #[test]
    fn a_form_wakes_what_it_leads_to_over_other_papers_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        let form = paper("form", "application_form", &[("corporate_number", "1"), ("contact_email", "A@example.jp")]);
        let book = paper("book", "registration_workbook", &[("corporate_number", "1"), ("resource_code", "R1")]);
        let export = paper("export", "mms_export", &[("resource_code", "R1")]);
        let stranger = paper("stranger", "contract", &[("corporate_number", "2")]);
        for waiting in [&book, &export, &stranger] {
            wait(&mut ledger, waiting);
        }
        let first = taught(&[read(&form)], &ledger).unwrap();
        assert_eq!(names(ledger.waiting_with(&first).unwrap()), ["book".to_owned()].into());
        let second = taught(&[read(&form), read(&book)], &ledger).unwrap();
        assert_eq!(names(ledger.waiting_with(&second).unwrap()), ["book".to_owned(), "export".to_owned()].into());
        let nothing = taught(&[read(&stranger)], &ledger).unwrap();
        assert!(nothing.is_empty(), "who finds no case himself helps nobody to one: {nothing:?}");
    }

    #[test]
    fn what_is_settled_listens_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        let book = paper("book", "registration_workbook", &[("corporate_number", "1")]);
        wait(&mut ledger, &book);
        let signs = signs(&book);
        assert!(!ledger.waiting_with(&signs).unwrap().is_empty());
        settle(&mut ledger, &book, Status::Done, Some(CaseNo("TH-2026-0001".into())));
        assert!(ledger.waiting_with(&signs).unwrap().is_empty());
        assert!(ledger.is_known_by(&[(DOCUMENT.to_owned(), book.doc.to_string())].into()).unwrap(), "what lay in a mail leads to its case");
    }

    #[test]
    fn a_case_that_went_on_wakes_what_it_is_known_by() {
        let folder = tempfile::tempdir().unwrap();
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
        let settings = DeskSettings::default();
        let look = |ledger: &Ledger, hour: u8| Look::of(ledger, &Office::new(&catalogue, &settings, at(hour))).unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        let mut shut = paper("shut", "archive", &[]);
        shut.extract.remarks.push(Remark::new("M-002"));
        for waiting in
            [&paper("one", "contract", &[("corporate_number", "1")]), &paper("two", "contract", &[("corporate_number", "2")]), &shut]
        {
            wait(&mut ledger, waiting);
        }
        happen(&mut ledger, "TH-2026-0001", 1, &[(KeyKind::CorporateNumber, "1")], true);
        happen(&mut ledger, "TH-2026-0002", 1, &[(KeyKind::CorporateNumber, "2")], true);
        happen(&mut ledger, "TH-2026-0003", 1, &[(KeyKind::CorporateNumber, "2")], true);
        let first = look(&ledger, 10);
        assert_eq!((first.cases_after, first.woken(&ledger).unwrap().len()), (None, 3), "at first all");
        ledger.looked_at(&[Matter::Waiting, Matter::Cases], &first.then).unwrap();
        let second = look(&ledger, 11);
        assert_eq!(names(second.woken(&ledger).unwrap()), ["shut".to_owned()].into(), "a password may have come");
        let ends_by = "2026-06-08".parse().unwrap();
        assert!(ledger.dated(second.cases_after, ends_by).unwrap().is_empty());
        happen(&mut ledger, "TH-2026-0002", 2, &[(KeyKind::CorporateNumber, "2")], true);
        assert_eq!(names(second.woken(&ledger).unwrap()), ["shut".to_owned(), "two".to_owned()].into());
        let dated: Vec<String> = ledger.dated(second.cases_after, ends_by).unwrap().into_iter().map(|no| no.0).collect();
        assert_eq!(dated, ["TH-2026-0002", "TH-2026-0003"], "another case of the company, too");
        let late = look(&ledger, 18);
        assert_eq!(
            (late.cases_after, ledger.dated(late.cases_after, ends_by).unwrap().len()),
            (None, 3),
            "after the cut-off hour all again"
        );
    }

    #[test]
    fn cases_are_looked_at_on_a_day_when_nothing_comes_and_what_waits_still_wakes() {
        let folder = tempfile::tempdir().unwrap();
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
        let settings = DeskSettings::default();
        let look = |ledger: &Ledger, hour: u8| Look::of(ledger, &Office::new(&catalogue, &settings, at(hour))).unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        wait(&mut ledger, &paper("one", "contract", &[("corporate_number", "1")]));
        let morning = look(&ledger, 10);
        ledger.looked_at(&[Matter::Waiting, Matter::Cases], &morning.then).unwrap();
        happen(&mut ledger, "TH-2026-0001", 1, &[(KeyKind::CorporateNumber, "1")], true);
        let ends_by = "2026-06-08".parse().unwrap();
        let noon = look(&ledger, 12);
        assert_eq!(ledger.dated(noon.cases_after, ends_by).unwrap().len(), 1);
        ledger.looked_at(&[Matter::Cases], &noon.then).unwrap();
        let later = look(&ledger, 13);
        assert!(ledger.dated(later.cases_after, ends_by).unwrap().is_empty(), "nothing happened since noon");
        assert_eq!(names(later.woken(&ledger).unwrap()), ["one".to_owned()].into(), "its case opened after it was looked at last");
        let late = look(&ledger, 18);
        ledger.looked_at(&[Matter::Cases], &late.then).unwrap();
        let later = look(&ledger, 19);
        assert!(ledger.dated(later.cases_after, ends_by).unwrap().is_empty(), "nothing comes, and the hour has passed for all cases");
        assert!(later.is_whole(), "what waits is to be looked at whole when something comes");
    }
}
