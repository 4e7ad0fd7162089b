//! How companies stand: they are suspended, opened again, and closed for a time of grace before they are erased.
//!
//! The platform's record of a company says how it stands, and every request reads it: what is saved there acts at the next
//! one. The company's log says it after that; until it does, the record has a mark, and whoever loads the company next has
//! it said. This module does not know how a company is erased.

use super::records::expect_version;
use super::{Engine, ErasureReport, Inner, to_the_end};
use crate::command::{self, Command, World};
use crate::context::Operator;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Origin;
use crate::id::TenantId;
use crate::model::{KeyScope, Lifecycle, Tenant, TenantStatus, Untold};
use crate::time::{DAY_MS, Timestamp};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 200;

/// Days of grace, at most.
const GRACE_DAYS_MAX: u32 = 365;

/// Days of grace, unless said.
pub const GRACE_DAYS_DEFAULT: u32 = 30;

/// An answer waits no longer until the company's log says how the company stands; then it says so later.
const TOLD_WITHIN: Duration = Duration::from_secs(2);

/// How a company is suspended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suspension {
    /// Whether its people may still look at what is there; not unless said.
    pub reads: bool,
    /// Why, in a line that its people read when they sign in.
    pub reason: Option<String>,
}

/// How a company is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Days in which it can be opened again, 0 to 365. From then on it may be erased.
    pub grace_days: u32,
    /// Why, in a line that its people read when they sign in.
    pub reason: Option<String>,
}

impl Default for Closing {
    fn default() -> Self {
        Self { grace_days: GRACE_DAYS_DEFAULT, reason: None }
    }
}

impl Engine {
    /// Suspends a company: nothing is changed there until it is opened again, and its people see what is there only if
    /// that is said. It acts at the next request, and the company's log says so within moments.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key that only reads, `NOT_FOUND` for a company that is not there, `REJECTED` for one that is
    /// closed, `CONFLICT` when its record is at another version, `UNAVAILABLE` when it could not be saved.
    pub async fn suspend_tenant(
        &self,
        by: &Operator,
        tenant: TenantId,
        how: Suspension,
        if_version: Option<u64>,
    ) -> Result<Arc<Tenant>> {
        by.expect(KeyScope::Write, "suspend a company")?;
        let reason = reason(how.reason.as_deref())?;
        let change = move |before: &Tenant, now| {
            if before.status == TenantStatus::Closed {
                return Err(Error::rejected(format!("{} is closed: open it again first", before.slug)));
            }
            let held = Lifecycle { since: now, reason, reads: how.reads, grace_until: None, before: None };
            Ok((TenantStatus::Suspended, Some(held)))
        };
        self.change_status(by, tenant, if_version, change).await
    }

    /// Opens a company again that was suspended, or closed while its grace lasts. One that was suspended when it was closed
    /// is suspended as before: opened once more, its people work.
    ///
    /// # Errors
    ///
    /// As [`Engine::suspend_tenant`]; `FORBIDDEN` for a closed one and a key below `ADMIN`, `REJECTED` when the grace is over.
    pub async fn resume_tenant(
        &self,
        by: &Operator,
        tenant: TenantId,
        if_version: Option<u64>,
    ) -> Result<Arc<Tenant>> {
        by.expect(KeyScope::Write, "open a company again")?;
        let operator = by.clone();
        let change = move |before: &Tenant, now| {
            if before.may_be_erased(now) {
                let why = "is closed and its grace is over: close it again for another, then open it";
                return Err(Error::rejected(format!("{} {why}", before.slug)));
            }
            if before.status == TenantStatus::Closed {
                operator.expect(KeyScope::Admin, "open a closed company again")?;
            }
            let suspended = before.lifecycle.as_ref().and_then(|held| held.before.as_deref()).cloned();
            let status = suspended.as_ref().map_or(TenantStatus::Active, |_| TenantStatus::Suspended);
            Ok((status, suspended))
        };
        self.change_status(by, tenant, if_version, change).await
    }

    /// Ends the suspension of one company of many. One that is closed stays so: whoever opens it names it.
    pub(super) async fn end_suspension(&self, by: &Operator, tenant: TenantId) -> Result<Arc<Tenant>> {
        let change = |before: &Tenant, _| match before.status {
            TenantStatus::Closed => {
                let message = format!("{} is closed, not suspended: open it by itself", before.slug);
                Err(Error::rejected(message))
            }
            TenantStatus::Active | TenantStatus::Suspended => Ok((TenantStatus::Active, None)),
        };
        self.change_status(by, tenant, None, change).await
    }

