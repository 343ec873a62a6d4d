//! Sending: mails of the outbox to their recipients through the house's own server.
//!
//! Owns the queue's rules: one row a recipient, what is tried again and when, who may be written to. Never changes a mail: the
//! bytes are those that lie in the outbox, and so is the Message-ID. A server that accepts a mail a moment before this
//! program dies gets it once more; by its Message-ID it is known as the same.

use crate::config::{SmtpSettings, Tls as Wire};
use crate::domain::date::Moment;
use crate::fault::Fault;
use crate::files;
use crate::store::{Ledger, Sending, Standing};
use lettre::address::{Address, Envelope};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{SmtpTransport, Transport};
use mail_parser::MessageParser;
use std::path::Path;
use std::time::Duration;

/// How long one step of the conversation with the server may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Mails of one turn; the rest comes in the next.
const MOST: u32 = 100;
/// Between tries: at first and at most, in minutes; and how often.
const PAUSES: (i64, i64) = (2, 240);
const MOST_TRIES: u32 = 40;
/// Characters of an answer that are kept.
const LONGEST_ANSWER: usize = 300;

/// What came of a turn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sent {
    pub sent: usize,
    /// Will not be tried again by itself.
    pub refused: usize,
    /// Are tried again later.
    pub put_off: usize,
}

/// Whether sending is stopped by its switch, a file that anybody at the desk can make.
pub fn is_stopped(settings: &SmtpSettings, state: &Path) -> bool {
    settings.stop_file.clone().unwrap_or_else(|| state.join("sending.stopped")).exists()
}

/// Sends what is due.
pub fn send(ledger: &mut Ledger, settings: &SmtpSettings, state: &Path, now: Moment) -> Result<Sent, Fault> {
    let mut sent = Sent::default();
    if is_stopped(settings, state) {
        return Ok(sent);
    }
    enqueue(ledger, settings, now)?;
    let due = ledger.due_sendings(now, MOST)?;
    if due.is_empty() {
        return Ok(sent);
    }
    let (transport, from) = (transport(settings)?, sender(settings)?);
    for mut sending in due {
        let bytes = ledger.outbox_row(sending.outbox)?.bytes;
        let answer = to_one(&transport, &from, &sending.recipient, &bytes);
        let reached = !matches!(answer, Answer::Unreachable(_));
        note(&mut sending, answer, now);
        match sending.standing {
            Standing::Sent => sent.sent += 1,
            Standing::Waiting => sent.put_off += 1,
            _ => {
                sent.refused += 1;
                tracing::error!(mail = %sending.path, "a mail was refused; see `uketsuke send --status`");
            }
        }
        // From here to the commit the mail could be sent once more.
        files::step("mark sent").map_err(|error| Fault::io(state, &error))?;
        ledger.tried(&sending)?;
        // What does not answer for one does not answer for the next.
        if !reached {
            tracing::warn!("the mail server could not be reached; the next turn tries again");
            break;
        }
    }
    Ok(sent)
}

/// Takes up mails that came to the outbox since sending was begun.
fn enqueue(ledger: &mut Ledger, settings: &SmtpSettings, now: Moment) -> Result<(), Fault> {
    let since = Moment::start_of(settings.since);
    for (row, bytes) in ledger.unsent_mails(since)? {
        let standing = |to: &str| if may_write_to(settings, to) { Standing::Waiting } else { Standing::Withheld };
        let recipients: Vec<(String, Standing)> = recipients(&bytes).into_iter().map(|to| (to.clone(), standing(&to))).collect();
        ledger.enqueue(row, &recipients, now)?;
    }
    Ok(())
}

/// To and Cc of a mail that the desk wrote, each address once.
fn recipients(bytes: &[u8]) -> Vec<String> {
    let Some(mail) = MessageParser::default().parse(bytes) else { return Vec::new() };
    let lists = [mail.to(), mail.cc()].into_iter().flatten();
    let mut all: Vec<String> = lists.flat_map(|list| list.iter()).filter_map(|to| to.address().map(str::to_lowercase)).collect();
    all.sort();
    all.dedup();
    all
}

/// In a trial only those on the list are written to.
fn may_write_to(settings: &SmtpSettings, to: &str) -> bool {
    let listed = |entry: &String| match entry.strip_prefix('@') {
        Some(domain) => to.rsplit_once('@').is_some_and(|(_, of)| of.eq_ignore_ascii_case(domain)),
        None => to.eq_ignore_ascii_case(entry),
    };
    settings.only_to.as_ref().is_none_or(|list| list.iter().any(listed))
}

enum Answer {
    Accepted(String),
    /// 5xx: the same again would be refused again.
    Never(String),
    /// 4xx, or a conversation that broke off.
    Later(String),
    Unreachable(String),
}

