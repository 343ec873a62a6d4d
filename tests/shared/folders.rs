//! The program on the three folders of a desk: shared by tests that look at what it leaves there.

use std::path::Path;
use std::process::{Command, Output};

/// Settings count where the desk has some.
pub fn uketsuke(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uketsuke"));
    command.args(arguments);
    let settings = root.join("uketsuke.toml");
    if settings.exists() {
        command.arg("--config").arg(settings);
    }
    for name in ["inbox", "outbox", "state"] {
        command.arg(format!("--{name}")).arg(root.join(name));
    }
    command.output().unwrap()
}
