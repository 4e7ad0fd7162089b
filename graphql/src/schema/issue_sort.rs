//! The order of lists of issues: one key a step, the id last, so that every order is total.

use async_graphql::{Enum, InputObject, OneofObject};
use mortise_engine::filter::{Sort, SortKey};

/// Which way an order runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
pub(crate) enum SortDirection {
    /// From low to high, old to new, A to Z.
    #[default]
    Asc,
    /// From high to low, new to old, Z to A.
    Desc,
}

/// Where what has no value comes, whatever the direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
pub(crate) enum SortNulls {
    /// Before all others.
    First,
    /// Behind all others.
    #[default]
    Last,
}

/// How one step of an order runs.
#[derive(Debug, Clone, Copy, InputObject)]
pub(crate) struct SortOrder {
    /// Which way.
    #[graphql(default)]
    order: SortDirection,
    /// Where what has no value comes.
    #[graphql(default)]
    nulls: SortNulls,
}

/// One step of an order: exactly one key, such as `{createdAt: {order: DESC}}`.
#[derive(Debug, Clone, Copy, OneofObject)]
pub(crate) enum IssueSort {
    /// When it was made.
    CreatedAt(SortOrder),
    /// When it last changed.
    UpdatedAt(SortOrder),
    /// How pressing it is.
    Priority(SortOrder),
    /// Its number in the team.
    Number(SortOrder),
    /// The day it is due.
    DueDate(SortOrder),
    /// Its size.
    Estimate(SortOrder),
    /// Its place by hand.
    Rank(SortOrder),
    /// Its title, case and accents ignored.
    Title(SortOrder),
    /// What its state means.
    Category(SortOrder),
    /// When it was completed.
    CompletedAt(SortOrder),
}

impl IssueSort {
    /// The whole order as the engine takes it.
    pub(crate) fn all(steps: Vec<Self>) -> Vec<Sort> {
        steps.into_iter().map(Sort::from).collect()
    }
}

impl From<IssueSort> for Sort {
    fn from(step: IssueSort) -> Self {
        let (key, SortOrder { order, nulls }) = match step {
            IssueSort::CreatedAt(order) => (SortKey::Created, order),
            IssueSort::UpdatedAt(order) => (SortKey::Updated, order),
            IssueSort::Priority(order) => (SortKey::Priority, order),
            IssueSort::Number(order) => (SortKey::Number, order),
            IssueSort::DueDate(order) => (SortKey::Due, order),
            IssueSort::Estimate(order) => (SortKey::Estimate, order),
            IssueSort::Rank(order) => (SortKey::Rank, order),
            IssueSort::Title(order) => (SortKey::Title, order),
            IssueSort::Category(order) => (SortKey::Category, order),
            IssueSort::CompletedAt(order) => (SortKey::Completed, order),
        };
        Self { key, descending: order == SortDirection::Desc, nulls_first: nulls == SortNulls::First }
    }
}
