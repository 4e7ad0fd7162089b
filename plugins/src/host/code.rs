//! Loaded code: a component linked to the contract, with the hooks that it exports.

use super::digest::Digest;
use super::error::HostError;
use super::state::State;
use super::task::Export;
use super::wit::bindings::All;
use super::wit::{automation, inbound, lifecycle, scheduled, workflow};
use std::fmt;
use std::sync::Arc;
use wasmtime::Engine;
use wasmtime::component::{Component, HasSelf, InstancePre, Linker};

/// A component, ready to run. Cheap to clone; keeps its code in memory.
#[derive(Clone)]
pub struct Code(Arc<Loaded>);

struct Loaded {
    digest: Digest,
    pre: InstancePre<State>,
    hooks: Hooks,
    bytes: usize,
}

/// The hooks of a component, those that it exports.
#[derive(Default)]
pub(super) struct Hooks {
    pub(super) workflow: Option<workflow::GuestIndices>,
    pub(super) automation: Option<automation::GuestIndices>,
    pub(super) scheduled: Option<scheduled::GuestIndices>,
    pub(super) inbound: Option<inbound::GuestIndices>,
    pub(super) lifecycle: Option<lifecycle::GuestIndices>,
}

impl Code {
    /// The component's name.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// Bytes of compiled code and data, about what it takes in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.bytes
    }

    /// Whether it has this hook.
    #[must_use]
    pub fn exports(&self, export: Export) -> bool {
        let hooks = &self.0.hooks;
        match export {
            Export::Workflow => hooks.workflow.is_some(),
            Export::Automation => hooks.automation.is_some(),
            Export::Scheduled => hooks.scheduled.is_some(),
            Export::Inbound => hooks.inbound.is_some(),
            Export::Lifecycle => hooks.lifecycle.is_some(),
        }
    }

    pub(super) fn pre(&self) -> &InstancePre<State> {
        &self.0.pre
    }

    pub(super) fn hooks(&self) -> &Hooks {
        &self.0.hooks
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code")
            .field("digest", &self.0.digest)
            .field("bytes", &self.0.bytes)
            .finish_non_exhaustive()
    }
}

/// The imports of the contract.
pub(super) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    All::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    Ok(linker)
}

/// Links a component, and finds its hooks. One that exports a hook's name with another form is unfit.
pub(super) fn link(
    linker: &Linker<State>,
    component: &Component,
    (digest, bytes): (Digest, usize),
) -> Result<Code, HostError> {
    let unfit = |error: wasmtime::Error| HostError::Unfit(format!("{error:#}").chars().take(500).collect());
    let pre = linker.instantiate_pre(component).map_err(unfit)?;
    let has =
        |export: Export| component.get_export_index(None, format!("mortise:plugin/{export}@1.0.0")).is_some();
    let mut hooks = Hooks::default();
    if has(Export::Workflow) {
        hooks.workflow = Some(workflow::GuestIndices::new(&pre).map_err(unfit)?);
    }
    if has(Export::Automation) {
        hooks.automation = Some(automation::GuestIndices::new(&pre).map_err(unfit)?);
    }
    if has(Export::Scheduled) {
        hooks.scheduled = Some(scheduled::GuestIndices::new(&pre).map_err(unfit)?);
    }
    if has(Export::Inbound) {
        hooks.inbound = Some(inbound::GuestIndices::new(&pre).map_err(unfit)?);
    }
    if has(Export::Lifecycle) {
        hooks.lifecycle = Some(lifecycle::GuestIndices::new(&pre).map_err(unfit)?);
    }
    Ok(Code(Arc::new(Loaded { digest, pre, hooks, bytes })))
}
