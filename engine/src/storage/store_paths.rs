//! Where the stores of tenants lie.
//!
//! It does not know which of them are open.

use std::path::PathBuf;

use crate::id::TenantId;
use crate::model::Placement;

/// A store among those of a data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// One of many tenants, by its number.
    Shard(u16),
    /// The one of this tenant.
    Dedicated(TenantId),
}

impl Place {
    /// The store in which a tenant lies that is placed so.
    pub(crate) const fn of(tenant: TenantId, placement: &Placement) -> Self {
        match placement {
            Placement::Shard(number) => Self::Shard(*number),
            Placement::Dedicated => Self::Dedicated(tenant),
        }
    }
}

/// Where the stores of tenants lie.
#[derive(Debug, Clone)]
pub(crate) struct StorePaths {
    root: PathBuf,
}

impl StorePaths {
    /// Those in a data folder.
    pub(crate) const fn in_folder(root: PathBuf) -> Self {
        Self { root }
    }

    /// The folder of a store.
    pub(crate) fn of(&self, place: Place) -> PathBuf {
        match place {
            Place::Shard(number) => self.root.join("shards").join(format!("{number:02}")),
            Place::Dedicated(tenant) => self.root.join("dedicated").join(tenant.uuid().to_string()),
        }
    }
}
