//! The bell of the host of plugins: which tenants have news, and may have plugins that act by themselves.
//!
//! Each tenant waits in the line once, however much has happened to it, so the line is no longer than there are tenants. It
//! does not know who listens, nor what is done then.

use crate::id::TenantId;
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashSet;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::Notify;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    /// The tenants that may have plugins that act.
    acting: RwLock<FxHashSet<TenantId>>,
    line: Mutex<Line>,
    rung: Notify,
}

#[derive(Debug, Default)]
struct Line {
    order: VecDeque<TenantId>,
    /// Those that stand in it.
    waiting: FxHashSet<TenantId>,
}

impl Bell {
    /// This tenant may have plugins that act, or has none.
    pub(crate) fn mark(&self, tenant: TenantId, acting: bool) {
        let mut tenants = self.acting.write();
        if acting {
            tenants.insert(tenant);
        } else {
            tenants.remove(&tenant);
        }
    }

    /// Something has happened to this tenant. Nobody hears of it when no plugin acts.
    pub(crate) fn ring(&self, tenant: TenantId) {
        if !self.acting.read().contains(&tenant) {
            return;
        }
        let mut line = self.line.lock();
        if line.waiting.insert(tenant) {
            line.order.push_back(tenant);
            drop(line);
            self.rung.notify_one();
        }
    }

    fn take(&self) -> Option<(TenantId, bool)> {
        let mut line = self.line.lock();
        let tenant = line.order.pop_front()?;
        line.waiting.remove(&tenant);
        Some((tenant, !line.order.is_empty()))
    }

    /// The tenant that has waited longest; waits for one.
    async fn next(&self) -> TenantId {
        loop {
            if let Some((tenant, more)) = self.take() {
                if more {
                    // Others may listen too.
                    self.rung.notify_one();
                }
                return tenant;
            }
            self.rung.notified().await;
        }
    }
}

/// Where the host of plugins hears which tenants have news; see [`Engine::plugin_bell`](crate::Engine::plugin_bell). Clones
/// share the line: each tenant is told to one of them.
#[derive(Debug, Clone)]
pub struct PluginBell(Arc<Bell>);

impl PluginBell {
    pub(crate) const fn new(bell: Arc<Bell>) -> Self {
        Self(bell)
    }

    /// A tenant that may have plugins that act by themselves and to which something has happened since it was told last;
    /// waits for one. The tenant that has waited longest comes first.
    pub async fn next(&self) -> TenantId {
        self.0.next().await
    }

    /// Has a tenant told again, for who could not do what is to be done.
    pub fn again(&self, tenant: TenantId) {
        self.0.ring(tenant);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_tenant_is_told_once_in_order_and_only_while_plugins_of_it_act() {
        let bell = Arc::new(Bell::default());
        let [one, other, silent] = std::array::from_fn(|_| TenantId::generate());
        bell.mark(one, true);
        bell.mark(other, true);
        for tenant in [one, silent, other, one, one] {
            bell.ring(tenant);
        }
        let heard = PluginBell::new(bell.clone());
        assert_eq!((heard.next().await, heard.next().await), (one, other));
        assert!(bell.take().is_none());
        bell.mark(one, false);
        bell.ring(one);
        assert!(bell.take().is_none());
        let later = tokio::spawn(async move { heard.next().await });
        tokio::task::yield_now().await;
        bell.ring(other);
        assert_eq!(later.await.unwrap(), other);
    }
}
