//! Sealing what must not lie about in clear: the authority's key, and letters that wait to be delivered.
//!
//! Owns one 256-bit key in a file of its own. Never writes what it seals, never logs anything of it.

use crate::fault::Fault;
use crate::files::{self, Mode};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use std::path::{Path, PathBuf};

const KEY_BYTES: usize = 32;

/// Opens and closes sealed bytes with AES-256-GCM; the nonce stands before the ciphertext.
pub struct Seal {
    key: LessSafeKey,
    path: PathBuf,
}

impl Seal {
    /// Reads the key, or makes one where there is none yet. It must be readable by its owner alone.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => {
                refuse_shared(path)?;
                bytes
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let made = random::<KEY_BYTES>()?.to_vec();
                files::make_folder(path.parent().unwrap_or(Path::new(".")), Mode::Private)?;
                files::write_whole(path, &made, Mode::Private)?;
                made
            }
            Err(error) => return Err(Fault::io(path, &error)),
        };
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| {
            Fault::lasting(
                path.display(),
                format!("is no sealing key ({} bytes, not {KEY_BYTES})", bytes.len()),
                "restore it from its backup",
            )
        })?;
        Ok(Seal { key: LessSafeKey::new(key), path: path.to_owned() })
    }

    /// Seals bytes for one place: opened under another name they are refused.
    pub fn close(&self, bytes: &[u8], place: &str) -> Result<Vec<u8>, Fault> {
        let nonce = random::<NONCE_LEN>()?;
        let mut sealed = bytes.to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place.as_bytes()), &mut sealed)
            .map_err(|_| Fault::lasting(place, "cannot be sealed", "report this as a bug"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    pub fn unclose(&self, sealed: &[u8], place: &str) -> Result<Vec<u8>, Fault> {
        let refused = || {
            Fault::lasting(
                place,
                format!("does not open with {}", self.path.display()),
                "restore the sealing key that this state was made with",
            )
        };
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(refused)?;
        let mut body = body.to_vec();
        let opened =
            self.key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place.as_bytes()), &mut body).map_err(|_| refused())?;
        Ok(opened.to_vec())
    }
}

/// Bytes from the system's own generator.
pub fn random<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| {
        Fault::transient("random numbers", "the system gives none", "wait until the machine has started up; the next run tries again")
    })?;
    Ok(bytes)
}

fn refuse_shared(path: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_err(|error| Fault::io(path, &error))?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Fault::lasting(
        path.display(),
        format!("can be read by others (mode {:o})", mode & 0o777),
        "chmod 600 this file, and think about who may have read it",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_was_sealed_opens_with_the_same_key_for_the_same_place_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/seal.key");
        let sealed = Seal::open(&path).unwrap().close(b"passphrase", "a").unwrap();
        assert!(!sealed.windows(10).any(|window| window == b"passphrase"));
        let again = Seal::open(&path).unwrap();
        assert_eq!(again.unclose(&sealed, "a").unwrap(), b"passphrase");
        assert!(again.unclose(&sealed, "b").is_err());
        assert!(Seal::open(&folder.path().join("other.key")).unwrap().unclose(&sealed, "a").is_err());
        let mut damaged = sealed.clone();
        damaged[20] ^= 1;
        assert!(again.unclose(&damaged, "a").is_err() && again.unclose(b"short", "a").is_err());
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seal.key");
        Seal::open(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let fault = Seal::open(&path).err().unwrap();
        assert!(fault.what.contains("can be read by others"), "{fault}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, b"too short").unwrap();
        assert!(Seal::open(&path).is_err());
    }
}
