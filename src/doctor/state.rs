//! The state folder: its disk, its ledger, its key, and who works on it.

use crate::config::{Config, CredentialSource};
use crate::doctor::{Look, folders};
use crate::domain::date::Moment;
use crate::intake::filesystem::{self, Kind};
use crate::store::{Ledger, Lock};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

pub(super) fn examine(config: &Config, now: Moment) -> Vec<Look> {
    let state = &config.state;
    let mut looks = vec![folders::usable("state", state, false)];
    if !state.is_dir() {
        return looks;
    }
    match filesystem::kind(state) {
        Ok(Kind::Network(name)) => looks.push(Look::fault(
            "state",
            state.display(),
            format!("lies on a network file system ({name}), where a ledger can be damaged"),
            "put it on a disk of this machine; inbox and outbox may lie on a share",
        )),
        Ok(Kind::Program(name)) => {
            looks.push(Look::note("state", state.display(), format!("lies on {name}"), "a disk of this machine is safer"));
        }
        Ok(Kind::Local) => {}
        Err(fault) => looks.push(Look::of("state", &fault)),
    }
    match Lock::is_held(state) {
        Ok(true) => looks.push(Look::sound("state", state.display(), "another uketsuke is at work on it just now")),
        Ok(false) => {}
        Err(fault) => looks.push(Look::of("state", &fault)),
    }
    looks.extend(ledger(config, now));
    looks.extend(key(config));
    looks
}

fn ledger(config: &Config, now: Moment) -> Vec<Look> {
    let place = config.state.display().to_string();
    let ledger = match Ledger::look(&config.state) {
        Ok(Some(ledger)) => ledger,
        Ok(None) => return vec![Look::sound("ledger", place, "none yet; the first run makes it")],
        Err(fault) => return vec![Look::of("ledger", &fault)],
    };
    let mut looks = match ledger.damage() {
        Ok(damage) if damage.is_empty() => vec![Look::sound("ledger", &place, "SQLite finds it whole")],
        Ok(damage) => {
            vec![Look::fault("ledger", &place, damage.join("; "), "restore it from a backup (`uketsuke restore`), and check the disk")]
        }
        Err(fault) => return vec![Look::of("ledger", &fault)],
    };
    match ledger.last_event() {
        Ok(Some(last)) if last > now => looks.push(Look::fault(
            "clock",
            now,
            format!("the clock stands before the last event of the ledger, {last}: deadlines would be missed"),
            "set the clock (timedatectl, chrony), or leave --now away",
        )),
        Ok(_) => looks.push(Look::sound("clock", now, "no event of the ledger lies in the future")),
        Err(fault) => looks.push(Look::of("ledger", &fault)),
    }
    looks
}

/// The key that seals secrets must be there once something was sealed, and be its owner's alone.
fn key(config: &Config) -> Vec<Look> {
    let path = &config.sealing_key;
    let authority = config.state.join("authority");
    let meta = match path.metadata() {
        Ok(meta) => meta,
        Err(_) if authority.exists() => {
            return vec![Look::fault(
                "key",
                path.display(),
                "the sealing key is missing, and the authority's key was sealed with it",
                "put the key back from its copy: without it no certificate can be made and no undelivered secret opened",
            )];
        }
        Err(_) if config.desk.certificates == CredentialSource::Local => {
            return vec![Look::sound("key", path.display(), "no sealing key yet; it is made with the first certificate")];
        }
        Err(_) => return Vec::new(),
    };
    let mut looks = Vec::new();
    if meta.permissions().mode() & 0o077 != 0 {
        let mode = meta.permissions().mode() & 0o777;
        looks.push(Look::fault("key", path.display(), format!("others may read the sealing key (mode {mode:o})"), "`chmod 600`"));
    }
    if meta.len() != 32 {
        let what = format!("is no sealing key: {} bytes, not 32", meta.len());
        looks.push(Look::fault("key", path.display(), what, "put the key back from its copy"));
    }
    if looks.is_empty() {
        let same_disk = config.state.metadata().is_ok_and(|state| state.dev() == meta.dev());
        looks.push(if same_disk {
            let what = "lies on the same disk as what it seals";
            Look::note("key", path.display(), what, "set sealing_key to a place on another disk, and keep a copy apart from the backups")
        } else {
            Look::sound("key", path.display(), "is its owner's alone and lies on another disk")
        });
    }
    looks
}
