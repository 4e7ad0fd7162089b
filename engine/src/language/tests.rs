//! Texts to trees and back.

mod completions;
mod documents;
mod errors;
mod properties;
mod texts;

use super::*;

/// Limits wide enough for any tree of a test.
fn wide() -> Limits {
    Limits {
        query_bytes_max: 1 << 20,
        filter_text_bytes_max: 1 << 20,
        looked_up_max: 10_000,
        filter_nodes_max: 10_000,
        filter_depth_max: 30,
        filter_values_max: 1_000,
        sort_steps_max: 100,
        ..Limits::default()
    }
}
