//! PDF: the text layer by our own interpreter, the recogniser where a page has none.
//!
//! Owns the format from bytes to pages. Never asks what a document is; never trusts it either:
//! bytes, operators, depth and pixels are bounded, and a panic of a parser is a damaged file.

mod annotations;
mod codes;
mod drawn;
mod enclosed;
mod file;
mod font;
mod geometry;
mod grid;
mod interpreter;
mod lines;
mod marks;
mod paint;
mod path;
mod picture;
mod simple;
mod unseen;

use crate::domain::finding::Remark;
use crate::domain::id::Permille;
use crate::domain::picture::View;
use crate::domain::place::Frame;
use crate::domain::reading::{Content, Page, PageSource};
use crate::reading::format::{Format, Limits, Outcome, Source, Tools};
use drawn::{Drawn, Letter};
use file::{File, Leaf, Trouble};
use geometry::{Bounds, Matrix, Point, whole};
use interpreter::{Fonts, Interpreter};
use picture::Renderer;
use sight::paper;
use std::panic::{AssertUnwindSafe, catch_unwind};

const MARK: &[u8] = b"%PDF-";

pub const PDF: Format = Format { name: "pdf", sniff: |bytes| bytes.starts_with(MARK), read };

/// With something before its mark, which mailers and printers put there. To be tried after formats with marks of their own: an archive
/// that does not pack its first PDF has that mark near its beginning, too.
pub const PDF_BEHIND: Format = Format { name: "pdf", sniff: is_behind, read };

fn is_behind(bytes: &[u8]) -> bool {
    bytes.get(..bytes.len().min(1024)).is_some_and(|head| head.windows(MARK.len()).any(|word| word == MARK))
}

fn read(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| document(source, tools))).unwrap_or_else(|_| Outcome::unreadable(damaged(source)))
}

fn damaged(source: &Source<'_>) -> Remark {
    Remark::new("M-001").word("file", source.name)
}

fn document(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    let file = match File::open(source.bytes, tools.limits) {
        Ok(file) => file,
        Err(Trouble::Locked) => return Outcome::unreadable(Remark::new("M-002").word("file", source.name)),
        Err(Trouble::Damaged | Trouble::TooMuch) => return Outcome::unreadable(damaged(source)),
    };
    let (leaves, said) = file.pages();
    let renderer = Renderer::new(source.bytes);
    let mut fonts = Fonts::default();
    let mut pages = Vec::new();
    let mut remarks = Vec::new();
    for (index, leaf) in leaves.iter().take(tools.limits.pages).enumerate() {
        let number = index as u32 + 1;
        let page = page(&file, &mut fonts, &renderer, index, leaf, tools).unwrap_or_else(|_| {
            remarks.push(damaged(source).word("page", number.to_string()));
            let size = leaf.size();
            Page { number, width: whole(size.x), height: whole(size.y), source: PageSource::Blank, ..Page::default() }
        });
        pages.push(page);
    }
    let enclosed = enclosed::find(&file, &leaves);
    if remarks.len() == pages.len() && enclosed.parts.is_empty() {
        return Outcome::unreadable(damaged(source));
    }
    // Pages that the file promises and does not hold, or that nobody will read.
    if said > pages.len() || leaves.len() > pages.len() {
        remarks.push(damaged(source).word("page", (pages.len() + 1).to_string()));
    }
    remarks.extend(enclosed.remarks);
    Outcome { content: Content::Paper { pages, enclosed: enclosed.parts }, remarks }
}

