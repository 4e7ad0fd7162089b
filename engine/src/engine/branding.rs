//! How companies show themselves: their looks and domains, kept in the tenants' records.
//!
//! A company's log says first what it became, then its record follows. Before that the record says that a change was begun,
//! and where the log ended then: after a crash in between it is brought up to what the log says, when the engine is opened or
//! the next change is made. It knows no pages and no letters.

use super::{Engine, Inner, to_the_end};
use crate::branding;
use crate::command::Command;
use crate::command::branding::{SetDomain, UpdateBranding, VerifyDomain};
use crate::context::{OpContext, Operator, Principal};
use crate::entitlement::Entitlements;
use crate::error::{Error, Result};
use crate::event::{EventBody, Origin};
use crate::id::TenantId;
use crate::letter::Look;
use crate::log::LogRecord;
use crate::model::{Branding, CustomDomain, EntitlementKey, KeyScope, Tenant};
use crate::storage::decode;
use crate::tenant::{Committed, LiveTenant};
use std::sync::{Arc, Weak};

/// Events of the log that are read at once.
const CHANGES_AT_ONCE: usize = 1_000;

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
        self.known_tenant(tenant)?;
        let cx = OpContext::new(Principal::trusted_system(tenant)).with_origin(Origin::System);
        self.take_as_own(cx, domain).await
    }

    /// Says so in the name of the operator who has looked, and answers as [`Engine::named_domain`].
    ///
    /// # Errors
    ///
    /// As [`Engine::verify_custom_domain`]; `FORBIDDEN` for a key below `ADMIN`.
    pub async fn verify_domain_of(
        &self,
        by: &Operator,
        tenant: TenantId,
        domain: String,
    ) -> Result<(CustomDomain, String)> {
        by.expect(KeyScope::Admin, "say whose a domain is")?;
        self.known_tenant(tenant)?;
        self.take_as_own(by.about(tenant), domain).await?;
        let missing = || Error::conflict("the company has named another domain meanwhile: look again");
        self.named_domain(tenant).await?.ok_or_else(missing)
    }

    /// The domain that a company has named, and its [challenge](Engine::domain_challenge), for those who look after it.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`, `UNAVAILABLE` when the company cannot be loaded.
    pub async fn named_domain(&self, tenant: TenantId) -> Result<Option<(CustomDomain, String)>> {
        let record = self.known_tenant(tenant)?;
        let named = record.branding.as_ref().and_then(|own| own.domain.clone());
        let Some(named) = named else { return Ok(None) };
        let challenge = self.domain_challenge(tenant, &named.name).await?;
        Ok(Some((named, challenge)))
    }

    async fn take_as_own(&self, cx: OpContext, domain: String) -> Result<Committed> {
        let engine = self.clone();
        let verify = async move {
            let _turn = engine.0.platform.domains.lock().await;
            engine.show(cx, VerifyDomain { domain }).await
        };
        to_the_end(Box::pin(verify)).await
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
        self.0.platform.tenant_by_domain(&domain).filter(|tenant| self.has_own_look(tenant))
    }

    /// The company whose look is asked for: by its slug, or by the host that a browser shows, with its port or without.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for both: they may lead to different companies.
    pub fn tenant_shown(&self, slug: Option<&str>, host: Option<&str>) -> Result<Option<Arc<Tenant>>> {
        match (slug, host) {
            (Some(_), Some(_)) => Err(Error::invalid(
                "host",
                "a company is named by its short name or by a host: leave one out",
            )),
            (Some(slug), None) => Ok(self.tenant_by_slug(slug)),
            (None, Some(host)) => Ok(self.tenant_by_domain(without_port(host))),
            (None, None) => Ok(None),
        }
    }

    /// Whether a company's own look is shown: it is sold to it, or was agreed with it. One that was given up is kept, and
    /// comes back with that.
    #[must_use]
    pub fn has_own_look(&self, tenant: &Tenant) -> bool {
        let now = self.clock().now();
        Entitlements::of(tenant, &self.0.shared.tiers, now).allows(EntitlementKey::WhiteLabel)
    }

    /// How a company's letters look; without a company, those of the platform.
    #[must_use]
    pub fn look(&self, tenant: Option<&Tenant>) -> Look {
        branding::look(self.own_look(tenant), &self.0.branding)
    }

    /// How a company's pages look: as [`Engine::look`], without the words of letters.
    #[must_use]
    pub fn page_look(&self, tenant: Option<&Tenant>) -> Look {
        branding::page_look(self.own_look(tenant), &self.0.branding)
    }

    fn own_look<'t>(&self, tenant: Option<&'t Tenant>) -> Option<&'t Branding> {
        tenant.filter(|tenant| self.has_own_look(tenant)).and_then(|tenant| tenant.branding.as_deref())
    }

    /// Sees to it that looks are finished whose change an earlier run of the program has begun.
    pub(super) fn take_up_looks(&self) {
        let begun = |tenant: &Tenant| {
            tenant.branding.as_ref().is_some_and(|own| own.begun.is_some()) && !tenant.is_being_erased()
        };
        let interrupted = self.0.platform.records_where(begun);
        let inner: Weak<Inner> = Arc::downgrade(&self.0);
        if interrupted.is_empty() {
            return;
        }
        tokio::spawn(async move {
            for tenant in interrupted {
                let Some(engine) = inner.upgrade().map(Self) else { return };
                if let Err(error) = engine.take_up_look(tenant.id).await {
                    tracing::warn!(tenant.id = %tenant.id, ?error, "a look could not be brought up to the log; trying again at its next change");
                }
            }
        });
    }

    async fn take_up_look(&self, id: TenantId) -> Result<()> {
        let live = self.live(id).await?;
        let _turn = live.look_turn().await;
        self.finish_look(&live).await
    }

    async fn show_otherwise(&self, cx: OpContext, command: impl Command) -> Result<Committed> {
        let engine = self.clone();
        to_the_end(Box::pin(async move { engine.show(cx, command).await })).await
    }

    /// Holds up nobody but who changes the same company's look, but for the moments in which its record is saved.
    async fn show(&self, cx: OpContext, command: impl Command) -> Result<Committed> {
        let tenant = cx.principal.tenant();
        let live = self.live(tenant).await?;
        // Who may not is told so, and not whether a domain is in use.
        let rehearsal = OpContext { dry_run: true, idempotency_key: None, ..cx.clone() };
        if cx.dry_run {
            let would = live.execute(&rehearsal, &command).await?;
            self.domain_is_free(tenant, &would)?;
            return Ok(would);
        }
        let _turn = live.look_turn().await;
        self.finish_look(&live).await?;
        let would = live.execute(&rehearsal, &command).await;
        if let Ok(would) = &would {
            self.domain_is_free(tenant, would)?;
            if !would.events.is_empty() {
                self.begin_look(&live).await?;
            }
        }
        let done = live.execute(&cx, &command).await?;
        let said = match done.events.first() {
            Some(event) => event.body.clone(),
            None if done.replayed => said_at(&live, &done).await?,
            None => None,
        };
        self.keep_look(&live, said.into_iter().collect()).await?;
        Ok(done)
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

    /// Says in the record that the look is being changed, and from where on the log says to what.
    pub(super) async fn begin_look(&self, live: &LiveTenant) -> Result<()> {
        let _turn = self.0.platform.records_turn().await?;
        let before = self.known_tenant(live.store().tenant())?;
        let own = before.branding.as_deref().cloned().unwrap_or_default();
        let branding = Some(Box::new(Branding { begun: Some(live.applied().0), ..own }));
        // For who opens the engine next: nobody else is concerned.
        self.0.platform.save_tenant(Tenant { branding, ..Tenant::clone(&before) }).await?;
        Ok(())
    }

    /// Brings the record up to the log, where a change was begun and not finished.
    async fn finish_look(&self, live: &LiveTenant) -> Result<()> {
        let record = self.0.platform.record(live.store().tenant());
        let Some(begun) = record.as_ref().and_then(|record| record.branding.as_ref()?.begun) else {
            return Ok(());
        };
        let (mut after, mut said) = (begun, Vec::new());
        loop {
            let page = live.store().changes(after, CHANGES_AT_ONCE).await?;
            for (seq, bytes) in &page {
                after = *seq;
                let body = decode::<LogRecord>(bytes)?.event()?.body;
                said.extend(body.filter(is_of_a_look));
            }
            if page.len() < CHANGES_AT_ONCE {
                break;
            }
        }
        self.keep_look(live, said).await
    }

    /// Brings the record up to what the log says of the look, in its order.
    async fn keep_look(&self, live: &LiveTenant, said: Vec<EventBody>) -> Result<()> {
        let _turn = self.0.platform.records_turn().await?;
        let before = self.known_tenant(live.store().tenant())?;
        let known = before.branding.as_deref().cloned().unwrap_or_default();
        let mut own = Branding { begun: None, ..known.clone() };
        for body in said {
            own = match body {
                EventBody::BrandingSaved { after, .. } if after.version() > own.version() => {
                    Branding { domain: own.domain, begun: None, ..*after }
                }
                EventBody::DomainSaved { after, version, .. } if version > own.version() => {
                    Branding { domain: after, version: Some(version), ..own }
                }
                // It is as the log says, or newer.
                _ => own,
            };
        }
        if own != known {
            self.save_record(Tenant { branding: Some(Box::new(own)), ..Tenant::clone(&before) }).await?;
        }
        Ok(())
    }
}

/// A host as a browser shows it, without its port.
fn without_port(host: &str) -> &str {
    let port = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    port.map_or(host, |(host, _)| host)
}

const fn is_of_a_look(body: &EventBody) -> bool {
    matches!(body, EventBody::BrandingSaved { .. } | EventBody::DomainSaved { .. })
}

/// What the log says at the place of an answer that is given again.
async fn said_at(live: &LiveTenant, done: &Committed) -> Result<Option<EventBody>> {
    let records = live.store().changes(done.seq.0.saturating_sub(1), 1).await?;
    match records.first() {
        Some((_, bytes)) => Ok(decode::<LogRecord>(bytes)?.event()?.body),
        None => Ok(None),
    }
}
