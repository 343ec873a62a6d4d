//! The outbox as pages: an index over all cases and a page for each with its pictures, readable without the program.

use crate::casework::certificates;
use crate::casework::fold::{Case, Paper};
use crate::desk::gallery::Gallery;
use crate::desk::receipts;
use crate::domain::case::{Body, Event};
use crate::domain::date::{self, Moment};
use crate::domain::extract::Field;
use crate::domain::id::DocId;
use crate::domain::name::Name;
use crate::domain::place::Place;
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::notices::outbox::{CasePage, Due, Evidence, Fact, Open, Overview, Row, SOON, Sent, Step, Stray};
use crate::pipeline::{self, Office, Pictures};
use crate::store::{Ledger, Listed, Wanted};
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::path::Path;

/// How the name of a cut-out beside a case's page begins.
pub(super) const FIGURE: &str = "figure-";
/// Open cases on the index for which nothing is due yet and nobody is waited for, the nearest. A desk with more finds them by their folders.
const MOST_CALM: u32 = 300;
/// Cases at their end that are listed, the latest; and documents without a case.
const MOST_CLOSED: u32 = 100;
const MOST_STRAYS: u32 = 200;

/// Writes the index, and the pages of the cases of which the ledger says that they show not all that happened.
pub fn write(ledger: &mut Ledger, office: &Office<'_>, outbox: &Path, gallery: &Gallery<'_>) -> Result<(), Fault> {
    let mut seen = Vec::new();
    for no in ledger.unshown()? {
        let events = ledger.events(&no)?;
        if let Some(case) = Case::replay(&events) {
            let folder = outbox.join(&no.0);
            files::make_folder(&folder, Mode::Shared)?;
            let pictures = gallery.of_case(&case, &|doc| ledger.parent(doc).ok().flatten());
            let mut page = case_page(&case, &events, office);
            illustrate(&mut page, &case, &pictures, &folder)?;
            let shown = page
                .findings
                .iter()
                .filter_map(|finding| finding.figure.clone())
                .chain(page.evidence.iter().filter_map(|value| value.figure.clone()));
            let shown: BTreeSet<String> = shown.collect();
            let page = office.catalogue.notices()?.case_page(&page)?;
            files::renew(&folder.join("index.html"), page.as_bytes(), Mode::Shared)?;
            put_away(&folder, &shown)?;
            seen.push((no, case.seq));
        }
    }
    ledger.shown(&seen)?;
    let overview = overview(ledger, office, MOST_CALM)?;
    files::renew(&outbox.join("index.html"), office.catalogue.notices()?.overview(&overview)?.as_bytes(), Mode::Shared)
}

/// Cases, papers without one, and receipts: everything that is due or waits for a person, of the other open cases the nearest, so many,
/// and of what is done the latest.
pub fn overview(ledger: &Ledger, office: &Office<'_>, most_calm: u32) -> Result<Overview, Fault> {
    let confirms = ["mms-approved", "mms-rejected"].iter().filter_map(|event| office.catalogue.flows.event(event));
    let cases = ledger.listed(&Wanted {
        certificates_by: certificates::near_until(&office.catalogue.flows, office.now.date()),
        due_by: soon(office),
        states: &confirms.flat_map(|event| event.from.iter().map(String::as_str)).collect(),
        most_calm,
        most_closed: MOST_CLOSED,
    })?;
    let counted = ledger.counted()?;
    let more_open = counted.open.saturating_sub(cases.iter().filter(|case| !case.closed).count());
    let more_closed = counted.all.saturating_sub(cases.len() + more_open);
    let rows = rows(cases, office)?;
    let strays = ledger.unsettled(MOST_STRAYS)?;
    let all_strays = ledger.count_documents("waiting", false)? + ledger.count_documents("quarantined", false)?;
    Ok(Overview {
        tso: office.desk.tso.clone(),
        desk: office.desk.section.clone(),
        today: office.now.date(),
        made_at: minute(office.now),
        more_open: more_open as u32,
        more_closed: more_closed as u32,
        cases: rows,
        more_strays: (all_strays - all_strays.min(strays.len())) as u32,
        strays: strays
            .into_iter()
            .map(|document| Stray {
                file: document.name,
                state: if document.waiting { "案件不明" } else { "隔離" }.to_owned(),
                note: document.note,
            })
            .collect(),
        receipts: receipts::latest(ledger)?,
    })
}

