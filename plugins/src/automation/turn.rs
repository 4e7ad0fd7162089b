//! One turn of one company: each of its installations that acts goes on for a bounded while; and which of them may.

use super::acting::{Acting, Work};
use super::line::Next;
use crate::service::Plugins;
use mortise_engine::context::Principal;
use mortise_engine::id::{InstallationId, TenantId};
use mortise_engine::model::{Installation, Tier};
use mortise_engine::query::Reader;
use mortise_engine::{Engine, ErrorCode};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// A company that cannot be read is tried again after this, in milliseconds.
const AGAIN_MS: i64 = 10_000;
/// Nor one that is suspended, or has no plugins any more: until it changes, or for so long.
const LOOK_AGAIN_MS: i64 = 10 * 60_000;
/// Companies of which something is remembered between turns.
const KNOWN_MAX: usize = 10_000;

/// See the module.
pub(super) async fn act(plugins: &Plugins, engine: &Engine, tenant: TenantId) -> Next {
    let later = |millis| Next::At(engine.clock().now().plus_millis(millis));
    let reader = match engine.reader(&Principal::trusted_system(tenant)).await {
        Ok(reader) => reader,
        Err(error) if error.code() == ErrorCode::Unavailable => return later(AGAIN_MS),
        Err(_) => return later(LOOK_AGAIN_MS),
    };
    let acting = acting_of(plugins, engine, &reader);
    let mut known = plugins.0.runner.known.lock().remove(&tenant).unwrap_or_default();
    known.retain(|id, _| acting.iter().any(|installation| installation.id == *id));
    if acting.is_empty() {
        return rest(engine, tenant).await;
    }
    let at_once = Arc::new(Semaphore::new(at_once(reader.tenant().tier)));
    let mut works = JoinSet::new();
    for installation in acting {
        let (reader, at_once) = (reader.clone(), at_once.clone());
        let acting = known.remove(&installation.id);
        let work = Work::new(plugins.clone(), engine.clone(), reader, installation, acting);
        works.spawn(async move {
            let _turn = at_once.acquire_owned().await;
            work.go_on().await
        });
    }
    let (mut next, mut kept) = (Next::Rest, HashMap::new());
    while let Some(ended) = works.join_next().await {
        match ended {
            Ok((id, acting, own_next)) => {
                kept.extend(acting.map(|acting| (id, acting)));
                next = next.or(own_next);
            }
            Err(error) => {
                tracing::error!(tenant.id = %tenant, ?error, "a plugin's turn ended badly");
                next = next.or(later(AGAIN_MS));
            }
        }
    }
    keep(plugins, tenant, kept);
    next
}

/// The installations that act by themselves and may.
fn acting_of(plugins: &Plugins, engine: &Engine, reader: &Reader) -> Vec<Arc<Installation>> {
    let acting = reader.directory().installations().filter(|i| {
        let acts = !i.hooks.events.is_empty() || !i.hooks.schedules.is_empty();
        acts && plugins.may_act(engine, reader.tenant().id, i)
    });
    acting.cloned().collect()
}

impl Plugins {
    /// Whether what an installation does by itself may be done now.
    pub(crate) fn may_act(&self, engine: &Engine, tenant: TenantId, installation: &Installation) -> bool {
        installation.is_acting()
            && engine.plugins_allowed(tenant).allows(installation.origin)
            && self.0.catalogue.stopped(installation).is_none()
    }
}

/// Nothing acts here: it is not looked at again, unless something is merely not allowed at the moment.
async fn rest(engine: &Engine, tenant: TenantId) -> Next {
    match engine.plugins_rest(tenant).await {
        Ok(false) => Next::Rest,
        _ => Next::At(engine.clock().now().plus_millis(LOOK_AGAIN_MS)),
    }
}

/// Installations of one company that go on at once.
const fn at_once(tier: Tier) -> usize {
    match tier {
        Tier::Basic | Tier::Premium => 4,
        Tier::Platinum => 8,
    }
}

fn keep(plugins: &Plugins, tenant: TenantId, kept: HashMap<InstallationId, Acting>) {
    let mut known = plugins.0.runner.known.lock();
    if known.len() >= KNOWN_MAX {
        // What is known can be read again.
        known.clear();
    }
    if !kept.is_empty() {
        known.insert(tenant, kept);
    }
}
