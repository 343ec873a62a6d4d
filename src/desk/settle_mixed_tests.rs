//! Papers of several companies in one mail or archive, versions that come together, letters that come back.

use super::*;

fn number(company: &str) -> (&'static str, Value) {
    ("corporate_number", Value::Code(company.into()))
}

fn book(bytes: &str, company: &str) -> Extract {
    paper(bytes, "registration_workbook", &[], &[("operator_profile", &[number(company)])])
}

fn within(bytes: &str, document: &str, parts: &[&Extract]) -> Digest {
    Digest { parts: parts.iter().map(|part| digest(part)).collect(), ..digest(&paper(bytes, document, &[], &[])) }
}

impl Room {
    /// The cases that received a document, and whether it waits.
    fn whereabouts(&self, doc: DocId) -> (Vec<String>, bool) {
        let received = |event: &&Event| matches!(&event.body, Body::Received(received) if received.doc == doc);
        let cases = self.ledger().history().unwrap().iter().filter(received).map(|event| event.case.0.clone()).collect();
        (cases, !self.ledger().still_waiting(&[doc].into()).unwrap().is_empty())
    }
}

#[test]
fn another_companys_paper_does_not_go_with_what_it_came_with() {
    let room = Room::new();
    let (form_a, book_b) = (form("a", COMPANY_A, &["1P"], "1"), book("b", COMPANY_B));
    let plain = paper("c", "operation_record", &[], &[]);
    room.hand_in("2026-04-08T10:00:00+09:00", &[within("mail", "inbound_mail", &[&form_a, &book_b, &plain])]);
    assert_eq!(room.whereabouts(form_a.doc).0, ["TH-2026-0001"]);
    assert_eq!(room.whereabouts(plain.doc).0, ["TH-2026-0001"], "what names nobody goes with the rest");
    assert_eq!(room.whereabouts(book_b.doc), (vec![], true));
    let went = room.drop("2026-04-09T10:00:00+09:00", &[form("d", COMPANY_B, &["1P"], "1")]);
    assert_eq!(went[0].1, ["TH-2026-0002"], "its form opens a case of its own");
}

#[test]
fn an_export_of_nobody_is_nobodys() {
    let room = Room::new();
    let (form_a, export) = (form("a", COMPANY_A, &["1P"], "1"), paper("x", "mms_export", &[], &[]));
    room.hand_in("2026-04-08T10:00:00+09:00", &[within("zip", "archive", &[&form_a, &export])]);
    assert_eq!(room.whereabouts(export.doc), (vec![], true));
}

#[test]
fn an_archive_is_looked_at_again_as_long_as_a_part_of_it_waits() {
    let room = Room::new();
    let (form_a, book_b) = (form("a", COMPANY_A, &["1P"], "1"), book("b", COMPANY_B));
    let archive = within("zip", "archive", &[&form_a, &book_b]);
    room.hand_in("2026-04-08T10:00:00+09:00", std::slice::from_ref(&archive));
    let listens = || room.ledger().all_waiting().unwrap().iter().any(|one| one.doc == archive.doc);
    assert!(listens() && room.whereabouts(book_b.doc) == (vec![], true));
    let form_b = form("d", COMPANY_B, &["1P"], "1");
    room.hand_in("2026-04-09T10:00:00+09:00", &[digest(&form_b), archive.clone()]);
    assert_eq!(room.whereabouts(book_b.doc), (vec!["TH-2026-0002".to_owned()], false));
    assert_eq!((room.whereabouts(archive.doc).0, listens()), (vec!["TH-2026-0001".to_owned()], false), "once, and done");
    assert_eq!(room.whereabouts(form_a.doc).0, ["TH-2026-0001"]);
}

