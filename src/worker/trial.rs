//! Documents that do to a reader what hostile ones would: only in builds for development, only when asked for by name in the
//! environment. The program that people run has no such door.

use crate::domain::id::DocId;
use crate::pipeline::{self, Digest, Inside, Office};
use crate::reading;
use crate::reading::format::{Source, Tools};
use std::hint::black_box;
use std::io::Write;
use std::process::Command;

/// Set for readers that play trials.
const TRIAL: &str = "UKETSUKE_TRIAL";
/// How a document of a trial begins; the name of the trial follows.
const SIGN: &[u8] = b"uketsuke trial: ";

pub fn pass_on(command: &mut Command) {
    if let Some(trial) = std::env::var_os(TRIAL) {
        command.env(TRIAL, trial);
    }
}

/// `None` for what is no trial.
pub fn play(name: &str, bytes: &[u8], inside: Inside, tools: &Tools<'_>, office: &Office<'_>) -> Option<Digest> {
    std::env::var_os(TRIAL)?;
    // A part that is not opened does nothing.
    if reading::mail::sniff(bytes) {
        let mail = reading::read(&Source { doc: DocId::of(bytes), name, bytes }, tools).content;
        let parts = mail.parts().iter().enumerate().filter(|(n, _)| inside.opens(*n));
        parts.for_each(|(_, part)| drop(once(&part.name, &part.bytes, office)));
    }
    once(name, bytes, office)
}

fn once(name: &str, bytes: &[u8], office: &Office<'_>) -> Option<Digest> {
    let trial = std::str::from_utf8(bytes.strip_prefix(SIGN)?).ok()?.split_whitespace().next()?;
    match trial {
        "panic" => panic!("a secret of the document"),
        "abort" => std::process::abort(),
        "exit" => std::process::exit(7),
        "loop" => {
            let mut n = 0u64;
            loop {
                n = black_box(n.wrapping_add(1));
            }
        }
        "sleep" => loop {
            std::thread::park();
        },
        "bomb" => {
            black_box(vec![1u8; 300 << 30]);
        }
        "leak" => {
            let mut all = Vec::new();
            loop {
                all.push(black_box(vec![1u8; 8 << 20]));
            }
        }
        "stack" => {
            black_box(deeper(1));
        }
        "flood" => {
            let mut answers = std::io::stdout().lock();
            while answers.write_all(&[b'x'; 4096]).is_ok() {}
        }
        "chatter" => {
            let mut words = std::io::stderr().lock();
            while words.write_all(&[b'x'; 4096]).is_ok() {}
        }
        "long" => {
            let mut digest = pipeline::unreadable(name, DocId::of(bytes), office);
            digest.name = "x".repeat(65 << 20);
            return Some(digest);
        }
        "escape" => {
            let mut digest = pipeline::unreadable(name, DocId::of(bytes), office);
            digest.format = escapes().join(", ");
            return Some(digest);
        }
        _ => return None,
    }
    None
}

fn deeper(n: u64) -> u64 {
    let room = black_box([n; 64]);
    if black_box(true) { deeper(n + 1) + room[(n % 64) as usize] } else { n }
}

/// The ways out that stood open.
fn escapes() -> Vec<&'static str> {
    let own = rustix::process::getpid();
    let most = rustix::process::Rlimit { current: None, maximum: None };
    [
        ("read a file", std::fs::read("/etc/hostname").is_ok() || std::fs::read("/proc/self/environ").is_ok()),
        ("list a folder", std::fs::read_dir("/").is_ok()),
        ("write a file", std::fs::write(std::env::temp_dir().join("uketsuke-escape"), b"x").is_ok()),
        ("make a folder", std::fs::create_dir(std::env::temp_dir().join("uketsuke-escape")).is_ok()),
        ("connect", std::net::TcpStream::connect("127.0.0.1:9").is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)),
        ("listen", std::net::TcpListener::bind("127.0.0.1:0").is_ok()),
        ("send", std::net::UdpSocket::bind("127.0.0.1:0").is_ok()),
        ("talk locally", std::os::unix::net::UnixStream::pair().is_ok()),
        ("start a program", Command::new("/bin/true").status().is_ok() || Command::new("/proc/self/exe").arg("--help").status().is_ok()),
        ("send a signal", rustix::process::test_kill_process(own).is_ok()),
        ("lift its limits", rustix::process::prlimit(Some(own), rustix::process::Resource::Cpu, most).is_ok()),
        (
            "keep a secret of its environment",
            std::env::vars_os()
                .any(|(name, _)| ![TRIAL, super::process::MARK, super::process::ONE_HEAP.0].iter().any(|known| name == *known)),
        ),
    ]
    .into_iter()
    .filter_map(|(way, open)| open.then_some(way))
    .collect()
}
