//! Forms whose print this desk knows: the files that `uketsuke form learn` wrote.
//!
//! Owns these files and their shape. Never lays a form on a page.

use crate::domain::form::Form;
use crate::domain::id::{DocId, Hasher};
use crate::fault::Fault;
use crate::files::{self, Mode};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Bytes of one file.
const LARGEST: u64 = 32 << 20;
/// Where they lie under the state.
const FOLDER: &str = "forms";
const ENDING: &str = "json";

/// A form by the name that the administrator gave it.
#[derive(Clone, PartialEq, Debug)]
pub struct KnownForm {
    pub name: String,
    pub pages: Vec<Form>,
    /// The file as it lies in the folder.
    pub bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    pages: Vec<Form>,
}

impl KnownForm {
    pub fn new(name: &str, pages: Vec<Form>) -> Result<Self, Fault> {
        let bytes = serde_json::to_vec(&Written { pages }).map_err(|error| Fault::lasting(name, error, "report this as a bug"))?;
        // A form that came out of a reader is looked at like one that comes out of the folder.
        let pages = self::pages(&bytes)
            .map_err(|what| Fault::lasting(name, what, "look at the documents that were given; they may be made to deceive"))?;
        Ok(KnownForm { name: name.to_owned(), pages, bytes })
    }

    /// Writes the form under the state, over one of the same name.
    pub fn keep(&self, state: &Path) -> Result<PathBuf, Fault> {
        let folder = state.join(FOLDER);
        files::make_folder(state, Mode::Private)?;
        files::make_folder(&folder, Mode::Private)?;
        let path = folder.join(format!("{}.{ENDING}", self.name));
        files::renew(&path, &self.bytes, Mode::Private)?;
        Ok(path)
    }
}

/// The pages of a form out of its file.
pub fn pages(bytes: &[u8]) -> Result<Vec<Form>, String> {
    let Written { pages } = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if pages.iter().all(Form::is_sound) { Ok(pages) } else { Err("holds a place or a measure that no page has".to_owned()) }
}

/// All forms that a desk knows, by their names.
pub fn of_state(state: &Path) -> Result<Vec<KnownForm>, Vec<Fault>> {
    let folder = &state.join(FOLDER);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let listed = std::fs::read_dir(folder).map_err(|error| vec![Fault::io(folder, &error)])?;
    let mut paths: Vec<PathBuf> =
        listed.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == ENDING)).collect();
    paths.sort();
    let (forms, faults): (Vec<_>, Vec<_>) = paths.iter().map(|path| from_file(path)).partition(Result::is_ok);
    let faults: Vec<Fault> = faults.into_iter().filter_map(Result::err).collect();
    if faults.is_empty() { Ok(forms.into_iter().flatten().collect()) } else { Err(faults) }
}

fn from_file(path: &Path) -> Result<KnownForm, Fault> {
    let wrong =
        |what: String| Fault::lasting(path.display(), what, "learn the form anew with `uketsuke form learn`, or take the file away");
    let size = std::fs::metadata(path).map_err(|error| Fault::io(path, &error))?.len();
    if size > LARGEST {
        return Err(wrong(format!("has {size} bytes, more than a form has")));
    }
    let bytes = std::fs::read(path).map_err(|error| Fault::io(path, &error))?;
    let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    Ok(KnownForm { name, pages: pages(&bytes).map_err(wrong)?, bytes })
}

/// SHA-256 over the forms: pages are read by them.
pub fn hash(forms: &[KnownForm]) -> String {
    let mut hash = Hasher::default();
    forms.iter().for_each(|form| hash.update(DocId::of(&form.bytes).to_string().as_bytes()));
    hash.identity().to_string()
}
