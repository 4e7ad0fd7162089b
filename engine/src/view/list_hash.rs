//! What tells one list from another: a hash over its filter and order.
//!
//! The encoding is that of stored filters. The hash is kept in cursors alone: should the encoding change with a version,
//! old cursors are refused.

use crate::filter::{Filter, Sort};

/// The hash of a list's filter and order; it does not depend on the process.
#[must_use]
pub fn query_hash(filter: &Filter, sort: &[Sort]) -> [u8; 16] {
    // Writing into a `Vec` cannot fail.
    let bytes = minicbor::to_vec((filter, sort)).unwrap_or_default();
    let mut hash = [0; 16];
    blake3::Hasher::new().update(&bytes).finalize_xof().fill(&mut hash);
    hash
}
