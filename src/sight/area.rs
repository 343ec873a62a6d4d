//! Rectangles on pages, and how an upright page lies in its file.
//!
//! Owns the geometry. Never asks what lies in a rectangle.

use serde::{Deserialize, Serialize};

/// A rectangle on a page, origin top left. While a page is read and searched, in the units of the upright page
/// (see [`crate::page::Page`]); where a place is told, in those of the page as it stands in its file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Area {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Area {
    pub fn new(left: i32, top: i32, right: i32, bottom: i32) -> Self {
        Area { left, top, right, bottom }
    }

    pub fn width(&self) -> i32 {
        self.right - self.left
    }

    pub fn height(&self) -> i32 {
        self.bottom - self.top
    }

    /// The middle, as `(x, y)`.
    pub fn centre(&self) -> (i32, i32) {
        ((self.left + self.right) / 2, (self.top + self.bottom) / 2)
    }

    pub fn contains(&self, (x, y): (i32, i32)) -> bool {
        (self.left..self.right).contains(&x) && (self.top..self.bottom).contains(&y)
    }

    pub fn union(&self, other: &Area) -> Area {
        Area {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// Larger on every side.
    pub fn grown(&self, across: i32, down: i32) -> Area {
        Area::new(self.left - across, self.top - down, self.right + across, self.bottom + down)
    }

    /// The shared rectangle, or `None` when they do not touch.
    pub fn intersection(&self, other: &Area) -> Option<Area> {
        let shared = Area {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        };
        (shared.width() > 0 && shared.height() > 0).then_some(shared)
    }

    /// Overlap of the vertical extents as thousandths of the lower of the two.
    pub fn row_overlap(&self, other: &Area) -> i32 {
        let shared = self.bottom.min(other.bottom) - self.top.max(other.top);
        1000 * shared.max(0) / self.height().min(other.height()).max(1)
    }

    /// Overlap of the horizontal extents as thousandths of the narrower of the two.
    pub fn column_overlap(&self, other: &Area) -> i32 {
        let shared = self.right.min(other.right) - self.left.max(other.left);
        1000 * shared.max(0) / self.width().min(other.width()).max(1)
    }
}

/// How an upright page lies in its file: an affine map from the units of the page as it was read to those of the page
/// as it stands in the file. In parts of 65,536, so that it is the same on every machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Frame {
    /// `x' = across[0] x + across[1] y + across[2]`.
    across: [i64; 3],
    /// `y' = down[0] x + down[1] y + down[2]`.
    down: [i64; 3],
}

const ONE: f64 = 65_536.0;

impl Default for Frame {
    /// The page as it stands in the file.
    fn default() -> Self {
        Frame::new([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    }
}

impl Frame {
    pub fn new(across: [f64; 3], down: [f64; 3]) -> Self {
        let fixed = |value: f64| (value * ONE).round() as i64;
        Frame { across: across.map(fixed), down: down.map(fixed) }
    }

    /// From a page of one size, turned upright by clockwise `quarters`, back to how it lay; `size` is that of the upright page.
    pub fn turned_back(quarters: u8, (width, height): (f64, f64)) -> Self {
        match quarters % 4 {
            1 => Frame::new([0.0, 1.0, 0.0], [-1.0, 0.0, width]),
            2 => Frame::new([-1.0, 0.0, width], [0.0, -1.0, height]),
            3 => Frame::new([0.0, -1.0, height], [1.0, 0.0, 0.0]),
            _ => Frame::default(),
        }
    }

    /// From a page of one size to the same page at another.
    pub fn stretched(from: (f64, f64), to: (f64, f64)) -> Self {
        let ratio = |to: f64, from: f64| if from > 0.0 { to / from } else { 1.0 };
        Frame::new([ratio(to.0, from.0), 0.0, 0.0], [0.0, ratio(to.1, from.1), 0.0])
    }

    /// Moved to the right and down.
    pub fn shifted(self, x: f64, y: f64) -> Self {
        self.then(&Frame::new([1.0, 0.0, x], [0.0, 1.0, y]))
    }

    /// First `self`, then `next`.
    pub fn then(&self, next: &Frame) -> Frame {
        let row = |n: [i64; 3]| {
            let part = |k: usize| i128::from(n[0]) * i128::from(self.across[k]) + i128::from(n[1]) * i128::from(self.down[k]);
            let fixed = |value: i128| ((value + 32_768) >> 16).clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
            [fixed(part(0)), fixed(part(1)), fixed(part(2)).saturating_add(n[2])]
        };
        Frame { across: row(next.across), down: row(next.down) }
    }

    pub fn point(&self, x: i32, y: i32) -> (i32, i32) {
        let at = |row: [i64; 3]| {
            let sum = i128::from(row[0]) * i128::from(x) + i128::from(row[1]) * i128::from(y) + i128::from(row[2]);
            // Where differences of coordinates cannot overflow.
            ((sum + 32_768) >> 16).clamp(-500_000_000, 500_000_000) as i32
        };
        (at(self.across), at(self.down))
    }

    /// The rectangle around a rectangle that lies askew or turned in the file.
    pub fn area(&self, area: &Area) -> Area {
        let corners = [(area.left, area.top), (area.right, area.top), (area.right, area.bottom), (area.left, area.bottom)]
            .map(|(x, y)| self.point(x, y));
        let (x, y) = (corners.map(|corner| corner.0), corners.map(|corner| corner.1));
        let least = |values: [i32; 4]| values.into_iter().min().unwrap_or_default();
        let most = |values: [i32; 4]| values.into_iter().max().unwrap_or_default();
        Area::new(least(x), least(y), most(x), most(y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_are_measured_against_the_smaller_rectangle() {
        let tall = Area::new(0, 0, 10, 100);
        let low = Area::new(20, 50, 30, 60);
        assert_eq!(tall.row_overlap(&low), 1000);
        assert_eq!(tall.column_overlap(&low), 0);
        assert_eq!(tall.intersection(&low), None);
        assert_eq!(tall.union(&low), Area::new(0, 0, 30, 100));
    }

    #[test]
    fn a_turned_page_is_turned_back() {
        // A page of 30 by 20 in its file has a mark at its top left.
        let mark = Area::new(1, 2, 4, 4);
        for (quarters, upright, size) in [
            (0, mark, (30.0, 20.0)),
            (1, Area::new(16, 1, 18, 4), (20.0, 30.0)),
            (2, Area::new(26, 16, 29, 18), (30.0, 20.0)),
            (3, Area::new(2, 26, 4, 29), (20.0, 30.0)),
        ] {
            assert_eq!(Frame::turned_back(quarters, size).area(&upright), mark, "{quarters}");
        }
    }

    #[test]
    fn frames_follow_one_another() {
        let frame = Frame::stretched((10.0, 10.0), (20.0, 5.0)).shifted(3.0, 1.0);
        assert_eq!(frame.point(4, 4), (11, 3));
        assert_eq!(frame.then(&Frame::turned_back(2, (100.0, 50.0))).point(4, 4), (89, 47));
        let far = Frame::stretched((1.0, 1.0), (1e12, 1e12)).then(&Frame::stretched((1.0, 1.0), (1e12, 1e12)));
        assert_eq!(far.point(i32::MAX, 0), (500_000_000, 0));
    }
}
