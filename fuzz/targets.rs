//! What fuzzing calls: one function for each way by which bytes of strangers come in. None may panic, hang or grow without
//! bound, whatever the bytes. `cargo fuzz` drives them from `fuzz_targets/`, `tests/mutants.rs` without any other tool.

use std::sync::LazyLock;
use uketsuke::catalogue::{self, Catalogue};
use uketsuke::config::DeskSettings;
use uketsuke::domain::Files;
use uketsuke::domain::id::{DocId, Permille};
use uketsuke::domain::place::Area;
use uketsuke::domain::reading::{Content, Glyph, Line, Mark, MarkKind, Page, Reading};
use uketsuke::extraction;
use uketsuke::pipeline::{self, Inside, Keys, Office};
use uketsuke::reading::FORMATS;
use uketsuke::reading::format::{Grey, Limits, Ocr, Source, Strip, StripGlyph, Tools};
use uketsuke::reading::view;

pub type Target = fn(&[u8]);

/// By name; the name of a format reads with that reader, whatever the bytes look like.
pub const TARGETS: &[(&str, Target)] = &[
    ("pdf", |bytes| read("pdf", bytes)),
    ("tiff", |bytes| read("tiff", bytes)),
    ("jpeg", |bytes| read("jpeg", bytes)),
    ("png", |bytes| read("png", bytes)),
    ("xlsx", |bytes| read("xlsx", bytes)),
    ("xlsb", |bytes| read("xlsb", bytes)),
    ("ods", |bytes| read("ods", bytes)),
    ("xls", |bytes| read("xls", bytes)),
    ("msg", |bytes| read("msg", bytes)),
    ("zip", |bytes| read("zip", bytes)),
    ("tnef", |bytes| read("tnef", bytes)),
    ("mbox", |bytes| read("mbox", bytes)),
    ("eml", |bytes| read("eml", bytes)),
    ("xml", |bytes| read("xml", bytes)),
    ("text", |bytes| read("text", bytes)),
    ("view", draw),
    ("document", document),
    ("form", form),
    ("catalogue", book),
];

/// Runs the target of that name; for a driver that has no table.
#[allow(dead_code)]
pub fn run(name: &str, bytes: &[u8]) {
    TARGETS.iter().filter(|(known, _)| *known == name).for_each(|(_, target)| target(bytes));
}

/// The binding to libFuzzer ends the process at any panic. Readers catch those of foreign code: what counts is one that gets out.
#[allow(dead_code)]
pub fn only_what_gets_out() {
    drop(std::panic::take_hook());
}

static BOOK: LazyLock<(Catalogue, DeskSettings)> = LazyLock::new(|| match Catalogue::load(&catalogue::shipped()) {
    Ok(catalogue) => (catalogue, DeskSettings::default()),
    Err(faults) => panic!("{faults:?}"),
});

fn office() -> Office<'static> {
    Office::new(&BOOK.0, &BOOK.1, "2026-04-08T10:00:00+09:00".parse().expect("a moment"))
}

/// Smaller than those of the desk, so that many inputs can be tried.
fn limits() -> Limits {
    Limits { bytes: 4 << 20, unpacked: 16 << 20, pages: 3, pixels: 1_000_000, cells: 50_000, parts: 50, ..Limits::default() }
}

/// A recogniser that finds lines everywhere and reads labels of forms in them, by what the pixels happen to be.
struct Babbler;

impl Ocr for Babbler {
    fn find(&self, page: &Grey) -> Vec<Area> {
        let step = (page.height as i32 / 12).max(1);
        (0..12).map(|n| Area::new(n % 5 - 2, n * step, page.width as i32 + n % 3, (n + 1) * step)).collect()
    }

    fn read(&self, line: &Grey) -> Strip {
        let sum = line.pixels.iter().step_by(97).fold(0usize, |sum, pixel| sum.wrapping_mul(31).wrapping_add(usize::from(*pixel)));
        let text = label(sum);
        let width = line.width as f32 / text.chars().count().max(1) as f32;
        let glyph = |(n, char): (usize, char)| StripGlyph {
            char,
            start: n as f32 * width,
            end: (n + 1) as f32 * width,
            confidence: Permille((sum % 1001) as u16),
            others: Vec::new(),
        };
        Strip { glyphs: text.chars().enumerate().map(glyph).collect() }
    }
}

