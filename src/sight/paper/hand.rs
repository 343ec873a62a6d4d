//! Whether a line was written by a hand.
//!
//! Owns the measure: how unevenly characters of one kind stand in their row, and how the pen's ink and width differ from
//! what is usual on the same page. Never asks what the characters say beyond their kind.

use crate::area::Area;
use crate::page::Permille;
use crate::page::{Glyph, HAND, Line};
use crate::paper::blobs::{self, Blob, Mask};
use crate::picture::Grey;

/// Lines of a page that must speak for a hand: one alone may be a seal or a ring across print.
const LINES: usize = 3;
/// Characters of one kind that are needed to tell how evenly they stand.
const FEW: usize = 4;
/// Scatter of characters' middles about their row, as a part of their size: type stays below it, even on a fax.
const UNEVEN: f32 = 0.027;
/// Strokes thinner than this part of what is usual on the page are a pen's.
const THIN: f32 = 0.78;
/// So much bluer than usual on the page is a pen's ink.
const BLUE: f32 = 25.0;
/// Characters whose ink does not fill their square: where it lies tells nothing about the row.
const FLAT: &str = "一二三口日工小四田山西回";

/// What was measured of one line.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    /// Scatter of the characters' middles, where there are enough of them.
    drift: Option<f32>,
    /// Mean width of strokes, as a part of the characters' height.
    weight: f32,
    /// How blue the ink is, 0 to 255.
    blue: f32,
}

/// Says of each line how much it looks written by a hand; `mask` is the ink of the page without ruled lines and marks.
pub fn judge(lines: &mut [Line], mask: &Mask, blue: Option<&Grey>) {
    let blobs = blobs::find(mask);
    let looks: Vec<Look> = lines.iter().map(|line| measure(mask, &blobs, blue, line)).collect();
    let usual = |of: fn(&Look) -> f32| {
        let mut all: Vec<f32> = looks.iter().map(of).filter(|value| *value > 0.0).collect();
        all.sort_by(f32::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(0.0)
    };
    let (weight, tint) = (usual(|look| look.weight), usual(|look| look.blue));
    let is_uneven = |look: &Look| look.drift.is_some_and(|drift| drift >= UNEVEN);
    let is_blue = |look: &Look| look.blue >= tint + BLUE;
    let signs: Vec<u16> = looks
        .iter()
        .map(|look| {
            let thin = look.weight > 0.0 && look.weight <= THIN * weight;
            [is_uneven(look), thin, is_blue(look)].into_iter().map(u16::from).sum()
        })
        .collect();
    // A single 1 in its box is thin in type as well, and so is print beside bolder labels: where all lines are as even as type and none is
    // bluer, nobody wrote on the page.
    let speak = lines.iter().zip(&signs).filter(|(line, signs)| **signs > 0 && line.glyphs.len() > 2);
    let by_a_pen = looks.iter().any(|look| is_uneven(look) || is_blue(look));
    if speak.count() < LINES || !by_a_pen {
        return;
    }
    for (line, signs) in lines.iter_mut().zip(signs) {
        line.hand = Permille((HAND.0 * signs).min(1000));
    }
}

fn measure(mask: &Mask, blobs: &[Blob], blue: Option<&Grey>, line: &Line) -> Look {
    let near: Vec<&Blob> = blobs.iter().filter(|blob| line.area.contains(blob.area.centre())).collect();
    let (mut widths, mut ink, mut tint) = (0u64, 0u64, 0u64);
    for (y, from, to) in near.iter().flat_map(|blob| &blob.runs) {
        for x in *from..*to {
            let up = (0..line.area.height()).take_while(|d| mask.at(x, y - d)).count();
            let down = (1..line.area.height()).take_while(|d| mask.at(x, y + d)).count();
            widths += (up + down).min((to - from) as usize) as u64;
            ink += 1;
            tint += blue.map_or(0, |blue| u64::from(blue.pixels[*y as usize * blue.width + x as usize]));
        }
    }
    let boxes: Vec<Option<Area>> = line
        .glyphs
        .iter()
        .map(|glyph| {
            let own = near.iter().filter(|blob| (glyph.start..glyph.end).contains(&blob.area.centre().0));
            own.map(|blob| blob.area).reduce(|all, area| all.union(&area))
        })
        .collect();
    let mut heights: Vec<i32> = boxes.iter().flatten().map(Area::height).collect();
    heights.sort_unstable();
    let Some(size) = heights.get(heights.len() * 3 / 4).map(|height| *height as f32).filter(|_| ink > 0) else { return Look::default() };
    let (mut sum, mut count) = (0.0, 0);
    for kind in [is_full as fn(char) -> bool, |c| c.is_ascii_digit()] {
        let alike = |(glyph, area): (&Glyph, &Option<Area>)| {
            // What is much wider than high is two that touch.
            area.filter(|area| kind(glyph.char) && (area.width() as f32) < 1.4 * size)
        };
        let middles: Vec<(f32, f32)> = line
            .glyphs
            .iter()
            .zip(&boxes)
            .filter_map(alike)
            .map(|area| ((area.left + area.right) as f32 / 2.0, (area.top + area.bottom) as f32 / 2.0))
            .collect();
        if middles.len() > 2 {
            sum += off_row(&middles);
            count += middles.len();
        }
    }
    Look {
        drift: (count >= FEW).then(|| (sum / count as f32).sqrt() / size),
        weight: widths as f32 / ink as f32 / size,
        blue: tint as f32 / ink as f32,
    }
}

/// A character whose ink fills its square in every typeface.
fn is_full(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c) && !FLAT.contains(c)
}

