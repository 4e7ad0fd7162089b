//! Code of plugins, ready to run; and how much CPU time companies have taken. It knows nothing of installations.

use super::{Class, Plugins};
use crate::bucket::{CpuBuckets, CpuRate, CpuSpent};
use crate::host::{self, Code, CompileError, HostError};
use mortise_engine::context::OpContext;
use mortise_engine::id::TenantId;
use mortise_engine::model::{Digest, PluginCode, PluginOrigin};
use mortise_engine::query::Reader;
use mortise_engine::{Error, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Companies whose CPU time is remembered.
const COMPANIES_MAX: usize = 10_000;

/// How long somebody's change waits for code that is not in memory. It goes on loading after that.
const HOOK_WAITS: Duration = Duration::from_millis(1_000);

/// CPU time that companies have taken, hooks apart from the rest.
#[derive(Debug)]
pub(crate) struct CpuTaken {
    workflow: CpuBuckets<TenantId>,
    other: CpuBuckets<TenantId>,
}

impl CpuTaken {
    pub(crate) fn new() -> Self {
        Self { workflow: CpuBuckets::new(COMPANIES_MAX), other: CpuBuckets::new(COMPANIES_MAX) }
    }

    /// Whether a call may begin.
    pub(crate) fn may_begin(&self, tenant: TenantId, class: Class, rate: CpuRate) -> Result<(), CpuSpent> {
        let buckets = if class == Class::Workflow { &self.workflow } else { &self.other };
        buckets.may_begin(&tenant, rate, Instant::now())
    }

    /// What a call has taken.
    pub(crate) fn spend(&mut self, tenant: TenantId, class: Class, rate: CpuRate, used: Duration) {
        let buckets = if class == Class::Workflow { &mut self.workflow } else { &mut self.other };
        buckets.spend(&tenant, rate, used, Instant::now());
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
        Box::pin(self.host().load(host::Digest(digest.0), bytes)).await.map_err(|error| refused(&error))
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

    /// Compiles bytes that are not kept yet.
    ///
    /// # Errors
    ///
    /// As [`Plugins::load`].
    pub(crate) async fn compile(&self, digest: Digest, wasm: &[u8]) -> Result<Code> {
        let bytes = async || Ok(wasm.to_vec());
        Box::pin(self.host().load(host::Digest(digest.0), bytes)).await.map_err(|error| refused(&error))
    }

    /// Refuses code of the catalogue that is not run any more.
    pub(super) fn expect_runs(&self, origin: PluginOrigin, digest: Digest) -> Result<()> {
        match self.0.catalogue.stopped_code(origin, digest) {
            None => Ok(()),
            Some(why) => Err(Error::rejected(why).with_field("digest")),
        }
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
        self.compile(code.digest, &wasm).await.map(drop)
    }

    /// Refuses code that asks for more memory than the company's tier gives.
    pub(super) fn expect_memory(&self, reader: &Reader, code: &PluginCode) -> Result<()> {
        let tenant = reader.tenant();
        self.limit_of(tenant).expect_memory(tenant.tier, &self.0.known.of(code)?.manifest)
    }

    /// Loads the code of all plugins that take part, of all companies, so that none has to be compiled when it is asked: after
    /// an upgrade of the program, when what was compiled before fits no more. `progress` is told how many companies were gone
    /// through, and of how many. Gives what failed, with the company and the plugin; at most 1,000.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` before it is attached.
    pub async fn recompile(
        &self,
        progress: impl Fn(usize, usize) + Send,
    ) -> Result<Vec<(TenantId, String, Error)>> {
        const FAILURES_MAX: usize = 1_000;
        let engine = self.engine()?;
        let tenants = engine.tenants();
        let mut failed = Vec::new();
        for (done, tenant) in tenants.iter().enumerate() {
            progress(done, tenants.len());
            let us = mortise_engine::context::Principal::trusted_system(tenant.id);
            let Ok(installations) = engine.installations(&us).await else { continue };
            for installation in installations.iter().filter(|installation| installation.is_enabled()) {
                if let Err(error) = self.load(tenant.id, installation.digest).await
                    && failed.len() < FAILURES_MAX
                {
                    failed.push((tenant.id, installation.plugin.clone(), error));
                }
            }
        }
        progress(tenants.len(), tenants.len());
        Ok(failed)
    }
}

/// Code that the company has.
pub(super) fn code_of(reader: &Reader, digest: Digest) -> Result<Arc<PluginCode>> {
    let found = reader.plugin_code(digest).filter(|code| code.removed_at.is_none());
    found.ok_or_else(|| Error::not_found(format!("plugin code {digest}")).with_field("digest"))
}

/// Why code is not had, as an error of the engine.
pub(crate) fn refused(error: &HostError) -> Error {
    let busy = matches!(error, HostError::Compile(CompileError::Busy | CompileError::Worker(_)));
    match error {
        HostError::Refused(_) | HostError::Unfit(_) | HostError::OtherBytes => {
            Error::invalid("file", error.to_string())
        }
        HostError::Compile(_) if !busy => Error::invalid("file", error.to_string()),
        _ => Error::unavailable(error.to_string()).with_source(error.clone()),
    }
}
