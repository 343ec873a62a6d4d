//! What the console asks of the desk: a case with all that a person needs beside it, pages as pictures, and deeds.
//!
//! Owns these questions. They are asked of a ledger that is only looked at; a deed opens the desk for itself alone, as
//! `case record` does, so that the rules of the flow decide and the watching goes on between.

use crate::casework::fold::{Case, Paper};
use crate::casework::{correction, wording};
use crate::catalogue::{Catalogue, Voice};
use crate::config::Config;
use crate::desk::gallery::Gallery;
use crate::desk::{Desk, Opened, Recorded, index, pages, telling};
use crate::domain::case::{Body, CaseNo, Event};
use crate::domain::comparison::Pair;
use crate::domain::date::Moment;
use crate::domain::document::FieldSpec;
use crate::domain::id::{DocId, Permille};
use crate::domain::language::Language;
use crate::domain::place::{Area, Frame, Place};
use crate::domain::text::Sought;
use crate::drawing::crop;
use crate::fault::Fault;
use crate::notices::outbox::{CasePage, Overview, Row, Step};
use crate::pipeline::record::{self, Deed};
use crate::pipeline::{Keys, Office};
use crate::store::{Ledger, Originals};
use crate::worker::Readers;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a deed waits for a batch that holds the state.
const PATIENCE: Duration = Duration::from_secs(20);
const BETWEEN_TRIES: Duration = Duration::from_millis(200);

/// A case as the console shows it.
pub struct Look {
    pub case: Case,
    pub page: CasePage,
    /// The contract beside the registration, as it was compared last.
    pub pairs: Vec<Pair>,
    /// What may be recorded now.
    pub possible: Vec<String>,
    pub doubts: Vec<Entry>,
    pub documents: Vec<Document>,
    /// Files of the outbox; of a secret one the name alone.
    pub files: Vec<(String, bool)>,
    /// The person who recorded something last.
    pub last_person: Option<String>,
}

/// A value as the review shows it.
pub struct Entry {
    /// As `case record corrected --set` takes it.
    pub reference: String,
    /// The paper on which it stands, or would.
    pub paper: DocId,
    pub document: String,
    pub label: String,
    pub value: String,
    /// As it stood on the paper.
    pub original: String,
    pub confidence: Permille,
    /// Why the program would not bet on it, where it would not.
    pub doubts: Option<String>,
    pub file: String,
    /// In words, where it stands on no page.
    pub place: Option<String>,
    pub seen: Option<(DocId, u32, Area)>,
}

/// A paper of the case.
pub struct Document {
    pub doc: DocId,
    pub name: String,
    pub title: String,
    pub at: String,
    /// Pages that can be drawn.
    pub pages: u32,
    /// It came by itself, so that its original can be handed out.
    pub is_original: bool,
}

/// The list of today, as the index of the outbox has them.
pub fn overview(ledger: &Ledger, office: &Office<'_>, language: Language) -> Result<Overview, Fault> {
    index::overview(ledger, office, language)
}

/// These cases, as the lists have them.
pub fn cases(ledger: &Ledger, numbers: &BTreeSet<CaseNo>, office: &Office<'_>, language: Language) -> Result<Vec<Row>, Fault> {
    pages::rows(ledger.listed_by_number(&numbers.iter().collect::<Vec<_>>())?, office, language)
}

/// Cases in which all of these were written or read, the latest first.
pub fn search(ledger: &Ledger, wanted: &[Sought], most: usize) -> Result<Vec<CaseNo>, Fault> {
    ledger.cases_with(wanted, &|body, word| wording::says(body, &|text| word.stands_in(text)), most)
}

/// An event in words, where it says something to people.
pub fn step(event: &Event, voice: Voice<'_>) -> Option<Step> {
    telling::step(event, voice)
}

/// A moment as pages write it.
pub fn minute(at: Moment) -> String {
    pages::minute(at)
}

