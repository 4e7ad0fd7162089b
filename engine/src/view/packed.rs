//! Packed values: texts and lists, 64 of them in one allocation, so that a short one costs little beside its content.
//!
//! A value that changes moves the few behind it; nothing is ever left to be cleaned up.

use super::field::{Column, Field, Plain};
use super::source::{Source, malformed};
use std::fmt::Debug;
use std::io;
use std::ops::Range;

/// Values in one allocation. (Tests, whose views are small, have several too.)
const TOGETHER: usize = if cfg!(test) { 8 } else { 64 };

/// Bytes that go with an allocation.
const ALLOCATION: usize = 8;

/// Values of different lengths: texts, or lists.
pub(super) trait Run {
    /// Several of them, one behind the other.
    type Joined: Default + Clone + Debug;

    /// Elements, or bytes.
    fn length(&self) -> usize;

    /// What lies there.
    fn of(joined: &Self::Joined, place: Range<usize>) -> Option<&Self>;

    /// It alone.
    fn to_joined(&self) -> Self::Joined;

    /// Puts a value in the place of what lies there.
    fn splice(&self, joined: &mut Self::Joined, place: Range<usize>);

    /// Gives back memory that was taken for more.
    fn shrink(joined: &mut Self::Joined);

    /// Bytes of memory.
    fn memory_bytes(joined: &Self::Joined) -> usize;

    /// Writes it.
    fn put(&self, to: &mut Vec<u8>);

    /// Reads so many elements.
    fn take(length: usize, from: &mut Source<'_>) -> io::Result<Self::Joined>;
}

impl Run for str {
    type Joined = String;

    fn length(&self) -> usize {
        self.len()
    }

    fn of(joined: &String, place: Range<usize>) -> Option<&Self> {
        joined.get(place)
    }

    fn to_joined(&self) -> String {
        self.to_owned()
    }

    fn splice(&self, joined: &mut String, place: Range<usize>) {
        joined.replace_range(place, self);
    }

    fn shrink(joined: &mut String) {
        joined.shrink_to_fit();
    }

    fn memory_bytes(joined: &String) -> usize {
        joined.capacity()
    }

    fn put(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(self.as_bytes());
    }

    fn take(length: usize, from: &mut Source<'_>) -> io::Result<String> {
        str::from_utf8(from.bytes(length)?).map(str::to_owned).map_err(|_| malformed())
    }
}

impl<T: Plain> Run for [T] {
    type Joined = Vec<T>;

    fn length(&self) -> usize {
        self.len()
    }

    fn of(joined: &Vec<T>, place: Range<usize>) -> Option<&Self> {
        joined.get(place)
    }

    fn to_joined(&self) -> Vec<T> {
        self.to_vec()
    }

    fn splice(&self, joined: &mut Vec<T>, place: Range<usize>) {
        joined.splice(place, self.iter().copied());
    }

    fn shrink(joined: &mut Vec<T>) {
        joined.shrink_to_fit();
    }

    fn memory_bytes(joined: &Vec<T>) -> usize {
        joined.capacity() * size_of::<T>()
    }

    fn put(&self, to: &mut Vec<u8>) {
        T::put_all(self, to);
    }

    fn take(length: usize, from: &mut Source<'_>) -> io::Result<Vec<T>> {
        let mut joined = Vec::with_capacity(length);
        T::take_all(from.bytes(length.saturating_mul(T::BYTES))?, &mut joined).ok_or_else(malformed)?;
        Ok(joined)
    }
}

impl Field for Box<str> {
    type Column = Packed<str>;
}

impl<T: Plain> Field for Box<[T]> {
    type Column = Packed<[T]>;
}

/// See the module.
#[derive(Debug)]
pub(super) struct Packed<R: Run + ?Sized> {
    joined: Vec<R::Joined>,
    /// Where each value ends among those it lies with.
    ends: Vec<u32>,
}

impl<R: Run + ?Sized> Default for Packed<R> {
    fn default() -> Self {
        Self { joined: Vec::new(), ends: Vec::new() }
    }
}

impl<R: Run + ?Sized> Clone for Packed<R> {
    fn clone(&self) -> Self {
        Self { joined: self.joined.clone(), ends: self.ends.clone() }
    }
}

impl<R: Run + ?Sized> Packed<R> {
    /// The value at this place.
    pub(super) fn get(&self, at: usize) -> Option<&R> {
        R::of(self.joined.get(at / TOGETHER)?, self.place(at)?)
    }

    fn place(&self, at: usize) -> Option<Range<usize>> {
        let end = *self.ends.get(at)? as usize;
        Some(self.start(at)..end)
    }

    /// Where the value at this place begins, or will.
    fn start(&self, at: usize) -> usize {
        let before = at.checked_sub(1).filter(|_| !at.is_multiple_of(TOGETHER));
        before.and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize)
    }

