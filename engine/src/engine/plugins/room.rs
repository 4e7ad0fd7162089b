//! The room of an installation: rows by name that its host keeps for it, sealed in the company's store and in no log.
//!
//! It does not keep the tenant in memory, and it does not know what is kept.

use crate::draft::PluginRecord;
use crate::error::{Error, Result};
use crate::id::InstallationId;
use crate::rows::{self, PluginEntry};
use crate::storage::{Batch, CommitOutcome, Scan, StorageError, TenantStore};

/// Bytes of a name.
const NAME_BYTES_MAX: usize = 400;

/// Bytes of a value.
const VALUE_BYTES_MAX: usize = 512 * 1024;

/// Entries of one page.
const PAGE_MAX: usize = 1_000;

/// What the host of plugins keeps for one installation; see [`Engine::plugin_room`](crate::Engine::plugin_room). No name of it
/// leads to what is another's. Secrets lie under `secret/` and their name.
#[derive(Debug, Clone)]
pub struct PluginRoom {
    store: TenantStore,
    installation: InstallationId,
}

impl PluginRoom {
    pub(super) const fn new(store: TenantStore, installation: InstallationId) -> Self {
        Self { store, installation }
    }

    /// Whose it is.
    #[must_use]
    pub const fn installation(&self) -> InstallationId {
        self.installation
    }

    /// What is kept under this name.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when it cannot be read, `INTERNAL` when it is damaged.
    pub async fn get(&self, name: &[u8]) -> Result<Option<Vec<u8>>> {
        let entry = self.store.get::<PluginEntry>(&rows::plugin_entry(self.installation, name)).await?;
        Ok(entry.map(|entry| entry.value))
    }

    /// What is kept under names that begin so, in the order of the names' bytes, behind the name `after`; at most `limit`
    /// entries and 1,000, and less of large ones: it goes on behind the last, and has come to its end when there are none.
    ///
    /// # Errors
    ///
    /// As [`PluginRoom::get`].
    pub async fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let mut scan =
            Scan::prefix(&rows::plugin_entry(self.installation, prefix)).limit(limit.min(PAGE_MAX));
        // A name before all of these leads to their beginning, not out of the room.
        if let Some(after) = after.filter(|after| *after >= prefix) {
            scan = scan.after(&rows::plugin_entry(self.installation, after));
        }
        self.page(scan).await
    }

    /// The same from the last on, in front of the name `before`.
    ///
    /// # Errors
    ///
    /// As [`PluginRoom::get`].
    pub async fn scan_back(
        &self,
        prefix: &[u8],
        before: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let scan = Scan::prefix(&rows::plugin_entry(self.installation, prefix)).backward();
        let mut scan = scan.limit(limit.min(PAGE_MAX));
        // Any other name does not lie among these: it is gone back from their end.
        if let Some(before) = before.filter(|before| before.starts_with(prefix)) {
            scan = scan.after(&rows::plugin_entry(self.installation, before));
        }
        self.page(scan).await
    }

    async fn page(&self, scan: Scan) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let own = rows::plugin_entries(self.installation);
        let page = self.store.scan::<PluginEntry>(scan).await?;
        let named = |(key, entry): (Vec<u8>, PluginEntry)| {
            let name = key.get(own.len()..).unwrap_or_default().to_vec();
            (name, entry.value)
        };
        Ok(page.entries.into_iter().map(named).collect())
    }

    /// Writes records of this installation, all or none: at most 100 keys and a mebibyte, of which a value above 48 KiB takes
    /// a key for each 48 KiB. They are durable when it answers, and no event tells of them.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for names of none or more than 400 bytes, for values above 512 KiB, and for too much at once;
    /// `INTERNAL` for records of others; `UNAVAILABLE` when it is not known whether they were saved.
    pub async fn write(&self, records: Vec<PluginRecord>) -> Result<()> {
        let mut batch = Batch::new();
        for record in &records {
            self.expect_own(record)?;
            crate::tenant::put_plugin_record(&mut batch, record)?;
        }
        match self.store.commit(batch).await {
            CommitOutcome::Committed { .. } => Ok(()),
            CommitOutcome::Refused(StorageError::TooLarge { .. }) => {
                Err(Error::invalid("records", "this is too much to be written at once: write less"))
            }
            CommitOutcome::Refused(error) => Err(error.into()),
            outcome => {
                let message = "what a plugin keeps may or may not have been saved";
                Err(Error::unavailable(message).with_source(format!("{outcome:?}")))
            }
        }
    }

    fn expect_own(&self, record: &PluginRecord) -> Result<()> {
        match record {
            PluginRecord::Entry(of, name, value) if *of == self.installation => {
                if name.is_empty() || name.len() > NAME_BYTES_MAX {
                    let message = format!("a name has 1 to {NAME_BYTES_MAX} bytes");
                    return Err(Error::invalid("name", message));
                }
                if value.as_ref().is_some_and(|value| value.len() > VALUE_BYTES_MAX) {
                    let message = format!("a value has at most {VALUE_BYTES_MAX} bytes");
                    return Err(Error::invalid("value", message));
                }
                Ok(())
            }
            // The place of a follower is named by who follows.
            PluginRecord::Place(..) => Ok(()),
            PluginRecord::Entry(..) | PluginRecord::Part(..) => {
                Err(Error::internal("a record of another plugin was to be written into a plugin's room"))
            }
        }
    }
}