#[test]
fn an_archive_of_several_companies_stays_of_none_when_the_last_is_found() {
    let room = Room::new();
    let parts = [form("a", COMPANY_A, &["1P"], "1"), form("b", COMPANY_B, &["1P"], "1"), book("c", "2360376066429")];
    let archive = within("zip", "archive", &parts.iter().collect::<Vec<_>>());
    room.hand_in("2026-04-08T10:00:00+09:00", std::slice::from_ref(&archive));
    let late = form("d", "2360376066429", &["1P"], "1");
    room.hand_in("2026-04-09T10:00:00+09:00", &[digest(&late), archive.clone()]);
    assert_eq!(room.whereabouts(parts[2].doc).0, ["TH-2026-0003"]);
    assert_eq!(room.whereabouts(archive.doc), (vec![], false));
}

#[test]
fn a_mail_with_papers_of_two_companies_is_of_both() {
    let room = Room::new();
    let (form_a, form_b) = (form("a", COMPANY_A, &["1P"], "1"), form("b", COMPANY_B, &["1P"], "1"));
    let mail = within("mail", "inbound_mail", &[&form_a, &form_b]);
    room.hand_in("2026-04-08T10:00:00+09:00", std::slice::from_ref(&mail));
    assert_eq!(room.whereabouts(mail.doc), (vec!["TH-2026-0001".to_owned(), "TH-2026-0002".to_owned()], false));
}

#[test]
fn a_form_does_not_follow_its_agents_address_into_another_companys_case() {
    let room = Room::new();
    let named = |bytes: &str, name: &str, number: Option<&str>| {
        let mut fields = vec![("applicant_name", Value::Text(name.into())), ("contact_email", Value::Text("agent@example.jp".into()))];
        fields.extend(number.map(|number| ("corporate_number", Value::Code(number.into()))));
        paper(bytes, "application_form", &[&fields[..], &[("contract_kind", Value::Codes(vec!["1P".into()]))]].concat(), &[])
    };
    let went = |hour: u32, form: Extract| room.drop(&format!("2026-04-08T{hour}:00:00+09:00"), &[form])[0].1.clone();
    assert_eq!(went(10, named("a", "見本電力株式会社", Some(COMPANY_A))), ["TH-2026-0001"]);
    let mut misread = named("c", "見木電力株式会社", None);
    misread.fields.fields.get_mut("applicant_name").unwrap().doubts = crate::domain::doubt::Doubt::Faint.into();
    assert_eq!(went(11, misread), ["TH-2026-0001"], "a name that nobody is sure of parts nothing");
    assert_eq!(went(12, named("b", "試験風力株式会社", None)), ["TH-2026-0002"]);
    assert_eq!(went(13, named("d", "見本電力（株）", None)), ["TH-2026-0001"], "its own name leads it");
}

#[test]
fn of_two_versions_in_one_batch_the_one_that_was_sent_later_counts() {
    for (first, second) in [("a", "b"), ("b", "a")] {
        let room = Room::new();
        let sent = |form: &Extract, hour: &str| {
            let mut mail = within(&format!("mail {hour}"), "inbound_mail", &[form]);
            let at = format!("2026-04-08T{hour}:00:00+09:00");
            mail.extract.fields.fields.extend(record(mail.doc, &[("received_at", Value::Text(at))]).fields);
            mail
        };
        let (early, late) = (form(first, COMPANY_A, &["1P"], "1"), form(second, COMPANY_A, &["1P"], "1"));
        room.hand_in("2026-04-08T20:00:00+09:00", &[sent(&late, "16"), sent(&early, "09")]);
        let received = |event: Event| match event.body {
            Body::Received(received) if received.extract.document.as_str() == "application_form" => Some(received.doc),
            _ => None,
        };
        let order: Vec<DocId> = room.ledger().history().unwrap().into_iter().filter_map(received).collect();
        assert_eq!(order, [early.doc, late.doc]);
    }
}

