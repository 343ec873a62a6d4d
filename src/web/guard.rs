//! What stands between a request and a room: the session, the token of a form, and headers that keep a browser careful.
//!
//! Owns cookies and refusals. Never looks at a case.

use crate::domain::language::Language;
use crate::web::Console;
use crate::web::roles::Right;
use crate::web::rooms;
use crate::web::sessions::{self, Session};
use crate::web::tls::Caller;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;
use std::time::Instant;

pub const SESSION: &str = "uketsuke_session";
pub const LANGUAGE: &str = "uketsuke_language";
/// Where a page listens for news, as long as it is open.
pub const LIVE: &str = "/live";

/// Somebody who is logged in, and the language that they read.
pub struct Visitor {
    pub session: Session,
    pub language: Language,
}

impl Visitor {
    /// The page that says why not, where this visitor may not.
    pub fn lacks(&self, right: Right, console: &Console) -> Option<Response> {
        self.refused(self.session.role.may(right), "not_your_right", console)
    }

    /// The same for a form that does not bring the token of this visitor's own page.
    pub fn did_not_send(&self, token: Option<&str>, console: &Console) -> Option<Response> {
        self.refused(token.is_some_and(|token| sessions::same(token, &self.session.token)), "form_expired", console)
    }

    fn refused(&self, allowed: bool, why: &str, console: &Console) -> Option<Response> {
        let page = || rooms::message(console, Some(self), self.language, StatusCode::FORBIDDEN, console.words.word(why, self.language));
        (!allowed).then(page)
    }
}

impl FromRequestParts<Arc<Console>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Response> {
        let language = language(&parts.headers);
        let by_itself = is_by_itself(parts);
        let known = cookie(&parts.headers, SESSION).and_then(|cookie| {
            let (mut sessions, now) = (console.sessions(), Instant::now());
            if by_itself { sessions.glimpse(&cookie, now) } else { sessions.of(&cookie, now) }
        });
        if let Some(session) = known {
            if !session.is_to_be_checked(Instant::now()) || rooms::door::still_holds(console.clone(), session.clone()).await {
                return Ok(Visitor { session, language });
            }
            return Err(Redirect::to("/login").into_response());
        }
        if by_itself {
            // Nor does a page open a session by itself, where a certificate or the proxy could.
            return Err(Redirect::to("/login").into_response());
        }
        let by_proxy = let_in_by_proxy(parts, console);
        let names = by_proxy.clone().map_or_else(|| certified(&parts.extensions), |name| vec![name]);
        for name in names {
            if let Some(cookie) = rooms::door::welcome(console.clone(), name).await {
                // The cookie is set by sending the browser round once.
                let mut response = Redirect::to(parts.uri.path()).into_response();
                set_cookie(&mut response, SESSION, &cookie, true);
                return Err(response);
            }
        }
        Err(if by_proxy.is_some() { StatusCode::FORBIDDEN.into_response() } else { Redirect::to("/login").into_response() })
    }
}

/// What the script of an open page asks without anybody's doing.
const BY_ITSELF: &str = "x-uketsuke-by-itself";

fn is_by_itself(parts: &Parts) -> bool {
    parts.uri.path() == LIVE || parts.headers.contains_key(BY_ITSELF)
}

/// The account that the trusted proxy names.
fn let_in_by_proxy(parts: &Parts, console: &Console) -> Option<String> {
    let header = console.config.console.proxy_header.as_deref().filter(|_| is_proxy(&parts.extensions, console))?;
    parts.headers.get(header)?.to_str().ok().map(ToOwned::to_owned)
}

/// Whether a request comes from the address of the trusted proxy.
fn is_proxy(request: &Extensions, console: &Console) -> bool {
    request.get::<ConnectInfo<Caller>>().is_some_and(|caller| is_the_proxy(&caller.0, console))
}

pub fn is_the_proxy(caller: &Caller, console: &Console) -> bool {
    console.config.console.proxy == Some(caller.address.ip())
}

/// The names in the client certificate of whoever called.
fn certified(request: &Extensions) -> Vec<String> {
    request.get::<ConnectInfo<Caller>>().map_or_else(Vec::new, |caller| caller.0.certified.clone())
}

/// Cookies of whoever comes by TLS go back by TLS alone. The trusted proxy speaks it, unless it says that this browser did not.
pub async fn with_secure_cookies(State(console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    let by_tls = request.extensions().get::<ConnectInfo<Caller>>().is_some_and(|caller| caller.0.by_tls);
    let is_secure = by_tls || is_proxy(request.extensions(), &console) && !came_in_clear(request.headers());
    let mut response = next.run(request).await;
    if is_secure && let header::Entry::Occupied(mut cookies) = response.headers_mut().entry(header::SET_COOKIE) {
        for cookie in cookies.iter_mut() {
            if let Ok(marked) = HeaderValue::from_bytes(&[cookie.as_bytes(), b"; Secure"].concat()) {
                *cookie = marked;
            }
        }
    }
    response
}

/// What the proxy says of the way to it; of several proxies the first one spoke to the browser.
fn came_in_clear(headers: &HeaderMap) -> bool {
    let protocols = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok()).unwrap_or_default();
    protocols.split(',').next().is_some_and(|first| first.trim().eq_ignore_ascii_case("http"))
}

pub fn language(headers: &HeaderMap) -> Language {
    cookie(headers, LANGUAGE).and_then(|code| Language::of(&code)).unwrap_or(Language::Japanese)
}

pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

/// Sets a cookie that no script reads and no other site sends. One without a value is taken back.
pub fn set_cookie(response: &mut Response, name: &str, value: &str, private: bool) {
    let life = match (value.is_empty(), private) {
        (true, _) => "; Max-Age=0",
        (false, true) => "",
        (false, false) => "; Max-Age=31536000",
    };
    if let Ok(value) = HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{life}")) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

const HEADERS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Puts the careful headers on every answer. What shows a case is kept by no cache.
pub async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; uketsuke_language=en"));
        headers.append(header::COOKIE, HeaderValue::from_static("uketsuke_session=x=y"));
        assert_eq!(language(&headers), Language::English);
        assert_eq!(cookie(&headers, SESSION).as_deref(), Some("x=y"));
        assert_eq!(cookie(&headers, "b"), None);
        assert_eq!(language(&HeaderMap::new()), Language::Japanese);
    }

    #[test]
    fn a_cookie_is_for_this_site_alone_and_no_header_can_be_smuggled_in() {
        let mut response = StatusCode::OK.into_response();
        set_cookie(&mut response, SESSION, "abc", true);
        let set = response.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict") && !set.contains("Max-Age"));
        let mut response = StatusCode::OK.into_response();
        set_cookie(&mut response, SESSION, "a\r\nX-Evil: 1", true);
        assert!(response.headers().get(header::SET_COOKIE).is_none());
    }
}
