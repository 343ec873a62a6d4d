//! The command line: one file a verb.
//!
//! Owns arguments and what is printed. Never decides anything about a case.

mod account;
mod backup;
mod case;
mod check;
mod common;
mod completions;
mod demo;
mod doctor;
mod explain;
mod export;
mod form;
mod init;
mod json;
mod man;
mod picture;
mod progress;
mod read;
mod record;
mod replay;
mod report;
mod restore;
mod run;
mod send;
mod serve;
mod verify;
mod watch;

use crate::worker;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Could not run, or the check found faults.
pub const FAILED: u8 = 1;
/// Done, and something waits for a person.
pub const WAITS: u8 = 2;
/// Another program holds the state.
pub const BUSY: u8 = 3;
/// The step is not allowed in this state.
pub const REFUSED: u8 = 4;

#[derive(Parser)]
#[command(
    name = "uketsuke",
    version,
    about = "受付: reads what comes to the desk, checks it, carries cases forward and writes the letters"
)]
struct Arguments {
    #[command(flatten)]
    common: common::Options,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Copies the shipped samples into a fresh folder and runs the whole desk on them.
    Demo(demo::Arguments),
    /// Takes what lies in the inbox, processes all of it, renders the outbox, ends: the nightly run.
    Run(common::MailSources),
    /// The same, as files arrive; deadlines fire on time. SIGTERM ends it, SIGHUP reloads the catalogue.
    Watch(common::MailSources),
    /// Reads and checks files without touching any state.
    Read(read::Arguments),
    /// Looks at cases, and records what a person did or decided.
    #[command(subcommand)]
    Case(case::Verb),
    /// Derives every case anew from the originals and the log, and compares; changes nothing.
    Replay(replay::Arguments),
    /// Proves that nothing was lost, changed or forged: ledger, originals, outbox; changes nothing.
    Verify(verify::Arguments),
    /// Saves the state in one file while the desk works; the sealing key is not in it.
    Backup(backup::Arguments),
    /// Puts a backup into an empty state folder.
    Restore(restore::Arguments),
    /// The desk's console in a browser, on this machine alone unless the settings say otherwise.
    Serve(serve::Arguments),
    /// Sends mails that wait, where the desk sends them itself; shows the queue, stops and resumes it.
    Send(send::Arguments),
    /// Who may use the console.
    #[command(subcommand)]
    Account(account::Verb),
    /// Forms whose print the desk knows, so that it need not be read on every scan.
    #[command(subcommand)]
    Form(form::Verb),
    /// The month's figures: a page, a workbook and CSV.
    Report(report::Arguments),
    /// The ledger as CSV, xlsx or JSON.
    Export(export::Arguments),
    /// Makes the folders of a new desk and a settings file that explains itself.
    Init(init::Arguments),
    /// Says what would go wrong here, and how to mend it; changes nothing.
    Doctor,
    /// Prints what a shell needs to complete verbs and options.
    Completions(completions::Arguments),
    /// Prints the manual, or writes a page for each verb.
    Man(man::Arguments),
    /// Checks configuration, forms, rules with their examples, flows and templates.
    Check(check::Arguments),
    /// Reads for another process of this program, which speaks to it over its pipes.
    #[command(name = worker::VERB, hide = true)]
    Worker { library: Option<std::path::PathBuf> },
}

/// Where what is printed goes into a pipe that is closed, as by `| head`, nobody wants to hear of a panic.
fn end_with_the_pipe() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str().is_some_and(|words| words.starts_with("failed printing to stdout")) {
            std::process::exit(FAILED.into());
        }
        tell(panic);
    }));
}

/// What was asked for is printed; arguments that do not hold are a failure like any other, and not work that waits for a person.
fn misused(told: &clap::Error) -> ExitCode {
    // Nobody is left to hear that it could not be printed.
    let _ = told.print();
    if told.use_stderr() { ExitCode::from(FAILED) } else { ExitCode::SUCCESS }
}

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    let Arguments { common, verb } = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(told) => return misused(&told),
    };
    if !matches!(verb, Verb::Worker { .. }) {
        end_with_the_pipe();
    }
    common.start_log(matches!(verb, Verb::Watch(_) | Verb::Serve(_)));
    let done = match verb {
        Verb::Demo(arguments) => demo::run(&common, &arguments),
        Verb::Run(arguments) => run::run(&common, &arguments),
        Verb::Watch(arguments) => watch::run(&common, &arguments),
        Verb::Read(arguments) => read::run(&common, &arguments),
        Verb::Case(verb) => case::run(&common, &verb),
        Verb::Replay(arguments) => replay::run(&common, &arguments),
        Verb::Verify(arguments) => verify::run(&common, &arguments),
        Verb::Backup(arguments) => backup::run(&common, &arguments),
        Verb::Restore(arguments) => restore::run(&common, &arguments),
        Verb::Serve(arguments) => serve::run(&common, &arguments),
        Verb::Send(arguments) => send::run(&common, &arguments),
        Verb::Account(verb) => account::run(&common, &verb),
        Verb::Form(verb) => form::run(&common, &verb),
        Verb::Report(arguments) => report::run(&common, &arguments),
        Verb::Export(arguments) => export::run(&common, &arguments),
        Verb::Init(arguments) => init::run(&common, &arguments),
        Verb::Doctor => doctor::run(&common),
        Verb::Completions(arguments) => completions::run(&arguments),
        Verb::Man(arguments) => man::run(&arguments),
        Verb::Check(arguments) => check::run(&common, &arguments),
        Verb::Worker { library } => return worker::serve(library.as_deref()),
    };
    match done {
        Ok(code) => code,
        Err(faults) => {
            faults.iter().for_each(|fault| eprintln!("error: {fault}"));
            ExitCode::from(FAILED)
        }
    }
}
