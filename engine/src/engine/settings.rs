//! The name, the language and the place of a tenant: said when it is founded, or later by those who run the platform.

use super::records::expect_version;
use super::{Engine, to_the_end};
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::model::Tenant;
use crate::platform::TenantSettings;
use std::sync::Arc;

impl Engine {
    /// Changes what a tenant's language and time zone are. Whoever asks the tenant from then on is answered in the new
    /// zone; texts are found by the rules of the new language once they are indexed anew.
    ///
    /// It is the platform's affair: the embedding program says who may.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for a tenant that is not there, `INVALID_INPUT` for a time zone that is not, `CONFLICT` when the
    /// record is at another version, `UNAVAILABLE` when it could not be saved.
    pub async fn set_tenant_settings(
        &self,
        tenant: TenantId,
        settings: TenantSettings,
    ) -> Result<Arc<Tenant>> {
        let engine = self.clone();
        to_the_end(async move { engine.set(tenant, settings).await }).await
    }

    async fn set(&self, id: TenantId, settings: TenantSettings) -> Result<Arc<Tenant>> {
        let _turn = self.0.platform.records_turn().await?;
        let before = self.known_tenant(id)?;
        expect_version(&before, settings.if_version)?;
        let mut after = Tenant::clone(&before);
        if let Some(name) = &settings.name {
            after.name = crate::command::name("name", "the company's name", name, self.limits())?;
        }
        if let Some(region) = settings.region {
            after.region = region.as_deref().map(region_name).transpose()?;
        }
        if let Some(language) = settings.language {
            after.language = language;
        }
        if let Some(zone) = settings.time_zone {
            after.time_zone = zone.as_deref().map(zone_name).transpose()?;
        }
        if after == *before {
            return Ok(before);
        }
        self.save_record(after).await
    }
}

/// The name of a region: the platform's own words.
pub(super) fn region_name(name: &str) -> Result<String> {
    let is_part = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if (1..=40).contains(&name.len()) && name.bytes().all(is_part) {
        return Ok(name.to_owned());
    }
    Err(Error::invalid(
        "region",
        "a region has 1 to 40 letters a to z, digits and hyphens, such as eu-central",
    ))
}

/// The name of a time zone as the IANA writes it.
pub(super) fn zone_name(name: &str) -> Result<String> {
    let zone = crate::command::time_zone("timeZone", name)?;
    Ok(zone.iana_name().unwrap_or("UTC").to_owned())
}
