//! Fields: how the values of one field of all issues lie in memory, and in a saved view.
//!
//! A type becomes a field's by implementing [`Plain`], when all its values take the same few bytes; texts and lists lie
//! [packed](super::packed), and what few issues have in [sparse](super::sparse) columns. Nothing here knows which fields
//! there are.

use super::cell::Head;
use super::source::{Source, malformed};
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId, WorkflowVersionId};
use crate::model::{IssueKind, Priority, Relation, RelationKind, Resolution, StateCategory};
use std::fmt::Debug;
use std::io;
use std::ops::Range;
use uuid::Uuid;

/// A full column grows by one of so many parts, and a little: by as much as it has would leave too much memory unused.
const GROWTH: usize = 8;
const GROWTH_MIN: usize = 16;

/// What was loaded keeps room for one more of so many parts, so that the first new issue does not move all columns.
pub(super) const ROOM: usize = 16;

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

    /// Takes memory for so many values.
    fn reserve(&mut self, count: usize);

    /// Gives back memory, but for some values to come.
    fn shrink(&mut self);

    /// Bytes of memory, each allocation taken with what goes with it.
    fn memory_bytes(&self) -> usize;

    /// Writes the values at these places.
    fn save(&self, places: Range<usize>, to: &mut Vec<u8>);

    /// Reads so many values, behind the last.
    fn load(&mut self, count: usize, from: &mut Source<'_>) -> io::Result<()>;
}

/// A value that takes the same few bytes whatever it is.
pub(super) trait Plain: Copy + PartialEq + Debug + 'static {
    /// How many.
    const BYTES: usize;

    /// Writes it.
    fn put(self, to: &mut Vec<u8>);

    /// Writes several.
    fn put_all(values: &[Self], to: &mut Vec<u8>) {
        values.iter().for_each(|value| value.put(to));
    }

    /// The value in these bytes, if they are one.
    fn take(bytes: &[u8]) -> Option<Self>;

    /// The values in these bytes, behind others.
    fn take_all(bytes: &[u8], to: &mut Vec<Self>) -> Option<()> {
        let (chunks, before) = (bytes.chunks_exact(Self::BYTES), to.len());
        let count = chunks.len();
        to.extend(chunks.map_while(Self::take));
        (to.len() - before == count).then_some(())
    }
}

/// A value that is written and read with others of its type.
pub(super) trait Stored: Clone + PartialEq + Debug {
    /// Writes some.
    fn put_all(values: &mut dyn Iterator<Item = &Self>, to: &mut Vec<u8>);

    /// Reads so many.
    fn take_all(count: usize, from: &mut Source<'_>) -> io::Result<Vec<Self>>;

    /// Bytes of memory that it points to, with what goes with their allocation.
    fn pointed_bytes(&self) -> usize {
        0
    }
}

impl<T: Plain> Stored for T {
    fn put_all(values: &mut dyn Iterator<Item = &Self>, to: &mut Vec<u8>) {
        values.for_each(|value| value.put(to));
    }

    fn take_all(count: usize, from: &mut Source<'_>) -> io::Result<Vec<Self>> {
        let bytes = from.bytes(count.saturating_mul(T::BYTES))?;
        let mut values = Vec::with_capacity(count);
        T::take_all(bytes, &mut values).ok_or_else(malformed)?;
        Ok(values)
    }
}

impl<T: Plain> Stored for Box<[T]> {
    fn put_all(values: &mut dyn Iterator<Item = &Self>, to: &mut Vec<u8>) {
        for value in values {
            u32::try_from(value.len()).unwrap_or(u32::MAX).put(to);
            value.iter().for_each(|element| element.put(to));
        }
    }

    fn take_all(count: usize, from: &mut Source<'_>) -> io::Result<Vec<Self>> {
        let list = |_| {
            let length = from.count()?;
            <T as Stored>::take_all(length, from).map(Vec::into_boxed_slice)
        };
        (0..count).map(list).collect()
    }

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
        if self.len() == self.capacity() {
            self.reserve_exact(self.len() / GROWTH + GROWTH_MIN);
        }
        self.push(value);
    }

    fn set(&mut self, at: usize, value: T) {
        if let Some(place) = self.get_mut(at) {
            *place = value;
        }
    }

    fn value(&self, at: usize) -> Option<T> {
        self.get(at).copied()
    }

    fn reserve(&mut self, count: usize) {
        self.reserve_exact(count + count / ROOM);
    }

    fn shrink(&mut self) {
        self.shrink_to(self.len() + self.len() / ROOM);
    }

    fn memory_bytes(&self) -> usize {
        self.capacity() * size_of::<T>()
    }

    fn save(&self, places: Range<usize>, to: &mut Vec<u8>) {
        T::put_all(self.get(places).unwrap_or_default(), to);
    }

