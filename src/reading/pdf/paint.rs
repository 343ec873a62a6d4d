//! How what is drawn lies on the page: in which colour, whether anything shows through, what is cut away.
//!
//! Owns this part of the graphics state. Never draws, never asks what lies beneath.

use crate::reading::pdf::drawn::Ground;
use crate::reading::pdf::file::{File, number};
use crate::reading::pdf::geometry::{Bounds, Matrix, Point};
use crate::reading::pdf::path::{Colour, Covered};
use lopdf::{Dictionary, Object};

/// Less than this share of ink lets what lies beneath be seen.
const DENSE: f64 = 0.95;
/// Less than this share of ink is not seen.
const FAINT: f64 = 0.05;
/// A letter may reach out of its clip by so much: generators round.
const ROUNDING: f64 = 5.0;
/// A line as wide as this is a ground for letters (4 points).
const WIDE: f64 = 40.0;

/// What the numbers of a colour mean.
#[derive(Clone, Copy, PartialEq)]
enum Space {
    /// Grey, red-green-blue or cyan-magenta-yellow-black.
    Plain,
    /// So much of one ink.
    Tint,
    /// Nothing that can be told without more: an index, a mixture of inks, a pattern.
    Other,
}

impl Space {
    fn of(file: &File, resources: &Dictionary, name: &[u8]) -> Space {
        match name {
            b"DeviceGray" | b"DeviceRGB" | b"DeviceCMYK" | b"CalGray" | b"CalRGB" => return Space::Plain,
            b"Pattern" => return Space::Other,
            _ => {}
        }
        let Some(space) = file.dictionary(resources, b"ColorSpace").and_then(|spaces| spaces.get(name).ok()) else { return Space::Other };
        let family = match file.resolve(space) {
            Object::Array(parts) => parts.first().and_then(|family| file.resolve(family).as_name().ok()),
            other => other.as_name().ok(),
        };
        match family {
            Some(b"DeviceGray" | b"DeviceRGB" | b"DeviceCMYK" | b"CalGray" | b"CalRGB" | b"ICCBased") => Space::Plain,
            Some(b"Separation") => Space::Tint,
            _ => Space::Other,
        }
    }
}

/// One of the two inks: for filling, for stroking.
#[derive(Clone)]
pub struct Ink {
    pub colour: Colour,
    space: Space,
    patterned: bool,
    alpha: f64,
}

impl Ink {
    const BLACK: Ink = Ink { colour: Colour::BLACK, space: Space::Plain, patterned: false, alpha: 1.0 };

    /// A colour of a device, by its number of components.
    pub fn device(&mut self, numbers: &[f64]) {
        self.space = Space::Plain;
        self.set(numbers, &[]);
    }

    /// Another space begins with its black.
    pub fn space(&mut self, file: &File, resources: &Dictionary, operands: &[Object]) {
        let name = operands.first().and_then(|name| name.as_name().ok()).unwrap_or_default();
        *self = Ink { space: Space::of(file, resources, name), alpha: self.alpha, ..Ink::BLACK };
    }

    /// A colour of the present space.
    pub fn set(&mut self, numbers: &[f64], operands: &[Object]) {
        self.patterned = operands.last().is_some_and(|last| last.as_name().is_ok());
        let told = match (self.space, numbers) {
            (Space::Tint, [tint]) => Colour::of(&[1.0 - tint]),
            _ => Colour::of(numbers),
        };
        self.colour = told.unwrap_or(Colour::BLACK);
    }

    fn is_pale(&self) -> bool {
        self.space != Space::Other && !self.patterned && self.colour.is_paper()
    }
}

#[derive(Clone)]
pub struct Paint {
    pub fill: Ink,
    pub stroke: Ink,
    line_width: f64,
    blended: bool,
    masked: bool,
    /// A group around lets something show through.
    within: bool,
    /// Nothing is drawn outside.
    clip: Option<Bounds>,
    /// Everything inside is drawn: the clip has no other shape than its box.
    whole: bool,
}

impl Paint {
    pub const BLACK: Paint = Paint {
        fill: Ink::BLACK,
        stroke: Ink::BLACK,
        line_width: 1.0,
        blended: false,
        masked: false,
        within: false,
        clip: None,
        whole: true,
    };

    pub fn line_width(&mut self, width: f64) {
        self.line_width = width;
    }

