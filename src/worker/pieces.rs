//! A mail or an archive in which a part kills its reader: the other parts are read without it.
//!
//! Owns which parts are tried, and when that is given up. Never reads anything itself.

use crate::fault::{Fault, Sort};
use crate::pipeline::{Digest, Inside};

/// Parts that are tried one by one.
const MOST_PARTS: usize = 50;
/// Where so many kill, it is no accident, and each costs the patience of two readers.
const MOST_KILLERS: usize = 3;

/// What `read` makes of a document that killed its reader by `fault`, without those of its parts that did. That fault, where the
/// document does it by itself or too many parts do.
pub fn without_killers(fault: Fault, read: &dyn Fn(Inside) -> Result<Digest, Fault>) -> Result<Digest, Fault> {
    let Ok(mut whole) = read(Inside::Nothing) else { return Err(fault) };
    if whole.parts.is_empty() || whole.parts.len() > MOST_PARTS {
        return Err(fault);
    }
    let mut killers = 0;
    for n in 0..whole.parts.len() {
        match read(Inside::Only(n)) {
            Ok(mut one) if one.parts.len() == whole.parts.len() => whole.parts[n] = one.parts.swap_remove(n),
            Ok(_) => return Err(fault),
            Err(other) if other.sort != Sort::Lasting => return Err(other),
            Err(other) => {
                tracing::error!(fault = %other, part = %whole.parts[n].doc.short(), "a part is set aside");
                killers += 1;
            }
        }
        if killers > MOST_KILLERS {
            return Err(fault);
        }
    }
    Ok(whole)
}
