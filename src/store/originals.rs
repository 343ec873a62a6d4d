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

    /// Keeps the bytes; nothing happens when they are there already.
    pub fn put(&self, bytes: &[u8]) -> Result<DocId, Fault> {
        let doc = DocId::of(bytes);
        let path = self.path(doc);
        files::make_folder(path.parent().unwrap_or(&self.0), Mode::Private)?;
        files::write_whole(&path, bytes, Mode::Private)?;
        Ok(doc)
    }

    /// The bytes, checked against their name.
    pub fn get(&self, doc: DocId) -> Result<Vec<u8>, Fault> {
        let path = self.path(doc);
        let bytes = std::fs::read(&path).map_err(|error| Fault::io(&path, &error))?;
        if DocId::of(&bytes) != doc {
            return Err(Fault::lasting(path.display(), "the bytes are not those that were stored", "restore the original from a backup"));
        }
        Ok(bytes)
    }
}
