//! Progress on a terminal; plain lines otherwise.

use crate::desk::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;

/// A bar on a terminal, nothing but log lines elsewhere.
pub struct Bar(Option<ProgressBar>);

impl Bar {
    pub fn new(quiet: bool) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Bar(None);
        }
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}").unwrap_or_else(|_| ProgressStyle::default_bar());
        Bar(Some(ProgressBar::new(0).with_style(style).with_message("reading")))
    }
}

impl Progress for Bar {
    fn begin(&self, documents: u64) {
        match &self.0 {
            Some(bar) => bar.set_length(documents),
            None => tracing::info!(documents, "reading"),
        }
    }

    fn read(&self, name: &str) {
        match &self.0 {
            Some(bar) => bar.inc(1),
            None => tracing::info!(name, "read"),
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
