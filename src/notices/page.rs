//! Pages of letters as PDF: typst markup set with the fonts of the templates.
//!
//! Owns the world that typst sees: one page and the fonts. No file, no network, no clock.
//! Fonts and the standard library are shared by all letters.

use crate::domain::date::Moment;
use crate::fault::Fault;
use std::borrow::Cow;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{DiagSpan, FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, Timestamp};

/// Markup of one letter, at most.
const MAX_MARKUP: usize = 2 << 20;

/// Uses of the cache of typst after which an entry that nobody asked for is dropped.
const CACHE_AGE: usize = 10;

/// The clock of Japan, as minutes east of Greenwich.
const MINUTES_EAST: i32 = 540;

/// What all pages share.
pub struct Press {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

impl Press {
    /// `fonts`: font files, each with its path.
    pub fn new<'a>(files: impl Iterator<Item = (&'a str, &'a Cow<'static, [u8]>)>) -> Result<Self, Fault> {
        let mut fonts = Vec::new();
        for (path, bytes) in files {
            let before = fonts.len();
            let bytes = match bytes {
                Cow::Borrowed(bytes) => Bytes::new(*bytes),
                Cow::Owned(bytes) => Bytes::new(bytes.clone()),
            };
            fonts.extend(Font::iter(bytes));
            if fonts.len() == before {
                return Err(Fault::lasting(path, "is no font", "restore it from the shipped templates"));
            }
        }
        Ok(Press { library: LazyHash::new(Library::default()), book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts })
    }

    /// Whether one of the fonts has the character.
    pub fn printable(&self) -> impl Fn(char) -> bool + Send + Sync + 'static {
        let fonts = self.fonts.clone();
        move |c| fonts.iter().any(|font| font.info().coverage.contains(u32::from(c)))
    }

    /// The PDF of a page. `path` names its template in faults; `ident` and `at` go into the file.
    pub fn pdf(&self, path: &str, markup: String, ident: &str, at: Moment) -> Result<Vec<u8>, Fault> {
        if markup.len() > MAX_MARKUP {
            return Err(Fault::lasting(path, format!("makes a page of {} bytes", markup.len()), "give this letter less to print"));
        }
        let name = VirtualPath::new(path).map_err(|error| Fault::lasting(path, format!("{error:?}"), "rename this template"))?;
        let main = Source::new(RootedPath::new(VirtualRoot::Project, name).intern(), markup);
        let room = Room { press: self, main };
        let compiled = typst::compile::<PagedDocument>(&room);
        let pdf = compiled
            .output
            .and_then(|document| typst_pdf::pdf(&document, &options(ident, at)))
            .map_err(|errors| room.fault(path, errors.first()));
        typst::comemo::evict(CACHE_AGE);
        pdf
    }
}

/// How many pages a PDF of this press has, as the root of its tree says, which counts more than any branch.
pub fn count(pdf: &[u8]) -> u32 {
    const TREE: &[u8] = b"/Type/Pages/Count ";
    let trees = pdf.windows(TREE.len()).enumerate().filter(|(_, window)| *window == TREE);
    let counts = trees.filter_map(|(at, _)| {
        let number = pdf[at + TREE.len()..].iter().take_while(|byte| byte.is_ascii_digit()).take(9);
        number.map(|byte| char::from(*byte)).collect::<String>().parse().ok()
    });
    counts.max().unwrap_or(1).max(1)
}

fn options(ident: &str, at: Moment) -> PdfOptions {
    let moment = at.civil();
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    let stamp = Datetime::from_ymd_hms(
        i32::from(moment.year()),
        part(moment.month()),
        part(moment.day()),
        part(moment.hour()),
        part(moment.minute()),
        part(moment.second()),
    );
    PdfOptions {
        ident: Smart::Custom(ident.to_owned()),
        creator: Smart::Custom(Some("uketsuke".to_owned())),
        timestamp: stamp.and_then(|stamp| Timestamp::new_local(stamp, MINUTES_EAST)),
        ..PdfOptions::default()
    }
}

/// What typst sees while it sets one letter.
struct Room<'a> {
    press: &'a Press,
    main: Source,
}

impl Room<'_> {
    fn fault(&self, path: &str, error: Option<&SourceDiagnostic>) -> Fault {
        let message = error.map_or_else(|| "cannot be set".to_owned(), |error| error.message.to_string());
        let line = error.and_then(|error| self.line(error.span)).map_or_else(String::new, |line| format!(" (line {line} as filled in)"));
        Fault::lasting(format!("{path}{line}"), message, "mend the typst markup of this template")
    }

    fn line(&self, span: DiagSpan) -> Option<usize> {
        let start = WorldExt::range(self, span)?.start;
        self.main.lines().byte_to_line(start).map(|line| line + 1)
    }
}

impl World for Room<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.press.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.press.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.press.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press() -> Press {
        let mincho = std::fs::read("templates/_shared/fonts/ipaexm.ttf").unwrap();
        Press::new([("ipaexm.ttf", &mincho.into())].into_iter()).unwrap()
    }

    fn at() -> Moment {
        "2026-04-08T10:00:00+09:00".parse().unwrap()
    }

    #[test]
    fn the_same_markup_gives_the_same_bytes() {
        let press = press();
        let markup = "#set text(font: \"IPAexMincho\")\n承認通知書";
        let first = press.pdf("p", markup.to_owned(), "key", at()).unwrap();
        assert!(first.starts_with(b"%PDF"));
        assert_eq!(first, press.pdf("p", markup.to_owned(), "key", at()).unwrap());
    }

    #[test]
    fn pages_are_counted() {
        for pages in [1, 2, 40] {
            let markup = format!("#set page(height: 3cm)\n{}", vec!["甲"; pages].join("\n#pagebreak()\n"));
            assert_eq!(count(&press().pdf("p", markup, "key", at()).unwrap()), pages as u32);
        }
        assert_eq!(count(b"no PDF"), 1);
    }

    #[test]
    fn a_page_reaches_no_file_and_no_clock() {
        let press = press();
        for markup in
            ["#read(\"/etc/passwd\")", "#image(\"/x.png\")", "#include \"other.typ\"", "#import \"@preview/a:1.0.0\"", "#datetime.today()"]
        {
            assert!(press.pdf("p", markup.to_owned(), "key", at()).is_err(), "{markup}");
        }
    }

    #[test]
    fn a_fault_names_the_template_and_the_line() {
        let fault = press().pdf("a/page.hbs", "甲\n\n#nonsense".to_owned(), "key", at()).unwrap_err();
        assert_eq!(fault.place, "a/page.hbs (line 3 as filled in)");
    }

    #[test]
    fn what_is_no_font_is_refused() {
        assert!(Press::new([("x.ttf", &b"no font".as_slice().into())].into_iter()).is_err());
    }
}
