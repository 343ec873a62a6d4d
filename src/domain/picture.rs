//! Pictures of pages.

pub use sight::picture::Picture;

/// A page as people see it when they open the file, and its size in the units of places.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    pub picture: Picture,
    pub width: i32,
    pub height: i32,
}
