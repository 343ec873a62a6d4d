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

/// The network takes sides that are multiples of this.
const STEP: usize = 32;
/// Paper is lighter than this, also where a faint hair runs through a pixel of the input.
const PAPER: f32 = 0.85;
/// So much paper is left about what is printed.
const MARGIN: usize = 24;

/// The part of a scaled page that the detector looks at: without the paper around what is printed.
pub struct Input {
    /// Of the whole page.
    size: (usize, usize),
    /// Where the part that is looked at begins, and its size.
    corner: (usize, usize),
    pub width: usize,
    pub height: usize,
}

impl Input {
    /// What is looked at of a page, and its values row by row.
    pub fn of(page: &Grey) -> (Self, Vec<f32>) {
        let scale = (SIDE as f32 / page.width.max(page.height).max(1) as f32).min(1.0);
        let side = |length: usize| (((length as f32 * scale) / STEP as f32).round() as usize).max(1) * STEP;
        let size = (side(page.width), side(page.height));
        let whole = scale::sampled(page, size.0, size.1);
        let rows: Vec<&[f32]> = whole.chunks_exact(size.0).collect();
        let printed = |value: &f32| *value < PAPER;
        let (top, height) = part(size.1, |y| rows[y].iter().any(printed));
        let (left, width) = part(size.0, |x| rows.iter().any(|row| printed(&row[x])));
        let values = rows[top..top + height].iter().flat_map(|row| &row[left..left + width]).copied().collect();
        (Input { size, corner: (left, top), width, height }, values)
    }
}

/// Where the part of a side begins that has anything on it, and its length, a multiple of the step.
fn part(side: usize, is_printed: impl Fn(usize) -> bool) -> (usize, usize) {
    let first = (0..side).find(|at| is_printed(*at)).unwrap_or(0).saturating_sub(MARGIN);
    let last = (0..side).rfind(|at| is_printed(*at)).map_or(0, |at| at + 1 + MARGIN);
    let length = last.saturating_sub(first).max(1).next_multiple_of(STEP).min(side);
    (first.min(side - length), length)
}

/// Rectangles in pixels of a page of `page` size from the map of an input.
pub fn boxes(map: &[f32], input: &Input, page: (usize, usize)) -> Vec<Area> {
    let (width, height) = (input.width, input.height);
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
        let (sx, sy) = (page.0 as f32 / input.size.0 as f32, page.1 as f32 / input.size.1 as f32);
        let x = |at: usize, grow: f32| ((input.corner.0 + at) as f32 + grow) * sx;
        let y = |at: usize, grow: f32| ((input.corner.1 + at) as f32 + grow) * sy;
        found.push(Area::new(
            (x(left, -grow) as i32).max(0),
            (y(top, -grow) as i32).max(0),
            (x(right, grow) as i32).min(page.0 as i32),
            (y(bottom, grow) as i32).min(page.1 as i32),
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
        let whole = Input { size: (width, height), corner: (0, 0), width, height };
        let found = boxes(&map, &whole, (128, 64));
        assert_eq!(found.len(), 1);
        assert!(found[0].left < 16 && found[0].right > 96 && found[0].top < 20 && found[0].bottom > 32, "{found:?}");
        let part = Input { size: (128, 64), corner: (32, 16), ..whole };
        let [there] = boxes(&map, &part, (256, 128))[..] else { panic!() };
        assert_eq!(there, Area::new(found[0].left + 64, found[0].top + 32, found[0].right + 64, found[0].bottom + 32));
    }

    #[test]
    fn paper_without_print_is_not_looked_at() {
        let mut page = Grey { width: 1472, height: 1088, pixels: vec![255; 1472 * 1088] };
        let ink = |page: &mut Grey, x: usize, y: usize| (0..4).for_each(|n| page.pixels[(y + n / 2) * 1472 + x + n % 2] = 0);
        ink(&mut page, 600, 400);
        ink(&mut page, 900, 500);
        let (input, values) = Input::of(&page);
        assert_eq!((input.size, input.corner), ((736, 544), (275, 175)));
        assert_eq!((input.width, input.height, values.len()), (224, 128, 224 * 128));
        assert!(values[25 * 224 + 25] < 0.0, "the first ink keeps its margin");
        ink(&mut page, 0, 0);
        ink(&mut page, 1470, 1086);
        let (input, _) = Input::of(&page);
        assert_eq!((input.corner, (input.width, input.height)), ((0, 0), input.size));
        let (blank, _) = Input::of(&Grey { pixels: vec![255; 1472 * 1088], ..page });
        assert_eq!((blank.width, blank.height), (32, 32));
    }
}
