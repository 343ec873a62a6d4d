//! Ink that neither a line nor a mark nor a rule accounts for.
//!
//! Owns the proof that a stretch of paper is blank. Never asks what should stand there.

use crate::area::Area;
use crate::page::Line;
use crate::paper::blobs::{self, Mask};
use crate::picture::Grey;

/// Smaller than this, in millimetres, is dust, a dot of a leader, a crumb of a stroke.
const LEAST: f32 = 1.0;
/// From here on a pixel of the crumbs' plane, which was made smaller, holds one.
const CRUMB: u8 = 40;
/// How far a line's ink reaches beyond the line as it was told, in millimetres.
const BEYOND: f32 = 0.6;
/// With more loose ink than so many pieces a page is too dirty for any blank to be believed.
const MOST: usize = 400;

/// The pieces of loose ink of a page; `mask` is its ink without ruled lines and marks. On a frayed page each of its `crumbs` counts: they may
/// be all that is left of a stroke. `None` where there is too much.
pub fn find(mask: &Mask, crumbs: Option<&Grey>, lines: &[Line], unit: f32) -> Option<Vec<Area>> {
    let beyond = (BEYOND * unit) as i32 + 1;
    let told: Vec<Area> = lines.iter().map(|line| line.area.grown(beyond, beyond)).collect();
    let is_told = |area: &Area| told.iter().any(|line| line.contains(area.centre()));
    let pieces = blobs::find(mask).into_iter().filter(|blob| blob.side() as f32 >= LEAST * unit).map(|blob| blob.area);
    let crumbs = crumbs.into_iter().flat_map(|crumbs| blobs::find(&lying(crumbs))).map(|blob| blob.area);
    let loose: Vec<Area> = pieces.chain(crumbs).filter(|area| !is_told(area)).take(MOST + 1).collect();
    (loose.len() <= MOST).then_some(loose)
}

fn lying(crumbs: &Grey) -> Mask {
    Mask { width: crumbs.width, height: crumbs.height, bits: crumbs.pixels.iter().map(|p| *p >= CRUMB).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Permille;

    #[test]
    fn ink_that_no_line_tells_of_is_loose_and_dust_is_not() {
        let (width, height) = (400, 200);
        let strokes = [Area::new(20, 20, 60, 40), Area::new(200, 22, 230, 38), Area::new(300, 30, 303, 33)];
        let bits = |strokes: &[Area]| {
            (0..width * height).map(|n| strokes.iter().any(|a| a.contains(((n % width) as i32, (n / width) as i32)))).collect()
        };
        let line = Line {
            area: Area::new(18, 18, 70, 42),
            text: "備考".into(),
            confidence: Permille(990),
            glyphs: Vec::new(),
            hand: Permille(0),
            frayed: Permille(0),
        };
        let crumb = Area::new(320, 120, 322, 121);
        let pixels = (0..width * height).map(|n| if crumb.contains(((n % width) as i32, (n / width) as i32)) { 90 } else { 0 }).collect();
        let crumbs = Grey { width, height, pixels };
        let with = |strokes: &[Area], crumbs: Option<&Grey>| {
            find(&Mask { width, height, bits: bits(strokes) }, crumbs, std::slice::from_ref(&line), 8.0)
        };
        let found = |strokes: &[Area]| with(strokes, None);
        assert_eq!(with(&strokes, Some(&crumbs)), Some(vec![strokes[1], crumb]), "on a frayed page");
        assert_eq!(found(&strokes), Some(vec![strokes[1]]));
        let dirt: Vec<Area> =
            (0..500).map(|n| Area::new(12 * (n % 33), 50 + 10 * (n / 33), 12 * (n % 33) + 9, 58 + 10 * (n / 33))).collect();
        assert_eq!(found(&dirt), None);
    }
}
