//! How the page lies: on its side, and by how much askew.
//!
//! Owns turning and straightening. Whether it stands on its head is told by reading it, which is not done here.

use crate::paper::blobs::Blob;
use crate::picture::Grey;
use crate::scale::nearest;

/// A page further askew than this was not fed by a scanner.
const STEEPEST: f32 = 6.0;
/// Darker than this is ink.
const INK: u8 = 140;

/// Turned clockwise by a quarter, `quarters` times.
pub fn turned(grey: &Grey, quarters: u8) -> Grey {
    let (w, h) = (grey.width, grey.height);
    match quarters % 4 {
        1 => {
            let mut pixels = Vec::with_capacity(w * h);
            (0..w).for_each(|x| pixels.extend((0..h).rev().map(|y| grey.pixels[y * w + x])));
            Grey { width: h, height: w, pixels }
        }
        2 => Grey { width: w, height: h, pixels: grey.pixels.iter().rev().copied().collect() },
        3 => turned(&turned(grey, 2), 1),
        _ => grey.clone(),
    }
}

/// Whether lines of text run up or down: a character's nearest neighbour stands beside it, not above it.
pub fn on_its_side(blobs: &[Blob]) -> bool {
    let mut glyphs: Vec<&Blob> = blobs.iter().filter(|b| b.side() >= 8 && b.side() <= 80 && b.pixels >= 20).collect();
    glyphs.sort_by_key(|b| b.area.top);
    let (mut beside, mut above) = (0u32, 0u32);
    for (n, glyph) in glyphs.iter().enumerate() {
        let (x, y) = glyph.area.centre();
        let reach = 3 * glyph.side();
        let distance = |other: &&Blob| {
            let (ox, oy) = other.area.centre();
            ((ox - x).abs().max((oy - y).abs()), (ox - x).abs() > (oy - y).abs())
        };
        let later = glyphs[n + 1..].iter().take_while(|o| o.area.top - glyph.area.top <= reach + 80);
        let earlier = glyphs[..n].iter().rev().take_while(|o| glyph.area.top - o.area.top <= reach + 80);
        let alike = |o: &&&Blob| 2 * o.side() >= glyph.side() && o.side() <= 2 * glyph.side();
        // Parts of one character lie within half its size.
        let near = later.chain(earlier).filter(alike).map(distance).filter(|(d, _)| 2 * d > glyph.side()).min();
        match near {
            Some((d, true)) if d <= reach => beside += 1,
            Some((d, false)) if d <= reach => above += 1,
            _ => {}
        }
    }
    above > beside
}

/// Degrees by which the page is turned clockwise against its lines; 0 where nothing tells.
pub fn skew(grey: &Grey) -> f32 {
    // Upper edges alone: every ruled line and every row of text has one, and thick ones count no more than thin ones.
    let mut points = Vec::new();
    for y in 1..grey.height {
        for x in (0..grey.width).step_by(2) {
            if grey.pixels[y * grey.width + x] < INK && grey.pixels[(y - 1) * grey.width + x] >= INK {
                points.push((x as f32 - grey.width as f32 / 2.0, y as f32));
            }
        }
    }
    if points.len() < 100 {
        return 0.0;
    }
    let mut counts = vec![0u32; grey.height + grey.width / 4 + 4];
    let mut best = |from: f32, to: f32, step: f32, points: &[(f32, f32)]| {
        let (mut angle, mut score) = (0.0, 0u64);
        let count = ((to - from) / step).round() as i32;
        for n in 0..=count {
            let tried = from + n as f32 * step;
            let slope = tried.to_radians().tan();
            counts.iter_mut().for_each(|c| *c = 0);
            let margin = grey.width as f32 / 8.0 + 1.0;
            for (x, y) in points {
                let row = y - slope * x + margin;
                if row >= 0.0 && (row as usize) < counts.len() {
                    counts[row as usize] += 1;
                }
            }
            let sum: u64 = counts.iter().map(|c| u64::from(*c) * u64::from(*c)).sum();
            if sum > score {
                (angle, score) = (tried, sum);
            }
        }
        angle
    };
    let few: Vec<_> = points.iter().copied().step_by(points.len().div_ceil(20_000)).collect();
    let coarse = best(-STEEPEST, STEEPEST, 0.25, &few);
    let finer = best(coarse - 0.3, coarse + 0.3, 0.05, &few);
    best(finer - 0.06, finer + 0.06, 0.02, &points)
}

