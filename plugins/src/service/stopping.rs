//! Stopping an installation that fails too often. How far it may be stopped is the engine's to say.

use super::Plugins;
use mortise_engine::command::plugin::{FailedAs, StopInstallation};
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::event::Origin;
use mortise_engine::id::{InstallationId, TenantId};
use mortise_engine::time::Timestamp;
use mortise_engine::{ErrorCode, Result};

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 400;

impl Plugins {
    /// Stops an installation that fails too often, as far as it may be, and has its admins written to.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for one that is not there, `UNAVAILABLE`.
    pub(crate) async fn stop_failing(
        &self,
        tenant: TenantId,
        id: InstallationId,
        failed: FailedAs,
        why: &str,
    ) -> Result<()> {
        tracing::warn!(tenant.id = %tenant, installation = %id, why, ?failed, "a plugin fails too often");
        let engine = self.engine()?;
        let cx = || OpContext::new(Principal::trusted_system(tenant)).with_origin(Origin::System);
        let reason = crate::convert::line(why, REASON_CHARS_MAX);
        let stop = StopInstallation { id, reason, failed, letters: true };
        match engine.execute(cx(), stop.clone()).await {
            // It is stopped though no letter can be written at present.
            Err(error) if error.code() == ErrorCode::Unavailable => {
                engine.execute(cx(), StopInstallation { letters: false, ..stop }).await.map(drop)
            }
            done => done.map(drop),
        }
    }

    /// Whether somebody has changed an installation after this moment, such as by enabling it: what failed before says nothing of it as
    /// it is now.
    pub(crate) async fn is_changed_since(&self, tenant: TenantId, id: InstallationId, at: Timestamp) -> bool {
        let Ok(engine) = self.engine() else { return false };
        let Ok(reader) = engine.reader(&Principal::trusted_system(tenant)).await else { return false };
        reader.installation(id).is_some_and(|found| found.updated_at > at)
    }

    /// Whether an installation takes part, and changes pass when it fails.
    pub(crate) async fn takes_part_unguarded(&self, tenant: TenantId, id: InstallationId) -> bool {
        let Ok(engine) = self.engine() else { return false };
        let Ok(reader) = engine.reader(&Principal::trusted_system(tenant)).await else { return false };
        reader.installation(id).is_some_and(|found| found.is_enabled() && !found.guards())
    }
}
