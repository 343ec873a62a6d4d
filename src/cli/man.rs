//! `man`: the manual, one page a verb.

use crate::cli::common::{self, Done};
use crate::fault::Fault;
use crate::files::{self, Mode};
use clap::CommandFactory;
use clap_mangen::Man;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// Where a page for each verb goes, such as uketsuke-run.1; the main page goes to standard output when not given.
    dir: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Done {
    let mut command = super::Arguments::command();
    command.build();
    let Some(dir) = &arguments.dir else { return common::print(&page(&command)?) };
    let pages = pages(&command)?;
    let write = || -> Result<(), Fault> {
        files::make_folder(dir, Mode::Shared)?;
        pages.iter().try_for_each(|(name, page)| files::renew(&dir.join(format!("{name}.1")), page, Mode::Shared))
    };
    write().map(|()| ExitCode::SUCCESS).map_err(|fault| vec![fault])
}

/// A command's page and those of its verbs, each under its whole name.
fn pages(command: &clap::Command) -> Result<Vec<(String, Vec<u8>)>, Vec<Fault>> {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    let mut all = vec![(name, page(command)?)];
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help") {
        all.extend(pages(verb)?);
    }
    Ok(all)
}

fn page(command: &clap::Command) -> Result<Vec<u8>, Vec<Fault>> {
    let mut page = Vec::new();
    // A verb's page would name the verb alone as what it comes from.
    let rendered = Man::new(command.clone()).source(concat!("uketsuke ", env!("CARGO_PKG_VERSION"))).render(&mut page);
    rendered.map_err(|error| vec![Fault::io(std::path::Path::new("the manual"), &error)])?;
    Ok(page)
}
