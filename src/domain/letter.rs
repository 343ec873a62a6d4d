//! What leaves the desk: bytes that are final.

use serde::{Deserialize, Serialize};

/// One file of a letter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LetterFile {
    /// File name inside the case's folder.
    pub name: String,
    pub media_type: String,
    /// Sealed, and for the desk alone once it is delivered: a key file, or the page that says its passphrase.
    #[serde(default)]
    pub secret: bool,
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// A letter or an order, ready to be put into the outbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    /// Idempotence key: case, transition, revision. The same key never leaves twice.
    pub key: String,
    /// The kind of notice, such as `approval_notice`.
    pub kind: String,
    /// `APPROVE` or `REJECT` for an order to the operator of MMS.
    pub operation: Option<String>,
    /// Address of the recipient; `None` for what stays in the house.
    pub to: Option<String>,
    pub subject: String,
    /// The first file is the one that is named in lists.
    pub files: Vec<LetterFile>,
    /// Hash of the catalogue that this letter was written under.
    pub basis: String,
}
