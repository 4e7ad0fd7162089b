//! What lists are ordered by.

/// What issues are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum SortKey {
    /// When made.
    #[n(0)]
    Created,
    /// When last changed.
    #[n(1)]
    Updated,
    /// How pressing.
    #[n(2)]
    Priority,
    /// Number in the team.
    #[n(3)]
    Number,
    /// Day due.
    #[n(4)]
    Due,
    /// Size.
    #[n(5)]
    Estimate,
    /// Place by hand.
    #[n(6)]
    Rank,
    /// Title, case and accents ignored.
    #[n(7)]
    Title,
    /// Order of the state's category.
    #[n(8)]
    Category,
    /// When completed.
    #[n(9)]
    Completed,
    /// When work started.
    #[n(10)]
    Started,
    /// Day work is meant to start.
    #[n(11)]
    Start,
    /// How many comments.
    #[n(12)]
    Comments,
    /// When it entered its present state.
    #[n(13)]
    StateSince,
    /// How well it matches the texts that the filter searches; without any, nothing is missing and all are equal.
    #[n(14)]
    Relevance,
}

impl SortKey {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Created,
        Self::Updated,
        Self::Priority,
        Self::Number,
        Self::Due,
        Self::Estimate,
        Self::Rank,
        Self::Title,
        Self::Category,
        Self::Completed,
        Self::Started,
        Self::Start,
        Self::Comments,
        Self::StateSince,
        Self::Relevance,
    ];
}

/// One step of an order. The last step of every order is the id, so that it is total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
pub struct Sort {
    /// By what.
    #[n(0)]
    pub key: SortKey,
    /// From high to low.
    #[n(1)]
    pub descending: bool,
    /// Missing values first, whatever the direction.
    #[n(2)]
    pub nulls_first: bool,
}
