//! Settings of the house's mail servers: the one that mails are sent through, and the one that keeps the desk's mailbox.

use crate::fault::Fault;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The server through which the desk sends its mails. Without this table mails lie in the outbox, and staff send them.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SmtpSettings {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    /// A certificate in PEM that the server's own is signed with, where no public authority signed it.
    pub ca_file: Option<PathBuf>,
    pub user: Option<String>,
    /// The password stands in a file of its owner alone, or in `UKETSUKE_SMTP_PASSWORD`.
    pub password_file: Option<PathBuf>,
    /// Envelope sender: answers of servers go there.
    pub from: String,
    /// Mails written before this day are left to staff: they may have been sent by hand.
    pub since: jiff::civil::Date,
    /// For trials: addresses, or `@domain`, that may be written to. All when not given.
    pub only_to: Option<Vec<String>>,
    /// Nothing is sent while this file exists; `sending.stopped` in the state folder when not given.
    pub stop_file: Option<PathBuf>,
}

/// How the conversation with the server is kept from others.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    Starttls,
    Implicit,
    /// On this machine alone.
    None,
}

impl Default for SmtpSettings {
    fn default() -> Self {
        SmtpSettings {
            host: String::new(),
            port: 587,
            tls: Tls::Starttls,
            ca_file: None,
            user: None,
            password_file: None,
            from: String::new(),
            since: jiff::civil::Date::MAX,
            only_to: None,
            stop_file: None,
        }
    }
}

/// A password is in none of these fields; the user's name is nobody's business either.
impl std::fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpSettings").field("host", &self.host).field("port", &self.port).field("tls", &self.tls).finish_non_exhaustive()
    }
}

impl SmtpSettings {
    /// The password, read when it is needed.
    pub fn password(&self) -> Result<String, Fault> {
        password("smtp", self.password_file.as_deref(), "UKETSUKE_SMTP_PASSWORD")
    }

    pub(super) fn check(&self) -> Result<(), Fault> {
        let wrong = |setting: &str, what: &str, hint: &str| Err(Fault::lasting(format!("[smtp] {setting}"), what, hint));
        if self.host.is_empty() || self.from.is_empty() {
            return wrong("host, from", "are missing", "name the server, and the address that its answers go to");
        }
        if self.since == jiff::civil::Date::MAX {
            return wrong("since", "is missing", "name the first day whose mails the desk sends itself, such as since = \"2026-04-01\"");
        }
        if self.tls == Tls::None && !is_here(&self.host) {
            return wrong("tls", "\"none\" would send letters in clear over a network", "use \"starttls\" or \"implicit\"");
        }
        Ok(())
    }
}

/// The mailbox that applicants write to. Without this table mails come as files.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImapSettings {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    /// A certificate in PEM that the server's own is signed with, where no public authority signed it.
    pub ca_file: Option<PathBuf>,
    pub user: String,
    /// The password stands in a file of its owner alone, or in `UKETSUKE_IMAP_PASSWORD`.
    pub password_file: Option<PathBuf>,
    /// Its name as people see it.
    pub folder: String,
    /// Mails that came to the server before this day are left alone.
    pub since: Option<jiff::civil::Date>,
    pub mark: Mark,
    /// The daemon looks so often.
    #[serde(deserialize_with = "super::length")]
    pub every: Duration,
}

/// What is done to a mail in the mailbox once its results are committed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The folder is opened for reading alone.
    Nothing,
    Seen,
}

impl Default for ImapSettings {
    fn default() -> Self {
        ImapSettings {
            host: String::new(),
            port: 993,
            tls: Tls::Implicit,
            ca_file: None,
            user: String::new(),
            password_file: None,
            folder: "INBOX".into(),
            since: None,
            mark: Mark::Nothing,
            every: Duration::from_secs(5 * 60),
        }
    }
}

/// A password is in none of these fields; the user's name is nobody's business either.
impl std::fmt::Debug for ImapSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImapSettings").field("host", &self.host).field("port", &self.port).field("tls", &self.tls).finish_non_exhaustive()
    }
}

impl ImapSettings {
    /// The password, read when it is needed.
    pub fn password(&self) -> Result<String, Fault> {
        password("imap", self.password_file.as_deref(), "UKETSUKE_IMAP_PASSWORD")
    }

    pub(super) fn check(&self) -> Result<(), Fault> {
        let wrong = |setting: &str, what: &str, hint: &str| Err(Fault::lasting(format!("[imap] {setting}"), what, hint));
        if self.host.is_empty() || self.user.is_empty() {
            return wrong("host, user", "are missing", "name the server, and the user whose mailbox it is");
        }
        if self.tls == Tls::None && !is_here(&self.host) {
            return wrong("tls", "\"none\" would send the password in clear over a network", "use \"implicit\" or \"starttls\"");
        }
        Ok(())
    }
}

fn is_here(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1")
}

fn password(table: &str, file: Option<&Path>, variable: &str) -> Result<String, Fault> {
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).map_err(|error| Fault::io(path, &error))?;
        return Ok(text.lines().next().unwrap_or_default().to_owned());
    }
    let place = format!("[{table}] password_file");
    std::env::var(variable).map_err(|_| Fault::lasting(place, format!("is not given, and {variable} is not set"), "give one of the two"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_goes_over_a_network_in_clear() {
        let settings = |text: &str| toml::from_str::<ImapSettings>(text).unwrap().check();
        settings("host = \"imap.example.jp\"\nuser = \"desk\"").unwrap();
        settings("host = \"127.0.0.1\"\nuser = \"desk\"\ntls = \"none\"").unwrap();
        let fault = settings("host = \"imap.example.jp\"\nuser = \"desk\"\ntls = \"none\"").unwrap_err();
        assert!(fault.what.contains("in clear"), "{fault}");
        assert!(settings("user = \"desk\"").unwrap_err().what.contains("missing"));
    }
}
