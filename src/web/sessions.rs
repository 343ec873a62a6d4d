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
    /// Log-ins that failed, or are not decided yet; by the hash of who tries, for a name may be of any length.
    tries: BTreeMap<[u8; 32], VecDeque<Instant>>,
}

impl Sessions {
    pub fn new(idle: Duration, longest: Duration) -> Self {
        Sessions { idle, longest, open: BTreeMap::new(), tries: BTreeMap::new() }
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

    /// The same for what a page asks by itself: no person is there, and the session lives on for nothing.
    pub fn glimpse(&mut self, cookie: &str, now: Instant) -> Option<Session> {
        self.sweep(now);
        self.open.get(&key(cookie)).cloned()
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

    /// Counts a try before its password is looked at, so that many at once are as many tries. `false` where these have
    /// failed too often of late: a name from anywhere, and an address with any name.
    pub fn may_try(&mut self, who: &[&str], now: Instant) -> bool {
        self.tries.retain(|_, times| {
            times.retain(|at| now.duration_since(*at) < WINDOW);
            !times.is_empty()
        });
        let who: Vec<[u8; 32]> = who.iter().map(|who| key(who)).collect();
        if who.iter().any(|who| self.tries.get(who).is_some_and(|times| times.len() >= TRIES)) {
            return false;
        }
        for who in who {
            self.forget_one_of_many(&who);
            self.tries.entry(who).or_default().push_back(now);
        }
        true
    }

    /// Makes room for somebody new: whoever tried longest ago is forgotten, and nobody tries without being counted.
    fn forget_one_of_many(&mut self, new: &[u8; 32]) {
        if self.tries.len() >= MOST_TRIERS
            && !self.tries.contains_key(new)
            && let Some(oldest) = self.tries.iter().min_by_key(|(_, times)| times.back()).map(|(who, _)| *who)
        {
            self.tries.remove(&oldest);
        }
    }

    /// Takes back a try, made at that moment, that was no guess.
    pub fn take_back(&mut self, who: &[&str], at: Instant) {
        for who in who {
            let Some(times) = self.tries.get_mut(&key(who)) else { continue };
            if let Some(n) = times.iter().position(|time| *time == at) {
                times.remove(n);
            }
        }
    }

    /// Whoever knows the password has not guessed.
    pub fn succeeded(&mut self, who: &[&str]) {
        who.iter().for_each(|who| drop(self.tries.remove(&key(who))));
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
    fn a_page_that_nobody_looks_at_keeps_no_session_open() {
        let (mut sessions, start) = sessions();
        let cookie = sessions.open("花子", Role::Clerk, start).unwrap();
        assert!((1..30).all(|minutes| sessions.glimpse(&cookie, start + minutes * MINUTE).is_some()));
        assert!(sessions.glimpse(&cookie, start + 30 * MINUTE).is_none());
    }

    #[test]
    fn who_guesses_has_to_wait() {
        let (mut sessions, start) = sessions();
        for _ in 0..TRIES {
            assert!(sessions.may_try(&["name 花子", "from 10.0.0.1"], start));
        }
        assert!(!sessions.may_try(&["name 花子", "from 10.0.0.2"], start), "the name is braked from anywhere");
        assert!(!sessions.may_try(&["name 太郎", "from 10.0.0.1"], start), "and the address with any name");
        assert!(sessions.may_try(&["name 太郎", "from 10.0.0.2"], start));
        assert!(sessions.may_try(&["name 花子"], start + WINDOW));
    }

    #[test]
    fn a_try_that_was_no_guess_is_taken_back() {
        let (mut sessions, start) = sessions();
        for n in 0..TRIES + 1 {
            let at = start + MINUTE * n as u32;
            assert!(sessions.may_try(&["name 花子", "from 10.0.0.1"], at));
            sessions.take_back(&["name 花子", "from 10.0.0.1"], at);
        }
        for _ in 0..TRIES {
            assert!(sessions.may_try(&["name 花子"], start));
        }
        sessions.succeeded(&["name 花子"]);
        assert!(sessions.may_try(&["name 花子"], start));
    }

    #[test]
    fn many_names_are_no_way_around_the_brake() {
        let (mut sessions, start) = sessions();
        for n in 0..MOST_TRIERS {
            assert!(sessions.may_try(&[&format!("name {n}")], start));
        }
        let later = start + MINUTE;
        assert_eq!((0..=TRIES).filter(|_| sessions.may_try(&["name 花子"], later)).count(), TRIES);
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
