//! A case: what is open, what came, what went out, what happened.

use crate::casework::{deed, settling};
use crate::catalogue::Voice;
use crate::desk::console::{self, Look};
use crate::domain::case::CaseNo;
use crate::domain::comparison::{Pair, Verdict};
use crate::domain::finding::Severity;
use crate::domain::language::Language;
use crate::fault::Fault;
use crate::notices;
use crate::pipeline::record::{self, Deed};
use crate::pipeline::{self, Office};
use crate::store::Ledger;
use crate::web::Console;
use crate::web::guard::Visitor;
use crate::web::roles::{self, Right};
use crate::web::rooms::{Told, failed, not_found, off, page as whole, today};
use crate::web::words::Words;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Events that take words or values of their own: the page has a form for each of the others.
const WITH_A_FORM: &[&str] =
    &["corrected", "finding-settled", "note", "certificate-renewed", "certificate-revoked", "letter-released", "letter-dropped"];

/// Pages of a paper or a letter to which the page links.
const MOST_PAGES: u32 = 50;

#[derive(Deserialize)]
pub struct Wish {
    /// A word of the dictionary that says what became of a deed, and what more there is to say.
    said: Option<String>,
    why: Option<String>,
}

/// The note of a deed that was not recorded, and the form in which it stood.
pub struct Kept {
    event: String,
    /// The finding or the letter that it was about.
    about: Option<String>,
    note: String,
}

impl Kept {
    pub fn of(deed: &Deed) -> Option<Self> {
        let about = deed.code.clone().or_else(|| deed.set.first().map(|(_, value)| value.clone()));
        Some(Kept { event: deed.what.clone(), about, note: deed.note.clone()? })
    }

    fn note_in(kept: Option<&Kept>, event: &str, about: Option<&str>) -> String {
        let own = kept.filter(|kept| kept.event == event && kept.about.as_deref() == about);
        own.map(|kept| kept.note.clone()).unwrap_or_default()
    }
}

pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor, Path(no): Path<String>, Query(wish): Query<Wish>) -> Response {
    show(console, visitor, no, None, Told { word: wish.said, why: wish.why }).await
}

