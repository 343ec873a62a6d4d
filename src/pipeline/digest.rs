//! One document's story: from bytes to findings, and the same for what lies inside it.

use crate::domain::date::Moment;
use crate::domain::document::DocumentKind;
use crate::domain::extract::{Extract, Record};
use crate::domain::finding::{Finding, Remark};
use crate::domain::id::DocId;
use crate::domain::place::Place;
use crate::domain::reading::{Content, PageSource, Part};
use crate::domain::secret::Secret;
use crate::extraction;
use crate::pipeline::{Office, findings};
use crate::reading;
use crate::reading::format::{Limits, Source, Tools};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Archives and mails inside one another that are opened.
const DEEPEST: usize = 6;
/// Documents that one arrival may hold, at any depth.
const MOST_DOCUMENTS: usize = 2_000;

/// Passwords of one sender that are tried at most.
const MOST_PASSWORDS: usize = 50;

/// What the desk knows of a document before any case is looked at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Digest {
    pub doc: DocId,
    pub name: String,
    pub bytes: u64,
    pub format: String,
    pub extract: Extract,
    /// Pages whose text was recognised in a picture.
    #[serde(default)]
    pub ocr_pages: u32,
    pub findings: Vec<Finding>,
    /// The bytes of a part that could not be read, for the quarantine: only whole arrivals are kept as originals.
    /// No part of the serial form: bytes travel as they are.
    #[serde(skip)]
    pub unreadable: Option<Vec<u8>>,
    /// Attachments, members of archives, and files that lie in a paper or a workbook.
    pub parts: Vec<Digest>,
}

impl Digest {
    /// It is a mail, or holds one, with an archive whose password nobody has named.
    pub fn awaits_password(&self) -> bool {
        self.is_shut(false)
    }

    /// It is a mail, or holds one: a password may stand there.
    pub fn holds_mail(&self) -> bool {
        self.extract.document.as_str() == "inbound_mail" || self.parts.iter().any(Digest::holds_mail)
    }

    /// The date that such a mail bears; of several, the last.
    pub fn shut_since(&self) -> Option<Moment> {
        if !self.awaits_password() {
            return None;
        }
        match self.extract.document.as_str() {
            "inbound_mail" => self.extract.fields.fields.get("received_at")?.raw.parse().ok(),
            _ => self.parts.iter().filter_map(Digest::shut_since).max(),
        }
    }

    /// Something in it is shut, and no password that was tried opened it.
    pub fn lacks_password(&self) -> bool {
        self.extract.remarks.iter().any(|remark| remark.code.0 == "M-002") || self.parts.iter().any(Digest::lacks_password)
    }

    /// Bytes that are held for the quarantine.
    pub fn held(&self) -> usize {
        self.unreadable.as_ref().map_or(0, Vec::len) + self.parts.iter().map(Digest::held).sum::<usize>()
    }

    /// Lets those bytes go; whoever wants them reads the arrival again.
    pub fn let_go(&mut self) {
        self.unreadable = None;
        self.parts.iter_mut().for_each(Digest::let_go);
    }

    /// The bytes that are held of one part.
    pub fn held_of(&self, doc: DocId) -> Option<&[u8]> {
        let own = self.unreadable.as_deref().filter(|_| self.doc == doc);
        own.or_else(|| self.parts.iter().find_map(|part| part.held_of(doc)))
    }

    /// Recognised pages of the document and of what lies inside it.
    pub fn ocr_pages_in_all(&self) -> u32 {
        self.parts.iter().fold(self.ocr_pages, |pages, part| pages.saturating_add(part.ocr_pages_in_all()))
    }

    fn is_shut(&self, mailed: bool) -> bool {
        let mailed = mailed || self.extract.document.as_str() == "inbound_mail";
        let locked = self.format == "zip" && self.extract.remarks.iter().any(|remark| remark.code.0 == "M-002");
        mailed && locked || self.parts.iter().any(|part| part.is_shut(mailed))
    }
}

/// Passwords that mails name, by the address of who sent them: the archive comes in one mail, its password in the next.
#[derive(Clone, Default, Debug)]
pub struct Keys(BTreeMap<String, Vec<Secret>>);

impl Keys {
    /// Takes up the passwords of a mail, or of the mails in a box; what a mail encloses is another sender's.
    pub fn learn(&mut self, bytes: &[u8], tools: &Tools<'_>) {
        let read = |bytes: &[u8]| reading::read(&Source { doc: DocId::of(bytes), name: "", bytes }, tools).content;
        if reading::mbox::sniff(bytes) {
            read(bytes).parts().iter().for_each(|part| self.learn_mail(&read(&part.bytes)));
        } else if reading::is_mail(bytes) {
            self.learn_mail(&read(bytes));
        }
    }

    fn learn_mail(&mut self, content: &Content) {
        let Content::Mail(mail) = content else { return };
        let Some(sender) = &mail.from_address else { return };
        self.add(sender, extraction::mail::passwords(mail));
    }

    /// Takes up passwords of one sender, the likeliest first.
    pub fn add(&mut self, sender: &str, secrets: impl IntoIterator<Item = Secret>) {
        let known = self.0.entry(sender.to_lowercase()).or_default();
        for secret in secrets {
            if !known.contains(&secret) && known.len() < MOST_PASSWORDS {
                known.push(secret);
            }
        }
    }