    fn load(&mut self, count: usize, from: &mut Source<'_>) -> io::Result<()> {
        T::take_all(from.bytes(count.saturating_mul(T::BYTES))?, self).ok_or_else(malformed)
    }
}

macro_rules! numbers {
    ($($type:ty)*) => {$(
        impl Plain for $type {
            const BYTES: usize = size_of::<$type>();

            fn put(self, to: &mut Vec<u8>) {
                to.extend_from_slice(&self.to_le_bytes());
            }

            fn take(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self::from_le_bytes)
            }

            // Without a question for each value, here and below: these are most of what is saved.
            fn put_all(values: &[Self], to: &mut Vec<u8>) {
                let start = to.len();
                to.resize(start + size_of_val(values), 0);
                let (places, _) = to.get_mut(start..).unwrap_or_default().as_chunks_mut();
                places.iter_mut().zip(values).for_each(|(place, value)| *place = value.to_le_bytes());
            }

            fn take_all(bytes: &[u8], to: &mut Vec<Self>) -> Option<()> {
                let (chunks, rest) = bytes.as_chunks();
                to.extend(chunks.iter().map(|chunk| Self::from_le_bytes(*chunk)));
                rest.is_empty().then_some(())
            }
        }
    )*};
}

numbers! { u8 u16 u32 u64 u128 i32 i64 }

/// Types that are another type in other words.
macro_rules! worded {
    ($($type:ty: $as:ty, $value:ident => $out:expr, $word:ident => $back:expr;)*) => {$(
        impl Plain for $type {
            const BYTES: usize = <$as as Plain>::BYTES;

            fn put(self, to: &mut Vec<u8>) {
                let $value = self;
                let word: $as = $out;
                word.put(to);
            }

            fn take(bytes: &[u8]) -> Option<Self> {
                let $word = <$as as Plain>::take(bytes)?;
                $back
            }
        }
    )*};
}

worded! {
    bool: u8, value => value.into(), word => (word <= 1).then_some(word == 1);
    Head: u64, value => value.0, word => Some(Self(word));
    IssueId: u128, id => id.uuid().to_u128_le(), word => Some(Self::from_uuid(Uuid::from_u128_le(word)));
    LabelId: u128, id => id.uuid().to_u128_le(), word => Some(Self::from_uuid(Uuid::from_u128_le(word)));
    MemberId: u128, id => id.uuid().to_u128_le(), word => Some(Self::from_uuid(Uuid::from_u128_le(word)));
    StateId: u128, id => id.uuid().to_u128_le(), word => Some(Self::from_uuid(Uuid::from_u128_le(word)));
    TeamId: u128, id => id.uuid().to_u128_le(), word => Some(Self::from_uuid(Uuid::from_u128_le(word)));
    WorkflowVersionId: u128, id => id.uuid().to_u128_le(), word => Some(Self::from_uuid(Uuid::from_u128_le(word)));
    IssueKind: u8, value => value as u8, word => Self::ALL.get(usize::from(word)).copied();
    Priority: u8, value => value as u8, word => Self::ALL.get(usize::from(word)).copied();
    Resolution: u8, value => value as u8, word => Self::ALL.get(usize::from(word)).copied();
    RelationKind: u8, value => value as u8, word => Self::ALL.get(usize::from(word)).copied();
    StateCategory: u8, value => value as u8, word => Self::ALL.get(usize::from(word)).copied();
}

/// The words there are, in order: what is saved of one is its place among them.
pub(super) fn words() -> String {
    let (kinds, priorities, resolutions) = (IssueKind::ALL, Priority::ALL, Resolution::ALL);
    let (categories, relations) = (StateCategory::ALL, RelationKind::ALL);
    format!("{kinds:?} {priorities:?} {resolutions:?} {categories:?} {relations:?}")
}

impl<T: Plain> Plain for Option<T> {
    const BYTES: usize = 1 + T::BYTES;

    fn put(self, to: &mut Vec<u8>) {
        self.is_some().put(to);
        match self {
            Some(value) => value.put(to),
            None => to.extend(std::iter::repeat_n(0, T::BYTES)),
        }
    }

    fn take(bytes: &[u8]) -> Option<Self> {
        let (there, value) = bytes.split_at_checked(1)?;
        if bool::take(there)? { T::take(value).map(Some) } else { Some(None) }
    }
}

impl Plain for Relation {
    const BYTES: usize = RelationKind::BYTES + IssueId::BYTES;

    fn put(self, to: &mut Vec<u8>) {
        self.kind.put(to);
        self.to.put(to);
    }

    fn take(bytes: &[u8]) -> Option<Self> {
        let (kind, to) = bytes.split_at_checked(RelationKind::BYTES)?;
        Some(Self { kind: Plain::take(kind)?, to: Plain::take(to)? })
    }
}
