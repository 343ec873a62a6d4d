//! The desk's window: the console in a browser.
//!
//! Owns addresses, pages and who may see and do what. Never decides anything about a case: a deed goes to the desk as
//! `case record` brings it, and the flow's rules answer.

mod guard;
pub mod passwords;
pub mod roles;
mod rooms;
mod sessions;
pub mod tls;
mod words;

use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::desk::console::Studio;
use crate::domain::date::Moment;
use crate::fault::Fault;
use crate::pipeline::Office;
use crate::store::Ledger;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response};
use axum::routing::{get, post};
use sessions::Sessions;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tls::{Caller, TlsDoor};
use tokio::net::TcpListener;
use tokio::sync::watch;
use words::Words;

/// Bytes of a form that somebody posts.
const LARGEST_FORM: usize = 512 * 1024;
/// Threads that ask the ledger and draw pages.
const MOST_AT_WORK: usize = 8;

/// The clock of the console.
pub type Clock = Box<dyn Fn() -> Moment + Send + Sync>;

/// What every request shares.
struct Console {
    config: Config,
    catalogue: Catalogue,
    words: Words,
    studio: Studio,
    sessions: Mutex<Sessions>,
    clock: Clock,
    /// True once the console is asked to end: open streams end with it.
    ending: watch::Sender<bool>,
}

impl Console {
    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn office(&self) -> Office<'_> {
        Office::new(&self.catalogue, &self.config.desk, (self.clock)())
    }

    /// The ledger as it stands now; nothing is held while it is looked at.
    fn ledger(&self) -> Result<Ledger, Fault> {
        let none = || {
            Fault::lasting(self.config.state.display(), "no run has made a ledger yet", "run `uketsuke run` or `uketsuke watch` first")
                .told("台帳がまだありません。先に `uketsuke run` か `uketsuke watch` を実行してください。")
        };
        Ledger::look(&self.config.state)?.ok_or_else(none)
    }
}

/// Serves the console until it is asked to end. `ready` is told the address.
pub fn serve(config: Config, catalogue: Catalogue, clock: Clock, ready: &dyn Fn(&str)) -> Result<(), Fault> {
    let listen = config.console.listen;
    config.console.check()?;
    // Makes the tables of accounts where an older program made the ledger.
    Ledger::open_existing(&config.state)?;
    let console = Arc::new(Console {
        studio: Studio::new(&config, &catalogue),
        sessions: Mutex::new(Sessions::new(config.console.idle, config.console.longest)),
        words: Words::load()?,
        config,
        catalogue,
        clock,
        ending: watch::Sender::new(false),
    });
    let place = listen.to_string();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(MOST_AT_WORK)
        .enable_all()
        .build()
        .map_err(|error| Fault::transient(&place, error, "free memory and try again"))?;
    runtime.block_on(async {
        let fault = |error| Fault::lasting(&place, error, "set [console] listen to an address that is free");
        let listener = TcpListener::bind(listen).await.map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;
        let end = {
            let console = console.clone();
            async move {
                asked_to_end().await;
                console.ending.send_replace(true);
            }
        };
        let tls = console.config.console.tls.clone();
        let service = router(console).into_make_service_with_connect_info::<Caller>();
        match tls {
            Some(settings) => {
                let door = TlsDoor::new(listener, &settings)?;
                ready(&format!("https://{address}/"));
                axum::serve(door, service).with_graceful_shutdown(end).await.map_err(fault)
            }
            None => {
                ready(&format!("http://{address}/"));
                axum::serve(listener, service).with_graceful_shutdown(end).await.map_err(fault)
            }
        }
    })
}

async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => tokio::select! { _ = interrupted => {}, _ = terminated.recv() => {} },
        Err(_) => drop(interrupted.await),
    }
}

fn router(console: Arc<Console>) -> Router {
    use rooms::{audit, case, deeds, door, inbox, live, pictures, report, review, search, today};
    Router::new()
        .route("/", get(today::page))
        .route("/login", get(door::page).post(door::enter))
        .route("/logout", post(door::leave))
        .route("/language/{code}", get(door::language))
        .route("/case/{no}", get(case::page))
        .route("/case/{no}/review", get(review::page).post(deeds::review))
        // A refused deed is answered in place, and its address may be asked for again.
        .route("/case/{no}/deed", get(case::page).post(deeds::deed))
        .route("/case/{no}/page/{doc}/{page}", get(pictures::page))
        .route("/case/{no}/letter/{number}/{page}", get(pictures::letter))
        .route("/case/{no}/original/{doc}", get(pictures::original))
        .route("/case/{no}/file/{number}", get(pictures::file))
        .route("/inbox", get(inbox::page))
        .route("/search", get(search::page))
        .route("/audit", get(audit::page))
        .route("/report", get(report::page))
        .route("/report/{month}/{file}", get(report::file))
        .route(guard::LIVE, get(live::stream))
        .route("/healthz", get(live::healthz))
        .route("/metrics", get(live::metrics))
        .route("/assets/console.css", get(door::style))
        .route("/assets/console.js", get(door::script))
        .fallback(rooms::nowhere)
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(from_fn_with_state(console.clone(), guard::with_secure_cookies))
        .layer(map_response(guard::with_headers))
        .with_state(console)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;

    fn config(settings: &str) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("uketsuke.toml");
        std::fs::write(&path, settings).unwrap();
        Config::resolve(&Overrides { config: Some(path), ..Overrides::default() }, &|_| None).unwrap()
    }

    #[test]
    fn the_console_is_not_open_to_the_network() {
        for open in ["listen = \"0.0.0.0:8642\"", "listen = \"[::]:8642\"", "proxy_header = \"x-user\""] {
            assert!(config(&format!("[console]\n{open}\n")).console.check().is_err(), "{open}");
        }
        for shut in [
            "",
            "listen = \"[::1]:1\"",
            "listen = \"10.0.0.1:8642\"\nproxy = \"10.0.0.2\"",
            "listen = \"0.0.0.0:1\"\ntls = { certificate = \"a\", key = \"b\" }",
        ] {
            assert!(config(&format!("[console]\n{shut}\n")).console.check().is_ok(), "{shut}");
        }
    }
}
