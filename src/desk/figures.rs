//! Pictures beside a case's page: each the place on a paper where something was seen.
//!
//! Owns their names. A page is drawn for a picture only where the picture is not there yet, and one that the page no longer shows goes.

use crate::casework::fold::Case;
use crate::domain::id::DocId;
use crate::domain::place::Place;
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::pipeline::Pictures;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

/// How their names begin: then comes what is shown, and what it looks like.
const FIGURE: &str = "figure-";

/// Whether that is the name of a picture with these bytes.
pub fn is_named_after(name: &str, bytes: DocId) -> bool {
    let last = name.strip_prefix(FIGURE).and_then(|rest| rest.rsplit('-').next());
    last.is_some_and(|last| last == format!("{}.png", bytes.short()))
}

/// The pictures in the folder of a case.
pub struct Figures<'a> {
    folder: &'a Path,
    case: &'a Case,
    pictures: &'a dyn Pictures,
    there: Vec<String>,
    shown: RefCell<BTreeSet<String>>,
}

impl<'a> Figures<'a> {
    pub fn beside(folder: &'a Path, case: &'a Case, pictures: &'a dyn Pictures) -> Result<Self, Fault> {
        let entries = std::fs::read_dir(folder).map_err(|error| Fault::io(folder, &error))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let there = names.filter(|name| name.starts_with(FIGURE) && name.ends_with(".png")).collect();
        Ok(Figures { folder, case, pictures, there, shown: RefCell::default() })
    }

    /// The name of the picture of a place, which lies there then; `None` for what is on no page, or cannot be drawn.
    pub fn of(&self, place: &Place) -> Result<Option<String>, Fault> {
        let Some(sign) = self.sign(place) else { return Ok(None) };
        let is_it = |name: &&String| {
            let bytes = || std::fs::read(self.folder.join(name)).ok();
            name.starts_with(&sign) && bytes().is_some_and(|bytes| is_named_after(name, DocId::of(&bytes)))
        };
        let name = match self.there.iter().find(is_it) {
            Some(name) => name.clone(),
            None => {
                let Some(crop) = self.pictures.crop(place) else { return Ok(None) };
                // Its bytes are in its name, so that nothing is ever overwritten.
                let name = format!("{sign}{}.png", DocId::of(&crop.png).short());
                files::write_whole(&self.folder.join(&name), &crop.png, Mode::Shared)?;
                name
            }
        };
        self.shown.borrow_mut().insert(name.clone());
        Ok(Some(name))
    }

    /// How the name of a place's picture begins: the page, how it is turned upright, and what of it is shown.
    fn sign(&self, place: &Place) -> Option<String> {
        let Place::Page { doc, page, area } = place else { return None };
        let paper = self.case.papers.iter().find(|paper| paper.received.doc == *doc);
        let turned = paper.and_then(|paper| paper.received.extract.turned.get(page)).copied().unwrap_or_default();
        Some(format!("{FIGURE}{}-", DocId::of(format!("{doc} {page} {turned} {area:?}").as_bytes()).short()))
    }

    /// Removes those that the page no longer shows: they belong to the page, which is made anew, and not to what was sent.
    pub fn put_old_away(&self) -> Result<(), Fault> {
        let shown = self.shown.borrow();
        self.there.iter().filter(|name| !shown.contains(*name)).try_for_each(|name| files::remove(&self.folder.join(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseNo;
    use crate::domain::place::Area;
    use crate::drawing::crop::Crop;
    use std::cell::Cell;

    #[derive(Default)]
    struct Painter {
        drawn: Cell<u8>,
    }

    impl Pictures for Painter {
        fn crop(&self, _: &Place) -> Option<Crop> {
            self.drawn.set(self.drawn.get() + 1);
            Some(Crop { png: b"what the place looks like".to_vec(), shown: Area::new(0, 0, 1, 1) })
        }
    }

    #[test]
    fn a_picture_is_drawn_once_and_goes_with_what_it_shows() {
        let folder = tempfile::tempdir().unwrap();
        let case = Case::begin(CaseNo("TH-2026-0001".into()), "2026-04-08T10:00:00+09:00".parse().unwrap());
        let painter = Painter::default();
        let place = |left| Place::Page { doc: DocId::of(b"paper"), page: 1, area: Area::new(left, 2, 30, 40) };
        let show = |places: &[Place]| {
            let figures = Figures::beside(folder.path(), &case, &painter).unwrap();
            let names: Vec<String> = places.iter().map(|place| figures.of(place).unwrap().unwrap()).collect();
            figures.put_old_away().unwrap();
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), names.len());
            (names, painter.drawn.get())
        };
        let (first, drawn) = show(&[place(1), place(5)]);
        assert!(first[0] != first[1] && drawn == 2);
        assert_eq!(show(&[place(1), place(5)]), (first.clone(), 2));
        assert_eq!(show(&[place(5)]), (first[1..].to_vec(), 2));
        assert!(is_named_after(&first[1], DocId::of(b"what the place looks like")) && !is_named_after(&first[1], DocId::of(b"another")));
        // One that was painted over is no picture of the place.
        std::fs::write(folder.path().join(&first[1]), "forged").unwrap();
        let figures = Figures::beside(folder.path(), &case, &painter).unwrap();
        assert!(figures.of(&place(5)).is_err(), "nothing is overwritten");
        assert_eq!(figures.of(&Place::Typed { by: "somebody".into() }).unwrap(), None);
    }
}
