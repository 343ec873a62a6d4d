//! The book of notices: one folder a kind, checked when it is loaded.
//!
//! Owns which files a kind has, to whom it may go and what it needs. Wording stands in the templates.

use crate::domain::Files;
use crate::domain::date::Moment;
use crate::domain::language::{Dictionary, Language};
use crate::domain::letter::{Letter, LetterFile};
use crate::domain::text;
use crate::fault::Fault;
use crate::notices::guard::{Guard, Reader};
use crate::notices::mail::{self, Attachment, Mail};
use crate::notices::names;
use crate::notices::page::Press;
use crate::notices::sheet;
use crate::notices::words::{Sort, Words};
use crate::notices::wrap;
use crate::tables;
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// To whom a kind of notice goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum To {
    Applicant,
    Desk,
    /// To the desk where the data say `for_desk`, else to the applicant.
    Either,
}

/// A file of a letter, in the order of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum File {
    Pdf,
    Eml,
    Csv,
}

impl File {
    /// Extension, media type, template.
    fn facts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            File::Pdf => ("pdf", "application/pdf", "page.hbs"),
            File::Eml => ("eml", "message/rfc822", "body.txt.hbs"),
            File::Csv => ("csv", "text/csv", "sheet.csv.hbs"),
        }
    }
}

/// `notice.toml`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    /// What the staff call it.
    title: String,
    english: String,
    to: To,
    /// Never leaves the house.
    #[serde(default)]
    internal: bool,
    /// Printed and sent in a closed envelope; may say a passphrase, and is never a mail.
    #[serde(default)]
    post: bool,
    /// The first is the one that lists name.
    files: Vec<File>,
    /// Name of the PDF in the mail that carries it, `.pdf` left out; `{case_no}` is filled in.
    #[serde(default)]
    attached_as: Option<String>,
    /// Values that must be there and not be empty, by their paths.
    #[serde(default)]
    needs: Vec<String>,
    /// Patterns of what this kind never says, compared in NFKC form.
    #[serde(default)]
    never: Vec<String>,
}

struct Kind {
    folder: String,
    plan: Plan,
    never: Vec<Regex>,
    /// Sample data by the name of the file.
    samples: BTreeMap<String, Value>,
}

impl Kind {
    fn path(&self, file: &str) -> String {
        format!("{}/{file}", self.folder)
    }
}

/// What a letter has beside its data.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Idempotence key: case, transition, revision.
    pub key: String,
    /// The how manieth letter of its kind in the case, from 1.
    pub number: u32,
    pub at: Moment,
    /// The desk's address, `名前 <address>` or bare.
    pub from: String,
    /// The recipient's address; `None` for what stays in the house.
    pub to: Option<String>,
    pub cc: Option<String>,
    /// `APPROVE` or `REJECT` for an order to the operator of MMS.
    pub operation: Option<String>,
    /// Hash of the catalogue.
    pub basis: String,
    /// Pictures (PNG) that a mail to the applicant carries; its text calls them 図1, 図2, ….
    pub figures: Vec<Vec<u8>>,
}

/// All kinds of notices with their templates and fonts.
pub struct Book {
    kinds: BTreeMap<String, Kind>,
    words: BTreeMap<Sort, Words>,
    press: Press,
    guard: Guard,
}

#[derive(Deserialize)]
struct Codes {
    defect: Vec<Coded>,
}

#[derive(Deserialize)]
struct Coded {
    code: String,
}

