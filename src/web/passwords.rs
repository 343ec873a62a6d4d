//! Passwords as Argon2id hashes.
//!
//! Owns what a password must be. Never keeps one, never logs one.

use crate::fault::Fault;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

/// Characters of a password.
const SHORTEST: usize = 10;
const LONGEST: usize = 200;

/// The hash of a new password, with a salt of its own, as a PHC string.
pub fn hash(password: &str) -> Result<String, Fault> {
    let length = password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Err(Fault::lasting(
            "password",
            format!("has {length} characters"),
            format!("take one of {SHORTEST} to {LONGEST} characters"),
        ));
    }
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| Fault::transient("password", error, "try again"))
}

/// Whether a password is the one of this hash. Takes as long for a wrong one.
pub fn fits(password: &str, secret: &str) -> bool {
    // What nobody could have chosen costs no time.
    password.len() <= 4 * LONGEST
        && PasswordHash::new(secret).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_alone() {
        let secret = hash("とても長い合言葉です").unwrap();
        assert!(secret.starts_with("$argon2id$") && !secret.contains("合言葉"));
        assert!(fits("とても長い合言葉です", &secret) && !fits("とても長い合言葉でした", &secret) && !fits("", &secret));
        assert_ne!(secret, hash("とても長い合言葉です").unwrap(), "each has a salt of its own");
        assert!(!fits("x", "no hash"));
    }

    #[test]
    fn short_ones_are_refused() {
        assert!(hash("123456789").is_err() && hash("1234567890").is_ok() && hash(&"x".repeat(201)).is_err());
    }
}
