//! Words on a canvas, drawn from the outlines of a font.

use crate::drawing::Colour;
use crate::drawing::canvas::Canvas;
use ttf_parser::{Face, OutlineBuilder};

/// Writes in one typeface.
pub struct Pen<'a> {
    face: Face<'a>,
}

const CLOSING: &str = "、。，．）」』】)";

/// Printed for a character that the typeface has not.
const MISSING: char = '〓';

impl<'a> Pen<'a> {
    /// `None` where the bytes are no font.
    pub fn new(font: &'a [u8]) -> Option<Self> {
        Face::parse(font, 0).ok().filter(|face| face.units_per_em() > 0).map(|face| Pen { face })
    }

    fn glyph(&self, c: char) -> Option<ttf_parser::GlyphId> {
        self.face.glyph_index(c).or_else(|| self.face.glyph_index(MISSING))
    }

    fn scale(&self, size: f32) -> f32 {
        size / f32::from(self.face.units_per_em())
    }

    fn advance(&self, c: char, size: f32) -> f32 {
        let units = self.glyph(c).and_then(|glyph| self.face.glyph_hor_advance(glyph)).unwrap_or(0);
        f32::from(units) * self.scale(size)
    }

    /// How wide words are.
    pub fn width(&self, words: &str, size: f32) -> f32 {
        words.chars().map(|c| self.advance(c, size)).sum()
    }

    /// Words broken into lines no wider than `width`, at most so many; what does not fit ends in an ellipsis.
    pub fn lines(&self, words: &str, size: f32, width: f32, most: usize) -> Vec<String> {
        let mut lines = vec![String::new()];
        let mut x = 0.0;
        for c in words.chars().map(|c| if c.is_control() { ' ' } else { c }) {
            let advance = self.advance(c, size);
            // A closing sign never begins a line.
            if x + advance > width && x > 0.0 && !CLOSING.contains(c) {
                if lines.len() == most {
                    if let Some(last) = lines.last_mut() {
                        last.pop();
                        last.push('…');
                    }
                    return lines;
                }
                lines.push(String::new());
                x = 0.0;
            }
            x += advance;
            if let Some(last) = lines.last_mut() {
                last.push(c);
            }
        }
        lines
    }

    /// Writes from `(left, top)`, the top of the line.
    pub fn write(&self, canvas: &mut Canvas, words: &str, (left, top): (i32, i32), size: f32, colour: Colour) {
        let scale = self.scale(size);
        let baseline = top as f32 + f32::from(self.face.ascender()) * scale;
        let mut x = left as f32;
        for c in words.chars() {
            if let Some(glyph) = self.glyph(c) {
                let mut outline = Outline { scale, at: (x, baseline), ..Outline::default() };
                if self.face.outline_glyph(glyph, &mut outline).is_some() {
                    outline.fill(canvas, colour);
                }
            }
            x += self.advance(c, size);
        }
    }
}

/// A character's outline as straight edges, in pixels.
#[derive(Default)]
struct Outline {
    scale: f32,
    at: (f32, f32),
    start: (f32, f32),
    pen: (f32, f32),
    edges: Vec<((f32, f32), (f32, f32))>,
}

/// Straight pieces of a curve: enough for letters as small as these.
const PIECES: usize = 6;
/// Rows that a pixel is divided into.
const SUB: i32 = 4;

impl Outline {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (self.at.0 + x * self.scale, self.at.1 - y * self.scale)
    }

    fn edge(&mut self, to: (f32, f32)) {
        self.edges.push((self.pen, to));
        self.pen = to;
    }

    /// Every pixel in proportion to how much of it lies inside, by the non-zero rule.
    fn fill(&self, canvas: &mut Canvas, colour: Colour) {
        let points = || self.edges.iter().flat_map(|(a, b)| [*a, *b]);
        let (top, bottom) = points().fold((f32::MAX, f32::MIN), |(low, high), (_, y)| (low.min(y), high.max(y)));
        let (left, right) = points().fold((f32::MAX, f32::MIN), |(low, high), (x, _)| (low.min(x), high.max(x)));
        // A damaged font may put a point anywhere.
        if !(right - left < 4096.0 && bottom - top < 4096.0 && left.abs() < 1e6 && top.abs() < 1e6) {
            return;
        }
        let (first, last) = (left.floor() as i32, right.ceil() as i32);
        for y in top.floor() as i32..bottom.ceil() as i32 {
            let mut cover = vec![0.0f32; (last - first) as usize + 1];
            for sub in 0..SUB {
                self.row(y as f32 + (sub as f32 + 0.5) / SUB as f32, first, &mut cover);
            }
            for (n, cover) in cover.iter().enumerate().filter(|(_, cover)| **cover > 0.0) {
                canvas.blend(first + n as i32, y, colour, (cover * 255.0 / SUB as f32).min(255.0) as u8);
            }
        }
    }

    fn row(&self, y: f32, first: i32, cover: &mut [f32]) {
        let mut crossings: Vec<(f32, i32)> = self
            .edges
            .iter()
            .filter(|(a, b)| (a.1 <= y) != (b.1 <= y))
            .map(|(a, b)| (a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0) - first as f32, if a.1 < b.1 { 1 } else { -1 }))
            .collect();
        crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut winding = 0;
        for pair in crossings.windows(2) {
            winding += pair[0].1;
            if winding != 0 {
                span(pair[0].0, pair[1].0, cover);
            }
        }
    }
}

