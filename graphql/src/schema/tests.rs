//! The schema as a whole.

mod snapshot;
