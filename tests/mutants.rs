//! Mutants of honest files, through the same functions as `cargo fuzz`: none panics, aborts or hangs.
//!
//! A few of each in every run of the tests. Many, for as long as wanted:
//! `MUTANTS=100000 SEED=7 TARGET=pdf cargo test --test mutants -- --ignored --nocapture`. The mutant at work lies in
//! `target/tmp/mutant-TARGET`, so that it is at hand after an abort; `REPLAY=FILE TARGET=…` tries it alone.

#[path = "../fuzz/targets.rs"]
mod targets;

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use targets::{TARGETS, Target};

/// As deep as a reader may go.
const STACK: usize = 16 << 20;
const PATIENCE: Duration = Duration::from_secs(120);

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }
}

/// Honest files that a target understands.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let kinds: &[&str] = match target {
        "pdf" => &["pdf"],
        "tiff" => &["tif"],
        "jpeg" => &["jpg"],
        "png" => &["png"],
        "xlsx" => &["xlsx"],
        "xlsb" | "ods" | "xls" | "msg" | "zip" | "tnef" | "mbox" => &[target],
        "eml" => &["eml", "p7m"],
        "xml" => &["xml"],
        "text" => &["csv", "txt"],
        "view" => &["pdf", "png", "tif"],
        "document" => &["pdf", "png", "xlsx", "eml", "msg", "xml", "zip", "mbox", "csv"],
        _ => &[],
    };
    let mut paths = Vec::new();
    ["fuzz/seeds", "tests/accept/samples", "tests/data", "tests/cases/s01-i-prime-straight"]
        .iter()
        .for_each(|folder| walk(Path::new(folder), &mut paths));
    paths.retain(|path| path.extension().is_some_and(|kind| kinds.iter().any(|wanted| kind == *wanted)));
    paths.sort();
    let mut seeds: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).filter(|bytes| bytes.len() < 400_000).collect();
    if kinds.contains(&"pdf") {
        let open = seeds.iter().filter(|bytes| bytes.starts_with(b"%PDF")).filter_map(|bytes| unpacked_pdf(bytes)).collect::<Vec<_>>();
        seeds.extend(open);
    }
    if seeds.is_empty() {
        // A target of structures, which any bytes are.
        let mut dice = Dice(1);
        seeds = (0..4).map(|_| (0..640).map(|_| dice.below(256) as u8).collect()).collect();
    }
    seeds
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() { walk(&entry.path(), paths) } else { paths.push(entry.path()) }
    }
}

/// With its streams laid open, so that a change reaches what they say.
fn unpacked_pdf(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut document = lopdf::Document::load_mem(bytes).ok()?;
    document.decompress();
    let mut open = Vec::new();
    document.save_to(&mut open).ok()?;
    Some(open)
}

/// What breaks parsers.
const WORDS: &[&[u8]] = &[
    b"4294967295",
    b"-1",
    b"2147483648",
    b"99999999999999999999",
    b"1e308",
    b"NaN",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"\xff\xff\xff\x7f",
    b"<<",
    b">>",
    b"[",
    b"]",
    b"endobj",
    b"stream\n",
    b"1 0 R",
    b"/Length 0",
    b"/Kids[1 0 R]",
    b"BT",
    b"q ",
    b"cm ",
    b" 0 0 0 Tm",
    b"Do ",
    b"<a>",
    b"</a>",
    b"&#0;",
    b"&lt;",
    b"<!DOCTYPE a>",
    b"]]>",
    b"=?utf-8?B?",
    b"?=",
    b"\r\n\r\n",
    b"boundary=",
    b"--",
    b"Content-Type: ",
    b"\x1b$B",
    b"\x1b(B",
    "令和".as_bytes(),
    "㍿".as_bytes(),
    "\u{202e}".as_bytes(),
    b"A1:XFD1048576",
    b"r=\"XFD1048576\"",
];

