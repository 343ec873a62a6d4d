//! The structure of a PDF: objects, the page tree, streams within bounds.
//!
//! Owns the tie to the parser. Never looks into a content stream.

use crate::reading::format::Limits;
use crate::reading::pdf::geometry::{Bounds, Matrix, Point};
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId, Stream};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Why a file or a stream could not be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// It wants a password.
    Locked,
    /// It is no PDF, or not all of one.
    Damaged,
    /// It holds more than the bounds allow.
    TooMuch,
}

pub struct File {
    document: Document,
    limits: Limits,
    unpacked: Cell<usize>,
    streams: RefCell<HashMap<ObjectId, Rc<Vec<u8>>>>,
}

/// A page of the tree with what it inherits.
pub struct Leaf {
    pub dictionary: Dictionary,
    pub resources: Dictionary,
    media: Option<[f64; 4]>,
    crop: Option<[f64; 4]>,
    rotate: i64,
}

/// What a node of the tree hands down.
#[derive(Clone, Default)]
struct Inherited {
    resources: Option<Dictionary>,
    media: Option<[f64; 4]>,
    crop: Option<[f64; 4]>,
    rotate: Option<i64>,
}

/// A page is measured in points; what is read of it in tenths.
pub const UNITS_PER_POINT: f64 = 10.0;

impl Leaf {
    /// The visible part of the page in user space.
    fn frame(&self) -> [f64; 4] {
        const A4: [f64; 4] = [0.0, 0.0, 595.276, 841.89];
        let sound = |b: &[f64; 4]| b[2] - b[0] > 1.0 && b[3] - b[1] > 1.0;
        let media = self.media.filter(sound).unwrap_or(A4);
        match self.crop.filter(sound) {
            None => media,
            Some(crop) => Some([crop[0].max(media[0]), crop[1].max(media[1]), crop[2].min(media[2]), crop[3].min(media[3])])
                .filter(sound)
                .unwrap_or(media),
        }
    }

    /// Clockwise quarter turns under which the page is shown.
    pub fn turns(&self) -> u8 {
        (self.rotate.rem_euclid(360) / 90) as u8
    }

    fn unit(&self) -> f64 {
        match self.dictionary.get(b"UserUnit").and_then(Object::as_float) {
            Ok(unit) if unit > 0.0 && unit.is_finite() => f64::from(unit) * UNITS_PER_POINT,
            _ => UNITS_PER_POINT,
        }
    }

    /// Width and height as shown, in tenths of a point.
    pub fn size(&self) -> Point {
        let [left, bottom, right, top] = self.frame();
        let (width, height) = ((right - left) * self.unit(), (top - bottom) * self.unit());
        if self.turns().is_multiple_of(2) { Point::new(width, height) } else { Point::new(height, width) }
    }

    /// From user space to the shown page, origin top left.
    pub fn matrix(&self) -> Matrix {
        let [left, bottom, right, top] = self.frame();
        let s = self.unit();
        match self.turns() {
            0 => Matrix::new([s, 0.0, 0.0, -s, -left * s, top * s]),
            1 => Matrix::new([0.0, s, s, 0.0, -bottom * s, -left * s]),
            2 => Matrix::new([-s, 0.0, 0.0, s, right * s, -bottom * s]),
            _ => Matrix::new([0.0, -s, -s, 0.0, top * s, right * s]),
        }
    }
}