fn to_one(transport: &SmtpTransport, from: &Address, to: &str, bytes: &[u8]) -> Answer {
    let envelope = address(to)
        .map_err(|fault| fault.what)
        .and_then(|to| Envelope::new(Some(from.clone()), vec![to]).map_err(|error| error.to_string()));
    let envelope = match envelope {
        Ok(envelope) => envelope,
        Err(what) => return Answer::Never(what),
    };
    match transport.send_raw(&envelope, bytes) {
        Ok(response) => Answer::Accepted(response.message().collect::<Vec<_>>().join(" ")),
        Err(error) if error.is_permanent() => Answer::Never(said(&error)),
        Err(error) if error.is_transient() || error.is_response() || error.is_timeout() => Answer::Later(said(&error)),
        Err(error) => Answer::Unreachable(said(&error)),
    }
}

fn said(error: &lettre::transport::smtp::Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        words.push_str(": ");
        words.push_str(&inner.to_string());
        cause = inner.source();
    }
    words
}

fn note(sending: &mut Sending, answer: Answer, now: Moment) {
    sending.attempts += 1;
    let (standing, words) = match answer {
        Answer::Accepted(words) => (Standing::Sent, words),
        Answer::Never(words) => (Standing::Refused, words),
        Answer::Later(words) | Answer::Unreachable(words) if sending.attempts >= MOST_TRIES => {
            (Standing::Refused, format!("given up: {words}"))
        }
        Answer::Later(words) | Answer::Unreachable(words) => (Standing::Waiting, words),
    };
    sending.standing = standing;
    sending.next = Moment::new(now.timestamp() + jiff::SignedDuration::from_mins(pause(sending.attempts)));
    sending.answer = Some(words.chars().filter(|c| !c.is_control()).take(LONGEST_ANSWER).collect());
}

/// Minutes until the next try: longer and longer.
fn pause(attempts: u32) -> i64 {
    PAUSES.0.saturating_mul(1 << attempts.saturating_sub(1).min(20)).min(PAUSES.1)
}

/// A fault of it goes to the log, which names no address.
fn sender(settings: &SmtpSettings) -> Result<Address, Fault> {
    address(&settings.from).map_err(|fault| Fault::lasting("[smtp] from", fault.what, fault.hint))
}

fn address(text: &str) -> Result<Address, Fault> {
    text.parse().map_err(|error| Fault::lasting(text, error, "write a mail address such as uketsuke@example.jp"))
}

fn transport(settings: &SmtpSettings) -> Result<SmtpTransport, Fault> {
    let place = || format!("[smtp] {}", settings.host);
    let tls = |error: lettre::transport::smtp::Error| Fault::lasting(place(), said(&error), "check host and ca_file of [smtp]");
    let parameters = || -> Result<TlsParameters, Fault> {
        let mut parameters = TlsParameters::builder(settings.host.clone());
        if let Some(path) = &settings.ca_file {
            let pem = files::read(path)?;
            parameters = parameters.add_root_certificate(Certificate::from_pem(&pem).map_err(tls)?);
        }
        parameters.build_rustls().map_err(tls)
    };
    let tls = match settings.tls {
        Wire::Starttls => Tls::Required(parameters()?),
        Wire::Implicit => Tls::Wrapper(parameters()?),
        Wire::None => Tls::None,
    };
    let mut builder = SmtpTransport::builder_dangerous(&settings.host).port(settings.port).tls(tls).timeout(Some(PATIENCE));
    if let Some(user) = &settings.user {
        builder = builder.credentials(Credentials::new(user.clone(), settings.password()?));
    }
    Ok(builder.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_have_an_end() {
        assert_eq!([1, 2, 3, 7, 8, 40].map(pause), [2, 4, 8, 128, 240, 240]);
    }

    #[test]
    fn a_trial_writes_to_its_list_alone() {
        let trial = SmtpSettings { only_to: Some(vec!["Me@example.jp".into(), "@test.example".into()]), ..SmtpSettings::default() };
        assert!(may_write_to(&trial, "me@example.jp") && may_write_to(&trial, "anybody@TEST.example"));
        assert!(!may_write_to(&trial, "you@example.jp") && !may_write_to(&trial, "x@nottest.example"));
        assert!(may_write_to(&SmtpSettings::default(), "you@example.jp"));
        assert!(!may_write_to(&SmtpSettings { only_to: Some(Vec::new()), ..trial }, "me@example.jp"));
    }

    #[test]
    fn every_recipient_is_found_once() {
        let mail = b"To: A <a@example.jp>, b@example.jp\r\nCc: B@example.jp\r\nSubject: x\r\n\r\nTo: c@example.jp\r\n";
        assert_eq!(recipients(mail), ["a@example.jp", "b@example.jp"]);
    }
}
