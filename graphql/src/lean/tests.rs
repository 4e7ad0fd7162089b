//! The lean path against the stock path, on a toy schema with every kind of field.

mod differential;
mod documents;
mod escaping;
mod schema;
mod toy;
