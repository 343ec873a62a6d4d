//! Paths: which of what is drawn is a ruled line, a box or a ring.

use crate::reading::pdf::drawn::{Drawn, Loop, Stroke};
use crate::reading::pdf::geometry::{Bounds, Matrix, Point};

/// A filled shape thinner than this is a line (3 points).
const THIN: f64 = 30.0;
/// The sides of a check box (about 2 to 6 mm).
const BOX: std::ops::Range<f64> = 50.0..170.0;
/// The sides of a ring or a seal (about 2 to 60 mm).
const RING: std::ops::Range<f64> = 60.0..1700.0;
const MOST_STROKES: usize = 100_000;
const MOST_POINTS: usize = 200_000;

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Colour {
    pub red: f64,
    pub green: f64,
    pub blue: f64,
}

impl Colour {
    pub const BLACK: Colour = Colour { red: 0.0, green: 0.0, blue: 0.0 };

    /// From the operands of a colour operator: grey, red-green-blue or cyan-magenta-yellow-black.
    pub fn of(operands: &[f64]) -> Option<Colour> {
        match *operands {
            [grey] => Some(Colour { red: grey, green: grey, blue: grey }),
            [red, green, blue] => Some(Colour { red, green, blue }),
            [c, m, y, k] => Some(Colour { red: (1.0 - c) * (1.0 - k), green: (1.0 - m) * (1.0 - k), blue: (1.0 - y) * (1.0 - k) }),
            _ => None,
        }
    }

    /// Nearly as pale as paper: nobody reads it there.
    pub fn is_paper(&self) -> bool {
        self.red >= 0.95 && self.green >= 0.95 && self.blue >= 0.95
    }

    fn is_white(&self) -> bool {
        self.red > 0.97 && self.green > 0.97 && self.blue > 0.97
    }

    fn is_red(&self) -> bool {
        self.red > 0.5 && self.red > 1.6 * self.green && self.red > 1.6 * self.blue
    }
}

#[derive(Default)]
struct Part {
    points: Vec<Point>,
    curves: usize,
    closed: bool,
}

/// The path under construction, in page units.
#[derive(Default)]
pub struct Path {
    parts: Vec<Part>,
    count: usize,
}

impl Path {
    pub fn begin(&mut self, point: Point) {
        if self.count < MOST_POINTS {
            self.count += 1;
            self.parts.push(Part { points: vec![point], ..Part::default() });
        }
    }

    pub fn line(&mut self, point: Point) {
        if self.count < MOST_POINTS
            && let Some(part) = self.parts.last_mut()
        {
            self.count += 1;
            part.points.push(point);
        }
    }

    pub fn curve(&mut self, end: Point) {
        self.line(end);
        if let Some(part) = self.parts.last_mut() {
            part.curves += 1;
        }
    }

    pub fn close(&mut self) {
        if let Some(part) = self.parts.last_mut() {
            part.closed = true;
        }
    }

    pub fn rectangle(&mut self, [x, y, width, height]: [f64; 4], matrix: &Matrix) {
        let corner = |x: f64, y: f64| matrix.apply(Point::new(x, y));
        self.begin(corner(x, y));
        [(x + width, y), (x + width, y + height), (x, y + height)].iter().for_each(|(x, y)| self.line(corner(*x, *y)));
        self.close();
    }

    /// The areas that the path covers. What overlaps another part may be a hole in it, and a curve may run anywhere.
    pub fn covered(&self) -> Vec<Covered> {
        const MOST: usize = 64;
        let few = self.parts.len() <= MOST;
        let all: Vec<Covered> = self.parts.iter().filter_map(|part| part.covered(few)).collect();
        let alone = |n: usize, part: &Covered| all.iter().enumerate().all(|(m, other)| m == n || other.bounds.shared(&part.bounds) <= 0.0);
        let whole: Vec<bool> = all.iter().enumerate().map(|(n, part)| part.whole && alone(n, part)).collect();
        all.into_iter().zip(whole).map(|(part, whole)| Covered { whole, ..part }).collect()
    }

    /// Paints the path and leaves it empty.
    pub fn paint(&mut self, drawn: &mut Drawn, stroke: Option<Colour>, fill: Option<Colour>) {
        self.count = 0;
        let stroke = stroke.filter(|colour| !colour.is_white());
        let fill = fill.filter(|colour| !colour.is_white());
        for part in std::mem::take(&mut self.parts) {
            if stroke.is_none() && fill.is_none() || drawn.strokes.len() > MOST_STROKES {
                continue;
            }
            drawn.painted += 1;
            let Some(bounds) = Bounds::around(part.points.iter().copied()) else { continue };
            if part.curves > 0 {
                ring(&part, bounds, stroke.or(fill), drawn);
            } else if let Some(stroke) = thin(&bounds).filter(|_| stroke.is_none()) {
                drawn.strokes.push(stroke);
            } else if stroke.is_some() {
                outline(&part, bounds, drawn);
            }
        }
    }

