//! A desk for one case: papers are made, read, laid into a case and checked, as a run would do it.

use crate::make::{self, book, contract, form, mail, xml};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use uketsuke::casework::fold::Case;
use uketsuke::catalogue::{self, Catalogue};
use uketsuke::config::DeskSettings;
use uketsuke::domain::case::{Body, CaseNo, Event, Received};
use uketsuke::domain::date::Moment;
use uketsuke::domain::finding::Finding;
use uketsuke::domain::id::{DocId, Permille};
use uketsuke::domain::place::{Area, Place};
use uketsuke::domain::reading::Content;
use uketsuke::extraction;
use uketsuke::pipeline::{self, Around, Digest, NoPictures, Office, OnFile};
use uketsuke::reading;
use uketsuke::reading::format::{Blind, Limits, Source, Tools};

pub static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::load(&catalogue::shipped()).unwrap());

pub const FORM: &str = "利用申込書.pdf";
pub const BOOK: &str = "登録データ.xlsx";
pub const EXPORT: &str = "MMSREG.xml";
pub const CONTRACT: &str = "契約書.pdf";
pub const RECORD: &str = "稼働実績.csv";
/// MMSコード of an export in which nothing else is planted.
const EXAMPLE_CODE: &str = "K1A7";

/// What becomes of the bytes of a file on their way.
pub type Spoil = fn(Vec<u8>) -> Vec<u8>;