/// The sum of squares of what points lie off the straight row through them.
fn off_row(points: &[(f32, f32)]) -> f32 {
    /// A page was set straight; a row that climbs more is a writer's.
    const STEEPEST: f32 = 0.01;
    let count = points.len() as f32;
    let (mx, my) = (points.iter().map(|p| p.0).sum::<f32>() / count, points.iter().map(|p| p.1).sum::<f32>() / count);
    let xx: f32 = points.iter().map(|p| (p.0 - mx).powi(2)).sum();
    let xy: f32 = points.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum();
    let slope = (xy / xx.max(1.0)).clamp(-STEEPEST, STEEPEST);
    points.iter().map(|p| (p.1 - my - slope * (p.0 - mx)).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten lines of print; the last `by_hand` of them with characters that `shift` moves up and down and strokes `pen` wide.
    fn page(by_hand: usize, shift: i32, pen: i32) -> Vec<u16> {
        let (width, height) = (400, 500);
        let mut mask = Mask { width, height, bits: vec![false; width * height] };
        let mut lines = Vec::new();
        for row in 0..10 {
            let hand = row >= 10 - by_hand;
            let (top, pen) = (20 + 46 * row as i32, if hand { pen } else { 4 });
            let mut glyphs = Vec::new();
            for n in 0..8 {
                let (left, up) = (20 + 32 * n, if hand { shift * (n % 2) } else { 0 });
                let cross = |x: i32, y: i32| x < pen || y < pen || x >= 26 - pen || y >= 26 - pen;
                for (x, y) in (0..26).flat_map(|y| (0..26).map(move |x| (x, y))).filter(|(x, y)| cross(*x, *y)) {
                    mask.bits[(top + up + y) as usize * width + (left + x) as usize] = true;
                }
                glyphs.push(Glyph { char: '東', start: left - 3, end: left + 29, confidence: Permille(990), others: Vec::new() });
            }
            let area = Area::new(20, top, 280, top + 30);
            lines.push(Line { area, text: "東".repeat(8), confidence: Permille(990), glyphs, hand: Permille(0), frayed: Permille(0) });
        }
        judge(&mut lines, &mask, None);
        lines.iter().map(|line| line.hand.0).collect()
    }

    #[test]
    fn print_is_even_and_a_hand_is_not() {
        assert_eq!(page(4, 0, 4), [0; 10]);
        assert_eq!(page(4, 3, 4), [0, 0, 0, 0, 0, 0, 500, 500, 500, 500]);
        assert_eq!(page(4, 3, 2), [0, 0, 0, 0, 0, 0, 1000, 1000, 1000, 1000]);
    }

    #[test]
    fn thin_print_beside_bolder_print_is_no_hand() {
        assert_eq!(page(4, 0, 2), [0; 10]);
    }

    #[test]
    fn one_uneven_line_alone_is_no_hand() {
        assert_eq!(page(1, 3, 4), [0; 10]);
    }
}
