//! What people do: each deed becomes an event of the case, in the name of who is logged in.

use crate::desk::Recorded;
use crate::desk::console;
use crate::domain::case::CaseNo;
use crate::domain::language::Language;
use crate::fault::Fault;
use crate::pipeline::record::Deed;
use crate::web::Console;
use crate::web::guard::Visitor;
use crate::web::roles::{self, Right};
use crate::web::rooms::{in_words, off};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// Values that one deed puts right.
const AT_ONCE: usize = 50;

/// What became of a deed: a word of the dictionary, and what the flow said.
struct Said(&'static str, String);

type Pairs = Vec<(String, String)>;

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
        what: event,
        code: get(&form, "code").map(ToOwned::to_owned),
        set: set.filter(|(_, value)| !value.trim().is_empty()).collect(),
        by: visitor.session.name.clone(),
        note: get(&form, "note").map(ToOwned::to_owned),
    };
    let (desk, language) = (console.clone(), visitor.language);
    let case = no.clone();
    let said = off(move || record(&desk, &CaseNo(case), &[deed], language)).await;
    back(&no, "?", said, language)
}

/// The review: values that were accepted or put right.
pub async fn review(State(console): State<Arc<Console>>, visitor: Visitor, Path(no): Path<String>, Form(form): Form<Pairs>) -> Response {
    if let Some(refused) = visitor.did_not_send(get(&form, "token"), &console) {
        return refused;
    }
    if let Some(refused) = visitor.lacks(Right::Correct, &console) {
        return refused;
    }
    let of = |field: &str, n: &str| form.iter().find(|(key, _)| key.strip_prefix(field) == Some(n)).map(|(_, value)| value.trim());
    // A doubtful value counts once it was looked at, another one where it was changed.
    let counts = |n: &str, value: &str| of("was.", n).map_or_else(|| of("ok.", n).is_some(), |was| was != value);
    let set: Pairs = form
        .iter()
        .filter_map(|(key, reference)| {
            let n = key.strip_prefix("ref.")?;
            let value = of("value.", n).unwrap_or_default();
            counts(n, value).then(|| (reference.clone(), value.to_owned()))
        })
        .collect();
    let here = get(&form, "of").map_or_else(|| "/review?".to_owned(), |of| format!("/review?of={}&", in_address(of)));
    if set.is_empty() {
        return back(&no, &here, Ok(Said("nothing_chosen", String::new())), visitor.language);
    }
    let by = visitor.session.name.clone();
    let deeds: Vec<Deed> = set
        .chunks(AT_ONCE)
        .map(|set| Deed { what: "corrected".to_owned(), set: set.to_vec(), by: by.clone(), ..Deed::default() })
        .collect();
    let (desk, language) = (console.clone(), visitor.language);
    let case = no.clone();
    let said = off(move || record(&desk, &CaseNo(case), &deeds, language)).await;
    let stay = !matches!(said, Ok(Said("recorded", _)));
    back(&no, if stay { &here } else { "?" }, said, language)
}

fn record(desk: &Console, no: &CaseNo, deeds: &[Deed], language: Language) -> Result<Said, Fault> {
    if desk.config.console.four_eyes && deeds.iter().any(|deed| roles::takes_four_eyes(&deed.what)) {
        let look = console::look(&desk.config, &desk.ledger()?, no, &desk.office(), language)?;
        let last = look.and_then(|look| look.last_person);
        if deeds.iter().any(|deed| last.as_deref() == Some(deed.by.as_str())) {
            return Ok(Said("four_eyes", String::new()));
        }
    }
    for deed in deeds {
        match console::record(&desk.config, &desk.catalogue, no, deed, &desk.clock)? {
            Some(Recorded::Done { .. }) => {}
            Some(Recorded::Known(how)) => return Ok(Said("known", how.said(language).to_owned())),
            Some(Recorded::Refused(refusal)) => return Ok(Said("refused", refusal.why(language))),
            None => return Ok(Said("busy", String::new())),
        }
    }
    Ok(Said("recorded", String::new()))
}

/// Back to where the deed was done, with what became of it. `room` is its address up to there.
fn back(no: &str, room: &str, said: Result<Said, Fault>, language: Language) -> Response {
    let Said(word, why) = said.unwrap_or_else(|fault| {
        tracing::warn!(%fault, "not recorded");
        Said("refused", in_words(&fault, language))
    });
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
