//! What would go wrong here, before it does: folders, disk, ledger, key, clock, kernel and settings.
//!
//! Owns these looks and their words. Never mends anything, and leaves the inbox, the outbox and the ledger as they are; what it
//! writes to try a folder it takes away again.

mod folders;
mod machine;
mod state;

use crate::catalogue::Catalogue;
use crate::config::{Config, ConsoleSettings, DeskSettings, ImapSettings, SmtpSettings, TlsSettings};
use crate::domain::date::Moment;
use crate::fault::Fault;
use crate::mailbox::{self, Mailbox};
use jiff::civil::Date;
use serde::Serialize;
use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    Sound,
    /// It works, and could be better or will not last.
    Note,
    /// It will not work, or something can get lost.
    Fault,
}

/// One look and what it showed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Look {
    /// What was looked at, such as `inbox`.
    pub about: &'static str,
    pub grade: Grade,
    pub place: String,
    pub what: String,
    /// What to do; empty where all is well.
    pub hint: String,
}

impl Look {
    fn sound(about: &'static str, place: impl fmt::Display, what: impl fmt::Display) -> Self {
        Look { about, grade: Grade::Sound, place: place.to_string(), what: what.to_string(), hint: String::new() }
    }

    fn note(about: &'static str, place: impl fmt::Display, what: impl fmt::Display, hint: impl fmt::Display) -> Self {
        Look { grade: Grade::Note, hint: hint.to_string(), ..Look::sound(about, place, what) }
    }

    fn fault(about: &'static str, place: impl fmt::Display, what: impl fmt::Display, hint: impl fmt::Display) -> Self {
        Look { grade: Grade::Fault, ..Look::note(about, place, what, hint) }
    }

    fn of(about: &'static str, fault: &Fault) -> Self {
        Look::fault(about, &fault.place, &fault.what, &fault.hint)
    }
}

/// Files of certificates with the day on which the first to end in each does.
pub type LastDays<'a> = Result<Vec<(&'a Path, Date)>, Fault>;

/// Looks at everything that the settings name; `now` is the clock of the desk. `tls` is what the console, where it speaks TLS, says of its
/// certificates.
pub fn examine(config: &Config, catalogue: Result<&Catalogue, &[Fault]>, tls: Option<LastDays<'_>>, now: Moment) -> Vec<Look> {
    let mut looks = vec![settings(config)];
    looks.extend(book(catalogue, now));
    looks.extend(desk(&config.desk));
    looks.extend(folders::examine(config));
    looks.extend(state::examine(config, now));
    looks.extend(machine::examine(config));
    looks.push(console(&config.console));
    looks.extend(config.console.tls.iter().zip(tls).flat_map(|(settings, ends)| certificates(settings, ends, now)));
    looks.extend(config.imap.as_ref().map(mailbox));
    looks.extend(config.smtp.as_ref().map(sending));
    looks
}

/// Whose desk this is: without a file, a sample of its own in the current folder.
fn settings(config: &Config) -> Look {
    match &config.settings {
        Some(path) => Look::sound("settings", path.display(), "is in force"),
        None => {
            let hint = "`cd` to the folder that `uketsuke init` made, or name its settings with --config";
            Look::note("settings", "uketsuke.toml", "is not in this folder: what follows is about the sample desk", hint)
        }
    }
}

/// Whether the console would open with these settings.
fn console(settings: &ConsoleSettings) -> Look {
    match settings.check() {
        Ok(()) => Look::sound("console", settings.listen, "nobody reaches it in clear but this machine and its proxy"),
        Err(fault) => Look::of("console", &fault),
    }
}

/// Certificates are seen to this many days before they end.
const IN_TIME: i32 = 30;

