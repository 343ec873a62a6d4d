//! What wakes the daemon: a hint that something changed, a wish to end, a wish to reload. Never lost, never piled up.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// What was rung since the last look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rung {
    /// Something changed in the inbox.
    pub hint: bool,
    pub stop: bool,
    pub reload: bool,
}

#[derive(Default)]
pub struct Bell {
    rung: Mutex<Rung>,
    wake: Condvar,
}

impl Bell {
    pub fn hint(&self) {
        self.ring(|rung| rung.hint = true);
    }

    pub fn stop(&self) {
        self.ring(|rung| rung.stop = true);
    }

    pub fn reload(&self) {
        self.ring(|rung| rung.reload = true);
    }

    fn ring(&self, how: impl FnOnce(&mut Rung)) {
        how(&mut self.rung.lock().unwrap_or_else(PoisonError::into_inner));
        self.wake.notify_all();
    }

    /// Waits until something is rung, at most this long. A wish to end stays.
    pub fn wait(&self, most: Duration) -> Rung {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.wake.wait_timeout_while(rung, most, |rung| *rung == Rung::default());
        let (mut rung, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let heard = *rung;
        *rung = Rung { stop: heard.stop, ..Rung::default() };
        heard
    }

    /// Waits this long for events that come in a burst; a wish to end does not wait.
    pub fn gather(&self, pause: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.wake.wait_timeout_while(rung, pause, |rung| !rung.stop);
        waited.unwrap_or_else(PoisonError::into_inner).0.hint = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_rung_is_heard_once_and_an_end_for_ever() {
        let bell = Bell::default();
        (0..5).for_each(|_| bell.hint());
        bell.reload();
        assert_eq!(bell.wait(Duration::ZERO), Rung { hint: true, stop: false, reload: true });
        assert_eq!(bell.wait(Duration::ZERO), Rung::default());
        bell.stop();
        bell.hint();
        bell.gather(Duration::from_secs(3600));
        assert!(bell.wait(Duration::from_secs(3600)).stop && bell.wait(Duration::from_secs(3600)).stop);
    }
}
