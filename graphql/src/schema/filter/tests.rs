//! From inputs to trees, and from trees to inputs.

mod read;
mod round_trip;
