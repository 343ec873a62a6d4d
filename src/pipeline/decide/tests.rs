//! Cases on the desk: what the decider writes, and when.

use super::*;
use crate::catalogue::{self, Catalogue};
use crate::config::DeskSettings;
use crate::domain::case::Received;
use crate::domain::document::DocumentKind;
use crate::domain::doubt::Doubts;
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::finding::{RECORD, Remark};
use crate::domain::id::{DocId, Permille};
use crate::domain::place::Place;
use crate::domain::value::Value;
use crate::pipeline::{NoPictures, OnFile};

fn paper(seq: u32) -> Body {
    let doc = DocId::of(&seq.to_be_bytes());
    let document = DocumentKind::new("application_form");
    let extract = Extract {
        doc,
        document,
        pages: 2,
        turned: Default::default(),
        fields: Record::default(),
        sets: Default::default(),
        remarks: Vec::new(),
    };
    Body::Received(Box::new(Received { doc, name: "scan.pdf".into(), parent: None, mailed: false, landed: None, extract }))
}

/// A paper that says to whom letters go.
fn signed_paper() -> Body {
    let Body::Received(mut received) = paper(1) else { unreachable!() };
    let place = Place::Whole { doc: received.doc };
    for (key, words) in [("applicant_name", "株式会社見本電力"), ("contact_email", "mihon@example.jp")] {
        let (value, raw) = (Value::Text(words.into()), words.into());
        let field = Field { value, raw, place: place.clone(), confidence: Permille::SURE, doubts: Doubts::NONE };
        received.extract.fields.fields.insert(key.to_owned(), field);
    }
    Body::Received(received)
}

/// Subject and words of the reminder that a step writes on 2026-06-08, where these findings were open at a request of that kind.
fn reminder(step: &str, requested: &str, open: &[&str]) -> (String, String) {
    reminder_after(step, requested, open, open)
}

/// The same, where others are open by now.
fn reminder_after(step: &str, requested: &str, asked: &[&str], open: &[&str]) -> (String, String) {
    let catalogue = Catalogue::load(&catalogue::shipped()).unwrap();
    let settings = DeskSettings::default();
    let office = Office::new(&catalogue, &settings, "2026-06-08T10:00:00+09:00".parse().unwrap());
    let around = Around { known: &OnFile::default(), taken: &|_| false, pictures: &NoPictures };
    let case = Case::begin(CaseNo("TH-2026-0001".into()), office.now);
    let mut desk = Desk { case, events: Vec::new(), letters: Vec::new(), office: &office, around: &around };
    desk.push(Body::Opened { flow: "I_PRIME".into(), applicant_name: None, corporate_number: None });
    desk.push(signed_paper());
    let found = |codes: &[&str]| {
        let open = codes.iter().map(|code| catalogue.finding(&Remark::new(code), "application_form")).collect();
        Body::Found { open, held: false }
    };
    desk.push(found(asked));
    let asked_in = if requested == "deficiency_notice" { "T03" } else { "T14" };
    desk.push(Body::Moved { transition: asked_in.into(), from: String::new(), to: String::new() });
    let (key, notice) = ("TH-2026-0001/T03/1".to_owned(), requested.to_owned());
    desk.push(Body::Wrote { key, notice, operation: None, files: Vec::new(), subject: String::new() });
    desk.push(found(open));
    for (deadline, day) in [("answer", 15), ("silence", 30)] {
        desk.push(Body::Due { deadline: deadline.into(), on: Some(jiff::civil::date(2026, 4, day)) });
    }
    desk.write("deadline_reminder", None, "TH-2026-0001/T16/1", catalogue.flows.transition(step).unwrap(), None).unwrap();
    let letter = desk.letters.pop().unwrap();
    let mail = mail_parser::MessageParser::default().parse(&letter.files[0].bytes).unwrap();
    (letter.subject, mail.body_text(0).unwrap().replace(['\r', '\n', '　'], ""))
}

#[test]
fn a_reminder_speaks_of_what_was_asked_for() {
    let (subject, words) = reminder("T16-returned-overdue", "deficiency_notice", &["A-009", "P-003"]);
    assert!(subject.ends_with("申込書の補正書類の提出期限について"), "{subject}");
    assert!(words.contains("申込書類の補正") && !words.contains("データ"), "{words}");
    let (subject, words) = reminder("T16-overdue", "additional_request", &["A-009", "P-003"]);
    assert!(subject.ends_with("追加データの提出期限について"), "{subject}");
    assert!(words.contains("下記のデータ") && !words.contains("補正"), "{words}");
}

