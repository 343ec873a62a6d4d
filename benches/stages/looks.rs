//! How often the recogniser is asked for the shipped scans, and for how much: what a page costs at least, whatever the code around it does.
//!
//! Prints a line a form; `benches/stages/multiply_adds` turns it into multiply-adds.

use sight::port::{Ocr, Strip};
use sight::recogniser::Recogniser;
use std::sync::atomic::{AtomicUsize, Ordering};
use uketsuke::domain::id::DocId;
use uketsuke::domain::place::Area;
use uketsuke::domain::reading::Content;
use uketsuke::reading::format::{Grey, Limits, Source, Tools};

const FORMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/accept/samples/forms");

/// A recogniser that counts what it is asked.
struct Counting {
    eye: Recogniser,
    /// Times that lines were looked for; lines that were read; columns of those lines at the height that the network reads.
    finds: AtomicUsize,
    lines: AtomicUsize,
    columns: AtomicUsize,
}

impl Ocr for Counting {
    fn find(&self, page: &Grey) -> Vec<Area> {
        self.finds.fetch_add(1, Ordering::Relaxed);
        self.eye.find(page)
    }

    fn read(&self, line: &Grey) -> Strip {
        self.lines.fetch_add(1, Ordering::Relaxed);
        self.columns.fetch_add((line.width * 48).div_ceil(line.height.max(1)), Ordering::Relaxed);
        self.eye.read(line)
    }
}

fn main() {
    let mut files: Vec<_> = std::fs::read_dir(FORMS).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    println!("form pages finds lines columns");
    for path in files.iter().filter(|path| path.extension().is_some_and(|ending| ending == "pdf" || ending == "tif")) {
        let (Ok(bytes), Ok(eye)) = (std::fs::read(path), Recogniser::load()) else { continue };
        let eye = Counting { eye, finds: AtomicUsize::new(0), lines: AtomicUsize::new(0), columns: AtomicUsize::new(0) };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let tools = Tools { ocr: &eye, limits: Limits::default() };
        let reading = uketsuke::reading::read(&Source { doc: DocId::of(&bytes), name: &name, bytes: &bytes }, &tools);
        let Content::Paper { pages, .. } = reading.content else { continue };
        let told = [&eye.finds, &eye.lines, &eye.columns].map(|count| count.load(Ordering::Relaxed).to_string());
        println!("{name} {} {}", pages.len(), told.join(" "));
    }
}
