//! How much of the machine one document may take.

use crate::config::ReaderSettings;
use std::time::Duration;

/// Bounds of one reader while it works on one document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Address space in bytes.
    pub memory: u64,
    /// CPU time without a sign that the work goes on.
    pub patience: Duration,
    /// The same on the clock, for readers that wait and do not work.
    pub silence: Duration,
    /// All of it, on the clock, with whatever signs.
    pub longest: Duration,
}

impl Bounds {
    pub fn of(settings: &ReaderSettings) -> Self {
        Bounds {
            memory: settings.memory_mib.saturating_mul(1 << 20),
            patience: Duration::from_secs(settings.patience_seconds.max(1)),
            silence: Duration::from_secs(settings.silence_seconds.max(1)),
            longest: Duration::from_secs(settings.longest_minutes.saturating_mul(60)),
        }
    }
}
