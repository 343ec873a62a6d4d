//! The client certificates of a case: who gets one, and the two ways on which key file and passphrase leave.
//!
//! The key file goes to a restricted folder, its passphrase to a page for a closed envelope; no letter holds both.

use crate::casework::fold::Case;
use crate::domain::case::Credentials;
use crate::domain::letter::{Letter, LetterFile};
use crate::domain::secret::Secret;
use crate::fault::Fault;
use crate::issuance::{Certified, KeyFile, Order};
use crate::notices::Meta;
use crate::pipeline::{Office, letters};
use serde_json::json;

/// Folder of the key files inside a case's folder: for download or media.
const KEY_FOLDER: &str = "restricted-keys";
/// Folder of the pages to be posted.
const POST_FOLDER: &str = "restricted-post";

/// The page that says a passphrase.
const PASSPHRASE_PAGE: &str = "certificate_passphrase";
const KEY_FILE: &str = "certificate_key";

/// Certifies the users who need it and writes what they are handed. Nothing where the desk makes no certificates.
/// A certificate that was made already, where history is played again, is told again without its secrets.
pub fn make(credentials: &mut Credentials, case: &Case, office: &Office<'_>, key: &str) -> Result<Vec<Letter>, Fault> {
    if letters::uses_own_certificate(case) {
        return Ok(Vec::new());
    }
    let company = letters::company(case).unwrap_or_default();
    let mms_code = credentials.mms_code.clone();
    let mut made = Vec::new();
    for (n, user) in credentials.users.iter_mut().enumerate().filter(|(_, user)| user.cert_required) {
        let order = Order { case: &case.no.0, company: &company, mms_code: &mms_code, user_id: &user.user_id, ordinal: 1, at: office.now };
        let certified = match (&user.certificate, office.certifier) {
            (Some(facts), _) => Certified { facts: facts.clone(), key_file: KeyFile(Vec::new()), passphrase: Secret::new("-") },
            (None, Some(certifier)) => certifier.certify(&order)?,
            (None, None) => continue,
        };
        user.certificate = Some(certified.facts.clone());
        let place = Place { case, office, key, number: n as u32 + 1, user_id: &user.user_id, user_name: &user.user_name };
        made.push(place.key_file(&certified));
        made.push(place.passphrase(&certified)?);
    }
    for file in made.iter_mut().flat_map(|letter| &mut letter.files) {
        file.bytes = match office.certifier {
            Some(certifier) => certifier.close(&file.bytes, &format!("{}/{}", case.no, file.name))?,
            None => Vec::new(),
        };
    }
    Ok(made)
}

/// One user's certificate on its way out.
struct Place<'a> {
    case: &'a Case,
    office: &'a Office<'a>,
    key: &'a str,
    number: u32,
    user_id: &'a str,
    user_name: &'a str,
}

impl Place<'_> {
    fn key_file(&self, certified: &Certified) -> Letter {
        let file = LetterFile {
            name: format!("{KEY_FOLDER}/{}.p12", self.user_id),
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
            number: self.number,
            at: self.office.now,
            from: letters::sender(self.office),
            to: None,
            cc: None,
            operation: None,
            basis: self.office.catalogue.basis.clone(),
            figures: Vec::new(),
        };
        let mut letter = self.office.catalogue.notices.write(PASSPHRASE_PAGE, &data, &meta)?;
        letter.files.iter_mut().for_each(|file| file.name = format!("{POST_FOLDER}/{}", file.name));
        Ok(letter)
    }
}
