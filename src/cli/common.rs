//! Options that every verb takes.

use crate::catalogue::{self, Catalogue, known};
use crate::config::{self, Config, Overrides};
use crate::desk::Counting;
use crate::domain::Files;
use crate::domain::date::Moment;
use crate::domain::pattern::compiled;
use crate::domain::text;
use crate::fault::Fault;
use crate::reading::format::Limits;
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How a verb ends: an exit code, or faults to print.
pub type Done = Result<ExitCode, Vec<Fault>>;

#[derive(clap::Args)]
pub struct Options {
    /// Settings file; `uketsuke.toml` in the current folder when not given.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where staff drop files.
    #[arg(long, global = true, value_name = "DIR")]
    pub inbox: Option<PathBuf>,
    /// Where letters and orders appear.
    #[arg(long, global = true, value_name = "DIR")]
    pub outbox: Option<PathBuf>,
    /// The program's own folder: ledger, originals, quarantine.
    #[arg(long, global = true, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// The clock of this run, such as 2026-04-08T10:00:00+09:00.
    #[arg(long, global = true, value_name = "RFC3339")]
    pub now: Option<Moment>,
    /// Documents read at a time; all cores when not given.
    #[arg(long, global = true, value_name = "N")]
    pub jobs: Option<usize>,
    /// Machine-readable output.
    #[arg(long, global = true)]
    pub json: bool,
    /// Nothing but errors.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Log lines for people, or one JSON object a line.
    #[arg(long, global = true, value_enum, default_value = "text", env = "UKETSUKE_LOG", hide_env_values = true)]
    pub log: LogShape,
    /// More of the log; twice for all of it.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// Mail that is taken in besides the inbox.
#[derive(clap::Args)]
pub struct MailSources {
    /// A mail file, mbox or Maildir that lies elsewhere; it is read and never moved.
    #[arg(long, value_name = "PATH")]
    pub mail: Vec<PathBuf>,
}

impl MailSources {
    /// Those of the settings and those of the command line.
    pub fn with(&self, config: &Config) -> Vec<PathBuf> {
        config.mail.iter().chain(&self.mail).cloned().collect()
    }
}

/// How log lines are written.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogShape {
    Text,
    Json,
}

impl Options {
    pub fn resolve(&self) -> Result<Config, Vec<Fault>> {
        let over = Overrides {
            config: self.config.clone(),
            inbox: self.inbox.clone(),
            outbox: self.outbox.clone(),
            state: self.state.clone(),
            jobs: self.jobs,
        };
        let variables = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let known = config::refuse_unknown_variables(variables);
        known.and_then(|()| Config::resolve(&over, &|name| std::env::var(name).ok())).map_err(|fault| vec![fault])
    }

    /// The clock of this run: the only place where the real one is read.
    pub fn now(&self) -> Moment {
        self.now.unwrap_or_else(|| Moment::new(jiff::Timestamp::now()))
    }

    /// A clock that was set says nothing of when files came.
    pub fn counting(&self) -> Counting {
        if self.now.is_some() { Counting::FromRun } else { Counting::FromLanding }
    }

    /// The clock of a program that goes on: the one of this run at its start, and on from there.
    pub fn clock(&self) -> impl Fn() -> Moment + Send + use<> {
        let (start, since) = (self.now, std::time::Instant::now());
        move || match start {
            Some(start) => Moment::new(start.timestamp() + since.elapsed()),
            None => Moment::new(jiff::Timestamp::now()),
        }
    }

    /// Log lines go to standard error. A daemon says what it does, the others what goes wrong.
    pub fn start_log(&self, daemon: bool) {
        let level = match (self.quiet, self.verbose + u8::from(daemon)) {
            (true, _) => "error",
            (_, 0) => "warn",
            (_, 1) => "info",
            _ => "debug",
        };
        let filter = tracing_subscriber::EnvFilter::new(format!("off,uketsuke={level}"));
        let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
        match self.log {
            LogShape::Text => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
            LogShape::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(false).init(),
        }
    }
}

