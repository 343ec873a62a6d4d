//! The bytes as they came, each under its SHA-256.

use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::files::{self, Mode};
use std::path::{Path, PathBuf};

/// A folder of originals, spread over 256 folders by the first byte.
#[derive(Clone, Debug)]
pub struct Originals(PathBuf);

impl Originals {
    pub fn at(state: &Path) -> Self {
        Originals(state.join("originals"))
    }

    pub fn path(&self, doc: DocId) -> PathBuf {
        let name = doc.to_string();
        self.0.join(&name[..2]).join(name)
    }

    /// Keeps the bytes; nothing happens when they are there already, and what was damaged is whole again.
    pub fn put(&self, bytes: &[u8]) -> Result<DocId, Fault> {
        let doc = DocId::of(bytes);
        let path = self.path(doc);
        files::make_folder(path.parent().unwrap_or(&self.0), Mode::Private)?;
        if self.check(doc)? == Some(false) {
            tracing::error!(original = %path.display(), "was damaged; the same document came again and takes its place");
            files::renew(&path, bytes, Mode::Private)?;
        } else {
            files::write_whole(&path, bytes, Mode::Private)?;
        }
        Ok(doc)
    }

    /// The bytes, checked against their name. Missing or changed bytes are a lasting fault, a disk that fails is not.
    pub fn get(&self, doc: DocId) -> Result<Vec<u8>, Fault> {
        let path = self.path(doc);
        let bytes = files::read(&path)?;
        if DocId::of(&bytes) != doc {
            return Err(Fault::lasting(path.display(), "the bytes are not those that were stored", "restore the original from a backup"));
        }
        Ok(bytes)
    }

    /// Every file in the folder, each with what its name and place say that it holds.
    pub fn list(&self) -> Result<Vec<(PathBuf, Option<DocId>)>, Fault> {
        let mut list = Vec::new();
        for entry in walkdir::WalkDir::new(&self.0).sort_by_file_name() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) if error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound) => continue,
                Err(error) => return Err(Fault::lasting(self.0.display(), error, "check the rights of this folder")),
            };
            if !entry.file_type().is_dir() {
                let doc = entry.file_name().to_str().and_then(|name| name.parse().ok());
                let doc = doc.filter(|doc| entry.file_type().is_file() && self.path(*doc) == entry.path());
                list.push((entry.into_path(), doc));
            }
        }
        Ok(list)
    }

    /// Whether the bytes are still those that were stored. `None` where there are none.
    pub fn check(&self, doc: DocId) -> Result<Option<bool>, Fault> {
        let path = self.path(doc);
        match std::fs::File::open(&path).and_then(DocId::of_reader) {
            Ok(found) => Ok(Some(found == doc)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Fault::io(&path, &error)),
        }
    }
}
