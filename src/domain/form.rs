//! Forms whose print is known.

pub use sight::form::{Form, Print};
