//! From the picture of a page to its lines, cells and marks.
//!
//! Owns the order of the steps. Never asks what a line means.

mod address;
mod bands;
mod bilevel;
mod blobs;
mod dark;
mod dashed;
mod dotted;
mod familiar;
mod folds;
mod frame;
mod frayed;
mod grid;
mod hand;
mod ink;
mod known;
mod learning;
mod loose;
mod marks;
mod pose;
mod rings;
mod rules;
mod seals;
mod strikes;
mod text;
mod unread;
mod upright;

use crate::area::Area;
use crate::page::Permille;
use crate::page::{Glyph, Line, Mark, Page, PageSource, SPOILT};
use crate::picture::Grey;
use crate::picture::Picture;
use crate::port::Ocr;
use bands::Band;
use blobs::{Blob, Mask, Run};
use familiar::Look;
use ink::Sheet;
use known::Laid;
pub use learning::{Unlearnt, learn};
use upright::{Tried, Upright};

/// Darker than this is the ink of a character.
const INK: u8 = 140;
/// Darker than this is the ink of a ruled line, which may be a hair.
const HAIR: u8 = 175;

/// Below this average on trial the page may lie on its side after all.
const DOUBT: u32 = 700;

/// Turns the picture upright, finds its grid and marks and reads its lines. A picture of more than `limit` pixels is not looked at.
pub fn page(picture: &Picture, number: u32, ocr: &dyn Ocr, limit: usize) -> Page {
    let mut page = Page { number, width: picture.width as i32, height: picture.height as i32, ..Page::default() };
    let Opened { upright, canvas, unit, bands } = match opened(picture, ocr, limit) {
        Ok(opened) => opened,
        Err(source) => return Page { source, ..page },
    };
    page.source = PageSource::Recognised;
    let laid = known::laid(ocr.forms(), &canvas.cells, unit);
    let (mut lines, boxes): (Vec<_>, Vec<_>) = bands.iter().filter_map(|band| canvas.read(band, &laid, ocr)).unzip();
    // Specks and crumbs are as uneven as a hand, and everything among them is doubted anyway.
    if upright.grain < SPOILT.0 {
        hand::judge(&mut lines, &canvas.mask, upright.blue.as_ref());
    }
    if let Some(crumbs) = &upright.crumbs {
        frayed::judge(&mut lines, crumbs, &upright.grey);
    }
    let others = canvas.marks.iter().filter(|mark| !text::is_box(mark)).cloned();
    let marks = others.chain(boxes.into_iter().flatten());
    page.spoilt = Permille(upright.grain);
    page.coloured = upright.red.is_some();
    page.turned = upright.turned;
    if upright.turned % 2 == 1 {
        std::mem::swap(&mut page.width, &mut page.height);
    }
    let scale = Scale { from: (upright.grey.width, upright.grey.height), to: (page.width, page.height) };
    page.frame = frame::of(&upright, (page.width, page.height), picture);
    page.loose =
        loose::find(&canvas.mask, upright.crumbs.as_ref(), &lines, unit).map(|loose| loose.iter().map(|area| scale.area(area)).collect());
    page.lines = lines.into_iter().map(|line| scale.line(line)).collect();
    page.cells = canvas.cells.iter().map(|cell| scale.area(cell)).collect();
    page.marks = marks.map(|mark| Mark { area: scale.area(&mark.area), ..mark }).collect();
    page.marks.sort_by_key(|mark| (mark.area.top, mark.area.left));
    page
}

/// A page before any of its lines is read.
struct Opened {
    upright: Upright,
    canvas: Canvas,
    /// Pixels a millimetre.
    unit: f32,
    bands: Vec<Band>,
}

/// Turns a picture upright and takes it apart; what there is to say of one that is blank, or that is not looked at.
fn opened(picture: &Picture, ocr: &dyn Ocr, limit: usize) -> Result<Opened, PageSource> {
    if !picture.is_sound() || picture.width.saturating_mul(picture.height) > limit {
        return Err(PageSource::Recognised);
    }
    let sheet = Sheet::of(picture);
    let blobs = blobs::find(&Mask::darker(&sheet.grey, INK));
    if is_blank(&blobs) {
        return Err(PageSource::Blank);
    }
    let level = Upright::of(&sheet, u8::from(pose::on_its_side(&blobs)));
    // Of both sides the longer counts: the same whichever way the page is turned.
    let unit = unit(picture, &level.grey);
    let (level, made) = match ocr.forms() {
        [] => (level, None),
        _ => match familiar::look(level, unit, ocr) {
            Look::Known(opened) => return Ok(opened),
            Look::Strange(level, canvas) => (level, Some(canvas)),
        },
    };
    let turned = level.turned;
    let mut tried = upright::tried(level, ocr);
    if tried.trust < DOUBT {
        let other = upright::tried(Upright::of(&sheet, u8::from(tried.upright.turned.is_multiple_of(2))), ocr);
        if other.trust > tried.trust {
            tried = other;
        }
    }
    let Tried { upright, boxes, .. } = tried;
    let canvas = made.filter(|_| upright.turned == turned).unwrap_or_else(|| Canvas::of(&upright, unit));
    let bands = canvas.lines(&boxes, unit);
    Ok(Opened { upright, canvas, unit, bands })
}

