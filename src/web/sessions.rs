//! Who is logged in, and who tries too often.
//!
//! Owns sessions and the brake on log-ins, in memory: a restart logs everybody out. A cookie is known by its hash alone.

use crate::fault::Fault;
use crate::issuance::seal::random;
use crate::web::roles::Role;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// Sessions at a time; the oldest ends when there are more.
const MOST: usize = 1_000;
/// Log-ins that may fail within this time, of one name and of one address.
const TRIES: usize = 5;
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// How long a disabled account may still be used.
const BETWEEN_CHECKS: Duration = Duration::from_secs(15);
/// Names and addresses that are remembered.
const MOST_TRIERS: usize = 10_000;

/// Somebody who is logged in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    pub name: String,
    pub role: Role,
    /// Stands in every form, so that no other site can post one.
    pub token: String,
    began: Instant,
    last: Instant,
    /// When the account behind it was looked at.
    checked: Instant,
}

impl Session {
    /// The account may have been disabled or given another role meanwhile.
    pub fn is_to_be_checked(&self, now: Instant) -> bool {
        now.duration_since(self.checked) >= BETWEEN_CHECKS
    }
}

pub struct Sessions {
    idle: Duration,
    longest: Duration,
    open: BTreeMap<[u8; 32], Session>,
    failed: BTreeMap<String, VecDeque<Instant>>,
}

impl Sessions {
    pub fn new(idle: Duration, longest: Duration) -> Self {
        Sessions { idle, longest, open: BTreeMap::new(), failed: BTreeMap::new() }
    }

    /// Opens a session; the answer is its cookie.
    pub fn open(&mut self, name: &str, role: Role, now: Instant) -> Result<String, Fault> {
        self.sweep(now);
        if self.open.len() >= MOST
            && let Some(oldest) = self.open.iter().min_by_key(|(_, session)| session.last).map(|(key, _)| *key)
        {
            self.open.remove(&oldest);
        }
        let cookie = hex(&random::<32>()?);
        let session = Session { name: name.to_owned(), role, token: hex(&random::<16>()?), began: now, last: now, checked: now };
        self.open.insert(key(&cookie), session);
        Ok(cookie)
    }

    /// The session of a cookie, which lives on by being asked for.
    pub fn of(&mut self, cookie: &str, now: Instant) -> Option<Session> {
        self.sweep(now);
        let session = self.open.get_mut(&key(cookie))?;
        session.last = now;
        Some(session.clone())
    }

    /// The accounts of its sessions were looked at, and hold.
    pub fn checked(&mut self, name: &str, now: Instant) {
        self.open.values_mut().filter(|session| session.name == name).for_each(|session| session.checked = now);
    }

    pub fn close(&mut self, cookie: &str) {
        self.open.remove(&key(cookie));
    }

    /// Ends all sessions of an account.
    pub fn close_all(&mut self, name: &str) {
        self.open.retain(|_, session| session.name != name);
    }

    pub fn count(&self) -> usize {
        self.open.len()
    }

    fn sweep(&mut self, now: Instant) {
        let (idle, longest) = (self.idle, self.longest);
        self.open.retain(|_, session| now.duration_since(session.last) < idle && now.duration_since(session.began) < longest);
    }

    /// Whether these have failed too often of late: a name from anywhere, and an address with any name.
    pub fn must_wait(&mut self, who: &[&str], now: Instant) -> bool {
        self.failed.retain(|_, times| {
            times.retain(|at| now.duration_since(*at) < WINDOW);
            !times.is_empty()
        });
        who.iter().any(|who| self.failed.get(*who).is_some_and(|times| times.len() >= TRIES))
    }

    pub fn failed(&mut self, who: &[&str], now: Instant) {
        for who in who {
            if self.failed.len() < MOST_TRIERS || self.failed.contains_key(*who) {
                self.failed.entry((*who).to_owned()).or_default().push_back(now);
            }
        }
    }

    pub fn succeeded(&mut self, who: &[&str]) {
        who.iter().for_each(|who| drop(self.failed.remove(*who)));
    }
}

fn key(cookie: &str) -> [u8; 32] {
    Sha256::digest(cookie.as_bytes()).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub fn same(one: &str, other: &str) -> bool {
    key(one) == key(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn sessions() -> (Sessions, Instant) {
        (Sessions::new(30 * MINUTE, 60 * MINUTE), Instant::now())
    }

    #[test]
    fn a_session_ends_when_nobody_clicks_and_at_its_limit() {
        let (mut sessions, start) = sessions();
        let cookie = sessions.open("花子", Role::Clerk, start).unwrap();
        assert_eq!(cookie.len(), 64);
        assert_eq!(sessions.of(&cookie, start + 29 * MINUTE).unwrap().name, "花子");
        assert!(sessions.of(&cookie, start + 58 * MINUTE).is_some(), "a click keeps it open");
        assert!(sessions.of(&cookie, start + 60 * MINUTE).is_none(), "but not for ever");
        let cookie = sessions.open("花子", Role::Clerk, start).unwrap();
        assert!(sessions.of(&cookie, start + 30 * MINUTE).is_none());
        assert!(sessions.of("anything", start).is_none());
    }

    #[test]
    fn logging_out_ends_it_and_a_disabled_account_has_none() {
        let (mut sessions, start) = sessions();
        let [one, two] = [(); 2].map(|()| sessions.open("花子", Role::Clerk, start).unwrap());
        assert_ne!(one, two);
        sessions.close(&one);
        assert!(sessions.of(&one, start).is_none() && sessions.of(&two, start).is_some());
        sessions.close_all("花子");
        assert!(sessions.of(&two, start).is_none());
    }

    #[test]
    fn who_guesses_has_to_wait() {
        let (mut sessions, start) = sessions();
        for _ in 0..TRIES {
            assert!(!sessions.must_wait(&["name 花子", "from 10.0.0.1"], start));
            sessions.failed(&["name 花子", "from 10.0.0.1"], start);
        }
        assert!(sessions.must_wait(&["name 花子", "from 10.0.0.2"], start), "the name is braked from anywhere");
        assert!(sessions.must_wait(&["name 太郎", "from 10.0.0.1"], start), "and the address with any name");
        assert!(!sessions.must_wait(&["name 太郎", "from 10.0.0.2"], start));
        assert!(!sessions.must_wait(&["name 花子"], start + WINDOW));
        sessions.failed(&["name 花子"], start);
        sessions.succeeded(&["name 花子"]);
        assert!(!sessions.must_wait(&["name 花子"], start));
    }

    #[test]
    fn there_is_an_end_to_how_many() {
        let (mut sessions, start) = sessions();
        let first = sessions.open("a", Role::Clerk, start).unwrap();
        (0..MOST).for_each(|_| drop(sessions.open("b", Role::Clerk, start + MINUTE).unwrap()));
        assert_eq!(sessions.count(), MOST);
        assert!(sessions.of(&first, start + MINUTE).is_none());
    }
}
