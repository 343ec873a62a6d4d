//! From documents to a form that is known, within a reader.
//!
//! Owns which pages go together. Never knows what a form asks for.

use crate::catalogue;
use crate::domain::form::Form;
use crate::domain::picture::Picture;
use crate::reading::format::Tools;
use crate::reading::view;
use sight::paper::{self, Unlearnt};

/// A form has no more pages than this.
const MOST_PAGES: u32 = 20;

/// All pages of the form that the documents are; else the page, counted from 1, and why it was not learnt.
pub fn learn(documents: &[Vec<u8>], tools: &Tools<'_>) -> Result<Vec<Form>, (u32, String)> {
    let page = |bytes: &[u8], number: u32| view::page(bytes, number, tools.limits, catalogue::typeface()).map(|view| view.picture);
    let first = documents.first().map_or(&[][..], Vec::as_slice);
    let mut forms = Vec::new();
    for number in 1..=MOST_PAGES {
        let Some(picture) = page(first, number) else { break };
        let others = documents.iter().enumerate().skip(1);
        let others = others.map(|(n, bytes)| page(bytes, number).ok_or_else(|| (number, format!("document {} has no such page", n + 1))));
        let pictures: Vec<Picture> = [Ok(picture)].into_iter().chain(others).collect::<Result<_, _>>()?;
        match paper::learn(&pictures, tools.ocr, tools.limits.pixels) {
            Ok(form) => forms.push(form),
            // A page of running text is read each time.
            Err(Unlearnt::Loose | Unlearnt::Unread) => {}
            Err(Unlearnt::Other(n)) => return Err((number, format!("that of document {} is not ruled like that of the first", n + 1))),
        }
    }
    if forms.is_empty() { Err((1, "no page is ruled so that it could be told again".to_owned())) } else { Ok(forms) }
}
