//! Which companies are meant: one by one, or by what they have in common.

use super::word::TenantStatus;
use crate::schema::scalar;
use crate::schema::word::Tier;
use async_graphql::{ID, InputObject, OneofObject};
use mortise_engine::{Error, Result};

/// Bytes of a part of a name.
const SEARCH_BYTES_MAX: usize = 200;

/// Values of one list of a filter: each company is compared with all of them.
const ANY_OF_MAX: usize = 50;

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
    /// `INVALID_INPUT` for a part of a name that is too long, or too many values.
    pub(super) fn settle(self) -> Result<mortise_engine::TenantFilter> {
        scalar::bounded("filter.search", self.search.as_deref().unwrap_or_default(), SEARCH_BYTES_MAX)?;
        let lists = [
            ("filter.status", self.status.as_ref().map(Vec::len)),
            ("filter.tier", self.tier.as_ref().map(Vec::len)),
            ("filter.region", self.region.as_ref().map(Vec::len)),
        ];
        if let Some((field, _)) = lists.iter().find(|(_, len)| len.is_some_and(|len| len > ANY_OF_MAX)) {
            return Err(Error::invalid(*field, format!("a filter lists at most {ANY_OF_MAX} values")));
        }
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
    /// The companies, as the engine takes them.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what cannot be read.
    pub(super) fn settle(self) -> Result<mortise_engine::TenantSelection> {
        match self {
            Self::Ids(ids) => scalar::ids("select.ids", &ids).map(mortise_engine::TenantSelection::These),
            Self::Filter(filter) => filter.settle().map(mortise_engine::TenantSelection::Meeting),
        }
    }
}