impl Book {
    /// Takes what it needs from the files of a catalogue, keyed by path.
    pub fn load(files: &Files) -> Result<Self, Vec<Fault>> {
        let fonts = files.iter().filter(|(path, _)| path.starts_with("_shared/fonts/") && path.ends_with(".ttf"));
        let press = Press::new(fonts.map(|(path, bytes)| (path.as_str(), bytes))).map_err(|fault| vec![fault])?;
        let guard = Guard::new(codes(files)).map_err(|fault| vec![fault])?;
        let mut words: BTreeMap<Sort, Words> =
            Sort::ALL.into_iter().map(|sort| (sort, Words::new(sort, Box::new(press.printable())))).collect();
        let mut faults = Vec::new();
        for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with("_shared/") || path.contains("/notices/")) {
            if let Some(words) = Sort::of(path).and_then(|sort| words.get_mut(&sort))
                && let Err(fault) = words.add(path, bytes)
            {
                faults.push(fault);
            }
        }
        let mut kinds = BTreeMap::new();
        for path in files.keys().filter(|path| path.contains("/notices/") && path.ends_with("/notice.toml")) {
            match kind(files, path) {
                Ok((name, kind)) => drop(kinds.insert(name, kind)),
                Err(found) => faults.extend(found),
            }
        }
        let book = Book { kinds, words, press, guard };
        for kind in book.kinds.values() {
            for file in kind.plan.files.iter().map(|file| file.facts().2).chain(["subject.hbs"]) {
                let path = kind.path(file);
                if !files.contains_key(&path) {
                    faults.push(Fault::lasting(path, "is missing", "write it, or take this file out of notice.toml"));
                }
            }
        }
        if faults.is_empty() { Ok(book) } else { Err(faults) }
    }

    /// The kinds of notices there are.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(String::as_str)
    }

    /// What the staff call a kind.
    pub fn title(&self, kind: &str, language: Language) -> Option<&str> {
        self.kinds.get(kind).map(|kind| language.choose(&kind.plan.title, &kind.plan.english).as_str())
    }

    /// Writes a letter: the same data and the same meta give the same bytes.
    pub fn write(&self, kind: &str, data: &Value, meta: &Meta) -> Result<Letter, Fault> {
        let name = kind;
        let kind = self.kind(name)?;
        let reader = reader(name, kind, data, meta)?;
        if let Some(missing) = kind.plan.needs.iter().find(|path| is_empty(data, path)) {
            return Err(Fault::lasting(name, format!("was refused: {missing} is missing"), "write this letter only when that is known"));
        }
        self.guard.data(name, data, reader)?;
        let subject = self.say(kind, "subject.hbs", data, reader)?;
        let subject = text::tidy(&subject);
        let mut files: Vec<LetterFile> = Vec::new();
        for file in &kind.plan.files {
            let (extension, media_type, template) = file.facts();
            let said = self.say(kind, template, data, reader)?;
            let bytes = match file {
                File::Pdf => self.press.pdf(&kind.path(template), said, &meta.key, meta.at)?,
                File::Csv => sheet::bytes(&said),
                File::Eml => {
                    let mut attached = attachments(&kind.plan, data, &files);
                    attached.extend(figures(meta).filter(|_| reader == Reader::Applicant));
                    mail(meta, reader, &subject, &wrap::text(&said), attached)?
                }
            };
            files.push(LetterFile {
                name: format!("{name}-{}.{extension}", meta.number),
                media_type: media_type.to_owned(),
                secret: kind.plan.post,
                bytes,
            });
        }
        Ok(Letter {
            key: meta.key.clone(),
            kind: name.to_owned(),
            operation: meta.operation.clone(),
            to: if kind.plan.internal || kind.plan.post { None } else { meta.to.clone() },
            subject,
            files,
            basis: meta.basis.clone(),
        })
    }

    /// Every template against its samples: unknown names, and letters that cannot be written.
    pub fn check(&self, words: &Dictionary) -> Vec<Fault> {
        let mut faults = crate::notices::outbox::check(self);
        faults.extend(crate::notices::monthly::check(self, words));
        for (name, kind) in &self.kinds {
            let samples: Vec<Value> = kind.samples.values().cloned().collect();
            let templates = kind.plan.files.iter().map(|file| file.facts().2).chain(["subject.hbs"]);
            let before = faults.len();
            for path in templates.map(|file| kind.path(file)) {
                if let Some(words) = Sort::of(&path).and_then(|sort| self.words.get(&sort)) {
                    faults.extend(names::check(words, &path, &samples));
                }
            }
            if faults.len() == before {
                faults.extend(kind.samples.iter().filter_map(|(sample, data)| {
                    let fault = self.write(name, data, &sample_meta(data)).err()?;
                    Some(if fault.place == *name { Fault { place: kind.path(sample), ..fault } } else { fault })
                }));
            }
        }
        faults
    }

    /// Whether a picture that goes with a letter may show this value.
    pub fn may_show(&self, kind: &str, key: &str, words: &str) -> bool {
        let data = serde_json::json!({ key: words });
        let never = self.kinds.get(kind).map_or(&[][..], |kind| &kind.never);
        self.guard.data(kind, &data, Reader::Applicant).is_ok() && self.guard.text(kind, words, Reader::Applicant, never).is_ok()
    }

    /// What a template says of some data, before it is made into a file. The goldens compare it.
    pub fn said(&self, kind: &str, template: &str, data: &Value) -> Result<String, Fault> {
        let kind = self.kind(kind)?;
        self.words(&kind.path(template))?.render(&kind.path(template), data.clone())
    }

    /// The sample data of a kind, by the name of the file.
    pub fn samples(&self, kind: &str) -> Result<&BTreeMap<String, Value>, Fault> {
        Ok(&self.kind(kind)?.samples)
    }

    pub(super) fn words(&self, path: &str) -> Result<&Words, Fault> {
        Sort::of(path)
            .and_then(|sort| self.words.get(&sort))
            .filter(|words| words.has(path))
            .ok_or_else(|| Fault::lasting(path, "is missing", "restore it from the shipped templates"))
    }

    fn kind(&self, name: &str) -> Result<&Kind, Fault> {
        self.kinds.get(name).ok_or_else(|| Fault::lasting(name, "is no kind of notice", "name a folder of notices/"))
    }

    fn say(&self, kind: &Kind, template: &str, data: &Value, reader: Reader) -> Result<String, Fault> {
        let path = kind.path(template);
        let said = self.words(&path)?.render(&path, data.clone())?;
        // Typst's escapes would hide a pattern.
        let shown = if template == File::Pdf.facts().2 { said.replace('\\', "") } else { said.clone() };
        self.guard.text(&path, &shown, reader, &kind.never)?;
        Ok(said)
    }
}

