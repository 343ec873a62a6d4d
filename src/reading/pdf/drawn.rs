//! What a page draws, in tenths of a point from the top left: the interpreter's product and the layout's raw material.

use crate::reading::pdf::font::UNKNOWN;
use crate::reading::pdf::geometry::{Bounds, Matrix, Point};
use lopdf::ObjectId;

#[derive(Default)]
pub struct Drawn {
    pub letters: Vec<Letter>,
    /// Straight strokes, and the middle lines of thin filled rectangles.
    pub strokes: Vec<Stroke>,
    /// Lines through words that the file itself calls so.
    pub strikes: Vec<Stroke>,
    pub loops: Vec<Loop>,
    pub squares: Vec<Bounds>,
    pub pictures: Vec<Placed>,
    /// What fills an area, in the order of drawing.
    pub grounds: Vec<Ground>,
    /// Where letters were covered and do not stand again.
    pub covers: Vec<Cover>,
    /// Anything painted that is neither text nor a picture.
    pub painted: usize,
    /// The page was cut short by a bound.
    pub cut: bool,
}

/// A drawn character.
#[derive(Clone, Debug)]
pub struct Letter {
    pub text: String,
    /// Where its advance begins, on the baseline (for vertical writing: top middle).
    pub origin: Point,
    /// One em along the baseline.
    pub along: Point,
    /// One em up.
    pub up: Point,
    /// In ems, along the writing.
    pub advance: f64,
    pub vertical: bool,
    /// Drawn with ink; scanners write invisible text over their pictures.
    pub visible: bool,
    /// As pale as paper: seen only on something darker.
    pub pale: bool,
}

impl Letter {
    pub fn is_space(&self) -> bool {
        self.text.chars().all(char::is_whitespace)
    }

    pub fn is_unknown(&self) -> bool {
        self.text.contains(UNKNOWN)
    }

    pub fn em(&self) -> f64 {
        self.up.length()
    }

    /// The direction of writing, one em long.
    pub fn writing(&self) -> Point {
        if self.vertical { Point::new(-self.up.x, -self.up.y) } else { self.along }
    }

    /// The box that the eye gives it.
    pub fn bounds(&self) -> Bounds {
        let corners = if self.vertical {
            let (left, right) = (self.origin.plus(self.along, -0.5), self.origin.plus(self.along, 0.5));
            [left, right, left.plus(self.up, -self.advance), right.plus(self.up, -self.advance)]
        } else {
            let (start, end) = (self.origin, self.origin.plus(self.along, self.advance));
            [start.plus(self.up, -0.12), start.plus(self.up, 0.88), end.plus(self.up, -0.12), end.plus(self.up, 0.88)]
        };
        Bounds::around(corners).unwrap_or(Bounds { left: 0.0, top: 0.0, right: 0.0, bottom: 0.0 })
    }

    /// Clockwise quarter turns of the characters, where they stand along an axis.
    pub fn quarter(&self) -> Option<u8> {
        let (x, y) = (self.along.x, self.along.y);
        if y.abs() < x.abs() * 0.05 {
            Some(if x > 0.0 { 0 } else { 2 })
        } else if x.abs() < y.abs() * 0.05 {
            Some(if y > 0.0 { 1 } else { 3 })
        } else {
            None
        }
    }
}

/// Something that fills an area: what lies beneath is covered, what is written on it may be pale.
#[derive(Clone, Debug)]
pub struct Ground {
    /// Its corners; none where only its box is known.
    pub outline: Vec<Point>,
    pub bounds: Bounds,
    /// So many letters were drawn before it.
    pub after: usize,
    /// As pale as paper.
    pub pale: bool,
    /// Nothing shows through, and its outline is all its shape.
    pub opaque: bool,
    pub picture: bool,
}

impl Ground {
    pub fn holds(&self, point: Point) -> bool {
        self.bounds.contains(point) && (self.outline.is_empty() || is_within(&self.outline, point))
    }
}

/// Whether a ray from the point crosses the outline an odd number of times.
fn is_within(outline: &[Point], point: Point) -> bool {
    let Some(mut before) = outline.last() else { return false };
    let mut inside = false;
    for corner in outline {
        if (corner.y > point.y) != (before.y > point.y) {
            let x = before.x + (corner.x - before.x) * (point.y - before.y) / (corner.y - before.y);
            inside ^= x > point.x;
        }
        before = corner;
    }
    inside
}

/// Letters under a ground.
#[derive(Clone, Copy, Debug)]
pub struct Cover {
    pub bounds: Bounds,
    /// The box of the picture that covers them, where it is one.
    pub picture: Option<Bounds>,
}

#[derive(Clone, Copy, Debug)]
pub struct Stroke {
    pub from: Point,
    pub to: Point,
}

/// A closed curve: a circle, an ellipse, the outline of a seal.
#[derive(Clone, Copy, Debug)]
pub struct Loop {
    pub bounds: Bounds,
    pub red: bool,
}

/// A picture and where it lies.
#[derive(Clone, Debug)]
pub struct Placed {
    /// `None` for a picture inside the content stream.
    pub id: Option<ObjectId>,
    /// From the unit square to the page.
    pub matrix: Matrix,
    pub width: f64,
    pub height: f64,
}

impl Placed {
    pub fn bounds(&self) -> Bounds {
        Bounds { left: 0.0, top: 0.0, right: 1.0, bottom: 1.0 }.mapped(&self.matrix)
    }
}

impl Drawn {
    /// The same page after a turn.
    pub fn turned(mut self, matrix: &Matrix) -> Drawn {
        for letter in &mut self.letters {
            letter.origin = matrix.apply(letter.origin);
            letter.along = matrix.turn(letter.along);
            letter.up = matrix.turn(letter.up);
        }
        for stroke in self.strokes.iter_mut().chain(&mut self.strikes) {
            *stroke = Stroke { from: matrix.apply(stroke.from), to: matrix.apply(stroke.to) };
        }
        self.loops.iter_mut().for_each(|ring| ring.bounds = ring.bounds.mapped(matrix));
        for cover in &mut self.covers {
            *cover = Cover { bounds: cover.bounds.mapped(matrix), picture: cover.picture.map(|picture| picture.mapped(matrix)) };
        }
        self.squares.iter_mut().for_each(|square| *square = square.mapped(matrix));
        self.pictures.iter_mut().for_each(|picture| picture.matrix = picture.matrix.then(matrix));
        self
    }
}
