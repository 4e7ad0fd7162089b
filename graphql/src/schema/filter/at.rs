//! The way to a place in an input, which names the field in a refusal.

use std::fmt;

/// A place in an input. It is spelled out only when something there is refused.
#[derive(Debug, Clone, Copy)]
pub(crate) enum At<'a> {
    /// The argument.
    Argument(&'static str),
    /// A field of what stands there.
    Field(&'a Self, &'static str),
    /// An item of the list that stands there, from 0.
    Item(&'a Self, usize),
}

impl At<'_> {
    /// A field of what stands here.
    pub(super) const fn field<'b>(&'b self, name: &'static str) -> At<'b> {
        At::Field(self, name)
    }

    /// An item of the list that stands here.
    pub(super) const fn item(&self, index: usize) -> At<'_> {
        At::Item(self, index)
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(name) => f.write_str(name),
            Self::Field(of, name) => write!(f, "{of}.{name}"),
            Self::Item(of, index) => write!(f, "{of}[{index}]"),
        }
    }
}
