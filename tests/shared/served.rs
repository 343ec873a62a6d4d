//! A desk with its console open: shared by the tests of the console.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub const PASSWORD: &str = "a password for a test";

pub fn uketsuke(root: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uketsuke"));
    command.args(words).current_dir(root);
    command
}

pub fn add_account(root: &Path, name: &str, role: &str) {
    let mut add = uketsuke(root, &["account", "add", name, "--role", role]).stdin(Stdio::piped()).spawn().unwrap();
    writeln!(add.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    assert!(add.wait().unwrap().success());
}

/// A program that goes when the test does.
pub struct Program(pub Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The console under these settings, and its address.
pub fn serve(root: &Path, settings: &str, now: &str) -> (Program, String) {
    fs::write(root.join("uketsuke.toml"), settings).unwrap();
    let mut serve = uketsuke(root, &["serve", "--listen", "127.0.0.1:0", "--now", now]);
    let mut serve = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(serve.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (Program(serve), line.trim().trim_end_matches('/').to_owned())
}