    /// Closes a company: nobody gets in. While its grace lasts it can be opened again; then it may be erased. Closed again,
    /// its grace begins anew.
    ///
    /// # Errors
    ///
    /// As [`Engine::suspend_tenant`]; `FORBIDDEN` for a key below `ADMIN`, `INVALID_INPUT` for a grace that is too long.
    pub async fn close_tenant(
        &self,
        by: &Operator,
        tenant: TenantId,
        how: Closing,
        if_version: Option<u64>,
    ) -> Result<Arc<Tenant>> {
        by.expect(KeyScope::Admin, "close a company")?;
        if how.grace_days > GRACE_DAYS_MAX {
            let message = format!("{} days of grace: 0 to {GRACE_DAYS_MAX} are possible", how.grace_days);
            return Err(Error::invalid("graceDays", message));
        }
        let reason = reason(how.reason.as_deref())?;
        let change = move |before: &Tenant, now: Timestamp| {
            let grace_until = Some(now.plus_millis(i64::from(how.grace_days) * DAY_MS));
            let suspended = match before.status {
                TenantStatus::Active => None,
                TenantStatus::Suspended => before.lifecycle.clone().map(Box::new),
                TenantStatus::Closed => before.lifecycle.as_ref().and_then(|held| held.before.clone()),
            };
            let held = Lifecycle { since: now, reason, reads: false, grace_until, before: suspended };
            Ok((TenantStatus::Closed, Some(held)))
        };
        self.change_status(by, tenant, if_version, change).await
    }

    /// The companies that were closed and whose grace is over.
    #[must_use]
    pub fn tenants_to_erase(&self) -> Vec<Arc<Tenant>> {
        let now = self.clock().now();
        self.tenants().into_iter().filter(|tenant| tenant.may_be_erased(now)).collect()
    }

    /// Erases a company that was closed and whose grace is over, for an operator who names it twice: by its id, and by its
    /// slug. An erasure that was interrupted goes on.
    ///
    /// # Errors
    ///
    /// As [`Engine::erase_tenant`]; `FORBIDDEN` for a key below `ADMIN`, `NOT_FOUND`, `INVALID_INPUT` when the slug is
    /// another's, `REJECTED` when it is not closed or its grace lasts.
    pub async fn erase_closed_tenant(
        &self,
        by: &Operator,
        tenant: TenantId,
        slug: &str,
    ) -> Result<ErasureReport> {
        by.expect(KeyScope::Admin, "erase a company")?;
        let (engine, by, slug) = (self.clone(), by.clone(), slug.to_owned());
        let work = async move {
            let resumed = engine.condemn(tenant, &slug).await?;
            tracing::info!(tenant.id = %tenant, slug, operator = ?by.root(), key = ?by.key(), "erasing a company");
            Ok(ErasureReport { resumed, ..engine.erase(tenant).await? })
        };
        to_the_end(Box::pin(work)).await
    }

    /// Says in the record of a company that it is being erased, if it may be. Both happen in one turn: whoever opens it
    /// again, or closes it for another time of grace, comes before or is told that it is not there. True when it was being
    /// erased already.
    pub(super) async fn condemn(&self, tenant: TenantId, slug: &str) -> Result<bool> {
        let _turn = self.0.undertakings.turn().await?;
        let _records = self.0.platform.records_turn().await?;
        let missing = || Error::not_found(format!("tenant {tenant}"));
        let record = self.0.platform.record(tenant).ok_or_else(missing)?;
        if record.slug != slug {
            let message = format!("the company with this id is `{}`: look again", record.slug);
            return Err(Error::invalid("slug", message));
        }
        if record.is_being_erased() {
            return Ok(true);
        }
        if !record.may_be_erased(self.clock().now()) {
            let grace = record.lifecycle.as_ref().and_then(|held| held.grace_until);
            return Err(Error::rejected(match grace.filter(|_| record.status == TenantStatus::Closed) {
                Some(until) => format!("{slug} can be opened again until {until}: only then it is erased"),
                None => format!("{slug} is not closed: close it first"),
            }));
        }
        let mut condemned = Tenant::clone(&record);
        condemned.begin_erasing();
        self.save_record(condemned).await?;
        Ok(false)
    }

