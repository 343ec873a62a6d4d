//! A document taken out of the mail or archive that it came in.

use crate::domain::id::DocId;
use crate::pipeline::Keys;
use crate::reading;
use crate::reading::format::{Source, Tools};

/// The bytes of the last document of `path`, each of which lies in the one before; `root` are the bytes of the first.
/// `None` where it is not in there, or a password keeps it shut.
pub fn inside(root: &[u8], path: &[DocId], keys: &Keys, tools: &Tools<'_>) -> Option<Vec<u8>> {
    let mut bytes = root.to_vec();
    let mut passwords = Vec::new();
    for step in path.windows(2) {
        let source = Source { doc: step[0], name: "", bytes: &bytes };
        let reading = reading::unlock(reading::read(&source, tools), &source, tools, &passwords);
        passwords = keys.within(&reading.content, &passwords);
        let part = reading.content.parts().iter().find(|part| DocId::of(&part.bytes) == step[1])?;
        bytes = part.bytes.clone();
    }
    Some(bytes)
}
