//! A reader of the past.
//!
//! It sees issues and their comments as they were at one place of the log, with the rights of today and the small tables
//! of today: what a state, a label, a member or a team is called, and whether it is still there, is shown as it is now,
//! and names in a filter mean what bears them now. "Now" in a filter is the moment that is seen. What issues had once is
//! read from the log up to that place.

use super::Reader;
use crate::error::{Error, Result};
use crate::model::Seq;
use crate::time::Timestamp;

/// A moment of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Past {
    /// An instant: what had been written by then. It is the writing that counts, not when an event says that it happened:
    /// an import writes today what happened years ago, and nobody could see it here before it was written.
    Instant(Timestamp),
    /// A place of the log: what had been written up to that event, included.
    Seq(Seq),
}

/// The moment that a reader sees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// The last event that is seen.
    pub(super) place: Seq,
    /// When it was.
    pub(super) at: Timestamp,
}

impl Reader {
    /// This reader, seeing what was there at a moment of the past: single issues, lists, counts, comments and histories.
    /// Single issues are taken back along their own events, however far. A list undoes everything since, for all issues
    /// at once, and is refused when that is too much.
    ///
    /// Should the clock have been set back once, an instant it showed twice means one of the two places, always the same.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a moment that is not past, `UNAVAILABLE` when the log cannot be read. A list is `TOO_COSTLY`
    /// when more than [`Limits::past_events_max`](crate::Limits) events have happened since.
    pub async fn at(&self, past: Past) -> Result<Self> {
        let moment = match past {
            Past::Instant(at) if at > self.live.now() => {
                return Err(Error::invalid(
                    "at",
                    format!("{at} is not past: leave `at` out to see the present"),
                ));
            }
            Past::Instant(at) => Moment { place: self.place_at(at).await?, at },
            Past::Seq(place) if place > self.live.applied() => {
                let message =
                    format!("the log has not come to event {place}: leave `at` out to see the present");
                return Err(Error::invalid("at", message));
            }
            // Before the first event there was nothing: any instant will do.
            Past::Seq(place) => Moment { place, at: self.written_at(Seq(place.0.max(1))).await? },
        };
        Ok(Self { moment: Some(moment), ..self.clone() })
    }

    /// When the event at this place was written.
    async fn written_at(&self, place: Seq) -> Result<Timestamp> {
        let events = self.live()?.events_at(&self.scope, &[place]).await?;
        let event = events.first().ok_or_else(|| Error::internal(format!("there is no event {place}")))?;
        Ok(event.recorded_at)
    }

    /// The last event that had been written by an instant. The steps of the search do not depend on where the log ends, so
    /// that the same instant is the same place ever after.
    async fn place_at(&self, at: Timestamp) -> Result<Seq> {
        let head = self.live.applied().0;
        let (mut low, mut high) = (0_u64, 1_u64);
        while high <= head && self.written_at(Seq(high)).await? <= at {
            (low, high) = (high, high.saturating_mul(2));
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if middle <= head && self.written_at(Seq(middle)).await? <= at {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(Seq(low))
    }
}
