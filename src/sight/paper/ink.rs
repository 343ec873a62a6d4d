//! From colours to ink on white paper.
//!
//! Owns which colours count (a red seal does not, a blue pen does) and takes shadow, fading and grey paper away.

use crate::paper::bilevel;
use crate::paper::blobs::{self, Blob, Mask};
use crate::paper::folds;
use crate::picture::Grey;
use crate::picture::Picture;
use crate::scale;

/// Longest side of the working canvas: 200 dots an inch on A4, where a line of text is as high as the reader wants it.
const SIDE: usize = 2400;
/// From here on a pixel is red ink.
const RED: i32 = 40;
/// Strips of a page in which red is looked for, and what is ink of another colour beside it.
const TILES: usize = 20;
const DARK: u8 = 140;
/// Darker than this is a speck's ink.
const SPECK: u8 = 190;
/// So many specks in a square of five millimetres lie densely.
const DENSE: u32 = 10;
/// The deepest shadow, in hundredths of the sheet's brightness.
const DEEPEST: u32 = 40;
/// Side of the squares in which the paper's brightness is measured.
const BLOCK: usize = 32;

/// A page as ink: 255 paper, 0 ink.
#[derive(Clone)]
pub struct Sheet {
    pub grey: Grey,
    /// Where red ink lies, where the picture has colours.
    pub red: Option<Grey>,
    /// How blue the ink is, where the picture has colours.
    pub blue: Option<Grey>,
    /// Where loose dots lie, where there are many.
    pub crumbs: Option<Grey>,
    /// Lone pixels in thousandths of all ink, where the picture has no greys.
    pub grain: u16,
}

impl Sheet {
    /// The picture at working size with its background evened out.
    pub fn of(picture: &Picture) -> Self {
        let longest = picture.width.max(picture.height).max(1);
        let shrink = (SIDE as f32 / longest as f32).min(1.0);
        let size = |length: usize| ((length as f32 * shrink).round() as usize).max(1);
        let (width, height) = (size(picture.width), size(picture.height));
        let fit = |pixels: Vec<u8>| scale::resized(Grey { width: picture.width, height: picture.height, pixels }, width, height);
        if picture.channels == 3 && is_printed_in_red(picture) {
            // Its imprints have the colour of its print: shape alone tells them.
            let darkest = picture.pixels.chunks_exact(3).map(|p| p[0].min(p[1]).min(p[2])).collect();
            return Sheet { grey: unfolded(fit(darkest)), red: None, blue: None, crumbs: None, grain: 0 };
        }
        if picture.channels == 3 {
            let (grey, red): (Vec<u8>, Vec<u8>) = picture.pixels.chunks_exact(3).map(|p| part(p[0], p[1], p[2])).unzip();
            let blue = picture.pixels.chunks_exact(3).map(|p| p[2].saturating_sub(p[0].max(p[1]))).collect();
            return Sheet { grey: unfolded(fit(grey)), red: Some(fit(red)), blue: Some(fit(blue)), crumbs: None, grain: 0 };
        }
        let grain = bilevel::grain(picture);
        if grain < bilevel::FRAYED {
            return Sheet { grey: unfolded(fit(picture.pixels.clone())), red: None, blue: None, crumbs: None, grain };
        }
        let mut grey = level(&bilevel::greys(picture, grain, width, height));
        sweep(&mut grey, SPECK);
        Sheet { grey, red: None, blue: None, crumbs: Some(fit(bilevel::crumbs(picture))), grain }
    }
}

/// Whether red is the ink of the form itself, and not of an imprint: so much of it, on most of the page.
fn is_printed_in_red(picture: &Picture) -> bool {
    let (mut red, mut dark) = (0u32, 0u32);
    let (mut columns, mut rows) = ([0u32; TILES], [0u32; TILES]);
    for y in (0..picture.height).step_by(2) {
        let line = &picture.pixels[3 * y * picture.width..3 * (y + 1) * picture.width];
        for (x, p) in line.chunks_exact(3).enumerate().step_by(2) {
            if i32::from(p[0]) - i32::from(p[1].max(p[2])) >= RED {
                red += 1;
                columns[x * TILES / picture.width] += 1;
                rows[y * TILES / picture.height] += 1;
            } else if p[0] < DARK {
                dark += 1;
            }
        }
    }
    let spread = |tiles: &[u32]| tiles.iter().filter(|count| **count * 200 > red).count();
    2 * red > dark && spread(&columns) * 10 >= TILES * 7 && spread(&rows) * 10 >= TILES * 3
}