/// One page: its text layer, or what the recogniser makes of its picture.
fn page(file: &File, fonts: &mut Fonts, renderer: &Renderer<'_>, index: usize, leaf: &Leaf, tools: &Tools<'_>) -> Result<Page, Trouble> {
    let number = index as u32 + 1;
    let size = leaf.size();
    let mut drawn = drawn(file, fonts, leaf)?;
    let sheet = Bounds { left: 0.0, top: 0.0, right: size.x, bottom: size.y };
    drawn.letters.retain(|letter| sheet.contains(letter.bounds().centre()));
    drawn.covers.retain(|cover| sheet.contains(cover.bounds.centre()));
    if has_text(&drawn, size) {
        return Ok(text_page(drawn, number, size));
    }
    if drawn.letters.is_empty() && drawn.pictures.is_empty() && drawn.painted == 0 {
        return Ok(Page { number, width: whole(size.x), height: whole(size.y), source: PageSource::Blank, ..Page::default() });
    }
    let (picture, bounds) = renderer.picture(file, index, size, &drawn)?;
    let mut page = paper::page(&picture, number, tools.ocr, tools.limits.pixels);
    // Places of a PDF are told in its own units, however it was read.
    let pixels = (picture.width as f64, picture.height as f64);
    let on_page = Frame::stretched(pixels, (bounds.width(), bounds.height())).shifted(bounds.left, bounds.top);
    page.frame = page.frame.then(&on_page);
    Ok(page)
}

/// What the page draws.
fn drawn(file: &File, fonts: &mut Fonts, leaf: &Leaf) -> Result<Drawn, Trouble> {
    let matrix = leaf.matrix();
    let content = file.content(leaf)?;
    let mut interpreter = Interpreter::new(file, fonts);
    interpreter.draw(&content, &leaf.resources, matrix, 0);
    annotations::draw(&mut interpreter, file, leaf, &matrix);
    let mut drawn = interpreter.drawn;
    unseen::settle(&mut drawn);
    if drawn.cut { Err(Trouble::TooMuch) } else { Ok(drawn) }
}

/// A page as it is shown, with its size in tenths of a point.
pub fn view(bytes: &[u8], index: usize, limits: Limits, typeface: &'static [u8]) -> Option<View> {
    let file = File::open(bytes, limits).ok()?;
    let (leaves, _) = file.pages();
    let leaf = leaves.iter().take(limits.pages).nth(index)?;
    let drawn = drawn(&file, &mut Fonts::default(), leaf).ok()?;
    let picture = Renderer::with(bytes, typeface).shown(&file, index, &drawn)?;
    let size = leaf.size();
    Some(View { picture, width: whole(size.x), height: whole(size.y) })
}

/// Whether the text layer tells what the page says.
///
/// Invisible text is a scanner's guess about its picture, and a few words on a page-sized picture are a stamp on a scan.
fn has_text(drawn: &Drawn, size: Point) -> bool {
    const STAMP: usize = 80;
    let seen = |letter: &&Letter| letter.visible && !letter.is_space();
    let all = drawn.letters.iter().filter(seen).count();
    let unknown = drawn.letters.iter().filter(seen).filter(|letter| letter.is_unknown()).count();
    let scan = picture::covering(drawn, size).is_some();
    all > 0 && unknown * 10 <= all * 3 && !(scan && all < STAMP)
}

fn text_page(mut drawn: Drawn, number: u32, mut size: Point) -> Page {
    drawn.letters.retain(|letter| letter.visible);
    let turned = (4 - quarter(&drawn.letters)) % 4;
    for _ in 0..turned {
        drawn = drawn.turned(&Matrix::new([0.0, 1.0, -1.0, 0.0, size.y, 0.0]));
        size = Point::new(size.y, size.x);
    }
    let marks = marks::marks(&drawn);
    let mut cells = grid::cells(&drawn.strokes);
    cells.retain(|cell| !marks.iter().any(|mark| mark.area == *cell));
    Page {
        number,
        width: whole(size.x),
        height: whole(size.y),
        source: PageSource::TextLayer,
        turned,
        frame: Frame::turned_back(turned, (size.x, size.y)),
        lines: lines::group(&drawn.letters, &drawn.strokes),
        cells,
        marks,
        spoilt: Permille(0),
        coloured: false,
        loose: None,
    }
}

/// Clockwise quarter turns under which most characters stand.
fn quarter(letters: &[Letter]) -> u8 {
    let count = |turns: u8| letters.iter().filter(|letter| letter.quarter() == Some(turns)).count();
    (1..4).find(|turns| count(*turns) * 10 > letters.len() * 6).unwrap_or(0)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod unseen_tests;