#[test]
fn a_reminder_is_no_item_of_itself() {
    let (_, words) = reminder("T16-overdue", "additional_request", &["A-009", "P-003"]);
    assert!(words.contains("１．") && !words.contains("２．") && !words.contains("案件"), "{words}");
    // All that was asked for came, but not the new registration.
    let (_, words) = reminder_after("T16-overdue", "additional_request", &["A-009"], &["P-003"]);
    assert!(!words.contains("下記の") && !words.contains("１．") && words.contains("■期限：2026年4月15日"), "{words}");
}

#[test]
fn a_reminder_lists_what_was_asked_and_is_open_still() {
    let (_, words) = reminder_after("T16-returned", "deficiency_notice", &["A-009", "A-017", "D-001"], &["A-006", "A-009", "D-001"]);
    assert!(words.contains("記名または押印") && words.contains("１．") && !words.contains("２．"), "{words}");
    // What could not be read is told once, and stands until a file comes.
    let (_, words) = reminder_after("T16-returned", "deficiency_notice", &["M-001"], &[]);
    assert!(words.contains("開くことができませんでした"), "{words}");
}

#[test]
fn days_are_counted_from_when_a_paper_came_and_not_from_the_night_that_took_it() {
    let catalogue = Catalogue::load(&catalogue::shipped()).unwrap();
    let settings = DeskSettings::default();
    // A Tuesday's night.
    let office = Office::new(&catalogue, &settings, "2026-06-09T02:00:00+09:00".parse().unwrap());
    let around = Around { known: &OnFile::default(), taken: &|_| false, pictures: &NoPictures };
    let due = |landed: Option<&str>, deadline: &str| {
        let mut desk = Desk::at(Case::begin(CaseNo("TH-2026-0001".into()), office.now), &office, &around);
        let Body::Received(mut received) = paper(1) else { unreachable!() };
        received.landed = landed.map(|at| at.parse().unwrap());
        desk.push(Body::Received(received));
        desk.start(catalogue.flows.deadline(deadline).unwrap()).unwrap();
        desk.case.deadlines[deadline].to_string()
    };
    assert_eq!(due(Some("2026-06-08T10:00:00+09:00"), "check-limit"), "2026-06-22");
    assert_eq!(due(Some("2026-06-08T17:30:00+09:00"), "check-limit"), "2026-06-23", "after the cut-off hour");
    assert_eq!(due(None, "check-limit"), "2026-06-23");
    assert_eq!(due(Some("2026-06-08T10:00:00+09:00"), "answer"), "2026-06-16", "from the letter that leaves now");
}

#[test]
fn days_begin_with_the_paper_that_starts_them_and_not_with_another_of_the_same_run() {
    at_the_desk("2026-06-09T02:00:00+09:00", |desk, office| {
        for (n, document, landed) in [(1, "mms_export", "2026-06-05T10:00:00+09:00"), (2, "inbound_mail", "2026-06-08T10:00:00+09:00")] {
            let Body::Received(mut received) = paper(n) else { unreachable!() };
            received.extract.document = DocumentKind::new(document);
            received.landed = Some(landed.parse().unwrap());
            desk.push(Body::Received(received));
        }
        for (deadline, on) in [("check-limit", "2026-06-19"), ("companions", "2026-06-09")] {
            desk.start(office.catalogue.flows.deadline(deadline).unwrap()).unwrap();
            assert_eq!(desk.case.deadlines[deadline].to_string(), on, "{deadline}");
        }
    });
}

#[test]
fn the_desk_is_told_of_a_deadline_by_its_name() {
    let (subject, words) = reminder("T22-silence", "deficiency_notice", &["A-009", "P-003"]);
    assert!(subject.starts_with("【社内】") && subject.contains("終了判断") && !subject.contains("登録データ"), "{subject}");
    assert!(words.contains("終了判断") && !words.contains("確認期限"), "{words}");
}

