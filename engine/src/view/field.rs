//! Fields: how the values of one field of all issues lie in memory.
//!
//! A type becomes a field's by saying which kind of column its values lie in: one that has room for every issue, or a
//! [sparse](super::sparse) one. Nothing here knows which fields there are.

use super::cell::Head;
use crate::id::IssueId;
use crate::model::{IssueKind, Priority, Resolution, StateCategory};
use std::fmt::Debug;

/// A type of values that issues have.
pub(super) trait Field: Clone + PartialEq + Debug {
    /// Where all of them lie.
    type Column: Column<Value = Self>;
}

/// The values of one field, each at the ordinal of its issue.
pub(super) trait Column: Default + Debug {
    /// One of them.
    type Value;

    /// Adds a value behind the last.
    fn push(&mut self, value: Self::Value);

    /// Puts a value in the place of another.
    fn set(&mut self, at: usize, value: Self::Value);

    /// The value at this place.
    fn value(&self, at: usize) -> Option<Self::Value>;

    /// Bytes of memory, each allocation taken with what goes with it.
    fn memory_bytes(&self) -> usize;
}

/// A value with room for it in the column of every issue.
pub(super) trait Plain: Clone + PartialEq + Debug {
    /// Bytes that it points to, with what goes with their allocation.
    fn pointed_bytes(&self) -> usize {
        0
    }
}

macro_rules! plain {
    ($($type:ty)*) => { $(impl Plain for $type {})* };
}

plain! { bool u32 u64 i64 Head IssueId IssueKind Priority StateCategory Option<Resolution> }

impl Plain for Box<str> {
    fn pointed_bytes(&self) -> usize {
        block(self.len())
    }
}

impl<T: Clone + PartialEq + Debug> Plain for Box<[T]> {
    fn pointed_bytes(&self) -> usize {
        block(size_of_val(&**self))
    }
}

/// Bytes of an allocation: 8 go with it.
pub(super) const fn block(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { (bytes + 8).next_multiple_of(16) }
}

impl<T: Plain> Field for T {
    type Column = Vec<T>;
}

impl<T: Plain> Column for Vec<T> {
    type Value = T;

    fn push(&mut self, value: T) {
        self.push(value);
    }

    fn set(&mut self, at: usize, value: T) {
        if let Some(place) = self.get_mut(at) {
            *place = value;
        }
    }

    fn value(&self, at: usize) -> Option<T> {
        self.get(at).cloned()
    }

    fn memory_bytes(&self) -> usize {
        self.capacity() * size_of::<T>() + self.iter().map(Plain::pointed_bytes).sum::<usize>()
    }
}
