//! When it is for a reader: the moment it sees, and where its days begin.

use super::Reader;
use crate::command::time_zone;
use crate::error::Result;
use crate::time::Timestamp;

impl Reader {
    /// This reader, for somebody whose days and weeks begin as they do in the zone with this name of the IANA's.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a zone that is not there.
    pub fn in_zone_named(&self, name: &str) -> Result<Self> {
        Ok(self.in_zone(time_zone("timeZone", name)?))
    }

    /// The moment that this reader sees: now, or one of the past.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.asking().now
    }
}
