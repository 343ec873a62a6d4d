//! Which paper goes to which case, without a file being read.

use super::*;
use crate::catalogue::{self, Catalogue};
use crate::config::{Config, DeskSettings, Overrides};
use crate::desk::items::flatten;
use crate::domain::date::Moment;
use crate::domain::document::DocumentKind;
use crate::domain::doubt::Doubts;
use crate::domain::extract::{Field, Record};
use crate::domain::id::Permille;
use crate::domain::place::Place;
use crate::domain::value::Value;
use crate::store::{Matter, Originals};
use crate::worker::Readers;

struct Room {
    folder: tempfile::TempDir,
    catalogue: Catalogue,
    settings: DeskSettings,
}

impl Room {
    fn new() -> Self {
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
        Room { folder: tempfile::tempdir().unwrap(), catalogue, settings: DeskSettings::default() }
    }

    /// Nobody to read: no picture is asked for.
    fn readers(&self) -> Readers {
        Readers::new(&Config::resolve(&Overrides::default(), &|_| None).unwrap(), &self.catalogue)
    }

    /// Drops papers and says where each of them went.
    fn drop(&self, at: &str, papers: &[Extract]) -> Vec<(String, Vec<String>)> {
        self.hand_in(at, &papers.iter().map(digest).collect::<Vec<_>>());
        let history = self.ledger().history().unwrap();
        let went = |doc: DocId| {
            let took = |event: &&Event| matches!(&event.body, Body::Received(received) if received.doc == doc);
            history.iter().filter(took).map(|event| event.case.0.clone()).collect()
        };
        papers.iter().map(|paper| (paper.document.0.clone(), went(paper.doc))).collect()
    }

    fn ledger(&self) -> Ledger {
        Ledger::open(self.folder.path()).unwrap()
    }

    /// Drops files, whatever lies in them.
    fn hand_in(&self, at: &str, files: &[Digest]) {
        let mut ledger = Ledger::open(self.folder.path()).unwrap();
        let at: Moment = at.parse().unwrap();
        let office = Office::new(&self.catalogue, &self.settings, at);
        for file in files {
            ledger.arrive(file.doc, &file.name, 1, at, "inbox").unwrap();
        }
        let pending = [ledger.pending().unwrap(), ledger.all_waiting().unwrap()].concat();
        let is_new = |file: &Digest| pending.iter().find(|one| one.doc == file.doc).map(|one| (one.clone(), 1, file.clone()));
        let batch = files.iter().filter_map(is_new).collect();
        let originals = Originals::at(self.folder.path());
        let readers = self.readers();
        let gallery = Gallery::new(&originals, &readers);
        let look = Look::of(&ledger, &office).unwrap();
        settle(&mut ledger, &office, batch, &look, &gallery, &|_| Ok(())).unwrap();
        ledger.looked_at(&[Matter::Cases, Matter::Waiting], &look.then).unwrap();
    }

    /// The case comes to its end in this state.
    fn end(&self, no: &str, state: &str) {
        self.stand(no, state, true);
    }

    /// The case stands in this state.
    fn stand(&self, no: &str, state: &str, closed: bool) {
        let mut ledger = self.ledger();
        let row = ledger.cases().unwrap().into_iter().find(|row| row.no.0 == no).unwrap();
        let row = crate::store::CaseRow { closed, state: state.into(), ..row };
        ledger.settle(&Settled { case: Some(row), ..Settled::default() }).unwrap();
    }

    /// The cases that were told that this document came again.
    fn told_again(&self, doc: DocId) -> Vec<String> {
        let is_told = |event: &&Event| matches!(&event.body, Body::Again { doc: known, .. } if *known == doc);
        self.ledger().history().unwrap().iter().filter(is_told).map(|event| event.case.0.clone()).collect()
    }
}

fn digest(extract: &Extract) -> Digest {
    Digest {
        doc: extract.doc,
        name: extract.document.0.clone(),
        bytes: 1,
        format: "test".into(),
        extract: extract.clone(),
        ocr_pages: 0,
        findings: Vec::new(),
        unreadable: None,
        parts: Vec::new(),
    }
}

