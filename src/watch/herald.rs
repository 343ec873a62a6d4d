//! Tells the service manager how the daemon does: ready, alive, loading its catalogue anew, ending.
//!
//! Owns these messages. Without a service manager it says nothing, and that nobody listens is never a fault.

use crate::desk::Progress;
use sd_notify::NotifyState;
use std::time::Duration;

/// Speaks to the service manager, where there is one.
pub struct Herald {
    /// It wants a sign of life at least this often.
    watchdog: Option<Duration>,
}

impl Herald {
    pub fn new() -> Self {
        Herald { watchdog: sd_notify::watchdog_enabled() }
    }

    /// The longest pause after which a sign of life is still in time.
    pub fn longest_pause(&self) -> Duration {
        self.watchdog.map_or(Duration::MAX, |limit| limit / 3)
    }

    pub fn ready(&self, status: &str) {
        say(&[NotifyState::Ready, NotifyState::Status(status)]);
    }

    pub fn alive(&self) {
        if self.watchdog.is_some() {
            say(&[NotifyState::Watchdog]);
        }
    }

    pub fn status(&self, status: &str) {
        say(&[NotifyState::Status(status)]);
    }

    /// To be followed by [`Herald::ready`].
    pub fn reloading(&self) {
        if let Ok(now) = NotifyState::monotonic_usec_now() {
            say(&[NotifyState::Reloading, now]);
        }
    }

    pub fn ending(&self) {
        say(&[NotifyState::Stopping]);
    }
}

/// Each document that was read is a sign of life: a batch may take longer than the manager's patience.
impl Progress for Herald {
    fn begin(&self, documents: u64) {
        self.status(&format!("reading {documents} documents"));
    }

    fn read(&self, _name: &str) {
        self.alive();
    }

    fn end(&self) {
        self.alive();
    }
}

fn say(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!(%error, "the service manager was not told");
    }
}
