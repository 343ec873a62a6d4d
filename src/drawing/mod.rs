//! Pictures for people who look: pages with frames and words on them, and cut-out places.
//!
//! Owns pixels, outlines of characters and PNG. Never decides what is shown.

pub mod canvas;
pub mod crop;
pub mod page;
pub mod pen;

/// Red, green, blue.
pub type Colour = [u8; 3];
