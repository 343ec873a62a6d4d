//! A case and its history.

use crate::domain::comparison::Pair;
use crate::domain::date::Moment;
use crate::domain::document::DocumentKind;
use crate::domain::extract::{Extract, Field};
use crate::domain::finding::Finding;
use crate::domain::id::DocId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// 受付番号: prefix, year, four digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseNo(pub String);

impl fmt::Display for CaseNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A document that came to a case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Received {
    pub doc: DocId,
    pub name: String,
    /// The mail or archive that it lay in.
    pub parent: Option<DocId>,
    /// It lay in a mail, at any depth: the word of whoever wrote that mail, never the desk's own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mailed: bool,
    /// When it lay in the inbox or the mailbox, where that was well before the run that took it: its day of receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landed: Option<Moment>,
    pub extract: Extract,
}

/// Who may enter MMS: issued by the desk, or imported from MMS.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Credentials {
    pub mms_code: String,
    /// One user ID for each row of ユーザ情報, in the order of the rows.
    pub users: Vec<UserAccount>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UserAccount {
    pub user_id: String,
    pub user_name: String,
    pub cert_required: bool,
    /// The newest certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateFacts>,
    /// Those that it took the place of, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<CertificateFacts>,
    /// The case of the same operator that holds this account and its certificates; none where it is this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<CaseNo>,
}

impl UserAccount {
    /// An account of this case, as yet without a certificate.
    pub fn new(user_id: String, user_name: String, cert_required: bool) -> Self {
        UserAccount { user_id, user_name, cert_required, certificate: None, earlier: Vec::new(), held_by: None }
    }

    /// All certificates of the account that this case holds.
    pub fn certificates(&self) -> impl Iterator<Item = &CertificateFacts> {
        self.earlier.iter().chain(&self.certificate).filter(|_| self.held_by.is_none())
    }
}

/// What may be said of a client certificate; never its key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CertificateFacts {
    pub cn: String,
    /// Pairs of hexadecimal digits, a colon between.
    pub serial: String,
    pub from: Date,
    /// The last day on which it holds.
    pub to: Date,
    /// SHA-256 of the certificate in DER, in hexadecimal digits; empty where another authority made it.
    pub sha256: String,
    /// The day from which it is no longer trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Date>,
}

impl CertificateFacts {
    /// It may be used on that day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.revoked.is_none() && day <= self.to
    }
}

/// Where in a paper a corrected value stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Target {
    pub doc: DocId,
    /// The data set of a workbook.
    pub set: Option<DocumentKind>,
    /// Which of its records, from 0.
    pub record: usize,
    /// The group inside the record, and which of its rows, from 0.
    pub row: Option<(String, usize)>,
    pub key: String,
}

/// A value that a person put over what was read; without one the entry is blank.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Correction {
    pub target: Target,
    pub field: Option<Field>,
}

/// What happened. A case is the fold over these.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    Opened {
        flow: String,
        applicant_name: Option<String>,
        corporate_number: Option<String>,
    },
    Received(Box<Received>),
    /// The very same bytes came again; `first` is the day of the first time.
    Again {
        doc: DocId,
        name: String,
        first: Date,
        /// The desk dropped it, it lay in no mail.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        own: bool,
    },
    /// A step of the flow, by the id of its transition.
    Moved {
        transition: String,
        from: String,
        to: String,
    },
    Issued(Credentials),
    /// A user of the case got another certificate.
    Certified {
        user_id: String,
        certificate: CertificateFacts,
    },
    /// The contract was held against the registration before an operation was ordered.
    Compared {
        pairs: Vec<Pair>,
    },
    /// A letter was written; its files stand in the outbox rows of the same transaction.
    Wrote {
        key: String,
        notice: String,
        operation: Option<String>,
        files: Vec<String>,
        subject: String,
    },
    /// The letter under this key is a draft: it stays in the house until a person releases it.
    Drafted {
        key: String,
    },
    /// A due date began or ended to run.
    Due {
        deadline: String,
        on: Option<Date>,
    },
    /// A person did or decided something.
    Recorded {
        what: String,
        set: BTreeMap<String, String>,
        note: Option<String>,
    },
    /// A person read it better than the program, or knows better.
    Corrected {
        corrections: Vec<Correction>,
        note: Option<String>,
    },
    /// What is open now, when it changed.
    Found {
        open: Vec<Finding>,
        held: bool,
    },
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Event {
    pub case: CaseNo,
    /// Counts from 1 in each case.
    pub seq: u32,
    pub at: Moment,
    /// `uketsuke`, or the name of a member of staff.
    pub by: String,
    pub body: Body,
}