/// Labels of the catalogue and values that stand behind them.
fn label(n: usize) -> &'static str {
    static LABELS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let fields = BOOK.0.documents.iter().flat_map(|spec| &spec.fields);
        let printed = BOOK.0.documents.iter().flat_map(|spec| spec.titles.iter().chain(&spec.foreign)).map(String::as_str);
        let values =
            ["令和8年4月6日", "☑", "１２３４", "a@example.jp", "022-000-0000", "", "株式会社", "99999999999999999999", "平成99年99月99日"];
        fields
            .flat_map(|field| std::iter::once(&field.label).chain(&field.variants))
            .map(String::as_str)
            .chain(printed)
            .chain(values)
            .collect()
    });
    LABELS.get(n % LABELS.len().max(1)).copied().unwrap_or_default()
}

fn read(format: &str, bytes: &[u8]) {
    let source = Source { doc: DocId::of(bytes), name: "fuzz", bytes };
    if let Some(format) = FORMATS.iter().find(|known| known.name == format) {
        (format.read)(&source, &Tools { ocr: &Babbler, limits: limits() });
    }
}

fn draw(bytes: &[u8]) {
    view::page(bytes, 1, limits(), catalogue::typeface());
}

/// The whole way of a document: reading, extraction, rules, and the passwords that it names.
fn document(bytes: &[u8]) {
    let tools = Tools { ocr: &Babbler, limits: limits() };
    let mut keys = Keys::default();
    keys.learn(bytes, &tools);
    pipeline::digest_with("fuzz", bytes, Inside::All, &keys, &tools, &office());
}

/// A page made of labels, values, cells and marks, eight bytes each, wherever the bytes put them; as many as a form has.
fn form(bytes: &[u8]) {
    let mut page = Page { number: 1, width: 2480, height: 3508, ..Page::default() };
    for word in bytes.chunks_exact(8).take(400) {
        let pair = |n: usize| i32::from(i16::from_le_bytes([word[n], word[n + 1] & 0x8f]));
        let (left, top) = (pair(1), pair(3));
        let (wide, high) = (i32::from(word[5]) * 4, i32::from(word[6]));
        let area = Area::new(left, top, left + wide, top + high);
        let confidence = Permille(u16::from(word[7]) * 4);
        match word[0] % 8 {
            0 => page.cells.push(area),
            1 => {
                let kind = [MarkKind::BoxEmpty, MarkKind::BoxTicked, MarkKind::Ring, MarkKind::Seal][usize::from(word[7]) % 4];
                page.marks.push(Mark { area, kind, confidence });
            }
            _ => {
                let text = label(usize::from(word[0]) << 8 | usize::from(word[7])).to_owned();
                let step = wide / text.chars().count().max(1) as i32;
                let glyph = |(n, char): (usize, char)| Glyph {
                    char,
                    start: left + n as i32 * step,
                    end: left + (n as i32 + 1) * step,
                    confidence,
                    others: Vec::new(),
                };
                let glyphs = text.chars().enumerate().map(glyph).collect();
                page.lines.push(Line { area, text, confidence, glyphs, hand: Permille(u16::from(word[6]) * 4), frayed: Permille(0) });
            }
        }
    }
    let reading = Reading {
        doc: DocId::of(bytes),
        format: "pdf".to_owned(),
        content: Content::Paper { pages: vec![page.clone(), Page { number: 2, ..page }], enclosed: Vec::new() },
        remarks: Vec::new(),
    };
    let extract = extraction::extract(&reading, "fuzz", &BOOK.0.forms());
    pipeline::of_document(&extract, &office());
}

/// One file of the catalogue, chosen by the first byte, with a piece of it, chosen by the next four, written over.
fn book(bytes: &[u8]) {
    static FILES: LazyLock<Files> = LazyLock::new(|| {
        let mut files = catalogue::shipped();
        files.retain(|path, _| !path.ends_with(".ttf"));
        files
    });
    let [file, a, b, c, d, rest @ ..] = bytes else { return };
    let mut files = FILES.clone();
    let count = files.len();
    if let Some(text) = files.values_mut().nth(usize::from(*file) % count.max(1)) {
        let at = usize::from(u16::from_le_bytes([*a, *b])) % (text.len() + 1);
        let end = (at + usize::from(u16::from_le_bytes([*c, *d]) % 64)).min(text.len());
        text.to_mut().splice(at..end, rest.iter().copied().take(64));
    }
    if let Ok(catalogue) = Catalogue::load(&files) {
        catalogue.check();
    }
}
