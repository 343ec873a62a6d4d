//! Who sent a mail, against those whom the applicant named.

use crate::validation::checks::witness;
use crate::validation::scene::{Hit, Subject};

/// A colleague writes from the applicant's domain; behind a provider's domain anybody may write.
pub fn known_sender<'a>(subject: &Subject<'a>, field: &'a str, by: &'a [String], shared: &[String]) -> Vec<Hit> {
    let Some(seen) = subject.see(field) else { return Vec::new() };
    let sender = seen.value().to_string().to_lowercase();
    let domain = |address: &str| address.rsplit_once('@').map(|(_, domain)| domain.to_owned());
    let known: Vec<String> =
        by.iter().flat_map(|reference| witness::statements(subject, reference)).map(|one| one.value().to_string().to_lowercase()).collect();
    let own = domain(&sender).filter(|domain| !shared.iter().any(|provider| domain == provider));
    let is_known = |address: &String| *address == sender || own.is_some() && domain(address) == own;
    // Where nobody is registered yet, nobody is a stranger.
    if known.is_empty() || known.iter().any(is_known) {
        return Vec::new();
    }
    vec![subject.hit(seen)]
}