/// The last day that is soon: what is due until then is marked.
fn soon(office: &Office<'_>) -> Date {
    let mut day = office.now.date();
    while let Ok(next) = day.tomorrow()
        && office.days_left(next) as i32 <= SOON
    {
        day = next;
    }
    day
}

/// Cases as lists show them.
pub fn rows(cases: Vec<Listed>, office: &Office<'_>) -> Result<Vec<Row>, Fault> {
    let row = |case: Listed| {
        let summary: serde_json::Value =
            serde_json::from_str(&case.summary).map_err(|error| Fault::lasting(&case.no, error, "restore the ledger from a backup"))?;
        Ok(row_of_summary(&summary, case.closed, office))
    };
    cases.into_iter().map(row).collect()
}

/// 2026-04-08 10:00, as people read it.
pub fn minute(at: Moment) -> String {
    at.civil().strftime("%Y-%m-%d %H:%M").to_string()
}

fn row_of_summary(summary: &serde_json::Value, closed: bool, office: &Office<'_>) -> Row {
    let text = |key: &str| summary[key].as_str().map(ToOwned::to_owned);
    let list = |key: &str| summary[key].as_array().cloned().unwrap_or_default();
    let deadlines = list("deadlines");
    // The end of a certificate is a matter for today once it comes near, also of a case that is at its end.
    let certificate = pipeline::summary::has_come(summary, office);
    let due = deadlines
        .iter()
        .filter(|due| certificate || due["kind"] != certificates::DEADLINE)
        .filter_map(|due| Some((due["kind"].as_str()?.replace('_', "-"), due["on"].as_str()?.parse().ok()?)))
        .min_by_key(|(_, on): &(String, Date)| *on)
        .map(|(id, on)| due_of(&id, on, office));
    Row {
        case_no: text("case_no").unwrap_or_default(),
        applicant: text("applicant_name"),
        flow: flow_title(&text("flow").unwrap_or_default(), office),
        state: state_name(&text("state").unwrap_or_default(), office),
        held: summary["held"] == true,
        done: closed && !certificate,
        due,
        open_findings: list("open_findings").iter().filter(|finding| finding["severity"] != "warn").count() as u32,
        letters: list("notices").len() as u32,
        ordered: is_ordered(summary, office),
        drafted: list("notices").iter().any(|notice| notice["draft"] == true),
    }
}

/// The latest letter is an order to the operator of MMS, and the case is still where that is confirmed.
fn is_ordered(summary: &serde_json::Value, office: &Office<'_>) -> bool {
    let last = summary["notices"].as_array().and_then(|all| all.last()).filter(|last| last["kind"] == "mms_operation");
    let confirms = last.map(|last| if last["operation"] == "APPROVE" { "mms-approved" } else { "mms-rejected" });
    let event = confirms.and_then(|confirms| office.catalogue.flows.event(confirms));
    event.is_some_and(|event| event.from.iter().any(|from| summary["state"] == from.as_str()))
}

fn due_of(id: &str, on: Date, office: &Office<'_>) -> Due {
    let label = office.catalogue.flows.deadline(id).map_or_else(|| id.to_owned(), |deadline| deadline.name.clone());
    Due { label, on, days_left: office.days_left(on) as i32 }
}

fn flow_title(id: &str, office: &Office<'_>) -> String {
    office.catalogue.flows.flows.get(id).map_or_else(|| id.to_owned(), |flow| flow.title.clone())
}

fn state_name(id: &str, office: &Office<'_>) -> String {
    office.catalogue.flows.state(id).map_or_else(|| id.to_owned(), |state| state.name.clone())
}

