//! What a reader, the process that reads one document, may take of the machine.
//!
//! Owns these limits and the least that they can be. Never starts a reader.

use crate::fault::Fault;
use serde::Deserialize;
use std::path::PathBuf;

/// How documents are read, in processes of their own, and what one may take of the machine meanwhile.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReaderSettings {
    /// A library of ONNX Runtime with which scans are read instead of what the program brings.
    pub onnxruntime: Option<PathBuf>,
    /// Address space of a reader.
    pub memory_mib: u64,
    /// CPU time without a sign that the work goes on.
    pub patience_seconds: u64,
    /// The same on the clock, which a busy machine stretches.
    pub silence_seconds: u64,
    /// All of it, on the clock.
    pub longest_minutes: u64,
}

/// MiB in which a reader can begin at all.
const LEAST_MEMORY: u64 = 256;

impl Default for ReaderSettings {
    fn default() -> Self {
        ReaderSettings { onnxruntime: None, memory_mib: 2048, patience_seconds: 60, silence_seconds: 600, longest_minutes: 60 }
    }
}

impl ReaderSettings {
    pub(super) fn check(&self) -> Result<(), Fault> {
        for (key, value, least) in [
            ("memory_mib", self.memory_mib, LEAST_MEMORY),
            ("patience_seconds", self.patience_seconds, 1),
            ("silence_seconds", self.silence_seconds, 1),
            ("longest_minutes", self.longest_minutes, 1),
        ] {
            if value < least {
                let what = format!("{value} is less than any reader can do with");
                return Err(Fault::lasting(format!("[readers] {key}"), what, format!("give {least} or more, or leave it out")));
            }
        }
        let Some(library) = &self.onnxruntime else { return Ok(()) };
        let wrong = |what: &str, hint: &str| Err(Fault::lasting(format!("[readers] onnxruntime = {}", library.display()), what, hint));
        if !cfg!(feature = "onnxruntime") {
            return wrong("this program was built without ONNX Runtime", "remove the setting, or build with --features onnxruntime");
        }
        if !library.is_absolute() {
            return wrong("a reader has no folder from which to begin", "give the whole path of the library");
        }
        Ok(())
    }
}
