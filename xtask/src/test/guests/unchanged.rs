//! Whether a slow build can be left out: what went into it is as it was.
//!
//! It compares contents, not times: a checkout gives every file a new one.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::repository;

/// The state of what goes into a build, and where the state of the last build is noted.
pub(super) struct Inputs {
    note: PathBuf,
    now: String,
}

impl Inputs {
    /// Of everything in these files and folders; `note` lies beside what is built.
    pub(super) fn of(places: &[PathBuf], note: PathBuf) -> anyhow::Result<Self> {
        let mut hasher = DefaultHasher::new();
        for place in places {
            let files = if place.is_dir() { repository::files_below(place)? } else { vec![place.clone()] };
            for file in files {
                file.hash(&mut hasher);
                std::fs::read(&file)
                    .with_context(|| format!("cannot read {}", file.display()))?
                    .hash(&mut hasher);
            }
        }
        Ok(Self { note, now: format!("{:016x}", hasher.finish()) })
    }

    /// Whether they made `built`, which is still there.
    pub(super) fn made(&self, built: &Path) -> bool {
        built.exists() && std::fs::read_to_string(&self.note).is_ok_and(|then| then == self.now)
    }

    /// Notes that a build of them has succeeded.
    pub(super) fn note(&self) -> anyhow::Result<()> {
        std::fs::write(&self.note, &self.now).with_context(|| format!("cannot write {}", self.note.display()))
    }
}