impl File {
    pub fn open(bytes: &[u8], limits: Limits) -> Result<File, Trouble> {
        // No single structure of a real document comes near this.
        const STRUCTURE: usize = 64 << 20;
        let options = LoadOptions::with_max_decompressed_size(limits.unpacked.min(STRUCTURE));
        let document = match Document::load_mem_with_options(bytes, options) {
            Ok(document) => document,
            Err(lopdf::Error::Decryption(_) | lopdf::Error::InvalidPassword | lopdf::Error::UnsupportedSecurityHandler(_)) => {
                return Err(Trouble::Locked);
            }
            Err(_) => return Err(Trouble::Damaged),
        };
        // A locked file loads without an error and without a page.
        if document.trailer.has(b"Encrypt") {
            return Err(Trouble::Locked);
        }
        let tail = bytes.len().saturating_sub(TAIL);
        let ended = bytes.get(tail..).is_some_and(|end| end.windows(5).any(|w| w == b"%%EOF"));
        if !ended && document.xref_recovery.is_some() {
            return Err(Trouble::Damaged);
        }
        Ok(File { document, limits, unpacked: Cell::new(0), streams: RefCell::default() })
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub fn resolve<'a>(&'a self, object: &'a Object) -> &'a Object {
        self.document.dereference(object).map_or(&Object::Null, |(_, object)| object)
    }

    pub fn get<'a>(&'a self, dictionary: &'a Dictionary, key: &[u8]) -> &'a Object {
        dictionary.get(key).map_or(&Object::Null, |object| self.resolve(object))
    }

    pub fn dictionary<'a>(&'a self, dictionary: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
        as_dictionary(self.get(dictionary, key))
    }

    pub fn name<'a>(&'a self, dictionary: &'a Dictionary, key: &[u8]) -> Option<&'a [u8]> {
        self.get(dictionary, key).as_name().ok()
    }

    pub fn array<'a>(&'a self, dictionary: &'a Dictionary, key: &[u8]) -> &'a [Object] {
        self.get(dictionary, key).as_array().map_or(&[], Vec::as_slice)
    }

    pub fn number(&self, dictionary: &Dictionary, key: &[u8]) -> Option<f64> {
        number(self.get(dictionary, key))
    }

    /// As many numbers as asked for.
    pub fn numbers<const N: usize>(&self, dictionary: &Dictionary, key: &[u8]) -> Option<[f64; N]> {
        let list: Vec<f64> = self.array(dictionary, key).iter().take(N).filter_map(|object| number(self.resolve(object))).collect();
        list.try_into().ok()
    }

    /// The encoding of a simple font as the parser's tables know it, one text a byte.
    pub fn simple_encoding(&self, font: &Dictionary) -> Option<Vec<String>> {
        let mut bare = font.clone();
        bare.remove(b"ToUnicode");
        let encoding = bare.get_font_encoding_with_limit(&self.document, self.limits.unpacked).ok()?;
        Some((0..=255u8).map(|byte| encoding.bytes_to_string(&[byte]).unwrap_or_default()).collect())
    }

