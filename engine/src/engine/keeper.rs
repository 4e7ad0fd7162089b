//! The keeper: two tasks per engine that look after the tenants in memory, so that none needs a task of its own.
//!
//! One drops tenants that nobody uses when memory is short, and writes checkpoints of those that have changed much; the
//! other has old rows swept. They end with the engine.

use super::tenants::Tenants;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often it is looked whether memory is short, besides when a load makes it so.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Checkpoints are written with one of so many looks: once a minute, however much a tenant changes.
const LOOKS_PER_SAVE: u32 = 12;

/// How often it is looked whether a tenant is due to be swept.
const SWEEP_LOOK_EVERY: Duration = Duration::from_secs(60);

/// When memory is short, tenants leave until one of so many parts of it is free: then not every load makes one leave.
const FREED: u64 = 8;

/// Starts looking after these tenants.
pub(super) fn spawn(tenants: &Arc<Tenants>) {
    tokio::spawn(keep(Arc::downgrade(tenants)));
    tokio::spawn(sweep(Arc::downgrade(tenants)));
}

async fn keep(tenants: Weak<Tenants>) {
    let Some(short) = tenants.upgrade().map(|tenants| tenants.short.clone()) else { return };
    let mut looks = 0_u32;
    loop {
        let told = tokio::time::timeout(LOOK_EVERY, short.notified()).await.is_ok();
        let Some(tenants) = tenants.upgrade().filter(|tenants| !tenants.is_closed()) else { return };
        make_room(&tenants).await;
        looks = looks.wrapping_add(u32::from(!told));
        if !told && looks.is_multiple_of(LOOKS_PER_SAVE) {
            save(&tenants).await;
        }
    }
}

/// Lets tenants go that nobody uses, the least lately used first, when all of them take more memory than they may.
pub(super) async fn make_room(tenants: &Tenants) {
    let shared = &tenants.shared;
    let budget = shared.limits.view_memory_bytes;
    let mut slots = tenants.by_use();
    for slot in &slots {
        slot.measure_again().await;
    }
    let mut bytes = tenants.size().1;
    // The one that was used last stays: it would be loaded again at once.
    slots.pop();
    let goal = if bytes > budget { budget - budget / FREED } else { budget };
    for slot in slots {
        if bytes <= goal || tenants.is_closed() {
            break;
        }
        if slot.is_held() {
            continue;
        }
        let freed = slot.bytes();
        if let Err(error) = slot.prepare_to_leave(shared).await {
            tracing::warn!(
                ?error,
                "no checkpoint was written of a tenant that leaves memory; it will be read from its rows"
            );
        }
        if slot.leave() {
            bytes = bytes.saturating_sub(freed);
        }
    }
    shared.rows.tidy();
}

/// Writes the checkpoints of tenants that have changed much since the last.
async fn save(tenants: &Tenants) {
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
            slot.sweep(tenants.shared.clock.now()).await;
        }
    }
}
