//! Tests of things with ids and names (members, labels, states, teams) and of words, made ready to be put to many values.
//!
//! A name is looked up in the directory, once for each value that issues have, never for each issue. A value that the
//! directory does not know has no name: it passes negative tests alone.

use super::Question;
use super::origin::Origin;
use super::text::Matcher;
use crate::directory::Directory;
use crate::filter::{Compare, LabelTest, MemberTest, SourceTest, StateTest, TeamTest, TextTest};
use crate::id::{LabelId, MemberId, StateId, TeamId};
use crate::model::{IssueKind, Priority, Resolution, StateCategory};

/// A test that is ready: whether a value passes.
pub(super) type Ready<'a, K> = Box<dyn Fn(&K) -> bool + 'a>;

/// A test of one value.
pub(super) trait Tested<K> {
    /// The test itself, if it compares ids or words.
    fn compare(&self) -> Option<&Compare<K>>;

    /// Makes it ready.
    fn ready<'a>(&'a self, q: &Question<'a>) -> Ready<'a, K>;

    /// Whether a missing value passes.
    fn passes_missing(&self) -> bool {
        self.compare()
            .is_some_and(|compare| matches!(compare, Compare::Null(true) | Compare::Neq(_) | Compare::Nin(_)))
    }
}

/// All of several tests, ready.
pub(super) fn all_ready<'a, K: 'a>(tests: &'a [impl Tested<K>], q: &Question<'a>) -> Ready<'a, K> {
    let mut ready: Vec<_> = tests.iter().map(|test| test.ready(q)).collect();
    match (ready.pop(), ready.is_empty()) {
        (Some(only), true) => only,
        (last, _) => Box::new(move |key| ready.iter().chain(&last).all(|passes| passes(key))),
    }
}

fn compared<'a, K: Ord + Clone>(compare: &'a Compare<K>) -> Ready<'a, K> {
    let sorted = |list: &[K]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list
    };
    match compare {
        Compare::In(list) => {
            let list = sorted(list);
            Box::new(move |key| list.binary_search(key).is_ok())
        }
        Compare::Nin(list) => {
            let list = sorted(list);
            Box::new(move |key| list.binary_search(key).is_err())
        }
        other => Box::new(|key| other.passes(Some(key))),
    }
}

fn named<'a, K>(
    test: &'a TextTest,
    directory: &'a Directory,
    name: impl for<'k> Fn(&'a Directory, &'k K) -> Option<&'a str> + 'a,
) -> Ready<'a, K> {
    let matcher = Matcher::of(test);
    Box::new(move |key| matcher.passes(name(directory, key)))
}

impl Tested<MemberId> for MemberTest {
    fn compare(&self) -> Option<&Compare<MemberId>> {
        if let Self::Id(compare) = self { Some(compare) } else { None }
    }

    fn ready<'a>(&'a self, q: &Question<'a>) -> Ready<'a, MemberId> {
        let me = q.asking.me;
        match self {
            Self::Id(compare) => compared(compare),
            Self::Name(test) => named(test, q.directory, |d, id| d.member(*id).map(|m| m.name.as_str())),
            Self::Email(test) => named(test, q.directory, |d, id| d.member(*id)?.email.as_deref()),
            Self::Me(wanted) => Box::new(move |id| (me == Some(*id)) == *wanted),
        }
    }
}

impl Tested<LabelId> for LabelTest {
    fn compare(&self) -> Option<&Compare<LabelId>> {
        if let Self::Id(compare) = self { Some(compare) } else { None }
    }

    fn ready<'a>(&'a self, q: &Question<'a>) -> Ready<'a, LabelId> {
        match self {
            Self::Id(compare) => compared(compare),
            Self::Name(test) => named(test, q.directory, |d, id| d.label(*id).map(|l| l.name.as_str())),
        }
    }
}

impl Tested<StateId> for StateTest {
    fn compare(&self) -> Option<&Compare<StateId>> {
        if let Self::Id(compare) = self { Some(compare) } else { None }
    }

    fn ready<'a>(&'a self, q: &Question<'a>) -> Ready<'a, StateId> {
        match self {
            Self::Id(compare) => compared(compare),
            Self::Name(test) => named(test, q.directory, |d, id| d.state(*id).map(|s| s.name.as_str())),
        }
    }
}

impl Tested<TeamId> for TeamTest {
    fn compare(&self) -> Option<&Compare<TeamId>> {
        if let Self::Id(compare) = self { Some(compare) } else { None }
    }

    fn ready<'a>(&'a self, q: &Question<'a>) -> Ready<'a, TeamId> {
        match self {
            Self::Id(compare) => compared(compare),
            Self::Key(test) => named(test, q.directory, |d, id| d.team(*id).map(|t| t.key.as_str())),
            Self::Name(test) => named(test, q.directory, |d, id| d.team(*id).map(|t| t.name.as_str())),
        }
    }
}

impl Tested<Origin> for SourceTest {
    fn compare(&self) -> Option<&Compare<Origin>> {
        None
    }

    fn ready<'a>(&'a self, _: &Question<'a>) -> Ready<'a, Origin> {
        match self {
            Self::Null(missing) => Box::new(move |_| !missing),
            Self::System(test) => {
                let matcher = Matcher::of(test);
                Box::new(move |origin| matcher.passes(Some(origin.name())))
            }
            // No test of a system: it reads a column of its own.
            Self::Id(_) => Box::new(|_| false),
        }
    }

    fn passes_missing(&self) -> bool {
        match self {
            Self::Null(missing) => *missing,
            Self::System(test) => test.operator.is_negative(),
            Self::Id(_) => false,
        }
    }
}

macro_rules! words {
    ($($word:ty)*) => {$(
        impl Tested<$word> for Compare<$word> {
            fn compare(&self) -> Option<&Self> {
                Some(self)
            }

            fn ready<'a>(&'a self, _: &Question<'a>) -> Ready<'a, $word> {
                compared(self)
            }
        }
    )*};
}

words! { StateCategory IssueKind Priority Resolution }
