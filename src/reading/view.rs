//! A page as people see it when they open the file, for those who look: no text is read here.
//!
//! Owns the way from bytes to the picture of one page. Never turns it: places are told on this picture.

use crate::domain::picture::{Picture, View};
use crate::reading::format::Limits;
use crate::reading::{image, pdf, tiff};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Page `number` of a scan or a PDF; `None` for anything else, and where it cannot be drawn.
/// `typeface` stands in for Japanese fonts that a PDF names and does not hold.
pub fn page(bytes: &[u8], number: u32, limits: Limits, typeface: &'static [u8]) -> Option<View> {
    let index = number.checked_sub(1)? as usize;
    let view = || {
        if (pdf::PDF.sniff)(bytes) {
            return pdf::view(bytes, index, limits, typeface);
        }
        let picture =
            if (tiff::TIFF.sniff)(bytes) { tiff::page_at(bytes, index, limits)? } else { image::single_at(bytes, index, limits)? };
        Some(View { width: picture.width as i32, height: picture.height as i32, picture })
    };
    // A decoder's panic is a page without a picture.
    catch_unwind(AssertUnwindSafe(view)).ok().flatten().filter(|view| Picture::is_sound(&view.picture))
}
