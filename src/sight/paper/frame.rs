//! From the upright page back to the picture as it came.
//!
//! Owns the way back through straightening and turning. Never touches a pixel.

use crate::area::Frame;
use crate::paper::Upright;
use crate::picture::Picture;

/// From the units of the upright page to the pixels of the picture.
pub fn of(upright: &Upright, page: (i32, i32), picture: &Picture) -> Frame {
    let canvas = (upright.grey.width as f64, upright.grey.height as f64);
    let lying = if upright.turned.is_multiple_of(2) { canvas } else { (canvas.1, canvas.0) };
    Frame::stretched((f64::from(page.0), f64::from(page.1)), canvas)
        .then(&askew(f64::from(upright.skew), canvas))
        .then(&Frame::turned_back(upright.turned, canvas))
        .then(&Frame::stretched(lying, (picture.width as f64, picture.height as f64)))
}

/// Around the middle, by as much as the page was set straight. A half turn about the same middle comes before or after it alike.
fn askew(degrees: f64, (width, height): (f64, f64)) -> Frame {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (x, y) = (width / 2.0, height / 2.0);
    Frame::new([cos, -sin, x - x * cos + y * sin], [sin, cos, y - x * sin - y * cos])
}