/// The page turned back by `degrees` around its middle; what comes in from outside is `paper`.
pub fn straightened(grey: &Grey, degrees: f32, paper: u8) -> Grey {
    if degrees.abs() < 0.02 {
        return grey.clone();
    }
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (w, h) = (grey.width as i32, grey.height as i32);
    let (cx, cy) = (w as f32 / 2.0, h as f32 / 2.0);
    // Where a pixel comes from, in fixed point with eight bits, the same on every machine.
    let source = |x: i32, y: i32| {
        let (dx, dy) = (x as f32 - cx, y as f32 - cy);
        (nearest((cx + dx * cos - dy * sin) * 256.0), nearest((cy + dx * sin + dy * cos) * 256.0))
    };
    let even = Even::of(grey);
    let mut pixels = Vec::with_capacity(grey.pixels.len());
    for y in 0..h {
        for from in (0..w).step_by(TILE) {
            let to = (from + TILE as i32).min(w);
            if let Some(shade) = even.between(source(from, y), source(to - 1, y)) {
                pixels.resize(pixels.len() + (to - from) as usize, shade);
                continue;
            }
            pixels.extend((from..to).map(|x| mixed(grey, source(x, y)).unwrap_or(paper)));
        }
    }
    Grey { width: grey.width, height: grey.height, pixels }
}

/// What stands at a point between four pixels; nothing where one of them lies outside.
fn mixed(grey: &Grey, (sx, sy): (i32, i32)) -> Option<u8> {
    let (w, h) = (grey.width as i32, grey.height as i32);
    let (ix, iy, fx, fy) = (sx >> 8, sy >> 8, sx & 255, sy & 255);
    if ix < 0 || iy < 0 || ix + 1 >= w || iy + 1 >= h {
        return None;
    }
    let at = (iy * w + ix) as usize;
    let (row, next) = (&grey.pixels[at..at + 2], &grey.pixels[at + grey.width..at + grey.width + 2]);
    let top = i32::from(row[0]) * (256 - fx) + i32::from(row[1]) * fx;
    let bottom = i32::from(next[0]) * (256 - fx) + i32::from(next[1]) * fx;
    Some(((top * (256 - fy) + bottom * fy) >> 16) as u8)
}

/// Side of the squares that are looked at together.
const TILE: usize = 16;

/// The squares of a picture in which all pixels are alike: most of a page.
struct Even {
    size: (i32, i32),
    columns: usize,
    shades: Vec<Option<u8>>,
}

impl Even {
    fn of(grey: &Grey) -> Self {
        let columns = grey.width.div_ceil(TILE);
        let mut shades = Vec::with_capacity(columns * grey.height.div_ceil(TILE));
        for rows in grey.pixels.chunks(grey.width.max(1) * TILE) {
            for left in (0..grey.width).step_by(TILE) {
                let right = (left + TILE).min(grey.width);
                let shade = rows[left];
                let alike = rows.chunks_exact(grey.width).all(|row| row[left..right].iter().fold(true, |so_far, p| so_far & (*p == shade)));
                shades.push(alike.then_some(shade));
            }
        }
        Even { size: (grey.width as i32, grey.height as i32), columns, shades }
    }

