//! News of a tenant for those who follow it: they outlive any one load of it, and keep none of them in memory.

use super::Bell;
use crate::error::Result;
use crate::id::TenantId;
use crate::model::Seq;
use std::sync::Arc;
use tokio::sync::watch;

/// Where a tenant's news are told. Clones tell the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct News {
    told: watch::Sender<Known>,
    /// Rung with each.
    bell: Option<(TenantId, Arc<Bell>)>,
}

/// Where a tenant's news are heard.
#[derive(Debug, Clone)]
pub(crate) struct NewsOf {
    heard: watch::Receiver<Known>,
    losses: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// The place in the log up to which everything is visible.
    seq: Seq,
    /// Times the tenant was dropped because it was not known what had become durable.
    losses: u64,
}

impl News {
    /// The news of this tenant, with which this bell is rung.
    pub(crate) fn with_bell(tenant: TenantId, bell: Arc<Bell>) -> Self {
        Self { told: watch::Sender::default(), bell: Some((tenant, bell)) }
    }

    /// Everything up to this place is visible.
    pub(super) fn reached(&self, seq: Seq) {
        // One that is being given up may speak after the one that has come in its place.
        let newer = self.told.send_if_modified(|known| {
            let newer = seq > known.seq;
            known.seq = known.seq.max(seq);
            newer
        });
        if let (true, Some((tenant, bell))) = (newer, &self.bell) {
            bell.ring(*tenant);
        }
    }

    /// It is not known what is durable, until the tenant is loaded again.
    pub(super) fn lost(&self) {
        self.told.send_modify(|known| known.losses = known.losses.wrapping_add(1));
    }

    /// Hears what is told from now on.
    pub(crate) fn follow(&self) -> NewsOf {
        let heard = self.told.subscribe();
        let losses = heard.borrow().losses;
        NewsOf { heard, losses }
    }
}

impl NewsOf {
    /// Waits until everything up to this place is visible.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the tenant is being loaded again, or the engine is gone.
    pub(crate) async fn wait_for(&self, seq: Seq) -> Result<()> {
        let (losses, mut heard) = (self.losses, self.heard.clone());
        match heard.wait_for(|known| known.seq >= seq || known.losses != losses).await {
            Ok(known) if known.losses == losses => Ok(()),
            _ => Err(super::reloading()),
        }
    }
}
