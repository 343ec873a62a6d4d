//! Pages of forms that are known: which way is up and where lines lie is told by their print, and looked for only beside it.
//!
//! Owns what is left to be looked for. Never takes a page for known by its cells alone.

use crate::area::Area;
use crate::paper::blobs::{self, Mask};
use crate::paper::known;
use crate::paper::upright::Upright;
use crate::paper::{Canvas, INK, Opened, bands, fill, is_blank};
use crate::picture::Grey;
use crate::port::Ocr;

/// So many lines that are known tell a page's head from its foot.
const ENOUGH: usize = 5;

/// What became of a page that was looked at for known forms.
pub enum Look {
    Known(Opened),
    /// As it was given, and taken apart.
    Strange(Upright, Canvas),
}

/// Opens a page on which a known form lies.
pub fn look(level: Upright, unit: f32, ocr: &dyn Ocr) -> Look {
    let canvas = Canvas::of(&level, unit);
    if let Some(boxes) = boxes(&canvas, unit, ocr) {
        let bands = canvas.lines(&boxes, unit);
        return Look::Known(Opened { upright: level, canvas, unit, bands });
    }
    let overturned: Vec<Area> = canvas.cells.iter().map(|cell| level.overturn(cell)).collect();
    if known::laid(ocr.forms(), &overturned, unit).is_empty() {
        return Look::Strange(level, canvas);
    }
    let other = level.overturned();
    let turned = Canvas::of(&other, unit);
    match boxes(&turned, unit, ocr) {
        Some(boxes) => {
            let bands = turned.lines(&boxes, unit);
            Look::Known(Opened { upright: other, canvas: turned, unit, bands })
        }
        None => Look::Strange(level, canvas),
    }
}

/// Where lines lie, if the print of a known form shows which way is up.
fn boxes(canvas: &Canvas, unit: f32, ocr: &dyn Ocr) -> Option<Vec<Area>> {
    let laid = known::laid(ocr.forms(), &canvas.cells, unit);
    if laid.is_empty() {
        return None;
    }
    let in_cells: Vec<Area> = bands::find(&canvas.mask, &canvas.cells, &[], unit).into_iter().map(|band| band.ink).collect();
    let beside = laid.iter().flat_map(|laid| laid.beside(&canvas.cells)).filter_map(|place| canvas.mask.tight(&place));
    let known: Vec<Area> = in_cells.iter().copied().chain(beside).filter(|ink| canvas.known(ink, &laid).is_some()).collect();
    if known.len() < ENOUGH {
        return None;
    }
    let rest = rest(canvas, &known, &in_cells, unit);
    let found = if is_blank(&blobs::find(&Mask::darker(&rest, INK))) { Vec::new() } else { ocr.find(&rest) };
    Some(known.into_iter().chain(found).collect())
}

/// What is neither known nor within a cell, where ink alone shows the lines; but cells in which lines hang together.
fn rest(canvas: &Canvas, known: &[Area], in_cells: &[Area], unit: f32) -> Grey {
    let mut heights: Vec<i32> = known.iter().map(Area::height).collect();
    heights.sort_unstable();
    let usual = heights.get(heights.len() / 2).copied().unwrap_or(0);
    let hangs = |cell: &Area| in_cells.iter().any(|ink| cell.contains(ink.centre()) && bands::is_too_high(ink, usual));
    let aside = (0.5 * unit) as i32 + 1;
    let mut rest = canvas.grey.clone();
    for area in canvas.cells.iter().filter(|cell| !hangs(cell)).chain(known) {
        fill(&mut rest, &area.grown(aside, aside), 255);
    }
    rest
}