fn record(doc: DocId, fields: &[(&str, Value)]) -> Record {
    let field = |value: &Value| Field {
        value: value.clone(),
        raw: value.to_string(),
        place: Place::Whole { doc },
        confidence: Permille::SURE,
        doubts: Doubts::NONE,
    };
    Record { fields: fields.iter().map(|(key, value)| ((*key).to_owned(), field(value))).collect(), ..Record::default() }
}

fn paper(bytes: &str, document: &str, fields: &[(&str, Value)], sets: &[(&str, &[(&str, Value)])]) -> Extract {
    let doc = DocId::of(bytes.as_bytes());
    Extract {
        doc,
        document: DocumentKind::new(document),
        pages: 2,
        turned: BTreeMap::new(),
        fields: record(doc, fields),
        sets: sets.iter().map(|(set, fields)| (DocumentKind::new(set), vec![record(doc, fields)].into())).collect(),
        remarks: Vec::new(),
    }
}

fn form(bytes: &str, company: &str, kinds: &[&str], kind: &str) -> Extract {
    let fields = [
        ("corporate_number", Value::Code(company.into())),
        ("contract_kind", Value::Codes(kinds.iter().map(|kind| (*kind).to_owned()).collect())),
        ("resource_kind", Value::Code("GEN".into())),
        ("application_kind", Value::Code(kind.into())),
    ];
    paper(bytes, "application_form", &fields, &[])
}

const COMPANY_A: &str = "3456023289618";
const COMPANY_B: &str = "8980367741244";

#[test]
fn one_form_for_two_contracts_opens_two_cases_and_papers_find_theirs() {
    let room = Room::new();
    let number = ("corporate_number", Value::Code(COMPANY_A.into()));
    let resource = |kind: &str| ("contract_kind", Value::Codes(vec![kind.into()]));
    let went = room.drop(
        "2026-04-08T10:00:00+09:00",
        &[
            form("a", COMPANY_A, &["1P", "2B"], "1"),
            paper("b", "registration_workbook", &[], &[("operator_profile", std::slice::from_ref(&number)), ("user_info", &[])]),
            paper(
                "c",
                "contract",
                &[number.clone(), ("contract_kind", Value::Code("2B".into())), ("resource_kind", Value::Code("GEN".into()))],
                &[],
            ),
            paper(
                "d",
                "registration_workbook",
                &[],
                &[("operator_profile", std::slice::from_ref(&number)), ("resource", &[number.clone(), resource("1P")])],
            ),
        ],
    );
    let cases = |n: usize| went[n].1.clone();
    assert_eq!((cases(0).len(), cases(1)), (2, cases(0)), "the form and the company's data go to both: {went:?}");
    assert_eq!(cases(3).len(), 1, "{went:?}");
    let again = room.drop("2026-04-09T10:00:00+09:00", &[paper("e", "operation_record", &[number], &[])]);
    assert!(again[0].1.is_empty(), "a paper that fits both alike waits for a person: {again:?}");
}

#[test]
fn one_operator_has_one_mms_code_and_each_user_one_id() {
    let room = Room::new();
    let number = ("corporate_number", Value::Code(COMPANY_A.into()));
    let mut book = paper("b", "registration_workbook", &[], &[("operator_profile", std::slice::from_ref(&number)), ("user_info", &[])]);
    let user = |name: &str| record(book.doc, &[("user_name", Value::Text(name.into()))]);
    let users = vec![user("試田 一郎"), user("仮名 花子")];
    book.sets.get_mut(&DocumentKind::new("user_info")).unwrap()[0].groups.insert("users".into(), users.into());
    room.drop("2026-04-08T10:00:00+09:00", &[form("a", COMPANY_A, &["1P", "2B"], "1"), book.clone()]);
    let account = |case: &str| {
        let ledger = Ledger::open(room.folder.path()).unwrap();
        let mut case = Case::replay(&ledger.events(&CaseNo(case.into())).unwrap()).unwrap();
        // The forms here say too little to be accepted: the step that issues is looked at alone.
        case.open.clear();
        let known = on_file::of(&ledger, &case).unwrap();
        (ledger, case, known)
    };
    let office = Office::new(&room.catalogue, &room.settings, "2026-04-08T10:00:00+09:00".parse().unwrap());
    let issue = |no: &str| {
        let (mut ledger, mut case, known) = account(no);
        let users = vec![("試田 一郎".to_owned(), false), ("仮名 花子".to_owned(), false)];
        let issued = crate::issuance::issue(&case.no, &users, known.account.as_ref(), &|_| false).unwrap();
        let event =
            Event { case: case.no.clone(), seq: case.seq + 1, at: office.now, by: "test".into(), body: Body::Issued(issued.clone()) };
        case.apply(&event);
        ledger.settle(&Settled { events: vec![event], ..Settled::default() }).unwrap();
        issued
    };
    let (first, second) = (issue("TH-2026-0001"), issue("TH-2026-0002"));
    let ids = |credentials: &crate::domain::case::Credentials| -> Vec<String> {
        credentials.users.iter().map(|user| user.user_id.clone()).collect()
    };
    assert_eq!((&first.mms_code, ids(&first)), (&second.mms_code, ids(&second)));
    assert!(first.users.iter().all(|user| user.held_by.is_none()));
    assert!(second.users.iter().all(|user| user.held_by == Some(CaseNo("TH-2026-0001".into()))), "{second:?}");
}

