//! `watch`: the daemon, and the signals that end it or reload its catalogue.

use crate::cli::common::{self, Done, MailSources, Options};
use crate::cli::run::busy;
use crate::fault::Fault;
use crate::watch::bell::Bell;
use crate::watch::{Ended, Orders, watch};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

pub fn run(options: &Options, sources: &MailSources) -> Done {
    let config = options.resolve()?;
    let catalogue = common::checked_catalogue(&config)?;
    let bell = Arc::new(Bell::default());
    listen(bell.clone()).map_err(|error| vec![Fault::io(Path::new("signals"), &error)])?;
    let (clock, counting, mail) = (options.clock(), options.counting(), sources.with(&config));
    let ended = common::with_jobs(config.jobs, || {
        let reload = || common::checked_catalogue(&config);
        watch(Orders { config: &config, catalogue: Arc::new(catalogue), mail: &mail, bell, clock: &clock, counting, reload: &reload })
    })?
    .map_err(|fault| vec![fault])?;
    Ok(match ended {
        Ended::Asked => ExitCode::SUCCESS,
        Ended::Busy => busy(&config),
    })
}

/// Signals ring the bell. The batch under way is finished; who asks a second time does not wait for it, and loses nothing
/// by that: what was not committed is done again.
fn listen(bell: Arc<Bell>) -> std::io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut asked = false;
        for signal in signals.forever() {
            if signal == SIGHUP {
                bell.reload();
            } else if std::mem::replace(&mut asked, true) {
                std::process::exit(128 + signal);
            } else {
                bell.stop();
            }
        }
    })?;
    Ok(())
}