    /// The shade of all pixels that the points on the way from one to another are mixed of, where it is one and they lie in the picture.
    fn between(&self, a: (i32, i32), b: (i32, i32)) -> Option<u8> {
        let (left, right) = (a.0.min(b.0) >> 8, (a.0.max(b.0) >> 8) + 1);
        let (top, bottom) = (a.1.min(b.1) >> 8, (a.1.max(b.1) >> 8) + 1);
        if left < 0 || top < 0 || right >= self.size.0 || bottom >= self.size.1 {
            return None;
        }
        let square = |at: i32| at as usize / TILE;
        let row = |row: usize| self.shades.get(row * self.columns + square(left)..=row * self.columns + square(right));
        let shade = row(square(top))?.first().copied()??;
        let alike = |n: usize| row(n).is_some_and(|shades| shades.iter().all(|other| *other == Some(shade)));
        (square(top)..=square(bottom)).all(alike).then_some(shade)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::blobs;

    fn page(width: usize, height: usize) -> Grey {
        Grey { width, height, pixels: vec![255; width * height] }
    }

    fn fill(grey: &mut Grey, left: usize, top: usize, right: usize, bottom: usize) {
        (top..bottom).for_each(|y| grey.pixels[y * grey.width + left..y * grey.width + right].fill(0));
    }

    #[test]
    fn even_squares_are_passed_over_and_edges_are_not() {
        let mut grey = page(90, 70);
        fill(&mut grey, 70, 0, 90, 70);
        fill(&mut grey, 20, 30, 23, 60);
        let even = Even::of(&grey);
        let at = |x: i32, y: i32| (x << 8, y << 8);
        assert_eq!(even.between(at(2, 40), at(17, 41)), None, "a stroke stands in the second square");
        assert_eq!(even.between(at(34, 2), at(46, 3)), Some(255));
        assert_eq!(even.between(at(81, 2), at(88, 3)), Some(0));
        assert_eq!(even.between(at(81, 2), at(89, 3)), None, "beside the last pixel lies none");
        assert_eq!(even.between(at(2, 68), at(10, 69)), None);
        assert_eq!(even.between((-1, 512), at(10, 3)), None);
        for (a, b) in [(at(34, 2), at(46, 3)), (at(81, 2), at(88, 3)), (at(34, 65), at(44, 60))] {
            let said = even.between(a, b).unwrap_or_else(|| panic!("{a:?}"));
            assert!([a, b].iter().all(|point| mixed(&grey, (point.0 + 77, point.1 + 3)) == Some(said)));
        }
    }

    #[test]
    fn four_quarters_are_none() {
        let grey = Grey { width: 3, height: 2, pixels: vec![1, 2, 3, 4, 5, 6] };
        assert_eq!(turned(&grey, 1), Grey { width: 2, height: 3, pixels: vec![4, 1, 5, 2, 6, 3] });
        assert_eq!(turned(&turned(&grey, 3), 1), grey);
        assert_eq!(turned(&turned(&grey, 1), 3), grey);
    }

    #[test]
    fn rows_of_characters_tell_the_side() {
        let mut grey = page(600, 600);
        for row in 0..5 {
            for column in 0..15 {
                fill(&mut grey, 30 + column * 30, 40 + row * 80, 50 + column * 30, 62 + row * 80);
            }
        }
        let ink = |grey: &Grey| blobs::find(&blobs::Mask::darker(grey, INK));
        assert!(!on_its_side(&ink(&grey)));
        assert!(on_its_side(&ink(&turned(&grey, 1))));
    }

    #[test]
    fn a_skewed_page_is_set_straight_within_a_twentieth_of_a_degree() {
        let mut grey = page(900, 900);
        (0..12).for_each(|row| fill(&mut grey, 60, 80 + row * 60, 840, 83 + row * 60));
        for askew in [-3.1f32, -0.4, 0.0, 0.7, 4.2] {
            let skewed = straightened(&grey, -askew, 255);
            let found = skew(&skewed);
            assert!((found - askew).abs() <= 0.08, "{askew}: {found}");
            assert!(skew(&straightened(&skewed, found, 255)).abs() <= 0.08);
        }
    }
}
