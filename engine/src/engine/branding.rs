//! How companies show themselves: their looks and domains, kept in the tenants' records.
//!
//! A company's log says first what it became, then its record follows: after a crash in between the same request, sent again,
//! brings the record up to what the log says. It knows no pages and no letters.

use super::{Engine, to_the_end};
use crate::branding;
use crate::command::Command;
use crate::command::branding::{SetDomain, UpdateBranding, VerifyDomain};
use crate::context::{OpContext, Principal};
use crate::error::{Error, Result};
use crate::event::{EventBody, Origin};
use crate::id::TenantId;
use crate::log::LogRecord;
use crate::model::{Branding, Tenant};
use crate::storage::decode;
use crate::tenant::{Committed, LiveTenant};
use std::sync::Arc;

impl Engine {
    /// Changes how a company shows itself.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for who is no super admin, `ENTITLEMENT_EXCEEDED` for a tier without a look of its own, `INVALID_INPUT`
    /// for what does not fit, `CONFLICT` for another version.
    pub async fn update_branding(&self, cx: OpContext, update: UpdateBranding) -> Result<Committed> {
        self.show_otherwise(cx, update).await
    }

    /// Says under which domain a company's people come, or under none of its own. Until [`Engine::verify_custom_domain`] it
    /// leads nowhere, and several companies may name the same.
    ///
    /// # Errors
    ///
    /// As [`Engine::update_branding`]; `CONFLICT` for a domain that was seen to be another company's.
    pub async fn set_custom_domain(&self, cx: OpContext, domain: Option<String>) -> Result<Committed> {
        self.show_otherwise(cx, SetDomain { domain }).await
    }

    /// Says that a company's domain was seen to be its own: from now on it leads to this company. Whoever calls this has
    /// looked, for the [challenge](Engine::domain_challenge) in a TXT record of it, say.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for a tenant that is not there, `REJECTED` when it has not named this domain, `CONFLICT` when another
    /// company has it.
    pub async fn verify_custom_domain(&self, tenant: TenantId, domain: String) -> Result<Committed> {
        if self.0.platform.tenant(tenant).is_none() {
            return Err(Error::not_found(format!("tenant {tenant}")));
        }
        let cx = OpContext::new(Principal::trusted_system(tenant)).with_origin(Origin::System);
        self.show_otherwise(cx, VerifyDomain { domain }).await
    }

    /// What is to stand in a TXT record of a domain to show that it is this company's: the same each time, and another for
    /// another company.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for a tenant that is not there, `UNAVAILABLE` when it cannot be loaded.
    pub async fn domain_challenge(&self, tenant: TenantId, domain: &str) -> Result<String> {
        let key = self.live(tenant).await?.store().derive_key("mortise whose a domain is 1");
        let hash = blake3::keyed_hash(&key, domain.as_bytes()).to_hex();
        Ok(format!("mortise-domain={}", hash.get(..32).unwrap_or_default()))
    }

    /// The company that a domain leads to, if it was seen to be its own and the company still has what is sold for it.
    #[must_use]
    pub fn tenant_by_domain(&self, domain: &str) -> Option<Arc<Tenant>> {
        let domain = branding::domain("domain", domain).ok()?;
        self.0.platform.tenant_by_domain(&domain).filter(|tenant| branding::is_included(tenant))
    }

    async fn show_otherwise(&self, cx: OpContext, command: impl Command) -> Result<Committed> {
        let engine = self.clone();
        to_the_end(async move {
            let _turn = engine.0.platform.founding.lock().await;
            engine.0.platform.read_again_if_doubtful().await?;
            let live = engine.live(cx.principal.tenant()).await?;
            // Who may not is told so, and not whether a domain is in use.
            let rehearsal = OpContext { dry_run: true, idempotency_key: None, ..cx.clone() };
            let would = live.execute(&rehearsal, &command).await;
            if let Ok(would) = &would {
                engine.domain_is_free(cx.principal.tenant(), would)?;
            }
            let done = live.execute(&cx, &command).await?;
            if !cx.dry_run {
                engine.keep_look(&live, &done).await?;
            }
            Ok(done)
        })
        .await
    }

    /// Refuses a domain that leads to another company.
    fn domain_is_free(&self, tenant: TenantId, would: &Committed) -> Result<()> {
        let named = would.events.iter().find_map(|event| match &event.body {
            Some(EventBody::DomainSaved { after, .. }) => after.as_ref(),
            _ => None,
        });
        let other = named.and_then(|named| self.0.platform.tenant_by_domain(&named.name));
        match (named, other.filter(|other| other.id != tenant)) {
            (Some(named), Some(_)) => {
                Err(Error::conflict(format!("{} is in use here already", named.name)).with_field("domain"))
            }
            _ => Ok(()),
        }
    }

    /// Brings the record up to what the log says of the look.
    async fn keep_look(&self, live: &LiveTenant, done: &Committed) -> Result<()> {
        let said = match done.events.first() {
            Some(event) => event.body.clone(),
            None if done.replayed => said_at(live, done).await?,
            None => None,
        };
        let before = live.record();
        let own = before.branding.as_deref().cloned().unwrap_or_default();
        let own = match said {
            Some(EventBody::BrandingSaved { after, .. }) if after.version() > own.version() => {
                Branding { domain: own.domain, ..*after }
            }
            Some(EventBody::DomainSaved { after, version, .. }) if version > own.version() => {
                Branding { domain: after, version: Some(version), ..own }
            }
            // It is as the log says, or newer.
            _ => return Ok(()),
        };
        let after = Tenant {
            branding: Some(Box::new(own)),
            version: before.version.saturating_add(1),
            updated_at: self.clock().now(),
            ..Tenant::clone(&before)
        };
        live.take_record(self.0.platform.save_tenant(after).await?);
        Ok(())
    }
}

/// What the log says at the place of an answer that is given again.
async fn said_at(live: &LiveTenant, done: &Committed) -> Result<Option<EventBody>> {
    let records = live.store().changes(done.seq.0.saturating_sub(1), 1).await?;
    match records.first() {
        Some((_, bytes)) => Ok(decode::<LogRecord>(bytes)?.event()?.body),
        None => Ok(None),
    }
}
