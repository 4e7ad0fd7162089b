//! Running guests: bytes are checked, compiled in a process of their own, loaded, and called with a budget.
//!
//! [`Host`] is all of it. [`Host::inspect`] looks at an upload, [`Host::load`] makes [`Code`] of it, [`Host::run`] calls it
//! once, in a fresh store, and says what came of it, what it used and what it learned. What a guest may learn comes
//! through [`Answers`]. This module knows nothing of the engine, of installations, of manifests' content or of permissions.
//!
//! # How it holds
//!
//! - Uploads are never compiled in this process: [`worker_main`] runs in one that has little memory, little time and no
//!   files. What comes back is kept under a keyed hash, and only what this host wrote is loaded.
//! - A guest has no WASI, no threads and no clock that moves. It is interrupted at every tick and measured: by the
//!   time that passes in its first turns, then by the CPU time of its thread. An outer timeout covers what it waits for.
//! - One that computes for long goes on aside, on threads that stand behind those of requests.
//! - All of it is bounded: memory, tables, stack, bytes copied, calls, log, recording, calls at once.

mod answers;
mod artifact;
mod aside;
mod ask;
mod budget;
mod code;
mod compile;
mod config;
mod cpu;
mod digest;
mod engine;
mod error;
mod folder;
mod guest;
mod imports;
mod inspect;
mod load;
mod logs;
mod mail;
mod meter;
mod native;
mod recording;
mod replay;
mod room;
mod run;
mod state;
mod stopped;
mod task;
mod ticker;
mod trap;
pub mod wit;
mod worker;

pub use answers::Answers;
pub use ask::{Ask, Reply};
pub(crate) use budget::MEASURES;
pub use budget::{Budget, Places, Share, Used};
pub use code::Code;
pub use config::{CompileLimits, HostConfig};
pub use digest::Digest;
pub use error::{CompileError, HostError};
pub use folder::Wanted;
pub use inspect::{Inspected, Refused, UploadLimits};
pub(crate) use meter::Meters;
pub(crate) use recording::within;
pub use recording::{Exchange, Recording, RecordingError};
pub use replay::{Mismatch, Replay};
pub use stopped::Stopped;
pub use task::{Answer, Export, LogLine, Run, Task};
pub use worker::worker_main;

use artifact::Seal;
use aside::Aside;
use compile::Compiler;
use folder::Folder;
use load::Loader;
use room::Rooms;
use std::sync::Arc;
use ticker::Ticker;

/// Runs guests. Cheap to clone; its threads, its pool and its code go with the last clone.
#[derive(Clone)]
pub struct Host {
    inner: Arc<Inner>,
}

struct Inner {
    loader: Loader,
    ticker: Ticker,
    rooms: Rooms,
    aside: Aside,
}

impl Host {
    /// Reserves the pool, starts the ticker and makes the folder of artifacts.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made, or the machine does not give the address space or the threads.
    pub fn new(config: HostConfig) -> Result<Self, HostError> {
        let setup = |error: wasmtime::Error| HostError::Setup(format!("{error:#}"));
        let engine = engine::runner(&config).map_err(setup)?;
        let no_thread = |error: std::io::Error| HostError::Setup(error.to_string());
        let ticker = Ticker::start(&engine, config.tick.min(meter::TURN)).map_err(no_thread)?;
        let aside = Aside::start().map_err(no_thread)?;
        let rooms = Rooms::new(&config);
        let folder = Folder::open(config.cache, config.cache_bytes);
        let folder = folder.map_err(|error| HostError::Artifacts(Arc::new(error)))?;
        let seal = Seal::new(config.mac_key, engine::compatibility(&engine));
        let queue = (config.compile_workers, config.compile_waiting, config.compile_wait);
        let compiler = Compiler::new(config.worker, config.compile, queue);
        let compiler = compiler.map_err(setup)?;
        let loader = Loader::new(engine, (folder, seal), compiler, config.loaded_bytes).map_err(setup)?;
        Ok(Self { inner: Arc::new(Inner { loader, ticker, rooms, aside }) })
    }

    /// Looks at bytes without running or compiling anything of them. Quick, and bounded by the length of the bytes.
    ///
    /// # Errors
    ///
    /// Why they are not taken.
    pub fn inspect(&self, wasm: &[u8], limits: &UploadLimits) -> Result<Inspected, Refused> {
        inspect::inspect(wasm, limits)
    }

    /// The code of a component: from memory, from the folder of artifacts, or compiled now. `wasm` is called only for
    /// the last. Needs a tokio runtime. If it is dropped, a compilation that has begun still ends, and its work is lost.
    ///
    /// # Errors
    ///
    /// What `wasm` fails with, or why the bytes are not compiled or loaded.
    pub async fn load(
        &self,
        digest: Digest,
        wasm: impl AsyncFnOnce() -> Result<Vec<u8>, HostError>,
    ) -> Result<Code, HostError> {
        self.inner.loader.load(digest, None, wasm).await
    }

    /// The same for a company. When the folder of artifacts is too full, those go first of whoever has most of it.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub async fn load_for(
        &self,
        company: &str,
        digest: Digest,
        wasm: impl AsyncFnOnce() -> Result<Vec<u8>, HostError>,
    ) -> Result<Code, HostError> {
        self.inner.loader.load(digest, Some(company), wasm).await
    }

    /// Has the artifact of a component ready and proves that it can be loaded, without keeping code in memory.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub async fn prepare(
        &self,
        company: &str,
        digest: Digest,
        wanted: Wanted,
        wasm: impl AsyncFnOnce() -> Result<Vec<u8>, HostError>,
    ) -> Result<(), HostError> {
        self.inner.loader.prepare(digest, (company, wanted), wasm).await
    }

    /// Whether the code is in memory, so that [`load`](Self::load) answers at once.
    #[must_use]
    pub fn is_loaded(&self, digest: Digest) -> bool {
        self.inner.loader.is_loaded(digest)
    }

    /// Runs one call in a fresh store and instance, once there is room for it: so many calls at once of its kind and its
    /// [`Places`], so many of one company. Needs a tokio runtime with time. It may be dropped at any await, which stops the guest.
    pub async fn run(
        &self,
        code: &Code,
        task: Task,
        call: wit::Call,
        budget: &Budget,
        answers: &mut dyn Answers,
    ) -> Run {
        let (task, call) = (Arc::new(task), Arc::new(call));
        Box::pin(self.run_metered(code, task, call, budget, answers, &Meters::default())).await
    }

    /// The same, of which `meters` say what it has used so far, also when it was dropped, but for the turn that it was in then.
    pub(crate) async fn run_metered(
        &self,
        code: &Code,
        task: Arc<Task>,
        call: Arc<wit::Call>,
        budget: &Budget,
        answers: &mut dyn Answers,
        meters: &Meters,
    ) -> Run {
        let Some(function) = code.hooks().of(&task) else {
            return Run::not_begun(Stopped::NotExported(task.export().name()));
        };
        match self.inner.rooms.of(budget.places, &task).enter(&call.company).await {
            Err(waited) => Run::not_begun(Stopped::Busy { waited }),
            Ok(place) => {
                let held = (self.inner.ticker.guest(), place);
                let lane = self.inner.aside.of(&task);
                run::run(code, (function, task, call), budget, answers, meters, (lane, held)).await
            }
        }
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}