#[test]
fn a_letter_of_the_desk_that_comes_back_is_nobodys_application() {
    let room = Room::new();
    room.drop("2026-04-08T10:00:00+09:00", &[form("a", COMPANY_A, &["1P"], "1")]);
    let mut letter = form("letter", COMPANY_B, &["1P"], "1");
    letter.remarks.push(crate::domain::finding::Remark::new("M-008"));
    let sql = rusqlite::Connection::open(room.folder.path().join("ledger.sqlite")).unwrap();
    let row = "INSERT INTO outbox (letter, path, case_no, sha256, bytes, written) VALUES ('k', 'p', 'TH-2026-0001', ?1, x'', '')";
    sql.execute(row, [letter.doc.to_string()]).unwrap();
    assert_eq!(room.drop("2026-04-09T10:00:00+09:00", std::slice::from_ref(&letter))[0].1, ["TH-2026-0001"]);
    let case = Case::replay(&room.ledger().events(&CaseNo("TH-2026-0001".into())).unwrap()).unwrap();
    assert!(case.open.iter().all(|finding| !matches!(finding.code.0.as_str(), "M-008" | "A-016")), "{:#?}", case.open);
    assert_eq!(room.ledger().cases().unwrap().len(), 1);
}

#[test]
fn what_lies_in_a_letter_of_the_desk_that_comes_back_is_no_paper_without_a_kind() {
    let domain = DeskSettings::default().email.rsplit_once('@').unwrap().1.to_owned();
    let key = "TH-2026-0001/T02/1/receipt_ack".to_owned();
    let is_told = |id: &str| {
        let room = Room::new();
        room.drop("2026-04-08T10:00:00+09:00", &[form("a", COMPANY_A, &["1P"], "1")]);
        let no = CaseNo("TH-2026-0001".into());
        let mut ledger = room.ledger();
        let seq = ledger.events(&no).unwrap().len() as u32 + 1;
        let body =
            Body::Wrote { key: key.clone(), notice: "receipt_ack".into(), operation: None, files: Vec::new(), subject: String::new() };
        let at = "2026-04-08T10:00:00+09:00".parse().unwrap();
        let event = Event { case: no.clone(), seq, at, by: pipeline::PROGRAM.to_owned(), body };
        ledger.settle(&Settled { events: vec![event], ..Settled::default() }).unwrap();
        drop(ledger);
        let sql = rusqlite::Connection::open(room.folder.path().join("ledger.sqlite")).unwrap();
        sql.execute("INSERT INTO case_key (case_no, kind, value) VALUES ('TH-2026-0001', 'thread', ?1)", [id]).unwrap();
        let mut picture = paper("picture", "unknown", &[], &[]);
        picture.remarks.push(crate::domain::finding::Remark::new("M-008").at(Place::Whole { doc: picture.doc }));
        let head = [("message_id", Value::Text(id.into())), ("case_no", Value::Code("TH-2026-0001".into()))];
        let letter = Digest { parts: vec![digest(&picture)], ..digest(&paper("letter", "inbound_mail", &head, &[])) };
        let answer = Digest { parts: vec![letter], ..digest(&paper("answer", "inbound_mail", &[], &[])) };
        room.hand_in("2026-04-09T10:00:00+09:00", &[answer]);
        let case = Case::replay(&room.ledger().events(&no).unwrap()).unwrap();
        case.open.iter().any(|finding| finding.code.0 == "M-008")
    };
    assert!(!is_told(&crate::notices::mail::message_id(&key, &domain)));
    assert!(is_told("0123@example.org"), "a mail of somebody else's");
    assert!(is_told(&format!("0123@{domain}")), "a colleague's, not one of the desk's letters");
}

#[test]
fn a_paper_that_waits_in_a_mail_of_two_companies_is_led_by_no_neighbour_later() {
    let room = Room::new();
    let (form_a, form_b) = (form("a", COMPANY_A, &["1P"], "1"), form("b", COMPANY_B, &["1P"], "1"));
    let note = paper("note", "operation_record", &[], &[]);
    let mut mail = within("mail", "inbound_mail", &[&form_a, &form_b, &note]);
    mail.extract.fields.fields.extend(record(mail.doc, &[number(COMPANY_A)]).fields);
    room.hand_in("2026-04-08T10:00:00+09:00", std::slice::from_ref(&mail));
    assert_eq!(room.whereabouts(note.doc), (vec![], true));
    room.hand_in("2026-04-09T10:00:00+09:00", &[mail]);
    assert_eq!(room.whereabouts(note.doc), (vec![], true), "nobody knows more than the day before");
}

