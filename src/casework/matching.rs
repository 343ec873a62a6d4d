//! Which case a document belongs to. Ambiguity goes to a person, never to a guess.

use crate::casework::fold::Case;
use crate::domain::case::CaseNo;
use crate::domain::doubt::Doubt;
use crate::domain::extract::{Extract, Record};
use crate::domain::place::Place;
use crate::domain::text;
use crate::domain::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What two papers can have in common, the most telling first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum KeyKind {
    CaseNo,
    /// The Message-ID of a mail of the case; an answer names the one that it answers.
    Thread,
    MmsCode,
    CorporateNumber,
    /// A 法人番号 that was read without doubt and whose check digit is right. It leads nowhere by itself: it excludes.
    SureNumber,
    OperatorCode,
    ResourceCode,
    Name,
    Email,
    Phone,
    /// A file that another paper says it comes with.
    Attachment,
}

impl KeyKind {
    pub const ALL: [KeyKind; 11] = [
        KeyKind::CaseNo,
        KeyKind::Thread,
        KeyKind::MmsCode,
        KeyKind::CorporateNumber,
        KeyKind::SureNumber,
        KeyKind::OperatorCode,
        KeyKind::ResourceCode,
        KeyKind::Name,
        KeyKind::Email,
        KeyKind::Phone,
        KeyKind::Attachment,
    ];

