//! The door: logging in and out, the language, and what a browser needs before anybody is known.

use crate::domain::language::Language;
use crate::fault::{Fault, Sort};
use crate::store::Ledger;
use crate::web::guard::{self, LANGUAGE, SESSION, Visitor};
use crate::web::roles::Role;
use crate::web::rooms::{frame, in_words, message, off};
use crate::web::sessions::Session;
use crate::web::tls::Caller;
use crate::web::words::{SCRIPT, STYLE};
use crate::web::{Console, passwords};
use axum::Form;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;

#[derive(Deserialize)]
pub struct Entry {
    name: String,
    password: String,
}

pub async fn page(State(console): State<Arc<Console>>, headers: HeaderMap) -> Response {
    let language = guard::language(&headers);
    show(&console, language, StatusCode::OK, None)
}

fn show(console: &Console, language: Language, status: StatusCode, wrong: Option<&str>) -> Response {
    let wrong = wrong.map(|key| console.words.word(key, language));
    let data = frame(console, None, language, console.words.word("log_in", language), json!({ "wrong": wrong }));
    match console.words.page("login", language, &data) {
        Ok(page) => (status, Html(page)).into_response(),
        Err(fault) => (StatusCode::INTERNAL_SERVER_ERROR, fault.what).into_response(),
    }
}

pub async fn enter(
    State(console): State<Arc<Console>>,
    ConnectInfo(caller): ConnectInfo<Caller>,
    headers: HeaderMap,
    Form(entry): Form<Entry>,
) -> Response {
    let language = guard::language(&headers);
    // Behind the proxy everybody has its address: one who guesses there would lock out all.
    let by_proxy = guard::is_the_proxy(&caller, &console);
    let who = [Some(format!("name {}", entry.name)), (!by_proxy).then(|| format!("from {}", caller.address.ip()))];
    let who: Vec<&str> = who.iter().flatten().map(String::as_str).collect();
    let now = Instant::now();
    if !console.sessions().may_try(&who, now) {
        tracing::warn!(from = %caller.address.ip(), "too many log-ins failed");
        return show(&console, language, StatusCode::TOO_MANY_REQUESTS, Some("too_many"));
    }
    let desk = console.clone();
    let checked = off(move || check(&desk, &entry)).await;
    match checked {
        Ok(Some((name, role))) => {
            console.sessions().succeeded(&who);
            match console.sessions().open(&name, role, Instant::now()) {
                Ok(cookie) => {
                    tracing::info!("somebody logged in");
                    let mut response = Redirect::to("/").into_response();
                    guard::set_cookie(&mut response, SESSION, &cookie, true);
                    response
                }
                Err(fault) => message(&console, None, language, StatusCode::SERVICE_UNAVAILABLE, &in_words(&fault, language)),
            }
        }
        Ok(None) => {
            tracing::warn!(from = %caller.address.ip(), "a log-in failed");
            show(&console, language, StatusCode::UNAUTHORIZED, Some("wrong_password"))
        }
        Err(fault) => {
            console.sessions().take_back(&who, now);
            tracing::error!(%fault, "nobody can log in");
            message(&console, None, language, StatusCode::SERVICE_UNAVAILABLE, &in_words(&fault, language))
        }
    }
}

/// The account of a name and a password. A name that is not there takes as long as a wrong password.
fn check(console: &Console, entry: &Entry) -> Result<Option<(String, Role)>, Fault> {
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let ledger = accounts(console)?;
    if ledger.accounts()?.is_empty() {
        return Err(no_account());
    }
    let account = ledger.account(&entry.name)?.filter(|account| !account.disabled);
    let fits = passwords::fits(&entry.password, account.as_ref().map_or(NOBODY, |account| &account.secret));
    Ok(account.filter(|_| fits).and_then(|account| Some((account.name, account.role.parse().ok()?))))
}

fn accounts(console: &Console) -> Result<Ledger, Fault> {
    Ledger::look(&console.config.state)?.ok_or_else(no_account)
}

fn no_account() -> Fault {
    Fault::lasting("accounts", "there is no account yet", "make one with `uketsuke account add NAME --role ROLE`")
        .told("アカウントがまだありません。`uketsuke account add 名前 --role 役割` で作成してください。")
}

/// Opens a session for somebody whom the trusted proxy or a certificate named; `None` where no account has that name.
pub(in crate::web) async fn welcome(console: Arc<Console>, name: String) -> Option<String> {
    let desk = console.clone();
    let account = off(move || accounts(&desk)?.account(&name)).await.ok().flatten().filter(|account| !account.disabled)?;
    console.sessions().open(&account.name, account.role.parse().ok()?, Instant::now()).ok()
}

/// Whether the account of a session is still there, in use and of the same role; its sessions end where it is not.
pub(in crate::web) async fn still_holds(console: Arc<Console>, session: Session) -> bool {
    let desk = console.clone();
    let name = session.name.clone();
    let account = off(move || accounts(&desk)?.account(&name)).await;
    let holds = match account {
        Ok(account) => account.is_some_and(|account| !account.disabled && account.role == session.role.name()),
        // A ledger that cannot be asked for a moment throws nobody out.
        Err(fault) => fault.sort == Sort::Transient,
    };
    let mut sessions = console.sessions();
    if holds {
        sessions.checked(&session.name, Instant::now())
    } else {
        sessions.close_all(&session.name)
    }
    holds
}

#[derive(Deserialize)]
pub struct Leaving {
    token: Option<String>,
}

pub async fn leave(State(console): State<Arc<Console>>, visitor: Visitor, headers: HeaderMap, Form(form): Form<Leaving>) -> Response {
    if let Some(refused) = visitor.did_not_send(form.token.as_deref(), &console) {
        return refused;
    }
    if let Some(cookie) = guard::cookie(&headers, SESSION) {
        console.sessions().close(&cookie);
    }
    let mut response = Redirect::to("/login").into_response();
    guard::set_cookie(&mut response, SESSION, "", true);
    response
}

#[derive(Deserialize)]
pub struct Back {
    back: Option<String>,
}

pub async fn language(Path(code): Path<String>, Query(query): Query<Back>) -> Response {
    // Back to a page of this console, and nowhere else.
    let back = query.back.filter(|back| is_here(back)).unwrap_or_else(|| "/".to_owned());
    let mut response = Redirect::to(&back).into_response();
    if let Some(language) = Language::of(&code) {
        guard::set_cookie(&mut response, LANGUAGE, language.code(), false);
    }
    response
}

/// A path of this console, in signs that may stand in a header.
fn is_here(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') && path.bytes().all(|byte| byte.is_ascii_graphic())
}

pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")], STYLE).into_response()
}

pub async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")], SCRIPT).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_leads_nowhere_else() {
        assert!(is_here("/case/TH-2026-0001?x=1"));
        for elsewhere in ["//evil.example", "https://evil.example", "/\\\\evil.example", "evil", "", "/a b", "/\r\nX: 1", "/あ"] {
            assert!(!is_here(elsewhere), "{elsewhere:?}");
        }
    }
}
