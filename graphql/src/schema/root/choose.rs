//! Which companies are meant: one by one, or by what they have in common.

use super::word::TenantStatus;
use crate::schema::scalar;
use crate::schema::word::Tier;
use async_graphql::{ID, InputObject, OneofObject};
use mortise_engine::id::TenantId;
use mortise_engine::{Engine, Result};

/// Bytes of a part of a name.
const SEARCH_BYTES_MAX: usize = 200;

/// Which companies. What is not said, every company has.
#[derive(Default, InputObject)]
pub(super) struct TenantFilter {
    /// How it stands: one of these.
    status: Option<Vec<TenantStatus>>,
    /// What it has bought: one of these.
    tier: Option<Vec<Tier>>,
    /// Where its data is to lie: one of these.
    region: Option<Vec<String>>,
    /// A part of its slug or name, in whatever case.
    search: Option<String>,
}

impl TenantFilter {
    /// The filter as the engine takes it.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a part of a name that is too long.
    pub(super) fn settle(self) -> Result<mortise_engine::TenantFilter> {
        scalar::bounded("filter.search", self.search.as_deref().unwrap_or_default(), SEARCH_BYTES_MAX)?;
        Ok(mortise_engine::TenantFilter {
            status: self.status.map(|any| any.into_iter().map(Into::into).collect()),
            tier: self.tier.map(|any| any.into_iter().map(Into::into).collect()),
            region: self.region,
            search: self.search,
        })
    }
}

/// The companies of a job: these, or all that a filter meets when the job begins.
#[derive(OneofObject)]
pub(super) enum TenantSelection {
    /// These: global ids, `ten_…`.
    Ids(Vec<ID>),
    /// All that this meets; an empty one meets every company.
    Filter(TenantFilter),
}

impl TenantSelection {
    /// The companies.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what cannot be read.
    pub(super) fn settle(self, engine: &Engine) -> Result<Vec<TenantId>> {
        match self {
            Self::Ids(ids) => scalar::ids("select.ids", &ids),
            Self::Filter(filter) => {
                Ok(engine.find_tenants(&filter.settle()?).iter().map(|tenant| tenant.id).collect())
            }
        }
    }
}