/// A case; `None` where there is none of that number.
pub fn look(config: &Config, ledger: &Ledger, no: &CaseNo, office: &Office<'_>, language: Language) -> Result<Option<Look>, Fault> {
    let voice = office.catalogue.in_language(language);
    let events = ledger.events(no)?;
    let Some(case) = Case::replay(&events) else { return Ok(None) };
    let page = pages::case_page(&case, &events, office, language);
    let pairs = events.iter().rev().find_map(|event| match &event.body {
        Body::Compared { pairs } => Some(pairs.clone()),
        _ => None,
    });
    let is_deed = |event: &&Event| matches!(event.body, Body::Recorded { .. } | Body::Corrected { .. });
    let originals = Originals::at(&config.state);
    let documents = case.papers.iter().map(|paper| Document {
        doc: paper.received.doc,
        name: paper.received.name.clone(),
        title: voice.document(paper.received.extract.document.as_str()),
        at: pages::minute(paper.at),
        pages: paper.received.extract.pages,
        is_original: originals.path(paper.received.doc).exists(),
    });
    let documents = documents.collect();
    Ok(Some(Look {
        page,
        pairs: pairs.unwrap_or_default(),
        possible: record::possible(&case, office),
        doubts: doubts(&case, voice),
        documents,
        files: ledger.files_of(no)?.into_iter().map(|(path, bytes)| (path, bytes.is_none())).collect(),
        last_person: events.iter().rev().find(is_deed).map(|event| event.by.clone()),
        case,
    }))
}

fn doubts(case: &Case, voice: Voice<'_>) -> Vec<Entry> {
    let doubtful = correction::entries(case).into_iter().filter(|entry| entry.field.needs_review());
    down_the_pages(doubtful.collect()).into_iter().map(|entry| shown(entry, voice)).collect()
}

/// All that one document says, and its fields in which nothing was read.
pub fn values(case: &Case, document: &str, voice: Voice<'_>) -> Vec<Entry> {
    let stands = correction::entries(case).into_iter().filter(|entry| entry.document == document);
    let spec = voice.catalogue.documents.iter().find(|spec| spec.id.as_str() == document);
    let blanks = spec.map_or_else(Vec::new, |spec| correction::blanks(case, spec));
    let blank = |(paper, field): (&Paper, &FieldSpec)| Entry {
        paper: paper.received.doc,
        reference: format!("{document}.{}", field.key),
        document: voice.document(document),
        label: voice.field(document, &field.key),
        value: String::new(),
        original: String::new(),
        confidence: Permille::SURE,
        doubts: None,
        file: String::new(),
        place: None,
        seen: None,
    };
    let stands = down_the_pages(stands.collect());
    stands.into_iter().map(|entry| shown(entry, voice)).chain(blanks.into_iter().map(blank)).collect()
}

/// All that can be put right in a case.
pub fn all_values(case: &Case, voice: Voice<'_>) -> Vec<Entry> {
    correction::documents(case).flat_map(|document| values(case, document, voice)).collect()
}

/// The documents whose values can be put right, with their titles.
pub fn correctable(case: &Case, voice: Voice<'_>) -> Vec<(&'static str, String)> {
    correction::documents(case).map(|id| (id, voice.document(id))).collect()
}

fn shown(entry: correction::Entry<'_>, voice: Voice<'_>) -> Entry {
    Entry {
        paper: entry.paper.received.doc,
        document: voice.document(entry.document),
        label: voice.field(entry.document, entry.key),
        value: entry.field.value.to_string(),
        original: entry.field.raw.clone(),
        confidence: entry.field.confidence,
        doubts: voice.doubts(entry.field.doubts),
        file: entry.paper.received.name.clone(),
        place: voice.place(&entry.field.place),
        seen: match &entry.field.place {
            Place::Page { doc, page, area } => Some((*doc, *page, *area)),
            _ => None,
        },
        reference: entry.reference,
    }
}

