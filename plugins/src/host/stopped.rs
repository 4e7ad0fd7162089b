//! Why a call did not end by itself, in words with the figures. It knows nothing of how it was noticed.

use super::replay::Mismatch;
use std::time::Duration;

/// Why a guest was stopped, or not begun. The text is for the people who wrote or installed the plugin.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Stopped {
    /// It computed for too long.
    #[error("used {} ms of CPU, the limit is {} ms", millis(*used_us), millis(*limit_us))]
    Cpu {
        /// Microseconds.
        used_us: u64,
        /// Microseconds.
        limit_us: u64,
    },
    /// It took too long altogether, waiting included.
    #[error("took {} ms, the limit is {} ms", millis(*used_us), millis(*limit_us))]
    Wall {
        /// Microseconds.
        used_us: u64,
        /// Microseconds.
        limit_us: u64,
    },
    /// It wanted more memory than it may have.
    #[error("wanted {} KiB of memory, the limit is {} KiB", wanted_bytes >> 10, limit_bytes >> 10)]
    Memory {
        /// All memories together, in bytes.
        wanted_bytes: usize,
        /// Bytes.
        limit_bytes: usize,
    },
    /// It called itself too deeply.
    #[error("used up its stack of 512 KiB")]
    Stack,
    /// It wanted larger tables than it may have.
    #[error("wanted tables of {wanted} elements, the limit is {limit}")]
    Table {
        /// All tables together, in elements.
        wanted: usize,
        /// Elements.
        limit: usize,
    },
    /// It asked the host too often.
    #[error("called the host more than {limit} times")]
    HostCalls {
        /// Calls.
        limit: u32,
    },
    /// It handed over more bytes at once than it may.
    #[error("handed over more than {} KiB in one call", limit_bytes >> 10)]
    Bytes {
        /// Bytes.
        limit_bytes: usize,
    },
    /// It failed by itself, such as by a panic. How, in words; among them may be what it said itself.
    #[error("{0}")]
    Trap(String),
    /// There was no room for it in time.
    #[error("no room to run it within {} ms", waited.as_millis())]
    Busy {
        /// How long it waited.
        waited: Duration,
    },
    /// The processor time that its company may use is spent.
    #[error("{0}")]
    Spent(String),
    /// The component does not export what was called.
    #[error("does not export `{0}`")]
    NotExported(&'static str),
    /// A replay asked something else than the recorded run did.
    #[error("{0}")]
    Replay(Box<Mismatch>),
    /// The host could not do its part; the guest is not to blame.
    #[error("the host failed: {0}")]
    Host(String),
}

impl Stopped {
    /// A short name that does not change, for counting: `cpu`, `wall`, `memory` …
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Cpu { .. } => "cpu",
            Self::Wall { .. } => "wall",
            Self::Memory { .. } => "memory",
            Self::Stack => "stack",
            Self::Table { .. } => "table",
            Self::HostCalls { .. } => "host_calls",
            Self::Bytes { .. } => "bytes",
            Self::Trap(_) => "trap",
            Self::Busy { .. } => "busy",
            Self::Spent(_) => "spent",
            Self::NotExported(_) => "not_exported",
            Self::Replay(_) => "replay",
            Self::Host(_) => "host",
        }
    }

    /// The same for whoever only wanted something done: without figures, and without what the plugin said.
    #[must_use]
    pub const fn in_plain_words(&self) -> &'static str {
        match self {
            Self::Cpu { .. } | Self::Wall { .. } => "it took too long",
            Self::Memory { .. } | Self::Stack | Self::Table { .. } => {
                "it wanted more memory than it may have"
            }
            Self::HostCalls { .. } | Self::Bytes { .. } => "it asked for more than it may",
            Self::Busy { .. } => "there was no room to run it in time",
            Self::Spent(_) => "the processor time of the company's plugins is used up for the moment",
            Self::Trap(_) | Self::NotExported(_) | Self::Replay(_) => "it failed",
            Self::Host(_) => "the server could not run it",
        }
    }

    /// Whether the plugin is to blame, so that it counts towards switching it off.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        !matches!(self, Self::Busy { .. } | Self::Spent(_) | Self::Replay(_) | Self::Host(_))
    }
}

/// Microseconds as milliseconds, with one digit behind the point where it says something.
fn millis(micros: u64) -> String {
    let (whole, tenth) = (micros / 1000, micros % 1000 / 100);
    if tenth == 0 { whole.to_string() } else { format!("{whole}.{tenth}") }
}
