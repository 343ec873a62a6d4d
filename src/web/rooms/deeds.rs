//! What people do: each deed becomes an event of the case, in the name of who is logged in.

use crate::casework::deed;
use crate::desk::Recorded;
use crate::desk::console;
use crate::domain::case::CaseNo;
use crate::domain::language::Language;
use crate::fault::Fault;
use crate::pipeline::record::Deed;
use crate::pipeline::seen::Seen;
use crate::web::Console;
use crate::web::guard::Visitor;
use crate::web::roles::{self, Right};
use crate::web::rooms::case::{self, Kept};
use crate::web::rooms::review::{self, Part};
use crate::web::rooms::typed::{self, Typed};
use crate::web::rooms::{Told, in_words, off};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// Values that one deed puts right.
const AT_ONCE: usize = 50;

/// What became of a deed: a word of the dictionary, and what the flow said.
struct Said(&'static str, String);

impl From<Said> for Told {
    fn from(Said(word, why): Said) -> Told {
        Told { word: Some(word.to_owned()), why: Some(why).filter(|why| !why.is_empty()) }
    }
}

pub type Pairs = Vec<(String, String)>;

fn get<'f>(form: &'f Pairs, key: &str) -> Option<&'f str> {
    form.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str()).filter(|value| !value.trim().is_empty())
}

pub async fn deed(State(console): State<Arc<Console>>, visitor: Visitor, Path(no): Path<String>, Form(form): Form<Pairs>) -> Response {
    if let Some(refused) = visitor.did_not_send(get(&form, "token"), &console) {
        return refused;
    }
    let event = get(&form, "event").unwrap_or_default().to_owned();
    if let Some(refused) = visitor.lacks(roles::right_for(&event), &console) {
        return refused;
    }
    let set = form.iter().filter_map(|(key, value)| Some((key.strip_prefix("set.")?.to_owned(), value.clone())));
    let deed = Deed {
        code: get(&form, "code").map(ToOwned::to_owned),
        set: set.filter(|(_, value)| !value.trim().is_empty()).collect(),
        by: visitor.session.name.clone(),
        note: get(&form, "note").map(ToOwned::to_owned),
        seen: seen_by(&event, &form),
        what: event,
    };
    let kept = Kept::of(&deed);
    let (desk, language) = (console.clone(), visitor.language);
    let case = no.clone();
    let said = or_refused(off(move || record(&desk, &CaseNo(case), &[deed], language)).await, language);
    match (&said, kept) {
        // What was written is not lost with the refusal.
        (Said("refused" | "busy" | "four_eyes", _), Some(kept)) => case::again(console, visitor, no, kept, said.into()).await,
        _ => back(&no, "?", said),
    }
}

/// A finding is settled by whoever sees what it is about now: the next paper's may bear the same code.
fn seen_by(event: &str, form: &Pairs) -> Seen {
    let seq = || get(form, "seq").and_then(|seq| seq.parse().ok()).unwrap_or(0);
    if event == deed::SETTLED { Seen::Until(seq()) } else { Seen::Nothing }
}

/// The review: values that were accepted or put right.
pub async fn review(State(console): State<Arc<Console>>, visitor: Visitor, Path(no): Path<String>, Form(form): Form<Pairs>) -> Response {
    if let Some(refused) = visitor.did_not_send(get(&form, "token"), &console) {
        return refused;
    }
    if let Some(refused) = visitor.lacks(Right::Correct, &console) {
        return refused;
    }
    let part = Part { of: get(&form, "of").map(ToOwned::to_owned), from: get(&form, "from").map(ToOwned::to_owned) };
    let typed = typed::typed(&form);
    if typed.is_empty() {
        return back(&no, &address(&part), Said("nothing_chosen", String::new()));
    }
    let deeds: Vec<Deed> = typed.chunks(AT_ONCE).map(|values| corrected(values, &visitor.session.name)).collect();
    let (desk, language) = (console.clone(), visitor.language);
    let case = no.clone();
    let said = or_refused(off(move || record(&desk, &CaseNo(case), &deeds, language)).await, language);
    match said {
        Said("recorded", _) => back(&no, "?", said),
        Said("known", _) => back(&no, &address(&part), said),
        said => review::again(console, visitor, no, part, typed, said.into()).await,
    }
}

/// The deed that puts these values right, upon what its page showed.
fn corrected(values: &[Typed], by: &str) -> Deed {
    Deed {
        what: deed::CORRECTED.to_owned(),
        set: values.iter().map(|typed| (typed.reference.clone(), typed.value.clone())).collect(),
        by: by.to_owned(),
        seen: Seen::Values(values.iter().map(|typed| (typed.reference.clone(), typed.stood.clone())).collect()),
        ..Deed::default()
    }
}

/// The address of a part of the review, up to what became of a deed.
fn address(part: &Part) -> String {
    let asked = [("of", &part.of), ("from", &part.from)];
    let asked = asked.iter().filter_map(|(key, value)| Some(format!("{key}={}&", in_address(value.as_deref()?))));
    format!("/review?{}", asked.collect::<String>())
}

fn record(desk: &Console, no: &CaseNo, deeds: &[Deed], language: Language) -> Result<Said, Fault> {
    if desk.config.console.four_eyes && deeds.iter().any(|deed| roles::takes_four_eyes(&deed.what)) {
        let look = console::look(&desk.config, &desk.ledger()?, no, &desk.office(), language)?;
        let last = look.and_then(|look| look.last_person);
        if deeds.iter().any(|deed| last.as_deref() == Some(deed.by.as_str())) {
            return Ok(Said("four_eyes", String::new()));
        }
    }
    let mut known = None;
    let mut is_done = false;
    for deed in deeds {
        match console::record(&desk.config, &desk.catalogue, no, deed, &desk.clock)? {
            Some(Recorded::Done { .. }) => is_done = true,
            Some(Recorded::Known(how)) => known = Some(how),
            Some(Recorded::Refused(refusal)) => return Ok(Said("refused", refusal.why(language))),
            None => return Ok(Said("busy", String::new())),
        }
    }
    Ok(match known {
        Some(how) if !is_done => Said("known", how.said(language).to_owned()),
        _ => Said("recorded", String::new()),
    })
}

/// What is said of a deed, also where it failed.
fn or_refused(said: Result<Said, Fault>, language: Language) -> Said {
    said.unwrap_or_else(|fault| {
        tracing::warn!(%fault, "not recorded");
        Said("refused", in_words(&fault, language))
    })
}

/// Back to where the deed was done, with what became of it. `room` is its address up to there.
fn back(no: &str, room: &str, Said(word, why): Said) -> Response {
    let mut query = format!("said={word}");
    if !why.is_empty() {
        query.push_str("&why=");
        query.push_str(&in_address(&why));
    }
    Redirect::to(&format!("/case/{}{room}{query}", in_address(no))).into_response()
}

fn in_address(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.bytes().take(1_500).map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
