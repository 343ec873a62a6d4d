//! White print on dark ground.
//!
//! Owns dark rectangles and their turning into white ones with dark print and a border. Never touches a box to tick or a rule.

use crate::area::Area;
use crate::paper::blobs::{self, Blob, Mask};
use crate::paper::{fill, ink};
use crate::picture::Grey;

/// Side of a tile, in millimetres: smaller than the lowest cell, larger than any stroke.
const TILE: f32 = 1.6;
/// A tile with so much ink is dark, and one with nearly nothing else is solid ground.
const DARK: f32 = 0.45;
const SOLID: f32 = 0.95;
/// Dark ground is at least so many tiles wide and high, and so much of its tiles is dark.
const WIDE: i32 = 5;
const HIGH: i32 = 2;
/// One that holds upright print is narrower and higher.
const NARROW: i32 = 3;
const TALL: i32 = 6;
const FULL: f32 = 0.8;
/// Darker than this is ground.
const GROUND: u8 = 140;
/// How far beside dark ground a rule is looked for, in millimetres, and how much of that stretch it inks. No stroke of a letter is so long.
const BESIDE: f32 = 6.0;
const RULED: f32 = 0.9;

/// Turns dark ground with white print into white ground with dark print; `unit` is pixels a millimetre of a straight page.
pub fn brighten(grey: &mut Grey, unit: f32) {
    let mask = Mask::darker(grey, GROUND);
    for area in grounds(&mask, unit) {
        let rules = rules_against(&mask, &area, unit);
        invert(grey, &area);
        let thick = (0.25 * unit).round().max(1.0) as i32;
        let Area { left, top, right, bottom } = area;
        for y in rules.into_iter().chain([top, bottom - thick]) {
            fill(grey, &Area::new(left, y, right, y + thick), 0);
        }
        fill(grey, &Area::new(left, top, left + thick, bottom), 0);
        fill(grey, &Area::new(right - thick, top, right, bottom), 0);
    }
}

/// Dark rectangles that are large enough for print.
fn grounds(mask: &Mask, unit: f32) -> Vec<Area> {
    let side = ((TILE * unit) as usize).max(4);
    let (width, height) = (mask.width / side, mask.height / side);
    let on_page = |tiles: &Area| {
        let edges = [tiles.left, tiles.top, tiles.right, tiles.bottom].map(|edge| edge * side as i32);
        Area::new(edges[0], edges[1], edges[2], edges[3])
    };
    let share = |x: i32, y: i32| mask.count(&on_page(&Area::new(x, y, x + 1, y + 1))) as f32 / (side * side) as f32;
    let bits = (0..width * height).map(|n| share((n % width) as i32, (n / width) as i32) >= DARK).collect();
    let ground = |blob: &Blob| {
        let tiles: Vec<(i32, i32)> = blob.runs.iter().flat_map(|(y, from, to)| (*from..*to).map(move |x| (x, *y))).collect();
        let core = core(blob.area, &tiles);
        let inside: Vec<&(i32, i32)> = tiles.iter().filter(|tile| core.contains(**tile)).collect();
        let solid = inside.iter().filter(|(x, y)| share(*x, *y) >= SOLID).count();
        let (wide, high) = (core.width(), core.height());
        let large = wide >= WIDE && high >= HIGH || wide >= NARROW && high >= TALL;
        (large && inside.len() as f32 >= FULL * (wide * high) as f32 && 4 * solid >= inside.len()).then_some(core)
    };
    let dark = blobs::find(&Mask { width, height, bits });
    dark.iter().filter_map(ground).map(|core| fitted(mask, &on_page(&core), side as i32)).collect()
}

/// What of some dark tiles is a rectangle: a dense letter that touches it is off it.
fn core(whole: Area, tiles: &[(i32, i32)]) -> Area {
    let mut area = whole;
    loop {
        let Area { left, top, right, bottom } = area;
        let sides = [
            Area { right: left + 1, ..area },
            Area { left: right - 1, ..area },
            Area { bottom: top + 1, ..area },
            Area { top: bottom - 1, ..area },
        ];
        let thin = |side: &Area| 2 * tiles.iter().filter(|tile| side.contains(**tile)).count() < (side.width() * side.height()) as usize;
        match sides.iter().position(thin) {
            Some(0) => area.left += 1,
            Some(1) => area.right -= 1,
            Some(2) => area.top += 1,
            Some(_) => area.bottom -= 1,
            None => return area,
        }
        if area.width() < 1 || area.height() < 1 {
            return area;
        }
    }
}

/// The rectangle with its edges where the ground ends.
fn fitted(mask: &Mask, rough: &Area, side: i32) -> Area {
    let dark = |area: Area| mask.count(&area) as f32 >= DARK * (area.width() * area.height()).max(1) as f32;
    let mut area = *rough;
    for _ in 0..side {
        area.left -= i32::from(dark(Area { left: area.left - 1, right: area.left, ..area }));
        area.right += i32::from(dark(Area { left: area.right, right: area.right + 1, ..area }));
        area.top -= i32::from(dark(Area { top: area.top - 1, bottom: area.top, ..area }));
        area.bottom += i32::from(dark(Area { top: area.bottom, bottom: area.bottom + 1, ..area }));
    }
    for _ in 0..side {
        area.left += i32::from(!dark(Area { right: area.left + 1, ..area }));
        area.right -= i32::from(!dark(Area { left: area.right - 1, ..area }));
        area.top += i32::from(!dark(Area { bottom: area.top + 1, ..area }));
        area.bottom -= i32::from(!dark(Area { top: area.bottom - 1, ..area }));
    }
    area
}

