//! The lean path against the stock path, on a toy schema with every kind of field.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod differential;
mod documents;
mod escaping;
mod schema;
mod toy;
