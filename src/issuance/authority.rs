//! The embedded certification authority: client certificates for MMS, as PKCS#12 key files.
//!
//! Owns the authority's certificate and its sealed key in the state folder. Keeps no user's key: it is handed over
//! in its key file once, and the passphrase beside it, for another way of delivery.

use crate::domain::case::CertificateFacts;
use crate::domain::date::Moment;
use crate::domain::secret::Secret;
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::issuance::seal::{self, Seal};
use crate::issuance::{Certified, Certifier, KeyFile, Order};
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use p12_keystore::{Certificate as Bag, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevocationReason, RevokedCertParams, SerialNumber,
};
use ring::digest::{SHA256, digest};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// 認証局の有効期間.
const AUTHORITY_YEARS: i32 = 10;
/// Validity of a client certificate: so many years less a day.
const CERTIFICATE_YEARS: i32 = 2;
/// Days until the next revocation list at the latest.
const LIST_DAYS: i32 = 30;
/// Days before its end in which a list is made anew.
const RENEWED_BEFORE: i32 = 7;
/// Folder of the lists inside the authority's.
pub const LISTS: &str = "lists";

/// Letters and digits that are not mistaken for one another when typed from paper.
const PASSPHRASE_SIGNS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Groups of four signs: 100 bits.
const PASSPHRASE_GROUPS: usize = 5;

/// Rounds of the key derivation in a key file.
const KEY_FILE_ROUNDS: u32 = 100_000;

/// JST is nine hours ahead of UTC.
const HOURS_AHEAD: u64 = 9;

const KEY_NAME: &str = "authority.key";

pub struct Authority {
    folder: PathBuf,
    issuer: Issuer<'static, KeyPair>,
    certificate: Vec<u8>,
    ends: Date,
    seal: Seal,
}

/// A list of revoked certificates, with the name of its file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RevocationList {
    pub number: u64,
    pub name: String,
    /// DER.
    pub bytes: Vec<u8>,
}

impl RevocationList {
    /// It names just these certificates, and does not end within days.
    fn is_current(&self, revoked: &[Revoked], now: Moment) -> bool {
        let Ok((_, list)) = x509_parser::parse_x509_crl(&self.bytes) else { return false };
        let named: BTreeSet<String> = list.iter_revoked_certificates().map(|entry| entry.raw_serial_as_string().to_uppercase()).collect();
        let ends =
            list.next_update().and_then(|time| jiff::Timestamp::from_second(time.timestamp()).ok()).map(|time| Moment::new(time).date());
        let soon = later(now.date(), RENEWED_BEFORE.days()).ok();
        named == revoked.iter().map(|entry| entry.serial.to_uppercase()).collect() && ends > soon
    }
}

/// A certificate that must no longer be trusted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Revoked {
    pub serial: String,
    pub on: Date,
}

impl Authority {
    /// Opens the authority of a folder, or founds it in the name of a TSO.
    pub fn open(folder: &Path, seal: Seal, tso: &str, now: Moment) -> Result<Self, Fault> {
        let (certificate, key) = (folder.join("authority.crt"), folder.join(format!("{KEY_NAME}.sealed")));
        if !certificate.exists() {
            files::make_folder(folder, Mode::Private)?;
            found(&certificate, &key, &seal, tso, now.date())?;
        }
        let read = |path: &PathBuf| std::fs::read(path).map_err(|error| Fault::io(path, &error));
        let der = read(&certificate)?;
        let pair = seal.unclose(&read(&key)?, KEY_NAME)?;
        let pair = KeyPair::try_from(pair).map_err(|error| broken(&key, &error))?;
        let issuer = Issuer::from_ca_cert_der(&der.as_slice().into(), pair).map_err(|error| broken(&certificate, &error))?;
        let ends = validity_end(&der).ok_or_else(|| broken(&certificate, &"has no end of validity"))?;
        Ok(Authority { folder: folder.to_owned(), issuer, certificate: der, ends, seal })
    }

    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// The authority's own certificate in DER, for those who check its clients.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The list to put out now: the one in force while it still says what is revoked and did not leave yet, or a new one.
    /// `None` where there is nothing to put out, and while nothing was ever revoked.
    pub fn list_to_deliver(&self, revoked: &[Revoked], now: Moment) -> Result<Option<RevocationList>, Fault> {
        let last = self.last_list()?;
        if let Some(last) = last.as_ref().filter(|last| last.is_current(revoked, now)) {
            return Ok((!self.mark_of(last).exists()).then(|| last.clone()));
        }
        if last.is_none() && revoked.is_empty() {
            return Ok(None);
        }
        let number = last.map_or(1, |last| last.number + 1);
        let list = RevocationList { number, name: format!("revoked-{number:06}.crl"), bytes: self.revocation_list(revoked, number, now)? };
        files::make_folder(&self.folder.join(LISTS), Mode::Private)?;
        // Signatures are never the same twice: the list is kept before it leaves, so that it leaves with the same bytes.
        files::write_whole(&self.folder.join(LISTS).join(&list.name), &list.bytes, Mode::Private)?;
        Ok(Some(list))
    }

