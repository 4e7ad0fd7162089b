//! How much waits to be written, in all and of each company, so that one that floods does not have the runs of others dropped.

use mortise_engine::id::TenantId;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Bytes that wait, of all companies and of one.
const BYTES_MAX: usize = 32 << 20;
const COMPANY_BYTES_MAX: usize = 4 << 20;

/// Runs of one company that wait, whole records and briefs. With 2,000 verdicts a second there are as many as are written at once
/// after an eighth of a second, and while they are written others come: this is room for two seconds of them, longer than a disk
/// takes for what lies in one batch. A brief takes about 600 bytes here, so these come to two thirds of the company's bytes; of
/// whole records the bytes are the bound.
pub(super) const COMPANY_RUNS_MAX: usize = 4_096;

/// See the module. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Waiting(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    bytes: usize,
    of: FxHashMap<TenantId, Share>,
}

#[derive(Debug, Default)]
struct Share {
    records: usize,
    bytes: usize,
}

/// The room of one record; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Held {
    waiting: Waiting,
    tenant: TenantId,
    bytes: usize,
}

impl Waiting {
    /// Room for a record of so many bytes, if there is some.
    pub(super) fn hold(&self, tenant: TenantId, bytes: usize) -> Option<Held> {
        let mut inside = self.0.lock();
        let all = inside.bytes.saturating_add(bytes);
        let share = inside.of.get(&tenant);
        let records = share.map_or(0, |share| share.records);
        let theirs = share.map_or(0, |share| share.bytes).saturating_add(bytes);
        if all > BYTES_MAX || theirs > COMPANY_BYTES_MAX || records >= COMPANY_RUNS_MAX {
            return None;
        }
        inside.bytes = all;
        inside.of.insert(tenant, Share { records: records.saturating_add(1), bytes: theirs });
        Some(Held { waiting: self.clone(), tenant, bytes })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut inside = self.waiting.0.lock();
        inside.bytes = inside.bytes.saturating_sub(self.bytes);
        let Some(share) = inside.of.get_mut(&self.tenant) else { return };
        share.records = share.records.saturating_sub(1);
        share.bytes = share.bytes.saturating_sub(self.bytes);
        if share.records == 0 {
            inside.of.remove(&self.tenant);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_that_floods_takes_its_share_and_leaves_the_rest() {
        let (waiting, one) = (Waiting::default(), TenantId::generate());
        let mut held: Vec<_> = std::iter::from_fn(|| waiting.hold(one, 100 << 10)).collect();
        assert_eq!(held.len(), 40, "its bytes");
        assert!(waiting.hold(TenantId::generate(), 100 << 10).is_some(), "others have theirs");
        held.clear();
        held.extend(std::iter::from_fn(|| waiting.hold(one, 1)));
        assert_eq!(held.len(), COMPANY_RUNS_MAX, "its records");
        held.clear();
        let each =
            || std::iter::repeat_with(|| waiting.hold(TenantId::generate(), 4 << 20)).map_while(|held| held);
        assert_eq!(each().take(100).collect::<Vec<_>>().len(), 8, "all bytes");
        assert!(waiting.0.lock().of.is_empty() && waiting.0.lock().bytes == 0, "nothing is left behind");
    }
}
