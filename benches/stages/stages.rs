//! What each stage costs, on the shipped samples: reading by format, extraction, checks, decision, letters, the ledger.
//!
//! Owns no bound: `benches/stages/run` holds each figure against `reference`, measured in the same run, and against the ratios
//! that were recorded last. Never asserts a time.

use sight::recogniser::Recogniser;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use uketsuke::casework::fold::Case;
use uketsuke::catalogue::{self, Catalogue};
use uketsuke::config::DeskSettings;
use uketsuke::domain::case::{Body, CaseNo, Event, Received};
use uketsuke::domain::date::Moment;
use uketsuke::domain::id::DocId;
use uketsuke::domain::reading::Reading;
use uketsuke::extraction;
use uketsuke::notices::Book;
use uketsuke::notices::notice::sample_meta;
use uketsuke::pipeline::{self, Around, NoPictures, Office, OnFile};
use uketsuke::reading::format::{Limits, Source, Tools};
use uketsuke::store::{Ledger, Settled};

fn main() {
    divan::main();
}

static BOOK: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::load(&catalogue::shipped()).unwrap_or_else(|faults| panic!("the shipped catalogue: {faults:?}")));
static DESK: LazyLock<DeskSettings> = LazyLock::new(DeskSettings::default);
static EYE: LazyLock<Recogniser> = LazyLock::new(|| Recogniser::load().unwrap_or_else(|broken| panic!("{}: {}", broken.file, broken.what)));

fn office() -> Office<'static> {
    let now: Moment = "2026-04-20T10:00:00+09:00".parse().unwrap_or_else(|_| panic!("a moment"));
    Office::new(&BOOK, &DESK, now)
}

fn sample(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/accept/samples").join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read(name: &str, bytes: &[u8]) -> Reading {
    let tools = Tools { ocr: &*EYE, limits: Limits::default() };
    uketsuke::reading::read(&Source { doc: DocId::of(bytes), name, bytes }, &tools)
}

/// What all else is held against: sorting numbers, which asks for arithmetic, branches and memory as the stages do.
#[divan::bench]
fn reference(bencher: divan::Bencher<'_, '_>) {
    let numbers = || {
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        let next = |_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            seed
        };
        (0..200_000).map(next).collect::<Vec<u64>>()
    };
    bencher.with_inputs(numbers).bench_values(|mut numbers| {
        numbers.sort_unstable();
        numbers
    });
}

#[divan::bench(args = ["contracts/contract-02.pdf", "workbooks/book-03.xlsx", "mms/MMSREG_S541_2026042047_01_20260420101503.xml", "mail/mail-02.eml"])]
fn read_born_digital(bencher: divan::Bencher<'_, '_>, path: &str) {
    let bytes = sample(path);
    bencher.bench(|| read(path, &bytes));
}

#[divan::bench(args = ["forms/form-01.pdf", "forms/form-08.tif"], sample_count = 2, sample_size = 1)]
fn read_scan(bencher: divan::Bencher<'_, '_>, path: &str) {
    let bytes = sample(path);
    bencher.bench(|| read(path, &bytes));
}

#[divan::bench(args = ["forms/form-01.pdf", "contracts/contract-02.pdf", "workbooks/book-03.xlsx", "mms/MMSREG_S541_2026042047_01_20260420101503.xml", "mail/mail-02.eml"])]
fn extract(bencher: divan::Bencher<'_, '_>, path: &str) {
    let reading = read(path, &sample(path));
    bencher.bench(|| extraction::extract(&reading, path, &BOOK.forms()));
}

#[divan::bench(args = ["forms/form-01.pdf", "contracts/contract-02.pdf", "workbooks/book-03.xlsx", "mms/MMSREG_S541_2026042047_01_20260420101503.xml"])]
fn check(bencher: divan::Bencher<'_, '_>, path: &str) {
    let bytes = sample(path);
    let tools = Tools { ocr: &*EYE, limits: Limits::default() };
    let (digest, office) = (pipeline::digest(path, &bytes, &tools, &office()), office());
    bencher.with_inputs(|| digest.clone()).bench_local_refs(|digest| pipeline::judge_anew(digest, &office));
}

/// A case that begins with a form: what is open, the steps that follow, and the letters that they write.
#[divan::bench]
fn decide(bencher: divan::Bencher<'_, '_>) {
    let bytes = sample("forms/form-01.pdf");
    let tools = Tools { ocr: &*EYE, limits: Limits::default() };
    let office = office();
    let extract = pipeline::digest("form-01.pdf", &bytes, &tools, &office).extract;
    let no = CaseNo("TH-2026-0001".to_owned());
    let mut case = Case::begin(no.clone(), office.now);
    let mut events = Vec::new();
    let flow = pipeline::flows_of(&extract).into_iter().next().unwrap_or_default();
    let opened = Body::Opened { flow, applicant_name: extract.fields.text("applicant_name"), corporate_number: None };
    let (doc, name) = (extract.doc, "form-01.pdf".to_owned());
    let received = Body::Received(Box::new(Received { doc, name, parent: None, mailed: false, landed: None, extract }));
    for (seq, body) in (1..).zip([opened, received]) {
        let event = Event { case: no.clone(), seq, at: office.now, by: "bench".to_owned(), body };
        case.apply(&event);
        events.push(event);
    }
    let known = OnFile::default();
    let around = Around { known: &known, taken: &|_| false, pictures: &NoPictures };
    bencher
        .with_inputs(|| (case.clone(), events.clone()))
        .bench_local_values(|(case, events)| pipeline::decide(case, events, &office, &around));
}

#[divan::bench(args = ["approval_notice", "deficiency_notice", "mms_operation"])]
fn write_letter(bencher: divan::Bencher<'_, '_>, kind: &str) {
    let book: &Book = BOOK.notices().unwrap_or_else(|fault| panic!("{fault}"));
    let data = book.samples(kind).ok().and_then(|samples| samples.get("sample.json")).unwrap_or_else(|| panic!("a sample of {kind}"));
    let meta = sample_meta(data);
    bencher.bench(|| book.write(kind, data, &meta));
}

/// One event on the disk, as safely as every settlement is written.
#[divan::bench]
fn commit(bencher: divan::Bencher<'_, '_>) {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let mut ledger = Ledger::open(folder.path()).unwrap_or_else(|fault| panic!("{fault}"));
    let at = office().now;
    let mut seq = 0;
    bencher.bench_local(|| {
        seq += 1;
        let body = Body::Found { open: Vec::new(), held: false };
        let event = Event { case: CaseNo("TH-2026-0001".to_owned()), seq, at, by: "bench".to_owned(), body };
        ledger.settle(&Settled { events: vec![event], ..Settled::default() })
    });
}
