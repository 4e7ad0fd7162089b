//! From a digest to code: out of memory, out of the folder, or through the compile worker. It knows nothing of calls.

use super::artifact::{Genuine, Seal};
use super::code::{self, Code};
use super::compile::Compiler;
use super::digest::Digest;
use super::error::{CompileError, HostError};
use super::folder::Folder;
use super::native;
use super::state::State;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::io;
use std::sync::Arc;
use tokio::sync::Mutex as Turn;
use tokio::task::spawn_blocking;
use wasmtime::Engine;
use wasmtime::component::Linker;

/// Loads code, and keeps what was used last.
pub(super) struct Loader {
    shelf: Mutex<Shelf>,
    /// Components being loaded now, so that each is loaded once.
    turns: Mutex<FxHashMap<Digest, Arc<Turn<()>>>>,
    compiler: Compiler,
    tools: Arc<Tools>,
}

/// What loading needs, on whatever thread it happens.
struct Tools {
    engine: Engine,
    linker: Linker<State>,
    folder: Folder,
    seal: Seal,
    artifact_bytes: usize,
}

/// Loaded code, bounded in bytes.
struct Shelf {
    codes: FxHashMap<Digest, (Code, u64)>,
    bytes: usize,
    limit: usize,
    uses: u64,
}

impl Shelf {
    fn new(limit: usize) -> Self {
        Self { codes: FxHashMap::default(), bytes: 0, limit, uses: 0 }
    }

    /// What is there, marked as used.
    fn get(&mut self, digest: Digest) -> Option<Code> {
        self.uses += 1;
        let (code, used) = self.codes.get_mut(&digest)?;
        *used = self.uses;
        Some(code.clone())
    }

    /// Keeps it, and lets go of what was not used for longest. What runs keeps its own code alive.
    fn put(&mut self, code: Code) {
        self.uses += 1;
        self.bytes += code.bytes();
        if let Some((earlier, _)) = self.codes.insert(code.digest(), (code, self.uses)) {
            self.bytes = self.bytes.saturating_sub(earlier.bytes());
        }
        while self.bytes > self.limit && self.codes.len() > 1 {
            let Some(oldest) =
                self.codes.iter().min_by_key(|(_, (_, used))| *used).map(|(digest, _)| *digest)
            else {
                return;
            };
            if let Some((gone, _)) = self.codes.remove(&oldest) {
                self.bytes = self.bytes.saturating_sub(gone.bytes());
            }
        }
    }
}

impl Loader {
    pub(super) fn new(
        engine: Engine,
        (folder, seal): (Folder, Seal),
        compiler: Compiler,
        loaded_bytes: usize,
    ) -> wasmtime::Result<Self> {
        let linker = code::linker(&engine)?;
        let artifact_bytes = compiler.limits().artifact_bytes;
        let tools = Arc::new(Tools { engine, linker, folder, seal, artifact_bytes });
        Ok(Self { shelf: Mutex::new(Shelf::new(loaded_bytes)), turns: Mutex::default(), compiler, tools })
    }

    /// Whether it is on the shelf.
    pub(super) fn is_loaded(&self, digest: Digest) -> bool {
        self.shelf.lock().codes.contains_key(&digest)
    }

    /// The code of a component; `wasm` is called only to compile it.
    pub(super) async fn load(
        &self,
        digest: Digest,
        wasm: impl AsyncFnOnce() -> Result<Vec<u8>, HostError>,
    ) -> Result<Code, HostError> {
        if let Some(code) = self.shelf.lock().get(digest) {
            return Ok(code);
        }
        let queue = Queue::join(self, digest);
        let _turn = queue.turn.lock().await;
        if let Some(code) = self.shelf.lock().get(digest) {
            return Ok(code);
        }
        let tools = Arc::clone(&self.tools);
        let code = match blocking(move || tools.read(digest)).await? {
            Some(code) => code,
            None => {
                let wasm = wasm().await?;
                let compiled = self.compiler.compile(digest, wasm).await?;
                let tools = Arc::clone(&self.tools);
                blocking(move || tools.keep(digest, &compiled)).await?
            }
        };
        self.shelf.lock().put(code.clone());
        Ok(code)
    }
}

impl Tools {
    /// From the folder; none when it is not there, or was not written by this host for this engine.
    fn read(&self, digest: Digest) -> Result<Option<Code>, HostError> {
        let name = self.seal.file(digest);
        let file = self.folder.read(&name, self.artifact_bytes.saturating_add(256)).map_err(artifacts)?;
        let Some(file) = file else { return Ok(None) };
        let Some(genuine) = self.seal.open(digest, &file) else {
            tracing::warn!(file = %self.folder.path().join(&name).display(), "a compiled plugin is not what this host wrote: it is removed, and compiled again");
            self.folder.remove(&name).map_err(artifacts)?;
            return Ok(None);
        };
        self.link(digest, &genuine).map(Some)
    }

    /// Seals and writes what the worker made, and loads it.
    fn keep(&self, digest: Digest, compiled: &[u8]) -> Result<Code, HostError> {
        let strange = || CompileError::Worker(String::from("what came out is no compiled component"));
        let head = self.seal.head(digest, compiled).ok_or_else(strange)?;
        let file = [&head, compiled].concat();
        if let Err(error) = self.folder.write(&self.seal.file(digest), &file) {
            tracing::warn!(%error, "a compiled plugin cannot be kept: it will be compiled again");
        }
        let genuine = self.seal.open(digest, &file).ok_or_else(strange)?;
        self.link(digest, &genuine)
    }

    fn link(&self, digest: Digest, genuine: &Genuine<'_>) -> Result<Code, HostError> {
        let component = native::load(&self.engine, genuine)
            .map_err(|error| HostError::Unfit(format!("{error:#}").chars().take(500).collect()))?;
        code::link(&self.linker, &component, (digest, genuine.content().len()))
    }
}

/// A place in the queue for one component; the last to leave takes the queue away.
struct Queue<'a> {
    loader: &'a Loader,
    digest: Digest,
    turn: Arc<Turn<()>>,
}

impl<'a> Queue<'a> {
    fn join(loader: &'a Loader, digest: Digest) -> Self {
        let turn = Arc::clone(loader.turns.lock().entry(digest).or_default());
        Self { loader, digest, turn }
    }
}

impl Drop for Queue<'_> {
    fn drop(&mut self) {
        let mut turns = self.loader.turns.lock();
        // One in the table, one here.
        if Arc::strong_count(&self.turn) <= 2 {
            turns.remove(&self.digest);
        }
    }
}

/// Runs what waits for files or computes for long where that disturbs nobody.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HostError> + Send + 'static,
) -> Result<T, HostError> {
    spawn_blocking(work).await.map_err(|error| HostError::Setup(format!("loading ended early: {error}")))?
}

fn artifacts(error: io::Error) -> HostError {
    HostError::Artifacts(Arc::new(error))
}
