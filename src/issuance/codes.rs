//! MMSコード and user IDs, where MMS does not hand them over.
//!
//! Owns the shape of the codes. Never stores them.

use crate::domain::case::{CaseNo, Credentials, UserAccount};
use crate::domain::text;
use sha2::{Digest, Sha256};

/// Letters that nobody confuses with a digit.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
const DIGITS: &[u8] = b"0123456789";

/// The users of a case: name, and whether a client certificate is asked for.
pub type Users = Vec<(String, bool)>;

/// Credentials for a case. The same case gets the same code again unless it is `taken` by another operator's. An operator
/// has one MMSコード: what it holds already through other cases (`account`) is told again, and only new users get an ID.
pub fn issue(case: &CaseNo, users: &Users, account: Option<&Credentials>, taken: &dyn Fn(&str) -> bool) -> Option<Credentials> {
    let mms_code = match account {
        Some(account) => account.mms_code.clone(),
        None => (0u32..100_000).map(|attempt| code(case, attempt)).find(|code| !taken(code))?,
    };
    let mut held: Vec<UserAccount> = account.map_or_else(Vec::new, |account| account.users.clone());
    let ordinal = |user: &UserAccount| user.user_id.strip_prefix(&mms_code).and_then(|rest| rest.parse::<u32>().ok());
    let mut last = held.iter().filter_map(ordinal).max().unwrap_or(0);
    let mut told = Vec::new();
    for (name, cert_required) in users {
        let known = held.iter().position(|user| text::compare_key(&user.user_name) == text::compare_key(name));
        told.push(match known.map(|n| held.remove(n)) {
            // Who had no certificate and needs one now gets it from this case.
            Some(user) if *cert_required && user.certificate.is_none() => UserAccount { cert_required: true, held_by: None, ..user },
            Some(user) => UserAccount { cert_required: *cert_required, ..user },
            None => {
                last += 1;
                UserAccount::new(format!("{mms_code}{last:03}"), name.clone(), *cert_required)
            }
        });
    }
    Some(Credentials { mms_code, users: told })
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
        let first = issue(&case, &users, None, &|_| false).unwrap();
        assert_eq!(issue(&case, &users, None, &|_| false).unwrap(), first);
        let second = issue(&case, &users, None, &|code| code == first.mms_code).unwrap();
        assert_ne!(second.mms_code, first.mms_code);
        assert_eq!(first.users[1].user_id, format!("{}002", first.mms_code));
        assert!(issue(&case, &users, None, &|_| true).is_none());
    }

    #[test]
    fn an_operator_keeps_its_code_and_its_users_their_ids() {
        let holder = CaseNo("TH-2026-0001".into());
        let users = vec![("試田 一郎".to_owned(), false), ("仮名 花子".to_owned(), true)];
        let mut account = issue(&holder, &users, None, &|_| false).unwrap();
        account.users.iter_mut().for_each(|user| user.held_by = Some(holder.clone()));
        let later = vec![("仮名　花子".to_owned(), true), ("試田 一郎".to_owned(), true), ("見本 三郎".to_owned(), false)];
        let told = issue(&CaseNo("TH-2026-0002".into()), &later, Some(&account), &|_| true).unwrap();
        assert_eq!(told.mms_code, account.mms_code);
        let ids: Vec<&str> = told.users.iter().map(|user| &user.user_id[4..]).collect();
        assert_eq!(ids, ["002", "001", "003"]);
        // Nobody of the three has a certificate yet: two need one, and this case makes them.
        assert_eq!(told.users.iter().map(|user| user.held_by.is_some()).collect::<Vec<_>>(), [false, false, false]);
    }
}
