//! Rings around chosen words, told by their pixels.
//!
//! Owns the ellipse within ink that hangs together. Never asks which word stands in it.

use crate::area::Area;
use crate::page::Permille;
use crate::page::{Mark, MarkKind};
use crate::paper::blobs::{Blob, Run};
use std::ops::RangeInclusive;

/// How wide and high a ring is, in millimetres, and how wide rings and words that hang together may be.
const WIDE: RangeInclusive<f32> = 5.0..=60.0;
const HIGH: RangeInclusive<f32> = 4.6..=30.0;
const TOGETHER: f32 = 150.0;
/// Where a component is less high than this share of its height on either side, two rings touch there, or a ring and a word.
const NECK: f32 = 0.75;
/// Half of the widest break in a ring's line, in millimetres.
const BREAK: f32 = 0.4;
/// Words that fill a ring and touch it cover less of its inside than this.
const WORDS: f32 = 0.5;

/// A ring and the ink of it that is no text.
pub struct Ring {
    pub mark: Mark,
    pub ink: Vec<Run>,
}

/// The rings in a component, which is one, or several that touch each other or a word beside them; `unit` is pixels a millimetre.
pub fn find(blob: &Blob, unit: f32) -> Vec<Ring> {
    let (width, height) = (blob.area.width() as f32 / unit, blob.area.height() as f32 / unit);
    if width > TOGETHER || !HIGH.contains(&height) {
        return Vec::new();
    }
    match ring(blob, unit) {
        Some(ring) => vec![ring],
        None => parted(blob, unit).iter().filter_map(|part| ring(part, unit)).collect(),
    }
}

/// The component cut where it is least high; nothing where it has no neck.
fn parted(blob: &Blob, unit: f32) -> Vec<Blob> {
    let left = blob.area.left;
    let mut edges = vec![(i32::MAX, i32::MIN); blob.area.width().max(0) as usize];
    for (y, from, to) in &blob.runs {
        for edge in &mut edges[(from - left) as usize..(to - left) as usize] {
            *edge = (edge.0.min(*y), edge.1.max(y + 1));
        }
    }
    // A ring's line may be broken for a hair's breadth: what is bridged is no higher than what lies on both sides of it.
    let reach = (BREAK * unit) as usize;
    let near = |values: &[i32], best: fn(i32, i32) -> i32| -> Vec<i32> {
        let window = |x: usize| values[x.saturating_sub(reach)..(x + reach + 1).min(values.len())].iter().copied().reduce(best);
        (0..values.len()).filter_map(window).collect()
    };
    let heights: Vec<i32> = edges.iter().map(|(top, bottom)| bottom.saturating_sub(*top)).collect();
    let heights = near(&near(&heights, i32::max), i32::min);
    let highest = |heights: &mut dyn Iterator<Item = &i32>| -> Vec<i32> {
        heights
            .scan(0, |most, height| {
                *most = *height.max(most);
                Some(*most)
            })
            .collect()
    };
    let (before, mut after) = (highest(&mut heights.iter()), highest(&mut heights.iter().rev()));
    after.reverse();
    let low = |x: &usize| (heights[*x] as f32) < NECK * before[*x].min(after[*x]) as f32;
    let mut cuts = vec![0];
    let mut from = 0;
    while let Some(start) = (from..heights.len()).find(low) {
        let end = (start..heights.len()).find(|x| !low(x)).unwrap_or(heights.len());
        cuts.extend((start..end).min_by_key(|x| heights[*x]));
        from = end;
    }
    cuts.push(heights.len());
    if cuts.len() == 2 {
        return Vec::new();
    }
    let wide = |cut: &&[usize]| WIDE.contains(&((cut[1] - cut[0]) as f32 / unit));
    cuts.windows(2).filter(wide).filter_map(|cut| within(blob, left + cut[0] as i32, left + cut[1] as i32)).collect()
}

/// The component's ink between two columns.
fn within(blob: &Blob, left: i32, right: i32) -> Option<Blob> {
    let runs: Vec<Run> =
        blob.runs.iter().map(|(y, from, to)| (*y, *from.max(&left), *to.min(&right))).filter(|(_, from, to)| from < to).collect();
    let area = runs.iter().map(|(y, from, to)| Area::new(*from, *y, *to, y + 1)).reduce(|sum, run| sum.union(&run))?;
    let pixels = runs.iter().map(|(_, from, to)| (to - from) as usize).sum();
    Some(Blob { area, pixels, runs })
}