fn mail(meta: &Meta, reader: Reader, subject: &str, body: &str, attachments: Vec<Attachment<'_>>) -> Result<Vec<u8>, Fault> {
    let desk = (reader == Reader::Desk).then_some(meta.from.as_str());
    let to = meta.to.as_deref().or(desk);
    let none = || {
        Fault::lasting(&meta.key, "has no recipient", "enter the address of this case")
            .told("宛先のメールアドレスがありません。案件の書類のメールアドレスを訂正してください")
    };
    let to = to.ok_or_else(none)?;
    mail::bytes(&Mail { key: &meta.key, at: meta.at, from: &meta.from, to, cc: meta.cc.as_deref(), subject, body, attachments })
}

/// The files that a mail carries, under the names that the recipient sees.
fn attachments<'a>(plan: &Plan, data: &Value, files: &'a [LetterFile]) -> Vec<Attachment<'a>> {
    let case = data.get("case_no").and_then(Value::as_str).unwrap_or_default();
    let name = |file: &LetterFile| match (&plan.attached_as, file.name.rsplit_once('.')) {
        (Some(name), Some((_, extension))) => format!("{}.{extension}", name.replace("{case_no}", case)),
        _ => file.name.clone(),
    };
    let attachment = |file: &'a LetterFile| Attachment {
        name: name(file),
        plain_name: file.name.as_str().into(),
        media_type: &file.media_type,
        bytes: &file.bytes,
    };
    files.iter().map(attachment).collect()
}

fn figures(meta: &Meta) -> impl Iterator<Item = Attachment<'_>> {
    let name = |n: usize| format!("図{}.png", n + 1);
    let plain = |n: usize| format!("figure-{}.png", n + 1);
    meta.figures.iter().enumerate().map(move |(n, png)| Attachment {
        name: name(n),
        plain_name: plain(n).into(),
        media_type: "image/png",
        bytes: png,
    })
}

/// Who will read it. What is for the desk may go to the desk's own address alone.
fn reader(name: &str, kind: &Kind, data: &Value, meta: &Meta) -> Result<Reader, Fault> {
    let for_desk = data.get("for_desk").and_then(Value::as_bool).unwrap_or(false);
    let reader = match kind.plan.to {
        To::Applicant if kind.plan.post => Reader::Post,
        To::Applicant => Reader::Applicant,
        To::Desk => Reader::Desk,
        To::Either if for_desk => Reader::Desk,
        To::Either => Reader::Applicant,
    };
    let outside = meta.to.as_deref().filter(|to| address(to) != address(&meta.from));
    match (reader, outside) {
        (Reader::Desk, Some(to)) => {
            Err(Fault::lasting(name, format!("was refused: it is for the house and was addressed to {to}"), "address it to the desk"))
        }
        _ => Ok(reader),
    }
}