/// Everything that one applicant hands in.
#[derive(Clone)]
pub struct Submission {
    pub flow: &'static str,
    pub form: Json,
    pub lost_form_pages: Vec<usize>,
    /// The entry of the form through which a line is drawn.
    pub struck: Option<&'static str>,
    pub data: Json,
    pub export: Option<(Json, Json)>,
    pub contract: Option<Json>,
    pub lost_contract_pages: Vec<u32>,
    pub contract_says: Vec<&'static str>,
    pub application: Option<Json>,
    pub record: Option<Vec<u8>>,
    /// Files besides, as they are.
    pub more: Vec<(String, Vec<u8>)>,
    /// What the finished bytes of a file are turned into.
    pub spoil: Option<(&'static str, Spoil)>,
    pub sheets: Option<fn(&mut Vec<book::Sheet>)>,
    /// Lines of this file that hold these words are read as badly as a scan.
    pub blurred: Option<(&'static str, &'static str)>,
    pub known: OnFile,
    pub settings: DeskSettings,
}

fn truth(name: &str) -> Json {
    let path = format!("{}/tests/data/truth/{name}.truth.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A submission without any defect.
pub fn healthy(flow: &'static str) -> Submission {
    let name = match flow {
        "I_PRIME" => "mail-01",
        "II_GEN" => "mail-02",
        _ => "mail-03",
    };
    let truth = truth(name);
    let (data, contract) = (truth["data"].clone(), truth["contract"].clone());
    let profile = &data["operator_profile"];
    let form = json!({
        "form_edition": "2026年4月版", "application_date": "2026-04-06", "addressee": "東北例示送配電株式会社 御中", "application_kind": "1",
        "applicant_name": profile["operator_name"], "corporate_number": profile["corporate_number"], "operator_code": profile["operator_code"],
        "representative_title": "代表取締役", "representative_name": "例示 太郎", "seal_present": "1",
        "postal_code": profile["payee_postal_code"], "address": profile["payee_address"], "contract_kind": data["resource"][0]["contract_kind"],
        "resource_kind": if flow == "II_DR" { "DR" } else { "GEN" }, "market_participation": "0", "planned_areas": ["02"], "submitting_area": "02",
        "contract_status": "1", "contract_date": contract["contract_date"], "desired_start_date": "2026-05-01", "certificate_request": "1",
        "certificate_count": 2, "contact_department": "運用計画部", "contact_name": "見本 花子", "contact_phone": profile["payee_phone"],
        "contact_email": data["user_info"]["users"][0]["email"], "consent": "1",
    });
    Submission {
        flow,
        form,
        lost_form_pages: Vec::new(),
        struck: None,
        data,
        export: None,
        contract: None,
        lost_contract_pages: Vec::new(),
        contract_says: Vec::new(),
        application: None,
        record: None,
        more: Vec::new(),
        spoil: None,
        sheets: None,
        blurred: None,
        known: OnFile::default(),
        settings: DeskSettings::default(),
    }
    .with_contract(contract)
}

impl Submission {
    fn with_contract(mut self, contract: Json) -> Self {
        self.contract = Some(contract);
        self.record = Some(make::record(14, 0..0));
        self
    }

    /// The same with its data registered in MMS.
    pub fn registered(mut self) -> Self {
        let mut data = self.data.clone();
        data.as_object_mut().unwrap().remove("user_info");
        let header = json!({
            "info_kind": "M100", "sender_code": data["operator_profile"]["operator_code"], "mms_code": EXAMPLE_CODE,
            "exported_at": "2026/04/08 09:00", "registration_no": "2026040801", "registration_revision": "1", "registration_status": "1",
        });
        self.export = Some((header, data));
        self
    }

    /// One value of the form, the workbook (`/resource/0/area`), the export or the contract.
    pub fn set(mut self, pointer: &str, value: Json) -> Self {
        let (root, rest) = pointer.trim_start_matches('/').split_once('/').unwrap();
        match root {
            "form" => plant(&mut self.form, rest, value),
            "export" => plant(&mut self.export.as_mut().unwrap().1, rest, value),
            "header" => plant(&mut self.export.as_mut().unwrap().0, rest, value),
            "contract" => plant(self.contract.as_mut().unwrap(), rest, value),
            _ => plant(&mut self.data, pointer.trim_start_matches('/'), value),
        }
        self
    }
}

/// `null` takes a value away.
fn plant(model: &mut Json, pointer: &str, value: Json) {
    let full = format!("/{pointer}");
    let (parent, key) = full.rsplit_once('/').unwrap();
    let parent = model.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}"));
    match parent {
        Json::Array(list) => list[key.parse::<usize>().unwrap()] = value,
        Json::Object(object) if value.is_null() => drop(object.remove(key)),
        Json::Object(object) => drop(object.insert(key.to_owned(), value)),
        _ => panic!("{pointer}"),
    }
}

/// Where a finding must point.
#[derive(Clone, Copy, Debug)]
pub enum At {
    /// A value of the workbook.
    Cell(&'static str),
    /// The row of the workbook that this value would stand in.
    Row(&'static str),
    /// An entry of the form.
    Entry(&'static str),
    /// A line of the contract, or a cell of its table.
    Clause(&'static str),
    /// An element of the export, by the end of its path.
    Node(&'static str),
    Header(&'static str),
    /// A document as such, by the beginning of its name.
    Whole(&'static str),
    Page(&'static str, u32),
    SheetRow(&'static str, u32),
    Nowhere,
}

/// What came of a submission.
pub struct Outcome {
    pub findings: Vec<Finding>,
    pub digests: Vec<Digest>,
    docs: BTreeMap<String, DocId>,
    cells: book::Cells,
    entries: form::Spots,
    clauses: form::Spots,
}

impl Outcome {
    pub fn is_at(&self, finding: &Finding, at: At) -> bool {
        let place = finding.place.as_ref();
        let doc = |name: &str| self.docs.iter().find(|(known, _)| known.starts_with(name)).map(|(_, doc)| *doc);
        let on_page = |name: &str, spot: &(u32, Area)| match place {
            Some(Place::Page { doc: here, page, area }) => {
                Some(*here) == doc(name) && *page == spot.0 && (area.contains(spot.1.centre()) || spot.1.contains(area.centre()))
            }
            _ => false,
        };
        match at {
            At::Cell(pointer) | At::Row(pointer) => {
                let (sheet, row, column) = self.cells.get(pointer).unwrap_or_else(|| panic!("{pointer}"));
                let any_column = matches!(at, At::Row(_));
                matches!(place, Some(Place::Cell { doc: here, sheet: name, row: r, column: c })
                    if Some(*here) == doc(BOOK) && name.as_str() == sheet && r == row && (any_column || c == column))
            }
            At::Entry(key) => on_page(FORM, self.entries.get(key).unwrap_or_else(|| panic!("{key}"))),
            At::Clause(key) => on_page(CONTRACT, self.clauses.get(key).unwrap_or_else(|| panic!("{key}"))),
            At::Node(end) => matches!(place, Some(Place::Node { doc: here, path }) if Some(*here) == doc(EXPORT) && path.ends_with(end)),
            At::Header(name) => matches!(place, Some(Place::Header { name: here, .. }) if here == name),
            At::Whole(name) => matches!(place, Some(Place::Whole { doc: here }) if Some(*here) == doc(name)),
            At::Page(name, number) => {
                matches!(place, Some(Place::Page { doc: here, page, .. }) if Some(*here) == doc(name) && *page == number)
            }
            At::SheetRow(sheet, row) => {
                matches!(place, Some(Place::Cell { doc: here, sheet: name, row: r, .. }) if Some(*here) == doc(BOOK) && name.as_str() == sheet && *r == row)
            }
            At::Nowhere => place.is_none(),
        }
    }
}

pub fn office<'a>(settings: &'a DeskSettings, now: &str) -> Office<'a> {
    Office::new(&CATALOGUE, settings, now.parse().unwrap())
}

/// The files of a submission, and where their values stand.
struct Made {
    files: Vec<(String, Vec<u8>)>,
    cells: book::Cells,
    entries: form::Spots,
    clauses: form::Spots,
}

fn make(submission: &Submission) -> Made {
    let catalogue = &*CATALOGUE;
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let (bytes, entries) = form::make(catalogue, &submission.form, &submission.lost_form_pages, submission.struck);
    files.push((FORM.to_owned(), bytes));
    let (mut sheets, cells) = book::sheets(catalogue, &submission.data);
    if let Some(change) = submission.sheets {
        change(&mut sheets);
    }
    files.push((BOOK.to_owned(), book::save(&sheets, &[])));
    let mut clauses = form::Spots::new();
    if let Some(values) = &submission.contract {
        let (bytes, spots) = contract::make(catalogue, values, &submission.lost_contract_pages, &submission.contract_says);
        clauses = spots;
        files.push((CONTRACT.to_owned(), bytes));
    }
    if let Some(values) = &submission.application {
        files.push(("契約申込書.pdf".to_owned(), contract::application(catalogue, values)));
    }
    if let Some(bytes) = &submission.record {
        files.push((RECORD.to_owned(), bytes.clone()));
    }
    if let Some((header, data)) = &submission.export {
        files.push((EXPORT.to_owned(), xml::make(catalogue, header, data)));
    }
    files.extend(submission.more.iter().cloned());
    if let Some((name, spoil)) = submission.spoil {
        let file = files.iter_mut().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name}"));
        file.1 = spoil(std::mem::take(&mut file.1));
    }
    Made { files, cells, entries, clauses }
}

fn digest(name: &str, bytes: &[u8], blurred: Option<(&str, &str)>, office: &Office<'_>) -> Digest {
    let tools = Tools { ocr: &Blind, limits: Limits::default() };
    let plain = pipeline::digest(name, bytes, &tools, office);
    let Some((_, words)) = blurred.filter(|(file, _)| *file == name) else { return plain };
    let mut reading = reading::read(&Source { doc: plain.doc, name, bytes }, &tools);
    let Content::Paper { pages, .. } = &mut reading.content else { return plain };
    for line in pages.iter_mut().flat_map(|page| &mut page.lines) {
        let key = |text: &str| text.replace([' ', '\u{3000}'], "");
        if key(&line.text).contains(&key(words)) {
            line.glyphs.iter_mut().for_each(|glyph| glyph.confidence = Permille(520));
        }
    }
    let extract = extraction::extract(&reading, name, &CATALOGUE.forms());
    let findings = pipeline::of_document(&extract, office);
    Digest { extract, findings, ..plain }
}

/// Reads everything and says what is wrong with it.
pub fn check(submission: &Submission) -> Outcome {
    let office = office(&submission.settings, "2026-04-08T10:00:00+09:00");
    let Made { files, cells, entries, clauses } = make(submission);
    let digests: Vec<Digest> = files.iter().map(|(name, bytes)| digest(name, bytes, submission.blurred, &office)).collect();
    let mut case = Case::begin(CaseNo("TH-2026-0001".to_owned()), office.now);
    let mut events = vec![Body::Opened { flow: submission.flow.to_owned(), applicant_name: None, corporate_number: None }];
    let mut docs = BTreeMap::new();
    for digest in &digests {
        receive(digest, None, &mut events, &mut docs);
    }
    for (n, body) in events.into_iter().enumerate() {
        case.apply(&Event { case: case.no.clone(), seq: n as u32 + 1, at: office.now, by: "test".to_owned(), body });
    }
    let findings = pipeline::of_papers(&case, &office, &submission.known);
    Outcome { findings, digests, docs, cells, entries, clauses }
}

/// A case from day to day, carried on as a run would carry it.
pub struct Diary {
    pub case: Case,
    pending: Vec<Body>,
    pub events: Vec<Event>,
    known: OnFile,
    received: BTreeSet<DocId>,
    submission: Submission,
}

impl Diary {
    /// The form and the workbook lie in the inbox; contract and record follow with the next hand-in.
    pub fn new(submission: Submission) -> Self {
        let at: Moment = "2026-04-08T10:00:00+09:00".parse().unwrap();
        let case = Case::begin(CaseNo("TH-2026-0001".to_owned()), at);
        let opened = Body::Opened { flow: submission.flow.to_owned(), applicant_name: None, corporate_number: None };
        let mut diary =
            Diary { case, pending: vec![opened], events: Vec::new(), known: OnFile::default(), received: BTreeSet::new(), submission };
        let first = Submission { contract: None, record: None, ..diary.submission.clone() };
        diary.hand_in(first);
        diary
    }

    /// What did not come before, byte for byte.
    pub fn hand_in(&mut self, mut submission: Submission) {
        // MMS writes the code that the operator has there.
        if let (Some((header, _)), Some(credentials)) = (&mut submission.export, &self.case.credentials)
            && header["mms_code"] == EXAMPLE_CODE
        {
            header["mms_code"] = json!(credentials.mms_code);
        }
        let office = office(&submission.settings, "2026-04-08T10:00:00+09:00");
        for (name, bytes) in make(&submission).files {
            let digest = digest(&name, &bytes, submission.blurred, &office);
            if self.received.insert(digest.doc) {
                receive(&digest, None, &mut self.pending, &mut BTreeMap::new());
            }
        }
        self.known = submission.known;
    }

    pub fn push(&mut self, body: Body) {
        self.pending.push(body);
    }

    pub fn submission(&self) -> &Submission {
        &self.submission
    }

    pub fn run(&mut self, now: &str) {
        let office = office(&self.submission.settings, now);
        let mut fresh = Vec::new();
        for body in std::mem::take(&mut self.pending) {
            let event = Event { case: self.case.no.clone(), seq: self.case.seq + 1, at: office.now, by: "test".to_owned(), body };
            self.case.apply(&event);
            fresh.push(event);
        }
        let around = Around { known: &self.known, taken: &|_| false, pictures: &NoPictures };
        let settled = pipeline::decide(self.case.clone(), fresh, &office, &around).unwrap();
        self.events.extend(settled.events);
        self.case = Case::replay(&self.events).unwrap();
    }
}

fn receive(digest: &Digest, parent: Option<DocId>, events: &mut Vec<Body>, docs: &mut BTreeMap<String, DocId>) {
    docs.insert(digest.name.clone(), digest.doc);
    // Nothing here lies in anything but a mail.
    let mailed = parent.is_some();
    let received = Received { doc: digest.doc, name: digest.name.clone(), parent, mailed, landed: None, extract: digest.extract.clone() };
    events.push(Body::Received(Box::new(received)));
    digest.parts.iter().for_each(|part| receive(part, Some(digest.doc), events, docs));
}

/// A mail from the applicant's own address.
pub fn mail_of(submission: &Submission, body: &str, attached: &[(&str, &[u8])]) -> (String, Vec<u8>) {
    let from = submission.form["contact_email"].as_str().unwrap();
    ("mail.eml".to_owned(), mail::make(from, "TH-2026-0001", body, attached))
}
