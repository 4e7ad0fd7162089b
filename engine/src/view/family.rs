//! A family: the values that one field takes, each with a small code and the bitmap of the issues that have it.

use super::bitmaps::{Bitmaps, PART_BYTES, load_bitmap, save_bitmap};
use super::field::Plain;
use super::source::Source;
use roaring::{MultiOps, RoaringBitmap};
use rustc_hash::FxHashMap;
use std::hash::Hash;
use std::io;

/// The values of one field. A value keeps its code though no issue has it any more.
#[derive(Debug, Clone)]
pub(super) struct Family<K> {
    codes: FxHashMap<K, u32>,
    members: Vec<(K, RoaringBitmap)>,
}

impl<K> Default for Family<K> {
    fn default() -> Self {
        Self { codes: FxHashMap::default(), members: Vec::new() }
    }
}

impl<K: Copy + Eq + Hash> Family<K> {
    /// The code of a value, a new one if it is new.
    pub(super) fn code(&mut self, key: K) -> u32 {
        *self.codes.entry(key).or_insert_with(|| {
            self.members.push((key, RoaringBitmap::new()));
            u32::try_from(self.members.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// The value with this code.
    pub(super) fn key(&self, code: u32) -> Option<K> {
        self.members.get(code as usize).map(|(key, _)| *key)
    }

    /// The code of a value that has one.
    pub(super) fn known(&self, key: &K) -> Option<u32> {
        self.codes.get(key).copied()
    }

    /// The code that another family's code has here.
    pub(super) fn recode(&self, code: u32, from: &Self) -> Option<u32> {
        from.key(code).and_then(|key| self.known(&key))
    }

    /// The issues with this value.
    pub(super) fn of(&self, key: &K) -> Option<&RoaringBitmap> {
        self.codes.get(key).and_then(|code| self.members.get(*code as usize)).map(|(_, set)| set)
    }

    /// All values, with the issues that have each.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(K, RoaringBitmap)> {
        self.members.iter()
    }

    /// The issues with one of the values that pass.
    pub(super) fn passing(&self, passes: impl Fn(&K) -> bool) -> RoaringBitmap {
        self.members.iter().filter(|(key, set)| !set.is_empty() && passes(key)).map(|(_, set)| set).union()
    }

    /// The issues with one of these values.
    pub(super) fn named(&self, keys: &[K]) -> RoaringBitmap {
        keys.iter().filter_map(|key| self.of(key)).union()
    }

    /// The issues with any value.
    pub(super) fn any(&self) -> RoaringBitmap {
        self.passing(|_| true)
    }

    /// Gives a value its issues, whichever had it before.
    pub(super) fn put(&mut self, key: K, issues: RoaringBitmap) {
        let code = self.code(key) as usize;
        if let Some((_, set)) = self.members.get_mut(code) {
            *set = issues;
        }
    }

    /// Notes that an issue has the value with this code.
    pub(super) fn enter(&mut self, code: u32, ordinal: u32) {
        if let Some((_, set)) = self.members.get_mut(code as usize) {
            set.insert(ordinal);
        }
    }

    /// Notes that an issue has the value with this code no more.
    pub(super) fn leave(&mut self, code: u32, ordinal: u32) {
        if let Some((_, set)) = self.members.get_mut(code as usize) {
            set.remove(ordinal);
        }
    }
}

impl<K: Plain + Eq + Hash> Bitmaps for Family<K> {
    fn emptied(&self) -> Self {
        let members = self.members.iter().map(|(key, _)| (*key, RoaringBitmap::new()));
        Self { codes: self.codes.clone(), members: members.collect() }
    }

    fn agrees(&self, other: &Self) -> bool {
        let within = |one: &Self, two: &Self| {
            one.members.iter().all(|(key, set)| set.is_empty() || two.of(key) == Some(set))
        };
        within(self, other) && within(other, self)
    }

    fn forget(&mut self, ordinals: &RoaringBitmap) {
        self.members.iter_mut().for_each(|(_, set)| set.forget(ordinals));
    }

    fn memory_bytes(&self) -> usize {
        /// Bytes of an entry in the map of codes beside its content, as full as it usually is.
        const ENTRY: usize = 12;
        let entry = size_of::<(K, RoaringBitmap)>() + size_of::<K>() + ENTRY;
        self.members.iter().map(|(_, set)| entry + set.memory_bytes()).sum()
    }

    fn save(&self, code: u32, to: &mut Vec<u8>) -> Option<u32> {
        let (mut part, mut next) = (Vec::new(), code);
        for (key, set) in self.members.iter().skip(code as usize) {
            key.put(&mut part);
            save_bitmap(set, &mut part);
            next = next.saturating_add(1);
            if part.len() >= PART_BYTES {
                break;
            }
        }
        next.saturating_sub(code).put(to);
        to.append(&mut part);
        (next > code).then_some(next)
    }

    fn load(end: u32, from: &mut Source<'_>) -> io::Result<Self> {
        let mut family = Self::default();
        loop {
            let count = from.count()?;
            if count == 0 {
                return Ok(family);
            }
            for _ in 0..count {
                let code = family.code(from.value()?);
                family.members.get_mut(code as usize).into_iter().try_for_each(|(_, set)| {
                    *set = load_bitmap(end, from)?;
                    io::Result::Ok(())
                })?;
            }
        }
    }
}