#[test]
fn what_waited_in_a_mail_is_a_drop_of_its_own_when_it_is_dropped() {
    let room = Room::new();
    let (form_a, book_b) = (form("a", COMPANY_A, &["1P"], "1"), book("b", COMPANY_B));
    room.hand_in("2026-04-08T10:00:00+09:00", &[within("mail", "inbound_mail", &[&form_a, &book_b])]);
    room.drop("2026-04-09T10:00:00+09:00", &[book_b.clone(), form("d", COMPANY_B, &["1P"], "1")]);
    assert_eq!(room.whereabouts(book_b.doc), (vec!["TH-2026-0002".to_owned()], false));
    let sql = rusqlite::Connection::open(room.folder.path().join("ledger.sqlite")).unwrap();
    let query = "SELECT count(*) FROM arrival WHERE document = ?1 AND outcome = 'first'";
    let drops: u32 = sql.query_row(query, [book_b.doc.to_string()], |row| row.get(0)).unwrap();
    assert_eq!(drops, 1, "it was no drop before");
}

#[test]
fn what_waits_is_looked_at_again_when_it_is_dropped_once_more() {
    let room = Room::new();
    let record = paper("r", "operation_record", &[], &[]);
    room.drop("2026-04-08T10:00:00+09:00", std::slice::from_ref(&record));
    let mut promising = form("a", COMPANY_A, &["2B"], "1");
    promising.sets.insert(
        DocumentKind::new("screening"),
        vec![super::record(promising.doc, &[("operation_record_file", Value::Text("実績.csv".into()))])].into(),
    );
    room.drop("2026-04-09T10:00:00+09:00", &[promising]);
    assert_eq!(room.whereabouts(record.doc), (vec![], true), "under another name than was promised");
    room.hand_in("2026-04-10T10:00:00+09:00", &[Digest { name: "実績.csv".into(), ..digest(&record) }]);
    assert_eq!(room.whereabouts(record.doc), (vec!["TH-2026-0001".to_owned()], false));
}

#[test]
fn of_a_workbook_for_two_contracts_each_case_gets_its_own() {
    let room = Room::new();
    let mut book = book("book", COMPANY_A);
    let resource = |name: &str, kinds: &[&str]| {
        let kinds = Value::Codes(kinds.iter().map(|kind| (*kind).to_owned()).collect());
        record(
            book.doc,
            &[("resource_short_name", Value::Text(name.into())), ("contract_kind", kinds), ("resource_type", Value::Code("11".into()))],
        )
    };
    let price = |name: &str| record(book.doc, &[("resource_code", Value::Text(name.into()))]);
    let resources = vec![resource("甲", &["1P"]), resource("乙", &["2B"]), resource("丙", &["1P", "2B"])];
    let mut slip = price("甲");
    slip.fields.extend(record(book.doc, &[("resource_short_name", Value::Text("乙".into()))]).fields);
    let prices = vec![price("甲"), price("乙"), price("丙"), slip];
    book.sets.insert(DocumentKind::new("resource"), resources.into());
    book.sets.insert(DocumentKind::new("unit_price"), prices.into());
    let mut screening = price("乙");
    screening.fields.extend(record(book.doc, &[("operation_record_file", Value::Text("operation_record".into()))]).fields);
    book.sets.insert(DocumentKind::new("screening"), vec![screening].into());
    let promised = paper("r", "operation_record", &[], &[]);
    room.drop("2026-04-08T10:00:00+09:00", &[form("a", COMPANY_A, &["1P", "2B"], "1"), book.clone(), promised.clone()]);
    assert_eq!(room.whereabouts(promised.doc), (vec!["TH-2026-0002".to_owned()], false), "it was promised to one of them");
    let held = |no: &str, set: &str| -> Vec<String> {
        let case = Case::replay(&room.ledger().events(&CaseNo(no.into())).unwrap()).unwrap();
        let key = if set == "resource" { "resource_short_name" } else { "resource_code" };
        case.workbook_set(set).map(|(_, records)| records.iter().filter_map(|record| record.text(key)).collect()).unwrap_or_default()
    };
    assert_eq!([held("TH-2026-0001", "resource"), held("TH-2026-0002", "resource")], [["甲", "丙"], ["乙", "丙"]]);
    // A slip that names both stays with both.
    assert_eq!([held("TH-2026-0001", "unit_price"), held("TH-2026-0002", "unit_price")], [["甲", "丙", "甲"], ["乙", "丙", "甲"]]);
    assert_eq!((held("TH-2026-0001", "screening"), held("TH-2026-0002", "screening")), (vec![], vec!["乙".to_owned()]));
    assert_eq!(room.whereabouts(book.doc).0.len(), 2);
}

