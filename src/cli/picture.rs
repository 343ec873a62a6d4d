//! `read --picture DIR`: pages with what was read drawn on them, and a cut-out for each finding.

use crate::catalogue::{self, Catalogue};
use crate::domain::extract::{Field, Record};
use crate::domain::finding::Finding;
use crate::domain::id::DocId;
use crate::domain::picture::View;
use crate::domain::place::{Area, Place};
use crate::drawing::crop;
use crate::drawing::page::{self, Note, Tone};
use crate::drawing::pen::Pen;
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::pipeline::Digest;
use crate::quarantine::safe_name;
use crate::worker::{KeyRing, Readers};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// What drawing needs beside a document.
pub struct Easel<'a> {
    pub folder: &'a Path,
    pub catalogue: &'a Catalogue,
    pub readers: &'a Readers,
    pub ring: &'a KeyRing,
}

/// What became of one document.
pub struct Drawn {
    pub doc: DocId,
    pub pictures: Vec<PathBuf>,
    /// What no picture shows, in words.
    pub words: Vec<String>,
}

impl Easel<'_> {
    /// Draws a document and what lies inside it. `root` are the bytes that were read.
    pub fn draw(&self, digest: &Digest, root: &[u8]) -> Result<Vec<Drawn>, Fault> {
        let mut all = Vec::new();
        self.draw_inside(digest, root, &mut vec![digest.doc], &mut all)?;
        Ok(all)
    }

    fn draw_inside(&self, digest: &Digest, root: &[u8], path: &mut Vec<DocId>, all: &mut Vec<Drawn>) -> Result<(), Fault> {
        all.push(if digest.extract.pages > 0 {
            self.pages(digest, root, path)?
        } else {
            Drawn { doc: digest.doc, pictures: Vec::new(), words: self.cells(digest) }
        });
        for part in &digest.parts {
            path.push(part.doc);
            self.draw_inside(part, root, path, all)?;
            path.pop();
        }
        Ok(())
    }

    fn pages(&self, digest: &Digest, root: &[u8], path: &[DocId]) -> Result<Drawn, Fault> {
        let notes = self.notes(digest);
        // Two files of one name do not overwrite each other.
        let stem = format!("{}-{}", safe_name(&digest.name), &digest.doc.short()[..6]);
        let pages: Vec<Result<Vec<PathBuf>, Fault>> = (1..=digest.extract.pages)
            .into_par_iter()
            .map(|number| self.page(digest, self.view(root, path, number), number, &notes, &stem))
            .collect();
        let mut drawn = Drawn { doc: digest.doc, pictures: Vec::new(), words: Vec::new() };
        for (number, page) in (1..).zip(pages) {
            let page = page?;
            if page.is_empty() {
                drawn.words.push(format!("{number}頁: 画像にできませんでした"));
            }
            drawn.pictures.extend(page);
        }
        Ok(drawn)
    }

    fn view(&self, root: &[u8], path: &[DocId], number: u32) -> Option<View> {
        self.readers.view(root, path, number, self.ring)
    }

    /// The page and its cut-outs; nothing where it cannot be drawn.
    fn page(&self, digest: &Digest, view: Option<View>, number: u32, notes: &[Placed<'_>], stem: &str) -> Result<Vec<PathBuf>, Fault> {
        let (Some(view), Some(pen)) = (view, Pen::new(catalogue::typeface())) else {
            return Ok(Vec::new());
        };
        let quarters = digest.extract.turned.get(&number).copied().unwrap_or(0);
        let here: Vec<&Placed<'_>> = notes.iter().filter(|note| note.page == number).collect();
        let drawn: Vec<Note> = here.iter().map(|placed| placed.note.clone()).collect();
        let mut paths = Vec::new();
        if let Some(png) = page::annotated(&view, quarters, &drawn, &pen).png() {
            paths.push(self.write(format!("{stem}-p{number}.png"), &png)?);
        }
        for placed in here {
            if let (Some(code), Some(area), Some(n)) = (placed.code, placed.note.area, placed.note.number)
                && let Some(crop) = crop::cut(&view, &area, quarters)
            {
                paths.push(self.write(format!("{stem}-p{number}-{n}-{code}.png"), &crop.png)?);
            }
        }
        Ok(paths)
    }

    fn write(&self, name: String, png: &[u8]) -> Result<PathBuf, Fault> {
        let path = self.folder.join(name);
        files::renew(&path, png, Mode::Shared)?;
        Ok(path)
    }

    /// Values and findings of a paper; doubts and findings are numbered through.
    fn notes<'d>(&self, digest: &'d Digest) -> Vec<Placed<'d>> {
        let kind = digest.extract.document.as_str();
        let mut values = Vec::new();
        collect(&digest.extract.fields, "", &mut values);
        let mut number = 0;
        let mut next = || {
            number += 1;
            number
        };
        let mut notes = Vec::new();
        for (key, prefix, field) in values {
            let tone = if field.needs_review() { Tone::Doubtful } else { Tone::Sure };
            let (page, area) = seen(Some(&field.place));
            let words = format!("{prefix}{}: {}", self.label(kind, key), self.value(field));
            notes.push(Placed { page, code: None, note: Note { area, tone, number: field.needs_review().then(&mut next), words } });
        }
        for finding in &digest.findings {
            let (page, area) = seen(finding.place.as_ref());
            let words = format!("{} {}", finding.code, finding.message);
            notes.push(Placed { page, code: Some(&finding.code.0), note: Note { area, tone: Tone::Finding, number: Some(next()), words } });
        }
        notes
    }

    /// The value, beside it what stood there where that says more, and how sure the reading is and why not surer where it is doubted.
    fn value(&self, field: &Field) -> String {
        let mut words = field.value.to_string();
        if field.raw != words && !field.raw.is_empty() {
            words.push_str(&format!("（原文 {}）", field.raw));
        }
        if let Some(doubts) = self.catalogue.japanese().doubts(field.doubts) {
            words.push_str(&format!("（確信度 {:.1}%、{doubts}）", field.confidence.as_ratio() * 100.0));
        }
        words
    }

    fn label(&self, kind: &str, key: &str) -> String {
        let spec = self.catalogue.documents.iter().find(|spec| spec.id.as_str() == kind);
        spec.map_or_else(|| key.to_owned(), |spec| spec.label(key))
    }

    /// What a document without pages shows instead of a picture: the cells of its doubts and findings.
    fn cells(&self, digest: &Digest) -> Vec<String> {
        let voice = self.catalogue.japanese();
        let mut words = vec![format!("画像なし（{}）: 頁のない書類です。要確認の値と指摘の所在を示します", digest.format)];
        let place = |place: &Place| voice.place(place).unwrap_or_else(|| "―".to_owned());
        for (kind, records) in [(&digest.extract.document, std::slice::from_ref(&digest.extract.fields))]
            .into_iter()
            .chain(digest.extract.sets.iter().map(|(kind, records)| (kind, &**records)))
        {
            let mut values = Vec::new();
            records.iter().for_each(|record| collect(record, "", &mut values));
            let doubtful = values.into_iter().filter(|(_, _, field)| field.needs_review());
            words.extend(doubtful.map(|(key, _, field)| {
                format!("{}  要確認 {}: {}", place(&field.place), self.label(kind.as_str(), key), self.value(field))
            }));
        }
        let told =
            |finding: &Finding| format!("{}  {} {}", finding.place.as_ref().map_or("―".to_owned(), place), finding.code, finding.message);
        words.extend(digest.findings.iter().map(told));
        words
    }
}

/// A note on a page.
struct Placed<'d> {
    page: u32,
    /// The code of a finding.
    code: Option<&'d str>,
    note: Note,
}

/// Page and rectangle; what is on no page is told on the first.
fn seen(place: Option<&Place>) -> (u32, Option<Area>) {
    match place {
        Some(Place::Page { page, area, .. }) => (*page, Some(*area).filter(|area| area.width() > 0 && area.height() > 0)),
        _ => (1, None),
    }
}

/// Key, words before the label, and field of every value, rows numbered from 1.
fn collect<'r>(record: &'r Record, prefix: &str, values: &mut Vec<(&'r str, String, &'r Field)>) {
    values.extend(record.fields.iter().map(|(key, field)| (key.as_str(), prefix.to_owned(), field)));
    for rows in record.groups.values() {
        for (n, row) in rows.iter().enumerate() {
            collect(row, &format!("{prefix}{}-", n + 1), values);
        }
    }
}
