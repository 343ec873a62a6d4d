//! The eye of the desk (目): from the pixels of a page to its lines, cells and marks.
//!
//! Owns the picture and what is drawn on it. Never asks what a line means, never opens a file,
//! never keeps more from page to page than the loaded weights.
#![forbid(unsafe_code)]

pub mod area;
pub mod form;
pub mod page;
pub mod paper;
pub mod picture;
pub mod port;
pub mod recogniser;
mod scale;
