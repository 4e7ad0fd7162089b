//! The order of lists of issues: one key a step, the id last, so that every order is total.

use crate::context::Snapshot;
use crate::lean::Rows;
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

/// Declares the keys, once for what is asked and once for what is answered.
macro_rules! sort_keys {
    ($($(#[doc = $doc:tt])+ $name:ident = $key:ident,)+) => {
        /// One step of an order: exactly one key, such as `{createdAt: {order: DESC}}`.
        #[derive(Debug, Clone, Copy, OneofObject)]
        pub(crate) enum IssueSort {
            $($(#[doc = $doc])+ $name(SortOrder),)+
        }

        impl From<IssueSort> for Sort {
            fn from(step: IssueSort) -> Self {
                let (key, SortOrder { order, nulls }) = match step {
                    $(IssueSort::$name(order) => (SortKey::$key, order),)+
                };
                Self { key, descending: order == SortDirection::Desc, nulls_first: nulls == SortNulls::First }
            }
        }

        /// What issues are ordered by: the fields of `IssueSort`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
        pub(crate) enum IssueSortKey {
            $($(#[doc = $doc])+ $name,)+
        }

        impl From<SortKey> for IssueSortKey {
            fn from(key: SortKey) -> Self {
                match key { $(SortKey::$key => Self::$name,)+ }
            }
        }
    };
}

sort_keys! {
    /// When it was made.
    CreatedAt = Created,
    /// When it last changed.
    UpdatedAt = Updated,
    /// How pressing it is.
    Priority = Priority,
    /// Its number in the team.
    Number = Number,
    /// The day it is due.
    DueDate = Due,
    /// Its size.
    Estimate = Estimate,
    /// Its place by hand.
    Rank = Rank,
    /// Its title, case and accents ignored.
    Title = Title,
    /// What its state means.
    Category = Category,
    /// When it was completed.
    CompletedAt = Completed,
    /// When work started.
    StartedAt = Started,
    /// The day work is meant to start.
    StartDate = Start,
    /// How many comments it has.
    CommentCount = Comments,
    /// When it entered its present state.
    StateSince = StateSince,
    /// How well it matches the texts that the filter searches; without any, all are equal.
    Relevance = Relevance,
}

impl IssueSort {
    /// The whole order as the engine takes it.
    pub(crate) fn all(steps: Vec<Self>) -> Vec<Sort> {
        steps.into_iter().map(Sort::from).collect()
    }
}

/// A step of an order, as the API shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SortNode(Sort);

impl SortNode {
    /// The steps of a whole order.
    pub(crate) fn all(steps: &[Sort]) -> Rows<Self> {
        steps.iter().copied().map(Self).collect()
    }
}

crate::lean_object! {
    /// One step of an order.
    "IssueSortStep" for SortNode, cx Snapshot {
        /// By what.
        "key" key: IssueSortKey = |step, _| step.0.key.into();
        /// Which way.
        "order" order: SortDirection = |step, _| if step.0.descending { SortDirection::Desc } else { SortDirection::Asc };
        /// Where what has no value comes.
        "nulls" nulls: SortNulls = |step, _| if step.0.nulls_first { SortNulls::First } else { SortNulls::Last };
    }
}

crate::lean_enum!(IssueSortKey, SortDirection, SortNulls);