/// Where level rules end at the ground: they part its cells, too.
fn rules_against(mask: &Mask, area: &Area, unit: f32) -> Vec<i32> {
    let (near, far) = ((0.6 * unit) as i32, (BESIDE * unit) as i32);
    let stretches = [(area.right + near, area.right + far), (area.left - far, area.left - near)];
    let ruled = |y: &i32| {
        let inked = |x: &i32| mask.count(&Area::new(*x, *y - 1, *x + 1, *y + 2)) > 0;
        stretches.into_iter().any(|(from, to)| (from..to).filter(inked).count() as f32 >= RULED * (to - from) as f32)
    };
    let mut found: Vec<i32> = Vec::new();
    let mut last = i32::MIN / 2;
    for y in (area.top + 2 * near..area.bottom - 2 * near).filter(ruled) {
        if y - last > 1 {
            found.push(y);
        }
        last = y;
    }
    found
}

/// What is white becomes ink, and the ground becomes paper.
fn invert(grey: &mut Grey, area: &Area) {
    let (left, right) = (area.left.max(0) as usize, (area.right.max(0) as usize).min(grey.width));
    let rows = area.top.max(0) as usize..(area.bottom.max(0) as usize).min(grey.height);
    let mut counts = [0u32; 256];
    rows.clone().for_each(|y| grey.pixels[y * grey.width + left..y * grey.width + right].iter().for_each(|p| counts[usize::from(*p)] += 1));
    let total: u32 = counts.iter().sum();
    let ground = i32::from(ink::rank(&counts, total / 2)).min(i32::from(GROUND));
    for y in rows {
        for pixel in &mut grey.pixels[y * grey.width + left..y * grey.width + right] {
            let above = (i32::from(*pixel) - ground - 12).max(0);
            *pixel = (255 - (above * 255 / (243 - ground)).min(255)) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: f32 = 8.0;

    fn sheet(shade: impl Fn(i32, i32) -> u8) -> Grey {
        Grey { width: 800, height: 400, pixels: (0..800 * 400).map(|n| shade(n % 800, n / 800)).collect() }
    }

    #[test]
    fn white_print_on_dark_ground_becomes_dark_print_in_a_cell() {
        let ground = |x: i32, y: i32| (100..400).contains(&x) && (50..190).contains(&y);
        let print = |x: i32, y: i32| (150..250).contains(&x) && (70..100).contains(&y) && x % 12 < 4;
        let rule = |x: i32, y: i32| (400..700).contains(&x) && (119..121).contains(&y);
        let mut grey = sheet(|x, y| {
            if print(x, y) {
                255
            } else if ground(x, y) {
                60
            } else if rule(x, y) {
                20
            } else {
                255
            }
        });
        brighten(&mut grey, UNIT);
        let at = |x: usize, y: usize| grey.pixels[y * 800 + x];
        assert!(at(300, 85) > 240 && at(157, 85) < 20 && at(162, 85) > 240);
        assert!((118..123).any(|y| at(250, y) == 0), "the rule goes on");
        assert!((49..53).any(|y| at(250, y) == 0) && (99..103).any(|x| at(x, 150) == 0), "a border");
        assert!(at(500, 300) == 255 && at(500, 120) < 40);
    }

    #[test]
    fn a_narrow_bar_with_upright_print_is_ground() {
        let ground = |x: i32, y: i32| (100..164).contains(&x) && (50..200).contains(&y);
        let print = |x: i32, y: i32| (120..144).contains(&x) && (80..104).contains(&y) && x % 12 < 4;
        // Beside it a letter with a level stroke, and one so dense that its tile is dark.
        let stroke =
            |x: i32, y: i32| (170..194).contains(&x) && (170..173).contains(&y) || (164..190).contains(&x) && (100..124).contains(&y);
        let mut grey = sheet(|x, y| if ground(x, y) && !print(x, y) || stroke(x, y) { 40 } else { 255 });
        brighten(&mut grey, UNIT);
        let at = |x: usize, y: usize| grey.pixels[y * 800 + x];
        assert!(at(110, 150) > 240 && at(121, 90) < 20 && (99..103).any(|x| at(x, 150) == 0));
        assert!((165..178).all(|y| at(130, y) > 240), "no rule parts the ground");
    }

    #[test]
    fn a_filled_box_a_rule_and_bold_words_stay() {
        let filled = |x: i32, y: i32| (100..126).contains(&x) && (50..76).contains(&y);
        let rule = |x: i32, y: i32| (50..750).contains(&x) && (200..206).contains(&y);
        let bold = |x: i32, y: i32| (200..600).contains(&x) && (100..140).contains(&y) && x % 16 < 7 && y % 16 < 10;
        let page = sheet(|x, y| if filled(x, y) || rule(x, y) || bold(x, y) { 10 } else { 255 });
        let mut grey = page.clone();
        brighten(&mut grey, UNIT);
        assert_eq!(grey.pixels, page.pixels);
    }
}