/// Adds what a stretch covers of each pixel.
fn span(from: f32, to: f32, cover: &mut [f32]) {
    for (n, cover) in cover.iter_mut().enumerate().take(to.max(0.0).ceil() as usize).skip(from.max(0.0) as usize) {
        *cover += (to.min(n as f32 + 1.0) - from.max(n as f32)).max(0.0);
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.start = self.place(x, y);
        self.pen = self.start;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.edge(self.place(x, y));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (a, b, c) = (self.pen, self.place(x1, y1), self.place(x, y));
        for n in 1..=PIECES {
            let t = n as f32 / PIECES as f32;
            let at = |a: f32, b: f32, c: f32| (1.0 - t) * (1.0 - t) * a + 2.0 * (1.0 - t) * t * b + t * t * c;
            self.edge((at(a.0, b.0, c.0), at(a.1, b.1, c.1)));
        }
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (a, b, c, d) = (self.pen, self.place(x1, y1), self.place(x2, y2), self.place(x, y));
        for n in 1..=PIECES {
            let t = n as f32 / PIECES as f32;
            let u = 1.0 - t;
            let at = |a: f32, b: f32, c: f32, d: f32| u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d;
            self.edge((at(a.0, b.0, c.0, d.0), at(a.1, b.1, c.1, d.1)));
        }
    }

    fn close(&mut self) {
        self.edge(self.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::place::Area;

    static GOTHIC: &[u8] = include_bytes!("../../templates/_shared/fonts/ipaexg.ttf");

    /// Thousandths of an area that are dark.
    fn ink(canvas: &Canvas, area: &Area) -> u32 {
        let cut = canvas.cut(area);
        let sum: u32 =
            (0..cut.height).flat_map(|y| (0..cut.width).map(move |x| (x, y))).map(|(x, y)| 255 - u32::from(cut.at(x, y).unwrap()[0])).sum();
        sum * 1000 / 255 / (cut.width * cut.height) as u32
    }

    #[test]
    fn a_full_box_is_full_and_a_ring_is_hollow() {
        let pen = Pen::new(GOTHIC).unwrap();
        let mut canvas = Canvas::blank(100, 60, [255; 3]);
        pen.write(&mut canvas, "■口", (0, 0), 40.0, [0; 3]);
        assert!(ink(&canvas, &Area::new(12, 12, 28, 28)) > 990, "{}", ink(&canvas, &Area::new(12, 12, 28, 28)));
        assert_eq!(ink(&canvas, &Area::new(54, 16, 64, 24)), 0);
        assert!(ink(&canvas, &Area::new(40, 0, 80, 45)) > 60);
        assert_eq!(ink(&canvas, &Area::new(84, 0, 100, 60)), 0);
    }

    #[test]
    fn what_no_typeface_has_is_still_seen() {
        let pen = Pen::new(GOTHIC).unwrap();
        let mut canvas = Canvas::blank(40, 40, [255; 3]);
        pen.write(&mut canvas, "\u{1F600}", (0, 0), 30.0, [0; 3]);
        assert!(ink(&canvas, &Area::new(0, 0, 40, 40)) > 50);
    }

    #[test]
    fn long_words_are_broken_and_cut() {
        let pen = Pen::new(GOTHIC).unwrap();
        assert_eq!(pen.lines("一二三四五", 10.0, 20.0, 3), ["一二", "三四", "五"]);
        assert_eq!(pen.lines("一二三四五", 10.0, 20.0, 2), ["一二", "三…"]);
        assert_eq!(pen.lines("一二）三", 10.0, 20.0, 3), ["一二）", "三"]);
        assert_eq!(pen.lines("a\nb", 10.0, 90.0, 2), ["a b"]);
        assert!(Pen::new(b"no font").is_none());
    }
}
