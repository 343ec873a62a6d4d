//! Pixels in colour: frames, areas, turning, cutting, shrinking.

use crate::domain::picture::Picture;
use crate::domain::place::Area;
use crate::drawing::Colour;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use std::ops::Range;

/// How much a line covers, in parts of 255.
const LINE: u8 = 85;

/// Pixels of so many channels, 1 or 3, as colours.
fn colours(pixels: &[u8], channels: usize) -> impl Iterator<Item = Colour> {
    pixels.chunks_exact(channels.max(1)).map(|p| match *p {
        [red, green, blue] => [red, green, blue],
        _ => [p[0]; 3],
    })
}

/// The part of an area that lies within a width and a height, as columns and rows.
fn inside(area: &Area, width: usize, height: usize) -> (Range<usize>, Range<usize>) {
    let clip = |from: i32, to: i32, length: usize| {
        let to = (to.max(0) as usize).min(length);
        (from.max(0) as usize).min(to)..to
    };
    (clip(area.left, area.right, width), clip(area.top, area.bottom, height))
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Canvas {
    pub width: usize,
    pub height: usize,
    pixels: Vec<Colour>,
}

impl Canvas {
    pub fn blank(width: usize, height: usize, colour: Colour) -> Self {
        Canvas { width, height, pixels: vec![colour; width * height] }
    }

    /// A sound picture's pixels.
    pub fn of(picture: &Picture) -> Self {
        Canvas { width: picture.width, height: picture.height, pixels: colours(&picture.pixels, picture.channels).collect() }
    }

    /// A part of a sound picture.
    pub fn part_of(picture: &Picture, area: &Area) -> Self {
        let (columns, rows) = inside(area, picture.width, picture.height);
        let (row, channels) = (picture.width * picture.channels, picture.channels);
        let lines = rows.clone().map(|y| &picture.pixels[y * row + columns.start * channels..y * row + columns.end * channels]);
        Canvas { width: columns.len(), height: rows.len(), pixels: lines.flat_map(|line| colours(line, channels)).collect() }
    }

    pub fn at(&self, x: usize, y: usize) -> Option<Colour> {
        (x < self.width).then(|| self.pixels.get(y * self.width + x).copied()).flatten()
    }

    /// Turned clockwise by so many quarters.
    pub fn turned(self, quarters: u8) -> Self {
        let (w, h) = (self.width, self.height);
        let from = |x: usize, y: usize| self.pixels[y * w + x];
        match quarters % 4 {
            1 => Canvas { width: h, height: w, pixels: (0..w).flat_map(|x| (0..h).rev().map(move |y| from(x, y))).collect() },
            2 => Canvas { width: w, height: h, pixels: self.pixels.iter().rev().copied().collect() },
            3 => Canvas { width: h, height: w, pixels: (0..w).rev().flat_map(|x| (0..h).map(move |y| from(x, y))).collect() },
            _ => self,
        }
    }

    fn inside(&self, area: &Area) -> (Range<usize>, Range<usize>) {
        inside(area, self.width, self.height)
    }

    pub fn fill(&mut self, area: &Area, colour: Colour) {
        let (columns, rows) = self.inside(area);
        for y in rows {
            self.pixels[y * self.width + columns.start..y * self.width + columns.end].fill(colour);
        }
    }

    /// A frame around an area, outside of it.
    pub fn frame(&mut self, area: &Area, colour: Colour, thick: i32) {
        let outer = area.grown(thick, thick);
        for side in [
            Area::new(outer.left, outer.top, outer.right, area.top),
            Area::new(outer.left, area.bottom, outer.right, outer.bottom),
            Area::new(outer.left, area.top, area.left, area.bottom),
            Area::new(area.right, area.top, outer.right, area.bottom),
        ] {
            self.fill(&side, colour);
        }
    }

    /// A straight line, one pixel wide, through which one can read.
    pub fn line(&mut self, from: (i32, i32), to: (i32, i32), colour: Colour) {
        let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).clamp(1, 100_000);
        for n in 0..=steps {
            let along = |from: i32, to: i32| from + (i64::from(to - from) * i64::from(n) / i64::from(steps)) as i32;
            self.blend(along(from.0, to.0), along(from.1, to.1), colour, LINE);
        }
    }

    /// A pixel covered by a colour in so many parts of 255.
    pub fn blend(&mut self, x: i32, y: i32, colour: Colour, cover: u8) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x >= self.width || y >= self.height {
            return;
        }
        let pixel = &mut self.pixels[y * self.width + x];
        let cover = u32::from(cover);
        for (value, over) in pixel.iter_mut().zip(colour) {
            *value = ((u32::from(*value) * (255 - cover) + u32::from(over) * cover + 127) / 255) as u8;
        }
    }

    pub fn cut(&self, area: &Area) -> Canvas {
        let (columns, rows) = self.inside(area);
        let pixels = rows.clone().flat_map(|y| self.pixels[y * self.width + columns.start..y * self.width + columns.end].iter().copied());
        Canvas { width: columns.len(), height: rows.len(), pixels: pixels.collect() }
    }

    /// Another canvas laid upon this one.
    pub fn paste(&mut self, other: &Canvas, left: usize, top: usize) {
        let width = other.width.min(self.width.saturating_sub(left));
        for y in 0..other.height.min(self.height.saturating_sub(top)) {
            let to = (top + y) * self.width + left;
            self.pixels[to..to + width].copy_from_slice(&other.pixels[y * other.width..y * other.width + width]);
        }
    }

    /// Averaged down by a whole number, so that no side is longer than these.
    pub fn within(self, width: usize, height: usize) -> Canvas {
        let step = self.width.div_ceil(width.max(1)).max(self.height.div_ceil(height.max(1))).max(1);
        if step == 1 {
            return self;
        }
        let (columns, rows) = ((self.width / step).max(1), (self.height / step).max(1));
        let mut pixels = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let mut sum = [0u32; 3];
                let mut count = 0;
                for y in row * step..((row + 1) * step).min(self.height) {
                    for x in column * step..((column + 1) * step).min(self.width) {
                        sum.iter_mut().zip(self.pixels[y * self.width + x]).for_each(|(sum, value)| *sum += u32::from(value));
                        count += 1;
                    }
                }
                pixels.push(sum.map(|sum| (sum / count.max(1)) as u8));
            }
        }
        Canvas { width: columns, height: rows, pixels }
    }

    /// In sixteen greys on white paper, which pack well.
    pub fn in_few_greys(mut self) -> Canvas {
        let mut counts = [0usize; 256];
        for pixel in &mut self.pixels {
            let [r, g, b] = pixel.map(u32::from);
            let grey = ((r * 299 + g * 587 + b * 114) / 1000) as u8;
            counts[usize::from(grey)] += 1;
            *pixel = [grey; 3];
        }
        // Most of a place is paper; its grain would show as specks.
        let mut below = 0;
        let paper = counts.iter().position(|count| {
            below += count;
            2 * below >= self.pixels.len()
        });
        let white = paper.unwrap_or(255).max(64) as u32 * 9 / 10;
        for pixel in &mut self.pixels {
            let grey = (u32::from(pixel[0]) * 255 / white).min(255);
            *pixel = [((grey + 8) / 17 * 17).min(255) as u8; 3];
        }
        self
    }

    /// As PNG; the same pixels give the same bytes.
    pub fn png(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let raw: Vec<u8> = self.pixels.iter().flatten().copied().collect();
        let (width, height) = (u32::try_from(self.width).ok()?, u32::try_from(self.height).ok()?);
        let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Up);
        encoder.write_image(&raw, width, height, ExtendedColorType::Rgb8).ok()?;
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered() -> Canvas {
        Canvas { width: 3, height: 2, pixels: (0..6).map(|n| [n; 3]).collect() }
    }

    #[test]
    fn four_quarters_are_none() {
        assert_eq!(numbered().turned(1).pixels.iter().map(|p| p[0]).collect::<Vec<_>>(), [3, 0, 4, 1, 5, 2]);
        assert_eq!(numbered().turned(3).turned(1), numbered());
        assert_eq!(numbered().turned(1).turned(1), numbered().turned(2));
    }

    #[test]
    fn a_part_of_a_picture_is_what_is_cut_out_of_the_whole() {
        for channels in [1, 3] {
            let picture = Picture { width: 5, height: 4, channels, pixels: (0..20 * channels as u8).collect(), dpi: None };
            for area in
                [Area::new(1, 1, 4, 3), Area::new(-3, -3, 2, 99), Area::new(4, 3, 9, 9), Area::new(7, 0, 9, 2), Area::new(0, 0, 5, 4)]
            {
                assert_eq!(Canvas::part_of(&picture, &area), Canvas::of(&picture).cut(&area), "{area:?}");
            }
        }
    }

    #[test]
    fn whatever_lies_outside_is_left_out() {
        let mut canvas = numbered();
        canvas.fill(&Area::new(-5, 1, 1, 90), [9; 3]);
        canvas.frame(&Area::new(-9, -9, 99, 99), [8; 3], 2);
        canvas.line((-3, -3), (50, 50), [255; 3]);
        canvas.blend(-1, 7, [1; 3], 255);
        assert_eq!(canvas.pixels.iter().map(|p| p[0]).collect::<Vec<_>>(), [85, 1, 2, 9, 88, 5]);
        assert_eq!(canvas.cut(&Area::new(1, 0, 40, 1)).pixels, [[1; 3], [2; 3]]);
        assert_eq!(canvas.cut(&Area::new(40, 0, 50, 1)).width, 0);
    }

    #[test]
    fn grained_paper_becomes_white_and_ink_stays_dark() {
        let pixels = (0..400u32).map(|n| if n % 8 == 0 { [40; 3] } else { [(190 + n % 5) as u8; 3] }).collect();
        let few = Canvas { width: 20, height: 20, pixels }.in_few_greys();
        assert_eq!((few.at(1, 0), few.at(2, 0)), (Some([255; 3]), Some([255; 3])));
        assert!(few.at(0, 0).unwrap()[0] < 70);
    }

    #[test]
    fn another_program_reads_the_png() {
        let canvas = Canvas::blank(40, 30, [10, 20, 200]);
        let read = image::load_from_memory(&canvas.png().unwrap()).unwrap().into_rgb8();
        assert_eq!((read.width(), read.height(), read.get_pixel(39, 29).0), (40, 30, [10, 20, 200]));
        assert_eq!(canvas.within(20, 20).width, 20);
    }
}