    /// Forgets the path: a clip draws nothing.
    pub fn clear(&mut self) {
        *self = Path::default();
    }
}

/// The area of one part of a path.
#[derive(Clone, Debug)]
pub struct Covered {
    pub outline: Vec<Point>,
    pub bounds: Bounds,
    /// All within the outline is covered.
    pub whole: bool,
}

impl Covered {
    pub fn rectangle(Bounds { left, top, right, bottom }: Bounds, matrix: &Matrix) -> Covered {
        let outline: Vec<Point> =
            [(left, top), (right, top), (right, bottom), (left, bottom)].map(|(x, y)| matrix.apply(Point::new(x, y))).to_vec();
        let bounds = Bounds { left, top, right, bottom }.mapped(matrix);
        Covered { outline, bounds, whole: true }
    }

    /// Too small to lie under or over a letter.
    pub fn is_speck(&self) -> bool {
        const LEAST: f64 = 20.0;
        self.bounds.width().max(self.bounds.height()) < LEAST
    }

    /// A rectangle along the axes.
    pub fn is_box(&self) -> bool {
        let Bounds { left, top, right, bottom } = self.bounds;
        let at = |value: f64, side: f64| (value - side).abs() < 1.0;
        let corner = |point: &Point| (at(point.x, left) || at(point.x, right)) && (at(point.y, top) || at(point.y, bottom));
        self.whole && (4..=5).contains(&self.outline.len()) && self.outline.iter().all(corner)
    }

    /// What its line covers, drawn so wide to either side; of a single straight line that is known exactly.
    pub fn stroked(&self, half: f64) -> Covered {
        let bounds = self.bounds.wider(half);
        let [from, to] = *self.outline.as_slice() else { return Covered { outline: Vec::new(), bounds, whole: false } };
        let way = to.plus(from, -1.0);
        let aside = Point::new(-way.y, way.x);
        let by = half / way.length().max(1.0);
        let outline = vec![from.plus(aside, by), to.plus(aside, by), to.plus(aside, -by), from.plus(aside, -by)];
        Covered { outline, bounds, whole: self.whole }
    }
}

impl Part {
    fn covered(&self, few: bool) -> Option<Covered> {
        const MOST_CORNERS: usize = 64;
        let bounds = Bounds::around(self.points.iter().copied())?;
        let straight = self.points.len().saturating_sub(1 + self.curves);
        // Rounded corners cut off less than what their ends leave.
        let whole = few && self.points.len() <= MOST_CORNERS && (self.curves == 0 || self.curves <= 4 && straight >= 3);
        Some(Covered { outline: if whole { self.points.clone() } else { Vec::new() }, bounds, whole })
    }
}

/// A filled sliver as its middle line.
fn thin(bounds: &Bounds) -> Option<Stroke> {
    let Point { x, y } = bounds.centre();
    if bounds.height() <= THIN && bounds.width() > bounds.height() {
        Some(Stroke { from: Point::new(bounds.left, y), to: Point::new(bounds.right, y) })
    } else if bounds.width() <= THIN && bounds.height() > bounds.width() {
        Some(Stroke { from: Point::new(x, bounds.top), to: Point::new(x, bounds.bottom) })
    } else {
        None
    }
}

fn outline(part: &Part, bounds: Bounds, drawn: &mut Drawn) {
    let ends_meet = part.points.first().zip(part.points.last()).is_some_and(|(a, b)| a.plus(*b, -1.0).length() < 5.0);
    let closed = part.closed || ends_meet && part.points.len() > 4;
    let corners = part.points.len() - usize::from(ends_meet && part.points.len() > 1);
    if closed && corners == 4 && BOX.contains(&bounds.width()) && BOX.contains(&bounds.height()) {
        let ratio = bounds.width() / bounds.height();
        if (0.8..1.25).contains(&ratio) {
            drawn.squares.push(bounds);
        }
    }
    for pair in part.points.windows(2) {
        if let [from, to] = pair {
            drawn.strokes.push(Stroke { from: *from, to: *to });
        }
    }
    if part.closed
        && let (Some(first), Some(last)) = (part.points.first(), part.points.last())
        && part.points.len() > 2
    {
        drawn.strokes.push(Stroke { from: *last, to: *first });
    }
}

/// A closed curve of the size of a ring. Rounded rectangles have straight sides as well and are no rings.
fn ring(part: &Part, bounds: Bounds, colour: Option<Colour>, drawn: &mut Drawn) {
    let straight = part.points.len().saturating_sub(1 + part.curves);
    let ends_meet = part.points.first().zip(part.points.last()).is_some_and(|(a, b)| a.plus(*b, -1.0).length() < 15.0);
    if part.curves >= 2 && straight <= 1 && (part.closed || ends_meet) && RING.contains(&bounds.width()) && RING.contains(&bounds.height())
    {
        drawn.loops.push(Loop { bounds, red: colour.is_some_and(|colour| colour.is_red()) });
    } else if straight > 1 {
        outline(part, bounds, drawn);
    }
}
