//! Issuing what an operator enters MMS with: MMSコード, user IDs and client certificates.
//!
//! Owns the shape of the codes and the embedded certification authority. Never writes to the ledger or the outbox,
//! never decides when something is issued.

pub mod authority;
mod codes;
pub mod seal;

pub use codes::{Users, issue};

use crate::domain::case::CertificateFacts;
use crate::domain::date::Moment;
use crate::domain::secret::Secret;
use crate::fault::Fault;

/// For whom a certificate is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order<'a> {
    pub case: &'a str,
    pub company: &'a str,
    pub mms_code: &'a str,
    pub user_id: &'a str,
    /// Counts the certificates of one user from 1.
    pub ordinal: u32,
    pub at: Moment,
}

/// A certificate with its key file and the passphrase that opens it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certified {
    pub facts: CertificateFacts,
    /// PKCS#12: key, certificate and the authority's certificate.
    pub key_file: KeyFile,
    pub passphrase: Secret,
}

/// The bytes of a key file; does not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyFile(pub Vec<u8>);

impl std::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyFile({} bytes)", self.0.len())
    }
}

/// Who makes certificates and seals what waits for delivery; the port between a case's story and the keys.
pub trait Certifier: Sync {
    fn certify(&self, order: &Order<'_>) -> Result<Certified, Fault>;
    /// Seals a file of the outbox under its path.
    fn close(&self, bytes: &[u8], path: &str) -> Result<Vec<u8>, Fault>;
    /// Opens what was sealed under that path.
    fn unclose(&self, sealed: &[u8], path: &str) -> Result<Vec<u8>, Fault>;
}
