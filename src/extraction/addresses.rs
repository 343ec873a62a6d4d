//! Mail addresses as they can only be, where a scan has made something else of them.
//!
//! Owns what a domain allows. Never judges whether an address exists.

/// The address with its domain in small letters: there the size of a letter says nothing, and a scan takes p for P.
pub fn in_small_letters(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.to_ascii_lowercase()),
        None => address.to_owned(),
    }
}

/// The address with what no address has put right; `None` where nothing is wrong with it.
pub fn mended(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    // Every name of a domain begins and ends with a letter or a digit: a dash there is a speck.
    let names: Vec<&str> = domain.split('.').map(|name| name.trim_matches(['-', '_'])).collect();
    let domain = of_a_company(&with_its_last_dot(&names.join(".")));
    let whole = format!("{}@{domain}", with_small_l(local));
    (whole != address && !names.contains(&"")).then_some(whole)
}

/// A capital I among nothing but small letters is an l.
fn with_small_l(local: &str) -> String {
    let capitals = local.chars().filter(char::is_ascii_uppercase).all(|c| c == 'I');
    let small = local.chars().any(|c| c.is_ascii_lowercase());
    let alone = local.chars().all(|c| c == 'I' || c.is_ascii_digit());
    if capitals && (small || alone) { local.replace('I', "l") } else { local.to_owned() }
}

/// A domain whose last dot was lost: examplecom, example.cojp.
fn with_its_last_dot(domain: &str) -> String {
    const LAST: [&str; 4] = ["com", "net", "org", "jp"];
    let (rest, last) = domain.rsplit_once('.').unwrap_or(("", domain));
    let Some(end) = LAST.iter().find(|end| last.len() > end.len() && last.ends_with(*end)) else { return domain.to_owned() };
    let name = &last[..last.len() - end.len()];
    if rest.is_empty() { format!("{name}.{end}") } else { format!("{rest}.{name}.{end}") }
}

/// A domain whose kind of organisation (example.ce.jp, example.c.jp) there is not, as one of a company, whose kind looks like it.
fn of_a_company(domain: &str) -> String {
    let named = domain.strip_suffix(".jp").and_then(|rest| rest.rsplit_once('.')).filter(|(name, _)| !name.is_empty());
    match named {
        Some((name, "c" | "ce" | "c0" | "eo" | "0o")) => format!("{name}.co.jp"),
        _ => domain.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_address_has_is_put_right() {
        for (read, meant) in [
            ("a@oxleyhd.example.ce.jp", "a@oxleyhd.example.co.jp"),
            ("a@kanata-grid.example.c.jp", "a@kanata-grid.example.co.jp"),
            ("shijo@-ryugamine-denki.example.com", "shijo@ryugamine-denki.example.com"),
            ("Il1@helios.example.com", "ll1@helios.example.com"),
            ("dr@vvave-grid.examplecom", "dr@vvave-grid.example.com"),
            ("dr@iwaki.example.cojp", "dr@iwaki.example.co.jp"),
        ] {
            assert_eq!(mended(read).as_deref(), Some(meant));
        }
        for address in ["a@x.example.co.jp", "a@x.example.ne.jp", "a@example.jp", "a@c.jp", "a.c.jp", "I.Sato@example.jp", "a@.jp"] {
            assert_eq!(mended(address), None, "{address}");
        }
    }

    #[test]
    fn the_size_of_a_domains_letters_says_nothing() {
        assert_eq!(in_small_letters("Haiden@Rikimaru.example.jP"), "Haiden@rikimaru.example.jp");
        assert_eq!(in_small_letters("haiden"), "haiden");
    }
}
