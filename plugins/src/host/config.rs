//! What an embedding program decides about the host: places, keys, sizes. It knows no plugin.

use super::budget::Places;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// How a [`Host`](super::Host) is set up. Everything here has a bound; the defaults suit two cores and 4 GiB.
#[derive(Clone)]
pub struct HostConfig {
    /// The folder of compiled artifacts. Made if it is missing, for this user only. Nobody else may write there.
    pub cache: PathBuf,
    /// Bytes of artifacts kept in that folder; the ones longest unused go first. Default 2 GiB.
    pub cache_bytes: u64,
    /// The key that marks artifacts as ours. Whoever knows it can make this process run any machine code.
    pub mac_key: [u8; 32],
    /// The program that compiles uploads, with its arguments: one that calls [`worker_main`](super::worker_main).
    pub worker: Vec<OsString>,
    /// What one compilation may take.
    pub compile: CompileLimits,
    /// Compilations at once. Default 1.
    pub compile_workers: usize,
    /// Callers that wait for a compilation, beyond which one is told that the host is busy. Default 64.
    pub compile_waiting: usize,
    /// How long one waits for a worker to be free. Default 60 s.
    pub compile_wait: Duration,
    /// Bytes of loaded code kept in memory; the least recently used goes first. Default 256 MiB.
    pub loaded_bytes: usize,
    /// The largest linear memory of any guest, in bytes. Default 64 MiB.
    pub memory_max: usize,
    /// The most bytes of a memory that stay with its place in the pool from one call to the next, cleared, where the system
    /// says which pages were written (Linux 6.7 and later); a call then costs less. Of a table it is an eighth. Default 256 KiB.
    pub kept_bytes: usize,
    /// Calls of workflow hooks at once, of all companies that share [`Places`](super::Places). Default 32.
    pub workflow_calls: usize,
    /// Calls for what a board shows at once, of all such companies. Default 8.
    pub board_calls: usize,
    /// All other calls at once, of all such companies. Default 32.
    pub other_calls: usize,
    /// Calls of workflow hooks at once, of one company. Default 8.
    pub workflow_calls_per_company: usize,
    /// Calls for what a board shows at once, of one company. Default 4.
    pub board_calls_per_company: usize,
    /// All other calls at once, of one company. Default 8.
    pub other_calls_per_company: usize,
    /// How long a workflow hook, or what a board shows, waits for its turn. Default 50 ms.
    pub workflow_wait: Duration,
    /// How long any other call waits for its turn. Default 5 s.
    pub other_wait: Duration,
    /// How often a running guest is interrupted to be measured. Default 2 ms, which is also the most.
    pub tick: Duration,
}

/// What one compilation may take before its process is killed.
#[derive(Clone, Copy, Debug)]
pub struct CompileLimits {
    /// Address space, in bytes. Default 2 GiB.
    pub memory_bytes: u64,
    /// CPU time. Default 30 s; whole seconds count.
    pub cpu: Duration,
    /// Time that passes, from start to end. Default 90 s.
    pub wall: Duration,
    /// The largest artifact, in bytes. Default 64 MiB.
    pub artifact_bytes: usize,
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 2 << 30,
            cpu: Duration::from_secs(30),
            wall: Duration::from_secs(90),
            artifact_bytes: 64 << 20,
        }
    }
}

impl HostConfig {
    /// The defaults, with the folder, the key and the worker that only the embedding program can know.
    #[must_use]
    pub fn new(cache: PathBuf, mac_key: [u8; 32], worker: Vec<OsString>) -> Self {
        Self {
            cache,
            cache_bytes: 2 << 30,
            mac_key,
            worker,
            compile: CompileLimits::default(),
            compile_workers: 1,
            compile_waiting: 64,
            compile_wait: Duration::from_secs(60),
            loaded_bytes: 256 << 20,
            memory_max: 64 << 20,
            kept_bytes: 256 << 10,
            workflow_calls: 32,
            board_calls: 8,
            other_calls: 32,
            workflow_calls_per_company: 8,
            board_calls_per_company: 4,
            other_calls_per_company: 8,
            workflow_wait: Duration::from_millis(50),
            other_wait: Duration::from_secs(5),
            tick: Duration::from_millis(2),
        }
    }

    /// The same for a program that makes one call after the other: it asks the system for a twenty-fourth of the addresses.
    #[must_use]
    pub const fn one_at_a_time(mut self) -> Self {
        (self.workflow_calls, self.board_calls, self.other_calls) = (1, 1, 1);
        self
    }

    /// Calls at once, of all kinds and all companies.
    pub(super) fn calls(&self) -> usize {
        let of_one = self.workflow_calls.saturating_add(self.board_calls).saturating_add(self.other_calls);
        of_one.saturating_mul(Places::ALL)
    }
}

impl std::fmt::Debug for HostConfig {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HostConfig")
            .field("cache", &self.cache)
            .field("worker", &self.worker)
            .finish_non_exhaustive()
    }
}