/// One case with everything that its page shows; pictures are put beside it by whoever can draw them.
pub fn case_page(case: &Case, events: &[Event], office: &Office<'_>) -> CasePage {
    let closed = office.catalogue.flows.state(&case.state).is_some_and(|state| state.last);
    let summary = pipeline::summary::of(case);
    let fact = |label: &str, value: Option<String>| value.map(|value| Fact { label: label.to_owned(), value });
    let form = |key: &str| case.form(key).map(ToString::to_string);
    CasePage {
        tso: office.desk.tso.clone(),
        desk: office.desk.section.clone(),
        made_at: minute(office.now),
        case: row_of_summary(&summary, closed, office),
        facts: [
            fact("法人番号", form("corporate_number")),
            fact("MMSコード", case.credentials.as_ref().map(|credentials| credentials.mms_code.clone())),
            fact("ご担当者", form("contact_name")),
            fact("メールアドレス", form("contact_email")),
            fact("電話番号", form("contact_phone")),
            fact("登録受付番号", case.registration()),
        ]
        .into_iter()
        .flatten()
        .collect(),
        deadlines: case.deadlines.iter().map(|(id, on)| due_of(id, *on, office)).collect(),
        findings: case
            .open
            .iter()
            .map(|finding| Open {
                code: finding.code.0.clone(),
                severity: finding.severity,
                document: office.catalogue.title(&finding.document),
                label: finding.label.clone(),
                sentence: finding.message.clone(),
                place: finding.place.as_ref().and_then(|place| seen(place, case)),
                figure: None,
            })
            .collect(),
        letters: letters(case, office),
        history: events.iter().filter_map(|event| step(event, office)).collect(),
        evidence: evidence(case, office),
    }
}

fn letters(case: &Case, office: &Office<'_>) -> Vec<Sent> {
    case.letters
        .iter()
        .map(|letter| Sent {
            at: minute(letter.left),
            title: office.catalogue.letter_title(&letter.kind),
            subject: if letter.draft { format!("【下書き・発出承認待ち】{}", letter.subject) } else { letter.subject.clone() },
            to: None,
            // A draft lies in no folder yet.
            files: letter.files.iter().filter(|_| !letter.draft).map(|file| file.rsplit('/').next().unwrap_or(file).to_owned()).collect(),
        })
        .collect()
}

/// An event in words; what only the program needs is left out.
pub fn step(event: &Event, office: &Office<'_>) -> Option<Step> {
    let transition = |id: &str| office.catalogue.flows.transition(id).map_or_else(|| id.to_owned(), |transition| transition.name.clone());
    let (what, note) = match &event.body {
        Body::Opened { flow, .. } => (format!("案件を開始（{}）", flow_title(flow, office)), None),
        Body::Received(received) => (format!("受領: {}", received.name), Some(office.catalogue.title(received.extract.document.as_str()))),
        Body::Again { name, first, .. } => (format!("受領済みと同一: {name}"), Some(format!("初回 {}", date::in_letters(*first)))),
        Body::Moved { transition: id, from, to } if from == to => (transition(id), None),
        Body::Moved { transition: id, to, .. } => (transition(id), Some(format!("状態: {}", state_name(to, office)))),
        Body::Issued(credentials) => {
            (format!("MMSコード {} を発行", credentials.mms_code), Some(format!("ユーザID {}件", credentials.users.len())))
        }
        Body::Certified { user_id, certificate } => (
            format!("クライアント証明書を更新: {user_id}"),
            Some(format!("シリアル番号 {}、有効期間 {}まで", certificate.serial, date::in_letters(certificate.to))),
        ),
        Body::Compared { pairs } => {
            let unequal = pairs.iter().filter(|pair| !pair.is_equal()).count();
            (format!("契約内容と登録データを照合（{}項目）", pairs.len()), Some(format!("相違・要確認 {unequal}項目")))
        }
        Body::Wrote { subject, .. } => (format!("作成: {subject}"), None),
        Body::Drafted { .. } => ("下書き: 職員の承認後に発出します".to_owned(), None),
        Body::Due { deadline, on: Some(day) } => (format!("期限: {}", due_of(deadline, *day, office).label), Some(date::in_letters(*day))),
        Body::Due { .. } => return None,
        Body::Recorded { what, set, note } => {
            let name = office.catalogue.flows.event(what).map_or_else(|| what.clone(), |event| event.name.clone());
            let about: Vec<&str> = set.values().map(String::as_str).collect();
            (if about.is_empty() { name } else { format!("{name}: {}", about.join("、")) }, note.clone())
        }
        Body::Corrected { corrections, note } => {
            let fields: Vec<&str> = corrections.iter().map(|correction| correction.target.key.as_str()).collect();
            (format!("読み取った値を訂正した: {}", fields.join("、")), note.clone())
        }
        Body::Found { open, held } => {
            let codes: Vec<&str> = open.iter().map(|finding| finding.code.0.as_str()).collect();
            let word = if *held { "指摘事項（要確認）" } else { "指摘事項" };
            (format!("{word}: {}", if codes.is_empty() { "なし".to_owned() } else { codes.join("、") }), None)
        }
    };
    Some(Step { at: minute(event.at), by: event.by.clone(), what, note })
}

