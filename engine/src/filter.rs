//! The filter: one tree, whoever asks (a client, a saved view, a plugin).
//!
//! A filter says what is asked, not how it is found: people may stand in it as "me", times as "two weeks ago", states
//! and labels by name, so that a stored filter means the same tomorrow and to somebody else. What it means at one moment
//! is settled when it is asked, with an [`Asking`]. A missing value (an issue without an estimate) matches
//! `Null(true)`, `Neq` and `Nin`, and nothing else. This module knows no view and no storage.
//!
//! # Deleted and archived issues
//!
//! A list leaves out deleted issues unless its filter speaks of them anywhere at the level of the issue itself
//! ([`Test::Deleted`], [`TimeField::Deleted`]), and archived ones likewise. Filters inside tests of other issues are
//! another matter: those see archived issues, and never deleted ones, whatever they say; and what they say does not count
//! for the list.

mod asking;
mod compare;
mod duration;
mod fold;
mod group;
mod history;
mod moment;
#[cfg(test)]
pub(crate) mod random;
mod sort;
mod span;
mod test;

pub use asking::Asking;
pub use compare::{Compare, Many, TextOperator, TextTest};
pub(crate) use fold::spelt_out;
pub use fold::{fold, folded};
pub use group::GroupBy;
pub use history::{HistoryTest, PastChange, Was};
pub use moment::{Anchor, Day, Moment, Offset, ParseMomentError, Unit, When};
pub use sort::{Sort, SortKey};
pub use span::{ParseSpanError, Span};
pub(crate) use test::GOES_ON;
pub use test::{
    CommentTest, DateField, DurationField, IssueKey, LabelTest, Link, MemberTest, ParentTest, SourceTest,
    StateTest, TeamTest, Test, TextSearch, TimeField, WorkflowTest,
};

/// Which issues are wanted.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum Filter {
    /// All of these hold; an empty list always holds.
    #[n(0)]
    All(#[n(0)] Vec<Filter>),
    /// At least one of these holds; an empty list never holds.
    #[n(1)]
    Any(#[n(0)] Vec<Filter>),
    /// This does not hold.
    #[n(2)]
    Not(#[n(0)] Box<Filter>),
    /// A field passes a test.
    #[n(3)]
    Test(#[n(0)] Test),
}

impl Filter {
    /// The filter that every issue passes.
    #[must_use]
    pub const fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// Calls `see` with every test of the tree, those inside tests of other issues included, until it says `false`.
    pub fn each_test(&self, see: &mut dyn FnMut(&Test) -> bool) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().all(|part| part.each_test(see)),
            Self::Not(part) => part.each_test(see),
            Self::Test(test) => see(test) && test.inner().iter().all(|part| part.each_test(see)),
        }
    }

    /// Whether a test of this kind stands anywhere at the level of the issue itself, not inside tests of other issues.
    #[must_use]
    pub fn mentions(&self, kind: &dyn Fn(&Test) -> bool) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.mentions(kind)),
            Self::Not(part) => part.mentions(kind),
            Self::Test(test) => kind(test),
        }
    }

    /// Nodes of the tree, and its depth; what is inside tests of other issues counts. However deep the tree is, this
    /// takes no more of the stack.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let (mut nodes, mut deepest) = (0_usize, 0_usize);
        let mut waiting = vec![(self, 1_usize)];
        while let Some((filter, depth)) = waiting.pop() {
            (nodes, deepest) = (nodes.saturating_add(1), deepest.max(depth));
            let parts = match filter {
                Self::All(parts) | Self::Any(parts) => parts.as_slice(),
                Self::Not(part) => std::slice::from_ref(&**part),
                Self::Test(test) => test.inner(),
            };
            waiting.extend(parts.iter().map(|part| (part, depth + 1)));
        }
        (nodes, deepest)
    }
}

impl From<Test> for Filter {
    fn from(test: Test) -> Self {
        Self::Test(test)
    }
}
