//! The outbox as pages: one for each case with its pictures, readable without the program, and what lists say of a case.

use crate::casework::certificates;
use crate::casework::deed;
use crate::casework::fold::{self, Case, Paper};
use crate::casework::overtaken::step_of;
use crate::catalogue::Voice;
use crate::desk::figures::Figures;
use crate::desk::gallery::Gallery;
use crate::desk::{index, telling};
use crate::domain::case::{CaseNo, Event};
use crate::domain::date::Moment;
use crate::domain::extract::Field;
use crate::domain::finding::{Finding, Severity};
use crate::domain::language::Language;
use crate::domain::name::Name;
use crate::domain::place::Place;
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::notices::outbox::{CasePage, Due, Evidence, Fact, Open, Row, Sent};
use crate::pipeline::summary::{self, Line};
use crate::pipeline::{self, Office};
use crate::store::{Ledger, Listed};
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::path::Path;

/// Writes the pages of the cases of which the ledger says that they show not all that happened, the index, and of the pages that it
/// links to those that somebody took away.
pub fn write(ledger: &mut Ledger, office: &Office<'_>, outbox: &Path, gallery: &Gallery<'_>) -> Result<(), Fault> {
    let unshown = ledger.unshown()?;
    write_cases(unshown, ledger, office, outbox, gallery)?;
    let lost = index::write(ledger, office, outbox)?;
    write_cases(lost, ledger, office, outbox, gallery)
}

fn write_cases(
    cases: BTreeSet<CaseNo>,
    ledger: &mut Ledger,
    office: &Office<'_>,
    outbox: &Path,
    gallery: &Gallery<'_>,
) -> Result<(), Fault> {
    if cases.is_empty() {
        return Ok(());
    }
    let mut seen = Vec::new();
    for no in cases {
        let events = ledger.events(&no)?;
        if let Some(case) = Case::replay(&events) {
            let folder = outbox.join(&no.0);
            files::make_folder(&folder, Mode::Shared)?;
            let pictures = gallery.of_case(&case, &|doc| ledger.parent(doc).ok().flatten());
            let mut page = case_page(&case, &events, office, Language::Japanese);
            let figures = Figures::beside(&folder, &case, &pictures)?;
            illustrate(&mut page, &case, &figures)?;
            let page = office.catalogue.notices()?.case_page(&page)?;
            files::renew(&folder.join("index.html"), page.as_bytes(), Mode::Shared)?;
            figures.put_old_away()?;
            seen.push((no, case.seq));
        }
    }
    ledger.shown(&seen)
}

/// Cases as lists show them.
pub fn rows(cases: Vec<Listed>, office: &Office<'_>, language: Language) -> Result<Vec<Row>, Fault> {
    let row = |case: Listed| {
        let line =
            serde_json::from_str(&case.summary).map_err(|error| Fault::lasting(&case.no, error, "restore the ledger from a backup"))?;
        Ok(row(line, case.closed, office, language))
    };
    cases.into_iter().map(row).collect()
}

/// 2026-04-08 10:00, as people read it.
pub fn minute(at: Moment) -> String {
    at.civil().strftime("%Y-%m-%d %H:%M").to_string()
}

fn row(line: Line, closed: bool, office: &Office<'_>, language: Language) -> Row {
    let voice = office.catalogue.in_language(language);
    // The end of a certificate is a matter for today once it comes near, also of a case that is at its end.
    let certificate = line.has_come(office);
    let counts = |due: &&summary::Deadline| certificate || due.kind != certificates::DEADLINE;
    let due = line.deadlines.iter().filter(counts).min_by_key(|due| due.on);
    Row {
        flow: voice.flow(&line.flow),
        state: voice.state(&line.state),
        held: line.held,
        done: closed && !line.held && line.unread == 0 && !certificate,
        due: due.map(|due| due_of(&due.kind.replace('_', "-"), due.on, office, voice)),
        open_findings: line.open_findings.iter().filter(|finding| finding.severity != Severity::Warn).count() as u32,
        // A draft is none yet, and one that was dropped never will be.
        letters: line.notices.iter().filter(|notice| !notice.draft && !notice.dropped).count() as u32,
        ordered: is_ordered(&line, office),
        drafted: line.notices.iter().any(|notice| notice.draft),
        unread: line.unread > 0,
        case_no: line.case_no,
        applicant: line.applicant_name,
    }
}

/// The states in which somebody may have to say what became of an order.
pub fn confirming<'a>(office: &Office<'a>) -> BTreeSet<&'a str> {
    let confirms = [deed::APPROVED, deed::REJECTED].into_iter().filter_map(|event| office.catalogue.flows.event(event));
    confirms.flat_map(|event| event.from.iter().map(String::as_str)).collect()
}

/// How many cases wait for somebody to say what became of an order.
pub fn count_ordered(ledger: &Ledger, office: &Office<'_>) -> Result<usize, Fault> {
    let rows = rows(ledger.listed_in(&confirming(office))?, office, Language::Japanese)?;
    Ok(rows.iter().filter(|row| row.ordered && !row.done).count())
}

/// The latest letter is an order to the operator of MMS, and the case is still where that is confirmed.
fn is_ordered(line: &Line, office: &Office<'_>) -> bool {
    let last = line.notices.last().filter(|last| last.kind == "mms_operation");
    let confirms = last.map(|last| if last.operation.as_deref() == Some("APPROVE") { deed::APPROVED } else { deed::REJECTED });
    let event = confirms.and_then(|confirms| office.catalogue.flows.event(confirms));
    event.is_some_and(|event| event.from.contains(&line.state))
}

