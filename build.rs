//! The shipped templates and samples are part of the program: a change in them is a change of it.
//!
//! The version of the shipped rules is taken here, and their tables are written as JSON, so that no start of the program has to.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=templates");
    println!("cargo:rerun-if-changed=samples/demo");
    let mut files = BTreeMap::new();
    walk(Path::new("templates"), &mut files)?;
    // As `catalogue::basis` has it; a test holds the two together.
    let mut hash = Sha256::new();
    for (path, bytes) in &files {
        hash.update((path.len() as u64).to_be_bytes());
        hash.update(path);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
    let basis: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    println!("cargo:rustc-env=UKETSUKE_BASIS={basis}");
    tables(&files)
}

/// `tables.rs`: each table by its path, as it is written and in JSON (`src/tables.rs`).
fn tables(files: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?);
    let mut list = String::from("&[");
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".toml")) {
        let broken = |what: String| io::Error::other(format!("templates/{path}: {what}"));
        let text = std::str::from_utf8(bytes).map_err(|error| broken(error.to_string()))?;
        let table: toml::Table = toml::from_str(text).map_err(|error| broken(error.to_string()))?;
        let json = serde_json::to_string(&table).map_err(|error| broken(error.to_string()))?;
        list += &format!("Carried {{ path: {path:?}, toml: {text:?}, json: {json:?} }},\n");
    }
    list += "]";
    fs::write(out.join("tables.rs"), list)
}

fn walk(folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            let name = path.strip_prefix("templates").unwrap_or(&path).to_string_lossy().replace('\\', "/");
            files.insert(name, fs::read(&path)?);
        }
    }
    Ok(())
}
