//! Loaded code: a component linked to the contract, with the hooks that it exports.

use super::digest::Digest;
use super::error::HostError;
use super::state::State;
use super::task::{Export, Task};
use super::wit::bindings::All;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use wasmtime::Engine;
use wasmtime::component::{Component, ComponentExportIndex, HasSelf, InstancePre, Linker};

/// A component, ready to run. Cheap to clone; keeps its code in memory.
#[derive(Clone)]
pub struct Code(Arc<Loaded>);

struct Loaded {
    digest: Digest,
    pre: InstancePre<State>,
    hooks: Hooks,
    bytes: usize,
}

/// The functions that a component exports.
#[derive(Default)]
pub(super) struct Hooks {
    workflow: Option<[Function; 3]>,
    automation: Option<Function>,
    scheduled: Option<Function>,
    inbound: Option<Function>,
    lifecycle: Option<Function>,
}

/// One of them.
pub(super) struct Function {
    /// Where it is.
    pub(super) index: ComponentExportIndex,
    /// Whether a call is expected to compute for long: the last one did, or there was none yet.
    is_slow: AtomicBool,
}

impl Function {
    pub(super) fn is_slow(&self) -> bool {
        self.is_slow.load(Relaxed)
    }

    pub(super) fn set_slow(&self, slow: bool) {
        self.is_slow.store(slow, Relaxed);
    }
}

impl Hooks {
    /// The function that does this.
    pub(super) fn of(&self, task: &Task) -> Option<&Function> {
        match task {
            Task::Amend { .. } => self.workflow.as_ref().map(|[amend, ..]| amend),
            Task::Validate { .. } => self.workflow.as_ref().map(|[_, validate, _]| validate),
            Task::NextStates { .. } => self.workflow.as_ref().map(|[.., next_states]| next_states),
            Task::Event(_) => self.automation.as_ref(),
            Task::Tick(_) => self.scheduled.as_ref(),
            Task::Request(_) => self.inbound.as_ref(),
            Task::Lifecycle(_) => self.lifecycle.as_ref(),
        }
    }
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

/// Links a component, and finds its hooks. One that exports an interface of the contract without one of its functions is unfit.
pub(super) fn link(
    linker: &Linker<State>,
    component: &Component,
    (digest, bytes): (Digest, usize),
) -> Result<Code, HostError> {
    let unfit = |error: wasmtime::Error| HostError::Unfit(format!("{error:#}").chars().take(500).collect());
    let pre = linker.instantiate_pre(component).map_err(unfit)?;
    let interface =
        |export: Export| component.get_export_index(None, format!("mortise:plugin/{export}@1.0.0"));
    let function = |interface: &ComponentExportIndex, name: &str| {
        let missing = || unfit(wasmtime::format_err!("it exports no function `{name}`"));
        let index = component.get_export_index(Some(interface), name).ok_or_else(missing);
        index.map(|index| Function { index, is_slow: AtomicBool::new(true) })
    };
    let mut hooks = Hooks::default();
    // Whether all are there is looked at here; whether one has the form of the contract, where it is called.
    if let Some(its) = interface(Export::Workflow) {
        let amend = function(&its, "amend")?;
        hooks.workflow = Some([amend, function(&its, "validate")?, function(&its, "next-states")?]);
    }
    if let Some(its) = interface(Export::Automation) {
        hooks.automation = Some(function(&its, "on-event")?);
    }
    if let Some(its) = interface(Export::Scheduled) {
        hooks.scheduled = Some(function(&its, "on-schedule")?);
    }
    if let Some(its) = interface(Export::Inbound) {
        hooks.inbound = Some(function(&its, "on-request")?);
    }
    if let Some(its) = interface(Export::Lifecycle) {
        hooks.lifecycle = Some(function(&its, "on-lifecycle")?);
    }
    Ok(Code(Arc::new(Loaded { digest, pre, hooks, bytes })))
}
