//! Cells: how one value lies in its column, and how it reads as a number whose order is the value's order.

use crate::id::IssueId;
use crate::model::{Priority, StateCategory};

/// A value in a column. Its number is missing, or in the order of the values.
pub(super) trait Cell: Copy {
    /// The number of what is missing: below every value.
    const MISSING: i64 = i64::MIN;

    /// The value as a number, or [`Cell::MISSING`]. A smaller number is a smaller value; the same number may be the
    /// beginning of different values.
    fn number(self) -> i64;
}

impl Cell for i64 {
    fn number(self) -> i64 {
        self
    }
}

impl Cell for i32 {
    fn number(self) -> i64 {
        self.into()
    }
}

impl Cell for u32 {
    fn number(self) -> i64 {
        self.into()
    }
}

impl Cell for u64 {
    fn number(self) -> i64 {
        i64::try_from(self).unwrap_or(i64::MAX)
    }
}

impl Cell for Priority {
    fn number(self) -> i64 {
        self as i64
    }
}

impl Cell for StateCategory {
    fn number(self) -> i64 {
        self as i64
    }
}

impl Cell for IssueId {
    fn number(self) -> i64 {
        let (high, _) = self.uuid().as_u64_pair();
        Head(high).number()
    }
}

/// The first eight bytes of a text, so that most texts compare without being looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Head(pub(super) u64);

impl Head {
    /// Bytes of a text that its head holds.
    pub(super) const BYTES: usize = 8;

    pub(super) fn of(text: &str) -> Self {
        let mut bytes = [0; Self::BYTES];
        bytes.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        Self(u64::from_be_bytes(bytes))
    }
}

impl Cell for Head {
    fn number(self) -> i64 {
        // The last bit makes room: no text is missing, not even the empty one.
        (self.0 >> 1).cast_signed()
    }
}
