//! The FORMAT file: which layout a data folder has, and the steps from older layouts to this one.
//!
//! It does not know what the steps change.

use std::fmt;
use std::io;
use std::path::Path;

use crate::storage::{StorageError, durable_file};

const FORMAT_FILE: &str = "FORMAT";

/// The layout this program writes.
const FORMAT_VERSION: u32 = 1;

/// The steps this program knows.
pub(super) const MIGRATIONS: Migrations = Migrations { newest: FORMAT_VERSION, steps: &[] };

/// Which backend a data folder's stores use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum StoreKind {
    /// sled 0.34, the default.
    #[default]
    Sled,
    /// fjall 3: faster group commits, less written.
    Fjall,
}

impl StoreKind {
    /// The name in flags, configuration and the FORMAT file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sled => "sled",
            Self::Fjall => "fjall",
        }
    }
}

impl fmt::Display for StoreKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for StoreKind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "sled" => Ok(Self::Sled),
            "fjall" => Ok(Self::Fjall),
            _ => Err(format!("unknown store kind {name:?}; use sled or fjall")),
        }
    }
}

/// One step between two layouts.
///
/// `run` must be idempotent: after an interruption it runs again over its own half-done work, because FORMAT is only
/// replaced once it has returned.
pub(super) struct Step {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) run: fn(&Path) -> Result<(), StorageError>,
}

/// The newest layout and the steps that lead there.
#[derive(Clone, Copy)]
pub(super) struct Migrations {
    pub(super) newest: u32,
    pub(super) steps: &'static [Step],
}

/// Writes FORMAT into a new folder, refuses what does not fit, migrates what is older.
pub(super) fn check_and_migrate(
    root: &Path,
    kind: StoreKind,
    migrations: Migrations,
) -> Result<(), StorageError> {
    let refuse = |reason: String| StorageError::Format { path: root.to_owned(), reason };
    let Some((mut version, found)) = read(root)? else {
        return write(root, migrations.newest, kind);
    };
    if version > migrations.newest {
        return Err(refuse(format!(
            "it has format {version}, this program knows up to {}; use the newer program",
            migrations.newest
        )));
    }
    if found != kind {
        return Err(refuse(format!(
            "its stores are {found}, not {kind}; open it with --store {found}, or move it with `mortise storage migrate`"
        )));
    }
    while version < migrations.newest {
        let Some(step) = migrations.steps.iter().find(|step| step.from == version && step.to > version)
        else {
            return Err(refuse(format!(
                "it has format {version}, which this program no longer migrates; open it with an older program first"
            )));
        };
        tracing::info!(from = step.from, to = step.to, "migrating the data folder");
        (step.run)(root)?;
        write(root, step.to, kind)?;
        version = step.to;
    }
    Ok(())
}

/// The store kind a folder was made for, as far as its format file can be read.
pub(super) fn recorded_kind(root: &Path) -> Option<StoreKind> {
    read(root).ok().flatten().map(|(_, kind)| kind)
}

/// Version and kind, or none in a new folder.
fn read(root: &Path) -> Result<Option<(u32, StoreKind)>, StorageError> {
    let path = root.join(FORMAT_FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StorageError::io(format!("read {}", path.display()), error)),
    };
    let value_of = |name: &str| {
        text.lines()
            .filter_map(|line| line.split_once('='))
            .find(|(key, _)| key.trim() == name)
            .map(|(_, value)| value.trim())
    };
    let version = value_of("version").and_then(|value| value.parse().ok());
    let kind = value_of("store").and_then(|value| value.parse().ok());
    match (version, kind) {
        (Some(version), Some(kind)) => Ok(Some((version, kind))),
        _ => Err(StorageError::Format {
            path: root.to_owned(),
            reason: "its FORMAT file is unreadable; restore it from a backup".to_owned(),
        }),
    }
}

fn write(root: &Path, version: u32, kind: StoreKind) -> Result<(), StorageError> {
    durable_file::replace(
        &root.join(FORMAT_FILE),
        format!("version = {version}\nstore = {kind}\n").as_bytes(),
    )
}
