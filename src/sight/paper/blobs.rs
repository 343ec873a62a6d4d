//! Connected ink.
//!
//! Owns the mask of ink and its components. Never asks what they mean.

use crate::area::Area;
use crate::picture::Grey;

/// Which pixels are ink.
#[derive(Clone)]
pub struct Mask {
    pub width: usize,
    pub height: usize,
    pub bits: Vec<bool>,
}

impl Mask {
    pub fn darker(grey: &Grey, than: u8) -> Self {
        Mask { width: grey.width, height: grey.height, bits: grey.pixels.iter().map(|p| *p < than).collect() }
    }

    pub fn at(&self, x: i32, y: i32) -> bool {
        x >= 0 && y >= 0 && (x as usize) < self.width && (y as usize) < self.height && self.bits[y as usize * self.width + x as usize]
    }

    /// How many pixels of the area are ink.
    pub fn count(&self, area: &Area) -> usize {
        let Some((left, right)) = self.columns(area) else { return 0 };
        self.rows(area).map(|y| self.bits[y * self.width + left..y * self.width + right].iter().filter(|b| **b).count()).sum()
    }

    /// Takes all ink off the area.
    pub fn clear(&mut self, area: &Area) {
        let Some((left, right)) = self.columns(area) else { return };
        self.rows(area).for_each(|y| self.bits[y * self.width + left..y * self.width + right].fill(false));
    }

    /// Ink pixels of each row of the area.
    pub fn row_profile(&self, area: &Area) -> Vec<usize> {
        let Some((left, right)) = self.columns(area) else { return vec![0; area.height().max(0) as usize] };
        self.rows(area).map(|y| self.bits[y * self.width + left..y * self.width + right].iter().filter(|b| **b).count()).collect()
    }

    /// The smallest rectangle around the ink within the area.
    pub fn tight(&self, area: &Area) -> Option<Area> {
        let (left, right) = self.columns(area)?;
        let mut found: Option<Area> = None;
        for y in self.rows(area) {
            let line = &self.bits[y * self.width + left..y * self.width + right];
            let Some(first) = line.iter().position(|b| *b) else { continue };
            let last = line.iter().rposition(|b| *b).unwrap_or(first);
            let row = Area::new((left + first) as i32, y as i32, (left + last + 1) as i32, y as i32 + 1);
            found = Some(found.map_or(row, |all| all.union(&row)));
        }
        found
    }

    fn columns(&self, area: &Area) -> Option<(usize, usize)> {
        let left = area.left.max(0) as usize;
        let right = (area.right.max(0) as usize).min(self.width);
        (left < right).then_some((left, right))
    }

    fn rows(&self, area: &Area) -> std::ops::Range<usize> {
        (area.top.max(0) as usize)..(area.bottom.max(0) as usize).min(self.height)
    }
}

/// A run of ink: row, first column, column after the last.
pub type Run = (i32, i32, i32);

/// Ink that hangs together.
#[derive(Clone, Debug)]
pub struct Blob {
    pub area: Area,
    pub pixels: usize,
    pub runs: Vec<Run>,
}

impl Blob {
    /// The longer side.
    pub fn side(&self) -> i32 {
        self.area.width().max(self.area.height())
    }
}

/// All components, corners touching counted as touching, ordered by their first pixel.
pub fn find(mask: &Mask) -> Vec<Blob> {
    let mut runs: Vec<Run> = Vec::new();
    let mut parent: Vec<usize> = Vec::new();
    let mut previous = 0..0;
    for y in 0..mask.height {
        let line = &mask.bits[y * mask.width..(y + 1) * mask.width];
        let begin = runs.len();
        let mut above = previous.start;
        let mut x = 0;
        while x < mask.width {
            if !line[x] {
                x += 1;
                continue;
            }
            let start = x;
            while x < mask.width && line[x] {
                x += 1;
            }
            let n = runs.len();
            runs.push((y as i32, start as i32, x as i32));
            parent.push(n);
            while above < previous.end && runs[above].2 < start as i32 {
                above += 1;
            }
            let mut touching = above;
            while touching < previous.end && runs[touching].1 <= x as i32 {
                join(&mut parent, touching, n);
                touching += 1;
            }
        }
        previous = begin..runs.len();
    }
    let mut place = vec![usize::MAX; runs.len()];
    let mut blobs: Vec<Blob> = Vec::new();
    for (n, run) in runs.iter().enumerate() {
        let root = root(&mut parent, n);
        let (y, start, end) = *run;
        let area = Area::new(start, y, end, y + 1);
        if place[root] == usize::MAX {
            place[root] = blobs.len();
            blobs.push(Blob { area, pixels: 0, runs: Vec::new() });
        }
        let blob = &mut blobs[place[root]];
        blob.area = blob.area.union(&area);
        blob.pixels += (end - start) as usize;
        blob.runs.push(*run);
    }
    blobs
}

fn root(parent: &mut [usize], mut n: usize) -> usize {
    while parent[n] != n {
        parent[n] = parent[parent[n]];
        n = parent[n];
    }
    n
}

/// The earlier run becomes the root.
fn join(parent: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parent, a), root(parent, b));
    parent[a.max(b)] = a.min(b);
}

#[cfg(test)]
impl Mask {
    /// Ink wherever `f` says so of a pixel's column and row.
    pub fn drawn(width: usize, height: usize, f: impl Fn(f32, f32) -> bool) -> Mask {
        Mask { width, height, bits: (0..width * height).map(|n| f((n % width) as f32, (n / width) as f32)).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_horseshoe_is_one_and_strangers_are_two() {
        let picture = ["#.#..", "#.#..", "###.#"];
        let bits = picture.iter().flat_map(|row| row.chars().map(|c| c == '#')).collect();
        let blobs = find(&Mask { width: 5, height: 3, bits });
        assert_eq!(blobs.iter().map(|b| (b.area, b.pixels)).collect::<Vec<_>>(), [(Area::new(0, 0, 3, 3), 7), (Area::new(4, 2, 5, 3), 1)]);
    }
}
