//! What can go wrong at the door to the disk.
//!
//! It does not know which command was running: callers add that.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::codec::CodecError;

/// Why a storage operation did not do what it was asked.
///
/// No message contains a key's or a value's content, so every one of them may be logged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The store is closed, or failed and is being reopened. Nothing was written; try again later.
    #[error("the store is not available: {reason}; try again shortly")]
    Unavailable {
        /// What happened, for the log.
        reason: String,
    },
    /// Stored bytes are not what was written: damaged, moved to another key, or sealed with another key.
    #[error("cannot read {what}: the stored bytes are damaged or belong elsewhere; restore it from a backup")]
    Corrupt {
        /// The kind of thing that was being read.
        what: String,
    },
    /// A value, key or batch exceeds what every backend can take.
    #[error("cannot store {what}: {size} exceeds the limit of {limit}; send it in smaller parts")]
    TooLarge {
        /// What was too large, with its unit.
        what: &'static str,
        /// How large it was.
        size: usize,
        /// How large it may be.
        limit: usize,
    },
    /// The caller asked for something the store never does, such as writing a row into the log's key space.
    #[error("cannot store {what}: this key space is written by the store alone")]
    Forbidden {
        /// What was being written.
        what: &'static str,
    },
    /// Another process, or another handle in this process, has the folder open.
    #[error("{holder} has the data folder {} open; stop it or choose another --data", path.display())]
    Locked {
        /// The folder that is held.
        path: PathBuf,
        /// Who holds it, as far as the lock file says.
        holder: Holder,
    },
    /// The data folder was written by a version or for a backend this process does not match.
    #[error("cannot open the data folder {}: {reason}", path.display())]
    Format {
        /// The data folder.
        path: PathBuf,
        /// Why not, and what to do.
        reason: String,
    },
    /// A master key or a tenant's data key is missing, malformed or not kept safely.
    #[error("cannot use {what}: {reason}")]
    Key {
        /// Which key.
        what: String,
        /// Why not, and what to do.
        reason: String,
    },
    /// A stored value does not decode as the type that was asked for.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The operating system or the backend refused.
    #[error("cannot {doing}: {source}")]
    Io {
        /// What was being done to what.
        doing: String,
        /// The refusal.
        source: io::Error,
    },
}

/// Who holds a locked folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// This very process, through another handle.
    ThisProcess,
    /// Another process, with the process id it left in the lock file.
    Process(u32),
    /// The lock file does not say.
    Unknown,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ThisProcess => write!(f, "this process (pid {}) already", std::process::id()),
            Self::Process(pid) => write!(f, "another process (pid {pid})"),
            Self::Unknown => f.write_str("another process"),
        }
    }
}

impl StorageError {
    /// An input or output error with what was being done.
    pub(crate) fn io(doing: impl Into<String>, source: impl Into<io::Error>) -> Self {
        Self::Io { doing: doing.into(), source: source.into() }
    }

    pub(crate) fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into() }
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }

    /// Whether the cause is a disk without room.
    pub(crate) fn is_disk_full(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull)
    }
}
