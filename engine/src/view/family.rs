//! A family: the values that one field takes, each with a small code and the bitmap of the issues that have it.

use roaring::{MultiOps, RoaringBitmap};
use rustc_hash::FxHashMap;
use std::hash::Hash;

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

    /// The code that another family's code has here.
    pub(super) fn recode(&self, code: u32, from: &Self) -> Option<u32> {
        from.key(code).and_then(|key| self.codes.get(&key).copied())
    }

    /// The issues with this value.
    pub(super) fn of(&self, key: &K) -> Option<&RoaringBitmap> {
        self.codes.get(key).and_then(|code| self.members.get(*code as usize)).map(|(_, set)| set)
    }

    /// Values, those included that no issue has any more.
    pub(super) fn len(&self) -> usize {
        self.members.len()
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

    /// The same values with the same codes, and no issue that has them.
    pub(super) fn emptied(&self) -> Self {
        let members = self.members.iter().map(|(key, _)| (*key, RoaringBitmap::new()));
        Self { codes: self.codes.clone(), members: members.collect() }
    }

    /// Whether both say the same of every value that an issue has.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        let within = |one: &Self, two: &Self| {
            one.members.iter().all(|(key, set)| set.is_empty() || two.of(key) == Some(set))
        };
        within(self, other) && within(other, self)
    }

    /// Bytes of memory, estimated.
    pub(super) fn memory_bytes(&self) -> usize {
        /// Bytes of a bitmap's container beside its content.
        const CONTAINER: usize = 48;
        let each =
            |set: &RoaringBitmap| set.serialized_size() + CONTAINER * set.statistics().n_containers as usize;
        let entries = 2 * size_of::<K>() + size_of::<RoaringBitmap>() + 8;
        self.members.iter().map(|(_, set)| entries + each(set)).sum()
    }
}