    /// From a dictionary of the graphics state.
    pub fn take(&mut self, file: &File, state: &Dictionary) {
        self.fill.alpha = file.number(state, b"ca").unwrap_or(self.fill.alpha);
        self.stroke.alpha = file.number(state, b"CA").unwrap_or(self.stroke.alpha);
        self.line_width = file.number(state, b"LW").unwrap_or(self.line_width);
        if state.has(b"BM") {
            let mode = file.name(state, b"BM").or_else(|| file.resolve(file.array(state, b"BM").first()?).as_name().ok());
            self.blended = !matches!(mode, Some(b"Normal" | b"Compatible"));
        }
        if state.has(b"SMask") {
            self.masked = file.name(state, b"SMask") != Some(b"None");
        }
    }

    /// What a group drawn in this state hands on to its content.
    pub fn in_a_group(&mut self) {
        self.within |= !self.is_solid(&self.fill);
    }

    fn is_solid(&self, ink: &Ink) -> bool {
        ink.alpha >= DENSE && !self.blended && !self.masked && !self.within
    }

    /// Letters were added to the clip: of what is painted next nobody knows the shape.
    pub fn cut_by_letters(&mut self) {
        self.whole = false;
    }

    /// Cuts away what lies outside a path.
    pub fn cut(&mut self, path: &[Covered]) {
        let Some(bounds) = Bounds::around(path.iter().flat_map(|part| part.outline.iter().copied())) else { return };
        self.whole &= path.len() == 1 && path.iter().all(Covered::is_box);
        self.clip = Some(self.clip.map_or(bounds, |clip| clip.both(&bounds)));
    }

    /// Cuts away what lies outside a rectangle.
    pub fn cut_to(&mut self, rectangle: Bounds, matrix: &Matrix) {
        self.cut(&[Covered::rectangle(rectangle, matrix)]);
    }

    /// Whether a letter drawn in a mode leaves ink on the page, and whether that ink is as pale as paper.
    pub fn letter(&self, mode: i64, middle: Point) -> (bool, bool) {
        let (fills, strokes) = (matches!(mode, 0 | 2 | 4 | 6), matches!(mode, 1 | 2 | 5 | 6));
        let inks = [fills.then_some(&self.fill), strokes.then_some(&self.stroke)];
        let mut seen = inks.into_iter().flatten().filter(|ink| ink.alpha > FAINT).peekable();
        let inside = self.clip.is_none_or(|clip| clip.wider(ROUNDING).contains(middle));
        let visible = inside && seen.peek().is_some();
        (visible, visible && !self.blended && seen.all(Ink::is_pale))
    }

    fn ground(&self, part: Covered, after: usize, ink: &Ink) -> Ground {
        let bounds = self.clip.map_or(part.bounds, |clip| clip.both(&part.bounds));
        let opaque = part.whole && self.whole && !ink.patterned && self.is_solid(ink);
        Ground { outline: part.outline, bounds, after, pale: ink.is_pale(), opaque, picture: false }
    }

    pub fn filled(&self, part: Covered, after: usize) -> Ground {
        self.ground(part, after, &self.fill)
    }

    /// Half the width of a line on which letters can stand; `None` for a thin one.
    pub fn half_of_a_wide_line(&self, matrix: &Matrix) -> Option<f64> {
        let width = self.line_width * matrix.turn(Point::new(1.0, 0.0)).length();
        (width >= WIDE).then_some(width / 2.0)
    }

    pub fn stroked(&self, part: &Covered, after: usize, half: f64) -> Ground {
        self.ground(part.stroked(half), after, &self.stroke)
    }

    /// A picture; `solid` where it has no holes of its own.
    pub fn picture(&self, part: Covered, after: usize, solid: bool) -> Ground {
        let bounds = self.clip.map_or(part.bounds, |clip| clip.both(&part.bounds));
        let opaque = solid && self.whole && self.is_solid(&self.fill);
        Ground { outline: part.outline, bounds, after, pale: false, opaque, picture: true }
    }

    /// A shading fills all that the clip leaves.
    pub fn shaded(&self, after: usize) -> Ground {
        const FAR: f64 = 1e9;
        let bounds = self.clip.unwrap_or(Bounds { left: -FAR, top: -FAR, right: FAR, bottom: FAR });
        Ground { outline: Vec::new(), bounds, after, pale: false, opaque: false, picture: false }
    }
}

/// Whether nothing shows through the pixels of a picture.
pub fn is_solid(file: &File, picture: &Dictionary) -> bool {
    let mask = |key: &[u8]| file.get(picture, key).as_bool().unwrap_or(false);
    let holes = ["SMask", "Mask"].iter().any(|key| picture.has(key.as_bytes()));
    let within = number(file.get(picture, b"SMaskInData")).is_some_and(|kind| kind > 0.0);
    !(holes || within || mask(b"ImageMask") || mask(b"IM"))
}
