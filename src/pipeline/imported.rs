//! Credentials that MMS made, from the file that the desk took out of MMS: MMSコード, user IDs, certificates.
//!
//! Owns what such a file must say of a case. Nothing of it counts before all of it is right; what came in somebody's
//! mail is no word of MMS.

use crate::casework::fold::Case;
use crate::casework::matching;
use crate::domain::case::{CertificateFacts, Credentials, UserAccount};
use crate::domain::extract::Record;
use crate::domain::finding::Remark;
use crate::domain::place::Place;
use crate::domain::text;
use crate::pipeline::{Office, findings};
use std::collections::BTreeSet;

/// What is told of a row that cannot be taken over.
const BAD_ROW: &str = "X-009";

/// What a person does about a row.
const MEND: &str = "修正した一式を再度投入してください";
/// Why a desk that issues credentials itself takes none over.
const OWN: &str = "MMSコードとユーザIDはこの受付で発行する設定（credentials = \"local\"）のため、このファイルは使用していません";

/// The credentials that the newest file gives a case, or what is wrong with it; `None` without a file. `taken` tells codes of other operators.
pub fn credentials(case: &Case, office: &Office<'_>, taken: &dyn Fn(&str) -> bool) -> Option<Result<Credentials, Vec<Remark>>> {
    let paper = case.paper(matching::CREDENTIALS)?;
    let whole = Place::Whole { doc: paper.received.doc };
    if office.issues_locally() {
        return Some(Err(vec![untaken(None, "mms_code", OWN).at(whole)]));
    }
    let rows: Vec<&Record> = paper.received.extract.fields.group("rows").iter().filter(|row| is_about(row, case)).collect();
    let mut clerk = Clerk { whole, remarks: Vec::new() };
    let made = clerk.credentials(&rows, case, office, taken);
    Some(if clerk.remarks.is_empty() { Ok(made) } else { Err(clerk.remarks) })
}

/// Certificates of the newest file that last longer than those which the case knows.
pub fn renewed(case: &Case, office: &Office<'_>) -> Vec<(String, CertificateFacts)> {
    if office.certifies_locally() {
        return Vec::new();
    }
    let Some(Ok(told)) = credentials(case, office, &|_| false) else { return Vec::new() };
    let later = |user: &UserAccount, facts: &CertificateFacts| {
        let known = case.user(&user.user_id).filter(|known| known.held_by.is_none()).and_then(|known| known.certificate.as_ref());
        known.is_some_and(|known| known.serial != facts.serial && known.to < facts.to)
    };
    told.users
        .into_iter()
        .filter_map(|user| {
            let facts = user.certificate.clone().filter(|facts| later(&user, facts))?;
            Some((user.user_id, facts))
        })
        .collect()
}

/// The row names this case, or this company and no case.
fn is_about(row: &Record, case: &Case) -> bool {
    match row.text("case_no") {
        Some(no) => no == case.no.0,
        None => {
            let company = row.text("corporate_number").filter(|number| !number.is_empty());
            let known = case.credentials.as_ref().map(|credentials| &credentials.mms_code);
            match company {
                Some(number) => case.form("corporate_number").is_some_and(|own| own.to_string() == number),
                None => row.text("mms_code").as_ref() == known,
            }
        }
    }
}

fn untaken(row: Option<&Record>, key: &str, why: &str) -> Remark {
    let number = row.and_then(matching::row_of).map_or_else(|| "全体".to_owned(), |row| format!("{row}行目"));
    Remark::new(BAD_ROW).of(matching::CREDENTIALS).field(key).word("row", number).word("value", why)
}

struct Clerk {
    whole: Place,
    remarks: Vec<Remark>,
}

impl Clerk {
    fn wrong(&mut self, row: Option<&Record>, key: &str, why: &str) {
        let field = row.and_then(|row| row.fields.get(key).or_else(|| row.fields.values().next()));
        let place = field.map_or_else(|| self.whole.clone(), |field| field.place.clone());
        self.remarks.push(untaken(row, key, &format!("{why}。{MEND}")).at(place));
    }

