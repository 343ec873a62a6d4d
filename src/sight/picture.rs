//! Pictures of pages.

/// A page as pixels: 8-bit grey, or 8-bit red, green, blue.
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

impl Picture {
    /// It has pixels, and as many as it says.
    pub fn is_sound(&self) -> bool {
        let size = self.width.checked_mul(self.height).and_then(|size| size.checked_mul(self.channels));
        matches!(self.channels, 1 | 3) && self.width > 0 && self.height > 0 && size == Some(self.pixels.len())
    }
}

/// A picture of 8-bit grey values, row by row, 0 black.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grey {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}