    /// The bytes of a stream, counted against the bound of the whole document.
    pub fn unpack(&self, stream: &Stream) -> Result<Vec<u8>, Trouble> {
        let left = self.limits.unpacked.saturating_sub(self.unpacked.get()).min(STREAM);
        let bytes = match stream.decompressed_content_with_limit(left) {
            Ok(bytes) => bytes,
            Err(lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. })) => return Err(Trouble::TooMuch),
            Err(_) => return Err(Trouble::Damaged),
        };
        self.unpacked.set(self.unpacked.get() + bytes.len());
        Ok(bytes)
    }

    /// The same, unpacked once however often it is used.
    pub fn unpack_once(&self, object: &Object) -> Result<Rc<Vec<u8>>, Trouble> {
        let id = object.as_reference().ok();
        if let Some(known) = id.and_then(|id| self.streams.borrow().get(&id).cloned()) {
            return Ok(known);
        }
        let stream = self.resolve(object).as_stream().map_err(|_| Trouble::Damaged)?;
        let bytes = Rc::new(self.unpack(stream)?);
        if let Some(id) = id {
            self.streams.borrow_mut().insert(id, bytes.clone());
        }
        Ok(bytes)
    }

    /// The content of a page: its streams, one after the other.
    pub fn content(&self, leaf: &Leaf) -> Result<Vec<u8>, Trouble> {
        let mut all = Vec::new();
        let mut add = |object: &Object| -> Result<(), Trouble> {
            if let Ok(stream) = self.resolve(object).as_stream() {
                all.extend(self.unpack(stream)?);
                all.push(b'\n');
            }
            Ok(())
        };
        if let Ok(contents) = leaf.dictionary.get(b"Contents") {
            match self.resolve(contents) {
                Object::Array(parts) => parts.iter().try_for_each(&mut add)?,
                Object::Null => return Err(Trouble::Damaged),
                _ => add(contents)?,
            }
        }
        Ok(all)
    }

    /// The pages in order, at most one more than the bound, and how many the file says it has.
    pub fn pages(&self) -> (Vec<Leaf>, usize) {
        let Some(catalog) = self.catalog() else { return (Vec::new(), 0) };
        let Ok(root) = catalog.get(b"Pages") else { return (Vec::new(), 0) };
        let said = as_dictionary(self.resolve(root)).and_then(|pages| self.get(pages, b"Count").as_i64().ok()).unwrap_or(0);
        let mut leaves = Vec::new();
        let mut seen = HashSet::new();
        self.walk(root, &Inherited::default(), 0, &mut seen, &mut leaves);
        (leaves, usize::try_from(said).unwrap_or(0))
    }

    fn walk(&self, node: &Object, above: &Inherited, depth: usize, seen: &mut HashSet<ObjectId>, leaves: &mut Vec<Leaf>) {
        if leaves.len() > self.limits.pages || depth > self.limits.depth {
            return;
        }
        if let Ok(id) = node.as_reference()
            && !seen.insert(id)
        {
            return;
        }
        let Some(dictionary) = as_dictionary(self.resolve(node)) else { return };
        let own = Inherited {
            resources: self.dictionary(dictionary, b"Resources").cloned().or_else(|| above.resources.clone()),
            media: self.rectangle(dictionary, b"MediaBox").or(above.media),
            crop: self.rectangle(dictionary, b"CropBox").or(above.crop),
            rotate: self.number(dictionary, b"Rotate").map(|r| r as i64).or(above.rotate),
        };
        let kids = self.array(dictionary, b"Kids");
        if self.name(dictionary, b"Type") == Some(b"Page") || !dictionary.has(b"Kids") {
            leaves.push(Leaf {
                dictionary: dictionary.clone(),
                resources: own.resources.unwrap_or_default(),
                media: own.media,
                crop: own.crop,
                rotate: own.rotate.unwrap_or(0),
            });
        } else {
            kids.iter().for_each(|kid| self.walk(kid, &own, depth + 1, seen, leaves));
        }
    }

    /// A rectangle with its corners in order.
    pub fn rectangle(&self, dictionary: &Dictionary, key: &[u8]) -> Option<[f64; 4]> {
        let [a, b, c, d] = self.numbers::<4>(dictionary, key)?;
        Some([a.min(c), b.min(d), a.max(c), b.max(d)])
    }

    pub fn catalog(&self) -> Option<&Dictionary> {
        self.document.catalog().ok()
    }

    /// The form of the document, where it has one.
    pub fn form(&self) -> Option<&Dictionary> {
        self.dictionary(self.catalog()?, b"AcroForm")
    }

    /// Whether a layer is switched off in the default view.
    pub fn hidden(&self, layer: &Object) -> bool {
        let Ok(id) = layer.as_reference() else { return false };
        let off = || -> Option<bool> {
            let layers = self.dictionary(self.catalog()?, b"OCProperties")?;
            let default = self.dictionary(layers, b"D")?;
            Some(self.array(default, b"OFF").iter().any(|entry| entry.as_reference().is_ok_and(|off| off == id)))
        };
        off().unwrap_or(false)
    }
}

/// How far from the end of a file its end mark may stand.
const TAIL: usize = 4096;

/// Bytes of one unpacked stream.
const STREAM: usize = 64 << 20;

/// The dictionary of an object, of a stream too.
pub fn as_dictionary(object: &Object) -> Option<&Dictionary> {
    match object {
        Object::Dictionary(dictionary) => Some(dictionary),
        Object::Stream(stream) => Some(&stream.dict),
        _ => None,
    }
}

pub fn number(object: &Object) -> Option<f64> {
    match object {
        Object::Integer(number) => Some(*number as f64),
        Object::Real(number) => Some(f64::from(*number)).filter(|number| number.is_finite()),
        _ => None,
    }
}

/// A rectangle of user space as bounds.
pub fn bounds([left, bottom, right, top]: [f64; 4]) -> Bounds {
    Bounds { left, top: bottom, right, bottom: top }
}
