//! Code of plugins, ready to run; and how much CPU time companies have taken. It knows nothing of installations.

use super::{Class, CpuRate, Plugins};
use crate::bucket::{Buckets, Empty};
use crate::host::{self, Code, CompileError, HostError, Wanted};
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::entitlement::Entitlements;
use mortise_engine::id::TenantId;
use mortise_engine::model::{Digest, EntitlementKey, Installation, PluginCode, PluginOrigin, Tenant};
use mortise_engine::query::Reader;
use mortise_engine::{Engine, Error, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Companies whose CPU time is remembered.
const COMPANIES_MAX: usize = 10_000;

/// Plugins that cannot be compiled again, of which it is said which.
const FAILURES_MAX: usize = 1_000;

/// How long somebody's change waits for code that is not in memory. It goes on loading after that.
const HOOK_WAITS: Duration = Duration::from_millis(1_000);

/// CPU time that companies have taken: hooks apart from the rest, and what boards show apart from hooks that decide, or
/// who looks at boards would have a guard refuse what others do.
#[derive(Debug)]
pub(crate) struct CpuTaken {
    workflow: Buckets<TenantId>,
    boards: Buckets<TenantId>,
    other: Buckets<TenantId>,
}

impl CpuTaken {
    pub(crate) fn new() -> Self {
        let buckets = || Buckets::new(COMPANIES_MAX);
        Self { workflow: buckets(), boards: buckets(), other: buckets() }
    }

    /// Whether a call may begin.
    pub(crate) fn may_begin(&self, tenant: TenantId, class: Class, rate: CpuRate) -> Result<(), Empty> {
        let buckets = match class {
            Class::Workflow => &self.workflow,
            Class::Board => &self.boards,
            Class::Automation | Class::Integration => &self.other,
        };
        buckets.may_begin(&tenant, rate.units(), Instant::now())
    }

    /// What a call has taken.
    pub(crate) fn spend(&mut self, tenant: TenantId, class: Class, rate: CpuRate, used: Duration) {
        let buckets = match class {
            Class::Workflow => &mut self.workflow,
            Class::Board => &mut self.boards,
            Class::Automation | Class::Integration => &mut self.other,
        };
        buckets.spend(&tenant, rate.units(), super::config::micros(used), Instant::now());
    }
}

impl Plugins {
    /// The code of this digest, which a company has: from memory, or from what was compiled, or compiled now.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for code that is not there, `INVALID_INPUT` for what does not compile, `UNAVAILABLE` when the host is busy.
    pub(crate) async fn load(&self, tenant: TenantId, digest: Digest) -> Result<Code> {
        let engine = self.engine()?;
        let bytes = async || {
            let read = engine.plugin_bytes(tenant, digest).await;
            read.map_err(|error| HostError::Missing(error.message().to_owned()))
        };
        let (company, digest) = (tenant.to_string(), host::Digest(digest.0));
        Box::pin(self.host().load_for(&company, digest, bytes)).await.map_err(|error| refused(&error))
    }

    /// The same for somebody's change, which does not wait for a compiler.
    pub(crate) async fn load_soon(&self, tenant: TenantId, digest: Digest) -> Result<Code> {
        if self.host().is_loaded(host::Digest(digest.0)) {
            return self.load(tenant, digest).await;
        }
        let plugins = self.clone();
        let loading = tokio::spawn(async move { plugins.load(tenant, digest).await });
        match tokio::time::timeout(HOOK_WAITS, loading).await {
            Ok(loaded) => loaded.map_err(Error::internal)?,
            Err(_) => Err(Error::unavailable("the plugin is being made ready; try again in a moment")),
        }
    }

    /// Compiles bytes that are not kept yet, to see whether that is possible; `whose` they are. Nothing of it stays in memory, and
    /// what was compiled is the first to go of what is theirs, until it is used.
    ///
    /// # Errors
    ///
    /// As [`Plugins::load`].
    pub(crate) async fn compile(&self, whose: &str, digest: Digest, wasm: &[u8]) -> Result<()> {
        let (digest, bytes) = (host::Digest(digest.0), async || Ok(wasm.to_vec()));
        let ready = Box::pin(self.host().prepare(whose, digest, Wanted::Checked, bytes)).await;
        ready.map_err(|error| refused(&error))
    }

    /// Refuses code of the catalogue that is not run any more.
    pub(super) fn expect_runs(&self, origin: PluginOrigin, digest: Digest) -> Result<()> {
        match self.0.catalogue.stopped_code(origin, digest) {
            None => Ok(()),
            Some(why) => {
                let message = format!("{why}. Take another version: the catalogue says which there are");
                Err(Error::rejected(message).with_field("digest"))
            }
        }
    }

    /// Refuses code that is run for nobody in this company: it may have no plugins from there any more, or the version was
    /// withdrawn and stopped. What counts is what holds now, whatever is installed or ran before.
    ///
    /// # Errors
    ///
    /// `ENTITLEMENT_EXCEEDED`, with what would lift it; `REJECTED`, with why the version was withdrawn; `UNAVAILABLE` before it is
    /// attached.
    pub(crate) fn expect_may_run(&self, tenant: &Tenant, origin: PluginOrigin, digest: Digest) -> Result<()> {
        let engine = self.engine()?;
        let entitled = Entitlements::of(tenant, engine.tiers(), engine.clock().now());
        entitled.require_word(EntitlementKey::Plugins, origin.entitlement())?;
        self.expect_runs(origin, digest)
    }

    /// Code that the company has; in a rehearsal also such as it would take from the catalogue before, which it then brings.
    pub(super) fn code_for(
        &self,
        reader: &Reader,
        cx: &OpContext,
        digest: Digest,
    ) -> Result<(Arc<PluginCode>, Option<Box<PluginCode>>)> {
        let missing = match code_of(reader, digest) {
            Ok(code) => return Ok((code, None)),
            Err(missing) => missing,
        };
        let offered = self.0.catalogue.entries().into_iter().find(|entry| entry.digest == digest);
        let offered = offered.filter(|entry| cx.dry_run && entry.withdrawn.is_none()).ok_or(missing)?;
        let code = offered.code();
        Ok((Arc::new(code.clone()), Some(Box::new(code))))
    }

    /// Has code in memory, wherever its bytes are.
    pub(super) async fn make_ready(
        &self,
        cx: &OpContext,
        code: &PluginCode,
        in_catalogue: bool,
    ) -> Result<()> {
        if !in_catalogue {
            return self.load(cx.principal.tenant(), code.digest).await.map(drop);
        }
        let wasm = self.catalogue_bytes(code.digest).await?;
        self.compile("the catalogue", code.digest, &wasm).await
    }

    /// Refuses code that asks for more memory than the company's tier gives.
    pub(super) fn expect_memory(&self, reader: &Reader, code: &PluginCode) -> Result<()> {
        let tenant = reader.tenant();
        self.limit_of(tenant).expect_memory(tenant.tier, &self.0.known.of(code)?.manifest)
    }

    /// Compiles the code of all plugins that take part in an engine, of all companies, where that is not done, so that none has
    /// to be compiled when it is asked: after an upgrade of the program, when what was compiled before fits no more. One at a
    /// time; nothing stays in memory. It needs not be attached. `progress` is told how many companies were gone through, and
    /// of how many. Gives what failed, with the company and the plugin; at most 1,000.
    pub async fn recompile(
        &self,
        engine: &Engine,
        progress: impl Fn(usize, usize) + Send,
    ) -> Vec<(TenantId, String, Error)> {
        let tenants = engine.tenants();
        let mut failed = Vec::new();
        for (done, tenant) in tenants.iter().enumerate() {
            progress(done, tenants.len());
            self.recompile_for(engine, tenant.id, &mut failed).await;
        }
        progress(tenants.len(), tenants.len());
        failed
    }

    async fn recompile_for(
        &self,
        engine: &Engine,
        tenant: TenantId,
        failed: &mut Vec<(TenantId, String, Error)>,
    ) {
        let allowed = engine.plugins_allowed(tenant);
        if !allowed.curated && !allowed.own {
            return;
        }
        // Of a company that cannot be loaded others will hear when they ask for it.
        let us = Principal::trusted_system(tenant);
        let Ok(installations) = engine.installations(&us).await else { return };
        let taking_part = |i: &&Arc<Installation>| i.is_enabled() && allowed.allows(i.origin);
        for installation in installations.iter().filter(taking_part) {
            if let Err(error) = self.made_ready(engine, tenant, installation.digest).await
                && failed.len() < FAILURES_MAX
            {
                failed.push((tenant, installation.plugin.to_string(), error));
            }
        }
    }

    /// Has the artifact of code that a company has, for when it is asked.
    async fn made_ready(&self, engine: &Engine, tenant: TenantId, digest: Digest) -> Result<()> {
        let bytes = async || {
            let read = engine.plugin_bytes(tenant, digest).await;
            read.map_err(|error| HostError::Missing(error.message().to_owned()))
        };
        let (company, digest) = (tenant.to_string(), host::Digest(digest.0));
        let ready = Box::pin(self.host().prepare(&company, digest, Wanted::InUse, bytes)).await;
        ready.map_err(|error| refused(&error))
    }

    /// [Compiles](Self::recompile) behind the scenes what is missing, and says in the log what could not be. It ends when this is
    /// closed, once what is being compiled is.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` before it is attached.
    pub fn recompile_behind(&self) -> Result<JoinHandle<()>> {
        let (plugins, tenants) = (self.clone(), self.engine()?.tenants());
        Ok(tokio::spawn(async move {
            let mut failed = Vec::new();
            for tenant in tenants {
                let Ok(engine) = plugins.engine() else { return };
                Box::pin(plugins.recompile_for(&engine, tenant.id, &mut failed)).await;
            }
            for (tenant, plugin, error) in failed {
                tracing::warn!(tenant.id = %tenant, plugin, ?error, "a plugin that takes part cannot be made ready");
            }
        }))
    }
}

/// Code that the company has.
pub(super) fn code_of(reader: &Reader, digest: Digest) -> Result<Arc<PluginCode>> {
    let found = reader.plugin_code(digest).filter(|code| code.removed_at.is_none());
    found.ok_or_else(|| Error::not_found(format!("plugin code {digest}")).with_field("digest"))
}

/// Why code is not had, as an error of the engine.
pub(crate) fn refused(error: &HostError) -> Error {
    let busy = matches!(
        error,
        HostError::Compile(CompileError::Busy | CompileError::Worker(_) | CompileError::Replaced)
    );
    match error {
        HostError::Refused(_) | HostError::Unfit(_) | HostError::OtherBytes => {
            Error::invalid("file", error.to_string())
        }
        HostError::Compile(_) if !busy => Error::invalid("file", error.to_string()),
        _ => Error::unavailable(error.to_string()).with_source(error.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_boards_show_takes_nothing_from_hooks_that_decide() {
        let (mut cpu, tenant) = (CpuTaken::new(), TenantId::generate());
        let rate = CpuRate::per_minute(Duration::from_secs(2));
        cpu.spend(tenant, Class::Board, rate, Duration::from_secs(10));
        assert!(cpu.may_begin(tenant, Class::Board, rate).is_err());
        assert_eq!(cpu.may_begin(tenant, Class::Workflow, rate), Ok(()));
        cpu.spend(tenant, Class::Integration, rate, Duration::from_secs(10));
        assert!(cpu.may_begin(tenant, Class::Automation, rate).is_err(), "what acts by itself shares one");
        assert_eq!(cpu.may_begin(tenant, Class::Workflow, rate), Ok(()));
    }
}
