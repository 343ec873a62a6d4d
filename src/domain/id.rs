//! Names for things: documents by their bytes, cases by their number.

pub use sight::page::Permille;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// A document's identity: the SHA-256 of its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocId([u8; 32]);

impl DocId {
    pub fn of(bytes: &[u8]) -> Self {
        DocId(Sha256::digest(bytes).into())
    }

    /// The identity of bytes that are too many to be held at once.
    pub fn of_reader(mut reader: impl std::io::Read) -> std::io::Result<Self> {
        let mut hash = Sha256::new();
        let mut piece = vec![0u8; 1 << 16];
        loop {
            match reader.read(&mut piece)? {
                0 => return Ok(DocId(hash.finalize().into())),
                read => hash.update(&piece[..read]),
            }
        }
    }

    /// The first twelve hexadecimal digits, for people.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

impl fmt::Display for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It stands beside every value: sixty-four calls of the formatter would be felt.
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|half| char::from(DIGITS[usize::from(half)]));
        f.write_str(&digits.collect::<String>())
    }
}

impl fmt::Debug for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocId({})", self.short())
    }
}

/// An identity that grows as the bytes pass by.
#[derive(Default)]
pub struct Hasher(Sha256);

impl Hasher {
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn identity(self) -> DocId {
        DocId(self.0.finalize().into())
    }
}

/// Text that is no SHA-256 in hexadecimal.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAnId(pub String);

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no SHA-256 of 64 hexadecimal digits", self.0)
    }
}

impl std::error::Error for NotAnId {}

impl FromStr for DocId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let wrong = || NotAnId(text.to_owned());
        if text.len() != 64 || !text.is_ascii() {
            return Err(wrong());
        }
        let mut bytes = [0u8; 32];
        for (n, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).map_err(|_| wrong())?;
        }
        Ok(DocId(bytes))
    }
}

impl Serialize for DocId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DocId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_trip_through_text() {
        let id = DocId::of(b"abc");
        assert_eq!(id.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn bytes_read_in_pieces_have_the_same_id() {
        let bytes = vec![7u8; 200_000];
        assert_eq!(DocId::of_reader(bytes.as_slice()).unwrap(), DocId::of(&bytes));
    }

    #[test]
    fn text_of_the_wrong_length_or_alphabet_is_no_id() {
        assert!("ba78".parse::<DocId>().is_err());
        assert!("zz".repeat(32).parse::<DocId>().is_err());
        assert!("あ".repeat(22).parse::<DocId>().is_err());
    }
}
