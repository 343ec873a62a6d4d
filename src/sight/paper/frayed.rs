//! How frayed the strokes of a line are, on a scan in black and white that has loose dots.
//!
//! Owns the measure. Never says from where on a line is not to be believed.

use crate::area::Area;
use crate::page::{Line, Permille};
use crate::picture::Grey;

/// Says of each line how much of its ink is loose dots; `crumbs` are the page's, of the same size as its `grey`.
pub fn judge(lines: &mut [Line], crumbs: &Grey, grey: &Grey) {
    for line in lines {
        let loose = sum(crumbs, &line.area, |p| p);
        let ink = sum(grey, &line.area, |p| 255 - p);
        line.frayed = Permille((1000 * loose / ink.max(1)).min(1000) as u16);
    }
}

fn sum(grey: &Grey, area: &Area, of: impl Fn(u8) -> u8) -> u64 {
    let rows = grey.pixels.chunks_exact(grey.width.max(1)).take(area.bottom.max(0) as usize).skip(area.top.max(0) as usize);
    let pixels = rows.flat_map(|row| row.iter().take(area.right.max(0) as usize).skip(area.left.max(0) as usize));
    pixels.map(|p| u64::from(of(*p))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::bilevel;
    use crate::picture::Picture;

    #[test]
    fn a_line_whose_strokes_came_apart_is_told_from_one_beside_it() {
        let (width, height) = (200, 60);
        let stroke = |x: usize, y: usize| (10..14).contains(&y) && (10..190).contains(&x);
        // Of the lower stroke little is left but dots, and a few that hang together.
        let crumbs = |x: usize, y: usize| y == 42 && (10..190).contains(&x) && x.is_multiple_of(3) || y == 44 && (10..60).contains(&x);
        let ink = |n: usize| stroke(n % width, n / width) || crumbs(n % width, n / width);
        let pixels: Vec<u8> = (0..width * height).map(|n| if ink(n) { 0 } else { 255 }).collect();
        let picture = Picture { width, height, channels: 1, pixels, dpi: None };
        let grey = |pixels: Vec<u8>| Grey { width, height, pixels };
        let line = |area: Area| Line {
            area,
            text: "一".into(),
            confidence: Permille(990),
            glyphs: Vec::new(),
            hand: Permille(0),
            frayed: Permille(0),
        };
        let mut lines = [line(Area::new(5, 5, 195, 20)), line(Area::new(5, 36, 195, 50)), line(Area::new(-20, 50, 400, 90))];
        judge(&mut lines, &grey(bilevel::crumbs(&picture)), &grey(picture.pixels.clone()));
        let [firm, frayed, blank] = lines.map(|line| line.frayed.0);
        assert_eq!((firm, blank), (0, 0));
        assert!((400..700).contains(&frayed), "{frayed}");
    }
}