    async fn change_status(
        &self,
        by: &Operator,
        tenant: TenantId,
        if_version: Option<u64>,
        change: impl FnOnce(&Tenant, Timestamp) -> Result<(TenantStatus, Option<Lifecycle>)> + Send + 'static,
    ) -> Result<Arc<Tenant>> {
        let (engine, by) = (self.clone(), by.clone());
        let work = async move {
            let record = engine.set_status(&by, tenant, if_version, change).await?;
            if record.untold.is_some() {
                // Not for long: a company that is flooded with changes must be held back all the same.
                let _ = tokio::time::timeout(TOLD_WITHIN, engine.tell_later(tenant, by.origin())).await;
            }
            Ok(record)
        };
        to_the_end(Box::pin(work)).await
    }

    /// The record first, for it is what acts.
    async fn set_status(
        &self,
        by: &Operator,
        tenant: TenantId,
        if_version: Option<u64>,
        change: impl FnOnce(&Tenant, Timestamp) -> Result<(TenantStatus, Option<Lifecycle>)> + Send + 'static,
    ) -> Result<Arc<Tenant>> {
        let _turn = self.0.platform.records_turn().await?;
        let before = self.known_tenant(tenant)?;
        expect_version(&before, if_version)?;
        let (status, lifecycle) = change(&before, self.clock().now())?;
        let untold = Some(Untold { before: before.status, root: by.root() });
        let after = Tenant { status, lifecycle, untold, ..Tenant::clone(&before) };
        if stands_alike(&before, &after) {
            // An earlier answer may have been lost before the company itself learnt of it.
            if let Some(live) = self.0.tenants.loaded(tenant) {
                live.take_record(before.clone());
            }
            return Ok(before);
        }
        tracing::info!(tenant.id = %tenant, slug = before.slug, before = before.status.as_str(),
            after = status.as_str(), operator = ?by.root(), key = ?by.key(), "a company stands otherwise");
        self.save_record(after).await
    }

    /// Has the company's log say how it stands, as a task of its own. Whoever loads the company sees to it again.
    pub(super) fn tell_later(&self, tenant: TenantId, origin: Origin) -> JoinHandle<()> {
        let inner: Weak<Inner> = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            let Some(engine) = inner.upgrade().map(Engine) else { return };
            if let Err(error) = engine.say_in_log(tenant, origin).await {
                tracing::warn!(tenant.id = %tenant, ?error, "how the company stands is not in its log yet");
            }
        })
    }

    async fn say_in_log(&self, tenant: TenantId, origin: Origin) -> Result<()> {
        let record = self.known_tenant(tenant)?;
        let Some(untold) = record.untold.clone() else { return Ok(()) };
        let (after, lifecycle) = (record.status, record.lifecycle.clone());
        let change = ChangeStatus { before: untold.before, after, lifecycle };
        let by = Operator::of_job(untold.root).with_origin(origin);
        // Once, though it may be said again: the record is saved without the mark only after it.
        let name = format!("tenant status {}", record.version);
        let cx = by.about(tenant).with_idempotency_key(Some(name));
        self.live(tenant).await?.execute(&cx, &change).await?;
        let _turn = self.0.platform.records_turn().await?;
        let newest = self.known_tenant(tenant)?;
        let stands_as_told = (newest.status, &newest.lifecycle) == (record.status, &record.lifecycle);
        if !stands_as_told || newest.untold != record.untold {
            return Ok(());
        }
        self.amend_in_turn(tenant, |record| record.untold = None).await.map(drop)
    }
}

fn reason(text: Option<&str>) -> Result<Option<String>> {
    text.map(|text| command::line("reason", "the reason", text, REASON_CHARS_MAX)).transpose()
}

/// Whether nothing would change, but the time since when.
fn stands_alike(before: &Tenant, after: &Tenant) -> bool {
    let told = |tenant: &Tenant| {
        tenant.lifecycle.clone().map(|held| Lifecycle { since: Timestamp::default(), ..held })
    };
    before.status == after.status && told(before) == told(after)
}

/// Says in the log how the company stood, and how it stands.
#[derive(Debug, minicbor::Encode)]
struct ChangeStatus {
    #[n(0)]
    before: TenantStatus,
    #[n(1)]
    after: TenantStatus,
    #[n(2)]
    lifecycle: Option<Lifecycle>,
}

impl Command for ChangeStatus {
    fn operation(&self) -> &'static str {
        "tenantStatus"
    }

    fn decide(&self, _: &World<'_>) -> Result<Draft> {
        let mut draft = Draft::new();
        draft.change_status((self.before, self.after), self.lifecycle.clone());
        Ok(draft)
    }
}
