//! Chance. Permission `random`.

use crate::prelude::Error;

/// So many random bytes, at most 1,024.
///
/// # Errors
///
/// When it is not granted.
pub fn bytes(len: u32) -> Result<Vec<u8>, Error> {
    super::ask!(random::bytes(len))
}