    /// Stable name for the ledger.
    pub fn name(self) -> &'static str {
        match self {
            KeyKind::CaseNo => "case_no",
            KeyKind::Thread => "thread",
            KeyKind::MmsCode => "mms_code",
            KeyKind::CorporateNumber => "corporate_number",
            KeyKind::SureNumber => "sure_number",
            KeyKind::OperatorCode => "operator_code",
            KeyKind::ResourceCode => "resource_code",
            KeyKind::Name => "name",
            KeyKind::Email => "email",
            KeyKind::Phone => "phone",
            KeyKind::Attachment => "attachment",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        KeyKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Says who the company is, so that two different ones exclude each other.
    pub fn identifies(self) -> bool {
        matches!(self, KeyKind::CorporateNumber | KeyKind::OperatorCode)
    }

    /// May be shared by several companies, such as an agent's telephone.
    fn is_weak(self) -> bool {
        matches!(self, KeyKind::Thread | KeyKind::Email | KeyKind::Phone | KeyKind::Attachment)
    }

    /// Several companies may have the same one, or one of them writes another's by mistake.
    fn may_be_anothers(self) -> bool {
        matches!(self, KeyKind::MmsCode | KeyKind::ResourceCode | KeyKind::Name)
    }
}

pub type Keys = BTreeSet<(KeyKind, String)>;

/// Where each field key of the catalogue leads.
const FIELDS: &[(&str, KeyKind)] = &[
    ("case_no", KeyKind::CaseNo),
    ("mms_code", KeyKind::MmsCode),
    ("corporate_number", KeyKind::CorporateNumber),
    ("operator_code", KeyKind::OperatorCode),
    ("sender_code", KeyKind::OperatorCode),
    ("resource_code", KeyKind::ResourceCode),
    ("applicant_name", KeyKind::Name),
    ("operator_name", KeyKind::Name),
    ("party_a", KeyKind::Name),
    ("contact_email", KeyKind::Email),
    ("email", KeyKind::Email),
    ("from_address", KeyKind::Email),
    ("contact_phone", KeyKind::Phone),
    ("payee_phone", KeyKind::Phone),
    ("phone", KeyKind::Phone),
];

/// Fields that name other files.
const FILES: &[&str] = &["operation_record_file", "contract_pdf", "contract_application_pdf", "attachment_list"];

/// A file of credentials speaks of as many cases as it has rows.
pub const CREDENTIALS: &str = "mms_credentials";

/// The row of the file that a record stands in, from 1.
pub fn row_of(record: &Record) -> Option<u32> {
    record.fields.values().find_map(|field| match &field.place {
        Place::Cell { row, .. } => Some(*row),
        _ => None,
    })
}

/// What one row says about whose it is.
pub fn keys_of(row: &Record) -> Keys {
    let mut keys = Keys::new();
    collect(row, &mut keys);
    keys
}

/// What a document says about whose it is. `file` is its own name.
pub fn keys(extract: &Extract, file: &str) -> Keys {
    let mut keys = Keys::new();
    if extract.document.as_str() == CREDENTIALS {
        return keys;
    }
    collect(&extract.fields, &mut keys);
    extract.sets.values().flatten().for_each(|record| collect(record, &mut keys));
    let answered = match extract.fields.value("answers") {
        Some(Value::Names(ids)) => ids.clone(),
        _ => Vec::new(),
    };
    keys.extend(extract.fields.text("message_id").into_iter().chain(answered).map(|id| (KeyKind::Thread, id)));
    if extract.document.as_str() == "operation_record" {
        keys.insert((KeyKind::Attachment, text::compare_key(file)));
    }
    keys
}

/// Everything by which a document may be matched to a case: its own keys, and those of its rows where it speaks of several cases.
pub fn all_keys(extract: &Extract, file: &str) -> Keys {
    let rows = extract.fields.group("rows").iter().flat_map(keys_of);
    keys(extract, file).into_iter().chain(rows).collect()
}

/// What a case is known by: its number, its credentials, its papers and the files they mention.
pub fn case_keys(case: &Case) -> Keys {
    let mut keys: Keys = case.newest().flat_map(|paper| keys(&paper.received.extract, "")).filter(|(_, value)| !value.is_empty()).collect();
    keys.insert((KeyKind::CaseNo, case.no.0.clone()));
    keys.extend(case.credentials.iter().map(|credentials| (KeyKind::MmsCode, credentials.mms_code.clone())));
    keys.extend(case.newest().flat_map(|paper| promised(&paper.received.extract)));
    keys
}

/// Files that a document says it comes with.
pub fn promised(extract: &Extract) -> Keys {
    let mut keys = Keys::new();
    for file in extract.sets.values().flatten().flat_map(|record| FILES.iter().filter_map(|key| record.value(key))) {
        match file {
            Value::Names(names) => keys.extend(names.iter().map(|name| (KeyKind::Attachment, text::compare_key(name)))),
            other => drop(keys.insert((KeyKind::Attachment, text::compare_key(&other.to_string())))),
        }
    }
    keys
}

fn collect(record: &Record, keys: &mut Keys) {
    for (field, kind) in FIELDS {
        let names_two = record.fields.get(field).is_some_and(|field| field.doubts.has(Doubt::Contradicted));
        if *kind == KeyKind::CaseNo && names_two {
            continue;
        }
        if let Some(value) = record.text(field) {
            let value = match kind {
                KeyKind::Phone => text::digits(&value),
                KeyKind::Email => value.to_lowercase(),
                KeyKind::Name => text::compare_key(&value),
                _ => value,
            };
            if *kind == KeyKind::CorporateNumber && is_sure(record, field, &value) {
                keys.insert((KeyKind::SureNumber, value.clone()));
            }
            if !value.is_empty() {
                keys.insert((*kind, value));
            }
        }
    }
    record.groups.values().flatten().for_each(|inner| collect(inner, keys));
}

fn is_sure(record: &Record, field: &str, number: &str) -> bool {
    text::is_corporate_number(number) && record.fields.get(field).is_some_and(|field| !field.needs_review())
}

/// Cases by what they are known by.
#[derive(Clone, Debug, Default)]
pub struct Index {
    cases: BTreeMap<(KeyKind, String), BTreeSet<CaseNo>>,
    keys: BTreeMap<CaseNo, Keys>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Match {
    One(CaseNo),
    Several(Vec<CaseNo>),
    Nobody,
}

impl Index {
    pub fn add(&mut self, case: &CaseNo, keys: Keys) {
        for key in &keys {
            self.cases.entry(key.clone()).or_default().insert(case.clone());
        }
        self.keys.entry(case.clone()).or_default().extend(keys);
    }