fn address(written: &str) -> String {
    let address = written.rsplit_once('<').map_or(written, |(_, address)| address);
    address.trim().trim_end_matches('>').to_lowercase()
}

/// Whether the value at a path such as `tso.name` is absent or empty.
fn is_empty(data: &Value, path: &str) -> bool {
    match path.split('.').try_fold(data, |value, step| value.get(step)) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(_) => false,
    }
}

fn codes(files: &Files) -> BTreeSet<String> {
    let texts = files.iter().filter(|(path, _)| path.ends_with("/defects.toml")).filter_map(|(_, bytes)| std::str::from_utf8(bytes).ok());
    texts.filter_map(|text| toml::from_str::<Codes>(text).ok()).flat_map(|file| file.defect).map(|defect| defect.code).collect()
}

fn kind(files: &Files, path: &str) -> Result<(String, Kind), Vec<Fault>> {
    let folder = path.trim_end_matches("/notice.toml");
    let name = folder.rsplit('/').next().unwrap_or(folder);
    let text = files.get(path).map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
    let plan: Plan = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| text.get(..span.start).map_or(1, |before| before.lines().count().max(1)));
        vec![Fault::lasting(format!("{path}:{line}"), error.message(), "see the README of the notices for the keys")]
    })?;
    let mut faults = Vec::new();
    let mut never = Vec::new();
    for pattern in &plan.never {
        match Regex::new(pattern) {
            Ok(regex) => never.push(regex),
            Err(error) => {
                let error = error.to_string();
                let what = format!("{pattern} is no pattern: {}", error.lines().last().unwrap_or_default());
                faults.push(Fault::lasting(tables::place(path, text.as_bytes(), "never =", 0), what, "mend this pattern of `never`"));
            }
        }
    }
    if plan.post && (plan.files != [File::Pdf] || plan.to != To::Applicant) {
        faults.push(Fault::lasting(
            path,
            "goes by post and is more than a page for the applicant",
            "write files = [\"pdf\"], to = \"applicant\"",
        ));
    }
    let mut samples = BTreeMap::new();
    let inside = |path: &&String| path.starts_with(&format!("{folder}/sample")) && path.ends_with(".json");
    for sample in files.keys().filter(inside) {
        match files.get(sample).map(|bytes| serde_json::from_slice(bytes)) {
            Some(Ok(value)) => drop(samples.insert(sample.trim_start_matches(folder).trim_start_matches('/').to_owned(), value)),
            Some(Err(error)) => faults.push(Fault::lasting(format!("{sample}:{}", error.line()), error, "mend the JSON of this sample")),
            None => {}
        }
    }
    if samples.is_empty() {
        faults.push(Fault::lasting(format!("{folder}/sample.json"), "is missing", "write an example with every value of this notice"));
    }
    if faults.is_empty() { Ok((name.to_owned(), Kind { folder: folder.to_owned(), plan, never, samples })) } else { Err(faults) }
}

/// 2026-04-08T10:00:00+09:00.
const SAMPLE_SECOND: i64 = 1_775_610_000;

/// Fixed particulars for a sample: nothing of a real case.
pub fn sample_meta(sample: &Value) -> Meta {
    let text = |name: &str| sample.get(name).and_then(Value::as_str).map(str::to_owned);
    let desk = "東北例示送配電株式会社 受付担当 <uketsuke@example.jp>";
    let to = if sample.get("for_desk").and_then(Value::as_bool).unwrap_or(false) { desk } else { "tanto@example.co.jp" };
    let operation = text("operation");
    Meta {
        key: format!("{}/sample/1", text("case_no").unwrap_or_default()),
        number: 1,
        at: Moment::new(jiff::Timestamp::constant(SAMPLE_SECOND, 0)),
        from: desk.to_owned(),
        to: if operation.is_some() { None } else { Some(to.to_owned()) },
        cc: (to != desk && operation.is_none()).then(|| "uketsuke@example.jp".to_owned()),
        operation,
        basis: "sample".to_owned(),
        figures: Vec::new(),
    }
}
