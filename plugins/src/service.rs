//! The service: plugins of companies, joined to an engine.
//!
//! [`Plugins`] is all that an embedding program holds. It is made before the engine is opened or after, and
//! [`Plugins::attach`] joins the two. What people do with plugins (upload, install, change, look at runs) are methods of it, one
//! file each subject; what the engine asks comes through its `Hooks`. Its own work behind the scenes is one task that writes
//! records of runs, and the runner of automations.

mod amending;
mod asked;
mod calling;
mod catalogue;
mod change;
mod code;
mod config;
mod described;
mod done;
mod health;
mod hooks;
mod inspection;
mod known;
mod lifecycle;
mod noting;
mod outcome;
mod runs;
mod secrets;
mod standing;
mod stopping;
mod told;
mod unanswered;
mod warnings;

pub use crate::manifest::{Permission, PermissionChange};
pub(crate) use asked::{LazyRoom, not_called};
pub(crate) use calling::{Calling, Spent, mode_of, spent_words, task_of};
pub use catalogue::{CatalogueEntry, Withdrawal};
pub use change::{InstallationChange, NewInstallation, Upgrade, Uploaded};
pub use config::{Class, CpuRate, PluginsConfig, TierLimit, TierLimits};
pub use described::Described;
pub use done::Done;
pub use health::Health;
pub use inspection::{Inspection, unsaid};
pub(crate) use known::settings_of;
pub(crate) use noting::Noting;
pub(crate) use outcome::{logged, outcome_of, shares};
pub(crate) use runs::{EDITS, ENOUGH, Finished, input_of};
pub use runs::{
    HIDDEN, RunAnswer, RunFilter, RunId, RunInput, RunLog, RunMode, RunOutcome, RunPage, RunRecord, RunShare,
    RunSight, RunTask, RunTotals, Shown,
};
pub use warnings::warnings;

pub(crate) use unanswered::Unanswered;

use crate::automation::runner::Runner;
use crate::backtest::Backtests;
use crate::host::{Host, HostError};
use crate::inbound::{Gate, Seal};
use crate::outgoing::Outgoing;
use mortise_engine::{Engine, Error, Result};
use parking_lot::{Mutex, RwLock};
use std::sync::Arc;

/// Plugins of all companies of one engine. Clones are handles to the same.
#[derive(Clone)]
pub struct Plugins(pub(crate) Arc<Inner>);

/// What is shared by all handles.
pub(crate) struct Inner {
    pub(crate) config: PluginsConfig,
    pub(crate) host: Host,
    /// None before it is attached and after it is closed: an engine holds its hooks, and so they must let go of it.
    engine: RwLock<Option<Engine>>,
    pub(crate) cpu: Mutex<code::CpuTaken>,
    pub(crate) catalogue: catalogue::Catalogue,
    pub(crate) known: known::KnownCodes,
    pub(crate) runs: runs::Recorder,
    /// What acts by itself.
    pub(crate) runner: Runner,
    /// What sends requests of plugins.
    pub(crate) outgoing: Outgoing,
    /// What makes and reads addresses of installations.
    pub(crate) seal: Seal,
    /// Who comes in at those.
    pub(crate) gate: Gate,
    pub(crate) backtests: Backtests,
}

impl std::fmt::Debug for Plugins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugins").field("data", &self.0.config.data).finish_non_exhaustive()
    }
}

impl Plugins {
    /// Makes the host and reads the catalogue. Reads files: call it at start.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the folder cannot be used, or the machine does not give what the host reserves.
    pub fn new(config: PluginsConfig) -> Result<Self> {
        let refused = |error: HostError| Error::unavailable(error.to_string()).with_source(error);
        let host = Host::new(config.host.clone()).map_err(refused)?;
        let catalogue = catalogue::Catalogue::open(&config)?;
        Ok(Self(Arc::new(Inner {
            host,
            catalogue,
            engine: RwLock::new(None),
            cpu: Mutex::new(code::CpuTaken::new()),
            known: known::KnownCodes::default(),
            runs: runs::Recorder::new(),
            runner: Runner::default(),
            outgoing: config.outgoing(),
            seal: Seal::new(&config.address_key()?)?,
            gate: Gate::default(),
            backtests: Backtests::default(),
            config,
        })))
    }

    /// Joins it with an engine: from now on the engine asks its plugins, and they act.
    pub async fn attach(&self, engine: &Engine) {
        *self.0.engine.write() = Some(engine.clone());
        if !engine.set_hooks(Arc::new(self.clone())) {
            tracing::warn!("another host of plugins answers for them when something is decided");
        }
        self.0.runs.begin(&self.0);
        self.0.runner.start(self, engine);
    }

    /// Lets go of the engine, after what is known of runs is written. Call it before the engine is closed.
    pub async fn close(&self) {
        self.0.runner.close().await;
        self.0.backtests.close().await;
        // Nobody writes before it is attached.
        if self.engine().is_ok() {
            self.0.runs.flush().await;
        }
        drop(self.0.engine.write().take());
    }

    /// The engine that it is attached to.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` before it is attached, and after it is closed.
    pub fn engine(&self) -> Result<Engine> {
        let engine = self.0.engine.read().clone();
        engine.ok_or_else(|| Error::unavailable("plugins are not ready; try again later"))
    }

    /// What runs guests.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.0.host
    }
}
