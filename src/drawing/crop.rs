//! One place cut out of its page, with what stands around it.

use crate::domain::picture::View;
use crate::domain::place::{Area, Frame};
use crate::drawing::Colour;
use crate::drawing::canvas::Canvas;

const MARK: Colour = [215, 0, 0];
/// A cut-out is no larger than this.
const WIDE: usize = 1100;
const HIGH: usize = 700;
/// Bytes of a cut-out; noise packs badly.
const MOST: usize = 150_000;

/// A cut-out, and the part of the page that shows on it, in the units of places.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Crop {
    pub png: Vec<u8>,
    pub shown: Area,
}

/// The page turned upright by clockwise `quarters`, and the way there for places.
pub fn upright(view: &View, quarters: u8) -> (Canvas, Frame) {
    let picture = (view.picture.width as f64, view.picture.height as f64);
    let pixels = Frame::stretched((f64::from(view.width), f64::from(view.height)), picture);
    // Turning a page on is turning back what was turned the other way.
    let frame = pixels.then(&Frame::turned_back((4 - quarters % 4) % 4, picture));
    (Canvas::of(&view.picture).turned(quarters), frame)
}

/// The place with its surroundings, upright and framed in red; `None` where nothing of it lies on the page.
pub fn cut(view: &View, area: &Area, quarters: u8) -> Option<Crop> {
    let sheet = Area::new(0, 0, view.width, view.height);
    let place = area.intersection(&sheet)?;
    // Enough of the row to see which entry it is.
    let (along, across) = if quarters.is_multiple_of(2) { (view.width, view.height) } else { (view.height, view.width) };
    let (along, across) = (along / 7, across / 60);
    let around = if quarters.is_multiple_of(2) { place.grown(along, across) } else { place.grown(across, along) };
    let shown = around.intersection(&sheet)?;
    // Only this part is turned: a page is a hundred times larger.
    let pixels = Frame::stretched((f64::from(view.width), f64::from(view.height)), (view.picture.width as f64, view.picture.height as f64));
    let window = pixels.area(&shown);
    let piece = Canvas::part_of(&view.picture, &window);
    let size = (piece.width as f64, piece.height as f64);
    let frame = pixels.shifted(-f64::from(window.left), -f64::from(window.top)).then(&Frame::turned_back((4 - quarters % 4) % 4, size));
    let whole = piece.turned(quarters).in_few_greys();
    let full = whole.width;
    for shrink in 1..=4 {
        let mut small = whole.clone().within(WIDE / shrink, HIGH / shrink);
        if small.width == 0 || small.height == 0 {
            return None;
        }
        let ratio = small.width as f64 / full as f64;
        let mark = frame.then(&Frame::stretched((1.0, 1.0), (ratio, ratio))).area(&place);
        small.frame(&mark.grown(2, 2), MARK, 2);
        let png = small.png()?;
        if png.len() <= MOST {
            return Some(Crop { png, shown });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::picture::Picture;

    /// A white page with a black bar, 40 to the right and 10 down, 80 by 8.
    fn view() -> View {
        let (width, height) = (400, 600);
        let bar = |n: usize| (40..120).contains(&(n % width)) && (10..18).contains(&(n / width));
        let pixels = (0..width * height).map(|n| if bar(n) { 0 } else { 255 }).collect();
        View { picture: Picture { width, height, channels: 1, pixels, dpi: None }, width: 4000, height: 6000 }
    }

    fn red(canvas: &image::RgbImage) -> Option<(u32, u32, u32, u32)> {
        let marked = canvas.enumerate_pixels().filter(|(_, _, p)| p.0 == MARK).map(|(x, y, _)| (x, y));
        marked.fold(None, |found, (x, y)| {
            let (l, t, r, b) = found.unwrap_or((x, y, x, y));
            Some((l.min(x), t.min(y), r.max(x), b.max(y)))
        })
    }

    /// The first half of the bar, so that what follows it tells which way up the cut-out is.
    fn half() -> Area {
        Area::new(400, 100, 800, 180)
    }

    fn seen(quarters: u8) -> image::RgbImage {
        image::load_from_memory(&cut(&view(), &half(), quarters).unwrap().png).unwrap().into_rgb8()
    }

    #[test]
    fn a_place_is_framed_and_its_surroundings_show() {
        assert_eq!(cut(&view(), &half(), 0).unwrap().shown, Area::new(0, 0, 1371, 280));
        let seen = seen(0);
        assert_eq!((seen.width(), seen.height()), (137, 28));
        assert_eq!(red(&seen), Some((36, 6, 83, 21)));
        assert_eq!([20, 60, 100].map(|x| seen.get_pixel(x, 14).0[0]), [255, 0, 0]);
    }

    #[test]
    fn a_page_that_lies_on_its_head_or_side_gives_an_upright_cut_out() {
        let foot = seen(2);
        assert_eq!(red(&foot), Some((53, 6, 100, 21)));
        assert_eq!([20, 75, 110].map(|x| foot.get_pixel(x, 14).0[0]), [0, 0, 255]);
        // Of a page on its side the bar runs down, or up.
        for (quarters, above) in [(1, 255), (3, 0)] {
            let side = seen(quarters);
            let (left, top, right, bottom) = red(&side).unwrap();
            assert!(right - left < bottom - top, "{quarters}");
            let x = (left + right) / 2;
            assert_eq!([top - 1, (top + bottom) / 2, bottom + 1].map(|y| side.get_pixel(x, y).0[0]), [above, 0, 255 - above], "{quarters}");
        }
    }

    #[test]
    fn nothing_is_cut_where_nothing_is() {
        assert_eq!(cut(&view(), &Area::new(0, 0, 0, 0), 0), None);
        assert_eq!(cut(&view(), &Area::new(5000, 0, 6000, 100), 0), None);
    }

    #[test]
    fn a_noisy_page_is_kept_small() {
        let mut view = view();
        let mut state = 1u32;
        for pixel in &mut view.picture.pixels {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *pixel = (state >> 24) as u8;
        }
        let crop = cut(&view, &Area::new(0, 0, 4000, 6000), 0).unwrap();
        assert!(crop.png.len() <= MOST, "{}", crop.png.len());
    }
}
