//! Visits of the platform's operators, as the company sees them.

use super::done::DonePayload;
use super::scalar::{self, DateTime};
use super::word::ApiKeyScope;
use crate::context::Asked;
use crate::error::Result;
use async_graphql::{Context, ID, Object, SimpleObject};
use mortise_engine::command::visit::EndVisit;
use mortise_engine::model;

/// Visits in one answer.
const VISITS_SHOWN_MAX: usize = 250;

/// A visit: an operator of the platform looks into the company, for a reason and for a time.
#[derive(SimpleObject)]
pub(crate) struct Visit {
    /// The global id, `ses_…`.
    id: ID,
    /// How the operator is called.
    operator: String,
    /// Why, in the operator's words.
    reason: String,
    /// How far it reaches.
    scope: ApiKeyScope,
    /// When it began.
    began_at: DateTime,
    /// When it ends by itself.
    ends_at: DateTime,
    /// When it was ended before that.
    ended_at: Option<DateTime>,
}

impl From<&model::Visit> for Visit {
    fn from(visit: &model::Visit) -> Self {
        Self {
            id: scalar::global(visit.id),
            operator: visit.root_name.clone(),
            reason: visit.reason.clone(),
            scope: visit.scope.into(),
            began_at: DateTime(visit.began_at),
            ends_at: DateTime(visit.ends_at),
            ended_at: visit.ended_at.map(DateTime),
        }
    }
}

/// Queries about visits.
#[derive(Default)]
pub(crate) struct VisitQuery;

#[Object]
impl VisitQuery {
    /// The visits of the platform's operators, the newest first; at most 250. For super admins.
    async fn visits(&self, ctx: &Context<'_>) -> Result<Vec<Visit>> {
        let asked = Asked::of(ctx)?;
        let visits = asked.engine.visits(&asked.question()).await?;
        let shown: Vec<_> = visits.iter().take(VISITS_SHOWN_MAX).map(|visit| Visit::from(&**visit)).collect();
        asked.snapshot.charge(shown.len())?;
        Ok(shown)
    }
}

/// Mutations of visits.
#[derive(Default)]
pub(crate) struct VisitMutation;

#[Object]
impl VisitMutation {
    /// Ends a visit of an operator of the platform at once. For super admins.
    async fn visit_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The visit: global id, `ses_…`.")] id: ID,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<DonePayload> {
        let asked = Asked::of(ctx)?;
        let end = EndVisit { visit: scalar::id("id", &id)? };
        let done = asked.engine.execute(asked.operation(idempotency_key, dry_run), end).await;
        DonePayload::answer(&asked, done)
    }
}
