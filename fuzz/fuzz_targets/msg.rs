#![no_main]
#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(init: targets::only_what_gets_out(), |bytes: &[u8]| targets::run("msg", bytes));