/// Puts a picture beside every finding and doubtful value that stands on a page.
fn illustrate(page: &mut CasePage, case: &Case, pictures: &dyn Pictures, folder: &Path) -> Result<(), Fault> {
    let places = case.open.iter().map(|finding| finding.place.as_ref());
    for (open, place) in page.findings.iter_mut().zip(places) {
        open.figure = place.map(|place| figure(place, pictures, folder)).transpose()?.flatten();
    }
    for (evidence, (_, _, field)) in page.evidence.iter_mut().zip(values(case)) {
        if field.needs_review {
            evidence.figure = figure(&field.place, pictures, folder)?;
        }
    }
    Ok(())
}

/// Writes the picture of a place beside the page; the name comes from the bytes, so that nothing is ever overwritten.
fn figure(place: &Place, pictures: &dyn Pictures, folder: &Path) -> Result<Option<String>, Fault> {
    let Some(crop) = pictures.crop(place) else { return Ok(None) };
    let name = format!("{FIGURE}{}.png", DocId::of(&crop.png).short());
    files::write_whole(&folder.join(&name), &crop.png, Mode::Shared)?;
    Ok(Some(name))
}

/// Removes the cut-outs that the page no longer shows: they belong to the page, which is made anew, and not to what was sent.
fn put_away(folder: &Path, shown: &BTreeSet<String>) -> Result<(), Fault> {
    let entries = std::fs::read_dir(folder).map_err(|error| Fault::io(folder, &error))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut old = names.filter(|name| name.starts_with(FIGURE) && name.ends_with(".png") && !shown.contains(name));
    old.try_for_each(|name| files::remove(&folder.join(name)))
}

/// Every value of the form and the contract.
fn values(case: &Case) -> impl Iterator<Item = (&Paper, &Name, &Field)> {
    ["application_form", "contract", "contract_application"]
        .into_iter()
        .filter_map(|kind| case.paper(kind))
        .flat_map(|paper| paper.received.extract.fields.fields.iter().map(move |(key, field)| (paper, key, field)))
}

/// Every value of the form and the contract, with the place where it was seen.
fn evidence(case: &Case, office: &Office<'_>) -> Vec<Evidence> {
    values(case)
        .map(|(paper, key, field)| {
            let extract = &paper.received.extract;
            let spec = office.catalogue.documents.iter().find(|spec| spec.id == extract.document);
            Evidence {
                document: spec.map_or_else(|| extract.document.to_string(), |spec| spec.title.clone()),
                label: spec.map_or_else(|| key.to_string(), |spec| spec.label(key)),
                value: field.value.to_string(),
                original: field.raw.clone(),
                file: paper.received.name.clone(),
                place: pipeline::in_words(&field.place),
                needs_review: field.needs_review,
                figure: None,
            }
        })
        .collect()
}

/// File and place of a finding.
fn seen(place: &Place, case: &Case) -> Option<String> {
    let doc = place.doc()?;
    let name = &case.papers.iter().find(|paper| paper.received.doc == doc)?.received.name;
    Some(pipeline::in_words(place).map_or_else(|| name.clone(), |words| format!("{name} {words}")))
}
