//! The client certificates of a case: who gets one, and the two ways on which key file and passphrase leave.
//!
//! The key file goes to a restricted folder, its passphrase to a page for a closed envelope; no letter holds both.

use crate::casework::certificates as held;
use crate::casework::flow::Tell;
use crate::casework::fold::Case;
use crate::domain::case::{Body, CertificateFacts, Credentials, UserAccount};
use crate::domain::date;
use crate::domain::letter::{Letter, LetterFile};
use crate::domain::secret::Secret;
use crate::fault::Fault;
use crate::issuance::{Certified, KeyFile, Order};
use crate::notices::Meta;
use crate::pipeline::{Office, imported, letters};
use serde_json::json;
use std::collections::BTreeMap;

/// Folder of the key files inside a case's folder: for download or media.
const KEY_FOLDER: &str = "restricted-keys";
/// Folder of the pages to be posted.
const POST_FOLDER: &str = "restricted-post";

/// The page that says a passphrase.
pub const PASSPHRASE_PAGE: &str = "certificate_passphrase";
pub const KEY_FILE: &str = "certificate_key";

/// Certifies the users who need it and writes what they are handed. Nothing where the desk makes no certificates.
/// A certificate that was made already, where history is played again, is told again without its secrets.
pub fn make(credentials: &mut Credentials, case: &Case, office: &Office<'_>, key: &str) -> Result<Vec<Letter>, Fault> {
    if letters::uses_own_certificate(case) {
        return Ok(Vec::new());
    }
    let mms_code = credentials.mms_code.clone();
    let mut made = Vec::new();
    let own = |user: &UserAccount| user.cert_required && user.held_by.is_none();
    for (n, user) in credentials.users.iter_mut().enumerate().filter(|(_, user)| own(user)) {
        let place =
            Place { case, office, key, number: n + 1, ordinal: 1, mms_code: &mms_code, user_id: &user.user_id, user_name: &user.user_name };
        let Some((facts, letters)) = place.certify(user.certificate.clone())? else { continue };
        user.certificate = Some(facts);
        made.extend(letters);
    }
    Ok(made)
}

/// What a step tells of certificates, known before the step is taken.
pub struct News {
    tell: Tell,
    users: Vec<String>,
    /// Certificates that MMS made.
    from_mms: BTreeMap<String, CertificateFacts>,
}

impl News {
    pub fn of(tell: Tell, case: &Case, office: &Office<'_>) -> Self {
        let came = if tell == Tell::Renewed { imported::renewed(case, office) } else { Vec::new() };
        let mut users = held::concerned(case, tell);
        users.extend(came.iter().map(|(user, _)| user.clone()));
        users.sort();
        users.dedup();
        News { tell, users, from_mms: came.into_iter().collect() }
    }

    /// Lays into a letter's data which certificates it is about, as the case knows them now.
    pub fn tell(&self, case: &Case, office: &Office<'_>, data: &mut serde_json::Value) {
        let users: Vec<_> = self
            .users
            .iter()
            .filter_map(|user_id| {
                let user = case.user(user_id)?;
                let facts = user.certificate.as_ref()?;
                let mut told = json!({ "user_id": user.user_id, "name": user.user_name, "certificate": letters::certificate(facts) });
                if let Some(on) = facts.revoked {
                    told["revoked_on"] = date::in_letters(on).into();
                }
                Some(told)
            })
            .collect();
        data["event"] = self.tell.word().into();
        data["users"] = users.into();
        if let Some(due) = case.deadlines.get(held::DEADLINE) {
            data["due_on"] = date::in_letters(*due).into();
            data["ended"] = (office.now.date() > *due).into();
        }
    }
}

/// New certificates for the users who are to have one: the event, and what the user is handed.
pub fn renew(news: &News, case: &Case, office: &Office<'_>, key: &str) -> Result<Vec<(Body, Vec<Letter>)>, Fault> {
    let mut made = Vec::new();
    let Some(credentials) = case.credentials.as_ref().filter(|_| news.tell == Tell::Renewed) else { return Ok(made) };
    let before: usize = credentials.users.iter().map(|user| user.earlier.len()).sum();
    for user_id in &news.users {
        let Some(user) = case.user(user_id) else { continue };
        let known = office.issued.and_then(|issued| issued.later.get(&(case.no.clone(), user_id.clone()))?.get(user.earlier.len()));
        let (certificate, letters) = match news.from_mms.get(user_id) {
            Some(facts) => (facts.clone(), Vec::new()),
            None => {
                let number = credentials.users.len() + before + made.len() + 1;
                let ordinal = user.earlier.len() + 2;
                let place =
                    Place { case, office, key, number, ordinal, mms_code: &credentials.mms_code, user_id, user_name: &user.user_name };
                place.certify(known.cloned())?.ok_or_else(|| {
                    Fault::lasting(
                        user_id,
                        "its certificate cannot be made: there is no authority here",
                        "set certificates = \"local\" in the settings",
                    )
                })?
            }
        };
        made.push((Body::Certified { user_id: user_id.clone(), certificate }, letters));
    }
    Ok(made)
}