#[test]
fn what_lies_in_a_mail_is_marked_at_any_depth() {
    let inner = digest(&paper("x", "mms_export", &[], &[]));
    let archive = Digest { parts: vec![inner.clone()], ..digest(&paper("z", "archive", &[], &[])) };
    let mail = Digest { parts: vec![archive.clone()], ..digest(&paper("m", "inbound_mail", &[], &[])) };
    let received = "2026-04-08T10:00:00+09:00".parse().unwrap();
    let marks = |digest: &Digest| -> Vec<(String, bool)> {
        let pending = Pending { doc: digest.doc, name: digest.name.clone(), received, landed: None, waiting: false, settled: false };
        flatten(vec![(pending, 1, digest.clone())]).0.into_iter().map(|item| (item.digest.name, item.mailed)).collect()
    };
    assert!(marks(&archive).iter().all(|(_, mailed)| !mailed), "an archive that the desk drops is its own");
    assert!(marks(&mail).iter().all(|(name, mailed)| *mailed == (name != "inbound_mail")), "{:?}", marks(&mail));
}

#[test]
fn who_has_an_account_and_applies_anew_gets_no_second_case() {
    let settled = |state: &str, kind: &str| {
        let room = Room::new();
        let mut ledger = Ledger::open(room.folder.path()).unwrap();
        let office = Office::new(&room.catalogue, &room.settings, "2026-04-20T10:00:00+09:00".parse().unwrap());
        let keys = [(KeyKind::CorporateNumber, COMPANY_A.to_owned()), (KeyKind::MmsCode, "K135".to_owned())].into();
        let no = CaseNo("TH-2026-0001".into());
        let row = crate::store::CaseRow {
            no: no.clone(),
            flow: "I_PRIME".into(),
            state: state.into(),
            closed: true,
            dated: false,
            summary: "{}".into(),
            keys,
            points: BTreeSet::new(),
        };
        let body = Body::Opened { flow: "I_PRIME".into(), applicant_name: None, corporate_number: None };
        let opened = Event { case: no, seq: 1, at: office.now, by: "test".into(), body };
        ledger.settle(&Settled { events: vec![opened], case: Some(row), ..Settled::default() }).unwrap();
        room.drop("2026-04-20T10:00:00+09:00", &[form(kind, COMPANY_A, &["1P"], kind)])[0].1.clone()
    };
    assert_eq!(settled("S91_APPROVAL_CONFIRMED", "1"), ["TH-2026-0001"], "as if for the first time: a person decides");
    assert_eq!(settled("S91_APPROVAL_CONFIRMED", "2"), ["TH-2026-0002"], "a change is a case of its own");
    for given_up in ["S98_WITHDRAWN", "S99_CLOSED_UNDONE"] {
        assert_eq!(settled(given_up, "1"), ["TH-2026-0002"], "what came to nothing may be applied for again: {given_up}");
    }
}