    fn add(&mut self, value: &R) {
        let at = self.ends.len();
        if at.is_multiple_of(TOGETHER) {
            // No more is added to those before.
            self.joined.last_mut().into_iter().for_each(R::shrink);
            self.joined.push(R::Joined::default());
        }
        let start = self.start(at);
        if let Some(joined) = self.joined.last_mut() {
            value.splice(joined, start..start);
        }
        Column::push(&mut self.ends, narrow(start + value.length()));
    }

    fn replace(&mut self, at: usize, value: &R) {
        let Some(place) = self.place(at) else { return };
        let (before, after) = (narrow(place.len()), narrow(value.length()));
        if let Some(joined) = self.joined.get_mut(at / TOGETHER) {
            value.splice(joined, place);
        }
        let rest = TOGETHER - at % TOGETHER;
        self.ends.iter_mut().skip(at).take(rest).for_each(|end| *end = *end - before + after);
    }
}

fn narrow(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl<R: Run + ?Sized> Column for Packed<R>
where
    Box<R>: for<'r> From<&'r R>,
    R: Debug,
{
    type Value = Box<R>;

    fn push(&mut self, value: Box<R>) {
        self.add(&value);
    }

    fn set(&mut self, at: usize, value: Box<R>) {
        self.replace(at, &value);
    }

    fn value(&self, at: usize) -> Option<Box<R>> {
        self.get(at).map(Box::from)
    }

    fn reserve(&mut self, count: usize) {
        self.joined.reserve(count.div_ceil(TOGETHER));
        Column::reserve(&mut self.ends, count);
    }

    fn shrink(&mut self) {
        self.joined.last_mut().into_iter().for_each(R::shrink);
        self.joined.shrink_to_fit();
        Column::shrink(&mut self.ends);
    }

    fn memory_bytes(&self) -> usize {
        let content: usize = self.joined.iter().map(|joined| R::memory_bytes(joined) + ALLOCATION).sum();
        content + self.joined.capacity() * size_of::<R::Joined>() + self.ends.capacity() * size_of::<u32>()
    }

    fn save(&self, places: Range<usize>, to: &mut Vec<u8>) {
        let values = || places.clone().filter_map(|at| self.get(at));
        values().for_each(|value| narrow(value.length()).put(to));
        values().for_each(|value| value.put(to));
    }

    fn load(&mut self, count: usize, from: &mut Source<'_>) -> io::Result<()> {
        let mut lengths = Vec::new();
        lengths.load(count, from)?;
        let all = lengths.iter().fold(0_usize, |all, length: &u32| all.saturating_add(*length as usize));
        let (values, mut start) = (R::take(all, from)?, 0);
        if !self.ends.len().is_multiple_of(TOGETHER) {
            return Err(malformed());
        }
        // Those that lie together come together.
        for lengths in lengths.chunks(TOGETHER) {
            let mut end = 0_u32;
            for length in lengths {
                end = end.saturating_add(*length);
                self.ends.push(end);
            }
            let end = start + end as usize;
            self.joined.push(R::of(&values, start..end).ok_or_else(malformed)?.to_joined());
            start = end;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packed(values: &[String]) -> Packed<str> {
        let mut packed = Packed::<str>::default();
        values.iter().for_each(|value| packed.add(value));
        packed
    }

    fn content(packed: &Packed<str>) -> Vec<&str> {
        (0..).map_while(|at| packed.get(at)).collect()
    }

    proptest! {
        #[test]
        fn values_lie_where_they_were_put_whatever_their_lengths(
            mut values in prop::collection::vec("[aé日]{0,9}", 1..200),
            changes in prop::collection::vec((0..200_usize, "[aé日]{0,30}"), 0..100),
        ) {
            let mut texts = packed(&values);
            for (at, value) in changes {
                let at = at % values.len();
                texts.replace(at, &value);
                values[at] = value;
            }
            prop_assert_eq!(content(&texts), values.iter().map(String::as_str).collect::<Vec<_>>());

            let (mut saved, middle) = (Vec::new(), values.len() / 2 / TOGETHER * TOGETHER);
            texts.save(0..middle, &mut saved);
            texts.save(middle..values.len(), &mut saved);
            let mut loaded = Packed::<str>::default();
            let mut bytes = saved.as_slice();
            let mut from = Source::new(&mut bytes);
            loaded.load(middle, &mut from).unwrap();
            loaded.load(values.len() - middle, &mut from).unwrap();
            prop_assert_eq!(content(&loaded), content(&texts));
        }
    }

    #[test]
    fn a_place_without_a_value_has_none_and_takes_none() {
        let mut texts = packed(&["a".to_owned()]);
        texts.replace(1, "b");
        assert_eq!((texts.get(1), content(&texts)), (None, vec!["a"]));
    }
}
