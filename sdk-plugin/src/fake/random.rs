//! Fake chance: the same bytes in every run.

use crate::prelude::{Error, Quota};

pub(crate) fn bytes(len: u32) -> Result<Vec<u8>, Error> {
    if len > 1024 {
        return Err(Error::QuotaExceeded(Quota::Bytes));
    }
    Ok((0..len).map(|i| u8::try_from(i.wrapping_mul(97) % 256).unwrap_or_default()).collect())
}