fn mutate(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(40)).min(bytes.len());
        match dice.below(9) {
            0 if at < bytes.len() => bytes[at] = dice.below(256) as u8,
            1 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            2 if dice.below(4) == 0 => bytes.truncate(at.max(8)),
            3 => drop(bytes.splice(at..at, WORDS[dice.below(WORDS.len())].iter().copied())),
            4 => drop(bytes.splice(at..end, WORDS[dice.below(WORDS.len())].iter().copied())),
            5 => drop(bytes.drain(at..end)),
            6 => {
                let from = dice.below(bytes.len());
                let piece = bytes[from..bytes.len().min(from + 200)].to_vec();
                bytes.splice(at..at, piece);
            }
            7 if !other.is_empty() => {
                let from = dice.below(other.len());
                bytes.splice(at..end, other[from..other.len().min(from + 200)].iter().copied());
            }
            _ => {
                let piece = bytes[at..end].to_vec();
                (0..dice.below(50)).for_each(|_| drop(bytes.splice(at..at, piece.iter().copied())));
            }
        }
    }
}

/// A package with one member changed, its sums right again; anything else changed as it is.
fn mutant(seed: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    if seed.starts_with(b"PK")
        && dice.below(4) > 0
        && let Some(packed) = repacked(seed, dice)
    {
        return packed;
    }
    mutate(&mut bytes, other, dice);
    bytes
}

fn repacked(seed: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(seed)).ok()?;
    let changed = dice.below(archive.len());
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..archive.len() {
        let mut member = archive.by_index(n).ok()?;
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).ok()?;
        if n == changed {
            mutate(&mut bytes, b"", dice);
        }
        writer
            .start_file(
                member.name().ok()?.into_owned(),
                zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored),
            )
            .ok()?;
        writer.write_all(&bytes).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

/// Runs so many mutants; panics with the place of the one that failed.
fn play(name: &'static str, target: Target, count: usize, seed: u64) {
    let at_work = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mutant-{name}"));
    let (tell, told) = mpsc::channel();
    let path = at_work.clone();
    let work = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let seeds = seeds(name);
        let mut dice = Dice(seed);
        for n in 0..count {
            let (first, second) = (dice.below(seeds.len()), dice.below(seeds.len()));
            let bytes = if n < seeds.len() { seeds[n].clone() } else { mutant(&seeds[first], &seeds[second], &mut dice) };
            fs::write(&path, &bytes).unwrap();
            target(&bytes);
            let _ = tell.send(());
        }
    });
    let start = Instant::now();
    loop {
        match told.recv_timeout(PATIENCE) {
            Ok(()) => {}
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name}: no end in sight, see {}", at_work.display()),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    assert!(work.unwrap().join().is_ok(), "{name}: see {}", at_work.display());
    println!("{name}: {count} mutants in {:.0} s", start.elapsed().as_secs_f64());
    let _ = fs::remove_file(at_work);
}

#[test]
fn a_few_mutants_of_every_kind_end() {
    for (name, target) in TARGETS {
        play(name, *target, 12, 1);
    }
}

/// What fuzzing came to, kept small: each of these took a way of its own through the code.
#[test]
fn what_is_kept_of_fuzzing_ends() {
    let mut inputs = 0;
    for (name, target) in TARGETS {
        let mut paths = Vec::new();
        walk(&Path::new("fuzz/kept").join(name), &mut paths);
        paths.sort();
        assert!(!paths.is_empty(), "{name} has nothing kept");
        inputs += paths.len();
        let work = std::thread::Builder::new().stack_size(STACK).spawn(move || {
            for path in paths {
                println!("{}", path.display());
                target(&fs::read(&path).unwrap());
            }
        });
        assert!(work.unwrap().join().is_ok(), "{name}: see the last path");
    }
    println!("{inputs} inputs");
}

#[test]
#[ignore = "for as long as MUTANTS says"]
fn many_mutants_end() {
    let number = |name: &str, usual: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let only = std::env::var("TARGET").ok();
    if let (Some(only), Ok(path)) = (&only, std::env::var("REPLAY")) {
        let bytes = fs::read(path).unwrap();
        return TARGETS.iter().filter(|(name, _)| *name == only.as_str()).for_each(|(_, target)| target(&bytes));
    }
    for (name, target) in TARGETS.iter().filter(|(name, _)| only.as_ref().is_none_or(|only| only == name)) {
        play(name, *target, number("MUTANTS", 1_000) as usize, number("SEED", 1));
    }
}