    /// Notes that a list has left.
    pub fn delivered(&self, list: &RevocationList) -> Result<(), Fault> {
        files::write_whole(&self.mark_of(list), b"", Mode::Private)
    }

    fn mark_of(&self, list: &RevocationList) -> PathBuf {
        self.folder.join(LISTS).join(format!("{}.delivered", list.name))
    }

    fn last_list(&self) -> Result<Option<RevocationList>, Fault> {
        let folder = self.folder.join(LISTS);
        if !folder.exists() {
            return Ok(None);
        }
        let entries = std::fs::read_dir(&folder).map_err(|error| Fault::io(&folder, &error))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let number = |name: &str| name.strip_prefix("revoked-")?.strip_suffix(".crl")?.parse::<u64>().ok();
        let Some((number, name)) = names.filter_map(|name| Some((number(&name)?, name))).max() else { return Ok(None) };
        let path = folder.join(&name);
        let bytes = std::fs::read(&path).map_err(|error| Fault::io(&path, &error))?;
        Ok(Some(RevocationList { number, name, bytes }))
    }

    /// The list of revoked certificates in DER. `number` grows with each list.
    fn revocation_list(&self, revoked: &[Revoked], number: u64, now: Moment) -> Result<Vec<u8>, Fault> {
        let today = now.date();
        let revoked_certs = revoked
            .iter()
            .map(|entry| {
                Ok(RevokedCertParams {
                    serial_number: serial_from(&entry.serial)?,
                    revocation_time: begin(entry.on),
                    reason_code: Some(RevocationReason::CessationOfOperation),
                    invalidity_date: None,
                })
            })
            .collect::<Result<_, Fault>>()?;
        let list = CertificateRevocationListParams {
            this_update: begin(today),
            next_update: end(later(today, LIST_DAYS.days())?),
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).map(|list| list.der().to_vec()).map_err(|error| bug("revocation list", &error))
    }
}

impl Certifier for Authority {
    fn certify(&self, order: &Order<'_>) -> Result<Certified, Fault> {
        let from = order.at.date();
        let to = last_day(from, CERTIFICATE_YEARS)?;
        if to > self.ends {
            let hint = "found a new authority: move the folder `authority` of the state aside, and tell MMS of the new certificate";
            return Err(Fault::lasting(order.user_id, format!("the authority ends on {}, before this certificate would", self.ends), hint));
        }
        let serial = serial(order);
        let mut params = validity(from, to);
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        params.is_ca = IsCa::ExplicitNoCa;
        params.distinguished_name.push(DnType::CountryName, "JP");
        params.distinguished_name.push(DnType::OrganizationName, order.company);
        params.distinguished_name.push(DnType::OrganizationalUnitName, order.mms_code);
        params.distinguished_name.push(DnType::CommonName, order.user_id);
        let key = KeyPair::generate().map_err(|error| bug(order.user_id, &error))?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(|error| bug(order.user_id, &error))?;
        let passphrase = passphrase()?;
        let key_file = key_file(order.user_id, &key, certificate.der(), &self.certificate, &passphrase)?;
        let facts = CertificateFacts {
            cn: order.user_id.to_owned(),
            serial: hex(&serial, ":"),
            from,
            to,
            sha256: hex(digest(&SHA256, certificate.der()).as_ref(), ""),
            revoked: None,
        };
        Ok(Certified { facts, key_file, passphrase })
    }