/// An ellipse that follows the component's rectangle all around. A large round one is a seal's edge.
fn ring(blob: &Blob, unit: f32) -> Option<Ring> {
    let area = blob.area;
    let (a, b) = (area.width() as f32 / 2.0, area.height() as f32 / 2.0);
    let (wide, high) = (2.0 * a / unit, 2.0 * b / unit);
    if !WIDE.contains(&wide) || !HIGH.contains(&high) {
        return None;
    }
    let (cx, cy) = (area.left as f32 + a, area.top as f32 + b);
    let mut sectors = [false; 48];
    let (mut on, mut within, mut corner) = (0usize, 0usize, 0usize);
    let mut edge = Vec::new();
    for (y, from, to) in &blob.runs {
        let mut start = None;
        for x in *from..*to {
            let (dx, dy) = ((x as f32 + 0.5 - cx) / a, (*y as f32 + 0.5 - cy) / b);
            let distance = (dx * dx + dy * dy).sqrt();
            let near = (distance - 1.0).abs() <= 0.16;
            if near {
                on += 1;
                sectors[(((dy.atan2(dx) / std::f32::consts::TAU) + 0.5) * 47.999) as usize] = true;
                start.get_or_insert(x);
            } else {
                if distance > 1.16 {
                    corner += 1;
                } else {
                    within += 1;
                }
                if let Some(s) = start.take() {
                    edge.push((*y, s, x));
                }
            }
        }
        if let Some(s) = start {
            edge.push((*y, s, *to));
        }
    }
    let around = sectors.iter().filter(|s| **s).count() as f32 / 48.0;
    if around < 0.85 || corner * 10 > on {
        return None;
    }
    // A filled blot has most of its ink inside; letters that touch the line add some, and may be more than the line.
    let inside = std::f32::consts::PI * a * b * 0.84 * 0.84;
    let words = around >= 0.9 && wide >= 7.0 && (within as f32) < WORDS * inside;
    if within > on && !words {
        return None;
    }
    if within > 0 {
        // A letter touches the line: what lies farther from the ellipse than the pen is wide is the letter's.
        let far = |x: i32, y: i32| {
            let (dx, dy) = (x as f32 + 0.5 - cx, y as f32 + 0.5 - cy);
            let distance = (dx / a).hypot(dy / b).max(0.01);
            (1.0 - 1.0 / distance).abs() * dx.hypot(dy) > 0.6 * unit
        };
        edge.retain(|(y, from, to)| !far((from + to) / 2, *y));
    }
    let round = (a - b).abs() <= 0.15 * a.max(b);
    let kind = if round && 2.0 * a.min(b) >= 8.5 * unit { MarkKind::Seal } else { MarkKind::Ring };
    Some(Ring { mark: Mark { area, kind, confidence: Permille::from_ratio(around) }, ink: edge })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::blobs::{self, Mask};

    const UNIT: f32 = 8.0;

    fn kinds(f: impl Fn(f32, f32) -> bool) -> Vec<MarkKind> {
        let (width, height) = (600, 300);
        let mask = Mask { width, height, bits: (0..width * height).map(|n| f((n % width) as f32, (n / width) as f32)).collect() };
        blobs::find(&mask).iter().flat_map(|blob| find(blob, UNIT)).map(|ring| ring.mark.kind).collect()
    }

    fn ellipse(middle: f32, a: f32, b: f32) -> impl Fn(f32, f32) -> bool {
        move |x: f32, y: f32| {
            let d = (((x - middle) / a).powi(2) + ((y - 150.0) / b).powi(2)).sqrt();
            (d - 1.0).abs() * a.min(b) < 1.6
        }
    }

    /// Strokes as dense as kanji, from edge to edge.
    fn word(x: f32, y: f32, left: f32, right: f32) -> bool {
        (left..right).contains(&x) && (y - 150.0).abs() < 17.0 && (y % 7.0 < 2.0 || x % 9.0 < 2.0)
    }

    #[test]
    fn an_ellipse_is_a_ring_and_a_large_circle_a_seal() {
        assert_eq!(kinds(ellipse(200.0, 70.0, 25.0)), [MarkKind::Ring]);
        assert_eq!(kinds(ellipse(200.0, 60.0, 60.0)), [MarkKind::Seal]);
        assert_eq!(kinds(ellipse(200.0, 125.0, 24.0)), [MarkKind::Ring]);
        assert_eq!(kinds(|x, y| (x - 200.0).abs() < 60.0 && ((y - 150.0).abs() - 25.0).abs() < 2.0), []);
    }

    #[test]
    fn words_that_touch_the_ring_leave_it_a_ring_and_a_blot_is_none() {
        let ring = ellipse(200.0, 58.0, 24.0);
        assert_eq!(kinds(|x, y| ring(x, y) || word(x, y, 156.0, 246.0)), [MarkKind::Ring]);
        assert_eq!(kinds(|x, y| ((x - 200.0) / 58.0).hypot((y - 150.0) / 24.0) < 1.0), []);
        assert_eq!(kinds(|x, y| word(x, y, 156.0, 246.0)), []);
    }

    #[test]
    fn rings_that_touch_each_other_or_the_next_word_are_told_apart() {
        let (first, second) = (ellipse(150.0, 60.0, 25.0), ellipse(298.0, 90.0, 22.0));
        assert_eq!(kinds(|x, y| first(x, y) || second(x, y)), [MarkKind::Ring; 2]);
        let reaching = |x: f32, y: f32| (206.0..216.0).contains(&x) && (y - 152.0).abs() < 2.0;
        assert_eq!(kinds(|x, y| first(x, y) || reaching(x, y) || word(x, y, 214.0, 290.0)), [MarkKind::Ring]);
    }
}