/// Whether the console speaks TLS with its files, for how long, and who else may read its key.
fn certificates(settings: &TlsSettings, ends: LastDays<'_>, now: Moment) -> Vec<Look> {
    let ends = match ends {
        Ok(ends) => ends,
        Err(fault) => return vec![Look::of("tls", &fault)],
    };
    let today = now.date();
    let mut looks: Vec<Look> = ends
        .into_iter()
        .map(|(path, end)| {
            let (place, hint) = (path.display(), "put a new one in its place and start `serve` again");
            match today.until(end).map_or(0, |span| span.get_days()) {
                ..0 => Look::fault("tls", place, format!("ended on {end}: no browser takes it any more"), hint),
                0..IN_TIME => Look::note("tls", place, format!("ends on {end}"), hint),
                _ => Look::sound("tls", place, format!("is good until {end}")),
            }
        })
        .collect();
    let open = std::fs::metadata(&settings.key).is_ok_and(|key| key.permissions().mode() & 0o077 != 0);
    looks.extend(open.then(|| {
        let hint = "chmod 600, owned by the user that runs `serve`";
        Look::note("tls", settings.key.display(), "others on this machine may read this key", hint)
    }));
    looks
}

/// Whether the password for sending is at hand. The server is not asked: it may count log-ins.
fn sending(settings: &SmtpSettings) -> Look {
    match settings.user.as_ref().map(|_| settings.password()) {
        None => Look::sound("sending", &settings.host, "takes mails without a log-in"),
        Some(Ok(_)) => Look::sound("sending", &settings.host, "its password is at hand"),
        Some(Err(fault)) => Look::of("sending", &fault),
    }
}

/// Whether the mailbox opens, with the password and the folder of the settings.
fn mailbox(settings: &ImapSettings) -> Look {
    match Mailbox::open(settings) {
        Ok(mailbox) => {
            mailbox.close();
            Look::sound("mailbox", mailbox::name(settings), "opens")
        }
        Err(fault) => Look::of("mailbox", &fault),
    }
}

/// The catalogue, and whether its calendar knows the days that deadlines will fall on.
fn book(catalogue: Result<&Catalogue, &[Fault]>, now: Moment) -> Vec<Look> {
    let catalogue = match catalogue {
        Ok(catalogue) => catalogue,
        Err(faults) => return faults.iter().map(|fault| Look::of("templates", fault)).collect(),
    };
    let faults = catalogue.check();
    if !faults.is_empty() {
        return faults.iter().map(|fault| Look::of("templates", fault)).collect();
    }
    let this = now.date().year();
    let unknown = |year: i16| jiff::civil::Date::new(year, 6, 1).is_ok_and(|day| catalogue.calendar.is_open(day).is_err());
    let calendar = match [this, this + 1].into_iter().find(|year| unknown(*year)) {
        None => Look::sound("calendar", "holidays.toml", format!("knows the holidays of {this} and {}", this + 1)),
        Some(year) if year == this => Look::fault(
            "calendar",
            "holidays.toml",
            format!("lists no holidays of {year}: no deadline can be counted"),
            "add this year to templates/_shared/holidays.toml (内閣府「国民の祝日」)",
        ),
        Some(year) => Look::note(
            "calendar",
            "holidays.toml",
            format!("lists no holidays of {year} yet"),
            "add that year before the first deadline that falls into it (内閣府「国民の祝日」, published in February)",
        ),
    };
    let names: Vec<&str> = catalogue.known.iter().map(|form| form.name.as_str()).collect();
    let forms = match names.as_slice() {
        [] => "none is known: what is printed on them is read each time (`uketsuke form learn`)".to_owned(),
        names => format!("the print of {} is known", names.join(", ")),
    };
    vec![
        Look::sound("templates", "templates", format!("forms, rules, flows and letters hold (version {})", &catalogue.basis[..12])),
        Look::sound("forms", "forms under the state", forms),
        calendar,
    ]
}

/// A desk that still answers as the sample.
fn desk(desk: &DeskSettings) -> Vec<Look> {
    let sample = DeskSettings::default();
    let still = [
        ("tso", desk.tso == sample.tso),
        ("address", desk.address == sample.address),
        ("phone", desk.phone == sample.phone),
        ("email", desk.email == sample.email),
    ];
    let still: Vec<&str> = still.into_iter().filter(|(_, same)| *same).map(|(name, _)| name).collect();
    if still.is_empty() {
        return vec![Look::sound("desk", "[desk]", format!("{} {}", desk.tso, desk.section))];
    }
    let what = format!("{} as in the sample desk: letters would go out in its name", still.join(", "));
    vec![Look::note("desk", "[desk]", what, "fill in [desk] in uketsuke.toml before the first real application")]
}

#[cfg(test)]
mod tests;