    fn close(&self, bytes: &[u8], path: &str) -> Result<Vec<u8>, Fault> {
        self.seal.close(bytes, path)
    }

    fn unclose(&self, sealed: &[u8], path: &str) -> Result<Vec<u8>, Fault> {
        self.seal.unclose(sealed, path)
    }
}

/// Makes the authority: the key first, so that a certificate without its key is never left behind.
fn found(certificate: &Path, key: &Path, seal: &Seal, tso: &str, today: Date) -> Result<(), Fault> {
    let pair = KeyPair::generate().map_err(|error| bug("authority", &error))?;
    let mut params = validity(today, last_day(today, AUTHORITY_YEARS)?);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CountryName, "JP");
    params.distinguished_name.push(DnType::OrganizationName, tso);
    params.distinguished_name.push(DnType::CommonName, "MMS Client CA");
    let made = params.self_signed(&pair).map_err(|error| bug("authority", &error))?;
    files::renew(key, &seal.close(pair.serialized_der(), KEY_NAME)?, Mode::Private)?;
    files::write_whole(certificate, made.der(), Mode::Private)
}

/// From the first second of a day to the last of another, and nothing else yet.
fn validity(from: Date, to: Date) -> CertificateParams {
    let mut params = CertificateParams::default();
    (params.not_before, params.not_after) = (begin(from), end(to));
    params.distinguished_name = DistinguishedName::new();
    params
}

fn key_file(name: &str, key: &KeyPair, certificate: &[u8], authority: &[u8], passphrase: &Secret) -> Result<KeyFile, Fault> {
    let made = || -> p12_keystore::Result<Vec<u8>> {
        let chain = [Bag::from_der(certificate)?, Bag::from_der(authority)?];
        let id = digest(&SHA256, certificate);
        let entry = PrivateKeyChain::new(id.as_ref(), PrivateKey::from_der(key.serialized_der())?, chain);
        let mut store = KeyStore::new();
        store.add_entry(name, KeyStoreEntry::PrivateKeyChain(entry));
        store.writer(passphrase.expose()).encryption_iterations(KEY_FILE_ROUNDS).mac_iterations(KEY_FILE_ROUNDS).write()
    };
    made().map(KeyFile).map_err(|error| bug(name, &error))
}

/// Such as `K7QM-3XPA-…`.
fn passphrase() -> Result<Secret, Fault> {
    let drawn = seal::random::<{ PASSPHRASE_GROUPS * 4 }>()?;
    let signs: Vec<char> = drawn.iter().map(|byte| char::from(PASSPHRASE_SIGNS[usize::from(*byte) % PASSPHRASE_SIGNS.len()])).collect();
    let groups: Vec<String> = signs.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(Secret::new(&groups.join("-")))
}

/// The same order gives the same number again, so that a letter written twice is the same letter.
fn serial(order: &Order<'_>) -> [u8; 16] {
    let hash = digest(&SHA256, format!("{}\0{}\0{}", order.case, order.user_id, order.ordinal).as_bytes());
    let mut serial = [0; 16];
    serial.iter_mut().zip(hash.as_ref()).for_each(|(to, from)| *to = *from);
    // Positive, and never shortened by a leading zero.
    serial[0] = serial[0] & 0x7f | 0x40;
    serial
}

fn serial_from(written: &str) -> Result<SerialNumber, Fault> {
    let bytes: Option<Vec<u8>> = written.split(':').map(|pair| u8::from_str_radix(pair, 16).ok()).collect();
    bytes
        .map(|bytes| SerialNumber::from_slice(&bytes))
        .ok_or_else(|| Fault::lasting(written, "is no serial number", "write it as pairs of hexadecimal digits"))
}

fn hex(bytes: &[u8], between: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(between)
}

/// So many years less a day.
fn last_day(from: Date, years: i32) -> Result<Date, Fault> {
    later(later(from, years.years())?, (-1).days())
}

fn later(day: Date, span: Span) -> Result<Date, Fault> {
    day.checked_add(span).map_err(|error| bug("validity", &error))
}

/// The last day of a certificate, in Japan.
pub fn validity_end(der: &[u8]) -> Option<Date> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    let seconds = certificate.validity().not_after.timestamp();
    Some(Moment::new(jiff::Timestamp::from_second(seconds).ok()?).date())
}