#[test]
fn a_refused_letter_holds_the_case_until_a_paper_comes_that_may_mend_it() {
    let catalogue = Catalogue::load(&catalogue::shipped()).unwrap();
    let settings = DeskSettings::default();
    let office = Office::new(&catalogue, &settings, "2026-04-08T10:00:00+09:00".parse().unwrap());
    let case = Case::begin(CaseNo("TH-2026-0001".into()), office.now);
    let around = Around { known: &OnFile::default(), taken: &|_| false, pictures: &NoPictures };
    let mut desk = Desk { case, events: Vec::new(), letters: Vec::new(), office: &office, around: &around };
    desk.push(Body::Opened { flow: "I_PRIME".into(), applicant_name: None, corporate_number: None });
    desk.push(paper(1));
    let transition = catalogue.flows.transition("T07").unwrap();
    desk.refuse(transition, &Fault::lasting("approval_notice", "was refused", "look at it"));
    assert!(desk.case.held && desk.case.last_deed(REFUSED).is_some());
    let written = desk.events.len();
    desk.note_findings(&[]);
    assert!(desk.case.held && desk.events.len() == written, "held, and nothing said twice");
    desk.push(paper(2));
    desk.note_findings(&[]);
    assert!(!desk.case.held);
}

#[test]
fn thanks_are_left_out_where_no_address_was_read() {
    let catalogue = Catalogue::load(&catalogue::shipped()).unwrap();
    let settings = DeskSettings::default();
    let office = Office::new(&catalogue, &settings, "2026-04-08T10:00:00+09:00".parse().unwrap());
    let mut case = Case::begin(CaseNo("TH-2026-0001".into()), office.now);
    let opened = Body::Opened { flow: "I_PRIME".into(), applicant_name: None, corporate_number: None };
    for (n, body) in [opened, paper(1)].into_iter().enumerate() {
        case.apply(&Event { case: case.no.clone(), seq: n as u32 + 1, at: office.now, by: "test".into(), body });
    }
    let around = Around { known: &OnFile::default(), taken: &|_| false, pictures: &NoPictures };
    let settled = decide(case, Vec::new(), &office, &around).unwrap();
    assert!(settled.letters.is_empty());
    assert_eq!(settled.case.unwrap().state, "S10_APPLICATION_RECEIVED");
}

#[test]
fn nobody_is_thanked_while_a_person_must_look_first() {
    let catalogue = Catalogue::load(&catalogue::shipped()).unwrap();
    let settings = DeskSettings::default();
    let office = Office::new(&catalogue, &settings, "2026-04-08T10:00:00+09:00".parse().unwrap());
    let around = Around { known: &OnFile::default(), taken: &|_| false, pictures: &NoPictures };
    for held in [false, true] {
        let case = Case::begin(CaseNo("TH-2026-0001".into()), office.now);
        let mut desk = Desk { case, events: Vec::new(), letters: Vec::new(), office: &office, around: &around };
        desk.push(Body::Opened { flow: "I_PRIME".into(), applicant_name: None, corporate_number: None });
        desk.push(signed_paper());
        desk.push(Body::Found { open: Vec::new(), held });
        desk.take(catalogue.flows.transition("T02").unwrap(), "TH-2026-0001/T02/1").unwrap();
        let kinds: Vec<&str> = desk.letters.iter().map(|letter| letter.kind.as_str()).collect();
        assert_eq!(kinds, if held { vec![] } else { vec!["receipt_ack"] });
        assert_eq!(desk.case.state, "S10_APPLICATION_RECEIVED", "held is the mail, not the intake");
    }
}

/// A desk with a case whose form came, and the catalogue and the hour that it goes by.
fn at_the_desk<T>(now: &str, work: impl FnOnce(&mut Desk<'_>, &Office<'_>) -> T) -> T {
    let catalogue = Catalogue::load(&catalogue::shipped()).unwrap();
    let settings = DeskSettings::default();
    let office = Office::new(&catalogue, &settings, now.parse().unwrap());
    let around = Around { known: &OnFile::default(), taken: &|_| false, pictures: &NoPictures };
    let mut desk = Desk::at(Case::begin(CaseNo("TH-2026-0001".into()), office.now), &office, &around);
    desk.push(Body::Opened { flow: "I_PRIME".into(), applicant_name: None, corporate_number: None });
    work(&mut desk, &office)
}

fn body_of(letter: &Letter) -> String {
    let mail = mail_parser::MessageParser::default().parse(&letter.files[0].bytes).unwrap();
    mail.body_text(0).unwrap().replace(['\r', '\n', '　'], "")
}