fn due_of(id: &str, on: Date, office: &Office<'_>, voice: Voice<'_>) -> Due {
    let (days_left, of_calendar) = office.left(on);
    Due { label: voice.deadline(id), on, days_left: days_left as i32, of_calendar }
}

/// One case with everything that its page shows; pictures are put beside it by whoever can draw them.
pub fn case_page(case: &Case, events: &[Event], office: &Office<'_>, language: Language) -> CasePage {
    let voice = office.catalogue.in_language(language);
    let closed = office.catalogue.flows.state(&case.state).is_some_and(|state| state.last);
    let fact = |label: &str, value: Option<String>| value.map(|value| Fact { label: voice.word(label), value });
    let form = |key: &str| case.form(key).map(ToString::to_string);
    CasePage {
        tso: office.desk.tso.clone(),
        desk: office.desk.section.clone(),
        made_at: minute(office.now),
        case: row(Line::of(case), closed, office, language),
        facts: [
            fact("fact_corporate_number", form("corporate_number")),
            fact("fact_mms_code", case.credentials.as_ref().map(|credentials| credentials.mms_code.clone())),
            fact("fact_contact_name", form("contact_name")),
            fact("fact_contact_email", form("contact_email")),
            fact("fact_contact_phone", form("contact_phone")),
            fact("fact_registration", case.registration()),
        ]
        .into_iter()
        .flatten()
        .collect(),
        deadlines: case.deadlines.iter().map(|(id, on)| due_of(id, *on, office, voice)).collect(),
        findings: case
            .open
            .iter()
            .map(|finding| Open {
                code: finding.code.0.clone(),
                severity: finding.severity,
                document: voice.document(&finding.document),
                label: finding.label.as_ref().map(|label| voice.labelled(finding.field.as_deref(), label)),
                sentence: finding.message.clone(),
                place: whereabouts(finding, case, voice),
                figure: None,
            })
            .collect(),
        letters: letters(case, office, voice),
        history: events.iter().filter_map(|event| telling::step(event, voice)).collect(),
        evidence: evidence(case, voice),
    }
}

fn letters(case: &Case, office: &Office<'_>, voice: Voice<'_>) -> Vec<Sent> {
    case.letters
        .iter()
        .map(|letter| Sent {
            at: minute(letter.left),
            title: voice.letter(&letter.kind),
            subject: match (letter.draft, letter.dropped) {
                (true, _) => format!("【下書き・発出承認待ち】{}", letter.subject),
                (_, true) => format!("【発出せず】{}", letter.subject),
                _ => letter.subject.clone(),
            },
            to: addressee(case, letter, office),
            // A draft lies in no folder.
            files: letter
                .files
                .iter()
                .filter(|_| !letter.draft && !letter.dropped)
                .map(|file| file.rsplit('/').next().unwrap_or(file).to_owned())
                .collect(),
        })
        .collect()
}

/// Whom a letter is for; `None` where it stays in the house.
fn addressee(case: &Case, letter: &fold::Sent, office: &Office<'_>) -> Option<String> {
    let for_desk = || step_of(case, letter, &office.catalogue.flows).is_some_and(|step| step.for_desk.is_some());
    if letter.operation.is_some() || for_desk() {
        return None;
    }
    // What users are handed goes by post or on a medium, not to an address of theirs.
    if pipeline::is_handed_over(letter) { pipeline::company(case) } else { letter.address.clone() }
}

/// Puts a picture beside every finding and doubtful value that stands on a page.
fn illustrate(page: &mut CasePage, case: &Case, figures: &Figures<'_>) -> Result<(), Fault> {
    let places = case.open.iter().map(|finding| finding.place.as_ref());
    for (open, place) in page.findings.iter_mut().zip(places) {
        open.figure = place.map(|place| figures.of(place)).transpose()?.flatten();
    }
    for (evidence, (_, _, field)) in page.evidence.iter_mut().zip(values(case)) {
        if field.needs_review() {
            evidence.figure = figures.of(&field.place)?;
        }
    }
    Ok(())
}

/// Every value of the form and the contract.
fn values(case: &Case) -> impl Iterator<Item = (&Paper, &Name, &Field)> {
    ["application_form", "contract", "contract_application"]
        .into_iter()
        .filter_map(|kind| case.paper(kind))
        .flat_map(|paper| paper.received.extract.fields.fields.iter().map(move |(key, field)| (paper, key, field)))
}

/// Every value of the form and the contract, with the place where it was seen.
fn evidence(case: &Case, voice: Voice<'_>) -> Vec<Evidence> {
    values(case)
        .map(|(paper, key, field)| {
            let extract = &paper.received.extract;
            let document = extract.document.as_str();
            Evidence {
                document: voice.document(document),
                label: voice.field(document, key),
                value: field.value.to_string(),
                original: field.raw.clone(),
                file: paper.received.name.clone(),
                place: voice.place(&field.place),
                doubts: voice.doubts(field.doubts),
                figure: None,
            }
        })
        .collect()
}

/// File and place of a finding, and which of several records it is about.
fn whereabouts(finding: &Finding, case: &Case, voice: Voice<'_>) -> Option<String> {
    let place = finding.place.as_ref().and_then(|place| seen(place, case, voice));
    let parts: Vec<String> = place.into_iter().chain(finding.record.clone()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// File and place of what was seen.
fn seen(place: &Place, case: &Case, voice: Voice<'_>) -> Option<String> {
    let doc = place.doc()?;
    let name = &case.papers.iter().find(|paper| paper.received.doc == doc)?.received.name;
    Some(voice.place(place).map_or_else(|| name.clone(), |words| format!("{name} {words}")))
}
