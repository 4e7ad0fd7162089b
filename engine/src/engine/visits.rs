//! Visits: an operator of the platform looks into a company.
//!
//! An operator has no rights in a company but by a visit: for a reason, for a time, reading alone unless more is asked for,
//! and never anything by which people sign in. It stands in the company's log, its super admins see it and can end it.

use super::sessions::{encoded, secret, signed_out};
use super::{Engine, to_the_end};
use crate::access::Action;
use crate::command::visit::{BeginVisit, EndVisit};
use crate::context::{OpContext, Operator, Principal};
use crate::error::{Error, Result};
use crate::event::{Actor, Subject};
use crate::id::{RootId, SessionId, TenantId};
use crate::identity::{OneTimeRecord, Purpose, SecretText};
use crate::model::{KeyScope, Visit};
use crate::security::SecurityKind;
use crate::tenant::Committed;
use std::sync::Arc;

/// How long the visit lasts in which one thing is done, in minutes, at most.
const VISIT_MINUTES: u32 = 1;

/// What an operator asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVisit {
    /// Into which company.
    pub tenant: TenantId,
    /// Why: the company reads it.
    pub reason: String,
    /// How far: reading alone, unless more is needed.
    pub scope: KeyScope,
    /// For how many minutes.
    pub minutes: u32,
}

impl Engine {
    /// Lets an operator of the platform into a company. Answers the visit, and the token by which its requests are
    /// authenticated; it is shown this once. Whoever calls this vouches for the operator.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for an operator who is not there, `NOT_FOUND` for a company that is not, `INVALID_INPUT` for a
    /// reason too short or a time too long.
    pub async fn begin_visit(&self, root: RootId, new: NewVisit) -> Result<(Arc<Visit>, SecretText)> {
        self.enter(Operator::of_job(Some(root)), new).await
    }

    /// Lets the operator who asks into a company, as [`Engine::begin_visit`]. Its token is refused once the
    /// platform key that began it is revoked.
    ///
    /// # Errors
    ///
    /// As [`Engine::begin_visit`]; `FORBIDDEN` for a key below `ADMIN`, and for who is no operator.
    pub async fn visit_company(&self, by: &Operator, new: NewVisit) -> Result<(Arc<Visit>, SecretText)> {
        by.expect(KeyScope::Admin, "visit a company")?;
        self.enter(by.clone(), new).await
    }

    /// The visit of this operator, from now on.
    async fn enter(&self, by: Operator, new: NewVisit) -> Result<(Arc<Visit>, SecretText)> {
        let engine = self.clone();
        to_the_end(async move {
            let root = by.root().ok_or_else(|| Error::forbidden("visit a company: only operators do"))?;
            let operator = engine.0.platform.root(root).await?.ok_or_else(signed_out)?;
            engine.known_tenant(new.tenant)?;
            let live = engine.live(new.tenant).await?;
            let lasts_ms = i64::from(new.minutes).saturating_mul(60_000);
            let (id, now) = (SessionId::generate(), engine.clock().now().millis());
            let (mut record, token) =
                OneTimeRecord::issue(new.tenant, Purpose::Visit, id.uuid(), now, lasts_ms, &secret()?);
            if let Some(key) = by.key() {
                record = record.by_way_of(key.uuid());
            }
            let bytes = encoded(&record)?;
            let begin = BeginVisit {
                id,
                root,
                root_name: operator.name,
                reason: new.reason,
                scope: new.scope,
                lasts_ms,
                proof: (record.id, bytes),
            };
            let cx = OpContext::new(Principal::visitor(new.tenant, root, new.scope));
            live.execute(&cx.with_origin(by.origin()).with_client(by.client().clone()), &begin).await?;
            if by.client().address.is_some() {
                // The log has no addresses, the security events have.
                let used = (SecurityKind::VisitUsed, Actor::Root(root));
                live.note_use(used, Some(Subject::Session(id)), by.client());
            }
            let visit = live.directory().visit(id).cloned();
            Ok((visit.ok_or_else(|| Error::internal("a visit has begun and is not there"))?, token))
        })
        .await
    }

    /// Ends a visit before its time, in the name of the operator who asks, whoever has begun it. One that is over stays so.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key below `ADMIN`, `NOT_FOUND` when there is no such company or visit.
    pub async fn leave_company(
        &self,
        by: &Operator,
        tenant: TenantId,
        visit: SessionId,
    ) -> Result<Arc<Visit>> {
        by.expect(KeyScope::Admin, "end a visit")?;
        self.known_tenant(tenant)?;
        self.execute(by.about(tenant), EndVisit { visit }).await?;
        let known = self.live(tenant).await?.directory().visit(visit).cloned();
        known.ok_or_else(|| Error::internal("a visit was ended and is not there"))
    }

    /// Does this while its operator visits the company for this reason: the company sees when and why, and the visit's token
    /// is dropped unseen.
    pub(super) async fn in_sight<T>(
        &self,
        by: &Operator,
        (tenant, reason): (TenantId, String),
        act: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let visit = NewVisit { tenant, reason, scope: KeyScope::Read, minutes: VISIT_MINUTES };
        let (visit, _) = self.enter(by.clone(), visit).await?;
        let done = act.await;
        // What was done is done: the visit ends by itself a little later then.
        if let Err(error) = self.leave_company(by, tenant, visit.id).await {
            tracing::warn!(tenant.id = %tenant, visit.id = %visit.id, ?error, "a visit could not be ended");
        }
        done
    }

    /// Ends a visit before its time, in the name of the platform. A super admin does so with [`EndVisit`].
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` when there is none.
    pub async fn end_visit(&self, tenant: TenantId, visit: SessionId) -> Result<Committed> {
        let cx = Operator::of_job(None).about(tenant);
        self.execute(cx, EndVisit { visit }).await
    }

    /// The visits of a company, the newest first, for its super admins.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`.
    pub async fn visits(&self, cx: &OpContext) -> Result<Vec<Arc<Visit>>> {
        self.may(cx, Action::ManageAccess, None).await?;
        let directory = self.live(cx.principal.tenant()).await?.directory();
        let mut visits: Vec<_> = directory.visits().cloned().collect();
        visits.sort_by_key(|visit| std::cmp::Reverse(visit.id));
        Ok(visits)
    }
}
