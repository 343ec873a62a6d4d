//! Passwords on their way to a reader: the only place where they take a serial form, on a pipe that nobody else holds.

use crate::domain::secret::Secret;
use crate::pipeline::Keys;

/// The passwords of a batch, known to a reader by their number once it was told them.
pub struct KeyRing {
    pub(super) number: u64,
    pub(super) keys: Keys,
}

pub(super) fn written(keys: &Keys) -> Vec<(String, Vec<String>)> {
    keys.iter().map(|(sender, secrets)| (sender.to_owned(), secrets.iter().map(|secret| secret.expose().to_owned()).collect())).collect()
}

pub(super) fn read(written: Vec<(String, Vec<String>)>) -> Keys {
    let mut keys = Keys::default();
    for (sender, words) in written {
        keys.add(&sender, words.iter().map(|word| Secret::new(word)));
    }
    keys
}
