//! The keeper: three tasks per engine that look after the tenants in memory, so that none needs a task of its own.
//!
//! One drops tenants that nobody uses when memory is short, and writes checkpoints of those that have changed much; one
//! closes stores of single tenants that are idle; the third has old rows swept, and writes when API keys were used. They end
//! with the engine.

use super::tenants::{Slot, Tenants};
use crate::storage::IDLE;
use crate::tenant::Shared;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// How often it is looked whether memory is short, besides when a load makes it so.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often checkpoints are written of what has changed much: once a minute at most, however much that is.
const SAVE_EVERY: Duration = Duration::from_secs(60);

/// How often it is looked whether a tenant is due to be swept.
const SWEEP_LOOK_EVERY: Duration = Duration::from_secs(60);

/// When memory is short, tenants leave until one of so many parts of it is free: then not every load makes one leave.
const FREED: u64 = 8;

/// Starts looking after these tenants.
pub(super) fn spawn(tenants: &Arc<Tenants>) {
    tokio::spawn(keep(Arc::downgrade(tenants)));
    tokio::spawn(close_idle(Arc::downgrade(tenants)));
    tokio::spawn(sweep(Arc::downgrade(tenants)));
}

async fn keep(tenants: Weak<Tenants>) {
    let Some(short) = tenants.upgrade().map(|tenants| tenants.short.clone()) else { return };
    let mut saved = Instant::now();
    loop {
        let told = tokio::time::timeout(LOOK_EVERY, short.notified()).await.is_ok();
        let Some(tenants) = tenants.upgrade().filter(|tenants| !tenants.is_closed()) else { return };
        if !told {
            measure(&tenants).await;
        }
        make_room(&tenants).await;
        if saved.elapsed() >= SAVE_EVERY {
            save(&tenants).await;
            saved = Instant::now();
        }
    }
}

/// In a task of its own: a store may take long to close, and making room in memory does not wait for it.
async fn close_idle(tenants: Weak<Tenants>) {
    loop {
        #[expect(clippy::disallowed_methods, reason = "a pause between looks, which nothing waits for")]
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(tenants) = tenants.upgrade().filter(|tenants| !tenants.is_closed()) else { return };
        tenants.stores.close_idle(IDLE).await;
    }
}

/// Estimates the memory of tenants that have changed much since that was done.
async fn measure(tenants: &Tenants) {
    for slot in tenants.by_use() {
        slot.measure_again().await;
    }
}

/// Lets tenants go that nobody uses, the least lately used first, when all of them take more memory than they may.
pub(super) async fn make_room(tenants: &Tenants) {
    let shared = &tenants.shared;
    let budget = shared.limits.view_memory_bytes;
    let mut bytes = tenants.count_bytes();
    if bytes > budget {
        let mut slots = tenants.by_use();
        // The one that was used last stays: it would be loaded again at once.
        slots.pop();
        for slot in slots.into_iter().filter(|slot| !slot.is_held()) {
            if bytes <= budget - budget / FREED || tenants.is_closed() {
                break;
            }
            bytes = bytes.saturating_sub(let_go(&slot, shared).await);
        }
    }
    shared.rows.tidy();
}

/// Lets a tenant go, unless somebody works with it by now; the bytes that are free then.
async fn let_go(slot: &Slot, shared: &Shared) -> u64 {
    let bytes = slot.bytes();
    if let Err(error) = slot.prepare_to_leave(shared).await {
        tracing::warn!(
            ?error,
            "no checkpoint was written of a tenant that leaves memory; it will be read from its rows"
        );
    }
    if slot.leave() { bytes } else { 0 }
}

/// Writes the checkpoints of tenants that have changed much since the last.
pub(super) async fn save(tenants: &Tenants) {
    for slot in tenants.by_use() {
        if tenants.is_closed() {
            return;
        }
        if let Err(error) = slot.save(false).await {
            tracing::warn!(?error, "no checkpoint was written; trying again later");
        }
    }
}

async fn sweep(tenants: Weak<Tenants>) {
    loop {
        #[expect(clippy::disallowed_methods, reason = "a pause between sweeps, which nothing waits for")]
        tokio::time::sleep(SWEEP_LOOK_EVERY).await;
        let Some(tenants) = tenants.upgrade() else { return };
        for slot in tenants.by_use() {
            if tenants.is_closed() {
                return;
            }
            slot.write_key_uses().await;
            slot.sweep(tenants.shared.clock.now()).await;
        }
    }
}