/// Whether there is nothing but specks.
fn is_blank(blobs: &[Blob]) -> bool {
    blobs.iter().all(|blob| blob.pixels < 12)
}

/// Pixels a millimetre of the working canvas: by the file's word where that gives a sheet of a usual size, else as if A4.
fn unit(picture: &Picture, canvas: &Grey) -> f32 {
    let longest = canvas.width.max(canvas.height) as f32;
    let original = picture.width.max(picture.height) as f32;
    let told = picture.dpi.map(|dpi| original / dpi.max(1) as f32 * 25.4).filter(|long| (100.0..=450.0).contains(long));
    longest / told.unwrap_or(297.0)
}

/// The upright page taken apart: text, grid, marks.
struct Canvas {
    /// Without ruled lines and rings.
    grey: Grey,
    mask: Mask,
    cells: Vec<Area>,
    marks: Vec<Mark>,
}

impl Canvas {
    fn of(upright: &Upright, unit: f32) -> Self {
        let mut grey = upright.grey.clone();
        dark::brighten(&mut grey, unit);
        let whole = Mask::darker(&grey, INK);
        let mut early = marks::words_ringed(&blobs::find(&whole), unit);
        wipe_runs(&mut grey, &early.ink);
        let frayed = upright.grain >= SPOILT.0;
        let mut hairs = Mask::darker(&grey, HAIR);
        let mut grid = grid::find(&hairs, unit, frayed);
        // A ring that touches a table hangs together with it, and its flat sides pass for rules, until the table is off.
        let mut bare = Mask::darker(&grey, INK);
        grid.long.iter().for_each(|area| bare.clear(&area.grown(1, 1)));
        let late = marks::words_ringed(&blobs::find(&bare), unit);
        if !late.marks.is_empty() {
            wipe_runs(&mut grey, &late.ink);
            hairs = Mask::darker(&grey, HAIR);
            grid = grid::find(&hairs, unit, frayed);
            early.marks.extend(late.marks);
        }
        for area in &grid.ink {
            wipe(&mut grey, &area.grown(1, 1));
        }
        let mask = Mask::darker(&grey, INK);
        let blobs = blobs::find(&mask);
        let mut found = marks::find(&mask, &blobs, &Mask::darker(&grey, HAIR), unit);
        let coloured = upright.red.as_ref().map(|red| seals::red(red, unit)).unwrap_or_default();
        if coloured.is_empty() {
            let doubtful = |seal: &Mark| seal.confidence <= seals::DOUBTFUL;
            let (mut perhaps, round): (Vec<Mark>, Vec<Mark>) = seals::circles(&whole, &blobs, unit).into_iter().partition(doubtful);
            found.marks.retain(|mark| !round.iter().any(|seal| seal.area.intersection(&mark.area).is_some()));
            found.ink.extend(round.iter().flat_map(|seal| seals::ink(&seal.area, true, &blobs, unit)));
            let (weak, mut square): (Vec<Mark>, Vec<Mark>) = seals::squares(&whole, &blobs, unit).into_iter().partition(doubtful);
            perhaps.extend(weak);
            square.retain(|seal| !round.iter().any(|known| known.area.intersection(&seal.area).is_some()));
            found.ink.extend(square.iter().flat_map(|seal| seals::ink(&seal.area, false, &blobs, unit)));
            // A frame's sides may have been taken for ruled lines: those that no imprint is as long as are off it anyway.
            grid.long.iter().for_each(|area| hairs.clear(&area.grown(1, 1)));
            let (weak, mut framed): (Vec<Mark>, Vec<Mark>) = seals::frames(&hairs, unit).into_iter().partition(doubtful);
            perhaps.extend(weak);
            framed.retain(|seal| !round.iter().chain(&square).any(|known| known.area.intersection(&seal.area).is_some()));
            // Half an imprint is told where there is no whole one, and nothing is taken off the page for it.
            if round.is_empty() && square.is_empty() && framed.is_empty() {
                found.marks.extend(perhaps);
            }
            found.marks.extend(round);
            found.marks.extend(square);
            found.marks.extend(framed);
        }
        found.marks.extend(coloured);
        // Where specks join letters to bars, every word looks struck out.
        if upright.grain < SPOILT.0 {
            found.marks.extend(strikes::find(&grid.through, &whole, upright.red.as_ref(), unit));
        }
        found.marks.extend(early.marks);
        wipe_runs(&mut grey, &found.ink);
        let dust = dust(&blobs, unit);
        dust.iter().for_each(|area| wipe(&mut grey, area));
        let mask = Mask::darker(&grey, INK);
        Canvas { grey, mask, cells: grid.cells, marks: found.marks }
    }