/// The page as the case stands now, with the note of a deed that was not recorded.
pub async fn again(console: Arc<Console>, visitor: Visitor, no: String, kept: Kept, told: Told) -> Response {
    let mut page = show(console, visitor, no, Some(kept), told).await;
    if page.status().is_success() {
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    page
}

async fn show(console: Arc<Console>, visitor: Visitor, no: String, kept: Option<Kept>, told: Told) -> Response {
    // Seen in any case: its form may be gone.
    let unrecorded = kept.as_ref().map(|kept| kept.note.clone());
    let kept = move |event: &str, about: Option<&str>| Kept::note_in(kept.as_ref(), event, about);
    let desk = console.clone();
    let (language, role, name) = (visitor.language, visitor.session.role, visitor.session.name.clone());
    let case_no = no.clone();
    let found = off(move || {
        let ledger = desk.ledger()?;
        let office = desk.office();
        let Some(look) = console::look(&desk.config, &ledger, &CaseNo(case_no), &office, language)? else { return Ok(None) };
        let voice = desk.catalogue.in_language(language);
        let letters = letters(&ledger, &look, &office, voice, &kept)?;
        let four_eyes = desk.config.console.four_eyes && look.last_person.as_deref() == Some(name.as_str());
        let deeds = look.possible.iter().filter(|event| !event.contains(' ') && !WITH_A_FORM.contains(&event.as_str())).map(|event| {
            let may = role.may(roles::right_for(event));
            let blocked = four_eyes && roles::takes_four_eyes(event);
            json!({ "event": event, "name": desk.words.word(&format!("event_{event}"), language), "may": may && !blocked, "blocked": blocked, "note": kept(event, None),
                    "ends": matches!(event.as_str(), deed::WITHDRAWN | deed::CLOSED) })
        });
        let deeds: Vec<Value> = deeds.collect();
        let may_correct = role.may(Right::Correct);
        Ok(Some(json!({
            "case": today::view(&look.page.case),
            "facts": look.page.facts,
            "deadlines": look.page.deadlines.iter().map(today::due).collect::<Vec<_>>(),
            "findings": findings(&look, may_correct, &desk.words, voice, &kept),
            "seq": look.case.seq,
            "note": kept(deed::NOTE, None),
            "unrecorded": unrecorded,
            "doubts": look.doubts.len(),
            "correctable": console::correctable(&look.case, voice).iter().map(|(id, title)| json!({ "id": id, "title": title })).collect::<Vec<_>>(),
            "letters": letters,
            "documents": documents(&look),
            "pairs": look.pairs.iter().map(|pair| compared(pair, &desk.words, language)).collect::<Vec<_>>(),
            "unequal": look.pairs.iter().filter(|pair| !pair.is_equal()).count(),
            "history": look.page.history.iter().rev().map(|step| json!({ "at": step.at, "by": step.by, "what": step.what, "note": step.note, "person": step.by != pipeline::PROGRAM })).collect::<Vec<_>>(),
            "deeds": deeds,
            "drafts": letters.iter().filter(|letter| letter["draft"] == true && letter["bound"] == false).count(),
            "may_release": role.may(Right::Release) && !four_eyes,
            "may_drop": role.may(Right::Release),
            "four_eyes": four_eyes,
            "may_correct": may_correct,
        })))
    });
    match found.await {
        Ok(Some(mut body)) => {
            said(&mut body, told, &console, &visitor);
            whole(&console, &visitor, "case", &no, body)
        }
        Ok(None) => not_found(&console, &visitor),
        Err(fault) => failed(&console, &visitor, &fault),
    }
}

/// What became of a deed, in the words of the page to which its answer led.
pub(super) fn said(body: &mut Value, told: Told, console: &Console, visitor: &Visitor) {
    body["said"] = told.word.map_or(Value::Null, |key| console.words.word(&key, visitor.language).into());
    body["why"] = told.why.filter(|why| why.chars().count() <= 500).into();
}

/// The note that belongs in the form of an event, about a finding or a letter.
type Note<'a> = &'a dyn Fn(&str, Option<&str>) -> String;

fn findings(look: &Look, may_correct: bool, words: &Words, voice: Voice<'_>, kept: Note<'_>) -> Vec<Value> {
    let settles = |code: &str| look.possible.iter().any(|event| event.strip_prefix("finding-settled ") == Some(code));
    let mut all: Vec<_> = look.page.findings.iter().zip(&look.case.open).collect();
    all.sort_by_key(|(open, _)| std::cmp::Reverse(open.severity));
    all.into_iter()
        .map(|(open, finding)| {
            let page = match &finding.place {
                Some(crate::domain::place::Place::Page { doc, page, .. }) => Some(format!("{doc}/{page}")),
                _ => None,
            };
            let (tone, word) = match open.severity {
                Severity::Reject => ("late", "severity_reject"),
                Severity::Staff => ("late", "severity_staff"),
                Severity::Ask => ("soon", "severity_ask"),
                Severity::Warn => ("calm", "severity_warn"),
            };
            json!({ "code": open.code, "tone": tone, "severity": words.word(word, voice.language), "document": open.document, "label": open.label, "about": voice.defect(&open.code), "sentence": open.sentence,
                    "place": open.place, "page": page, "settles": may_correct && settles(&open.code),
                    "entry": { "document": finding.document, "field": finding.field, "row": settling::row(finding.place.as_ref()), "paper": settling::whole(finding.place.as_ref()).map(settling::named) }, "note": kept(deed::SETTLED, Some(&open.code)) })
        })
        .collect()
}

fn documents(look: &Look) -> Vec<Value> {
    let one = |document: &console::Document| {
        json!({ "doc": document.doc.to_string(), "name": document.name, "title": document.title, "at": document.at,
                "pages": (1..=document.pages.min(MOST_PAGES)).collect::<Vec<_>>(), "is_original": document.is_original })
    };
    look.documents.iter().map(one).collect()
}

fn compared(pair: &Pair, words: &Words, language: Language) -> Value {
    let verdict = match pair.verdict {
        Verdict::Equal => "verdict_equal",
        Verdict::Differs => "verdict_differs",
        Verdict::Slip => "verdict_slip",
        Verdict::Doubtful => "verdict_doubtful",
        Verdict::Lacking => "verdict_lacking",
    };
    json!({ "label": pair.label, "contract": pair.contract, "registered": pair.registered, "verdict": words.word(verdict, language), "equal": pair.is_equal() })
}

/// Letters with their files, as they will look: the mail as text, pages as pictures.
fn letters(ledger: &Ledger, look: &Look, office: &Office<'_>, voice: Voice<'_>, kept: Note<'_>) -> Result<Vec<Value>, Fault> {
    let files = ledger.files_of(&look.case.no)?;
    let own = format!("{}/", look.case.no);
    let letters = look.page.letters.iter().zip(&look.case.letters).rev().map(|(sent, letter)| {
        let numbered = files.iter().enumerate().filter(|(_, (path, _))| letter.files.iter().any(|file| file == path));
        let shown: Vec<Value> = numbered
            .map(|(n, (path, bytes))| {
                let name = path.strip_prefix(&own).unwrap_or(path);
                let text = bytes.as_deref().filter(|_| name.ends_with(".eml")).map(|bytes| console::mail_words(bytes, voice));
                let pdf = bytes.as_deref().filter(|_| name.ends_with(".pdf"));
                let pages = 1..=pdf.map_or(0, notices::page::count).min(MOST_PAGES);
                let pages: Vec<Value> = pages.map(|page| json!({ "page": page, "at": format!("{n}/{page}") })).collect();
                json!({ "n": n, "name": name, "secret": bytes.is_none(), "text": text, "pages": pages })
            })
            .collect();
        json!({ "at": sent.at, "title": sent.title, "subject": letter.subject, "draft": letter.draft, "dropped": letter.dropped, "key": letter.key,
                "overtaken": record::overtaken(&look.case, &letter.key, office).map(|why| why.said(voice.language).to_owned()),
                "bound": pipeline::is_bound(&look.case, &letter.key, office), "files": shown,
                "release_note": kept(deed::LETTER_RELEASED, Some(&letter.key)), "drop_note": kept(deed::LETTER_DROPPED, Some(&letter.key)) })
    });
    Ok(letters.collect())
}