/// In the order in which the eye goes: down the pages, then row by row.
fn down_the_pages(mut entries: Vec<correction::Entry<'_>>) -> Vec<correction::Entry<'_>> {
    entries.sort_by_key(|entry| match &entry.field.place {
        Place::Page { page, area, .. } => (0, *page, i64::from(area.top), i64::from(area.left)),
        Place::Cell { row, column, .. } => (1, 0, i64::from(*row), i64::from(*column)),
        _ => (2, 0, 0, 0),
    });
    entries
}

/// Records a deed. `None` while another program holds the state for longer than a person wants to wait.
pub fn record(
    config: &Config,
    catalogue: &Catalogue,
    no: &CaseNo,
    deed: &Deed,
    clock: &dyn Fn() -> Moment,
) -> Result<Option<Recorded>, Fault> {
    let since = Instant::now();
    loop {
        match Desk::open(config, catalogue)? {
            Opened::Ready(mut desk) => return desk.record(no, deed, clock()).map(Some),
            Opened::Busy if since.elapsed() < PATIENCE => std::thread::sleep(BETWEEN_TRIES),
            Opened::Busy => return Ok(None),
        }
    }
}

/// A page, upright, as large as a screen shows it.
pub struct Sheet {
    pub png: Vec<u8>,
    pub width: usize,
    pub height: usize,
    /// From places to the pixels of this picture.
    frame: Frame,
}

impl Sheet {
    /// Where a place lies on the picture, in hundredths of a per cent of its width and height: left, top, width, height.
    pub fn spot(&self, area: &Area) -> [i64; 4] {
        let area = self.frame.area(area);
        let part = |length: i32, of: usize| i64::from(length) * 10_000 / (of.max(1) as i64);
        [part(area.left, self.width), part(area.top, self.height), part(area.width(), self.width), part(area.height(), self.height)]
    }
}

/// Pages kept at a time, and the longest side of one.
const SHEETS: usize = 12;
const LONGEST: usize = 1600;

type Key = (DocId, u32);

/// Draws pages, in readers, and keeps the latest ones.
pub struct Studio {
    originals: Originals,
    readers: Readers,
    sheets: Mutex<VecDeque<(Key, Arc<Sheet>)>>,
}

impl Studio {
    pub fn new(config: &Config, catalogue: &Catalogue) -> Self {
        Studio { originals: Originals::at(&config.state), readers: Readers::new(config, catalogue), sheets: Mutex::default() }
    }

    /// A page of one of the case's papers; `None` where it cannot be drawn.
    pub fn page(&self, ledger: &Ledger, case: &Case, doc: DocId, page: u32) -> Option<Arc<Sheet>> {
        self.kept((doc, page), || {
            let gallery = Gallery::new(&self.originals, &self.readers);
            let pictures = gallery.of_case(case, &|doc| ledger.parent(doc).ok().flatten());
            let (view, quarters) = pictures.page(doc, page)?;
            draw(&view, quarters)
        })
    }

    /// A page of a letter that the desk wrote.
    pub fn letter(&self, pdf: &[u8], page: u32) -> Option<Arc<Sheet>> {
        let doc = DocId::of(pdf);
        self.kept((doc, page), || {
            let view = self.readers.view(pdf, &[doc], page, &self.readers.ring(Keys::default()))?;
            draw(&view, 0)
        })
    }

    fn kept(&self, key: Key, draw: impl FnOnce() -> Option<Sheet>) -> Option<Arc<Sheet>> {
        let sheets = || self.sheets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, sheet)) = sheets().iter().find(|(known, _)| *known == key) {
            return Some(sheet.clone());
        }
        let sheet = Arc::new(draw()?);
        let mut sheets = sheets();
        if sheets.len() == SHEETS {
            sheets.pop_front();
        }
        sheets.push_back((key, sheet.clone()));
        Some(sheet)
    }
}

fn draw(view: &crate::domain::picture::View, quarters: u8) -> Option<Sheet> {
    let (sheet, frame) = crop::upright(view, quarters);
    let before = sheet.width as f64;
    let small = sheet.in_few_greys().within(LONGEST, LONGEST);
    let ratio = small.width as f64 / before;
    let frame = frame.then(&Frame::stretched((1.0, 1.0), (ratio, ratio)));
    Some(Sheet { png: small.png()?, width: small.width, height: small.height, frame })
}

/// The bytes of an original that came by itself.
pub fn original(config: &Config, doc: DocId) -> Result<Vec<u8>, Fault> {
    Originals::at(&config.state).get(doc)
}

/// Characters of a mail that are shown.
const LONGEST_MAIL: usize = 20_000;

/// A mail that the desk wrote, as its reader will see it: to whom, about what, and its words.
pub fn mail_words(bytes: &[u8], voice: Voice<'_>) -> String {
    let Some(mail) = mail_parser::MessageParser::default().parse(bytes) else { return String::new() };
    let to = mail.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or_default();
    let attached: Vec<&str> = mail.attachments().filter_map(mail_parser::MimeHeaders::attachment_name).collect();
    let text = mail.body_text(0).unwrap_or_default();
    let mut head =
        [voice.tell("mail_to", &[("to", to)]), voice.tell("mail_subject", &[("subject", mail.subject().unwrap_or_default())])].join("\n");
    if !attached.is_empty() {
        head += &format!("\n{}", voice.tell("mail_attached", &[("files", &voice.list(&attached))]));
    }
    format!("{head}\n\n{text}").chars().take(LONGEST_MAIL).collect()
}
