//! The filter: one tree, whoever asks (a client, a saved view, a plugin).
//!
//! A missing value (an issue without an estimate) matches `Null(true)`, `Neq` and `Nin`, and nothing else. This
//! module knows no view and no storage: it says what is asked, not how it is found.

use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId};
use crate::model::{IssueKind, Priority, Resolution, StateCategory};
use crate::time::{CalendarDate, Timestamp};

/// Which issues are wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of these hold; an empty list always holds.
    All(Vec<Filter>),
    /// At least one of these holds; an empty list never holds.
    Any(Vec<Filter>),
    /// This does not hold.
    Not(Box<Filter>),
    /// A field passes a test.
    Test(Test),
}

impl Filter {
    /// The filter that every issue passes.
    #[must_use]
    pub const fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// Nodes of the tree, and its depth.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts
                .iter()
                .map(Self::size)
                .fold((1, 1), |(n, d), (pn, pd)| (n.saturating_add(pn), d.max(pd.saturating_add(1)))),
            Self::Not(part) => {
                let (nodes, depth) = part.size();
                (nodes.saturating_add(1), depth.saturating_add(1))
            }
            Self::Test(_) => (1, 1),
        }
    }
}

/// A test of one value.
#[derive(Debug, Clone, PartialEq)]
pub enum Compare<T> {
    /// Is this.
    Eq(T),
    /// Is not this.
    Neq(T),
    /// Is one of these.
    In(Vec<T>),
    /// Is none of these.
    Nin(Vec<T>),
    /// Is less.
    Lt(T),
    /// Is less or the same.
    Lte(T),
    /// Is more.
    Gt(T),
    /// Is more or the same.
    Gte(T),
    /// Lies between these, both included.
    Between(T, T),
    /// Is missing (true) or there (false).
    Null(bool),
}

impl<T: PartialOrd> Compare<T> {
    /// Whether a value, or its absence, passes.
    pub fn passes(&self, value: Option<&T>) -> bool {
        let Some(value) = value else {
            return matches!(self, Self::Null(true) | Self::Neq(_) | Self::Nin(_));
        };
        match self {
            Self::Eq(want) => value == want,
            Self::Neq(want) => value != want,
            Self::In(list) => list.contains(value),
            Self::Nin(list) => !list.contains(value),
            Self::Lt(limit) => value < limit,
            Self::Lte(limit) => value <= limit,
            Self::Gt(limit) => value > limit,
            Self::Gte(limit) => value >= limit,
            Self::Between(low, high) => low <= value && value <= high,
            Self::Null(missing) => !missing,
        }
    }
}

/// A test of a field that holds several values.
#[derive(Debug, Clone, PartialEq)]
pub enum Many<T> {
    /// At least one passes.
    Some(Compare<T>),
    /// All pass; holds when there are none.
    Every(Compare<T>),
    /// None passes.
    None(Compare<T>),
    /// There are so many.
    Length(Compare<u32>),
}

/// A test of a text. Folded tests ignore case and accents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextTest {
    /// How to compare.
    pub operator: TextOperator,
    /// With what; `In` takes several, the others use the first.
    pub values: Vec<String>,
    /// Whether case and accents are ignored.
    pub folded: bool,
}

/// How texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextOperator {
    /// Is this.
    Eq,
    /// Is not this.
    Neq,
    /// Is one of these.
    In,
    /// Is none of these.
    Nin,
    /// Has this in it.
    Contains,
    /// Does not have this in it.
    NotContains,
    /// Begins with this.
    StartsWith,
    /// Ends with this.
    EndsWith,
}

/// An instant of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeField {
    /// When it was made.
    Created,
    /// When it last changed.
    Updated,
    /// When work started.
    Started,
    /// When it was completed.
    Completed,
    /// When it was canceled.
    Canceled,
    /// When it was archived.
    Archived,
}

/// A calendar date of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateField {
    /// The day work is meant to start.
    Start,
    /// The day it is due.
    Due,
}

/// A test of one field of an issue.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// The issue itself.
    Id(Compare<IssueId>),
    /// Its number in the team.
    Number(Compare<u32>),
    /// Its team.
    Team(Compare<TeamId>),
    /// Its state.
    State(Compare<StateId>),
    /// The category of its state.
    Category(Compare<StateCategory>),
    /// Its kind.
    Kind(Compare<IssueKind>),
    /// Its priority.
    Priority(Compare<Priority>),
    /// Why it was closed.
    Resolution(Compare<Resolution>),
    /// Who works on it.
    Assignees(Many<MemberId>),
    /// Who made it.
    Creator(Compare<MemberId>),
    /// Its labels.
    Labels(Many<LabelId>),
    /// The issue it is a part of.
    Parent(Compare<IssueId>),
    /// Its size.
    Estimate(Compare<u32>),
    /// One of its instants.
    Time(TimeField, Compare<Timestamp>),
    /// One of its dates.
    Date(DateField, Compare<CalendarDate>),
    /// Its title.
    Title(TextTest),
    /// Whether it is archived.
    Archived(bool),
    /// Whether it is deleted. Without this test anywhere in the tree, deleted issues are left out.
    Deleted(bool),
}

/// What issues are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// When made.
    Created,
    /// When last changed.
    Updated,
    /// How pressing.
    Priority,
    /// Number in the team.
    Number,
    /// Day due.
    Due,
    /// Size.
    Estimate,
    /// Place by hand.
    Rank,
    /// Title, case and accents ignored.
    Title,
    /// Order of the state's category.
    Category,
    /// When completed.
    Completed,
}

/// One step of an order. The last step of every order is the id, so that it is total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// From high to low.
    pub descending: bool,
    /// Missing values first, whatever the direction.
    pub nulls_first: bool,
}