#[test]
fn a_workbook_that_names_resources_alone_goes_to_both_cases_of_their_company() {
    let room = Room::new();
    let with_resources = |mut book: Extract| {
        let resource = |code: &str, kind: &str| {
            let kinds = Value::Codes(vec![kind.to_owned()]);
            record(
                book.doc,
                &[("resource_code", Value::Code(code.into())), ("contract_kind", kinds), ("resource_type", Value::Code("11".into()))],
            )
        };
        let resources = vec![resource("R0001", "1P"), resource("R0002", "2B")];
        book.sets.insert(DocumentKind::new("resource"), resources.into());
        book
    };
    let first = with_resources(book("first", COMPANY_A));
    room.drop("2026-04-08T10:00:00+09:00", &[form("a", COMPANY_A, &["1P", "2B"], "1"), first]);
    let nameless = with_resources(paper("nameless", "registration_workbook", &[], &[]));
    room.drop("2026-04-09T10:00:00+09:00", std::slice::from_ref(&nameless));
    assert_eq!(room.whereabouts(nameless.doc), (vec!["TH-2026-0001".to_owned(), "TH-2026-0002".to_owned()], false));
}

#[test]
fn an_application_for_a_change_is_a_case_of_its_own_though_the_granted_one_waits_for_mms() {
    let room = Room::new();
    let of_day = |bytes: &str, kind: &str, day: jiff::civil::Date| {
        let mut form = form(bytes, COMPANY_A, &["2B"], kind);
        form.fields.fields.extend(record(form.doc, &[("application_date", Value::Date(day))]).fields);
        form
    };
    let export = |bytes: &str, registration: &str| {
        let fields =
            [number(COMPANY_A), ("registration_no", Value::Text(registration.into())), ("registration_revision", Value::Integer(1))];
        paper(bytes, "mms_export", &fields, &[])
    };
    let went = |paper: Extract| {
        // Each look at the case folds it anew.
        if !room.ledger().cases().unwrap().is_empty() {
            room.stand("TH-2026-0001", "S90_APPROVED", false);
        }
        room.drop("2026-04-08T10:00:00+09:00", &[paper])[0].1.clone()
    };
    let (first, next) = (["TH-2026-0001"], ["TH-2026-0002"]);
    let day = jiff::civil::date(2026, 4, 1);
    assert_eq!(went(of_day("a", "2", day)), first);
    assert_eq!(went(export("x", "2026042001")), first);
    assert_eq!(went(of_day("b", "2", day)), first, "the same application may be scanned twice");
    assert_eq!(went(of_day("d", "2", jiff::civil::date(2027, 2, 12))), next);
    assert_eq!(went(book("e", COMPANY_A)), next);
    assert_eq!(went(export("y", "2027030177")), next);
    assert_eq!(went(export("z", "2026042001")), first, "what it waits for");
    let room = Room::new();
    room.drop("2026-04-08T10:00:00+09:00", &[of_day("a", "2", day)]);
    room.stand("TH-2026-0001", "S90_APPROVED", false);
    let anew = room.drop("2027-02-15T10:00:00+09:00", &[of_day("c", "1", jiff::civil::date(2027, 2, 12))]);
    assert_eq!(anew[0].1, first, "who applies as if for the first time is asked about");
}
