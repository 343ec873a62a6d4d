//! Points and matrices of a page. Owns the arithmetic, knows nothing of files.

#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

impl Point {
    pub fn new(x: f64, y: f64) -> Self {
        Point { x, y }
    }

    pub fn plus(self, other: Point, times: f64) -> Point {
        Point::new(self.x + other.x * times, self.y + other.y * times)
    }

    pub fn dot(self, other: Point) -> f64 {
        self.x * other.x + self.y * other.y
    }

    pub fn length(self) -> f64 {
        self.x.hypot(self.y)
    }
}

/// An affine map of row vectors, as PDF writes it: `x' = a x + c y + e`, `y' = b x + d y + f`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Matrix {
    pub a: f64,
    pub b: f64,
    pub c: f64,
    pub d: f64,
    pub e: f64,
    pub f: f64,
}

impl Matrix {
    pub const IDENTITY: Matrix = Matrix { a: 1.0, b: 0.0, c: 0.0, d: 1.0, e: 0.0, f: 0.0 };

    pub fn new([a, b, c, d, e, f]: [f64; 6]) -> Self {
        Matrix { a, b, c, d, e, f }
    }

    pub fn shift(x: f64, y: f64) -> Self {
        Matrix { e: x, f: y, ..Matrix::IDENTITY }
    }

    /// First `self`, then `next`.
    pub fn then(&self, next: &Matrix) -> Matrix {
        Matrix {
            a: self.a * next.a + self.b * next.c,
            b: self.a * next.b + self.b * next.d,
            c: self.c * next.a + self.d * next.c,
            d: self.c * next.b + self.d * next.d,
            e: self.e * next.a + self.f * next.c + next.e,
            f: self.e * next.b + self.f * next.d + next.f,
        }
    }

    pub fn apply(&self, point: Point) -> Point {
        Point::new(self.a * point.x + self.c * point.y + self.e, self.b * point.x + self.d * point.y + self.f)
    }

    /// The map of a difference of points.
    pub fn turn(&self, point: Point) -> Point {
        Point::new(self.a * point.x + self.c * point.y, self.b * point.x + self.d * point.y)
    }
}

/// A rectangle with sides along the axes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bounds {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Bounds {
    /// The smallest rectangle around the points; `None` for none.
    pub fn around(points: impl IntoIterator<Item = Point>) -> Option<Bounds> {
        points.into_iter().fold(None, |bounds: Option<Bounds>, point| {
            Some(match bounds {
                None => Bounds { left: point.x, top: point.y, right: point.x, bottom: point.y },
                Some(old) => Bounds {
                    left: old.left.min(point.x),
                    top: old.top.min(point.y),
                    right: old.right.max(point.x),
                    bottom: old.bottom.max(point.y),
                },
            })
        })
    }

    /// The rectangle around a rectangle that went through a map.
    pub fn mapped(&self, matrix: &Matrix) -> Bounds {
        let corners = [(self.left, self.top), (self.right, self.top), (self.right, self.bottom), (self.left, self.bottom)];
        Bounds::around(corners.map(|(x, y)| matrix.apply(Point::new(x, y)))).unwrap_or(*self)
    }

    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub fn centre(&self) -> Point {
        Point::new((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0)
    }

    pub fn contains(&self, point: Point) -> bool {
        point.x >= self.left && point.x <= self.right && point.y >= self.top && point.y <= self.bottom
    }

    /// What lies in both; inside out where nothing does.
    pub fn both(&self, other: &Bounds) -> Bounds {
        Bounds {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }

    /// The smallest rectangle around both.
    pub fn around_both(&self, other: &Bounds) -> Bounds {
        Bounds {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    pub fn wider(&self, by: f64) -> Bounds {
        Bounds { left: self.left - by, top: self.top - by, right: self.right + by, bottom: self.bottom + by }
    }

    /// The area shared with another rectangle.
    pub fn shared(&self, other: &Bounds) -> f64 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - self.top.max(other.top);
        width.max(0.0) * height.max(0.0)
    }

    pub fn area(&self) -> crate::domain::place::Area {
        crate::domain::place::Area::new(whole(self.left), whole(self.top), whole(self.right), whole(self.bottom))
    }
}

/// To whole units, kept where sums and differences of coordinates cannot overflow.
pub fn whole(value: f64) -> i32 {
    const FAR: f64 = 500_000_000.0;
    if value.is_nan() { 0 } else { value.clamp(-FAR, FAR).round() as i32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_follow_one_another() {
        let double = Matrix::new([2.0, 0.0, 0.0, 2.0, 0.0, 0.0]);
        let there = double.then(&Matrix::shift(3.0, 4.0));
        assert_eq!(there.apply(Point::new(1.0, 1.0)), Point::new(5.0, 6.0));
        assert_eq!(there.turn(Point::new(1.0, 1.0)), Point::new(2.0, 2.0));
    }

    #[test]
    fn far_coordinates_stay_numbers() {
        assert_eq!(whole(f64::NAN), 0);
        assert_eq!(whole(f64::INFINITY), 500_000_000);
    }
}