#[test]
fn a_case_under_way_comes_before_one_that_is_closed() {
    let room = Room::new();
    let first = room.drop("2026-04-08T10:00:00+09:00", &[form("a", COMPANY_A, &["1P"], "1")])[0].1[0].clone();
    room.end(&first, "S98_WITHDRAWN");
    let second = room.drop("2026-05-08T10:00:00+09:00", &[form("b", COMPANY_A, &["1P"], "1")])[0].1[0].clone();
    assert_ne!(second, first, "a withdrawn application may be made again");
    let number = ("corporate_number", Value::Code(COMPANY_A.into()));
    let went = room.drop("2026-05-09T10:00:00+09:00", &[paper("c", "contract", &[number], &[])]);
    assert_eq!(went[0].1, [second]);
}

#[test]
fn a_company_of_the_same_name_never_takes_a_case_over() {
    let room = Room::new();
    let named = |bytes: &str, number: &str, kind: &str| {
        let mut form = form(bytes, number, &["1P"], kind);
        form.fields.fields.extend(record(form.doc, &[("applicant_name", Value::Text("見本電力株式会社".into()))]).fields);
        form
    };
    let book = |bytes: &str, number: &str| {
        let profile = [("corporate_number", Value::Code(number.into())), ("operator_name", Value::Text("見本電力株式会社".into()))];
        paper(bytes, "registration_workbook", &[], &[("operator_profile", &profile)])
    };
    let went = |hour: u32, paper: Extract| room.drop(&format!("2026-04-08T{hour}:00:00+09:00"), &[paper])[0].1.clone();
    assert_eq!(went(10, named("a", COMPANY_A, "1")), ["TH-2026-0001"]);
    let mut doubtful = named("b", "7999901000001", "1");
    doubtful.fields.fields.get_mut("corporate_number").unwrap().doubts = crate::domain::doubt::Doubt::Faint.into();
    assert_eq!(went(11, doubtful), ["TH-2026-0001"], "a number that was misread");
    assert_eq!(went(12, named("c", "3456023289617", "1")), ["TH-2026-0001"], "a number that cannot be");
    assert_eq!(went(13, named("d", COMPANY_A, "1")), ["TH-2026-0001"], "and the right one after it");
    assert!(went(14, book("e", COMPANY_B)).is_empty(), "another company's workbook waits");
    assert_eq!(went(15, named("f", COMPANY_B, "1")), ["TH-2026-0002"]);
    assert_eq!(went(16, book("g", COMPANY_B)), ["TH-2026-0002"]);
    assert_eq!(went(17, book("h", COMPANY_A)), ["TH-2026-0001"]);
}

#[test]
fn known_bytes_go_to_the_open_case_that_lacks_them() {
    let room = Room::new();
    let number = ("corporate_number", Value::Code(COMPANY_A.into()));
    let book = paper("book", "registration_workbook", &[], &[("operator_profile", std::slice::from_ref(&number))]);
    let (first, second) = ("TH-2026-0001".to_owned(), "TH-2026-0002".to_owned());
    let latest = || room.ledger().without_receipt().unwrap().pop().map(|arrival| (arrival.first.is_some(), arrival.case)).unwrap();
    let case = |no: &String| Some(CaseNo(no.clone()));
    room.drop("2026-04-08T10:00:00+09:00", &[form("a", COMPANY_A, &["1P"], "1"), book.clone()]);
    room.end(&first, "S98_WITHDRAWN");
    let went = room.drop("2026-05-08T10:00:00+09:00", std::slice::from_ref(&book));
    assert_eq!((went[0].1.clone(), room.told_again(book.doc)), (vec![first.clone()], vec![first.clone()]), "nothing else fits");
    room.end(&first, "S98_WITHDRAWN");
    let went = room.drop("2026-05-11T10:00:00+09:00", &[form("b", COMPANY_A, &["1P"], "1"), book.clone()]);
    assert_eq!((went[0].1.clone(), went[1].1.clone()), (vec![second.clone()], vec![first.clone(), second.clone()]));
    assert_eq!(room.told_again(book.doc), [first.as_str()]);
    assert_eq!(latest(), (false, case(&second)), "its receipt says that it counts");
    room.drop("2026-05-12T10:00:00+09:00", std::slice::from_ref(&book));
    assert_eq!(room.told_again(book.doc), [first, second.clone()], "the open case has it now");
    assert_eq!(latest(), (true, case(&second)));
    assert!(room.ledger().untold().unwrap().is_empty());
}