#[test]
fn thanks_that_cannot_be_written_hold_nothing_up() {
    at_the_desk("2026-04-08T10:00:00+09:00", |desk, office| {
        let Body::Received(mut form) = signed_paper() else { unreachable!() };
        form.extract.fields.fields.remove("applicant_name");
        desk.push(Body::Received(form));
        desk.take(office.catalogue.flows.transition("T02").unwrap(), "TH-2026-0001/T02/1").unwrap();
        assert!(desk.letters.is_empty() && desk.case.state == "S10_APPLICATION_RECEIVED" && !desk.was_refused());
        let noted = desk.case.last_deed(deed::LEFT_OUT).unwrap();
        assert!(noted.note.as_ref().unwrap().contains("recipient.company is missing"), "{noted:?}");
        assert!(desk.next().is_none_or(|(step, _)| step.id != "T02-thanks"), "not tried again before anything changed");
    });
}

#[test]
fn an_applicants_own_file_may_be_called_what_a_letter_never_says() {
    at_the_desk("2026-04-08T10:00:00+09:00", |desk, office| {
        let Body::Received(mut form) = signed_paper() else { unreachable!() };
        form.name = "申込書（口座番号訂正版）.pdf".into();
        desk.push(Body::Received(form));
        desk.take(office.catalogue.flows.transition("T02").unwrap(), "TH-2026-0001/T02/1").unwrap();
        let words = body_of(&desk.letters[0]);
        assert!(words.contains("１．需給調整市場システム利用申込書") && !words.contains("口座番号"), "{words}");
    });
}

#[test]
fn thanks_come_later_where_a_person_had_to_look_first() {
    at_the_desk("2026-04-08T10:00:00+09:00", |desk, office| {
        desk.push(signed_paper());
        desk.push(Body::Found { open: Vec::new(), held: true });
        desk.take(office.catalogue.flows.transition("T02").unwrap(), "TH-2026-0001/T02/1").unwrap();
        assert!(desk.letters.is_empty());
        desk.push(Body::Found { open: Vec::new(), held: false });
        let (step, key) = desk.next().unwrap();
        assert_eq!(step.id, "T02-thanks");
        desk.take(&step, &key).unwrap();
        assert_eq!((desk.letters[0].kind.as_str(), desk.letters.len()), ("receipt_ack", 1));
        assert!(desk.next().is_none_or(|(step, _)| step.id != "T02-thanks"), "once");
    });
}

#[test]
fn a_letter_tells_the_day_on_which_the_application_came() {
    at_the_desk("2026-04-20T10:00:00+09:00", |desk, office| {
        for (n, day, document) in [(1, "08", "application_form"), (2, "13", "application_form"), (3, "15", "inbound_mail")] {
            let Body::Received(mut received) = paper(n) else { unreachable!() };
            received.extract.document = DocumentKind::new(document);
            received.landed = Some(format!("2026-04-{day}T10:00:00+09:00").parse().unwrap());
            desk.push(Body::Received(received));
        }
        let said = |kind: &str| letters::data(kind, None, &desk.case, office, &[])["received_on"].as_str().unwrap().to_owned();
        assert_eq!((said("approval_notice").as_str(), said("deficiency_notice").as_str()), ("2026年4月8日（水）", "2026年4月13日（月）"));
    });
}

#[test]
fn what_is_slight_stands_in_the_next_mail_alone() {
    at_the_desk("2026-04-08T10:00:00+09:00", |desk, office| {
        desk.push(signed_paper());
        let warned = |desk: &Desk<'_>| letters::data("approval_notice", None, &desk.case, office, &[])["remarks"].as_array().unwrap().len();
        let slight = |codes: &[&str]| {
            let open = codes.iter().map(|code| office.catalogue.finding(&Remark::new(code), "application_form")).collect();
            Body::Found { open, held: false }
        };
        desk.push(slight(&["A-022"]));
        assert_eq!(warned(desk), 1);
        desk.take(office.catalogue.flows.transition("T02").unwrap(), "TH-2026-0001/T02/1").unwrap();
        assert!(body_of(&desk.letters[0]).contains("ご希望の利用開始日"));
        assert_eq!(warned(desk), 0);
        desk.push(slight(&["A-004", "A-022"]));
        assert_eq!(warned(desk), 1, "what is new is told");
    });
}