    /// The text of a line and the boxes in it: known print, or what the recogniser reads.
    fn read(&self, band: &Band, laid: &[Laid<'_>], ocr: &dyn Ocr) -> Option<(Line, Vec<Mark>)> {
        match self.known(&band.ink, laid) {
            Some(glyphs) => text::of_print(band.ink, glyphs, text::boxes_in(&self.marks, &band.ink)),
            None => text::read(&self.grey, &self.mask, band, &self.marks, ocr),
        }
    }

    /// The characters of a line that is known print.
    fn known(&self, ink: &Area, laid: &[Laid<'_>]) -> Option<Vec<Glyph>> {
        let boxes: Vec<&Mark> = text::boxes_in(&self.marks, ink).collect();
        laid.iter().find_map(|laid| laid.known(&self.grey, &self.mask, ink, &boxes))
    }

    /// The lines in reading order.
    fn lines(&self, boxes: &[Area], unit: f32) -> Vec<Band> {
        let mut bands = bands::find(&self.mask, &self.cells, boxes, unit);
        bands.sort_by_key(|band| (band.ink.top, band.ink.left));
        // Lines of one row stand side by side though one begins a pixel higher.
        let mut ordered: Vec<Band> = Vec::new();
        while !bands.is_empty() {
            let first = bands.remove(0);
            let (mut row, rest): (Vec<Band>, Vec<Band>) = bands.into_iter().partition(|b| {
                let (_, y) = b.ink.centre();
                (first.ink.top..first.ink.bottom).contains(&y) && first.ink.row_overlap(&b.ink) >= 600
            });
            row.push(first);
            row.sort_by_key(|band| (band.ink.left, band.ink.top));
            ordered.extend(row);
            bands = rest;
        }
        ordered
    }
}

fn wipe(grey: &mut Grey, area: &Area) {
    fill(grey, area, 255);
}

fn fill(grey: &mut Grey, area: &Area, shade: u8) {
    let (left, right) = (area.left.max(0) as usize, (area.right.max(0) as usize).min(grey.width));
    for y in (area.top.max(0) as usize)..(area.bottom.max(0) as usize).min(grey.height) {
        if left < right {
            grey.pixels[y * grey.width + left..y * grey.width + right].fill(shade);
        }
    }
}

/// Takes a stroke off, with its soft edge.
fn wipe_runs(grey: &mut Grey, runs: &[Run]) {
    runs.iter().for_each(|(y, from, to)| wipe(grey, &Area::new(from - 1, y - 1, to + 1, y + 2)));
}

/// Specks with nothing near them. A full stop or a dot of an address has its neighbours.
fn dust(blobs: &[Blob], unit: f32) -> Vec<Area> {
    let speck = |blob: &Blob| blob.side() as f32 <= 0.7 * unit;
    let reach = (2.2 * unit) as i32;
    let mut solid: Vec<&Blob> = blobs.iter().filter(|b| !speck(b)).collect();
    solid.sort_by_key(|b| b.area.top);
    blobs
        .iter()
        .filter(|b| speck(b))
        .filter(|b| {
            let around = Area::new(b.area.left - reach, b.area.top - reach, b.area.right + reach, b.area.bottom + reach);
            !solid.iter().take_while(|s| s.area.top < around.bottom).any(|s| s.area.intersection(&around).is_some())
        })
        .map(|b| b.area)
        .collect()
}

/// From the working canvas to the upright picture.
struct Scale {
    from: (usize, usize),
    to: (i32, i32),
}

impl Scale {
    fn x(&self, x: i32) -> i32 {
        (i64::from(x) * i64::from(self.to.0) / self.from.0.max(1) as i64) as i32
    }

    fn y(&self, y: i32) -> i32 {
        (i64::from(y) * i64::from(self.to.1) / self.from.1.max(1) as i64) as i32
    }

    fn area(&self, area: &Area) -> Area {
        Area::new(self.x(area.left), self.y(area.top), self.x(area.right), self.y(area.bottom))
    }

    fn line(&self, mut line: Line) -> Line {
        line.area = self.area(&line.area);
        for glyph in &mut line.glyphs {
            (glyph.start, glyph.end) = (self.x(glyph.start), self.x(glyph.end));
        }
        line
    }
}
