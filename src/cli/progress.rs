//! Progress on a terminal; plain lines otherwise.

use crate::desk::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};

/// How a run is watched.
pub enum Bar {
    Terminal(ProgressBar),
    Lines,
    Silent,
}

impl Bar {
    pub fn new(quiet: bool) -> Self {
        if quiet {
            return Bar::Silent;
        }
        if !std::io::stderr().is_terminal() {
            return Bar::Lines;
        }
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}").unwrap_or_else(|_| ProgressStyle::default_bar());
        Bar::Terminal(ProgressBar::new(0).with_style(style).with_message("reading"))
    }
}

impl Progress for Bar {
    fn begin(&self, documents: u64) {
        match self {
            Bar::Terminal(bar) => bar.set_length(documents),
            Bar::Lines => tell(&format!("reading {documents} document(s)")),
            Bar::Silent => {}
        }
    }

    fn read(&self, name: &str) {
        match self {
            Bar::Terminal(bar) => bar.inc(1),
            Bar::Lines => tell(&format!("read {}", name.escape_debug())),
            Bar::Silent => {}
        }
    }

    fn end(&self) {
        if let Bar::Terminal(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// A run goes on though nobody listens any more.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
