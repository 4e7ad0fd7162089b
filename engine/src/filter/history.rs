//! Tests of what was true once. They are answered from the log.

use super::{Compare, LabelTest, MemberTest, StateTest, When};
use crate::model::{IssueKind, Priority, Resolution, StateCategory};

/// A test of what was true of an issue once.
///
/// With neither `during` nor `by`, [`Was::Had`] is answered from memory. All others find their candidates in memory and
/// read the histories of those, within [`Limits::history_candidates_max`](crate::limits::Limits).
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct HistoryTest {
    /// What was, or what changed.
    #[n(0)]
    pub change: PastChange,
    /// When: at some moment that passes. A value counts as long as it lasted, a change at its moment.
    #[n(1)]
    pub during: Option<Compare<When>>,
    /// Who did it: gave the value, or made the change.
    #[n(2)]
    pub by: Option<MemberTest>,
}

/// The field that was, or changed.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum PastChange {
    /// The state.
    #[n(0)]
    State(#[n(0)] Was<StateTest>),
    /// The category of the state.
    #[n(1)]
    Category(#[n(0)] Was<Compare<StateCategory>>),
    /// The priority.
    #[n(2)]
    Priority(#[n(0)] Was<Compare<Priority>>),
    /// The kind.
    #[n(3)]
    Kind(#[n(0)] Was<Compare<IssueKind>>),
    /// Why it was closed; none while it was open.
    #[n(4)]
    Resolution(#[n(0)] Was<Compare<Resolution>>),
    /// One of those who worked on it.
    #[n(5)]
    Assignee(#[n(0)] Was<MemberTest>),
    /// One of its labels.
    #[n(6)]
    Label(#[n(0)] Was<LabelTest>),
}

impl PastChange {
    /// Whether it asks what was, not what changed.
    #[must_use]
    pub const fn is_had(&self) -> bool {
        matches!(
            self,
            Self::State(Was::Had(_))
                | Self::Category(Was::Had(_))
                | Self::Priority(Was::Had(_))
                | Self::Kind(Was::Had(_))
                | Self::Resolution(Was::Had(_))
                | Self::Assignee(Was::Had(_))
                | Self::Label(Was::Had(_))
        )
    }
}

/// What of a field is asked.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum Was<T> {
    /// It had a value that passes, once or still. The value it was made with counts as given by its creator. No value is
    /// none: `Null(true)` was never had.
    #[n(0)]
    Had(#[n(0)] T),
    /// It changed from a value that passes to one that passes; none: whatever value. What it was made with is no change.
    /// Of a field with several values, `from` is what left and `to` what came.
    #[n(1)]
    Changed {
        /// What it was.
        #[n(0)]
        from: Option<T>,
        /// What it became.
        #[n(1)]
        to: Option<T>,
    },
}