/// The catalogue that the settings name, or the shipped one.
pub fn catalogue(config: &Config) -> Result<Catalogue, Vec<Fault>> {
    let files = match &config.templates {
        Some(folder) => catalogue::from_folder(folder).map_err(|fault| vec![fault])?,
        None => catalogue::shipped(),
    };
    let catalogue = catalogue_of(&files, config)?;
    let mut unknown: Vec<Fault> = config.desk.drafts.iter().filter_map(|kind| unknown_draft(kind, &catalogue)).collect();
    unknown.extend(unknown_area(&config.desk.area, &catalogue));
    unknown.extend(unknown_edition("edition", &config.desk.edition, &catalogue));
    unknown.extend(config.desk.previous_edition.iter().filter_map(|edition| unknown_edition("previous_edition", edition, &catalogue)));
    if unknown.is_empty() { Ok(catalogue) } else { Err(unknown.into_iter().map(|fault| config.placed(fault)).collect()) }
}

/// The catalogue in some files, with the forms that the desk knows.
pub fn catalogue_of(files: &Files, config: &Config) -> Result<Catalogue, Vec<Fault>> {
    let mut catalogue = Catalogue::load(files)?;
    catalogue.known = known::of_state(&config.state)?;
    Ok(catalogue)
}

/// A misspelt kind would let its letters leave unseen.
fn unknown_draft(kind: &str, catalogue: &Catalogue) -> Option<Fault> {
    let kinds = catalogue.letter_kinds();
    let what = format!("{kind:?} is no kind of letter");
    (!kinds.contains(&kind)).then(|| Fault::lasting("[desk] drafts", what, format!("use some of {}", kinds.join(", "))))
}

/// Every application would seem to be for another operator.
fn unknown_area(area: &str, catalogue: &Catalogue) -> Option<Fault> {
    let areas: Vec<&str> = catalogue.tsos.iter().map(|tso| tso.area.as_str()).collect();
    let what = format!("{area:?} is no area");
    (!areas.contains(&area)).then(|| Fault::lasting("[desk] area", what, format!("use one of {}", areas.join(", "))))
}

/// Every form would seem to be of another edition.
fn unknown_edition(key: &str, edition: &str, catalogue: &Catalogue) -> Option<Fault> {
    let form = catalogue.documents.iter().find(|spec| spec.id.as_str() == "application_form")?;
    let pattern = form.field("form_edition")?.pattern.as_deref()?;
    let is_one = compiled(pattern).is_none_or(|pattern| pattern.is_match(&text::tidy(edition)));
    let what = format!("{edition:?} is no edition that a form can bear");
    (!is_one).then(|| Fault::lasting(format!("[desk] {key}"), what, "write it as it stands on the form, such as \"2026年4月版\""))
}

/// The catalogue, with everything checked that `uketsuke check` looks at.
pub fn checked_catalogue(config: &Config) -> Result<Catalogue, Vec<Fault>> {
    let catalogue = catalogue(config)?;
    let faults = catalogue.check();
    if faults.is_empty() { Ok(catalogue) } else { Err(faults) }
}

/// A wrong path or a disk that is not mounted proves nothing.
pub fn find_state(config: &Config) -> Result<(), Vec<Fault>> {
    let hint = "give --state or mount its disk; `uketsuke init` makes a new desk";
    if config.state.exists() { Ok(()) } else { Err(vec![Fault::lasting(config.state.display(), "is not there", hint)]) }
}

/// Runs work on as many threads as the settings say.
pub fn with_jobs<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> T + Send) -> Result<T, Vec<Fault>> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0)).stack_size(16 << 20).build();
    pool.map(|pool| pool.install(work)).map_err(|error| vec![Fault::lasting("--jobs", error, "give a smaller number")])
}

/// The bytes, unless there are more than the desk takes.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Fault> {
    let size = std::fs::metadata(path).map_err(|error| Fault::io(path, &error))?.len();
    if size > Limits::default().bytes as u64 {
        return Err(Fault::lasting(path.display(), format!("has {size} bytes, more than the desk takes"), "divide the file"));
    }
    std::fs::read(path).map_err(|error| Fault::io(path, &error))
}

/// Puts bytes on standard output; a reader that went away is no fault.
pub fn print(bytes: &[u8]) -> Done {
    printed(std::io::stdout().lock().write_all(bytes)).map(|()| ExitCode::SUCCESS).map_err(|fault| vec![fault])
}

/// Puts an object on a line of standard output, piece by piece as it is made.
pub fn print_line(object: &impl Serialize) -> Result<(), Fault> {
    let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let written = serde_json::to_writer(&mut out, object).map_err(std::io::Error::from);
    printed(written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()))
}

fn printed(done: std::io::Result<()>) -> Result<(), Fault> {
    match done {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Fault::io(std::path::Path::new("standard output"), &error)),
        _ => Ok(()),
    }
}
