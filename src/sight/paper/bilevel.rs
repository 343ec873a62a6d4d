//! Scans in black and white: the greys that the scanner threw away.
//!
//! Owns how much of such a scan's ink is loose dots, and how paper and strokes come out of them again. Never looks at a scan that kept its greys.

use crate::paper::ink::rank;
use crate::picture::{Grey, Picture};
use crate::scale;

/// Loose dots in thousandths of all ink: from here on strokes are frayed, and on badly grainy paper they lie among specks.
pub const FRAYED: u16 = 3;
const GRAINY: u16 = 25;
/// Radius by which a frayed and a grainy scan are put out of focus, as a part of the longest side: less than a hair's width.
const SOFT: f32 = 0.8 / 2339.0;
const SOFTER: f32 = 1.2 / 2339.0;
/// The same for faded strokes on clean paper, and tenths of its ink that such a stroke is given.
const FADED: f32 = 0.7 / 2339.0;
const DARKER: u32 = 16;
/// Paper with less haze than this is clean; tables that lie close on one part in so many are no haze.
const CLEAN: u8 = 4;
const FEW: usize = 20;
/// Radius over which dots are counted as a grey.
const COUNT: f32 = 2.0;
/// Side of the squares in which the paper's specks are measured, about two millimetres.
const BLOCK: usize = 16;
/// Where paper turned to specks, strokes ran together: so many times the specks' share is taken off all ink, and never more than the limit.
const LIFT: u32 = 2;
const LIFTED: u32 = 216;

/// A scan in black and white keeps greys in how densely its dots lie: dark paper is speckled, faded strokes are frayed.
/// This tells how much of its ink is dots with no more than one neighbour; 0 where the picture has greys of its own.
/// Rows that a coarse fax had to double are frayed by their making.
pub fn grain(picture: &Picture) -> u16 {
    let (width, height) = (picture.width, picture.height);
    let greys = picture.pixels.iter().filter(|p| (16..240).contains(*p)).count();
    if picture.channels != 1 || width < 3 || height < 3 || greys * 100 > picture.pixels.len() {
        return 0;
    }
    let row = |y: usize| &picture.pixels[y * width..(y + 1) * width];
    let (mut all, mut loose, mut inked, mut doubled) = (0u64, 0u64, 0u32, 0u32);
    for y in 1..height - 1 {
        let (above, own, below) = (row(y - 1), row(y), row(y + 1));
        let before = all;
        for x in (1..width - 1).filter(|x| own[*x] < 128) {
            all += 1;
            loose += u64::from(is_loose([above, own, below], x));
        }
        inked += u32::from(all > before);
        doubled += u32::from(all > before && above == own);
    }
    let grain = (1000 * loose / all.max(1)) as u16;
    if doubled * 20 > inked * 9 { grain.max(FRAYED) } else { grain }
}

/// Whether a dot has no more than one neighbour.
fn is_loose(rows: [&[u8]; 3], x: usize) -> bool {
    rows.iter().map(|row| row[x - 1..x + 2].iter().filter(|p| **p < 128).count()).sum::<usize>() <= 2
}

/// Where the loose dots of a scan in black and white lie: 255 there, 0 elsewhere.
pub fn crumbs(picture: &Picture) -> Vec<u8> {
    let (width, height) = (picture.width, picture.height);
    let row = |y: usize| &picture.pixels[y * width..(y + 1) * width];
    let mut crumbs = vec![0; picture.pixels.len()];
    for y in 1..height.saturating_sub(1) {
        let rows = [row(y - 1), row(y), row(y + 1)];
        for x in (1..width.saturating_sub(1)).filter(|x| rows[1][*x] < 128 && is_loose(rows, *x)) {
            crumbs[y * width + x] = 255;
        }
    }
    crumbs
}

/// The greys of a frayed or grainy scan at another size.
pub fn greys(picture: &Picture, grain: u16, width: usize, height: usize) -> Grey {
    let longest = picture.width.max(picture.height) as f32;
    let soft = |radius: f32| {
        let rough = Grey { width: picture.width, height: picture.height, pixels: picture.pixels.clone() };
        scale::resized(scale::softened(&rough, radius * longest), width, height)
    };
    if grain < GRAINY {
        return soft(SOFT);
    }
    let mut grey = soft(SOFTER);
    let haze = haze(&grey);
    let hazy = haze.pixels.iter().filter(|p| **p >= CLEAN).count();
    if hazy * FEW < haze.pixels.len() {
        // All dots are strokes that faded: what is left of them is made dark again.
        grey = soft(FADED);
        grey.pixels.iter_mut().for_each(|p| *p = 255 - (u32::from(255 - *p) * DARKER / 10).min(255) as u8);
    } else {
        lift(&mut grey, &haze);
    }
    grey
}

