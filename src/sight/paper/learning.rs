//! From pages to a form that is known.
//!
//! Owns what of a page is learnt: print that was read surely and, where several pages are given, that more than one of them shows. Never
//! asks what a line means.

use crate::area::Area;
use crate::form::{Form, Print};
use crate::paper::known::{self, Laid};
use crate::paper::{Opened, opened, text};
use crate::picture::Picture;
use crate::port::Ocr;
use std::collections::BTreeSet;
use std::slice;

/// Why a form was not learnt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unlearnt {
    /// The first page is blank, or larger than pages may be.
    Unread,
    /// It has no grid by which it could be found again.
    Loose,
    /// The page at this place of the list is another's.
    Other(usize),
}

/// What is printed on a blank form, or on the same page of a form that several have filled in: then it is what two of them show.
pub fn learn(pictures: &[Picture], ocr: &dyn Ocr, limit: usize) -> Result<Form, Unlearnt> {
    let opened = |(n, picture): (usize, &Picture)| {
        opened(picture, ocr, limit).map_err(|_| if n == 0 { Unlearnt::Unread } else { Unlearnt::Other(n) })
    };
    let pages: Vec<Opened> = pictures.iter().enumerate().map(opened).collect::<Result<_, _>>()?;
    let first = pages.first().ok_or(Unlearnt::Unread)?;
    let bare = Form { unit: first.unit, cells: first.canvas.cells.clone(), prints: Vec::new() };
    let mut prints: Vec<Print> = Vec::new();
    for (n, page) in pages.iter().enumerate() {
        let laid = lies(&bare, page).ok_or(if n == 0 { Unlearnt::Loose } else { Unlearnt::Other(n) })?;
        let there = printed(page, ocr, pages.len() == 1).into_iter().map(|print| Print { ink: laid.back(&print.ink), ..print });
        prints.extend(there.filter(|print| print.ink.left >= 0 && print.ink.top >= 0));
    }
    let all = Form { prints, ..bare.clone() };
    let mut seen = vec![0usize; all.prints.len()];
    for page in &pages {
        lies(&all, page).iter().flat_map(|laid| shown(laid, page)).for_each(|print| seen[print] += 1);
    }
    let often = pages.len().min(2);
    let shared = all.prints.into_iter().zip(seen).filter(|(_, seen)| *seen >= often).map(|(print, _)| print);
    Ok(Form { prints: shared.fold(Vec::new(), with_new), ..bare })
}

fn with_new(mut prints: Vec<Print>, print: Print) -> Vec<Print> {
    let is_same = |a: &Area, b: &Area| a.row_overlap(b) >= 700 && a.column_overlap(b) >= 700;
    if !prints.iter().any(|other| is_same(&other.ink, &print.ink)) {
        prints.push(print);
    }
    prints
}

/// The form as it lies on a page.
fn lies<'a>(form: &'a Form, page: &Opened) -> Option<Laid<'a>> {
    known::laid(slice::from_ref(form), &page.canvas.cells, page.unit).pop()
}

/// What a page says, as far as it can be known.
fn printed(page: &Opened, ocr: &dyn Ocr, is_blank: bool) -> Vec<Print> {
    let canvas = &page.canvas;
    let lines = page.bands.iter().filter_map(|band| text::read(&canvas.grey, &canvas.mask, band, &canvas.marks, ocr));
    lines.flat_map(|(line, _)| known::prints(&canvas.grey, &canvas.mask, &line.area, &line.glyphs, is_blank)).collect()
}

/// Which prints of a form a page shows.
fn shown(laid: &Laid<'_>, page: &Opened) -> BTreeSet<usize> {
    let canvas = &page.canvas;
    let bands = page.bands.iter().map(|band| (&band.ink, text::boxes_in(&canvas.marks, &band.ink).collect::<Vec<_>>()));
    bands.flat_map(|(ink, boxes)| laid.shown(&canvas.grey, &canvas.mask, ink, &boxes)).collect()
}
