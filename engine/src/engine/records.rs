//! The record of a company: read as it was saved, changed, and told to the company in memory.
//!
//! It does not know what is changed.

use super::Engine;
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::model::Tenant;
use std::sync::Arc;

impl Engine {
    /// The record of a company, for those who run the platform.
    pub(super) fn known_tenant(&self, id: TenantId) -> Result<Arc<Tenant>> {
        self.0.platform.tenant(id).ok_or_else(|| Error::not_found(format!("tenant {id}")))
    }

    /// The same, where it may not be known yet whether the last change was saved.
    pub(super) async fn record_as_saved(&self, id: TenantId) -> Result<Arc<Tenant>> {
        let _turn = self.0.platform.records_turn().await?;
        self.known_tenant(id)
    }

    /// Saves a tenant's record as it becomes, counts its version, and tells the tenant. Asked while holding `records`.
    pub(super) async fn save_record(&self, mut after: Tenant) -> Result<Arc<Tenant>> {
        after.version = after.version.saturating_add(1);
        after.updated_at = self.clock().now();
        let record = self.0.platform.save_tenant(after).await?;
        if let Some(live) = self.0.tenants.loaded(record.id) {
            live.take_record(record.clone());
            self.take_up_migration(&live);
        }
        Ok(record)
    }

    /// Changes what a tenant's record says of its place, or of what is being done with it. It counts no version by itself:
    /// whoever read the record before need not read it again.
    pub(super) async fn amend(&self, id: TenantId, change: impl FnOnce(&mut Tenant)) -> Result<Arc<Tenant>> {
        let _turn = self.0.platform.records.lock().await;
        self.amend_in_turn(id, change).await
    }

    /// The same, for who has the turn at the platform's records.
    pub(super) async fn amend_in_turn(
        &self,
        id: TenantId,
        change: impl FnOnce(&mut Tenant),
    ) -> Result<Arc<Tenant>> {
        self.0.platform.read_again_if_doubtful().await?;
        let record = self.0.platform.record(id).ok_or_else(|| Error::not_found(format!("tenant {id}")))?;
        let mut record = Tenant::clone(&record);
        change(&mut record);
        let record = self.0.platform.save_tenant(record).await?;
        if let Some(live) = self.0.tenants.loaded(id) {
            live.take_record(record.clone());
        }
        Ok(record)
    }
}

/// Refuses a change of a record that is at another version.
pub(super) fn expect_version(record: &Tenant, wanted: Option<u64>) -> Result<()> {
    match wanted.filter(|wanted| *wanted != record.version) {
        None => Ok(()),
        Some(wanted) => {
            let message =
                format!("{} is at version {}, not {wanted}: read it again", record.slug, record.version);
            Err(Error::conflict(message).with_field("ifVersion"))
        }
    }
}