#[test]
fn known_bytes_in_an_archive_go_to_the_open_case_that_lacks_them() {
    let room = Room::new();
    let number = ("corporate_number", Value::Code(COMPANY_A.into()));
    let book = paper("book", "registration_workbook", &[], &[("operator_profile", std::slice::from_ref(&number))]);
    let old_form = form("a", COMPANY_A, &["1P"], "1");
    let archive = |bytes: &str, parts: &[&Extract]| {
        let parts = parts.iter().map(|part| digest(part)).collect();
        Digest { parts, ..digest(&paper(bytes, "archive", &[], &[])) }
    };
    room.hand_in("2026-04-08T10:00:00+09:00", &[archive("zip", &[&old_form, &book])]);
    room.end("TH-2026-0001", "S98_WITHDRAWN");
    let new_form = form("b", COMPANY_A, &["1P"], "1");
    // The workbook lies in the archive and beside it.
    room.hand_in("2026-05-11T10:00:00+09:00", &[archive("new zip", &[&new_form, &old_form, &book]), digest(&book)]);
    let history = room.ledger().history().unwrap();
    let of_second = |event: &&Event| event.case.0 == "TH-2026-0002";
    let received = |event: &Event| match &event.body {
        Body::Received(received) => Some(received.doc),
        _ => None,
    };
    let docs: Vec<DocId> = history.iter().filter(of_second).filter_map(received).collect();
    assert_eq!(docs.iter().filter(|doc| **doc == book.doc).count(), 1, "once: {docs:?}");
    assert!(!docs.contains(&old_form.doc), "an application that was withdrawn is no new one");
    assert_eq!(room.told_again(book.doc), ["TH-2026-0002"]);
    assert_eq!(room.told_again(old_form.doc), ["TH-2026-0001"]);
}

#[test]
fn an_archive_is_settled_with_all_that_lay_in_it_or_not_at_all() {
    let room = Room::new();
    let mut ledger = Ledger::open(room.folder.path()).unwrap();
    let at: Moment = "2026-04-08T10:00:00+09:00".parse().unwrap();
    let office = Office::new(&room.catalogue, &room.settings, at);
    let mut archive = digest(&paper("zip", "archive", &[], &[]));
    let broken = Digest { unreadable: Some(b"broken".to_vec()), ..digest(&paper("broken", "unknown", &[], &[])) };
    archive.parts = vec![digest(&form("a", COMPANY_A, &["1P"], "1")), digest(&form("b", "8980367741244", &["1P"], "1")), broken];
    let alone = form("c", "2360376066429", &["1P"], "1");
    for doc in [archive.doc, alone.doc] {
        ledger.arrive(doc, "x", 1, at, "inbox").unwrap();
    }
    let originals = Originals::at(room.folder.path());
    let readers = room.readers();
    let gallery = Gallery::new(&originals, &readers);
    let mut settle = |aside: &dyn Fn(&SetAside) -> Result<(), Fault>| {
        let digests = [archive.clone(), digest(&alone)];
        let pending = ledger.pending().unwrap();
        let batch = pending.into_iter().map(|one| (one.clone(), 1, digests.iter().find(|digest| digest.doc == one.doc).unwrap().clone()));
        let look = Look::of(&ledger, &office).unwrap();
        let outcome = super::settle(&mut ledger, &office, batch.collect(), &look, &gallery, aside).unwrap();
        (outcome, ledger.cases().unwrap().len(), ledger.pending().unwrap().len())
    };
    let (outcome, cases, pending) = settle(&|_| Err(Fault::transient("quarantine", "no space left", "free some")));
    assert_eq!((outcome.faults.len(), outcome.cases.len()), (1, 1), "the other application is not held up");
    assert_eq!((cases, pending), (1, 1), "of the archive nothing is left over");
    let (outcome, cases, pending) = settle(&|_| Ok(()));
    assert_eq!((outcome.faults.len(), outcome.quarantined.len(), cases, pending), (0, 1, 3, 0));
}

#[path = "settle_mixed_tests.rs"]
mod mixed;
