//! What can go wrong before a guest runs.

use super::inspect::Refused;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Why there is no host, or no code.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The engine cannot be set up as configured.
    #[error("cannot set up the plugin host: {0}")]
    Setup(String),
    /// The folder of artifacts cannot be used.
    #[error("cannot use the folder of compiled plugins")]
    Artifacts(#[source] Arc<io::Error>),
    /// The bytes are not a component that this host takes.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The bytes have another digest than was said.
    #[error("the component's bytes are not those of its digest")]
    OtherBytes,
    /// The bytes could not be had: for the function that brings them.
    #[error("cannot get the component: {0}")]
    Missing(String),
    /// It did not compile.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// Compiled, but it does not fit this host: more memories, tables or instances than the pool has, or other functions
    /// than the contract.
    #[error("the component does not fit the host: {0}")]
    Unfit(String),
}

/// What became of a compilation that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// The compiler refused the bytes.
    #[error("the component is invalid: {0}")]
    Invalid(String),
    /// It wanted more memory than a compilation has.
    #[error("compiling took more than {} MiB of memory", limit_bytes >> 20)]
    Memory {
        /// Bytes.
        limit_bytes: u64,
    },
    /// It took too much CPU time.
    #[error("compiling took more than {} s of CPU", limit.as_secs())]
    Cpu {
        /// CPU time.
        limit: Duration,
    },
    /// It took too long.
    #[error("compiling took more than {} s", limit.as_secs())]
    Wall {
        /// Time that passed.
        limit: Duration,
    },
    /// What came out is too large.
    #[error("compiled, it would have more than {} MiB", limit_bytes >> 20)]
    Large {
        /// Bytes.
        limit_bytes: usize,
    },
    /// Too many others wait for a compilation.
    #[error("too many plugins wait to be compiled")]
    Busy,
    /// The worker is another program than this one, and would make code that this one cannot load.
    #[error("the program was replaced while it runs: restart the server, then plugins can be compiled again")]
    Replaced,
    /// The worker could not be started, or ended strangely.
    #[error("the compile worker failed: {0}")]
    Worker(String),
}
