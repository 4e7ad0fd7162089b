//! A batch of typed writes on its way to one atomic commit.
//!
//! It does not know the tenant or its key until it is sealed.

use super::value;
use crate::id::TenantId;
use crate::storage::key::{Key, Space};
use crate::storage::seal::DataKey;
use crate::storage::{Commit, Condition, HeadCondition, Record, StorageError, encode};

/// Records and log records that are committed together or not at all.
///
/// Limits count what is stored: [`BATCH_BYTES_MAX`](crate::storage::BATCH_BYTES_MAX) and
/// [`BATCH_KEYS_MAX`](crate::storage::BATCH_KEYS_MAX), parts of large values included. Exceeding one is answered
/// `Refused` on submission.
#[derive(Debug, Default)]
pub struct Batch {
    head: Option<HeadCondition>,
    log: Vec<Vec<u8>>,
    writes: Vec<Write>,
    absent: Vec<Key>,
}

#[derive(Debug)]
struct Write {
    key: Key,
    /// None removes the record.
    plain: Option<Vec<u8>>,
    /// Whether parts of an earlier large value may have to go.
    may_replace: bool,
}

impl Batch {
    /// A batch that follows no head: rows only.
    pub fn new() -> Self {
        Self::default()
    }

    /// A batch that follows this head; needed to append to the log.
    pub fn following(head: HeadCondition) -> Self {
        Self { head: Some(head), ..Self::default() }
    }

    /// Writes a record, replacing one that may be there.
    ///
    /// # Errors
    /// `Codec` when the record does not encode.
    pub fn put<R: Record>(&mut self, key: Key, record: &R) -> Result<(), StorageError> {
        self.write(Write { key, plain: Some(encode(record)?), may_replace: true });
        Ok(())
    }

    /// Writes a record under a key that was never used, such as a fresh id: cheaper than [`put`](Self::put), which has
    /// the committer look for parts of an earlier value.
    ///
    /// # Errors
    /// `Codec` when the record does not encode.
    pub fn insert<R: Record>(&mut self, key: Key, record: &R) -> Result<(), StorageError> {
        self.write(Write { key, plain: Some(encode(record)?), may_replace: false });
        Ok(())
    }

    /// Removes a record; an absent one is no error.
    pub fn delete(&mut self, key: Key) {
        self.write(Write { key, plain: None, may_replace: true });
    }

    /// Commits only if there is no record under this key.
    pub fn expect_absent(&mut self, key: Key) {
        self.absent.push(key);
    }

    /// Appends a log record.
    pub fn log(&mut self, record: Vec<u8>) {
        self.log.push(record);
    }

    /// Bytes of all values before sealing, to keep a batch below its limits.
    pub fn bytes(&self) -> usize {
        let rows: usize = self.writes.iter().filter_map(|write| write.plain.as_ref()).map(Vec::len).sum();
        rows + self.log.iter().map(Vec::len).sum::<usize>()
    }

    /// The last write of a key wins, whole: parts of an earlier one must not stay behind.
    fn write(&mut self, mut write: Write) {
        if let Some(at) = self.writes.iter().position(|earlier| earlier.key == write.key) {
            write.may_replace |= self.writes.swap_remove(at).may_replace;
        }
        self.writes.push(write);
    }

    /// The commit, sealed for one tenant.
    pub(super) fn seal(self, tenant: TenantId, data_key: &DataKey) -> Result<Commit, StorageError> {
        let mut commit = Commit { head: self.head, ..Commit::new(tenant) };
        commit.conditions = self.absent.into_iter().map(|key| Condition::Absent(key.into())).collect();
        for write in self.writes {
            if Space::of(&write.key) != Some(Space::Data) {
                return Err(StorageError::Forbidden { what: "a record outside the rows" });
            }
            if write.may_replace {
                commit.clears.push(Key::chunks_of(&write.key).into());
            }
            match write.plain {
                None => commit.deletes.push(write.key.into()),
                Some(plain) => {
                    let sealed = value::seal(data_key, tenant, &write.key, plain)?;
                    commit.puts.push((write.key.into(), sealed.head));
                    commit.puts.extend(sealed.parts);
                }
            }
        }
        // A log record is sealed for its own sequence number, which the head condition fixes.
        let after = self.head.map_or(0, |head| head.after);
        for (seq, record) in (after.saturating_add(1)..).zip(self.log) {
            let sealed = value::seal(data_key, tenant, &Key::log(seq), record)?;
            commit.log.push(sealed.head);
            commit.puts.extend(sealed.parts);
        }
        Ok(commit)
    }
}
