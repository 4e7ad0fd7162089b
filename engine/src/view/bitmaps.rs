//! Bitmaps: what a view keeps of a field beside its column, one bitmap or one for each value. It does not know which fields
//! there are.

use super::source::Source;
use roaring::RoaringBitmap;
use std::fmt::Debug;
use std::io;

/// Bytes of a group that are saved at once, and a little more: writing them takes well below a millisecond. (Tests,
/// whose groups are small, save in parts too.)
pub(super) const PART_BYTES: usize = if cfg!(test) { 64 } else { 256 * 1024 };

/// Bitmaps of ordinals.
pub(super) trait Bitmaps: Debug {
    /// The same values with the same codes, and no issue that has them.
    fn emptied(&self) -> Self
    where
        Self: Sized;

    /// Whether both say the same of every value that an issue has.
    fn agrees(&self, other: &Self) -> bool
    where
        Self: Sized;

    /// Forgets these issues.
    fn forget(&mut self, ordinals: &RoaringBitmap);

    /// Bytes of memory, estimated.
    fn memory_bytes(&self) -> usize;

    /// Writes some of it, from a code on; gives the code to go on with, until there is no more.
    fn save(&self, code: u32, to: &mut Vec<u8>) -> Option<u32>;

    /// Reads one, leaving out ordinals from `end` on.
    fn load(end: u32, from: &mut Source<'_>) -> io::Result<Self>
    where
        Self: Sized;
}

impl Bitmaps for RoaringBitmap {
    fn emptied(&self) -> Self {
        Self::new()
    }

    fn agrees(&self, other: &Self) -> bool {
        self == other
    }

    fn forget(&mut self, ordinals: &RoaringBitmap) {
        if !ordinals.is_empty() {
            *self -= ordinals;
        }
    }

    fn memory_bytes(&self) -> usize {
        /// Bytes of a container beside its content.
        const CONTAINER: usize = 48;
        self.serialized_size() + CONTAINER * self.statistics().n_containers as usize
    }

    fn save(&self, _: u32, to: &mut Vec<u8>) -> Option<u32> {
        save_bitmap(self, to);
        None
    }

    fn load(end: u32, from: &mut Source<'_>) -> io::Result<Self> {
        load_bitmap(end, from)
    }
}

pub(super) fn save_bitmap(set: &RoaringBitmap, to: &mut Vec<u8>) {
    // Writing to memory cannot fail.
    drop(set.serialize_into(to));
}

pub(super) fn load_bitmap(end: u32, from: &mut Source<'_>) -> io::Result<RoaringBitmap> {
    let mut set = RoaringBitmap::deserialize_from(from.reader())?;
    if set.max().is_some_and(|last| last >= end) {
        set.remove_range(end..);
    }
    Ok(set)
}