/// Evened out, without folds.
fn unfolded(mut grey: Grey) -> Grey {
    folds::flatten(&mut grey);
    level(&grey)
}

/// Wipes specks off speckled paper. Elsewhere a speck may be a full stop, the dots of a が or a crumb of a faded stroke:
/// paper is speckled where they lie densely and nothing is written.
fn sweep(grey: &mut Grey, darker: u8) {
    let longest = grey.width.max(grey.height);
    // About half a millimetre and five.
    let (small, window) = ((longest / 470).max(2) as i32, (longest / 60).max(8));
    let columns = grey.width.div_ceil(window);
    let at = |x: i32, y: i32| y as usize / window * columns + x as usize / window;
    let (specks, large): (Vec<Blob>, Vec<Blob>) =
        blobs::find(&Mask::darker(grey, darker)).into_iter().partition(|blob| blob.side() <= small);
    let mut counts = vec![0u32; columns * grey.height.div_ceil(window)];
    specks.iter().for_each(|blob| counts[at(blob.area.left, blob.area.top)] += 1);
    let mut written = vec![0usize; counts.len()];
    large.iter().flat_map(|blob| &blob.runs).for_each(|(y, from, to)| written[at(*from, *y)] += (to - from) as usize);
    let speckled = counts.iter().zip(&written).filter(|(specks, ink)| **specks >= DENSE && **ink * 50 < window * window).count();
    if speckled * 100 < counts.len() {
        return;
    }
    for blob in specks.iter().filter(|blob| counts[at(blob.area.left, blob.area.top)] >= DENSE) {
        for (y, from, to) in &blob.runs {
            grey.pixels[*y as usize * grey.width + *from as usize..*y as usize * grey.width + *to as usize].fill(255);
        }
    }
}

/// Brightness without red ink, and the red ink.
fn part(r: u8, g: u8, b: u8) -> (u8, u8) {
    let (red, green, blue) = (i32::from(r), i32::from(g), i32::from(b));
    let excess = red - green.max(blue);
    if excess <= RED / 2 {
        // Grey, or ink of another colour, which is darkest in the red channel: a blue pen stays readable.
        return (r, 0);
    }
    // Red ink on paper is a little darker than paper even in the red channel.
    ((red + excess / 2).min(255) as u8, if excess >= RED { 255 } else { 0 })
}

/// Divides by the paper's own brightness and stretches what is left, so that ink is dark and paper white everywhere.
fn level(grey: &Grey) -> Grey {
    let (columns, rows) = (grey.width.div_ceil(BLOCK), grey.height.div_ceil(BLOCK));
    let mut paper = vec![0u8; columns * rows];
    // How bright the ink is beside its paper, where there is any: 0 where it is black, more where it has faded.
    let mut inks: Vec<u32> = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let mut counts = [0u32; 256];
            let mut total = 0;
            for y in row * BLOCK..((row + 1) * BLOCK).min(grey.height) {
                let line = &grey.pixels[y * grey.width + column * BLOCK..y * grey.width + ((column + 1) * BLOCK).min(grey.width)];
                line.iter().for_each(|p| counts[usize::from(*p)] += 1);
                total += line.len() as u32;
            }
            let (white, ink) = (rank(&counts, total * 3 / 5), rank(&counts, total / 20));
            paper[row * columns + column] = white;
            inks.extend(Some(u32::from(ink) * 255 / u32::from(white.max(1))).filter(|ink| *ink < 200));
        }
    }
    // No shadow is so deep: that dark is ground with white print on it.
    let (white, ink) = (u32::from(part_of(&mut paper.clone(), 9)), part_of(&mut inks, 5));
    let deepest = (white * (100 * ink + DEEPEST * (255 - ink)) / 25_500) as u8;
    paper.iter_mut().for_each(|white| *white = (*white).max(deepest));
    // A block full of ink borrows the brightness of its neighbours, a shadow keeps its own; the last pass smoothes the steps.
    let paper = around(&paper, columns, rows, |near| near.iter().copied().max().unwrap_or(255));
    let paper = around(&paper, columns, rows, |near| near.iter().copied().min().unwrap_or(255));
    let paper = around(&paper, columns, rows, |near| (near.iter().map(|p| u32::from(*p)).sum::<u32>() / near.len() as u32) as u8);
    let paper = scale::resized(Grey { width: columns, height: rows, pixels: paper }, grey.width, grey.height);
    let mut flat: Vec<u8> = grey
        .pixels
        .iter()
        .zip(&paper.pixels)
        .map(|(p, white)| (u32::from(*p) * 255 / u32::from((*white).max(24))).min(255) as u8)
        .collect();
    let dark = darkness(&flat);
    if dark > 0 {
        let span = 250 - dark;
        let table: Vec<u8> = (0..256i32).map(|p| ((p - dark) * 255 / span).clamp(0, 255) as u8).collect();
        flat.iter_mut().for_each(|p| *p = table[usize::from(*p)]);
    }
    Grey { width: grey.width, height: grey.height, pixels: flat }
}

