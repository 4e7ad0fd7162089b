//! How much of one batch of the store a call's effects take: all of them are committed in one, and it holds so many keys and bytes.
//!
//! It is counted while things are staged, so that a guest learns what fits no more while it can still leave the rest to its next
//! event. Counted is what may be written at most; what is really written is for the engine to decide.

use crate::host::wit::Quota;
use mortise_engine::storage::{BATCH_BYTES_MAX, BATCH_KEYS_MAX};
use std::ops::{Add, AddAssign};

/// Keys that are kept back: for the place in the log, for what waited and what is counted, and for what a workflow and other
/// plugins add.
const KEPT_KEYS: usize = 10;

/// Bytes that are kept back for the same.
const KEPT_BYTES: usize = 256 << 10;

/// Bytes of a value that the store keeps under one key; a longer one is a key more, and one for each such part.
const PART_BYTES: usize = 48 << 10;

/// Bytes of a key with what seals its value.
const KEY_BYTES: usize = 256;

/// Bytes that a record has beside its long text, at most.
const RECORD_BYTES: usize = 1 << 10;

/// Bytes of an issue without its long description, as a rule.
const ISSUE_BYTES: usize = 6 << 10;

/// Bytes of a description that stands inside of its issue.
const INLINE_BYTES: usize = mortise_engine::model::Issue::DESCRIPTION_INLINE_MAX;

/// Keys and bytes of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Load {
    keys: usize,
    bytes: usize,
}

impl Load {
    /// What one call may stage.
    pub(crate) const MAX: Self =
        Self { keys: BATCH_KEYS_MAX - KEPT_KEYS, bytes: BATCH_BYTES_MAX - KEPT_BYTES };

    /// A record with a text of so many bytes.
    pub(crate) const fn record(text: usize) -> Self {
        let bytes = text.saturating_add(RECORD_BYTES);
        let parts = if bytes <= PART_BYTES { 0 } else { bytes.div_ceil(PART_BYTES) };
        let keys = parts.saturating_add(1);
        Self { keys, bytes: bytes.saturating_add(keys.saturating_mul(KEY_BYTES)) }
    }

    /// The row of an issue, which is written once, however many commands are about it.
    pub(crate) const fn row() -> Self {
        Self::record(ISSUE_BYTES)
    }

    /// A new issue beside its row, with a description of so many bytes.
    pub(crate) fn created(description: usize) -> Self {
        Self::record(ISSUE_BYTES.saturating_add(description)) + Self::beside(description)
    }

    /// A change of an issue beside its row; with a description of so many bytes, if it sets one.
    pub(crate) fn changed(description: Option<usize>) -> Self {
        let event = Self::record(RECORD_BYTES.saturating_add(description.unwrap_or_default()));
        // An earlier one that was long goes.
        let text = description.map(|bytes| Self::record(if bytes > INLINE_BYTES { bytes } else { 0 }));
        event + text.unwrap_or_default()
    }

    /// A comment of so many bytes beside the row of its issue: what happened, the comment, and where it is found.
    pub(crate) fn commented(body: usize) -> Self {
        Self::record(body) + Self::record(body) + Self::record(0)
    }

    /// A relation beside the rows of the two issues: it is told of each.
    pub(crate) fn related() -> Self {
        Self::record(ISSUE_BYTES) + Self::record(ISSUE_BYTES)
    }

    /// A description that is kept beside its issue.
    fn beside(description: usize) -> Self {
        if description > INLINE_BYTES { Self::record(description) } else { Self::default() }
    }

    /// Its keys.
    pub(crate) const fn keys(&self) -> usize {
        self.keys
    }

    /// What of `self` is left beside this.
    #[must_use]
    pub(crate) const fn less(self, other: Self) -> Self {
        Self { keys: self.keys.saturating_sub(other.keys), bytes: self.bytes.saturating_sub(other.bytes) }
    }

    /// Refuses more than there is room for: with `keys` where it is the keys, with `bytes` where it is the bytes.
    ///
    /// # Errors
    ///
    /// The quota that is spent.
    pub(crate) fn within(self, room: Self, keys: Quota, bytes: Quota) -> Result<(), Quota> {
        match self {
            Self { keys: wanted, .. } if wanted > room.keys => Err(keys),
            Self { bytes: wanted, .. } if wanted > room.bytes => Err(bytes),
            _ => Ok(()),
        }
    }

    /// In words, as what there is room for.
    pub(crate) fn in_words(self) -> String {
        format!("{} keys and {} KiB", self.keys, self.bytes >> 10)
    }
}

impl Add for Load {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { keys: self.keys.saturating_add(other.keys), bytes: self.bytes.saturating_add(other.bytes) }
    }
}

impl AddAssign for Load {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Load {
    fn sum<I: Iterator<Item = Self>>(loads: I) -> Self {
        loads.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_those_that_the_guide_names() {
        let of = |load: Load| load.keys;
        assert_eq!(Load::MAX.keys, 90);
        assert_eq!(of(Load::created(0) + Load::row()), 2);
        assert_eq!(of(Load::changed(None) + Load::row()), 2);
        assert_eq!(of(Load::commented(100) + Load::row()), 4);
        assert_eq!(of(Load::related() + Load::row() + Load::row()), 4);
        assert_eq!(of(Load::changed(Some(0))), 2, "an earlier text may have to go");
        // A record of 200 KiB lies in five parts, and twice: as what happened, and as what is there.
        assert_eq!(of(Load::created(200 << 10)), 2 + 2 * 5);
    }

    #[test]
    fn as_much_as_fits_is_let_in_and_the_refusal_says_of_what_there_is_too_much() {
        let new = Load::created(0) + Load::row();
        let some = |number| std::iter::repeat_n(new, number).sum::<Load>();
        let within = |load: Load| load.within(Load::MAX, Quota::Commands, Quota::Bytes);
        assert_eq!(within(some(45)), Ok(()));
        assert_eq!(within(some(46)), Err(Quota::Commands));
        let long = Load::commented(60 << 10);
        assert_eq!(within(std::iter::repeat_n(long, 7).sum()), Err(Quota::Bytes));
        assert_eq!(Load::MAX.less(some(45)).keys, 0);
    }
}
