//! Places of papers as pictures, made from the originals whenever one is asked for.
//!
//! Owns the way from a paper of a case back to the bytes that came, out of the mail or archive that it lay in.
//! The same originals give the same pictures; nothing is kept but for the time of a run.

use crate::casework::fold::Case;
use crate::domain::id::DocId;
use crate::domain::picture::View;
use crate::domain::place::Place;
use crate::drawing::crop::{self, Crop};
use crate::pipeline::{Keys, Pictures};
use crate::store::Originals;
use crate::worker::{KeyRing, Readers};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Pages kept at a time: findings of one case lie on few.
const PAGES: usize = 4;
/// Mails and archives inside one another.
const DEEPEST: usize = 12;

pub struct Gallery<'a> {
    originals: &'a Originals,
    readers: &'a Readers,
    views: RefCell<Vec<Kept>>,
}

/// A page that was drawn, or could not be.
struct Kept {
    doc: DocId,
    page: u32,
    view: Option<Rc<View>>,
}

impl<'a> Gallery<'a> {
    pub fn new(originals: &'a Originals, readers: &'a Readers) -> Self {
        Gallery { originals, readers, views: RefCell::default() }
    }

    /// The papers of one case. `parent` names what a document lay in.
    pub fn of_case(&self, case: &Case, parent: &dyn Fn(DocId) -> Option<DocId>) -> CasePictures<'_> {
        let path = |doc: DocId| {
            let mut path = vec![doc];
            while !self.originals.path(path[0]).exists() {
                let known = case.papers.iter().find(|paper| paper.received.doc == path[0]).and_then(|paper| paper.received.parent);
                let outer = known.or_else(|| parent(path[0])).filter(|_| path.len() < DEEPEST)?;
                path.insert(0, outer);
            }
            Some(path)
        };
        let papers = case.papers.iter().map(|paper| &paper.received);
        CasePictures {
            gallery: self,
            paths: papers.clone().filter_map(|received| Some((received.doc, path(received.doc)?))).collect(),
            turned: papers.map(|received| (received.doc, received.extract.turned.clone())).collect(),
            ring: RefCell::default(),
        }
    }
}

/// The papers of one case.
pub struct CasePictures<'g> {
    gallery: &'g Gallery<'g>,
    /// From the original that came to the document.
    paths: BTreeMap<DocId, Vec<DocId>>,
    turned: BTreeMap<DocId, BTreeMap<u32, u8>>,
    /// Passwords that the mails of this case name, once they are needed.
    ring: RefCell<Option<KeyRing>>,
}

impl CasePictures<'_> {
    /// A whole page of one of the papers; how it is turned upright is told beside it.
    pub fn page(&self, doc: DocId, page: u32) -> Option<(Rc<View>, u8)> {
        let quarters = self.turned.get(&doc).and_then(|turned| turned.get(&page)).copied().unwrap_or(0);
        Some((self.view(doc, page)?, quarters))
    }

    fn view(&self, doc: DocId, page: u32) -> Option<Rc<View>> {
        if let Some(kept) = self.gallery.views.borrow().iter().find(|kept| (kept.doc, kept.page) == (doc, page)) {
            return kept.view.clone();
        }
        let view = self.drawn(doc, page).map(Rc::new);
        let mut views = self.gallery.views.borrow_mut();
        if views.len() == PAGES {
            views.remove(0);
        }
        views.push(Kept { doc, page, view: view.clone() });
        view
    }

    fn drawn(&self, doc: DocId, page: u32) -> Option<View> {
        let path = self.paths.get(&doc)?;
        let root = self.gallery.originals.get(*path.first()?).ok()?;
        let mut ring = self.ring.borrow_mut();
        // What lies open needs no password.
        let ring = ring.get_or_insert_with(|| self.gallery.readers.ring(if path.len() > 1 { self.learn() } else { Keys::default() }));
        self.gallery.readers.view(&root, path, page, ring)
    }

    fn learn(&self) -> Keys {
        let mut keys = Keys::default();
        let roots: BTreeSet<&DocId> = self.paths.values().filter_map(|path| path.first()).collect();
        roots
            .into_iter()
            .filter_map(|root| self.gallery.originals.get(*root).ok())
            .for_each(|bytes| keys.merge(self.gallery.readers.learn(&bytes)));
        keys
    }
}

impl Pictures for CasePictures<'_> {
    fn crop(&self, place: &Place) -> Option<Crop> {
        let Place::Page { doc, page, area } = place else { return None };
        let quarters = self.turned.get(doc).and_then(|turned| turned.get(page)).copied().unwrap_or(0);
        crop::cut(&*self.view(*doc, *page)?, area, quarters)
    }
}
