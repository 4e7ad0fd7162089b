//! What a thing is seen through: the present, or a moment of the past, by the days of a time zone.
//!
//! Whatever leads on from a thing is seen through the same: the comments of an issue of last week are those of last week.

use super::costs::PAST_UNITS;
use super::scalar::DateTime;
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use async_graphql::OneofObject;
use mortise_engine::Error;
use mortise_engine::model::Seq;
use mortise_engine::query::{Past, Reader};
use std::fmt;
use std::sync::Arc;

/// A moment of the past: exactly one of these. It is seen with the rights of today, and with the names that states,
/// labels, teams and people have today.
#[derive(Debug, OneofObject)]
pub(crate) enum PastMoment {
    /// What had been written by this time. An import counts as written when it ran.
    Time(DateTime),
    /// What had been written up to this place of the company's log: the `syncCursor` of an answer.
    SyncCursor(String),
}

impl PastMoment {
    fn past(self) -> mortise_engine::Result<Past> {
        match self {
            Self::Time(at) => Ok(Past::Instant(at.0)),
            Self::SyncCursor(text) => {
                let seq = text.parse().map_err(|_| {
                    Error::invalid("at.syncCursor", "this is not the `syncCursor` of an answer")
                })?;
                Ok(Past::Seq(Seq(seq)))
            }
        }
    }
}

/// See the module.
#[derive(Clone, Default)]
pub(crate) struct Sight(Option<Arc<Reader>>);

impl Sight {
    /// The present, by the days of who asks, else of the company.
    pub(crate) const PRESENT: Self = Self(None);

    /// As it is asked for.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a moment that is not past and a time zone that is not there.
    pub(crate) async fn of(asked: &Asked<'_>, at: Option<PastMoment>, zone: Option<String>) -> Result<Self> {
        let mut sight = Self::PRESENT;
        if let Some(zone) = zone {
            sight = Self::through(sight.reader(asked.snapshot).in_zone_named(&zone)?);
        }
        if let Some(at) = at {
            let past = sight.reader(asked.snapshot).at(at.past()?);
            asked.snapshot.charge(PAST_UNITS)?;
            sight = Self::through(asked.snapshot.rows(past).await?);
        }
        Ok(sight)
    }

    fn through(reader: Reader) -> Self {
        Self(Some(Arc::new(reader)))
    }

    /// What reads it.
    pub(crate) fn reader<'a>(&'a self, cx: &'a Snapshot) -> &'a Reader {
        self.0.as_deref().unwrap_or_else(|| cx.reader())
    }
}

impl fmt::Debug for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Sight(other)" } else { "Sight(present)" })
    }
}