    /// The case that the most telling key leads to, among those that `eligible` lets through.
    pub fn find(&self, keys: &Keys, eligible: &dyn Fn(&CaseNo) -> bool) -> Match {
        for kind in KeyKind::ALL {
            let found: BTreeSet<&CaseNo> = keys
                .iter()
                .filter(|(key, _)| *key == kind)
                .filter_map(|key| self.cases.get(key))
                .flatten()
                .filter(|case| eligible(case) && !self.speaks_against(kind, case, keys))
                .collect();
            match found.len() {
                0 => continue,
                1 => return found.into_iter().next().map_or(Match::Nobody, |case| Match::One(case.clone())),
                _ => return Match::Several(found.into_iter().cloned().collect()),
            }
        }
        Match::Nobody
    }

    /// All of these cases are known by a company number that is among the keys.
    pub fn name_one_company(&self, cases: &[CaseNo], keys: &Keys) -> bool {
        let knows = |key: &(KeyKind, String)| cases.iter().all(|case| self.keys.get(case).is_some_and(|known| known.contains(key)));
        keys.iter().any(|key| key.0.identifies() && knows(key))
    }

    /// One company number is known of all of these cases.
    pub fn are_of_one_company(&self, cases: &[CaseNo]) -> bool {
        let first = cases.first().and_then(|case| self.keys.get(case));
        first.is_some_and(|keys| self.name_one_company(cases, keys))
    }

    /// What else is known shows that this key leads to another company's case. A name or a code still leads where a number was
    /// wrong or doubtful: it may come again as it should be.
    fn speaks_against(&self, kind: KeyKind, case: &CaseNo, keys: &Keys) -> bool {
        kind.is_weak() && self.contradicts(case, keys) || kind.may_be_anothers() && self.excludes(case, keys)
    }

    /// Both name a company beyond doubt, and not the same one.
    pub fn excludes(&self, case: &CaseNo, keys: &Keys) -> bool {
        let is_sure = |keys: &Keys| keys.iter().any(|(kind, _)| *kind == KeyKind::SureNumber);
        is_sure(keys) && self.keys.get(case).is_some_and(is_sure) && self.contradicts(case, keys)
    }

    /// The paper and the case share nothing but what several companies may share, and their names differ.
    pub fn is_under_another_name(&self, case: &CaseNo, keys: &Keys) -> bool {
        let Some(known) = self.keys.get(case) else { return false };
        let has_name = |keys: &Keys| keys.iter().any(|(kind, _)| *kind == KeyKind::Name);
        has_name(keys) && has_name(known) && keys.iter().all(|key| key.0.is_weak() || !known.contains(key))
    }

