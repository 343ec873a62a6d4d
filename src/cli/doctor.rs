//! `doctor`: what would go wrong here, and how to mend it.

use crate::cli::FAILED;
use crate::cli::common::{self, Done, Options};
use crate::doctor::{self, Grade};
use crate::web::tls;
use serde_json::json;
use std::process::ExitCode;

pub fn run(options: &Options) -> Done {
    // Settings that cannot be read leave nothing else to look at.
    let config = options.resolve()?;
    let catalogue = common::catalogue(&config);
    let certificates = config.console.tls.as_ref().map(tls::last_days);
    let looks = doctor::examine(&config, catalogue.as_ref().map_err(Vec::as_slice), certificates, options.now());
    let faults = looks.iter().filter(|look| look.grade == Grade::Fault).count();
    if options.json {
        println!("{}", json!({ "ok": faults == 0, "looks": looks }));
    } else {
        for look in looks.iter().filter(|look| !options.quiet || look.grade == Grade::Fault) {
            let word = match look.grade {
                Grade::Sound => "ok   ",
                Grade::Note => "note ",
                Grade::Fault => "FAULT",
            };
            let hint = if look.hint.is_empty() { String::new() } else { format!("\n         -> {}", look.hint) };
            println!("{word}  {:9}  {}: {}{hint}", look.about, look.place, look.what);
        }
        if !options.quiet {
            println!("{}", if faults == 0 { "ready".to_owned() } else { format!("{faults} to mend") });
        }
    }
    Ok(if faults == 0 { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}
