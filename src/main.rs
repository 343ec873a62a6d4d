//! The program: a thin front for the library.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    uketsuke::cli::run()
}
