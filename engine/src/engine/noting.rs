//! The task that writes security events that were noted in memory, and writing them at once.
//!
//! It does not know what is noted when: whoever refuses somebody does.

use super::{Engine, Inner};
use crate::tenant::Wanted;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often what was noted is written. So much of it is lost at most when the process is killed, but for what is
/// counted for longer because it is many.
const WRITE_EVERY: Duration = Duration::from_secs(5);

impl Engine {
    /// Writes what was noted of all tenants.
    pub(super) async fn write_notes(&self, wanted: Wanted) {
        for tenant in self.0.shared.security.waiting(wanted, self.clock().now()) {
            let written = match self.live(tenant).await {
                Ok(live) => live.write_notes(wanted).await,
                Err(error) => Err(error),
            };
            if let Err(error) = written {
                tracing::warn!(tenant.id = %tenant, ?error, "security events were not written; trying again later");
            }
        }
    }
}

/// Writes what was noted, from time to time, for as long as the engine lives.
pub(super) fn keep(engine: &Engine) {
    tokio::spawn(write(Arc::downgrade(&engine.0)));
}

async fn write(engine: Weak<Inner>) {
    loop {
        #[expect(clippy::disallowed_methods, reason = "a pause between looks, which nothing waits for")]
        tokio::time::sleep(WRITE_EVERY).await;
        let Some(engine) = engine.upgrade().map(Engine) else { return };
        if engine.0.tenants.is_closed() {
            return;
        }
        engine.write_notes(Wanted::Due).await;
    }
}
