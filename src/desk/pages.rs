//! The outbox as pages: an index over all cases and a page for each, readable without the program.
