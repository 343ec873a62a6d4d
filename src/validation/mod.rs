//! From an extract to remarks: which rules a document or a case breaks.
//!
//! Owns the closed set of checks. Never reads a clock, never writes a sentence.
