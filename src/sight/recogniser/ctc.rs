//! From the recogniser's probabilities to characters with their places.
//!
//! Owns the classes and the greedy decoding, and keeps what else each character may be.

use crate::page::Permille;
use crate::port::{Strip, StripGlyph};
use rten_simd::SimdOp;
use rten_vecmath::Softmax;
use std::collections::HashMap;

/// How many alternatives a character keeps.
const OTHERS: usize = 5;
/// An alternative below this is noise.
const FAINT: f32 = 0.002;

/// The classes of the recogniser: the blank is class 0.
pub struct Classes {
    chars: Vec<char>,
    weights: Vec<f32>,
    /// The class that each stands for: its own, or that of the Japanese form of a kanji written elsewhere.
    homes: Vec<usize>,
}

impl Classes {
    /// From the model's list, one class a line; blank in front and space at the end are not in it.
    pub fn parse(list: &str) -> Self {
        let listed = list.split('\n').map(|line| line.chars().next().unwrap_or(' '));
        let chars: Vec<char> = std::iter::once('\0').chain(listed).chain(std::iter::once(' ')).collect();
        let of: HashMap<char, usize> = chars.iter().enumerate().map(|(n, c)| (*c, n)).collect();
        let homes: Vec<usize> =
            chars.iter().enumerate().map(|(n, c)| super::charset::home(*c).and_then(|home| of.get(&home)).copied().unwrap_or(n)).collect();
        let weigh = |(n, c): (usize, &char)| match c {
            '\0' => 1.0,
            _ if homes[n] != n => super::charset::weight(chars[homes[n]]),
            c => super::charset::weight(*c),
        };
        let weights = chars.iter().enumerate().map(weigh).collect();
        Classes { chars, weights, homes }
    }

    pub fn count(&self) -> usize {
        self.chars.len()
    }

    /// Greedy decoding of `steps` rows of scores (the logarithms of probabilities, but for a term of each row's own) over a strip `width`
    /// pixels wide and `height` high.
    pub fn decode(&self, mut scores: Vec<f32>, steps: usize, width: f32, height: f32) -> Strip {
        let mut peaks: Vec<Peak> = Vec::new();
        let mut last = 0;
        for (step, row) in scores.chunks_exact_mut(self.count()).take(steps).enumerate() {
            // Most steps see the blank: no weight is larger than its own, so nothing else is asked of them.
            if is_first_highest(row) {
                last = 0;
                continue;
            }
            let row = Softmax::new_mut(row).dispatch();
            let (class, probability) = self.best(row);
            if class != 0 {
                match peaks.last_mut().filter(|peak| last == class && peak.class == class) {
                    Some(peak) => {
                        peak.last = step;
                        if probability > peak.probability {
                            peak.probability = probability;
                            peak.top = step;
                        }
                    }
                    None => peaks.push(Peak { class, probability, first: step, last: step, top: step }),
                }
            }
            last = class;
        }
        let pixels = width / steps.max(1) as f32;
        let centres: Vec<f32> = peaks.iter().map(|peak| (peak.first + peak.last + 1) as f32 / 2.0 * pixels).collect();
        let reach = 0.45 * height;
        let glyphs = peaks
            .iter()
            .enumerate()
            .map(|(n, peak)| {
                let before = n.checked_sub(1).map_or(centres[n], |p| (centres[n] - centres[p]) / 2.0);
                let after = centres.get(n + 1).map_or(width - centres[n], |next| (next - centres[n]) / 2.0);
                let row = &scores[peak.top * self.count()..(peak.top + 1) * self.count()];
                StripGlyph {
                    char: self.chars[peak.class],
                    start: (centres[n] - before.min(reach)).max(0.0),
                    end: (centres[n] + after.min(reach)).min(width),
                    confidence: Permille::from_ratio(peak.probability),
                    others: self.others(row, peak.class),
                }
            })
            .collect();
        Strip { glyphs }
    }

