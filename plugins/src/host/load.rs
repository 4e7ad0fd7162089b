//! From a digest to code: out of memory, out of the folder, or through the compile worker. It knows nothing of calls.

use super::artifact::{Genuine, Seal};
use super::code::{self, Code};
use super::compile::Compiler;
use super::digest::Digest;
use super::error::{CompileError, HostError};
use super::folder::{Folder, Wanted};
use super::native;
use super::state::State;
use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};
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
        company: Option<&str>,
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
        let code = self.had(digest, (company, Wanted::InUse), wasm).await?;
        self.shelf.lock().put(code.clone());
        Ok(code)
    }

    /// Has its artifact in the folder, and proves that it can be loaded. It is not put on the shelf.
    pub(super) async fn prepare(
        &self,
        digest: Digest,
        (company, wanted): (&str, Wanted),
        wasm: impl AsyncFnOnce() -> Result<Vec<u8>, HostError>,
    ) -> Result<(), HostError> {
        if self.is_loaded(digest) {
            return Ok(());
        }
        let queue = Queue::join(self, digest);
        let _turn = queue.turn.lock().await;
        self.had(digest, (Some(company), wanted), wasm).await.map(drop)
    }

    /// Out of the folder or compiled, by whose turn it is.
    async fn had(
        &self,
        digest: Digest,
        (company, wanted): (Option<&str>, Wanted),
        wasm: impl AsyncFnOnce() -> Result<Vec<u8>, HostError>,
    ) -> Result<Code, HostError> {
        let company: Option<Arc<str>> = company.map(Arc::from);
        let (tools, for_whom) = (Arc::clone(&self.tools), company.clone());
        if let Some(code) = blocking(move || tools.read(digest, for_whom)).await? {
            return Ok(code);
        }
        let wasm = wasm().await?;
        let compiled = self.compiler.compile(digest, wasm).await?;
        let tools = Arc::clone(&self.tools);
        let loaded = self.shelf.lock().codes.keys().map(|digest| tools.seal.file(*digest)).collect();
        blocking(move || tools.keep(digest, &compiled, (company, wanted, loaded))).await
    }
}

impl Tools {
    /// From the folder; none when it is not there, was not written by this host for this engine, or cannot be loaded.
    fn read(&self, digest: Digest, company: Option<Arc<str>>) -> Result<Option<Code>, HostError> {
        let name = self.seal.file(digest);
        let file = self.folder.read(&name, self.artifact_bytes.saturating_add(256)).map_err(artifacts)?;
        let Some(file) = file else { return Ok(None) };
        let Some(genuine) = self.seal.open(digest, &file) else {
            tracing::warn!(file = %self.folder.path().join(&name).display(), "a compiled plugin is not what this host wrote: it is removed, and compiled again");
            self.folder.remove(&name).map_err(artifacts)?;
            return Ok(None);
        };
        match self.link(digest, &genuine) {
            Ok(code) => {
                self.folder.owned(&name, company);
                Ok(Some(code))
            }
            // What is kept was linked once. If it is not any more, what made it was something else; another try says why.
            Err(error) => {
                tracing::warn!(%error, file = %self.folder.path().join(&name).display(), "a compiled plugin cannot be loaded: it is removed, and compiled again");
                self.folder.remove(&name).map_err(artifacts)?;
                Ok(None)
            }
        }
    }

    /// Seals and loads what the worker made, and writes it once that was possible.
    fn keep(
        &self,
        digest: Digest,
        compiled: &[u8],
        (company, wanted, loaded): (Option<Arc<str>>, Wanted, FxHashSet<String>),
    ) -> Result<Code, HostError> {
        let strange = || CompileError::Worker(String::from("what came out is no compiled component"));
        let head = self.seal.head(digest, compiled).ok_or_else(strange)?;
        let file = [&head, compiled].concat();
        let genuine = self.seal.open(digest, &file).ok_or_else(strange)?;
        let code = self.link(digest, &genuine)?;
        let name = self.seal.file(digest);
        if let Err(error) = self.folder.write(&name, &file, (company, wanted), &loaded) {
            tracing::warn!(%error, "a compiled plugin cannot be kept: it will be compiled again");
        }
        Ok(code)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::config::HostConfig;
    use crate::host::engine;

    #[test]
    fn an_artifact_that_cannot_be_loaded_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let (workflow_calls, board_calls, other_calls) = (1, 1, 1);
        let config = HostConfig {
            workflow_calls,
            board_calls,
            other_calls,
            ..HostConfig::new(folder.path().to_owned(), [7; 32], Vec::new())
        };
        let engine = engine::runner(&config).unwrap();
        let tools = Tools {
            linker: code::linker(&engine).unwrap(),
            folder: Folder::open(config.cache.clone(), config.cache_bytes).unwrap(),
            seal: Seal::new(config.mac_key, engine::compatibility(&engine)),
            artifact_bytes: config.compile.artifact_bytes,
            engine,
        };
        // Made by this host, with other settings: as by a program that took its place.
        let wasm = wat::parse_str("(component)").unwrap();
        let other = Engine::new(engine::config().epoch_interruption(false)).unwrap();
        let content = other.precompile_component(&wasm).unwrap();
        let digest = Digest::of(&wasm);
        assert!(
            tools.keep(digest, &content, (None, Wanted::InUse, FxHashSet::default())).is_err(),
            "what cannot be loaded is not kept"
        );
        assert!(tools.folder.read(&tools.seal.file(digest), 1 << 20).unwrap().is_none());
        let file = [tools.seal.head(digest, &content).unwrap(), content].concat();
        let name = tools.seal.file(digest);
        tools.folder.write(&name, &file, (None, Wanted::InUse), &FxHashSet::default()).unwrap();
        assert!(tools.read(digest, None).unwrap().is_none());
        assert!(tools.folder.read(&name, 1 << 20).unwrap().is_none(), "it is gone");
        let engine = engine::compiler().unwrap();
        let good = engine.precompile_component(&wasm).unwrap();
        tools.keep(digest, &good, (None, Wanted::InUse, FxHashSet::default())).unwrap();
        assert!(tools.read(digest, None).unwrap().is_some());
    }
}