/// The value below which so many tenths of some values lie; 0 for none.
fn part_of<T: Copy + Ord + Default>(values: &mut [T], tenths: usize) -> T {
    values.sort_unstable();
    values.get(values.len() * tenths / 10).copied().unwrap_or_default()
}

/// How dark ink is: a typical value among pixels that are clearly no paper. Bounded, so that blank paper stays blank.
fn darkness(flat: &[u8]) -> i32 {
    let mut counts = [0u32; 256];
    flat.iter().filter(|p| **p < 190).for_each(|p| counts[usize::from(*p)] += 1);
    let total: u32 = counts.iter().sum();
    if (total as usize) < flat.len() / 2000 { 0 } else { i32::from(rank(&counts, total / 5)).min(150) }
}

/// The value below which `position` of the counted pixels lie.
pub fn rank(counts: &[u32; 256], position: u32) -> u8 {
    let mut sum = 0;
    for (value, count) in counts.iter().enumerate() {
        sum += count;
        if sum > position {
            return value as u8;
        }
    }
    255
}

fn around(values: &[u8], columns: usize, rows: usize, f: impl Fn(&[u8]) -> u8) -> Vec<u8> {
    let mut near = Vec::with_capacity(9);
    let mut out = Vec::with_capacity(values.len());
    for row in 0..rows {
        for column in 0..columns {
            near.clear();
            for y in row.saturating_sub(1)..(row + 2).min(rows) {
                near.extend_from_slice(&values[y * columns + column.saturating_sub(1)..y * columns + (column + 2).min(columns)]);
            }
            out.push(f(&near));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn red_ink_vanishes_and_a_blue_pen_stays() {
        assert!(part(200, 50, 60).0 > 240);
        assert_eq!(part(200, 50, 60).1, 255);
        assert_eq!(part(40, 60, 170), (40, 0));
        assert_eq!(part(30, 30, 30), (30, 0));
    }

    fn picture(ink: impl Fn(usize, usize) -> [u8; 3]) -> Picture {
        let pixels = (0..300 * 400).flat_map(|n| ink(n % 300, n / 300)).collect();
        Picture { width: 300, height: 400, channels: 3, pixels, dpi: None }
    }

    #[test]
    fn a_form_printed_in_red_keeps_its_rules_and_a_seal_is_taken_off() {
        let brown = [150, 60, 40];
        let ruled = picture(|x, y| if (20..280).contains(&x) && y % 20 < 2 { brown } else { [250, 250, 250] });
        let sheet = Sheet::of(&ruled);
        assert!(sheet.red.is_none() && sheet.grey.pixels[200 * 300 + 150] < 120);
        let sealed = picture(|x, y| match (x, y) {
            (200..240, 100..140) if (x + y) % 4 < 2 => brown,
            (20..280, _) if y % 20 < 2 => [20, 20, 20],
            _ => [250, 250, 250],
        });
        let sheet = Sheet::of(&sealed);
        assert!(sheet.red.is_some() && sheet.grey.pixels[110 * 300 + 220] > 180);
    }

    #[test]
    fn a_shadow_is_taken_away_and_faint_ink_becomes_dark() {
        let (width, height) = (320, 320);
        let pixels = (0..width * height)
            .map(|n| {
                let paper = 230 - (n % width) / 4;
                (if n / width % 40 == 7 { paper * 7 / 10 } else { paper }) as u8
            })
            .collect();
        let flat = level(&Grey { width, height, pixels });
        for x in [5, 160, 315] {
            assert!(flat.pixels[20 * width + x] > 205, "paper at {x}: {}", flat.pixels[20 * width + x]);
            assert!(flat.pixels[47 * width + x] < 90, "ink at {x}: {}", flat.pixels[47 * width + x]);
        }
    }
}