    /// Both name a company, and never the same one.
    fn contradicts(&self, case: &CaseNo, keys: &Keys) -> bool {
        let Some(known) = self.keys.get(case) else { return false };
        let named = |keys: &Keys| keys.iter().filter(|(kind, _)| kind.identifies()).cloned().collect::<BTreeSet<_>>();
        let (theirs, ours) = (named(known), named(keys));
        let comparable = ours.iter().any(|(kind, _)| theirs.iter().any(|(other, _)| other == kind));
        comparable && theirs.is_disjoint(&ours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(pairs: &[(KeyKind, &str)]) -> Keys {
        pairs.iter().map(|(kind, value)| (*kind, (*value).to_owned())).collect()
    }

    fn no(text: &str) -> CaseNo {
        CaseNo(text.to_owned())
    }

    fn desk() -> Index {
        let mut index = Index::default();
        index.add(&no("TH-1"), keys(&[(KeyKind::CorporateNumber, "1"), (KeyKind::Phone, "03"), (KeyKind::Name, "甲")]));
        index.add(&no("TH-2"), keys(&[(KeyKind::CorporateNumber, "2"), (KeyKind::Phone, "03"), (KeyKind::Name, "乙")]));
        index
    }

    #[test]
    fn the_most_telling_key_decides() {
        let found = desk().find(&keys(&[(KeyKind::CorporateNumber, "2"), (KeyKind::Phone, "03")]), &|_| true);
        assert_eq!(found, Match::One(no("TH-2")));
    }

    #[test]
    fn a_shared_telephone_is_no_answer() {
        let found = desk().find(&keys(&[(KeyKind::Phone, "03")]), &|_| true);
        assert_eq!(found, Match::Several(vec![no("TH-1"), no("TH-2")]));
    }

    #[test]
    fn a_weak_key_never_overrules_a_different_company() {
        let mut index = Index::default();
        index.add(&no("TH-1"), keys(&[(KeyKind::CorporateNumber, "1"), (KeyKind::Email, "agent@example.jp")]));
        let stranger = keys(&[(KeyKind::CorporateNumber, "9"), (KeyKind::Email, "agent@example.jp")]);
        assert_eq!(index.find(&stranger, &|_| true), Match::Nobody);
    }

    #[test]
    fn a_name_or_a_code_never_overrules_two_numbers_that_nobody_doubts() {
        let (ours, other) = ("7999901000001", "6999901000002");
        let sure = |number| [(KeyKind::CorporateNumber, number), (KeyKind::SureNumber, number)];
        let shared = [(KeyKind::MmsCode, "K135"), (KeyKind::ResourceCode, "R1"), (KeyKind::Name, "甲")];
        let mut index = Index::default();
        index.add(&no("TH-1"), keys(&[&sure(ours)[..], &shared, &[(KeyKind::OperatorCode, "9X012")]].concat()));
        let found = |pairs: &[(KeyKind, &str)]| index.find(&keys(pairs), &|_| true);
        for key in shared {
            assert_eq!(found(&[&sure(other)[..], &[key]].concat()), Match::Nobody, "{key:?}");
            assert_eq!(found(&[&sure(ours)[..], &[key]].concat()), Match::One(no("TH-1")));
            assert_eq!(found(&[(KeyKind::CorporateNumber, other), key]), Match::One(no("TH-1")), "a doubtful number says nothing: {key:?}");
            let same_code = [&sure(other)[..], &[key, (KeyKind::OperatorCode, "9X012")]].concat();
            assert_eq!(found(&same_code), Match::One(no("TH-1")), "a number is put right: {key:?}");
        }
    }

    #[test]
    fn a_number_is_sure_with_its_check_digit_and_without_doubt() {
        let sure = |number: &str, doubtful: bool| {
            let place = Place::Typed { by: "test".into() };
            let (value, raw, confidence) = (Value::Code(number.into()), number.into(), crate::domain::id::Permille::SURE);
            let doubts = crate::domain::doubt::Doubt::Faint.when(doubtful);
            let field = crate::domain::extract::Field { value, raw, place, confidence, doubts };
            let record = Record { fields: [("corporate_number".to_owned(), field)].into_iter().collect(), ..Record::default() };
            keys_of(&record).iter().any(|(kind, _)| *kind == KeyKind::SureNumber)
        };
        assert_eq!([sure("7999901000001", false), sure("7999901000002", false), sure("7999901000001", true)], [true, false, false]);
    }

    #[test]
    fn two_case_numbers_in_a_mail_lead_nowhere() {
        let found = |doubts: crate::domain::doubt::Doubts| {
            let (place, confidence) = (Place::Typed { by: "test".into() }, crate::domain::id::Permille::SURE);
            let field = crate::domain::extract::Field { value: Value::Code("TH-1".into()), raw: String::new(), place, confidence, doubts };
            let record = Record { fields: [("case_no".to_owned(), field)].into_iter().collect(), ..Record::default() };
            !keys_of(&record).is_empty()
        };
        assert!(found(Doubt::Ambiguous.into()), "one without its label does");
        assert!(!found(Doubt::Contradicted.into()));
    }

    #[test]
    fn closed_cases_can_be_left_out() {
        let found = desk().find(&keys(&[(KeyKind::Phone, "03")]), &|case| case.0 != "TH-1");
        assert_eq!(found, Match::One(no("TH-2")));
    }
}
