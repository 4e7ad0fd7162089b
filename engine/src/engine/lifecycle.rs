//! How companies stand: they are suspended, opened again, and closed for a time of grace before they are erased.
//!
//! The platform's record of a company says how it stands, and every request reads it: what is said here acts at the next
//! one. It does not know how a company is erased.

use super::{Engine, ErasureReport, to_the_end};
use crate::command::{self, Command, World};
use crate::context::Operator;
use crate::draft::Draft;
use crate::error::{Error, ErrorCode, Result};
use crate::id::TenantId;
use crate::model::{KeyScope, Lifecycle, Tenant, TenantStatus};
use crate::time::Timestamp;
use std::sync::Arc;

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 200;

/// Days of grace, at most.
const GRACE_DAYS_MAX: u32 = 365;

/// Days of grace, unless said.
pub const GRACE_DAYS_DEFAULT: u32 = 30;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

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
    /// that is said. It acts at the next request, and the company's log says so.
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
            let held = Lifecycle { since: now, reason, reads: how.reads, grace_until: None };
            Ok((TenantStatus::Suspended, Some(held)))
        };
        self.change_status(by, tenant, if_version, change).await
    }

    /// Opens a company again that was suspended, or closed while its grace lasts.
    ///
    /// # Errors
    ///
    /// As [`Engine::suspend_tenant`]; `REJECTED` when the grace is over.
    pub async fn resume_tenant(
        &self,
        by: &Operator,
        tenant: TenantId,
        if_version: Option<u64>,
    ) -> Result<Arc<Tenant>> {
        by.expect(KeyScope::Write, "open a company again")?;
        let change = |before: &Tenant, now| {
            if before.may_be_erased(now) {
                let message = format!("{} is closed and its grace is over: it is being erased", before.slug);
                return Err(Error::rejected(message));
            }
            Ok((TenantStatus::Active, None))
        };
        self.change_status(by, tenant, if_version, change).await
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
        let change = move |_: &Tenant, now: Timestamp| {
            let grace_until = Some(now.plus_millis(i64::from(how.grace_days) * DAY_MS));
            Ok((TenantStatus::Closed, Some(Lifecycle { since: now, reason, reads: false, grace_until })))
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
    /// slug.
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
        let record = self.tenant_to_erase(by, tenant, slug)?;
        self.erase_tenant(record.id).await
    }

    fn tenant_to_erase(&self, by: &Operator, tenant: TenantId, slug: &str) -> Result<Arc<Tenant>> {
        by.expect(KeyScope::Admin, "erase a company")?;
        let record = self.known_tenant(tenant)?;
        if record.slug != slug {
            let message = format!("the company with this id is `{}`: look again", record.slug);
            return Err(Error::invalid("slug", message));
        }
        if record.may_be_erased(self.clock().now()) {
            return Ok(record);
        }
        let grace = record.lifecycle.as_ref().and_then(|held| held.grace_until);
        Err(Error::rejected(match grace.filter(|_| record.status == TenantStatus::Closed) {
            Some(until) => format!("{slug} can be opened again until {until}: only then it is erased"),
            None => format!("{slug} is not closed: close it first"),
        }))
    }

    /// The record of a company, for those who run the platform.
    pub(super) fn known_tenant(&self, id: TenantId) -> Result<Arc<Tenant>> {
        self.0.platform.tenant(id).ok_or_else(|| Error::not_found(format!("tenant {id}")))
    }

    async fn change_status(
        &self,
        by: &Operator,
        tenant: TenantId,
        if_version: Option<u64>,
        change: impl FnOnce(&Tenant, Timestamp) -> Result<(TenantStatus, Option<Lifecycle>)> + Send + 'static,
    ) -> Result<Arc<Tenant>> {
        let (engine, by) = (self.clone(), *by);
        let work = async move {
            let _turn = engine.0.platform.founding.lock().await;
            engine.0.platform.read_again_if_doubtful().await?;
            let before = engine.known_tenant(tenant)?;
            expect_version(&before, if_version)?;
            let (status, lifecycle) = change(&before, engine.clock().now())?;
            let after = Tenant { status, lifecycle, ..Tenant::clone(&before) };
            if stands_alike(&before, &after) {
                return Ok(before);
            }
            engine.say_in_log(&by, &before, &after).await?;
            engine.save_record(after).await
        };
        to_the_end(Box::pin(work)).await
    }

    /// Says in the company's log how it stands from now on. A company that cannot be loaded or written must be held back
    /// all the same: there nothing is said.
    async fn say_in_log(&self, by: &Operator, before: &Tenant, after: &Tenant) -> Result<()> {
        let change =
            ChangeStatus { before: before.status, after: after.status, lifecycle: after.lifecycle.clone() };
        let said = match self.live(before.id).await {
            Ok(live) => live.execute(&by.about(before.id), &change).await.map(drop),
            Err(error) => Err(error),
        };
        match said {
            Err(error) if matches!(error.code(), ErrorCode::Unavailable | ErrorCode::Internal) => {
                tracing::warn!(tenant.id = %before.id, ?error, "how the company stands is not in its log");
                Ok(())
            }
            said => said,
        }
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
