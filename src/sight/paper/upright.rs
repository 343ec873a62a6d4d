//! A page with its lines level, and which way is up.
//!
//! Owns the trial that tells the page's head from its foot. Never reads more of a page than a few lines.

use crate::area::Area;
use crate::paper::ink::Sheet;
use crate::paper::pose;
use crate::picture::Grey;
use crate::port::Ocr;

/// Lines that are read on trial to tell where the page's top is.
const TRIALS: usize = 4;
/// Heights of a line that is long enough to tell: what is longer costs more and tells no more.
const LENGTH: i32 = 8;
/// From this average on a page has its head up, and nobody needs to try how it reads upside down; from the higher one on so few lines do.
const SURE: u32 = 900;
const CERTAIN: u32 = 960;
const FEWEST: usize = 2;

/// The page with its lines level.
pub struct Upright {
    pub grey: Grey,
    pub red: Option<Grey>,
    pub blue: Option<Grey>,
    pub crumbs: Option<Grey>,
    /// Loose dots in thousandths of all ink.
    pub grain: u16,
    pub turned: u8,
    /// Degrees by which it was askew.
    pub skew: f32,
}

impl Upright {
    /// Turned by quarters and straightened; it may still stand on its head.
    pub fn of(sheet: &Sheet, quarters: u8) -> Self {
        let turned = pose::turned(&sheet.grey, quarters);
        let skew = pose::skew(&turned);
        let grey = pose::straightened(&turned, skew, 255);
        let likewise = |ink: &Option<Grey>| ink.as_ref().map(|ink| pose::straightened(&pose::turned(ink, quarters), skew, 0));
        let (red, blue, crumbs) = (likewise(&sheet.red), likewise(&sheet.blue), likewise(&sheet.crumbs));
        Upright { grey, red, blue, crumbs, grain: sheet.grain, turned: quarters, skew }
    }

    /// Turned by half.
    pub fn overturned(&self) -> Self {
        let over = |ink: &Grey| pose::turned(ink, 2);
        let [red, blue, crumbs] = [&self.red, &self.blue, &self.crumbs].map(|ink| ink.as_ref().map(over));
        Upright { grey: over(&self.grey), red, blue, crumbs, turned: (self.turned + 2) % 4, ..*self }
    }

    /// An area of the page turned by half.
    pub fn overturn(&self, area: &Area) -> Area {
        let (w, h) = (self.grey.width as i32, self.grey.height as i32);
        Area::new(w - area.right, h - area.bottom, w - area.left, h - area.top)
    }
}

/// A page with its head up, where its lines lie, and how well those on trial were read.
pub struct Tried {
    pub upright: Upright,
    pub boxes: Vec<Area>,
    pub trust: u32,
}

/// Tells by reading which way is up.
pub fn tried(page: Upright, ocr: &dyn Ocr) -> Tried {
    let boxes = ocr.find(&page.grey);
    let (head, foot) = trial(&page.grey, &boxes, ocr);
    if foot > head {
        let boxes = boxes.iter().map(|area| page.overturn(area)).collect();
        return Tried { upright: page.overturned(), boxes, trust: foot };
    }
    Tried { upright: page, boxes, trust: head }
}

/// How well the longest lines read as they are and upside down; 0 for the latter where the former leaves no doubt.
fn trial(grey: &Grey, boxes: &[Area], ocr: &dyn Ocr) -> (u32, u32) {
    let mut lines: Vec<&Area> = boxes.iter().filter(|b| b.width() > 4 * b.height()).collect();
    lines.sort_by_key(|b| ((b.width() - LENGTH * b.height()).abs(), **b));
    let strips: Vec<Grey> = lines.into_iter().take(TRIALS).map(|area| grey.cut(area)).collect();
    let mean = |sum: u32, count: usize| sum / (count as u32).max(1);
    let mut head = 0;
    for (n, strip) in strips.iter().enumerate() {
        head += trust(ocr, strip);
        if n + 1 >= FEWEST && mean(head, n + 1) >= CERTAIN {
            return (mean(head, n + 1), 0);
        }
    }
    let head = mean(head, strips.len());
    let mut foot = 0;
    for (n, strip) in strips.iter().enumerate().filter(|_| head < SURE) {
        foot += trust(ocr, &pose::turned(strip, 2));
        if n + 1 >= FEWEST && mean(foot, n + 1) >= CERTAIN {
            return (head, mean(foot, n + 1));
        }
    }
    (head, mean(foot, strips.len()))
}

fn trust(ocr: &dyn Ocr, strip: &Grey) -> u32 {
    let glyphs = ocr.read(strip).glyphs;
    let sum: u32 = glyphs.iter().map(|g| u32::from(g.confidence.0)).sum();
    sum / (glyphs.len() as u32).max(3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Permille;
    use crate::port::{Strip, StripGlyph};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Reads everything with one confidence, and counts.
    struct Steady(u16, AtomicUsize);

    impl Ocr for Steady {
        fn find(&self, _page: &Grey) -> Vec<Area> {
            Vec::new()
        }

        fn read(&self, _line: &Grey) -> Strip {
            self.1.fetch_add(1, Ordering::Relaxed);
            let glyph =
                |n: u8| StripGlyph {
                    char: '字', start: f32::from(n), end: f32::from(n), confidence: Permille(self.0), others: Vec::new()
                };
            Strip { glyphs: (0..3).map(glyph).collect() }
        }
    }

    #[test]
    fn how_a_page_reads_upside_down_is_tried_only_where_there_is_doubt() {
        let grey = Grey { width: 400, height: 100, pixels: vec![255; 40_000] };
        let boxes: Vec<Area> = (0..4).map(|n| Area::new(0, 20 * n, 240, 20 * n + 20)).collect();
        let tried = |sure: u16| {
            let ocr = Steady(sure, AtomicUsize::new(0));
            let (head, foot) = trial(&grey, &boxes, &ocr);
            (head, foot, ocr.1.into_inner())
        };
        assert_eq!(tried(990), (990, 0, 2));
        assert_eq!(tried(920), (920, 0, 4));
        assert_eq!(tried(600), (600, 600, 8));
    }
}