    fn credentials(&mut self, rows: &[&Record], case: &Case, office: &Office<'_>, taken: &dyn Fn(&str) -> bool) -> Credentials {
        let mms_code = self.mms_code(rows, case, taken);
        let wanted = findings::users(case);
        let by_name = rows.iter().all(|row| row.value("user_name").is_some());
        let mut users = Vec::new();
        let mut seen = BTreeSet::new();
        for (n, (name, cert_required)) in wanted.iter().enumerate() {
            let named = |row: &&&Record| row.text("user_name").is_some_and(|other| text::compare_key(&other) == text::compare_key(name));
            let row = if by_name { rows.iter().find(named) } else { rows.get(n) };
            let Some(row) = row.copied() else {
                self.wrong(None, "user_name", &format!("「{name}」のユーザIDがありません"));
                continue;
            };
            let user_id = self.certain(row, "user_id").unwrap_or_default();
            if !user_id.is_empty() && !seen.insert(user_id.clone()) {
                self.wrong(Some(row), "user_id", "同じユーザIDが重複しています");
            }
            let certificate = self.certificate(row);
            if *cert_required && certificate.is_none() && !office.certifies_locally() && self.remarks.is_empty() {
                self.wrong(Some(row), "cn", "クライアント証明書の情報がありません");
            }
            users.push(UserAccount {
                certificate: certificate.filter(|_| *cert_required),
                ..UserAccount::new(user_id, name.clone(), *cert_required)
            });
        }
        if rows.len() != wanted.len() {
            self.wrong(None, "user_id", &format!("ユーザID{}件に対し、ユーザ情報は{}名です", rows.len(), wanted.len()));
        }
        Credentials { mms_code, users }
    }

    /// One code for all rows, which no other operator has and which the case had before.
    fn mms_code(&mut self, rows: &[&Record], case: &Case, taken: &dyn Fn(&str) -> bool) -> String {
        let codes: Vec<(&Record, String)> = rows.iter().filter_map(|row| Some((*row, self.certain(row, "mms_code")?))).collect();
        let Some((first, code)) = codes.first().cloned() else { return String::new() };
        if let Some((row, _)) = codes.iter().find(|(_, other)| *other != code) {
            self.wrong(Some(row), "mms_code", "一つの案件に複数のMMSコードがあります");
        }
        if case.credentials.as_ref().is_some_and(|known| known.mms_code != code) {
            self.wrong(Some(first), "mms_code", "通知済みのMMSコードと異なります");
        } else if taken(&code) {
            self.wrong(Some(first), "mms_code", "他の事業者のMMSコードです");
        }
        code
    }

    /// A value that is there and has the form of its kind.
    fn certain(&mut self, row: &Record, key: &str) -> Option<String> {
        match row.fields.get(key) {
            None => self.wrong(Some(row), key, "空欄です"),
            Some(field) if field.needs_review() => self.wrong(Some(row), key, &format!("「{}」は正しい形式ではありません", field.raw)),
            Some(field) => return Some(field.value.to_string()),
        }
        None
    }

    /// All of a certificate, or nothing of it.
    fn certificate(&mut self, row: &Record) -> Option<CertificateFacts> {
        const PARTS: &[&str] = &["cn", "serial", "valid_from", "valid_to"];
        if PARTS.iter().all(|key| !row.fields.contains_key(key)) {
            return None;
        }
        let [cn, serial, _, _] = [0, 1, 2, 3].map(|n| self.certain(row, PARTS[n]));
        let day = |key: &str| row.value(key).and_then(|value| value.date());
        let (cn, serial, from, to) = (cn?, serial?, day("valid_from")?, day("valid_to")?);
        if from > to {
            self.wrong(Some(row), "valid_to", "有効期間の終了日が開始日より前です");
        }
        Some(CertificateFacts { cn, serial: serial.to_uppercase(), from, to, sha256: String::new(), revoked: None })
    }
}
