//! The client certificates of a case: who gets one, and the two ways on which key file and passphrase leave.
//!
//! The key file goes to a restricted folder, its passphrase to a page for a closed envelope; no letter holds both.

use crate::casework::certificates as held;
pub use crate::casework::certificates::{KEY_FILE, PASSPHRASE_PAGE};
use crate::casework::flow::Tell;
use crate::casework::fold::{Case, Sent};
use crate::domain::case::{Body, CertificateFacts, Credentials, UserAccount};
use crate::domain::date;
use crate::domain::letter::{Letter, LetterFile};
use crate::domain::secret::Secret;
use crate::fault::Fault;
use crate::issuance::{Certified, Certifier, KeyFile, Order};
use crate::notices::Meta;
use crate::pipeline::{Office, drafts, imported, letters};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// Folder of the key files inside a case's folder: for download or media.
const KEY_FOLDER: &str = "restricted-keys";
/// Folder of the pages to be posted.
const POST_FOLDER: &str = "restricted-post";

/// Certifies the users who need it and writes what they are handed. Nothing where the desk makes no certificates.
/// A certificate that was made already, where history is played again, is told again without its secrets.
pub fn make(credentials: &mut Credentials, case: &Case, office: &Office<'_>, key: &str) -> Result<Vec<Letter>, Fault> {
    if letters::uses_own_certificate(case) {
        return Ok(Vec::new());
    }
    let mms_code = credentials.mms_code.clone();
    let mut made = Vec::new();
    let own = |user: &UserAccount| user.cert_required && user.held_by.is_none();
    let waits = drafts::waits(PASSPHRASE_PAGE, Some(drafts::APPROVAL), office);
    for (n, user) in credentials.users.iter_mut().enumerate().filter(|(_, user)| own(user)) {
        let place = Place {
            case,
            office,
            key,
            waits,
            number: n + 1,
            ordinal: 1,
            mms_code: &mms_code,
            user_id: &user.user_id,
            user_name: &user.user_name,
        };
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
    let waits = drafts::waits(PASSPHRASE_PAGE, Some(drafts::CERTIFICATE), office);
    let before: usize = credentials.users.iter().map(|user| user.earlier.len()).sum();
    for user_id in &news.users {
        let Some(user) = case.user(user_id) else { continue };
        let known = office.issued.and_then(|issued| issued.later.get(&(case.no.clone(), user_id.clone()))?.get(user.earlier.len()));
        let (certificate, letters) = match news.from_mms.get(user_id) {
            Some(facts) => (facts.clone(), Vec::new()),
            None => {
                let number = credentials.users.len() + before + made.len() + 1;
                let ordinal = user.earlier.len() + 2;
                let place = Place {
                    case,
                    office,
                    key,
                    waits,
                    number,
                    ordinal,
                    mms_code: &credentials.mms_code,
                    user_id,
                    user_name: &user.user_name,
                };
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
    /// The page is a draft.
    waits: bool,
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
        letters.iter_mut().try_for_each(|letter| seal(letter, self.case, self.office.certifier))?;
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

    /// The page; of one that waits what it is written from, since it leaves as the case stands then.
    fn passphrase(&self, certified: &Certified) -> Result<Letter, Fault> {
        let kept = Kept {
            user_id: self.user_id.to_owned(),
            user_name: self.user_name.to_owned(),
            certificate: certified.facts.clone(),
            passphrase: certified.passphrase.expose().to_owned(),
        };
        let key = format!("{}/{PASSPHRASE_PAGE}-{}", self.key, self.number);
        let mut letter = page(&kept, key, self.number as u32, self.case, self.office)?;
        if self.waits {
            let words = serde_json::to_vec(&kept).map_err(|error| Fault::lasting(self.user_id, error, "report this as a bug"))?;
            letter.files.iter_mut().for_each(|file| file.bytes.clone_from(&words));
        }
        Ok(letter)
    }
}

/// What a page is written from, beside the case. Lies sealed while the page waits, and is gone once it has left.
#[derive(Serialize, Deserialize)]
struct Kept {
    user_id: String,
    user_name: String,
    certificate: CertificateFacts,
    passphrase: String,
}

/// Seals the files of a letter, each for its place. Where nobody seals, nothing is kept of them.
fn seal(letter: &mut Letter, case: &Case, certifier: Option<&dyn Certifier>) -> Result<(), Fault> {
    for file in &mut letter.files {
        file.bytes = match certifier {
            Some(certifier) => certifier.close(&file.bytes, &format!("{}/{}", case.no, file.name))?,
            None => Vec::new(),
        };
    }
    Ok(())
}

fn page(kept: &Kept, key: String, number: u32, case: &Case, office: &Office<'_>) -> Result<Letter, Fault> {
    let mut data = letters::data(PASSPHRASE_PAGE, None, case, office, &[]);
    if let Some(object) = data.as_object_mut() {
        object.insert("user_id".into(), kept.user_id.as_str().into());
        object.insert("user_name".into(), kept.user_name.as_str().into());
        object.insert("certificate".into(), letters::certificate(&kept.certificate));
        object.insert("passphrase".into(), kept.passphrase.as_str().into());
        object.insert("postal".into(), json!({ "code": form(case, "postal_code"), "address": form(case, "address") }));
    }
    let meta = Meta {
        key,
        number,
        at: office.now,
        from: letters::sender(office),
        to: None,
        cc: None,
        operation: None,
        basis: office.catalogue.basis.clone(),
        figures: Vec::new(),
    };
    let mut letter = office.catalogue.notices()?.write(PASSPHRASE_PAGE, &data, &meta)?;
    letter.files.iter_mut().for_each(|file| file.name = format!("{POST_FOLDER}/{}", file.name));
    Ok(letter)
}

fn form(case: &Case, key: &str) -> Option<String> {
    case.form(key).map(ToString::to_string)
}

/// The page of a draft as it leaves: to the address and the company that the case knows now. `None` where it was written whole
/// when it was made, as it once was, and still says where it is to go; `then` is the case of that day.
pub fn page_anew(letter: &Sent, sealed: &[u8], then: &Case, now: &Case, office: &Office<'_>) -> Result<Option<Letter>, Fault> {
    let (Some(path), Some(certifier)) = (letter.files.first(), office.certifier) else {
        let hint = "set certificates = \"local\" in the settings until it has left";
        return Err(Fault::lasting(&letter.key, "lies sealed, and there is no authority here to open it", hint));
    };
    let opened = certifier.unclose(sealed, path)?;
    let Ok(kept) = serde_json::from_slice::<Kept>(&opened) else {
        let shown = |case: &Case| (letters::company(case), form(case, "postal_code"), form(case, "address"));
        if shown(then) == shown(now) {
            return Ok(None);
        }
        let hint = "correct it back and release the draft, then hand the page over by another way; or drop it, and revoke and renew the certificate";
        return Err(Fault::lasting(&letter.key, "was written for an address that was put right since, and cannot be written again", hint));
    };
    let number = letter.key.rsplit_once('-').and_then(|(_, number)| number.parse().ok()).unwrap_or(1);
    let mut page = page(&kept, letter.key.clone(), number, now, office)?;
    seal(&mut page, now, Some(certifier))?;
    Ok(Some(page))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{self, Catalogue};
    use crate::config::DeskSettings;
    use crate::domain::case::{CaseNo, Event, Received};
    use crate::domain::document::DocumentKind;
    use crate::domain::extract::{Extract, Field, Record};
    use crate::domain::id::{DocId, Permille};
    use crate::domain::place;
    use crate::domain::value::Value;

    /// Seals nothing.
    struct Clear;

    impl Certifier for Clear {
        fn certify(&self, order: &Order<'_>) -> Result<Certified, Fault> {
            Err(Fault::lasting(order.user_id, "is not certified here", "nothing"))
        }

        fn close(&self, bytes: &[u8], _: &str) -> Result<Vec<u8>, Fault> {
            Ok(bytes.to_vec())
        }

        fn unclose(&self, sealed: &[u8], _: &str) -> Result<Vec<u8>, Fault> {
            Ok(sealed.to_vec())
        }
    }

    /// A case whose applicant lives at a postal code.
    fn at(postal_code: &str, office: &Office<'_>) -> Case {
        let doc = DocId::of(b"form");
        let field = |text: &str| Field {
            value: Value::Text(text.to_owned()),
            raw: text.to_owned(),
            place: place::Place::Whole { doc },
            confidence: Permille::SURE,
            doubts: crate::domain::doubt::Doubts::NONE,
        };
        let fields = [("applicant_name", field("株式会社見本電力")), ("postal_code", field(postal_code))];
        let extract = Extract {
            doc,
            document: DocumentKind::new("application_form"),
            pages: 1,
            turned: Default::default(),
            fields: Record { fields: fields.into_iter().map(|(key, field)| (key.to_owned(), field)).collect(), ..Record::default() },
            sets: Default::default(),
            remarks: Vec::new(),
        };
        let mut case = Case::begin(CaseNo("TH-2026-0001".into()), office.now);
        let body = Body::Received(Box::new(Received { doc, name: "form.pdf".into(), parent: None, mailed: false, landed: None, extract }));
        case.apply(&Event { case: case.no.clone(), seq: 1, at: office.now, by: "test".into(), body });
        case
    }

    #[test]
    fn a_page_that_waited_is_written_for_where_the_applicant_is_now_or_does_not_leave() {
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap();
        let settings = DeskSettings::default();
        let office = Office::new(&catalogue, &settings, "2026-04-13T10:00:00+09:00".parse().unwrap());
        let sealing = Office::new(&catalogue, &settings, office.now).with_certifier(Some(&Clear));
        let [then, now] = ["980-0001", "989-9999"].map(|code| at(code, &office));
        let name = format!("{POST_FOLDER}/{PASSPHRASE_PAGE}-2.pdf");
        let draft = Sent {
            key: format!("TH-2026-0001/T06/1/{PASSPHRASE_PAGE}-2"),
            kind: PASSPHRASE_PAGE.to_owned(),
            operation: None,
            files: vec![format!("TH-2026-0001/{name}")],
            subject: String::new(),
            address: None,
            at: office.now,
            left: office.now,
            seq: 2,
            draft: true,
            dropped: false,
            told: Vec::new(),
        };
        let day = office.now.date();
        let certificate = CertificateFacts { cn: "K1".into(), serial: "01".into(), from: day, to: day, sha256: "00".into(), revoked: None };
        let kept = Kept { user_id: "K1".into(), user_name: "青柳 一郎".into(), certificate, passphrase: "ABCD-EFGH".into() };
        let kept = serde_json::to_vec(&kept).unwrap();
        let anew = |sealed: &[u8], office: &Office<'_>, now: &Case| page_anew(&draft, sealed, &then, now, office);
        let page = anew(&kept, &sealing, &now).unwrap().unwrap();
        assert_eq!((page.key.as_str(), page.files.len(), page.files[0].name.as_str()), (draft.key.as_str(), 1, name.as_str()));
        assert!(page.files[0].secret && page.files[0].bytes.starts_with(b"%PDF"));
        let was = anew(&kept, &sealing, &then).unwrap().unwrap();
        assert_ne!(page.files[0].bytes, was.files[0].bytes, "the postal code stands on it");
        assert!(anew(&kept, &office, &now).unwrap_err().what.contains("no authority here"));
        // One that was written whole is as good as it ever was, until an address is put right.
        assert!(anew(b"%PDF-1.7", &sealing, &then).unwrap().is_none());
        assert!(anew(b"%PDF-1.7", &sealing, &now).unwrap_err().what.contains("put right since"));
    }
}
