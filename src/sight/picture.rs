//! Pictures of pages.

use crate::area::Area;

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

impl Grey {
    /// The part of it that lies in an area.
    pub fn cut(&self, area: &Area) -> Grey {
        let within = |from: i32, to: i32, side: usize| {
            let to = (to.max(0) as usize).min(side);
            (from.max(0) as usize).min(to)..to
        };
        let (columns, rows) = (within(area.left, area.right, self.width), within(area.top, area.bottom, self.height));
        let row = |y: usize| &self.pixels[y * self.width + columns.start..y * self.width + columns.end];
        Grey { width: columns.len(), height: rows.len(), pixels: rows.flat_map(row).copied().collect() }
    }
}
