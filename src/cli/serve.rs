//! `serve`: the desk's console in a browser.

use crate::cli::common::{self, Done, Options};
use crate::web;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// Address and port, instead of that of the settings.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<std::net::SocketAddr>,
}

pub fn run(options: &Options, arguments: &Arguments) -> Done {
    let mut config = options.resolve()?;
    config.console.listen = arguments.listen.unwrap_or(config.console.listen);
    let catalogue = common::checked_catalogue(&config)?;
    let quiet = options.quiet;
    let ready = |address: &str| {
        if !quiet {
            println!("{address}");
        }
    };
    web::serve(config, catalogue, Box::new(options.clock()), &ready).map_err(|fault| vec![fault])?;
    Ok(ExitCode::SUCCESS)
}
