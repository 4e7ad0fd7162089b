//! A visit: an operator of the platform looks into a company, for a reason and for a time, in sight of that company.

use super::KeyScope;
use crate::id::{RootId, SessionId};
use crate::time::Timestamp;

/// The record of a visit. There is one for each, for ever.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Visit {
    /// The id.
    #[n(0)]
    pub id: SessionId,
    /// Which operator.
    #[n(1)]
    pub root: RootId,
    /// How that operator is called, as it was then: the company knows no operators.
    #[n(2)]
    pub root_name: String,
    /// Why, in the operator's words.
    #[n(3)]
    pub reason: String,
    /// How far it reaches: reading alone, unless more was asked for.
    #[n(4)]
    pub scope: KeyScope,
    /// When it began.
    #[n(5)]
    pub began_at: Timestamp,
    /// When it ends by itself.
    #[n(6)]
    pub ends_at: Timestamp,
    /// When it was ended before that.
    #[n(7)]
    pub ended_at: Option<Timestamp>,
}

impl Visit {
    /// Whether it goes on.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.ends_at
    }
}