    /// The likeliest class. Where the recogniser sees a kanji that no form holds, some other sign stands there, however unlikely:
    /// a blank would lose it unseen.
    fn best(&self, row: &[f32]) -> (usize, f32) {
        let likeliest = |from: usize| {
            let (mut class, mut value) = (from, -1.0);
            for (n, (p, w)) in row.iter().zip(&self.weights).enumerate().skip(from) {
                if p * w > value {
                    (class, value) = (n, p * w);
                }
            }
            (class, value)
        };
        let (mut class, mut value) = likeliest(0);
        if class == 0 && value < 0.5 {
            let raw = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(n, _)| n);
            if raw != 0 && super::charset::is_kanji(self.chars[raw]) {
                (class, value) = likeliest(1);
            }
        }
        (self.homes[class], value)
    }

    fn others(&self, row: &[f32], chosen: usize) -> Vec<(char, Permille)> {
        let mut all: Vec<(usize, f32)> = row
            .iter()
            .zip(&self.weights)
            .enumerate()
            .skip(1)
            .map(|(n, (p, w))| (n, p * w))
            .filter(|(n, p)| *n != chosen && *p >= FAINT)
            .collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut kept: Vec<(char, Permille)> = Vec::new();
        for (n, p) in all {
            let char = self.chars[self.homes[n]];
            if char != self.chars[chosen] && !kept.iter().any(|(known, _)| *known == char) && kept.len() < OTHERS {
                kept.push((char, Permille::from_ratio(p)));
            }
        }
        kept
    }
}

/// Whether no number is larger than the first one.
fn is_first_highest(row: &[f32]) -> bool {
    let Some(first) = row.first() else { return false };
    // Without a way out of a block the compiler compares many at a time.
    row.chunks(256).all(|block| block.iter().fold(true, |so_far, value| so_far & (value <= first)))
}

struct Peak {
    class: usize,
    probability: f32,
    first: usize,
    last: usize,
    top: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Classes: blank, カ, 力, |, space.
    fn decode(rows: &[[f32; 5]]) -> Strip {
        let scores = rows.iter().flatten().map(|probability| probability.ln()).collect();
        Classes::parse("カ\n力\n|").decode(scores, rows.len(), 10.0 * rows.len() as f32, 48.0)
    }

    #[test]
    fn repeats_collapse_unless_a_blank_parts_them() {
        let ka = [0.1, 0.6, 0.3, 0.0, 0.0];
        let blank = [0.9, 0.1, 0.0, 0.0, 0.0];
        let strip = decode(&[ka, ka, blank, ka]);
        assert_eq!(strip.glyphs.iter().map(|g| g.char).collect::<String>(), "カカ");
        assert_eq!(strip.glyphs[0].others, [('力', Permille(300))]);
        assert!(strip.glyphs[0].end <= strip.glyphs[1].start);
    }

    #[test]
    fn a_foreign_form_is_read_as_its_own_and_none_is_lost_to_a_blank() {
        // Classes: blank, 約, 约, 们, space.
        let classes = Classes::parse("約\n约\n们");
        let read = |row: [f32; 5]| {
            classes.decode(row.map(f32::ln).to_vec(), 1, 10.0, 48.0).glyphs.first().map(|g| (g.char, g.confidence, g.others.clone()))
        };
        assert_eq!(read([0.1, 0.2, 0.7, 0.0, 0.0]), Some(('約', Permille(700), Vec::new())));
        assert_eq!(read([0.1, 0.02, 0.0, 0.88, 0.0]), Some(('約', Permille(20), Vec::new())), "们 has no home, and something stands there");
        assert_eq!(read([0.9, 0.02, 0.0, 0.08, 0.0]), None);
    }

    #[test]
    fn a_ruled_line_is_never_a_character() {
        assert_eq!(decode(&[[0.2, 0.0, 0.0, 0.8, 0.0]]).glyphs, []);
    }
}