/// How densely specks lie on the paper about each place: 0 where it is clean. What is written leaves two fifths of a place free.
fn haze(grey: &Grey) -> Grey {
    let counted = scale::softened(grey, COUNT);
    let (columns, rows) = (grey.width.div_ceil(BLOCK), grey.height.div_ceil(BLOCK));
    let mut counts = vec![[0u32; 256]; columns * rows];
    for (y, line) in counted.pixels.chunks_exact(grey.width.max(1)).enumerate() {
        let row = y / BLOCK * columns;
        line.iter().enumerate().for_each(|(x, p)| counts[row + x / BLOCK][usize::from(*p)] += 1);
    }
    let paper = |n: usize| {
        let (x, y) = (n % columns, n / columns);
        let mut near = [0u32; 256];
        for block in
            (y.saturating_sub(1)..(y + 2).min(rows)).flat_map(|y| (x.saturating_sub(1)..(x + 2).min(columns)).map(move |x| y * columns + x))
        {
            near.iter_mut().zip(&counts[block]).for_each(|(sum, count)| *sum += count);
        }
        let total: u32 = near.iter().sum();
        rank(&near, total * 3 / 5)
    };
    let pixels = (0..columns * rows).map(|n| 255 - paper(n)).collect();
    scale::resized(Grey { width: columns, height: rows, pixels }, grey.width, grey.height)
}

/// Takes the haze off: paper turns white, and strokes that it made run together part again.
fn lift(grey: &mut Grey, haze: &Grey) {
    for (p, haze) in grey.pixels.iter_mut().zip(&haze.pixels) {
        let off = (LIFT * u32::from(*haze)).min(LIFTED);
        let ink = u32::from(255 - *p).saturating_sub(off) * 255 / (255 - off);
        *p = 255 - ink as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As high as a page, that the radius is a page's.
    const SIDE: usize = 320;
    const TALL: usize = 2339;

    /// Paper a share of which (in hundredths) turned to specks, and ink where `f` says so.
    fn scanned(share: u32, f: impl Fn(usize, usize) -> bool) -> Picture {
        let mut dice = 7u32;
        let pixels = (0..SIDE * TALL).map(|n| {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let speck = (dice >> 16) % 100 < share;
            if speck || f(n % SIDE, n / SIDE) { 0 } else { 255 }
        });
        Picture { width: SIDE, height: TALL, channels: 1, pixels: pixels.collect(), dpi: None }
    }

    /// Mean brightness of columns between two.
    fn brightness(grey: &Grey, from: usize, to: usize) -> usize {
        let sum: usize = grey.pixels.chunks_exact(SIDE).map(|row| row[from..to].iter().map(|p| usize::from(*p)).sum::<usize>()).sum();
        sum / (TALL * (to - from))
    }

    #[test]
    fn paper_that_turned_to_specks_turns_white_and_a_stroke_stays() {
        let picture = scanned(30, |x, _| (200..212).contains(&x));
        let grain = grain(&picture);
        assert!(grain >= GRAINY, "{grain}");
        let grey = greys(&picture, grain, SIDE, TALL);
        assert!(brightness(&grey, 20, 180) > 235, "paper {}", brightness(&grey, 20, 180));
        assert!(brightness(&grey, 203, 209) < 20, "stroke {}", brightness(&grey, 203, 209));
    }

    #[test]
    fn faded_strokes_on_clean_paper_are_not_taken_for_haze() {
        let faded = scanned(0, |x, y| x % 60 < 3 && (x * 7 + y * 13) % 5 < 3);
        let haze = haze(&scale::softened(&Grey { width: SIDE, height: TALL, pixels: faded.pixels }, 1.0));
        assert!(haze.pixels.iter().all(|p| *p < CLEAN), "{:?}", haze.pixels.iter().max());
    }

    #[test]
    fn faded_strokes_are_made_dark_again() {
        let frayed = |share: usize| scanned(0, move |x, y| (200..212).contains(&x) && (x * 7 + y * 13) % 10 < share);
        let (faded, whole) = (frayed(5), frayed(10));
        let dark = |picture: &Picture| brightness(&greys(picture, GRAINY, SIDE, TALL), 203, 209);
        assert!(dark(&faded) < 75 && dark(&whole) == 0, "{} {}", dark(&faded), dark(&whole));
    }

    #[test]
    fn a_scan_with_greys_has_no_grain() {
        let mut picture = scanned(30, |_, _| false);
        picture.pixels.iter_mut().step_by(2).for_each(|p| *p = 128);
        assert_eq!(grain(&picture), 0);
    }
}