type Instant = time::OffsetDateTime;

/// The first second of a day in Japan.
fn begin(day: Date) -> Instant {
    let midnight = rcgen::date_time_ymd(i32::from(day.year()), day.month().unsigned_abs(), day.day().unsigned_abs());
    midnight - Duration::from_secs(HOURS_AHEAD * 3600)
}

/// The last second of a day in Japan.
fn end(day: Date) -> Instant {
    begin(day) + Duration::from_secs(24 * 3600 - 1)
}

fn broken(path: &Path, error: &dyn std::fmt::Display) -> Fault {
    Fault::lasting(path.display(), error, "restore the folder `authority` of the state from its backup")
}

fn bug(what: &str, error: &dyn std::fmt::Display) -> Fault {
    Fault::lasting(what, error, "report this as a bug")
}

#[cfg(test)]
mod tests {
    use super::*;
    use p12_keystore::Pkcs12ImportPolicy;
    use x509_parser::parse_x509_certificate;

    fn authority(folder: &Path) -> Authority {
        let seal = Seal::open(&folder.join("seal.key")).unwrap();
        Authority::open(&folder.join("authority"), seal, "東北例示送配電株式会社", now()).unwrap()
    }

    fn now() -> Moment {
        "2026-04-08T10:00:00+09:00".parse().unwrap()
    }