/// One user's certificate on its way out.
struct Place<'a> {
    case: &'a Case,
    office: &'a Office<'a>,
    key: &'a str,
    /// Counts the pages of the case.
    number: usize,
    /// Counts the certificates of the user.
    ordinal: usize,
    mms_code: &'a str,
    user_id: &'a str,
    user_name: &'a str,
}

impl Place<'_> {
    /// The certificate and what hands it over, sealed. One that is known already is told again without its secrets; `None`
    /// where there is nobody to make it.
    fn certify(&self, known: Option<CertificateFacts>) -> Result<Option<(CertificateFacts, Vec<Letter>)>, Fault> {
        let company = letters::company(self.case).unwrap_or_default();
        let order = Order {
            case: &self.case.no.0,
            company: &company,
            mms_code: self.mms_code,
            user_id: self.user_id,
            ordinal: self.ordinal as u32,
            at: self.office.now,
        };
        let certified = match (known, self.office.certifier) {
            // MMS made it, and hands it over itself.
            (Some(facts), _) if facts.sha256.is_empty() => return Ok(Some((facts, Vec::new()))),
            (Some(facts), _) => Certified { facts, key_file: KeyFile(Vec::new()), passphrase: Secret::new("-") },
            (None, Some(certifier)) => certifier.certify(&order)?,
            (None, None) => return Ok(None),
        };
        let mut letters = vec![self.key_file(&certified), self.passphrase(&certified)?];
        for file in letters.iter_mut().flat_map(|letter| &mut letter.files) {
            file.bytes = match self.office.certifier {
                Some(certifier) => certifier.close(&file.bytes, &format!("{}/{}", self.case.no, file.name))?,
                None => Vec::new(),
            };
        }
        Ok(Some((certified.facts, letters)))
    }

    fn key_file(&self, certified: &Certified) -> Letter {
        let file = LetterFile {
            name: match self.ordinal {
                1 => format!("{KEY_FOLDER}/{}.p12", self.user_id),
                ordinal => format!("{KEY_FOLDER}/{}-{ordinal}.p12", self.user_id),
            },
            media_type: "application/x-pkcs12".to_owned(),
            secret: true,
            bytes: certified.key_file.0.clone(),
        };
        Letter {
            key: format!("{}/{KEY_FILE}-{}", self.key, self.number),
            kind: KEY_FILE.to_owned(),
            operation: None,
            to: None,
            subject: format!("クライアント証明書の鍵ファイル（{}）", self.user_id),
            files: vec![file],
            basis: self.office.catalogue.basis.clone(),
        }
    }

    fn passphrase(&self, certified: &Certified) -> Result<Letter, Fault> {
        let mut data = letters::data(PASSPHRASE_PAGE, None, self.case, self.office, &[]);
        if let Some(object) = data.as_object_mut() {
            object.insert("user_id".into(), self.user_id.into());
            object.insert("user_name".into(), self.user_name.into());
            object.insert("certificate".into(), letters::certificate(&certified.facts));
            object.insert("passphrase".into(), certified.passphrase.expose().into());
            let text = |key: &str| self.case.form(key).map(ToString::to_string);
            object.insert("postal".into(), json!({ "code": text("postal_code"), "address": text("address") }));
        }
        let meta = Meta {
            key: format!("{}/{PASSPHRASE_PAGE}-{}", self.key, self.number),
            number: self.number as u32,
            at: self.office.now,
            from: letters::sender(self.office),
            to: None,
            cc: None,
            operation: None,
            basis: self.office.catalogue.basis.clone(),
            figures: Vec::new(),
        };
        let mut letter = self.office.catalogue.notices()?.write(PASSPHRASE_PAGE, &data, &meta)?;
        letter.files.iter_mut().for_each(|file| file.name = format!("{POST_FOLDER}/{}", file.name));
        Ok(letter)
    }
}
