//! The command line: one file a verb.
//!
//! Owns arguments and what is printed. Never decides anything about a case.

mod json;
mod read;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "uketsuke", version, about = "受付: reads applications, checks them, writes the letters")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Reads and checks files without touching any state.
    Read(read::Arguments),
}

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    match Arguments::parse().verb {
        Verb::Read(arguments) => read::run(&arguments),
    }
}