    fn order(user_id: &str) -> Order<'_> {
        Order { case: "TH-2026-0001", company: "株式会社穂高嶺電力", mms_code: "K123", user_id, ordinal: 1, at: now() }
    }

    #[test]
    fn a_key_file_opens_with_its_passphrase_alone_and_holds_a_client_certificate_of_the_authority() {
        let folder = tempfile::tempdir().unwrap();
        let authority = authority(folder.path());
        let made = authority.certify(&order("K123001")).unwrap();
        assert_eq!((made.facts.from.to_string(), made.facts.to.to_string()), ("2026-04-08".into(), "2028-04-07".into()));
        assert!(KeyStore::from_pkcs12(&made.key_file.0, "wrong", Pkcs12ImportPolicy::Strict).is_err());
        let store = KeyStore::from_pkcs12(&made.key_file.0, made.passphrase.expose(), Pkcs12ImportPolicy::Strict).unwrap();
        let (name, chain) = store.private_key_chain().unwrap();
        assert_eq!((name, chain.certs().len()), ("K123001", 2));
        let (_, certificate) = parse_x509_certificate(chain.certs()[0].as_der()).unwrap();
        let (_, issuer) = parse_x509_certificate(chain.certs()[1].as_der()).unwrap();
        certificate.verify_signature(Some(issuer.public_key())).unwrap();
        assert!(issuer.is_ca() && !certificate.is_ca());
        let usage = certificate.extended_key_usage().unwrap().unwrap().value;
        assert!(usage.client_auth && !usage.server_auth);
        assert_eq!(certificate.raw_serial_as_string().to_uppercase(), made.facts.serial);
        assert_eq!(
            certificate.validity().not_before.timestamp(),
            "2026-04-08T00:00:00+09:00".parse::<jiff::Timestamp>().unwrap().as_second()
        );
        assert_eq!(
            certificate.validity().not_after.timestamp(),
            "2028-04-07T23:59:59+09:00".parse::<jiff::Timestamp>().unwrap().as_second()
        );
    }

    #[test]
    fn keys_and_passphrases_are_never_the_same_and_numbers_always() {
        let folder = tempfile::tempdir().unwrap();
        let authority = authority(folder.path());
        let [one, two] = [(); 2].map(|()| authority.certify(&order("K123001")).unwrap());
        assert_ne!(one.passphrase.expose(), two.passphrase.expose());
        assert_ne!(one.facts.sha256, two.facts.sha256);
        assert_eq!(one.facts.serial, two.facts.serial);
        assert_ne!(authority.certify(&order("K123002")).unwrap().facts.serial, one.facts.serial);
        assert_ne!(authority.certify(&Order { ordinal: 2, ..order("K123001") }).unwrap().facts.serial, one.facts.serial);
        assert_eq!(one.passphrase.expose().len(), 24);
    }

    #[test]
    fn nothing_secret_is_printed_or_lies_in_clear() {
        let folder = tempfile::tempdir().unwrap();
        let authority = authority(folder.path());
        let made = authority.certify(&order("K123001")).unwrap();
        assert!(!format!("{made:?}").contains(made.passphrase.expose()));
        let key = authority.issuer.key().serialized_der().to_vec();
        for entry in walkdir::WalkDir::new(folder.path()) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let bytes = std::fs::read(entry.path()).unwrap();
                assert!(!bytes.windows(key.len()).any(|window| window == key), "{}", entry.path().display());
            }
        }
    }

    #[test]
    fn the_same_authority_is_opened_again_and_not_without_its_sealing_key() {
        let folder = tempfile::tempdir().unwrap();
        let first = authority(folder.path()).certificate().to_vec();
        assert_eq!(authority(folder.path()).certificate(), first);
        let other = Seal::open(&folder.path().join("other.key")).unwrap();
        assert!(Authority::open(&folder.path().join("authority"), other, "x", now()).is_err());
    }

    #[test]
    fn the_revocation_list_names_the_revoked_alone() {
        let folder = tempfile::tempdir().unwrap();
        let authority = authority(folder.path());
        let [gone, kept] = ["K123001", "K123002"].map(|user| authority.certify(&order(user)).unwrap().facts);
        let revoked = [Revoked { serial: gone.serial.clone(), on: now().date() }];
        let list = authority.revocation_list(&revoked, 1, now()).unwrap();
        let (_, list) = x509_parser::parse_x509_crl(&list).unwrap();
        let (_, issuer) = parse_x509_certificate(authority.certificate()).unwrap();
        list.verify_signature(issuer.public_key()).unwrap();
        let serials: Vec<String> = list.iter_revoked_certificates().map(|entry| entry.raw_serial_as_string().to_uppercase()).collect();
        assert_eq!(serials, std::slice::from_ref(&gone.serial));
        assert!(!serials.contains(&kept.serial));
        assert!(authority.revocation_list(&[Revoked { serial: "no number".into(), on: now().date() }], 2, now()).is_err());
    }

    #[test]
    fn a_list_leaves_once_until_it_says_something_new_or_nears_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let authority = authority(folder.path());
        let at = |day: &str| -> Moment { format!("{day}T10:00:00+09:00").parse().unwrap() };
        assert_eq!(authority.list_to_deliver(&[], at("2026-04-08")).unwrap(), None, "nothing was ever revoked");
        let gone = |user: &str| Revoked { serial: authority.certify(&order(user)).unwrap().facts.serial, on: now().date() };
        let revoked = [gone("K123001")];
        let first = authority.list_to_deliver(&revoked, at("2026-04-08")).unwrap().unwrap();
        // The power failed before it left: the same bytes leave.
        assert_eq!(authority.list_to_deliver(&revoked, at("2026-04-08")).unwrap(), Some(first.clone()));
        authority.delivered(&first).unwrap();
        assert_eq!(authority.list_to_deliver(&revoked, at("2026-04-20")).unwrap(), None);
        let more = [gone("K123001"), gone("K123002")];
        let second = authority.list_to_deliver(&more, at("2026-04-20")).unwrap().unwrap();
        assert_eq!((first.name.as_str(), second.name.as_str()), ("revoked-000001.crl", "revoked-000002.crl"));
        authority.delivered(&second).unwrap();
        assert_eq!(authority.list_to_deliver(&more, at("2026-05-11")).unwrap(), None);
        assert_eq!(authority.list_to_deliver(&more, at("2026-05-14")).unwrap().unwrap().number, 3, "a week before the end");
        // What ended meanwhile is no longer named, and the lists go on.
        assert_eq!(authority.list_to_deliver(&[], at("2028-05-01")).unwrap().unwrap().number, 4);
    }

    #[test]
    fn a_certificate_never_outlives_its_authority() {
        let folder = tempfile::tempdir().unwrap();
        let authority = authority(folder.path());
        let late = Order { at: "2034-05-01T10:00:00+09:00".parse().unwrap(), ..order("K123001") };
        assert!(authority.certify(&late).unwrap_err().what.contains("the authority ends on 2036-04-07"));
    }
}
