//! From the detector's map of probabilities to rectangles.
//!
//! Owns the thresholds of the detector. Knows nothing of grids.

use crate::area::Area;
use crate::picture::Grey;
use crate::scale;

/// Longest side of the detector's input: a line of 10 points is nine pixels high. At 960 it costs seven tenths more and finds no field more.
const SIDE: usize = 736;
/// A pixel belongs to text from here on.
const PIXEL: f32 = 0.3;
/// A rectangle is text when its pixels reach this on average.
const BOX: f32 = 0.5;
/// The network marks the core of a line; the line is larger by this.
const UNCLIP: f32 = 1.6;

/// A page scaled for the detector.
pub struct Input {
    pub width: usize,
    pub height: usize,
    pub values: Vec<f32>,
}

impl Input {
    pub fn of(page: &Grey) -> Self {
        let scale = (SIDE as f32 / page.width.max(page.height).max(1) as f32).min(1.0);
        let side = |length: usize| (((length as f32 * scale) / 32.0).round() as usize).max(1) * 32;
        let (width, height) = (side(page.width), side(page.height));
        Input { width, height, values: scale::sampled(page, width, height) }
    }
}

/// Rectangles in pixels of a page of `page` size from the map of a `width` by `height` input.
pub fn boxes(map: &[f32], width: usize, height: usize, page: (usize, usize)) -> Vec<Area> {
    if map.len() < width * height {
        return Vec::new();
    }
    let mut seen = vec![false; width * height];
    let mut found = Vec::new();
    let mut stack = Vec::new();
    for start in 0..width * height {
        if seen[start] || map[start] <= PIXEL {
            continue;
        }
        seen[start] = true;
        stack.push(start);
        let (mut left, mut right, mut top, mut bottom) = (width, 0, height, 0);
        let (mut sum, mut count) = (0.0f32, 0u32);
        while let Some(at) = stack.pop() {
            let (x, y) = (at % width, at / width);
            (left, right, top, bottom) = (left.min(x), right.max(x + 1), top.min(y), bottom.max(y + 1));
            sum += map[at];
            count += 1;
            for (nx, ny) in [(x.wrapping_sub(1), y), (x + 1, y), (x, y.wrapping_sub(1)), (x, y + 1)] {
                if nx < width && ny < height && !seen[ny * width + nx] && map[ny * width + nx] > PIXEL {
                    seen[ny * width + nx] = true;
                    stack.push(ny * width + nx);
                }
            }
        }
        let (w, h) = ((right - left) as f32, (bottom - top) as f32);
        if w.min(h) < 3.0 || sum / (count as f32) < BOX {
            continue;
        }
        let grow = w * h * UNCLIP / (2.0 * (w + h));
        let (sx, sy) = (page.0 as f32 / width as f32, page.1 as f32 / height as f32);
        found.push(Area::new(
            (((left as f32 - grow) * sx) as i32).max(0),
            (((top as f32 - grow) * sy) as i32).max(0),
            (((right as f32 + grow) * sx) as i32).min(page.0 as i32),
            (((bottom as f32 + grow) * sy) as i32).min(page.1 as i32),
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_grows_to_its_line_and_noise_is_dropped() {
        let (width, height) = (64, 32);
        let mut map = vec![0.0; width * height];
        (10..16).for_each(|y| (8..48).for_each(|x| map[y * width + x] = 0.9));
        map[30 * width + 60] = 0.9;
        let found = boxes(&map, width, height, (128, 64));
        assert_eq!(found.len(), 1);
        assert!(found[0].left < 16 && found[0].right > 96 && found[0].top < 20 && found[0].bottom > 32, "{found:?}");
    }
}