#[test]
fn a_registration_without_resources_is_rejected_like_any_other() {
    at_the_desk("2026-04-20T10:00:00+09:00", |desk, office| {
        desk.push(signed_paper());
        let Body::Received(mut export) = paper(2) else { unreachable!() };
        export.extract.document = DocumentKind::new("mms_export");
        for (key, value) in [("registration_no", Value::Code("2026042001".into())), ("registration_revision", Value::Integer(1))] {
            let place = Place::Whole { doc: export.doc };
            let field = Field { raw: value.to_string(), value, place, confidence: Permille::SURE, doubts: Doubts::NONE };
            export.extract.fields.fields.insert(key.to_owned(), field);
        }
        desk.push(Body::Received(export));
        desk.push(Body::Issued(Credentials { mms_code: "K135".into(), users: Vec::new() }));
        let step = office.catalogue.flows.transition("T13-order").unwrap();
        desk.write("mms_operation", Some("REJECT"), "TH-2026-0001/T13-order/2026042001-1", step, None).unwrap();
        let sheet = &desk.letters[0].files[0];
        let lines: Vec<&str> = std::str::from_utf8(&sheet.bytes).unwrap().trim_end().lines().collect();
        assert!(lines.len() == 2 && lines[1].starts_with("REJECT,TH-2026-0001,K135,,2026042001,1,"), "{lines:?}");
    });
}

#[test]
fn an_item_says_which_of_several_records_it_is_about() {
    at_the_desk("2026-04-20T11:00:00+09:00", |desk, office| {
        let doc = DocId::of(b"export");
        let remark = |record: Option<&str>| {
            let about = Remark::new("D-005").of("resource").field("min_output_kw").at(Place::Node { doc, path: String::new() });
            office.catalogue.finding(&record.into_iter().fold(about, |about, record| about.word(RECORD, record)), "resource")
        };
        desk.push(Body::Found { open: vec![remark(None), remark(Some("電源等コード R1329"))], held: false });
        let data = letters::data("additional_request", None, &desk.case, office, &[]);
        assert_eq!(
            (&data["items"][0]["place"], &data["items"][1]["place"]),
            (&"MMS登録データ".into(), &"MMS登録データ、電源等コード R1329".into())
        );
        let sheet = letters::data("mms_operation", Some("REJECT"), &desk.case, office, &[]);
        assert_eq!(
            (&sheet["reasons"][0]["record"], &sheet["reasons"][1]["record"]),
            (&serde_json::Value::Null, &"電源等コード R1329".into())
        );
    });
}

#[test]
fn a_case_at_its_end_waits_for_nobody_because_of_its_papers() {
    at_the_desk("2026-06-09T02:00:00+09:00", |desk, office| {
        let Body::Received(received) = paper(1) else { unreachable!() };
        let doubt = Remark::new("A-021").field("corporate_number").at(Place::Whole { doc: received.doc });
        let doubt = office.catalogue.finding(&doubt, "application_form");
        desk.push(Body::Received(received));
        desk.note_findings(std::slice::from_ref(&doubt));
        assert!(desk.case.held);
        desk.push(Body::Moved { transition: "T22-withdrawn".into(), from: desk.case.state.clone(), to: "S98_WITHDRAWN".into() });
        desk.note_findings(std::slice::from_ref(&doubt));
        assert!(!desk.case.held && desk.case.open.contains(&doubt), "it is told still");
        desk.push(paper(2));
        desk.note_findings(std::slice::from_ref(&doubt));
        assert!(desk.case.held, "a second application is looked at");
    });
}

#[test]
fn a_damaged_file_is_told_by_a_letter_and_a_mail_is_read_by_a_person_alone() {
    at_the_desk("2026-04-08T10:00:00+09:00", |desk, office| {
        desk.push(signed_paper());
        let doc = desk.case.papers[0].received.doc;
        let (key, notice) = ("TH-2026-0001/T03/1".to_owned(), "deficiency_notice".to_owned());
        desk.push(Body::Wrote { key, notice, operation: None, files: Vec::new(), subject: String::new() });
        let told = |code: &str| desk.was_told(&office.catalogue.finding(&Remark::new(code).at(Place::Whole { doc }), "inbound_mail"));
        assert_eq!(["M-001", "M-011", "M-013"].map(told), [true, false, false]);
    });
}
