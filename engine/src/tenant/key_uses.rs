//! When API keys were used last: noted in memory at each use, written now and then by whoever looks after the tenant.
//!
//! No request waits for a write, and a key in constant use is written once in a while. What is noted and not yet written
//! is lost with the process: it is a courtesy to the key's owner, not a record. It knows no key.

use super::LiveTenant;
use crate::error::{Error, Result};
use crate::id::ApiKeyId;
use crate::rows::{self, KeyUse};
use crate::storage::{Batch, CommitOutcome};
use crate::time::Timestamp;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::net::IpAddr;

/// Keys whose uses wait to be written, per tenant; uses of further ones are not noted until then.
const NOTED_MAX: usize = 1_000;

/// Rows written with one commit.
const PER_COMMIT: usize = 50;

/// When a key was used, and from where.
type Use = (Timestamp, Option<IpAddr>);

/// Uses that wait to be written.
#[derive(Default)]
pub(super) struct KeyUses(Mutex<FxHashMap<ApiKeyId, Use>>);

impl LiveTenant {
    /// Notes that a key was used.
    pub(crate) fn note_key_use(&self, key: ApiKeyId, address: Option<IpAddr>, now: Timestamp) {
        let mut noted = self.key_uses.0.lock();
        if noted.len() < NOTED_MAX || noted.contains_key(&key) {
            noted.insert(key, (now, address));
        }
    }

    /// When each of these keys was used last, as far as it was noted.
    pub(crate) async fn last_key_uses(&self, keys: &[ApiKeyId]) -> Result<Vec<Option<KeyUse>>> {
        let places: Vec<_> = keys.iter().map(|key| rows::key_use(*key)).collect();
        let written = self.store.get_many::<KeyUse>(&places).await?;
        let noted = self.key_uses.0.lock();
        let newest = |(key, written): (&ApiKeyId, Option<KeyUse>)| match noted.get(key) {
            Some((at, address)) => Some(row(*at, *address)),
            None => written,
        };
        Ok(keys.iter().zip(written).map(newest).collect())
    }

    /// Writes what was noted. What cannot be written stays noted.
    pub(crate) async fn write_key_uses(&self) -> Result<()> {
        let noted: Vec<_> = std::mem::take(&mut *self.key_uses.0.lock()).into_iter().collect();
        for (at, uses) in noted.chunks(PER_COMMIT).enumerate() {
            if let Err(error) = self.write_uses(uses).await {
                self.key_uses.put_back(noted.get(at * PER_COMMIT..).unwrap_or_default());
                return Err(error);
            }
        }
        Ok(())
    }

    async fn write_uses(&self, uses: &[(ApiKeyId, Use)]) -> Result<()> {
        let mut batch = Batch::new();
        for (key, (at, address)) in uses {
            // Again under the same key, but never in parts: a use is a time and an address.
            batch.insert(rows::key_use(*key), &row(*at, *address))?;
        }
        match self.store.commit(batch).await {
            CommitOutcome::Committed { .. } => Ok(()),
            CommitOutcome::Refused(error) => Err(error.into()),
            outcome => Err(Error::unavailable("the uses of API keys were not written")
                .with_source(format!("{outcome:?}"))),
        }
    }
}

impl KeyUses {
    /// Notes again what was not written, where no newer use was noted meanwhile.
    fn put_back(&self, uses: &[(ApiKeyId, Use)]) {
        let mut noted = self.0.lock();
        for (key, used) in uses {
            if noted.len() >= NOTED_MAX {
                break;
            }
            noted.entry(*key).or_insert(*used);
        }
    }
}

fn row(at: Timestamp, address: Option<IpAddr>) -> KeyUse {
    KeyUse { at, address: address.map(|address| address.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_written_stays_noted_unless_the_key_was_used_again() {
        let uses = KeyUses::default();
        let (one, two) = (ApiKeyId::generate(), ApiKeyId::generate());
        let at = |ms| (Timestamp::from_millis(ms), None);
        uses.0.lock().insert(one, at(2));
        uses.put_back(&[(one, at(1)), (two, at(1))]);
        let noted = uses.0.lock();
        assert_eq!((noted.get(&one), noted.get(&two)), (Some(&at(2)), Some(&at(1))));
    }
}
