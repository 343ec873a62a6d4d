//! MMSコード and user IDs, where MMS does not hand them over.
//!
//! Owns the shape of the codes. Never stores them.

use crate::domain::case::{CaseNo, Credentials, UserAccount};
use sha2::{Digest, Sha256};

/// Letters that nobody confuses with a digit.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
const DIGITS: &[u8] = b"0123456789";

/// The users of a case: name, and whether a client certificate is asked for.
pub type Users = Vec<(String, bool)>;

/// Credentials for a case. The same case gets the same code again unless it is `taken` by another.
pub fn issue(case: &CaseNo, users: &Users, taken: &dyn Fn(&str) -> bool) -> Option<Credentials> {
    let mms_code = (0u32..100_000).map(|attempt| code(case, attempt)).find(|code| !taken(code))?;
    let users = users
        .iter()
        .enumerate()
        .map(|(n, (name, cert))| UserAccount {
            user_id: format!("{mms_code}{:03}", n + 1),
            user_name: name.clone(),
            cert_required: *cert,
            certificate: None,
        })
        .collect();
    Some(Credentials { mms_code, users })
}

/// A letter and three digits, drawn from the case number.
fn code(case: &CaseNo, attempt: u32) -> String {
    let hash = Sha256::digest(format!("{case}#{attempt}"));
    let pick = |alphabet: &[u8], byte: u8| char::from(alphabet[usize::from(byte) % alphabet.len()]);
    [pick(LETTERS, hash[0]), pick(DIGITS, hash[1]), pick(DIGITS, hash[2]), pick(DIGITS, hash[3])].iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_never_given_to_two_cases() {
        let case = CaseNo("TH-2026-0001".into());
        let users = vec![("試田 一郎".to_owned(), true), ("仮名 花子".to_owned(), false)];
        let first = issue(&case, &users, &|_| false).unwrap();
        assert_eq!(issue(&case, &users, &|_| false).unwrap(), first);
        let second = issue(&case, &users, &|code| code == first.mms_code).unwrap();
        assert_ne!(second.mms_code, first.mms_code);
        assert_eq!(first.users[1].user_id, format!("{}002", first.mms_code));
        assert!(issue(&case, &users, &|_| true).is_none());
    }
}
