//! From documents to a form that is known, within a reader.
//!
//! Owns which pages go together. Never knows what a form asks for.

use crate::catalogue;
use crate::domain::form::Form;
use crate::domain::picture::Picture;
use crate::reading::format::Tools;
use crate::reading::view;
use serde::{Deserialize, Serialize};
use sight::paper::{self, Unlearnt};

/// A form has no more pages than this.
const MOST_PAGES: u32 = 20;

/// The pages of a form that were learnt, and those that are read each time, counted from 1, with the reason.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Learnt {
    pub pages: Vec<Form>,
    pub left: Vec<(u32, String)>,
}

/// Learns the form that the documents are, page by page.
pub fn learn(documents: &[Vec<u8>], tools: &Tools<'_>) -> Learnt {
    let page = |bytes: &[u8], number: u32| view::page(bytes, number, tools.limits, catalogue::typeface()).map(|view| view.picture);
    let first = documents.first().map_or(&[][..], Vec::as_slice);
    let mut learnt = Learnt::default();
    for number in 1..=MOST_PAGES {
        let Some(picture) = page(first, number) else { break };
        let others = documents.iter().enumerate().skip(1);
        let others = others.map(|(n, bytes)| page(bytes, number).ok_or_else(|| format!("document {} has no such page", n + 1)));
        let pictures: Result<Vec<Picture>, String> = [Ok(picture)].into_iter().chain(others).collect();
        match pictures.and_then(|pictures| paper::learn(&pictures, tools.ocr, tools.limits.pixels).map_err(said)) {
            Ok(form) => learnt.pages.push(form),
            Err(why) => learnt.left.push((number, why)),
        }
    }
    learnt
}

fn said(why: Unlearnt) -> String {
    match why {
        Unlearnt::Unread => "it is blank, or larger than pages may be".to_owned(),
        Unlearnt::Loose => "it is not ruled so that it could be told again".to_owned(),
        Unlearnt::Other(n) => format!("that of document {} is not ruled like that of the first", n + 1),
    }
}
