//! Tests of a value, of several values, of a text.

use std::borrow::Borrow;

/// A test of one value.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum Compare<T> {
    /// Is this.
    #[n(0)]
    Eq(#[n(0)] T),
    /// Is not this.
    #[n(1)]
    Neq(#[n(0)] T),
    /// Is one of these.
    #[n(2)]
    In(#[n(0)] Vec<T>),
    /// Is none of these.
    #[n(3)]
    Nin(#[n(0)] Vec<T>),
    /// Is less.
    #[n(4)]
    Lt(#[n(0)] T),
    /// Is less or the same.
    #[n(5)]
    Lte(#[n(0)] T),
    /// Is more.
    #[n(6)]
    Gt(#[n(0)] T),
    /// Is more or the same.
    #[n(7)]
    Gte(#[n(0)] T),
    /// Lies between these, both included.
    #[n(8)]
    Between(#[n(0)] T, #[n(1)] T),
    /// Is missing (true) or there (false).
    #[n(9)]
    Null(#[n(0)] bool),
}

impl<T: PartialOrd> Compare<T> {
    /// Whether a value, or its absence, passes.
    pub fn passes(&self, value: Option<&T>) -> bool {
        self.passes_as::<T>(value)
    }
}

impl<T> Compare<T> {
    /// The same where values lie in another form than the test's: a part of a text, not a text of its own.
    pub(crate) fn passes_as<V: PartialOrd + ?Sized>(&self, value: Option<&V>) -> bool
    where
        T: Borrow<V>,
    {
        fn of<T: Borrow<V>, V: ?Sized>(want: &T) -> &V {
            want.borrow()
        }
        let Some(value) = value else {
            return matches!(self, Self::Null(true) | Self::Neq(_) | Self::Nin(_));
        };
        match self {
            Self::Eq(want) => value == of(want),
            Self::Neq(want) => value != of(want),
            Self::In(list) => list.iter().any(|want| value == of(want)),
            Self::Nin(list) => !list.iter().any(|want| value == of(want)),
            Self::Lt(limit) => value < of(limit),
            Self::Lte(limit) => value <= of(limit),
            Self::Gt(limit) => value > of(limit),
            Self::Gte(limit) => value >= of(limit),
            Self::Between(low, high) => of(low) <= value && value <= of(high),
            Self::Null(missing) => !missing,
        }
    }
}

impl<T> Compare<T> {
    /// The same test of other values.
    pub fn map<U>(&self, mut to: impl FnMut(&T) -> U) -> Compare<U> {
        match self {
            Self::Eq(value) => Compare::Eq(to(value)),
            Self::Neq(value) => Compare::Neq(to(value)),
            Self::In(list) => Compare::In(list.iter().map(to).collect()),
            Self::Nin(list) => Compare::Nin(list.iter().map(to).collect()),
            Self::Lt(limit) => Compare::Lt(to(limit)),
            Self::Lte(limit) => Compare::Lte(to(limit)),
            Self::Gt(limit) => Compare::Gt(to(limit)),
            Self::Gte(limit) => Compare::Gte(to(limit)),
            Self::Between(low, high) => Compare::Between(to(low), to(high)),
            Self::Null(missing) => Compare::Null(*missing),
        }
    }

    /// Values it names in one list.
    #[must_use]
    pub const fn listed(&self) -> usize {
        match self {
            Self::In(list) | Self::Nin(list) => list.len(),
            _ => 1,
        }
    }
}

/// A test of a field that holds several things (people, labels, sub-issues, comments).
///
/// A negative test is put to each one too: `Some([Neq(a)])` holds where somebody besides `a` is, `None([Eq(a)])` where `a`
/// is not. No tests pass for each: `Some([])` holds where there is one at all.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum Many<T> {
    /// At least one passes all of these tests.
    #[n(0)]
    Some(#[n(0)] Vec<T>),
    /// All pass all of these tests; holds when there are none.
    #[n(1)]
    Every(#[n(0)] Vec<T>),
    /// None passes all of these tests.
    #[n(2)]
    None(#[n(0)] Vec<T>),
    /// There are so many.
    #[n(3)]
    Length(#[n(0)] Compare<u32>),
}

impl<T> Many<T> {
    /// The tests of each one; empty for a length.
    #[must_use]
    pub fn tests(&self) -> &[T] {
        match self {
            Self::Some(tests) | Self::Every(tests) | Self::None(tests) => tests,
            Self::Length(_) => &[],
        }
    }
}

/// A test of a text. Folded tests ignore case and accents.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct TextTest {
    /// How to compare.
    #[n(0)]
    pub operator: TextOperator,
    /// With what; `In` and `Nin` take several, the others use the first.
    #[n(1)]
    pub values: Vec<String>,
    /// Whether case and accents are ignored.
    #[n(2)]
    pub folded: bool,
}

impl TextTest {
    /// A test that ignores case and accents.
    #[must_use]
    pub fn folded(operator: TextOperator, value: impl Into<String>) -> Self {
        Self { operator, values: vec![value.into()], folded: true }
    }
}

/// How texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum TextOperator {
    /// Is this.
    #[n(0)]
    Eq,
    /// Is not this.
    #[n(1)]
    Neq,
    /// Is one of these.
    #[n(2)]
    In,
    /// Is none of these.
    #[n(3)]
    Nin,
    /// Has this in it.
    #[n(4)]
    Contains,
    /// Does not have this in it.
    #[n(5)]
    NotContains,
    /// Begins with this.
    #[n(6)]
    StartsWith,
    /// Ends with this.
    #[n(7)]
    EndsWith,
}

impl TextOperator {
    /// Whether a text that is missing passes.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        matches!(self, Self::Neq | Self::Nin | Self::NotContains)
    }
}