    /// The passwords by sender.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Secret])> {
        self.0.iter().map(|(sender, secrets)| (sender.as_str(), secrets.as_slice()))
    }

    /// Takes up what was learnt elsewhere.
    pub fn merge(&mut self, later: Keys) {
        later.0.into_iter().for_each(|(sender, secrets)| self.add(&sender, secrets));
    }

    /// The passwords that may open what lies inside: the mail's own, those of other mails of its sender, or those from outside.
    pub(super) fn within(&self, content: &Content, outer: &[Secret]) -> Vec<Secret> {
        match content {
            Content::Mail(mail) => {
                extraction::mail::passwords(mail).into_iter().chain(self.of(mail.from_address.as_deref()).iter().cloned()).collect()
            }
            _ => outer.to_vec(),
        }
    }

    fn of(&self, sender: Option<&str>) -> &[Secret] {
        sender.and_then(|address| self.0.get(&address.to_lowercase())).map_or(&[], Vec::as_slice)
    }
}

/// Which of the documents that lie directly in another one are read. The others are told of as unreadable.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Inside {
    All,
    Nothing,
    Only(usize),
}

impl Inside {
    /// Whether the part of this number is read.
    pub fn opens(self, n: usize) -> bool {
        self == Inside::All || self == Inside::Only(n)
    }
}

/// Reads, extracts and checks one document and what lies inside it. Pure.
pub fn digest(name: &str, bytes: &[u8], tools: &Tools<'_>, office: &Office<'_>) -> Digest {
    digest_with(name, bytes, Inside::All, &Keys::default(), tools, office)
}

/// The same, with the passwords that other documents named.
pub fn digest_with(name: &str, bytes: &[u8], inside: Inside, keys: &Keys, tools: &Tools<'_>, office: &Office<'_>) -> Digest {
    let mut keys = keys.clone();
    if reading::mbox::sniff(bytes) {
        keys.learn(bytes, tools);
    }
    let mut room = Room { bytes: tools.limits.unpacked, documents: MOST_DOCUMENTS };
    Table { inside, keys: &keys, tools, office }.digest(name, bytes, &[], 0, &mut room)
}

/// What an arrival may still unpack, over all its depths.
struct Room {
    bytes: usize,
    documents: usize,
}

struct Table<'a> {
    inside: Inside,
    keys: &'a Keys,
    tools: &'a Tools<'a>,
    office: &'a Office<'a>,
}

impl Table<'_> {
    fn digest(&self, name: &str, bytes: &[u8], passwords: &[Secret], depth: usize, room: &mut Room) -> Digest {
        let doc = DocId::of(bytes);
        let source = Source { doc, name, bytes };
        let tools = Tools { limits: Limits { unpacked: self.tools.limits.unpacked.min(room.bytes), ..self.tools.limits }, ..*self.tools };
        let reading = reading::unlock(reading::read(&source, &tools), &source, &tools, passwords);
        let mut extract = extraction::extract(&reading, name, &self.office.catalogue.forms());
        let ocr_pages = recognised(&reading.content);
        let known = self.keys.within(&reading.content, passwords);
        let inside = reading.content.into_parts();
        let total: usize = inside.iter().map(|part| part.bytes.len()).sum();
        let bound = match inside.as_slice() {
            [] => None,
            _ if depth >= DEEPEST => Some("M-001"),
            _ if total > room.bytes || inside.len() > room.documents => Some("M-007"),
            _ => None,
        };
        let parts = match bound {
            Some(code) => {
                extract.remarks.push(Remark::new(code).word("file", name).at(Place::Whole { doc }));
                Vec::new()
            }
            None => {
                room.bytes -= total;
                room.documents -= inside.len();
                let part = |(n, part): (usize, &Part)| match depth > 0 || self.inside.opens(n) {
                    true => self.digest(&part.name, &part.bytes, &known, depth + 1, room),
                    false => unopened(part, self.office),
                };
                inside.iter().enumerate().map(part).collect()
            }
        };
        let findings = findings::of_document(&extract, self.office);
        let unreadable = (depth > 0 && extract.document.as_str() == "unknown").then(|| bytes.to_vec());
        Digest {
            doc,
            name: name.to_owned(),
            bytes: bytes.len() as u64,
            format: reading.format,
            extract,
            ocr_pages,
            findings,
            unreadable,
            parts,
        }
    }
}

fn recognised(content: &Content) -> u32 {
    let Content::Paper { pages, .. } = content else { return 0 };
    pages.iter().filter(|page| page.source == PageSource::Recognised).count() as u32
}

/// Derives the findings of a reading again, for another day or another desk.
pub fn judge_anew(digest: &mut Digest, office: &Office<'_>) {
    digest.findings = findings::of_document(&digest.extract, office);
    digest.parts.iter_mut().for_each(|part| judge_anew(part, office));
}

/// A part that is passed over, with its bytes for the quarantine.
fn unopened(part: &Part, office: &Office<'_>) -> Digest {
    let bytes = part.bytes.len() as u64;
    Digest { bytes, unreadable: Some(part.bytes.clone()), ..unreadable(&part.name, DocId::of(&part.bytes), office) }
}

/// A document that nothing can be said of but that it does not open.
pub fn unreadable(name: &str, doc: DocId, office: &Office<'_>) -> Digest {
    let remarks = vec![Remark::new("M-001").word("file", name).at(Place::Whole { doc })];
    let extract = Extract {
        doc,
        document: DocumentKind::new("unknown"),
        pages: 0,
        turned: BTreeMap::new(),
        fields: Record::default(),
        sets: BTreeMap::new(),
        remarks,
    };
    let findings = findings::of_document(&extract, office);
    Digest {
        doc,
        name: name.to_owned(),
        bytes: 0,
        format: "unreadable".to_owned(),
        extract,
        ocr_pages: 0,
        findings,
        unreadable: None,
        parts: Vec::new(),
    }
}
